import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { frontMatter } from "gradus-lesson";
import { UsageError } from "../errors.ts";

export interface LessonFile {
  /** Below the folder, with forward slashes, such as part1/chain-rule.md. */
  readonly path: string;
  readonly file: string;
}

const MOST_FILES = 1_000;
const SKIPPED = /^(\.|_|node_modules$)/;

/** The lessons of a folder and of those in it, in the order of their names. */
export const lessonsIn = (folder: string): LessonFile[] =>
  walk(folder).lessons.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));

/** The folder, and those in it. */
export const foldersIn = (folder: string): string[] => walk(folder).folders;

function walk(folder: string): { lessons: LessonFile[]; folders: string[] } {
  const lessons: LessonFile[] = [];
  const folders: string[] = [];
  const into = (below: string, depth: number): void => {
    folders.push(join(folder, below));
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      if (SKIPPED.test(entry.name) || lessons.length >= MOST_FILES) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && depth < 4) into(path, depth + 1);
      else if (entry.isFile() && /\.md$/i.test(entry.name)) lessons.push({ path, file: join(folder, path) });
    }
  };
  into("", 0);
  return { lessons, folders };
}

export function folderOf(given: string): string {
  const kind = statSync(given, { throwIfNoEntry: false });
  if (!kind) throw new UsageError(`there is no folder ${given}`);
  if (!kind.isDirectory()) throw new UsageError(`${given} is a file: give the folder that it is in`);
  return given;
}

/** A path as a page links it, from the folder. */
export const hrefOf = (path: string): string => pageOf(path).split("/").map(encodeURIComponent).join("/");

export const pageOf = (path: string): string => path.replace(/\.md$/i, ".html");

/** The way from a page up to the folder: "" or "../". */
export const baseOf = (path: string): string => "../".repeat(path.split("/").length - 1);

export interface Heading {
  readonly title: string;
  readonly summary: string;
}

/** What a lesson begins with is within so many bytes. */
const HEAD = 10_000;

/** The first heading of a lesson, and the first sentences after it: for the list. */
export function headingOf({ file, path }: LessonFile): Heading {
  const { text: head, title: above } = frontMatter(headOf(file));
  const lines = head.split(/\r?\n/);
  const at = lines.findIndex((l) => /^#\s+\S/.test(l));
  const title = at < 0 ? (above ?? path) : plain(lines[at].replace(/^#\s+/, ""));
  const first = lines.findIndex((l, i) => i > at && /^[\p{L}*_“"$]/u.test(l));
  if (first < 0) return { title, summary: "" };
  const paragraph = lines.slice(first).findIndex((l) => l.trim() === "");
  const text = lines.slice(first, paragraph < 0 ? undefined : first + paragraph).join(" ");
  return { title, summary: beginning(plain(text)) };
}

function headOf(file: string): string {
  const buffer = Buffer.alloc(HEAD);
  const opened = openSync(file, "r");
  try {
    return buffer.toString("utf8", 0, readSync(opened, buffer, 0, HEAD, 0)).replace(/^\uFEFF/, "");
  } finally {
    closeSync(opened);
  }
}

const plain = (markdown: string): string =>
  markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*`]|\b_|_\b/g, "")
    .replace(/\s+/g, " ")
    .trim();

const LONGEST_SUMMARY = 180;

/** Whole sentences, as far as there is room, without what only a page can show. */
function beginning(text: string): string {
  let found = "";
  for (const s of text.split(/(?<=[.!?:])\s+/)) {
    if (/:\w+\{/.test(s) || (found !== "" && found.length + s.length > LONGEST_SUMMARY)) break;
    found += ` ${s}`;
  }
  const whole = found.trim().replace(/:$/, ".");
  return whole.length > 2 * LONGEST_SUMMARY
    ? `${whole.slice(0, LONGEST_SUMMARY).replace(/\s\S*$/, "")} …`
    : whole;
}
