import type { Interval } from "../ir/primitive.ts";
import type { Ball } from "./ball.ts";
import * as ball from "./ball.ts";
import {
  type AtBits,
  bitsFalling,
  bitsNear,
  encloseAt,
  FIRST_BITS,
  half,
  INF,
  MAX,
  magnitudeBall,
  odd,
  one,
  type Point,
  point,
  reciprocal,
  TINY,
} from "./enclose-at.ts";
import * as fixed from "./fixed-point.ts";

// --- exp and what follows from it; past ±710 and −746 the result leaves the floats ---

const signed = (x: Ball, y: Ball): Ball => (x.mid < 0n ? ball.neg(y) : y);

export const expPoint: Point = (x) => {
  if (x === 0) return point(1);
  if (x > 710) return point(x === INF ? INF : MAX, INF);
  if (x < -746) return point(0, x === -INF ? 0 : TINY);
  return encloseAt(fixed.exp, x, x < 0 ? bitsFalling(x) : FIRST_BITS);
};

export const expm1Point: Point = (x) => {
  if (x === 0) return point(0);
  if (x > 710) return point(x === INF ? INF : MAX, INF);
  if (x < -800) return point(-1, x === -INF ? -1 : -1 + 2 ** -53);
  return encloseAt((b, p) => ball.sub(fixed.exp(b, p), one(p)), x, bitsNear(x));
};

const sinhBall: AtBits = (x, p) => {
  const e = fixed.exp(x, p);
  return half(ball.sub(e, reciprocal(e, p)));
};
const coshBall: AtBits = (x, p) => {
  const e = fixed.exp(magnitudeBall(x), p);
  return half(ball.add(e, reciprocal(e, p)));
};
/** (1 − e^(−2|x|))/(1 + e^(−2|x|)). */
const tanhBall: AtBits = (x, p) => {
  const e = fixed.exp(ball.scale(magnitudeBall(x), -2n), p);
  return signed(x, ball.div(ball.sub(one(p), e), ball.add(one(p), e), p));
};

export const sinhPoint = odd((x) => {
  if (x > 712) return point(x === INF ? INF : MAX, INF);
  return encloseAt((b, p) => sinhBall(b, p), x, bitsNear(x));
});
export const coshPoint: Point = (x) => {
  if (x === 0) return point(1);
  if (Math.abs(x) > 712) return point(Math.abs(x) === INF ? INF : MAX, INF);
  return encloseAt(coshBall, x);
};
export const tanhPoint = odd((x) =>
  x > 400 ? point(1 - 2 ** -53, 1) : capped(encloseAt(tanhBall, x, bitsNear(x)), 1),
);
export const sechPoint: Point = (x) => {
  if (Math.abs(x) > 747) return point(0, Math.abs(x) === INF ? 0 : TINY);
  if (x === 0) return point(1);
  return encloseAt((b, p) => reciprocal(coshBall(b, p), p), x, bitsFalling(x));
};
export const cschPoint = odd((x) => {
  if (x > 747) return point(0, x === INF ? 0 : TINY);
  return encloseAt((b, p) => reciprocal(sinhBall(b, p), p), x, bitsNear(x) + bitsFalling(x) - FIRST_BITS);
});
export const cothPoint = odd((x) =>
  x > 400 ? point(1, 1 + 2 ** -52) : encloseAt((b, p) => reciprocal(tanhBall(b, p), p), x, bitsNear(x)),
);

/** Cut to the range that the function is known to have. */
function capped(x: Interval, most: number): Interval {
  return { lo: Math.min(x.lo, most), hi: Math.min(x.hi, most) };
}

/** 1/(1 + e^(−x)); on the left e^x/(1 + e^x). */
export const sigmoidPoint: Point = (x) => {
  if (x > 800) return point(1 - 2 ** -53, 1);
  if (x < -746) return point(0, x === -INF ? 0 : TINY);
  return encloseAt(
    (b, p) => {
      const e = fixed.exp(ball.neg(magnitudeBall(b)), p);
      return ball.div(b.mid < 0n ? e : one(p), ball.add(one(p), e), p);
    },
    x,
    x < 0 ? bitsFalling(x) : FIRST_BITS,
  );
};

/** e^(−|x|)/(1 + e^(−|x|))². */
export const logisticPdfPoint: Point = (x) => {
  if (Math.abs(x) > 746) return point(0, Math.abs(x) === INF ? 0 : TINY);
  return encloseAt(
    (b, p) => {
      const e = fixed.exp(ball.neg(magnitudeBall(b)), p);
      const whole = ball.add(one(p), e);
      return ball.div(e, ball.mul(whole, whole, p), p);
    },
    x,
    bitsFalling(x),
  );
};

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^(−|x|)). */
export const softplusPoint: Point = (x) => {
  if (x === INF) return point(INF);
  if (x < -746) return point(0, x === -INF ? 0 : TINY);
  return encloseAt(
    (b, p) => {
      const rest = fixed.log(ball.add(one(p), fixed.exp(ball.neg(magnitudeBall(b)), p)), p);
      return b.mid > 0n ? ball.add(b, rest) : rest;
    },
    x,
    x < 0 ? bitsFalling(x) : FIRST_BITS,
  );
};
