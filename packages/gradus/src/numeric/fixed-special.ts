import {
  add,
  type Ball,
  div,
  divideBy,
  exactly,
  Imprecise,
  magnitudeOf,
  mul,
  neg,
  scale,
  sqrt,
  sub,
} from "./ball.ts";
import { exp, log, pi, sinCos } from "./fixed-point.ts";

/*
 * erf, Γ, ln|Γ|, ψ and its derivatives of balls. NIST Digital Library of Mathematical Functions: 7.6.2 for erf; 5.11.1,
 * 5.11.2 and 5.15.8 (Stirling) for the others, where on the positive axis the error is smaller than the first term left
 * out (5.11(ii)); the recurrences 5.5.1, 5.5.2, 5.15.5 move the argument there, 5.5.3 and 5.5.4 reflect it.
 */

/** erf x = 2/√π·e^(−x²)·Σ 2ⁿx^(2n+1)/(1·3·…·(2n + 1)): no term cancels another. */
export function erf(x: Ball, p: bigint): Ball {
  const twiceSquare = scale(mul(x, x, p), 2n);
  let term = x;
  let sum = x;
  let n = 1n;
  // From n > 2·(2x²) on each term is at most half of the one before.
  while (magnitudeOf(term.mid) > term.rad + 1n || n << p <= twiceSquare.mid * 2n) {
    n += 2n;
    term = divideBy(mul(term, twiceSquare, p), n);
    sum = add(sum, term);
  }
  const tail = { mid: 0n, rad: 2n * (magnitudeOf(term.mid) + term.rad + 1n) };
  const factor = div(scale(exp(neg(scale(twiceSquare, 1n, -1n)), p), 2n), sqrt(pi(p), p), p);
  return mul(add(sum, tail), factor, p);
}

// --- Bernoulli numbers, from tangent numbers (Brent and Harvey, 2013, "Fast computation of Bernoulli, tangent and secant numbers") ---

interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

let tangents: bigint[] = [];

/** B₂ₖ as a fraction, k ≥ 1. */
function bernoulli(k: number): Fraction {
  if (k > tangents.length) tangents = tangentNumbers(Math.max(64, 2 * k));
  const power = 1n << BigInt(2 * k);
  const n = BigInt(2 * k) * tangents[k - 1];
  return { n: k % 2 === 1 ? n : -n, d: power * (power - 1n) };
}

function tangentNumbers(count: number): bigint[] {
  const t: bigint[] = [1n];
  for (let k = 1; k < count; k++) t.push(BigInt(k) * t[k - 1]);
  for (let k = 1; k < count; k++) {
    for (let j = k; j < count; j++) t[j] = BigInt(j - k) * t[j - 1] + BigInt(j - k + 2) * t[j];
  }
  return t;
}

/**
 * Σ coefficient(k)·B₂ₖ·first/z^(2k − 2), to the first term below its error, which bounds the rest. Each term is made
 * from the one before: a power of 1/z times B₂ₖ would magnify the cut in the power.
 */
function stirlingSum(first: Ball, z: Ball, p: bigint, coefficient: (k: bigint) => Fraction): Ball {
  const inverse = div(exactly(1n, p), z, p);
  const inverseSquare = mul(inverse, inverse, p);
  let sum: Ball = { mid: 0n, rad: 0n };
  let power = first;
  let before: Fraction = { n: 1n, d: 1n };
  let least: bigint | undefined;
  for (let k = 1; ; k++) {
    const [b, c] = [bernoulli(k), coefficient(BigInt(k))];
    const now = { n: magnitudeOf(b.n) * c.n, d: b.d * c.d };
    const term = divideBy(scale(power, now.n * before.d), now.d * before.n);
    if (term.mid <= term.rad || (least !== undefined && term.mid >= least)) {
      return { mid: sum.mid, rad: sum.rad + term.mid + term.rad };
    }
    sum = b.n > 0n ? add(sum, term) : sub(sum, term);
    [least, before] = [term.mid, now];
    power = mul(term, inverseSquare, p);
  }
}

/** How far up the argument is moved: the least term of Stirling's series at z is about e^(−2πz). */
function stepsUp(x: Ball, p: bigint, extra = 0n): bigint {
  const target = (p >> 3n) + 8n + extra;
  const at = x.mid >> p;
  return at >= target ? 0n : target - at;
}

/** ln Γ(z) by Stirling's series, for z that is large enough. */
function stirlingLogGamma(z: Ball, p: bigint): Ball {
  const half = exactly(1n, p - 1n);
  const main = sub(mul(sub(z, half), log(z, p), p), z);
  const constant = scale(log(scale(pi(p), 2n), p), 1n, -1n);
  // Σ B₂ₖ/(2k(2k − 1)z^(2k−1)).
  const sum = stirlingSum(div(exactly(1n, p), z, p), z, p, (k) => ({ n: 1n, d: 2n * k * (2n * k - 1n) }));
  return add(add(main, constant), sum);
}

