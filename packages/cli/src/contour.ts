import {
  chart,
  contourLines,
  dots,
  fileStyle,
  frame,
  type LegendEntry,
  point,
  polyline,
  toSvg,
} from "gradus-charts";

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
const TONES = ["backward", "forward", "second", "third", "model"] as const;
/** Points of a path are drawn up to here; beyond they would hide it. */
const MOST_POINTS = 200;

export interface NamedPath {
  readonly name: string;
  readonly path: readonly Place[];
}

/** Lines of equal value, and the paths on them, each with its name where there are several. */
export function contourSvg(contour: Omit<Contour, "path">, paths: readonly NamedPath[]): string {
  const [columns, rows] = [120, 90];
  const path = paths.flatMap((p) => p.path);
  const { low, high, values, levels } = fieldOf({ ...contour, path }, columns, rows, 16);
  const toneOf = (i: number) => TONES[i % TONES.length];
  const entries: LegendEntry[] = paths.map(({ name }, i) => ({ name, tone: toneOf(i) }));
  const f = frame({
    ...SIZE,
    x: { low: low.x, high: high.x },
    y: { low: low.y, high: high.y },
    xName: contour.names[0],
    yName: contour.names[1],
    ...(paths.length > 1 && { legend: entries }),
  });
  const grid = { columns, rows, values: [...values].reverse().flat() };
  const ways = paths.flatMap((p, i) => {
    const finite = p.path.filter((q) => Number.isFinite(q.x) && Number.isFinite(q.y));
    const [x, y] = [finite.map((q) => q.x), finite.map((q) => q.y)];
    const line = polyline(f, x, y, { tone: toneOf(i) });
    return x.length <= MOST_POINTS ? [line, dots(f, x, y, toneOf(i))] : [line];
  });
  const ends = paths.flatMap((p) => p.path.slice(-1)).filter((q) => Number.isFinite(q.x + q.y));
  const marks = [contourLines(f, grid, levels), ...ways, ...ends.map((q) => point(f, q.x, q.y, "good", 5))];
  const title = `contour lines of the function of ${contour.names.join(" and ")}, with the path of the descent`;
  return `${toSvg(chart(f, { title, marks }), fileStyle)}\n`;
}
