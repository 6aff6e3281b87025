/** What other tools ask for above a lesson: lines of “name: value” between two lines of three dashes. */
const FRONT =
  /^---[ \t]*\r?\n((?:[\w-]+[ \t]*:.*\r?\n|[ \t#].*\r?\n|-[ \t].*\r?\n|\r?\n)*?)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;

interface FrontMatter {
  /** The lesson without it; its lines keep their numbers. */
  readonly text: string;
  readonly title?: string;
}

/** Only the title of it is used. */
export function frontMatter(markdown: string): FrontMatter {
  const found = FRONT.exec(markdown);
  if (!found) return { text: markdown };
  const title = /^title[ \t]*:[ \t]*(?:"(.*)"|'(.*)'|(.*?))[ \t]*\r?$/m
    .exec(found[1])
    ?.slice(1)
    .find(Boolean);
  const text = found[0].replace(/[^\r\n]/g, "") + markdown.slice(found[0].length);
  return title ? { text, title } : { text };
}
