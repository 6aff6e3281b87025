import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { indexPage, type Lesson, lessonPage, lessonStyle, noSuchPart, unreadable } from "gradus-lesson";
import { UsageError } from "../errors.ts";
import { baseOf, headingOf, hrefOf, type LessonFile, lessonsIn, pageOf } from "./folder.ts";
import { whatIsWrongWith } from "./picture.ts";
import type { LessonRenderer } from "./renderer.ts";
import { readText } from "./text.ts";

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
  /** Below the folder of the lesson. */
  readonly images: readonly string[];
}

interface DrawOptions {
  readonly folder: string;
  /** All lessons of the folder: the page links those beside it. */
  readonly all: readonly LessonFile[];
  readonly reload?: boolean;
}

export async function drawPage(
  l: LessonFile,
  renderer: LessonRenderer,
  { folder, all, reload = false }: DrawOptions,
): Promise<Page> {
  const { text, problem } = readText(l.file);
  const { lesson, rendered } =
    text === undefined
      ? { lesson: unreadable(l.path, problem as string), rendered: [] }
      : await renderer.draw(text, l.path);
  const inText = lesson.problems.map((p) => ({ path: l.path, line: p.line, text: p.text }));
  const inBlocks = rendered.flatMap((r, i) =>
    r.problems.map((wrong) => ({
      path: l.path,
      line: lesson.blocks[i].line,
      text: `${lesson.blocks[i].kind}: ${wrong}`,
    })),
  );
  const images = lesson.images.map((i) => ({
    ...i,
    problem: whatIsWrongWith(folder, dirname(l.path), i.path),
  }));
  const inImages = images.flatMap((i) =>
    i.problem === undefined
      ? []
      : [{ path: l.path, line: i.line, text: `the picture ${i.path} ${i.problem}` }],
  );
  const inLinks = await brokenLinks(l, lesson, all, renderer);
  const at = all.findIndex((o) => o.path === l.path);
  const beside = (o: LessonFile | undefined) =>
    o && { href: baseOf(l.path) + hrefOf(o.path), title: headingOf(o).title };
  return {
    html: lessonPage(lesson, rendered, {
      base: baseOf(l.path),
      reload,
      before: beside(all[at - 1]),
      after: beside(all[at + 1]),
    }),
    findings: [...inText, ...inBlocks, ...inImages, ...inLinks].sort((a, b) => a.line - b.line),
    blocks: lesson.blocks.length,
    images: images.filter((i) => i.problem === undefined).map((i) => i.path),
  };
}

/** Links to lessons that are not there, or to parts that they do not have. */
async function brokenLinks(
  from: LessonFile,
  lesson: Lesson,
  all: readonly LessonFile[],
  renderer: LessonRenderer,
): Promise<Finding[]> {
  const found: Finding[] = [];
  const parts = new Map<string, ReadonlySet<string>>();
  for (const { path, part, line } of lesson.links) {
    if (path === "") continue;
    const tell = (text: string) => found.push({ path: from.path, line, text });
    const target = all.find((o) => o.path === posix.join(posix.dirname(from.path), path));
    if (!target) tell(`the link leads to ${path}: there is no such lesson`);
    if (!target || part === undefined) continue;
    const { text } = readText(target.file);
    // What is wrong with the other lesson itself is told there.
    if (text === undefined) continue;
    const its = parts.get(path) ?? (await renderer.read(text, target.path)).parts;
    parts.set(path, its);
    if (!its.has(part)) tell(noSuchPart(part, its, path));
  }
  return found;
}

export const indexOf = (all: readonly LessonFile[], reload: boolean): string =>
  indexPage(
    all.map((l) => ({ href: `./${hrefOf(l.path)}`, ...headingOf(l) })),
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
    const page = await drawPage(l, renderer, { folder, all: lessons });
    pages.push(page);
    write(join(out, pageOf(l.path)), page.html);
    for (const image of page.images) copyImage(folder, dirname(l.path), image, out);
  }
  write(join(out, "index.html"), indexOf(lessons, false));
  cpSync(assetsFolder(), join(out, ASSETS), { recursive: true });
  write(join(out, ASSETS, "lesson.css"), lessonStyle);
  return pages;
}

/** An earlier build is replaced; a folder with anything else in it is left alone. */
function prepare(folder: string, out: string): void {
  if (!existsSync(out)) return made(out);
  if (!statSync(out).isDirectory()) throw new UsageError(`--out ${out} is a file: choose a folder`);
  if (
    realpathSync(out) === realpathSync(folder) ||
    `${realpathSync(folder)}${sep}`.startsWith(`${realpathSync(out)}${sep}`)
  )
    throw new UsageError(`--out ${out} holds the lessons themselves: choose another folder`);
  if (readdirSync(out).length === 0) return;
  if (!existsSync(join(out, ASSETS)))
    throw new UsageError(`--out ${out} has files in it that are no lessons’ pages: choose an empty folder`);
  rmSync(out, { recursive: true });
  made(out);
}

/** Before anything is drawn, so that what is wrong with the place is told at once. */
function made(out: string): void {
  try {
    // Where the parent cannot hold a folder, Node tries for ever to make both.
    mkdirSync(out, { recursive: !existsSync(dirname(out)) });
  } catch (error) {
    throw new UsageError(`--out ${out} cannot be made: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Pictures of the folder go with the pages. */
function copyImage(folder: string, below: string, image: string, out: string): void {
  const to = join(out, below, image);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(realpathSync(resolve(folder, below, image)), to);
}
