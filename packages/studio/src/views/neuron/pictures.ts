/** The pictures of the view, as scenes. */
import {
  chart,
  contourAreas,
  contourLines,
  curve,
  dots,
  element,
  type Frame,
  frame,
  point,
  rangeOf,
  round,
  type Scene,
  segment,
  steps,
  type Tone,
} from "gradus-charts";
import type { Table } from "./points.ts";
import { INPUTS, namesOf, type Shape, sizesOf } from "./shape.ts";
import type { Field, TrainAnswer } from "./work.ts";

export const KIND_TONES: readonly [Tone, Tone] = ["second", "third"];
export const CELLS = 41;

const LEVELS = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95];

/** The part of the plane that holds the points, with a margin. */
export function fieldOf(t: Table): Field {
  const wide = (values: Float64Array): [number, number] => {
    if (values.length === 0) return [-3, 3];
    const { low, high } = rangeOf([Math.min(...values), Math.max(...values)]);
    const room = 0.08 * (high - low);
    return [Math.min(low - room, -1), Math.max(high + room, 1)];
  };
  return { x: wide(t.points.x1), y: wide(t.points.x2), cells: CELLS };
}

const grid = (values: Float64Array) => ({ columns: CELLS, rows: CELLS, values });

/** A field from 0 to 1: towards 1 the tone of the second kind, towards 0 that of the first. */
function shades(f: Frame, values: Float64Array): Scene[] {
  const turned = values.map((v) => 1 - v);
  const upper = LEVELS.filter((l) => l >= 0.5);
  return [
    contourAreas(f, grid(turned), upper, KIND_TONES[0]),
    contourAreas(f, grid(values), upper, KIND_TONES[1]),
  ];
}

export function planeFrame(t: Table, field: Field, width: number, height: number): Frame {
  return frame({
    width,
    height,
    x: { low: field.x[0], high: field.x[1] },
    y: { low: field.y[0], high: field.y[1] },
    xName: t.names[0],
    yName: t.names[1],
    corner: 60,
    legend: [
      ...t.kinds.map((name, i) => ({ name, tone: KIND_TONES[i], as: "dot" as const })),
      { name: "output ½", tone: "forward" },
    ],
  });
}

/** The points do not move while the network learns: drawn once. */
export function pointMarks(f: Frame, { points }: Table): Scene[] {
  return KIND_TONES.map((tone, kind) => {
    const own = Array.from(points.y.keys()).filter((i) => points.y[i] === kind);
    return dots(
      f,
      own.map((i) => points.x1[i]),
      own.map((i) => points.x2[i]),
      tone,
    );
  });
}

export function planePicture(
  f: Frame,
  t: Table,
  marks: readonly Scene[],
  output: Float64Array | undefined,
  example: number,
): { frame: Frame; scene: Scene; still: readonly Scene[] } {
  const chosen =
    Number.isFinite(t.points.x1[example]) && Number.isFinite(t.points.x2[example])
      ? [
          element("circle", {
            class: "node tone-backward",
            "fill-opacity": 0,
            cx: f.px(t.points.x1[example]),
            cy: f.py(t.points.x2[example]),
            r: 9,
          }),
        ]
      : [];
  const line = output ? recoloured(contourLines(f, grid(output), [0.5])) : undefined;
  return {
    frame: f,
    scene: chart(f, {
      title: `the points by ${t.names[0]} and ${t.names[1]}, and where the output is ½`,
      marks: [...(output ? shades(f, output) : []), ...(line ? [line] : [])],
    }),
    still: [...marks, ...chosen],
  };
}

/** The line of decision stands out. */
const recoloured = (lines: Scene): Scene => ({
  ...lines,
  children: lines.children.map((c) =>
    typeof c === "string"
      ? c
      : { ...c, attributes: { ...c.attributes, class: "curve tone-forward", opacity: 1 } },
  ),
});

const MOST_ON_CURVE = 600;

