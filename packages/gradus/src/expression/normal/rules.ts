import type { Node } from "../../ir/node.ts";
import { Rational } from "../../ir/rational.ts";
import type { UnknownParams } from "../../primitives/unknown.ts";
import type { Quotient } from "./field.ts";
import type { Functions } from "./functions.ts";
import type { Ask, Value } from "./normalise.ts";
import { leading, type Polynomial, polynomialKey } from "./polynomial.ts";
import { ANY, NEGATIVE, NOTHING, POSITIVE, type Signs } from "./sign-set.ts";

/** A condition: true, false, or not decided in this case. */
export interface Truth {
  readonly mask: boolean | undefined;
  /** Equal for conditions that are equal by form. */
  readonly key: string;
}

type Rule = (f: Functions, x: readonly Quotient[], ask: Ask, node: Node) => Quotient;

const HALF = Rational.of(1, 2);
const TWO = Rational.of(2);

function quotient({ field }: Functions, x: Quotient, y: Quotient, ask: Ask): Quotient {
  ask(y, "!= 0");
  return field.div(x, y);
}

function log(f: Functions, x: Quotient, ask: Ask): Quotient {
  ask(x, "> 0");
  return f.log(x);
}

function root(f: Functions, x: Quotient, ask: Ask): Quotient {
  ask(x, ">= 0");
  return f.power(x, HALF);
}

const square = ({ field }: Functions, x: Quotient): Quotient => field.mul(x, x);

/** x^p: of constant p the power; else e^(p ln x), for x > 0. */
function power(f: Functions, [x, p]: readonly Quotient[], ask: Ask): Quotient {
  const { field } = f;
  const exponent = field.asConstant(p);
  if (!exponent) {
    ask(x, "> 0");
    return f.exp(field.mul(p, f.log(x)));
  }
  if (!exponent.isInteger) ask(x, exponent.sign < 0 ? "> 0" : ">= 0");
  else if (exponent.sign < 0) ask(x, "!= 0");
  return f.power(x, exponent);
}

const exponentials = (f: Functions, x: Quotient): readonly [Quotient, Quotient] => [
  f.exp(x),
  f.exp(f.field.neg(x)),
];

function sinh(f: Functions, x: Quotient): Quotient {
  const [up, down] = exponentials(f, x);
  return f.field.scale(f.field.sub(up, down), HALF);
}

function cosh(f: Functions, x: Quotient): Quotient {
  const [up, down] = exponentials(f, x);
  return f.field.scale(f.field.add(up, down), HALF);
}

function tanh(f: Functions, x: Quotient): Quotient {
  const { field } = f;
  const e = f.exp(field.scale(x, TWO));
  return field.div(field.sub(e, field.one), field.add(e, field.one));
}

function sigmoid(f: Functions, x: Quotient): Quotient {
  const e = f.exp(x);
  return f.field.div(e, f.field.add(e, f.field.one));
}

/** −1 where the first term of the numerator is negative: odd functions are taken of the positive one. */
function signOfForm(x: Quotient): Rational {
  return x.num.size > 0 && leading(x.num).coefficient.sign < 0 ? Rational.of(-1) : Rational.ONE;
}

function odd(name: string, value?: (f: Functions, x: Quotient) => Quotient): Rule {
  return (f, [x]) => {
    const { field } = f;
    if (field.isZero(x)) return field.zero;
    const sign = signOfForm(x);
    const argument = field.scale(x, sign);
    const result = value ? value(f, argument) : field.powerOf(field.call(name, [argument]));
    return field.scale(result, sign);
  };
}

/** Angles of special values, as parts of π: sin of [0, 1/12, …, 1/2]·π and tan of them are told apart exactly. */
function angleOf(
  f: Functions,
  x: Quotient,
  wave: (angle: Quotient) => Quotient | undefined,
): Quotient | undefined {
  const { field } = f;
  if (x.den.some((d) => [...d.polynomial.values()].some((t) => !isNumeric(f, t.monomial)))) return undefined;
  if ([...x.num.values()].some((t) => !isNumeric(f, t.monomial))) return undefined;
  for (let k = 0; k <= 6; k++) {
    const angle = field.scale(field.powerOf(field.pi), Rational.of(k, 12));
    const value = wave(angle);
    if (value && field.equals(x, value)) return angle;
  }
  return undefined;
}

