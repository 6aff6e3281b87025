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
  if (!decimalComma) return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!/^[+-]?(\d{1,3}(\.\d{3})+|\d*)(,\d*)?([eE][+-]?\d+)?$/.test(text) || !/\d/.test(text))
    return /^[+-]?\d+\.\d+([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number(text.replaceAll(".", "").replace(",", "."));
}

/** Reads a CSV file as spreadsheets export it: a header, then numbers; commas, semicolons or tabs; a BOM is dropped. */
export function readTable(path: string): Table {
  const text = textOf(path);
  const lines = text.split(/\r\n|\n|\r/);
  while (lines.length > 0 && lines[lines.length - 1].trim() === "") lines.pop();
  if (lines.length === 0)
    throw new UsageError(`${path}: the file is empty: expected a header and rows of numbers`);
  const delimiter = DELIMITERS.map((d) => [d, lines[0].split(d).length] as const).sort(
    (a, b) => b[1] - a[1],
  )[0][0];
  const header = cellsOf(lines[0], delimiter).map((name) => name.trim());
  const decimalComma = delimiter !== "," && lines.slice(1, 200).some((l) => /\d,\d/.test(l));
  checkHeader(path, header, decimalComma);
  const rows = lines.length - 1;
  if (rows === 0) throw new UsageError(`${path}: there are no rows below the header`);
  const columns = header.map(() => new Float64Array(rows));
  const bad: (Bad | undefined)[] = header.map(() => undefined);
  for (let row = 0; row < rows; row++) {
    const cells = cellsOf(lines[row + 1], delimiter);
    if (cells.length !== header.length)
      throw new UsageError(
        `${path}: line ${row + 2} has ${cells.length} cells, the header has ${header.length}${delimiter === "," ? "; decimal commas need semicolons between the cells" : ""}`,
      );
    for (let c = 0; c < header.length; c++) {
      const value = numberIn(cells[c], decimalComma);
      columns[c][row] = value;
      if (Number.isNaN(value)) bad[c] ??= { line: row + 2, text: cells[c].trim() };
    }
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

function textOf(path: string): string {
  try {
    if (path !== "-" && statSync(path).size > 2 ** 29 - 24)
      throw new UsageError(`${path}: files of up to 512 MB can be read; take a part of the rows`);
    return readFileSync(path === "-" ? 0 : path, "utf8").replace(/^\uFEFF/, "");
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
