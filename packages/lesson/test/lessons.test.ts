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
    const source = readFileSync(`${folder}11-logarithm.md`, "utf8");
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
    [':value{of="u² + 3v²" wrt=u at="u=1, v=1" is=2.0}', true],
    [':value{of="w^T w" wrt=w at="w=[1,-2]" is="[2, -4.0]"}', true],
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
    ["::plot{f=x form=1}", "did you mean from?"],
    ["::taylr{f=x}", "did you mean taylor?"],
    ['::descend{f="x^2" from="x=1" methods="newtn"}', "did you mean newton?"],
    ["::slider{nmae=p}", "did you mean name?"],
    ["::slider{name=sin}", "reads sin as a function"],
    ["::slider{name=e}", "reads e as a number"],
    ["::slider{name=p value=q}", "::quantity{name=p"],
    ["::slider{name=p from=0 to=1 value=3}", "outside"],
    ['::quantity{name=q of="x^"}', 'of="x^"'],
    ['::plot{f="x^2" wrt=x point=1 secant=0}', "secant=0"],
    [':value{of="sum(ones(30000, 30000))"}', "30000 × 30000"],
    [':formula{of="sum(X X)" wrt=X shapes="X=20000×20000"}', "400000000 numbers"],
    ['::plot{f="sum(exp(x ones(1000,1000)))" wrt=x}', "no more than 20000"],
    ["$\\def\\a{\\a}\\a$", "unfold without end"],
    [':formula{of="x^x^x^x^x" wrt=x order=5}', "too long to be shown"],
    [':value{of="sum(sum(i j, i, 1, 1000), j, 1, 1000)"}', "more than 100000 operations"],
    ['::formula{of="‖X w‖²" wrt=w shapes="X=99999×n, w=n, z"}', "z is not a shape"],
    [':value{of="sum(z)" at="z=[1,2"}', "add ]"],
    ['::formula{of="x^2" wrt="x; x" is="2x"}', "expected 2 formulas"],
    [':formula{of="x^2" wrt=x is="3x"}', "at x = 1 it is 2, not 3"],
    ['::formula{of="sin(x^x)" taylor=all about=a}', "a function of which nothing is known"],
    ['::formula{of="sin(x) + tan(x)" taylor=all}', "no general term"],
    ['::formula{of="x^2" step=eta}', "which weights"],
    ['::formula{of="x^2" wrt=x limit=h is="2x"}', "leave is out"],
    ["then :vlaue{of=2}", "did you mean value?"],
    ["then ::plot{f=x} here", "on a line of its own"],
    ["::plot{f=x} here", "on a line of its own"],
    ["then ::formula{of=x}", "in the text write :formula{…}"],
    ['::plot{f="x^2"', "close each quote and each brace"],
    ['::plot{f="x^2 wrt=x}', "close each quote and each brace"],
    [':value{of="2"', "close each quote and each brace"],
    [':value{of="2", is=2}', "with spaces between them"],
    ["::plot{f=“x + 1” wrt=x}", "straight quotes"],
    ["::plot{f=“x”}", "straight quotes"],
    ["::plot {f=x}", "without a space"],
    [":: plot{f=x}", "without a space"],
    [":value {of=2}", "without a space"],
    ["::plot(f=x)", "in braces"],
    ["::plot[f=x]", "in braces"],
    ["    ::plot{f=x}", "make code of it"],
    ["$$\nx^2\n\nand on", "not closed"],
    ["```\nx\n\nand on", "not closed"],
    ["[a](#nothing)", "#nothing"],
    ["[a](#titel)", "did you mean title?"],
    ["[a](javascript:1)", "leads nowhere"],
    ["[a]()", "leads nowhere"],
    ["![](a.png)", "no words"],
    ["![a](a.bmp)", "PNG"],
    ["a <br> b <br> c", "HTML"],
    [':value{of="z^2" at="z=[1,2]" is=5}', "expected 2 numbers"],
    [':value{of="z^2" at="z=[1,2]" is="[1,5]"}', "is [1, 4]"],
    ['::quantity{name=q of="z" at="z=[1,2]"}', "one number"],
  ])("%s", async (block, word) => {
    const { problems, page } = await draw(`# Title\n\ntext\n\n${block}\n`);
    expect(problems.length).toBe(1);
    expect(problems[0]).toMatch(/^5: /);
    expect(problems[0]).toContain(word);
    expect(problems[0]).not.toMatch(/undefined|TypeError|\[object/);
    expect(page).toMatch(/class="(problem|wrong|value wrong)"/);
  });
  it.each([
    "At 10:30, note:this, f(x):y and the table: plot (see below).",
    "Write `::plot{f=x` in backquotes, or \\:value{of=2} with a backslash.",
    "```markdown\n::plot{f=x\n```",
    "> ```\n> x\n> ```",
    "- a\n\n  $$\n  x\n  $$",
    "[^1] and [up](#title)\n\n[^1]: a note",
  ])("and this is none: %s", async (text) => {
    expect((await draw(`# Title\n\n${text}\n`)).problems).toEqual([]);
  });
  it("lines are counted the same with Windows line ends, a byte order mark, and a title above", async () => {
    const text = '---\ntitle: "The loss"\ntags: [a]\n---\n\nIt is\n\n:value{of=1 is=2}\n';
    for (const form of [text, text.replaceAll("\n", "\r\n"), `\uFEFF${text}`]) {
      const { problems, lesson, page } = await draw(form);
      expect(problems).toEqual(["8: 1 is stated as 2, and is 1"]);
      expect(lesson.title).toBe("The loss");
      expect(page).toContain('<h1 id="the-loss">The loss</h1>');
      expect(page).not.toContain("tags");
    }
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
  it("are computed from one another; a block follows the sliders that lead to them", async () => {
    const { lesson, rendered, problems } = await draw(
      [
        "::slider{name=eta from=0 to=1 value=0.5}",
        '::quantity{name=slope of="x^2" wrt=x at="x=eta"}',
        '::quantity{name=next of="eta - rate slope"}',
        "::slider{name=rate from=0 to=1 value=0.1}",
        'Then :value{of="2 next" is=0.8}, and :value{of="η" is=0.5}.',
      ].join("\n\n"),
    );
    expect(problems).toEqual([]);
    const [eta, slope, next, , last] = lesson.blocks;
    expect(eta.uses).toEqual([]);
    expect(slope.uses).toEqual(["η"]);
    expect(new Set(next.uses)).toEqual(new Set(["η", "rate"]));
    expect(last.defined.map(([name]) => name)).toEqual(["slope", "next"]);
    expect(textOf(rendered[2].html)).toBe("next = 0.4");
    const moved = await renderBlock(
      last,
      new Map([
        ["η", 1],
        ["rate", 0.25],
      ]),
      { stated: false },
    );
    expect(textOf(moved.html)).toBe("1.0");
  });
  it("may be moved to where a function has no value: nothing of the block is lost but what needs one", async () => {
    const { lesson, problems } = await draw(
      '::slider{name=p from=-1 to=2 value=1}\n\n::plot{f="ln(x)" from=-1 to=2 point=p tangent secant=0.5}\n\n' +
        '::taylor{f="ln(x)" wrt=x at=1 eval=p from=-1 to=2}\n\nIt is :value{of="ln(p)" is=0.0}.',
    );
    expect(problems).toEqual([]);
    for (const b of lesson.blocks.slice(1)) {
      const { html, problems: now } = await renderBlock(b, new Map([["p", -0.5]]), { stated: false });
      expect(now).toEqual([]);
      if (b.display) expect(html).toContain('data-handle="p"');
      expect(html).not.toMatch(/NaN/);
    }
  });
  it("are found with powers and indices written as one character each", async () => {
    const { problems, lesson } = await draw(
      '::slider{name=g_1 from=0 to=4 value=3}\n\n::slider{name=rate from=0 to=4 value=2}\n\n:value{of="g_1² + g₁ + rate²" is=16}',
    );
    expect(problems).toEqual([]);
    expect(lesson.blocks[2].uses).toEqual(["g_1", "rate"]);
  });
  it("may be hidden", async () => {
    const { problems, rendered } = await draw(
      '::slider{name=p from=0 to=4 value=3}\n\n:quantity{name=q of="p^2" hidden}It is :value{of="q + 1" is=10}.',
    );
    expect(problems).toEqual([]);
    expect(rendered[1].html).toBe("");
  });
  it("in a circle have no value: it is told once, with its names", async () => {
    const { problems } = await draw('::quantity{name=p of="2 q"}\n\n::quantity{name=q of="p + 1"}');
    expect(problems[0]).toMatch(/^1: .*p needs q needs p/);
  });
  it("of one name are told, however it is written", async () => {
    const { problems } = await draw('::slider{name=eta value=1}\n\n::quantity{name="η" of=1}');
    expect(problems).toEqual([
      "3: quantity: name=η: there is a quantity η already; one is enough, all blocks share it",
    ]);
  });
  it("of slider and quantity are told apart by handles: what is computed cannot be dragged", async () => {
    const { rendered } = await draw(
      '::slider{name=p value=0.5}\n\n::quantity{name=q of="p^2"}\n\n::plot{f="x^2" wrt=x point=q}\n\n::plot{f="x^2" wrt=x point=p}',
    );
    expect(rendered[2].html).not.toContain("data-handle");
    expect(rendered[3].html).toContain("data-handle");
  });
});

describe("formulas", () => {
  const latexOf = async (block: string) =>
    /<math/.test((await draw(block)).page) && textOf((await draw(block)).rendered[0].html);
  it.each([
    ['::formula{left="f(x)" of="f(x)" wrt=x taylor=2 about=a}', "f(x)≈f(a)+f′(a)(x−a)+f′′(a)2!(x−a)2"],
    ['::formula{left="ln(1+x)" of="ln(1+x)" taylor=2}', "ln(1+x)≈x−x22"],
    ['::formula{left="f(x)" of="f(x)" wrt=x taylor=all about=a}', "f(x)=∑n=0∞f(n)(a)n!(x−a)n"],
    ['::formula{left="e^x" of="e^x" taylor=all}', "ex=∑n=0∞xnn!"],
    ['::formula{left="dy/dx" of="f(x)" wrt=x limit="Δx"}', "dydx=limΔx→0f(x+Δx)−f(x)Δx"],
    ['::formula{of="x^2 + 1" limit=h}', "limh→0(x+h)2+1−(x2+1)h"],
    ['::formula{of="½(y - w x)²" wrt=w step=eta}', "w←w−η(x(wx−y))"],
    ['::formula{of="u² + 3v²" wrt="u; v" step="0.1"}', "[uv]←[uv]−0.1[2u6v]"],
    ['::formula{left="r" of="max(0, w x)"}', "r=max(0,wx)"],
    ['::formula{of="relu(x)"}', "ReLU(x)"],
    ['::formula{of="ln(1+e^u)" taylor=2}', "0.6931472+0.5u+0.125u2"],
    ['::taylor{f="ln(1+u)" at=1 parts=polynomial}', /converges for \|u − 1\| &lt; 2: a logarithm at −1/],
    ['::formula{left="∇L" of="u² + 3v²" wrt="u; v"}', "∇L=[2u6v]"],
    ['::formula{left="σ\'(x)" of="σ(x)" wrt=x is="σ(x)(1-σ(x))"}', "σ′(x)=σ(x)(1−σ(x))"],
  ])("%s", async (block, text) => {
    expect((await draw(block)).problems).toEqual([]);
    const found = String(await latexOf(block));
    if (typeof text === "string") expect(found.replace(/[\s\u2061]/g, "")).toBe(text);
    else expect(found).toMatch(text);
  });
  it("of a gradient are proved one by one", async () => {
    const { problems } = await draw('::formula{of="u² + 3v²" wrt="u; v" is="2u; 5v"}');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("5v");
  });
});

describe("links", () => {
  it("lead to parts by the names of their headings", async () => {
    const { page, problems } = await draw(
      "# A\n\n## The loss: why $x$?\n\n## The loss: why $x$?\n\n[first](#the-loss-why) [second](#the-loss-why-1)\n",
    );
    expect(page).toContain('<h2 id="the-loss-why">');
    expect(page).toContain('<h2 id="the-loss-why-1">');
    expect(problems).toEqual([]);
  });
  it("to the file of a lesson lead to its page", async () => {
    const { lesson, page } = await draw(
      "[on](02-next.md#part), [off](https://x.example/a.md), [up](../a%20b.md)",
    );
    expect(page).toContain('href="02-next.html#part"');
    expect(page).toContain('href="https://x.example/a.md"');
    expect(page).toContain('href="../a%20b.html"');
    expect(lesson.links.map((l) => l.path)).toEqual(["02-next.md", "../a b.md"]);
    expect(lesson.problems).toEqual([]);
    const { problems } = await draw("# Part\n\n[here](#part) [data](data.csv)\n\n[page](02-next.html)");
    expect(problems).toEqual([
      expect.stringMatching(/^3: .*data\.csv/),
      expect.stringMatching(/^5: .*02-next\.html/),
    ]);
  });
});
