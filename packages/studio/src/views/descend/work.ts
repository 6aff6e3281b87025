/** What the view Descend asks of the library, from plain data to plain data. */
import { add, mean, mul, pow, sigmoid, sub, type Tensor, tensor, vmap } from "gradus";
import { MathError, parse } from "gradus/math";
import { localModel, type MethodName, type Minimization, minimize } from "gradus/optimize";
import { penguins, scaleOf } from "../../data/penguins.ts";
import { gridOf } from "../taylor/work.ts";

/** A formula of two variables, or the deck's neuron on the penguins. */
export interface Loss {
  readonly kind: "formula" | "neuron";
  readonly f: string;
}

type Params = Readonly<Record<string, Tensor>>;
type Pair = readonly [number, number];

const NEURON_NAMES: readonly [string, string] = ["w", "b"];
let data: { x: Tensor; y: Tensor } | undefined;

/** Standardised bill lengths, and which species. */
function neuronData(): { x: Tensor; y: Tensor } {
  if (!data) {
    const all = penguins();
    const x = all.map((p) => p.measured.bill_length_mm);
    const { mean: middle, deviation } = scaleOf(x);
    data = { x: tensor(x.map((v) => (v - middle) / deviation)), y: tensor(all.map((p) => p.species)) };
  }
  return data;
}

/** The lecture's ½(y − a)², averaged over the penguins. */
function neuronLoss(w: Tensor, b: Tensor): Tensor {
  const { x, y } = neuronData();
  return mul(mean(pow(sub(y, sigmoid(add(mul(w, x), b))), 2)), 0.5);
}

export function namesOf(loss: Loss): readonly [string, string] {
  if (loss.kind === "neuron") return NEURON_NAMES;
  const names = [...parse(loss.f).variables.keys()];
  if (names.length !== 2)
    throw new MathError(`a loss to walk on has two variables: this has ${names.length || "none"}`);
  return [names[0], names[1]];
}

function targetOf(loss: Loss): (p: Params) => Tensor {
  if (loss.kind === "neuron") return (p) => neuronLoss(p.w, p.b);
  const e = parse(loss.f);
  return (p) => e.apply(new Map(Object.entries(p)));
}

/** What a method is called here, and what it is asked with. */
const ASKED: Readonly<
  Record<string, { method: MethodName; rated: "gd" | "adam" | "none"; radius?: number }>
> = {
  gd: { method: "gd", rated: "gd" },
  momentum: { method: "momentum", rated: "gd" },
  adam: { method: "adam", rated: "adam" },
  newton: { method: "newton", rated: "none", radius: 1e8 },
  trust: { method: "newton", rated: "none", radius: 0.5 },
  lbfgs: { method: "lbfgs", rated: "none" },
};

export interface ShownStep {
  readonly from: Pair;
  readonly to: Pair;
  readonly value: number;
  readonly promised: number;
  readonly actual: number;
  readonly ratio: number;
  readonly length: number;
  readonly accepted: boolean;
  readonly setting: number;
  readonly model: "linear" | "quadratic";
  readonly curvature?: readonly (readonly number[])[];
}

export interface Run {
  readonly method: string;
  readonly start: { readonly point: Pair; readonly value: number };
  readonly steps: readonly ShownStep[];
  readonly verdict: string;
  readonly kind: string;
  readonly work: { readonly functions: number; readonly gradients: number; readonly hessians: number };
  readonly error?: string;
}

export interface Descent extends Loss {
  readonly start: Pair;
  readonly methods: readonly string[];
  readonly rate: number;
  readonly adamRate: number;
  readonly steps: number;
}

export interface DescendAnswer {
  readonly names: readonly [string, string];
  readonly runs: readonly Run[];
}

export function descend(q: Descent): DescendAnswer {
  const names = namesOf(q);
  const target = targetOf(q);
  return { names, runs: q.methods.filter((m) => ASKED[m]).map((m) => runOf(q, names, target, m)) };
}

function runOf(
  q: Descent,
  names: readonly [string, string],
  target: (p: Params) => Tensor,
  name: string,
): Run {
  const { method, rated, radius } = ASKED[name];
  const start = { [names[0]]: q.start[0], [names[1]]: q.start[1] };
  const point = (p: unknown): Pair => {
    const at = p as Record<string, number>;
    return [Number(at[names[0]]), Number(at[names[1]])];
  };
  try {
    const done = minimize(target as never, start, {
      method,
      steps: q.steps,
      ...(rated === "none" ? {} : { rate: rated === "gd" ? q.rate : q.adamRate }),
      ...(radius === undefined ? {} : { radius }),
    }) as unknown as Minimization<Record<string, number>>;
    let from = point(done.start.point);
    const steps = done.steps.map((s): ShownStep => {
      const to = point(s.point);
      const { value, promised, actual, ratio, length, accepted, setting, model, curvature } = s;
      const shown = { from, to, value, promised, actual, ratio, length, accepted, setting, model, curvature };
      from = to;
      return shown;
    });
    const { functions, gradients, hessians } = done.evaluations;
    return {
      method: name,
      start: { point: point(done.start.point), value: done.start.value },
      steps,
      verdict: done.verdict.text,
      kind: done.verdict.kind,
      work: { functions, gradients, hessians },
    };
  } catch (error) {
    return {
      method: name,
      start: { point: q.start, value: Number.NaN },
      steps: [],
      verdict: "",
      kind: "refused",
      work: { functions: 0, gradients: 0, hessians: 0 },
      error: error instanceof Error ? error.message : String(error),
    };
  }
}

export interface ModelAnswer {
  readonly at: Pair;
  readonly value: number;
  readonly gradient: Pair;
  readonly hessian: readonly (readonly number[])[];
  readonly eigenvalues: readonly number[];
  readonly text: string;
}

/** Gradient, Hessian and eigenvalues at a point. */
export function descendModel(q: Loss & { at: Pair }): ModelAnswer {
  const names = namesOf(q);
  const m = localModel(targetOf(q) as never, { [names[0]]: q.at[0], [names[1]]: q.at[1] });
  return {
    at: q.at,
    value: m.value,
    gradient: [m.gradient[0], m.gradient[1]],
    hessian: m.hessian,
    eigenvalues: m.eigenvalues,
    text: m.text,
  };
}

export interface Window {
  readonly x: Pair;
  readonly y: Pair;
  readonly columns: number;
  readonly rows: number;
}

/** The loss on a grid, row by row from the lowest of the second variable. */
export function descendGrid(q: Loss & Window): Float64Array {
  if (q.kind === "formula") return gridOf({ ...q, names: namesOf(q) });
  const along = ([low, high]: Pair, i: number, n: number) => low + ((high - low) * i) / (n - 1);
  const across = tensor(Float64Array.from({ length: q.columns }, (_, i) => along(q.x, i, q.columns)));
  const values = new Float64Array(q.columns * q.rows);
  for (let r = 0; r < q.rows; r++) {
    const b = along(q.y, r, q.rows);
    const row = vmap((w: Tensor) => neuronLoss(w, add(mul(w, 0), b)))(across);
    values.set(row.toTypedArray() as Float64Array, r * q.columns);
  }
  return values;
}
