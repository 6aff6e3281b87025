import { allocate } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Linear } from "../ir/primitive.ts";
import { normalizeAxes, normalizeAxis, ShapeError, showShape, stridesOf } from "../ir/shape.ts";
import {
  apply,
  broadcastTo,
  cast as convert,
  linear,
  operation,
  promote,
  type TensorLike,
  tensor,
} from "./define.ts";
import { aroundAxis, strided } from "./layout.ts";
import { reshape } from "./structure.ts";

const special = (text: string) => ({ form: "special" as const, text });

const reverseRule: Linear = linear<{ axes: readonly number[] }>({
  name: "reverse",
  notation: special("reverse"),
  parameters: [],
  pointwise: false,
  infer: ([x]) => x,
  evaluate: ([x], node) => {
    const { axes } = node.params as { axes: readonly number[] };
    const strides = stridesOf(node.shape);
    let offset = 0;
    for (const a of axes) {
      offset += Math.max(0, node.shape[a] - 1) * strides[a];
      strides[a] = -strides[a];
    }
    return strided(x, node.dtype, node.shape, strides, offset);
  },
  transpose: (ct, node) => [reverse(ct, (node.params as { axes: readonly number[] }).axes)],
  batch: ([x], _, node) =>
    reverse(
      x,
      (node.params as { axes: readonly number[] }).axes.map((a) => a + 1),
    ),
});

/** Elements in opposite order along the axes; all axes unless told. */
export const reverse = operation(reverseRule, (x: TensorLike, axes?: number | readonly number[]) => {
  const t = tensor(x);
  return apply(reverseRule, [t], { axes: normalizeAxes("reverse", axes, t.rank) });
});

interface SliceParams {
  readonly start: readonly number[];
  readonly limit: readonly number[];
  readonly stride: readonly number[];
}

const sliceRule: Linear = linear<SliceParams>({
  name: "slice",
  notation: special("slice"),
  parameters: [],
  pointwise: false,
  infer: ([x], p) => ({
    shape: p.start.map((s, i) => Math.max(0, Math.ceil((p.limit[i] - s) / p.stride[i]))),
    dtype: x.dtype,
  }),
  evaluate: ([x], node, out) => {
    const p = node.params as SliceParams;
    const strides = stridesOf(node.inputs[0].shape);
    const offset = p.start.reduce((a, s, i) => a + s * strides[i], 0);
    return strided(
      x,
      node.dtype,
      node.shape,
      strides.map((s, i) => s * p.stride[i]),
      offset,
      out,
    );
  },
  transpose: (ct, node) => {
    const p = node.params as SliceParams;
    const from = node.inputs[0].shape;
    const interior = p.stride.map((s) => s - 1);
    const covered = node.shape.map((d, i) => (d === 0 ? 0 : (d - 1) * p.stride[i] + 1));
    const low = p.start.map((s, i) => (node.shape[i] === 0 ? 0 : s));
    return [pad(ct, { low, high: from.map((d, i) => d - low[i] - covered[i]), interior })];
  },
  batch: ([x], _, node, size) => {
    const p = node.params as SliceParams;
    return apply(sliceRule, [x], {
      start: [0, ...p.start],
      limit: [size, ...p.limit],
      stride: [1, ...p.stride],
    });
  },
});

/** Elements start, start + stride, … below limit, along each axis; negative bounds count from the end. */
export const slice = operation(
  sliceRule,
  (x: TensorLike, start: readonly number[], limit?: readonly number[], stride?: readonly number[]) => {
    const t = tensor(x);
    const bound = (v: number | undefined, d: number, otherwise: number) =>
      v === undefined ? otherwise : Math.min(d, Math.max(0, v < 0 ? v + d : v));
    for (const list of [start, limit ?? [], stride ?? []]) {
      if (list.length > t.rank || !list.every(Number.isInteger)) {
        throw new ShapeError(
          `slice: [${list}] does not fit ${showShape(t.shape)}: whole numbers, one for each axis`,
        );
      }
    }
    const step = t.shape.map((_, i) => stride?.[i] ?? 1);
    if (step.some((s) => s < 1))
      throw new ShapeError(`slice: stride [${step}] must be 1 or more; use reverse`);
    const from = t.shape.map((d, i) => bound(start[i], d, 0));
    const to = t.shape.map((d, i) => Math.max(from[i], bound(limit?.[i], d, d)));
    return apply(sliceRule, [t], { start: from, limit: to, stride: step });
  },
);

/** One index of an axis, the axis dropped. */
export function at(x: TensorLike, index: number, axis = 0): Node {
  const t = tensor(x);
  const a = normalizeAxis("at", axis, t.rank);
  const i = index < 0 ? index + t.shape[a] : index;
  if (!Number.isInteger(index) || i < 0 || i >= t.shape[a]) {
    throw new ShapeError(`at: index ${index} is outside axis ${axis} of ${showShape(t.shape)}`);
  }
  const start = t.shape.map((_, k) => (k === a ? i : 0));
  const limit = t.shape.map((d, k) => (k === a ? i + 1 : d));
  return reshape(
    slice(t, start, limit),
    t.shape.filter((_, k) => k !== a),
  );
}

export interface PadWidths {
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Zeros put between neighbouring elements. */
  readonly interior?: readonly number[];
}

