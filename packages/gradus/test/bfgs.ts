/** One step and the change of the gradient along it. */
export interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
  readonly yy: number;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);

export const pairOf = (s: Float64Array, y: Float64Array): Pair => ({ s, y, sy: dot(s, y), yy: dot(y, y) });

/** B of n×n by the BFGS recursion from a multiple of the identity: that of the newest pair unless told. */
export function bfgs(pairs: readonly Pair[], n: number, theta?: number): number[][] {
  const last = pairs[pairs.length - 1];
  const first = theta ?? (last ? last.yy / last.sy : 1);
  let b = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? first : 0)));
  for (const { s, y, sy } of pairs) {
    const bs = b.map((row) => dot(row, s));
    const sbs = dot(s, bs);
    b = b.map((row, i) => row.map((v, j) => v - (bs[i] * bs[j]) / sbs + (y[i] * y[j]) / sy));
  }
  return b;
}

/** vᵀBv */
export const form = (b: readonly (readonly number[])[], v: ArrayLike<number>): number =>
  dot(
    b.map((row) => dot(row, v)),
    v,
  );
