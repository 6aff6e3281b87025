import type { Data } from "../../ir/dtype.ts";
import { addedBySimd, matricesBySimd, rowsBySimd } from "./product-simd.ts";

/*
 * Products of matrices and vectors. Every sum runs over k from 0 upwards in double precision, whatever the blocks are,
 * so that all of them give the same bits.
 */

/** out[b, m, n] = Σ_k left[b, m, k] · right[b, k, n], by sizes and strides. */
export interface Product {
  readonly sizes: readonly [b: number, m: number, k: number, n: number];
  /** Strides of the left operand by b, m, k; of the right by b, k, n; of the result by b, m, n. */
  readonly left: Strides;
  readonly right: Strides;
  readonly out: Strides;
}

export type Strides = readonly [number, number, number];

let spare = new Float64Array(256);
let packed = new Float64Array(256);

const START: Strides = [0, 0, 0];

/** From places in the operands and the result on; with `more` the sums go on from what is there, in double precision. */
export function multiply(
  x: Data,
  y: Data,
  out: Data,
  product: Product,
  at: Strides = START,
  more = false,
): Data {
  const { sizes, left, right, out: to } = product;
  const [B, M, K, N] = sizes;
  for (let b = 0; b < B; b++) {
    const [i, j, o] = [at[0] + b * left[0], at[1] + b * right[0], at[2] + b * to[0]];
    if (N === 1) matrixVector(x, i, left[1], left[2], y, j, right[1], out, o, to[1], M, K, more);
    else if (M === 1) matrixVector(y, j, right[2], right[1], x, i, left[2], out, o, to[2], N, K, more);
    else if (M < 4 && right[2] === 1)
      for (let m = 0; m < M; m++)
        matrixVector(y, j, 1, right[1], x, i + m * left[1], left[2], out, o + m * to[1], to[2], N, K, more);
    else if (!matricesBySimd(x, i, y, j, out, o, product, more))
      matrixMatrix(x, i, y, j, out, o, product, more);
  }
  return out;
}

/** out[j] = Σ_k a[j, k] · w[k]. */
function matrixVector(
  a: Data,
  a0: number,
  aj: number,
  ak: number,
  w: Data,
  w0: number,
  wk: number,
  out: Data,
  o0: number,
  oj: number,
  J: number,
  K: number,
  more: boolean,
): void {
  if (ak <= aj) rowsByRows(a, a0, aj, ak, w, w0, wk, out, o0, oj, J, K, more);
  else if (out instanceof Float64Array && oj === 1) addRows(a, a0, aj, ak, w, w0, wk, out, o0, J, K, more);
  else {
    if (spare.length < J) spare = new Float64Array(2 * J);
    if (more) for (let j = 0; j < J; j++) spare[j] = out[o0 + j * oj];
    addRows(a, a0, aj, ak, w, w0, wk, spare, 0, J, K, more);
    for (let j = 0; j < J; j++) out[o0 + j * oj] = spare[j];
  }
}

/** Eight sums at once: one alone would wait for its own last addition. */
function rowsByRows(
  a: Data,
  a0: number,
  aj: number,
  ak: number,
  w: Data,
  w0: number,
  wk: number,
  out: Data,
  o0: number,
  oj: number,
  J: number,
  K: number,
  more: boolean,
): void {
  const [j2, j3, j4, j5, j6, j7] = [2 * aj, 3 * aj, 4 * aj, 5 * aj, 6 * aj, 7 * aj];
  let j = ak === 1 && !more ? rowsBySimd(a, a0, aj, w, w0, wk, out, o0, oj, J, K) : 0;
  for (; j + 7 < J && !more; j += 8) {
    let p = a0 + j * aj;
    let q = w0;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let s5 = 0;
    let s6 = 0;
    let s7 = 0;
    for (let k = 0; k < K; k++) {
      const f = w[q];
      s0 += a[p] * f;
      s1 += a[p + aj] * f;
      s2 += a[p + j2] * f;
      s3 += a[p + j3] * f;
      s4 += a[p + j4] * f;
      s5 += a[p + j5] * f;
      s6 += a[p + j6] * f;
      s7 += a[p + j7] * f;
      p += ak;
      q += wk;
    }
    let o = o0 + j * oj;
    out[o] = s0;
    out[(o += oj)] = s1;
    out[(o += oj)] = s2;
    out[(o += oj)] = s3;
    out[(o += oj)] = s4;
    out[(o += oj)] = s5;
    out[(o += oj)] = s6;
    out[o + oj] = s7;
  }
  for (; j < J; j++) {
    let s = more ? out[o0 + j * oj] : 0;
    for (let k = 0; k < K; k++) s += a[a0 + j * aj + k * ak] * w[w0 + k * wk];
    out[o0 + j * oj] = s;
  }
}

