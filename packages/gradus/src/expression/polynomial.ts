import { Rational } from "../ir/rational.ts";

/*
 * Sparse polynomials over the Gaussian rationals in "kernels" (variables, exponentials, roots, …, numbered by whoever
 * makes them), with rational exponents of either sign.
 */

export interface Gaussian {
  readonly re: Rational;
  readonly im: Rational;
}

export interface Monomial {
  readonly coefficient: Gaussian;
  /** Exponents by kernel number; none is zero. */
  readonly powers: ReadonlyMap<number, Rational>;
}

/** By key: equal products of kernels have equal keys. */
export type Polynomial = ReadonlyMap<string, Monomial>;

/** What an attempt may cost, in products of terms. Every attempt ends. */
export class Budget {
  private left: number;

  constructor(left: number) {
    this.left = left;
  }

  spend(cost: number): void {
    this.left -= cost;
    if (this.left < 0) throw new BudgetError("the work budget of a proof is used up");
  }
}

export class BudgetError extends Error {
  override name = "BudgetError";
}

const ZERO = Rational.ZERO;
export const gaussian = (re: Rational, im: Rational = ZERO): Gaussian => ({ re, im });
const ONE = gaussian(Rational.ONE);

const sum = (a: Gaussian, b: Gaussian): Gaussian => gaussian(a.re.add(b.re), a.im.add(b.im));
const isZeroNumber = (a: Gaussian): boolean => a.re.isZero && a.im.isZero;

function times(a: Gaussian, b: Gaussian): Gaussian {
  if (a.im.isZero && b.im.isZero) return gaussian(a.re.mul(b.re));
  return gaussian(a.re.mul(b.re).sub(a.im.mul(b.im)), a.re.mul(b.im).add(a.im.mul(b.re)));
}

function reciprocal(a: Gaussian): Gaussian {
  const size = a.re.mul(a.re).add(a.im.mul(a.im));
  return gaussian(a.re.div(size), a.im.neg().div(size));
}

const EMPTY: ReadonlyMap<number, Rational> = new Map();
const keyOf = (powers: ReadonlyMap<number, Rational>): string =>
  [...powers]
    .sort((a, b) => a[0] - b[0])
    .map(([k, e]) => `${k}^${e}`)
    .join(" ");

export function monomial(coefficient: Gaussian, powers: ReadonlyMap<number, Rational> = EMPTY): Polynomial {
  return isZeroNumber(coefficient) ? new Map() : new Map([[keyOf(powers), { coefficient, powers }]]);
}

export const constantPolynomial = (value: Rational): Polynomial => monomial(gaussian(value));
export const kernelPower = (kernel: number, exponent: Rational = Rational.ONE): Polynomial =>
  exponent.isZero ? monomial(ONE) : monomial(ONE, new Map([[kernel, exponent]]));

export const isZeroPolynomial = (p: Polynomial): boolean => p.size === 0;

/** The rational number that a polynomial is, or undefined. */
export function rationalOf(p: Polynomial): Rational | undefined {
  if (p.size === 0) return ZERO;
  const only = p.size === 1 ? p.get("") : undefined;
  return only?.coefficient.im.isZero ? only.coefficient.re : undefined;
}

export function addPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  const [large, small] = a.size >= b.size ? [a, b] : [b, a];
  const result = new Map(large);
  for (const [key, m] of small) accumulate(result, key, m);
  return result;
}

function accumulate(into: Map<string, Monomial>, key: string, m: Monomial): void {
  const other = into.get(key);
  if (!other) {
    into.set(key, m);
    return;
  }
  const coefficient = sum(other.coefficient, m.coefficient);
  if (isZeroNumber(coefficient)) into.delete(key);
  else into.set(key, { coefficient, powers: m.powers });
}

export function scalePolynomial(p: Polynomial, by: Gaussian): Polynomial {
  if (isZeroNumber(by)) return new Map();
  return new Map([...p].map(([key, m]) => [key, { ...m, coefficient: times(m.coefficient, by) }]));
}

export const negated = (p: Polynomial): Polynomial => scalePolynomial(p, gaussian(Rational.of(-1)));

export function multiplyPolynomials(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  budget.spend(a.size * b.size);
  const result = new Map<string, Monomial>();
  for (const m of a.values()) {
    for (const n of b.values()) {
      const powers = mergedPowers(m.powers, n.powers);
      accumulate(result, keyOf(powers), { coefficient: times(m.coefficient, n.coefficient), powers });
    }
  }
  return result;
}

function mergedPowers(
  a: ReadonlyMap<number, Rational>,
  b: ReadonlyMap<number, Rational>,
): ReadonlyMap<number, Rational> {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const merged = new Map(a);
  for (const [k, e] of b) {
    const whole = (merged.get(k) ?? ZERO).add(e);
    if (whole.isZero) merged.delete(k);
    else merged.set(k, whole);
  }
  return merged;
}

/** 1/m of a single term. */
export function invertMonomial(m: Monomial): Monomial {
  return {
    coefficient: reciprocal(m.coefficient),
    powers: new Map([...m.powers].map(([k, e]) => [k, e.neg()])),
  };
}

export const monomialsOf = (p: Polynomial): readonly Monomial[] => [...p.values()];

/** The same whatever the order of the terms: equal polynomials have equal keys. */
export function polynomialKey(p: Polynomial): string {
  return [...p]
    .map(([key, { coefficient: c }]) => `${c.re}${c.im.isZero ? "" : `,${c.im}i`}*${key}`)
    .sort()
    .join(" + ");
}

/** Divided by the coefficient of its first term (by key): a polynomial up to a factor, and that factor. */
export function monic(p: Polynomial): { readonly unit: Gaussian; readonly primitive: Polynomial } {
  const [first] = [...p.keys()].sort();
  const unit = (p.get(first) as Monomial).coefficient;
  return { unit, primitive: scalePolynomial(p, reciprocal(unit)) };
}
