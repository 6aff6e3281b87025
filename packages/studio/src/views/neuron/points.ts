/** The points that the neuron learns from, whichever way they came. */
import type { CsvAnswer } from "../../data/csv-points.ts";
import { MEASUREMENTS, penguins, SPECIES, scaleOf, TITLES } from "../../data/penguins.ts";
import type { Points } from "./work.ts";

export interface Table {
  readonly points: Points;
  readonly names: readonly [string, string];
  readonly kinds: readonly [string, string];
  /** Rows left out for a missing number. */
  readonly missing: number;
}

export interface Column {
  readonly id: string;
  readonly title: string;
}

/** Each feature to mean 0 and deviation 1, the first then times `scale`. */
function standardised(rows: readonly (readonly [number, number, number])[], scale: number): Points {
  const column = (i: number): Float64Array => {
    const values = rows.map((r) => r[i]);
    const { mean, deviation } = scaleOf(values);
    return Float64Array.from(values, (v) => ((v - mean) / deviation) * (i === 0 ? scale : 1));
  };
  return { x1: column(0), x2: column(1), y: Float64Array.from(rows, (r) => r[2]) };
}

export const PENGUIN_COLUMNS: readonly Column[] = MEASUREMENTS.map((id) => ({ id, title: TITLES[id] }));

export function penguinTable(a: string, b: string, scale: number): Table {
  const own = (id: string, otherwise: number) =>
    MEASUREMENTS.find((m) => m === id) ?? MEASUREMENTS[otherwise];
  const [first, second] = [own(a, 0), own(b, 1)];
  const rows = penguins().map((p) => [p.measured[first], p.measured[second], p.species] as const);
  return {
    points: standardised(rows, scale),
    names: [TITLES[first], TITLES[second]],
    kinds: SPECIES,
    missing: 0,
  };
}

export function csvTable(csv: CsvAnswer, a: string, b: string, target: string, scale: number): Table {
  const numeric = csv.columns.filter((c) => c.numeric && c.name !== target);
  const label = csv.columns.find((c) => c.name === target && c.kinds) ?? csv.columns.find((c) => c.kinds);
  const first = numeric.find((c) => c.name === a) ?? numeric[0];
  const second = numeric.find((c) => c.name === b) ?? numeric.find((c) => c !== first) ?? first;
  const rows = Array.from(
    { length: csv.rows },
    (_, i) => [first.numbers[i], second.numbers[i], label?.labels?.[i] ?? Number.NaN] as const,
  );
  const whole = rows.filter((r) => r.every(Number.isFinite));
  return {
    points: standardised(whole, scale),
    names: [first.name, second.name],
    kinds: label?.kinds ?? ["0", "1"],
    missing: rows.length - whole.length,
  };
}

/** Points drawn by hand, as "x,y,kind;…" in the address. */
export function drawnTable(text: string, scale: number): Table {
  const rows = readDrawn(text);
  return {
    // They are where they were drawn: not standardised.
    points: {
      x1: Float64Array.from(rows, (r) => r[0] * scale),
      x2: Float64Array.from(rows, (r) => r[1]),
      y: Float64Array.from(rows, (r) => r[2]),
    },
    names: ["x₁", "x₂"],
    kinds: ["first kind", "second kind"],
    missing: 0,
  };
}

const MOST_DRAWN = 400;

export function readDrawn(text: string): [number, number, number][] {
  return text
    .split(";")
    .map((p) => p.split(",").map(Number))
    .filter((p) => p.length === 3 && p.every(Number.isFinite))
    .slice(0, MOST_DRAWN)
    .map(([x, y, kind]) => [x, y, kind > 0.5 ? 1 : 0]);
}

const writeDrawn = (rows: readonly (readonly number[])[]): string =>
  rows.map(([x, y, kind]) => `${Number(x.toFixed(2))},${Number(y.toFixed(2))},${kind}`).join(";");

export const withPoint = (drawn: string, x: number, y: number, kind: number): string =>
  writeDrawn([...readDrawn(drawn), [x, y, kind]]);

/** Two rings, which no line parts: what a hidden layer is for. */
export function rings(): string {
  const ring = (count: number, radius: number, kind: number) =>
    Array.from({ length: count }, (_, i) => {
      const angle = (2 * Math.PI * i) / count;
      const wobble = radius + 0.25 * Math.sin(7.3 * i);
      return [wobble * Math.cos(angle), wobble * Math.sin(angle), kind];
    });
  return writeDrawn([...ring(24, 0.7, 0), ...ring(40, 2.1, 1)]);
}
