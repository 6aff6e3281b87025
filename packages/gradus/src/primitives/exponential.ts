import { exactConstant } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, div, mul } from "./arithmetic.ts";
import { formula2, unary } from "./define.ts";
import * as kernel from "./kernels/index.ts";

const positive = ([x]: readonly { lo: number }[]): boolean => x.lo > 0;

export const exp = unary({
  name: "exp",
  kernel: Math.exp,
  partials: [(_, y) => y],
  latex: "\\exp",
});

/** The natural logarithm. */
export const log = unary({
  name: "log",
  kernel: Math.log,
  partials: [([x]) => div(1, x)],
  analyticOn: positive,
  latex: "\\ln",
});

export const log2 = unary({
  name: "log2",
  kernel: kernel.log2,
  partials: [([x]) => div(1, mul(x, Math.LN2))],
  textbook: [([x]) => div(1, mul(x, log(exactConstant(Rational.of(2)))))],
  analyticOn: positive,
  latex: "\\log_2",
});

export const log10 = unary({
  name: "log10",
  kernel: kernel.log10,
  partials: [([x]) => div(1, mul(x, Math.LN10))],
  textbook: [([x]) => div(1, mul(x, log(exactConstant(Rational.of(10)))))],
  analyticOn: positive,
  latex: "\\log_{10}",
});

/** log x to the base b. */
export const logBase = formula2({
  name: "log_base",
  expand: ([x, b]) => div(log(x), log(b)),
  notation: { form: "special", text: "log_base", latex: "\\log" },
});

/** eˣ − 1 without cancellation near 0. */
export const expm1 = unary({
  name: "expm1",
  kernel: kernel.expm1,
  partials: [([x]) => exp(x)],
});

/** ln(1 + x) without cancellation near 0. */
export const log1p = unary({
  name: "log1p",
  kernel: kernel.log1p,
  partials: [([x]) => div(1, add(1, x))],
  analyticOn: ([x]) => x.lo > -1,
});
