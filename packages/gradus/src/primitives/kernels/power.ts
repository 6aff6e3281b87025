export const { cbrt, log2, expm1, log1p } = Math;

/** IEEE 754's power: 1 to any exponent is 1, where JavaScript's ** says NaN for NaN and ±Infinity. */
export function pow(x: number, y: number): number {
  return x === 1 ? 1 : x === -1 && !Number.isFinite(y) && !Number.isNaN(y) ? 1 : x ** y;
}

/** Exact at powers of ten. */
export function log10(x: number): number {
  const value = Math.log10(x);
  const near = Math.round(value);
  return near >= 0 && near <= 22 && 10 ** near === x ? near : value;
}

/** √(x² + y²): scaled by a power of two, so that nothing overflows or vanishes. */
export function hypot(x: number, y: number): number {
  return Math.hypot(x, y);
}
