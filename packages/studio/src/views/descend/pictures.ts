/** The pictures of the view, as scenes. */
import {
  chart,
  contourLines,
  curve,
  frame,
  type Grid,
  handle,
  levelsOf,
  point,
  polyline,
  rangeOf,
  type Scene,
  type SurfaceOptions,
  segment,
  steps,
} from "gradus-charts";
import { METHODS } from "./methods.ts";
import type { ModelAnswer, Run, ShownStep } from "./work.ts";

export const [COLUMNS, ROWS] = [73, 55];

export interface Shown {
  readonly names: readonly string[];
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly start: readonly number[];
  /** So many steps of each run are drawn. */
  readonly count: number;
}

/** The step that is looked at, and what is known where it began. */
export interface Closer {
  readonly step: ShownStep;
  readonly model: ModelAnswer;
}

const methodOf = (run: Run) => METHODS.find((m) => m.id === run.method) ?? METHODS[0];
const range = ([low, high]: readonly [number, number]) => ({ low, high });
const FAR = 1e6;

/** Where a run stands after each step, as far as it is near enough to be drawn; over one variable, on the curve. */
function placesOf(run: Run, count: number): { x: number; y: number; value: number }[] {
  const of = ([x, y]: readonly number[], value: number) => ({ x, y: y ?? value, value });
  const all = [
    of(run.start.point, run.start.value),
    ...run.steps.slice(0, count).map((s) => of(s.to, s.value)),
  ];
  return all.filter((p) => Math.abs(p.x) < FAR && Math.abs(p.y) < FAR);
}

/** f + gᵀd + ½ dᵀBd: the model that the step trusted. */
export function trustedAt({ step, model }: Closer, ...at: readonly number[]): number {
  const d = at.map((v, i) => v - step.from[i]);
  const plane = d.reduce((sum, v, i) => sum + model.gradient[i] * v, model.value);
  const bend =
    step.curvature?.reduce((sum, row, i) => row.reduce((s, b, j) => s + b * d[i] * d[j], sum), 0) ?? 0;
  return plane + 0.5 * bend;
}

const legendOf = (runs: readonly Run[]) =>
  runs.map((r) => ({ name: methodOf(r).name, tone: methodOf(r).tone }));

export function contourPicture(
  values: Float64Array | undefined,
  runs: readonly Run[],
  closer: Closer | undefined,
  q: Shown,
  width: number,
  height: number,
) {
  const f = frame({
    width,
    height,
    x: range(q.x),
    y: range(q.y),
    xName: q.names[0],
    yName: q.names[1],
    corner: 60,
    legend: [
      ...legendOf(runs),
      ...(closer
        ? ([
            { name: "the step looked at", tone: "forward" },
            { name: "its model", tone: "model", dashed: true, thin: true },
          ] as const)
        : []),
    ],
  });
  const grid: Grid | undefined = values && { columns: COLUMNS, rows: ROWS, values };
  const paths = runs.flatMap((run) => {
    const places = placesOf(run, q.count);
    const { tone } = methodOf(run);
    const dots = places.length > 60 ? places.slice(-1) : places;
    return [
      polyline(
        f,
        places.map((p) => p.x),
        places.map((p) => p.y),
        { tone },
      ),
      ...dots.map((p) => point(f, p.x, p.y, tone, 3)),
    ];
  });
  return {
    frame: f,
    scene: chart(f, {
      title:
        "contour lines of the loss, the paths of the methods, and the model of the step that is looked at",
      marks: [
        ...(grid ? [contourLines(f, grid, levelsOf(grid, 18))] : []),
        ...paths,
        ...(closer ? modelMarks(f, closer, q) : []),
      ],
      over: [
        handle(f, {
          id: "start",
          x: q.start[0],
          y: q.start[1],
          label: `the start, ${q.names[0]} and ${q.names[1]}`,
          along: "xy",
          tone: "forward",
        }),
      ],
    }),
  };
}

