import { Rational } from "../ir/rational.ts";
import type { Algebra } from "./algebra.ts";
import { type Factor, type Form, isWhole } from "./form.ts";
import { Field, NowhereDefinedError, type Quotient } from "./normal/field.ts";
import {
  Budget,
  exponentIn,
  fromTerms,
  type Monomial,
  multiplyPolynomials,
  negate,
  type Polynomial,
  polynomialKey,
  term,
  UNIT,
  WorkBudgetError,
} from "./normal/polynomial.ts";
import { squareRootOf } from "./normal/square-root.ts";

/** Products of terms that one form may take. */
const BUDGET = 1_500;

/** The form as one quotient of polynomials in its functions, as it comes and without roots below the bar. */
export function joined(algebra: Algebra, form: Form): Candidate[] {
  const plain = new Joined(algebra, form, true).candidates().map((f) => ({ form: f, weight: 1 }));
  if (!containsIdiom(form)) return plain;
  return [
    ...plain,
    ...new Joined(algebra, form, false).candidates().map((f) => ({ form: f, weight: DEARER })),
  ];
}

export interface Candidate {
  readonly form: Form;
  /** How much dearer it is than it looks. */
  readonly weight: number;
}

/** What 1 − σ(u) is split for must be much shorter. */
const DEARER = 1.6;

class Joined {
  private readonly algebra: Algebra;
  private readonly form: Form;
  private readonly field = new Field(new Budget(BUDGET));
  /** What a kernel is: of a root, what it is a root of. */
  private readonly forms = new Map<number, Form>();
  /** How √u and ∛u are written, by u. */
  private readonly roots = new Map<Form, { readonly form: Form; readonly degree: number }>();

  /** e^u, by u. */
  private readonly exponentials: ReadonlyMap<Form, Form>;

  private readonly idioms: boolean;

  /** `idioms`: 1 − σ(u) and its kin are not taken apart. */
  constructor(algebra: Algebra, form: Form, idioms: boolean) {
    this.algebra = algebra;
    this.form = form;
    this.idioms = idioms;
    this.exponentials = exponentialsIn(form);
  }

  candidates(): Form[] {
    const found: Form[] = [];
    try {
      const q = this.reduced(this.quotientOf(this.form));
      found.push(this.written(q));
      const free = this.rationalised(q);
      if (free) found.push(this.written(free));
    } catch (error) {
      if (!(error instanceof WorkBudgetError || error instanceof NowhereDefinedError)) throw error;
    }
    return found;
  }

  // --- from forms ---

  private quotientOf(form: Form): Quotient {
    const { field } = this;
    switch (form.kind) {
      case "number":
        return field.constant(form.value);
      case "atom":
        return this.atom(form);
      case "sum":
        if (this.idioms && isIdiom(form)) return field.powerOf(this.kernelOf(form));
        return form.terms.reduce(
          (sum, t) => field.add(sum, field.scale(this.quotientOf(t.form), t.coefficient)),
          field.constant(form.constant),
        );
      case "product":
        return form.factors.reduce(
          (product, f) => field.mul(product, this.powerOf(f)),
          field.constant(form.coefficient),
        );
    }
  }

  private atom(form: Form & { kind: "atom" }): Quotient {
    const degree = form.args.length === 1 ? ROOTS[form.node.primitive.name] : undefined;
    if (degree) {
      // |u| is √(u²).
      const { forms } = this.algebra;
      const two = forms.number(Rational.of(2));
      const u = isFunction(form, "abs") ? this.algebra.power(form.args[0], two) : form.args[0];
      this.roots.set(u, { form, degree });
      return this.root(u, Rational.of(1, degree));
    }
    if (isFunction(form, "exp")) {
      const [u] = form.args;
      // e^(2u) is (e^u)².
      const c = u.kind === "product" ? u.coefficient : Rational.ONE;
      const count = c.mul(Rational.of(UNIT));
      if (count.isInteger && !c.isZero) {
        const plain = this.algebra.forms.atom(form.node, [this.algebra.scale(u, c.inverse())]);
        return this.field.powerOf(this.kernelOf(plain), count.toNumber());
      }
    }
    if (isFunction(form, "sigmoid")) {
      // σ(u) beside e^u is e^u/(1 + e^u).
      const above = this.exponentials.get(form.args[0]);
      if (above) {
        const q = this.quotientOf(above);
        return this.field.div(q, this.field.add(q, this.field.one));
      }
    }
    return this.field.powerOf(this.kernelOf(form));
  }

  private powerOf({ base, exponent }: Factor): Quotient {
    const { field, algebra } = this;
    if (exponent.kind !== "number")
      return field.powerOf(this.kernelOf(algebra.forms.rawProduct(Rational.ONE, [{ base, exponent }])));
    if (exponent.value.isInteger) return field.pow(this.quotientOf(base), exponent.value.toNumber());
    return this.root(base, exponent.value);
  }

