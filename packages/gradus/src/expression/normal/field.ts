import { Rational } from "../../ir/rational.ts";
import {
  addPolynomials,
  type Budget,
  constantPolynomial,
  contentOf,
  divideExactly,
  exponentIn,
  exponentRanges,
  leading,
  type Monomial,
  multiplyPolynomials,
  negate,
  type Polynomial,
  polynomialKey,
  scalePolynomial,
  type Term,
  term,
  timesMonomial,
  timesTerm,
  UNIT,
  ZERO,
} from "./polynomial.ts";
import { squareRootOf } from "./square-root.ts";

/*
 * Quotients of polynomials in kernels. Every step is an identity of real numbers that holds at each point where its
 * operands have a value; so a difference that comes out as 0 is 0 wherever both expressions are defined. Two quotients
 * that differ in form may still be equal: the form is complete for rational functions, not for every kernel.
 */

/**
 * What a polynomial is a polynomial in. "exp": e^argument; "turn": e^(i·argument); both take every rational exponent.
 * "root": `power` is its first power, and fractional exponents below that stay. "log": ln|argument|. Others are opaque.
 */
export interface Kernel {
  readonly id: number;
  readonly kind: "variable" | "exp" | "turn" | "root" | "log" | "call";
  readonly name: string;
  readonly arguments: readonly Quotient[];
  /** Of a root: what it is a root of. */
  readonly power?: Quotient;
  /** Never negative, whatever the variables are. */
  readonly nonnegative: boolean;
  /** Never negative and never zero. */
  readonly positive: boolean;
}

interface Factor {
  readonly polynomial: Polynomial;
  readonly key: string;
  readonly exponent: number;
}

/** num / Π factor^exponent. Real where it stands for a node: so are the numerator and every factor. */
export interface Quotient {
  readonly num: Polynomial;
  readonly den: readonly Factor[];
}

/** Nothing has a value here: a division by 0, a logarithm of 0. */
export class NowhereDefinedError extends Error {
  override name = "NowhereDefinedError";
}

type KernelParts = Pick<Kernel, "kind" | "name"> & Partial<Kernel>;

/** c·m·P: a polynomial as rational content with its sign, the monomial that all terms share, and the rest. */
export interface Parted {
  readonly content: Rational;
  readonly monomial: Monomial;
  readonly rest: Polynomial;
}

/** Products of numerators above this are not tried for common factors. */
const CANCEL_BELOW = 60;

export class Field {
  readonly kernels: Kernel[] = [];
  budget: Budget;
  readonly zero: Quotient = { num: ZERO, den: [] };
  readonly one: Quotient = this.constant(Rational.ONE);
  /** e^(iπ): a root of −1, so that i is its half power. */
  readonly halfTurn: number;
  readonly i: Quotient;
  readonly pi: number;
  private readonly keys: string[] = [];
  private readonly known = new Map<string, number>();
  private readonly calls = new Map<string, number[]>();

  constructor(budget: Budget) {
    this.budget = budget;
    this.halfTurn = this.kernel("half turn", () => ({
      kind: "root",
      name: "half turn",
      power: this.constant(Rational.of(-1)),
    }));
    this.pi = this.kernel("number π", () => ({ kind: "call", name: "π", positive: true }));
    this.i = this.powerOf(this.halfTurn, UNIT / 2);
  }

  // --- kernels ---

  /** The kernel of a key, made once. */
  kernel(key: string, make: () => KernelParts): number {
    let id = this.known.get(key);
    if (id === undefined) {
      const parts = make();
      id = this.kernels.length;
      this.kernels.push({ id, arguments: [], nonnegative: !!parts.positive, positive: false, ...parts });
      this.keys.push(key);
      this.known.set(key, id);
    }
    return id;
  }

