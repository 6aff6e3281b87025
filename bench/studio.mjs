// The Studio's built files in Chromium, from a cold cache: when it can be used, what it loads, how fast it follows a drag.
// Run: npm run build && node bench/studio.mjs   (CHROMIUM=path where it is not /usr/bin/chromium)
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "playwright-core";

const folder = fileURLToPath(new URL("../packages/studio/dist", import.meta.url));
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const files = new Map(
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile())
    .map((f) => {
      const path = join(f.parentPath ?? f.path, f.name);
      const name = relative(folder, path);
      const packed = extname(name) === ".woff2" ? readFileSync(path) : brotliCompressSync(readFileSync(path));
      return [name, packed];
    }),
);
let sent = 0;
const server = createServer((request, response) => {
  const name = decodeURIComponent(new URL(request.url, "http://x").pathname).slice(1) || "index.html";
  const body = files.get(name);
  if (!body) return response.writeHead(404).end();
  sent += body.length;
  const packed = extname(name) === ".woff2" ? {} : { "content-encoding": "br" };
  response.writeHead(200, {
    "content-type": TYPES[extname(name)],
    "cache-control": "max-age=3600",
    ...packed,
  });
  response.end(body);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const base = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const p95 = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length * 0.95)];

/** A fresh context has an empty cache. */
async function cold() {
  const context = await browser.newContext();
  const page = await context.newPage();
  sent = 0;
  const start = performance.now();
  await page.goto(`${base}#/derive`);
  await page.waitForSelector("section math");
  await page.waitForSelector("svg.chart path.curve");
  return { context, page, ms: performance.now() - start };
}

const loads = [];
let bytes = 0;
for (let i = 0; i < 7; i++) {
  const { context, page, ms } = await cold();
  loads.push(ms);
  await page.waitForLoadState("networkidle");
  bytes = sent;
  await context.close();
}
console.log(
  `first view drawn, cold cache: ${median(loads).toFixed(0)} ms (median of ${loads.length}; aim 1000)`,
);
console.log(`first load, by Brotli: ${(bytes / 1000).toFixed(0)} kB (aim 250)`);

/** From an event on a handle to the next frame after the picture has changed. */
async function redraw(page, handle, steps) {
  return page.evaluate(
    async ({ handle, steps }) => {
      const knob = () => document.querySelector(`[data-handle="${handle}"]`);
      const times = [];
      for (let i = 0; i < steps; i++) {
        const before = knob().querySelector(".knob").getAttribute("cx");
        const start = performance.now();
        knob().dispatchEvent(
          new KeyboardEvent("keydown", { key: i % 20 < 10 ? "ArrowRight" : "ArrowLeft", bubbles: true }),
        );
        while (knob().querySelector(".knob").getAttribute("cx") === before) {
          await new Promise((r) => setTimeout(r, 0));
          if (performance.now() - start > 500) break;
        }
        times.push(performance.now() - start);
        await new Promise((r) => requestAnimationFrame(r));
      }
      return times;
    },
    { handle, steps },
  );
}

const { page } = await cold();
await page.waitForTimeout(500);
const drags = await redraw(page, "at", 100);
console.log(
  `a dragged point, redrawn: median ${median(drags).toFixed(1)} ms, p95 ${p95(drags).toFixed(1)} ms (aim 16)`,
);
await browser.close();
server.close();
