import { stripVTControlCharacters, styleText } from "node:util";
import type { Tensor } from "gradus";
import type { Expression, Written } from "gradus/math";

type Style = "bold" | "dim" | "green" | "red" | "cyan" | "yellow";

/** Colour, on a terminal only. */
export function paint(style: Style, text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}

export function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** An expression in `--json`. */
export function writtenJson(e: { text: string; latex: string }): { text: string; latex: string } {
  return { text: e.text, latex: e.latex };
}

export function expressionJson(e: Expression): { text: string; latex: string } {
  return { text: e.toText(), latex: e.toLatex() };
}

export type Format = "text" | "markdown" | "latex";

export function inFormat(w: Written, format: Format): string {
  if (format === "latex") return w.latex;
  return format === "markdown" ? `$${w.latex}$` : w.pretty;
}

/** A number for a table: short, but never wrong in what it shows. */
export function number(x: number, digits = 8): string {
  if (!Number.isFinite(x)) return String(x);
  if (Number.isInteger(x) && Math.abs(x) < 1e15) return String(x);
  const text = x.toPrecision(digits);
  return text.includes("e") ? text.replace(/\.?0+e/, "e") : text.replace(/\.?0+$/, "");
}

/** The same, a dash where there is no number. */
export const numberOrGap = (x: number, digits?: number): string =>
  Number.isFinite(x) ? number(x, digits) : "—";

/** 1 step, 2 steps. */
export const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** A tensor in one line. */
export function value(t: Tensor): string {
  const show = (v: unknown): string =>
    Array.isArray(v) ? `[${v.map(show).join(", ")}]` : typeof v === "number" ? number(v) : String(v);
  return show(t.toArray());
}

const width = (text: string): number =>
  [...stripVTControlCharacters(text).normalize("NFC")].filter((c) => !/\p{M}/u.test(c)).length;

/** With spaces up to a width, as a terminal counts it. */
export const padded = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - width(text)));

/** Columns set below each other. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((h, i) => Math.max(width(h), ...rows.map((r) => width(r[i] ?? ""))));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => c + " ".repeat(widths[i] - width(c)))
      .join("   ")
      .trimEnd();
  return [paint("dim", line(head)), ...rows.map(line)].map((l) => `  ${l}`).join("\n");
}

/** How ambiguous writing was read, said once below the answer. */
export function printReading(e: Expression): void {
  if (e.reading.length > 0) print(paint("dim", `  (${e.reading.join("; ")})`));
}
