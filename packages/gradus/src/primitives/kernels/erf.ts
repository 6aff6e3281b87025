import {
  ERF,
  ERFCX_FAR,
  ERFCX_HALF,
  ERFCX_ONE,
  ERFCX_TWO,
  EXP_MINUS_64,
  INVERSE_ROOT_PI,
  SQRT1_2_LOW,
} from "./coefficients.ts";
import { polynomial } from "./polynomial.ts";
import { productError } from "./rounding-errors.ts";

/**
 * e^(−half·x²)·factor, half being 1 or ½. The square's rounding is carried along: the error of e^(−x²) would
 * grow with x². Near underflow the last step is one multiplication, so that a subnormal is rounded once.
 */
function gaussianTimes(x: number, half: number, factor: number): number {
  if (x > 40) return 0;
  const square = x * x;
  const high = half * square;
  const low = half * productError(x, x, square);
  const scaled = Math.exp(high > 700 ? 64 - high : -high) * factor;
  const value = scaled - scaled * low;
  return high > 700 ? value * EXP_MINUS_64 : value;
}

/** erfcx on [½, ∞), piecewise: polynomials of small variation, so that little rounding is added. */
function erfcxFar(x: number): number {
  if (x < 1) return polynomial(ERFCX_HALF, 4 * x - 3);
  if (x < 2) return polynomial(ERFCX_ONE, 2 * x - 3);
  if (x < 4) return polynomial(ERFCX_TWO, x - 3);
  const z = 1 / (x * x);
  return (INVERSE_ROOT_PI + z * polynomial(ERFCX_FAR, 32 * z - 1)) / x;
}

/** The scaled complementary error function e^(x²)·erfc x: about 1/(x√π) for large x, Infinity below −26.63. */
export function erfcx(x: number): number {
  if (x >= 0.5) return erfcxFar(x);
  if (x < -26.64) return Number.POSITIVE_INFINITY;
  const square = x * x;
  const e = Math.exp(square);
  return (e + e * productError(x, x, square)) * erfc(x);
}

export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a >= 1)) return x + x * polynomial(ERF, x * x);
  const value = 1 - erfc(a);
  return x < 0 ? -value : value;
}

/** 1 − erf x, with all digits in the right tail down to the subnormals (x = 27.2). */
export function erfc(x: number): number {
  if (x >= 0.5) return gaussianTimes(x, 1, erfcxFar(x));
  return 1 - erf(x);
}

/**
 * Φ(x) = ½ erfc(−x/√2), with all digits in the left tail: e^(−x²/2) is taken from x itself, and the rounding
 * of u = |x|/√2 is put back by erfcx' = 2u·erfcx − 2/√π.
 */
export function normalCdf(x: number): number {
  const a = Math.abs(x);
  if (a < 0.71) return 0.5 + 0.5 * erf(x * Math.SQRT1_2);
  if (a > 40) return x < 0 ? 0 : 1;
  const u = a * Math.SQRT1_2;
  const lost = productError(a, Math.SQRT1_2, u) + a * SQRT1_2_LOW;
  const scaled = erfcxFar(u);
  const tail = gaussianTimes(a, 0.5, 0.5 * (scaled + lost * (2 * u * scaled - 2 * INVERSE_ROOT_PI)));
  return x < 0 ? tail : 1 - tail;
}
