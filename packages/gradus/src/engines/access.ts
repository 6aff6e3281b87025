import type { Node } from "../ir/node.ts";
import { type Shape, sizeOf, stridesOf } from "../ir/shape.ts";

/*
 * How a loop reads a tensor: each index is affine in the loop's counters, so that slices, transposes, broadcasts and
 * reversals are never copied: they only change the coefficients.
 */

/** at + Σ by[d]·i_d over the counters of the loops. */
export interface Affine {
  readonly at: number;
  readonly by: readonly number[];
}

/** An index into a tensor of `shape`, one number for each axis; any tensor with the same flat order may be read by it. */
export interface Access {
  readonly shape: Shape;
  readonly axes: readonly Affine[];
}

/** Where a part has its own elements: 0 ≤ index < limit. */
export interface Guard {
  readonly index: Affine;
  readonly limit: number;
}

/** An operand of a view, where it is seen, and under which condition. Where no part is, there are zeros. */
export interface Part {
  readonly node: Node;
  readonly access: Access;
  readonly guards: readonly Guard[];
}

const fixed = (at: number, depth: number): Affine => ({ at, by: new Array<number>(depth).fill(0) });
const scaled = (a: Affine, factor: number): Affine => ({
  at: a.at * factor,
  by: a.by.map((b) => b * factor),
});
const moved = (a: Affine, by: number): Affine => (by === 0 ? a : { at: a.at + by, by: a.by });
const plus = (a: Affine, b: Affine): Affine => ({ at: a.at + b.at, by: a.by.map((v, d) => v + b.by[d]) });

/** Axes of size 1 need no loop. */
export const loopShape = (shape: Shape): Shape => shape.filter((d) => d !== 1);

/** Each counter of the loops over `shape` is an index. */
export function ownAccess(shape: Shape): Access {
  const depth = loopShape(shape).length;
  let next = 0;
  const axes = shape.map((d) => {
    const by = new Array<number>(depth).fill(0);
    if (d !== 1) by[next++] = 1;
    return { at: 0, by };
  });
  return { shape, axes };
}

/** The place in row-major storage. */
export function flatIndex({ shape, axes }: Access, depth: number): Affine {
  const strides = stridesOf(shape);
  return axes.reduce((sum, a, i) => plus(sum, scaled(a, strides[i])), fixed(0, depth));
}

/** The least and the greatest value over the loops. */
export function rangeOf({ at, by }: Affine, dims: Shape): [number, number] {
  let [lo, hi] = [at, at];
  by.forEach((b, d) => {
    if (b > 0) hi += b * (dims[d] - 1);
    else lo += b * (dims[d] - 1);
  });
  return [lo, hi];
}

/** The same element's index under another shape, where that is affine too. */
function reshaped(access: Access, shape: Shape, dims: Shape): Access | undefined {
  const { shape: from } = access;
  if (from.length === shape.length && from.every((d, i) => d === shape[i])) return access;
  const wide = from.map((d, i) => ({ d, axis: access.axes[i] })).filter(({ d }) => d !== 1);
  const target = loopShape(shape);
  const found: Affine[] = [];
  let i = 0;
  for (let j = 0; j < target.length; ) {
    const [i0, j0] = [i, j];
    let [a, b] = [wide[i++].d, target[j++]];
    while (a !== b) {
      if (a < b) a *= wide[i++].d;
      else b *= target[j++];
    }
    const group = wide.slice(i0, i);
    if (i - i0 === 1 && j - j0 === 1) found.push(group[0].axis);
    else {
      const part = { shape: group.map((g) => g.d), axes: group.map((g) => g.axis) };
      const pieces = split(flatIndex(part, dims.length), target.slice(j0, j), dims);
      if (!pieces) return undefined;
      found.push(...pieces);
    }
  }
  let next = 0;
  return { shape, axes: shape.map((d) => (d === 1 ? fixed(0, dims.length) : found[next++])) };
}

/** A flat index as one index for each axis, where each counter moves along one of them and stays inside it. */
function split(flat: Affine, shape: Shape, dims: Shape): Affine[] | undefined {
  if (shape.length === 1) return [flat];
  const strides = stridesOf(shape);
  let rest = flat.at;
  const axes = strides.map((stride) => {
    const at = Math.floor(rest / stride);
    rest -= at * stride;
    return { at, by: new Array<number>(dims.length).fill(0) };
  });
  for (let d = 0; d < dims.length; d++) {
    if (flat.by[d] === 0) continue;
    const k = strides.findIndex((s) => flat.by[d] % s === 0);
    axes[k].by[d] = flat.by[d] / strides[k];
  }
  const inside = axes.every((a, k) => {
    const [lo, hi] = rangeOf(a, dims);
    return lo >= 0 && hi < shape[k];
  });
  return inside ? axes : undefined;
}

interface ViewParams {
  readonly permutation: readonly number[];
  readonly start: readonly number[];
  readonly stride: readonly number[];
  readonly axes: readonly number[];
  readonly axis: number;
  readonly low: readonly number[];
  readonly interior: readonly number[];
}

