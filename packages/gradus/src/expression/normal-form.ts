import { topologicalOrder } from "../ir/graph.ts";
import { type ConstantParams, isConstant, isInput, type Node, scalarValue } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import type { UnknownParams } from "../primitives/unknown.ts";
import { expandFormulas } from "../transforms/expand.ts";
import type { Fraction } from "./fraction.ts";
import * as f from "./fraction.ts";
import { Kernels } from "./kernels.ts";
import { type Budget, rationalOf } from "./polynomial.ts";

/** A condition with cases: the sign of u decides which of its forms a function has. */
export interface Kink {
  readonly argument: Fraction;
  /** Whether the function is continuous where u = 0. */
  readonly continuous: boolean;
}

/**
 * Brings a scalar graph to a quotient of polynomials over kernels. Equal normal forms are equal functions wherever
 * both are defined; that they differ proves nothing.
 */
export class NormalForm {
  readonly kernels: Kernels;
  private readonly budget: Budget;
  /** Signs that are taken for granted, by the key of the argument. */
  private readonly signs: ReadonlyMap<string, -1 | 0 | 1>;
  readonly kinks = new Map<string, Kink>();

  constructor(
    budget: Budget,
    signs: ReadonlyMap<string, -1 | 0 | 1> = new Map(),
    kernels = new Kernels(budget),
  ) {
    this.budget = budget;
    this.signs = signs;
    this.kernels = kernels;
  }

  of(root: Node): Fraction {
    // Formulas that have a case or a function of their own below are read as they stand.
    const [expanded] = expandFormulas([root], (n) => Object.hasOwn(FUNCTIONS, n.primitive.name));
    const known = new Map<Node, Fraction>();
    for (const node of topologicalOrder([expanded])) {
      known.set(
        node,
        this.node(
          node,
          node.inputs.map((i) => known.get(i) as Fraction),
        ),
      );
    }
    return known.get(expanded) as Fraction;
  }

  private node(node: Node, x: readonly Fraction[]): Fraction {
    const { name } = node.primitive;
    if (isInput(node)) return this.kernels.variable(node);
    if (isConstant(node)) return this.constant(node);
    if (Object.hasOwn(FUNCTIONS, name)) return FUNCTIONS[name](x, this);
    if (name === "unknown") {
      const { name: f, orders } = node.params as UnknownParams;
      return this.kernels.opaque(`${f}'${orders.join()}`, x);
    }
    return this.kernels.opaque(`${name}:${JSON.stringify(node.params)}`, x);
  }

  private constant(node: Node): Fraction {
    const { exact, symbol } = node.params as ConstantParams;
    if (exact) return f.number(exact);
    if (symbol?.text === "pi") return this.kernels.pi();
    if (symbol?.text === "e") return this.kernels.exp(f.number(1));
    const value = scalarValue(node);
    // A float stands for its own exact value.
    if (value !== undefined && Number.isFinite(value)) return f.number(Rational.from(value));
    return this.kernels.opaque(`constant ${value}`, []);
  }

  /** −1, 0 or 1 where the sign of u is known; else undefined, and the kink is noted. */
  signOf(u: Fraction, continuous: boolean): -1 | 0 | 1 | undefined {
    const value = u.below.size === 0 ? rationalOf(u.above) : undefined;
    if (value) return value.sign as -1 | 0 | 1;
    const key = f.fractionKey(u);
    const opposite = f.fractionKey(f.negate(u));
    const known = this.signs.get(key);
    if (known !== undefined) return known;
    const other = this.signs.get(opposite);
    if (other !== undefined) return -other as -1 | 0 | 1;
    if (this.kernels.isPositive(u, !continuous)) return 1;
    if (this.kernels.isPositive(f.negate(u), !continuous)) return -1;
    const at = this.kinks.has(opposite) ? opposite : key;
    const noted = this.kinks.get(at);
    this.kinks.set(at, {
      argument: noted?.argument ?? u,
      continuous: continuous && (noted?.continuous ?? true),
    });
    return undefined;
  }

  plus = (a: Fraction, b: Fraction): Fraction => this.kernels.reduced(f.add(a, b, this.budget));
  minus = (a: Fraction, b: Fraction): Fraction => this.plus(a, f.negate(b));
  times = (a: Fraction, b: Fraction): Fraction => this.kernels.reduced(f.multiply(a, b, this.budget));
  over = (a: Fraction, b: Fraction): Fraction =>
    this.times(a, f.invert(this.kernels.reduced(b), this.budget));
}

type Rule = (x: readonly Fraction[], form: NormalForm) => Fraction;

const one = f.number(1);
const two = f.number(2);
const half = f.number(Rational.of(1, 2));
const reciprocal =
  (rule: Rule): Rule =>
  (x, form) =>
    form.over(one, rule(x, form));

const exp: Rule = ([u], form) => form.kernels.exp(u);
const log: Rule = ([u], form) => form.kernels.log(u);
const sin: Rule = ([u], form) => form.kernels.sin(u);
const cos: Rule = ([u], form) => form.kernels.cos(u);
const sinh: Rule = ([u], form) =>
  form.times(half, form.minus(form.kernels.exp(u), form.kernels.exp(f.negate(u))));
const cosh: Rule = ([u], form) =>
  form.times(half, form.plus(form.kernels.exp(u), form.kernels.exp(f.negate(u))));
