import type { Data } from "../../ir/dtype.ts";

/** Sizes of a batch of products of rows × inner and inner × columns, and how the operands lie. */
export interface ProductSizes {
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** The left operand lies as inner × rows. */
  readonly leftTurned: boolean;
  /** The right operand lies as columns × inner. */
  readonly rightTurned: boolean;
}

/** out = x·y, each pair of matrices of the batch, without turning an operand over in memory. */
export function matrixProduct(x: Data, y: Data, out: Float64Array, sizes: ProductSizes): void {
  const { batch, rows, inner, columns, leftTurned, rightTurned } = sizes;
  // A vector lies both ways.
  const left = leftTurned && rows > 1 && inner > 1;
  const right = rightTurned && columns > 1 && inner > 1;
  for (let b = 0; b < batch; b++) {
    const [p, q, r] = [b * rows * inner, b * inner * columns, b * rows * columns];
    if (!left && columns === 1) dots(y, x, out, q, p, r, 1, inner, rows);
    else if (!left && right) dots(x, y, out, p, q, r, rows, inner, columns);
    else if (left && right) turned(x, y, out, p, q, r, rows, inner, columns);
    else if (left && columns === 1) sums(y, x, out, q, p, r, 1, inner, rows, 1, 1);
    else if (left) sums(x, y, out, p, q, r, rows, inner, columns, rows, 1);
    else sums(x, y, out, p, q, r, rows, inner, columns, 1, inner);
  }
}

/** Rows of x by rows of y: four sums at once, each waiting for its own last product only. */
function dots(
  x: Data,
  y: Data,
  out: Float64Array,
  p: number,
  q: number,
  r: number,
  rows: number,
  inner: number,
  columns: number,
): void {
  const wide = columns - (columns % 4);
  const even = inner - (inner % 2);
  for (let i = 0; i < rows; i++) {
    const from = p + i * inner;
    const to = r + i * columns;
    for (let j = 0; j < wide; j += 4) {
      const q0 = q + j * inner;
      const q1 = q0 + inner;
      const q2 = q1 + inner;
      const q3 = q2 + inner;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0; k < even; k += 2) {
        const u = x[from + k];
        const v = x[from + k + 1];
        s0 += u * y[q0 + k] + v * y[q0 + k + 1];
        s1 += u * y[q1 + k] + v * y[q1 + k + 1];
        s2 += u * y[q2 + k] + v * y[q2 + k + 1];
        s3 += u * y[q3 + k] + v * y[q3 + k + 1];
      }
      if (even < inner) {
        const u = x[from + even];
        s0 += u * y[q0 + even];
        s1 += u * y[q1 + even];
        s2 += u * y[q2 + even];
        s3 += u * y[q3 + even];
      }
      out[to + j] = s0;
      out[to + j + 1] = s1;
      out[to + j + 2] = s2;
      out[to + j + 3] = s3;
    }
    for (let j = wide; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += x[from + k] * y[q + j * inner + k];
      out[to + j] = sum;
    }
  }
}

/** Rows of y, weighted by x, which is read at p + k·across + i·along: four of them in one pass over the result. */
function sums(
  x: Data,
  y: Data,
  out: Float64Array,
  p: number,
  q: number,
  r: number,
  rows: number,
  inner: number,
  columns: number,
  across: number,
  along: number,
): void {
  out.fill(0, r, r + rows * columns);
  const even = inner - (inner % 4);
  // With the inner index outside, x and y are read once, from front to back, and the result stays at hand.
  for (let k = 0; k < even; k += 4) {
    const q0 = q + k * columns;
    const q1 = q0 + columns;
    const q2 = q1 + columns;
    const q3 = q2 + columns;
    for (let i = 0; i < rows; i++) {
      const from = p + k * across + i * along;
      const a = x[from];
      const b = x[from + across];
      const c = x[from + 2 * across];
      const d = x[from + 3 * across];
      const to = r + i * columns;
      for (let j = 0; j < columns; j++)
        out[to + j] += a * y[q0 + j] + b * y[q1 + j] + (c * y[q2 + j] + d * y[q3 + j]);
    }
  }
  for (let k = even; k < inner; k++)
    for (let i = 0; i < rows; i++) {
      const a = x[p + k * across + i * along];
      for (let j = 0; j < columns; j++) out[r + i * columns + j] += a * y[q + k * columns + j];
    }
}

function turned(
  x: Data,
  y: Data,
  out: Float64Array,
  p: number,
  q: number,
  r: number,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += x[p + k * rows + i] * y[q + j * inner + k];
      out[r + i * columns + j] = sum;
    }
}
