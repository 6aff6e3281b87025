import { Rational } from "../../ir/rational.ts";

/*
 * Laurent polynomials in kernels with exact rational coefficients. Exponents are counted in UNIT-ths, so that √x and
 * e^(x/3) are monomials like any other.
 */

/** 1 in exponents: a multiple of every denominator up to 16. */
export const UNIT = 720_720;

/** Kernel, exponent, kernel, exponent, …; kernels ascending, no exponent 0. */
export type Monomial = readonly number[];

export interface Term {
  readonly monomial: Monomial;
  readonly coefficient: Rational;
}

/** Terms by the key of their monomial; no coefficient is 0. */
export type Polynomial = ReadonlyMap<string, Term>;

/** The work allowed ran out: nothing is known of the question. */
export class WorkBudgetError extends Error {
  override name = "WorkBudgetError";
  constructor() {
    super("the expressions are too large to be compared by normal forms within the work allowed");
  }
}

/** Counts the work of one attempt, in products of terms. */
export class Budget {
  private left: number;
  constructor(steps: number) {
    this.left = steps;
  }
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new WorkBudgetError();
  }
}

/** Bits of a coefficient that is not short; 0 for others. */
function lengthOf({ n, d }: Rational): number {
  if (d === 1n && n < 1n << 64n && n > -1n << 64n) return 0;
  return bitsOf(n) + bitsOf(d);
}

/** A product or a sum of long numbers, and the greatest common divisor after it, cost the square of their length. */
const costOf = (bits: number): number => (bits / 100) ** 2;

function bitsOf(n: bigint): number {
  const size = Math.abs(Number(n));
  return size < Number.MAX_VALUE ? Math.log2(size + 1) : 4 * n.toString(16).length;
}

export const ZERO: Polynomial = new Map();

const keyOf = (m: Monomial): string => m.join();

export function fromTerms(terms: Iterable<Term>): Polynomial {
  const out = new Map<string, Term>();
  for (const t of terms) addTerm(out, t.monomial, t.coefficient);
  return out;
}

function addTerm(out: Map<string, Term>, monomial: Monomial, c: Rational): void {
  if (c.isZero) return;
  const key = keyOf(monomial);
  const known = out.get(key);
  if (!known) {
    out.set(key, { monomial, coefficient: c });
    return;
  }
  const sum = known.coefficient.add(c);
  if (sum.isZero) out.delete(key);
  else out.set(key, { monomial, coefficient: sum });
}

export const term = (monomial: Monomial, coefficient: Rational = Rational.ONE): Polynomial =>
  fromTerms([{ monomial, coefficient }]);

export const constantPolynomial = (c: Rational): Polynomial => term([], c);

export function addPolynomials(p: Polynomial, q: Polynomial, budget: Budget): Polynomial {
  if (p.size === 0) return q;
  if (q.size === 0) return p;
  const [large, small] = p.size >= q.size ? [p, q] : [q, p];
  budget.spend(1 + large.size / 8 + small.size);
  const out = new Map(large);
  for (const t of small.values()) {
    budget.spend(costOf(lengthOf(t.coefficient)));
    addTerm(out, t.monomial, t.coefficient);
  }
  return out;
}

export function scalePolynomial(p: Polynomial, c: Rational): Polynomial {
  if (c.isOne) return p;
  if (c.isZero) return ZERO;
  const out = new Map<string, Term>();
  for (const [key, t] of p) out.set(key, { monomial: t.monomial, coefficient: t.coefficient.mul(c) });
  return out;
}

export const negate = (p: Polynomial): Polynomial => scalePolynomial(p, Rational.of(-1));

/** a·b for monomials; `sign` −1 gives a/b. */
export function timesMonomial(a: Monomial, b: Monomial, sign = 1): Monomial {
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [ka, kb] = [i < a.length ? a[i] : Infinity, j < b.length ? b[j] : Infinity];
    const k = Math.min(ka, kb);
    const e = (ka === k ? a[i + 1] : 0) + (kb === k ? sign * b[j + 1] : 0);
    if (ka === k) i += 2;
    if (kb === k) j += 2;
    // Beyond this, sums of exponents would no longer be exact.
    if (Math.abs(e) > 2 ** 50) throw new WorkBudgetError();
    if (e !== 0) out.push(k, e);
  }
  return out;
}

export function exponentIn(m: Monomial, kernel: number): number {
  for (let i = 0; i < m.length; i += 2) if (m[i] === kernel) return m[i + 1];
  return 0;
}

export function multiplyPolynomials(p: Polynomial, q: Polynomial, budget: Budget): Polynomial {
  budget.spend(1 + p.size * q.size);
  const out = new Map<string, Term>();
  const lengths = Array.from(q.values(), (t) => lengthOf(t.coefficient));
  for (const a of p.values()) {
    const length = lengthOf(a.coefficient);
    let i = 0;
    for (const b of q.values()) {
      const bits = length + lengths[i++];
      if (bits > 0) budget.spend(costOf(bits));
      addTerm(out, timesMonomial(a.monomial, b.monomial), a.coefficient.mul(b.coefficient));
    }
  }
  return out;
}

