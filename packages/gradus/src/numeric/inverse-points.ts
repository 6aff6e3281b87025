import type { Interval } from "../ir/primitive.ts";
import * as ball from "./ball.ts";
import { exponentOf } from "./ball.ts";
import {
  type AtBits,
  bitsNear,
  encloseAt,
  FIRST_BITS,
  half,
  INF,
  magnitudeBall,
  odd,
  one,
  type Point,
  point,
  reciprocal,
} from "./enclose-at.ts";
import * as fixed from "./fixed-point.ts";

// --- logarithms ---

export const logPoint: Point = (x) => {
  if (x === 0 || x === INF) return point(x === 0 ? -INF : INF);
  if (x === 1) return point(0);
  return encloseAt(fixed.log, x, bitsNear(x));
};
export const log1pPoint: Point = (x) => {
  if (x === -1 || x === INF) return point(x === -1 ? -INF : INF);
  if (x === 0) return point(0);
  return encloseAt((b, p) => fixed.log(ball.add(one(p), b), p), x, bitsNear(x));
};
export const log2Point: Point = (x) => {
  if (x === 0 || x === INF) return point(x === 0 ? -INF : INF);
  const k = exponentOf(x);
  // 2ᵏ is a float, also where it is subnormal.
  if (ball.partsOf(x).mantissa === 1n << BigInt(k - ball.partsOf(x).exponent)) return point(k);
  return encloseAt((b, p) => ball.div(fixed.log(b, p), fixed.ln2(p), p), x, bitsNear(x));
};
export const log10Point: Point = (x) => {
  if (x === 0 || x === INF) return point(x === 0 ? -INF : INF);
  for (let k = 0, ten = 1; k <= 22 && ten <= x; k++, ten *= 10) if (ten === x) return point(k);
  return encloseAt((b, p) => ball.div(fixed.log(b, p), fixed.ln10(p), p), x, bitsNear(x));
};

// --- inverse hyperbolic functions, through logarithms of what does not cancel ---

/** ln(1 + x + x²/(1 + √(1 + x²))). */
export const asinhPoint = odd((x) => {
  if (x === INF) return point(INF);
  return encloseAt(
    (b, p) => {
      const square = ball.mul(b, b, p);
      const root = ball.sqrt(ball.add(one(p), square), p);
      const rest = ball.add(b, ball.div(square, ball.add(one(p), root), p));
      return fixed.log(ball.add(one(p), rest), p);
    },
    x,
    bitsNear(x),
  );
});
const rootOfSquareLessOne: AtBits = (x, p) =>
  ball.sqrt(ball.mul(ball.sub(x, one(p)), ball.add(x, one(p)), p), p);
export const acoshPoint: Point = (x) => {
  if (x === 1 || x === INF) return point(x === 1 ? 0 : INF);
  return encloseAt((b, p) => fixed.log(ball.add(b, rootOfSquareLessOne(b, p)), p), x);
};
export const atanhPoint = odd((x) => {
  if (x === 1) return point(INF);
  const f: AtBits = (b, p) => half(fixed.log(ball.div(ball.add(one(p), b), ball.sub(one(p), b), p), p));
  return encloseAt(f, x, bitsNear(x));
});
/** ln((1 + √(1 − x²))/x). */
export const asechPoint: Point = (x) => {
  if (x === 0 || x === 1) return point(x === 0 ? INF : 0);
  return encloseAt(
    (b, p) => fixed.log(ball.div(ball.add(one(p), rootOfOneLessSquare(b, p)), b, p), p),
    x,
    bitsNear(x),
  );
};
/** asinh(1/x). */
export const acschPoint = odd((x) => {
  if (x === INF) return point(0);
  return encloseAt(
    (b, p) => {
      const root = ball.sqrt(ball.add(one(p), ball.mul(b, b, p)), p);
      const rest = ball.add(ball.sub(one(p), b), root);
      // (1 + √(1 + x²))/x = 1 + (1 − x + √(1 + x²))/x.
      return fixed.log(ball.add(one(p), ball.div(rest, b, p)), p);
    },
    x,
    x < 1 ? bitsNear(x) : FIRST_BITS + 2 * exponentOf(x),
  );
});
/** ½ ln((x + 1)/(x − 1)). */
export const acothPoint = odd((x) => {
  if (x === 1 || x === INF) return point(x === 1 ? INF : 0);
  const f: AtBits = (b, p) => half(fixed.log(ball.div(ball.add(b, one(p)), ball.sub(b, one(p)), p), p));
  return encloseAt(f, x, FIRST_BITS + 2 * exponentOf(x));
});

// --- inverse trigonometric functions, through atan of what does not cancel ---

const rootOfOneLessSquare: AtBits = (x, p) =>
  ball.sqrt(ball.mul(ball.sub(one(p), x), ball.add(one(p), x), p), p);
/** π/k. */
const piOver = (k: bigint): Interval => encloseAt((_, p) => ball.divideBy(fixed.pi(p), k), 0);
export const PI = piOver(1n);
const HALF_PI = piOver(2n);

export const atanPoint = odd((x) => (x === INF ? HALF_PI : encloseAt(fixed.atan, x, bitsNear(x))));
export const asinPoint = odd((x) => {
  if (x === 1) return HALF_PI;
  return encloseAt((b, p) => fixed.atan(ball.div(b, rootOfOneLessSquare(b, p), p), p), x, bitsNear(x));
});
/** 2 atan √((1 − x)/(1 + x)). */
export const acosPoint: Point = (x) => {
  if (x === 1) return point(0);
  if (x === -1) return PI;
  return encloseAt((b, p) => {
    const ratio = ball.div(ball.sub(one(p), b), ball.add(one(p), b), p);
    return ball.scale(fixed.atan(ball.sqrt(ratio, p), p), 2n);
  }, x);
};
/** atan √(x² − 1), or π less it. */
export const asecPoint: Point = (x) => {
  if (x === 1) return point(0);
  if (x === -1) return PI;
  if (Math.abs(x) === INF) return HALF_PI;
  return encloseAt((b, p) => {
    const angle = fixed.atan(rootOfSquareLessOne(magnitudeBall(b), p), p);
    return b.mid < 0n ? ball.sub(fixed.pi(p), angle) : angle;
  }, x);
};
export const acscPoint = odd((x) => {
  if (x === 1) return HALF_PI;
  if (x === INF) return point(0);
  const f: AtBits = (b, p) => fixed.atan(reciprocal(rootOfSquareLessOne(b, p), p), p);
  return encloseAt(f, x, FIRST_BITS + 2 * exponentOf(x));
});
export const acotPoint: Point = (x) => {
  if (x === 0) return HALF_PI;
  const positive = (a: number): Interval =>
    a === INF
      ? point(0)
      : encloseAt((b, p) => fixed.atan(reciprocal(b, p), p), a, FIRST_BITS + 2 * Math.abs(exponentOf(a)));
  return x > 0 ? positive(x) : odd(positive)(x);
};
