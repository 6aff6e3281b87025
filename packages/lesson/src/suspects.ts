import type { Nodes, Root } from "mdast";
import { visit } from "unist-util-visit";
import { BLOCKS } from "./blocks/index.ts";
import type { Problem } from "./read.ts";

/** In running text: what looks as if it should have been a block. */
const LOOKS = /(?<![\\\p{L}\p{N}:])(:{1,4})([ \t]?)([a-z]{3,12})([ \t]?)([{([]?)/gu;

/** Tells what Markdown shows as plain text, or swallows, though its author meant something else. */
export function suspects(tree: Root, source: string, problems: Problem[]): void {
  visit(tree, (node) => {
    const start = node.position?.start;
    if (!start) return;
    const raw = rawOf(node, source);
    const tell = (text: string, line = start.line) => problems.push({ line, text });
    const unclosed = (what: string, mark: string) => {
      const [, ...after] = raw.trimEnd().split(/\r?\n/);
      if (!(after.at(-1) ?? "").replace(/^[\s>]*/, "").startsWith(mark))
        tell(`the ${what} that begins here is not closed: end it with a line ${mark}`);
    };
    if (node.type === "text")
      for (const found of raw.matchAll(LOOKS)) {
        const text = mend(found, source, (start.offset ?? 0) + found.index);
        if (text !== undefined) tell(text, start.line + raw.slice(0, found.index).split("\n").length - 1);
      }
    if (node.type === "math") unclosed("formula", "$$");
    if (node.type !== "code") return;
    const fence = /^(```|~~~)/.exec(raw)?.[0];
    if (fence) unclosed("code", fence);
    else if (/^:{1,2}[a-z]+\{/m.test(node.value))
      tell("spaces or a tab at the start of a line make code of it: remove them, and the block is drawn");
  });
}

/** What the author wrote. */
export const rawOf = (node: Nodes, source: string): string =>
  source.slice(node.position?.start.offset, node.position?.end.offset);

/** How to write it, where it must have been meant as a block. */
function mend(
  [all, colons, before, name, after, bracket]: RegExpExecArray,
  source: string,
  at: number,
): string | undefined {
  const kind = BLOCKS.get(name);
  if (!kind) return undefined;
  const alone = colons.length > 1;
  const right = `${alone ? "::" : ":"}${name}{…}`;
  const spaced = before + after !== "";
  if (bracket === "{" && spaced) return unread(right, " ");
  if (spaced || (bracket === "" && !alone)) return undefined;
  if (bracket === "(" || bracket === "[")
    return alone ? `${all}…: what a block is about stands in braces, as in ${right}` : undefined;
  const [from, to] = [source.lastIndexOf("\n", at) + 1, source.indexOf("\n", at)];
  const line = source.slice(from, to < 0 ? undefined : to);
  const beside = source.slice(from, at).replace(/[\s>]/g, "") + line.slice(line.lastIndexOf("}") + 1).trim();
  if (alone && bracket === "{" ? line.includes("}") && beside !== "" : alone)
    return `::${name} stands on a line of its own${kind.place === "either" ? `; in the text write :${name}{…}` : ""}`;
  return unread(right, line);
}

/** Braces that are not read as the attributes of a block. */
export const unread = (block: string, line: string): string =>
  /^\s/.test(line)
    ? `write ${block} without a space before the brace`
    : `${block} cannot be read: write name="…" for each thing in the braces, with spaces between them, ${/[“”„‘’«»]/.test(line) ? "and straight quotes" : "and close each quote and each brace"}`;
