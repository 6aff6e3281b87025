import type { Node } from "../ir/node.ts";
import type { Flat, Interval } from "../ir/primitive.ts";
import { div, neg } from "./arithmetic.ts";
import { greater } from "./comparison.ts";
import {
  apply,
  binary,
  flat,
  formulaWith,
  operation,
  pointwise,
  type TensorLike,
  tensor,
  type Unary,
} from "./define.ts";
import * as kernel from "./kernels/index.ts";
import { onesLike, where } from "./structure.ts";

const floatOf = (inputs: readonly Node[]) => inputs[0].dtype;

/* @__NO_SIDE_EFFECTS__ */
function stepFunction(
  name: string,
  step: (x: number) => number,
  latex: string,
  jumpFree: (x: Interval) => boolean,
) {
  const rule: Flat = flat({
    ...pointwise(name, () => step, floatOf),
    notation: { form: "function", text: name, latex },
    constantOn: ([x]) => jumpFree(x),
  });
  return operation<Unary, typeof rule>(rule, (x) => apply(rule, [tensor(x)]));
}

const noWholeNumberIn = (x: Interval): boolean =>
  Math.floor(x.lo) === Math.floor(x.hi) && !Number.isInteger(x.lo);

export const floor = stepFunction("floor", Math.floor, "\\operatorname{floor}", noWholeNumberIn);
export const ceil = stepFunction("ceil", Math.ceil, "\\operatorname{ceil}", noWholeNumberIn);
/** To the nearest whole number, halves to the even one (IEEE 754, NumPy). */
export const round = stepFunction("round", kernel.roundHalfEven, "\\operatorname{round}", (x) =>
  noWholeNumberIn({ lo: x.lo + 0.5, hi: x.hi + 0.5 }),
);
/** −1, 0 or 1; sign(0) = 0, and a slope of 0 everywhere. */
export const sign = stepFunction("sign", kernel.sign, "\\operatorname{sgn}", (x) => x.lo > 0 || x.hi < 0);

/** x − y·⌊x/y⌋: the remainder with the sign of y, as in Python and NumPy. */
export const mod = binary({
  name: "mod",
  kernel: kernel.modFloor,
  partials: [([x]) => onesLike(x), ([x, y]) => neg(floor(div(x, y)))],
  // Jumps where x/y is whole; y of one sign keeps the quotient's range simple.
  analyticOn: ([x, y]) => {
    if (!(y.lo > 0 || y.hi < 0)) return false;
    const ends = [x.lo / y.lo, x.lo / y.hi, x.hi / y.lo, x.hi / y.hi];
    return noWholeNumberIn({ lo: Math.min(...ends), hi: Math.max(...ends) });
  },
});

/** x cut to [low, high]; the slope is 1 inside and at the bounds, 0 outside. */
export const clip = formulaWith({
  name: "clip",
  arguments: (x: TensorLike, low: TensorLike, high: TensorLike) => ({ inputs: [x, low, high], params: {} }),
  expand: ([x, low, high]) => where(greater(x, high), high, where(greater(low, x), low, x)),
});
