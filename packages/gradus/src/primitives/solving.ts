import { allocate, type Data } from "../ir/dtype.ts";
import type { Node, Zero } from "../ir/node.ts";
import type { Implicit } from "../ir/primitive.ts";
import { broadcastShapes, ShapeError, showShape, sizeOf } from "../ir/shape.ts";
import { add, neg, sub } from "./arithmetic.ts";
import { matmul } from "./contraction.ts";
import { apply, broadcastTo, operation, type TensorLike } from "./define.ts";
import { solveTriangle, type Triangle } from "./kernels/factorization.ts";
import { factorsOf, inverse, refuseSingular, solveFactored } from "./lu.ts";
import {
  asColumn,
  floats,
  forEachBlock,
  identityLike,
  matrixTranspose,
  square,
  tril,
  triu,
} from "./matrix.ts";
import { reshape, transpose } from "./structure.ts";

interface SolveParams {
  readonly transposed: boolean;
}

/** X with A X = B (or A⊤ X = B); inputs A, B and the factors of A. */
const solveRule: Implicit<SolveParams> = {
  family: "implicit",
  name: "solve",
  notation: { form: "special", text: "solve", latex: "\\operatorname{solve}", arguments: 2 },
  pointwise: false,
  infer: ([, b]) => b,
  evaluate: ([, b, f], node) => {
    const matrix = node.inputs[0];
    const k = node.shape[node.rank - 1];
    const n = matrix.shape[matrix.rank - 1];
    const out = allocate(node.dtype, node.size);
    forEachBlock(f, n * (n + 1), (block, i) => {
      const right = Float64Array.from(b.subarray(i * n * k, (i + 1) * n * k));
      const { transposed } = node.params as SolveParams;
      out.set(solveFactored("solve", block, { matrix, index: i }, right, k, transposed), i * n * k);
    });
    return out;
  },
  // A dX = dB − dA X.
  tangent: ([a, , f], y, [da, db], p) => {
    const right = reduced(db, da && matmul(p.transposed ? matrixTranspose(da) : da, y));
    return right && apply(solveRule as Implicit, [a, right, f], p);
  },
  linearIn: (index) => index === 1,
  transpose: (ct, _, node) => {
    const [a, , f] = node.inputs;
    const transposed = !(node.params as SolveParams).transposed;
    return apply(solveRule as Implicit, [a, ct, f], { transposed });
  },
  closed: ([a, b], { transposed }) => {
    const inverted = inverse(a);
    return matmul(transposed ? matrixTranspose(inverted) : inverted, b);
  },
  batch: (inputs, batched, node, size) => batchSolve(solveRule as Implicit, inputs, batched, node, size),
};

/** db − product, with structural zeros left out. */
function reduced(db: Node | Zero | undefined, product: Node | Zero | undefined): Node | Zero {
  if (!product) return db ?? null;
  return db ? sub(db, product) : neg(product);
}

/** Right sides of one matrix are more columns; only where the matrix varies is there more to factorize. */
function batchSolve(
  rule: Implicit,
  inputs: readonly Node[],
  batched: readonly boolean[],
  node: Node,
  size: number,
): Node {
  const [a, b, ...factors] = inputs;
  if (batched[0]) {
    const full = batched[1] ? b : broadcastTo(b, [size, ...b.shape]);
    return apply(rule, [a, full, ...factors], node.params);
  }
  return throughColumns(b, 1, (columns) => apply(rule, [a, columns, ...factors], node.params));
}

/** Applies a function of columns [..., n, k] to b, whose first `lead` axes are moved into the columns. */
function throughColumns(b: Node, lead: number, f: (columns: Node) => Node): Node {
  const axes = b.shape.map((_, i) => i);
  const order = [...axes.slice(lead, -1), ...axes.slice(0, lead), b.rank - 1];
  const moved = transpose(b, order);
  const columns = reshape(moved, [
    ...b.shape.slice(lead, -1),
    sizeOf(b.shape.slice(0, lead)) * b.shape[b.rank - 1],
  ]);
  const x = reshape(f(columns), moved.shape);
  return transpose(
    x,
    order.map((_, i) => order.indexOf(i)),
  );
}

/** Brings A and b to one batch and b to columns, solves, and gives the result b's form. */
export function withColumns(name: string, a: Node, b: Node, f: (a: Node, b: Node) => Node): Node {
  const rows = a.shape[a.rank - 2];
  if (b.rank === 0)
    throw new ShapeError(`${name}: the right side must be a vector or a matrix, got a scalar`);
  const vector = b.rank === 1;
  const columns = vector ? asColumn(b) : b;
  if (columns.shape[columns.rank - 2] !== rows) {
    throw new ShapeError(
      `${name}: the matrix ${showShape(a.shape)} has ${rows} rows, the right side ${showShape(b.shape)} has ` +
        `${columns.shape[columns.rank - 2]}: they must agree`,
    );
  }
  const [leadA, leadB] = [a.shape.slice(0, -2), columns.shape.slice(0, -2)];
  if (leadA.length === 0 && leadB.length > 0)
    return throughColumns(columns, leadB.length, (all) => f(a, all));
  const lead = broadcastShapes(name, [leadA, leadB]);
  const x = f(
    broadcastTo(a, [...lead, ...a.shape.slice(-2)]),
    broadcastTo(columns, [...lead, ...columns.shape.slice(-2)]),
  );
  return vector ? reshape(x, x.shape.slice(0, -1)) : x;
}

