import { productError, sumError } from "./rounding-errors.ts";

/** V8's own are within 1 ulp, log10 within 1.8; log2 and log10 are exact at the powers of their bases. */
export const { cbrt, expm1, log1p, log2, log10 } = Math;

/** IEEE 754's power: 1^y = 1 and (−1)^±Infinity = 1, where JavaScript's ** says NaN. Within 1.2 ulp. */
export function pow(x: number, y: number): number {
  if (y === 2) return x * x;
  const far = Math.abs(y);
  if (x === 1 || (x === -1 && far === Number.POSITIVE_INFINITY)) return 1;
  if (far > 2 ** 31 && far < 2 ** 64 && Math.abs(Math.abs(x) - 1) < 2 ** -20) return powNearOne(x, y);
  return x ** y;
}

/** |x|^y = e^(y ln |x|) in two parts; for such y, V8's ** (fdlibm) rounds ln x too early: up to 700 ulp. */
function powNearOne(x: number, y: number): number {
  if (x < 0 && !Number.isInteger(y)) return Number.NaN;
  const t = Math.abs(x) - 1;
  const lead = y * t;
  if (Math.abs(lead) > 800) return x ** y;
  const rest = productError(y, t, lead) - y * t * t * (1 / 2 - t * (1 / 3 - t / 4));
  const exponent = lead + rest;
  const power = Math.exp(exponent);
  const value = power + power * sumError(lead, rest, exponent);
  return x < 0 && y % 2 !== 0 ? -value : value;
}

/**
 * √(x² + y²), without overflow or underflow on the way and within ½ ulp, where Math.hypot is off by nearly 2:
 * the roundings of both squares, of their sum and of the root are collected into one Newton step.
 */
export function hypot(x: number, y: number): number {
  const a = Math.max(Math.abs(x), Math.abs(y));
  const b = Math.min(Math.abs(x), Math.abs(y));
  if (Math.abs(x) === Number.POSITIVE_INFINITY || Math.abs(y) === Number.POSITIVE_INFINITY) {
    return Number.POSITIVE_INFINITY;
  }
  if (b < a * 2 ** -60 || a === 0) return a;
  const scale = a > 2 ** 500 ? 2 ** -600 : a < 2 ** -400 ? 2 ** 600 : 1;
  return scaledHypot(a * scale, b * scale) / scale;
}

/** a ≥ b > 0, whose squares and their roundings are in range. */
function scaledHypot(a: number, b: number): number {
  const aSquare = a * a;
  const bSquare = b * b;
  const sum = aSquare + bSquare;
  const lost = productError(a, a, aSquare) + productError(b, b, bSquare) + (aSquare - sum + bSquare);
  const root = Math.sqrt(sum);
  const rootSquare = root * root;
  const residual = sum - rootSquare - productError(root, root, rootSquare) + lost;
  return root + residual / (2 * root);
}
