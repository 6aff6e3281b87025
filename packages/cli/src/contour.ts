import { chart, contourLines, fileStyle, frame, point, polyline, toSvg } from "gradus-charts";

/** Levels of a function of two variables, with a path on them: in characters, and as SVG. */

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Contour {
  readonly names: readonly [string, string];
  readonly f: (x: number, y: number) => number;
  readonly path: readonly Place[];
}

interface Field {
  readonly low: Place;
  readonly high: Place;
  /** Row by row from the top. */
  readonly values: number[][];
  readonly levels: number[];
}

/** The path with a margin; never of no width. */
function fieldOf({ f, path }: Contour, columns: number, rows: number, count: number): Field {
  const range = (pick: (p: Place) => number) => {
    const all = path.map(pick).filter(Number.isFinite);
    const [a, b] = [Math.min(...all), Math.max(...all)];
    const margin = 0.15 * (b - a) || Math.max(1, Math.abs(a));
    return [a - margin, b + margin];
  };
  const [[x0, x1], [y0, y1]] = [range((p) => p.x), range((p) => p.y)];
  const values = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) =>
      f(x0 + ((x1 - x0) * c) / (columns - 1), y1 - ((y1 - y0) * r) / (rows - 1)),
    ),
  );
  const sorted = values
    .flat()
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const levels = Array.from(
    { length: count },
    (_, i) => sorted[Math.floor(((i + 0.5) / count) * sorted.length)],
  );
  return { low: { x: x0, y: y0 }, high: { x: x1, y: y1 }, values, levels };
}

const SHADES = " .:-=+*#%";

/** Darker is higher, a band for each shade; the path is ● and ends at ★. */
export function contourText(contour: Contour, columns = 64, rows = 22): string {
  const field = fieldOf(contour, columns, rows, SHADES.length - 1);
  const cells = field.values.map((row) =>
    row.map((v) => (Number.isFinite(v) ? SHADES[field.levels.filter((l) => v > l).length] : "?")),
  );
  const { low, high } = field;
  const put = ({ x, y }: Place, mark: string) => {
    const c = Math.round(((x - low.x) / (high.x - low.x)) * (columns - 1));
    const r = Math.round(((high.y - y) / (high.y - low.y)) * (rows - 1));
    if (cells[r]?.[c] !== undefined) cells[r][c] = mark;
  };
  for (const p of contour.path) put(p, "●");
  const last = contour.path.at(-1);
  if (last) put(last, "★");
  const [nameX, nameY] = contour.names;
  const label = (v: number) => v.toPrecision(3).padStart(9);
  const lines = cells.map(
    (row, r) => `${r === 0 ? label(high.y) : r === rows - 1 ? label(low.y) : " ".repeat(9)} │${row.join("")}`,
  );
  const foot = `${" ".repeat(11)}${low.x.toPrecision(3)}${high.x.toPrecision(3).padStart(columns - low.x.toPrecision(3).length)}`;
  return [`  ${nameY}`, ...lines, `${" ".repeat(10)}└${"─".repeat(columns)}`, `${foot}  ${nameX}`].join("\n");
}

const SIZE = { width: 640, height: 480 };

/** Lines of equal value, and the path on them. */
export function contourSvg(contour: Contour): string {
  const [columns, rows] = [120, 90];
  const { low, high, values, levels } = fieldOf(contour, columns, rows, 16);
  const f = frame({
    ...SIZE,
    x: { low: low.x, high: high.x },
    y: { low: low.y, high: high.y },
    xName: contour.names[0],
    yName: contour.names[1],
  });
  const grid = { columns, rows, values: [...values].reverse().flat() };
  const path = contour.path.filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y));
  const [x, y] = [path.map((p) => p.x), path.map((p) => p.y)];
  const last = path.length - 1;
  const marks = [
    contourLines(f, grid, levels),
    polyline(f, x, y, { tone: "backward" }),
    ...path.map((p, i) => point(f, p.x, p.y, i === last ? "good" : "backward", i === last ? 5 : 3)),
  ];
  const title = `contour lines of the function of ${contour.names.join(" and ")}, with the path of the descent`;
  return `${toSvg(chart(f, { title, marks }), fileStyle)}\n`;
}
