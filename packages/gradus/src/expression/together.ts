import type { Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { tanh } from "../primitives/hyperbolic.ts";
import { cot, tan } from "../primitives/trigonometric.ts";
import type { Algebra } from "./algebra.ts";
import { costOf } from "./cost.ts";
import { type Factor, type Form, isEven, isWhole } from "./form.ts";
import { isFunction, isRoot, joined } from "./joined.ts";

/*
 * Sums over one denominator, their numerators multiplied out and cancelled, wherever that is shorter to read. For
 * derivatives of continuous functions only: what cancels may fill a gap of the formula, and there the derivative is the
 * limit of the values beside it, by the mean value theorem.
 */

/** Parts that are tried, and the size of what is tried. */
const MOST_PARTS = 24;
const LARGEST = 120;

/**
 * The form with each of its sums and products as they are read most easily. Of what may jump, or is very long
 * (`joins` false), only terms that are 0 are left out.
 */
export function simplest(algebra: Algebra, root: Form, joins: boolean): Form {
  return new Together(algebra, joins).simplest(root);
}

class Together {
  private readonly algebra: Algebra;
  private readonly known = new Map<Form, Form>();
  private tried = 0;

  private readonly joins: boolean;

  constructor(algebra: Algebra, joins: boolean) {
    this.algebra = algebra;
    this.joins = joins;
  }

  simplest(form: Form): Form {
    let found = this.known.get(form);
    if (!found) {
      found = this.better(this.partsSimplest(form));
      this.known.set(form, found);
    }
    return found;
  }

  /** What stands inside a function is the reader's own, but for roots, which rules make. */
  private partsSimplest(form: Form): Form {
    if (form.kind === "sum") return this.termsSimplest(form);
    if (form.kind === "product") return this.factorsSimplest(form);
    if (form.kind === "number") return form;
    if (LINEAR.has(form.node.primitive.name)) {
      const args = form.args.map((a) => this.simplest(a));
      return args.every((a, i) => a === form.args[i]) ? form : this.algebra.linear(form.node, args);
    }
    if (!isRoot(form)) return form;
    const inner = this.simplest(form.args[0]);
    if (costOf(inner) >= costOf(form.args[0])) return form;
    const power = this.algebra.power(inner, this.algebra.forms.number(Rational.of(1, 2)));
    return power.kind === "atom" ? power : this.algebra.forms.atom(form.node, [inner]);
  }

  private termsSimplest(form: Form & { kind: "sum" }): Form {
    const { algebra } = this;
    const terms = form.terms
      .filter((t) => !t.coefficient.isZero)
      .map((t) => ({ ...t, form: this.simplest(t.form) }));
    if (terms.length === form.terms.length && terms.every((t, i) => t.form === form.terms[i].form))
      return form;
    const constant = { form: algebra.forms.number(form.constant), coefficient: Rational.ONE };
    return algebra.sum(form.constantFirst ? [constant, ...terms] : [...terms, constant]);
  }

  private factorsSimplest(form: Form & { kind: "product" }): Form {
    const { algebra } = this;
    if (form.coefficient.isZero) return algebra.forms.zero;
    const factors = form.factors.map((f) => this.factorSimplest(f));
    if (factors.every((f, i) => f === form.factors[i])) return form;
    return algebra.product([
      algebra.forms.number(form.coefficient),
      ...factors.map((f) => algebra.power(f.base, f.exponent)),
    ]);
  }

  private factorSimplest(f: Factor): Factor {
    const { forms } = this.algebra;
    const { base, exponent } = f;
    // (√u)² is u.
    if (isRoot(base) && isEven(exponent) && exponent.kind === "number")
      return { base: base.args[0], exponent: forms.number(exponent.value.div(Rational.of(2))) };
    if (!isRoot(base) && (base.kind !== "sum" || !isWhole(exponent))) return f;
    const better = this.simplest(base);
    return better === base ? f : { base: better, exponent };
  }

  private better(given: Form): Form {
    if (given.kind === "product" && given.coefficient.isZero) return this.algebra.forms.zero;
    if (!this.joins) return given;
    const form = asTangent(this.algebra, given);
    if (!isWorthTrying(form) || this.tried >= MOST_PARTS || costOf(form) > LARGEST) return form;
    this.tried++;
    let best = form;
    for (const { form: candidate, weight } of joined(this.algebra, form))
      if (weight * costOf(candidate) < costOf(best)) best = candidate;
    return best === form && form.kind === "sum" ? this.grouped(form) : best;
  }

  /** Where not all terms come together, those over one denominator may. */
  private grouped(form: Form & { kind: "sum" }): Form {
    const { algebra } = this;
    for (const base of new Set(form.terms.flatMap((t) => denominatorsOf(t.form)))) {
      const alike = form.terms.filter((t) => denominatorsOf(t.form).includes(base));
      if (alike.length < 2 || alike.length === form.terms.length) continue;
      const shorter = this.simplest(algebra.sum(alike));
      if (costOf(shorter) >= costOf(algebra.forms.rawSum(alike, Rational.ZERO, false))) continue;
      const constant = { form: algebra.forms.number(form.constant), coefficient: Rational.ONE };
      const terms = form.terms.flatMap((t) => {
        if (!alike.includes(t)) return [t];
        return t === alike[0] ? [{ form: shorter, coefficient: Rational.ONE }] : [];
      });
      return this.simplest(algebra.sum(form.constantFirst ? [constant, ...terms] : [...terms, constant]));
    }
    return form;
  }
}

/** What rules put around the parts of a gradient. */
const LINEAR = new Set(["contract", "sum", "diagonal_matrix", "transpose", "broadcast", "reshape"]);

const denominatorsOf = (form: Form): readonly Form[] =>
  form.kind === "product"
    ? form.factors.filter((f) => f.exponent.kind === "number" && f.exponent.value.sign < 0).map((f) => f.base)
    : [];

/** sin u/cos u is tan u, and cos u/sin u is cot u. */
function asTangent(algebra: Algebra, form: Form): Form {
  if (form.kind !== "product") return form;
  for (const above of form.factors) {
    if (above.exponent !== algebra.forms.one) continue;
    for (const [top, bottom, make] of QUOTIENTS) {
      if (!isFunction(above.base, top)) continue;
      const [u] = above.base.args;
      const below = form.factors.find(
        (f) => isFunction(f.base, bottom) && f.base.args[0] === u && isMinusOne(f.exponent),
      );
      if (!below) continue;
      const quotient = algebra.forms.atom(make(above.base.node.inputs[0]), [u]);
      const rest = form.factors.filter((f) => f !== above && f !== below);
      return algebra.fromFactors(form.coefficient, [
        ...rest,
        { base: quotient, exponent: algebra.forms.one },
      ]);
    }
  }
  return form;
}

const QUOTIENTS: readonly (readonly [string, string, (u: Node) => Node])[] = [
  ["sin", "cos", tan],
  ["cos", "sin", cot],
  ["sinh", "cosh", tanh],
];

const isMinusOne = (exponent: Form): boolean => exponent.kind === "number" && exponent.value.neg().isOne;

/** Fractions, roots or brackets inside a sum: what may come together. */
function isWorthTrying(form: Form): boolean {
  if (form.kind === "product") {
    const sums = form.factors.map((f) => f.base).filter((b) => b.kind === "sum");
    return sums.length === 1 || (sums.length > 1 && (hasFraction(form) || sums.some(isWorthTrying)));
  }
  if (form.kind !== "sum") return false;
  return form.terms.some(({ form: t }) => hasFraction(t) || hasBrackets(t) || isSquare(t));
}

const hasFraction = (form: Form): boolean =>
  isRoot(form) ||
  (form.kind === "product" &&
    form.factors.some(
      (f) => f.exponent.kind === "number" && (f.exponent.value.sign < 0 || !f.exponent.value.isInteger),
    ));

const hasBrackets = (form: Form): boolean =>
  form.kind === "sum" || (form.kind === "product" && form.factors.some((f) => f.base.kind === "sum"));

/** sec² u may meet tan² u. */
const isSquare = (form: Form): boolean =>
  form.kind === "product" &&
  form.factors.some((f) => f.base.kind === "atom" && f.base.args.length > 0 && isWhole(f.exponent, 2));
