import { addScaled, dot, norm, plusScaled } from "./linear-algebra.ts";
import { LOSSES, type LossName } from "./losses.ts";
import type { Bounds } from "./method.ts";
import { type Factored, qr, rankOf, solveUpper, solveUpperTransposed, unordered } from "./qr.ts";

/** Residuals as a function of a vector of parameters. */
export interface Residuals {
  readonly names: readonly string[];
  readonly rows: number;
  /** Writes the residuals and their derivatives, a column for each parameter. */
  evaluate(x: Float64Array, residuals: Float64Array, columns: readonly Float64Array[]): void;
}

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

export interface LeastSquaresSettings {
  readonly loss: LossName;
  readonly scale: number;
  readonly bounds: Bounds | undefined;
  readonly steps: number;
  /** Ends when a step promises, and brings, a smaller part of the sum than this. */
  readonly tolerance: number;
  readonly onStep?: (step: FitStep) => unknown;
}

export interface LeastSquares {
  readonly x: Float64Array;
  readonly value: number;
  readonly steps: readonly FitStep[];
  readonly evaluations: { readonly residuals: number; readonly jacobians: number };
  readonly ending: "converged" | "steps" | "stopped" | "stuck";
}

/** A place with its model. Two of them are made for a whole run, and filled in turn. */
interface State {
  x: Float64Array;
  value: number;
  /** Weighted so that their plain squares have the gradient of the loss. */
  readonly residuals: Float64Array;
  readonly columns: readonly Float64Array[];
}

/** Near the rounding of one column beside another. */
export const RANK_TOLERANCE = 1e-13;

/**
 * Levenberg's and Marquardt's method as in MINPACK (Moré 1978): a trust region in parameters scaled by the lengths of
 * the Jacobian's columns, solved from a QR factorization. Ends with steps of Gauss and Newton, as long as each
 * is much shorter than the one before: the last digits.
 */
export function leastSquares(
  problem: Residuals,
  start: Float64Array,
  settings: LeastSquaresSettings,
): LeastSquares {
  const counts = { residuals: 0, jacobians: 0 };
  const steps: FitStep[] = [];
  const n = start.length;
  const work = workspace(n, problem.rows);
  const fill = (state: State, x: Float64Array): State => {
    counts.jacobians++;
    counts.residuals++;
    state.x = x;
    problem.evaluate(x, state.residuals, state.columns);
    state.value = weigh(state, settings);
    return state;
  };
  let at = fill(emptyState(n, problem.rows), start);
  let other = emptyState(n, problem.rows);
  let scales = at.columns.map((c) => norm(c) || 1);
  let radius = 100 * (norm(start.map((v, i) => v * scales[i])) || 1);
  let damping = 0;
  let ending: LeastSquares["ending"] = "steps";
  while (steps.length < settings.steps && ending === "steps") {
    scales = scales.map((s, i) => Math.max(s, norm(at.columns[i])));
    const free = freeOf(at, settings.bounds);
    if (free.length === 0) {
      ending = "converged";
      break;
    }
    const f = factor(at, free, scales, work);
    for (;;) {
      const trial = dampedStep(f, radius, damping);
      damping = trial.damping;
      const step = new Float64Array(n);
      free.forEach((c, i) => (step[c] = trial.step[i] / scales[c]));
      const x = inside(plusScaled(at.x, 1, step), settings.bounds);
      const moved = plusScaled(x, -1, at.x);
      const length = norm(moved.map((v, i) => v * scales[i]));
      const promised = promise(at, moved, work.image);
      // Most trials are accepted, and the derivatives share most of their work with the value.
      const { value } = fill(other, x);
      const actual = at.value - value;
      const ratio = promised > 0 ? actual / promised : 0;
      const accepted = ratio >= 1e-4 && Number.isFinite(value);
      if (!(ratio > 0.25)) {
        const shrink = shrinkage(at, moved, promised, actual);
        radius = shrink * Math.min(radius, length * 10);
        damping /= shrink;
      } else if (damping === 0 || ratio >= 0.75) {
        radius = 2 * length;
        damping /= 2;
      }
      if (accepted) [at, other] = [other, at];
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
      if (settings.onStep?.(taken) === false) ending = "stopped";
      else if (at.value === 0 || (Math.abs(actual) <= little && promised <= little && ratio <= 2))
        ending = "converged";
      else if (!(radius > 1e-15 * norm(at.x.map((v, i) => v * scales[i])))) ending = "stuck";
      if (accepted || ending !== "steps" || steps.length >= settings.steps) break;
    }
  }
  if (ending === "converged" || ending === "stuck") at = polish(at, other, fill, settings, work);
  return { x: at.x, value: at.value, steps, evaluations: counts, ending };
}

