/** The built files, served under the real policy, in Debian's Chromium. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { serve } from "../../cli/src/serve/static-server.ts";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Opened {
  readonly page: Page;
  /** What the console complained of. */
  readonly errors: string[];
}

interface Look {
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** Whether scripts run. */
  readonly script?: boolean;
  /** A phone: a finger, no mouse. */
  readonly touch?: boolean;
  readonly colours?: "forced";
}

/** Serves a folder and starts a browser for the tests of a file; `open` gives a fresh page at an address. */
export function inBrowser(folder: string): { open: (address: string, look?: Look) => Promise<Opened> } {
  let browser: Browser;
  let stop: () => void;
  let base: string;
  beforeAll(async () => {
    if (!existsSync(folder)) throw new Error(`${folder} is not built: run npm run build`);
    const { server, url } = await serve({ folder, host: "127.0.0.1", port: 0 });
    base = url;
    stop = () => server.close();
    browser = await chromium.launch({
      executablePath: EXECUTABLE,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-sync",
        "--no-first-run",
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    stop?.();
  });
  return {
    async open(
      address,
      { scheme = "light", width = 1280, height = 900, script = true, touch = false, colours } = {},
    ) {
      // Tests look at a page at rest; axe is let in past the policy by the browser, not by the page.
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        reducedMotion: "reduce",
        javaScriptEnabled: script,
        hasTouch: touch,
        isMobile: touch,
        forcedColors: colours === "forced" ? "active" : "none",
      });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
      page.on("pageerror", (e) => errors.push(e.message));
      await page.goto(base + address);
      await page.waitForLoadState("networkidle");
      return { page, errors };
    },
  };
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Fails with what axe finds: rules of WCAG 2.2 AA. */
export async function accessible(page: Page): Promise<void> {
  // evaluate goes by the debugger, which a page's policy does not bind.
  await page.evaluate(axeSource);
  const found = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((r) => r.violations)",
  )) as Violation[];
  const told = found.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.html} ${n.failureSummary}`).join("\n")}`);
  expect(told).toEqual([]);
}

/** Nothing makes the page itself scroll sideways. */
export async function fitsWidth(page: Page): Promise<void> {
  const over = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect(over).toBe(0);
}

export const studioFolder = fileURLToPath(new URL("../dist", import.meta.url));
