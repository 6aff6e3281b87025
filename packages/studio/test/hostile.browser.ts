import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { views } from "../src/views/index.ts";
import { inBrowser, studioFolder } from "./harness.ts";

const { open } = inBrowser(studioFolder);

/** Functions that break out, swell, end nowhere or mean nothing. */
const FUNCTIONS = [
  "<script>document.title='broken'</script>",
  "<img src=x onerror=\"document.title='broken'\">",
  "\\href{javascript:document.title='broken'}{x}",
  "x^(10^10^10)",
  "e^e^e^e^x",
  `${"(".repeat(900)}x`,
  `${"sin(".repeat(300)}x${")".repeat(300)}`,
  "1/0",
  "0/0 x",
  "99999!",
  "x^x^x^x^x",
  "[1,2,3]",
  "x = y",
  "x < 1",
  "f(x)",
  "a = b; b = a; a",
  "x_1 x_2 x_3 x_4 x_5 x_6 x_7 x_8",
  "ln(-1 - x^2)",
  "constructor + x",
  "",
];
/** Fields of every view, and the shared ones. */
const FIELDS = [
  "wrt",
  "point",
  "theme",
  "derive.order",
  "derive.dx",
  "derive.low",
  "derive.high",
  "derive.lines",
  "graph.lists",
  "graph.of",
  "graph.mode",
  "graph.step",
  "graph.at",
  "taylor.order",
  "taylor.to",
  "taylor.low",
  "taylor.high",
  "taylor.reach",
  "taylor.azimuth",
  "taylor.elevation",
  "descend.kind",
  "descend.rate",
  "descend.adam",
  "descend.window",
  "descend.over",
  "descend.methods",
  "descend.steps",
  "descend.step",
  "descend.closer",
  "neuron.data",
  "neuron.drawn",
  "neuron.scale",
  "neuron.depth",
  "neuron.units",
  "neuron.activation",
  "neuron.rate",
  "neuron.mode",
  "neuron.seed",
  "neuron.step",
  "neuron.example",
  "neuron.weight",
  "activations.own",
  "activations.range",
  "__proto__",
  "constructor",
];
const VALUES = [
  "0",
  "-1",
  "1e308",
  "-1e308",
  "1e-320",
  "NaN",
  "Infinity",
  "999999999",
  "0.5",
  "",
  "x:1e308,y:-1e308",
  "x:0",
  "__proto__:1",
  "constructor",
  "1,2,3",
  "5,5,5,5",
  "1,-1,1,-1",
  "1e300,1e301,0,1",
  "<b>",
  "javascript:0",
  "gd,momentum,adam,newton,trust,lbfgs",
  "x=[1,2,3];y=[[1],[2]]",
  "drawn",
  "csv",
  "neuron",
  "forward",
  "one",
  `${"1,1,0;".repeat(900)}`,
];
const address = fc.record({
  view: fc.constantFrom(...views.map((v) => v.name), "nowhere"),
  f: fc.constantFrom(...FUNCTIONS),
  fields: fc.array(fc.tuple(fc.constantFrom(...FIELDS), fc.constantFrom(...VALUES)), { maxLength: 8 }),
});

describe("links from a stranger", () => {
  it("break nothing and hang nothing, one after the other in one page", async () => {
    const { page, errors } = await open("#/derive");
    page.on("dialog", () => errors.push("a dialog opened"));
    for (const { view, f, fields } of fc.sample(address, { numRuns: 150, seed: 7 })) {
      const query = new URLSearchParams([["f", f], ...fields]).toString();
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `#/${view}?${query}`);
      // A page that hangs answers nothing; it is asked through the same thread.
      const alive = page.evaluate(
        "new Promise((r) => requestAnimationFrame(() => setTimeout(r, 40, document.title)))",
      );
      const title = await Promise.race([alive, new Promise((r) => setTimeout(r, 8_000, "hangs"))]);
      expect([String(title), query]).toEqual([expect.stringMatching(/ · Gradus Studio$/), query]);
    }
    await page.evaluate(() => {
      location.hash = "#/derive?f=x^2&point=x:3";
    });
    await page.waitForSelector("dl.numbers >> text=9");
    expect(errors).toEqual([]);
    await page.context().close();
  }, 240_000);
});
