/** c₀ + c₁s + c₂s² + …, by Horner's rule. */
export function polynomial(c: readonly number[], s: number): number {
  let sum = c[c.length - 1];
  for (let k = c.length - 2; k >= 0; k--) sum = sum * s + c[k];
  return sum;
}
