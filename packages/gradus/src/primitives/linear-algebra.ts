import { allocate, type Data } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Implicit } from "../ir/primitive.ts";
import { ShapeError, showShape } from "../ir/shape.ts";
import { mul, neg } from "./arithmetic.ts";
import { matmul, trace } from "./contraction.ts";
import {
  apply,
  cast,
  type Operation,
  operation,
  promote,
  type TensorLike,
  tensor,
  type Unary,
} from "./define.ts";
import { transpose } from "./structure.ts";

export class SingularMatrixError extends Error {
  override name = "SingularMatrixError";
}

/** LU with partial pivoting of an n×n block, in place; returns the sign of the permutation, or 0 if singular. */
function factor(m: Float64Array, n: number, order: Int32Array): number {
  let sign = 1;
  for (let i = 0; i < n; i++) order[i] = i;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(m[i * n + k]) > Math.abs(m[pivot * n + k])) pivot = i;
    if (m[pivot * n + k] === 0) return 0;
    if (pivot !== k) {
      for (let j = 0; j < n; j++) [m[k * n + j], m[pivot * n + j]] = [m[pivot * n + j], m[k * n + j]];
      [order[k], order[pivot]] = [order[pivot], order[k]];
      sign = -sign;
    }
    for (let i = k + 1; i < n; i++) {
      const ratio = m[i * n + k] / m[k * n + k];
      m[i * n + k] = ratio;
      for (let j = k + 1; j < n; j++) m[i * n + j] -= ratio * m[k * n + j];
    }
  }
  return sign;
}

/** Writes the inverse of a factored block into `out` at `offset`. */
function invert(lu: Float64Array, n: number, order: Int32Array, out: Data, offset: number): void {
  const column = new Float64Array(n);
  for (let c = 0; c < n; c++) {
    for (let i = 0; i < n; i++) {
      let value = order[i] === c ? 1 : 0;
      for (let j = 0; j < i; j++) value -= lu[i * n + j] * column[j];
      column[i] = value;
    }
    for (let i = n - 1; i >= 0; i--) {
      let value = column[i];
      for (let j = i + 1; j < n; j++) value -= lu[i * n + j] * column[j];
      column[i] = value / lu[i * n + i];
    }
    for (let i = 0; i < n; i++) out[offset + i * n + c] = column[i];
  }
}

function forEachBlock(x: Data, n: number, visit: (block: Float64Array, index: number) => void): void {
  const size = n * n;
  for (let i = 0; size > 0 && i < x.length / size; i++)
    visit(Float64Array.from(x.subarray(i * size, (i + 1) * size)), i);
}

function square(name: string, x: Node): number {
  const n = x.shape[x.rank - 1];
  if (x.rank < 2 || x.shape[x.rank - 2] !== n) {
    throw new ShapeError(`${name}: expected a square matrix, got shape ${showShape(x.shape)}`);
  }
  return n;
}

const lastTwoSwapped = (x: Node) => [...x.shape.map((_, i) => i).slice(0, -2), x.rank - 1, x.rank - 2];

/** The transposes of the matrices in the last two axes. */
export function matrixTranspose(x: TensorLike): Node {
  const t = tensor(x);
  return t.rank < 2 ? t : transpose(t, lastTwoSwapped(t));
}

const inverseRule: Implicit = {
  family: "implicit",
  name: "inverse",
  notation: { form: "special", text: "inv", latex: "^{-1}" },
  pointwise: false,
  infer: ([x]) => {
    square("inverse", x);
    return { shape: x.shape, dtype: x.dtype };
  },
  evaluate: ([x], node) => {
    const n = node.shape[node.rank - 1];
    const out = allocate(node.dtype, node.size);
    const order = new Int32Array(n);
    forEachBlock(x, n, (block, i) => {
      if (factor(block, n, order) === 0)
        throw new SingularMatrixError("inverse: the matrix is singular: it has no inverse");
      invert(block, n, order, out, i * n * n);
    });
    return out;
  },
  // d(X⁻¹) = −X⁻¹ dX X⁻¹.
  tangent: (_, y, [dx]) => dx && neg(matmul(y, matmul(dx, y))),
  batch: ([x]) => apply(inverseRule, [x]),
};

/** The inverse of the square matrices in the last two axes. */
export const inverse: Operation<Unary, Implicit> = operation(inverseRule, (x: TensorLike) =>
  apply(inverseRule, [float(x)]),
);

const detRule: Implicit = {
  family: "implicit",
  name: "det",
  notation: { form: "function", text: "det", latex: "\\det" },
  pointwise: false,
  infer: ([x]) => {
    square("det", x);
    return { shape: x.shape.slice(0, -2), dtype: x.dtype };
  },
  evaluate: ([x], node) => {
    const n = square("det", node.inputs[0]);
    const out = allocate(node.dtype, node.size).fill(1);
    const order = new Int32Array(n);
    forEachBlock(x, n, (block, i) => {
      let value = factor(block, n, order);
      for (let k = 0; value !== 0 && k < n; k++) value *= block[k * n + k];
      out[i] = value;
    });
    return out;
  },
  // Jacobi's formula: d det X = det X · tr(X⁻¹ dX). Needs X to be invertible.
  tangent: ([x], y, [dx]) => dx && mul(y, trace(matmul(inverse(x), dx))),
  batch: ([x]) => apply(detRule, [x]),
};

/** The determinant of the square matrices in the last two axes. */
export const det: Operation<Unary, Implicit> = operation(detRule, (x: TensorLike) =>
  apply(detRule, [float(x)]),
);

function float(x: TensorLike): Node {
  const t = tensor(x);
  return cast(t, promote([t], true));
}
