import { allocate, type Data } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Flat, Implicit } from "../ir/primitive.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { greater } from "./comparison.ts";
import { matmul } from "./contraction.ts";
import { apply, flat, formula2, type Operation, operation, type TensorLike, type Unary } from "./define.ts";
import { eigenSymmetric } from "./kernels/eigen.ts";
import { factorCholesky, factorQ, rescale } from "./kernels/factorization.ts";
import {
  atLeastMatrix,
  float,
  forEachBlock,
  identityLike,
  MatrixError,
  matrixTranspose,
  square,
  tril,
  triu,
  whichMatrix,
} from "./matrix.ts";
import { sum } from "./reduction.ts";
import { slice } from "./slicing.ts";
import { triangular, withColumns } from "./solving.ts";
import { reshape, where } from "./structure.ts";

const EPSILON = { f64: 2 ** -52, f32: 2 ** -23 } as const;
const epsilonOf = (x: Node): number => EPSILON[x.dtype as "f64" | "f32"];

// --- symmetric matrices ---

const symmetricPart = (x: Node): Node => div(add(x, matrixTranspose(x)), 2);

/** Makes a block symmetric to the last bit; refuses one that is not symmetric to rounding. */
function checkSymmetric(name: string, block: Float64Array, n: number, x: Node, index: number): void {
  let largest = 0;
  for (const value of block) largest = Math.max(largest, Math.abs(value));
  const bound = Math.sqrt(epsilonOf(x)) * largest;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [block[i * n + j], block[j * n + i]];
      if (Math.abs(a - b) > bound) {
        throw new MatrixError(
          `${name}: expected a symmetric matrix, but entries [${i}, ${j}] = ${a} and [${j}, ${i}] = ${b} differ ` +
            `(${whichMatrix(x, index)}); take (A + A^T)/2`,
        );
      }
      block[i * n + j] = block[j * n + i] = (a + b) / 2;
    }
  }
}

const choleskyRule: Implicit = {
  family: "implicit",
  name: "cholesky",
  notation: { form: "function", text: "cholesky", latex: "\\operatorname{cholesky}" },
  pointwise: false,
  infer: ([x]) => {
    square("cholesky", x);
    return x;
  },
  evaluate: ([x], node) => {
    const n = node.shape[node.rank - 1];
    const out = allocate(node.dtype, node.size);
    forEachBlock(x, n * n, (block, i) => {
      checkSymmetric("cholesky", block, n, node.inputs[0], i);
      const failed = factorCholesky(block, n);
      if (failed >= 0) {
        throw new MatrixError(
          `cholesky: the matrix is not positive definite: its leading ${failed + 1}×${failed + 1} part fails ` +
            `(${whichMatrix(node.inputs[0], i)}); add a small multiple of the identity`,
        );
      }
      out.set(block, i * n * n);
    });
    return out;
  },
  // dL = L Φ(L⁻¹ dA L⁻⊤), Φ the lower triangle with half the diagonal (Murray 2016).
  tangent: (_, y, [da]) => {
    if (!da) return null;
    const half = triangular(y, matrixTranspose(triangular(y, symmetricPart(da), FACTOR)), FACTOR);
    return matmul(y, div(add(tril(half), tril(half, -1)), 2));
  },
  batch: ([x]) => apply(choleskyRule, [x]),
};

const FACTOR = { lower: true, transposed: false, unit: false, of: "cholesky", tolerance: 0 } as const;

/**
 * The lower triangular L with L L⊤ = A, for symmetric positive definite matrices in the last two axes. Throws
 * MatrixError where A is not symmetric to rounding, or not positive definite. The gradient is symmetric.
 */
export const cholesky: Operation<Unary, Implicit> = operation(choleskyRule, (x: TensorLike) =>
  apply(choleskyRule, [float(x)]),
);

