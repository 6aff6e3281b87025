import { allocate, type Data, type DType, isFloat } from "../ir/dtype.ts";
import { constant, Node } from "../ir/node.ts";
import type { Flat, Linear } from "../ir/primitive.ts";
import {
  broadcastShapes,
  checkShape,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  ShapeError,
  showShape,
  sizeOf,
  stridesOf,
} from "../ir/shape.ts";
import {
  apply,
  broadcastTo,
  cast as convert,
  everywhere,
  filled,
  flat,
  linear,
  operation,
  pointwise,
  promote,
  provideConversions,
  type TensorLike,
  tensor,
} from "./define.ts";
import { aroundAxis, broadcastStrides, strided } from "./layout.ts";
import { sum } from "./reduction.ts";

const special = (text: string) => ({ form: "special" as const, text });

// --- dtype and broadcasting: inserted by every pointwise call ---

const castRule: Linear = linear<{ dtype: DType }>({
  name: "cast",
  notation: special("cast"),
  parameters: [],
  pointwise: true,
  infer: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  evaluate: ([x], node) => converted(x, node.dtype),
  transpose: (ct, node) => [isFloat(node.inputs[0].dtype) ? convert(ct, node.inputs[0].dtype) : null],
});

function converted(x: Data, dtype: DType): Data {
  return dtype === "bool" ? Uint8Array.from(x, (v) => (v === 0 ? 0 : 1)) : strided(x, dtype, [x.length], [1]);
}

/** Rounding to whole numbers or to truth: flat, so that no gradient passes. */
const truncateRule: Flat = flat<{ dtype: DType }>({
  name: "truncate",
  notation: special("cast"),
  pointwise: true,
  infer: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  evaluate: ([x], node) => converted(x, node.dtype),
  constantOn: () => false,
});

/** The same numbers in another dtype; float to integer cuts off and has derivative zero. */
export const cast = operation(castRule, (x: TensorLike, dtype: DType) => {
  const t = tensor(x);
  if (t.dtype === dtype && !t.weak) return t;
  if (t.weak && t.buffer) return constant(converted(t.buffer, dtype), t.shape, dtype);
  const rule = isFloat(t.dtype) && !isFloat(dtype) ? truncateRule : castRule;
  if (rule === castRule && t.weak) return new Node(castRule, [t], { dtype }, { shape: t.shape, dtype });
  return apply(rule, [t], { dtype });
});

const broadcastRule: Linear = linear<{ shape: Shape }>({
  name: "broadcast",
  notation: special("broadcast"),
  parameters: [],
  pointwise: false,
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  evaluate: ([x], node) =>
    strided(x, node.dtype, node.shape, broadcastStrides(node.inputs[0].shape, node.shape)),
  transpose: (ct, node) => [unbroadcast(ct, node.inputs[0].shape)],
  batch: ([x], _, node, size) => {
    const own = x.shape.slice(1);
    const ones = new Array<number>(node.rank - own.length).fill(1);
    return broadcastTo(reshape(x, [size, ...ones, ...own]), [size, ...node.shape]);
  },
});

/** Repeats x along new or size-1 axes, NumPy's rule. */
export const broadcast = operation(broadcastRule, (x: TensorLike, shape: Shape) => {
  const t = tensor(x);
  checkShape("broadcast", shape);
  const joint = broadcastShapes("broadcast", [t.shape, shape]);
  if (sizeOf(joint) !== sizeOf(shape) || joint.length !== shape.length) {
    throw new ShapeError(`broadcast: ${showShape(t.shape)} does not stretch to ${showShape(shape)}`);
  }
  return apply(broadcastRule, [t], { shape });
});

provideConversions({
  cast: (x, dtype) => cast(x, dtype),
  // Not evaluated even where x is concrete: a literal must not fill memory beside a symbolic operand.
  broadcast: (x, shape) =>
    x.size === 1 && sizeOf(shape) !== 1
      ? new Node(broadcastRule, [x], { shape }, { shape, dtype: x.dtype }, x.weak, undefined, x.concrete)
      : apply(broadcastRule, [x], { shape }),
});

/** Sums a cotangent down to the shape that was broadcast. */
export function unbroadcast(ct: Node, shape: Shape): Node {
  const lead = ct.rank - shape.length;
  const axes = ct.shape
    .map((_, i) => i)
    .filter((i) => i < lead || (shape[i - lead] === 1 && ct.shape[i] !== 1));
  return reshape(axes.length > 0 ? sum(ct, { axis: axes }) : ct, shape);
}

export function zeros(shape: Shape, dtype: DType = "f64"): Node {
  return filled(checkShape("zeros", shape), dtype, 0);
}

export function ones(shape: Shape, dtype: DType = "f64"): Node {
  return filled(checkShape("ones", shape), dtype, 1);
}

export function zerosLike(x: Node): Node {
  return broadcastTo(filled([], x.dtype, 0), x.shape);
}

export function onesLike(x: Node): Node {
  return broadcastTo(filled([], x.dtype, 1), x.shape);
}

// --- rearrangement ---

const reshapeRule: Linear = linear<{ shape: Shape }>({
  name: "reshape",
  notation: special("reshape"),
  parameters: [],
  pointwise: false,
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  evaluate: ([x]) => x,
  transpose: (ct, node) => [reshape(ct, node.inputs[0].shape)],
  batch: ([x], _, node, size) => reshape(x, [size, ...node.shape]),
});