const isNumeric = ({ field }: Functions, monomial: readonly number[]): boolean =>
  monomial.every(
    (k, i) => i % 2 === 1 || (field.kernels[k].power !== undefined && field.kernels[k].name !== "abs"),
  );

const arcsin: Rule = odd("asin", (f, x) => {
  const { field } = f;
  return angleOf(f, x, (a) => f.wave(a).sin) ?? field.powerOf(field.call("asin", [x]));
});

const arctan: Rule = odd("atan", (f, x) => {
  const { field } = f;
  const tangent = (a: Quotient): Quotient | undefined => {
    const { cos, sin } = f.wave(a);
    return field.isZero(cos) ? undefined : field.div(sin, cos);
  };
  return angleOf(f, x, tangent) ?? field.powerOf(field.call("atan", [x]));
});

const arccos = (f: Functions, x: Quotient, ask: Ask, node: Node): Quotient =>
  f.field.sub(f.field.scale(f.field.powerOf(f.field.pi), HALF), arcsin(f, [x], ask, node));

const arsinh: Rule = odd("asinh", (f, x) => {
  const { field } = f;
  return f.log(field.add(x, f.power(field.add(square(f, x), field.one), HALF)));
});

function inverse(f: Functions, x: Quotient, ask: Ask): Quotient {
  ask(x, "!= 0");
  return f.field.inverse(x);
}

/** −1 ≤ x ≤ 1. */
function inUnit(f: Functions, x: Quotient, ask: Ask, relation: ">= 0" | "> 0" = ">= 0"): Quotient {
  // x/√(1 + x²) is always so: 1 − x² shows what its two factors do not.
  const open = f.always.ofQuotient(f.field.sub(f.field.one, square(f, x)));
  if ((open & (relation === "> 0" ? NEGATIVE | NOTHING : NEGATIVE)) === 0) return x;
  ask(f.field.sub(f.field.one, x), relation);
  ask(f.field.add(f.field.one, x), relation);
  return x;
}

function maximum(f: Functions, x: Quotient, y: Quotient, sign: number): Quotient {
  const { field } = f;
  const distance = f.absolute(field.sub(x, y));
  return field.scale(field.add(field.add(x, y), field.scale(distance, Rational.of(sign))), HALF);
}

function signOf(f: Functions, x: Quotient): Quotient {
  const { field } = f;
  const signs = f.facts.ofQuotient(x);
  if (signs === POSITIVE) return field.one;
  if (signs === NEGATIVE) return field.whole(-1);
  if (signs === NOTHING) return field.zero;
  noteUndecided(f, x);
  const form = signOfForm(x);
  return field.scale(field.powerOf(field.call("sign", [field.scale(x, form)])), form);
}

function noteUndecided({ field, facts, undecided }: Functions, x: Quotient): void {
  const { rest, monomial } = field.parted(x.num);
  const parts: Polynomial[] = [rest, ...x.den.map((d) => d.polynomial)];
  for (let i = 0; i < monomial.length; i += 2) parts.push(field.powerOf(monomial[i]).num);
  for (const p of parts) {
    const signs = facts.of(p);
    if (signs !== POSITIVE && signs !== NEGATIVE && signs !== NOTHING) undecided.set(polynomialKey(p), p);
  }
}

/** The whole part taken out: ⌊u + 3⌋ = ⌊u⌋ + 3. */
function floorLike(name: string, of: (c: Rational) => bigint): Rule {
  return (f, [x]) => {
    const { field } = f;
    const c = field.asConstant(x);
    if (c) return field.constant(Rational.of(of(c)));
    const constant = x.den.length === 0 ? (x.num.get("")?.coefficient ?? Rational.ZERO) : Rational.ZERO;
    const whole = field.constant(Rational.of(floorOf(constant)));
    return field.add(field.powerOf(field.call(name, [field.sub(x, whole)])), whole);
  };
}