  /** A function of which nothing is used but that equal arguments give equal values. */
  call(name: string, args: readonly Quotient[], parts: Partial<Kernel> = {}): number {
    const key = `${name}(${args.map((a) => this.keyOf(a)).join("; ")})`;
    const exact = this.known.get(key);
    if (exact !== undefined) return exact;
    const others = this.calls.get(name) ?? [];
    const same = others.find((id) => args.every((a, i) => this.equals(a, this.kernels[id].arguments[i])));
    if (same !== undefined) {
      this.known.set(key, same);
      return same;
    }
    const id = this.kernel(key, () => ({ kind: "call", name, arguments: args, ...parts }));
    this.calls.set(name, [...others, id]);
    return id;
  }

  callsOf(name: string): readonly number[] {
    return this.calls.get(name) ?? [];
  }

  /** The key under which a kernel was made. */
  keyOfKernel(id: number): string {
    return this.keys[id];
  }

  /** A polynomial as text, for the assumptions of a case. */
  shown(p: Polynomial): string {
    return [...p.values()]
      .map(({ monomial, coefficient }) => {
        const factors: string[] = [];
        for (let i = 0; i < monomial.length; i += 2) {
          const exponent = Rational.of(monomial[i + 1], UNIT);
          factors.push(
            exponent.isOne ? this.nameOf(monomial[i]) : `${this.nameOf(monomial[i])}^(${exponent})`,
          );
        }
        if (factors.length === 0) return `${coefficient}`;
        const c = coefficient.isOne ? "" : coefficient.neg().isOne ? "-" : `${coefficient}*`;
        return c + factors.join("*");
      })
      .join(" + ")
      .replaceAll("+ -", "- ");
  }

  private nameOf(k: number): string {
    const { name, arguments: args } = this.kernels[k];
    const shown = args.map((a) => this.shown(a.num) + (a.den.length > 0 ? "/…" : ""));
    return args.length === 0 ? name : `${name}(${shown.join(", ")})`;
  }

  powerOf(kernel: number, exponent: number = UNIT): Quotient {
    return this.settled(term([kernel, exponent]), []);
  }

  constant(c: Rational): Quotient {
    return { num: constantPolynomial(c), den: [] };
  }

  whole(n: number): Quotient {
    return this.constant(Rational.of(n));
  }

  // --- arithmetic ---

  add(a: Quotient, b: Quotient): Quotient {
    if (a.num.size === 0) return b;
    if (b.num.size === 0) return a;
    const den = mergeFactors(a.den, b.den, Math.max);
    const num = addPolynomials(this.over(a, den), this.over(b, den), this.budget);
    return this.cancelled(this.settled(num, den));
  }

  /** The numerator of `q` over a multiple of its denominator. */
  private over(q: Quotient, den: readonly Factor[]): Polynomial {
    let { num } = q;
    for (const f of den) {
      const own = q.den.find((g) => g.key === f.key)?.exponent ?? 0;
      for (let i = own; i < f.exponent; i++) num = multiplyPolynomials(num, f.polynomial, this.budget);
    }
    return num;
  }

  /** The numerators over one common denominator; undefined where roots of quotients would bring in others. */
  overOneDenominator(all: readonly Quotient[]): Polynomial[] | undefined {
    const den = all.reduce<readonly Factor[]>((d, q) => mergeFactors(d, q.den, Math.max), []);
    const raised = all.map((q) => this.settled(this.over(q, den), []));
    return raised.every((q) => q.den.length === 0) ? raised.map((q) => q.num) : undefined;
  }

  neg(a: Quotient): Quotient {
    return { num: negate(a.num), den: a.den };
  }

  sub(a: Quotient, b: Quotient): Quotient {
    return this.add(a, this.neg(b));
  }

  scale(a: Quotient, c: Rational): Quotient {
    return c.isZero ? this.zero : { num: scalePolynomial(a.num, c), den: a.den };
  }

  mul(a: Quotient, b: Quotient): Quotient {
    if (a.num.size === 0 || b.num.size === 0) return this.zero;
    const [left, right] = [
      this.cancelled({ num: a.num, den: b.den }),
      this.cancelled({ num: b.num, den: a.den }),
    ];
    const den = mergeFactors(left.den, right.den, (m, n) => m + n);
    return this.settled(multiplyPolynomials(left.num, right.num, this.budget), den);
  }

