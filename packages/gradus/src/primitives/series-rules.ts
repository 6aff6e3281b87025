import { NotAnalyticError } from "../ir/errors.ts";
import type { SeriesRule } from "../ir/primitive.ts";
import { cauchySum } from "./kernels/cauchy-sum.ts";
import * as kernel from "./kernels/index.ts";

/*
 * Recurrences on power series, for primitives whose derivative divides by what may vanish (Griewank & Walther,
 * Evaluating Derivatives, chapter 13). Each gives coefficient k of the result. A coefficient that needs more orders
 * of the argument than there are is NaN: `taylor` then asks again with more.
 */

/** The first nonzero coefficient, or -1. */
function valuation(x: Float64Array): number {
  for (let i = 0; i < x.length; i++) if (x[i] !== 0) return i;
  return -1;
}

/** y = a/b. Leading zeros of b cancel against those of a: sin(x)/x at 0. */
export const divisionSeries: SeriesRule<unknown> = (k, x, y) => {
  const [a, b] = [x[0], x[1]];
  if (b[0] !== 0) return (a[k] - cauchySum(b, y, 1, k)) / b[0];
  const v = valuation(b);
  if (v < 0 || Number.isNaN(b[v])) return Number.NaN;
  for (let j = 0; j < v; j++)
    if (a[j] !== 0 && !Number.isNaN(a[j]))
      throw new NotAnalyticError("division", 0, "it has a pole where the denominator is 0");
  let sum = a[k + v] ?? Number.NaN;
  for (let j = 1; j <= k; j++) sum -= (b[v + j] ?? Number.NaN) * y[k - j];
  return sum / b[v];
};

/** y = √x. A zero of order 4m is no branch point: √(x⁴) = x². */
export const squareRootSeries: SeriesRule<unknown> = (k, [x], y) => {
  const v = x[0] !== 0 ? 0 : valuation(x);
  if (v < 0 || Number.isNaN(x[v])) return Number.NaN;
  if (v % 4 !== 0)
    throw new NotAnalyticError(
      "sqrt",
      0,
      v % 2 === 0 ? "it has a kink there, as |x|" : "its slope is infinite there",
    );
  if (x[v] < 0) throw new NotAnalyticError("sqrt", x[0], "it is not real there");
  const m = v / 2;
  if (k < m) return 0;
  const i = k - m;
  if (i === 0) return Math.sqrt(x[v]);
  return ((x[v + i] ?? Number.NaN) - selfProduct(y, m, i)) / (2 * y[m]);
};

/** Σ y_{m+j} y_{m+i−j} over 0 < j < i. */
function selfProduct(y: Float64Array, m: number, i: number): number {
  let sum = 0;
  for (let j = 1; j < i; j++) sum += y[m + j] * y[m + i - j];
  return sum;
}

/** y = √(a² + b²). */
export const hypotSeries: SeriesRule<unknown> = (k, [a, b], y) => {
  if (k === 0) {
    if (a[0] === 0 && b[0] === 0) throw new NotAnalyticError("hypot", 0);
    return kernel.hypot(a[0], b[0]);
  }
  let square = 0;
  for (let j = 0; j <= k; j++) square += a[j] * a[k - j] + b[j] * b[k - j];
  return (square - selfProduct(y, 0, k)) / (2 * y[0]);
};

/** y = xᵖ. Whole powers multiply; others need x > 0 at the point. */
export const powerSeries: SeriesRule<unknown> = (k, [x, p], y) => {
  for (let j = 1; j <= k; j++) if (p[j] !== 0) return generalPower(k, x, p, y);
  const n = p[0];
  if (Number.isInteger(n) && n > 0 && n <= MOST_MULTIPLIED) return productPower(k, x, n);
  if (x[0] === 0) return powerAtZero(k, x, n, y);
  if (x[0] < 0 && !Number.isInteger(n)) throw new NotAnalyticError("power", x[0], "it is not real there");
  return k === 0 ? kernel.pow(x[0], n) : powerStep(k, x, 0, n, y, 0);
};

