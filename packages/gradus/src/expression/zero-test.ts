import { freeInputs, rewrite, topologicalOrder } from "../ir/graph.ts";
import { exactConstant, isConstant, isInput, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { concreteValue } from "../primitives/evaluate.ts";
import { derivativeNode } from "./expression.ts";
import * as f from "./fraction.ts";
import { Kernels } from "./kernels.ts";
import { type Kink, NormalForm } from "./normal-form.ts";
import { Budget, BudgetError, monomialsOf } from "./polynomial.ts";

/** Why two functions are equal wherever both are defined. */
export type EqualityProof =
  | { readonly method: "normal form" }
  /** Case by case: where each of the arguments is positive, negative, and zero. */
  | { readonly method: "cases"; readonly cases: number }
  /** Equal derivatives on one interval, and one exact common point. */
  | { readonly method: "derivative"; readonly variable: Node; readonly at: Rational };

const WORK = 60_000;
const MOST_KINKS = 5;

/** Proves that a and b are equal wherever both are defined; undefined where no proof is found within the budget. */
export function proveEqual(a: Node, b: Node, work = WORK): EqualityProof | undefined {
  const budget = new Budget(work);
  try {
    return identical(a, b, budget) ?? byDerivative(a, b, budget);
  } catch (error) {
    const ended =
      error instanceof BudgetError || error instanceof f.DivisionByZeroError || error instanceof RangeError;
    if (ended) return undefined;
    throw error;
  }
}

type Signs = ReadonlyMap<string, -1 | 0 | 1>;

/** The difference in normal form, with what is known of signs on the common domain. */
function differenceOf(
  a: Node,
  b: Node,
  budget: Budget,
  signs: Signs,
): { form: NormalForm; value: f.Fraction } {
  const certain = topologicalOrder([a, b]).every((n) => n.primitive.name !== "where");
  const kernels = new Kernels(budget, certain);
  // Twice: what a logarithm later on says of a sign helps what was read before it.
  const first = new NormalForm(budget, signs, kernels);
  first.of(a);
  first.of(b);
  const form = new NormalForm(budget, signs, kernels);
  return { form, value: form.minus(form.of(a), form.of(b)) };
}

function identical(a: Node, b: Node, budget: Budget): EqualityProof | undefined {
  const { form, value } = differenceOf(a, b, budget, new Map());
  const kinks = [...form.kinks];
  if (kinks.every(([, k]) => k.continuous) && f.isZeroFraction(value)) return { method: "normal form" };
  if (kinks.length === 0 || kinks.length > MOST_KINKS) return undefined;
  const cases = everyCase(a, b, kinks, budget);
  return cases === undefined ? undefined : { method: "cases", cases };
}

/** How many cases were proved; undefined where one was not. */
function everyCase(
  a: Node,
  b: Node,
  kinks: readonly (readonly [string, Kink])[],
  budget: Budget,
): number | undefined {
  let count = 0;
  for (let bits = 0; bits < 1 << kinks.length; bits++) {
    const signs = new Map(kinks.map(([key], i) => [key, bits & (1 << i) ? -1 : 1] as const));
    const { form, value } = differenceOf(a, b, budget, signs);
    if (form.kinks.size > 0 || !f.isZeroFraction(value)) return undefined;
    count++;
  }
  // On the kinks themselves: by continuity, or by putting the point in.
  for (const [, kink] of kinks) {
    if (kink.continuous) continue;
    const point = zeroOf(kink.argument, a, b);
    if (!point) return undefined;
    const put = (n: Node) => rewrite([n], new Map([[point.variable, exactConstant(point.value)]]))[0];
    if (!identical(put(a), put(b), budget)) return undefined;
    count++;
  }
  return count;
}

/** The one point where c·x + d is zero. */
function zeroOf(u: f.Fraction, a: Node, b: Node): { variable: Node; value: Rational } | undefined {
  const terms = monomialsOf(u.above);
  const inputs = freeInputs([a, b]);
  if (u.below.size > 0 || inputs.length !== 1 || terms.some((t) => !t.coefficient.im.isZero))
    return undefined;
  const [x] = inputs;
  const linear = terms.find((t) => t.powers.size === 1 && [...t.powers.values()][0].isOne);
  const constant = terms.find((t) => t.powers.size === 0);
  if (!linear || terms.length !== (constant ? 2 : 1)) return undefined;
  // The only kernel of a polynomial in one variable is that variable, unless it is a function of it.
  if (topologicalOrder([a, b]).some((n) => n.primitive.name === "unknown")) return undefined;
  const value = (constant?.coefficient.re ?? Rational.ZERO).neg().div(linear.coefficient.re);
  return { variable: x, value };
}

const POINTS = [Rational.ZERO, Rational.ONE, Rational.of(1, 2), Rational.of(-1), Rational.of(2)];

/** Equal derivatives on one interval and one exact common point: for logarithms and arctangents. */
function byDerivative(a: Node, b: Node, budget: Budget): EqualityProof | undefined {
  const inputs = freeInputs([a, b]);
  if (inputs.length !== 1 || !isOnOneInterval([a, b])) return undefined;
  const [x] = inputs;
  if (!identical(derivativeNode(a, x), derivativeNode(b, x), budget)) return undefined;
  for (const at of POINTS) {
    const put = (n: Node) => rewrite([n], new Map([[x, exactConstant(at)]]))[0];
    if (!isDefinedAt([put(a), put(b)])) continue;
    if (identical(put(a), put(b), budget)) return { method: "derivative", variable: x, at };
  }
  return undefined;
}

/** Functions that are defined and smooth for every real argument. */
const EVERYWHERE = new Set([
  ..."add sub mul neg exp expm1 sin cos sinh cosh tanh sech asinh atan erf erfc sigmoid log_sigmoid softplus broadcast cast reshape gelu silu".split(
    " ",
  ),
]);
/** Functions that are defined on one interval: so are they of an argument a·x + b. */
const ON_AN_INTERVAL = new Set("log log1p log2 log10 sqrt asin acos atanh acosh".split(" "));

/** Whether the common domain is surely one interval, on which both are smooth. */
function isOnOneInterval(roots: readonly Node[]): boolean {
  const degree = new Map<Node, number>();
  for (const n of topologicalOrder(roots)) {
    const { name } = n.primitive;
    const of = (i: number) => degree.get(n.inputs[i]) as number;
    if (isInput(n)) degree.set(n, 1);
    else if (isConstant(n)) degree.set(n, 0);
    else if (name === "add" || name === "sub") degree.set(n, Math.max(of(0), of(1)));
    else if (name === "neg" || name === "broadcast") degree.set(n, of(0));
    else if (name === "mul") degree.set(n, of(0) === 0 || of(1) === 0 ? Math.max(of(0), of(1)) : 9);
    else if (name === "div" && of(1) === 0) degree.set(n, of(0));
    else if (name === "div" && isPositiveSum(n.inputs[1])) degree.set(n, 9);
    else if (name === "pow" && of(1) === 0 && isNaturalPower(n)) degree.set(n, 9);
    else if (ON_AN_INTERVAL.has(name) && of(0) <= 1) degree.set(n, 9);
    else if ((name === "log" || name === "sqrt") && isPositiveSum(n.inputs[0])) degree.set(n, 9);
    else if (EVERYWHERE.has(name)) degree.set(n, n.inputs.every((_, i) => of(i) === 0) ? 0 : 9);
    else return false;
  }
  return true;
}

function exactOf(n: Node): Rational | undefined {
  return isConstant(n) ? (n.params as { exact?: Rational }).exact : undefined;
}

function isNaturalPower(n: Node): boolean {
  const p = exactOf(n.inputs[1]);
  return p?.isInteger === true && p.sign >= 0;
}

/** A positive number plus squares and exponentials: nowhere zero. */
function isPositiveSum(n: Node): boolean {
  const exact = exactOf(n);
  if (exact) return exact.sign > 0;
  if (n.primitive.name === "add") return n.inputs.every(isNotNegative) && n.inputs.some(isPositiveSum);
  return n.primitive.name === "exp" || n.primitive.name === "cosh";
}

function isNotNegative(n: Node): boolean {
  if (isPositiveSum(n)) return true;
  const { name } = n.primitive;
  if (name === "add") return n.inputs.every(isNotNegative);
  if (name === "mul") return n.inputs[0] === n.inputs[1] || n.inputs.every(isNotNegative);
  if (name === "pow") {
    const p = exactOf(n.inputs[1]);
    return p?.isInteger === true && p.n % 2n === 0n && p.sign >= 0;
  }
  return name === "abs";
}

/** Whether constant expressions have values: no logarithm of 0 and the like. */
function isDefinedAt(roots: readonly Node[]): boolean {
  return roots.every((r) => Number.isFinite(concreteValue(r).buffer?.[0]));
}
