import type { Interval } from "../ir/primitive.ts";
import * as ball from "./ball.ts";
import { partsOf } from "./ball.ts";
import { type AtBits, encloseAt, INF, type Point, point, remembered } from "./enclose-at.ts";
import * as e from "./exponential-points.ts";
import * as fixed from "./fixed-point.ts";
import { abs, EMPTY, hull, intersect, isEmpty, neg, WHOLE } from "./interval.ts";
import * as v from "./inverse-points.ts";

/*
 * Elementary functions of intervals. A monotone one has its extremes at the ends; sine and its kin are looked at for
 * turning points and poles inside, by the exact quadrants of both ends.
 */

export type Unary = (x: Interval) => Interval;

/** Of an increasing function on its domain. */
export function increasing(given: Point, domain: Interval = WHOLE): Unary {
  const f = remembered(given);
  return (wide) => {
    const x = intersect(wide, domain);
    if (isEmpty(x)) return EMPTY;
    const low = f(x.lo);
    return { lo: low.lo, hi: x.hi === x.lo ? low.hi : f(x.hi).hi };
  };
}

function decreasing(f: Point, domain: Interval = WHOLE): Unary {
  const up = increasing((x) => f(-x), neg(domain));
  return (x) => up(neg(x));
}

/** Even, and monotone in |x|. */
const ofMagnitude =
  (f: Unary): Unary =>
  (x) =>
    f(abs(x));

/** Each side of a pole or a gap by itself; `at` is what holds where both meet. */
function onSides(f: (sign: 1 | -1) => Unary, gap: Interval): Unary {
  const right = f(1);
  const left = f(-1);
  return (x) =>
    hull(left(intersect(x, { lo: -INF, hi: gap.lo })), right(intersect(x, { lo: gap.hi, hi: INF })));
}

/** A function with a pole at 0: an end there has no bound. */
const atPole =
  (f: Point, limit: number): Point =>
  (x) =>
    x === 0 ? point(limit) : f(x);

const decreasingWithPole = (f: Point): Unary =>
  onSides((sign) => decreasing(atPole(f, sign * INF), sign > 0 ? POSITIVE : NEGATIVE), point(0));

const POSITIVE: Interval = { lo: 0, hi: INF };
const NEGATIVE: Interval = { lo: -INF, hi: 0 };
const UNIT: Interval = { lo: -1, hi: 1 };

export const exp = increasing(e.expPoint);
export const expm1 = increasing(e.expm1Point);
export const log = increasing(v.logPoint, POSITIVE);
export const log1p = increasing(v.log1pPoint, { lo: -1, hi: INF });
export const log2 = increasing(v.log2Point, POSITIVE);
export const log10 = increasing(v.log10Point, POSITIVE);
export const sinh = increasing(e.sinhPoint);
export const cosh = ofMagnitude(increasing(e.coshPoint));
export const tanh = increasing(e.tanhPoint);
export const sech = ofMagnitude(decreasing(e.sechPoint));
export const csch = decreasingWithPole(e.cschPoint);
export const coth = decreasingWithPole(e.cothPoint);
export const sigmoid = increasing(e.sigmoidPoint);
export const logisticPdf = ofMagnitude(decreasing(e.logisticPdfPoint));
export const softplus = increasing(e.softplusPoint);
export const logSigmoid: Unary = (x) => neg(softplus(neg(x)));
export const asinh = increasing(v.asinhPoint);
export const acosh = increasing(v.acoshPoint, { lo: 1, hi: INF });
export const atanh = increasing(v.atanhPoint, UNIT);
export const asech = decreasing(v.asechPoint, { lo: 0, hi: 1 });
export const acsch = decreasingWithPole(v.acschPoint);
export const acoth = onSides(
  (s) => decreasing(v.acothPoint, s > 0 ? { lo: 1, hi: INF } : { lo: -INF, hi: -1 }),
  UNIT,
);
export const atan = increasing(v.atanPoint);
export const asin = increasing(v.asinPoint, UNIT);
export const acos = decreasing(v.acosPoint, UNIT);
export const asec = onSides(
  (s) => increasing(v.asecPoint, s > 0 ? { lo: 1, hi: INF } : { lo: -INF, hi: -1 }),
  UNIT,
);
export const acsc = onSides(
  (s) => decreasing(v.acscPoint, s > 0 ? { lo: 1, hi: INF } : { lo: -INF, hi: -1 }),
  UNIT,
);
/** atan(1/x), π/2 at 0. */
export const acot: Unary = (x) => {
  const right = decreasing(v.acotPoint, POSITIVE)(intersect(x, POSITIVE));
  if (!(x.lo < 0)) return right;
  if (x.hi < 0) return decreasing(v.acotPoint, NEGATIVE)(x);
  const left = { lo: -v.PI.hi / 2, hi: v.acotPoint(x.lo).hi };
  return hull(left, right);
};
export const { PI } = v;

