/** The pictures of the view, as scenes. */
import {
  area,
  chart,
  curve,
  frame,
  handle,
  type LegendEntry,
  type Range,
  rangeOf,
  type Scene,
  type SurfaceOptions,
  segment,
  steps,
} from "gradus-charts";
import type { Band, Convergence, Curves as Found, PlaneAnswer } from "./work.ts";

/** What was found, with the polynomial of the order that is looked at. */
export interface Curves extends Found {
  readonly p: Float64Array;
}

const horner = (c: readonly number[], d: number): number => c.reduceRight((sum, k) => sum * d + k, 0);

export function withPolynomial(found: Found, order: number): Curves {
  const c = found.coefficients.slice(0, order + 1);
  return { ...found, p: found.x.map((x) => horner(c, x - found.at)) };
}

export interface Shown {
  readonly low: number;
  readonly high: number;
  readonly at: number;
  readonly to: number;
  readonly order: number;
  readonly wrt: string;
}

const CORNER = 60;

/** Where the series stops to converge: a line on each side that is in the picture. */
function limits(f: ReturnType<typeof frame>, q: Shown, radius: number | undefined): Scene[] {
  if (radius === undefined || !Number.isFinite(radius)) return [];
  return [q.at - radius, q.at + radius]
    .filter((x) => x > q.low && x < q.high)
    .map((x) => segment(f, [x, f.y.low], [x, f.y.high], { tone: "bad", dashed: true, thin: true }));
}

const finite = (radius: number | undefined): boolean => radius !== undefined && Number.isFinite(radius);

export function functionPicture(
  c: Curves | undefined,
  band: Band | undefined,
  q: Shown,
  convergence: Convergence | undefined,
  width: number,
  height: number,
) {
  const own = rangeOf(c ? Array.from(c.f) : []);
  const room = (own.high - own.low) / 3;
  const inside = c ? Array.from(c.p).filter((v) => v > own.low - room && v < own.high + room) : [];
  const y = rangeOf([own.low, own.high, ...inside]);
  const legend: LegendEntry[] = [
    { name: "function", tone: "forward" },
    { name: `polynomial of order ${q.order}`, tone: "model" },
    { name: "proven band", tone: "model", as: "area" },
    ...(finite(convergence?.radius)
      ? [{ name: "end of convergence", tone: "bad", dashed: true, thin: true } as const]
      : []),
  ];
  const f = frame({
    width,
    height,
    x: { low: q.low, high: q.high },
    y,
    xName: q.wrt,
    corner: CORNER,
    legend,
  });
  const title = `the function, its Taylor polynomial of order ${q.order}, and the band in which the function is proven to lie`;
  if (!c) return { frame: f, scene: chart(f, { title, marks: [] }) };
  const knobs = [
    { id: "to", x: q.to, y: c.there, label: `where it is estimated, ${q.wrt}`, tone: "good" as const },
    { id: "at", x: q.at, y: c.here, label: `the point of expansion, ${q.wrt}`, tone: "forward" as const },
  ];
  return {
    frame: f,
    scene: chart(f, {
      title,
      marks: [
        ...limits(f, q, convergence?.radius),
        ...(band ? [bandMark(f, band, c, q.order)] : []),
        curve(f, c.x, c.p, { tone: "model" }),
        curve(f, c.x, c.f, { tone: "forward", thin: true }),
      ],
      over: knobs
        .filter((k) => Number.isFinite(k.y))
        .map((k) => handle(f, { ...k, y: Math.min(y.high, Math.max(y.low, k.y)), along: "x" })),
    }),
  };
}

/** p + [remainder], cell by cell, as one shape: the function lies in it. */
function bandMark(f: ReturnType<typeof frame>, band: Band, c: Curves, order: number): Scene {
  const polynomial = c.coefficients.slice(0, order + 1);
  const [x, lows, highs]: [number[], number[], number[]] = [[], [], []];
  band.cells.forEach((cell, i) => {
    if (!cell) return;
    const [low, high] = [band.edges[i], band.edges[i + 1]];
    const add = (at: number, p: number): void => {
      x.push(at);
      lows.push(p + cell[0]);
      highs.push(p + cell[1]);
    };
    // Up to its edges: no seam is left between two cells.
    add(low, horner(polynomial, low - c.at));
    c.x.forEach((at, k) => at > low && at < high && add(at, c.p[k]));
    add(high, horner(polynomial, high - c.at));
    add(Number.NaN, Number.NaN);
  });
  return area(f, x, lows, highs, "model");
}

/** Errors below this are rounding. */
const LEAST = 1e-17;

