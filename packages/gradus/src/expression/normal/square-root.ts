import { Rational } from "../../ir/rational.ts";
import type { Field } from "./field.ts";
import {
  addPolynomials,
  exponentIn,
  exponentRanges,
  fromTerms,
  leading,
  type Monomial,
  multiplyPolynomials,
  negate,
  type Polynomial,
  polynomialKey,
  rationalRoot,
  type Term,
  term,
  timesMonomial,
  timesTerm,
  UNIT,
} from "./polynomial.ts";

const MOST_TERMS = 40;

/** A real r with r² = p, or r² = −p (`negative`), where there is one. */
export function squareRootOf(
  p: Polynomial,
  field: Field,
): { readonly root: Polynomial; readonly negative: boolean } | undefined {
  if (p.size < 2 || p.size > MOST_TERMS) return undefined;
  for (const negative of [false, true]) {
    const root = positiveRoot(negative ? negate(p) : p, field);
    if (!root) continue;
    if (field.isReal(root)) return { root, negative };
    // r² = −p with an imaginary r: (ir)² = p.
    const turned = field.mul({ num: root, den: [] }, field.i);
    if (turned.den.length === 0 && field.isReal(turned.num)) return { root: turned.num, negative: !negative };
  }
  return undefined;
}

/** Term by term from the first, as a root is taken by hand. */
function positiveRoot(p: Polynomial, field: Field): Polynomial | undefined {
  const first = leading(p);
  const half = halved(first.monomial, field);
  const coefficient = half && rationalRoot(first.coefficient);
  if (!half || !coefficient) return undefined;
  const ranges = exponentRanges(p);
  const head: Term = { monomial: half, coefficient };
  const terms = [head];
  let root = fromTerms(terms);
  let rest = addPolynomials(p, negate(multiplyPolynomials(root, root, field.budget)), field.budget);
  while (rest.size > 0) {
    if (terms.length > MOST_TERMS) return undefined;
    const at = leading(rest);
    const next: Term = {
      monomial: timesMonomial(at.monomial, half, -1),
      coefficient: at.coefficient.div(coefficient.mul(Rational.of(2))),
    };
    for (const [k, { least, most }] of ranges) {
      const e = 2 * exponentIn(next.monomial, k);
      if (e < least || e > most) return undefined;
    }
    if (next.monomial.some((k, i) => i % 2 === 0 && !ranges.has(k))) return undefined;
    // (r + t)² − r² = 2rt + t²
    const doubled = timesTerm(
      root,
      { ...next, coefficient: next.coefficient.mul(Rational.of(2)) },
      field.budget,
    );
    const square = multiplyPolynomials(
      term(next.monomial, next.coefficient),
      term(next.monomial, next.coefficient),
      field.budget,
    );
    rest = addPolynomials(rest, negate(addPolynomials(doubled, square, field.budget)), field.budget);
    terms.push(next);
    root = fromTerms(terms);
  }
  // Found in the free ring; once more among the kernels, whose roots multiply out.
  const squared = field.settled(multiplyPolynomials(root, root, field.budget), []);
  return squared.den.length === 0 && polynomialKey(squared.num) === polynomialKey(p) ? root : undefined;
}

/** √m where every exponent may be halved: those of variables must stay whole. */
function halved(m: Monomial, field: Field): Monomial | undefined {
  const out: number[] = [];
  for (let i = 0; i < m.length; i += 2) {
    const { kind } = field.kernels[m[i]];
    const e = m[i + 1] / 2;
    const free = kind === "exp" || kind === "turn";
    if (!Number.isInteger(e) || (!free && e % UNIT !== 0)) return undefined;
    out.push(m[i], e);
  }
  return out;
}
