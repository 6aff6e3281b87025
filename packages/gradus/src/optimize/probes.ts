import { BOTTOMLESS } from "./line-search.ts";
import {
  addScaled,
  dot,
  maxAbs,
  norm,
  plusScaled,
  scaled,
  symmetricEigen,
  unit as unitOf,
} from "./linear-algebra.ts";
import { type Bounds, heldAt, type Iterate } from "./method.ts";
import type { Objective } from "./objective.ts";
import { MOST_DENSE } from "./spectrum.ts";

/* How the value goes along a straight way from a point: what a verdict sees besides the Hessian. */

export const unit = (v: Float64Array): Float64Array => scaled(1 / (norm(v) || 1), v);

/** The unit vector against the gradient, along what the bounds leave free. */
export function downhill({ x, gradient }: Iterate, bounds: Bounds | undefined): Float64Array {
  return unit(gradient.map((g, i) => (bounds && heldAt(x[i], g, bounds.lower[i], bounds.upper[i]) ? 0 : -g)));
}

const isOutside = (x: Float64Array, bounds: Bounds | undefined): boolean =>
  bounds !== undefined && x.some((v, i) => v < bounds.lower[i] || v > bounds.upper[i]);

/** The first step of a search for lower values. */
const sizeOf = ({ x }: Iterate): number => Math.max(1e-3, norm(x) * 1e-3);

/** A rise by this part of what the value fell before is rounding: levelling out it stands still. */
const RISE = 1e-3;

/** A decrease that is none to speak of. */
export const smallBeside = ({ value }: Iterate, fallen: number): number =>
  1e-6 * Math.max(1e-6, Math.abs(value), fallen);

/** Ever longer steps as long as the value falls and the bounds allow; `rose`: that had an end. */
export function lowestAlong(
  objective: Objective,
  at: Iterate,
  way: Float64Array,
  bounds: Bounds | undefined,
) {
  const size = sizeOf(at);
  let lowest = at.value;
  let length = 0;
  for (let t = size; t < 1e12 * size; t *= 2) {
    const x = plusScaled(at.x, t, way);
    const outside = isOutside(x, bounds);
    const value = outside ? Number.NaN : objective.value(x);
    if (!(value - lowest <= RISE * (at.value - lowest))) return { lowest, length, rose: true };
    if (!(value < lowest)) continue;
    [lowest, length] = [value, t];
    if (lowest <= BOTTOMLESS) break;
  }
  return { lowest, length, rose: false };
}

/** What a short step downhill brings, if that is a good part of what the slope promises. */
export function lossNear(
  objective: Objective,
  at: Iterate,
  way: Float64Array,
  bounds: Bounds | undefined,
): number {
  const slope = dot(at.gradient, way);
  for (let t = sizeOf(at); -t * slope > 32 * Number.EPSILON * Math.abs(at.value); t /= 8) {
    const x = plusScaled(at.x, t, way);
    const outside = isOutside(x, bounds);
    const lost = outside ? 0 : at.value - objective.value(x);
    if (lost >= -0.25 * t * slope) return lost;
  }
  return 0;
}

/** Near the point the value falls along the way, at least one way round, as the negative curvature says. */
export function fallsNear(objective: Objective, at: Iterate, way: Float64Array, curvature: number): boolean {
  for (let t = sizeOf(at); t > 1e-10 * sizeOf(at); t /= 8) {
    const half = (curvature * t * t) / 4;
    if (!(half < -8 * Number.EPSILON * Math.abs(at.value))) return false;
    const values = [t, -t].map((step) => objective.value(plusScaled(at.x, step, way)));
    if (values.some((v) => v <= at.value + half)) return true;
  }
  return false;
}

/**
 * What the value loses along the way is no more than the slope foretells, and no rounding: it falls there, though
 * little, while in a valley's direction it stands still.
 */
export function levelsOut(objective: Objective, at: Iterate, way: Float64Array): boolean {
  const length = 0.1 * Math.max(1, norm(at.x));
  const lost = at.value - objective.value(plusScaled(at.x, length, way));
  return lost > 8 * Number.EPSILON * Math.abs(at.value) && lost <= -2 * length * dot(at.gradient, way);
}

/** The value rises in proportion to the step both ways, however short it is. */
export function hasKink(objective: Objective, at: Iterate, way: Float64Array): boolean {
  const slope = (t: number) => (objective.value(plusScaled(at.x, t, way)) - at.value) / Math.abs(t);
  const step = 1e-6 * Math.max(1, norm(at.x));
  const noise = 64 * Number.EPSILON * Math.abs(at.value);
  const rises = (t: number) => slope(t) > 0.5 * slope(1e3 * t) && slope(t) > 1e-9 + noise / step;
  return rises(step) && rises(-step);
}

/**
 * The direction, among those that some independent ones span, along which no gradient close by has a part: the bottom of a
 * kinked valley, such as x = y of |x − y|. Undefined where every direction has one.
 */
export function kinkedValley(
  objective: Objective,
  at: Iterate,
  directions: readonly Float64Array[],
): Float64Array | undefined {
  const k = directions.length;
  if (k === 0) return undefined;
  const step = 1e-6 * Math.max(1, norm(at.x));
  const gram = new Float64Array(k * k);
  for (let s = 1; s <= 4 * (k + 1); s++) {
    const x = at.x.slice();
    directions.forEach((d, j) => addScaled(x, step * Math.cos(s * (1.7 + j * j)), d));
    const { gradient } = objective.valueAndGradient(x);
    const parts = unit(Float64Array.from(directions, (d) => dot(d, gradient)));
    if (!parts.every(Number.isFinite)) continue;
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) gram[i * k + j] += parts[i] * parts[j];
  }
  const { values, vectors } = symmetricEigen(gram, k);
  if (values[0] > 1e-6 * values[k - 1]) return undefined;
  const way = new Float64Array(at.x.length);
  directions.forEach((d, j) => addScaled(way, vectors[0][j], d));
  return way;
}

/** Why a small step against the gradient, or a part of it by itself, leads where the function has no finite value. */
export function edgeOf(objective: Objective, at: Iterate, bounds: Bounds | undefined): string | undefined {
  const length = 1e-8 * Math.max(1, norm(at.x));
  const down = downhill(at, bounds);
  const ways = [down, ...(at.x.length > MOST_DENSE ? [] : Array.from(down, (_, i) => alone(down, i)))];
  for (const way of ways) {
    const x = plusScaled(at.x, length, way);
    const outside = isOutside(x, bounds);
    if (norm(way) > 0 && !outside && !Number.isFinite(objective.value(x))) return objective.explain(x);
  }
  return undefined;
}

const alone = (v: Float64Array, i: number): Float64Array => scaled(Math.sign(v[i]), unitOf(v.length, i));

/** The largest slope that the rounding of the point's own coordinates explains. */
export function roundingSlope(objective: Objective, x: Float64Array): number {
  const rounding = x.map((v, i) => Number.EPSILON * v * Math.sign(Math.cos(1.7 * i * i)));
  return 4 * maxAbs(objective.product(x, rounding));
}
