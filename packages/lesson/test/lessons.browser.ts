import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { accessible, fitsWidth, inBrowser } from "../../studio/test/harness.ts";
import { strangers } from "./strangers.ts";

const main = fileURLToPath(new URL("../../cli/dist/main.js", import.meta.url));
const lessons = fileURLToPath(new URL("../../../lessons", import.meta.url));

const builtAs = new Map<string, string>();

function built(folder: string): string {
  const out = join(mkdtempSync(join(tmpdir(), "gradus-site-")), "site");
  execFileSync(process.execPath, [main, "lesson", "build", folder, "--out", out]);
  builtAs.set(folder, out);
  return out;
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "gradus-lesson-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
const site = built(lessons);
const { open } = inBrowser(site);
const pages = readdirSync(site).filter((f) => f.endsWith(".html"));

describe.each(pages)("%s", (page) => {
  it.each([
    ["light", 1100],
    ["dark", 1100],
    ["light", 390],
  ] as const)("opens in %s, %i px wide: no error, accessible, nothing clipped", async (scheme, width) => {
    const { page: p, errors } = await open(page, { scheme, width });
    await p.waitForTimeout(200);
    await accessible(p);
    await fitsWidth(p);
    expect(errors).toEqual([]);
    await p.context().close();
  });
});

describe.each(pages.filter((p) => p !== "index.html"))("%s", (page) => {
  it("is drawn anew by keys: to each end of each slider, and by each handle", async () => {
    const { page: p, errors } = await open(page);
    const sliders = p.locator("input[data-quantity]");
    for (let i = 0; i < (await sliders.count()); i++) {
      const name = await sliders.nth(i).getAttribute("data-quantity");
      const followers = `[data-uses~="${name}"]`;
      expect(await p.locator(followers).count(), `${name} moves nothing`).toBeGreaterThan(0);
      for (const key of ["Home", "End"]) {
        await p.evaluate(
          `for (const e of document.querySelectorAll('${followers}')) for (const c of e.children) c.dataset.old = ""`,
        );
        await sliders.nth(i).focus();
        await p.keyboard.press(key);
        await expect.poll(() => p.locator(`${followers} > [data-old]`).count()).toBe(0);
        expect(await p.locator(".problem").allTextContents()).toEqual([]);
      }
    }
    const handles = p.locator("[data-handle]");
    for (let i = 0; i < (await handles.count()); i++) {
      const name = (await handles.nth(i).getAttribute("data-handle"))?.split(" ")[0];
      const slider = p.locator(`input[data-quantity="${name}"]`);
      const before = await slider.inputValue();
      await handles.nth(i).focus();
      await p.keyboard.press("ArrowLeft");
      expect(await slider.inputValue()).not.toBe(before);
    }
    expect(errors).toEqual([]);
    await p.context().close();
  });
});

describe.each(pages.filter((p) => p !== "index.html"))("the slides of %s", (page) => {
  it.each([
    [1280, 720],
    [1920, 1080],
  ])("are each seen whole, %i by %i", async (width, height) => {
    const { page: p, errors } = await open(page, { width, height });
    await p.keyboard.press("s");
    const count = await p.locator("main > section").count();
    for (let slide = 1; slide <= count; slide++) {
      await expect.poll(() => p.locator("[data-act=count]").textContent()).toBe(`${slide} / ${count}`);
      const over = await p.evaluate(
        "[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]",
      );
      expect([slide, over]).toEqual([slide, [0, 0]]);
      await p.evaluate("document.activeElement.blur()");
      await p.keyboard.press("ArrowRight");
    }
    expect(errors).toEqual([]);
    await p.context().close();
  });
});

describe("a live page", () => {
  it("follows a slider in numbers and pictures, by keys", async () => {
    const { page, errors } = await open("guide.html");
    const slider = page.locator("input[type=range]").first();
    const picture = page.locator("svg.chart").first();
    const [number, drawn] = [page.locator("main .value").nth(2), await picture.innerHTML()];
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => picture.innerHTML()).not.toBe(drawn);
    await expect.poll(() => number.textContent()).toBe("1.2");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("moves a point by dragging: slider and text follow", async () => {
    const { page, errors } = await open("guide.html");
    const knob = page.locator("[data-handle]").first();
    await knob.scrollIntoViewIfNeeded();
    const box = (await knob.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 - 90, box.y, { steps: 6 });
    await page.mouse.up();
    await expect
      .poll(async () => Number(await page.locator("input[type=range]").first().inputValue()))
      .toBeLessThan(0.9);
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("becomes slides by a key, and goes through them by keys", async () => {
    const { page, errors } = await open("02-derivative.html");
    await page.keyboard.press("s");
    const shown = () => page.locator("main section:visible h1, main section:visible h2").allTextContents();
    await expect.poll(async () => (await shown()).length).toBe(1);
    const first = await shown();
    await page.keyboard.press("ArrowRight");
    await expect.poll(shown).not.toEqual(first);
    await accessible(page);
    await page.keyboard.press("s");
    await expect.poll(async () => (await shown()).length).toBeGreaterThan(1);
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("plays both passes of a graph by keys: node by node, edge by edge; the focus stays", async () => {
    const { page, errors } = await open("05-chain-rule.html");
    const told = page.locator(".told");
    const adjoints = () => page.locator("svg.graph:visible .fill-backward").count();
    expect(await adjoints()).toBeGreaterThan(0);
    const press = async (go: string) => {
      await page.locator(`[data-go=${go}]`).focus();
      await page.keyboard.press("Enter");
    };
    await press("start");
    await expect.poll(() => told.textContent()).toBe("Only the inputs are known.");
    expect(await adjoints()).toBe(0);
    for (const words of [/^Forward: g/, /^Forward: y/, /^Backward: it starts/, /^Backward: adjoint/]) {
      await press("on");
      await expect.poll(() => told.textContent()).toMatch(words);
      await expect.poll(() => page.locator("[role=status]").textContent()).toMatch(words);
      expect(await page.evaluate("document.activeElement.dataset.go")).toBe("on");
    }
    const edge = page.locator("svg.graph:visible [data-part*='-']").last();
    await edge.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".closer math").count()).toBeGreaterThan(0);
    expect(await page.evaluate("document.activeElement.dataset.part")).toContain("-");
    await accessible(page);
    await press("play");
    await expect.poll(() => told.textContent(), { timeout: 10_000 }).toBe("Both passes are complete.");
    await expect.poll(() => page.locator("[data-go=play]").textContent()).toBe("Play");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("works from a file, without a server", async () => {
    const { page, errors } = await open("index.html");
    await page.goto(pathToFileURL(join(site, "guide.html")).href);
    const slider = page.locator("input[type=range]").first();
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator("main .value").nth(2).textContent()).toBe("1.1");
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("on paper", () => {
  it("a page is light, and whole, also from a dark screen and from the midst of its slides", async () => {
    const { page } = await open("06-backpropagation.html", { scheme: "dark" });
    await page.keyboard.press("s");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")).toBe(
      "rgb(255, 255, 255)",
    );
    for (const section of await page.locator("main > section").all())
      expect(await section.isVisible()).toBe(true);
    expect(await page.locator(".bar").isVisible()).toBe(false);
    expect(await page.locator("svg.graph:visible").count()).toBe(1);
    await page.context().close();
  });
});

describe("without any script", () => {
  it("the figures, formulas and numbers are there", async () => {
    const { page } = await open("06-backpropagation.html", { script: false });
    for (const look of ["svg.chart:visible", "math", ".value", ".board", ".neighbours a"])
      expect(await page.locator(look).count(), look).toBeGreaterThan(0);
    await page.context().close();
  });
});

const slow = folderOf({
  "slow.md":
    "# Slow\n\n::slider{name=p from=0 to=1 step=0.1 value=0.5}\n\n" +
    '::derive{f="(p x)^x^x^x^x^x^x^x^x^x^x^x" wrt=x order=6}\n\nIt is :value{of="p" digits=3}.\n',
});
describe("a block that does not end", () => {
  const { open: openSlow } = inBrowser(built(slow));
  it.each(["served", "from a disk"])("is stopped alone, and makes way for the others: %s", async (how) => {
    const { page, errors } = await openSlow("slow.html");
    if (how !== "served") await page.goto(pathToFileURL(join(builtAs.get(slow)!, "slow.html")).href);
    const slider = page.locator("input[type=range]");
    const value = page.locator(".value").last();
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => value.textContent()).toBe("0.6");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => value.textContent(), { timeout: 3_000 }).toBe("0.7");
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

/** A folder holds no more. */
const IN_FOLDER = 400;
const SHARES = Array.from({ length: Math.ceil(strangers.length / IN_FOLDER) }, (_, i) =>
  strangers.slice(i * IN_FOLDER, (i + 1) * IN_FOLDER),
);
describe.each(SHARES)("lessons of strangers, %#", (...share) => {
  const hostile = folderOf(Object.fromEntries(share.map((s, i) => [`s${i}.md`, s.markdown])));
  const { open: openHostile } = inBrowser(built(hostile));

  /** Some of them, in a window of its own. */
  async function visit(which: readonly number[]): Promise<void> {
    const { page, errors } = await openHostile("index.html");
    const asked: string[] = [];
    page.on("request", (r) => !/^(blob:)?http:\/\/127\.0\.0\.1/.test(r.url()) && asked.push(r.url()));
    page.on("dialog", (d) => {
      errors.push("a dialog opened");
      void d.dismiss();
    });
    errors.length = 0;
    const base = page.url().replace("index.html", "");
    for (const i of which) {
      const { name } = share[i];
      await page.goto(`${base}s${i}.html`, { waitUntil: "domcontentloaded" });
      // It still answers, and nothing has changed its title; each link leads to the web, or to a lesson.
      const [slides, title, links] = (await page.evaluate(`
        document.querySelector("[data-act=slides]").click();
        [document.documentElement.classList.contains("slides"), document.title,
          [...document.querySelectorAll("main section a[href]")].map((a) => new URL(a.getAttribute("href"), location).protocol)]
      `)) as [boolean, string, string[]];
      expect([name, title === "broken", slides]).toEqual([name, false, true]);
      for (const protocol of new Set(links)) expect(["http:", "https:", "mailto:"]).toContain(protocol);
    }
    // A picture that is not there is no error of the page.
    expect(asked).toEqual([]);
    expect(errors.filter((e) => !/404|ERR_FILE_NOT_FOUND/.test(e))).toEqual([]);
    await page.context().close();
  }
  it("run nothing, ask for nothing from elsewhere, lead nowhere dangerous, and stay alive", async () => {
    const windows = 4;
    await Promise.all(
      Array.from({ length: windows }, (_, w) => visit([...share.keys()].filter((i) => i % windows === w))),
    );
  }, 240_000);
});
