import { readFileSync, statSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { plainName } from "./names.ts";
import { complaint, decimalOf, numberIn } from "./numbers.ts";

interface Bad {
  readonly line: number;
  readonly text: string;
}

/** A table of numbers by column. A cell that is no number is NaN, and the first of a column is remembered. */
export interface Table {
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** The names of the columns by their headers in the file. */
  readonly names: ReadonlyMap<string, string>;
  readonly rows: number;
  /** Refuses a column that has a cell without a number. */
  require(name: string): void;
}

const DELIMITERS = [",", ";", "\t"];
/** Lines that are looked at to learn how numbers are written. */
const LOOKED_AT = 1000;

/** The cells of a line; "…" may hold the delimiter. */
function cellsOf(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter);
  const cells: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(line.slice(at));
    if (quoted) {
      cells.push(quoted[1].replaceAll('""', '"'));
      at += quoted[0].length + 1;
    } else {
      const end = line.indexOf(delimiter, at);
      cells.push(line.slice(at, end < 0 ? undefined : end));
      at = end < 0 ? line.length + 1 : end + 1;
    }
  }
  return cells;
}

interface Lines {
  readonly texts: string[];
  /** Of a line, where it began in the file, from 1. */
  numberOf(index: number): number;
}

/** Lines of a file; one that ends inside "…" goes on in the next. */
function linesOf(text: string): Lines {
  const parts = text.split(/\r\n|\n|\r/);
  while (parts.length > 0 && parts[parts.length - 1].trim() === "") parts.pop();
  if (!text.includes('"')) return { texts: parts, numberOf: (i) => i + 1 };
  const texts: string[] = [];
  const numbers: number[] = [];
  let open = false;
  parts.forEach((part, i) => {
    if (open) texts[texts.length - 1] += `\n${part}`;
    else {
      texts.push(part);
      numbers.push(i + 1);
    }
    if ((part.split('"').length - 1) % 2 === 1) open = !open;
  });
  return { texts, numberOf: (i) => numbers[i] };
}

/** Reads a CSV file as spreadsheets export it: a header, then numbers; commas, semicolons or tabs. */
export function readTable(file: string): Table {
  const { texts: lines, numberOf } = linesOf(textOf(file));
  const path = file === "-" ? "standard input" : file;
  if (lines.length === 0)
    throw new UsageError(`${path}: the file is empty: expected a header and rows of numbers`);
  // Excel's own first line, which tells the delimiter.
  const told = /^"?sep=(.)"?$/.exec(lines[0])?.[1];
  const top = told ? 1 : 0;
  const delimiter = told ?? mostCommon(lines[top] ?? "");
  const all = cellsOf(lines[top] ?? "", delimiter).map((name) => name.trim());
  // What a spreadsheet leaves behind right of the table.
  let width = all.length;
  while (width > 1 && all[width - 1] === "") width--;
  const header = all.slice(0, width);
  const sample = lines.slice(top + 1, top + LOOKED_AT).flatMap((l) => cellsOf(l, delimiter));
  const decimal = decimalOf(sample, delimiter);
  checkHeader(
    path,
    header,
    header.every((name) => !Number.isNaN(numberIn(name, decimal))),
  );
  // Of one column, an empty line is a missing cell; else it is none.
  const isRow = (line: string) => header.length === 1 || line.trim() !== "" || line.includes(delimiter);
  let rows = 0;
  for (let i = top + 1; i < lines.length; i++) if (isRow(lines[i])) rows++;
  if (rows === 0) throw new UsageError(`${path}: there are no rows below the header`);
  const columns = header.map(() => new Float64Array(rows));
  const bad: (Bad | undefined)[] = header.map(() => undefined);
  let row = 0;
  for (let i = top + 1; i < lines.length; i++) {
    if (!isRow(lines[i])) continue;
    const cells = cellsOf(lines[i], delimiter);
    while (cells.length > width && cells[cells.length - 1].trim() === "") cells.pop();
    if (cells.length !== width) throw new UsageError(wrongCount(path, numberOf(i), cells, header, delimiter));
    for (let c = 0; c < width; c++) {
      const value = numberIn(cells[c], decimal);
      columns[c][row] = value;
      if (Number.isNaN(value)) bad[c] ??= { line: numberOf(i), text: cells[c] };
    }
    row++;
  }
  const names = namesOf(header);
  return {
    columns: Object.fromEntries(names.map((name, i) => [name, columns[i]])),
    names: new Map(header.map((h, i) => [h, names[i]])),
    rows,
    require: (name) => {
      const c = names.indexOf(name);
      const found = bad[c];
      if (found)
        throw new UsageError(
          `${path}: line ${found.line}, column ${header[c]}: ${complaint(found.text, decimal)}`,
        );
    },
  };
}

const mostCommon = (line: string): string =>
  DELIMITERS.map((d) => [d, line.split(d).length] as const).sort((a, b) => b[1] - a[1])[0][0];

/** No two alike: of "Flow (l/s)" and "Flow (m³/s)" the second is Flow_2, by its column. */
function namesOf(header: readonly string[]): string[] {
  const names: string[] = [];
  for (const [i, h] of header.entries()) {
    const name = plainName(h, i + 1);
    const taken = names.includes(name) || (name !== h && header.includes(name));
    names.push(taken ? `${name}_${i + 1}` : name);
  }
  return names;
}

function wrongCount(
  path: string,
  line: number,
  { length }: readonly string[],
  header: readonly string[],
  delimiter: string,
): string {
  const hint =
    delimiter === "," && length > header.length ? "; decimal commas need semicolons between the cells" : "";
  return `${path}: line ${line} has ${length} ${length === 1 ? "cell" : "cells"}, the header has ${header.length}${hint}`;
}

/** UTF-8, UTF-16 as Excel saves "Unicode text", or the letters of Windows in the West; a BOM is dropped. */
function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function textOf(path: string): string {
  try {
    if (path !== "-" && statSync(path).size > 2 ** 29 - 24)
      throw new UsageError(`${path}: files of up to 512 MB can be read; take a part of the rows`);
    return decoded(readFileSync(path === "-" ? 0 : path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path}: the file cannot be read`);
  }
}

function checkHeader(path: string, header: readonly string[], onlyNumbers: boolean): void {
  if (onlyNumbers)
    throw new UsageError(
      `${path}: the first line has only numbers: expected a header with a name for each column, such as x,y`,
    );
  for (const [i, name] of header.entries()) {
    if (name === "") throw new UsageError(`${path}: column ${i + 1} has no name in the header`);
    if (header.indexOf(name) !== i) throw new UsageError(`${path}: two columns are named ${name}`);
  }
}
