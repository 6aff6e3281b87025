import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const library = (file: string) => fileURLToPath(new URL(`../gradus/src/${file}`, import.meta.url));

/** What the built page may do: its own scripts and workers, no evaluation of text, nothing from elsewhere. */
export const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** The policy stands in the page itself, so that it holds wherever the files are put. */
const policy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
      injectTo: "head-prepend",
    },
  ],
};

/**
 * The Studio calls the library's functions, not the methods that expressions have of them. Without these each view's part
 * of the worker carries the proofs and series that it needs itself, and what reads a formula carries none.
 */
const withoutMethods: Plugin = {
  name: "without-methods",
  enforce: "pre",
  transform: {
    filter: { id: /gradus\/src\/(math|derivation\/methods)\.ts$/ },
    handler: (code) => ({ code, moduleSideEffects: false }),
  },
};

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // Relative, so that the files work from any folder.
  base: "./",
  plugins: [svelte(), policy, withoutMethods],
  resolve: {
    alias: [
      { find: /^gradus\/math$/, replacement: library("math.ts") },
      { find: /^gradus\/optimize$/, replacement: library("optimize.ts") },
      { find: /^gradus$/, replacement: library("index.ts") },
    ],
  },
  worker: { format: "es", plugins: () => [withoutMethods] },
  build: {
    outDir: "dist",
    license: { fileName: "licenses.md" },
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
});