/** Eight rows at once, added one after the other: each sum is read and written once for eight terms. */
function addRows(
  a: Data,
  a0: number,
  aj: number,
  ak: number,
  w: Data,
  w0: number,
  wk: number,
  out: Float64Array,
  o0: number,
  J: number,
  K: number,
  more: boolean,
): void {
  if (!more) for (let j = 0; j < J; j++) out[o0 + j] = 0;
  const [k2, k3, k4, k5, k6, k7] = [2 * ak, 3 * ak, 4 * ak, 5 * ak, 6 * ak, 7 * ak];
  const end = o0 + J;
  let k = aj === 1 ? addedBySimd(a, a0, ak, w, w0, wk, out, o0, J, K) : 0;
  for (; k + 7 < K; k += 8) {
    let q = w0 + k * wk;
    const f0 = w[q];
    const f1 = w[(q += wk)];
    const f2 = w[(q += wk)];
    const f3 = w[(q += wk)];
    const f4 = w[(q += wk)];
    const f5 = w[(q += wk)];
    const f6 = w[(q += wk)];
    const f7 = w[q + wk];
    let p = a0 + k * ak;
    for (let o = o0; o < end; o++) {
      const half = out[o] + f0 * a[p] + f1 * a[p + ak] + f2 * a[p + k2] + f3 * a[p + k3];
      out[o] = half + f4 * a[p + k4] + f5 * a[p + k5] + f6 * a[p + k6] + f7 * a[p + k7];
      p += aj;
    }
  }
  for (; k < K; k++) {
    const f = w[w0 + k * wk];
    for (let j = 0; j < J; j++) out[o0 + j] += f * a[a0 + k * ak + j * aj];
  }
}

/** Blocks of two rows and four columns, whose sums stay in registers; four columns are packed side by side. */
function matrixMatrix(
  x: Data,
  x0: number,
  y: Data,
  y0: number,
  out: Data,
  o0: number,
  { sizes, left, right, out: to }: Product,
  more: boolean,
): void {
  const [, M, K, N] = sizes;
  const [, xm, xk] = left;
  const [, yk, yn] = right;
  const [, om, on] = to;
  if (packed.length < 4 * K) packed = new Float64Array(8 * K);
  const pack = packed;
  for (let n = 0; n < N; n += 4) {
    const wide = Math.min(4, N - n);
    for (let k = 0, p = 0; k < K; k++, p += 4) {
      const q = y0 + k * yk + n * yn;
      for (let c = 0; c < wide; c++) pack[p + c] = y[q + c * yn];
    }
    for (let m = 0; m < M; m += 2) {
      // The last row of an odd number is computed twice, and written once.
      const next = m + 1 < M ? xm : 0;
      const o = o0 + m * om + n * on;
      let i = x0 + m * xm;
      let a0 = more ? out[o] : 0;
      let a1 = more && wide > 1 ? out[o + on] : 0;
      let a2 = more && wide > 2 ? out[o + 2 * on] : 0;
      let a3 = more && wide > 3 ? out[o + 3 * on] : 0;
      const below = more && next !== 0;
      let b0 = below ? out[o + om] : 0;
      let b1 = below && wide > 1 ? out[o + om + on] : 0;
      let b2 = below && wide > 2 ? out[o + om + 2 * on] : 0;
      let b3 = below && wide > 3 ? out[o + om + 3 * on] : 0;
      for (let p = 0; p < 4 * K; p += 4) {
        const u = x[i];
        const v = x[i + next];
        i += xk;
        const y0 = pack[p];
        const y1 = pack[p + 1];
        const y2 = pack[p + 2];
        const y3 = pack[p + 3];
        a0 += u * y0;
        a1 += u * y1;
        a2 += u * y2;
        a3 += u * y3;
        b0 += v * y0;
        b1 += v * y1;
        b2 += v * y2;
        b3 += v * y3;
      }
      out[o] = a0;
      if (wide > 1) out[o + on] = a1;
      if (wide > 2) out[o + 2 * on] = a2;
      if (wide > 3) out[o + 3 * on] = a3;
      if (next === 0) continue;
      out[o + om] = b0;
      if (wide > 1) out[o + om + on] = b1;
      if (wide > 2) out[o + om + 2 * on] = b2;
      if (wide > 3) out[o + om + 3 * on] = b3;
    }
  }
}
