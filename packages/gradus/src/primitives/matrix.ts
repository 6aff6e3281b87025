import { allocate, type Data } from "../ir/dtype.ts";
import { constant, type Node } from "../ir/node.ts";
import { ShapeError, showShape, sizeOf } from "../ir/shape.ts";
import { broadcastTo, cast, promote, type TensorLike, tensor } from "./define.ts";
import { transpose, where, zerosLike } from "./structure.ts";

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

/** x where `keep` says so of its row and column, else 0. */
function triangle(x: Node, keep: (row: number, column: number) => boolean): Node {
  const [rows, columns] = x.shape.slice(-2);
  const mask = allocate("bool", rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mask[i * columns + j] = Number(keep(i, j));
  return where(constant(mask, [rows, columns], "bool"), x, zerosLike(x));
}

/** The lower triangle, zeros above; the diagonal moved up by `offset` (down where negative), as in NumPy. */
export function tril(x: TensorLike, offset = 0): Node {
  return triangle(atLeastMatrix("tril", tensor(x)), (i, j) => j <= i + offset);
}

/** The upper triangle, zeros below; the diagonal moved up by `offset`. */
export function triu(x: TensorLike, offset = 0): Node {
  return triangle(atLeastMatrix("triu", tensor(x)), (i, j) => j >= i + offset);
}

/** x on the diagonal of a square matrix. */
export function onDiagonal(x: Node): Node {
  const n = x.shape[x.rank - 1];
  return triangle(broadcastTo(asColumn(x), [...x.shape, n]), (i, j) => i === j);
}

/** Vectors as matrices of one column. */
export function asColumn(x: Node): Node {
  return x.reshape([...x.shape, 1]);
}
