import { didYouMean } from "gradus/math";
import type { Element, ElementContent, Root as HtmlRoot, RootContent } from "hast";
import type { RootContent as MarkdownContent, Root } from "mdast";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import rehypeStringify from "rehype-stringify";
import remarkDirective from "remark-directive";
import remarkGfm from "remark-gfm";
import remarkMath from "remark-math";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";
import { SKIP, visit } from "unist-util-visit";
import type { Definition, Quantities } from "./attributes.ts";
import { ownPictures, partsOf, toPages } from "./beside.ts";
import { BLOCKS } from "./blocks/index.ts";
import { frontMatter } from "./front-matter.ts";
import { headings } from "./headings.ts";
import { linked } from "./quantities.ts";
import { rawOf, suspects, unread } from "./suspects.ts";

/** A live block of a lesson, or a formula of its text. */
export interface Block {
  readonly kind: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** On a line of its own. */
  readonly display: boolean;
  readonly line: number;
  /** The sliders that its attributes lead to: it follows them. */
  readonly uses: readonly string[];
  /** The computed quantities that it needs, each after those that it needs itself. */
  readonly defined: readonly Definition[];
}

export interface Problem {
  readonly line: number;
  readonly text: string;
}

/** A file beside the lesson; "" is the lesson itself. */
export interface Beside {
  readonly path: string;
  readonly line: number;
  /** The part of it that a link leads to. */
  readonly part?: string;
}

export interface Lesson {
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly quantities: Quantities;
  /** HTML of the text, cut where the blocks stand: one more piece than there are blocks. */
  readonly pieces: readonly string[];
  /** Pictures of the lesson's own folder. */
  readonly images: readonly Beside[];
  /** Lessons that it leads to. */
  readonly links: readonly Beside[];
  /** What a link may name after #: its headings, mostly. */
  readonly parts: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

const MOST_CHARACTERS = 500_000;
const MOST_BLOCKS = 400;
/** Deeper lists and quotes are no text; their trees would be too deep to walk. */
const DEEPEST = 100;

/** Marks the place of a block; private characters, taken out of what the author wrote. */
const [OPEN, CLOSE] = ["\uE000", "\uE001"];
/** On a line of its own it takes the place of the paragraph. */
const ALONE = "a";

interface Directive {
  readonly type: "textDirective" | "leafDirective" | "containerDirective";
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | null | undefined>> | null;
  readonly children: readonly unknown[];
}

/** A lesson that is only the reason why there is none. */
export const unreadable = (title: string, text: string): Lesson => ({
  title,
  blocks: [],
  quantities: new Map(),
  pieces: [],
  images: [],
  links: [],
  parts: new Set(),
  problems: [{ line: 1, text }],
});

/** Reads a lesson. What is wrong with it is told with its line; it is never thrown. */
export function readLesson(markdown: string, name = "Lesson"): Lesson {
  const problems: Problem[] = [];
  const { text: source, title } = frontMatter(readable(markdown, problems));
  const tree = unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkMath)
    .use(remarkDirective)
    .parse(source) as Root;
  const blocks: Block[] = [];
  const images: Beside[] = [];
  const links: Beside[] = [];
  const parts = new Set<string>();
  suspects(tree, source, problems);
  collect(tree, source, blocks, problems);
  entitled(tree, title);
  const { quantities, blocks: used } = linked(blocks, problems);
  const page = unified()
    .use(remarkRehype)
    // Only footnotes have names so far, and their links lead to them as they are.
    .use(rehypeSanitize, { ...defaultSchema, clobberPrefix: "" })
    .use(ownPictures, images, problems)
    .use(toPages, links, problems)
    .use(headings)
    .use(partsOf, parts)
    .use(scrollable)
    .use(sections)
    .runSync(tree) as HtmlRoot;
  const text = unified().use(rehypeStringify).stringify(page);
  const pieces = text.split(new RegExp(`(?:<p>)?${OPEN}${ALONE}\\d+${CLOSE}(?:</p>)?|${OPEN}\\d+${CLOSE}`));
  for (const l of links)
    if (l.path === "" && l.part !== undefined && !parts.has(l.part))
      problems.push({ line: l.line, text: noSuchPart(l.part, parts) });
  return {
    title: titleOf(tree) || name,
    blocks: used,
    quantities,
    pieces,
    images,
    links,
    parts,
    problems: problems.filter(
      (p, i) => problems.findIndex((q) => q.line === p.line && q.text === p.text) === i,
    ),
  };
}

/** What is wrong with a link to a part that is not there. */
export const noSuchPart = (part: string, parts: Iterable<string>, where = "this lesson"): string =>
  `the link leads to #${part.slice(0, 80)}: there is no such part in ${where}${didYouMean(part, parts) || "; a heading “The loss: why?” is #the-loss-why"}`;

/** A title above the lesson is its first heading, where the text has none. */
function entitled(tree: Root, title: string | undefined): void {
  if (title !== undefined && !tree.children.some((n) => n.type === "heading" && n.depth === 1))
    tree.children.unshift({ type: "heading", depth: 1, children: [{ type: "text", value: title }] });
}