const floorOf = (c: Rational): bigint => c.n / c.d - (c.n < 0n && c.n % c.d !== 0n ? 1n : 0n);

const MOST_SHIFTS = 64;

/**
 * Γ(u + n) = (u + n − 1) ⋯ u·Γ(u) and its like, down to the lowest Γ that occurs, so that every factor has a value
 * where the expressions have one.
 */
function shifted(name: string, step: (f: Functions, result: Quotient, u: Quotient) => Quotient): Rule {
  return (f, [x], ask) => {
    const { field } = f;
    ask(x, "not 0, -1, -2, …");
    let [base, steps] = [-1, -1];
    for (const k of field.callsOf(name)) {
      const distance = field.asConstant(field.sub(x, field.kernels[k].arguments[0]));
      if (!distance?.isInteger || distance.abs().compare(Rational.of(MOST_SHIFTS)) > 0) continue;
      // A lower one than known so far: the next attempt starts from it.
      if (distance.sign < 0) f.lowerBases++;
      if (Number(distance.n) > steps) [base, steps] = [k, Number(distance.n)];
    }
    if (base >= 0) {
      let result = field.powerOf(base);
      const lowest = field.kernels[base].arguments[0];
      for (let i = 0; i < steps; i++) result = step(f, result, field.add(lowest, field.whole(i)));
      return result;
    }
    return field.powerOf(field.call(name, [x]));
  };
}

const factorially: Rule = (f, x, ask, node) => {
  const c = f.field.asConstant(x[0]);
  if (c?.isInteger && c.sign > 0 && c.compare(Rational.of(100)) <= 0) {
    let product = Rational.ONE;
    for (let i = 2n; i < c.n; i++) product = product.mul(Rational.of(i));
    return f.field.constant(product);
  }
  return shifted("gamma", (g, result, u) => g.field.mul(result, u))(f, x, ask, node);
};

const erf: Rule = odd("erf");

