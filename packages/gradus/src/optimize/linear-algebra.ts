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
  for (let i = whole; i < n; i++) s0 += a[i] * b[i];
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
  for (const v of a) if (!(Math.abs(v) <= most)) most = Math.abs(v);
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

/** a += t·b, and then c·a, in one pass. */
export function addScaledAndDot(a: Float64Array, t: number, b: Float64Array, c: Float64Array): number {
  const n = a.length;
  const whole = n - (n % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    const a0 = a[i] + t * b[i];
    const a1 = a[i + 1] + t * b[i + 1];
    const a2 = a[i + 2] + t * b[i + 2];
    const a3 = a[i + 3] + t * b[i + 3];
    a[i] = a0;
    a[i + 1] = a1;
    a[i + 2] = a2;
    a[i + 3] = a3;
    s0 += c[i] * a0;
    s1 += c[i + 1] * a1;
    s2 += c[i + 2] * a2;
    s3 += c[i + 3] * a3;
  }
  for (let i = whole; i < n; i++) {
    a[i] += t * b[i];
    s0 += c[i] * a[i];
  }
  return s0 + s1 + (s2 + s3);
}

/** a *= t */
export function scale(a: Float64Array, t: number): void {
  for (let i = 0; i < a.length; i++) a[i] *= t;
}

/** out = a − b */
export function difference(a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (let i = 0; i < a.length; i++) out[i] = a[i] - b[i];
}

export function scaled(t: number, a: Float64Array): Float64Array {
  return a.map((v) => t * v);
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
