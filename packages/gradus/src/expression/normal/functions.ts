import { Rational } from "../../ir/rational.ts";
import { combinationOf } from "./combination.ts";
import { type Field, NowhereDefinedError, type Quotient } from "./field.ts";
import { Logarithms } from "./logarithms.ts";
import { isOne, primesOf, smallWhole, wholePart } from "./parts.ts";
import {
  leading,
  type Monomial,
  negate,
  type Polynomial,
  polynomialKey,
  rationalRoot,
  term,
  UNIT,
} from "./polynomial.ts";
import { NEGATIVE, NOTHING, POSITIVE } from "./sign-set.ts";
import { Facts } from "./signs.ts";
import { squareRootOf } from "./square-root.ts";

const HALF = Rational.of(1, 2);

/** One part of a linear combination over the rationals: coefficient · (monomial/denominator). */
interface Part {
  readonly coefficient: Rational;
  readonly monomial: Monomial;
  readonly value: Quotient;
}

/**
 * exp, ln, powers, |·| and e^(i·) of quotients, each brought to as few kernels as the rules allow:
 * e^(a+b) = eᵃ·eᵇ, ln(ab) = ln|a| + ln|b| (ab > 0), √(u²v) = |u|√v (v ≥ 0), √(u²) = |u|, e^(ln u) = u.
 */
export class Functions {
  readonly field: Field;
  facts: Facts;
  /** What holds of signs without any fact. */
  readonly always: Facts;
  /** Polynomials of unknown sign whose sign would have helped: the cases worth distinguishing. */
  readonly undecided = new Map<string, Polynomial>();
  /** Times that a function such as Γ was met at a lower argument than before. */
  lowerBases = 0;
  /** Arguments with a denominator met so far. */
  private readonly quotients: Record<"exp" | "turn", Quotient[]> = { exp: [], turn: [] };
  readonly logarithms: Logarithms;

  constructor(field: Field, facts: Facts) {
    this.field = field;
    this.facts = facts;
    this.always = new Facts(field);
    this.logarithms = new Logarithms(field, () => this.facts);
  }

  // --- exponentials ---

  /** A sum as its terms; what has a denominator, as one part beside the whole multiples of that. */
  private partsOf(q: Quotient): Part[] {
    const { field } = this;
    const value = field.cancelled(q);
    const [whole, rest] = value.den.length === 0 ? [value, field.zero] : wholePart(value, field);
    const parts: Part[] = [...whole.num.values()].map(({ monomial, coefficient }) => ({
      coefficient,
      monomial,
      value: { num: term(monomial), den: [] },
    }));
    return field.isZero(rest) ? parts : [...parts, { coefficient: Rational.ONE, monomial: [], value: rest }];
  }

  exp(q: Quotient): Quotient {
    const { field } = this;
    let result = field.one;
    for (const part of this.partsOf(q)) {
      const log = this.soleLog(part);
      const factor = log ? this.realPower(log, part.coefficient) : this.generator("exp", "exp", part);
      result = field.mul(result, factor);
    }
    return result;
  }

  /** |P| for ln|P|, a part by itself. */
  private soleLog({ monomial, value }: Part): Quotient | undefined {
    if (value.den.length > 0 || monomial.length !== 2 || monomial[1] !== UNIT) return undefined;
    const kernel = this.field.kernels[monomial[0]];
    return kernel.kind === "log" ? kernel.arguments[0] : undefined;
  }

  /** |u|^r for a rational r. */
  private realPower(u: Quotient, r: Rational): Quotient {
    if (r.isInteger && r.n % 2n === 0n) return this.field.pow(u, smallWhole(r));
    return this.power(this.absolute(u), r);
  }