export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["neg", ({ field }, [x]) => field.neg(x)],
  ["add", ({ field }, [x, y]) => field.add(x, y)],
  ["sub", ({ field }, [x, y]) => field.sub(x, y)],
  ["mul", ({ field }, [x, y]) => field.mul(x, y)],
  ["div", (f, [x, y], ask) => quotient(f, x, y, ask)],
  ["pow", power],
  ["broadcast", (_, [x]) => x],
  ["reshape", (_, [x]) => x],
  ["cast", (_, [x]) => x],
  ["one_minus_square", (f, [x]) => f.field.sub(f.field.one, square(f, x))],
  ["sqrt", (f, [x], ask) => root(f, x, ask)],
  ["cbrt", odd("cbrt", (f, x) => cubeRoot(f, x))],
  ["hypot", (f, [x, y]) => f.power(f.field.add(square(f, x), square(f, y)), HALF)],
  ["abs", (f, [x]) => f.absolute(x)],
  ["relu", (f, [x]) => maximum(f, x, f.field.zero, 1)],
  ["max", (f, [x, y]) => maximum(f, x, y, 1)],
  ["min", (f, [x, y]) => maximum(f, x, y, -1)],
  ["sign", (f, [x]) => signOf(f, x)],
  ["floor", floorLike("floor", floorOf)],
  ["ceil", floorLike("ceil", (c) => -floorOf(c.neg()))],
  ["exp", (f, [x]) => f.exp(x)],
  ["expm1", (f, [x]) => f.field.sub(f.exp(x), f.field.one)],
  ["log", (f, [x], ask) => log(f, x, ask)],
  ["log1p", (f, [x], ask) => log(f, f.field.add(x, f.field.one), ask)],
  ["log2", (f, [x], ask) => f.field.div(log(f, x, ask), f.log(f.field.whole(2)))],
  ["log10", (f, [x], ask) => f.field.div(log(f, x, ask), f.log(f.field.whole(10)))],
  ["sin", (f, [x]) => f.wave(x).sin],
  ["cos", (f, [x]) => f.wave(x).cos],
  ["tan", (f, [x], ask) => quotient(f, f.wave(x).sin, f.wave(x).cos, ask)],
  ["cot", (f, [x], ask) => quotient(f, f.wave(x).cos, f.wave(x).sin, ask)],
  ["sec", (f, [x], ask) => inverse(f, f.wave(x).cos, ask)],
  ["csc", (f, [x], ask) => inverse(f, f.wave(x).sin, ask)],
  ["sinh", (f, [x]) => sinh(f, x)],
  ["cosh", (f, [x]) => cosh(f, x)],
  ["tanh", (f, [x]) => tanh(f, x)],
  ["sech", (f, [x]) => f.field.inverse(cosh(f, x))],
  ["csch", (f, [x], ask) => f.field.inverse(sinh(f, nonzero(x, ask)))],
  ["coth", (f, [x], ask) => f.field.inverse(tanh(f, nonzero(x, ask)))],
  ["sigmoid", (f, [x]) => sigmoid(f, x)],
  ["logistic_pdf", (f, [x]) => f.field.mul(sigmoid(f, x), sigmoid(f, f.field.neg(x)))],
  ["softplus", (f, [x]) => f.log(f.field.add(f.exp(x), f.field.one))],
  ["log_sigmoid", (f, [x]) => f.log(sigmoid(f, x))],
  ["asin", (f, [x], ask, node) => arcsin(f, [inUnit(f, x, ask)], ask, node)],
  ["acos", (f, [x], ask, node) => arccos(f, inUnit(f, x, ask), ask, node)],
  ["atan", arctan],
  ["asec", (f, [x], ask, node) => arccos(f, f.field.inverse(outside(f, x, ask)), ask, node)],
  ["acsc", (f, [x], ask, node) => arcsin(f, [f.field.inverse(outside(f, x, ask))], ask, node)],
  ["acot", arccotangent],
  ["asinh", arsinh],
  ["acosh", (f, [x], ask) => arcosh(f, x, ask)],
  ["atanh", (f, [x], ask) => artanh(f, inUnit(f, x, ask, "> 0"))],
  ["asech", (f, [x], ask) => arsech(f, inUnit(f, x, ask), ask)],
  ["acsch", (f, [x], ask, node) => arsinh(f, [inverse(f, x, ask)], ask, node)],
  ["acoth", (f, [x], ask) => artanh(f, f.field.inverse(outside(f, x, ask, "> 0")))],
  ["erf", erf],
  ["erfc", (f, x, ask, node) => f.field.sub(f.field.one, erf(f, x, ask, node))],
  ["normal_cdf", (f, [x], ask, node) => normalCdf(f, x, ask, node)],
  ["gamma", factorially],
  ["log_gamma", shifted("log_gamma", (f, result, u) => f.field.add(result, f.log(f.absolute(u))))],
  ["digamma", shifted("digamma", (f, result, u) => f.field.add(result, f.field.inverse(u)))],
  ["unknown", unknownCall],
]);

function cubeRoot(f: Functions, x: Quotient): Quotient {
  const { field, facts } = f;
  const third = Rational.of(1, 3);
  const signs = facts.ofQuotient(x);
  if (!(signs & NEGATIVE)) return f.power(x, third);
  if (!(signs & POSITIVE)) return field.neg(f.power(field.neg(x), third));
  noteUndecided(f, x);
  const kernel = field.kernel(`cbrt(${field.keyOf(x)})`, () => ({
    kind: "call",
    name: "cbrt",
    arguments: [x],
  }));
  return field.powerOf(kernel);
}

function nonzero(x: Quotient, ask: Ask): Quotient {
  ask(x, "!= 0");
  return x;
}

/** x ≤ −1 or x ≥ 1. */
function outside(f: Functions, x: Quotient, ask: Ask, relation: ">= 0" | "> 0" = ">= 0"): Quotient {
  ask(f.field.sub(square(f, x), f.field.one), relation);
  ask(x, "!= 0");
  return x;
}

