/** What the view Descend asks of the library, from plain data to plain data. */
import { add, mean, mul, pow, sigmoid, sub, type Tensor, tensor, vmap } from "gradus";
import { MathError, parse, Rational, sample } from "gradus/math";
import { localModel, type MethodName, type Minimization, minimize } from "gradus/optimize";
import { penguins, scaleOf } from "../../data/penguins.ts";
import { gridOf } from "../taylor/work.ts";

/** A formula in one variable or two, the others held; or the deck's neuron on the penguins. */
export interface Loss {
  readonly kind: "formula" | "neuron";
  readonly f: string;
  /** The variables that are walked in, as far as the formula has them. */
  readonly over: readonly string[];
  /** Values of all variables. */
  readonly point: Readonly<Record<string, number>>;
}

type Params = Readonly<Record<string, Tensor>>;
/** One number for each variable that is walked in. */
export type Place = readonly number[];

const NEURON_NAMES = ["w", "b"];
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

/** The variables that are walked in: those asked for, w and b, or the first two. */
export function namesOf(loss: Loss): readonly string[] {
  if (loss.kind === "neuron") return NEURON_NAMES;
  const names = [...parse(loss.f).variables.keys()];
  if (names.length === 0)
    throw new MathError("a number has no slope to walk down: type a function, such as x^2");
  if (names.length <= 2) return names;
  const asked = loss.over.filter((n) => names.includes(n));
  if (asked.length === 2) return asked;
  return NEURON_NAMES.every((n) => names.includes(n)) ? NEURON_NAMES : names.slice(0, 2);
}

const numberOf = ({ point }: Loss, name: string): number => (Object.hasOwn(point, name) ? point[name] : 1);
const placeOf = (loss: Loss, names: readonly string[]): Place => names.map((n) => numberOf(loss, n));

/** The formula with numbers for the variables that are held. */
function formulaOf(loss: Loss): ReturnType<typeof parse> {
  const e = parse(loss.f);
  if (e.node.rank > 0 || e.node.dtype === "bool")
    throw new MathError("a loss is a number: such as the sum of squares");
  const names = namesOf(loss);
  const held = [...e.variables.keys()].filter((n) => !names.includes(n));
  return held.length === 0
    ? e
    : e.with(new Map(held.map((n) => [n, Rational.from(String(numberOf(loss, n)))])));
}

function targetOf(loss: Loss): (p: Params) => Tensor {
  if (loss.kind === "neuron") return (p) => neuronLoss(p.w, p.b);
  const e = formulaOf(loss);
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
  readonly from: Place;
  readonly to: Place;
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
  readonly start: { readonly point: Place; readonly value: number };
  readonly steps: readonly ShownStep[];
  readonly verdict: string;
  readonly kind: string;
  readonly work: { readonly functions: number; readonly gradients: number; readonly hessians: number };
  /** Where it ended. */
  readonly value: number;
  /** How the library was asked. */
  readonly asked: { readonly method: string; readonly settings: Readonly<Record<string, number>> };
  readonly error?: string;
}

export interface Descent extends Loss {
  readonly methods: readonly string[];
  readonly rate: number;
  readonly adamRate: number;
  readonly steps: number;
}

export interface DescendAnswer {
  /** All variables of the loss, and those that are walked in. */
  readonly variables: readonly string[];
  readonly names: readonly string[];
  readonly start: Place;
  readonly runs: readonly Run[];
  /** What the neuron's loss is of: bill lengths as measured, and which species. */
  readonly data?: { readonly lengths: readonly number[]; readonly species: readonly number[] };
}

export function descend(q: Descent): DescendAnswer {
  const names = namesOf(q);
  const target = targetOf(q);
  return {
    variables: q.kind === "neuron" ? names : [...parse(q.f).variables.keys()],
    names,
    start: placeOf(q, names),
    runs: q.methods.filter((m) => ASKED[m]).map((m) => runOf(q, names, target, m)),
    ...(q.kind === "neuron"
      ? {
          data: {
            lengths: penguins().map((p) => p.measured.bill_length_mm),
            species: penguins().map((p) => p.species),
          },
        }
      : {}),
  };
}

function runOf(q: Descent, names: readonly string[], target: (p: Params) => Tensor, name: string): Run {
  const { method, rated, radius } = ASKED[name];
  const place = placeOf(q, names);
  const start = Object.fromEntries(names.map((n, i) => [n, place[i]]));
  const settings = {
    steps: q.steps,
    ...(rated === "none" ? {} : { rate: rated === "gd" ? q.rate : q.adamRate }),
    ...(radius === undefined ? {} : { radius }),
  };
  const asked = { method, settings };
  const point = (p: unknown): Place => names.map((n) => Number((p as Record<string, number>)[n]));
  try {
    const done = minimize(target as never, start, {
      method,
      ...settings,
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
      value: done.value,
      asked,
    };
  } catch (error) {
    return {
      method: name,
      start: { point: place, value: Number.NaN },
      steps: [],
      verdict: "",
      kind: "refused",
      work: { functions: 0, gradients: 0, hessians: 0 },
      value: Number.NaN,
      asked,
      error: error instanceof Error ? error.message : String(error),
    };
  }
}

export interface ModelAnswer {
  readonly at: Place;
  readonly value: number;
  readonly gradient: Place;
  readonly hessian: readonly (readonly number[])[];
  readonly eigenvalues: readonly number[];
  readonly text: string;
}

/** Gradient, Hessian and eigenvalues at a point. */
export function descendModel(q: Loss & { at?: Place }): ModelAnswer {
  const names = namesOf(q);
  const at = q.at?.length === names.length ? q.at : placeOf(q, names);
  const m = localModel(targetOf(q) as never, Object.fromEntries(names.map((n, i) => [n, at[i]])));
  return {
    at,
    value: m.value,
    gradient: m.gradient,
    hessian: m.hessian,
    eigenvalues: m.eigenvalues,
    text: m.text,
  };
}

export interface Window {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly columns: number;
  readonly rows: number;
}

/** Samples of a loss of one variable: a curve is finer than a grid. */
const SAMPLES = 361;

/** The loss on a grid, row by row from the lowest of the second variable; of one variable, along its window. */
export function descendGrid(q: Loss & Window): { names: readonly string[]; values: Float64Array } {
  const names = namesOf(q);
  const along = ([low, high]: readonly [number, number], i: number, n: number) =>
    low + ((high - low) * i) / (n - 1);
  if (q.kind === "formula") {
    const e = formulaOf(q);
    if (names.length === 2) return { names, values: gridOf({ ...q, e, names }) };
    const x = Float64Array.from({ length: SAMPLES }, (_, i) => along(q.x, i, SAMPLES));
    return { names, values: sample(e, names[0], x) };
  }
  const across = tensor(Float64Array.from({ length: q.columns }, (_, i) => along(q.x, i, q.columns)));
  const values = new Float64Array(q.columns * q.rows);
  for (let r = 0; r < q.rows; r++) {
    const b = along(q.y, r, q.rows);
    const row = vmap((w: Tensor) => neuronLoss(w, add(mul(w, 0), b)))(across);
    values.set(row.toTypedArray() as Float64Array, r * q.columns);
  }
  return { names, values };
}
