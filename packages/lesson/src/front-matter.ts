interface FrontMatter {
  /** The lesson without it; its lines keep their numbers. */
  readonly text: string;
  readonly title?: string;
}

/** Longer ones are none. */
const MOST_LINES = 200;
const LINE = /^([\w-]+[ \t]*:.*|[ \t#].*|-[ \t].*|)$/;
const TITLE = /^title[ \t]*:[ \t]*(?:"(.*)"|'(.*)'|(.*?))[ \t]*$/;

/**
 * What other tools ask for above a lesson, lines of “name: value” between two lines of three dashes, is taken off. Only the
 * title of it is used.
 */
export function frontMatter(markdown: string): FrontMatter {
  if (!/^---[ \t]*\r?\n/.test(markdown)) return { text: markdown };
  const lines = markdown.split("\n", MOST_LINES).map((l) => l.replace(/\r$/, ""));
  const end = lines.findIndex((l, i) => i > 0 && /^(---|\.\.\.)[ \t]*$/.test(l));
  const own = lines.slice(1, end);
  if (end < 0 || !own.every((l) => LINE.test(l))) return { text: markdown };
  const title = own.map((l) => TITLE.exec(l)?.slice(1).find(Boolean)).find((t) => t !== undefined);
  const text =
    "\n".repeat(end) +
    markdown
      .split("\n")
      .slice(end + 1)
      .join("\n");
  return title ? { text: `\n${text}`, title } : { text: `\n${text}` };
}
