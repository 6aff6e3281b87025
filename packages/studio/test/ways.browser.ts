/** The ways in which people use the page: by finger, without motion, in forced colours, enlarged, by ear. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { fitsWidth, inBrowser, studioFolder } from "./harness.ts";

const { open } = inBrowser(studioFolder);
const VIEWS = ["derive", "graph", "taylor", "descend", "neuron", "activations"];
const phone = { touch: true, width: 390, height: 844 } as const;

/** A finger from one place to another, as the browser itself gives it on. */
async function swipe(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const at = (part: number) => [
    { x: from[0] + part * (to[0] - from[0]), y: from[1] + part * (to[1] - from[1]) },
  ];
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) });
  for (let i = 1; i <= 8; i++)
    await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(i / 8) });
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

async function middleOf(page: Page, selector: string): Promise<readonly [number, number]> {
  const place = page.locator(selector).first();
  await place.scrollIntoViewIfNeeded();
  const box = (await place.boundingBox())!;
  return [box.x + box.width / 2, box.y + box.height / 2];
}

describe("by finger", () => {
  it("drags the point of Derive, and the page stays where it is", async () => {
    const { page, errors } = await open("#/derive?f=x^2", phone);
    const knob = page.locator('[data-handle="at"]');
    await knob.waitFor();
    const [x, y] = await middleOf(page, '[data-handle="at"]');
    const scrolled = await page.evaluate("scrollY");
    await swipe(page, [x, y], [x - 90, y + 30]);
    await expect.poll(async () => Number(await knob.getAttribute("aria-valuenow"))).toBeLessThan(0);
    expect(await page.evaluate("scrollY")).toBe(scrolled);
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("starts Descend where one taps, not where one begins to scroll", async () => {
    const { page, errors } = await open("#/descend", phone);
    await page.waitForSelector("svg.surface");
    const start = () => page.locator('[data-handle="start"]').first().getAttribute("aria-valuetext");
    const before = await start();
    const [x, y] = await middleOf(page, "svg.chart");
    const scrolled = Number(await page.evaluate("scrollY"));
    await swipe(page, [x + 40, y + 60], [x + 40, y - 140]);
    await expect.poll(async () => Number(await page.evaluate("scrollY"))).toBeGreaterThan(scrolled + 50);
    expect(await start()).toBe(before);
    const [u, v] = await middleOf(page, "svg.chart");
    await page.touchscreen.tap(u + 40, v + 40);
    await expect.poll(start).not.toBe(before);
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("draws the points of Neuron, and turns a surface", async () => {
    const { page, errors } = await open("#/neuron?neuron.data=drawn&neuron.drawn=1,1,0;-1,-1,1", phone);
    await page.waitForSelector("text=2 points");
    const [x, y] = await middleOf(page, "svg.chart");
    await page.touchscreen.tap(x + 30, y + 20);
    await page.waitForSelector("text=3 points");
    await page.goto(`${page.url().split("#")[0]}#/taylor?f=x^2 %2B y^2&taylor.order=2`);
    await page.waitForSelector("svg.surface");
    const turned = () => page.getByRole("slider", { name: /turn it/ }).getAttribute("aria-valuetext");
    const before = await turned();
    const [u, v] = await middleOf(page, "svg.surface");
    await swipe(page, [u, v], [u + 80, v]);
    await expect.poll(turned).not.toBe(before);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("by keys and by ear", () => {
  it("stops at controls alone: a formula that fits its place is none", async () => {
    const { page } = await open("#/derive?f=1/(1+x^2)");
    await page.waitForSelector("section math");
    const stops: string[] = [];
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const e = document.activeElement as Element;
        return e === document.body ? "" : `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""}`;
      });
      if (at === "") break;
      stops.push(at);
    }
    expect(stops.length).toBeGreaterThan(30);
    expect(stops.filter((s) => s.startsWith("span."))).toEqual([]);
    await page.context().close();
  });
  it("speaks the line of a derivation that one steps to, and the result of a step of Neuron", async () => {
    const { page } = await open("#/derive?f=sin(x^2)");
    const spoken = page.locator("ol + p[aria-live=polite]");
    await page.getByRole("button", { name: "To the start" }).first().click();
    await page.getByRole("button", { name: "One line", exact: true }).first().click();
    await expect.poll(() => spoken.textContent()).toContain("chain rule");
    await page.goto(`${page.url().split("#")[0]}#/neuron`);
    const numbers = page.locator("p.numbers[aria-live=polite]");
    await page.getByRole("button", { name: "One step", exact: true }).click();
    await expect.poll(() => numbers.textContent()).toContain("step 1");
    await page.context().close();
  });
  it("names an edge of a graph by what is differentiated by what", async () => {
    const { page } = await open("#/graph");
    await page
      .getByRole("button", { name: "local derivative of a by z: σ(z) (1 − σ(z)) = 0.2288" })
      .waitFor();
    await page.context().close();
  });
});

describe("without motion", () => {
  it.each(VIEWS)("%s moves nothing by itself", async (view) => {
    const { page, errors } = await open(`#/${view}`);
    await page.waitForSelector("main math, main svg.chart");
    expect(
      await page.evaluate("document.getAnimations().filter((a) => a.playState === 'running').length"),
    ).toBe(0);
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("plays the steps of a derivation all the same", async () => {
    const { page } = await open("#/derive?f=sin(x^2)");
    await page.getByRole("button", { name: "To the start" }).first().click();
    await page.waitForSelector("text=1 of 3");
    await page.getByRole("button", { name: "Play" }).first().click();
    await page.waitForSelector("text=3 of 3");
    await page.context().close();
  });
});

describe("enlarged and in forced colours", () => {
  it.each(VIEWS)("%s fits a window of 1280 pixels at twice the size, and one of 320", async (view) => {
    for (const width of [640, 320]) {
      const { page } = await open(`#/${view}`, { width, height: 480 });
      await page.waitForSelector("main math, main svg.chart");
      await fitsWidth(page);
      await page.context().close();
    }
  });
  it("lines, nodes and the chosen option are seen in forced colours", async () => {
    const { page } = await open("#/graph", { colours: "forced" });
    await page.waitForSelector("svg.graph rect.node");
    const seen = await page.evaluate(() => {
      const look = (selector: string) => getComputedStyle(document.querySelector(selector) as Element);
      const ground = getComputedStyle(document.body).backgroundColor;
      return {
        line: look("svg.graph .curve").stroke !== ground,
        text: look("svg.graph text").fill !== ground,
        chosen:
          look("fieldset label.on").backgroundColor !== look("fieldset label:not(.on)").backgroundColor ||
          look("fieldset label.on").outlineStyle !== "none",
      };
    });
    expect(seen).toEqual({ line: true, text: true, chosen: true });
    await page.context().close();
  });
});