export function timesTerm(p: Polynomial, t: Term, budget: Budget): Polynomial {
  return multiplyPolynomials(p, term(t.monomial, t.coefficient), budget);
}

/** Whether a stands before b in the lexical order of exponents, the newest kernel first. */
function isGreater(a: Monomial, b: Monomial): boolean {
  let [i, j] = [a.length - 2, b.length - 2];
  while (i >= 0 || j >= 0) {
    const [ka, kb] = [i >= 0 ? a[i] : -1, j >= 0 ? b[j] : -1];
    const k = Math.max(ka, kb);
    const e = (ka === k ? a[i + 1] : 0) - (kb === k ? b[j + 1] : 0);
    if (e !== 0) return e > 0;
    if (ka === k) i -= 2;
    if (kb === k) j -= 2;
  }
  return false;
}

/** The first term in the lexical order. */
export function leading(p: Polynomial): Term {
  let best: Term | undefined;
  for (const t of p.values()) if (!best || isGreater(t.monomial, best.monomial)) best = t;
  return best as Term;
}

/** The same for equal polynomials. */
export function polynomialKey(p: Polynomial): string {
  return [...p]
    .map(([key, t]) => `${key}:${t.coefficient}`)
    .sort()
    .join(" ");
}

/** Least and greatest exponent of each kernel. */
export function exponentRanges(p: Polynomial): Map<number, { least: number; most: number }> {
  const kernels = new Set<number>();
  for (const { monomial } of p.values())
    for (let i = 0; i < monomial.length; i += 2) kernels.add(monomial[i]);
  const ranges = new Map<number, { least: number; most: number }>();
  for (const k of kernels) {
    let [least, most] = [Infinity, -Infinity];
    for (const { monomial } of p.values()) {
      const e = exponentIn(monomial, k);
      if (e < least) least = e;
      if (e > most) most = e;
    }
    ranges.set(k, { least, most });
  }
  return ranges;
}

/** p/q where q divides p, else undefined. */
export function divideExactly(p: Polynomial, q: Polynomial, budget: Budget): Polynomial | undefined {
  if (q.size > p.size * 8 + 8) return undefined;
  const box = new Map(exponentRanges(p));
  const divisor = exponentRanges(q);
  for (const k of divisor.keys()) if (!box.has(k)) return undefined;
  for (const [k, { least, most }] of divisor) {
    const own = box.get(k) as { least: number; most: number };
    if (most - least > own.most - own.least) return undefined;
    box.set(k, { least: own.least - least, most: own.most - most });
  }
  const first = leading(q);
  const quotient: Term[] = [];
  let rest = p;
  while (rest.size > 0) {
    budget.spend(rest.size / 4 + 1);
    const at = leading(rest);
    const monomial = timesMonomial(at.monomial, first.monomial, -1);
    if (!isInside(monomial, box)) return undefined;
    const coefficient = at.coefficient.div(first.coefficient);
    quotient.push({ monomial, coefficient });
    rest = addPolynomials(rest, timesTerm(q, { monomial, coefficient: coefficient.neg() }, budget), budget);
  }
  return fromTerms(quotient);
}

function isInside(m: Monomial, box: ReadonlyMap<number, { least: number; most: number }>): boolean {
  for (const [k, { least, most }] of box) {
    const e = exponentIn(m, k);
    if (e < least || e > most) return false;
  }
  for (let i = 0; i < m.length; i += 2) if (!box.has(m[i])) return false;
  return true;
}

const gcd = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};

/** The positive rational c for which p/c has whole coefficients without a common divisor. */
export function contentOf(p: Polynomial): Rational {
  let n = 0n;
  let d = 1n;
  for (const { coefficient: c } of p.values()) {
    n = gcd(n, c.n);
    d = (d / gcd(d, c.d)) * c.d;
  }
  return n === 0n ? Rational.ONE : Rational.of(n, d);
}

/** √c where it is rational. */
export function rationalRoot(c: Rational): Rational | undefined {
  if (c.sign < 0) return undefined;
  const [n, d] = [wholeRoot(c.n), wholeRoot(c.d)];
  return n === undefined || d === undefined ? undefined : Rational.of(n, d);
}

function wholeRoot(n: bigint): bigint | undefined {
  if (n < 2n) return n;
  if (n > 1n << 400n) return undefined;
  let x = BigInt(Math.floor(Math.sqrt(Number(n))));
  // Newton's steps; two suffice from a float's root, but long numbers take more.
  for (let i = 0; i < 12; i++) {
    const next = (x + n / x) >> 1n;
    if (next === x || next === x + 1n) break;
    x = next;
  }
  for (const r of [x - 1n, x, x + 1n]) if (r * r === n) return r;
  return undefined;
}
