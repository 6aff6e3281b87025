import { Rational } from "../../ir/rational.ts";
import type { Field, Quotient } from "./field.ts";
import { addPolynomials, leading, type Polynomial, scalePolynomial } from "./polynomial.ts";

const MOST_BASES = 12;

/** Rational c with u = Σ cᵢ·basesᵢ, where there are such (Gaussian elimination over the numerators). */
export function combinationOf(field: Field, u: Quotient, bases: readonly Quotient[]): Rational[] | undefined {
  if (bases.length === 0 || bases.length > MOST_BASES) return undefined;
  const numerators = field.overOneDenominator([u, ...bases]);
  if (!numerators) return undefined;
  const [target, ...rows] = numerators;
  // Rows in echelon form, each with the combination of bases that made it.
  const reduced: { readonly polynomial: Polynomial; readonly made: Rational[] }[] = [];
  const unit = (i: number) => rows.map((_, k) => (k === i ? Rational.ONE : Rational.ZERO));
  const reduce = (p: Polynomial, made: Rational[]): { polynomial: Polynomial; made: Rational[] } => {
    let [polynomial, own] = [p, made];
    for (const row of reduced) {
      const head = leading(row.polynomial);
      const found = polynomial.get(head.monomial.join())?.coefficient;
      if (!found) continue;
      const factor = found.div(head.coefficient).neg();
      polynomial = addPolynomials(polynomial, scalePolynomial(row.polynomial, factor), field.budget);
      own = own.map((c, i) => c.add(row.made[i].mul(factor)));
    }
    return { polynomial, made: own };
  };
  rows.forEach((p, i) => {
    const row = reduce(p, unit(i));
    if (row.polynomial.size > 0) reduced.push(row);
  });
  const rest = reduce(
    target,
    rows.map(() => Rational.ZERO),
  );
  return rest.polynomial.size === 0 ? rest.made.map((c) => c.neg()) : undefined;
}