/**
 * x with A x = b, by LU with partial pivoting. A is [..., n, n]; b a vector [n] or columns [..., n, k]; leading axes
 * broadcast. Throws SingularMatrixError where a pivot is 0.
 */
export const solve = operation(solveRule as Implicit, (a: TensorLike, b: TensorLike): Node => {
  const [matrix, right] = floats(a, b);
  square("solve", matrix);
  return withColumns("solve", matrix, right, (A, B) =>
    apply(solveRule as Implicit, [A, B, factorsOf(A)], { transposed: false }),
  );
});

// --- triangles ---

interface TriangularParams extends Triangle {
  /** For errors: what the solve is part of. */
  readonly of: string;
  /** A pivot this much smaller than the largest counts as zero. */
  readonly tolerance: number;
}

const triangularRule: Implicit<TriangularParams> = {
  family: "implicit",
  name: "triangular_solve",
  notation: { form: "special", text: "triangular_solve", latex: "\\operatorname{solve}_\\triangle" },
  pointwise: false,
  infer: ([, b]) => b,
  evaluate: ([a, b], node) => {
    const [matrix] = node.inputs;
    const p = node.params as TriangularParams;
    const n = matrix.shape[matrix.rank - 1];
    const k = node.shape[node.rank - 1];
    if (!p.unit) for (let i = 0; i < sizeOf(matrix.shape.slice(0, -2)); i++) checkPivots(a, matrix, i, p);
    const x = Float64Array.from(b);
    for (let i = 0; n * k > 0 && i < x.length / (n * k); i++)
      solveTriangle(a, i * n * n, n, x, i * n * k, k, p);
    const out = allocate(node.dtype, node.size);
    out.set(x);
    return out;
  },
  // T dX = dB − dT X; what lies outside of the triangle is not read.
  tangent: ([a], y, [da, db], p) => {
    const part = da && (p.lower ? tril(da, p.unit ? -1 : 0) : triu(da, p.unit ? 1 : 0));
    const right = reduced(db, part && matmul(p.transposed ? matrixTranspose(part) : part, y));
    return right && triangular(a, right, p);
  },
  linearIn: (index) => index === 1,
  transpose: (ct, _, node) => {
    const p = node.params as TriangularParams;
    return triangular(node.inputs[0], ct, { ...p, transposed: !p.transposed });
  },
  closed: ([a, b], p) => {
    const part = p.lower ? tril(a, p.unit ? -1 : 0) : triu(a, p.unit ? 1 : 0);
    const inverted = inverse(p.unit ? add(part, identityLike(part)) : part);
    return matmul(p.transposed ? matrixTranspose(inverted) : inverted, b);
  },
  batch: (inputs, batched, node, size) => batchSolve(triangularRule as Implicit, inputs, batched, node, size),
};

function checkPivots(a: Data, matrix: Node, index: number, p: TriangularParams): void {
  const n = matrix.shape[matrix.rank - 1];
  const pivot = (i: number) => Math.abs(a[index * n * n + i * n + i]);
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, pivot(i));
  for (let i = 0; i < n; i++) {
    if (pivot(i) === 0) refuseSingular(p.of, matrix, index, i);
    if (pivot(i) <= p.tolerance * largest)
      refuseSingular(p.of, matrix, index, i, `is ${pivot(i)}, 0 to rounding`);
  }
}

export function triangular(a: Node, b: Node, params: TriangularParams): Node {
  return apply(triangularRule as Implicit, [a, b], params);
}

export interface TriangularOptions {
  /** Reads the lower triangle (the default) or the upper one. */
  readonly lower?: boolean;
  /** Solves with the transpose of that triangle. */
  readonly transposed?: boolean;
  /** Takes the diagonal as 1 and does not read it. */
  readonly unitDiagonal?: boolean;
}

/**
 * x with T x = b, T a triangle of A, by substitution. Shapes as in `solve`. Throws SingularMatrixError where the
 * diagonal holds a 0.
 */
export const triangularSolve = operation(
  triangularRule as Implicit,
  (a: TensorLike, b: TensorLike, options: TriangularOptions = {}): Node => {
    const { lower = true, transposed = false, unitDiagonal = false } = options;
    const [matrix, right] = floats(a, b);
    square("triangularSolve", matrix);
    const params = { lower, transposed, unit: unitDiagonal, of: "triangularSolve", tolerance: 0 };
    return withColumns("triangularSolve", matrix, right, (A, B) => triangular(A, B, params));
  },
);
