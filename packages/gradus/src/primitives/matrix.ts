import { allocate, type Data } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Linear } from "../ir/primitive.ts";
import { ShapeError, showShape, sizeOf } from "../ir/shape.ts";
import { apply, broadcastTo, cast, linear, operation, promote, type TensorLike, tensor } from "./define.ts";
import { diagonalMatrix } from "./diagonal.ts";
import { ones, reshape, transpose } from "./structure.ts";

/*
 * What the operations on matrices share: a matrix stands in the last two axes, the axes before them are a batch.
 */

/** The matrix has no inverse, or an equation with it no single solution. */
export class SingularMatrixError extends Error {
  override name = "SingularMatrixError";
}

/** The matrix lacks what a factorization needs: symmetry, or a positive spectrum. */
export class MatrixError extends Error {
  override name = "MatrixError";
}

/** A tensor of floats. */
export function float(x: TensorLike): Node {
  const t = tensor(x);
  return cast(t, promote([t], true));
}

/** Tensors of one float dtype. */
export function floats(...x: readonly TensorLike[]): Node[] {
  const nodes = x.map((v) => tensor(v));
  const dtype = promote(nodes, true);
  return nodes.map((t) => cast(t, dtype));
}

export function atLeastMatrix(name: string, x: Node): Node {
  if (x.rank < 2)
    throw new ShapeError(`${name}: expected a matrix (rank 2 or more), got shape ${showShape(x.shape)}`);
  return x;
}

/** The size of the square matrices in the last two axes. */
export function square(name: string, x: Node): number {
  const n = x.shape[x.rank - 1];
  if (x.rank < 2 || x.shape[x.rank - 2] !== n) {
    throw new ShapeError(`${name}: expected a square matrix, got shape ${showShape(x.shape)}`);
  }
  return n;
}

/** Calls `visit` with a copy of each block of `size` numbers, as f64, and its place in the batch. */
export function forEachBlock(
  x: Data,
  size: number,
  visit: (block: Float64Array, index: number) => void,
): void {
  for (let i = 0; size > 0 && i < x.length / size; i++)
    visit(Float64Array.from(x.subarray(i * size, (i + 1) * size)), i);
}

/** Which matrix of a batch an error is about. */
export function whichMatrix(x: Node, index: number): string {
  const count = sizeOf(x.shape.slice(0, -2));
  return `shape ${showShape(x.shape)}${count > 1 ? `, matrix ${index + 1} of ${count}` : ""}`;
}

/** The transposes of the matrices in the last two axes. */
export function matrixTranspose(x: TensorLike): Node {
  const t = tensor(x);
  if (t.rank < 2) return t;
  return transpose(t, [...t.shape.map((_, i) => i).slice(0, -2), t.rank - 1, t.rank - 2]);
}

interface TriangleParams {
  readonly lower: boolean;
  readonly offset: number;
}

const triangleRule: Linear = linear<TriangleParams>({
  name: "triangle",
  notation: { form: "special", text: "triangle" },
  parameters: [],
  pointwise: false,
  infer: ([x]) => x,
  evaluate: ([x], node) => {
    const { lower, offset } = node.params as TriangleParams;
    const [rows, columns] = node.shape.slice(-2);
    const out = allocate(node.dtype, node.size);
    for (let i = 0; i < out.length; i++) {
      const beyond = (i % columns) - (Math.floor(i / columns) % rows) - offset;
      if (lower ? beyond <= 0 : beyond >= 0) out[i] = x[i];
    }
    return out;
  },
  transpose: (ct, node) => [apply(triangleRule, [ct], node.params)],
  batch: ([x], _, node) => apply(triangleRule, [x], node.params),
});

/** The lower triangle, zeros above; the diagonal moved up by `offset` (down where negative), as in NumPy. */
export const tril = operation(
  triangleRule,
  (x: TensorLike, offset = 0): Node => triangle("tril", x, true, offset),
);

/** The upper triangle, zeros below; the diagonal moved up by `offset` (down where negative). */
export const triu = operation(
  triangleRule,
  (x: TensorLike, offset = 0): Node => triangle("triu", x, false, offset),
);

function triangle(name: string, x: TensorLike, lower: boolean, offset: number): Node {
  if (!Number.isInteger(offset))
    throw new RangeError(`${name}: offset must be a whole number; got ${offset}`);
  return apply(triangleRule, [atLeastMatrix(name, tensor(x))], { lower, offset });
}

/** The identity in the shape of x. */
export function identityLike(x: Node): Node {
  return broadcastTo(diagonalMatrix(ones([x.shape[x.rank - 1]], x.dtype)), x.shape);
}

/** Vectors as matrices of one column. */
export function asColumn(x: Node): Node {
  return reshape(x, [...x.shape, 1]);
}
