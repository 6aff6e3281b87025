/** A CSV that a person drops in: two columns of numbers, and one that tells two kinds apart. */
import Papa from "papaparse";

export interface CsvColumn {
  readonly name: string;
  /** NaN where a cell is no number. */
  readonly numbers: Float64Array;
  readonly numeric: boolean;
  /** The two values of a column that has just two, in their order. */
  readonly kinds?: readonly [string, string];
  /** 0 or 1 for each row, of a column with two kinds. */
  readonly labels?: Float64Array;
}

export interface CsvAnswer {
  readonly columns: readonly CsvColumn[];
  readonly rows: number;
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

const MOST_ROWS = 10_000;
const MOST_COLUMNS = 200;

/** 1.5, 1e-3, and with a decimal comma 1,5: Papa Parse has parted the cells already. */
function numberIn(cell: string): number {
  const text = cell.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (/^[+-]?\d*,\d+(e[+-]?\d+)?$/i.test(text)) return Number(text.replace(",", "."));
  return Number.NaN;
}

/** Reads a table with a header. Throws an Error that says what is wrong with it. */
export function readCsv(text: string): CsvAnswer {
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ""), { skipEmptyLines: "greedy" });
  if (data.length < 2) throw new Error("the file needs a header and rows below it");
  const [header, ...body] = data;
  if (header.every((c) => !Number.isNaN(numberIn(c))))
    throw new Error("the first line has only numbers: it should name the columns, such as x,y,kind");
  const rows = body.slice(0, MOST_ROWS);
  const notes = body.length > MOST_ROWS ? [`the first ${MOST_ROWS} of ${body.length} rows are used`] : [];
  const columns = header
    .slice(0, MOST_COLUMNS)
    .map((name, c) => columnOf(name.trim() || `column ${c + 1}`, rows, c));
  const numeric = columns.filter((c) => c.numeric).length;
  if (numeric < 2) throw new Error(`two columns of numbers are needed, this file has ${numeric}`);
  if (!columns.some((c) => c.kinds))
    throw new Error(
      "a column with just two different values is needed: the kinds that the neuron tells apart",
    );
  return { columns, rows: rows.length, notes };
}

function columnOf(name: string, rows: readonly string[][], c: number): CsvColumn {
  const cells = rows.map((r) => (r[c] ?? "").trim());
  const numbers = Float64Array.from(cells, numberIn);
  const filled = cells.filter((v) => v !== "");
  const known = filled.filter((v) => !Number.isNaN(numberIn(v)));
  const distinct = [...new Set(filled)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const numeric = known.length > 0 && known.length >= 0.5 * filled.length;
  if (distinct.length !== 2) return { name, numbers, numeric };
  return {
    name,
    numbers,
    numeric,
    kinds: [distinct[0], distinct[1]],
    labels: Float64Array.from(cells, (v) => (v === "" ? Number.NaN : v === distinct[1] ? 1 : 0)),
  };
}