/** The recurrence below divides by x₀, and magnifies rounding by 1/x₀ at each order: small powers are multiplied out. */
const MOST_MULTIPLIED = 64;

/** Coefficient k of xⁿ, by squaring. */
function productPower(k: number, x: Float64Array, n: number): number {
  if (n === 1) return x[k];
  const half = seriesPower(k, x, n >> 1);
  const other = n % 2 === 0 ? half : cauchy(k, half, x);
  let sum = 0;
  for (let j = 0; j <= k; j++) sum += half[j] * other[k - j];
  return sum;
}

function seriesPower(k: number, x: Float64Array, n: number): Float64Array {
  if (n === 1) return x;
  const half = seriesPower(k, x, n >> 1);
  const square = cauchy(k, half, half);
  return n % 2 === 0 ? square : cauchy(k, square, x);
}

function cauchy(k: number, a: Float64Array, b: Float64Array): Float64Array {
  const product = new Float64Array(k + 1);
  for (let i = 0; i <= k; i++) for (let j = 0; j <= i; j++) product[i] += a[j] * b[i - j];
  return product;
}

/** k·w₀·z_k = Σ (n·j − (k − j))·w_j·z_{k−j}, for w = x shifted by v and z = y shifted by s. */
function powerStep(k: number, x: Float64Array, v: number, n: number, y: Float64Array, s: number): number {
  let sum = 0;
  for (let j = 1; j <= k; j++) sum += (n * j - (k - j)) * x[v + j] * y[s + k - j];
  return sum / (k * x[v]);
}

function powerAtZero(k: number, x: Float64Array, n: number, y: Float64Array): number {
  if (n === 0) return k === 0 ? 1 : 0;
  if (!Number.isInteger(n)) throw new NotAnalyticError("power", 0, "the exponent is not whole");
  if (n < 0) throw new NotAnalyticError("power", 0, "it has a pole there");
  let v = 0;
  while (v <= k && x[v] === 0) v++;
  const s = n * v;
  if (v > k || k < s) return 0;
  return k === s ? kernel.pow(x[v], n) : powerStep(k - s, x, v, n, y, s);
}

/** y = exp(p·log x). */
function generalPower(k: number, x: Float64Array, p: Float64Array, y: Float64Array): number {
  if (!(x[0] > 0)) throw new NotAnalyticError("power", x[0], "a varying exponent needs a positive base");
  const log = new Float64Array(k + 1);
  log[0] = Math.log(x[0]);
  for (let i = 1; i <= k; i++) {
    let sum = i * x[i];
    for (let j = 1; j < i; j++) sum -= j * log[j] * x[i - j];
    log[i] = sum / (i * x[0]);
  }
  let total = 0;
  for (let i = 1; i <= k; i++) {
    let q = 0;
    for (let j = 0; j <= i; j++) q += p[j] * log[i - j];
    total += i * q * y[k - i];
  }
  return total / k;
}

/** ψ⁽ⁿ⁾(x₀ + δ) = Σ ψ⁽ⁿ⁺ᵐ⁾(x₀)/m!·δᵐ, by Horner's rule on series cut after order k. */
export function polygammaSeries(k: number, x: Float64Array, order: number): number {
  if (x[0] <= 0 && Number.isInteger(x[0]))
    throw new NotAnalyticError("polygamma", x[0], "it has a pole there");
  const coefficients = new Float64Array(k + 1);
  let factorial = 1;
  for (let m = 0; m <= k; m++) {
    if (m > 0) factorial *= m;
    coefficients[m] = kernel.polygamma(order + m, x[0]) / factorial;
  }
  let sum = new Float64Array(k + 1);
  sum[0] = coefficients[k];
  for (let m = k - 1; m >= 0; m--) {
    const next = new Float64Array(k + 1);
    for (let i = 1; i <= k; i++) for (let j = 1; j <= i; j++) next[i] += x[j] * sum[i - j];
    next[0] = coefficients[m];
    sum = next;
  }
  return sum[k];
}
