import { PI_LOW } from "./coefficients.ts";
import { productError } from "./rounding-errors.ts";

/** πr − fl(πr). */
function piTimesError(r: number, angle: number): number {
  return productError(Math.PI, r, angle) + PI_LOW * r;
}

/** sin πr for 0 ≤ r ≤ ½: the angle's rounding is put back to first order. */
function sineOfTurn(r: number): number {
  const angle = Math.PI * r;
  return Math.sin(angle) + piTimesError(r, angle) * Math.cos(angle);
}

/** sin πx: x is reduced exactly, so that the zeros are exact and their neighbours keep all digits. */
export function sinPi(x: number): number {
  const r = x - 2 * Math.round(x / 2);
  const a = Math.abs(r);
  const value = sineOfTurn(a > 0.5 ? 1 - a : a);
  return r < 0 ? -value : value;
}

/** tan πr for 0 ≤ r ≤ ¼. */
function tangentOfTurn(r: number): number {
  const angle = Math.PI * r;
  const t = Math.tan(angle);
  return t + piTimesError(r, angle) * (1 + t * t);
}

/** π cot πx, reduced as sinPi. */
export function piCotPi(x: number): number {
  const r = x - Math.round(x);
  const a = Math.abs(r);
  const value = a > 0.25 ? Math.PI * tangentOfTurn(0.5 - a) : Math.PI / tangentOfTurn(a);
  return r < 0 ? -value : value;
}
