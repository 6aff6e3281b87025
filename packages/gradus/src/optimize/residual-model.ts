import { dot, norm } from "./linear-algebra.ts";
import { LOSSES, type LossName } from "./losses.ts";
import type { Bounds } from "./method.ts";
import { type Factored, qr } from "./qr.ts";

/** Residuals as a function of a vector of parameters. */
export interface Residuals {
  readonly names: readonly string[];
  readonly rows: number;
  /** Writes the residuals and their derivatives, a column for each parameter. */
  evaluate(x: Float64Array, residuals: Float64Array, columns: readonly Float64Array[]): void;
}

export interface Problem {
  readonly loss: LossName;
  readonly scale: number;
  readonly bounds: Bounds | undefined;
}

/** A place with its model ½‖r + J·s‖². Two of them are made for a whole run, and filled in turn. */
export interface State {
  x: Float64Array;
  value: number;
  /** Weighted so that their plain squares have the gradient of the loss. */
  readonly residuals: Float64Array;
  readonly columns: readonly Float64Array[];
  /** Lengths of the columns. */
  readonly lengths: Float64Array;
}

/** Near the rounding of one column beside another. */
export const RANK_TOLERANCE = 1e-13;

export const emptyState = (n: number, rows: number): State => ({
  x: new Float64Array(n),
  value: Number.NaN,
  residuals: new Float64Array(rows),
  columns: Array.from({ length: n }, () => new Float64Array(rows)),
  lengths: new Float64Array(n),
});

/** The sum of the loss over the residuals; for the plain loss, of squares. */
function total(residuals: Float64Array, { loss, scale }: Problem): number {
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
export function weigh({ residuals, columns }: State, settings: Problem): number {
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

/** Buffers of the factorization. */
export interface Workspace {
  readonly columns: readonly Float64Array[];
  readonly right: Float64Array;
}

export const workspace = (n: number, rows: number): Workspace => ({
  columns: Array.from({ length: n }, () => new Float64Array(rows)),
  right: new Float64Array(rows),
});

/** Parameters that may move: those at a bound, with the sum falling only beyond it, rest. */
export function freeOf(at: State, bounds: Bounds | undefined): number[] {
  const all = at.columns.map((_, i) => i);
  if (!bounds) return all;
  return all.filter((i) => {
    const slope = dot(at.columns[i], at.residuals);
    return !((at.x[i] <= bounds.lower[i] && slope > 0) || (at.x[i] >= bounds.upper[i] && slope < 0));
  });
}

export function inside(x: Float64Array, bounds: Bounds | undefined): Float64Array {
  return bounds ? x.map((v, i) => Math.min(Math.max(v, bounds.lower[i]), bounds.upper[i])) : x;
}

/** Of the free columns, each divided by its scale, with −r on the right. */
export function factor(
  { columns, residuals }: State,
  free: readonly number[],
  scales: Float64Array,
  work: Workspace,
): Factored {
  const scaledColumns = free.map((c, k) => {
    const out = work.columns[k];
    const column = columns[c];
    const inverse = 1 / scales[c];
    if (inverse < Number.POSITIVE_INFINITY) for (let i = 0; i < out.length; i++) out[i] = column[i] * inverse;
    else for (let i = 0; i < out.length; i++) out[i] = column[i] / scales[c];
    return out;
  });
  for (let i = 0; i < residuals.length; i++) work.right[i] = -residuals[i];
  return qr(scaledColumns, work.right, true);
}

/** The length of x in scaled parameters. */
export function scaledNorm(x: Float64Array, scales: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] * scales[i]) ** 2;
  return sum < Number.POSITIVE_INFINITY ? Math.sqrt(sum) : norm(x.map((v, i) => v * scales[i]));
}