  /** e^(c·m), or e^(i·c·m), as a power of the kernel of m; of a quotient, as powers of those that it is made of. */
  private generator(kind: "exp" | "turn", name: string, part: Part): Quotient {
    const { field } = this;
    const known = part.value.den.length > 0 ? this.quotients[kind] : [];
    const made = combinationOf(field, part.value, known);
    const units = (made ?? [part.coefficient]).map((c) => c.mul(Rational.of(UNIT)));
    const fits = units.every((u) => u.isInteger && u.abs().compare(Rational.of(2 ** 44)) < 0);
    const base = fits ? part.value : field.scale(part.value, part.coefficient);
    const make = (argument: Quotient): number =>
      field.kernel(`${kind}(${field.keyOf(argument)})`, () => ({
        kind,
        name,
        arguments: [argument],
        positive: kind === "exp",
      }));
    if (made && fits)
      return made.reduce(
        (q, _, i) => field.mul(q, field.powerOf(make(known[i]), Number(units[i].n))),
        field.one,
      );
    if (base.den.length > 0 && !made) this.quotients[kind].push(base);
    return field.powerOf(make(base), fits ? Number(units[0].n) : UNIT);
  }

  /** e^(iu). */
  turn(q: Quotient): Quotient {
    const { field } = this;
    let result = field.one;
    for (const part of this.partsOf(q)) result = field.mul(result, this.turnOf(part));
    return result;
  }

  private turnOf(part: Part): Quotient {
    const { field } = this;
    const { monomial, coefficient } = part;
    if (part.value.den.length === 0 && monomial.length === 2 && monomial[1] === UNIT) {
      if (monomial[0] === field.pi) return this.halfTurns(coefficient);
      const { kind, name, arguments: args } = field.kernels[monomial[0]];
      const known =
        kind === "call" && coefficient.isInteger
          ? this.turnOfArc(name, args[0], coefficient.sign)
          : undefined;
      if (known) return field.pow(known, Math.abs(smallWhole(coefficient)));
    }
    return this.generator("turn", "e^i", part);
  }

  /** e^(±i·arcsin u) is √(1 − u²) ± iu, and e^(±i·arctan u) is (1 ± iu)/√(1 + u²). */
  private turnOfArc(name: string, u: Quotient, sign: number): Quotient | undefined {
    const { field } = this;
    if (name !== "asin" && name !== "atan") return undefined;
    const imaginary = field.scale(field.mul(field.i, u), Rational.of(sign));
    const square = field.mul(u, u);
    if (name === "asin") return field.add(this.power(field.sub(field.one, square), HALF), imaginary);
    return field.div(field.add(field.one, imaginary), this.power(field.add(field.one, square), HALF));
  }

  /** e^(iπr); for twelfths of a turn by √2, √3 and i. */
  private halfTurns(r: Rational): Quotient {
    const { field } = this;
    const whole = r.n / r.d - (r.n < 0n && r.n % r.d !== 0n ? 1n : 0n);
    const rest = r.sub(Rational.of(whole));
    const sign = field.whole(whole % 2n === 0n ? 1 : -1);
    const twelfths = rest.mul(Rational.of(12));
    if (!twelfths.isInteger) {
      const units = rest.mul(Rational.of(UNIT));
      if (units.isInteger) return field.mul(sign, field.powerOf(field.halfTurn, Number(units.n)));
      const kernel = field.kernel(`half turns ${rest}`, () => ({ kind: "turn", name: "e^i" }));
      return field.mul(sign, field.powerOf(kernel));
    }
    const k = Number(twelfths.n);
    const quarters = (3 * k) % 4;
    const thirds = ((k - 3 * quarters) / 4 + 6) % 6;
    const eighth = field.scale(field.mul(field.add(field.one, field.i), this.rootOf(2)), HALF);
    const sixth = field.scale(field.add(field.one, field.mul(field.i, this.rootOf(3))), HALF);
    return field.mul(sign, field.mul(field.pow(eighth, quarters), field.pow(sixth, thirds)));
  }

  private rootOf(n: number): Quotient {
    return this.power(this.field.whole(n), HALF);
  }

  /** cos u and sin u. */
  wave(u: Quotient): { cos: Quotient; sin: Quotient } {
    const { field } = this;
    const [forth, back] = [this.turn(u), this.turn(field.neg(u))];
    const cos = field.scale(field.add(forth, back), HALF);
    const sin = field.mul(field.scale(field.sub(back, forth), HALF), field.i);
    return { cos, sin };
  }

