import type { Interval } from "../ir/primitive.ts";
import * as ball from "./ball.ts";
import { addDown } from "./directed.ts";
import { increasing, type Unary } from "./elementary.ts";
import {
  bitsNear,
  encloseAt,
  FIRST_BITS,
  half,
  INF,
  MAX,
  odd,
  one,
  type Point,
  point,
  remembered,
  TINY,
} from "./enclose-at.ts";
import * as special from "./fixed-special.ts";
import * as iv from "./interval.ts";
import { EMPTY, hull, isEmpty, neg, WHOLE } from "./interval.ts";
import { wholePower } from "./powers.ts";

/*
 * erf, Γ and their kin of intervals. ln|Γ| is convex between poles, for its second derivative ψ′ = Σ 1/(x + n)² is
 * positive: its greatest value lies at an end, its least where ψ changes sign.
 */

// --- erf ---

/** erfc 6 < 2⁻⁵⁴. */
const erfPoint = odd((x) => (x > 6 ? point(1 - 2 ** -53, 1) : encloseAt(special.erf, x, bitsNear(x))));
export const erf: Unary = increasing(erfPoint);

/** Bits for what falls like e^(−x²). */
const bitsOfTail = (x: number): number => FIRST_BITS + Math.ceil(1.45 * x * x);

const erfcPoint: Point = (x) => {
  if (x === 0) return point(1);
  if (x > 27.3) return point(0, TINY);
  if (x < -6) return point(2 - 2 ** -52, 2);
  return encloseAt((b, p) => ball.sub(one(p), special.erf(b, p)), x, x > 0 ? bitsOfTail(x) : FIRST_BITS);
};
const fallingErfc = increasing((y) => erfcPoint(-y));
export const erfc: Unary = (x) => fallingErfc(neg(x));

/** Φ(x) = erfc(−x/√2)/2. */
const normalCdfPoint: Point = (x) => {
  if (x === 0) return point(0.5);
  if (x < -39) return point(0, TINY);
  if (x > 9) return point(1 - 2 ** -53, 1);
  return encloseAt(
    (b, p) => {
      const root = ball.sqrt(ball.exactly(2n, p), p);
      return half(ball.add(one(p), special.erf(ball.div(b, root, p), p)));
    },
    x,
    x < 0 ? bitsOfTail(x / 1.4) : FIRST_BITS,
  );
};
export const normalCdf: Unary = increasing(normalCdfPoint);

// --- Γ ---

/** Whether the interval holds 0, −1, −2, … */
export const meetsGammaPole = (x: Interval): boolean =>
  x.lo <= 0 && (x.hi >= 0 || Math.ceil(x.lo) <= Math.floor(x.hi));

/** Factorials as floats see them, for whole x. */
function factorialPoint(x: number): Interval {
  let product = 1n;
  for (let i = 2n; i < BigInt(x); i++) product *= i;
  return ball.toInterval({ mid: product, rad: 0n }, 0);
}

const gammaPoint = remembered((x) => {
  if (x > 171.7) return point(x === INF ? INF : MAX, INF);
  if (x < -200) return point(-TINY, TINY);
  if (x > 0 && Number.isInteger(x)) return factorialPoint(x);
  return encloseAt(special.gamma, x, bitsNear(x) + (x < 0 ? Math.ceil(-8 * x) : 0));
});

const logGammaPoint = remembered((x) => {
  if (x === 1 || x === 2) return point(0);
  if (Math.abs(x) > 2.5e305) return point(MAX, INF);
  return encloseAt(special.logGamma, x, bitsNear(x));
});

const digammaPoint = remembered((x) =>
  Math.abs(x) > 1e300 ? point(0, INF) : encloseAt(special.digamma, x, bitsNear(x)),
);

/** Past this many units in a row of poles, reflection is not worth its while. */
const FARTHEST = 1e15;

/** From a finite end on: where a step before this one has no value, an end may be infinite. */
const fromFinite = (lo: number): Interval => point(Math.min(lo, MAX), Math.max(Math.min(lo, MAX), 3));

