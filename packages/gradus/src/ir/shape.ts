/** Shapes are row-major, as in NumPy; rank 0 is a scalar. */
export type Shape = readonly number[];

export const SCALAR: Shape = [];

export class ShapeError extends Error {
  override name = "ShapeError";
}

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const d of shape) size *= d;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** NumPy's rule: shapes are aligned at the right; sizes must agree or be 1. */
export function broadcastShapes(operation: string, shapes: readonly Shape[]): Shape {
  let result: Shape = SCALAR;
  for (const shape of shapes) {
    if (sameShape(result, shape)) continue;
    const rank = Math.max(result.length, shape.length);
    const merged = new Array<number>(rank);
    for (let i = 1; i <= rank; i++) {
      const a = result[result.length - i] ?? 1;
      const b = shape[shape.length - i] ?? 1;
      if (a !== b && a !== 1 && b !== 1) throw broadcastFailure(operation, shapes);
      merged[rank - i] = a === 1 ? b : a;
    }
    result = merged;
  }
  return result;
}

function broadcastFailure(operation: string, shapes: readonly Shape[]): ShapeError {
  const list = shapes.map(showShape).join(" and ");
  return new ShapeError(
    `${operation}: shapes ${list} do not broadcast: counted from the right, sizes must be equal or 1; reshape one of them`,
  );
}

/** Turns a negative axis into its place from the left and checks the range. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || at < 0 || at >= rank) {
    const range = rank === 0 ? "a scalar has no axes" : `expected ${-rank} to ${rank - 1}`;
    throw new ShapeError(`${operation}: axis ${axis} of a tensor of rank ${rank}: ${range}`);
  }
  return at;
}

/** All axes when none is named; otherwise sorted, without repeats. */
export function normalizeAxes(operation: string, axes: number | readonly number[] | undefined, rank: number) {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((a) => normalizeAxis(operation, a, rank));
  if (new Set(list).size !== list.length)
    throw new ShapeError(`${operation}: an axis is named twice in [${axes}]`);
  return list.sort((a, b) => a - b);
}

/** Checks a shape given by a caller: non-negative whole numbers. */
export function checkShape(operation: string, shape: Shape): Shape {
  for (const d of shape) {
    if (!Number.isInteger(d) || d < 0) {
      throw new ShapeError(
        `${operation}: ${showShape(shape)} is not a shape: expected whole numbers from 0 on`,
      );
    }
  }
  return shape;
}
