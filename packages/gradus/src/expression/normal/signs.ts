import { Rational } from "../../ir/rational.ts";
import type { Field, Quotient } from "./field.ts";
import { infeasible } from "./linear-inequalities.ts";
import {
  divideExactly,
  exponentIn,
  type Monomial,
  negate,
  type Polynomial,
  polynomialKey,
  type Term,
  term,
  timesTerm,
  UNIT,
} from "./polynomial.ts";
import {
  ANY,
  flip,
  NEGATIVE,
  NOTHING,
  POSITIVE,
  product,
  type Signs,
  signOfNumber,
  squared,
  sum,
} from "./sign-set.ts";

/** p has one of these signs wherever the question is asked. p is primitive, its first term positive. */
interface Fact {
  readonly polynomial: Polynomial;
  readonly key: string;
  signs: Signs;
}

/** What is known of signs: from where the expressions have values at all, and from the case under consideration. */
export class Facts {
  private readonly field: Field;
  private readonly facts = new Map<string, Fact>();
  private readonly memo = new Map<string, Signs>();
  private depth = 0;

  constructor(field: Field) {
    this.field = field;
  }

  /** A change of what is known: results found before may be better now. */
  get signature(): string {
    return [...this.facts.values()].map((f) => `${f.key}:${f.signs}`).join("|");
  }

  /** Whether the facts contradict each other: then there is no point to speak of. */
  get contradictory(): boolean {
    return (
      [...this.facts.values()].some((f) => f.signs === 0) || infeasible(this.field, [...this.facts.values()])
    );
  }

  /** Notes that a real quotient has one of these signs. */
  note(q: Quotient, signs: Signs): void {
    if (q.num.size === 0) return;
    const factors = this.factorsOf(q);
    let rest = signs;
    const open: { p: Polynomial; odd: boolean }[] = [];
    for (const { p, odd, negative } of factors) {
      if (negative) rest = flip(rest);
      const own = odd ? this.of(p) : product(this.of(p), this.of(p));
      if (own === POSITIVE) continue;
      if (own === NEGATIVE) rest = flip(rest);
      else open.push({ p, odd });
    }
    // A product that is not 0 has no factor 0.
    if (!(rest & NOTHING)) for (const { p } of open) this.restrict(p, POSITIVE | NEGATIVE);
    if (open.length !== 1) return;
    const [{ p, odd }] = open;
    if (odd) this.restrict(p, rest);
    else if (!(rest & POSITIVE)) this.restrict(p, NOTHING);
  }

  private restrict(p: Polynomial, signs: Signs): void {
    const { content, monomial, rest: parted } = this.field.parted(p);
    // One kernel by itself stands under its own name; a root's name stands for the root.
    const single = p.size === 1 && monomial.length === 2 && monomial[1] === UNIT;
    if (monomial.length > 0 && !single) return;
    const rest = single ? p : parted;
    const key = polynomialKey(rest);
    const own = content.sign < 0 ? flip(signs) : signs;
    const known = this.facts.get(key);
    if (known && (known.signs & own) === known.signs) return;
    this.memo.clear();
    if (known) known.signs &= own;
    else this.facts.set(key, { polynomial: rest, key, signs: own });
  }

  /** Factors of a quotient: single kernels, the rest of the numerator, the denominators. */
  factorsOf(q: Quotient): { p: Polynomial; odd: boolean; negative: boolean }[] {
    const { content, monomial, rest } = this.field.parted(q.num);
    const out = [{ p: rest, odd: true, negative: content.sign < 0 }];
    for (let i = 0; i < monomial.length; i += 2) {
      const [k, e] = [monomial[i], monomial[i + 1]];
      const fraction = e % UNIT !== 0;
      out.push({ p: term([k, UNIT]), odd: fraction || (e / UNIT) % 2 !== 0, negative: false });
    }
    for (const f of q.den) out.push({ p: f.polynomial, odd: f.exponent % 2 === 1, negative: false });
    return out.filter(({ p }) => p.size > 0);
  }

  ofQuotient(q: Quotient): Signs {
    if (q.num.size === 0) return NOTHING;
    let signs = this.of(q.num);
    for (const f of q.den) {
      const own = this.of(f.polynomial) & ~NOTHING;
      signs = product(signs, f.exponent % 2 === 0 ? POSITIVE : own);
    }
    return signs;
  }

  /** The signs that a real polynomial may have. */
  of(p: Polynomial): Signs {
    if (p.size === 0) return NOTHING;
    const { content, monomial, rest } = this.field.parted(p);
    let signs = product(signOfNumber(content), this.ofMonomial(monomial));
    if (!isOne(rest)) signs = product(signs, this.ofPrimitive(rest));
    return signs;
  }

  private ofPrimitive(p: Polynomial): Signs {
    const key = polynomialKey(p);
    const known = this.memo.get(key);
    if (known !== undefined) return known;
    let signs = this.facts.get(key)?.signs ?? ANY;
    signs &= this.ofTerms(p);
    if (signs === ANY) signs &= this.ofTrigonometric(p);
    if (signs === ANY) signs &= this.byRoot(p);
    if (signs === ANY) signs &= this.byKnownFactor(p);
    if (this.facts.size > 0) signs &= this.byInequalities(p, signs);
    this.memo.set(key, signs);
    return signs;
  }

  private ofTerms(p: Polynomial): Signs {
    let signs: Signs = NOTHING;
    for (const t of p.values()) {
      signs = sum(signs, product(signOfNumber(t.coefficient), this.ofMonomial(t.monomial)));
      if (signs === ANY) return ANY;
    }
    return signs;
  }

