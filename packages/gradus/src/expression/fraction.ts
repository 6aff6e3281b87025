import { Rational } from "../ir/rational.ts";
import { linearFactors } from "./factors.ts";
import {
  addPolynomials,
  type Budget,
  constantPolynomial,
  type Gaussian,
  invertMonomial,
  isZeroPolynomial,
  monomial,
  multiplyPolynomials,
  negated,
  type Polynomial,
  polynomialKey,
  scalePolynomial,
} from "./polynomial.ts";

/** A quotient of polynomials; the denominator stays in factors, so that a sum multiplies as little as it can. */
export interface Fraction {
  readonly above: Polynomial;
  /** Monic factors with whole exponents, by key. */
  readonly below: ReadonlyMap<string, { readonly factor: Polynomial; readonly exponent: number }>;
}

const NONE: Fraction["below"] = new Map();

/** A denominator that is zero everywhere. */
export class DivisionByZeroError extends Error {
  override name = "DivisionByZeroError";
}

export const fraction = (above: Polynomial): Fraction => ({ above, below: NONE });
export const number = (value: Rational | number): Fraction =>
  fraction(constantPolynomial(typeof value === "number" ? Rational.of(value) : value));
export const isZeroFraction = (f: Fraction): boolean => isZeroPolynomial(f.above);
export const negate = (f: Fraction): Fraction => ({ above: negated(f.above), below: f.below });
export const scale = (f: Fraction, by: Gaussian): Fraction => ({
  above: scalePolynomial(f.above, by),
  below: f.below,
});

export function multiply(a: Fraction, b: Fraction, budget: Budget): Fraction {
  const below = new Map(a.below);
  for (const [key, f] of b.below) {
    const exponent = (below.get(key)?.exponent ?? 0) + f.exponent;
    below.set(key, { factor: f.factor, exponent });
  }
  return { above: multiplyPolynomials(a.above, b.above, budget), below };
}

export function add(a: Fraction, b: Fraction, budget: Budget): Fraction {
  if (isZeroFraction(a)) return b;
  if (isZeroFraction(b)) return a;
  const below = new Map(a.below);
  for (const [key, f] of b.below) {
    if (f.exponent > (below.get(key)?.exponent ?? 0)) below.set(key, f);
  }
  const lifted = (f: Fraction): Polynomial => {
    let above = f.above;
    for (const [key, { factor, exponent }] of below) {
      const missing = exponent - (f.below.get(key)?.exponent ?? 0);
      for (let i = 0; i < missing; i++) above = multiplyPolynomials(above, factor, budget);
    }
    return above;
  };
  return { above: addPolynomials(lifted(a), lifted(b)), below };
}

export function subtract(a: Fraction, b: Fraction, budget: Budget): Fraction {
  return add(a, negate(b), budget);
}

export function invert(f: Fraction, budget: Budget): Fraction {
  if (isZeroFraction(f)) throw new DivisionByZeroError("a denominator is zero everywhere");
  let above: Polynomial = constantPolynomial(Rational.ONE);
  for (const { factor, exponent } of f.below.values())
    for (let i = 0; i < exponent; i++) above = multiplyPolynomials(above, factor, budget);
  const { content, factors } = linearFactors(f.above, budget);
  const { coefficient, powers } = invertMonomial(content);
  return {
    above: multiplyPolynomials(above, monomial(coefficient, powers), budget),
    below: new Map(factors.map((x) => [polynomialKey(x.factor), x])),
  };
}

export function power(f: Fraction, exponent: number, budget: Budget): Fraction {
  const base = exponent < 0 ? invert(f, budget) : f;
  let result = number(1);
  let square = base;
  for (let k = Math.abs(exponent); k > 0; k >>= 1) {
    if (k & 1) result = multiply(result, square, budget);
    if (k > 1) square = multiply(square, square, budget);
  }
  return result;
}

/** The same for fractions that are the same by construction; equal values may still have different keys. */
export function fractionKey(f: Fraction): string {
  const below = [...f.below].map(([key, { exponent }]) => `(${key})^${exponent}`).sort();
  return `${polynomialKey(f.above)} / ${below.join(" ")}`;
}
