import { logGamma } from "../primitives/kernels/index.ts";

/** The regularized incomplete beta function Iₓ(a, b), by its continued fraction (DLMF 8.17.22, Lentz's method). */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean; above, the symmetry is used.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  const tiny = 1e-300;
  const away = (v: number) => (Math.abs(v) < tiny ? tiny : v);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return (front * fraction) / a;
}

/** The probability that |T| is larger than t, for Student's t with `degrees` degrees of freedom. */
export function twoSided(t: number, degrees: number): number {
  return incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

/** The t that |T| exceeds with the probability `outside`: half the width of an interval, in standard errors. */
export function quantile(outside: number, degrees: number): number {
  let [low, high] = [0, 1];
  while (twoSided(high, degrees) > outside) {
    low = high;
    high *= 2;
    if (high > 1e300) return Number.POSITIVE_INFINITY;
  }
  // Newton's method on ln P, whose slope is −2·density/P, kept between the two.
  const half = degrees / 2;
  const constant = Math.exp(logGamma(half + 0.5) - logGamma(half)) / Math.sqrt(degrees * Math.PI);
  let t = high;
  for (let i = 0; i < 200 && high - low > 4 * Number.EPSILON * high; i++) {
    const beyond = twoSided(t, degrees);
    if (beyond > outside) low = t;
    else high = t;
    const density = constant * (1 + (t * t) / degrees) ** (-half - 0.5);
    const next = t + ((Math.log(beyond) - Math.log(outside)) * beyond) / (2 * density);
    if (Math.abs(next - t) <= 2 * Number.EPSILON * t) return next;
    t = next > low && next < high ? next : (low + high) / 2;
  }
  return t;
}
