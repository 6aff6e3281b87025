import { chebyshev } from "./chebyshev.ts";
import { DIGAMMA, DIGAMMA_ROOT, DIGAMMA_ROOT_LOW, GAMMA, LOG_GAMMA } from "./coefficients.ts";

const isPole = (x: number): boolean => x <= 0 && Number.isInteger(x);

/** sin πx, exact in the reduction. */
function sinPi(x: number): number {
  const r = x - 2 * Math.round(x / 2);
  const a = Math.abs(r);
  const s = a <= 0.25 ? Math.sin(Math.PI * a) : a <= 0.75 ? Math.cos(Math.PI * (0.5 - a)) : Math.sin(Math.PI * (1 - a));
  return r < 0 ? -s : s;
}

/** ln Γ's tail Σ B₂ₖ/(2k(2k − 1)x²ᵏ⁻¹), for x ≥ 12 (Stirling). */
function stirlingTail(x: number): number {
  const z = 1 / (x * x);
  const series = 1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360 - z / 156)))));
  return series / x;
}

/** Γ(x); NaN at the poles 0, −1, −2, … */
export function gamma(x: number): number {
  if (Number.isNaN(x) || x === Number.NEGATIVE_INFINITY || isPole(x)) return Number.NaN;
  if (x > 171.7) return Number.POSITIVE_INFINITY;
  if (Number.isInteger(x) && x < 24) return wholeFactorial(x - 1);
  if (x < 0) return negativeGamma(x);
  if (x < 1) return x < 1e-300 ? 1 / x : gamma(x + 1) / x;
  if (x > 12) return stirlingGamma(x);
  let [product, at] = [1, x];
  while (at > 2) product *= --at;
  return product * chebyshev(GAMMA, 2 * at - 3);
}

function wholeFactorial(n: number): number {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}

function stirlingGamma(x: number): number {
  // In two halves: x^(x − ½) alone overflows before Γ does.
  const half = x ** (x / 2 - 0.25);
  return half * Math.exp(-x) * half * 2.5066282746310002 * Math.exp(stirlingTail(x));
}

/** Reflection: Γ(x) = π/(sin πx·Γ(1 − x)). */
function negativeGamma(x: number): number {
  if (x < -183) return sinPi(x) > 0 ? 0 : -0;
  const y = 1 - x;
  const top = Math.PI / sinPi(x);
  return y > 150 ? top / gamma(y - 20) / risingProduct(y - 20, 20) : top / gamma(y);
}

function risingProduct(x: number, n: number): number {
  let product = 1;
  for (let i = 0; i < n; i++) product *= x + i;
  return product;
}

/** ln|Γ(x)|; +Infinity at the poles. */
export function logGamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x) || isPole(x)) return Number.POSITIVE_INFINITY;
  if (x < 0) return Math.log(Math.PI / Math.abs(sinPi(x))) - logGamma(1 - x);
  if (x < 0.5) return x < 1e-300 ? -Math.log(x) : logGamma(x + 1) - Math.log(x);
  if (x <= 3) return (x - 1) * (x - 2) * chebyshev(LOG_GAMMA, (x - 1.75) / 1.25);
  if (x < 12) return Math.log(gamma(x));
  return (x - 0.5) * (Math.log(x) - 1) + 0.4189385332046727 + stirlingTail(x);
}

/** ψ(x) = Γ'(x)/Γ(x); NaN at the poles. */
export function digamma(x: number): number {
  if (Number.isNaN(x) || isPole(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / tanPi(x);
  if (x < 1) return digamma(x + 1) - 1 / x;
  if (x >= 12) return digammaTail(x);
  let [sum, at] = [0, x];
  while (at > 2) sum += 1 / --at;
  return sum + (at - DIGAMMA_ROOT - DIGAMMA_ROOT_LOW) * chebyshev(DIGAMMA, 2 * at - 3);
}

function tanPi(x: number): number {
  return sinPi(x) / sinPi(x + 0.5);
}

/** ln x − 1/(2x) − Σ B₂ₖ/(2k x²ᵏ). */
function digammaTail(x: number): number {
  const z = 1 / (x * x);
  const series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * (691 / 32760 - z / 12))))));
  return Math.log(x) - 0.5 / x - series;
}

/** B₂, B₄, … */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330];

/** ψ⁽ⁿ⁾(x), the n-th derivative of ψ; NaN at the poles. */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (Number.isNaN(x) || isPole(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (x < 0.5) return reflectedPolygamma(n, x);
  const sign = n % 2 === 0 ? -1 : 1;
  let [sum, at] = [0, x];
  const far = 14 + n;
  while (at < far) {
    sum += at ** -(n + 1);
    at++;
  }
  return sign * (factorialTimes(n, sum) + polygammaTail(n, at));
}

function factorialTimes(n: number, x: number): number {
  let product = x;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}

/** (n − 1)!/xⁿ + n!/(2xⁿ⁺¹) + Σ B₂ₖ (2k + n − 1)!/((2k)! x²ᵏ⁺ⁿ). */
function polygammaTail(n: number, x: number): number {
  const lead = factorialTimes(n - 1, x ** -n);
  let total = lead * (1 + n / (2 * x));
  let ratio = lead;
  for (let k = 1; k <= BERNOULLI.length; k++) {
    ratio *= ((2 * k + n - 2) * (2 * k + n - 1)) / ((2 * k - 1) * 2 * k * x * x);
    total += BERNOULLI[k - 1] * ratio;
  }
  return total;
}

/** ψ⁽ⁿ⁾(x) = (−1)ⁿ ψ⁽ⁿ⁾(1 − x) − π dⁿ/dxⁿ cot πx; the derivative is a polynomial in cot πx. */
function reflectedPolygamma(n: number, x: number): number {
  if (x > 0) {
    // One step of the recurrence keeps the digits that reflection would lose near 0.
    const sign = n % 2 === 0 ? -1 : 1;
    return polygamma(n, x + 1) + sign * factorialTimes(n, x ** -(n + 1));
  }
  let polynomial = [0, 1];
  for (let i = 0; i < n; i++) {
    const next = new Array<number>(polynomial.length + 1).fill(0);
    polynomial.forEach((c, k) => {
      if (k === 0) return;
      next[k - 1] -= Math.PI * k * c;
      next[k + 1] -= Math.PI * k * c;
    });
    polynomial = next;
  }
  const cot = 1 / tanPi(x);
  const slope = polynomial.reduceRight((sum, c) => sum * cot + c, 0);
  return (n % 2 === 0 ? 1 : -1) * polygamma(n, 1 - x) - Math.PI * slope;
}
