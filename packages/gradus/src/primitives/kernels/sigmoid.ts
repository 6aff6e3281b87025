// All are made of e^−|x|, which does not overflow: where several stand in one loop, it is computed once.

/** 1/(1 + e⁻ˣ), with all digits in both tails. */
export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

/** e⁻ˣ/(1 + e⁻ˣ)²; the square written out rounds less. */
export function logisticPdf(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return e / (1 + e * (2 + e));
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** ln(1/(1 + e⁻ˣ)). */
export function logSigmoid(x: number): number {
  return -softplus(-x);
}