  /** ln u for u > 0. */
  log(u: Quotient): Quotient {
    return this.logarithms.of(u);
  }

  // --- absolute values and powers ---

  absolute(u: Quotient): Quotient {
    const { field } = this;
    if (u.num.size === 0) return field.zero;
    const value = field.cancelled(u);
    let result = this.absoluteOf(value.num);
    for (const f of value.den)
      result = field.div(result, field.pow(this.absoluteOf(f.polynomial), f.exponent));
    return result;
  }

  private absoluteOf(p: Polynomial): Quotient {
    const { field, facts } = this;
    const known = facts.absolute(p);
    if (known) return { num: known, den: [] };
    const { content, monomial, rest } = field.parted(p);
    if (monomial.some((k, i) => i % 2 === 0 && !field.isRealKernel(k))) return this.absoluteKernel(p, UNIT);
    let result = field.constant(content.abs());
    for (let i = 0; i < monomial.length; i += 2) {
      const [k, e] = [monomial[i], monomial[i + 1]];
      const even = e % (2 * UNIT) === 0 || e % UNIT !== 0;
      result = field.mul(result, even ? field.powerOf(k, e) : this.absoluteKernel(term([k, UNIT]), e));
    }
    return isOne(rest) ? result : field.mul(result, this.absoluteKernel(rest, UNIT));
  }

  /** |p|^(e/UNIT) for an odd e/UNIT. */
  private absoluteKernel(p: Polynomial, e: number): Quotient {
    const { field, facts } = this;
    const base: Quotient = { num: p, den: [] };
    const known = facts.absolute(p);
    if (known) return field.pow({ num: known, den: [] }, e / UNIT);
    const key = polynomialKey(p);
    this.undecided.set(key, p);
    const square = field.pow(base, 2);
    const kernel = field.kernel(`root(${field.keyOf(square)})`, () => ({
      kind: "root",
      name: "abs",
      arguments: [base],
      power: square,
      nonnegative: true,
    }));
    return field.powerOf(kernel, e / 2);
  }

  /** u^r for a rational r, where u ≥ 0 (or r whole). */
  power(u: Quotient, r: Rational): Quotient {
    const { field, facts } = this;
    if (r.isInteger) return field.pow(u, smallWhole(r));
    if (u.num.size === 0) {
      if (r.sign < 0) throw new NowhereDefinedError("a negative power of 0");
      return field.zero;
    }
    if (!(facts.ofQuotient(u) & (POSITIVE | NOTHING)))
      throw new NowhereDefinedError("a root of what is negative");
    const value = field.cancelled(u);
    let { content, monomial, rest } = field.parted(value.num);
    if (content.sign < 0) [content, rest] = [content.neg(), negate(rest)];
    let result = this.powerOfNumber(content, r);
    let open: Quotient = { num: rest, den: [] };
    const whole: [Quotient, number][] = value.den.map((f) => [{ num: f.polynomial, den: [] }, -f.exponent]);
    for (let i = 0; i < monomial.length; i += 2) {
      const [k, e] = [monomial[i], monomial[i + 1]];
      const units = Rational.of(e).mul(r);
      const { kind, positive } = field.kernels[k];
      if (positive && units.isInteger && kind !== "root")
        result = field.mul(result, field.powerOf(k, smallWhole(units)));
      else if (e % UNIT === 0) whole.push([field.powerOf(k), e / UNIT]);
      else open = field.mul(open, field.powerOf(k, e));
    }
    for (const [base, e] of whole) {
      const [kept, factor] = this.taken(base, e, r, facts);
      result = field.mul(result, factor);
      open = field.mul(open, kept);
    }
    return field.mul(result, this.powerOfRest(open, r));
  }

