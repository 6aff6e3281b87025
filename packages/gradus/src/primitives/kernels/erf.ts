import { chebyshev } from "./chebyshev.ts";
import { ERFCX } from "./coefficients.ts";

/** exp(−x²) with the square's rounding carried along: its error would grow with x². */
export function expMinusSquare(x: number): number {
  const square = x * x;
  if (square > 746) return 0;
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

/** exp(x²)·erfc(x) for x ≥ 0. */
export function erfcx(x: number): number {
  if (x > 1e8) return 1 / (x * Math.sqrt(Math.PI));
  return (3 * chebyshev(ERFCX, (x - 3) / (x + 3))) / (x + 3);
}

/** erf x = 2/√π·e^(−x²) Σ 2ᵏ x²ᵏ⁺¹/(2k + 1)!!: all terms have one sign (Abramowitz and Stegun 7.1.6). */
function erfSeries(x: number): number {
  const square = 2 * x * x;
  let term = 1;
  let sum = 0;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= square / (2 * k + 1);
    sum += term;
  }
  const lead = 1.1283791670955126 * x;
  return expMinusSquare(x) * (lead + lead * sum);
}

export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const a = Math.abs(x);
  if (a < 1e-8) return x * 1.1283791670955126;
  if (a < 1) return erfSeries(x);
  const value = 1 - erfc(a);
  return x < 0 ? -value : value;
}

export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0.4) return 1 - erf(x);
  if (x > 27.3) return 0;
  return expMinusSquare(x) * erfcx(x);
}
