import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { accessible, fitsWidth, inBrowser } from "../../studio/test/harness.ts";

const main = fileURLToPath(new URL("../../cli/dist/main.js", import.meta.url));
const lessons = fileURLToPath(new URL("../../../lessons", import.meta.url));

function built(folder: string): string {
  const out = join(mkdtempSync(join(tmpdir(), "gradus-site-")), "site");
  execFileSync(process.execPath, [main, "lesson", "build", folder, "--out", out]);
  return out;
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

const hostile = mkdtempSync(join(tmpdir(), "gradus-hostile-"));
writeFileSync(
  join(hostile, "hostile.md"),
  [
    "# A stranger's lesson",
    "<script>document.title = 'broken'</script>",
    "<img src=x onerror=\"document.title = 'broken'\">",
    "[click](javascript:document.title='broken')",
    "![x](https://elsewhere.example/x.png)",
    "$\\href{javascript:document.title='broken'}{x}$",
    '::plot{f="x^(10^10^10)" title="<script>document.title=1</script>"}',
    "::slider{name=constructor from=0 to=1}",
    '::derive{f="(((((((((("}',
    ':value{of="<b onclick=alert(1)>"}',
    "still here",
  ].join("\n\n"),
);
describe("a stranger's lesson", () => {
  const { open: openHostile } = inBrowser(built(hostile));
  it("runs nothing, asks for nothing from elsewhere, and shows the rest", async () => {
    const { page, errors } = await openHostile("index.html");
    const asked: string[] = [];
    page.on("request", (r) => !r.url().startsWith("http://127.0.0.1") && asked.push(r.url()));
    page.on("dialog", () => errors.push("a dialog opened"));
    await page.goto(page.url().replace("index.html", "hostile.html"));
    await page.waitForSelector("text=still here");
    await page.waitForTimeout(300);
    expect(await page.title()).toContain("A stranger");
    expect([asked, errors]).toEqual([[], []]);
    await page.context().close();
  });
});