  /** u^p: of a letter its power, of anything else a power of its root. */
  private root(base: Form, exponent: Rational): Quotient {
    const count = exponent.mul(Rational.of(UNIT));
    if (!count.isInteger) throw new WorkBudgetError();
    const leaf = base.kind === "atom" && base.args.length === 0;
    return this.field.powerOf(
      this.kernelOf(base, leaf ? undefined : this.quotientOf(base)),
      count.toNumber(),
    );
  }

  private kernelOf(form: Form, power?: Quotient): number {
    const name = `${power ? "root" : "form"} ${form.id}`;
    const kernel = this.field.kernel(name, () =>
      power ? { name, kind: "root", power } : { name, kind: "call" },
    );
    this.forms.set(kernel, form);
    return kernel;
  }

  // --- shorter ---

  /** sec² u − tan² u = 1 and its kin, where the numerator gets shorter. */
  private reduced(q: Quotient): Quotient {
    let best = q;
    for (const [kernel, form] of this.forms) {
      const square =
        form.kind === "atom" && form.args.length === 1 ? SQUARES[form.node.primitive.name] : undefined;
      if (!square) continue;
      const [u] = (form as Form & { kind: "atom" }).args;
      const other = [...this.forms].find(([, g]) => isFunction(g, square.of) && g.args[0] === u);
      if (!other) continue;
      const num = this.replaced(best.num, kernel, other[0], square);
      if (num.size < best.num.size) best = this.field.cancelled({ num, den: best.den });
    }
    return best;
  }

  /** Each square of one kernel as constant + sign·other². */
  private replaced(p: Polynomial, kernel: number, other: number, { constant, sign }: Square): Polynomial {
    const { budget } = this.field;
    const square = fromTerms([
      { monomial: [], coefficient: Rational.of(constant) },
      { monomial: [other, 2 * UNIT], coefficient: Rational.of(sign) },
    ]);
    const parts = [...p.values()].map((t) => {
      const e = exponentIn(t.monomial, kernel);
      const squares = e > 0 && e % UNIT === 0 ? Math.floor(e / (2 * UNIT)) : 0;
      const rest: number[] = [];
      for (let i = 0; i < t.monomial.length; i += 2) {
        const left = t.monomial[i + 1] - (t.monomial[i] === kernel ? 2 * UNIT * squares : 0);
        if (left !== 0) rest.push(t.monomial[i], left);
      }
      let product = term(rest, t.coefficient);
      for (let i = 0; i < squares; i++) product = multiplyPolynomials(product, square, budget);
      return product;
    });
    return fromTerms(parts.flatMap((part) => [...part.values()]));
  }

  /** 1/(x + √u) with its conjugate: (x − √u)/(x² − u). */
  private rationalised(q: Quotient): Quotient | undefined {
    const { field } = this;
    for (const f of q.den) {
      for (const root of this.forms.keys()) {
        if (!field.kernels[root].power) continue;
        const exponents = [...f.polynomial.values()].map((t) => exponentIn(t.monomial, root));
        if (exponents.some((e) => e !== 0 && e !== UNIT / 2) || !exponents.includes(UNIT / 2)) continue;
        const conjugate = fromTerms(
          [...f.polynomial.values()].map((t) => ({
            ...t,
            coefficient: exponentIn(t.monomial, root) === 0 ? t.coefficient : t.coefficient.neg(),
          })),
        );
        const over = { num: conjugate, den: [] };
        const below = field.mul({ num: f.polynomial, den: [] }, over);
        const rest = { num: q.num, den: q.den.filter((g) => g !== f) };
        return field.mul(rest, field.pow(field.div(over, below), f.exponent));
      }
    }
    return undefined;
  }

  // --- back to forms ---

  private written(q: Quotient): Form {
    const { algebra, field } = this;
    if (q.num.size === 0) return algebra.forms.zero;
    const parted = field.parted(q.num);
    let { content } = parted;
    let { rest } = parted;
    // Without a bar, a person takes out nothing.
    const plain = q.den.length === 0 && parted.monomial.every((e, i) => i % 2 === 0 || e > 0);
    const kept = plain && rest.size > 1 && this.form.kind === "sum" ? parted.monomial : [];
    const merged = this.rootsMerged(kept.length > 0 ? [] : parted.monomial, q.den);
    content = content.mul(merged.content);
    const factors = this.factorsOf(merged.monomial);
    if (kept.length > 0) rest = multiplyPolynomials(rest, term(kept), field.budget);
    if (rest.size > 1) {
      const squared = squareRootOf(rest, field);
      if (squared?.negative) content = content.neg();
      // 1 − x, not −(x − 1).
      const flipped = !squared && content.sign < 0 && [...rest.values()].some((t) => t.coefficient.sign < 0);
      if (flipped) content = content.neg();
      factors.push({
        base: this.polynomial(squared?.root ?? (flipped ? negate(rest) : rest)),
        exponent: algebra.forms.number(Rational.of(squared ? 2 : 1)),
      });
    }
    for (const f of merged.den)
      factors.push({
        base: this.polynomial(f.polynomial),
        exponent: algebra.forms.number(Rational.of(-f.exponent)),
      });
    return algebra.product([
      algebra.forms.number(content),
      ...factors.map((f) => algebra.power(f.base, f.exponent)),
    ]);
  }

