import { Rational } from "../ir/rational.ts";
import {
  type Budget,
  gaussian,
  invertMonomial,
  type Monomial,
  monic,
  monomial,
  monomialsOf,
  multiplyPolynomials,
  type Polynomial,
  polynomialKey,
} from "./polynomial.ts";

/** Larger numbers stay whole: their logarithm or root is a kernel of its own. */
const LARGEST_PRIME = 1000n;

/** r = Π pᵉ; what is left of a large number stands as one "prime". */
export function primeFactors(r: Rational): [Rational, number][] {
  const found: [Rational, number][] = [];
  for (const [n, sign] of [
    [r.n < 0n ? -r.n : r.n, 1],
    [r.d, -1],
  ] as const) {
    let left = n;
    for (let p = 2n; p <= LARGEST_PRIME && p * p <= left; p++) {
      let e = 0;
      while (left % p === 0n) {
        left /= p;
        e++;
      }
      if (e > 0) found.push([Rational.of(p), sign * e]);
    }
    if (left > 1n) found.push([Rational.of(left), sign]);
  }
  return found;
}

export interface Factored {
  /** What divides every term, with the coefficient. */
  readonly content: Monomial;
  /** The polynomial without its content, monic. */
  readonly rest: Polynomial;
  /** `rest` in factors; linear factors of a polynomial in one kernel are found, others stay together. */
  readonly factors: readonly { readonly factor: Polynomial; readonly exponent: number }[];
}

/** Takes out the monomial content, and the linear factors of a polynomial in one kernel with rational roots. */
export function linearFactors(p: Polynomial, budget: Budget): Factored {
  const terms = monomialsOf(p);
  const least = new Map<number, Rational>(terms[0]?.powers ?? []);
  for (const k of terms.flatMap((t) => [...t.powers.keys()])) {
    const exponents = terms.map((t) => t.powers.get(k) ?? Rational.ZERO);
    least.set(
      k,
      exponents.reduce((a, b) => (a.compare(b) <= 0 ? a : b)),
    );
  }
  for (const [k, e] of least) if (e.isZero) least.delete(k);
  const inverse = invertMonomial({ coefficient: gaussian(Rational.ONE), powers: least });
  const bare = multiplyPolynomials(p, monomial(inverse.coefficient, inverse.powers), budget);
  if (bare.size === 0)
    return { content: { coefficient: gaussian(Rational.ZERO), powers: least }, rest: bare, factors: [] };
  const { unit, primitive } = monic(bare);
  const content: Monomial = { coefficient: unit, powers: least };
  const isOne = primitive.size === 1 && primitive.has("");
  return { content, rest: primitive, factors: isOne ? [] : split(primitive, budget) };
}

/** Highest degree in which rational roots are looked for. */
const HIGHEST_DEGREE = 8;

/** Factors with constant term 1, as `rest` has: their product is `rest` itself. */
function split(p: Polynomial, budget: Budget): { factor: Polynomial; exponent: number }[] {
  const coefficients = univariate(p);
  if (!coefficients) return [{ factor: p, exponent: 1 }];
  let left = coefficients.list;
  const found = new Map<string, { factor: Polynomial; exponent: number }>();
  const take = (list: readonly Rational[]): void => {
    const factor = monic(fromList(list, coefficients.kernel)).primitive;
    const key = polynomialKey(factor);
    found.set(key, { factor, exponent: (found.get(key)?.exponent ?? 0) + 1 });
  };
  while (left.length > 2) {
    budget.spend(left.length * left.length);
    const root = rationalRoot(left, budget);
    if (!root) break;
    left = deflated(left, root);
    take([root.neg(), Rational.ONE]);
  }
  if (left.length > 1) take(left);
  return [...found.values()];
}

/** Coefficients from the constant up, where the polynomial has one kernel, whole exponents and rational coefficients. */
function univariate(p: Polynomial): { kernel: number; list: Rational[] } | undefined {
  let kernel: number | undefined;
  let degree = 0;
  for (const { coefficient, powers } of p.values()) {
    if (!coefficient.im.isZero || powers.size > 1) return undefined;
    for (const [k, e] of powers) {
      if ((kernel !== undefined && kernel !== k) || !e.isInteger || e.sign < 0) return undefined;
      kernel = k;
      degree = Math.max(degree, e.toNumber());
    }
  }
  if (kernel === undefined || degree > HIGHEST_DEGREE) return undefined;
  const list = Array.from({ length: degree + 1 }, () => Rational.ZERO);
  for (const { coefficient, powers } of p.values())
    list[powers.size === 0 ? 0 : (powers.get(kernel) as Rational).toNumber()] = coefficient.re;
  return { kernel, list };
}

function fromList(list: readonly Rational[], kernel: number): Polynomial {
  const terms = list.flatMap((c, i) => {
    const powers = new Map(i === 0 ? [] : [[kernel, Rational.of(i)] as const]);
    return [...monomial(gaussian(c), powers)];
  });
  return new Map(terms);
}

/** A root p/q by the rational root theorem, of small numerator and denominator. */
function rationalRoot(list: readonly Rational[], budget: Budget): Rational | undefined {
  const common = list.reduce((l, c) => (l * c.d) / gcd(l, c.d), 1n);
  const whole = list.map((c) => c.n * (common / c.d));
  const [last, first] = [divisors(whole[0]), divisors(whole[whole.length - 1])];
  budget.spend(last.length * first.length * list.length);
  for (const p of last) {
    for (const q of first) {
      for (const r of [Rational.of(p, q), Rational.of(-p, q)]) {
        const value = list.reduceRight((sum, c) => sum.mul(r).add(c), Rational.ZERO);
        if (value.isZero) return r;
      }
    }
  }
  return undefined;
}

function deflated(list: readonly Rational[], root: Rational): Rational[] {
  const result: Rational[] = [];
  let carry = Rational.ZERO;
  for (let i = list.length - 1; i > 0; i--) {
    carry = carry.mul(root).add(list[i]);
    result.unshift(carry);
  }
  return result;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

function divisors(n: bigint): bigint[] {
  const size = n < 0n ? -n : n;
  if (size === 0n || size > 1_000_000n) return [1n];
  const found: bigint[] = [];
  for (let d = 1n; d * d <= size; d++) if (size % d === 0n) found.push(d, size / d);
  return found;
}
