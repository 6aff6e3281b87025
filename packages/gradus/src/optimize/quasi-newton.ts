import { strongWolfe } from "./line-search.ts";
import {
  addScaledAndDot,
  apply,
  cholesky,
  choleskySolve,
  difference,
  dot,
  norm,
  plusScaled,
  scale,
  scaled,
} from "./linear-algebra.ts";
import { type Iterate, isNoise, type Method, type Trial } from "./method.ts";
import type { Objective } from "./objective.ts";

/** Searches along d from `at`; the point found, or undefined where no step helps. */
export function searchLine(
  objective: Objective,
  at: Iterate,
  d: Float64Array,
  first: number,
  longest?: number,
): { next: Iterate; step: number } | undefined {
  const slope = dot(at.gradient, d);
  if (!(slope < 0)) return undefined;
  let bottomless: { step: number; next: Iterate } | undefined;
  const tried = new Map<number, Iterate>();
  const step = strongWolfe(
    (t) => {
      const x = plusScaled(at.x, t, d);
      const next = { x, ...objective.valueAndGradient(x) };
      // A value of −∞ is an answer too: there is no minimum.
      if (next.value === Number.NEGATIVE_INFINITY) bottomless = { step: t, next };
      tried.set(t, next);
      return { value: next.value, slope: dot(next.gradient, d) };
    },
    { value: at.value, slope },
    { first, longest },
  );
  return bottomless ?? (step === undefined ? undefined : { step, next: tried.get(step) as Iterate });
}

/** The step α·d, d the minimum of the model: promised −gᵀd(α − α²/2). */
export function quadraticTrial(
  at: Iterate,
  next: Iterate,
  d: Float64Array,
  step: number,
  curvature?: () => Float64Array,
): Trial {
  return {
    at: next,
    model: "quadratic",
    promised: -dot(at.gradient, d) * (step - (step * step) / 2),
    tried: next.value,
    length: step * norm(d),
    accepted: true,
    setting: step,
    curvature,
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

function unit(n: number, i: number): Float64Array {
  const e = new Float64Array(n);
  e[i] = 1;
  return e;
}

/** Nothing is gained any more: the value stands still, and so does the gradient. */
function stalled(at: Iterate, next: Iterate): boolean {
  return isNoise(at.value - next.value, at.value) && norm(next.gradient) >= norm(at.gradient);
}

/** BFGS with the inverse Hessian kept (Nocedal and Wright 2006, algorithm 6.1). */
export const bfgsMethod: Method = function* (objective, start) {
  const n = start.x.length;
  let at = start;
  let inverse: Float64Array | undefined;
  for (;;) {
    const first = inverse === undefined;
    const d = inverse ? scaled(-1, apply(inverse, at.gradient)) : scaled(-1 / norm(at.gradient), at.gradient);
    const found = searchLine(objective, at, d, 1);
    if (!found) {
      // A model gone stale: begin again with none, once.
      if (first) return;
      inverse = undefined;
      continue;
    }
    const { next, step } = found;
    if (stalled(at, next)) return;
    yield quadraticTrial(at, next, d, step, () => curvatureOf(at.gradient, inverse));
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

export interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
  readonly yy: number;
}

/** The last few steps and changes of gradient, which stand for the Hessian. */
export class Memory {
  private readonly pairs: Pair[] = [];
  private readonly most: number;
  private spare: Pair | undefined;

  constructor(most: number) {
    this.most = most;
  }

  get isEmpty(): boolean {
    return this.pairs.length === 0;
  }

  /** Oldest first; their arrays are used again when new ones are added. */
  get all(): readonly Pair[] {
    return this.pairs;
  }

  clear(): void {
    this.pairs.length = 0;
  }

  /** Keeps the pair if the curvature along it is positive. */
  add(before: Iterate, after: Iterate): void {
    const { s, y } = this.spare ?? {
      s: new Float64Array(after.x.length),
      y: new Float64Array(after.x.length),
    };
    difference(after.x, before.x, s);
    difference(after.gradient, before.gradient, y);
    const pair = { s, y, sy: dot(s, y), yy: dot(y, y) };
    const useful = pair.sy > Number.EPSILON * pair.yy;
    if (useful) this.pairs.push(pair);
    // The oldest pair's arrays are the next one's.
    this.spare = useful ? (this.pairs.length > this.most ? this.pairs.shift() : undefined) : pair;
  }

  /** H as a matrix: for a few coordinates. */
  inverse(n: number): Float64Array | undefined {
    if (this.isEmpty) return undefined;
    const h = new Float64Array(n * n);
    for (let i = 0; i < n; i++) h.set(scaled(-1, this.direction(unit(n, i))), i * n);
    return h;
  }

  /** −H·g by the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4). */
  direction(g: Float64Array): Float64Array {
    const { pairs } = this;
    const last = pairs.at(-1);
    const q = g.slice();
    if (!last) return scaled(-1 / norm(q), q);
    const alphas = new Float64Array(pairs.length);
    let along = dot(last.s, q);
    for (let i = pairs.length - 1; i >= 0; i--) {
      alphas[i] = along / pairs[i].sy;
      // The next product is made while the vector is at hand.
      along = addScaledAndDot(q, -alphas[i], pairs[i].y, (pairs[i - 1] ?? pairs[0]).s);
    }
    // The sign turned here turns the result.
    scale(q, -last.sy / last.yy);
    along = dot(pairs[0].y, q);
    for (let i = 0; i < pairs.length; i++)
      along = addScaledAndDot(q, -alphas[i] - along / pairs[i].sy, pairs[i].s, (pairs[i + 1] ?? last).y);
    return q;
  }
}

/** L-BFGS (Liu and Nocedal 1989). */
export const lbfgsMethod: Method = function* (objective, start, settings) {
  const memory = new Memory(settings.memory);
  let at = start;
  for (;;) {
    const d = memory.direction(at.gradient);
    const found = searchLine(objective, at, d, 1);
    if (!found) {
      if (memory.isEmpty) return;
      memory.clear();
      continue;
    }
    const { next, step } = found;
    if (stalled(at, next)) return;
    yield quadraticTrial(at, next, d, step, () => curvatureOf(at.gradient, memory.inverse(at.x.length)));
    memory.add(at, next);
    at = next;
  }
};
