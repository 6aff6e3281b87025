import { allocate } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Flat, Implicit } from "../ir/primitive.ts";
import { neg } from "./arithmetic.ts";
import { matmul } from "./contraction.ts";
import { apply, flat, type Operation, operation, type TensorLike, type Unary } from "./define.ts";
import { factorLu, solveTriangle, type Triangle } from "./kernels/factorization.ts";
import { float, forEachBlock, SingularMatrixError, square, whichMatrix } from "./matrix.ts";

// --- LU, kept beside the matrix so that a solve and its derivatives factorize once ---

const luRule: Flat = flat({
  name: "lu",
  notation: { form: "function", text: "lu", latex: "\\operatorname{lu}", arguments: 1 },
  pointwise: false,
  infer: ([x]) => {
    const n = square("lu", x);
    return { shape: [...x.shape.slice(0, -2), n + 1, n], dtype: "f64" };
  },
  evaluate: ([x], node) => {
    const n = node.shape[node.rank - 1];
    const out = new Float64Array(node.size);
    forEachBlock(x, n * n, (block, i) => {
      const order = new Float64Array(n);
      factorLu(block, n, order);
      out.set(block, i * (n + 1) * n);
      out.set(order, i * (n + 1) * n + n * n);
    });
    return out;
  },
  constantOn: () => false,
  batch: ([x]) => factorsOf(x),
});

/** L and U in one matrix, the order of the rows below them. Its derivative is the business of whoever reads it. */
export function factorsOf(x: Node): Node {
  return apply(luRule, [x]);
}

export function refuseSingular(name: string, x: Node, index: number, pivot: number, cause = "is 0"): never {
  throw new SingularMatrixError(
    `${name}: the matrix is singular: pivot ${pivot + 1} of ${x.shape[x.rank - 1]} ${cause} (${whichMatrix(x, index)}); ` +
      "add a small multiple of the identity, or use lstsq on columns that are independent",
  );
}

/** Reads a factored block and refuses it where a pivot is zero. */
export function solveFactored(
  name: string,
  f: Float64Array,
  at: { matrix: Node; index: number },
  rightSide: Float64Array,
  k: number,
  transposed: boolean,
): Float64Array {
  const n = at.matrix.shape[at.matrix.rank - 1];
  for (let i = 0; i < n; i++) if (f[i * n + i] === 0) refuseSingular(name, at.matrix, at.index, i);
  const lower: Triangle = { lower: true, transposed, unit: true };
  const upper: Triangle = { lower: false, transposed, unit: false };
  const x = transposed ? rightSide.slice() : new Float64Array(n * k);
  const move = (from: Float64Array, to: Float64Array) => {
    for (let i = 0; i < n; i++) {
      const [a, b] = transposed ? [i, f[n * n + i]] : [f[n * n + i], i];
      for (let c = 0; c < k; c++) to[b * k + c] = from[a * k + c];
    }
  };
  if (!transposed) move(rightSide, x);
  for (const part of transposed ? [upper, lower] : [lower, upper]) solveTriangle(f, 0, n, x, 0, k, part);
  if (!transposed) return x;
  const out = new Float64Array(n * k);
  move(x, out);
  return out;
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
    const one = new Float64Array(n * n);
    for (let i = 0; i < n; i++) one[i * n + i] = 1;
    forEachBlock(x, n * n, (block, index) => {
      const factors = new Float64Array(n * (n + 1));
      factors.set(block);
      factorLu(factors, n, factors.subarray(n * n));
      const at = { matrix: node.inputs[0], index };
      out.set(solveFactored("inverse", factors, at, one, n, false), index * n * n);
    });
    return out;
  },
  // d(X⁻¹) = −X⁻¹ dX X⁻¹.
  tangent: (_, y, [dx]) => dx && neg(matmul(y, matmul(dx, y))),
  batch: ([x]) => apply(inverseRule, [x]),
};

/** The inverse of the square matrices in the last two axes. Throws SingularMatrixError where a pivot is 0. */
export const inverse: Operation<Unary, Implicit> = operation(inverseRule, (x: TensorLike) =>
  apply(inverseRule, [float(x)]),
);
