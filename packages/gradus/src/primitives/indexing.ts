import { allocate } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Linear } from "../ir/primitive.ts";
import { normalizeAxis, type Shape, ShapeError, showShape, sizeOf } from "../ir/shape.ts";
import { equal } from "./comparison.ts";
import { apply, broadcastTo, cast, linear, operation, type TensorLike, tensor } from "./define.ts";
import { iota, reshape } from "./structure.ts";

/** x: batch + before + [n] + after; indices: batch + any; the indices replace the axis. */
interface GatherParams {
  readonly axis: number;
  readonly batchRank: number;
}

interface ScatterParams extends GatherParams {
  readonly size: number;
}

interface Blocks {
  batch: number;
  before: number;
  n: number;
  after: number;
  count: number;
}

function blocks(shape: Shape, indices: Shape, { axis, batchRank }: GatherParams): Blocks {
  return {
    batch: sizeOf(shape.slice(0, batchRank)),
    before: sizeOf(shape.slice(batchRank, axis)),
    n: shape[axis],
    after: sizeOf(shape.slice(axis + 1)),
    count: sizeOf(indices.slice(batchRank)),
  };
}

/** Calls `copy(whole, part)` with the offsets of each run of `after` elements. */
function forEachRun(
  name: string,
  b: Blocks,
  indices: ArrayLike<number>,
  copy: (whole: number, part: number) => void,
) {
  for (let g = 0; g < b.batch; g++) {
    for (let o = 0; o < b.before; o++) {
      for (let i = 0; i < b.count; i++) {
        const index = indices[g * b.count + i];
        if (!(index >= 0 && index < b.n)) {
          throw new ShapeError(
            `${name}: index ${index} is outside an axis of size ${b.n}: expected 0 to ${b.n - 1}`,
          );
        }
        const row = g * b.before + o;
        copy((row * b.n + index) * b.after, (row * b.count + i) * b.after);
      }
    }
  }
}

const gatherRule: Linear = linear<GatherParams>({
  name: "gather",
  notation: { form: "special", text: "gather" },
  parameters: [1],
  pointwise: false,
  infer: ([x, indices], { axis, batchRank }) => ({
    shape: [...x.shape.slice(0, axis), ...indices.shape.slice(batchRank), ...x.shape.slice(axis + 1)],
    dtype: x.dtype,
  }),
  evaluate: ([x, indices], node, out = allocate(node.dtype, node.size)) => {
    const b = blocks(node.inputs[0].shape, node.inputs[1].shape, node.params as GatherParams);
    forEachRun("gather", b, indices, (whole, part) => {
      for (let k = 0; k < b.after; k++) out[part + k] = x[whole + k];
    });
    return out;
  },
  transpose: (ct, node) => {
    const p = node.params as GatherParams;
    const [x, indices] = node.inputs;
    return [apply(scatterRule, [ct, indices], { ...p, size: x.shape[p.axis] }), null];
  },
  batch: (inputs, batched, node, size) => {
    const p = node.params as GatherParams;
    if (!batched[1]) return apply(gatherRule, withIndicesBroadcast(inputs, size), shifted(p));
    return apply(gatherRule, [batchedOnes(inputs[0], batched[0], size), inputs[1]], shifted(p));
  },
});

const scatterRule: Linear = linear<ScatterParams>({
  name: "scatter_add",
  notation: { form: "special", text: "scatter_add" },
  parameters: [1],
  pointwise: false,
  infer: ([updates, indices], p) => {
    const indexRank = indices.rank - p.batchRank;
    return {
      shape: [...updates.shape.slice(0, p.axis), p.size, ...updates.shape.slice(p.axis + indexRank)],
      dtype: updates.dtype,
    };
  },
  evaluate: ([updates, indices], node) => {
    const b = blocks(node.shape, node.inputs[1].shape, node.params as ScatterParams);
    const out = allocate(node.dtype, node.size);
    forEachRun("scatterAdd", b, indices, (whole, part) => {
      for (let k = 0; k < b.after; k++) out[whole + k] += updates[part + k];
    });
    return out;
  },
  transpose: (ct, node) => {
    const { axis, batchRank } = node.params as ScatterParams;
    return [apply(gatherRule, [ct, node.inputs[1]], { axis, batchRank }), null];
  },
  batch: (inputs, batched, node, size) => {
    const p = node.params as ScatterParams;
    const params = { ...shifted(p), size: p.size };
    if (!batched[1]) return apply(scatterRule, withIndicesBroadcast(inputs, size), params);
    return apply(scatterRule, [batchedOnes(inputs[0], batched[0], size), inputs[1]], params);
  },
});

const shifted = (p: GatherParams): GatherParams => ({ axis: p.axis + 1, batchRank: p.batchRank + 1 });

function batchedOnes(x: Node, batched: boolean, size: number): Node {
  return batched ? x : broadcastTo(x, [size, ...x.shape]);
}

function withIndicesBroadcast([x, indices]: readonly Node[], size: number): readonly Node[] {
  return [x, broadcastTo(indices, [size, ...indices.shape])];
}

function indicesOf(name: string, indices: TensorLike): Node {
  const t = tensor(indices);
  if (t.dtype === "i32" && !t.weak) return t;
  if (t.buffer?.every((v) => Number.isInteger(v))) return cast(t, "i32");
  throw new TypeError(`${name}: indices must be whole numbers (dtype i32); got ${t.dtype}`);
}

/** Elements of x at the indices along an axis: the indices' shape replaces the axis (NumPy's `take`). */
export const gather = operation(gatherRule, (x: TensorLike, indices: TensorLike, axis = 0) => {
  const t = tensor(x);
  return apply(gatherRule, [t, indicesOf("gather", indices)], {
    axis: normalizeAxis("gather", axis, t.rank),
    batchRank: 0,
  });
});

/** A tensor of zeros with `size` along the axis, each update added at its index; repeated indices add up. */
export const scatterAdd = operation(
  scatterRule,
  (updates: TensorLike, indices: TensorLike, size: number, axis = 0) => {
    const t = tensor(updates);
    const index = indicesOf("scatterAdd", indices);
    const a = normalizeAxis("scatterAdd", axis, t.rank - index.rank + 1);
    const expected = t.shape.slice(a, a + index.rank);
    if (expected.length !== index.rank || expected.some((d, i) => d !== index.shape[i])) {
      throw new ShapeError(
        `scatterAdd: updates ${showShape(t.shape)} must hold the indices' shape ${showShape(index.shape)} at axis ${a}`,
      );
    }
    return apply(scatterRule, [t, index], { axis: a, batchRank: 0, size });
  },
);

/** 1 at each index along a new last axis of the given size, else 0. */
export function oneHot(indices: TensorLike, size: number): Node {
  const t = indicesOf("oneHot", indices);
  return cast(equal(reshape(t, [...t.shape, 1]), iota(size)), "f64");
}
