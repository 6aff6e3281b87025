/** V8's own (fdlibm, with its full reduction: sin 1e22 is right) are within 0.8 ulp. */
export const { sin, cos, tan } = Math;

export const sec = (x: number): number => 1 / Math.cos(x);
export const csc = (x: number): number => 1 / Math.sin(x);
export const cot = (x: number): number => 1 / Math.tan(x);

/** √(x² − 1), the tangent of arcsec |x|: near ±1, arccos(1/x) would lose half of the digits. */
function tangentOfArcsec(x: number): number {
  const a = Math.abs(x);
  return Math.sqrt(a - 1) * Math.sqrt(a + 1);
}

/** Range [0, π]; NaN for |x| < 1. */
export function asec(x: number): number {
  const angle = Math.atan(tangentOfArcsec(x));
  return x < 0 ? Math.PI - angle : angle;
}

/** Range [−π/2, π/2]; NaN for |x| < 1. */
export function acsc(x: number): number {
  if (Math.abs(x) > 2) return Math.asin(1 / x);
  const angle = Math.atan(1 / tangentOfArcsec(x));
  return x < 0 ? -angle : angle;
}

/** atan(1/x), range (−π/2, π/2]: π/2 at 0 and at −0. */
export function acot(x: number): number {
  return x === 0 ? Math.PI / 2 : Math.atan(1 / x);
}
