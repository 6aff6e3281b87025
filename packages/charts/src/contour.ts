import { contours } from "d3-contour";
import type { Frame } from "./frame.ts";
import { element, round, type Scene } from "./scene.ts";
import type { Tone } from "./style.ts";

/** A function of two variables on a grid, row by row from the lowest y. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly values: ArrayLike<number>;
}

/** Levels that part the values into equally many: a valley shows as well as a wall. */
export function levelsOf({ values }: Grid, count: number): number[] {
  const sorted = Array.from(values)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (sorted.length === 0) return [];
  const at = (i: number) => sorted[Math.floor(((i + 0.5) / count) * sorted.length)];
  return [...new Set(Array.from({ length: count }, (_, i) => at(i)))];
}

/** Where values lie above each of the levels, filled one over the other: a field in colour, of any tone. */
export function contourAreas(f: Frame, grid: Grid, levels: readonly number[], tone: Tone): Scene {
  const { columns, rows } = grid;
  const dx = (f.x.high - f.x.low) / (columns - 1);
  const dy = (f.y.high - f.y.low) / (rows - 1);
  const at = ([c, r]: readonly number[]) =>
    `${round(f.px(f.x.low + (c - 0.5) * dx))} ${round(f.py(f.y.low + (r - 0.5) * dy))}`;
  const found = contours()
    .size([columns, rows])
    .thresholds([...levels])(Array.from(grid.values));
  return element(
    "g",
    {},
    found.map((shape) =>
      element("path", {
        class: `band fill-${tone}`,
        d: shape.coordinates.flatMap((p) => p.map((ring) => `M${ring.map(at).join("L")}Z`)).join(""),
      }),
    ),
  );
}

const drawn = new WeakMap<ArrayLike<number>, { key: string; scene: Scene }>();

/**
 * Lines of equal value, lower ones darker by the class `level-0` … `level-9`. The same values in the same frame are the
 * same scene: while a path over them is dragged, nothing of it is worked out or drawn anew.
 */
export function contourLines(f: Frame, grid: Grid, levels: readonly number[]): Scene {
  const key = JSON.stringify([f.x, f.y, f.inner, grid.columns, levels]);
  const known = drawn.get(grid.values);
  if (known?.key === key) return known.scene;
  const scene = linesOf(f, grid, levels);
  drawn.set(grid.values, { key, scene });
  return scene;
}

function linesOf(f: Frame, grid: Grid, levels: readonly number[]): Scene {
  const { columns, rows } = grid;
  const highest = Array.from(grid.values)
    .filter(Number.isFinite)
    .reduce((a, b) => Math.max(a, b), 0);
  // Where there is no value, as high as the highest: a wall.
  const values = Array.from(grid.values, (v) => (Number.isFinite(v) ? v : highest));
  const dx = (f.x.high - f.x.low) / (columns - 1);
  const dy = (f.y.high - f.y.low) / (rows - 1);
  // d3-contour puts the value of a cell at its middle.
  const at = ([c, r]: readonly number[]) =>
    `${round(f.px(f.x.low + (c - 0.5) * dx))} ${round(f.py(f.y.low + (r - 0.5) * dy))}`;
  // The edge of the grid closes a ring and is no level.
  const isEdge = ([c, r]: readonly number[]) => c === 0 || r === 0 || c === columns || r === rows;
  const open = (ring: readonly (readonly number[])[]): string =>
    ring.map((p, i) => (isEdge(p) ? "" : `${i === 0 || isEdge(ring[i - 1]) ? "M" : "L"}${at(p)}`)).join("");
  const found = contours()
    .size([columns, rows])
    .thresholds([...levels])(values);
  const lines = found.map((shape, i) =>
    element("path", {
      class: `level tone-muted level-${Math.floor((10 * i) / found.length)}`,
      opacity: 0.25 + (0.55 * (found.length - i)) / found.length,
      d: shape.coordinates.flatMap((p) => p.map((ring) => open(ring))).join(""),
    }),
  );
  return element("g", { class: "contour" }, lines);
}
