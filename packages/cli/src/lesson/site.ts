import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { indexPage, lessonPage, lessonStyle } from "gradus-lesson";
import { UsageError } from "../errors.ts";
import { baseOf, headingOf, type LessonFile, lessonsIn, pageOf } from "./folder.ts";
import type { LessonRenderer } from "./renderer.ts";

export const ASSETS = "_gradus";

/** Script, font and icon of the pages, beside the bundled command. */
const built = fileURLToPath(new URL("./lesson", import.meta.url));

export function assetsFolder(): string {
  if (!existsSync(built)) throw new UsageError("the pages of lessons are not built: run npm run build");
  return built;
}

/** A line for each thing that is wrong, with the place in the source. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export interface Page {
  readonly html: string;
  readonly findings: readonly Finding[];
  readonly blocks: number;
  readonly images: readonly string[];
}

export async function drawPage(l: LessonFile, renderer: LessonRenderer, reload: boolean): Promise<Page> {
  const { lesson, rendered } = await renderer.draw(readFileSync(l.file, "utf8"));
  const inText = lesson.problems.map((p) => ({ path: l.path, line: p.line, text: p.text }));
  const inBlocks = rendered.flatMap((r, i) =>
    r.problems.map((text) => ({
      path: l.path,
      line: lesson.blocks[i].line,
      text: `${lesson.blocks[i].kind}: ${text}`,
    })),
  );
  return {
    html: lessonPage(lesson, rendered, { base: baseOf(l.path), reload }),
    findings: [...inText, ...inBlocks].sort((a, b) => a.line - b.line),
    blocks: lesson.blocks.length,
    images: lesson.images,
  };
}

export const indexOf = (folder: string, reload: boolean): string =>
  indexPage(
    lessonsIn(folder).map((l) => ({ href: pageOf(l.path), ...headingOf(l) })),
    reload,
  );

/** Writes the pages of a folder to another: static files that need no server. */
export async function buildSite(folder: string, out: string, renderer: LessonRenderer): Promise<Page[]> {
  const lessons = lessonsIn(folder);
  if (lessons.length === 0)
    throw new UsageError(`there is no lesson in ${folder}: a lesson is a file that ends in .md`);
  prepare(folder, out);
  const pages: Page[] = [];
  for (const l of lessons) {
    const page = await drawPage(l, renderer, false);
    pages.push(page);
    write(join(out, pageOf(l.path)), page.html);
    for (const image of page.images) copyImage(folder, dirname(l.path), image, out);
  }
  write(join(out, "index.html"), indexOf(folder, false));
  cpSync(assetsFolder(), join(out, ASSETS), { recursive: true });
  write(join(out, ASSETS, "lesson.css"), lessonStyle);
  return pages;
}

/** An earlier build is replaced; a folder with anything else in it is left alone. */
function prepare(folder: string, out: string): void {
  if (!existsSync(out)) return;
  if (
    realpathSync(out) === realpathSync(folder) ||
    `${realpathSync(folder)}${sep}`.startsWith(`${realpathSync(out)}${sep}`)
  )
    throw new UsageError(`--out ${out} holds the lessons themselves: choose another folder`);
  if (readdirSync(out).length === 0) return;
  if (!existsSync(join(out, ASSETS)))
    throw new UsageError(`--out ${out} has files in it that are no lessons’ pages: choose an empty folder`);
  rmSync(out, { recursive: true });
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Pictures of the folder go with the pages; a link that leads out of it does not. */
function copyImage(folder: string, below: string, image: string, out: string): void {
  const from = resolve(folder, below, image);
  if (!existsSync(from) || !realpathSync(from).startsWith(realpathSync(folder) + sep)) return;
  const to = join(out, below, image);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(realpathSync(from), to);
}