export function errorPicture(
  c: Curves | undefined,
  band: Band | undefined,
  q: Shown,
  convergence: Convergence | undefined,
  width: number,
  height: number,
) {
  const errors = c ? Array.from(c.f, (v, i) => Math.abs(v - c.p[i])) : [];
  const shown = errors.map((e) => (Number.isFinite(e) ? Math.max(e, LEAST) : Number.NaN));
  const bounds = (band?.cells ?? []).map((b) =>
    b ? Math.max(LEAST, Math.abs(b[0]), Math.abs(b[1])) : Number.NaN,
  );
  const most = [...shown, ...bounds].filter(Number.isFinite).reduce((a, b) => Math.max(a, b), 1e-3);
  const y = { low: LEAST, high: 10 ** Math.min(20, Math.ceil(Math.log10(most)) + 1) };
  const legend: LegendEntry[] = [
    { name: "|function − polynomial|", tone: "backward" },
    { name: "proven bound", tone: "model", thin: true },
  ];
  const f = frame({
    width,
    height,
    x: { low: q.low, high: q.high },
    y,
    logY: true,
    xName: q.wrt,
    corner: CORNER,
    legend,
  });
  // One line of many pieces: each bound from edge to edge.
  const stairs = bounds.flatMap((bound, i) => {
    const [low, high] = [band?.edges[i] ?? 0, band?.edges[i + 1] ?? 0];
    return [
      { x: low, bound },
      { x: high, bound },
      { x: high, bound: Number.NaN },
    ];
  });
  return {
    frame: f,
    scene: chart(f, {
      title: "the error of the polynomial on a logarithmic scale, and its proven bound",
      marks: [
        ...limits(f, q, convergence?.radius),
        curve(
          f,
          stairs.map((s) => s.x),
          stairs.map((s) => s.bound),
          { tone: "model", thin: true },
        ),
        ...(c ? [curve(f, c.x, shown, { tone: "backward" })] : []),
      ],
    }),
  };
}

/** The complex plane: the series converges in the circle up to the nearest singularity. */
export function circlePicture(at: number, c: Convergence, width: number, height: number) {
  const reach = 1.45 * c.radius;
  const shape = (across: number) =>
    frame({
      width,
      height,
      x: { low: at - across, high: at + across },
      y: { low: -reach, high: reach },
      yName: "imaginary",
      xName: "real",
    });
  // Both axes on one scale: a circle is round.
  const { inner } = shape(reach);
  const f = shape((reach * inner.width) / inner.height);
  const turns = steps(0, 2 * Math.PI, 97);
  const ring = {
    x: turns.map((t) => at + c.radius * Math.cos(t)),
    y: turns.map((t) => c.radius * Math.sin(t)),
  };
  const arm = 0.05 * c.radius;
  const crosses = c.singularities.flatMap(({ re, im }) => [
    segment(f, [re - arm, im - arm], [re + arm, im + arm], { tone: "bad" }),
    segment(f, [re - arm, im + arm], [re + arm, im - arm], { tone: "bad" }),
  ]);
  return {
    frame: f,
    scene: chart(f, {
      title: `the circle of convergence about ${at} in the complex plane, and the singularities on it`,
      marks: [
        area(
          f,
          ring.x,
          ring.y.map((v) => Math.min(0, v)),
          ring.y.map((v) => Math.max(0, v)),
          "model",
        ),
        curve(f, ring.x, ring.y, { tone: "model", thin: true }),
        segment(f, [at - arm / 2, 0], [at + arm / 2, 0], { tone: "forward" }),
        ...crosses,
      ],
    }),
  };
}

export interface PlaneShown {
  readonly names: readonly [string, string];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly order: number;
}

/** Of both sheets: a cell of the model is before or behind the cell of the function at its own place. */
export const GRID = 25;

/** The square around the point that the picture shows. */
export const around = (v: number, reach: number): [number, number] => [v - reach, v + reach];

export function modelAt(p: PlaneAnswer, order: number, x: number, y: number): number {
  const [dx, dy] = [x - p.at[0], y - p.at[1]];
  const plane = p.value + p.gradient[0] * dx + p.gradient[1] * dy;
  if (order < 2) return order < 1 ? p.value : plane;
  return plane + 0.5 * (p.hessian[0] * dx * dx + 2 * p.hessian[1] * dx * dy + p.hessian[2] * dy * dy);
}

/** The surface, and on it the tangent plane or the quadratic bowl at the point. */
export function planePicture(
  values: Float64Array,
  p: PlaneAnswer,
  q: PlaneShown,
): Omit<SurfaceOptions, "width" | "height" | "view"> {
  const [x, y] = [q.x, q.y].map(([low, high]): Range => ({ low, high }));
  const z = rangeOf(Array.from(values));
  const xs = steps(x.low, x.high, GRID);
  const model = steps(y.low, y.high, GRID).flatMap((v) => xs.map((u) => modelAt(p, q.order, u, v)));
  const names = ["level", "tangent plane", "quadratic model"];
  return {
    x,
    y,
    z,
    names: q.names,
    title: `the function as a surface, with its ${names[q.order]} at the point`,
    legend: [
      { name: "function", tone: "forward" },
      { name: names[q.order], tone: "model" },
    ],
    sheets: [
      { grid: { columns: GRID, rows: GRID, values }, x, y },
      { grid: { columns: GRID, rows: GRID, values: model }, x, y, tone: "model" },
    ],
    trails: [{ tone: "backward", points: [[p.at[0], p.at[1], p.value]] }],
  };
}