// --- sine and its kin ---

const sinPoint = remembered((x) => (x === 0 ? point(0) : trigonometricAt((s) => s.sin, x)));
const cosPoint = remembered((x) => (x === 0 ? point(1) : trigonometricAt((s) => s.cos, x)));
const tanPoint = remembered((x) =>
  x === 0 ? point(0) : trigonometricAt((s, p) => ball.div(s.sin, s.cos, p), x),
);
const cotPoint = remembered((x) => trigonometricAt((s, p) => ball.div(s.cos, s.sin, p), x));
const secPoint = remembered((x) =>
  x === 0 ? point(1) : trigonometricAt((s, p) => ball.div(ball.exactly(1n, p), s.cos, p), x),
);
const cscPoint = remembered((x) => trigonometricAt((s, p) => ball.div(ball.exactly(1n, p), s.sin, p), x));

function trigonometricAt(pick: (s: fixed.SinCos, p: bigint) => ball.Ball, x: number): Interval {
  const f: AtBits = (b, p) => pick(fixed.sinCos(b, p), p);
  return encloseAt(f, x, 128 + Math.max(0, -ball.exponentOf(x)));
}

const quadrant = (x: number): bigint => {
  const { mantissa, exponent } = partsOf(x);
  return fixed.quadrantOf(mantissa, exponent);
};

/** Whether a multiple j·π/2 with j ≡ residue (mod step) lies in [lo, hi]. */
function meets(lo: number, hi: number, residue: bigint, step: bigint): boolean {
  // Only 0 is a float and a multiple; there the quadrant begins.
  const first = lo === 0 ? 0n : quadrant(lo) + 1n;
  const last = quadrant(hi);
  const distance = (((residue - first) % step) + step) % step;
  return first + distance <= last;
}

/** Of a wave whose tops lie at j ≡ top (mod 4) quarter turns, bottoms two further. */
function wave(f: Point, top: bigint): Unary {
  return (x) => {
    if (isEmpty(x)) return EMPTY;
    if (!Number.isFinite(x.lo) || !Number.isFinite(x.hi) || x.hi - x.lo > 7) return UNIT;
    const ends = x.lo === x.hi ? f(x.lo) : hull(f(x.lo), f(x.hi));
    if (x.lo === x.hi) return intersect(ends, UNIT);
    const lo = meets(x.lo, x.hi, top + 2n, 4n) ? -1 : ends.lo;
    const hi = meets(x.lo, x.hi, top, 4n) ? 1 : ends.hi;
    return intersect({ lo, hi }, UNIT);
  };
}

export const sin = wave(sinPoint, 1n);
export const cos = wave(cosPoint, 0n);

/** Whether a pole lies inside or at an end: odd or even quarter turns. */
export const meetsPole = (x: Interval, parity: 0n | 1n): boolean =>
  !Number.isFinite(x.lo) || !Number.isFinite(x.hi) || x.hi - x.lo > 4 || meets(x.lo, x.hi, parity, 2n);

export const tan: Unary = (x) =>
  isEmpty(x) ? EMPTY : meetsPole(x, 1n) ? WHOLE : hull(tanPoint(x.lo), tanPoint(x.hi));
export const cot: Unary = (x) =>
  isEmpty(x) ? EMPTY : meetsPole(x, 0n) ? WHOLE : hull(cotPoint(x.lo), cotPoint(x.hi));

/** Between two poles the reciprocal of a wave has one turning point, where the wave is ±1. */
function arch(f: Point, pole: 0n | 1n): Unary {
  return (x) => {
    if (isEmpty(x)) return EMPTY;
    if (meetsPole(x, pole)) return WHOLE;
    const ends = hull(f(x.lo), f(x.hi));
    const turns = meets(x.lo, x.hi, 1n - pole, 2n);
    if (ends.lo > 0) return { lo: turns ? 1 : Math.max(1, ends.lo), hi: ends.hi };
    return { lo: ends.lo, hi: turns ? -1 : Math.min(-1, ends.hi) };
  };
}

export const sec = arch(secPoint, 1n);
export const csc = arch(cscPoint, 0n);
