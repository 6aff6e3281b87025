import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** What needs a browser: npm run test:browser, after npm run build. */
export default defineConfig({
  ...base,
  test: {
    include: ["packages/*/test/**/*.browser.ts"],
    setupFiles: base.test?.setupFiles,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A page on a busy machine takes its time.
    expect: { poll: { timeout: 15_000 } },
    fileParallelism: false,
  },
});
