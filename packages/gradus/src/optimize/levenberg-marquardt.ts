import { dot, norm, plusScaled } from "./linear-algebra.ts";
import { polish } from "./polish.ts";
import { applyUpper, type Factored, qr, rankOf, solveUpper, solveUpperTransposed, unordered } from "./qr.ts";
import {
  emptyState,
  factor,
  freeOf,
  inside,
  type Problem,
  RANK_TOLERANCE,
  type Residuals,
  type State,
  scaledNorm,
  weigh,
  workspace,
} from "./residual-model.ts";

/** One step tried: the model is ½‖r + J·s‖², quadratic, with JᵀJ in the place of the Hessian. */
export interface FitStep {
  readonly index: number;
  readonly parameters: Float64Array;
  /** The sum of squares (or of the robust loss) where the fit stands after the step. */
  readonly value: number;
  readonly promised: number;
  readonly actual: number;
  readonly ratio: number;
  readonly length: number;
  /** Marquardt's λ; 0 for a step of Gauss and Newton. */
  readonly damping: number;
  readonly accepted: boolean;
}

export interface LeastSquaresSettings extends Problem {
  readonly steps: number;
  /** Ends when a step promises, and brings, a smaller part of the sum than this. */
  readonly tolerance: number;
  readonly onStep?: (step: FitStep) => unknown;
}

export interface LeastSquares {
  /** The place where it ended, with the residuals and derivatives there. */
  readonly at: State;
  readonly steps: readonly FitStep[];
  readonly evaluations: { readonly residuals: number; readonly jacobians: number };
  /** "outside": the model has no finite value at the start. */
  readonly ending: "converged" | "steps" | "stopped" | "stuck" | "outside";
  /** Parameters that the model came to depend on no longer: the place is a minimum in name only. */
  readonly lost: readonly number[];
}

/** Where a step brings so little, the polish may find the rest of the way. */
const NEARLY = 1e-8;
/** First radii beside the length of the start. */
const RADII = [100, 1, 0.1];
/** A parameter that moves the residuals by less than this part has been lost on the way. */
const LOST = 1e-10;

/**
 * Levenberg's and Marquardt's method as in MINPACK (Moré 1978): a trust region in parameters scaled by the lengths of
 * the Jacobian's columns, solved from a QR factorization; at the end the steps of Gauss and Newton. A first step too long
 * may lead to where the model is flat in a parameter, a minimum in name only: then shorter ones are tried.
 */
export function leastSquares(
  problem: Residuals,
  start: Float64Array,
  settings: LeastSquaresSettings,
): LeastSquares {
  const counts = { residuals: 0, jacobians: 0 };
  const fill = (state: State, x: Float64Array): State => {
    counts.jacobians++;
    counts.residuals++;
    state.x = x;
    problem.evaluate(x, state.residuals, state.columns);
    state.value = weigh(state, settings);
    for (let i = 0; i < x.length; i++) state.lengths[i] = norm(state.columns[i]);
    return state;
  };
  let best: Omit<LeastSquares, "evaluations"> | undefined;
  for (const factor of RADII) {
    const at = fill(emptyState(start.length, problem.rows), start);
    if (!Number.isFinite(at.value) || !at.lengths.every(Number.isFinite)) {
      best = { at, steps: [], ending: "outside", lost: [] };
      break;
    }
    const first = { value: at.value, scales: at.lengths.map((l) => l || 1) };
    const radius = factor * (scaledNorm(start, first.scales) || 1);
    const scales = first.scales.slice();
    const run = once(at, fill, { scales, radius, damping: 0 }, settings);
    const lost = lostIn(run.at, start, scales, first.value);
    if (best === undefined || run.at.value < best.at.value) best = { ...run, lost };
    if (lost.length === 0 || run.ending === "stopped") break;
  }
  return { ...(best as NonNullable<typeof best>), evaluations: counts };
}

/** Down from one start, and polished. */
function once(
  start: State,
  fill: (state: State, x: Float64Array) => State,
  region: Region,
  settings: LeastSquaresSettings,
) {
  const steps: FitStep[] = [];
  const { length: rows } = start.residuals;
  const work = workspace(start.x.length, rows);
  let [at, other] = [start, emptyState(start.x.length, rows)];
  let ending: LeastSquares["ending"] = "steps";
  for (const tolerance of [Math.max(NEARLY, settings.tolerance), settings.tolerance]) {
    [at, other, ending] = descend(at, other, fill, { ...settings, tolerance }, region, steps, work);
    if (ending !== "converged" && ending !== "stuck") break;
    const polished = polish(at, other, fill, settings, work);
    ({ at, other } = polished);
    if (polished.settled || tolerance === settings.tolerance) break;
  }
  return { at, ending, steps };
}

/** Parameters in which the model has become flat, though it did depend on them, and not because they are near 0. */
function lostIn(at: State, start: Float64Array, scales: Float64Array, sumAtStart: number): number[] {
  const all = Math.sqrt(sumAtStart);
  return [...at.lengths.keys()].filter((i) => {
    const l = at.lengths[i];
    return l < LOST * scales[i] && l * Math.max(Math.abs(at.x[i]), Math.abs(start[i])) < LOST * all;
  });
}

/** Where the model is trusted, and Marquardt's λ that the last step needed. */
interface Region {
  readonly scales: Float64Array;
  radius: number;
  damping: number;
}