function readable(markdown: string, problems: Problem[]): string {
  const text = markdown.replace(/^\uFEFF/, "").replace(/[\uE000\uE001\0]/g, "");
  const wrong = (why: string, line = 1) => {
    problems.push({ line, text: why });
    return "";
  };
  if (text.length > MOST_CHARACTERS)
    return wrong(`the lesson has ${text.length} characters: no more than ${MOST_CHARACTERS} are read`);
  const deep = text
    .split("\n")
    .findIndex((l) => (/^[\s>*+-]*/.exec(l)?.[0].replace(/\s/g, "").length ?? 0) > DEEPEST);
  if (deep >= 0) return wrong(`lists and quotes are nested more than ${DEEPEST} deep`, deep + 1);
  return text;
}

/** Blocks and formulas become marks; what a lesson may not hold is told. */
function collect(tree: Root, source: string, blocks: Block[], problems: Problem[]): void {
  const marked = (block: Omit<Block, "uses" | "defined">): string => {
    blocks.push({ ...block, uses: [], defined: [] });
    return `${OPEN}${block.display ? ALONE : ""}${blocks.length - 1}${CLOSE}`;
  };
  visit(tree, (node, index, parent) => {
    if (!parent || index === undefined) return;
    const line = node.position?.start.line ?? 1;
    const put = (text: string, alone: boolean) => {
      const word = { type: "text", value: text } as const;
      (parent.children as MarkdownContent[])[index] = alone ? { type: "paragraph", children: [word] } : word;
      return [SKIP, index + 1] as [typeof SKIP, number];
    };
    if (blocks.length >= MOST_BLOCKS) {
      if (blocks.length === MOST_BLOCKS) {
        problems.push({
          line,
          text: `there are more than ${MOST_BLOCKS} blocks and formulas: the rest is left out`,
        });
        marked({ kind: "math", attributes: { latex: "" }, display: false, line });
        return put(`${OPEN}${MOST_BLOCKS}${CLOSE}`, false);
      }
      if (/Directive$|ath$/.test(node.type)) return put("", false);
    }
    if (node.type === "math" || node.type === "inlineMath") {
      const display = node.type === "math";
      return put(
        marked({ kind: "math", attributes: { latex: (node as { value: string }).value }, display, line }),
        display,
      );
    }
    if (/Directive$/.test(node.type)) {
      const d = node as unknown as Directive;
      const raw = rawOf(node, source);
      // “at 10:30” and “note:this” are text.
      if (d.type === "textDirective" && !BLOCKS.has(d.name) && !raw.endsWith("}")) return put(raw, false);
      const after = source.slice(node.position?.end.offset);
      if (d.type === "textDirective" && !raw.endsWith("}") && /^[ \t]?\{/.test(after)) {
        problems.push({ line, text: unread(`:${d.name}{…}`, after.split("\n", 1)[0]) });
        return put(raw, false);
      }
      const mark = d.type === "textDirective" ? ":" : "::";
      if (d.type !== "containerDirective" && d.children.length > 0) {
        problems.push({
          line,
          text: `${mark}${d.name}[…]: what a block is about stands in braces, as in ${mark}${d.name}{…}`,
        });
        return put(raw, false);
      }
      if (d.type === "containerDirective")
        problems.push({
          line,
          text: `:::${d.name}: blocks hold no text; write ::${d.name}{…} with two colons`,
        });
      const display = d.type !== "textDirective";
      return put(marked({ kind: d.name, attributes: attributesOf(d), display, line }), display);
    }
    if (node.type === "html" && !/^<!--[\s\S]*-->$/.test((node as { value: string }).value.trim()))
      problems.push({ line, text: "HTML is not shown in a lesson: write Markdown" });
    return undefined;
  });
}

const attributesOf = (d: Directive): Record<string, string> =>
  Object.fromEntries(Object.entries(d.attributes ?? {}).map(([k, v]) => [k, v ?? ""]));

/** Long lines of code scroll by keys, too. */
function scrollable() {
  return (tree: HtmlRoot): void =>
    visit(tree, "element", (node) => {
      if (node.tagName === "pre") node.properties.tabIndex = 0;
    });
}

function titleOf(tree: Root): string {
  let title = "";
  visit(tree, "heading", (node) => {
    if (title !== "") return;
    visit(node, "text", (t) => {
      title += (t as { value: string }).value;
    });
  });
  return title
    .replace(/\uE000a?\d+\uE001/g, "")
    .trim()
    .slice(0, 200);
}

/** Each part from a heading to the next is a section: a slide, where slides are shown. */
function sections() {
  return (tree: HtmlRoot): void => {
    const made: Element[] = [];
    for (const node of tree.children) {
      const heads = node.type === "element" && /^h[12]$/.test(node.tagName);
      if (heads || made.length === 0)
        made.push({ type: "element", tagName: "section", properties: {}, children: [] });
      made[made.length - 1].children.push(node as ElementContent);
    }
    tree.children = made as RootContent[];
  };
}
