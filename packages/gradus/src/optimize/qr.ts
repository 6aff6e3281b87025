import { norm } from "./linear-algebra.ts";

/** A = Q·R·Pᵀ, by Householder reflections: what least squares needs of it. */
export interface Factored {
  readonly n: number;
  /** Upper triangle, row-major n×n, of the columns in `order`. */
  readonly r: Float64Array;
  readonly order: readonly number[];
  /** The first n elements of Qᵀ·b. */
  readonly qtb: Float64Array;
}

/** Below this part of what it was, the square of a length that is carried on has lost its digits. */
const STALE = 1e-6;

/** Works in place on the columns and on b. With `pivot`, the longest remaining column comes first: R shows the rank. */
export function qr(columns: Float64Array[], b: Float64Array, pivot: boolean): Factored {
  const n = columns.length;
  const m = b.length;
  const order = columns.map((_, i) => i);
  const r = new Float64Array(n * n);
  // Squares of what is left of each column: carried on from one reflection to the next, and when they were last summed.
  const squares = columns.map((c) => (pivot ? tailProduct(c, c, 0) : 0));
  const summed = squares.slice();
  for (let k = 0; k < Math.min(n, m); k++) {
    if (pivot) {
      let best = k;
      for (let j = k + 1; j < n; j++) if (squares[j] > squares[best]) best = j;
      swap(columns, k, best);
      swap(order, k, best);
      swap(squares, k, best);
      swap(summed, k, best);
      for (let i = 0; i < k; i++) [r[i * n + k], r[i * n + best]] = [r[i * n + best], r[i * n + k]];
    }
    const v = columns[k];
    const length = tailNorm(v, k);
    if (length === 0) continue;
    const head = v[k] >= 0 ? -length : length;
    v[k] -= head;
    // vᵀv/2 of the reflection that sends the column to `head`·e.
    const half = -head * v[k];
    // b goes with the last column.
    for (let j = k + 1; j <= n; j += 2) {
      if (j < n) reflectTwo(v, columns[j], columns[j + 1] ?? b, k, half);
      else reflect(v, b, k, half);
    }
    r[k * n + k] = head;
    for (let j = k + 1; j < n; j++) {
      const top = columns[j][k];
      r[k * n + j] = top;
      if (!pivot) continue;
      squares[j] -= top * top;
      if (!(squares[j] > STALE * summed[j]))
        squares[j] = summed[j] = tailProduct(columns[j], columns[j], k + 1);
    }
  }
  return { n, r, order, qtb: b.slice(0, n) };
}

function swap(list: unknown[], i: number, j: number): void {
  [list[i], list[j]] = [list[j], list[i]];
}

function tailNorm(v: Float64Array, from: number): number {
  const sum = tailProduct(v, v, from);
  if (sum > 1e-280 && sum < 1e280) return Math.sqrt(sum);
  return norm(v.subarray(from));
}

/** Two sums at once: each addition need not wait for the one before. */
function tailProduct(a: Float64Array, b: Float64Array, from: number): number {
  const n = a.length;
  let [even, odd] = [0, 0];
  let i = from;
  for (; i + 1 < n; i += 2) {
    even += a[i] * b[i];
    odd += a[i + 1] * b[i + 1];
  }
  return i < n ? even + odd + a[i] * b[i] : even + odd;
}

function reflect(v: Float64Array, x: Float64Array, from: number, half: number): void {
  const t = tailProduct(v, x, from) / half;
  for (let i = from; i < v.length; i++) x[i] -= t * v[i];
}

/** Two columns in one pass over v. */
function reflectTwo(v: Float64Array, x: Float64Array, y: Float64Array, from: number, half: number): void {
  const n = v.length;
  let [x0, x1, y0, y1] = [0, 0, 0, 0];
  let i = from;
  for (; i + 1 < n; i += 2) {
    const a = v[i];
    const b = v[i + 1];
    x0 += a * x[i];
    y0 += a * y[i];
    x1 += b * x[i + 1];
    y1 += b * y[i + 1];
  }
  if (i < n) {
    x0 += v[i] * x[i];
    y0 += v[i] * y[i];
  }
  const s = (x0 + x1) / half;
  const t = (y0 + y1) / half;
  for (let i = from; i < n; i++) {
    const a = v[i];
    x[i] -= s * a;
    y[i] -= t * a;
  }
}

/** The number of columns that R tells apart: diagonal elements above `tolerance` of the first. */
export function rankOf({ n, r }: Factored, tolerance: number): number {
  let rank = 0;
  while (rank < n && Math.abs(r[rank * n + rank]) > tolerance * Math.abs(r[0])) rank++;
  return rank;
}

/** x of R·x = b for the leading `rank` columns, zero elsewhere. */
export function solveUpper({ n, r }: Factored, b: Float64Array, rank = n): Float64Array {
  const x = new Float64Array(n);
  for (let i = rank - 1; i >= 0; i--) {
    let sum = b[i];
    for (let j = i + 1; j < rank; j++) sum -= r[i * n + j] * x[j];
    x[i] = sum / r[i * n + i];
  }
  return x;
}

/** x of Rᵀ·x = b. */
export function solveUpperTransposed({ n, r }: Factored, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) x[i] -= r[j * n + i] * x[j];
    x[i] /= r[i * n + i];
  }
  return x;
}

/** R·x, for x in the order of R's columns. */
export function applyUpper({ n, r }: Factored, x: Float64Array): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) out[i] += r[i * n + j] * x[j];
  return out;
}

/** Back to the order of the columns as given. */
export function unordered({ order }: Factored, x: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  order.forEach((c, i) => (out[c] = x[i]));
  return out;
}

/** R⁻¹R⁻ᵀ in the order of the columns as given: (AᵀA)⁻¹, row-major. */
export function inverseOfNormal(f: Factored): Float64Array {
  const { n, order } = f;
  const rows = Array.from({ length: n }, (_, i) =>
    solveUpperTransposed(f, new Float64Array(n).fill(1, i, i + 1)),
  );
  const out = new Float64Array(n * n);
  const columns = rows.map((row) => solveUpper(f, row));
  columns.forEach((column, j) => {
    column.forEach((value, i) => (out[order[i] * n + order[j]] = value));
  });
  return out;
}
