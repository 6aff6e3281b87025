import { describe, expect, it } from "vitest";
import { views } from "../src/views/index.ts";
import { accessible, fitsWidth, inBrowser, studioFolder } from "./harness.ts";

const { open } = inBrowser(studioFolder);

describe.each(views.map((v) => v.name))("the view %s", (name) => {
  it.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
  ] as const)("opens in %s, %i px wide: no error, accessible, nothing clipped", async (scheme, width) => {
    const { page, errors } = await open(`#/${name}`, { scheme, width });
    await page.waitForSelector("main svg.chart");
    await accessible(page);
    await fitsWidth(page);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("the state", () => {
  it("is in the address: a link gives the same view", async () => {
    const { page } = await open("#/derive?f=x^3&point=x:2");
    await page.waitForSelector("text=12");
    expect(await page.inputValue("input[type=text]")).toBe("x^3");
    await page.context().close();
  });
  it("undoes and redoes, by button and by key", async () => {
    const { page } = await open("#/derive");
    const field = page.locator("input[type=text]");
    await field.fill("cos(x)");
    await expect.poll(() => page.url()).toContain("cos");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => field.inputValue()).toBe("sin(x^2)");
    await page.keyboard.press("Control+Shift+z");
    await expect.poll(() => field.inputValue()).toBe("cos(x)");
    await page.reload();
    await expect.poll(() => field.inputValue()).toBe("cos(x)");
    await page.context().close();
  });
});

describe("the function", () => {
  it("stays when another view is chosen, and so does its point", async () => {
    const { page, errors } = await open("#/derive");
    const view = (name: string) => page.getByRole("navigation").getByRole("link", { name }).click();
    await page.locator("input[type=text]").first().fill("x^2 + cos(x)");
    await expect.poll(() => page.url()).toContain("cos");
    const knob = page.locator('[data-handle="at"]');
    await knob.focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector("dl.numbers >> text=1.06");
    for (const name of ["Graph", "Taylor", "Descend", "Derive"]) {
      await view(name);
      await page.waitForSelector("main svg.chart");
      expect(await page.locator("input[type=text]").first().inputValue()).toBe("x^2 + cos(x)");
      // The address is written when the change has come to rest.
      await expect.poll(() => page.url()).toContain("x%3A1.06");
    }
    await view("Graph");
    await expect.poll(() => page.inputValue("#graph-value-x")).toBe("1.06");
    await page.locator("#graph-value-x").fill("0.5");
    await page.locator("#graph-value-x").press("Tab");
    await view("Derive");
    await page.waitForSelector("dl.numbers >> text=0.5");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("is there in any view that is opened by its bare address, and stays through a reload", async () => {
    const { page } = await open("#/graph");
    await page.waitForSelector("svg.graph");
    await page.getByRole("navigation").getByRole("link", { name: "Descend" }).click();
    await page.waitForSelector("svg.surface");
    await expect.poll(() => page.url()).toContain("#/descend?f=z%20%3D%20w%20x");
    await page.reload();
    await page.waitForSelector("svg.surface");
    expect(await page.locator("input[type=text]").first().inputValue()).toContain("z = w x + b");
    await page.context().close();
  });
});

describe("Derive", () => {
  it("moves the point by mouse and by arrow keys, and the numbers follow", async () => {
    const { page } = await open("#/derive?f=x^2");
    const knob = page.locator('[data-handle="at"]');
    const before = Number(await knob.getAttribute("aria-valuenow"));
    await knob.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => Number(await knob.getAttribute("aria-valuenow"))).toBeGreaterThan(before);
    const box = (await knob.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 80, box.y, { steps: 5 });
    await page.mouse.up();
    await expect
      .poll(async () => {
        const numbers = await page.locator("dl.numbers dd").allTextContents();
        const [x, , slope] = numbers.map(Number);
        return x > before + 0.3 && Math.abs(slope - 2 * x) < 1e-3;
      })
      .toBe(true);
    await page.context().close();
  });
  it("shows what is wrong at its character, and keeps the last good function", async () => {
    const { page, errors } = await open("#/derive?f=x^2");
    await page.locator("input[type=text]").fill("sin(x");
    await page.waitForSelector("main .read .bad");
    expect(await page.locator("section math").first().textContent()).toContain("2");
    await page.locator("input[type=text]").fill("3 x^2");
    await expect.poll(() => page.url()).toContain("f=3");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it.each([
    "<img src=x onerror=alert(1)>",
    "\\href{javascript:alert(1)}{x}",
    "x^(10^10^10)",
    `${"(".repeat(1900)}x`,
    "__proto__",
  ])("takes %s without harm", async (text) => {
    const { page, errors } = await open(`#/derive?f=${encodeURIComponent(text)}`);
    page.on("dialog", () => errors.push("a dialog opened"));
    await page.waitForSelector("main .read");
    await page.locator("input[type=text]").fill("x + 1");
    await page.waitForSelector("main math");
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("what one takes along", () => {
  it("is every formula, as LaTeX, text and TypeScript", async () => {
    const { page, errors } = await open("#/derive?f=x^2 y&wrt=x");
    await page.evaluate(() => {
      Object.defineProperty(navigator, "clipboard", {
        value: { writeText: async (text: string) => void (document.body.dataset.copied = text) },
      });
    });
    const copied = () => page.evaluate(() => document.body.dataset.copied);
    const gradient = page.locator(".panel", { hasText: "Gradient by" });
    for (const [name, text] of [
      ["LaTeX", "\\begin{pmatrix}2 x y \\\\[4pt] x^{2}\\end{pmatrix}"],
      ["Text", "[2*x*y, x^2]"],
      ["TypeScript", "math`x^2`"],
    ]) {
      const button = gradient.getByRole("button", { name: "Copy this formula" }).first();
      await button.focus();
      await page.keyboard.press("Enter");
      await gradient.getByRole("button", { name, exact: true }).click();
      await expect.poll(copied).toContain(text);
    }
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("the structured editor", () => {
  it("opens on demand, writes the line as one would type it, and asks for nothing from elsewhere", async () => {
    const { page, errors } = await open("#/derive?f=x");
    const elsewhere: string[] = [];
    page.on("request", (r) => !r.url().startsWith("http://127.0.0.1") && elsewhere.push(r.url()));
    await page.getByRole("button", { name: "Structured editor" }).click();
    await page.locator("math-field").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.tagName")).toBe("MATH-FIELD");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("x/(1+x^2");
    await expect.poll(() => page.inputValue("input[type=text]")).toBe("x/(1 + x²)");
    await accessible(page);
    expect([errors, elsewhere]).toEqual([[], []]);
    await page.context().close();
  });
});