  /** base^e under the power r: [what must stay under it, what comes out]. Only what is never 0 may come out. */
  private taken(base: Quotient, e: number, r: Rational, facts: Facts): [Quotient, Quotient] {
    const { field } = this;
    const signs = facts.ofQuotient(base);
    // A factor of a denominator is not 0 where there is a value.
    const nonzero = !(signs & NOTHING) || e < 0;
    const exponent = r.mul(Rational.of(e));
    if (nonzero && !(signs & NEGATIVE)) return [field.one, this.rootPower(base, exponent)];
    if (nonzero && !(signs & POSITIVE)) {
      const flipped = field.neg(base);
      return [e % 2 === 0 ? field.one : field.whole(-1), this.rootPower(flipped, exponent)];
    }
    if (nonzero && e % 2 === 0) return [field.one, this.power(this.absolute(base), exponent)];
    // 1/f is f/f²: what is left under the root is a polynomial.
    if (e < 0) return [field.pow(base, -e), this.power(this.absolute(base), exponent.mul(Rational.of(2)))];
    if (e > 1 && e % 2 === 0) this.undecided.set(polynomialKey(base.num), base.num);
    return [field.pow(base, e), field.one];
  }

  /** What is left under a root, when positive factors and numbers are out of it. */
  private powerOfRest(open: Quotient, r: Rational): Quotient {
    const { field, facts } = this;
    const number = field.asConstant(open);
    if (number?.isOne) return field.one;
    if (open.den.length === 0) {
      const squared = squareRootOf(open.num, field);
      if (squared && !squared.negative) {
        const root: Quotient = { num: squared.root, den: [] };
        return this.power(this.absolute(root), r.mul(Rational.of(2)));
      }
      const parts = facts.nonnegativeFactors(open.num);
      if (parts) {
        const [left, right] = parts.map((p) => this.powerOfRest({ num: p, den: [] }, r));
        return field.mul(left, right);
      }
      const { content, monomial, rest } = field.parted(open.num);
      // √(x³) for x ≥ 0: a power of x itself.
      if (content.isOne && isOne(rest) && monomial.length === 2) {
        const [k, e] = monomial;
        const units = r.mul(Rational.of(e));
        const free = field.kernels[k].kind !== "root" && !(facts.of(term([k, UNIT])) & NEGATIVE);
        if (free && units.isInteger) return field.powerOf(k, smallWhole(units));
      }
    }
    return this.rootPower(open, r);
  }

  /** base^r as a power of the root kernel of its base: base ≥ 0 wherever there is a value. */
  private rootPower(base: Quotient, r: Rational): Quotient {
    const { field } = this;
    if (r.isInteger) return field.pow(base, smallWhole(r));
    const units = r.mul(Rational.of(UNIT));
    if (base.den.length === 0 && base.num.size === 1) {
      const { monomial, coefficient } = leading(base.num);
      // Already a power of a kernel that cannot be negative.
      if (coefficient.isOne && monomial.length === 2 && field.isRealKernel(monomial[0])) {
        const inner = Rational.of(monomial[1]).mul(r);
        const k = field.kernels[monomial[0]];
        const fractional = monomial[1] % UNIT !== 0;
        const safe = k.positive || (k.power ? fractional : !(this.facts.of(term([k.id, UNIT])) & NEGATIVE));
        if (inner.isInteger && safe) return field.powerOf(k.id, smallWhole(inner));
      }
    }
    const key = `root(${field.keyOf(base)})`;
    if (!units.isInteger) {
      const kernel = field.call(`power ${r}`, [base], { nonnegative: true });
      return field.powerOf(kernel);
    }
    const kernel = field.kernel(key, () => ({
      kind: "root",
      name: "root",
      arguments: [base],
      power: base,
      nonnegative: true,
    }));
    return field.powerOf(kernel, smallWhole(units));
  }

  /** c^r for a rational c > 0: √6 is √2·√3. */
  private powerOfNumber(c: Rational, r: Rational): Quotient {
    const { field } = this;
    const root = r.d === 2n ? rationalRoot(c) : undefined;
    if (root) return field.constant(root.pow(smallWhole(Rational.of(r.n))));
    let result = field.one;
    for (const [prime, e] of [...primesOf(c.n), ...primesOf(c.d).map(([p, k]) => [p, -k] as const)])
      result = field.mul(result, this.rootPower(field.constant(Rational.of(prime)), r.mul(Rational.of(e))));
    return result;
  }
}
