import { type Expression, Rational, sample, taylorModel } from "gradus/math";
import {
  chart,
  curve,
  frame,
  handle,
  type LegendEntry,
  point,
  rangeOf,
  type Scene,
  steps,
} from "gradus-charts";
import { type Attributes, variableOf, withQuantities } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { type BlockKind, type Context, number, picture, sizeOf } from "./block.ts";

const SAMPLES = 401;

/** `::plot{f="ln(1+x)" from=-0.5 to=1 point=x tangent}`: a function, what goes with it, and a point to drag. */
export const plot: BlockKind = {
  place: "leaf",
  attributes: [
    "f",
    "wrt",
    "from",
    "to",
    "low",
    "high",
    "also",
    "derivative",
    "point",
    "tangent",
    "secant",
    "order",
    "title",
  ],
  render: (a, context) => ({ html: picture(draw(a, context)) }),
};

interface Line extends LegendEntry {
  readonly y: ArrayLike<number>;
}

function draw(a: Attributes, context: Context): Scene {
  const { quantities } = context;
  const e = a.expression("f");
  const held = a.quantity("point");
  const variable =
    held !== undefined && e.variables.has(held) ? held : variableOf(e, a.optional("wrt"), quantities);
  const f = withQuantities(e, quantities, [variable]);
  const x = a.range([-3, 3]);
  const at = Float64Array.from(steps(x.low, x.high, SAMPLES));
  const own: Line = { name: e.toString(), tone: "forward", y: sampled(f, variable, at) };
  const lines: Line[] = [own];
  if (a.flag("derivative")) {
    const d = f.variables.has(variable) ? f.derivative(variable) : a.expression("f", "0");
    lines.push({ name: "derivative", tone: "backward", thin: true, y: sampled(d, variable, at) });
  }
  const tones = ["second", "third", "model"] as const;
  (a.has("also") ? a.list("also") : []).slice(0, 6).forEach((text, i) => {
    const other = withQuantities(a.expression("also", text), quantities, [variable]);
    lines.push({ name: other.toString(), tone: tones[i % 3], y: sampled(other, variable, at) });
  });
  const here = a.has("point") ? a.number("point") : undefined;
  // Where a reader moved it, the function may have no value: then the point waits at the foot of the picture.
  const placed = (attribute: string, to: number): Place | undefined => {
    const [value] = sampled(f, variable, Float64Array.of(to));
    if (Number.isFinite(value)) return { x: to, y: value };
    if (!context.stated) return undefined;
    throw new LessonError(`${attribute}: the function has no value at ${number(to)}`);
  };
  const place = here === undefined ? undefined : placed("point", here);
  const through = place && a.has("secant") ? placed("secant", place.x + stepOf(a)) : undefined;
  if (place && through) lines.push(secant(place, through, at));
  if (place) lines.push(...modelsAt(a, f, variable, place, at));
  const y = heightOf(a, lines);
  const area = frame({ ...sizeOf(context), x, y, xName: variable, legend: lines });
  const marks = lines.map((l) => curve(area, at, l.y, l)).reverse();
  return chart(area, {
    title: a.text("title", `${lines.map((l) => l.name).join(", ")} over ${variable}`),
    marks: [
      ...marks,
      ...(through ? [point(area, through.x, through.y, "model", 5)] : []),
      ...(place && held === undefined ? [point(area, place.x, place.y, "forward", 6)] : []),
    ],
    over:
      here !== undefined && held !== undefined
        ? [
            handle(area, {
              id: held,
              x: here,
              y: place?.y ?? y.low,
              label: `the point, ${variable}`,
              along: "x",
              tone: place ? "forward" : "muted",
            }),
          ]
        : [],
  });
}

function sampled(f: Expression, variable: string, at: Float64Array): Float64Array {
  const missing = [...f.variables.keys()].find((v) => v !== variable);
  if (missing !== undefined) throw new LessonError(`${missing} has no value: give a slider of that name`);
  return sample(f, variable, at);
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The step from the point to the second one of a secant. */
function stepOf(a: Attributes): number {
  const step = a.number("secant");
  if (step === 0) throw new LessonError("secant=0: the step Δx must not be 0; tangent draws the limit");
  return step;
}

/** The line through two points of the curve: it becomes the tangent as they meet. */
const secant = (p: Place, q: Place, at: Float64Array): Line => ({
  name: "secant",
  tone: "model",
  y: at.map((x) => p.y + ((q.y - p.y) / (q.x - p.x)) * (x - p.x)),
});

/** The tangent, and Taylor's polynomial of an order, about the point. */
function modelsAt(a: Attributes, f: Expression, variable: string, place: Place, at: Float64Array): Line[] {
  const orders = [
    ...(a.flag("tangent") ? [1] : []),
    ...(a.has("order") ? [a.whole("order", 2, [0, 30])] : []),
  ];
  if (orders.length === 0) return [];
  const most = Math.max(...orders);
  const c = f.variables.has(variable)
    ? taylorModel(f, variable, Rational.from(String(place.x)), most).coefficients
    : [place.y];
  return [...new Set(orders)].map((order) => ({
    name: order === 1 ? "tangent" : `order ${order}`,
    tone: order === 1 ? "backward" : "model",
    dashed: true,
    y: at.map((x) => c.slice(0, order + 1).reduceRight((sum, ck) => sum * (x - place.x) + ck, 0)),
  }));
}

/** As high as the function itself, with a third more for what goes with it. */
function heightOf(a: Attributes, lines: readonly Line[]): { low: number; high: number } {
  const own = rangeOf(Array.from(lines[0].y));
  const all = lines.map((l) => rangeOf(Array.from(l.y)));
  const room = (own.high - own.low) / 3;
  const low = a.number("low", Math.max(Math.min(...all.map((r) => r.low)), own.low - room));
  const high = a.number("high", Math.min(Math.max(...all.map((r) => r.high)), own.high + room));
  if (!(low < high)) throw new LessonError(`low=${low} high=${high}: the first must be the smaller one`);
  return { low, high };
}
