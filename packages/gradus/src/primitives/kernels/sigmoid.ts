/** 1/(1 + e⁻ˣ), with all digits in both tails: e^−|x| does not overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** ln(1/(1 + e⁻ˣ)). */
export function logSigmoid(x: number): number {
  return -softplus(-x);
}
