import { strongWolfe } from "./line-search.ts";
import { apply, cholesky, choleskySolve, dot, norm, plusScaled, scaled, unit } from "./linear-algebra.ts";
import { Memory } from "./memory.ts";
import { type Bounds, type Iterate, isNoise, type Method, stationarity, type Trial } from "./method.ts";
import type { Objective } from "./objective.ts";

interface Line {
  readonly first: number;
  readonly longest?: number;
  /** The point at a step length; x + t·d unless told. */
  readonly place?: (step: number) => Float64Array;
  /** Arrays for gradients, taken from here and given back: new ones cost as much as the work on them. */
  readonly spare?: Float64Array[];
}

/** Searches along d from `at`; the point found, or undefined where no step helps. */
export function searchLine(
  objective: Objective,
  at: Iterate,
  d: Float64Array,
  { first, longest, place = (t) => plusScaled(at.x, t, d), spare = [] }: Line,
): { next: Iterate; step: number; slope: number } | undefined {
  const slope = dot(at.gradient, d);
  if (!(slope < 0)) return undefined;
  let bottomless: { step: number; next: Iterate } | undefined;
  const tried = new Map<number, Iterate>();
  const step = strongWolfe(
    (t) => {
      const x = place(t);
      const next = { x, ...objective.valueAndGradient(x, spare.pop()) };
      // A value of −∞ is an answer too: there is no minimum.
      if (next.value === Number.NEGATIVE_INFINITY) bottomless = { step: t, next };
      tried.set(t, next);
      return { value: next.value, slope: dot(next.gradient, d) };
    },
    { value: at.value, slope },
    { first, longest },
  );
  if (bottomless) return { ...bottomless, slope };
  for (const [t, { gradient }] of tried) if (t !== step) spare.push(gradient);
  return step === undefined ? undefined : { step, next: tried.get(step) as Iterate, slope };
}

/** The step α·d, d the minimum of the model: promised −gᵀd(α − α²/2). */
function quadraticTrial(
  { next, step, slope }: { next: Iterate; step: number; slope: number },
  d: Float64Array,
  asked: Pick<Trial, "curvature" | "ahead">,
): Trial {
  return {
    at: next,
    model: "quadratic",
    promised: -slope * (step - (step * step) / 2),
    tried: next.value,
    length: step * norm(d),
    accepted: true,
    setting: step,
    ...asked,
  };
}

/** B from H, its inverse; before there is one, B = ‖g‖·I is what makes a step of length 1. */
function curvatureOf(g: Float64Array, inverse: Float64Array | undefined): Float64Array {
  const n = g.length;
  const l = inverse && cholesky(inverse.slice(), n);
  if (!l) return diagonal(n, norm(g));
  const b = new Float64Array(n * n);
  // Symmetric: its rows are its columns.
  for (let i = 0; i < n; i++) b.set(choleskySolve(l, unit(n, i)), i * n);
  return b;
}

/** Nothing is gained any more: the value stands still, and so does the gradient. */
export function stalled(at: Iterate, next: Iterate, bounds?: Bounds): boolean {
  const fell = at.value - next.value;
  return (fell <= 0 || isNoise(fell, at.value)) && stationarity(next, bounds) >= stationarity(at, bounds);
}

/** BFGS with the inverse Hessian kept (Nocedal and Wright 2006, algorithm 6.1). */
export const bfgsMethod: Method = function* (objective, start) {
  const n = start.x.length;
  let at = start;
  let inverse: Float64Array | undefined;
  for (;;) {
    const first = inverse === undefined;
    const d = inverse ? scaled(-1, apply(inverse, at.gradient)) : scaled(-1 / norm(at.gradient), at.gradient);
    const found = searchLine(objective, at, d, { first: 1 });
    if (!found || stalled(at, found.next)) {
      // A model gone stale: begin again with none, once.
      if (first) return;
      inverse = undefined;
      continue;
    }
    const { next } = found;
    yield quadraticTrial(found, d, {
      curvature: () => curvatureOf(at.gradient, inverse),
      ahead: () => (inverse ? dot(next.gradient, apply(inverse, next.gradient)) / 2 : 0),
    });
    const s = plusScaled(next.x, -1, at.x);
    const y = plusScaled(next.gradient, -1, at.gradient);
    const sy = dot(s, y);
    if (sy > Number.EPSILON * norm(s) * norm(y)) {
      inverse ??= diagonal(n, sy / dot(y, y));
      updateInverse(inverse, s, y, sy);
    }
    at = next;
  }
};

function diagonal(n: number, value: number): Float64Array {
  const m = new Float64Array(n * n);
  for (let i = 0; i < n; i++) m[i * n + i] = value;
  return m;
}

/** H ← (I − ρsyᵀ)H(I − ρysᵀ) + ρssᵀ, in place. */
function updateInverse(h: Float64Array, s: Float64Array, y: Float64Array, sy: number): void {
  const n = s.length;
  const hy = apply(h, y);
  const factor = (1 + dot(y, hy) / sy) / sy;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) h[i * n + j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
}

/** L-BFGS (Liu and Nocedal 1989). */
export const lbfgsMethod: Method = function* (objective, start, settings) {
  const memory = new Memory(settings.memory, start.x.length);
  const spare = memory.gradients();
  let at = start;
  for (;;) {
    const d = memory.direction(at.gradient);
    const found = searchLine(objective, at, d, { first: 1, spare });
    if (!found || stalled(at, found.next)) {
      if (memory.isEmpty) return;
      memory.clear();
      continue;
    }
    const { next } = found;
    yield quadraticTrial(found, d, {
      curvature: () => curvatureOf(at.gradient, memory.inverse(at.x.length)),
      ahead: () => (memory.isEmpty ? 0 : -dot(next.gradient, memory.direction(next.gradient)) / 2),
    });
    memory.add(at, next);
    if (at !== start) spare.push(at.gradient);
    at = next;
  }
};
