import type { Interval } from "../ir/primitive.ts";
import { bitLength } from "../ir/rational.ts";
import * as ball from "./ball.ts";
import { type Ball, exactly, exponentOf, fromNumber, Imprecise, magnitudeOf } from "./ball.ts";

/*
 * Elementary functions of floats, enclosed: computed in fixed point with an error known beforehand, at as many bits as
 * it takes (Ziv's strategy), then rounded outward. Nothing here calls Math.exp and its like, whose accuracy JavaScript
 * does not promise.
 */

/** A function of one float as a ball at p bits. */
export type AtBits = (x: Ball, p: bigint) => Ball;

export const INF = Number.POSITIVE_INFINITY;
export const MAX = Number.MAX_VALUE;
export const TINY = Number.MIN_VALUE;
export const FIRST_BITS = 128;
/** No float of a value in range needs as many: from there on what is known is given. */
const MOST_BITS = 4400;
/** Bits of a result that make its rounding outward as tight as floats allow. */
const ENOUGH = 62;

/** f(x) at growing precision, until its ends are neighbouring floats or nearly so. */
export function encloseAt(f: AtBits, x: number, bits = FIRST_BITS): Interval {
  let best: Interval = { lo: -INF, hi: INF };
  for (let p = bits; ; p = 2 * p) {
    try {
      const value = f(fromNumber(x, BigInt(p)), BigInt(p));
      if (isTight(value, p)) return ball.toInterval(value, p);
      best = ball.toInterval(value, p);
    } catch (error) {
      if (!(error instanceof Imprecise)) throw error;
    }
    if (p > MOST_BITS) return best;
  }
}

/** Relative to its size, or below what subnormal floats can tell. */
function isTight({ mid, rad }: Ball, p: number): boolean {
  const error = bitLength(rad);
  return rad === 0n || bitLength(mid) - error >= ENOUGH || error - p < -1140;
}

/** Bits for a function that is near x where x is near 0. */
export const bitsNear = (x: number): number => FIRST_BITS + (x === 0 ? 0 : Math.max(0, -exponentOf(x)));
/** Bits for a function that falls like e^(−|x|). */
export const bitsFalling = (x: number): number => FIRST_BITS + Math.ceil(1.5 * Math.min(Math.abs(x), 800));

export const point = (lo: number, hi = lo): Interval => ({ lo, hi });

export type Point = (x: number) => Interval;

export const one = (p: bigint): Ball => exactly(1n, p);
export const half = (x: Ball): Ball => ball.scale(x, 1n, -1n);
export const reciprocal = (x: Ball, p: bigint): Ball => ball.div(one(p), x, p);
export const magnitudeBall = (x: Ball): Ball => ({ mid: magnitudeOf(x.mid), rad: x.rad });

/** An odd function from its values on the positive side. */
export const odd =
  (f: Point): Point =>
  (x) => {
    if (x === 0) return point(0);
    if (x > 0) return f(x);
    const { lo, hi } = f(-x);
    return point(0 - hi, 0 - lo);
  };

const MOST_REMEMBERED = 512;

/** Neighbouring pieces of an interval share an end: the last values are kept. */
export function remembered(f: Point): Point {
  const known = new Map<number, Interval>();
  return (x) => {
    let value = known.get(x);
    if (value === undefined) {
      value = f(x);
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(x, value);
    }
    return value;
  };
}