/** σ over z = w·x + b, with each point where it stands, and the slope at the chosen one. */
export function sigmoidPicture(t: Table, a: TrainAnswer, example: number, width: number, height: number) {
  const [w1, w2, b] = a.parameters;
  const { points } = t;
  const z = points.x1.map((x, i) => w1 * x + w2 * points.x2[i] + b);
  // They all lie on two lines: of many, every so-manieth tells as much.
  const every = Math.ceil(z.length / MOST_ON_CURVE);
  const most = Math.max(4, z.reduce((m, v) => Math.max(m, Math.abs(v)), 0) * 1.05);
  const f = frame({
    width,
    height,
    x: { low: -most, high: most },
    y: { low: -0.1, high: 1.1 },
    xName: "z = w·x + b",
    corner: 60,
    legend: [
      { name: "a = σ(z)", tone: "forward" },
      { name: "slope there", tone: "backward", dashed: true },
    ],
  });
  const at = steps(-most, most, 181);
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const marks: Scene[] = KIND_TONES.map((tone, kind) => {
    const own = Array.from(points.y.keys()).filter((i) => points.y[i] === kind && i % every === 0);
    return dots(
      f,
      own.map((i) => z[i]),
      own.map(() => kind),
      tone,
    );
  });
  const here = example < z.length ? z[example] : undefined;
  const chosen: Scene[] = [];
  if (here !== undefined) {
    const [s, y] = [sigmoid(here), points.y[example]];
    const reach = most / 3;
    chosen.push(
      segment(f, [here - reach, s - reach * s * (1 - s)], [here + reach, s + reach * s * (1 - s)], {
        tone: "backward",
        dashed: true,
      }),
      segment(f, [here, s], [here, y], { tone: "backward", thin: true }),
      point(f, here, s, "backward", 6),
    );
  }
  return {
    frame: f,
    scene: chart(f, {
      title: "the sigmoid over z, the points, and the slope at the chosen one",
      marks: [...marks, curve(f, at, at.map(sigmoid), { tone: "forward" }), ...chosen],
    }),
  };
}

export function lossPicture(a: TrainAnswer, width: number, height: number) {
  const losses = Array.from(a.losses);
  const f = frame({
    width,
    height,
    x: { low: 0, high: Math.max(10, losses.length - 1) },
    y: { low: 0, high: Math.max(0.02, ...losses.filter(Number.isFinite)) * 1.05 },
    xName: "step",
    corner: 60,
    legend: [{ name: "loss", tone: "forward" }],
  });
  return {
    frame: f,
    scene: chart(f, {
      title: "the loss, step by step",
      marks: [curve(f, Array.from(losses.keys()), losses, { tone: "forward" })],
      over: [point(f, losses.length - 1, losses[losses.length - 1] ?? Number.NaN, "forward", 4)],
    }),
  };
}

const LAYER_TONES: readonly Tone[] = ["fourth", "third", "second", "fifth"];

/** The output layer in the colour of gradients: what the others are to be compared with. */
const layerTone = (l: number, count: number): Tone => (l === count - 1 ? "backward" : LAYER_TONES[l]);

/** The size of the gradient layer by layer: where it vanishes, the first layers do not learn. */
export function gradientPicture(a: TrainAnswer, width: number, height: number) {
  const all = a.sizes.flatMap((s) => Array.from(s)).filter((v) => v > 0);
  const [low, high] = all.length > 0 ? [Math.min(...all), Math.max(...all)] : [1e-3, 1];
  const f = frame({
    width,
    height,
    x: { low: 0, high: Math.max(10, a.losses.length - 1) },
    y: {
      low: 10 ** Math.max(-16, Math.floor(Math.log10(low) - 0.01)),
      high: 10 ** Math.ceil(Math.log10(high) + 0.01),
    },
    logY: true,
    xName: "step",
    corner: 60,
    legend: a.sizes.map((_, l) => ({
      name: l === a.sizes.length - 1 ? "output layer" : `layer ${l + 1}`,
      tone: layerTone(l, a.sizes.length),
    })),
  });
  return {
    frame: f,
    scene: chart(f, {
      title: "the size of each layer’s gradient, step by step, on a logarithmic scale",
      marks: a.sizes.map((s, l) => curve(f, Array.from(s.keys()), s, { tone: layerTone(l, a.sizes.length) })),
    }),
  };
}

