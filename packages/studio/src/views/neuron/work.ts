/** What the view Neuron asks of the library, from plain data to plain data. */
import { jit, type Tensor, tensor, valueAndGrad } from "gradus";
import { backwardPass, parse } from "gradus/math";
import type { Formula } from "../../lib/formats.ts";
import { forward, type Layer, lossOf, type Parameters, pack, start, unpack } from "./network.ts";
import { linesOf, namesOf, type Shape, sizesOf } from "./shape.ts";

export interface Points {
  readonly x1: Float64Array;
  readonly x2: Float64Array;
  /** 0 or 1. */
  readonly y: Float64Array;
}

export interface Training {
  /** Changes with the points. */
  readonly key: string;
  readonly shape: Shape;
  readonly rate: number;
  /** All points at each step, or one after the other. */
  readonly mode: "all" | "one";
  readonly seed: number;
}

export interface TrainAnswer {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  /** Before each step up to this one. */
  readonly losses: Float64Array;
  /** The root mean square of each layer's gradient, step by step. */
  readonly sizes: readonly Float64Array[];
  /** For the mode "one": the point that the next step learns from. */
  readonly next: number;
}

/** Milliseconds of training in one answer: the page draws in between. */
const BUDGET = 12;

interface Session {
  readonly key: string;
  readonly shape: Shape;
  readonly history: Float64Array[];
  readonly gradients: Float64Array[];
  readonly losses: number[];
  readonly sizes: number[][];
  readonly at: (flat: Float64Array, step: number) => { value: number; gradient: Float64Array };
  readonly accuracy: (flat: Float64Array) => number;
}

let session: Session | undefined;
let given: { readonly key: string; readonly points: Points } | undefined;

/** The points, once: ten thousand of them are not sent again for each step. */
export function learnFrom(q: { key: string; points: Points }): void {
  given = q;
}

function sessionOf(q: Training, points: Points): Session {
  const key = JSON.stringify([q.key, q.shape, q.rate, q.mode, q.seed]);
  if (session?.key === key) return session;
  const { x1, x2, y } = points;
  const n = y.length;
  const rows = Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? x1 : x2)[i >> 1]);
  const all = { x: tensor(rows).reshape([n, 2]), y: tensor(y).reshape([n, 1]) };
  const gradient = jit(valueAndGrad((p: Parameters, x: Tensor, t: Tensor) => lossOf(q.shape, p, x, t)));
  const output = jit((p: Parameters, x: Tensor) => forward(q.shape, p, x)[q.shape.hidden.length]);
  const rowAt = (i: number) => ({
    x: tensor(rows.slice(2 * i, 2 * i + 2)).reshape([1, 2]),
    y: tensor(y.slice(i, i + 1)).reshape([1, 1]),
  });
  session = {
    key,
    shape: q.shape,
    history: [start(q.shape, q.seed)],
    gradients: [],
    losses: [],
    sizes: sizesOf(q.shape).map(() => []),
    at: (flat, step) => {
      const rows = q.mode === "all" ? all : rowAt(exampleAt(step, n));
      const found = gradient(unpack(q.shape, flat) as never, rows.x, rows.y) as unknown as {
        value: Tensor | number;
        gradient: { layers: Layer[] };
      };
      const { value } = found;
      return { value: typeof value === "number" ? value : value.item(), gradient: pack(found.gradient) };
    },
    accuracy: (flat) => {
      const a = (output(unpack(q.shape, flat) as never, all.x) as unknown as Tensor).toTypedArray();
      return y.reduce((sum, t, i) => sum + (a[i] > 0.5 === t > 0.5 ? 1 : 0), 0) / (n || 1);
    },
  };
  return session;
}

/** Every point once in n steps, in an order that jumps: neighbours in a file are often of one kind. */
export function exampleAt(step: number, n: number): number {
  let stride = Math.max(1, Math.round(n * 0.382));
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  while (gcd(stride, n) !== 1) stride++;
  return (step * stride) % n;
}

/**
 * Trains as far as the time of one answer goes, at most to `step`; what was trained before is remembered. Undefined
 * where `learnFrom` has to come first: a worker may be a new one.
 */
