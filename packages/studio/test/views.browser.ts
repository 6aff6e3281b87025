import { describe, expect, it } from "vitest";
import { inBrowser, studioFolder } from "./harness.ts";

const { open } = inBrowser(studioFolder);

describe("Graph", () => {
  it("plays both passes, tells of a node chosen by key, and follows a changed input", async () => {
    const { page, errors } = await open("#/graph");
    await page.waitForSelector("svg.graph");
    await page.getByRole("button", { name: "To the start" }).click();
    await page.waitForSelector("text=Only the inputs are known");
    await page.getByRole("button", { name: "One step", exact: true }).click();
    await page.waitForSelector("text=gets its value");
    await page.getByRole("button", { name: "To the end" }).click();
    const node = page.locator('svg.graph [data-part="n1"]');
    await node.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => node.getAttribute("aria-pressed")).toBe("true");
    const before = await page.locator("svg.graph").textContent();
    const input = page.locator("#graph-value-w");
    await input.fill("2");
    await input.press("Tab");
    await expect.poll(() => page.locator("svg.graph").textContent()).not.toBe(before);
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("counts one reverse pass against a forward pass for each input", async () => {
    const { page } = await open("#/graph");
    await page.waitForSelector("text=reverse mode");
    await page.waitForSelector("text=one pass");
    await page.context().close();
  });
});

describe("Taylor", () => {
  it("has the deck's ln(1.1) a click away: 0.1, 0.095, 0.0953101798, with proven bounds", async () => {
    const { page, errors } = await open("#/taylor");
    await page.getByRole("button", { name: "ln(1.1)" }).click();
    await page.waitForSelector("text=0.0953101798");
    const rows = await page.locator("table").first().locator("tbody tr").allTextContents();
    expect(rows.length).toBe(3);
    expect(rows[1]).toContain("0.1");
    expect(rows[2]).toContain("0.095");
    expect(rows.join()).not.toContain("no proof");
    await page.waitForSelector("text=Converges within 1");
    await page.waitForSelector("text=The band holds the function");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("goes to order 30 by keys, moves its point by keys, and undoes an example as one step", async () => {
    const { page, errors } = await open("#/taylor?f=e^x&point=x:0&taylor.order=2");
    const slider = page.getByRole("slider", { name: "order" });
    await slider.focus();
    await page.keyboard.press("End");
    await expect.poll(() => page.locator("table").nth(1).locator("tbody tr").count()).toBe(31);
    const knob = page.locator('[data-handle="at"]');
    await knob.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => Number(await knob.getAttribute("aria-valuenow"))).toBeGreaterThan(0);
    await page.getByRole("button", { name: "sine" }).click();
    await expect.poll(() => page.url()).toContain("sin");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => page.inputValue("input[type=text]")).toBe("e^x");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("draws a picture that was changed as one that is drawn afresh", async () => {
    const pictures = async (orders: readonly number[]) => {
      const { page } = await open(
        `#/taylor?f=ln(1%2Bx)&point=x:0&taylor.order=${orders[0]}&taylor.low=-0.9&taylor.high=1.5`,
      );
      const band = page.locator("text=The band");
      await band.waitFor();
      for (const order of orders) {
        await page.getByRole("slider", { name: "order" }).fill(String(order));
        await expect
          .poll(() => page.locator("svg.chart").first().textContent())
          .toContain(`of order ${order}`);
        await expect.poll(() => band.textContent()).toContain("The band holds");
      }
      await page.waitForSelector("text=Converges within 1");
      const drawn = await page.locator("svg.chart").evaluateAll((all) => all.map((svg) => svg.outerHTML));
      await page.context().close();
      return drawn;
    };
    expect(await pictures([30, 0, 2, 7])).toEqual(await pictures([7]));
  });
  it("keeps its window while the point is dragged, as one step to undo", async () => {
    const { page, errors } = await open("#/taylor?f=sin(x) cos(y)&point=x:0.5,y:0.5&taylor.order=2");
    const knob = page.locator('[data-handle="at"]');
    await knob.scrollIntoViewIfNeeded();
    const box = (await knob.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let i = 1; i <= 12; i++) await page.mouse.move(x + 5 * i, y);
    await page.mouse.up();
    await expect
      .poll(async () => {
        const now = (await knob.boundingBox())!;
        return Math.abs(now.x + now.width / 2 - (x + 60));
      })
      .toBeLessThan(3);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => knob.getAttribute("aria-valuetext")).toBe("0.5, 0.5");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("shows plane and bowl of two variables, turned by keys", async () => {
    const { page, errors } = await open("#/taylor?f=x^2 %2B x y %2B 2 y^2&taylor.order=2");
    await page.waitForSelector("svg.surface");
    const turn = page.getByRole("slider", { name: /turn it/ });
    const before = await page.locator("svg.surface path").nth(40).getAttribute("d");
    await turn.focus();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => page.locator("svg.surface path").nth(40).getAttribute("d")).not.toBe(before);
    await page.waitForSelector("text=Quadratic bowl");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("says where a proof ends: the function is not analytic there", async () => {
    const { page, errors } = await open(
      "#/taylor?f=|x-1|&point=x:0&taylor.low=-1&taylor.high=2&taylor.to=0.5",
    );
    await page.waitForSelector("text=The band ends where the proof does");
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("Descend", () => {
  it("starts where one clicks, and tells what each step was promised", async () => {
    const { page, errors } = await open("#/descend");
    await page.waitForSelector("text=2/λ");
    await page.waitForSelector("text=promised");
    const picture = (await page.locator("svg.chart").first().boundingBox())!;
    await page.mouse.click(picture.x + picture.width * 0.7, picture.y + picture.height * 0.6);
    await expect.poll(() => page.url()).toContain("point=x");
    await page.getByRole("button", { name: "One step", exact: true }).click();
    await page.waitForSelector("text=Step 2");
    await page.getByRole("checkbox", { name: /Adam/ }).check();
    await expect.poll(() => page.url()).toContain("adam");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("marks the stable rate, and explains a rate above it", async () => {
    const { page } = await open("#/descend?descend.rate=0.25&descend.methods=gd");
    await page.waitForSelector("text=this rate is above it");
    expect(await page.locator(".mark").count()).toBe(1);
    await page.getByRole("button", { name: "Take it" }).click();
    await expect.poll(() => page.url()).toContain("descend.rate=0.2");
    await page.context().close();
  });
  it("walks along a curve where the loss has one variable, with the parabola that Newton trusts", async () => {
    const { page, errors } = await open("#/descend?f=x^4/4-x^2&point=x:1&descend.closer=newton");
    await page.waitForSelector("text=a parabola, dashed");
    expect(await page.locator("svg.surface").count()).toBe(0);
    const knob = page.locator('[data-handle="start"]');
    await knob.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.url()).toContain("point=x%3A1.06");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("walks in two of several variables, the others held at the point", async () => {
    const { page, errors } = await open("#/descend?f=(p x - q y)^2 %2B p^2&point=p:1,q:2,x:1,y:1");
    await page.waitForSelector("svg.surface");
    await page.getByLabel("Second variable to walk in").selectOption("q");
    await expect.poll(() => page.url()).toContain("descend.over=p%2Cq");
    await page.waitForSelector("text=/The model at p = 1, q = 2/");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("walks on the neuron's loss over the penguins", async () => {
    const { page, errors } = await open("#/descend");
    await page.getByText("the neuron on the penguins").click();
    await page.waitForSelector("text=bill length");
    await page.waitForSelector("svg.surface");
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

describe("Neuron", () => {
  it("learns step by step, runs, rewinds, and writes the update out", async () => {
    const { page, errors } = await open("#/neuron");
    await page.waitForSelector("text=The next update");
    const numbers = page.locator("p.numbers");
    const loss = async () => Number(/loss ([\d.]+)/.exec((await numbers.textContent()) ?? "")?.[1]);
    const first = await loss();
    await page.getByRole("button", { name: "One step", exact: true }).click();
    await expect.poll(loss).toBeLessThan(first);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await expect
      .poll(async () => Number(/step (\d+)/.exec((await numbers.textContent()) ?? "")?.[1]))
      .toBeGreaterThan(20);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Rewind to the start" }).click();
    await expect.poll(loss).toBe(first);
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("reads a CSV with semicolons and decimal commas, and says what is wrong with another", async () => {
    const { page, errors } = await open("#/neuron");
    const file = page.locator("input[type=file]");
    const good = `\uFEFFwidth;height;kind\n${Array.from({ length: 30 }, (_, i) => `${i},5;${(i * 7) % 11};${i < 15 ? "no" : "yes"}`).join("\n")}\n`;
    await file.setInputFiles({ name: "mine.csv", mimeType: "text/csv", buffer: Buffer.from(good) });
    await page.waitForSelector("text=30 points");
    await page.reload();
    await page.waitForSelector("text=30 points");
    await file.setInputFiles({
      name: "bad.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("a,b\nx,y\nz,w\n"),
    });
    await page.waitForSelector("text=bad.csv: two columns of numbers are needed");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("asks for the file where a link is of one, and draws the penguins until then", async () => {
    const { page, errors } = await open("#/neuron?neuron.data=csv");
    await page.getByRole("button", { name: "Choose a file" }).waitFor();
    await page.waitForSelector("text=219 points");
    expect(errors).toEqual([]);
    await page.context().close();
  });
  it("has a hidden layer, whose weights one chooses by key, and gives its code", async () => {
    const { page, errors } = await open(
      "#/neuron?neuron.data=drawn&neuron.drawn=1,0,0;0,1,0;2,2,1;-2,2,1&neuron.depth=1",
    );
    const weight = page.locator('svg.network [data-part="w_112"]');
    await weight.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => weight.getAttribute("aria-pressed")).toBe("true");
    await expect.poll(() => page.url()).toContain("w_112");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Code", exact: true }).click();
    expect((await download).suggestedFilename()).toBe("network.ts");
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
