import type { Interval } from "../ir/primitive.ts";
import { bitLength, type Rational, times2 } from "../ir/rational.ts";

/*
 * Fixed point with a stated error. A ball at p bits stands for the reals v with |v·2ᵖ − mid| ≤ rad. Every operation
 * returns a ball that holds all its results: the radii of the arguments times a bound on the slope, plus one unit for
 * each cut of the exact integer result, rounded up.
 */

export interface Ball {
  readonly mid: bigint;
  readonly rad: bigint;
}

/** More bits are needed: a divisor, a radicand or a logarithm's argument cannot be told from 0. */
export class Imprecise extends Error {
  override name = "Imprecise";
}

export const magnitudeOf = (n: bigint): bigint => (n < 0n ? -n : n);
export const exactly = (n: bigint, p: bigint): Ball => ({ mid: n << p, rad: 0n });

/** n·2^by, cut downward for negative `by`. */
export const shifted = (n: bigint, by: bigint): bigint => (by >= 0n ? n << by : n >> -by);

/** A ball at p bits from one at w > p bits. */
export function coarser(mid: bigint, rad: bigint, drop: bigint): Ball {
  return { mid: mid >> drop, rad: (rad >> drop) + 2n };
}

export function add(a: Ball, b: Ball): Ball {
  return { mid: a.mid + b.mid, rad: a.rad + b.rad };
}

export function sub(a: Ball, b: Ball): Ball {
  return { mid: a.mid - b.mid, rad: a.rad + b.rad };
}

export function neg(a: Ball): Ball {
  return { mid: -a.mid, rad: a.rad };
}

export function mul(a: Ball, b: Ball, p: bigint): Ball {
  const rad = magnitudeOf(a.mid) * b.rad + magnitudeOf(b.mid) * a.rad + a.rad * b.rad;
  const product = a.mid * b.mid;
  const mid = product >> p;
  if (rad === 0n) return { mid, rad: mid << p === product ? 0n : 1n };
  return { mid, rad: (rad >> p) + 2n };
}

/** a·2ᵏ·n for a whole n: exact for k ≥ 0. */
export function scale(a: Ball, n: bigint, k = 0n): Ball {
  const [mid, rad] = [a.mid * n, a.rad * magnitudeOf(n)];
  if (k >= 0n) return { mid: mid << k, rad: rad << k };
  return coarser(mid, rad, -k);
}

export function div(a: Ball, b: Ball, p: bigint): Ball {
  const divisor = magnitudeOf(b.mid);
  if (divisor <= b.rad) throw new Imprecise();
  // |a/b − mid(a)/mid(b)| ≤ (rad(a)·|mid(b)| + |mid(a)|·rad(b)) / (|mid(b)|·(|mid(b)| − rad(b))).
  const spread = a.rad * divisor + magnitudeOf(a.mid) * b.rad;
  const scaled = a.mid << p;
  const mid = scaled / b.mid;
  if (spread === 0n) return { mid, rad: mid * b.mid === scaled ? 0n : 1n };
  return { mid, rad: (spread << p) / (divisor * (divisor - b.rad)) + 2n };
}

/** a/n for a whole n > 0. */
export function divideBy(a: Ball, n: bigint): Ball {
  return { mid: a.mid / n, rad: a.rad / n + 2n };
}

/** ⌊√n⌋ by Newton's method from above, which falls until it is there. */
export function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

export function sqrt(a: Ball, p: bigint): Ball {
  if (a.mid < a.rad || a.mid < 0n) throw new Imprecise();
  const root = integerSqrt(a.mid << p);
  if (a.rad === 0n) return { mid: root, rad: 1n };
  if (root === 0n) throw new Imprecise();
  // |√v − √m| ≤ |v − m|/√m.
  return { mid: root, rad: (a.rad << p) / root + 3n };
}

const view = new DataView(new ArrayBuffer(8));

/** x = mantissa·2^exponent, exactly; x is finite. */
export function partsOf(x: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(view.getUint32(4));
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(biased, 1) - 1075 };
}

/** ⌊log₂|x|⌋ of a float that is not 0. */
export function exponentOf(x: number): number {
  const { mantissa, exponent } = partsOf(x);
  return bitLength(mantissa) - 1 + exponent;
}

/** A float at p bits; exact where p reaches its last bit. */
export function fromNumber(x: number, p: bigint): Ball {
  const { mantissa, exponent } = partsOf(x);
  const by = BigInt(exponent) + p;
  return { mid: shifted(mantissa, by), rad: by >= 0n ? 0n : 1n };
}

/** The greatest float ≤ n·2⁻ᵖ. */
export function floatBelow(n: bigint, p: number): number {
  if (n < 0n) return -floatAbove(-n, p);
  const drop = BigInt(lastBit(n, p));
  const value = times2(Number(n >> drop), Number(drop) - p);
  return value === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : value;
}

/** The smallest float ≥ n·2⁻ᵖ. */
export function floatAbove(n: bigint, p: number): number {
  if (n < 0n) return -floatBelow(-n, p);
  const drop = BigInt(lastBit(n, p));
  const top = n >> drop;
  return times2(Number(top << drop === n ? top : top + 1n), Number(drop) - p);
}

/** How many low bits of n a float has no room for: more than 53, or below 2⁻¹⁰⁷⁴. */
function lastBit(n: bigint, p: number): number {
  return Math.max(bitLength(n) - 53, p - 1074, 0);
}

/** The ball with its ends rounded outward. */
export function toInterval({ mid, rad }: Ball, p: number): Interval {
  return { lo: floatBelow(mid - rad, p), hi: floatAbove(mid + rad, p) };
}

/** An exact fraction between neighbouring floats. */
export function encloseRational({ n, d }: Rational): Interval {
  const p = Math.max(0, 64 - bitLength(n) + bitLength(d));
  const scaled = n << BigInt(p);
  const floor = scaled >= 0n ? scaled / d : -((-scaled + d - 1n) / d);
  const ceiling = floor * d === scaled ? floor : floor + 1n;
  return { lo: floatBelow(floor, p), hi: floatAbove(ceiling, p) };
}
