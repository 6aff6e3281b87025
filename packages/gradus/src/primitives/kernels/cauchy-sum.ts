/**
 * Σ a_j b_{k−j} over from ≤ j ≤ k: what nearly all recurrences of power series do. One function for all of them, so that
 * it runs hot, and is compiled, within the first series of a program.
 */
export function cauchySum(a: ArrayLike<number>, b: ArrayLike<number>, from: number, k: number): number {
  let sum = 0;
  for (let j = from; j <= k; j++) sum += a[j] * b[k - j];
  return sum;
}