function descend(
  start: State,
  spare: State,
  fill: (state: State, x: Float64Array) => State,
  settings: LeastSquaresSettings,
  region: Region,
  steps: FitStep[],
  work: ReturnType<typeof workspace>,
): [at: State, other: State, ending: LeastSquares["ending"]] {
  let [at, other] = [start, spare];
  const { scales } = region;
  while (steps.length < settings.steps) {
    for (let i = 0; i < scales.length; i++) scales[i] = Math.max(scales[i], at.lengths[i]);
    const free = freeOf(at, settings.bounds);
    if (free.length === 0) return [at, other, "converged"];
    const f = factor(at, free, scales, work);
    for (let accepted = false; !accepted && steps.length < settings.steps; ) {
      const trial = dampedStep(f, region.radius, region.damping);
      region.damping = trial.damping;
      const x = at.x.slice();
      free.forEach((c, i) => (x[c] += trial.step[i] / scales[c]));
      // Most trials are accepted, and the derivatives share most of their work with the value.
      const next = fill(other, inside(x, settings.bounds));
      const moved = plusScaled(next.x, -1, at.x);
      const { promised, slope } = promise(f, free, moved, scales);
      const actual = at.value - next.value;
      const ratio = promised > 0 ? actual / promised : 0;
      accepted = ratio >= 1e-4 && Number.isFinite(next.value);
      resize(region, scaledNorm(moved, scales), ratio, shrinkage(at.value, slope, promised, actual));
      if (accepted) [at, other] = [next, at];
      const taken: FitStep = {
        index: steps.length + 1,
        parameters: at.x,
        value: at.value,
        promised,
        actual,
        ratio,
        length: norm(moved),
        damping: trial.damping,
        accepted,
      };
      steps.push(taken);
      const little = settings.tolerance * at.value;
      if (settings.onStep?.(taken) === false) return [at, other, "stopped"];
      if (at.value === 0 || (Math.abs(actual) <= little && promised <= little && ratio <= 2))
        return [at, other, "converged"];
      if (!(region.radius > 1e-15 * scaledNorm(at.x, scales))) return [at, other, "stuck"];
    }
  }
  return [at, other, "steps"];
}

function resize(region: Region, length: number, ratio: number, shrink: number): void {
  if (!(ratio > 0.25)) {
    region.radius = shrink * Math.min(region.radius, length * 10);
    region.damping /= shrink;
  } else if (region.damping === 0 || ratio >= 0.75) {
    region.radius = 2 * length;
    region.damping /= 2;
  }
}

/** By how much to shorten the radius: to the minimum of the parabola through both values and the slope. */
function shrinkage(value: number, slope: number, promised: number, actual: number): number {
  if (actual >= 0) return 0.5;
  if (!(actual > -99 * value)) return 0.1;
  if (!(slope < 0) || !(promised > 0)) return 0.5;
  return Math.max(0.1, slope / 2 / (slope + actual));
}

/** ‖r‖² − ‖r + J·s‖², and the slope 2rᵀJ·s, from the factors of J. */
function promise(f: Factored, free: readonly number[], step: Float64Array, scales: Float64Array) {
  const image = applyUpper(
    f,
    Float64Array.from(f.order, (k) => step[free[k]] * scales[free[k]]),
  );
  let [along, squares] = [0, 0];
  for (let i = 0; i < f.n; i++) {
    along += f.qtb[i] * image[i];
    squares += image[i] * image[i];
  }
  return { promised: 2 * along - squares, slope: -2 * along };
}

/** The step of the length `radius` (to a tenth), or of Gauss and Newton if that is shorter, in scaled parameters. */
function dampedStep(f: Factored, radius: number, before: number): { step: Float64Array; damping: number } {
  const rank = rankOf(f, RANK_TOLERANCE);
  const newton = solveUpper(f, f.qtb, rank);
  const length = norm(newton);
  if (length <= 1.1 * radius) return { step: unordered(f, newton), damping: 0 };
  const { n } = f;
  // Newton's method for ‖s(λ)‖ = radius, kept inside bounds.
  let low = 0;
  if (rank === n) {
    const w = solveUpperTransposed(
      f,
      newton.map((v) => v / length),
    );
    low = (length - radius) / radius / dot(w, w);
  }
  const gradient = new Float64Array(n);
  for (let j = 0; j < n; j++) for (let i = 0; i <= j; i++) gradient[j] += f.r[i * n + j] * f.qtb[i];
  let high = norm(gradient) / radius || Number.MIN_VALUE;
  let damping = Math.min(Math.max(before, low), high) || norm(gradient) / length;
  let step = newton;
  for (let i = 0; i < 12; i++) {
    const damped = withDamping(f, damping);
    step = solveUpper(damped, damped.qtb);
    const size = norm(step);
    const excess = size - radius;
    if (Math.abs(excess) <= 0.1 * radius) break;
    if (excess > 0) low = Math.max(low, damping);
    else high = Math.min(high, damping);
    const w = solveUpperTransposed(
      damped,
      step.map((v) => v / size),
    );
    const next = damping + excess / radius / dot(w, w);
    damping = next > low && next < high ? next : Math.max(0.001 * high, Math.sqrt(low * high));
  }
  return { step: unordered(f, step), damping };
}

/** The factorization of R above √λ·I, with the right side of R. */
function withDamping(f: Factored, damping: number): Factored {
  const { n } = f;
  const columns = Array.from({ length: n }, (_, j) => {
    const column = new Float64Array(2 * n);
    for (let i = 0; i <= j; i++) column[i] = f.r[i * n + j];
    column[n + j] = Math.sqrt(damping);
    return column;
  });
  const b = new Float64Array(2 * n);
  b.set(f.qtb);
  return qr(columns, b, false);
}
