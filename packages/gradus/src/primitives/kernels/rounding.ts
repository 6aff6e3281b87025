/** To the nearest whole number, halves to the even one; −0 for −½ ≤ x ≤ −0. */
export function roundHalfEven(x: number): number {
  const a = Math.abs(x);
  if (!(a < 2 ** 52)) return x;
  // The sum has no fraction left, and is rounded as IEEE 754 does: halves to even.
  const rounded = a + 2 ** 52 - 2 ** 52;
  return x < 0 || Object.is(x, -0) ? -rounded : rounded;
}

/**
 * The remainder with the sign of y, as Python's % on floats and NumPy's mod: x % y is exact, but a remainder
 * of the other sign takes y added and rounded, so that modFloor(−1e-20, 3) is 3. NaN for y = 0 or infinite x.
 */
export function modFloor(x: number, y: number): number {
  const remainder = x % y;
  if (remainder === 0) return y < 0 || Object.is(y, -0) ? -0 : 0;
  return remainder < 0 !== y < 0 ? remainder + y : remainder;
}

/** −1, 0 or 1; NaN for NaN. */
export function sign(x: number): number {
  if (x > 0) return 1;
  return x < 0 ? -1 : Number.isNaN(x) ? x : 0;
}