/** More would make long code of a short loop. */
const MOST_PARTS = 8;

/** Whether it holds the same numbers in the same order. */
export function isAlias({ primitive: { name } }: Node): boolean {
  return name === "reshape" || name === "stop_gradient";
}

/** The node that has the numbers. */
export function sourceOf(node: Node): Node {
  let at = node;
  while (isAlias(at)) at = at.inputs[0];
  return at;
}

/** Whether a node only says how others are read. */
export function isView(node: Node): boolean {
  switch (node.primitive.name) {
    case "reshape":
    case "stop_gradient":
    case "broadcast":
    case "transpose":
    case "slice":
    case "reverse":
      return true;
    case "pad":
      return node.inputs[0].shape.every((d, i) => d === 1 || (node.params as ViewParams).interior[i] === 0);
    case "concatenate":
      return node.inputs.length <= MOST_PARTS;
    default:
      return false;
  }
}

/** What is read where a view is read by `access`, in loops over `dims`; undefined where that is not affine. */
export function throughView(node: Node, access: Access, dims: Shape): readonly Part[] | undefined {
  const [x] = node.inputs;
  if (isAlias(node)) return [{ node: x, access, guards: [] }];
  const own = reshaped(access, node.shape, dims);
  if (!own) return undefined;
  const p = node.params as ViewParams;
  const { shape } = x;
  const read = (axes: readonly Affine[]) => [{ node: x, access: { shape, axes }, guards: [] }];
  switch (node.primitive.name) {
    case "broadcast": {
      const lead = node.rank - shape.length;
      return read(shape.map((d, i) => (d === 1 ? fixed(0, dims.length) : own.axes[lead + i])));
    }
    case "transpose": {
      const axes = new Array<Affine>(node.rank);
      p.permutation.forEach((from, i) => {
        axes[from] = own.axes[i];
      });
      return read(axes);
    }
    case "slice":
      return read(own.axes.map((a, i) => moved(scaled(a, p.stride[i]), p.start[i])));
    case "reverse":
      return read(own.axes.map((a, i) => (p.axes.includes(i) ? moved(scaled(a, -1), shape[i] - 1) : a)));
    case "pad":
      return padded(own, p, x);
    default:
      return joined(node, own, p.axis);
  }
}

function padded(own: Access, p: ViewParams, node: Node): Part[] {
  const guards: Guard[] = [];
  const axes = node.shape.map((limit, i) => {
    const index = moved(own.axes[i], -p.low[i]);
    if (own.shape[i] !== limit) guards.push({ index, limit });
    return limit === 1 ? fixed(0, index.by.length) : index;
  });
  return [{ node, access: { shape: node.shape, axes }, guards }];
}

function joined(view: Node, own: Access, axis: number): Part[] {
  let from = 0;
  return view.inputs.map((node, k) => {
    const index = moved(own.axes[axis], -from);
    const limit = node.shape[axis];
    from += limit;
    const axes = own.axes.map((a, i) => (i !== axis ? a : limit === 1 ? fixed(0, a.by.length) : index));
    // The last one has what is left.
    const guards = k === view.inputs.length - 1 ? [] : [{ index, limit }];
    return { node, access: { shape: node.shape, axes }, guards };
  });
}

/** Equal for accesses that read the same element. */
export function accessKey(access: Access, depth: number): string {
  const { at, by } = flatIndex(access, depth);
  return `${at};${by.join()}`;
}

/** Whether it reads a tensor of `shape` in its own order, once. */
export function isOwn(access: Access, shape: Shape, dims: Shape): boolean {
  if (sizeOf(dims) !== sizeOf(shape)) return false;
  const { at, by } = flatIndex(access, dims.length);
  const strides = stridesOf(dims);
  return at === 0 && by.every((b, d) => b === strides[d]);
}

/** Whether each step of the first loop reads only in the part of a tensor that belongs to it: a row of the first axis. */
export function inOwnRow(access: Access, size: number, dims: Shape): boolean {
  const row = size / dims[0];
  const { at, by } = flatIndex(access, dims.length);
  const [lo, hi] = rangeOf({ at, by: [0, ...by.slice(1)] }, dims);
  return by[0] === row && lo >= 0 && hi < row;
}

/** For each loop over the operand, whether it is summed over. */
export function reducedDims(node: Node): boolean[] {
  const { axes } = node.params as { axes: readonly number[] };
  const { shape } = node.inputs[0];
  return shape.map((_, i) => axes.includes(i)).filter((_, i) => shape[i] !== 1);
}

/** Where a sum goes, by the counters of the loops over its operand. */
export function cellOf(node: Node, reduced: readonly boolean[]): Affine {
  const dims = loopShape(node.inputs[0].shape);
  const strides = stridesOf(dims.filter((_, d) => !reduced[d]));
  let next = 0;
  return { at: 0, by: dims.map((_, d) => (reduced[d] ? 0 : strides[next++])) };
}
