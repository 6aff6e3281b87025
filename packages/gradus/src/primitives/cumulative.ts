import { allocate } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Linear } from "../ir/primitive.ts";
import { normalizeAxis } from "../ir/shape.ts";
import { mul } from "./arithmetic.ts";
import { apply, formulaWith, linear, operation, type TensorLike, tensor } from "./define.ts";
import { aroundAxis } from "./layout.ts";
import { concatenate, slice } from "./slicing.ts";

interface CumulativeParams {
  readonly axis: number;
  /** From the end to the start. */
  readonly reverse: boolean;
}

const cumulativeSumRule: Linear = linear<CumulativeParams>({
  name: "cumsum",
  notation: { form: "special", text: "cumsum" },
  parameters: [],
  pointwise: false,
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype === "bool" ? "i32" : x.dtype }),
  evaluate: ([x], node) => {
    const { axis, reverse } = node.params as CumulativeParams;
    const { outer, n, inner } = aroundAxis(node.shape, axis);
    const out = allocate(node.dtype, node.size);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let k = 0; k < n; k++) {
          const at = (o * n + (reverse ? n - 1 - k : k)) * inner + i;
          sum += x[at];
          out[at] = sum;
        }
      }
    }
    return out;
  },
  transpose: (ct, node) => {
    const { axis, reverse } = node.params as CumulativeParams;
    return [apply(cumulativeSumRule, [ct], { axis, reverse: !reverse })];
  },
  batch: ([x], _, node) => {
    const { axis, reverse } = node.params as CumulativeParams;
    return apply(cumulativeSumRule, [x], { axis: axis + 1, reverse });
  },
});

export interface CumulativeOptions {
  /** The axis along which to add up; the last unless told. */
  readonly axis?: number;
  /** From the end to the start. */
  readonly reverse?: boolean;
}

function cumulativeParams(
  name: string,
  x: Node,
  { axis = -1, reverse = false }: CumulativeOptions,
): CumulativeParams {
  return { axis: normalizeAxis(name, axis, x.rank), reverse };
}

/** Sums of the elements up to each one, itself included. */
export const cumsum = operation(cumulativeSumRule, (x: TensorLike, options: CumulativeOptions = {}): Node => {
  const t = tensor(x);
  return apply(cumulativeSumRule, [t], cumulativeParams("cumsum", t, options));
});

/** Products of the elements up to each one, itself included. Nothing is divided: zeros are as good as any number. */
export const cumprod = formulaWith({
  name: "cumprod",
  notation: { form: "special", text: "cumprod", latex: "\\operatorname{cumprod}" },
  arguments: (x: TensorLike, options: CumulativeOptions = {}) => {
    const t = tensor(x);
    return { inputs: [t], params: cumulativeParams("cumprod", t, options) };
  },
  // Products of 1, 2, 4, … neighbours (Hillis and Steele): log n products of whole tensors.
  expand: ([x], { axis, reverse }: CumulativeParams) => {
    const n = x.shape[axis];
    const from = (start: number) => x.shape.map((_, i) => (i === axis ? start : 0));
    const to = (end: number) => x.shape.map((d, i) => (i === axis ? end : d));
    let y = x;
    for (let step = 1; step < n; step *= 2) {
      const product = mul(slice(y, from(step)), slice(y, from(0), to(n - step)));
      y = reverse
        ? concatenate([product, slice(y, from(n - step))], axis)
        : concatenate([slice(y, from(0), to(step)), product], axis);
    }
    return y;
  },
});
