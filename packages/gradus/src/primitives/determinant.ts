import { allocate, type Data } from "../ir/dtype.ts";
import type { Node, Typed, Zero } from "../ir/node.ts";
import type { Flat, Implicit } from "../ir/primitive.ts";
import { broadcastShapes } from "../ir/shape.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { less } from "./comparison.ts";
import { matmul } from "./contraction.ts";
import {
  apply,
  broadcastTo,
  flat,
  formula,
  type Operation,
  operation,
  type TensorLike,
  type Unary,
} from "./define.ts";
import { exp } from "./exponential.ts";
import { mixedCofactors } from "./kernels/cofactor.ts";
import { factorLu } from "./kernels/factorization.ts";
import { inverse } from "./lu.ts";
import { float, floats, forEachBlock, matrixTranspose, square } from "./matrix.ts";
import { sum } from "./reduction.ts";
import { reshape, where } from "./structure.ts";

/** Σ of the products of the entries: tr(A⊤ B). */
function inner(a: Node, b: Node): Node {
  return sum(mul(a, b), { axis: [-2, -1] });
}

function onePerMatrix(name: string, x: Node): Typed {
  square(name, x);
  return { shape: x.shape.slice(0, -2), dtype: x.dtype };
}

/** One number for each matrix, from the factors' diagonal and the permutation's sign. */
/* @__NO_SIDE_EFFECTS__ */
function overPivots(value: (pivots: Float64Array, sign: number) => number) {
  return ([x]: readonly Data[], node: Node): Data => {
    const n = node.inputs[0].shape[node.rank];
    // The determinant of the empty matrix is 1.
    const out = allocate(node.dtype, node.size).fill(value(new Float64Array(0), 1));
    const order = new Float64Array(n);
    forEachBlock(x, n * n, (block, i) => {
      const sign = factorLu(block, n, order);
      out[i] = value(
        Float64Array.from({ length: n }, (_, k) => block[k * n + k]),
        sign,
      );
    });
    return out;
  };
}

// 0 is added so that no −0 comes out.
const product = (pivots: Float64Array, sign: number) => pivots.reduce((a, p) => a * p, sign) + 0;

/**
 * The gradient of Dᵏ⁻¹det(A)[B₁, …] with respect to A; inputs A, B₁, …, B_{k−1}. It is symmetric and linear in the
 * directions B, so its derivative is itself with one more, and its transpose is itself.
 */
const cofactorRule: Implicit = {
  family: "implicit",
  name: "cofactor",
  notation: { form: "function", text: "cofactor", latex: "\\operatorname{cof}" },
  pointwise: false,
  infer: ([a]) => a,
  evaluate: (inputs, node) => {
    const n = node.shape[node.rank - 1];
    const out = allocate(node.dtype, node.size);
    const block = (x: Data, i: number) => Float64Array.from(x.subarray(i * n * n, (i + 1) * n * n));
    for (let i = 0; i < (n === 0 ? 0 : node.size / (n * n)); i++) {
      const [a, ...given] = inputs.map((x) => block(x, i));
      out.set(mixedCofactors(a, given, n), i * n * n);
    }
    return out;
  },
  tangent: (x, _, dx) => {
    const terms = dx.map((d, i) => {
      if (!d) return null;
      return apply(cofactorRule, i === 0 ? [...x, d] : x.map((b, j) => (j === i ? d : b)));
    });
    return terms.reduce<Node | Zero>((total, t) => (total && t ? add(total, t) : (total ?? t)), null);
  },
  linearIn: (index) => index > 0,
  transpose: (ct, index, node) =>
    apply(
      cofactorRule,
      node.inputs.map((x, i) => (i === index ? ct : x)),
    ),
  // det(A) A⁻⊤ and its derivative: Taylor mode needs A to be invertible.
  closed: ([a, b, ...more]) => {
    if (more.length > 0) return undefined;
    const inverted = matrixTranspose(inverse(a));
    const factor = closedDet(a);
    if (!b) return mul(asScalarMatrix(factor), inverted);
    const turned = matmul(inverted, matmul(matrixTranspose(b), inverted));
    return mul(asScalarMatrix(factor), sub(mul(asScalarMatrix(inner(inverted, b)), inverted), turned));
  },
  batch: (inputs, batched, _, size) =>
    apply(
      cofactorRule,
      inputs.map((x, i) => (batched[i] ? x : broadcastTo(x, [size, ...x.shape]))),
    ),
};

