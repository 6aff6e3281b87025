import type { BoundModel } from "./fit-model.ts";
import { type LeastSquaresSettings, leastSquares } from "./levenberg-marquardt.ts";
import { dot } from "./linear-algebra.ts";
import type { Bounds } from "./method.ts";
import { qr, rankOf, solveUpper, unordered } from "./qr.ts";

const CANDIDATES = 400;
const FINALISTS = 12;
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
 * suggest and both signs; the linear ones follow by least squares (Golub and Pereyra 1973); the best few are moved
 * along the axes and fitted for a while, and the best of these is taken.
 */
export function guessStart(
  model: BoundModel,
  hints: Hints,
  settings: LeastSquaresSettings,
): Float64Array | undefined {
  const n = model.names.length;
  const { bounds } = settings;
  // Equal bounds hold a parameter where it is.
  const free = (i: number) => !(bounds && bounds.lower[i] === bounds.upper[i]);
  const linear = linearParameters(model).filter(free);
  const nonlinear = Array.from({ length: n }, (_, i) => i).filter((i) => free(i) && !linear.includes(i));
  const found: Found[] = [];
  const judge = (x: Float64Array): Found | undefined => {
    for (const c of linear) x[c] = 0;
    const complete = withLinear(model, clamp(x, bounds), linear);
    if (!complete) return undefined;
    const inside = clamp(complete, bounds);
    const residuals = model.residuals(inside);
    const sum = dot(residuals, residuals);
    return Number.isFinite(sum) ? { x: inside, sum } : undefined;
  };
  const count = nonlinear.length === 0 ? 1 : CANDIDATES * Math.min(nonlinear.length, 6);
  for (let k = 1; k <= count; k++) {
    const x = new Float64Array(n);
    nonlinear.forEach((p, i) => (x[p] = candidate(k, i, hints)));
    const judged = judge(x);
    if (judged) found.push(judged);
  }
  found.sort((a, b) => a.sum - b.sum);
  // Points spread over three and more dimensions are far apart: the best are moved, one coordinate at a time.
  if (nonlinear.length >= 3)
    for (let f = 0; f < Math.min(FINALISTS, found.length); f++)
      found[f] = coordinateSearch(found[f], nonlinear, hints, judge, count * (f + 1));
  found.sort((a, b) => a.sum - b.sum);
  const fitted = ({ x }: Found): Found => {
    const run = leastSquares(model, x, { ...settings, steps: 40, onStep: undefined, tolerance: 1e-6 });
    return { x: run.at.x, sum: run.at.value };
  };
  const ends = found
    .slice(0, FINALISTS)
    .map(fitted)
    .filter((end) => Number.isFinite(end.sum));
  ends.sort((a, b) => a.sum - b.sum);
  // A valley may end high: the coordinates are searched again from there, as long as a lower one is found.
  if (nonlinear.length >= 3)
    for (let e = 0; e < Math.min(VALLEYS, ends.length); e++)
      for (let round = 1; round <= ROUNDS; round++) {
        const moved = coordinateSearch(
          ends[e],
          nonlinear,
          hints,
          judge,
          count * (FINALISTS + ROUNDS * e + round),
        );
        const run = fitted(moved);
        const next = run.sum < moved.sum ? run : moved;
        if (!(next.sum < 0.99 * ends[e].sum)) break;
        ends[e] = next;
      }
  ends.sort((a, b) => a.sum - b.sum);
  return ends[0]?.x;
}

interface Found {
  readonly x: Float64Array;
  readonly sum: number;
}

const VALLEYS = 4;
const ROUNDS = 4;
const SWEEPS = 6;
const TRIALS = 32;

/** Tries other values of each parameter in turn, the others held, and keeps the best. */
function coordinateSearch(
  from: Found,
  nonlinear: readonly number[],
  hints: Hints,
  judge: (x: Float64Array) => Found | undefined,
  first: number,
): Found {
  let best = from;
  let k = first;
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    nonlinear.forEach((p, i) => {
      const held = best.x;
      for (let trial = 0; trial < TRIALS; trial++) {
        const x = held.slice();
        // Anew on the axis, and by ever smaller factors around where it stands.
        x[p] =
          trial % 2 === 0
            ? candidate(++k, i, hints)
            : held[p] * 2 ** ((trial - TRIALS / 2) / 8 / (sweep + 1));
        const judged = judge(x);
        if (judged && judged.sum < best.sum) best = judged;
      }
    });
  return best;
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
