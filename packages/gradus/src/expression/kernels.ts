import type { Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { linearFactors, primeFactors } from "./factors.ts";
import type { Fraction } from "./fraction.ts";
import * as f from "./fraction.ts";
import {
  type Budget,
  constantPolynomial,
  type Gaussian,
  gaussian,
  kernelPower,
  type Monomial,
  monomial,
  monomialsOf,
  type Polynomial,
  rationalOf,
} from "./polynomial.ts";

/*
 * What the indeterminates of a normal form are, and the relations that hold between their powers:
 *   exp     e^(atom), to any rational power; positive
 *   circle  e^(i·atom): sines and cosines are its real and imaginary parts
 *   root    of a base: its powers below 1; whole powers are the base itself
 *   abs     of a base: its square is the base's square
 *   log     ln|base|
 *   opaque  anything else: variables, unknown functions, arctangents
 */
type Kernel =
  | { readonly kind: "exp" | "circle"; readonly atom: Fraction }
  | { readonly kind: "root" | "abs" | "log"; readonly base: Fraction }
  | { readonly kind: "opaque"; readonly name: string; readonly args: readonly Fraction[] };

const HALF = Rational.of(1, 2);
const ONE = Rational.ONE;
const I = gaussian(Rational.ZERO, ONE);
/** Whole powers beyond this are left as they are. */
const LARGEST_POWER = 200;

export class Kernels {
  private readonly budget: Budget;
  private readonly all: Kernel[] = [];
  private readonly byKey = new Map<string, number>();
  private readonly variables = new Map<Node, number>();
  /** Operands of ln (true) and of even roots (false): positive, or at least not negative, where all is defined. */
  private readonly positive = new Map<string, boolean>();
  /** Whether what is noted in `positive` holds everywhere: not so inside branches. */
  private readonly certain: boolean;
  private piKernel: number | undefined;

  constructor(budget: Budget, certain = true) {
    this.budget = budget;
    this.certain = certain;
  }

  variable(node: Node): Fraction {
    let id = this.variables.get(node);
    if (id === undefined) {
      id = this.all.push({ kind: "opaque", name: `variable ${node.id}`, args: [] }) - 1;
      this.variables.set(node, id);
    }
    return f.fraction(kernelPower(id));
  }

  /** The node that a kernel number stands for, if it is a variable. */
  variableOf(kernel: number): Node | undefined {
    return [...this.variables].find(([, id]) => id === kernel)?.[0];
  }

  pi(): Fraction {
    this.piKernel ??= this.make("pi", { kind: "opaque", name: "pi", args: [] });
    return f.fraction(kernelPower(this.piKernel));
  }

  private make(key: string, kernel: Kernel): number {
    let id = this.byKey.get(key);
    if (id === undefined) {
      id = this.all.push(kernel) - 1;
      this.byKey.set(key, id);
    }
    return id;
  }

  /** A function that nothing more is known of; equal arguments, however written, give one kernel. */
  opaque(name: string, args: readonly Fraction[]): Fraction {
    for (const [id, k] of this.all.entries()) {
      if (k.kind !== "opaque" || k.name !== name || k.args.length !== args.length) continue;
      if (k.args.every((a, i) => this.same(a, args[i]))) return f.fraction(kernelPower(id));
    }
    const id = this.all.push({ kind: "opaque", name, args }) - 1;
    return f.fraction(kernelPower(id));
  }

  private same(a: Fraction, b: Fraction): boolean {
    if (f.fractionKey(a) === f.fractionKey(b)) return true;
    if (a.below.size === 0 && b.below.size === 0 && this.all.every((k) => k.kind === "opaque")) return false;
    return f.isZeroFraction(this.reduced(f.subtract(a, b, this.budget)));
  }

  isPositive(u: Fraction, strict: boolean): boolean {
    const known = this.positive.get(f.fractionKey(u));
    if (known !== undefined && (known || !strict)) return true;
    const [only, ...more] = monomialsOf(u.above);
    if (!only || more.length > 0 || u.below.size > 0 || !only.coefficient.im.isZero) return false;
    if (only.coefficient.re.sign <= 0) return false;
    return [...only.powers].every(([k, e]) => this.isPositiveKernel(k, strict) || (!strict && isEven(e)));
  }

  private isPositiveKernel(kernel: number, strict: boolean): boolean {
    const { kind } = this.all[kernel];
    if (kind === "exp" || kernel === this.piKernel) return true;
    if (!strict && (kind === "root" || kind === "abs")) return true;
    const known = this.positive.get(f.fractionKey(f.fraction(kernelPower(kernel))));
    return known !== undefined && (known || !strict);
  }

  private notePositive(u: Fraction, strict: boolean): void {
    if (!this.certain || rationalOf(u.above)) return;
    const key = f.fractionKey(u);
    this.positive.set(key, strict || this.positive.get(key) === true);
  }

  // --- exponentials and angles ---

  exp(u: Fraction): Fraction {
    return this.ofSum(u, (atom, c) => this.expAtom(atom, c));
  }

  private expAtom(atom: Fraction, c: Rational): Fraction {
    const logarithm = this.loneKernel(atom);
    if (logarithm?.kind === "log") return this.root(this.absolute(logarithm.base), c);
    return f.fraction(kernelPower(this.make(`exp ${f.fractionKey(atom)}`, { kind: "exp", atom }), c));
  }

  private circle(u: Fraction): Fraction {
    const turn = this.ofSum(u, (atom, c) =>
      f.fraction(kernelPower(this.make(`circle ${f.fractionKey(atom)}`, { kind: "circle", atom }), c)),
    );
    return this.reduced(turn);
  }

  cos(u: Fraction): Fraction {
    const [z, w] = [this.circle(u), this.circle(f.negate(u))];
    return f.scale(this.reduced(f.add(z, w, this.budget)), gaussian(HALF));
  }

  sin(u: Fraction): Fraction {
    const [z, w] = [this.circle(u), this.circle(f.negate(u))];
    return f.scale(this.reduced(f.subtract(z, w, this.budget)), gaussian(Rational.ZERO, Rational.of(-1, 2)));
  }

  /** A function with g(a + b) = g(a) g(b), of the terms of a sum: one atom for each product of kernels. */
  private ofSum(u: Fraction, g: (atom: Fraction, c: Rational) => Fraction): Fraction {
    let product = f.number(1);
    const times = (x: Fraction) => {
      product = this.reduced(f.multiply(product, x, this.budget));
    };
    if (u.below.size === 0 && monomialsOf(u.above).every((m) => m.coefficient.im.isZero)) {
      for (const { coefficient, powers } of monomialsOf(u.above))
        times(g(f.fraction(monomial(gaussian(ONE), powers)), coefficient.re));
      return product;
    }
    const [first] = [...u.above.keys()].sort();
    const lead = u.above.get(first)?.coefficient as Gaussian;
    if (lead === undefined || !lead.im.isZero) {
      times(g(u, ONE));
      return product;
    }
    times(g(f.scale(u, gaussian(lead.re.inverse())), lead.re));
    return product;
  }

  private loneKernel(u: Fraction): Kernel | undefined {
    const [only, ...more] = monomialsOf(u.above);
    if (!only || more.length > 0 || u.below.size > 0 || only.powers.size !== 1) return undefined;
    const [[kernel, exponent]] = only.powers;
    return exponent.isOne && only.coefficient.re.isOne && only.coefficient.im.isZero
      ? this.all[kernel]
      : undefined;
  }

  // --- logarithms: ln|u|, which is ln u wherever that is defined ---

  log(u: Fraction): Fraction {
    this.notePositive(u, true);
    return this.logSize(u);
  }

  private logSize(u: Fraction): Fraction {
    if (f.isZeroFraction(u)) throw new f.DivisionByZeroError("a logarithm of zero");
    let sum = this.logOfPolynomial(u.above);
    for (const { factor, exponent } of u.below.values())
      sum = f.subtract(
        sum,
        f.scale(this.logOfPolynomial(factor), gaussian(Rational.of(exponent))),
        this.budget,
      );
    return sum;
  }

  private logOfPolynomial(p: Polynomial): Fraction {
    const { content, factors } = linearFactors(p, this.budget);
    let sum = this.logOfMonomial(content);
    for (const { factor, exponent } of factors) {
      const base = f.fraction(factor);
      const id = this.make(`log ${f.fractionKey(base)}`, { kind: "log", base });
      sum = f.add(
        sum,
        f.fraction(monomial(gaussian(Rational.of(exponent)), new Map([[id, ONE]]))),
        this.budget,
      );
    }
    return sum;
  }

  private logOfMonomial({ coefficient, powers }: Monomial): Fraction {
    let sum = coefficient.im.isZero
      ? this.logOfNumber(coefficient.re.abs())
      : this.opaque("log", [f.fraction(monomial(coefficient))]);
    for (const [kernel, e] of powers)
      sum = f.add(sum, f.scale(this.logOfKernel(kernel), gaussian(e)), this.budget);
    return sum;
  }

  private logOfKernel(kernel: number): Fraction {
    const k = this.all[kernel];
    if (k.kind === "exp") return k.atom;
    if (k.kind === "root" || k.kind === "abs") return this.logSize(k.base);
    const base = f.fraction(kernelPower(kernel));
    return f.fraction(kernelPower(this.make(`log ${f.fractionKey(base)}`, { kind: "log", base })));
  }

  private logOfNumber(r: Rational): Fraction {
    let sum = f.number(0);
    for (const [prime, e] of primeFactors(r)) {
      const base = f.number(prime);
      const id = this.make(`log ${f.fractionKey(base)}`, { kind: "log", base });
      sum = f.add(sum, f.fraction(monomial(gaussian(Rational.of(e)), new Map([[id, ONE]]))), this.budget);
    }
    return sum;
  }

  // --- powers, roots, absolute values ---

  power(u: Fraction, p: Fraction): Fraction {
    const exponent = p.below.size === 0 ? rationalOf(p.above) : undefined;
    if (!exponent) {
      this.notePositive(u, true);
      return this.exp(this.reduced(f.multiply(p, this.log(u), this.budget)));
    }
    if (exponent.isInteger && exponent.abs().compare(Rational.of(LARGEST_POWER)) <= 0)
      return this.reduced(f.power(u, exponent.toNumber(), this.budget));
    if (exponent.isInteger) return this.opaque("power", [u, p]);
    return this.root(u, exponent);
  }

  /** u^p for a p that is not whole: defined where u ≥ 0. */
  root(u: Fraction, p: Rational): Fraction {
    if (p.isInteger) return this.power(u, f.number(p));
    this.notePositive(u, p.sign < 0);
    return this.rootOf(u, p);
  }

  /** The real cube root. */
  cubeRoot(u: Fraction): Fraction {
    const negative = this.leading(u) < 0;
    const value = this.rootOf(negative ? f.negate(u) : u, Rational.of(1, 3));
    return negative ? f.negate(value) : value;
  }

  private rootOf(u: Fraction, p: Rational): Fraction {
    if (f.isZeroFraction(u)) {
      if (p.sign < 0) throw new f.DivisionByZeroError("a negative power of zero");
      return u;
    }
    const { content, rest } = this.withoutContent(u);
    let product = f.number(1);
    const times = (x: Fraction) => {
      product = f.multiply(product, x, this.budget);
    };
    let base = rest;
    const size = content.coefficient.re.abs();
    for (const [prime, e] of primeFactors(size))
      times(this.rootKernel(f.number(prime), p.mul(Rational.of(e))));
    if (content.coefficient.re.sign < 0) base = f.negate(base);
    for (const [kernel, e] of content.powers) {
      const own = f.fraction(kernelPower(kernel));
      if (this.isPositiveKernel(kernel, false)) times(f.fraction(kernelPower(kernel, e.mul(p))));
      else if (isEven(e)) times(this.root(this.absolute(own), e.mul(p)));
      else {
        // x³ ≥ 0 says x ≥ 0: the even part comes out as |x|, one x stays below the root.
        const even = e.sub(ONE);
        if (e.isInteger && !even.isZero) times(this.root(this.absolute(own), even.mul(p)));
        base = f.multiply(base, f.fraction(kernelPower(kernel, e.isInteger ? ONE : e)), this.budget);
      }
    }
    const known = base.below.size === 0 ? rationalOf(base.above) : undefined;
    if (!known?.isOne) times(this.rootKernel(base, p));
    return this.reduced(product);
  }

  private rootKernel(base: Fraction, p: Rational): Fraction {
    const id = this.make(`root ${f.fractionKey(base)}`, { kind: "root", base });
    return f.fraction(kernelPower(id, p));
  }

  /** |u|, by factors. */
  absolute(u: Fraction): Fraction {
    if (this.isPositive(u, false)) return u;
    if (this.isPositive(f.negate(u), false)) return f.negate(u);
    const { content, rest } = this.withoutContent(u);
    let product = f.fraction(constantPolynomial(content.coefficient.re.abs()));
    const times = (x: Fraction) => {
      product = f.multiply(product, x, this.budget);
    };
    for (const [kernel, e] of content.powers) {
      const own = f.fraction(kernelPower(kernel));
      if (this.isPositiveKernel(kernel, false) || isEven(e)) times(f.fraction(kernelPower(kernel, e)));
      else
        times(f.fraction(kernelPower(this.make(`abs ${f.fractionKey(own)}`, { kind: "abs", base: own }), e)));
    }
    if (!(rest.below.size === 0 && rationalOf(rest.above)?.isOne)) {
      const base = this.leading(rest) < 0 ? f.negate(rest) : rest;
      if (this.isPositive(base, false)) times(base);
      else times(f.fraction(kernelPower(this.make(`abs ${f.fractionKey(base)}`, { kind: "abs", base }))));
    }
    return this.reduced(product);
  }

  /** A monomial that divides the numerator, and what is left. */
  private withoutContent(u: Fraction): { content: Monomial; rest: Fraction } {
    const { content, rest } = linearFactors(u.above, this.budget);
    return { content, rest: { above: rest, below: u.below } };
  }

  /** The sign of the first coefficient: one of u and −u has it positive. */
  leading(u: Fraction): number {
    const [first] = [...u.above.keys()].sort();
    const c = u.above.get(first)?.coefficient;
    return c ? c.re.sign || c.im.sign : 0;
  }

  // --- special values ---

  /** Γ(u + 1) = u Γ(u): the constant term of the argument is brought to (0, 1]. */
  gamma(u: Fraction): Fraction {
    const constant = u.below.size === 0 ? (u.above.get("")?.coefficient.re ?? Rational.ZERO) : Rational.ZERO;
    const floor = Math.ceil(constant.toNumber()) - 1;
    const whole = u.below.size === 0 && rationalOf(u.above)?.isInteger;
    if (Math.abs(floor) > LARGEST_POWER || (whole && constant.sign <= 0)) return this.opaque("gamma", [u]);
    const shifted = (k: number) => f.add(u, f.number(-k), this.budget);
    let product = f.number(1);
    for (let k = 1; k <= floor; k++) product = f.multiply(product, shifted(k), this.budget);
    for (let k = floor + 1; k <= 0; k++)
      product = f.multiply(product, f.invert(shifted(k), this.budget), this.budget);
    const base = shifted(floor);
    if (rationalOf(base.above)?.isOne) return this.reduced(product);
    if (rationalOf(base.above)?.equals(HALF))
      return this.reduced(f.multiply(product, this.root(this.pi(), HALF), this.budget));
    return this.reduced(f.multiply(product, this.opaque("gamma", [base]), this.budget));
  }

  /** arctan 1 = π/4, arcsin 1 = π/2, arcsin ½ = π/6. */
  exactArc(name: string, u: Fraction): Fraction | undefined {
    const value = u.below.size === 0 ? rationalOf(u.above) : undefined;
    const part = value && EXACT_ARCS[name]?.[String(value)];
    return part ? f.scale(this.pi(), gaussian(Rational.of(1, part))) : undefined;
  }

  // --- relations ---

  /** Brings powers of roots, absolute values and turns by π into their ranges. */
  reduced(u: Fraction): Fraction {
    const needs = (m: Monomial) => [...m.powers].some(([k, e]) => this.isOutOfRange(k, e));
    if (!monomialsOf(u.above).some(needs)) return u;
    let sum: Fraction = { above: new Map(), below: u.below };
    for (const m of monomialsOf(u.above)) {
      let term = f.fraction(monomial(m.coefficient));
      for (const [k, e] of m.powers) term = f.multiply(term, this.kernelRaised(k, e), this.budget);
      sum = f.add(sum, { above: term.above, below: joined(term.below, u.below) }, this.budget);
    }
    return this.reduced(sum);
  }

  private isOutOfRange(kernel: number, e: Rational): boolean {
    const k = this.all[kernel];
    if (k.kind === "root") return e.sign < 0 || e.compare(ONE) >= 0;
    if (k.kind === "abs") return e.sign < 0 || e.compare(Rational.of(2)) >= 0;
    return (
      k.kind === "circle" &&
      this.isPi(k.atom) &&
      (e.sign < 0 || e.compare(HALF) >= 0 || SMALL_TURNS.has(String(e)))
    );
  }

  private isPi(atom: Fraction): boolean {
    return this.piKernel !== undefined && f.fractionKey(atom) === f.fractionKey(this.pi());
  }

  private kernelRaised(kernel: number, e: Rational): Fraction {
    const k = this.all[kernel];
    if (!this.isOutOfRange(kernel, e)) return f.fraction(kernelPower(kernel, e));
    if (k.kind === "root") {
      const whole = floorOf(e);
      const left = f.fraction(kernelPower(kernel, e.sub(Rational.of(whole))));
      return f.multiply(f.power(k.base, whole, this.budget), left, this.budget);
    }
    if (k.kind === "abs") {
      const pairs = floorOf(e.div(Rational.of(2)));
      const left = f.fraction(kernelPower(kernel, e.sub(Rational.of(2 * pairs))));
      return f.multiply(f.power(k.base, 2 * pairs, this.budget), left, this.budget);
    }
    return this.turn(kernel, e);
  }

  /** e^(iπe): quarter turns are powers of i; sixths, quarters and thirds of π have exact sines. */
  private turn(kernel: number, e: Rational): Fraction {
    const quarters = floorOf(e.mul(Rational.of(2)));
    const left = e.sub(Rational.of(quarters, 2));
    const unit = [gaussian(ONE), I, gaussian(Rational.of(-1)), gaussian(Rational.ZERO, Rational.of(-1))][
      ((quarters % 4) + 4) % 4
    ];
    const exact = SMALL_TURNS.get(String(left));
    if (!exact) return f.scale(f.fraction(kernelPower(kernel, left)), unit);
    const side = (square: Rational) => this.rootOf(f.number(square), HALF);
    const value = f.add(side(exact.cosSquared), f.scale(side(exact.sinSquared), I), this.budget);
    return f.scale(value, unit);
  }
}

const SMALL_TURNS: ReadonlyMap<string, { cosSquared: Rational; sinSquared: Rational }> = new Map([
  ["1/6", { cosSquared: Rational.of(3, 4), sinSquared: Rational.of(1, 4) }],
  ["1/4", { cosSquared: Rational.of(1, 2), sinSquared: Rational.of(1, 2) }],
  ["1/3", { cosSquared: Rational.of(1, 4), sinSquared: Rational.of(3, 4) }],
]);

const EXACT_ARCS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  atan: { "1": 4 },
  asin: { "1": 2, "1/2": 6 },
};

const isEven = (e: Rational): boolean => e.isInteger && e.n % 2n === 0n;

function floorOf(r: Rational): number {
  const quotient = r.n / r.d;
  return Number(r.n < 0n && quotient * r.d !== r.n ? quotient - 1n : quotient);
}

function joined(a: Fraction["below"], b: Fraction["below"]): Fraction["below"] {
  const all = new Map(a);
  for (const [key, x] of b)
    all.set(key, { factor: x.factor, exponent: (all.get(key)?.exponent ?? 0) + x.exponent });
  return all;
}