  inverse(a: Quotient): Quotient {
    if (a.num.size === 0) throw new NowhereDefinedError("a denominator is 0");
    const { content, monomial, rest } = this.parted(a.num);
    const one = rest.size === 1 && leading(rest).monomial.length === 0;
    const { den, negative } = one ? { den: [], negative: false } : this.factorsOf(rest);
    const num = term(reciprocal(monomial), negative ? content.inverse().neg() : content.inverse());
    const inverted = this.settled(num, den);
    return this.mul(inverted, {
      num: this.over({ num: constantPolynomial(Rational.ONE), den: [] }, a.den),
      den: [],
    });
  }

  /** Factors of a primitive polynomial up to its sign: itself, or the square of its root. */
  private factorsOf(p: Polynomial): { readonly den: Factor[]; readonly negative: boolean } {
    const squared = squareRootOf(p, this);
    if (!squared) return { den: [{ polynomial: p, key: polynomialKey(p), exponent: 1 }], negative: false };
    const { content, monomial, rest } = this.parted(squared.root);
    if (!content.abs().isOne || monomial.length > 0)
      return { den: [{ polynomial: p, key: polynomialKey(p), exponent: 1 }], negative: false };
    const { den } = this.factorsOf(rest);
    return { den: den.map((f) => ({ ...f, exponent: 2 * f.exponent })), negative: squared.negative };
  }

  div(a: Quotient, b: Quotient): Quotient {
    return this.mul(a, this.inverse(b));
  }

  /** A whole power, by squaring. */
  pow(a: Quotient, exponent: number): Quotient {
    if (exponent < 0) return this.inverse(this.pow(a, -exponent));
    if (a.num.size === 1 && a.den.length === 0) return this.monomialPower(leading(a.num), exponent);
    let result = this.one;
    let square = a;
    for (let k = exponent; k > 0; k = Math.floor(k / 2)) {
      if (k % 2 === 1) result = this.mul(result, square);
      if (k > 1) square = this.mul(square, square);
    }
    return result;
  }

  private monomialPower(t: Term, exponent: number): Quotient {
    this.budget.spend(1 + exponent / 1000);
    const monomial = t.monomial.map((x, i) => (i % 2 === 0 ? x : x * exponent));
    if (exponent === 0) return this.one;
    return this.settled(term(monomial, t.coefficient.pow(exponent)), []);
  }

  isZero(a: Quotient): boolean {
    return a.num.size === 0;
  }

  equals(a: Quotient, b: Quotient): boolean {
    if (a.num.size === b.num.size && this.keyOf(a) === this.keyOf(b)) return true;
    return this.sub(a, b).num.size === 0;
  }

  keyOf(a: Quotient): string {
    return `${polynomialKey(a.num)}${a.den.map((f) => `/${f.key}^${f.exponent}`).join("")}`;
  }

  /** The number that it is, where it is one. */
  asConstant(a: Quotient): Rational | undefined {
    if (a.num.size === 0) return Rational.ZERO;
    if (a.num.size !== 1 || a.den.length > 0) return undefined;
    const { monomial, coefficient } = leading(a.num);
    return monomial.length === 0 ? coefficient : undefined;
  }

  // --- forms ---

  /** Takes out common factors of the denominator, where that is cheap. */
  cancelled(a: Quotient): Quotient {
    if (a.den.length === 0 || a.num.size > CANCEL_BELOW) return a;
    if (a.num.size === 0) return this.zero;
    let { num } = a;
    const den: Factor[] = [];
    for (const f of a.den) {
      let { exponent } = f;
      for (; exponent > 0; exponent--) {
        const quotient = divideExactly(num, f.polynomial, this.budget);
        if (!quotient) break;
        num = quotient;
      }
      if (exponent > 0) den.push({ ...f, exponent });
    }
    return { num, den };
  }

