/** Σ c_j T_j(t), by Clenshaw's recurrence. */
export function chebyshev(c: readonly number[], t: number): number {
  let [b1, b2] = [0, 0];
  for (let j = c.length - 1; j > 0; j--) [b1, b2] = [2 * t * b1 - b2 + c[j], b1];
  return t * b1 - b2 + c[0];
}
