import { abs, add, div, hypot, mul, neg, oneMinusSquare, pow, sqrt, sub } from "./arithmetic.ts";
import { unary } from "./define.ts";
import * as kernel from "./kernels/index.ts";

const offZero = ([x]: readonly { lo: number; hi: number }[]): boolean => x.lo > 0 || x.hi < 0;

export const sinh = unary({
  name: "sinh",
  kernel: kernel.sinh,
  partials: [([x]) => cosh(x)],
  latex: "\\sinh",
});
export const cosh = unary({
  name: "cosh",
  kernel: kernel.cosh,
  partials: [([x]) => sinh(x)],
  latex: "\\cosh",
});

/** The stable slope is sech²: 1 − tanh² is 0 from x = 19.1 on. */
export const tanh = unary({
  name: "tanh",
  kernel: kernel.tanh,
  partials: [([x]) => pow(sech(x), 2)],
  textbook: [(_, y) => sub(1, pow(y, 2))],
  latex: "\\tanh",
});

export const sech = unary({
  name: "sech",
  kernel: kernel.sech,
  partials: [([x], y) => neg(mul(y, tanh(x)))],
  latex: "\\operatorname{sech}",
});

export const csch = unary({
  name: "csch",
  kernel: kernel.csch,
  partials: [([x], y) => neg(mul(y, coth(x)))],
  analyticOn: offZero,
  latex: "\\operatorname{csch}",
});

export const coth = unary({
  name: "coth",
  kernel: kernel.coth,
  partials: [([x]) => neg(pow(csch(x), 2))],
  analyticOn: offZero,
  latex: "\\coth",
});

export const asinh = unary({
  name: "asinh",
  kernel: kernel.asinh,
  partials: [([x]) => div(1, hypot(1, x))],
  textbook: [([x]) => div(1, sqrt(add(pow(x, 2), 1)))],
});

export const acosh = unary({
  name: "acosh",
  kernel: kernel.acosh,
  partials: [([x]) => div(1, mul(sqrt(sub(x, 1)), sqrt(add(x, 1))))],
  textbook: [([x]) => div(1, sqrt(sub(pow(x, 2), 1)))],
  analyticOn: ([x]) => x.lo > 1,
});

export const atanh = unary({
  name: "atanh",
  kernel: kernel.atanh,
  partials: [([x]) => div(1, oneMinusSquare(x))],
  textbook: [([x]) => div(1, sub(1, pow(x, 2)))],
  analyticOn: ([x]) => x.lo > -1 && x.hi < 1,
});

export const asech = unary({
  name: "asech",
  kernel: kernel.asech,
  partials: [([x]) => neg(div(1, mul(x, sqrt(oneMinusSquare(x)))))],
  textbook: [([x]) => neg(div(1, mul(x, sqrt(sub(1, pow(x, 2))))))],
  analyticOn: ([x]) => x.lo > 0 && x.hi < 1,
});

export const acsch = unary({
  name: "acsch",
  kernel: kernel.acsch,
  partials: [([x]) => neg(div(1, mul(abs(x), hypot(1, x))))],
  textbook: [([x]) => neg(div(1, mul(abs(x), sqrt(add(1, pow(x, 2))))))],
  analyticOn: offZero,
});

export const acoth = unary({
  name: "acoth",
  kernel: kernel.acoth,
  partials: [([x]) => div(1, oneMinusSquare(x))],
  textbook: [([x]) => div(1, sub(1, pow(x, 2)))],
  analyticOn: ([x]) => x.lo > 1 || x.hi < -1,
});
