import type { Interval } from "../ir/primitive.ts";
import { add, div, mul, neg, pow, sqrt } from "./arithmetic.ts";
import { PI } from "./constants.ts";
import { formula, type Operation, type TensorLike, unary, unaryWith } from "./define.ts";
import { exp } from "./exponential.ts";
import * as kernel from "./kernels/index.ts";
import { polygammaSeries } from "./series-rules.ts";

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);
const gaussian = (x: TensorLike) => mul(TWO_OVER_ROOT_PI, exp(neg(mul(x, x))));
const gaussianTextbook = (x: TensorLike) => mul(div(2, sqrt(PI)), exp(neg(pow(x, 2))));

export const erf = unary({
  name: "erf",
  kernel: kernel.erf,
  partials: [([x]) => gaussian(x)],
  textbook: [([x]) => gaussianTextbook(x)],
});

export const erfc = unary({
  name: "erfc",
  kernel: kernel.erfc,
  partials: [([x]) => neg(gaussian(x))],
  textbook: [([x]) => neg(gaussianTextbook(x))],
});

/** Φ(x), the normal distribution function, with all digits in its left tail. */
export const normalCdf = unary({
  name: "normal_cdf",
  kernel: kernel.normalCdf,
  partials: [([x]) => mul(1 / Math.sqrt(2 * Math.PI), exp(div(mul(x, x), -2)))],
  textbook: [([x]) => div(exp(div(pow(x, 2), -2)), sqrt(mul(2, PI)))],
  latex: "\\Phi",
});

/** No pole at 0, −1, −2, … */
const offPoles = ([x]: readonly Interval[]): boolean =>
  x.lo > 0 || (Math.floor(x.lo) === Math.floor(x.hi) && !Number.isInteger(x.lo));

export const gamma = unary({
  name: "gamma",
  kernel: kernel.gamma,
  partials: [([x], y) => mul(y, digamma(x))],
  analyticOn: offPoles,
  latex: "\\Gamma",
});

/** ln|Γ(x)|. */
export const logGamma = unary({
  name: "log_gamma",
  kernel: kernel.logGamma,
  partials: [([x]) => digamma(x)],
  analyticOn: offPoles,
});

type Polygamma = Operation<(x: TensorLike, params: { order: number }) => ReturnType<typeof exp>>;

/** ψ⁽ⁿ⁾, the n-th derivative of digamma. */
export const polygammaOfOrder: Polygamma = unaryWith<{ order: number }>({
  name: "polygamma",
  kernel:
    ({ order }) =>
    (x) =>
      kernel.polygamma(order, x),
  partials: [([x], _, { order }) => polygammaOfOrder(x, { order: order + 1 })],
  series: (k, x, _, { order }) => polygammaSeries(k, x[0], order),
  analyticOn: offPoles,
  notation: { form: "special", text: "polygamma", latex: "\\psi" },
});

/** polygamma(n, x): n a whole number from 0 on. */
export function polygamma(order: number, x: TensorLike) {
  if (!Number.isInteger(order) || order < 0 || order > 1000) {
    throw new RangeError(`polygamma: the order must be a whole number from 0 to 1000; got ${order}`);
  }
  return order === 0 ? digamma(x) : polygammaOfOrder(x, { order });
}

/** ψ(x) = Γ'(x)/Γ(x). */
export const digamma = unary({
  name: "digamma",
  kernel: kernel.digamma,
  partials: [([x]) => polygammaOfOrder(x, { order: 1 })],
  series: (k, x) => polygammaSeries(k, x[0], 0),
  analyticOn: offPoles,
});

/** n! = Γ(n + 1), for every real n but −1, −2, … */
export const factorial = formula({
  name: "factorial",
  expand: ([x]) => gamma(add(x, 1)),
  notation: { form: "postfix", text: "!", latex: "!", precedence: 7 },
});
