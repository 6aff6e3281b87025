import type { Element, Root } from "hast";
import { visit } from "unist-util-visit";

/** The words of an element, without the marks of formulas in it. */
function wordsOf(node: Element): string {
  let words = "";
  visit(node, "text", (t) => {
    words += t.value;
  });
  return words.replace(/\uE000a?\d+\uE001/g, " ");
}

/** As on the pages where Markdown is most read: “The loss: why?” is the-loss-why. */
const slug = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s+/g, "-");

/** Headings get names, so that a link may lead to a part. */
export function headings() {
  return (tree: Root): void => {
    const taken = new Set<string>();
    visit(tree, "element", (node) => {
      const { id } = node.properties;
      if (id) taken.add(String(id));
      if (!/^h[1-6]$/.test(node.tagName) || id) return;
      const name = slug(wordsOf(node)) || "part";
      let free = name;
      for (let i = 1; taken.has(free); i++) free = `${name}-${i}`;
      taken.add(free);
      node.properties.id = free;
    });
  };
}