/** Eigenvalues in the first row, eigenvectors as columns below: what both results of `eigh` read. */
const eigenRule: Flat = flat({
  name: "eigen",
  notation: { form: "special", text: "eigen" },
  pointwise: false,
  infer: ([x]) => {
    const n = square("eigh", x);
    return { shape: [...x.shape.slice(0, -2), n + 1, n], dtype: x.dtype };
  },
  evaluate: ([x], node) => {
    const n = node.shape[node.rank - 1];
    const out = allocate(node.dtype, node.size);
    const values = new Float64Array(n);
    forEachBlock(x, n * n, (block, i) => {
      checkSymmetric("eigh", block, n, node.inputs[0], i);
      const [start, scale] = [i * n * (n + 1), rescale(block)];
      if (Number.isNaN(scale)) {
        out.fill(Number.NaN, start, start + n * (n + 1));
        return;
      }
      if (!eigenSymmetric(block, values, n))
        throw new MatrixError(`eigh: no convergence (${whichMatrix(node.inputs[0], i)})`);
      out.set(
        values.map((v) => v * scale),
        start,
      );
      out.set(block, start + n);
    });
    return out;
  },
  constantOn: () => false,
  batch: ([x]) => apply(eigenRule, [x]),
});

/** Copies rows `from` to `to` of each block of a factorization with n columns. */
function rowsOf(factors: Data, node: Node, n: number, from: number, to: number): Data {
  const out = allocate(node.dtype, node.size);
  const [whole, part] = [n * (n + 1), n * (to - from)];
  for (let i = 0; part > 0 && i < out.length / part; i++)
    out.set(factors.subarray(i * whole + from * n, i * whole + to * n) as Float64Array, i * part);
  return out;
}

const valuesRule: Implicit = {
  family: "implicit",
  name: "eigenvalues",
  notation: { form: "special", text: "eigenvalues", latex: "\\operatorname{eigenvalues}", arguments: 1 },
  pointwise: false,
  infer: ([x]) => ({ shape: x.shape.slice(0, -1), dtype: x.dtype }),
  evaluate: ([, factors], node) => rowsOf(factors, node, node.shape[node.rank - 1], 0, 1),
  // dλ = diag(V⊤ dA V).
  tangent: ([a, factors], _, [da]) => {
    const v = apply(vectorsRule, [a, factors]);
    return da && sum(mul(v, matmul(symmetricPart(da), v)), { axis: -2 });
  },
  closed: ([a, factors]) => rayleigh(a, apply(vectorsRule, [a, factors])),
  batch: ([x, factors]) => apply(valuesRule, [x, factors]),
};

/** vᵢ⊤ A vᵢ of the columns: the eigenvalues again, from A and V alone. */
function rayleigh(a: Node, v: Node): Node {
  return sum(mul(v, matmul(symmetricPart(a), v)), { axis: -2 });
}

const vectorsRule: Implicit = {
  family: "implicit",
  name: "eigenvectors",
  notation: { form: "special", text: "eigenvectors", latex: "\\operatorname{eigenvectors}", arguments: 1 },
  pointwise: false,
  infer: ([x]) => x,
  evaluate: ([, factors], node) => {
    const n = node.shape[node.rank - 1];
    return rowsOf(factors, node, n, 1, n + 1);
  },
  // dV = V (F ∘ V⊤ dA V), F[i, j] = 1/(λⱼ − λᵢ) beside the diagonal (Magnus 1985).
  tangent: ([a], y, [da]) => {
    if (!da) return null;
    const turned = matmul(matrixTranspose(y), matmul(symmetricPart(da), y));
    return matmul(y, div(beside(turned), gaps(rayleigh(a, y))));
  },
  batch: ([x, factors]) => apply(vectorsRule, [x, factors]),
};

const beside = (x: Node): Node => add(tril(x, -1), triu(x, 1));

/** λⱼ − λᵢ at [i, j], 1 on the diagonal; NaN where they are equal to rounding: eigenvectors have no slope there. */
function gaps(values: Node): Node {
  const n = values.shape[values.rank - 1];
  const lead = values.shape.slice(0, -1);
  if (n === 0) return reshape(values, [...lead, 0, 0]);
  const gap = sub(reshape(values, [...lead, 1, n]), reshape(values, [...lead, n, 1]));
  // Compared by their squares, which are analytic: the comparison stands in the series too.
  const size = sum(mul(values, values), { axis: -1 });
  const bound = reshape(mul(size, (4 * n * epsilonOf(values)) ** 2), [...lead, 1, 1]);
  const apart = where(greater(mul(gap, gap), bound), gap, Number.NaN);
  return where(identityLike(gap), 1, apart);
}

