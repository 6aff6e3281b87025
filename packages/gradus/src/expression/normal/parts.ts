import type { Rational } from "../../ir/rational.ts";
import type { Field, Quotient } from "./field.ts";
import {
  addPolynomials,
  leading,
  multiplyPolynomials,
  negate,
  type Polynomial,
  term,
  timesMonomial,
} from "./polynomial.ts";

/** A quotient as a polynomial and a rest, by division: x/(x + 1) is 1 − 1/(x + 1). Where exponents may be negative, all is rest. */
export function wholePart(q: Quotient, field: Field): [Quotient, Quotient] {
  const nothing: [Quotient, Quotient] = [field.zero, q];
  if (q.den.length !== 1 || q.den[0].exponent !== 1) return nothing;
  const [{ polynomial }] = q.den;
  const natural = (p: Polynomial) =>
    [...p.values()].every((t) => t.monomial.every((e, i) => i % 2 === 0 || e > 0));
  if (!natural(q.num) || !natural(polynomial)) return nothing;
  const head = leading(polynomial);
  let [whole, rest] = [field.zero, q.num];
  for (let steps = 0; rest.size > 0 && steps < 50; steps++) {
    const at = [...rest.values()].find((t) =>
      timesMonomial(t.monomial, head.monomial, -1).every((e, i) => i % 2 === 0 || e > 0),
    );
    if (!at) break;
    const factor = term(timesMonomial(at.monomial, head.monomial, -1), at.coefficient.div(head.coefficient));
    whole = field.add(whole, { num: factor, den: [] });
    rest = addPolynomials(rest, negate(multiplyPolynomials(factor, polynomial, field.budget)), field.budget);
  }
  return [whole, { num: rest, den: q.den }];
}

export const isOne = (p: Polynomial): boolean => p.size === 1 && (p.get("")?.coefficient.isOne ?? false);

export function degree(p: Polynomial): number {
  let most = 0;
  for (const { monomial } of p.values()) {
    let sum = 0;
    for (let i = 1; i < monomial.length; i += 2) sum += Math.abs(monomial[i]);
    most = Math.max(most, sum);
  }
  return most;
}

/** A whole number as a JavaScript number; a RangeError where no exponent can be as large. */
export function smallWhole(r: Rational): number {
  const n = Number(r.n);
  if (!Number.isSafeInteger(n)) throw new RangeError(`an exponent of ${r} is too large to be worked out`);
  return n;
}

/** Prime factors up to 1000; what is left is taken as one. */
export function primesOf(n: bigint): [bigint, number][] {
  const out: [bigint, number][] = [];
  let rest = n < 0n ? -n : n;
  for (let p = 2n; p * p <= rest && p < 1000n; p += p === 2n ? 1n : 2n) {
    let exponent = 0;
    for (; rest % p === 0n; rest /= p) exponent++;
    if (exponent > 0) out.push([p, exponent]);
  }
  if (rest > 1n) out.push([rest, 1]);
  return out;
}