/** The range of a function that is convex between poles, from values and slopes; slopes rise. */
function convex(f: Point, slope: Point, x: Interval): Interval {
  if (x.lo === x.hi) return f(x.lo);
  const [left, right] = [f(x.lo), f(x.hi)];
  const hi = Math.max(left.hi, right.hi);
  if (slope(x.lo).lo >= 0) return { lo: left.lo, hi };
  if (slope(x.hi).hi <= 0) return { lo: right.lo, hi };
  // The tangent in the middle lies below.
  const m = iv.middle(x);
  const fall = iv.mul(slope(m), iv.sub(x, point(m)));
  return { lo: addDown(f(m).lo, fall.lo), hi };
}

export const logGamma: Unary = (x) => {
  if (isEmpty(x)) return EMPTY;
  if (meetsGammaPole(x) || x.lo < -FARTHEST) return WHOLE;
  if (x.hi === INF) return { lo: logGamma(fromFinite(x.lo)).lo, hi: INF };
  return convex(logGammaPoint, digammaPoint, x);
};

/** |Γ| = e^(ln|Γ|) is convex too; its slope has the sign of ψ. */
export const gamma: Unary = (x) => {
  if (isEmpty(x)) return EMPTY;
  if (meetsGammaPole(x) || x.lo < -FARTHEST) return WHOLE;
  if (x.hi === INF) return { lo: gamma(fromFinite(x.lo)).lo, hi: INF };
  const flip = x.lo < 0 && Math.floor(x.lo) % 2 !== 0;
  const size: Point = (t) => (flip ? neg(gammaPoint(t)) : gammaPoint(t));
  const range = convex(size, (t) => iv.mul(size(t), digammaPoint(t)), x);
  const positive = { lo: Math.max(0, range.lo), hi: range.hi };
  return flip ? neg(positive) : positive;
};

/** Rises between poles. */
export const digamma: Unary = (x) => {
  if (isEmpty(x)) return EMPTY;
  if (meetsGammaPole(x) || x.lo < -FARTHEST) return WHOLE;
  const top = x.hi === INF ? INF : digammaPoint(x.hi).hi;
  return { lo: digammaPoint(x.lo).lo, hi: top };
};

const polygammas = new Map<number, Point>();

function polygammaPoint(order: number, x: number): Interval {
  let f = polygammas.get(order);
  if (!f) polygammas.set(order, (f = remembered((t) => polygammaAt(order, t))));
  return f(x);
}

function polygammaAt(order: number, x: number): Interval {
  if (x > 1e12) {
    // (n − 1)!/xⁿ times a factor from 1 to 1 + n/x.
    const size = iv.div(factorialPoint(order), wholePower(point(x), order));
    const range = iv.mul(size, { lo: 1, hi: 1 + order * 2e-12 });
    return order % 2 === 0 ? neg(range) : range;
  }
  const near = (order + 1) * (bitsNear(x) - FIRST_BITS);
  const far = x > 1 ? order * ball.exponentOf(x) : 0;
  return encloseAt((b, p) => special.polygamma(order, b, p), x, FIRST_BITS + near + far);
}

/** ψ⁽ⁿ⁾, n ≥ 1: |ψ⁽ⁿ⁾| falls on the positive axis; on the left the recurrence is followed in intervals. */
export function polygamma(order: number, x: Interval): Interval {
  if (isEmpty(x)) return EMPTY;
  if (order === 0) return digamma(x);
  if (meetsGammaPole(x) || x.lo < -1000) return WHOLE;
  const sign = order % 2 === 0 ? -1 : 1;
  if (x.lo > 0) {
    const last = x.hi === INF ? point(0) : polygammaPoint(order, x.hi);
    return x.lo === x.hi ? last : hull(polygammaPoint(order, x.lo), last);
  }
  if (x.lo === x.hi) return polygammaPoint(order, x.lo);
  // ψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁾(x + m) + (−1)^(n+1) n! Σ 1/(x + i)^(n+1).
  let sum: Interval = iv.ZERO;
  let at = x;
  for (; at.lo <= 0; at = iv.add(at, iv.ONE)) sum = iv.add(sum, iv.div(iv.ONE, wholePower(at, order + 1)));
  const scaled = iv.mul(factorialPoint(order + 1), sum);
  return iv.add(polygamma(order, at), sign > 0 ? scaled : neg(scaled));
}
