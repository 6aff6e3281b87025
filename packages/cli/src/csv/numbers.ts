/** Which mark a table's numbers have before their decimals; "unclear" where 1,250 may be either. */
export type Decimal = "point" | "comma" | "unclear";

/** Spaces and apostrophes that group digits, and the sign minus. */
const GROUPING = /(?<=\d)[\u0020\u00a0\u2009\u202f'’](?=\d{3}(?!\d))/g;
const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const GROUPED_BY_COMMA = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?([eE][+-]?\d+)?$/;
const WITH_COMMA = /^[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+)?,\d*([eE][+-]?\d+)?$/;
const GROUPED_BY_POINT = /^[+-]?[1-9]\d{0,2}(\.\d{3})+$/;

/** What the cells say of their decimals; where they leave it open, the mark between the cells decides. */
export function decimalOf(cells: Iterable<string>, delimiter: string): Decimal {
  let open = false;
  for (const cell of cells) {
    if (!cell.includes(",")) continue;
    const text = bare(cell.trim());
    const grouped = GROUPED_BY_COMMA.test(text);
    if (grouped && (text.includes(".") || text.indexOf(",") !== text.lastIndexOf(","))) return "point";
    if (grouped) open = true;
    else if (WITH_COMMA.test(text) && /\d/.test(text)) return "comma";
  }
  if (!open || delimiter === ",") return "point";
  return delimiter === ";" ? "comma" : "unclear";
}

/** A number as spreadsheets write it: 1.5, 1e-3, 1,234.5, 12 %; with decimal commas 1,5 and 1.234,5. Else NaN. */
export function numberIn(cell: string, decimal: Decimal): number {
  const text = cell.trim();
  if (decimal !== "comma" && PLAIN.test(text)) return finite(Number(text));
  const value = finite(written(bare(text), decimal));
  return text.endsWith("%") ? value / 100 : value;
}

/** Without a percent sign and what groups the digits. */
function bare(text: string): string {
  const number = text.endsWith("%") ? text.slice(0, -1).trim() : text;
  return number.replace(/^[−–]/, "-").replace(GROUPING, "");
}

const finite = (x: number): number => (Number.isFinite(x) ? x : Number.NaN);

function written(text: string, decimal: Decimal): number {
  if (text === "") return Number.NaN;
  if (decimal === "comma") {
    if ((WITH_COMMA.test(text) && /\d/.test(text)) || GROUPED_BY_POINT.test(text))
      return Number(text.replaceAll(".", "").replace(",", "."));
    return PLAIN.test(text) ? Number(text) : Number.NaN;
  }
  if (PLAIN.test(text)) return Number(text);
  return decimal === "point" && GROUPED_BY_COMMA.test(text) ? Number(text.replaceAll(",", "")) : Number.NaN;
}

/** What is wrong with a cell that should hold a number, and the mend. */
export function complaint(cell: string, decimal: Decimal): string {
  const text = cell.trim();
  if (text === "") return "the cell is empty: fill it, or leave the row out";
  if (decimal === "unclear" && GROUPED_BY_COMMA.test(text))
    return `"${text}" may be ${text.replace(",", ".")} or ${text.replaceAll(",", "")}: write it with a point, or without the comma`;
  if (/^\d{4}-\d{1,2}-\d{1,2}|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|^\d{1,2}:\d{2}(:\d{2})?$/.test(text))
    return `"${text}" is a date or a time: expected a number, such as the days since the first row`;
  return `expected a number, got "${text}"`;
}
