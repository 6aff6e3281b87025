import type { Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { tiedSlopes } from "./case-patterns.ts";
import { type Factor, type Form, Forms, isEven, isWhole, type Term } from "./form.ts";
import { contentOf, coprime, isContraction, shareLetters, straightQuadratic, WIDEST } from "./form-parts.ts";
import { logistic, rootsMerged, signsMerged, softmaxed, withoutInnerFractions } from "./product-patterns.ts";
import { commonMatrix, factored, overSquare, pythagoras } from "./sum-patterns.ts";

const MINUS_ONE = Rational.of(-1);
const TWO = Rational.of(2);

/**
 * Sums, products and powers of forms, simplified as a person would over the reals, keeping the domain: x/x stays,
 * because it has no value at 0; x²/x³ is 1/x.
 */
export class Algebra {
  readonly forms = new Forms();
  /** Forms that cannot be zero where the whole has a value: ln x stands in it, so x > 0. */
  readonly apart = new Set<Form>();
  /** |·| of a form; given by the caller, who has the pattern. */
  readonly absolute: (u: Form) => Form;

  constructor(absolute: (algebra: Algebra, u: Form) => Form) {
    this.absolute = (u) => (u.nonnegative ? u : absolute(this, u));
  }

  /** Coefficient and the rest, for collecting like terms. */
  private split(form: Form): Term {
    if (form.kind !== "product") return { form, coefficient: Rational.ONE };
    if (form.coefficient.isOne) return { form, coefficient: Rational.ONE };
    return { form: this.withoutCoefficient(form), coefficient: form.coefficient };
  }

  /** The factors of a product are merged already. */
  private withoutCoefficient({ factors }: Form & { kind: "product" }): Form {
    const lone = factors.length === 1 && factors[0].exponent === this.forms.one;
    return lone ? factors[0].base : this.forms.rawProduct(Rational.ONE, factors);
  }

  scale(form: Form, by: Rational): Form {
    return this.sum([{ form, coefficient: by }]);
  }

  /** 3x² + x² is 4x², without more ado; undefined where it is not as simple. */
  private likeTerms(a: Term, b: Term): Form | undefined {
    if (a.form.kind !== "product" && b.form.kind !== "product") return undefined;
    const [p, q] = [this.split(a.form), this.split(b.form)];
    if (p.form !== q.form || p.form.kind === "sum" || p.form.kind === "number") return undefined;
    const coefficient = p.coefficient.mul(a.coefficient).add(q.coefficient.mul(b.coefficient));
    return coefficient.isZero ? undefined : this.withCoefficient(p.form, coefficient);
  }

  /** Σ coefficient·form. */
  sum(parts: readonly Term[]): Form {
    if (parts.length === 2) {
      const merged = this.likeTerms(parts[0], parts[1]);
      if (merged) return merged;
    }
    let constant = Rational.ZERO;
    let constantFirst = false;
    const like = new Map<Form, Rational>();
    const add = (form: Form, coefficient: Rational): void => {
      if (coefficient.isZero && form.total) return;
      if (form.kind === "number") {
        if (like.size === 0 && !form.value.isZero) constantFirst = true;
        constant = constant.add(form.value.mul(coefficient));
        return;
      }
      const term = this.split(form);
      const own = term.coefficient.mul(coefficient);
      if (
        term.form.kind === "sum" &&
        (own.abs().isOne || parts.length === 1) &&
        (term.form.terms.length <= WIDEST || parts.length === 1)
      ) {
        if (like.size === 0 && term.form.constantFirst) constantFirst = true;
        constant = constant.add(term.form.constant.mul(own));
        for (const t of term.form.terms) collect(t.form, t.coefficient.mul(own));
        return;
      }
      collect(term.form, own);
    };
    const collect = (form: Form, coefficient: Rational): void => {
      const sum = (like.get(form) ?? Rational.ZERO).add(coefficient);
      if (sum.isZero && form.total) like.delete(form);
      else like.set(form, sum);
    };
    if (parts.length === 1 && parts[0].form.kind === "sum" && !parts[0].coefficient.abs().isOne) {
      return this.fromFactors(parts[0].coefficient, [{ base: parts[0].form, exponent: this.forms.one }]);
    }
    for (const p of parts) add(p.form, p.coefficient);
    pythagoras(like, (c) => {
      constant = constant.add(c);
    });
    const cases = tiedSlopes(this, like);
    if (cases) collect(cases, Rational.ONE);
    const terms = [...like].map(([form, coefficient]) => ({ form, coefficient }));
    return this.finishSum(terms, constant, constantFirst);
  }

  private finishSum(terms: Term[], constant: Rational, constantFirst: boolean): Form {
    if (terms.length === 0) return this.forms.number(constant);
    if (terms.length === 1 && constant.isZero)
      return this.withCoefficient(terms[0].form, terms[0].coefficient);
    const square = overSquare(this, terms, constant);
    if (square) return square;
    const joined = commonMatrix(this, terms);
    if (joined)
      return this.sum([...joined, { form: this.forms.number(constant), coefficient: Rational.ONE }]);
    const taken = constant.isZero ? factored(this, terms) : undefined;
    return taken ?? this.forms.rawSum(terms, constant, constantFirst);
  }

  /** A (2 x) is 2 A x; −A (y − x) is A (x − y). */
  contraction(node: Node, args: readonly Form[]): Form {
    let scale = Rational.ONE;
    const plain = args.map((x) => {
      const by = x.kind === "product" ? x.coefficient : x.kind === "sum" ? contentOf(x) : Rational.ONE;
      if (by.isOne || by.isZero) return x;
      scale = scale.mul(by);
      return x.kind === "sum" ? this.divided(x, by) : this.scale(x, by.inverse());
    });
    const quadratic = straightQuadratic(this.forms, node, plain);
    return this.withCoefficient(quadratic ?? this.forms.atom(node, plain), scale);
  }

  /** A linear function of other operands. */
  linear(node: Node, args: readonly Form[]): Form {
    return node.primitive.name === "contract" ? this.contraction(node, args) : this.forms.atom(node, args);
  }

  /** The negative of a matrix product, where a bracket in it takes the sign. */
  private turned({ node, args }: Form & { kind: "atom" }): Form | undefined {
    const i = args.findIndex(isTurnable);
    if (i < 0) return undefined;
    return this.forms.atom(
      node,
      args.map((x, k) => (k === i ? this.scale(x, MINUS_ONE) : x)),
    );
  }

  private withCoefficient(form: Form, c: Rational): Form {
    if (c.isOne) return form;
    if (form.kind === "product") {
      const coefficient = form.coefficient.mul(c);
      // Without brackets there is no sign or content to settle.
      if (form.factors.every((f) => f.base.kind !== "sum") && !coefficient.isZero && !coefficient.isOne)
        return this.forms.rawProduct(coefficient, form.factors);
      return this.fromFactors(coefficient, form.factors);
    }
    return this.fromFactors(c, [{ base: form, exponent: this.forms.one }]);
  }

  product(parts: readonly Form[]): Form {
    let coefficient = Rational.ONE;
    const factors: Factor[] = [];
    for (const p of parts) {
      if (p.kind === "number") coefficient = coefficient.mul(p.value);
      else if (p.kind === "product" && p.factors.length <= WIDEST) {
        coefficient = coefficient.mul(p.coefficient);
        factors.push(...p.factors);
      } else factors.push({ base: p, exponent: this.forms.one });
    }
    return this.fromFactors(coefficient, factors);
  }

  /** Merges equal bases and settles the sign. */
  fromFactors(coefficient: Rational, given: readonly Factor[]): Form {
    const merged = rootsMerged(this.forms, mergeFactors(given, this));
    let c = coefficient;
    if (c.isZero && merged.every((f) => f.base.total && isWhole(f.exponent, 0))) return this.forms.zero;
    const factors = merged.map((f) => {
      if (f.base.kind !== "sum" || !isWhole(f.exponent)) return f;
      const power = (f.exponent as Form & { kind: "number" }).value;
      // A sum alone keeps its form: 2x + 2.
      if (c.isOne && (merged.length === 1 || power.sign < 0)) return f;
      const content = contentOf(f.base);
      // Below the bar only what cancels above it: 3/(3x − 6).
      const taken = power.isOne || (power.sign < 0 && !coprime(content.n, c.n));
      if (content.isOne || !taken) return f;
      c = c.mul(content.pow(power.toNumber()));
      return { base: this.divided(f.base, content), exponent: f.exponent };
    });
    // −cos x − sin x in a product gives its sign to the product.
    if (factors.length > 1)
      factors.forEach((f, i) => {
        if (f.exponent !== this.forms.one || f.base.kind !== "sum" || !allNegative(f.base)) return;
        c = c.neg();
        factors[i] = { base: this.divided(f.base, MINUS_ONE), exponent: f.exponent };
      });
    const sigmoids = logistic(this.forms, factors) ?? softmaxed(this.forms, factors);
    if (sigmoids) return this.fromFactors(c, sigmoids);
    const signs = signsMerged(this, factors);
    if (signs) return this.fromFactors(c, signs);
    const flat = this.apart.size > 0 && withoutInnerFractions(this, factors);
    if (flat) return this.fromFactors(c, flat);
    if (c.sign < 0) {
      const i = factors.findIndex((f) => f.exponent === this.forms.one && isFlippable(f.base));
      if (i >= 0) {
        factors[i] = {
          base: this.divided(factors[i].base as Form & { kind: "sum" }, MINUS_ONE),
          exponent: this.forms.one,
        };
        c = c.neg();
      } else {
        const k = factors.findIndex((f) => f.exponent === this.forms.one && isContraction(f.base));
        // A number keeps its minus: −xᵀ (y − x).
        const turned =
          k >= 0 &&
          (factors[k].base as Form & { kind: "atom" }).node.rank > 0 &&
          this.turned(factors[k].base as Form & { kind: "atom" });
        if (turned) {
          factors[k] = { base: turned, exponent: this.forms.one };
          c = c.neg();
        }
      }
    }
    if (factors.length === 0) return this.forms.number(c);
    if (factors.length === 1 && factors[0].exponent === this.forms.one) {
      const [{ base }] = factors;
      if (c.isOne) return base;
      if (base.kind === "sum" && c.equals(MINUS_ONE)) return this.divided(base, MINUS_ONE);
    }
    return this.forms.rawProduct(c, factors);
  }

  private divided(sum: Form & { kind: "sum" }, by: Rational): Form {
    const terms = sum.terms.map((t) => ({ form: t.form, coefficient: t.coefficient.div(by) }));
    return this.forms.rawSum(terms, sum.constant.div(by), sum.constantFirst);
  }

  power(base: Form, exponent: Form): Form {
    const { forms } = this;
    if (exponent === forms.one) return base;
    if (exponent === forms.zero)
      return base.total ? forms.one : this.fromFactors(Rational.ONE, [{ base, exponent }]);
    if (exponent.kind !== "number") {
      if (base === forms.one) return base;
      return this.partedPower(base, exponent) ?? forms.rawProduct(Rational.ONE, [{ base, exponent }]);
    }
    const n = exponent.value;
    if (base.kind === "number") return this.numberPower(base, exponent);
    if (base.kind === "atom" && base.node.primitive.name === "abs" && isEven(exponent))
      return this.power(base.args[0], exponent);
    if (isEven(exponent) && isRootOfNumber(base)) return this.power(base.args[0], forms.number(n.div(TWO)));
    if (base.kind === "product" && n.isInteger) return this.productPower(base, n);
    const even =
      base.kind === "product" && base.coefficient.isOne && base.factors.length === 1
        ? base.factors[0]
        : undefined;
    if (even && isEven(even.exponent) && even.exponent.kind === "number" && even.exponent.value.sign > 0) {
      // (u²)^(p) = |u|^(2p), on the same domain.
      return this.power(this.absolute(even.base), forms.number(even.exponent.value.mul(n)));
    }
    return forms.rawProduct(Rational.ONE, [{ base, exponent }]);
  }

  /** u^(v − 1) is u^v/u where v varies with u, and u is known to be positive. */
  private partedPower(base: Form, exponent: Form): Form | undefined {
    if (exponent.kind !== "sum" || exponent.constant.isZero || !exponent.constant.isInteger) return undefined;
    if (!this.apart.has(base) || !shareLetters(base, exponent)) return undefined;
    const constant = this.forms.number(exponent.constant);
    const rest = this.sum([
      { form: exponent, coefficient: Rational.ONE },
      { form: constant, coefficient: MINUS_ONE },
    ]);
    return this.fromFactors(Rational.ONE, [
      { base, exponent: rest },
      { base, exponent: constant },
    ]);
  }

  private numberPower(base: Form & { kind: "number" }, exponent: Form & { kind: "number" }): Form {
    const { value: b } = base;
    const { value: n } = exponent;
    const keep = () => this.forms.rawProduct(Rational.ONE, [{ base, exponent }]);
    if (b.isZero) return n.sign > 0 ? this.forms.zero : keep();
    if (b.isOne) return base;
    if (!n.isInteger || n.abs().compare(Rational.of(1000)) > 0) return keep();
    try {
      return this.forms.number(b.pow(n.toNumber()));
    } catch {
      return keep();
    }
  }

  /** (c·u·v)ⁿ for whole n. Where an inner negative power would become positive, it stays: its pole is real. */
  private productPower(base: Form & { kind: "product" }, n: Rational): Form {
    const safe = base.factors.every(
      (f) =>
        isWhole(f.exponent) &&
        (!(f.exponent.kind === "number" && f.exponent.value.sign < 0 && n.sign < 0) ||
          f.base.nonzero ||
          this.apart.has(f.base)),
    );
    if (!safe || base.coefficient.isZero)
      return this.forms.rawProduct(Rational.ONE, [{ base, exponent: this.forms.number(n) }]);
    const c = this.numberPower(
      this.forms.number(base.coefficient) as Form & { kind: "number" },
      this.forms.number(n) as Form & { kind: "number" },
    );
    const powers = base.factors.map((f) =>
      this.power(f.base, this.forms.number((f.exponent as Form & { kind: "number" }).value.mul(n))),
    );
    return this.product([c, ...powers]);
  }
}

/** √2. */
function isRootOfNumber(form: Form): form is Form & { kind: "atom" } {
  if (form.kind !== "atom" || form.node.primitive.name !== "sqrt") return false;
  const [x] = form.args;
  return x.kind === "number" && x.value.sign > 0;
}

export function factorsOf(form: Form, one: Form): readonly Factor[] {
  return form.kind === "product" ? form.factors : [{ base: form, exponent: one }];
}

function mergeFactors(given: readonly Factor[], algebra: Algebra): Factor[] {
  if (given.length === 1) return [...given];
  if (given.length === 2) return mergePair(given[0], given[1], algebra);
  const merged = new Map<string, Factor>();
  for (const f of given) {
    let key = `${f.base.id}`;
    for (;;) {
      const other = merged.get(key);
      if (!other) {
        merged.set(key, f);
        break;
      }
      const exponent = mergedExponent(f.base, other.exponent, f.exponent, algebra);
      if (exponent) {
        if (exponent === algebra.forms.zero) merged.delete(key);
        else merged.set(key, { base: f.base, exponent });
        break;
      }
      key += "'";
    }
  }
  return [...merged.values()];
}

function mergePair(f: Factor, g: Factor, algebra: Algebra): Factor[] {
  const exponent = f.base === g.base && mergedExponent(f.base, f.exponent, g.exponent, algebra);
  if (!exponent) return [f, g];
  return exponent === algebra.forms.zero ? [] : [{ base: f.base, exponent }];
}

/** p + q where bᵖ·b^q = b^(p+q) on the same domain. A power with a varying exponent is e^(p ln b): b > 0. */
function mergedExponent(base: Form, p: Form, q: Form, algebra: Algebra): Form | undefined {
  if (p.kind !== "number" || q.kind !== "number") {
    // u^v/u stays where v varies with u: u^v (v/u + ln u).
    if ((p.kind === "number" || q.kind === "number") && shareLetters(base, p.kind === "number" ? q : p))
      return undefined;
    if (p.kind === "number" && !p.value.isInteger) return undefined;
    if (q.kind === "number" && !q.value.isInteger) return undefined;
    const one = Rational.ONE;
    const sum = algebra.sum([
      { form: p, coefficient: one },
      { form: q, coefficient: one },
    ]);
    return sum.kind === "number" ? undefined : sum;
  }
  const sum = mergedNumber(base, p, q, base.nonzero || algebra.apart.has(base));
  return sum && algebra.forms.number(sum);
}

function mergedNumber(
  base: Form,
  p: Form & { kind: "number" },
  q: Form & { kind: "number" },
  apart: boolean,
): Rational | undefined {
  const sum = p.value.add(q.value);
  if (base.nonzero && base.nonnegative) return sum;
  const whole = p.value.isInteger && q.value.isInteger;
  const sameSign = p.value.sign === q.value.sign;
  if (whole) return sameSign || apart || sum.sign < 0 ? sum : undefined;
  // A root restricts the base to x ≥ 0; the result must do so too.
  return !sum.isInteger && (sameSign || sum.sign < 0) ? sum : undefined;
}

function allNegative(sum: Form & { kind: "sum" }): boolean {
  return sum.constant.sign <= 0 && sum.terms.every((t) => t.coefficient.sign < 0);
}

/** y − a reads well as a − y; 1 − a does not as a − 1. */
function isFlippable(base: Form): boolean {
  return (
    base.kind === "sum" &&
    base.constant.isZero &&
    base.terms.length <= 4 &&
    base.terms.some((t) => t.coefficient.sign < 0)
  );
}

/** Whether a minus sign can go into a bracket. */
function isTurnable(form: Form): boolean {
  if (form.kind === "product")
    return form.coefficient.isOne && form.factors.some((f) => isWhole(f.exponent, 1) && isTurnable(f.base));
  return isFlippable(form);
}