const padRule: Linear = linear<Required<PadWidths>>({
  name: "pad",
  notation: special("pad"),
  parameters: [],
  pointwise: false,
  infer: ([x], p) => ({
    shape: x.shape.map((d, i) => p.low[i] + p.high[i] + d + Math.max(0, d - 1) * p.interior[i]),
    dtype: x.dtype,
  }),
  evaluate: ([x], node, out = allocate(node.dtype, node.size)) => {
    const p = node.params as Required<PadWidths>;
    const strides = stridesOf(node.shape);
    const shape = node.inputs[0].shape;
    const last = shape.length - 1;
    const run = last < 0 ? 1 : shape[last];
    const step = last < 0 ? 1 : p.interior[last] + 1;
    const index = new Array<number>(shape.length).fill(0);
    for (let i = 0; i < x.length; i += run) {
      let to = 0;
      for (let d = 0; d <= last; d++) to += (p.low[d] + index[d] * (p.interior[d] + 1)) * strides[d];
      for (let k = 0; k < run; k++) out[to + k * step] = x[i + k];
      for (let d = last - 1; d >= 0; d--) {
        if (++index[d] < shape[d]) break;
        index[d] = 0;
      }
    }
    return out;
  },
  transpose: (ct, node) => {
    const p = node.params as Required<PadWidths>;
    const from = node.inputs[0].shape;
    const limit = from.map((d, i) => p.low[i] + (d === 0 ? 0 : (d - 1) * (p.interior[i] + 1) + 1));
    return [apply(sliceRule, [ct], { start: p.low, limit, stride: p.interior.map((s) => s + 1) })];
  },
  batch: ([x], _, node) => {
    const p = node.params as Required<PadWidths>;
    return pad(x, { low: [0, ...p.low], high: [0, ...p.high], interior: [0, ...p.interior] });
  },
});

/** Zeros before, after and between the elements of each axis. */
export const pad = operation(padRule, (x: TensorLike, widths: PadWidths) => {
  const t = tensor(x);
  const params = { interior: t.shape.map(() => 0), ...widths };
  for (const list of [params.low, params.high, params.interior]) {
    if (list.length !== t.rank || list.some((w) => !Number.isInteger(w) || w < 0)) {
      throw new ShapeError(
        `pad: widths [${list}] do not fit ${showShape(t.shape)}: one number from 0 on for each axis`,
      );
    }
  }
  return apply(padRule, [t], params);
});

const concatenateRule: Linear = linear<{ axis: number }>({
  name: "concatenate",
  notation: special("concatenate"),
  parameters: [],
  pointwise: false,
  infer: (parts, { axis }) => ({
    shape: parts[0].shape.map((d, i) => (i === axis ? parts.reduce((a, x) => a + x.shape[axis], 0) : d)),
    dtype: parts[0].dtype,
  }),
  evaluate: (parts, node) => {
    const { axis } = node.params as { axis: number };
    const out = allocate(node.dtype, node.size);
    const { outer, inner } = aroundAxis(node.shape, axis);
    let at = 0;
    for (let o = 0; o < outer; o++) {
      parts.forEach((part, i) => {
        const run = node.inputs[i].shape[axis] * inner;
        out.set(part.subarray(o * run, (o + 1) * run) as Float64Array, at);
        at += run;
      });
    }
    return out;
  },
  transpose: (ct, node) => {
    const { axis } = node.params as { axis: number };
    let from = 0;
    return node.inputs.map((x) => {
      const start = x.shape.map((_, i) => (i === axis ? from : 0));
      from += x.shape[axis];
      return slice(
        ct,
        start,
        x.shape.map((d, i) => (i === axis ? from : d)),
      );
    });
  },
  batch: (parts, batched, node, size) => {
    const { axis } = node.params as { axis: number };
    return concatenate(
      parts.map((x, i) => (batched[i] ? x : broadcastTo(x, [size, ...x.shape]))),
      axis + 1,
    );
  },
});

/** Tensors joined along an axis that they all have. */
export const concatenate = operation(concatenateRule, (parts: readonly TensorLike[], axis = 0) => {
  if (parts.length === 0) throw new ShapeError("concatenate: expected one tensor or more, got none");
  const list = parts.map((x) => tensor(x));
  const a = normalizeAxis("concatenate", axis, list[0].rank);
  for (const x of list) {
    if (x.rank !== list[0].rank || x.shape.some((d, i) => i !== a && d !== list[0].shape[i])) {
      throw new ShapeError(
        `concatenate: ${list.map((t) => showShape(t.shape)).join(", ")} must agree in all axes but axis ${a}`,
      );
    }
  }
  const dtype = promote(list);
  return list.length === 1
    ? list[0]
    : apply(
        concatenateRule,
        list.map((x) => convert(x, dtype)),
        { axis: a },
      );
});

/** Tensors of one shape joined along a new axis. */
export function stack(parts: readonly TensorLike[], axis = 0): Node {
  const list = parts.map((x) => tensor(x));
  if (list.length === 0) throw new ShapeError("stack: expected one tensor or more, got none");
  const a = normalizeAxis("stack", axis, list[0].rank + 1);
  const grown = list.map((x) => reshape(x, [...x.shape.slice(0, a), 1, ...x.shape.slice(a)]));
  return concatenate(grown, a);
}
