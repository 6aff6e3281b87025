import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`./packages/gradus/src/${path}`, import.meta.url));

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "scripts/*.test.mjs"],
    setupFiles: ["scripts/test-setup.ts"],
    testTimeout: 60_000,
  },
  resolve: {
    alias: [
      { find: /^gradus\/math$/, replacement: source("math.ts") },
      { find: /^gradus\/optimize$/, replacement: source("optimize.ts") },
      { find: /^gradus$/, replacement: source("index.ts") },
    ],
  },
});
