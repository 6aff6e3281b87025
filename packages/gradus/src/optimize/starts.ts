import type { BoundModel } from "./fit-model.ts";
import { type LeastSquaresSettings, leastSquares } from "./levenberg-marquardt.ts";
import { dot } from "./linear-algebra.ts";
import type { Bounds } from "./method.ts";
import { qr, rankOf, solveUpper, unordered } from "./qr.ts";

const CANDIDATES = 400;
const FINALISTS = 8;
const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

/** What the data say of a parameter's size. */
export interface Hints {
  /** Sizes of the columns, and their inverses. */
  readonly scales: readonly number[];
  /** The ranges of the predictors: where a peak or a step may stand. */
  readonly places: readonly (readonly [number, number])[];
}

/**
 * Parameters in which the model is linear, once the others are fixed: the derivatives by them do not depend on
 * them. Found in the graph, not by trying.
 */
function linearParameters(model: BoundModel): number[] {
  const depends = model.depends();
  const chosen: number[] = [];
  for (let i = 0; i < model.names.length; i++) {
    const together = [...chosen, i];
    if (together.every((p) => together.every((q) => !depends[p].has(q)))) chosen.push(i);
  }
  return chosen;
}

/** The element of van der Corput's sequence in a base: evenly spread over (0, 1), the same each time. */
function spread(index: number, base: number): number {
  let value = 0;
  let part = 1 / base;
  for (let i = index; i > 0; i = Math.floor(i / base)) {
    value += (i % base) * part;
    part /= base;
  }
  return value;
}

/**
 * A start where none is given: many values of the parameters that enter nonlinearly, over the scales that the data
 * suggest and both signs; the linear ones follow by least squares (Golub and Pereyra 1973); the best few are
 * fitted for a while, and the best of these is taken.
 */
export function guessStart(
  model: BoundModel,
  hints: Hints,
  settings: LeastSquaresSettings,
): Float64Array | undefined {
  const n = model.names.length;
  const linear = linearParameters(model);
  const nonlinear = Array.from({ length: n }, (_, i) => i).filter((i) => !linear.includes(i));
  const found: { x: Float64Array; sum: number }[] = [];
  const count = nonlinear.length === 0 ? 1 : CANDIDATES * Math.min(nonlinear.length, 6);
  for (let k = 1; k <= count; k++) {
    const x = new Float64Array(n);
    nonlinear.forEach((p, i) => (x[p] = candidate(k, i, hints)));
    const complete = withLinear(model, clamp(x, settings.bounds), linear);
    if (!complete) continue;
    const inside = clamp(complete, settings.bounds);
    const residuals = model.residuals(inside);
    const sum = dot(residuals, residuals);
    if (Number.isFinite(sum)) found.push({ x: inside, sum });
  }
  found.sort((a, b) => a.sum - b.sum);
  let best: { x: Float64Array; value: number } | undefined;
  for (const { x } of found.slice(0, FINALISTS)) {
    const run = leastSquares(model, x, { ...settings, steps: 40, onStep: undefined, tolerance: 1e-6 });
    if (Number.isFinite(run.value) && (!best || run.value < best.value)) best = run;
  }
  return best?.x;
}

/** A place on a predictor's axis, or a scale of the data times a power of ten from −2 to 2, of either sign. */
function candidate(k: number, i: number, hints: Hints): number {
  const u = spread(k, PRIMES[(2 * i) % PRIMES.length]);
  const v = spread(k + 7 * Math.floor(i / 5), PRIMES[(2 * i + 1) % PRIMES.length]);
  const { places, scales } = hints;
  const which = Math.min(Math.floor(v * 2 * scales.length), 2 * scales.length - 1);
  const part = 2 * v * scales.length - which;
  if (which >= scales.length && places.length > 0) {
    const [low, high] = places[which % places.length];
    return low + (high - low) * u;
  }
  // Most rates and shapes are positive as people write models.
  return (part < 0.75 ? 1 : -1) * scales[which % scales.length] * 10 ** (4 * u - 2);
}

function withLinear(model: BoundModel, x: Float64Array, linear: readonly number[]): Float64Array | undefined {
  if (linear.length === 0) return x;
  const { residuals, columns } = model.jacobian(x);
  if (!residuals.every(Number.isFinite) || !linear.every((c) => columns[c].every(Number.isFinite)))
    return undefined;
  const f = qr(
    linear.map((c) => columns[c]),
    residuals.map((v) => -v),
    true,
  );
  const values = unordered(f, solveUpper(f, f.qtb, rankOf(f, 1e-10)));
  const complete = x.slice();
  linear.forEach((c, i) => (complete[c] = values[i]));
  return complete;
}

function clamp(x: Float64Array, bounds: Bounds | undefined): Float64Array {
  return bounds ? x.map((v, i) => Math.min(Math.max(v, bounds.lower[i]), bounds.upper[i])) : x;
}