/**
 * The cofactors of square matrices, adj(A)⊤ = det(A) A⁻⊤, the gradient of the determinant. Without division: a singular
 * matrix is like any other. With directions B₁, …: the derivative along them.
 */
export const cofactor = operation(cofactorRule, (x: TensorLike, ...directions: TensorLike[]): Node => {
  const inputs = floats(x, ...directions);
  const shape = broadcastShapes(
    "cofactor",
    inputs.map((a) => a.shape),
  );
  square("cofactor", inputs[0]);
  return apply(
    cofactorRule,
    inputs.map((a) => broadcastTo(a, shape)),
  );
});

/** Numbers, one for each matrix, as 1×1 matrices. */
function asScalarMatrix(x: Node): Node {
  return reshape(x, [...x.shape, 1, 1]);
}

const detRule: Implicit = {
  family: "implicit",
  name: "det",
  pointwise: false,
  infer: ([x]) => onePerMatrix("det", x),
  evaluate: overPivots(product),
  notation: { form: "function", text: "det", latex: "\\det" },
  // Jacobi's formula with cofactors, which a singular matrix has too: d det A = tr(cof(A)⊤ dA).
  tangent: ([a], _, [da]) => da && inner(apply(cofactorRule, [a]), da),
  // det A · A⁻⊤, as it is written for an invertible A.
  textbookTangent: ([a], y, [da]) => da && mul(y, inner(matrixTranspose(inverse(a)), da)),
  closed: ([a]) => closedDet(a),
  batch: ([a]) => apply(detRule, [a]),
};

/** The determinant of the square matrices in the last two axes. Its derivatives hold at singular matrices too. */
export const det: Operation<Unary, Implicit> = operation(detRule, (x: TensorLike) =>
  apply(detRule, [float(x)]),
);

const signRule: Flat = flat({
  name: "det_sign",
  pointwise: false,
  infer: ([x]) => onePerMatrix("det_sign", x),
  evaluate: overPivots((pivots, sign) => pivots.reduce((a, p) => a * Math.sign(p), sign)),
  notation: { form: "special", text: "sign" },
  constantOn: () => false,
  batch: ([a]: readonly Node[]) => apply(signRule, [a]),
});

const logAbsRule: Implicit = {
  family: "implicit",
  name: "log_abs_det",
  pointwise: false,
  infer: ([x]) => onePerMatrix("log_abs_det", x),
  evaluate: overPivots((pivots) => pivots.reduce((a, p) => a + Math.log(Math.abs(p)), 0)),
  notation: { form: "special", text: "log_abs_det" },
  // d ln|det A| = tr(A⁻¹ dA).
  tangent: ([a], _, [da]) => da && inner(matrixTranspose(inverse(a)), da),
  batch: ([a]) => apply(logAbsRule, [a]),
};

/** sgn(det A)·exp(ln|det A|): its series needs A⁻¹ only. */
function closedDet(a: Node): Node {
  return mul(apply(signRule, [a]), exp(apply(logAbsRule, [a])));
}

/**
 * The sign of the determinant (0 where it is 0) and ln|det A|, which neither overflows nor underflows. The gradient of
 * `logAbsDet`, A⁻⊤, needs an invertible matrix.
 */
export const slogdet = operation(logAbsRule, (x: TensorLike): { sign: Node; logAbsDet: Node } => {
  const a = float(x);
  return { sign: apply(signRule, [a]), logAbsDet: apply(logAbsRule, [a]) };
});

/** ln det A: −∞ at a singular matrix, NaN where the determinant is negative (see `slogdet`). */
export const logdet = formula({
  name: "logdet",
  expand: ([x]) => {
    const { sign, logAbsDet } = slogdet(x);
    return where(less(sign, 0), Number.NaN, logAbsDet);
  },
  tangent: ([x], _, [dx]) => dx && inner(matrixTranspose(inverse(x)), dx),
  latex: "\\log\\det",
});