/** The same elements in another shape; one size may be -1. */
export const reshape = operation(reshapeRule, (x: TensorLike, shape: Shape) => {
  const t = tensor(x);
  const known = shape.reduce((a, d) => (d === -1 ? a : a * d), 1);
  const free = shape.filter((d) => d === -1).length;
  const full = free === 1 && known > 0 ? shape.map((d) => (d === -1 ? t.size / known : d)) : shape;
  if (free > 1 || !full.every(Number.isInteger) || sizeOf(full) !== t.size || full.some((d) => d < 0)) {
    throw new ShapeError(
      `reshape: ${showShape(t.shape)} (${t.size} elements) does not fit ${showShape(shape)}`,
    );
  }
  if (full.length === t.rank && full.every((d, i) => d === t.shape[i])) return t;
  return apply(reshapeRule, [t], { shape: full });
});

const transposeRule: Linear = linear<{ permutation: readonly number[] }>({
  name: "transpose",
  notation: special("transpose"),
  parameters: [],
  pointwise: false,
  infer: ([x], { permutation }) => ({ shape: permutation.map((i) => x.shape[i]), dtype: x.dtype }),
  evaluate: ([x], node) => {
    const strides = stridesOf(node.inputs[0].shape);
    const { permutation } = node.params as { permutation: readonly number[] };
    return strided(
      x,
      node.dtype,
      node.shape,
      permutation.map((i) => strides[i]),
    );
  },
  transpose: (ct, node) => {
    const { permutation } = node.params as { permutation: readonly number[] };
    return [
      transpose(
        ct,
        permutation.map((_, i) => permutation.indexOf(i)),
      ),
    ];
  },
  batch: ([x], _, node) => {
    const { permutation } = node.params as { permutation: readonly number[] };
    return transpose(x, [0, ...permutation.map((i) => i + 1)]);
  },
});

/** Axes in another order; reversed unless told. */
export const transpose = operation(transposeRule, (x: TensorLike, permutation?: readonly number[]) => {
  const t = tensor(x);
  const order = (permutation ?? t.shape.map((_, i) => t.rank - 1 - i)).map((a) =>
    normalizeAxis("transpose", a, t.rank),
  );
  if (order.length !== t.rank || new Set(order).size !== t.rank) {
    throw new ShapeError(`transpose: [${permutation}] does not name each axis of ${showShape(t.shape)} once`);
  }
  return order.every((a, i) => a === i) ? t : apply(transposeRule, [t], { permutation: order });
});

/** Moves one axis to another place. */
export function moveAxis(x: Node, from: number, to: number): Node {
  const order = x.shape.map((_, i) => i).filter((i) => i !== from);
  order.splice(to, 0, from);
  return transpose(x, order);
}

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
  evaluate: ([x], node) => {
    const p = node.params as SliceParams;
    const strides = stridesOf(node.inputs[0].shape);
    const offset = p.start.reduce((a, s, i) => a + s * strides[i], 0);
    return strided(
      x,
      node.dtype,
      node.shape,
      strides.map((s, i) => s * p.stride[i]),
      offset,
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
  evaluate: ([x], node) => {
    const p = node.params as Required<PadWidths>;
    const out = allocate(node.dtype, node.size);
    const strides = stridesOf(node.shape);
    const shape = node.inputs[0].shape;
    const index = new Array<number>(shape.length).fill(0);
    for (let i = 0; i < x.length; i++) {
      let to = 0;
      for (let d = 0; d < shape.length; d++) to += (p.low[d] + index[d] * (p.interior[d] + 1)) * strides[d];
      out[to] = x[i];
      for (let d = shape.length - 1; d >= 0; d--) {
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

// --- selection ---

const selectRule: Linear = linear({
  ...pointwise(
    "where",
    () => (mask, a, b) => (mask !== 0 ? a : b),
    ([, a]) => a.dtype,
  ),
  notation: { form: "function", text: "where", latex: "\\operatorname{where}" },
  parameters: [0],
  transpose: (ct, node) => {
    const [mask] = node.inputs;
    const zero = zerosLike(ct);
    return [null, apply(selectRule, [mask, ct, zero]), apply(selectRule, [mask, zero, ct])];
  },
});

/** a where the mask is true, else b. What is masked out passes no gradient, not even NaN. */
export const where = operation(selectRule, (mask: TensorLike, a: TensorLike, b: TensorLike) => {
  const m = tensor(mask);
  return apply(selectRule, [m, tensor(a), tensor(b)]);
});

/** A cotangent that is structurally zero where the mask is false, or undefined. */
export function maskOf(x: Node): { mask: Node; flip: boolean; value: Node } | undefined {
  if (x.primitive !== selectRule) return undefined;
  if (isZeroLike(x.inputs[2])) return { mask: x.inputs[0], flip: false, value: x.inputs[1] };
  if (isZeroLike(x.inputs[1])) return { mask: x.inputs[0], flip: true, value: x.inputs[2] };
  return undefined;
}

function isZeroLike(x: Node): boolean {
  const source = x.primitive === broadcastRule ? x.inputs[0] : x;
  return source.buffer !== undefined && source.size === 1 && Object.is(source.buffer[0], 0);
}

/** 0, 1, …, n − 1. */
export function iota(n: number, dtype: DType = "i32"): Node {
  checkShape("iota", [n]);
  const data = allocate(dtype, n);
  for (let i = 0; i < n; i++) data[i] = i;
  return constant(data, [n], dtype);
}

const stopRule: Flat = flat({
  name: "stop_gradient",
  notation: { form: "special", text: "stop_gradient" },
  pointwise: true,
  infer: ([x]) => x,
  evaluate: ([x]: readonly Data[]) => x,
  constantOn: everywhere,
});

/** The value, with derivative zero in every transform. */
export const stopGradient = operation(stopRule, (x: TensorLike) => apply(stopRule, [tensor(x)]));
