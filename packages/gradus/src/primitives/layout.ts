import { allocate, type Data } from "../ir/dtype.ts";
import { type Shape, sizeOf, stridesOf } from "../ir/shape.ts";

/** Copies a strided view of `source` into a row-major buffer of `shape`. Stride 0 repeats. */
export function strided(
  source: Data,
  dtype: Parameters<typeof allocate>[0],
  shape: Shape,
  strides: readonly number[],
  offset = 0,
  out = allocate(dtype, sizeOf(shape)),
) {
  const size = out.length;
  if (size === 0) return out;
  const rank = shape.length;
  if (rank === 0) {
    out[0] = source[offset];
    return out;
  }
  if (isRowMajor(shape, strides)) {
    out.set(source.subarray(offset, offset + size) as never);
    return out;
  }
  const last = shape[rank - 1];
  const step = strides[rank - 1];
  const index = new Array<number>(rank - 1).fill(0);
  let at = offset;
  for (let i = 0; i < size; ) {
    for (let j = 0, s = at; j < last; j++, s += step) out[i++] = source[s];
    for (let d = rank - 2; d >= 0; d--) {
      at += strides[d];
      if (++index[d] < shape[d]) break;
      at -= index[d] * strides[d];
      index[d] = 0;
    }
  }
  return out;
}

/** Whether the strides visit the elements one after the other, as they lie. */
export function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  const own = stridesOf(shape);
  return shape.every((d, i) => d === 1 || strides[i] === own[i]);
}

/** Strides that read `from` as if it had been broadcast to `to`. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : own[i - lead]));
}

/** Sizes before, at and after an axis. */
export function aroundAxis(shape: Shape, axis: number): { outer: number; n: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), n: shape[axis], inner: sizeOf(shape.slice(axis + 1)) };
}

const wide = new WeakMap<object, Float64Array>();

/** Where sums of f32 are made, in f64: kept with the node or the result that they are for, and used again. */
export function wideFor(owner: object, size: number): Float64Array {
  let found = wide.get(owner);
  if (found?.length !== size) {
    found = new Float64Array(size);
    wide.set(owner, found);
  }
  return found;
}