  /** √u/u is 1/√u; a number may stand between u and the factor below. */
  private rootsMerged(
    monomial: Monomial,
    given: Quotient["den"],
  ): { monomial: Monomial; den: Quotient["den"]; content: Rational } {
    let den = given;
    let content = Rational.ONE;
    const merged = [...monomial];
    for (let i = 0; i < merged.length; i += 2) {
      const power = this.field.kernels[merged[i]].power;
      if (!power || power.den.length > 0) continue;
      const parted = this.field.parted(power.num);
      const key = polynomialKey(parted.rest);
      const below = den.find((f) => f.key === key);
      if (!below || parted.monomial.length > 0) continue;
      merged[i + 1] -= below.exponent * UNIT;
      content = content.mul(parted.content.pow(below.exponent));
      den = den.filter((f) => f !== below);
    }
    return { monomial: merged, den, content };
  }

  private factorsOf(monomial: Monomial): Factor[] {
    const { forms } = this.algebra;
    const factors: Factor[] = [];
    for (let i = 0; i < monomial.length; i += 2) {
      const base = this.forms.get(monomial[i]) as Form;
      const exponent = Rational.of(monomial[i + 1], UNIT);
      const root = exponent.isInteger ? undefined : this.roots.get(base);
      const own = root && exponent.mul(Rational.of(root.degree));
      if (root && own?.isInteger) factors.push({ base: root.form, exponent: forms.number(own) });
      else factors.push(this.power(base, exponent));
    }
    return factors;
  }

  private power(base: Form, exponent: Rational): Factor {
    const { algebra } = this;
    if (!isFunction(base, "exp")) return { base, exponent: algebra.forms.number(exponent) };
    const u = algebra.scale(base.args[0], exponent);
    return { base: algebra.forms.atom(base.node, [u]), exponent: algebra.forms.one };
  }

  /** A polynomial as a sum: of one letter by falling powers, or by rising ones where that saves a leading minus. */
  private polynomial(p: Polynomial): Form {
    const { algebra } = this;
    const terms = [...p.values()];
    const letters = new Set(terms.flatMap((t) => t.monomial.filter((_, i) => i % 2 === 0)));
    if (letters.size === 1) {
      terms.sort((a, b) => (b.monomial[1] ?? 0) - (a.monomial[1] ?? 0));
      if (terms[0].coefficient.sign < 0 && terms[terms.length - 1].coefficient.sign > 0) terms.reverse();
    }
    return algebra.sum(
      terms.map((t) => ({
        coefficient: t.coefficient,
        form: algebra.product(this.factorsOf(t.monomial).map((f) => algebra.power(f.base, f.exponent))),
      })),
    );
  }
}

function exponentialsIn(form: Form, found = new Map<Form, Form>()): ReadonlyMap<Form, Form> {
  if (form.kind === "sum") for (const t of form.terms) exponentialsIn(t.form, found);
  else if (form.kind === "product") for (const f of form.factors) exponentialsIn(f.base, found);
  else if (isFunction(form, "exp")) found.set(form.args[0], form);
  return found;
}

const ROOTS: Readonly<Record<string, number>> = { sqrt: 2, cbrt: 3, abs: 2 };

interface Square {
  readonly of: string;
  readonly constant: number;
  readonly sign: number;
}

/** f² = constant + sign·g². */
const SQUARES: Readonly<Record<string, Square>> = {
  sin: { of: "cos", constant: 1, sign: -1 },
  cos: { of: "sin", constant: 1, sign: -1 },
  sec: { of: "tan", constant: 1, sign: 1 },
  tan: { of: "sec", constant: -1, sign: 1 },
  csc: { of: "cot", constant: 1, sign: 1 },
  cot: { of: "csc", constant: -1, sign: 1 },
  cosh: { of: "sinh", constant: 1, sign: 1 },
  sinh: { of: "cosh", constant: -1, sign: 1 },
};

/** 1 − σ(u) and 1 − tanh² u stay as they are known. */
function isIdiom(form: Form & { kind: "sum" }): boolean {
  if (form.terms.length !== 1 || !form.constant.isOne || !form.terms[0].coefficient.neg().isOne) return false;
  const [{ form: t }] = form.terms;
  if (isFunction(t, "sigmoid")) return true;
  return (
    t.kind === "product" &&
    t.factors.length === 1 &&
    isFunction(t.factors[0].base, "tanh") &&
    isWhole(t.factors[0].exponent, 2)
  );
}

function containsIdiom(form: Form): boolean {
  if (form.kind === "sum") return isIdiom(form) || form.terms.some((t) => containsIdiom(t.form));
  return form.kind === "product" && form.factors.some((f) => containsIdiom(f.base));
}

/** A function of one operand or more. */
type Applied = Form & { readonly kind: "atom"; readonly args: readonly [Form, ...Form[]] };

export const isFunction = (form: Form, name: string): form is Applied =>
  form.kind === "atom" && form.node.primitive.name === name;

export const isRoot = (form: Form): form is Applied => isFunction(form, "sqrt");