const UNIT = 62;
const GAP = { across: 96, down: 22 };

/** The network: inputs, units each with what it answers over the plane, and weights to click. */
export function networkPicture(
  shape: Shape,
  a: TrainAnswer,
  units: readonly (readonly Float64Array[])[] | undefined,
  inputs: readonly [string, string],
  selected: string,
): Scene {
  const sizes = [INPUTS, ...sizesOf(shape).map(([, n]) => n)];
  const rows = Math.max(...sizes);
  const width = 70 + sizes.length * UNIT + (sizes.length - 1) * GAP.across;
  const height = rows * (UNIT + GAP.down) + 8;
  const place = (column: number, row: number) => ({
    x: 60 + column * (UNIT + GAP.across),
    y: (height - sizes[column] * (UNIT + GAP.down) + GAP.down) / 2 + row * (UNIT + GAP.down),
  });
  const most = a.parameters.reduce((m, w) => Math.max(m, Math.abs(w)), 1e-6);
  const edges = namesOf(shape).flatMap((n, i): Scene[] => {
    if (n.from === undefined) return [];
    const [p, q] = [place(n.layer, n.from), place(n.layer + 1, n.to)];
    const [x1, y1, x2, y2] = [p.x + UNIT, p.y + UNIT / 2, q.x, q.y + UNIT / 2];
    const d = `M${x1} ${round(y1)}C${x1 + GAP.across / 2} ${round(y1)} ${x2 - GAP.across / 2} ${round(y2)} ${x2} ${round(y2)}`;
    const w = a.parameters[i];
    const strong = n.name === selected;
    return [
      element(
        "g",
        {
          class: "part",
          "data-part": n.name,
          tabindex: 0,
          role: "button",
          "aria-pressed": String(strong),
          "aria-label": `weight ${n.name.replace("_", " ")}: ${Number(w.toPrecision(3))}`,
        },
        [
          element("path", { class: "hit-line", d }),
          element("path", {
            class: `curve tone-${KIND_TONES[w < 0 ? 0 : 1]}`,
            style: `stroke-width:${round(strong ? 5 : 0.8 + (4 * Math.abs(w)) / most)}px${strong ? "" : ";opacity:.75"}`,
            d,
          }),
        ],
      ),
    ];
  });
  const boxes = sizes.flatMap((count, column) =>
    Array.from({ length: count }, (_, row) => {
      const { x, y } = place(column, row);
      const values = column === 0 ? undefined : units?.[column - 1]?.[row];
      return element("g", { transform: `translate(${round(x)} ${round(y)})` }, [
        element("rect", { class: "node tone-muted", width: UNIT, height: UNIT, rx: 8 }),
        ...(values ? unitField(values) : []),
        ...(column === 0
          ? [
              element("text", { class: "label", x: UNIT / 2, y: UNIT / 2 + 5, "text-anchor": "middle" }, [
                `x${"₁₂"[row]}`,
              ]),
            ]
          : []),
      ]);
    }),
  );
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "chart network",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      style: `min-width:${Math.round(0.7 * width)}px`,
      role: "group",
      "aria-label": `a network of ${inputs.join(" and ")}: each unit shows its answer over the plane`,
    },
    [...edges, ...boxes],
  );
}

/** What a unit answers over the plane, from its lowest to its highest. */
function unitField(values: Float64Array): Scene[] {
  const size = UNIT - 6;
  const f = frame({ width: size, height: size, x: { low: 0, high: 1 }, y: { low: 0, high: 1 }, small: true });
  const box = { ...f, px: (v: number) => 3 + v * size, py: (v: number) => 3 + (1 - v) * size };
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of values) [low, high] = [Math.min(low, v), Math.max(high, v)];
  if (!(high > low)) return [];
  const part = values.map((v) => (v - low) / (high - low));
  return shades(box, part);
}
