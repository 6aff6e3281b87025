// What a rounded operation left over, exactly: the second half of a double-double number.

/** a + b − sum, for sum = fl(a + b) (Knuth, TAOCP 2, 4.2.2, theorem B). */
export function sumError(a: number, b: number, sum: number): number {
  const bRounded = sum - a;
  return a - (sum - bRounded) + (b - bRounded);
}

/** a·b − product, for product = fl(a·b), by Veltkamp's splitting (Dekker 1971); |a|, |b| < 2⁹⁹⁶. */
export function productError(a: number, b: number, product: number): number {
  const aWide = 134217729 * a;
  const aHigh = aWide - (aWide - a);
  const bWide = 134217729 * b;
  const bHigh = bWide - (bWide - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
