import { DIGAMMA, DIGAMMA_ROOT, DIGAMMA_ROOT_LOW, DIGAMMA_TAIL } from "./coefficients.ts";
import { factorialTimes } from "./factorial.ts";
import { isPole } from "./gamma.ts";
import { piCotPi } from "./half-turns.ts";
import { polynomial } from "./polynomial.ts";
import { sumError } from "./rounding-errors.ts";

/**
 * ψ(x) = Γ'(x)/Γ(x). At the poles 0, −1, −2, …, where the two sides differ in sign, and at −Infinity: NaN.
 * Full relative accuracy for x > 0, its root included; at the roots between the poles, absolute accuracy.
 */
export function digamma(x: number): number {
  if (isPole(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (x < -0.5) return digamma(1 - x) - piCotPi(x);
  if (x < 1) return digamma(x + 1) - 1 / x;
  if (x < 2) return (x - DIGAMMA_ROOT - DIGAMMA_ROOT_LOW) * polynomial(DIGAMMA, 2 * x - 3);
  // ψ(x) = ln y + 1/(24y²) − …, y = x − ½: a smaller correction than about x itself.
  const y = x - 0.5;
  const z = 1 / (y * y);
  return Math.log(y) + z * polynomial(DIGAMMA_TAIL, 4.5 * z - 1);
}

/** B₂ₖ/(2k)! for k = 1, 2, … */
const BERNOULLI_OVER_FACTORIAL = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000,
  43867 / 5109094217170944000,
  -174611 / 802857662698291200000,
];

/**
 * unitˢ·ζ(s, x), ζ(s, x) = Σ (x + k)^−s over k ≥ 0 (Hurwitz), for x > 0, whole s ≥ 2 and unit a power of two:
 * terms up to x + k = s + 13, then Euler and Maclaurin's formula (DLMF 25.11.5).
 */
function hurwitz(s: number, x: number, unit: number): number {
  const far = s + 13;
  let [sum, carry] = [0, 0];
  let at = x;
  for (let k = 0; ; at = x + ++k) {
    // Raising to the power −s would magnify the rounding of x + k.
    const power = (at / unit) ** -s * (1 - (s * sumError(x, k, at)) / at);
    if (at >= far) return sum + (carry + power * eulerMaclaurin(s, at));
    const before = sum;
    sum += power;
    if (sum === Number.POSITIVE_INFINITY) return sum;
    carry += power - (sum - before);
    // What remains is below the integral from here on.
    if (power * (1 + at / (s - 1)) < sum * 2 ** -58) return sum + carry;
  }
}

/** aˢ·ζ(s, a) = a/(s − 1) + ½ + Σ B₂ₖ/(2k)!·s(s + 1)…(s + 2k − 2)/a²ᵏ⁻¹. */
function eulerMaclaurin(s: number, a: number): number {
  let ratio = s / a;
  let rest = 0;
  for (let k = 1; k <= BERNOULLI_OVER_FACTORIAL.length; k++) {
    rest += BERNOULLI_OVER_FACTORIAL[k - 1] * ratio;
    ratio *= ((s + 2 * k - 1) / a) * ((s + 2 * k) / a);
  }
  return a / (s - 1) + (0.5 + rest);
}

/**
 * ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x), the n-th derivative of ψ, for whole n ≥ 0. At the poles 0, −1, −2, …:
 * +Infinity for odd n, where both sides agree, NaN for even n, where they differ. NaN at −Infinity.
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (!(n > 0 && Number.isInteger(n)) || Number.isNaN(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN;
  const odd = n % 2 === 1;
  if (isPole(x)) return odd ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return odd ? 0 : -0;
  const s = n + 1;
  if (x < 0) {
    const value = factorialTimes(n, reflectedHurwitz(s, x), 0);
    return odd ? value : -value;
  }
  // In units of about x: x^−s and n! may leave the range of doubles where their product does not.
  const scale = Math.round(Math.log2(x));
  const value = factorialTimes(n, hurwitz(s, x, 2 ** scale), -s * scale);
  return odd ? value : -value;
}

/**
 * The sum over all x + k, k ≥ 0, for x < 0. With above = ⌈x⌉ − x the terms right of 0 are ζ(s, 1 − above), those
 * left of it ζ(s, above) but for its tail ζ(s, 1 − x), up to the sign (−1)ˢ; above is exact.
 */
function reflectedHurwitz(s: number, x: number): number {
  const above = Math.ceil(x) - x;
  const left = hurwitz(s, above, 1) - hurwitz(s, 1 - x, 1);
  const right = hurwitz(s, 1 - above, 1);
  return s % 2 === 0 ? right + left : right - left;
}
