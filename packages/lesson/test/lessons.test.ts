import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lessonPage } from "../src/page.ts";
import { readLesson } from "../src/read.ts";
import { renderBlock } from "../src/render.ts";

const folder = fileURLToPath(new URL("../../../lessons/", import.meta.url));
const files = readdirSync(folder).filter((f) => f.endsWith(".md"));

async function draw(markdown: string) {
  const lesson = readLesson(markdown);
  const rendered = [];
  for (const b of lesson.blocks) rendered.push(await renderBlock(b, lesson.quantities));
  const problems = [
    ...lesson.problems.map((p) => `${p.line}: ${p.text}`),
    ...rendered.flatMap((r, i) => r.problems.map((p) => `${lesson.blocks[i].line}: ${p}`)),
  ];
  return { lesson, rendered, problems, page: lessonPage(lesson, rendered) };
}
const textOf = (html: string) =>
  html
    .replace(/<annotation[\s\S]*?<\/annotation>/g, "")
    .replace(/<[^>]*>/g, "")
    .replace(/\s+/g, " ");

describe("the lessons of this repository", () => {
  it.each(files)("%s: every block works, every stated number is the computed one", async (file) => {
    const { problems, lesson } = await draw(readFileSync(`${folder}${file}`, "utf8"));
    expect(problems).toEqual([]);
    expect(lesson.blocks.length).toBeGreaterThan(0);
  });
  it("have the lecture's numbers in them, computed", async () => {
    const pages = await Promise.all(
      files.map(async (f) => (await draw(readFileSync(`${folder}${f}`, "utf8"))).page),
    );
    const text = textOf(pages.join(" "));
    for (const number of ["−0.4", "0.095", "0.0953", "0.1"]) expect(text).toContain(number);
  });
  it("state no number of the lecture by hand: change the function, and the check fails", async () => {
    const source = readFileSync(`${folder}07-logarithm.md`, "utf8");
    const changed = source.replaceAll("ln(1+x)", "ln(1+2x)").replaceAll("ln(1 + x)", "ln(1 + 2x)");
    expect(changed).not.toBe(source);
    expect((await draw(changed)).problems.length).toBeGreaterThan(0);
  });
});

describe("what is stated", () => {
  it.each([
    [':value{of="ln(1+x)" at="x=0.1" is=0.0953}', true],
    [':value{of="ln(1+x)" at="x=0.1" is=0.0954}', false],
    [':value{of="x^2" wrt=x at="x=3" is=6}', true],
    [':value{of="x^2" wrt=x at="x=3" is=6.1}', false],
    [':formula{of="sin(x^2)" wrt=x is="2x cos(x^2)"}', true],
    [':formula{of="sin(x^2)" wrt=x is="2x sin(x^2)"}', false],
    [':value{of="ln(1+x)" at="x=0.1" taylor=2 about="x=0" is=0.095}', true],
    [':value{of="ln(1+x)" at="x=0.1" taylor=2 about="x=0" is=0.0953}', false],
  ])("%s: %s", async (block, right) => {
    const { problems } = await draw(`First.\n\nThen ${block}.`);
    expect(problems.length).toBe(right ? 0 : 1);
    if (!right) expect(problems[0]).toMatch(/^3: /);
  });
});

describe("a mistake is told with its line", () => {
  it.each([
    ["::plott{f=x}", "there is no block"],
    ["::plot{f=x colour=red}", "colour"],
    ['::plot{f="sin("}', "sin("],
    ["::derive{}", "f"],
    ['::taylor{f="ln(1+x)" order=99}', "order"],
    ['::taylor{f="x+y" at=0}', "y"],
    ['::descend{f="x^2" from="x=1" methods="walk"}', "walk"],
    ['::descend{f="x y" from="x=1"}', "y"],
    ["::slider{name=p from=2 to=1}", "from"],
    ["![a](https://elsewhere.example/a.png)", "elsewhere"],
    ["![a][b]\n\n[b]: https://elsewhere.example/a.png", "elsewhere"],
    ["::neuron{steps=1000}", "steps"],
    ['::table{f=""}', "f"],
    [":value{of=1/0}", ""],
  ])("%s", async (block, word) => {
    const { problems, page } = await draw(`# Title\n\ntext\n\n${block}\n`);
    expect(problems.length).toBe(1);
    expect(problems[0]).toMatch(/^5: /);
    expect(problems[0]).toContain(word);
    expect(problems[0]).not.toMatch(/undefined|TypeError|\[object/);
    expect(page).toContain("problem");
  });
  it("a lesson of half a million characters, or a hundred lists deep, is refused in words", async () => {
    expect((await draw("a ".repeat(300_000))).problems[0]).toContain("characters");
    expect((await draw(`${"> ".repeat(5000)}x`)).problems[0]).toContain("nested");
  });
});

describe("quantities", () => {
  it("are shared: a block that names one is drawn with its value", async () => {
    const { lesson } = await draw('::slider{name=p from=0 to=4 value=3}\n\nIt is :value{of="p^2"}.');
    const value = lesson.blocks.find((b) => b.kind === "value")!;
    expect(value.uses).toEqual(["p"]);
    const at = async (p: number) => textOf((await renderBlock(value, new Map([["p", p]]))).html);
    expect(await at(3)).toContain("9");
    expect(await at(4)).toContain("16");
  });
});