/**
 * Eigenvalues, ascending, and orthonormal eigenvectors (column i belongs to value i; its largest component is
 * positive) of symmetric matrices in the last two axes. Throws MatrixError where A is not symmetric to rounding.
 * Eigenvalues always have a first derivative here; where two are equal, the derivatives of the eigenvectors, and the
 * second ones of the eigenvalues, do not exist and are NaN.
 */
export const eigh = operation(vectorsRule, (x: TensorLike): { values: Node; vectors: Node } => {
  const a = float(x);
  const factors = apply(eigenRule, [a]);
  return { values: apply(valuesRule, [a, factors]), vectors: apply(vectorsRule, [a, factors]) };
});

/** The eigenvalues of symmetric matrices, ascending. */
export const eigvalsh: Operation<Unary, Implicit> = operation(valuesRule, (x: TensorLike) => eigh(x).values);

// --- QR ---

const orthonormalRule: Implicit = {
  family: "implicit",
  name: "qr_q",
  notation: { form: "function", text: "qr_q", latex: "\\operatorname{qr}_Q" },
  pointwise: false,
  infer: ([x]) => x,
  evaluate: ([x], node) => {
    const [m, n] = node.shape.slice(-2);
    const out = allocate(node.dtype, node.size);
    forEachBlock(x, m * n, (block, index) => {
      // Q does not depend on the scale.
      rescale(block);
      const columns = new Float64Array(m * n);
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) columns[j * m + i] = block[i * n + j];
      factorQ(columns, m, n);
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) out[index * m * n + i * n + j] = columns[j * m + i];
    });
    return out;
  },
  // With Z = dA R⁻¹ and M = Q⊤ Z: dQ = Z − Q (upper part of M + its lower part transposed).
  tangent: ([a], y, [da]) => {
    if (!da) return null;
    const turned = matrixTranspose(y);
    const r = matmul(turned, a);
    const z = matrixTranspose(triangular(r, matrixTranspose(da), rightOf(a)));
    const m = matmul(turned, z);
    return sub(z, matmul(y, add(triu(m), matrixTranspose(tril(m, -1)))));
  },
  batch: ([x]) => apply(orthonormalRule, [x]),
};

const rightOf = (a: Node) => ({
  lower: false,
  transposed: true,
  unit: false,
  of: "the derivative of qr",
  tolerance: a.shape[a.rank - 2] * epsilonOf(a),
});

/**
 * A = Q R: Q [..., m, k] with orthonormal columns, R [..., k, n] upper triangular with a diagonal that is not negative,
 * k = min(m, n). Derivatives need the first k columns to be independent.
 */
export const qr = operation(orthonormalRule, (x: TensorLike): { q: Node; r: Node } => {
  const a = atLeastMatrix("qr", float(x));
  const [m, n] = a.shape.slice(-2);
  const first = n > m ? slice(a, [], [...a.shape.slice(0, -1), m]) : a;
  const q = apply(orthonormalRule, [first]);
  return { q, r: triu(matmul(matrixTranspose(q), a)) };
});

/**
 * The x that makes ‖A x − b‖ least, for A [..., m, n] of full rank; where many do (m < n), the shortest. b is a vector
 * [m] or columns [..., m, k]. By QR; throws SingularMatrixError where columns (rows, if m < n) are dependent.
 */
export const lstsq = formula2({
  name: "lstsq",
  expand: (inputs) => {
    const [a, b] = [atLeastMatrix("lstsq", float(inputs[0])), float(inputs[1])];
    const [m, n] = a.shape.slice(-2);
    const wide = m < n;
    return withColumns("lstsq", a, b, (A, B) => {
      const { q, r } = qr(wide ? matrixTranspose(A) : A);
      const tolerance = Math.max(m, n) * epsilonOf(a);
      const params = { lower: false, transposed: wide, unit: false, of: "lstsq", tolerance };
      return wide
        ? matmul(q, triangular(r, B, params))
        : triangular(r, matmul(matrixTranspose(q), B), params);
    });
  },
});
