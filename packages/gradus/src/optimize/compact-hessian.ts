import { factorLu, solveTriangle } from "../primitives/kernels/factorization.ts";
import { dot, norm } from "./linear-algebra.ts";
import type { Pair } from "./memory.ts";

/**
 * The Hessian that L-BFGS stands for, B = θI − W·M·Wᵀ with 2m columns in W (Byrd, Nocedal and Schnabel 1994). Each
 * pair is scaled to a step of length 1, which changes nothing of B and keeps M's numbers near to one another.
 */
export interface CompactHessian {
  readonly theta: number;
  /** Columns of W. */
  readonly columns: readonly Float64Array[];
  /** M, row-major. */
  readonly middle: Float64Array;
}

/** Undefined where the pairs are too nearly dependent for numbers. */
export function compactHessian(pairs: readonly Pair[]): CompactHessian | undefined {
  const last = pairs.at(-1);
  if (!last) return { theta: 1, columns: [], middle: new Float64Array(0) };
  const m = pairs.length;
  const theta = last.yy / last.sy;
  const sizes = pairs.map(({ s }) => 1 / norm(s));
  const k = new Float64Array(4 * m * m);
  const put = (i: number, j: number, value: number) => {
    k[i * 2 * m + j] = value;
    k[j * 2 * m + i] = value;
  };
  for (let i = 0; i < m; i++) {
    put(i, i, -pairs[i].sy * sizes[i] ** 2);
    for (let j = 0; j <= i; j++) {
      const size = sizes[i] * sizes[j];
      put(m + i, m + j, theta * dot(pairs[i].s, pairs[j].s) * size);
      if (j < i) put(m + i, j, dot(pairs[i].s, pairs[j].y) * size);
    }
  }
  const middle = inverse(k, 2 * m);
  if (!middle.every(Number.isFinite)) return undefined;
  const columns = [
    ...pairs.map(({ y }, i) => y.map((v) => sizes[i] * v)),
    ...pairs.map(({ s }, i) => s.map((v) => theta * sizes[i] * v)),
  ];
  return { theta, columns, middle };
}

/** Wᵀv. */
export function inColumns({ columns }: CompactHessian, v: Float64Array): Float64Array {
  return Float64Array.from(columns, (c) => dot(c, v));
}

/** vᵀBv, by what Wᵀv is. */
export function curvatureAlong({ theta, middle }: CompactHessian, v: Float64Array, wv: Float64Array): number {
  return theta * dot(v, v) - bilinear(wv, middle, wv);
}

/** aᵀMb */
export function bilinear(a: Float64Array, m: Float64Array, b: Float64Array): number {
  const n = a.length;
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += a[i] * m[i * n + j] * b[j];
  return sum;
}

/** A⁻¹·b for a small matrix, which is overwritten. */
export function solveSquare(a: Float64Array, b: Float64Array, columns = 1): Float64Array {
  const n = b.length / columns;
  const order = new Float64Array(n);
  factorLu(a, n, order);
  const x = new Float64Array(b.length);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < columns; c++) x[i * columns + c] = b[order[i] * columns + c];
  solveTriangle(a, 0, n, x, 0, columns, { lower: true, transposed: false, unit: true });
  solveTriangle(a, 0, n, x, 0, columns, { lower: false, transposed: false, unit: false });
  return x;
}

function inverse(a: Float64Array, n: number): Float64Array {
  const one = new Float64Array(n * n);
  for (let i = 0; i < n; i++) one[i * n + i] = 1;
  return solveSquare(a, one, n);
}
