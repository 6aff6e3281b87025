import {
  GAMMA,
  HALF_LOG_TWO_PI,
  INVERSE_E,
  INVERSE_E_LOW,
  LOG_GAMMA_HIGH,
  LOG_GAMMA_LOW,
  PI_LOW,
  STIRLING,
  STIRLING_LOW,
} from "./coefficients.ts";
import { factorialTimes } from "./factorial.ts";
import { sinPi } from "./half-turns.ts";
import { polynomial } from "./polynomial.ts";
import { productError } from "./rounding-errors.ts";

/** Is x one of 0, −1, −2, …? Every double below −2⁵² is. */
export function isPole(x: number): boolean {
  return x <= 0 && Number.isInteger(x);
}

/** Γ(x). At the poles 0, −1, −2, …, where the two sides differ in sign, and at −Infinity: NaN. */
export function gamma(x: number): number {
  if (isPole(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (x > 171.7) return Number.POSITIVE_INFINITY;
  if (Number.isInteger(x)) return factorialTimes(x - 1, 1, 0);
  if (Math.abs(x) < 1e-17) return 1 / x;
  if (x >= 12) return stirling(x);
  return x > -12 ? nearGamma(x) : reflectedGamma(-x);
}

/**
 * |x| < 12: Γ(1 + d), 0 ≤ d ≤ 1, times or over the factors that lead from there to x (Γ(x + 1) = xΓ(x)).
 * Their product is kept in two parts, so that it costs no digits.
 */
function nearGamma(x: number): number {
  const whole = Math.floor(x);
  const d = x - whole;
  const base = 1 + d * (d - 1) * polynomial(GAMMA, 2 * d - 1);
  let [high, low] = [1, 0];
  for (let k = Math.abs(whole - 1) - 1; k >= 0; k--) {
    const factor = x < 1 ? x + k : x - 1 - k;
    const product = high * factor;
    low = low * factor + productError(high, factor, product);
    high = product;
  }
  if (x >= 1) return base * high + base * low;
  const quotient = base / high;
  return quotient - quotient * (low / high);
}

/** Σ B₂ₖ/(2k(2k − 1)x²ᵏ⁻¹), for x ≥ 12: what Stirling's formula leaves out of ln Γ. */
function stirlingTail(x: number): number {
  const z = 1 / (x * x);
  const rest = 1 / 1680 - z * (1 / 1188 - z * (691 / 360360 - z * (1 / 156 - z * (3617 / 122400))));
  return (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * rest))) / x;
}

/**
 * Stirling: Γ(x) = √(2π/e)·(x/e)^(x − ½)·e^tail, for x ≥ 12. The rounding of x/e is raised to the same power,
 * so it is kept, and enters with the tail as one small relative correction.
 */
function stirling(x: number): number {
  const base = x * INVERSE_E;
  const value = STIRLING * base ** (x - 0.5);
  return value + value * stirlingCorrection(x, base);
}

function stirlingCorrection(x: number, base: number): number {
  const lost = (productError(x, INVERSE_E, base) + x * INVERSE_E_LOW) / base;
  return Math.expm1(stirlingTail(x)) + (x - 0.5) * lost + STIRLING_LOW / STIRLING;
}

/**
 * Γ(−y) = −π/(sin πy·yΓ(y)), for y ≥ 12: the roundings of the first factors join Stirling's correction. Where
 * Γ(y) would overflow its power is divided by in two halves.
 */
function reflectedGamma(y: number): number {
  const sine = sinPi(y);
  if (y > 190) return sine > 0 ? -0 : 0;
  const scaled = STIRLING * y;
  const bottom = scaled * sine;
  const lost = productError(STIRLING, y, scaled) / scaled + productError(scaled, sine, bottom) / bottom;
  const base = y * INVERSE_E;
  const correction = stirlingCorrection(y, base) + lost - PI_LOW / Math.PI;
  const quotient = -Math.PI / bottom;
  if (y < 170) return withoutFactor(quotient / base ** (y - 0.5), correction);
  const half = base ** (y / 2 - 0.25);
  return withoutFactor(quotient / half, correction) / half;
}

/** value/(1 + small). */
function withoutFactor(value: number, small: number): number {
  return value - value * (small / (1 + small));
}

/**
 * ln|Γ(x)|; +Infinity at the poles and at ±Infinity. Full relative accuracy for x > 0. For x < 0 the error is
 * relative to the largest term: between −2 and −17 ln|Γ| has zeros that are not at round numbers, and next to
 * them only the absolute error is small (about 1e-15).
 */
export function logGamma(x: number): number {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? x : Number.POSITIVE_INFINITY;
  if (isPole(x)) return Number.POSITIVE_INFINITY;
  if (Math.abs(x) < 1e-17) return -Math.log(Math.abs(x));
  if (x <= -12) return Math.log(Math.PI / Math.abs(x * sinPi(x))) - logGamma(-x);
  if (x < 0) return Math.log(Math.abs(gamma(x)));
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  // The factors make the zeros at 1 and 2 exact.
  if (x < 1.5) return (1 - x) * (2 - x) * polynomial(LOG_GAMMA_LOW, 2 * (x - 1));
  if (x < 3.5) return (x - 1) * (x - 2) * polynomial(LOG_GAMMA_HIGH, x - 2.5);
  if (x < 12) return Math.log(gamma(x));
  return (x - 0.5) * (Math.log(x) - 1) + HALF_LOG_TWO_PI + stirlingTail(x);
}