/** arcosh x = ln(x + √(x² − 1)) for x ≥ 1. */
function arcosh(f: Functions, x: Quotient, ask: Ask): Quotient {
  const { field } = f;
  ask(field.sub(x, field.one), ">= 0");
  return f.log(field.add(x, f.power(field.sub(square(f, x), field.one), HALF)));
}

/** ½ ln((1 + x)/(1 − x)). */
function artanh(f: Functions, x: Quotient): Quotient {
  const { field } = f;
  return field.scale(f.log(field.div(field.add(field.one, x), field.sub(field.one, x))), HALF);
}

/** ln((1 + √(1 − x²))/x) for 0 < x ≤ 1. */
function arsech(f: Functions, x: Quotient, ask: Ask): Quotient {
  const { field } = f;
  ask(x, "> 0");
  const height = f.power(field.sub(field.one, square(f, x)), HALF);
  return f.log(field.div(field.add(field.one, height), x));
}

/** arctan(1/x), but π/2 at 0: only where 0 is excluded may it be written so. */
function arccotangent(f: Functions, [x]: readonly Quotient[], ask: Ask, node: Node): Quotient {
  const { field } = f;
  const signs = f.facts.ofQuotient(x);
  if (signs === NOTHING) return field.scale(field.powerOf(field.pi), HALF);
  if (!(signs & NOTHING)) return arctan(f, [field.inverse(x)], ask, node);
  noteUndecided(f, x);
  return field.powerOf(field.call("acot", [x]));
}

/** (1 + erf(x/√2))/2. */
function normalCdf(f: Functions, x: Quotient, ask: Ask, node: Node): Quotient {
  const { field } = f;
  const argument = field.div(x, f.power(field.whole(2), HALF));
  return field.scale(field.add(field.one, erf(f, [argument], ask, node)), HALF);
}

function unknownCall({ field }: Functions, x: readonly Quotient[], _: Ask, node: Node): Quotient {
  const { name, orders } = node.params as UnknownParams;
  return field.powerOf(field.call(`unknown ${name} ${orders.join()}`, x));
}

// --- comparisons ---

/** A truth in the place of a number: 1 or 0. */
export function asNumber(value: Value, { field }: Functions): Quotient {
  if (value === undefined) throw new TypeError("a step without a value cannot be used");
  if (!("mask" in value)) return value;
  if (value.mask !== undefined) return field.whole(value.mask ? 1 : 0);
  return field.powerOf(field.call(`truth ${value.key}`, [], { nonnegative: true }));
}

type Comparison = (f: Functions, x: readonly Value[]) => Truth;

/** Truth of a statement about the sign of x − y. */
function comparison(symbol: string, holds: Signs): Comparison {
  return (f, values) => {
    const [x, y] = values.map((v) => asNumber(v, f));
    const difference = f.field.sub(x, y);
    const signs = f.facts.ofQuotient(difference);
    if ((signs & holds) === signs) return { mask: true, key: "1" };
    if ((signs & holds) === 0) return { mask: false, key: "0" };
    noteUndecided(f, difference);
    return { mask: undefined, key: `${f.field.keyOf(difference)} ${symbol}` };
  };
}

function logical(symbol: string, join: (a?: boolean, b?: boolean) => boolean | undefined): Comparison {
  return (_, values) => {
    const [a, b] = values as readonly Truth[];
    const mask = join(a.mask, b?.mask);
    return { mask, key: mask === undefined ? `(${a.key}) ${symbol} (${b?.key})` : `${Number(mask)}` };
  };
}

export const comparisons: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ["less", comparison("< 0", NEGATIVE)],
  ["less_equal", comparison("<= 0", NEGATIVE | NOTHING)],
  ["greater", comparison("> 0", POSITIVE)],
  ["greater_equal", comparison(">= 0", POSITIVE | NOTHING)],
  ["equal", comparison("== 0", NOTHING)],
  ["not_equal", comparison("!= 0", ANY & ~NOTHING)],
  ["and", logical("and", (a, b) => (a === false || b === false ? false : a && b ? true : undefined))],
  ["or", logical("or", (a, b) => (a || b ? true : a === false && b === false ? false : undefined))],
  ["not", logical("not", (a) => (a === undefined ? undefined : !a))],
]);
