import type { Interval } from "../ir/primitive.ts";
import { abs, add, div, hypot, mul, neg, oneMinusSquare, pow, sqrt, sub } from "./arithmetic.ts";
import { binary, unary } from "./define.ts";
import * as kernel from "./kernels/index.ts";

/** No point p + kπ in the interval, with a margin for the rounding of π. */
function avoids(p: number, { lo, hi }: Interval): boolean {
  const slack = 4e-16 * (1 + Math.max(Math.abs(lo), Math.abs(hi)));
  const k = Math.floor((lo - slack - p) / Math.PI);
  return (hi + slack - p) / Math.PI < k + 1;
}
const offPolesOfTan = ([x]: readonly Interval[]): boolean => avoids(Math.PI / 2, x);
const offPolesOfCot = ([x]: readonly Interval[]): boolean => avoids(0, x);
const insideUnit = ([x]: readonly Interval[]): boolean => x.lo > -1 && x.hi < 1;
const outsideUnit = ([x]: readonly Interval[]): boolean => x.lo > 1 || x.hi < -1;

export const sin = unary({ name: "sin", kernel: kernel.sin, partials: [([x]) => cos(x)], latex: "\\sin" });
export const cos = unary({
  name: "cos",
  kernel: kernel.cos,
  partials: [([x]) => neg(sin(x))],
  latex: "\\cos",
});

export const tan = unary({
  name: "tan",
  kernel: kernel.tan,
  partials: [([x]) => pow(sec(x), 2)],
  analyticOn: offPolesOfTan,
  latex: "\\tan",
});

export const sec = unary({
  name: "sec",
  kernel: kernel.sec,
  partials: [([x], y) => mul(y, tan(x))],
  analyticOn: offPolesOfTan,
  latex: "\\sec",
});

export const csc = unary({
  name: "csc",
  kernel: kernel.csc,
  partials: [([x], y) => neg(mul(y, cot(x)))],
  analyticOn: offPolesOfCot,
  latex: "\\csc",
});

export const cot = unary({
  name: "cot",
  kernel: kernel.cot,
  partials: [([x]) => neg(pow(csc(x), 2))],
  analyticOn: offPolesOfCot,
  latex: "\\cot",
});

export const asin = unary({
  name: "asin",
  kernel: Math.asin,
  partials: [([x]) => div(1, sqrt(oneMinusSquare(x)))],
  textbook: [([x]) => div(1, sqrt(sub(1, pow(x, 2))))],
  analyticOn: insideUnit,
  latex: "\\arcsin",
});

export const acos = unary({
  name: "acos",
  kernel: Math.acos,
  partials: [([x]) => neg(div(1, sqrt(oneMinusSquare(x))))],
  textbook: [([x]) => neg(div(1, sqrt(sub(1, pow(x, 2)))))],
  analyticOn: insideUnit,
  latex: "\\arccos",
});

export const atan = unary({
  name: "atan",
  kernel: Math.atan,
  partials: [([x]) => div(1, add(1, mul(x, x)))],
  textbook: [([x]) => div(1, add(1, pow(x, 2)))],
  latex: "\\arctan",
});

/** 1/(|x|√(x² − 1)), in factors that neither overflow nor cancel. */
const arcReciprocal = (x: Parameters<typeof abs>[0]) =>
  div(1, mul(abs(x), mul(sqrt(sub(abs(x), 1)), sqrt(add(abs(x), 1)))));
const arcReciprocalTextbook = (x: Parameters<typeof abs>[0]) => div(1, mul(abs(x), sqrt(sub(pow(x, 2), 1))));

/** Range [0, π]. */
export const asec = unary({
  name: "asec",
  kernel: kernel.asec,
  partials: [([x]) => arcReciprocal(x)],
  textbook: [([x]) => arcReciprocalTextbook(x)],
  analyticOn: outsideUnit,
});

export const acsc = unary({
  name: "acsc",
  kernel: kernel.acsc,
  partials: [([x]) => neg(arcReciprocal(x))],
  textbook: [([x]) => neg(arcReciprocalTextbook(x))],
  analyticOn: outsideUnit,
});

/** atan(1/x): range (−π/2, π/2], with a jump at 0. */
export const acot = unary({
  name: "acot",
  kernel: kernel.acot,
  partials: [([x]) => neg(div(1, add(1, mul(x, x))))],
  textbook: [([x]) => neg(div(1, add(1, pow(x, 2))))],
  analyticOn: ([x]) => x.lo > 0 || x.hi < 0,
});

/** The angle of the point (x, y), as atan2(y, x); cut along the negative x axis. */
export const atan2 = binary({
  name: "atan2",
  kernel: Math.atan2,
  partials: [
    ([y, x]) => div(div(x, hypot(x, y)), hypot(x, y)),
    ([y, x]) => neg(div(div(y, hypot(x, y)), hypot(x, y))),
  ],
  textbook: [
    ([y, x]) => div(x, add(pow(x, 2), pow(y, 2))),
    ([y, x]) => neg(div(y, add(pow(x, 2), pow(y, 2)))),
  ],
  analyticOn: ([y, x]) => x.lo > 0 || y.lo > 0 || y.hi < 0,
});
