import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../errors.ts";

export interface LessonFile {
  /** Below the folder, with forward slashes, such as part1/chain-rule.md. */
  readonly path: string;
  readonly file: string;
}

const MOST_FILES = 1_000;
const SKIPPED = /^(\.|_|node_modules$)/;

/** The lessons of a folder and of those in it, in the order of their names. */
export function lessonsIn(folder: string): LessonFile[] {
  const found: LessonFile[] = [];
  const walk = (below: string, depth: number): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      if (SKIPPED.test(entry.name) || found.length >= MOST_FILES) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && depth < 4) walk(path, depth + 1);
      else if (entry.isFile() && /\.md$/i.test(entry.name)) found.push({ path, file: join(folder, path) });
    }
  };
  walk("", 0);
  return found.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}

export function folderOf(given: string): string {
  const kind = statSync(given, { throwIfNoEntry: false });
  if (!kind) throw new UsageError(`there is no folder ${given}`);
  if (!kind.isDirectory()) throw new UsageError(`${given} is a file: give the folder that it is in`);
  return given;
}

export const pageOf = (path: string): string => path.replace(/\.md$/i, ".html");

/** The way from a page up to the folder: "" or "../". */
export const baseOf = (path: string): string => "../".repeat(path.split("/").length - 1);

export interface Heading {
  readonly title: string;
  readonly summary: string;
}

/** The first heading of a lesson, and the first words after it: for the list. */
export function headingOf({ file, path }: LessonFile): Heading {
  const lines = readFileSync(file, "utf8").slice(0, 10_000).split(/\r?\n/);
  const at = lines.findIndex((l) => /^#\s+\S/.test(l));
  const title = at < 0 ? path : lines[at].replace(/^#\s+/, "");
  const after = lines.slice(at + 1).find((l) => /^[\p{L}*_“"]/u.test(l)) ?? "";
  const plain = after
    .replace(/[*_`]|:\w+\{[^}]*\}|\$[^$]*\$/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return { title, summary: plain.length > 140 ? `${plain.slice(0, 140).replace(/\s\S*$/, "")} …` : plain };
}
