import { bitLength } from "../ir/rational.ts";
import { type Ball, coarser, Imprecise, integerSqrt, magnitudeOf, shifted } from "./ball.ts";

/*
 * exp, log, sin, cos and atan of balls: argument reduction, then the Taylor series in whole numbers at GUARD bits more,
 * where each cut costs one unit. The series' error is counted as it runs (`lost`, in units of the last guard bit); the
 * first term that is 0 bounds the tail, since terms at least halve.
 */

const GUARD = 32n;

// --- constants, each within two units of its last bit ---

function cached(compute: (w: bigint) => bigint): (p: bigint) => bigint {
  const known = new Map<bigint, bigint>();
  return (p) => {
    let value = known.get(p);
    if (value === undefined) known.set(p, (value = compute(p + GUARD) >> GUARD));
    return value;
  };
}

/** Σ s^i/((2i + 1)·n^(2i+1)): atanh(1/n) for s = 1, atan(1/n) for s = −1. Two units lost per term. */
function arcOfReciprocal(n: bigint, s: bigint, w: bigint): bigint {
  let power = (1n << w) / n;
  let sum = 0n;
  for (let i = 0n; power !== 0n; i++) {
    sum += (s === 1n || (i & 1n) === 0n ? power : -power) / (2n * i + 1n);
    power /= n * n;
  }
  return sum;
}

/** Machin: π = 16 atan(1/5) − 4 atan(1/239). */
export const piBits = cached((w) => 16n * arcOfReciprocal(5n, -1n, w) - 4n * arcOfReciprocal(239n, -1n, w));
/** ln 2 = 18 atanh(1/26) − 2 atanh(1/4801) + 8 atanh(1/8749). */
export const ln2Bits = cached(
  (w) =>
    18n * arcOfReciprocal(26n, 1n, w) -
    2n * arcOfReciprocal(4801n, 1n, w) +
    8n * arcOfReciprocal(8749n, 1n, w),
);
/** ln 10 = 46 atanh(1/31) + 34 atanh(1/49) + 20 atanh(1/161). */
export const ln10Bits = cached(
  (w) =>
    46n * arcOfReciprocal(31n, 1n, w) +
    34n * arcOfReciprocal(49n, 1n, w) +
    20n * arcOfReciprocal(161n, 1n, w),
);

export const pi = (p: bigint): Ball => ({ mid: piBits(p), rad: 2n });
export const ln2 = (p: bigint): Ball => ({ mid: ln2Bits(p), rad: 2n });
export const ln10 = (p: bigint): Ball => ({ mid: ln10Bits(p), rad: 2n });

/** ⌊a/b + ½⌋ for b > 0. */
function nearestWhole(a: bigint, b: bigint): bigint {
  const n = 2n * a + b;
  const q = n / (2n * b);
  return n < 0n && q * 2n * b !== n ? q - 1n : q;
}

// --- exp: x = k ln 2 + r, |r| ≤ 0.35; e^r = (e^(r/256))^256 ---

const HALVINGS = 8n;

export function exp(x: Ball, p: bigint): Ball {
  const w = p + GUARD;
  const at = x.mid << GUARD;
  const ln = ln2Bits(w);
  const k = nearestWhole(at, ln);
  // e^x < 2^(k+1): less than one unit, the argument's own radius apart.
  if (x.rad > 1n << p) throw new Imprecise();
  if (k < -p - 4n) return { mid: 0n, rad: 1n };
  const { value, lost } = expOfSmall(at - k * ln, w);
  // The rest r is off by 2|k| units, the value by at most 1.5 times that.
  const error = lost + 4n * magnitudeOf(k) + 4n;
  const by = k - GUARD;
  const mid = shifted(value, by);
  // e^(x+δ) − e^x ≤ e^x·2|δ| for |δ| ≤ 1.
  const spread = x.rad === 0n ? 0n : (((mid + 2n) * 2n * x.rad) >> p) + 1n;
  return { mid, rad: shifted(error, by) + 2n + spread };
}

/** Taylor's series of r/256 loses two units a term; each squaring doubles the error (times e^(r/2), under 1.42 in all). */
function expOfSmall(r: bigint, w: bigint): { value: bigint; lost: bigint } {
  const t = r >> HALVINGS;
  let value = 1n << w;
  let term = value;
  let terms = 0n;
  while (term !== 0n && term !== -1n) {
    terms++;
    term = ((term * t) >> w) / terms;
    value += term;
  }
  for (let i = 0n; i < HALVINGS; i++) value = (value * value) >> w;
  return { value, lost: (2n * terms + 8n) << (HALVINGS + 1n) };
}

// --- log: x = z·2^k with ¾ ≤ z < 1½; ln z = 2 atanh((z − 1)/(z + 1)) ---

