import {
  apply,
  cholesky,
  choleskySolve,
  dot,
  norm,
  plusScaled,
  scaled,
  symmetricEigen,
} from "./linear-algebra.ts";

export interface TrustStep {
  readonly step: Float64Array;
  /** What the quadratic model promises: −(gᵀs + ½ sᵀHs). */
  readonly promised: number;
  readonly onBoundary: boolean;
}

/** The step with what the model promises of it; `hs` is H·s. */
function finished(g: Float64Array, step: Float64Array, hs: Float64Array, onBoundary: boolean): TrustStep {
  return { step, promised: -(dot(g, step) + dot(step, hs) / 2), onBoundary };
}

const MOST_SHRINKS = 100;

/**
 * The exact minimum; where its numbers drown in those of the largest curvature, that of the model in units in which each
 * coordinate's own curvature is 1, in an ellipsoid within the ball.
 */
export function trustStep(h: Float64Array, g: Float64Array, radius: number): TrustStep {
  const found = exactStep(h, g, radius);
  const n = g.length;
  const units = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(Math.abs(h[i * n + i]) || 1));
  const finite = Number.isFinite(radius) && h.every(Number.isFinite) && units.every(Number.isFinite);
  if (found.promised > 0 || norm(g) === 0 || !finite) return found;
  const scaledH = h.map((v, k) => v * units[Math.floor(k / n)] * units[k % n]);
  const scaledG = g.map((v, i) => v * units[i]);
  const least = units.reduce((a, b) => Math.min(a, b));
  for (let reach = Math.min(radius / least, 1e300), k = 0; k < MOST_SHRINKS; reach /= 4, k++) {
    const { step, promised } = exactStep(scaledH, scaledG, reach);
    const inside = step.map((v, i) => v * units[i]);
    if (norm(inside) <= radius) return { step: inside, promised, onBoundary: norm(inside) > radius / 8 };
  }
  return found;
}

/**
 * The exact minimum of gᵀs + ½ sᵀHs over ‖s‖ ≤ radius (Moré and Sorensen 1983): s = −(H + μI)⁻¹g with μ ≥ 0 and
 * H + μI positive semidefinite. In the hard case, where g has no part along the lowest eigenvector and such an s is
 * too short, the rest of the radius goes along that eigenvector.
 */
export function exactStep(h: Float64Array, g: Float64Array, radius: number): TrustStep {
  const n = g.length;
  const end = (s: Float64Array, onBoundary: boolean) => finished(g, s, apply(h, s), onBoundary);
  const l = cholesky(h, n);
  const newton = l && scaled(-1, choleskySolve(l, g));
  if (newton && norm(newton) <= radius) return end(newton, false);
  const { values, vectors } = symmetricEigen(h, n);
  const along = vectors.map((q) => dot(q, g));
  const lowest = values[0];
  // Measured from the lowest eigenvalue, t = μ + λ₁ loses no digits where μ is close to −λ₁.
  const parts = (t: number) => along.map((c, i) => -c / (values[i] - lowest + t));
  const length = (t: number) => Math.hypot(...parts(t));
  const combine = (c: readonly number[]) =>
    c.reduce<Float64Array>((s, ci, i) => plusScaled(s, ci, vectors[i]), new Float64Array(n));
  const size = Math.max(-lowest, values[n - 1], norm(g) / radius);
  const least = Math.max(lowest, Number.EPSILON * size);
  if (length(least) <= radius) {
    const s = combine(parts(least));
    // Inside, and H is positive definite: Newton's step, by eigenvectors.
    if (lowest > 0) return end(s, false);
    return end(toBoundary(s, vectors[0], radius, along[0] > 0), true);
  }
  const t = secularRoot(parts, values, least, Math.max(norm(g) / radius, least), radius);
  return end(combine(parts(t)), true);
}

/** s + τq of the length `radius`. */
function toBoundary(s: Float64Array, q: Float64Array, radius: number, negative: boolean): Float64Array {
  const b = dot(s, q);
  const rest = Math.sqrt(Math.max(0, b * b + radius ** 2 - dot(s, s)));
  return plusScaled(s, negative ? -b - rest : -b + rest, q);
}

/** t with ‖s(t)‖ = radius: Newton's method on 1/‖s‖ − 1/radius, which is nearly linear, kept inside [low, high]. */
function secularRoot(
  parts: (t: number) => readonly number[],
  values: Float64Array,
  low: number,
  high: number,
  radius: number,
): number {
  let t = high;
  for (let i = 0; i < 100; i++) {
    const s = parts(t);
    const length = Math.hypot(...s);
    if (Math.abs(length - radius) <= 1e-10 * radius) return t;
    if (length > radius) low = t;
    else high = t;
    const slope = s.reduce((sum, si, k) => sum + (si * si) / (values[k] - values[0] + t), 0) / length ** 3;
    const next = t - (1 / length - 1 / radius) / slope;
    t = next > low && next < high ? next : Math.sqrt(low) * Math.sqrt(high);
    if (high - low <= 4 * Number.EPSILON * high) return high;
  }
  return t;
}

/**
 * An approximate minimum of the same model by conjugate gradients, which need only products H·v (Steihaug 1983).
 * Stops at the boundary, at negative curvature, or when the residual is small enough for quadratic convergence (Dembo,
 * Eisenstat and Steihaug 1982); a looser one leaves the flat directions of an ill-conditioned Hessian untouched.
 */
export function conjugateGradientStep(
  product: (v: Float64Array) => Float64Array,
  g: Float64Array,
  radius: number,
): TrustStep {
  const n = g.length;
  let s: Float64Array = new Float64Array(n);
  let r = g;
  let d = scaled(-1, g);
  const start = norm(g);
  const enough = Math.min(0.1, start) * start;
  for (let i = 0; i < 2 * n + 10; i++) {
    const hd = product(d);
    const curvature = dot(d, hd);
    const rr = dot(r, r);
    const next = plusScaled(s, rr / curvature, d);
    if (!(curvature > 0) || norm(next) >= radius) {
      const last = toBoundary(s, scaled(1 / norm(d), d), radius, false);
      const part = (dot(last, d) - dot(s, d)) / dot(d, d);
      return finished(g, last, plusScaled(plusScaled(r, -1, g), part, hd), true);
    }
    s = next;
    const rest = plusScaled(r, rr / curvature, hd);
    const nextRr = dot(rest, rest);
    d = plusScaled(scaled(-1, rest), nextRr / rr, d);
    r = rest;
    if (Math.sqrt(nextRr) <= enough) break;
  }
  // The residual is g + H·s.
  return finished(g, s, plusScaled(r, -1, g), false);
}
