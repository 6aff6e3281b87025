/*
 * Factorizations of one row-major matrix, in place in a Float64Array (Golub and Van Loan, Matrix Computations,
 * chapters 3 to 5). Inner loops run along rows.
 */

/**
 * LU with partial pivoting of an n×n block: row i of L·U is row order[i] of the matrix. Returns the permutation's
 * sign. A zero pivot stays on the diagonal of U: the matrix is singular.
 */
export function factorLu(m: Float64Array, n: number, order: Float64Array): number {
  let sign = 1;
  for (let i = 0; i < n; i++) order[i] = i;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(m[i * n + k]) > Math.abs(m[pivot * n + k])) pivot = i;
    if (pivot !== k) {
      swapRows(m, n, k, pivot);
      [order[k], order[pivot]] = [order[pivot], order[k]];
      sign = -sign;
    }
    const top = m[k * n + k];
    if (top === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const ratio = m[i * n + k] / top;
      m[i * n + k] = ratio;
      if (ratio === 0) continue;
      for (let j = k + 1; j < n; j++) m[i * n + j] -= ratio * m[k * n + j];
    }
  }
  return sign;
}

export function swapRows(m: Float64Array, width: number, a: number, b: number): void {
  for (let j = 0; j < width; j++) {
    const kept = m[a * width + j];
    m[a * width + j] = m[b * width + j];
    m[b * width + j] = kept;
  }
}

/** Which triangle of a matrix a solve reads, and how. */
export interface Triangle {
  readonly lower: boolean;
  /** Solves with the transpose. */
  readonly transposed: boolean;
  /** Takes the diagonal as 1. */
  readonly unit: boolean;
}

/** Solves with a triangle of the n×n block at `a`, for k columns x of the block at `at`, in place. */
export function solveTriangle(
  m: ArrayLike<number>,
  a: number,
  n: number,
  x: Float64Array,
  at: number,
  k: number,
  { lower, transposed, unit }: Triangle,
): void {
  const ascending = lower !== transposed;
  for (let step = 0; step < n; step++) {
    const i = ascending ? step : n - 1 - step;
    const row = at + i * k;
    const [from, to] = lower ? [0, i] : [i + 1, n];
    if (!transposed) {
      for (let j = from; j < to; j++) subtractRow(x, row, m[a + i * n + j], at + j * k, k);
    }
    if (!unit) {
      const pivot = m[a + i * n + i];
      for (let c = 0; c < k; c++) x[row + c] /= pivot;
    }
    if (transposed) {
      for (let j = from; j < to; j++) subtractRow(x, at + j * k, m[a + i * n + j], row, k);
    }
  }
}

function subtractRow(x: Float64Array, to: number, factor: number, from: number, k: number): void {
  if (factor === 0) return;
  for (let c = 0; c < k; c++) x[to + c] -= factor * x[from + c];
}

/** The lower Cholesky factor of a symmetric block, whose lower triangle is read; the row where it fails, or -1. */
export function factorCholesky(m: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let value = m[i * n + j];
      for (let k = 0; k < j; k++) value -= m[i * n + k] * m[j * n + k];
      if (j < i) m[i * n + j] = value / m[j * n + j];
      else {
        if (value <= 0) return i;
        m[i * n + i] = Math.sqrt(value);
      }
    }
    m.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return -1;
}

/**
 * Divides a block by a power of two, so that its largest number is near 1 and squares neither overflow nor underflow;
 * returns that power, or NaN for a block with a number that is not finite.
 */
export function rescale(m: Float64Array): number {
  let largest = 0;
  for (const value of m) largest = value - value === 0 ? Math.max(largest, Math.abs(value)) : Number.NaN;
  if (largest === 0 || Number.isNaN(largest)) return largest === 0 ? 1 : largest;
  const power = 2 ** Math.floor(Math.log2(largest));
  for (let i = 0; i < m.length; i++) m[i] /= power;
  return power;
}

/**
 * The m×n factor Q (m ≥ n) of A = QR by Householder reflections, with R's diagonal not negative. `columns` holds A by
 * columns and is overwritten by Q, by columns.
 */
export function factorQ(columns: Float64Array, m: number, n: number): void {
  const reflections: Float64Array[] = [];
  const signs: number[] = [];
  for (let k = 0; k < n; k++) {
    const v = columns.slice(k * m + k, (k + 1) * m);
    const length = lengthOf(v);
    // Away from the pivot, so that nothing cancels.
    const pivot = v[0] > 0 ? -length : length;
    v[0] -= pivot;
    const norm = lengthOf(v);
    if (norm > 0) for (let i = 0; i < v.length; i++) v[i] /= norm;
    reflections.push(v);
    signs.push(pivot < 0 ? -1 : 1);
    for (let j = k; j < n; j++) reflect(columns, j * m + k, v);
  }
  columns.fill(0);
  for (let j = 0; j < n; j++) {
    columns[j * m + j] = signs[j];
    for (let k = n - 1; k >= 0; k--) reflect(columns, j * m + k, reflections[k]);
  }
}

function lengthOf(v: Float64Array): number {
  let top = 0;
  for (const value of v) top = Math.max(top, Math.abs(value));
  if (!(top > 0) || top === Number.POSITIVE_INFINITY) return top;
  let sum = 0;
  for (const value of v) sum += (value / top) ** 2;
  return top * Math.sqrt(sum);
}

/** x − 2 v (vᵀx), for a unit vector v (or 0). */
function reflect(x: Float64Array, at: number, v: Float64Array): void {
  let along = 0;
  for (let i = 0; i < v.length; i++) along += v[i] * x[at + i];
  if (along === 0) return;
  for (let i = 0; i < v.length; i++) x[at + i] -= 2 * along * v[i];
}
