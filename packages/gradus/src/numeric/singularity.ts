/*
 * Differential approximants (Guttmann and Joyce, 1972; Hunter and Baker, 1979): late coefficients of f are made to
 * satisfy Q₁ f' + Q₀ f = 0 with polynomials Q₁ and Q₀. The zeros of Q₁ are the singularities, and near one of them f
 * behaves as (1 − t/z)^ν with ν = −Q₀(z)/Q₁'(z). Degree 1 is the ratio method of Domb and Sykes, with the exponent.
 */

/** What the late coefficients of a power series tell of the singularities on its circle of convergence. */
export interface Singularity {
  readonly modulus: number;
  /** Arguments of those that lie equally near. */
  readonly angles: readonly number[];
  /** ν, where f behaves as (1 − t/ρ)^ν; NaN where estimates of it do not agree. */
  readonly exponent: number;
  /** How far estimates from different coefficients differ, relative to the modulus. */
  readonly spread: number;
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

const MOST_DEGREE = 5;
/** The same fit from coefficients that end earlier by so many. */
const ENDS = [0, 3, 7, 14];
/** A higher degree must agree this much better to be believed. */
const BETTER = 0.1;
/** Exponents that agree so well are given. */
const AGREED = 0.02;

/**
 * Fits of growing degree, to the coefficients and to those of the derivative (where what is regular weighs less); the
 * one whose estimates from different coefficients agree best.
 */
export function nearestSingularity(c: readonly number[], derivative: readonly number[]): Singularity {
  let best: Singularity | undefined;
  for (let degree = 1; degree <= MOST_DEGREE; degree++) {
    for (const [series, lost] of [[c, 0] as const, [derivative, 1] as const]) {
      const found = ofDegree(series, degree);
      if (found && (!best || found.spread < BETTER * best.spread))
        best = { ...found, exponent: found.exponent + lost };
    }
  }
  return best ?? { modulus: rootTest(c), angles: [], exponent: Number.NaN, spread: 1 };
}

function rootTest(c: readonly number[]): number {
  const n = c.length - 1;
  return Math.min(...Array.from({ length: 8 }, (_, i) => Math.abs(c[n - i]) ** (-1 / (n - i))));
}

function ofDegree(c: readonly number[], degree: number): Singularity | undefined {
  const fits = ENDS.map((e) => nearestOf(c, c.length - 2 - e, degree));
  if (fits.some((f) => f === undefined)) return undefined;
  const all = fits as Nearest[];
  const moduli = all.map((f) => f.modulus);
  const [first] = all;
  const spread = (Math.max(...moduli) - Math.min(...moduli)) / first.modulus + turn(all);
  if (!Number.isFinite(spread)) return undefined;
  const near = first.points.filter((p) => p.modulus <= first.modulus * (1 + Math.max(1e-9, 3 * spread)));
  const exponents = all.map((f) => f.exponent);
  const agreed = Math.max(...exponents) - Math.min(...exponents) < AGREED;
  return {
    modulus: first.modulus,
    angles: near
      .map((p) => p.angle)
      .filter((a, i, all) => all.findIndex((b) => Math.abs(a - b) < 1e-6) === i),
    exponent: agreed ? first.exponent : Number.NaN,
    spread: Math.max(spread, Number.EPSILON),
  };
}

/** How far the arguments of the nearest zero differ, up to its mirror image. */
function turn(fits: readonly Nearest[]): number {
  const angles = fits.map((f) => Math.abs(f.points[0].angle));
  return Math.max(...angles) - Math.min(...angles);
}

interface Point {
  readonly modulus: number;
  readonly angle: number;
}

interface Nearest {
  readonly modulus: number;
  readonly exponent: number;
  /** All zeros, nearest first; of equally near ones that with the least argument. */
  readonly points: readonly Point[];
}

/** Σ qᵢ(k + 1 − i)c_{k+1−i} + Σ rⱼ c_{k−j} = 0 with q₀ = 1, for the 2·degree values of k up to `end`. */
function nearestOf(c: readonly number[], end: number, degree: number): Nearest | undefined {
  const rows = Array.from({ length: 2 * degree }, (_, row) => {
    const k = end - row;
    const q = Array.from({ length: degree }, (_, i) => (k - i) * c[k - i]);
    const r = Array.from({ length: degree }, (_, j) => c[k - j]);
    return [...q, ...r, -(k + 1) * c[k + 1]];
  });
  const solution = solve(rows);
  if (!solution) return undefined;
  const q = [1, ...solution.slice(0, degree)];
  const r = solution.slice(degree);
  const zeros = zerosOf(q);
  const points = zeros.map((z) => ({
    modulus: Math.hypot(z.re, z.im),
    angle: Math.atan2(cleaned(z), z.re),
    z,
  }));
  points.sort(
    (a, b) => a.modulus * (1 + 1e-9 * Math.abs(a.angle)) - b.modulus * (1 + 1e-9 * Math.abs(b.angle)),
  );
  const [nearest] = points;
  if (!nearest || !Number.isFinite(nearest.modulus) || nearest.modulus === 0) return undefined;
  const slope = q.slice(1).map((v, i) => v * (i + 1));
  const ratio = divide(at(r, nearest.z), at(slope, nearest.z));
  return { modulus: nearest.modulus, exponent: -ratio.re, points };
}

/** A zero of a real polynomial that is real up to rounding. */
const cleaned = (z: Complex): number => (Math.abs(z.im) < 1e-7 * Math.hypot(z.re, z.im) ? 0 : z.im);

/** Gaussian elimination with pivots, each row with its right side; undefined where the system is singular. */
function solve(rows: number[][]): number[] | undefined {
  const n = rows.length;
  for (const row of rows) {
    const size = Math.max(...row.map(Math.abs));
    if (!(size > 0) || !Number.isFinite(size)) return undefined;
    for (let j = 0; j <= n; j++) row[j] /= size;
  }
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i; r < n; r++) if (Math.abs(rows[r][i]) > Math.abs(rows[pivot][i])) pivot = r;
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    if (Math.abs(rows[i][i]) < 1e-14) return undefined;
    for (let r = i + 1; r < n; r++) {
      const factor = rows[r][i] / rows[i][i];
      for (let j = i; j <= n; j++) rows[r][j] -= factor * rows[i][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i][n];
    for (let j = i + 1; j < n; j++) sum -= rows[i][j] * x[j];
    x[i] = sum / rows[i][i];
  }
  return x;
}

