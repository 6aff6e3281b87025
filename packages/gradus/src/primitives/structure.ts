import { allocate, type Data, type DType, isFloat } from "../ir/dtype.ts";
import { constant, Node } from "../ir/node.ts";
import type { Flat, Linear } from "../ir/primitive.ts";
import {
  broadcastShapes,
  checkShape,
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
  provideConversions,
  type TensorLike,
  tensor,
} from "./define.ts";
import { broadcastStrides, strided } from "./layout.ts";
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
  evaluate: ([x], node, out) =>
    strided(x, node.dtype, node.shape, broadcastStrides(node.inputs[0].shape, node.shape), 0, out),
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
    return [null, masked(mask, ct, zero), masked(mask, zero, ct)];
  },
});

/** a where the mask is true, else b. What is masked out passes no gradient, not even NaN. */
export const where = operation(selectRule, (mask: TensorLike, a: TensorLike, b: TensorLike) => {
  const m = tensor(mask);
  return apply(selectRule, [m, tensor(a), tensor(b)]);
});

/** As `where`, but never evaluated on the spot: what the mask has made zero must stay known as such. */
export function masked(mask: Node, a: Node, b: Node): Node {
  return new Node(selectRule, [mask, a, b], {}, { shape: a.shape, dtype: a.dtype });
}

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
