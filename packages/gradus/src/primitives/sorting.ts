import type { Node } from "../ir/node.ts";
import type { Flat } from "../ir/primitive.ts";
import { normalizeAxis, ShapeError, sameShape, showShape } from "../ir/shape.ts";
import { apply, flat, formulaWith, operation, type TensorLike, tensor } from "./define.ts";
import { gather } from "./indexing.ts";
import { aroundAxis } from "./layout.ts";
import { slice } from "./slicing.ts";
import { moveAxis } from "./structure.ts";

interface SortParams {
  readonly axis: number;
  readonly descending: boolean;
}

export interface SortOptions {
  /** The axis to sort along; the last unless told. */
  readonly axis?: number;
  /** The greatest first. */
  readonly descending?: boolean;
}

/** The order that puts x in order; equal elements keep theirs. NaN counts as greatest, as for `argmax`. */
function sortedOrder(
  x: ArrayLike<number>,
  at: number,
  n: number,
  step: number,
  descending: boolean,
): number[] {
  const value = (i: number) => x[at + i * step];
  const order = Array.from({ length: n }, (_, i) => i);
  const ascending = (a: number, b: number): number => {
    const [p, q] = [value(a), value(b)];
    if (p < q) return -1;
    if (p > q) return 1;
    return p === q ? 0 : Number(Number.isNaN(p)) - Number(Number.isNaN(q));
  };
  return order.sort(descending ? (a, b) => ascending(b, a) : ascending);
}

const argsortRule: Flat = flat<SortParams>({
  name: "argsort",
  notation: { form: "special", text: "argsort" },
  pointwise: false,
  infer: ([x]) => ({ shape: x.shape, dtype: "i32" }),
  evaluate: ([x], node) => {
    const { axis, descending } = node.params as SortParams;
    const { outer, n, inner } = aroundAxis(node.shape, axis);
    const out = new Int32Array(node.size);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const at = o * n * inner + i;
        sortedOrder(x, at, n, inner, descending).forEach((place, k) => {
          out[at + k * inner] = place;
        });
      }
    }
    return out;
  },
  constantOn: () => false,
  // Equal elements stand side by side in order.
  jumpsAt: (order, [x], [{ shape }], { axis }) => {
    const { outer, n, inner } = aroundAxis(shape, axis);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const at = o * n * inner + i;
        const value = (k: number) => x[at + order[at + k * inner] * inner];
        for (let k = 1; k < n; k++) if (value(k) === value(k - 1)) return true;
      }
    }
    return false;
  },
  batch: ([x], _, node) => {
    const { axis, descending } = node.params as SortParams;
    return apply(argsortRule, [x], { axis: axis + 1, descending });
  },
});

function sortParams(name: string, x: Node, { axis = -1, descending = false }: SortOptions): SortParams {
  return { axis: normalizeAxis(name, axis, x.rank), descending };
}

/** The indices that put x in order along an axis; equal elements keep their order. */
export const argsort = operation(argsortRule, (x: TensorLike, options: SortOptions = {}): Node => {
  const t = tensor(x);
  return apply(argsortRule, [t], sortParams("argsort", t, options));
});

/** Elements of x at indices along an axis, each row by its own (NumPy's take_along_axis); other axes agree. */
export function takeAlongAxis(x: TensorLike, indices: TensorLike, axis = -1): Node {
  const [t, index] = [tensor(x), tensor(indices, "i32")];
  const a = normalizeAxis("takeAlongAxis", axis, t.rank);
  const rest = (n: Node) => n.shape.filter((_, i) => i !== a);
  if (index.rank !== t.rank || !sameShape(rest(t), rest(index))) {
    throw new ShapeError(
      `takeAlongAxis: indices ${showShape(index.shape)} and x ${showShape(t.shape)} must agree but for axis ${a}`,
    );
  }
  const last = t.rank - 1;
  const taken = apply(gather.primitive, [moveAxis(t, a, last), moveAxis(index, a, last)], {
    axis: last,
    batchRank: last,
  });
  return moveAxis(taken, last, a);
}

/** x in order along an axis, equal elements in theirs. Its derivative moves with the elements. */
export const sort = formulaWith({
  name: "sort",
  notation: { form: "special", text: "sort", latex: "\\operatorname{sort}" },
  arguments: (x: TensorLike, options: SortOptions = {}) => {
    const t = tensor(x);
    return { inputs: [t], params: sortParams("sort", t, options) };
  },
  expand: ([x], p: SortParams) => takeAlongAxis(x, apply(argsortRule, [x], p), p.axis),
});

/** The k greatest elements along an axis (the last unless told), greatest first, and their indices; of equals the first. */
export const topK = operation(
  argsortRule,
  (x: TensorLike, k: number, axis = -1): { values: Node; indices: Node } => {
    const t = tensor(x);
    const a = normalizeAxis("topK", axis, t.rank);
    if (!Number.isInteger(k) || k < 0 || k > t.shape[a]) {
      throw new ShapeError(
        `topK: k must be a whole number from 0 to ${t.shape[a]} (axis ${axis} of ${showShape(t.shape)}); got ${k}`,
      );
    }
    const order = apply(argsortRule, [t], { axis: a, descending: true });
    const limit = t.shape.map((d, i) => (i === a ? k : d));
    const indices = slice(order, [], limit);
    return { values: takeAlongAxis(t, indices, a), indices };
  },
);
