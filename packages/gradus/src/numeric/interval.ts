import type { Interval } from "../ir/primitive.ts";
import { addDown, addUp, divDown, divUp, mulDown, mulUp, sqrtDown, sqrtUp } from "./directed.ts";

/*
 * Closed intervals of reals with float ends (R. E. Moore, Interval Analysis, 1966). Each operation returns an interval
 * that holds every result of the real operation on members of its arguments: the extremes of a monotone operation lie
 * at ends, and ends are rounded outward. An infinite end means "without bound"; lo > hi means empty.
 */

export const EMPTY: Interval = { lo: Number.POSITIVE_INFINITY, hi: Number.NEGATIVE_INFINITY };
export const WHOLE: Interval = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };
export const ZERO: Interval = { lo: 0, hi: 0 };
export const ONE: Interval = { lo: 1, hi: 1 };

/** The interval [lo, hi]; a point for one number. */
export function interval(lo: number, hi = lo): Interval {
  if (Number.isNaN(lo) || Number.isNaN(hi) || lo > hi) {
    throw new RangeError(`interval: expected two numbers in order, lo ≤ hi; got [${lo}, ${hi}]`);
  }
  if (lo === Number.POSITIVE_INFINITY || hi === Number.NEGATIVE_INFINITY) {
    throw new RangeError(`interval: [${lo}, ${hi}] holds no real number`);
  }
  return { lo, hi };
}

export const isEmpty = (x: Interval): boolean => !(x.lo <= x.hi);
export const isPoint = (x: Interval): boolean => x.lo === x.hi;
export const holds = (x: Interval, value: number): boolean => x.lo <= value && value <= x.hi;
export const isBounded = (x: Interval): boolean => Number.isFinite(x.lo) && Number.isFinite(x.hi);
export const offZero = (x: Interval): boolean => x.lo > 0 || x.hi < 0;

/** A float inside: the middle where both ends are finite. */
export function middle({ lo, hi }: Interval): number {
  if (lo === Number.NEGATIVE_INFINITY)
    return hi === Number.POSITIVE_INFINITY ? 0 : Math.min(hi, -Number.MAX_VALUE);
  if (hi === Number.POSITIVE_INFINITY) return Math.max(lo, Number.MAX_VALUE);
  return Math.min(hi, Math.max(lo, lo / 2 + hi / 2));
}

/** hi − lo, rounded up. */
export const widthOf = (x: Interval): number => (isEmpty(x) ? 0 : addUp(x.hi, -x.lo));
/** The greatest |value|. */
export const magnitude = (x: Interval): number => (isEmpty(x) ? 0 : Math.max(Math.abs(x.lo), Math.abs(x.hi)));
/** The least |value|. */
export const mignitude = (x: Interval): number => (x.lo > 0 ? x.lo : x.hi < 0 ? -x.hi : 0);

export function intersect(a: Interval, b: Interval): Interval {
  const [lo, hi] = [Math.max(a.lo, b.lo), Math.min(a.hi, b.hi)];
  return lo <= hi ? { lo, hi } : EMPTY;
}

export function hull(a: Interval, b: Interval): Interval {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}

export function neg(x: Interval): Interval {
  return { lo: 0 - x.hi, hi: 0 - x.lo };
}

export function add(a: Interval, b: Interval): Interval {
  if (isEmpty(a) || isEmpty(b)) return EMPTY;
  return { lo: addDown(a.lo, b.lo), hi: addUp(a.hi, b.hi) };
}

export function sub(a: Interval, b: Interval): Interval {
  if (isEmpty(a) || isEmpty(b)) return EMPTY;
  return { lo: addDown(a.lo, -b.hi), hi: addUp(a.hi, -b.lo) };
}

/** Bilinear: the extremes lie at corners, and signs say at which. */
export function mul(a: Interval, b: Interval): Interval {
  if (isEmpty(a) || isEmpty(b)) return EMPTY;
  if (a.lo >= 0) {
    if (b.lo >= 0) return { lo: mulDown(a.lo, b.lo), hi: mulUp(a.hi, b.hi) };
    if (b.hi <= 0) return { lo: mulDown(a.hi, b.lo), hi: mulUp(a.lo, b.hi) };
    return { lo: mulDown(a.hi, b.lo), hi: mulUp(a.hi, b.hi) };
  }
  if (a.hi <= 0) {
    if (b.lo >= 0) return { lo: mulDown(a.lo, b.hi), hi: mulUp(a.hi, b.lo) };
    if (b.hi <= 0) return { lo: mulDown(a.hi, b.hi), hi: mulUp(a.lo, b.lo) };
    return { lo: mulDown(a.lo, b.hi), hi: mulUp(a.lo, b.lo) };
  }
  if (b.lo >= 0) return { lo: mulDown(a.lo, b.hi), hi: mulUp(a.hi, b.hi) };
  if (b.hi <= 0) return { lo: mulDown(a.hi, b.lo), hi: mulUp(a.lo, b.lo) };
  return {
    lo: Math.min(mulDown(a.lo, b.hi), mulDown(a.hi, b.lo)),
    hi: Math.max(mulUp(a.lo, b.lo), mulUp(a.hi, b.hi)),
  };
}

/** All a/b with b not 0: a divisor with 0 inside gives the whole line, with 0 at an end a half-line; [0, 0] nothing. */
export function div(a: Interval, b: Interval): Interval {
  if (isEmpty(a) || isEmpty(b) || (b.lo === 0 && b.hi === 0)) return EMPTY;
  if (b.hi <= 0) return div(neg(a), neg(b));
  if (a.lo === 0 && a.hi === 0) return ZERO;
  if (b.lo < 0) return WHOLE;
  const lo = a.lo >= 0 ? divDown(a.lo, b.hi) : b.lo === 0 ? Number.NEGATIVE_INFINITY : divDown(a.lo, b.lo);
  const hi = a.hi <= 0 ? divUp(a.hi, b.hi) : b.lo === 0 ? Number.POSITIVE_INFINITY : divUp(a.hi, b.lo);
  return { lo, hi };
}

/** Of the part from 0 on. */
export function sqrt(x: Interval): Interval {
  if (isEmpty(x) || x.hi < 0) return EMPTY;
  return { lo: x.lo <= 0 ? 0 : sqrtDown(x.lo), hi: sqrtUp(x.hi) };
}

export function abs(x: Interval): Interval {
  if (isEmpty(x)) return EMPTY;
  return { lo: mignitude(x), hi: magnitude(x) };
}

/** x·x of one and the same x: never negative, unlike mul(x, x). */
export function square(x: Interval): Interval {
  const a = abs(x);
  return isEmpty(x) ? EMPTY : { lo: mulDown(a.lo, a.lo), hi: mulUp(a.hi, a.hi) };
}

export function max(a: Interval, b: Interval): Interval {
  if (isEmpty(a) || isEmpty(b)) return EMPTY;
  return { lo: Math.max(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}

export function min(a: Interval, b: Interval): Interval {
  return neg(max(neg(a), neg(b)));
}
