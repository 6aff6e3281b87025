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
  const largest = maxAbs(a);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  if (largest > 1e-140 && largest < 1e140) return Math.sqrt(dot(a, a));
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
  const l = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i > j) l[i * n + j] = sum / l[j * n + j];
      else if (sum > 0) l[j * n + j] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return l;
}

/** x of L·Lᵀ·x = b. */
export function choleskySolve(l: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
    x[i] /= l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= l[k * n + i] * x[k];
    x[i] /= l[i * n + i];
  }
  return x;
}

export interface Eigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** `vectors[i]` belongs to `values[i]`; orthonormal. */
  readonly vectors: readonly Float64Array[];
}

/**
 * Eigenvalues and vectors of a symmetric matrix, by Jacobi's rotations: slower than tridiagonal methods, but small
 * eigenvalues keep their digits (Golub and Van Loan, 8.5).
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i] = (matrix[i * n + j] + matrix[j * n + i]) / 2;
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let sweep = 0; sweep < 60 && rotateAll(a, q, n); sweep++);
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i] - a[j * n + j]);
  return {
    values: Float64Array.from(order, (i) => a[i * n + i]),
    vectors: order.map((c) => Float64Array.from({ length: n }, (_, r) => q[r * n + c])),
  };
}

/** One sweep over all pairs; false when every off-diagonal element is negligible. */
function rotateAll(a: Float64Array, q: Float64Array, n: number): boolean {
  let rotated = false;
  for (let p = 0; p < n - 1; p++) {
    for (let r = p + 1; r < n; r++) {
      const off = a[p * n + r];
      const size = Math.sqrt(Math.abs(a[p * n + p])) * Math.sqrt(Math.abs(a[r * n + r]));
      if (off === 0 || Math.abs(off) <= 1e-17 * size || Math.abs(off) < 1e-300) continue;
      rotated = true;
      const theta = (a[r * n + r] - a[p * n + p]) / (2 * off);
      const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(1, theta));
      const c = 1 / Math.hypot(1, t);
      const s = t * c;
      for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + r, c, s);
      for (let k = 0; k < n; k++) turn(a, p * n + k, r * n + k, c, s);
      for (let k = 0; k < n; k++) turn(q, k * n + p, k * n + r, c, s);
      a[p * n + r] = a[r * n + p] = 0;
    }
  }
  return rotated;
}

function turn(m: Float64Array, i: number, j: number, c: number, s: number): void {
  const [x, y] = [m[i], m[j]];
  m[i] = c * x - s * y;
  m[j] = s * x + c * y;
}
