import { formula } from "./formula.ts";
import { escaped } from "./html.ts";
import type { Block, Lesson } from "./read.ts";
import type { RenderedBlock } from "./render.ts";

/** What a page of a lesson may do: its own script, no evaluation of text, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

const ASSETS = "_gradus";

interface PageOptions {
  readonly title: string;
  readonly body: string;
  /** Up to the folder of the assets: "" or "../". */
  readonly base: string;
  readonly live?: boolean;
  /** The page asks the server whether its source has changed. */
  readonly reload?: boolean;
}

function pageOf({ title, body, base, live, reload }: PageOptions): string {
  const at = `${base}${ASSETS}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="${at}/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${at}/lesson.css">
</head>
<body>
${body}
${live || reload ? `<script src="${at}/live.js" data-work="${at}/work.js"${reload ? " data-reload" : ""} defer></script>` : ""}
</body>
</html>
`;
}

/** A lesson beside this one. */
interface Neighbour {
  readonly href: string;
  readonly title: string;
}

interface LessonPage {
  readonly base?: string;
  readonly reload?: boolean;
  readonly before?: Neighbour;
  readonly after?: Neighbour;
}

/** A whole page: the text with its blocks drawn, and what makes them live. */
export function lessonPage(
  lesson: Lesson,
  rendered: readonly RenderedBlock[],
  { base = "", reload = false, before, after }: LessonPage = {},
): string {
  const text = lesson.pieces
    .map((piece, i) => piece + (lesson.blocks[i] ? placed(lesson.blocks[i], rendered[i].html) : ""))
    .join("");
  const notes = lesson.problems
    .map((p) => `<p class="problem" role="note">line ${p.line}: ${escaped(p.text)}</p>`)
    .join("");
  const body = `<header class="bar"><a href="./${base}index.html">Lessons</a><span class="name">${escaped(lesson.title)}</span><span class="count" data-act="count" aria-live="polite" hidden></span><button type="button" data-act="before" hidden>Back</button><button type="button" data-act="next" hidden>Next</button><button type="button" data-act="slides" title="key s">Slides</button></header>
<main>${notes}${text}${neighbours(before, after)}</main>`;
  return pageOf({ title: lesson.title, body, base, live: true, reload });
}

function neighbours(before: Neighbour | undefined, after: Neighbour | undefined): string {
  if (!before && !after) return "";
  const link = (n: Neighbour | undefined, rel: string, word: string) =>
    n
      ? `<a rel="${rel}" href="./${escaped(n.href)}"><small>${word}</small>${heading(n.title)}</a>`
      : "<span></span>";
  return `<nav class="neighbours" aria-label="other lessons">${link(before, "prev", "Before")}${link(after, "next", "Next lesson")}</nav>`;
}

/** Longer ones are not read in a heading. */
const LONGEST_FORMULA = 200;

/** A line of text with formulas between dollar signs. */
const heading = (text: string): string =>
  text
    .split(/\$([^$]+)\$/)
    .map((part, i) => (i % 2 === 0 || part.length > LONGEST_FORMULA ? escaped(part) : typeset(part)))
    .join("");

function typeset(latex: string): string {
  try {
    return formula(latex).html;
  } catch {
    return escaped(latex);
  }
}

/** A block with what a page needs to draw it anew. */
function placed(block: Block, content: string): string {
  const tag = block.display ? "div" : "span";
  if (block.kind === "math")
    return block.display ? `<div class="display" tabindex="0">${content}</div>` : content;
  const look = block.display
    ? block.kind === "formula"
      ? ' class="display" tabindex="0"'
      : ' class="block"'
    : "";
  // Pictures are drawn anew where a page has less room, and steps where a reader plays them.
  if (block.uses.length === 0 && !/<figure class="picture"|<div class="player"/.test(content))
    return `<${tag}${look}>${content}</${tag}>`;
  const spec = escaped(
    JSON.stringify({
      kind: block.kind,
      attributes: block.attributes,
      display: block.display,
      ...(block.defined.length > 0 ? { defined: block.defined } : {}),
    }),
  );
  return `<${tag}${look} data-uses="${escaped(block.uses.join(" "))}" data-block="${spec}">${content}</${tag}>`;
}

export interface LessonEntry {
  readonly href: string;
  readonly title: string;
  readonly summary: string;
}

/** The list of the lessons of a folder. */
export function indexPage(entries: readonly LessonEntry[], reload = false): string {
  const list = entries
    .map(
      (e) =>
        `<li><a href="${escaped(e.href)}"><b>${heading(e.title)}</b>${e.summary ? `<br>${heading(e.summary)}` : ""}</a></li>`,
    )
    .join("\n");
  const body = `<main><h1>Lessons</h1><ul class="lessons">${list}</ul>${entries.length === 0 ? "<p>There is no lesson in this folder yet: write one in a file that ends in .md.</p>" : ""}</main>`;
  return pageOf({ title: "Lessons", body, base: "", reload });
}
