import { normalizeAxis } from "../ir/shape.ts";
import { abs, add, div, mul, neg, pow, sub } from "./arithmetic.ts";
import { greater, less } from "./comparison.ts";
import { formula, formulaWith, named, type TensorLike, unary } from "./define.ts";
import { exp, expm1 } from "./exponential.ts";
import { tanh } from "./hyperbolic.ts";
import * as kernel from "./kernels/index.ts";
import { logSumExp } from "./reduction.ts";
import { normalCdf } from "./special.ts";
import { where } from "./structure.ts";

/**
 * The density of the logistic distribution, σ(x) σ(−x): the slope of σ with all its digits. Its own slope keeps them
 * where the density is flat.
 */
export const logisticPdf = unary({
  name: "logistic_pdf",
  kernel: kernel.logisticPdf,
  partials: [([x], y) => neg(mul(y, tanh(div(x, 2))))],
});

/** 1/(1 + e⁻ˣ). Its slope is stable: σ(1 − σ) is 0 from x = 37 on. */
export const sigmoid = unary({
  name: "sigmoid",
  kernel: kernel.sigmoid,
  partials: [([x]) => logisticPdf(x)],
  textbook: [(_, y) => mul(y, sub(1, y))],
  latex: "\\sigma",
});

/** ln σ(x). */
export const logSigmoid = unary({
  name: "log_sigmoid",
  kernel: kernel.logSigmoid,
  partials: [([x]) => sigmoid(neg(x))],
  textbook: [([x]) => sub(1, sigmoid(x))],
});

/** ln(1 + eˣ). */
export const softplus = unary({
  name: "softplus",
  kernel: kernel.softplus,
  partials: [([x]) => sigmoid(x)],
});

/** x for x > 0, else slope·x; slope 0.01 unless told. */
export const leakyRelu = formulaWith({
  name: "leaky_relu",
  arguments: (x: TensorLike, slope: TensorLike = 0.01) => ({ inputs: [x, slope], params: {} }),
  expand: ([x, slope]) => where(greater(x, 0), x, mul(slope, x)),
  notation: named("leaky_relu", 0.01),
});

/** x for x > 0, else α(eˣ − 1); α = 1 unless told (Clevert et al., 2015). */
export const elu = formulaWith({
  name: "elu",
  arguments: (x: TensorLike, alpha: TensorLike = 1) => ({ inputs: [x, alpha], params: {} }),
  expand: ([x, alpha]) => where(greater(x, 0), x, mul(alpha, expm1(x))),
  notation: named("elu", 1),
});

/** λ·ELU with α (Klambauer et al., 2017). */
export const selu = formula({
  name: "selu",
  expand: ([x]) => mul(1.0507009873554805, elu(x, 1.6732632423543772)),
});

/** x·Φ(x), Φ the normal distribution function (Hendrycks and Gimpel, 2016). */
export const gelu = formula({
  name: "gelu",
  expand: ([x]) => mul(x, normalCdf(x)),
});

/** The tanh form of GELU: ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export const geluTanh = formula({
  name: "gelu_tanh",
  expand: ([x]) => mul(x, sigmoid(mul(2 * Math.sqrt(2 / Math.PI), add(x, mul(0.044715, pow(x, 3)))))),
});

/** x·σ(x), also called swish. */
export const silu = formula({ name: "silu", expand: ([x]) => mul(x, sigmoid(x)) });

/** x/(1 + |x|). */
export const softsign = formula({
  name: "softsign",
  expand: ([x]) => div(x, add(1, abs(x))),
  // The quotient rule would cancel: 1 − |x|/(1 + |x|) has no digits far out.
  tangent: ([x], _, [dx]) => {
    const whole = add(1, abs(x));
    return dx && div(div(dx, whole), whole);
  },
});

/** (x + 3)/6 cut to [0, 1]. */
export const hardSigmoid = formula({
  name: "hard_sigmoid",
  expand: ([x]) => where(less(x, -3), 0, where(greater(x, 3), 1, div(add(x, 3), 6))),
});

/** x·tanh(softplus(x)) (Misra, 2019). */
export const mish = formula({ name: "mish", expand: ([x]) => mul(x, tanh(softplus(x))) });

const alongAxis = (x: TensorLike, axis = -1) => ({ inputs: [x], params: { axis } });

/** eˣ normalised to sum 1 along an axis, the last unless told. */
export const softmax = formulaWith({
  name: "softmax",
  arguments: alongAxis,
  expand: ([x], { axis }: { axis: number }) => exp(logSoftmax(x, axis)),
});

/** x − ln Σ eˣ along an axis, the last unless told. */
export const logSoftmax = formulaWith({
  name: "log_softmax",
  arguments: alongAxis,
  expand: ([x], { axis }: { axis: number }) => {
    normalizeAxis("softmax", axis, x.rank);
    return sub(x, logSumExp(x, { axis, keepDims: true }));
  },
});