export function log(x: Ball, p: bigint): Ball {
  if (x.mid <= x.rad) throw new Imprecise();
  const w = p + GUARD;
  const at = x.mid << GUARD;
  let k = BigInt(bitLength(at)) - 1n - w;
  if (at > shifted(3n << (w - 1n), k)) k++;
  const z = shifted(at, -k);
  const one = 1n << w;
  const { value, lost } = atanhOfSmall(((z - one) << w) / (z + one), w);
  const sum = 2n * value + k * ln2Bits(w);
  // Cutting z costs 1.4 units, the quotient one more, k·ln 2 one for each.
  const error = 2n * lost + magnitudeOf(k) + 8n;
  const spread = x.rad === 0n ? 0n : (x.rad << p) / (x.mid - x.rad) + 1n;
  return { mid: sum >> GUARD, rad: (error >> GUARD) + 2n + spread };
}

/** |t| ≤ 1/5; each term loses three units: in t², in the power, in the division. */
function atanhOfSmall(t: bigint, w: bigint): { value: bigint; lost: bigint } {
  const square = (t * t) >> w;
  let power = t;
  let value = t;
  let n = 1n;
  while (power !== 0n && power !== -1n) {
    power = (power * square) >> w;
    n += 2n;
    value += power / n;
  }
  return { value, lost: 3n * n + 8n };
}

// --- sin, cos: x = q·π/2 + r, |r| ≤ π/4 ---

export interface SinCos {
  readonly sin: Ball;
  readonly cos: Ball;
}

export function sinCos(x: Ball, p: bigint): SinCos {
  const w = p + GUARD;
  // As many bits of π more as x has before the point.
  const whole = BigInt(Math.max(0, bitLength(x.mid) - Number(p)));
  const wide = w + whole;
  const at = x.mid << (GUARD + whole);
  const twoPi = 2n * piBits(wide);
  const q = nearestWhole(4n * at, twoPi);
  // 2π is off by four units at `wide`, |q| is at most 2^(whole + 1): two units at w, and the cuts.
  const r = (at - ((q * twoPi) >> 2n)) >> whole;
  const square = (r * r) >> w;
  const sine = alternating(r, square, 1n, w);
  const cosine = alternating(1n << w, square, 0n, w);
  const s = coarser(sine.value, sine.lost + 4n, GUARD);
  const c = coarser(cosine.value, cosine.lost + 4n, GUARD);
  const sin = { mid: s.mid, rad: s.rad + x.rad };
  const cos = { mid: c.mid, rad: c.rad + x.rad };
  const turned = (q % 4n) + (q < 0n ? 4n : 0n);
  if (turned === 1n) return { sin: cos, cos: { mid: -sin.mid, rad: sin.rad } };
  if (turned === 2n) return { sin: { mid: -sin.mid, rad: sin.rad }, cos: { mid: -cos.mid, rad: cos.rad } };
  if (turned === 3n) return { sin: { mid: -cos.mid, rad: cos.rad }, cos: sin };
  return { sin, cos };
}

/** first − first·s/((n+1)(n+2)) + …: sine from n = 1, cosine from n = 0. Three units lost per term. */
function alternating(first: bigint, s: bigint, start: bigint, w: bigint): { value: bigint; lost: bigint } {
  let [term, value, n] = [first, first, start];
  while (term !== 0n && term !== -1n && term !== 1n) {
    term = -((term * s) >> w) / ((n + 1n) * (n + 2n));
    n += 2n;
    value += term;
  }
  return { value, lost: 3n * n + 8n };
}

/** ⌊2x/π⌋: at how many multiples of π/2 above 0 the number x lies. A float is a multiple at 0 only. */
export function quadrantOf(mantissa: bigint, exponent: number): bigint {
  if (mantissa === 0n) return 0n;
  if (exponent + bitLength(mantissa) <= 0) return mantissa > 0n ? 0n : -1n;
  for (let p = 128n; ; p *= 2n) {
    const bits = p + BigInt(Math.max(0, exponent + 53));
    const at = shifted(mantissa, BigInt(exponent) + bits);
    const half = piBits(bits);
    // At p bits the quotient is off by less than 32 units: safe unless it is that near to a whole number.
    const scaled = (at << (p + 1n)) / half;
    const [below, above] = [(scaled - 32n) >> p, (scaled + 32n) >> p];
    if (below === above) return below;
  }
}

// --- atan: 1/x beyond 1; then x ↦ x/(1 + √(1 + x²)) halves the angle, three times ---

export function atan(x: Ball, p: bigint): Ball {
  const w = p + GUARD;
  const one = 1n << w;
  const size = magnitudeOf(x.mid) << GUARD;
  const steep = size > one;
  let t = steep ? (one << w) / size : size;
  let halvings = 0n;
  // The map's slope is at most ½, so that its own three units stay under six in all.
  while (t << 3n > one && halvings < 3n) {
    t = (t << w) / (one + integerSqrt(one * one + t * t));
    halvings++;
  }
  const square = (t * t) >> w;
  let power = t;
  let value = t;
  let n = 1n;
  while (power !== 0n && power !== -1n) {
    power = -(power * square) >> w;
    n += 2n;
    value += power / n;
  }
  value <<= halvings;
  const lost = (3n * n + 16n) << halvings;
  const angle = steep ? (piBits(w) >> 1n) - value : value;
  const result = coarser(angle, lost, GUARD);
  return { mid: x.mid < 0n ? -result.mid : result.mid, rad: result.rad + x.rad };
}
