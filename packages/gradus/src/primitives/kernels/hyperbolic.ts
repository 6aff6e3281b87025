import { EXP_MINUS_64, TANH } from "./coefficients.ts";
import { polynomial } from "./polynomial.ts";

/** V8's own (fdlibm) are within 2 ulp. */
export const { sinh, cosh, asinh, acosh, atanh } = Math;

/** A polynomial near 0, then 1 − 2/(e²ˣ + 1): within 1.3 ulp, where V8's is off by nearly 2. */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a < 1e-8) return x; // the sum below would lose the sign of -0
  const square = x * x;
  if (a < 0.6) return x + x * square * polynomial(TANH, square);
  if (a > 22) return Math.sign(x);
  const value = 1 - 2 / (Math.exp(2 * a) + 1);
  return x < 0 ? -value : value;
}

/** 2e^−a for a > 22; past 700 in two steps, the last one into the subnormals. */
function twiceExpMinus(a: number): number {
  return a > 700 ? Math.exp(64 - a) * (2 * EXP_MINUS_64) : 2 * Math.exp(-a);
}

/** 2/(eˣ + e⁻ˣ) with one exponential: cosh overflows (710.5) before sech is 0 (745.8). */
export function sech(x: number): number {
  const a = Math.abs(x);
  if (a > 22) return twiceExpMinus(a);
  const e = Math.exp(-a);
  return (2 * e) / (1 + e * e);
}

export function csch(x: number): number {
  const a = Math.abs(x);
  if (!(a > 22)) return 1 / Math.sinh(x);
  return x < 0 ? -twiceExpMinus(a) : twiceExpMinus(a);
}

export function coth(x: number): number {
  return 1 / tanh(x);
}

/** arsech x = arcosh(1/x) = ln(1 + t + √(t(t + 2))), where t = 1/x − 1 = (1 − x)/x keeps its digits near 1. */
export function asech(x: number): number {
  if (x >= 0 && x < 1e-10) return Math.LN2 - Math.log(x);
  const t = (1 - x) / x;
  return x > 0 ? Math.log1p(t + Math.sqrt(t * (t + 2))) : Number.NaN;
}

export function acsch(x: number): number {
  const a = Math.abs(x);
  if (!(a < 1e-10)) return Math.asinh(1 / x);
  // 1/x may overflow here.
  const value = Math.LN2 - Math.log(a);
  return x < 0 || Object.is(x, -0) ? -value : value;
}

/** arcoth x = ½ ln(1 + 2/(x − 1)); x − 1 keeps the digits that 1/x would lose near 1. */
export function acoth(x: number): number {
  const value = 0.5 * Math.log1p(2 / (Math.abs(x) - 1));
  if (Math.abs(x) < 1) return Number.NaN;
  return x < 0 ? -value : value;
}