const sqrt: Rule = ([u], form) => form.kernels.root(u, Rational.of(1, 2));
const sigmoid: Rule = ([u], form) => form.over(one, form.plus(one, form.kernels.exp(f.negate(u))));
const pow: Rule = ([u, p], form) => form.kernels.power(u, p);

/** f(−u) = −f(u): one sign of the argument for both. */
const odd =
  (name: string): Rule =>
  ([u], form) => {
    if (f.isZeroFraction(u)) return u;
    const negative = form.kernels.leading(u) < 0;
    const size = negative ? f.negate(u) : u;
    const value = form.kernels.exactArc(name, size) ?? form.kernels.opaque(name, [size]);
    return negative ? f.negate(value) : value;
  };

const abs: Rule = ([u], form) => {
  const sign = form.signOf(u, true);
  if (sign !== undefined) return form.times(f.number(sign), u);
  return form.kernels.absolute(u);
};

const byCases =
  (
    name: string,
    continuous: boolean,
    argument: Rule,
    choose: (sign: -1 | 0 | 1, x: readonly Fraction[], form: NormalForm) => Fraction,
  ): Rule =>
  (x, form) => {
    const sign = form.signOf(argument(x, form), continuous);
    return sign === undefined ? form.kernels.opaque(name, x) : choose(sign, x, form);
  };
const difference: Rule = ([a, b], form) => form.minus(a, b);
const own: Rule = ([u]) => u;
const truth = (value: boolean): Fraction => f.number(value ? 1 : 0);
const comparison = (name: string, holds: (sign: number) => boolean): Rule =>
  byCases(name, false, difference, (sign) => truth(holds(sign)));

/** What a function is in terms of exponentials, logarithms, roots and opaque kernels. */
const FUNCTIONS: Readonly<Record<string, Rule>> = {
  add: ([a, b], form) => form.plus(a, b),
  sub: ([a, b], form) => form.minus(a, b),
  neg: ([a]) => f.negate(a),
  broadcast: ([a]) => a,
  cast: ([a]) => a,
  reshape: ([a]) => a,
  stop_gradient: ([a]) => a,
  mul: ([a, b], form) => form.times(a, b),
  div: ([a, b], form) => form.over(a, b),
  pow,
  sqrt,
  cbrt: ([u], form) => form.kernels.cubeRoot(u),
  hypot: ([a, b], form) => sqrt([form.plus(form.times(a, a), form.times(b, b))], form),
  one_minus_square: ([u], form) => form.minus(one, form.times(u, u)),
  exp,
  expm1: (x, form) => form.minus(exp(x, form), one),
  log,
  log1p: ([u], form) => log([form.plus(one, u)], form),
  log2: (x, form) => form.over(log(x, form), log([two], form)),
  log10: (x, form) => form.over(log(x, form), log([f.number(10)], form)),
  sin,
  cos,
  tan: (x, form) => form.over(sin(x, form), cos(x, form)),
  sec: reciprocal(cos),
  csc: reciprocal(sin),
  cot: (x, form) => form.over(cos(x, form), sin(x, form)),
  sinh,
  cosh,
  tanh: (x, form) => form.over(sinh(x, form), cosh(x, form)),
  sech: reciprocal(cosh),
  csch: reciprocal(sinh),
  coth: (x, form) => form.over(cosh(x, form), sinh(x, form)),
  asinh: ([u], form) => log([form.plus(u, sqrt([form.plus(form.times(u, u), one)], form))], form),
  acosh: ([u], form) => log([form.plus(u, sqrt([form.minus(form.times(u, u), one)], form))], form),
  atanh: ([u], form) => form.times(half, log([form.over(form.plus(one, u), form.minus(one, u))], form)),
  acoth: ([u], form) => form.times(half, log([form.over(form.plus(u, one), form.minus(u, one))], form)),
  asin: odd("asin"),
  acos: (x, form) => form.minus(form.times(half, form.kernels.pi()), odd("asin")(x, form)),
  atan: odd("atan"),
  erf: odd("erf"),
  erfc: (x, form) => form.minus(one, odd("erf")(x, form)),
  normal_cdf: ([u], form) =>
    form.times(half, form.plus(one, odd("erf")([form.over(u, sqrt([two], form))], form))),
  gamma: ([u], form) => form.kernels.gamma(u),
  sigmoid,
  log_sigmoid: (x, form) => log([sigmoid(x, form)], form),
  softplus: ([u], form) => log([form.plus(one, form.kernels.exp(u))], form),
  abs,
  sign: byCases("sign", false, own, (sign) => f.number(sign)),
  relu: byCases("relu", true, own, (sign, [u]) => (sign > 0 ? u : f.number(0))),
  max: byCases("max", true, difference, (sign, [a, b]) => (sign > 0 ? a : b)),
  min: byCases("min", true, difference, (sign, [a, b]) => (sign < 0 ? a : b)),
  less: comparison("less", (s) => s < 0),
  less_equal: comparison("less_equal", (s) => s <= 0),
  greater: comparison("greater", (s) => s > 0),
  greater_equal: comparison("greater_equal", (s) => s >= 0),
  equal: comparison("equal", (s) => s === 0),
  not_equal: comparison("not_equal", (s) => s !== 0),
  where: ([c, a, b], form) => {
    const value = c.below.size === 0 ? rationalOf(c.above) : undefined;
    if (value) return value.isZero ? b : a;
    return form.kernels.opaque("where", [c, a, b]);
  },
};