/** A loss of one variable: its curve, the methods on it, and the line or parabola that the step trusted. */
export function curvePicture(
  values: Float64Array | undefined,
  runs: readonly Run[],
  closer: Closer | undefined,
  q: Shown,
  width: number,
  height: number,
) {
  const xs = steps(q.x[0], q.x[1], values?.length ?? 2);
  const starts = runs.map((r) => r.start.value).filter(Number.isFinite);
  const f = frame({
    width,
    height,
    x: range(q.x),
    y: rangeOf([...(values ?? []), ...starts]),
    xName: q.names[0],
    corner: 60,
    legend: [
      ...legendOf(runs),
      ...(closer
        ? [
            {
              name: closer.step.curvature ? "the parabola trusted" : "the line trusted",
              tone: "model" as const,
              dashed: true,
            },
          ]
        : []),
    ],
  });
  const paths = runs.flatMap((run) => {
    const places = placesOf(run, q.count);
    const { tone } = methodOf(run);
    return [
      polyline(
        f,
        places.map((p) => p.x),
        places.map((p) => p.y),
        { tone, thin: true },
      ),
      ...places.map((p) => point(f, p.x, p.y, tone, 3.5)),
    ];
  });
  const model = closer
    ? [
        curve(
          f,
          xs,
          xs.map((x) => trustedAt(closer, x)),
          { tone: "model", dashed: true },
        ),
        point(f, closer.step.from[0], closer.model.value, "forward", 5),
        point(f, closer.step.to[0], trustedAt(closer, closer.step.to[0]), "model", 5),
      ]
    : [];
  const at = runs[0]?.start.value ?? Number.NaN;
  return {
    frame: f,
    scene: chart(f, {
      title:
        "the loss as a curve, the steps of the methods on it, and the model of the step that is looked at",
      marks: [...(values ? [curve(f, xs, values, { tone: "forward" })] : []), ...paths, ...model],
      over: Number.isFinite(at)
        ? [
            handle(f, {
              id: "start",
              x: q.start[0],
              y: at,
              label: `the start, ${q.names[0]}`,
              along: "x",
              tone: "forward",
            }),
          ]
        : [],
    }),
  };
}

const FINE = 61;

/** A closed level of the model through where the step went, and the step itself. */
function modelMarks(f: ReturnType<typeof frame>, closer: Closer, q: Shown): Scene[] {
  const { step } = closer;
  // A bowl is drawn where the step is, however short; a plane has lines everywhere.
  const around = (axis: 0 | 1, window: readonly [number, number]) => {
    if (!step.curvature) return range(window);
    const reach = Math.max(4 * step.length, (window[1] - window[0]) / 12);
    return { low: step.from[axis] - reach, high: step.from[axis] + reach };
  };
  const [x, y] = [around(0, q.x), around(1, q.y)];
  const xs = steps(x.low, x.high, FINE);
  const values = steps(y.low, y.high, FINE).flatMap((v) => xs.map((u) => trustedAt(closer, u, v)));
  const grid = { columns: FINE, rows: FINE, values };
  const here = closer.model.value;
  const levels = [here - step.promised, here - step.promised / 2, here, here + step.promised].sort(
    (a, b) => a - b,
  );
  const lines = contourLines({ ...f, x, y }, grid, [...new Set(levels)]);
  const toned = recoloured(lines);
  return [
    toned,
    segment(f, [step.from[0], step.from[1]], [step.to[0], step.to[1]], { tone: "forward" }),
    point(f, step.from[0], step.from[1], "forward", 5),
    point(f, step.to[0], step.to[1], "model", 5),
  ];
}

/** Contour lines as those of a model: dashed, in its colour. */
const recoloured = (lines: Scene): Scene => ({
  ...lines,
  children: lines.children.map((c) =>
    typeof c === "string"
      ? c
      : { ...c, attributes: { ...c.attributes, class: "curve thin dashed tone-model", opacity: 0.9 } },
  ),
});

const thin = new WeakMap<Float64Array, Grid>();

/** Every other point of the grid is enough for a surface. */
function thinned(values: Float64Array): Grid {
  const known = thin.get(values) ?? everyOther(values);
  thin.set(values, known);
  return known;
}

