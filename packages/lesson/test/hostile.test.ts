import fc from "fast-check";
import { type DefaultTreeAdapterMap, parse } from "parse5";
import { describe, expect, it } from "vitest";
import { lessonPage } from "../src/page.ts";
import { readLesson } from "../src/read.ts";
import { renderBlock } from "../src/render.ts";
import { strangers } from "./strangers.ts";

type Node = DefaultTreeAdapterMap["node"];
type Element = DefaultTreeAdapterMap["element"];

/** The elements of a page as a browser reads it. */
function* elements(node: Node): Generator<Element> {
  if ("tagName" in node) yield node;
  if ("content" in node) yield* elements(node.content as Node);
  if ("childNodes" in node) for (const child of node.childNodes) yield* elements(child);
}

/** Elements that a page of a lesson is made of; SVG and MathML are told by their names. */
const KNOWN = new Set(
  (
    "html head meta title link body header main section nav a span small b i p br h1 h2 h3 h4 h5 h6 ul ol li blockquote pre " +
    "code em strong del hr table thead tbody tr th td img sup sub details summary div figure label input output button script " +
    "svg g path rect text circle polyline line tspan"
  ).split(" "),
);
const STYLE =
  /^(--w:\d+(\.\d+)?;--h:\d+(\.\d+)?|min-width:\d+px|[a-z-]+:[-\w.%# ]*(;[a-z-]+:[-\w.%# ]*)*;?)$/;

async function pageOf(markdown: string): Promise<string> {
  const read = readLesson(markdown);
  const rendered = [];
  for (const b of read.blocks) rendered.push(await renderBlock(b, read.quantities));
  return lessonPage(read, rendered);
}

function harmless(page: string): void {
  let scripts = 0;
  for (const { tagName, attrs, namespaceURI } of elements(parse(page))) {
    if (!namespaceURI.endsWith("MathML")) expect(KNOWN, tagName).toContain(tagName);
    for (const { name, value } of attrs) {
      expect(name).not.toMatch(/^on/i);
      if (name === "style") expect(value).toMatch(STYLE);
      if (name === "http-equiv") expect(value).toBe("Content-Security-Policy");
      if (/^(xlink:)?href$/.test(name))
        expect(value.replace(/^[^a-z]+/i, "")).not.toMatch(
          /^(javascript|data|vbscript|blob|file|filesystem|view-source)\s*:/i,
        );
      if (name === "href" && tagName === "link") expect(value).toMatch(/^_gradus\//);
      if (name === "src")
        expect(value).toMatch(
          tagName === "script" ? /^_gradus\/live\.js$/ : /^[\p{L}\p{N}_][\p{L}\p{N}_ .%/-]*$/u,
        );
      expect(["srcset", "srcdoc", "action", "formaction", "ping", "background", "poster"]).not.toContain(
        name,
      );
    }
    if (tagName === "script") scripts++;
  }
  expect(scripts).toBe(1);
}

describe("a thousand lessons from strangers", () => {
  it("are a thousand different ones", () => {
    expect(new Set(strangers.map((s) => s.markdown)).size).toBeGreaterThanOrEqual(1200);
  });
  it("run nothing, load nothing from elsewhere, and are drawn at once, with what stands after", async () => {
    for (const { name, markdown } of strangers) {
      const page = await pageOf(markdown);
      try {
        harmless(page);
        // Some shapes are refused as a whole, some are one block to their end.
        if (!name.startsWith("shape")) expect(page).toContain("still here");
      } catch (error) {
        throw new Error(`${name}: ${markdown.slice(0, 200)}`, { cause: error });
      }
    }
  }, 300_000);
  it("are as harmless in any mixture", async () => {
    const piece = fc.oneof(
      fc.constantFrom(...strangers.filter((s) => s.markdown.length < 2_000).map((s) => s.markdown)),
      fc.string({ unit: "binary", maxLength: 30 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 5 }),
        fc.constantFrom("\n\n", "\n", " "),
        async (parts, between) => harmless(await pageOf(parts.join(between))),
      ),
      { numRuns: 300 },
    );
  }, 300_000);
});
