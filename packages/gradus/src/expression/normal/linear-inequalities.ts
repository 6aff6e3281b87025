import { Rational } from "../../ir/rational.ts";
import type { Field } from "./field.ts";
import type { Polynomial } from "./polynomial.ts";
import { NEGATIVE, NOTHING, POSITIVE, type Signs } from "./sign-set.ts";

/** Σ coefficient·monomial ≥ 0, or > 0. Each monomial is taken as a number of its own. */
interface Inequality {
  readonly coefficients: ReadonlyMap<string, Rational>;
  readonly strict: boolean;
}

interface Signed {
  readonly polynomial: Polynomial;
  readonly signs: Signs;
}

const MOST_INEQUALITIES = 24;
const MOST_UNKNOWNS = 5;

/**
 * Whether the statements about signs contradict each other already as linear inequalities between monomials
 * (Fourier-Motzkin elimination). false: not known.
 */
export function infeasible(field: Field, statements: readonly Signed[]): boolean {
  let system = statements.flatMap(inequalitiesOf);
  if (system.length < 2 || system.length > MOST_INEQUALITIES) return system.some((i) => isContradiction(i));
  const unknowns = new Set(system.flatMap((i) => [...i.coefficients.keys()]));
  unknowns.delete("");
  if (unknowns.size > MOST_UNKNOWNS) return false;
  for (const unknown of unknowns) {
    const next: Inequality[] = [];
    const [lower, upper]: [Inequality[], Inequality[]] = [[], []];
    for (const i of system) {
      const sign = i.coefficients.get(unknown)?.sign ?? 0;
      (sign > 0 ? lower : sign < 0 ? upper : next).push(i);
    }
    field.budget.spend(1 + lower.length * upper.length);
    for (const l of lower) for (const u of upper) next.push(eliminated(unknown, l, u));
    if (next.length > 4 * MOST_INEQUALITIES) return false;
    system = next;
  }
  return system.some(isContradiction);
}

function isContradiction({ coefficients, strict }: Inequality): boolean {
  if (coefficients.size > 1 || (coefficients.size === 1 && !coefficients.has(""))) return false;
  const constant = coefficients.get("")?.sign ?? 0;
  return constant < 0 || (strict && constant === 0);
}

function inequalitiesOf({ polynomial, signs }: Signed): Inequality[] {
  const plus = new Map([...polynomial].map(([k, t]) => [k, t.coefficient]));
  const minus = new Map([...plus].map(([k, c]) => [k, c.neg()]));
  switch (signs) {
    case POSITIVE:
      return [{ coefficients: plus, strict: true }];
    case NEGATIVE:
      return [{ coefficients: minus, strict: true }];
    case POSITIVE | NOTHING:
      return [{ coefficients: plus, strict: false }];
    case NEGATIVE | NOTHING:
      return [{ coefficients: minus, strict: false }];
    case NOTHING:
      return [
        { coefficients: plus, strict: false },
        { coefficients: minus, strict: false },
      ];
    default:
      return [];
  }
}

function eliminated(unknown: string, l: Inequality, u: Inequality): Inequality {
  const a = l.coefficients.get(unknown) as Rational;
  const b = (u.coefficients.get(unknown) as Rational).neg();
  const out = new Map<string, Rational>();
  const addAll = (from: Inequality, scale: Rational): void => {
    for (const [k, c] of from.coefficients) {
      const value = (out.get(k) ?? Rational.ZERO).add(c.mul(scale));
      if (value.isZero) out.delete(k);
      else out.set(k, value);
    }
  };
  addAll(l, b);
  addAll(u, a);
  out.delete(unknown);
  return { coefficients: out, strict: l.strict || u.strict };
}
