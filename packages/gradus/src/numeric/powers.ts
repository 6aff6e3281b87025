import type { Interval } from "../ir/primitive.ts";
import * as ball from "./ball.ts";
import { mulDown, mulUp } from "./directed.ts";
import { atan, PI } from "./elementary.ts";
import { bitsNear, encloseAt, INF, MAX, odd, point, TINY } from "./enclose-at.ts";
import * as fixed from "./fixed-point.ts";
import * as iv from "./interval.ts";
import { EMPTY, hull, isEmpty, neg } from "./interval.ts";

/** Whole powers up to here are multiplied out, exactly, in whole numbers. */
const MOST_MULTIPLIED = 64;

/** xⁿ for whole n: monotone in |x|. */
export function wholePower(x: Interval, n: number): Interval {
  if (isEmpty(x)) return EMPTY;
  if (n === 0) return iv.ONE;
  if (n < 0) return iv.div(iv.ONE, wholePower(x, -n));
  if (n === 1) return x;
  if (n % 2 === 0) {
    const a = iv.abs(x);
    return { lo: powerPoint(a.lo, n).lo, hi: powerPoint(a.hi, n).hi };
  }
  const signed = odd((t) => powerPoint(t, n));
  return { lo: signed(x.lo).lo, hi: signed(x.hi).hi };
}

/** xⁿ for x ≥ 0. */
function powerPoint(x: number, n: number): Interval {
  if (x === 0 || x === 1 || x === INF) return point(x);
  if (n === 2) return { lo: mulDown(x, x), hi: mulUp(x, x) };
  if (n > MOST_MULTIPLIED) return realPowerPoint(x, n);
  const { mantissa, exponent } = ball.partsOf(x);
  return ball.toInterval({ mid: mantissa ** BigInt(n), rad: 0n }, -exponent * n);
}

/** x^y = e^(y ln x) for x > 0. */
function realPowerPoint(x: number, y: number): Interval {
  if (x === 1 || y === 0) return point(1);
  // A first look at 64 bits says whether the result leaves the floats.
  const log = encloseAt(fixed.log, x, bitsNear(x));
  const size = iv.mul(log, point(y));
  if (size.lo > 710) return point(MAX, INF);
  if (size.hi < -746) return point(0, TINY);
  const more = Math.max(0, Math.ceil(-1.5 * size.lo));
  // y may be tiny, or x near 1: both at full length.
  return encloseAt(
    (b, p) => fixed.exp(ball.mul(b, fixed.log(ball.fromNumber(x, p), p), p), p),
    y,
    Math.max(bitsNear(x), bitsNear(y)) + more,
  );
}

/** x^y for x ≥ 0: monotone in each, so that the extremes lie at corners. */
export function pow(x: Interval, y: Interval): Interval {
  if (isEmpty(x) || isEmpty(y)) return EMPTY;
  if (iv.isPoint(y) && Number.isInteger(y.lo) && Math.abs(y.lo) <= 2 ** 31) return wholePower(x, y.lo);
  const base = iv.intersect(x, { lo: 0, hi: INF });
  if (isEmpty(base)) return EMPTY;
  const corner = (a: number, b: number): Interval => {
    if (a === 0) return b > 0 ? point(0) : b === 0 ? point(0, 1) : point(INF);
    if (a === INF || !Number.isFinite(b)) return { lo: 0, hi: INF };
    return realPowerPoint(a, b);
  };
  let range = EMPTY;
  for (const a of new Set([base.lo, base.hi]))
    for (const b of new Set([y.lo, y.hi])) range = hull(range, corner(a, b));
  return range;
}

/** The real cube root, from that of a whole number. */
export function cbrt(x: Interval): Interval {
  if (isEmpty(x)) return EMPTY;
  return { lo: cbrtPoint(x.lo).lo, hi: cbrtPoint(x.hi).hi };
}

const cbrtPoint = odd((x) => {
  if (x === INF) return point(INF);
  let { mantissa, exponent } = ball.partsOf(x);
  // (m·2^(e+3k))^⅓ with e + 3k a multiple of 3.
  const rest = ((exponent % 3) + 3) % 3;
  mantissa <<= BigInt(rest) + 192n;
  const root = integerCbrt(mantissa);
  const exact = root ** 3n === mantissa;
  const p = 64 - (exponent - rest) / 3;
  return { lo: ball.floatBelow(root, p), hi: ball.floatAbove(exact ? root : root + 1n, p) };
});

/** ⌊n^⅓⌋ by Newton's method from above. */
function integerCbrt(n: bigint): bigint {
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 3));
  for (;;) {
    const next = (2n * x + n / (x * x)) / 3n;
    if (next >= x) return x;
    x = next;
  }
}

/** √(x² + y²): squares in whole numbers, so that nothing overflows on the way. */
export function hypot(x: Interval, y: Interval): Interval {
  if (isEmpty(x) || isEmpty(y)) return EMPTY;
  const [a, b] = [iv.abs(x), iv.abs(y)];
  return { lo: hypotPoint(a.lo, b.lo).lo, hi: hypotPoint(a.hi, b.hi).hi };
}

function hypotPoint(a: number, b: number): Interval {
  if (a === 0 || b === 0 || a === INF || b === INF) return point(Math.max(a, b));
  const [s, t] = [ball.partsOf(a), ball.partsOf(b)];
  const low = Math.min(s.exponent, t.exponent) - 64;
  const square = (u: { mantissa: bigint; exponent: number }) =>
    (u.mantissa * u.mantissa) << BigInt(2 * (u.exponent - low));
  const sum = square(s) + square(t);
  const root = ball.integerSqrt(sum);
  const exact = root * root === sum;
  return { lo: ball.floatBelow(root, -low), hi: ball.floatAbove(exact ? root : root + 1n, -low) };
}

/** 1 − x², as (1 − |x|)(1 + |x|): falls with |x|. */
export function oneMinusSquare(x: Interval): Interval {
  if (isEmpty(x)) return EMPTY;
  const a = iv.abs(x);
  const at = (t: number): Interval => {
    if (t === INF) return point(-INF);
    const { mantissa, exponent } = ball.partsOf(t);
    if (exponent > 0 || exponent < -200) return iv.sub(iv.ONE, iv.square(point(t)));
    return ball.toInterval(
      { mid: (1n << BigInt(-2 * exponent)) - mantissa * mantissa, rad: 0n },
      -2 * exponent,
    );
  };
  return { lo: at(a.hi).lo, hi: at(a.lo).hi };
}

/** The angle of (x, y), cut along the negative x axis. */
export function atan2(y: Interval, x: Interval): Interval {
  if (isEmpty(x) || isEmpty(y)) return EMPTY;
  const quarter = iv.div(PI, point(2));
  if (x.lo > 0) return atan(iv.div(y, x));
  if (y.lo > 0) return iv.sub(quarter, atan(iv.div(x, y)));
  if (y.hi < 0) return iv.sub(neg(quarter), atan(iv.div(x, y)));
  return { lo: -PI.hi, hi: PI.hi };
}