function everyOther(values: Float64Array): Grid {
  const columns = (COLUMNS + 1) / 2;
  const rows = (ROWS + 1) / 2;
  return {
    columns,
    rows,
    values: Float64Array.from(
      { length: columns * rows },
      (_, i) => values[2 * Math.floor(i / columns) * COLUMNS + 2 * (i % columns)],
    ),
  };
}

const SHEET = 11;

export function surfacePicture(
  values: Float64Array,
  runs: readonly Run[],
  closer: Closer | undefined,
  q: Shown,
): Omit<SurfaceOptions, "width" | "height" | "view"> {
  const z = rangeOf(Array.from(values));
  const inside = (p: { x: number; y: number }) =>
    p.x >= q.x[0] && p.x <= q.x[1] && p.y >= q.y[0] && p.y <= q.y[1];
  const reach = closer ? Math.max(1.6 * closer.step.length, (q.x[1] - q.x[0]) / 12) : 0;
  const sheets: SurfaceOptions["sheets"] = [{ grid: thinned(values), x: range(q.x), y: range(q.y) }];
  const model = closer && {
    x: { low: closer.step.from[0] - reach, high: closer.step.from[0] + reach },
    y: { low: closer.step.from[1] - reach, high: closer.step.from[1] + reach },
  };
  return {
    x: range(q.x),
    y: range(q.y),
    z,
    names: [q.names[0], q.names[1]],
    title: "the loss as a surface, the paths on it, and the model of the step that is looked at",
    legend: [
      ...legendOf(runs),
      ...(closer ? [{ name: "its model", tone: "model" as const, dashed: true }] : []),
    ],
    sheets: [
      ...sheets,
      ...(closer && model
        ? [
            {
              ...model,
              tone: "model" as const,
              grid: {
                columns: SHEET,
                rows: SHEET,
                values: steps(model.y.low, model.y.high, SHEET).flatMap((y) =>
                  steps(model.x.low, model.x.high, SHEET).map((x) => trustedAt(closer, x, y)),
                ),
              },
            },
          ]
        : []),
    ],
    trails: runs.map((run) => ({
      tone: methodOf(run).tone,
      points: placesOf(run, q.count)
        .filter(inside)
        .map((p) => [p.x, p.y, p.value] as const),
    })),
  };
}

/** How far above the lowest value that any method found, step by step, on a logarithmic scale. */
export function valuePicture(runs: readonly Run[], count: number, width: number, height: number) {
  const series = runs.map((r) => [r.start.value, ...r.steps.map((s) => s.value)]);
  const lowest = Math.min(...series.flat().filter(Number.isFinite));
  const least = 1e-14 * Math.max(1, Math.abs(lowest));
  const shown = series.map((s) =>
    s.map((v) => (Number.isFinite(v) ? Math.max(v - lowest, least) : Number.NaN)),
  );
  const all = shown.flat().filter((v) => Number.isFinite(v) && v > least);
  const [low, high] = [Math.min(...all, 1), Math.max(...all, 1e-6)];
  const longest = Math.max(1, ...series.map((s) => s.length - 1));
  const f = frame({
    width,
    height,
    x: { low: 0, high: longest },
    y: {
      low: 10 ** Math.floor(Math.log10(low)),
      high: 10 ** Math.min(12, Math.ceil(Math.log10(high) + 0.1)),
    },
    logY: true,
    xName: "step",
    corner: 60,
    legend: legendOf(runs),
  });
  const lines = runs.map((r, i) =>
    curve(
      f,
      shown[i].map((_, k) => k),
      shown[i],
      { tone: methodOf(r).tone },
    ),
  );
  const now = segment(f, [count, f.y.low], [count, f.y.high], { tone: "muted", thin: true, dashed: true });
  return {
    frame: f,
    scene: chart(f, {
      title: "the loss above the lowest found, step by step, on a logarithmic scale",
      marks: [...(count < longest ? [now] : []), ...lines],
    }),
  };
}
