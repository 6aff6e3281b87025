import { Rational } from "../../ir/rational.ts";
import { type Field, NowhereDefinedError, type Quotient } from "./field.ts";
import { degree, isOne, primesOf } from "./parts.ts";
import { divideExactly, type Polynomial, polynomialKey, term, UNIT } from "./polynomial.ts";
import { POSITIVE } from "./sign-set.ts";
import type { Facts } from "./signs.ts";
import { squareRootOf } from "./square-root.ts";

/** Logarithms of quotients, as sums of logarithms of the absolute values of factors that have none in common. */
export class Logarithms {
  private readonly field: Field;
  private readonly facts: () => Facts;
  /** Factors met so far: later ones are divided by them. */
  private readonly factors = new Map<string, Polynomial>();

  constructor(field: Field, facts: () => Facts) {
    this.field = field;
    this.facts = facts;
  }

  /** When it grows, logarithms met before may split further. */
  get factorCount(): number {
    return this.factors.size;
  }

  /** ln u for u > 0, as a sum of logarithms of the absolute values of factors. */
  of(u: Quotient): Quotient {
    if (!(this.facts().ofQuotient(u) & POSITIVE))
      throw new NowhereDefinedError("the logarithm of what is not positive");
    const value = this.field.cancelled(u);
    let sum = this.logOf(value.num);
    for (const f of value.den)
      sum = this.field.sub(sum, this.field.scale(this.logOf(f.polynomial), Rational.of(f.exponent)));
    return sum;
  }

  /** ln|p|. */
  private logOf(p: Polynomial): Quotient {
    const { field } = this;
    const { content, monomial, rest } = field.parted(p);
    let sum = this.logOfNumber(content.abs());
    for (let i = 0; i < monomial.length; i += 2)
      sum = field.add(sum, field.scale(this.logOfKernel(monomial[i]), Rational.of(monomial[i + 1], UNIT)));
    return isOne(rest) ? sum : field.add(sum, this.logOfRest(rest));
  }

  private logOfNumber(c: Rational): Quotient {
    const { field } = this;
    let sum = field.zero;
    for (const [prime, exponent] of [...primesOf(c.n), ...primesOf(c.d).map(([p, e]) => [p, -e] as const)]) {
      const value = field.constant(Rational.of(prime));
      sum = field.add(sum, field.scale(this.logKernel(`${prime}`, value), Rational.of(exponent)));
    }
    return sum;
  }

  private logOfKernel(k: number): Quotient {
    const { field } = this;
    const kernel = field.kernels[k];
    if (kernel.kind === "exp") return kernel.arguments[0];
    if (kernel.kind === "turn" || k === field.halfTurn) return field.zero;
    if (kernel.power) return this.of(kernel.power);
    return this.logKernel(polynomialKey(term([k, UNIT])), field.powerOf(k));
  }

  private logOfRest(p: Polynomial): Quotient {
    const { field } = this;
    const key = polynomialKey(p);
    const squared = squareRootOf(p, field);
    if (squared) return field.scale(this.logOf(squared.root), Rational.of(2));
    for (const [other, factor] of this.factors) {
      if (other === key) break;
      const quotient = divideExactly(p, factor, field.budget);
      if (quotient) return field.add(this.logOf(factor), this.logOf(quotient));
    }
    // Smaller ones first, so that larger ones are divided by them.
    this.factors.set(key, p);
    const sorted = [...this.factors].sort(([, a], [, b]) => a.size - b.size || degree(a) - degree(b));
    this.factors.clear();
    for (const [k, f] of sorted) this.factors.set(k, f);
    return this.logKernel(key, { num: p, den: [] });
  }

  private logKernel(key: string, argument: Quotient): Quotient {
    const { field } = this;
    // ln 2, ln 3, …
    const positive = field.asConstant(argument) !== undefined;
    const parts = { kind: "log", name: "ln", arguments: [argument], positive } as const;
    return field.powerOf(field.kernel(`ln ${key}`, () => parts));
  }
}