function at(p: readonly number[], z: Complex): Complex {
  return p.reduceRight<Complex>(
    (s, v) => ({ re: s.re * z.re - s.im * z.im + v, im: s.re * z.im + s.im * z.re }),
    {
      re: 0,
      im: 0,
    },
  );
}

function divide(a: Complex, b: Complex): Complex {
  const size = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size };
}

/** All zeros at once, by Weierstrass's iteration (Durand and Kerner). */
function zerosOf(p: readonly number[]): Complex[] {
  const n = p.length - 1;
  const lead = p[n];
  let zeros: Complex[] = Array.from({ length: n }, (_, i) => ({
    re: 1.1 * Math.cos(0.4 + (2 * Math.PI * i) / n),
    im: 1.1 * Math.sin(0.4 + (2 * Math.PI * i) / n),
  }));
  for (let round = 0; round < 200; round++) {
    zeros = zeros.map((z, i) => {
      let product: Complex = { re: lead, im: 0 };
      zeros.forEach((w, j) => {
        if (j === i) return;
        const [re, im] = [z.re - w.re, z.im - w.im];
        product = { re: product.re * re - product.im * im, im: product.re * im + product.im * re };
      });
      const step = divide(at(p, z), product);
      return { re: z.re - step.re, im: z.im - step.im };
    });
  }
  return zeros;
}

/**
 * How the local radius of convergence grows with k, as a power: 0 for series with a radius, 1/λ for entire functions of
 * order λ. Each local radius is that of the largest coefficients of a window.
 */
export function growth(c: readonly number[]): number {
  const n = c.length - 1;
  const size = (from: number, to: number): { k: number; log: number } => {
    let best = { k: from, log: Number.NEGATIVE_INFINITY };
    for (let k = from; k <= to; k++) {
      const log = Math.log(Math.abs(c[k]));
      if (log > best.log + (best.k - k) * 1e-9) best = { k, log };
    }
    return best;
  };
  const quarter = Math.floor(n / 4);
  const window = Math.max(2, Math.floor(n / 10));
  const at = [quarter, 2 * quarter, 3 * quarter, n].map((k) => size(k - window, k));
  // ln of the radius between two windows: −Δ ln|c|/Δk.
  const early = -(at[1].log - at[0].log) / (at[1].k - at[0].k);
  const late = -(at[3].log - at[2].log) / (at[3].k - at[2].k);
  const rise = (late - early) / Math.log((at[2].k + at[3].k) / (at[0].k + at[1].k));
  return Number.isFinite(rise) ? rise : Number.POSITIVE_INFINITY;
}