export function train(q: Training & { step: number }): TrainAnswer | undefined {
  if (given?.key !== q.key) return undefined;
  const { points } = given;
  const s = sessionOf(q, points);
  const until = performance.now() + BUDGET;
  const rate = (step: number) => {
    const { value, gradient } = s.at(s.history[step], step);
    s.losses[step] = value;
    s.gradients[step] = gradient;
    let at = 0;
    sizesOf(s.shape).forEach(([inputs, units], l) => {
      const part = gradient.subarray(at, at + (inputs + 1) * units);
      at += part.length;
      s.sizes[l][step] = Math.sqrt(part.reduce((sum, g) => sum + g * g, 0) / part.length);
    });
  };
  if (s.gradients.length === 0) rate(0);
  while (s.history.length <= q.step && performance.now() < until) {
    const last = s.history.length - 1;
    s.history.push(s.history[last].map((w, i) => w - q.rate * s.gradients[last][i]));
    rate(last + 1);
  }
  const step = Math.min(q.step, s.history.length - 1);
  return {
    step,
    loss: s.losses[step],
    accuracy: s.accuracy(s.history[step]),
    parameters: s.history[step],
    gradient: s.gradients[step],
    losses: Float64Array.from(s.losses.slice(0, step + 1)),
    sizes: s.sizes.map((list) => Float64Array.from(list.slice(0, step + 1))),
    next: exampleAt(step, points.y.length || 1),
  };
}

export interface Field {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly cells: number;
}

/** The output and every unit over the plane: each a grid, row by row from the lowest. */
export function fields(q: { shape: Shape; parameters: Float64Array; field: Field }): Float64Array[][] {
  const { x, y, cells } = q.field;
  const along = ([low, high]: readonly [number, number], i: number) => low + ((high - low) * i) / (cells - 1);
  const places = Float64Array.from({ length: 2 * cells * cells }, (_, k) => {
    const i = k >> 1;
    return k % 2 === 0 ? along(x, i % cells) : along(y, Math.floor(i / cells));
  });
  const layers = forward(q.shape, unpack(q.shape, q.parameters), tensor(places).reshape([cells * cells, 2]));
  return layers.map((h) => {
    const units = h.shape[1];
    const values = h.toTypedArray();
    return Array.from({ length: units }, (_, u) =>
      Float64Array.from({ length: cells * cells }, (_, i) => values[i * units + u]),
    );
  });
}

export interface Row {
  readonly name: string;
  readonly formula: Formula;
  readonly value: number;
}

export interface UpdateAnswer {
  readonly lines: readonly Row[];
  /** From the loss back to the weight: ∂L/∂… in symbols and numbers. */
  readonly back: readonly Row[];
  readonly weight: string;
  readonly latex: string;
  readonly gradient: number;
  readonly from: number;
  readonly to: number;
}

/** One example through the network, and the chain that leads back to one weight. */
export function explainUpdate(q: {
  shape: Shape;
  parameters: Float64Array;
  x: readonly [number, number];
  y: number;
  weight: string;
  rate: number;
}): UpdateAnswer {
  const names = namesOf(q.shape);
  const chosen = names.find((n) => n.name === q.weight) ?? names[0];
  const values = new Map<string, Tensor>(names.map((n, i) => [n.name, tensor(q.parameters[i])]));
  values.set("x_1", tensor(q.x[0])).set("x_2", tensor(q.x[1])).set("y", tensor(q.y));
  const pass = backwardPass(parse(linesOf(q.shape).join("; ")), values, { wrt: [chosen.name], rate: q.rate });
  const number = (t: Tensor) => t.item();
  const formula = (left: string, w: { text: string; latex: string } | undefined): Formula =>
    w ? { text: w.text, latex: `${left} = ${w.latex}` } : { text: "1", latex: `${left} = 1` };
  const partial = (name: string) => `\\frac{\\partial L}{\\partial ${latexOf(name)}}`;
  const used = ancestors(pass.backward, chosen.name);
  const update = pass.update.get(chosen.name);
  return {
    lines: pass.forward
      .filter((r) => r.formula)
      .map((r) => ({ name: r.name, formula: formula(latexOf(r.name), r.formula), value: number(r.value) })),
    back: pass.backward
      .filter((r) => used.has(r.name))
      .map((r) => ({ name: r.name, formula: formula(partial(r.name), r.formula), value: number(r.adjoint) })),
    weight: chosen.name,
    latex: chosen.latex,
    gradient: number(pass.gradient.get(chosen.name) as Tensor),
    from: update ? number(update.from) : Number.NaN,
    to: update ? number(update.to) : Number.NaN,
  };
}

/** The rows that the adjoint of a name is built from. */
function ancestors(
  rows: readonly { readonly name: string; readonly parts: readonly { readonly through: string }[] }[],
  name: string,
): Set<string> {
  const found = new Set<string>();
  const visit = (n: string): void => {
    if (found.has(n)) return;
    found.add(n);
    for (const p of rows.find((r) => r.name === n)?.parts ?? []) visit(p.through);
  };
  visit(name);
  return found;
}

const latexOf = (name: string): string => name.replace(/_(.+)/, "_{$1}");
