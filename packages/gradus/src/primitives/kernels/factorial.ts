/** n! = mantissa·2^exponent with 1 ≤ mantissa < 2, so that n may exceed 170. */
const mantissas: number[] = [];
const exponents: number[] = [];
// The last factorial's leading digits (at least 192 bits), extended on demand: product·2^shift.
let product = 1n;
let shift = 0;

function extendTo(n: number): void {
  for (let k = mantissas.length; k <= n; k++) {
    if (k > 1) product *= BigInt(k);
    for (; product >> 256n; shift += 64) product >>= 64n;
    const value = Number(product);
    const exponent = Math.floor(Math.log2(value));
    mantissas.push(value / 2 ** exponent);
    exponents.push(exponent + shift);
  }
}

/** x·2^k without overflow on the way. */
function scaleBinary(x: number, k: number): number {
  let [value, rest] = [x, Math.max(-4000, Math.min(4000, k))];
  for (; rest > 1000; rest -= 1000) value *= 2 ** 1000;
  for (; rest < -1000; rest += 1000) value *= 2 ** -1000;
  return value * 2 ** rest;
}

/** n!·x·2^k, where n! alone may overflow. */
export function factorialTimes(n: number, x: number, k: number): number {
  extendTo(n);
  return scaleBinary(mantissas[n] * x, exponents[n] + k);
}
