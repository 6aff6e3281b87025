import { swapRows } from "./factorization.ts";

/**
 * The mixed derivative of the determinant: the gradient with respect to the last of k directions of
 * Dᵏdet(A)[B₁, …, B_k], where B₁ … B_{k−1} are given; with none given, the cofactors of A.
 *
 * With complete pivoting A = P⊤ L D U Q⊤, det L = det U = 1, so it is enough to know the derivative at a diagonal
 * matrix, a sum of products of its entries: nothing is divided, and a singular A is like any other.
 */
export function mixedCofactors(a: Float64Array, given: readonly Float64Array[], n: number): Float64Array {
  const f = factorCompletely(a.slice(), n);
  const inside = given.map((b) => changeBasis(f, b, n));
  const g = new Float64Array(n * n);
  if (inside.length === 0) addCofactorsOfDiagonal(f.pivots, g, n);
  else addTerms(f.pivots, inside, g, n);
  return changeBack(f, g, n);
}

interface Factored {
  /** Unit triangles below and above the diagonal. */
  readonly lu: Float64Array;
  readonly pivots: Float64Array;
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  readonly sign: number;
}

function factorCompletely(lu: Float64Array, n: number): Factored {
  const rows = Float64Array.from({ length: n }, (_, i) => i);
  const columns = rows.slice();
  const pivots = new Float64Array(n);
  let sign = 1;
  for (let k = 0; k < n; k++) {
    let [p, q] = [k, k];
    for (let i = k; i < n; i++)
      for (let j = k; j < n; j++) if (Math.abs(lu[i * n + j]) > Math.abs(lu[p * n + q])) [p, q] = [i, j];
    if (p !== k) {
      swapRows(lu, n, k, p);
      swapRows(rows, 1, k, p);
      sign = -sign;
    }
    if (q !== k) {
      for (let i = 0; i < n; i++) swapPair(lu, i * n + k, i * n + q);
      swapPair(columns, k, q);
      sign = -sign;
    }
    pivots[k] = lu[k * n + k];
    // What is left is zero.
    if (pivots[k] === 0) break;
    for (let j = k + 1; j < n; j++) lu[k * n + j] /= pivots[k];
    for (let i = k + 1; i < n; i++) {
      const left = lu[i * n + k];
      lu[i * n + k] = left / pivots[k];
      for (let j = k + 1; j < n; j++) lu[i * n + j] -= left * lu[k * n + j];
    }
  }
  return { lu, pivots, rows, columns, sign };
}

function swapPair(m: Float64Array, a: number, b: number): void {
  const kept = m[a];
  m[a] = m[b];
  m[b] = kept;
}

/** L⁻¹ P B Q U⁻¹. */
function changeBasis({ lu, rows, columns }: Factored, b: Float64Array, n: number): Float64Array {
  const x = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) x[i * n + j] = b[rows[i] * n + columns[j]];
  for (let i = 0; i < n; i++)
    for (let k = 0; k < i; k++) for (let j = 0; j < n; j++) x[i * n + j] -= lu[i * n + k] * x[k * n + j];
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) for (let j = k + 1; j < n; j++) x[i * n + j] -= x[i * n + k] * lu[k * n + j];
  return x;
}

/** The transpose of the change of basis, with the permutations' sign. */
function changeBack({ lu, rows, columns, sign }: Factored, g: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++)
    for (let k = n - 1; k >= 0; k--)
      for (let j = k + 1; j < n; j++) g[i * n + k] -= g[i * n + j] * lu[k * n + j];
  for (let i = n - 1; i >= 0; i--)
    for (let k = 0; k < i; k++) for (let j = 0; j < n; j++) g[k * n + j] -= lu[i * n + k] * g[i * n + j];
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[rows[i] * n + columns[j]] = sign * g[i * n + j];
  return out;
}

/** Products of all pivots but one, without division. */
function addCofactorsOfDiagonal(d: Float64Array, g: Float64Array, n: number): void {
  let before = 1;
  for (let i = 0; i < n; i++) {
    g[i * n + i] = before;
    before *= d[i];
  }
  let after = 1;
  for (let i = n - 1; i >= 0; i--) {
    g[i * n + i] *= after;
    after *= d[i];
  }
}

/** Sums over the rows that each direction takes and, in these rows, over all permutations of the columns. */
function addTerms(d: Float64Array, given: readonly Float64Array[], g: Float64Array, n: number): void {
  const k = given.length + 1;
  const rows = new Int32Array(k);
  const columns = permutationsOf(k);
  const take = (depth: number): void => {
    if (depth === k) {
      addPermutations(productWithout(d, rows), rows, columns, given, g, n);
      return;
    }
    for (let r = 0; r < n; r++) {
      if (rows.subarray(0, depth).includes(r)) continue;
      rows[depth] = r;
      take(depth + 1);
    }
  };
  take(0);
}

function productWithout(d: Float64Array, rows: Int32Array): number {
  let product = 1;
  for (let i = 0; i < d.length; i++) if (!rows.includes(i)) product *= d[i];
  return product;
}

function addPermutations(
  weight: number,
  rows: Int32Array,
  permutations: readonly Signed[],
  given: readonly Float64Array[],
  g: Float64Array,
  n: number,
): void {
  if (weight === 0) return;
  const last = rows.length - 1;
  for (const { order, sign } of permutations) {
    let product = sign * weight;
    for (let i = 0; i < last; i++) product *= given[i][rows[i] * n + rows[order[i]]];
    g[rows[last] * n + rows[order[last]]] += product;
  }
}

interface Signed {
  readonly order: readonly number[];
  readonly sign: number;
}

function permutationsOf(k: number): Signed[] {
  if (k === 0) return [{ order: [], sign: 1 }];
  return permutationsOf(k - 1).flatMap(({ order, sign }) =>
    Array.from({ length: k }, (_, place) => ({
      order: [...order.slice(0, place), k - 1, ...order.slice(place)],
      sign: (k - 1 - place) % 2 === 0 ? sign : -sign,
    })),
  );
}
