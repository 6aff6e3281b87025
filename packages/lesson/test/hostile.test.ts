import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lessonPage } from "../src/page.ts";
import { readLesson } from "../src/read.ts";
import { renderBlock } from "../src/render.ts";

/** What breaks out of pages elsewhere; in text and in the braces of blocks. */
const TEXTS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<iframe src=javascript:alert(1)>",
  '<a href="javascript:alert(1)" onclick="alert(1)">x</a>',
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "![x](https://elsewhere.example/x.png)",
  "![x](../../etc/passwd)",
  '![x](x.png "onerror=alert(1)")',
  "$\\href{javascript:alert(1)}{x}$",
  "$\\html{<script>}$",
  "$\\def\\a{\\a\\a}\\a$",
  "$</annotation><script>alert(1)</script>$",
  "```html\n<script>alert(1)</script>\n```",
  "{onclick=alert(1)}",
  "# x {onclick=alert(1)}",
  "\uE000a0\uE001",
  "\u0000",
  "[^1]\n\n[^1]: <script>alert(1)</script>",
  "| a |\n|---|\n| <script>alert(1)</script> |",
  "<style>*{display:none}</style>",
  "<base href=https://elsewhere.example>",
  "<meta http-equiv=refresh content=0>",
];
const VALUES = [
  "x",
  "<script>alert(1)</script>",
  '\\" onload=alert(1) x=\\"',
  "x' onload='alert(1)",
  "</span><script>alert(1)</script>",
  "x^(10^10^10)",
  "99999!",
  "((((((((((((((((((((((((((",
  "constructor",
  "__proto__",
  "1e999",
  "-1",
  "e^e^e^e^x",
  "sum(i, i, 1, 10^9)",
  "sin(x",
  "a=1,b=2",
];
const KINDS = [
  "value",
  "formula",
  "slider",
  "plot",
  "derive",
  "taylor",
  "graph",
  "descend",
  "neuron",
  "table",
  "script",
  "x",
];
const NAMES = [
  "f",
  "of",
  "wrt",
  "at",
  "from",
  "to",
  "order",
  "steps",
  "name",
  "value",
  "title",
  "label",
  "left",
  "lines",
  "onclick",
  "style",
  "class",
  "id",
  "rate",
  "methods",
  "parts",
  "point",
];

const block = fc
  .record({
    colons: fc.constantFrom(":", "::", ":::"),
    kind: fc.constantFrom(...KINDS),
    given: fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), { maxLength: 4 }),
  })
  .map(({ colons, kind, given }) => `${colons}${kind}{${given.map(([n, v]) => `${n}="${v}"`).join(" ")}}`);
const lesson = fc.array(
  fc.oneof(fc.constantFrom(...TEXTS), block, fc.string({ unit: "binary", maxLength: 20 })),
  {
    minLength: 1,
    maxLength: 5,
  },
);

/** The tags of a page that is well formed, as the writers make it: every value in double quotes. */
function* tags(html: string): Generator<{ name: string; attributes: [string, string][] }> {
  for (const [, name, rest] of html.matchAll(/<([a-zA-Z][^\s/>]*)((?:\s+[^\s=/>]+(?:="[^"]*")?)*)\s*\/?>/g))
    yield {
      name: name.toLowerCase(),
      attributes: [...rest.matchAll(/([^\s=/>]+)(?:="([^"]*)")?/g)].map((m) => [
        m[1].toLowerCase(),
        m[2] ?? "",
      ]),
    };
}

describe("a lesson from a stranger", () => {
  it("runs nothing, loads nothing from elsewhere, and is drawn at once", async () => {
    await fc.assert(
      fc.asyncProperty(lesson, async (parts) => {
        const read = readLesson(parts.join("\n\n"));
        const rendered = [];
        for (const b of read.blocks) rendered.push(await renderBlock(b, read.quantities));
        const page = lessonPage(read, rendered);
        const scripts = [];
        for (const { name, attributes } of tags(page)) {
          if (name === "script") scripts.push(attributes.find(([n]) => n === "src")?.[1]);
          expect(["iframe", "object", "embed", "base", "form"]).not.toContain(name);
          for (const [attribute, value] of attributes) {
            expect(attribute).not.toMatch(/^on/);
            if (attribute === "href" || attribute === "src" || attribute === "xlink:href") {
              expect(value).not.toMatch(/^\s*(javascript|data|vbscript):/i);
              if (attribute === "src") expect(value).not.toMatch(/^(\w+:)?\/\/|^\w+:|\.\.\//);
            }
          }
        }
        expect(scripts).toEqual(["_gradus/live.js"]);
        expect(page.match(/<script/gi)?.length).toBe(1);
      }),
      { numRuns: 1000 },
    );
  }, 120_000);
});
