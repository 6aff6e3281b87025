import { eigenSymmetric } from "../primitives/kernels/eigen.ts";
import { factorCholesky, solveTriangle } from "../primitives/kernels/factorization.ts";

/*
 * Small dense linear algebra on Float64Arrays, row-major: what the second-order methods need of it. Factorizations
 * as primitives are in `primitives/`; these work in place on an optimizer's own buffers.
 */

export function dot(a: Float64Array, b: Float64Array): number {
  // Four sums at once: each addition need not wait for the one before.
  const n = a.length;
  const whole = n - (n % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  if (whole < n) s0 += a[whole] * b[whole];
  if (whole + 1 < n) s1 += a[whole + 1] * b[whole + 1];
  if (whole + 2 < n) s2 += a[whole + 2] * b[whole + 2];
  return s0 + s1 + (s2 + s3);
}

/** Euclidean norm, without overflow. */
export function norm(a: Float64Array): number {
  const squares = dot(a, a);
  if (squares > 1e-280 && squares < 1e280) return Math.sqrt(squares);
  const largest = maxAbs(a);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const v of a) sum += (v / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** The largest |aᵢ|; NaN if one is. */
export function maxAbs(a: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]);
    if (!(size <= most)) most = size;
  }
  return most;
}

/** a + t·b, new. */
export function plusScaled(a: Float64Array, t: number, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i] + t * b[i];
  return out;
}

/** a += t·b */
export function addScaled(a: Float64Array, t: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] += t * b[i];
}

export function unit(n: number, i: number): Float64Array {
  const e = new Float64Array(n);
  e[i] = 1;
  return e;
}

export function scaled(t: number, a: Float64Array): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = t * a[i];
  return out;
}

/** A·x of an n×n matrix. */
export function apply(a: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += a[i * n + j] * x[j];
    out[i] = sum;
  }
  return out;
}

/** The lower factor L of A = L·Lᵀ; undefined if A is not positive definite. */
export function cholesky(a: Float64Array, n: number): Float64Array | undefined {
  const l = a.slice();
  return factorCholesky(l, n) < 0 && l.every(Number.isFinite) ? l : undefined;
}

/** x of L·Lᵀ·x = b. */
export function choleskySolve(l: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = b.slice();
  solveTriangle(l, 0, n, x, 0, 1, { lower: true, transposed: false, unit: false });
  solveTriangle(l, 0, n, x, 0, 1, { lower: true, transposed: true, unit: false });
  return x;
}

export interface Eigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** `vectors[i]` belongs to `values[i]`; orthonormal. */
  readonly vectors: readonly Float64Array[];
}

/** Eigenvalues and vectors of a symmetric matrix. */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) q[i * n + j] = (matrix[i * n + j] + matrix[j * n + i]) / 2;
  const values = new Float64Array(n);
  if (!eigenSymmetric(q, values, n)) values.fill(Number.NaN);
  const vectors = Array.from({ length: n }, (_, c) =>
    Float64Array.from({ length: n }, (_, r) => q[r * n + c]),
  );
  return { values, vectors };
}