/** x(x + 1)…(x + n − 1). */
function rising(x: Ball, n: bigint, p: bigint): Ball {
  let product = exactly(1n, p);
  for (let i = 0n; i < n; i++) product = mul(product, add(x, exactly(i, p)), p);
  return product;
}

/** Γ(x) for x > 0. */
function gammaPositive(x: Ball, p: bigint): Ball {
  const n = stepsUp(x, p);
  return div(exp(stirlingLogGamma(add(x, exactly(n, p)), p), p), rising(x, n, p), p);
}

function logGammaPositive(x: Ball, p: bigint): Ball {
  const n = stepsUp(x, p);
  const above = stirlingLogGamma(add(x, exactly(n, p)), p);
  return n === 0n ? above : sub(above, log(rising(x, n, p), p));
}

/** sin πx and cos πx: whole turns are taken off exactly. */
function halfTurns(x: Ball, p: bigint): { sin: Ball; cos: Ball } {
  const whole = (x.mid + (1n << (p - 1n))) >> p;
  const rest = { mid: x.mid - (whole << p), rad: x.rad };
  const { sin, cos } = sinCos(mul(rest, pi(p), p), p);
  return (whole & 1n) === 0n ? { sin, cos } : { sin: neg(sin), cos: neg(cos) };
}

/** Γ(x)·Γ(1 − x) = π/sin πx. */
export function gamma(x: Ball, p: bigint): Ball {
  if (x.mid > 0n) return gammaPositive(x, p);
  const other = gammaPositive(sub(exactly(1n, p), x), p);
  return div(pi(p), mul(halfTurns(x, p).sin, other, p), p);
}

/** ln|Γ(x)|. */
export function logGamma(x: Ball, p: bigint): Ball {
  if (x.mid > 0n) return logGammaPositive(x, p);
  const { sin } = halfTurns(x, p);
  const ratio = div(pi(p), { mid: magnitudeOf(sin.mid), rad: sin.rad }, p);
  return sub(log(ratio, p), logGammaPositive(sub(exactly(1n, p), x), p));
}

/** ψ(x); ψ(1 − x) − ψ(x) = π cot πx. */
export function digamma(x: Ball, p: bigint): Ball {
  if (x.mid > 0n) return digammaPositive(x, p);
  const { sin, cos } = halfTurns(x, p);
  const other = digammaPositive(sub(exactly(1n, p), x), p);
  return sub(other, div(mul(pi(p), cos, p), sin, p));
}

function digammaPositive(x: Ball, p: bigint): Ball {
  const one = exactly(1n, p);
  const n = stepsUp(x, p);
  const z = add(x, exactly(n, p));
  // Σ B₂ₖ/(2k z^(2k)).
  const inverse = div(one, z, p);
  const sum = stirlingSum(mul(inverse, inverse, p), z, p, (k) => ({ n: 1n, d: 2n * k }));
  let value = sub(sub(log(z, p), scale(inverse, 1n, -1n)), sum);
  for (let i = 0n; i < n; i++) value = sub(value, div(one, add(x, exactly(i, p)), p));
  return value;
}

/** Beyond this the recurrence would take too many steps. */
const FARTHEST_LEFT = 1000n;

/** ψ⁽ⁿ⁾(x), n ≥ 1: (−1)^(n+1) n! Σ 1/(x + i)^(n+1), its tail by Stirling's series. */
export function polygamma(order: number, x: Ball, p: bigint): Ball {
  const one = exactly(1n, p);
  const n = BigInt(order);
  const steps = stepsUp(x, p, n);
  if (steps > FARTHEST_LEFT + (p >> 3n) + n + 8n) throw new Imprecise();
  let sum: Ball = { mid: 0n, rad: 0n };
  for (let i = 0n; i < steps; i++) {
    const inverse = div(one, add(x, exactly(i, p)), p);
    sum = add(sum, power(inverse, order + 1, p));
  }
  const z = add(x, exactly(steps, p));
  const inverse = div(one, z, p);
  const zn = power(inverse, order, p);
  // In units of n!: 1/(n zⁿ) + 1/(2z^(n+1)) + Σ B₂ₖ (2k + n − 1)!/((2k)! n! z^(2k+n)).
  let factor = { n: 1n, d: n };
  const tail = stirlingSum(power(inverse, order + 2, p), z, p, (k) => {
    const m = 2n * k;
    factor = { n: factor.n * (m + n - 2n) * (m + n - 1n), d: factor.d * (m - 1n) * m };
    return factor;
  });
  const lead = add(divideBy(zn, n), scale(mul(zn, inverse, p), 1n, -1n));
  let factorial = 1n;
  for (let i = 2n; i <= n; i++) factorial *= i;
  const value = scale(add(add(sum, lead), tail), factorial);
  return order % 2 === 0 ? neg(value) : value;
}

function power(x: Ball, n: number, p: bigint): Ball {
  let result = exactly(1n, p);
  for (let square = x; n > 0; n >>= 1, square = mul(square, square, p)) {
    if (n & 1) result = mul(result, square, p);
  }
  return result;
}
