import { readFileSync, statSync } from "node:fs";
import { UsageError } from "./errors.ts";

interface Bad {
  readonly line: number;
  readonly text: string;
}

/** A table of numbers by column. A cell that is no number is NaN, and the first of a column is remembered. */
export interface Table {
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly rows: number;
  /** Refuses a column that has a cell without a number. */
  require(name: string): void;
}

const DELIMITERS = [",", ";", "\t"];

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

/** A number as spreadsheets write it: 1.5, 1e-3; with decimal commas 1,5 and 1.234,5. */
function numberIn(cell: string, decimalComma: boolean): number {
  const text = cell.trim();
  if (text === "") return Number.NaN;
  const value = written(text, decimalComma);
  return Number.isFinite(value) ? value : Number.NaN;
}

function written(text: string, decimalComma: boolean): number {
  if (!decimalComma) return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!/^[+-]?(\d{1,3}(\.\d{3})+|\d*)(,\d*)?([eE][+-]?\d+)?$/.test(text) || !/\d/.test(text))
    return /^[+-]?\d+\.\d+([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number(text.replaceAll(".", "").replace(",", "."));
}

/** Reads a CSV file as spreadsheets export it: a header, then numbers; commas, semicolons or tabs. */
export function readTable(path: string): Table {
  const lines = textOf(path).split(/\r\n|\n|\r/);
  while (lines.length > 0 && lines[lines.length - 1].trim() === "") lines.pop();
  if (lines.length === 0)
    throw new UsageError(`${path}: the file is empty: expected a header and rows of numbers`);
  const delimiter = DELIMITERS.map((d) => [d, lines[0].split(d).length] as const).sort(
    (a, b) => b[1] - a[1],
  )[0][0];
  const header = cellsOf(lines[0], delimiter).map((name) => name.trim());
  const decimalComma = delimiter !== "," && lines.slice(1, 200).some((l) => /\d,\d/.test(l));
  checkHeader(path, header, decimalComma);
  // Of one column, an empty line is a missing cell; else it is none.
  const isRow = (line: string) => header.length === 1 || line.trim() !== "" || line.includes(delimiter);
  let rows = 0;
  for (let i = 1; i < lines.length; i++) if (isRow(lines[i])) rows++;
  if (rows === 0) throw new UsageError(`${path}: there are no rows below the header`);
  const columns = header.map(() => new Float64Array(rows));
  const bad: (Bad | undefined)[] = header.map(() => undefined);
  let row = 0;
  for (let i = 1; i < lines.length; i++) {
    if (!isRow(lines[i])) continue;
    const cells = cellsOf(lines[i], delimiter);
    if (cells.length !== header.length)
      throw new UsageError(wrongCount(path, i + 1, cells, header, delimiter));
    for (let c = 0; c < header.length; c++) {
      const value = numberIn(cells[c], decimalComma);
      columns[c][row] = value;
      if (Number.isNaN(value)) bad[c] ??= { line: i + 1, text: cells[c].trim() };
    }
    row++;
  }
  return {
    columns: Object.fromEntries(header.map((name, i) => [name, columns[i]])),
    rows,
    require: (name) => {
      const found = bad[header.indexOf(name)];
      if (found)
        throw new UsageError(
          `${path}: line ${found.line}, column ${name}: ${found.text === "" ? "the cell is empty: fill it, or leave the row out" : `expected a number, got "${found.text}"`}`,
        );
    },
  };
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

function checkHeader(path: string, header: readonly string[], decimalComma: boolean): void {
  if (header.every((name) => !Number.isNaN(numberIn(name, decimalComma))))
    throw new UsageError(
      `${path}: the first line has only numbers: expected a header with a name for each column, such as x,y`,
    );
  for (const [i, name] of header.entries()) {
    if (name === "") throw new UsageError(`${path}: column ${i + 1} has no name in the header`);
    if (header.indexOf(name) !== i) throw new UsageError(`${path}: two columns are named ${name}`);
  }
}
