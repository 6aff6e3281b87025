import { logSoftmax, softplus } from "./activation.ts";
import { abs, div, mul, neg, pow, relu, sub } from "./arithmetic.ts";
import { equal, lessEqual } from "./comparison.ts";
import { formula2, formulaWith, named, type TensorLike } from "./define.ts";
import { log } from "./exponential.ts";
import { mean, sum } from "./reduction.ts";
import { where } from "./structure.ts";

/*
 * Losses take the true values first: loss(y, prediction). Those with "mean" in their formula average over all
 * elements. Cross-entropies take logits, the numbers before sigmoid or softmax, and so never overflow.
 */

/** The deck's loss: ½(y − ŷ)², element by element. */
export const halfSquaredError = formula2({
  name: "half_squared_error",
  expand: ([y, p]) => mul(0.5, pow(sub(y, p), 2)),
});

/** mean (y − ŷ)² */
export const meanSquaredError = formula2({ name: "mse", expand: ([y, p]) => mean(pow(sub(y, p), 2)) });

/** mean |y − ŷ| */
export const meanAbsoluteError = formula2({ name: "mae", expand: ([y, p]) => mean(abs(sub(y, p))) });

/** mean of ½e² for |e| ≤ δ, else δ(|e| − δ/2), e = y − ŷ; δ = 1 unless told (Huber, 1964). */
export const huber = formulaWith({
  name: "huber",
  arguments: (y: TensorLike, p: TensorLike, delta: TensorLike = 1) => ({ inputs: [y, p, delta], params: {} }),
  expand: ([y, p, delta]) => {
    const e = sub(y, p);
    const far = mul(delta, sub(abs(e), div(delta, 2)));
    return mean(where(lessEqual(abs(e), delta), mul(0.5, mul(e, e)), far));
  },
  notation: named("huber", 1),
});

/** mean of −y ln p − (1 − y) ln(1 − p) for p = σ(logit): softplus(logit) − y·logit. */
export const binaryCrossEntropy = formula2({
  name: "bce",
  expand: ([y, logits]) => mean(sub(softplus(logits), mul(y, logits))),
});

/** −Σ y ln softmax(logits) over the last axis, averaged over the others; y holds probabilities (one-hot or soft). */
export const crossEntropy = formula2({
  name: "cross_entropy",
  expand: ([y, logits]) => neg(mean(sum(mul(y, logSoftmax(logits)), { axis: -1 }))),
});

/** mean max(0, 1 − y·score), y = ±1. */
export const hinge = formula2({ name: "hinge", expand: ([y, score]) => mean(relu(sub(1, mul(y, score)))) });

/** Σ p ln(p/q), Kullback-Leibler divergence of q from p over all elements; 0·ln 0 = 0. */
export const klDivergence = formula2({
  name: "kl",
  expand: ([p, q]) => sum(where(equal(p, 0), 0, mul(p, log(div(p, q))))),
});