  private ofMonomial(m: Monomial): Signs {
    let signs: Signs = POSITIVE;
    for (let i = 0; i < m.length; i += 2) {
      const own = this.ofKernel(m[i], m[i + 1]);
      if (own === ANY) return ANY;
      signs = product(signs, own);
    }
    return signs;
  }

  private ofKernel(k: number, e: number): Signs {
    if (!this.field.isRealKernel(k)) return ANY;
    const kernel = this.field.kernels[k];
    if (kernel.positive) return POSITIVE;
    const zero = e > 0 ? NOTHING : 0;
    const base = this.facts.get(polynomialKey(term([k, UNIT])))?.signs ?? ANY;
    const own = kernel.kind === "root" || kernel.nonnegative ? base & (POSITIVE | NOTHING) : base;
    if (e % UNIT !== 0) {
      // Of a root kernel, the fractional power is the root itself, never negative; it is 0 where its base is.
      const root = kernel.power ? own & this.ofQuotient(kernel.power) : own;
      return POSITIVE | (root & zero);
    }
    const odd = (e / UNIT) % 2 !== 0;
    return (odd ? own : squared(own)) & ~(e > 0 ? 0 : NOTHING);
  }

  /** A constant that outweighs all waves: 2 − cos x > 0, since |e^(ix)| = 1. */
  private ofTrigonometric(p: Polynomial): Signs {
    let constant: Rational | undefined;
    let waves: Rational | undefined;
    for (const { monomial, coefficient } of p.values()) {
      if (monomial.length === 0) {
        constant = coefficient;
        continue;
      }
      for (let i = 0; i < monomial.length; i += 2) if (this.field.isRealKernel(monomial[i])) return ANY;
      waves = waves ? waves.add(coefficient.abs()) : coefficient.abs();
    }
    if (!constant || !waves) return ANY;
    const order = constant.abs().compare(waves);
    if (order < 0) return ANY;
    return (constant.sign > 0 ? POSITIVE : NEGATIVE) | (order === 0 ? NOTHING : 0);
  }

  /** a·√n + q has the sign of a where a²n > q², and of q where a²n < q²: √(x² + 1) − x > 0. */
  private byRoot(p: Polynomial): Signs {
    const { field } = this;
    const root = rootIn(p, field);
    if (root < 0 || this.depth >= DEEPEST) return ANY;
    const [a, q] = [new Map(p), new Map(p)];
    for (const [key, t] of p) (exponentIn(t.monomial, root) === 0 ? a : q).delete(key);
    const factor: Quotient = { num: timesTerm(a, rootInverse(root), field.budget), den: [] };
    const power = field.kernels[root].power as Quotient;
    this.depth++;
    try {
      const square = field.mul(field.mul(factor, factor), power);
      const distance = this.ofQuotient(
        field.sub(square, field.mul({ num: q, den: [] }, { num: q, den: [] })),
      );
      if (distance === POSITIVE) return this.of(factor.num);
      return distance === NEGATIVE ? this.of(q) : ANY;
    } finally {
      this.depth--;
    }
  }

  /** p as a product of two that are known not to be negative, where a fact shows one. */
  nonnegativeFactors(p: Polynomial): readonly [Polynomial, Polynomial] | undefined {
    for (const { polynomial, signs } of this.facts.values()) {
      if (signs === ANY || polynomial.size < 2 || polynomial.size >= p.size + 2) continue;
      const quotient = divideExactly(p, polynomial, this.field.budget);
      if (!quotient || (quotient.size === 1 && quotient.has(""))) continue;
      const flipped = !(signs & POSITIVE);
      const factor = flipped ? negate(polynomial) : polynomial;
      const other = flipped ? negate(quotient) : quotient;
      if (!(this.of(factor) & NEGATIVE) && !(this.of(other) & NEGATIVE)) return [factor, other];
    }
    return undefined;
  }

  private byKnownFactor(p: Polynomial): Signs {
    for (const fact of this.facts.values()) {
      if (fact.polynomial.size < 2 || fact.key === polynomialKey(p)) continue;
      const quotient = divideExactly(p, fact.polynomial, this.field.budget);
      if (quotient && quotient.size > 0) return product(fact.signs, this.of(quotient));
    }
    return ANY;
  }

  /** What contradicts the facts together is excluded. */
  private byInequalities(p: Polynomial, open: Signs): Signs {
    let signs = open;
    const facts = [...this.facts.values()];
    for (const s of [NEGATIVE, NOTHING, POSITIVE]) {
      if (!(signs & s)) continue;
      if (infeasible(this.field, [...facts, { polynomial: p, signs: s }])) signs &= ~s;
    }
    return signs;
  }

  /** −p or p, whichever is known not to be negative; undefined where neither is. */
  absolute(p: Polynomial): Polynomial | undefined {
    const signs = this.of(p);
    if (!(signs & NEGATIVE)) return p;
    return signs & POSITIVE ? undefined : negate(p);
  }
}

function isOne(p: Polynomial): boolean {
  return p.size === 1 && p.has("");
}

const DEEPEST = 2;

const rootInverse = (root: number): Term => ({ monomial: [root, -UNIT / 2], coefficient: Rational.ONE });

/** The newest kernel that stands in p as a square root only; −1 where there is none, or where p is a single term. */
function rootIn(p: Polynomial, field: Field): number {
  if (p.size < 2) return -1;
  let found = -1;
  for (const { monomial } of p.values()) {
    for (let i = 0; i < monomial.length; i += 2) {
      const k = monomial[i];
      if (k > found && field.kernels[k].power && field.isRealKernel(k)) found = k;
    }
  }
  const exponents = [...p.values()].map((t) => exponentIn(t.monomial, found));
  return exponents.every((e) => e === 0 || e === UNIT / 2) && exponents.includes(0) ? found : -1;
}
