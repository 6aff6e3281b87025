import { addScaled, dot, type Eigen, norm, scaled, symmetricEigen } from "./linear-algebra.ts";
import type { Objective } from "./objective.ts";

/** Up to so many coordinates the Hessian is written out; beyond, Lanczos asks for products only. */
export const MOST_DENSE = 120;
const LANCZOS_STEPS = 60;

export interface Extremes {
  readonly smallest: number;
  readonly largest: number;
  /** Unit vector of the smallest. */
  readonly lowest: Float64Array;
}

/** Smallest and largest eigenvalue of the Hessian at x, or of its part on the coordinates that are free. */
export function extremes(objective: Objective, x: Float64Array, free?: readonly number[]): Extremes {
  const n = x.length;
  if (free && free.length < n) return onFree(objective, x, free);
  if (n <= MOST_DENSE) {
    const { values, vectors } = symmetricEigen(objective.hessian(x), n);
    return { smallest: values[0], largest: values[n - 1], lowest: vectors[0] };
  }
  return lanczos((v) => objective.product(x, v), n);
}

function onFree(objective: Objective, x: Float64Array, free: readonly number[]): Extremes {
  const spread = (v: Float64Array) => {
    const out = new Float64Array(x.length);
    free.forEach((c, i) => (out[c] = v[i]));
    return out;
  };
  const product = (v: Float64Array) => {
    const whole = objective.product(x, spread(v));
    return Float64Array.from(free, (c) => whole[c]);
  };
  const found = lanczos(product, free.length);
  return { ...found, lowest: spread(found.lowest) };
}

/** Lanczos' method: the ends of the spectrum from products alone (Paige 1971). */
export function lanczos(product: (v: Float64Array) => Float64Array, n: number): Extremes {
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  // A fixed start that is orthogonal to no likely eigenvector.
  let q: Float64Array = Float64Array.from({ length: n }, (_, i) => Math.cos(1.7 * i * i + 0.3) + 0.1);
  q = scaled(1 / norm(q), q);
  while (basis.length < Math.min(LANCZOS_STEPS, n)) {
    basis.push(q);
    const r = product(q);
    diagonal.push(dot(q, r));
    // Against the last two only: what is lost beyond them doubles inner values, and leaves the ends as they are.
    for (const b of [...basis.slice(-2), q]) addScaled(r, -dot(b, r), b);
    const rest = norm(r);
    if (!(rest > 1e-12 * Math.abs(diagonal[0]))) break;
    beside.push(rest);
    q = scaled(1 / rest, r);
  }
  const { values, vectors } = eigenOfTridiagonal(diagonal, beside);
  const lowest = new Float64Array(n);
  basis.forEach((b, i) => {
    addScaled(lowest, vectors[0][i], b);
  });
  return { smallest: values[0], largest: values[basis.length - 1], lowest };
}

function eigenOfTridiagonal(diagonal: readonly number[], beside: readonly number[]): Eigen {
  const m = diagonal.length;
  const t = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    t[i * m + i] = diagonal[i];
    if (i + 1 < m) t[i * m + i + 1] = t[(i + 1) * m + i] = beside[i];
  }
  return symmetricEigen(t, m);
}
