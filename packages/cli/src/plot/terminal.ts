import { leaps, type Range, rangeOf } from "gradus-charts";
import { number, paint } from "../output.ts";
import { BrailleCanvas } from "./braille.ts";
import type { Picture } from "./curves.ts";

const COLOURS = ["cyan", "yellow", "green", "red"] as const;

/** A picture in braille, with its axes, the zero lines and a legend. */
export function plotInTerminal(picture: Picture, columns = 64, rows = 18): string {
  const range = rangeOf(picture.curves[0].y);
  const canvases = picture.curves.map((c) => drawn(c.y, range, columns, rows));
  const axes = zeroLines(picture, range, columns, rows);
  const mark = picture.mark && cellOf(picture.mark, picture, range, columns, rows);
  const width = Math.max(...[range.low, range.high].map((v) => number(v, 4).length), 6);
  const lines = Array.from({ length: rows }, (_, row) => {
    const label = row === 0 ? number(range.high, 4) : row === rows - 1 ? number(range.low, 4) : "";
    const cells = Array.from({ length: columns }, (_, column) => {
      if (mark && mark.column === column && mark.row === row) return paint("bold", "●");
      for (let i = 0; i < canvases.length; i++) {
        const character = canvases[i].character(column, row);
        if (character) return paint(COLOURS[i % COLOURS.length], character);
      }
      return axes(column, row);
    });
    return `${label.padStart(width)} ┤${cells.join("")}`.trimEnd();
  });
  const [from, to] = [number(picture.from, 6), number(picture.to, 6)];
  const foot = `${" ".repeat(width + 2)}${from}${picture.variable.padStart(columns / 2 - from.length)}${to.padStart(columns / 2)}`;
  return [...lines, foot, ...legend(picture, width)].join("\n");
}

function drawn(y: readonly number[], range: Range, columns: number, rows: number): BrailleCanvas {
  const canvas = new BrailleCanvas(columns, rows);
  const place = (v: number) =>
    Math.round(((range.high - v) / (range.high - range.low)) * (canvas.height - 1));
  let before: number | undefined;
  for (let x = 0; x < canvas.width; x++) {
    const v = y[Math.round((x / (canvas.width - 1)) * (y.length - 1))];
    if (!Number.isFinite(v)) {
      before = undefined;
      continue;
    }
    const from = before === undefined || leaps(before, v, range) ? v : before;
    const [a, b] = [place(from), place(v)];
    // Only the half of the way that is this column's, else steep curves look thick.
    canvas.column(x, a === b ? b : a + Math.sign(b - a), b);
    before = v;
  }
  return canvas;
}

function zeroLines(picture: Picture, range: Range, columns: number, rows: number) {
  const zero = cellOf({ x: 0, y: 0 }, picture, range, columns, rows);
  const showX = range.low < 0 && range.high > 0;
  const showY = picture.from < 0 && picture.to > 0;
  return (column: number, row: number): string => {
    const [h, v] = [showX && row === zero.row, showY && column === zero.column];
    return h || v ? paint("dim", h && v ? "┼" : h ? "─" : "│") : " ";
  };
}

function cellOf({ x, y }: { x: number; y: number }, p: Picture, range: Range, columns: number, rows: number) {
  return {
    column: Math.round(((x - p.from) / (p.to - p.from)) * (columns - 1)),
    row: Math.round(((range.high - y) / (range.high - range.low)) * (rows - 1)),
  };
}

function legend(picture: Picture, width: number): string[] {
  return picture.curves.map(
    (c, i) => `${" ".repeat(width + 2)}${paint(COLOURS[i % COLOURS.length], "⠒⠒")} ${c.name}`,
  );
}