/** The sum of the loss over the residuals; for the plain loss, of squares. */
function total(residuals: Float64Array, { loss, scale }: LeastSquaresSettings): number {
  if (loss === "linear") return dot(residuals, residuals);
  const rho = LOSSES[loss];
  let sum = 0;
  for (const r of residuals) sum += rho((r / scale) ** 2)[0];
  return sum * scale * scale;
}

/**
 * The loss. Where it is not plain, rows are reweighted in place so that Gauss and Newton's model fits it to second order
 * where that is convex (Triggs 2000).
 */
function weigh({ residuals, columns }: State, settings: LeastSquaresSettings): number {
  const value = total(residuals, settings);
  if (settings.loss === "linear") return value;
  const rho = LOSSES[settings.loss];
  for (let i = 0; i < residuals.length; i++) {
    const z = (residuals[i] / settings.scale) ** 2;
    const [, slope, curvature] = rho(z);
    const factor = Math.sqrt(Math.max(slope + 2 * curvature * z, Number.EPSILON));
    residuals[i] *= slope / factor;
    for (const c of columns) c[i] *= factor;
  }
  return value;
}

const emptyState = (n: number, rows: number): State => ({
  x: new Float64Array(n),
  value: Number.NaN,
  residuals: new Float64Array(rows),
  columns: Array.from({ length: n }, () => new Float64Array(rows)),
});

/** Buffers of the factorization and of J·s. */
interface Workspace {
  readonly columns: readonly Float64Array[];
  readonly right: Float64Array;
  readonly image: Float64Array;
}

const workspace = (n: number, rows: number): Workspace => ({
  columns: Array.from({ length: n }, () => new Float64Array(rows)),
  right: new Float64Array(rows),
  image: new Float64Array(rows),
});

/** Parameters that may move: those at a bound, with the sum falling only beyond it, rest. */
function freeOf(at: State, bounds: Bounds | undefined): number[] {
  const all = at.columns.map((_, i) => i);
  if (!bounds) return all;
  return all.filter((i) => {
    const slope = dot(at.columns[i], at.residuals);
    return !((at.x[i] <= bounds.lower[i] && slope > 0) || (at.x[i] >= bounds.upper[i] && slope < 0));
  });
}

function inside(x: Float64Array, bounds: Bounds | undefined): Float64Array {
  return bounds ? x.map((v, i) => Math.min(Math.max(v, bounds.lower[i]), bounds.upper[i])) : x;
}

function factor(
  { columns, residuals }: State,
  free: readonly number[],
  scales: readonly number[],
  work: Workspace,
): Factored {
  const scaledColumns = free.map((c, k) => {
    const out = work.columns[k];
    const column = columns[c];
    const scale = scales[c];
    for (let i = 0; i < out.length; i++) out[i] = column[i] / scale;
    return out;
  });
  for (let i = 0; i < residuals.length; i++) work.right[i] = -residuals[i];
  return qr(scaledColumns, work.right, true);
}

/** By how much to shorten the radius: to the minimum of the parabola through both values and the slope. */
function shrinkage(at: State, step: Float64Array, promised: number, actual: number): number {
  if (actual >= 0) return 0.5;
  if (!(actual > -99 * at.value)) return 0.1;
  const slope = at.columns.reduce((sum, c, i) => sum + 2 * step[i] * dot(c, at.residuals), 0);
  if (!(slope < 0) || !(promised > 0)) return 0.5;
  return Math.max(0.1, slope / 2 / (slope + actual));
}

/** ‖r‖² − ‖r + J·s‖² */
function promise(at: State, step: Float64Array, js: Float64Array): number {
  js.fill(0);
  at.columns.forEach((c, i) => {
    if (step[i] !== 0) addScaled(js, step[i], c);
  });
  return -2 * dot(at.residuals, js) - dot(js, js);
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

/** Gauss and Newton's steps while they shrink: of a large residual they converge slowly, but converge. */
function polish(
  start: State,
  spare: State,
  fill: (state: State, x: Float64Array) => State,
  settings: LeastSquaresSettings,
  work: Workspace,
): State {
  let [at, other] = [start, spare];
  let before = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 200; i++) {
    const scales = at.columns.map((c) => norm(c) || 1);
    const free = freeOf(at, settings.bounds);
    const f = factor(at, free, scales, work);
    if (free.length === 0 || rankOf(f, RANK_TOLERANCE) < free.length) return at;
    const scaledStep = unordered(f, solveUpper(f, f.qtb));
    const length = norm(scaledStep);
    const all = norm(at.x.map((v, k) => v * scales[k]));
    if (!(length < 0.98 * before) || length <= 1e-14 * all) return at;
    const x = at.x.slice();
    free.forEach((c, k) => (x[c] += scaledStep[k] / scales[c]));
    const next = fill(other, inside(x, settings.bounds));
    // The sum may rise by rounding, no more.
    if (!(next.value <= at.value * (1 + 1e-10))) return at;
    [at, other] = [next, at];
    before = length;
  }
  return at;
}
