/** sinh, cosh: the engine's own are within 2 ulp. */
export const { sinh, cosh, asinh, acosh, atanh } = Math;

/** By expm1: the engine's own may be off by 1.8 ulp near 0.5 and is not promised at all. */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a < 1e-8) return x;
  if (a > 22) return Math.sign(x);
  const t = Math.expm1(2 * a);
  const value = t / (t + 2);
  return x < 0 ? -value : value;
}

/** 1/cosh x; e^(−|x|) is taken as a square, so that it does not become subnormal too early. */
export function sech(x: number): number {
  const h = Math.exp(-Math.abs(x) / 2);
  const e = h * h;
  return (2 * h * h) / (1 + e * e);
}

export function csch(x: number): number {
  if (Math.abs(x) < 20) return 1 / Math.sinh(x);
  const h = Math.exp(-Math.abs(x) / 2);
  return x < 0 ? -2 * h * h : 2 * h * h;
}

export function coth(x: number): number {
  return 1 / tanh(x);
}

/** arsech x = ln((1 + √(1 − x²))/x). */
export function asech(x: number): number {
  if (x < 1e-150) return x < 0 ? Number.NaN : Math.LN2 - Math.log(x);
  const gap = 1 - x;
  // acosh(1/x) with 1/x − 1 = gap/x kept exact near 1.
  const t = gap / x;
  return Math.log1p(t + Math.sqrt(t * (t + 2)));
}

export function acsch(x: number): number {
  if (Math.abs(x) > 1e-150) return Math.asinh(1 / x);
  return Math.sign(x) * (Math.LN2 - Math.log(Math.abs(x))) || 1 / x;
}

/** arcoth x = ½ ln(1 + 2/(x − 1)). */
export function acoth(x: number): number {
  if (x > 0) return x < 1 ? Number.NaN : 0.5 * Math.log1p(2 / (x - 1));
  return x > -1 ? Number.NaN : -0.5 * Math.log1p(2 / (-x - 1));
}
