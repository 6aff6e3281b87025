export const { sin, cos, tan } = Math;

export const sec = (x: number): number => 1 / Math.cos(x);
export const csc = (x: number): number => 1 / Math.sin(x);
export const cot = (x: number): number => 1 / Math.tan(x);

/** arcsec x on [0, π], through the tangent: 1/x would lose digits near ±1. */
export function asec(x: number): number {
  const a = Math.abs(x);
  if (!(a >= 1)) return Number.NaN;
  const angle = Math.atan(Math.sqrt((a - 1) * (a + 1)));
  return x < 0 ? Math.PI - angle : a > 1e150 ? Math.PI / 2 : angle;
}

export function acsc(x: number): number {
  return Math.abs(x) >= 1 ? Math.asin(1 / x) : Number.NaN;
}

/** atan(1/x), π/2 at 0. */
export function acot(x: number): number {
  return x === 0 ? Math.PI / 2 : Math.atan(1 / x);
}