  /** Content and common monomial (of real kernels only, so that what is real stays so) taken out; the first term of the rest is positive. */
  parted(p: Polynomial): Parted {
    const shared: number[] = [];
    const ranges = [...exponentRanges(p)].sort(([a], [b]) => a - b);
    const alone = p.size === 1;
    for (const [k, { least }] of ranges) {
      if (least !== 0 && (alone || this.isRealKernel(k))) shared.push(k, least);
    }
    const negative = leading(p).coefficient.sign < 0;
    const content = negative ? contentOf(p).neg() : contentOf(p);
    const rest = timesTerm(p, { monomial: reciprocal(shared), coefficient: content.inverse() }, this.budget);
    return { content, monomial: shared, rest };
  }

  isRealKernel(k: number): boolean {
    return this.kernels[k].kind !== "turn" && k !== this.halfTurn;
  }

  /** The complex conjugate of a settled polynomial. */
  conjugate(p: Polynomial): Polynomial {
    let out = ZERO;
    for (const t of p.values()) {
      let negative = false;
      const monomial: number[] = [];
      for (let i = 0; i < t.monomial.length; i += 2) {
        const [k, e] = [t.monomial[i], t.monomial[i + 1]];
        if (k === this.halfTurn) {
          negative = true;
          monomial.push(k, UNIT - e);
        } else monomial.push(k, this.isRealKernel(k) ? e : -e);
      }
      out = addPolynomials(out, term(monomial, negative ? t.coefficient.neg() : t.coefficient), this.budget);
    }
    return out;
  }

  isReal(p: Polynomial): boolean {
    for (const { monomial } of p.values()) {
      for (let i = 0; i < monomial.length; i += 2) {
        if (!this.isRealKernel(monomial[i])) return polynomialKey(this.conjugate(p)) === polynomialKey(p);
      }
    }
    return true;
  }

  /** Roots brought below their first power: √u·√u is u. The newest root first, since it may hold older ones. */
  settled(num: Polynomial, den: readonly Factor[]): Quotient {
    let value: Quotient = { num, den };
    for (let root = this.unsettledRoot(num); root >= 0; root = this.unsettledRoot(value.num)) {
      value = this.lowered(value, root);
    }
    return value.num.size === 0 ? this.zero : value;
  }

  private unsettledRoot(p: Polynomial): number {
    let found = -1;
    for (const { monomial } of p.values()) {
      for (let i = 0; i < monomial.length; i += 2) {
        const e = monomial[i + 1];
        if ((e >= UNIT || e < 0) && monomial[i] > found && this.kernels[monomial[i]].power)
          found = monomial[i];
      }
    }
    return found;
  }

  private lowered(value: Quotient, root: number): Quotient {
    const power = this.kernels[root].power as Quotient;
    const byExponent = new Map<number, Term[]>();
    for (const t of value.num.values()) {
      const whole = Math.floor(exponentIn(t.monomial, root) / UNIT);
      const lowered = { ...t, monomial: timesMonomial(t.monomial, [root, whole * UNIT], -1) };
      byExponent.set(whole, [...(byExponent.get(whole) ?? []), lowered]);
    }
    let sum = this.zero;
    for (const [whole, terms] of byExponent) {
      const part: Quotient = { num: new Map(terms.map((t) => [t.monomial.join(), t])), den: [] };
      sum = this.add(sum, this.mul(part, this.pow(power, whole)));
    }
    return { num: sum.num, den: mergeFactors(sum.den, value.den, (m, n) => m + n) };
  }
}

const reciprocal = (m: Monomial): Monomial => timesMonomial([], m, -1);

function mergeFactors(
  a: readonly Factor[],
  b: readonly Factor[],
  join: (m: number, n: number) => number,
): readonly Factor[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged = new Map(a.map((f) => [f.key, f]));
  for (const f of b) {
    const own = merged.get(f.key);
    merged.set(f.key, own ? { ...f, exponent: join(own.exponent, f.exponent) } : f);
  }
  return [...merged.values()].sort((f, g) => (f.key < g.key ? -1 : 1));
}
