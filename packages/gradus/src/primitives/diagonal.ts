import { allocate } from "../ir/dtype.ts";
import type { Linear } from "../ir/primitive.ts";
import { normalizeAxis, ShapeError, showShape } from "../ir/shape.ts";
import { apply, linear, operation, type TensorLike, tensor } from "./define.ts";
import { moveAxis } from "./structure.ts";

/** The diagonals of the square matrices in the last two axes. */
const diagonalRule: Linear = linear({
  name: "diagonal",
  notation: { form: "function", text: "diag", latex: "\\operatorname{diag}" },
  parameters: [],
  pointwise: false,
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  evaluate: ([x], node) => {
    const n = node.shape[node.rank - 1];
    const out = allocate(node.dtype, node.size);
    for (let i = 0; i < out.length; i++) out[i] = x[Math.floor(i / n) * n * n + (i % n) * (n + 1)];
    return out;
  },
  transpose: (ct) => [diagonalMatrix(ct)],
  batch: ([x]) => apply(diagonalRule, [x]),
});

const diagonalMatrixRule: Linear = linear({
  name: "diagonal_matrix",
  notation: { form: "function", text: "diag", latex: "\\operatorname{diag}" },
  parameters: [],
  pointwise: false,
  infer: ([x]) => ({ shape: [...x.shape, x.shape[x.rank - 1]], dtype: x.dtype }),
  evaluate: ([x], node) => {
    const n = node.shape[node.rank - 1];
    const out = allocate(node.dtype, node.size);
    for (let i = 0; i < x.length; i++) out[Math.floor(i / n) * n * n + (i % n) * (n + 1)] = x[i];
    return out;
  },
  transpose: (ct) => [apply(diagonalRule, [ct])],
  batch: ([x]) => apply(diagonalMatrixRule, [x]),
});

/** The diagonal over two axes, put last; the last two unless told. */
export const diagonal = operation(diagonalRule, (x: TensorLike, axis1 = -2, axis2 = -1) => {
  const t = tensor(x);
  const i = normalizeAxis("diagonal", axis1, t.rank);
  const j = normalizeAxis("diagonal", axis2, t.rank);
  if (i === j || t.shape[i] !== t.shape[j]) {
    throw new ShapeError(
      `diagonal: axes ${axis1} and ${axis2} of ${showShape(t.shape)} must be two of equal size`,
    );
  }
  const [low, high] = i < j ? [i, j] : [j, i];
  return apply(diagonalRule, [moveAxis(moveAxis(t, high, t.rank - 1), low, t.rank - 2)]);
});

/** The matrix with a vector on its diagonal; for the vectors in the last axis. */
export const diagonalMatrix = operation(diagonalMatrixRule, (x: TensorLike) => {
  const t = tensor(x);
  if (t.rank === 0) throw new ShapeError("diagonalMatrix: a number has no axis: give a vector");
  return apply(diagonalMatrixRule, [t]);
});
