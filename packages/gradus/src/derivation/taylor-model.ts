import { MathError } from "../expression/errors.ts";
import type { Expression } from "../expression/expression.ts";
import { overOneBar } from "../expression/one-fraction.ts";
import { tidy } from "../expression/tidy.ts";
import { NotAnalyticError } from "../ir/errors.ts";
import { rewrite } from "../ir/graph.ts";
import { exactConstant, exactValue, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { exactSeries, preciseSeries } from "../numeric/exact-series.ts";
import { add, neg, pow, sub } from "../primitives/arithmetic.ts";
import { checkOrder, taylor } from "../transforms/taylor.ts";
import { type GeneralTerm, generalTerm } from "./general-term.ts";
import { offsetFrom, scaledTerm } from "./local-model.ts";
import { type Written, written } from "./written.ts";

/** Derivatives are written out up to this order; beyond, the coefficients stand alone. */
const MOST_WRITTEN = 8;
const LONGEST_DERIVATIVE = 300;
/** A general term is looked for in this many coefficients. */
const ORDER_OF_PATTERN = 20;

export interface TaylorModel {
  readonly variable: string;
  readonly at: number;
  /** True Taylor coefficients f⁽ᵏ⁾(a)/k!. */
  readonly coefficients: readonly number[];
  /** The same as exact fractions, where they are rational and could be worked out. */
  readonly exact: readonly (Rational | undefined)[];
  readonly derivatives: readonly {
    readonly order: number;
    readonly formula?: Written;
    readonly value: number;
  }[];
  readonly polynomial: Written;
  /** Σ xⁿ/n!, where a person would give one. */
  readonly generalTerm?: GeneralTerm;
  /** p_k(x), the estimate of each order at a point. */
  estimates(x: number): number[];
}

/** Expands an expression of one variable about a point. */
export function taylorModel(e: Expression, variable: string, at: Rational, order: number): TaylorModel {
  checkOrder(order);
  const x = e.variable(variable);
  if (e.variables.size !== 1) {
    const others = [...e.variables.keys()].filter((n) => e.variables.get(n) !== x);
    throw new MathError(
      `a Taylor series in ${variable} needs numbers for the other variables: give ${others.map((n) => `${n}=…`).join(" ")}`,
    );
  }
  const point = at.toNumber();
  const { node, all } = expanded(e.node, x, point, Math.max(order, ORDER_OF_PATTERN));
  const formulas = writtenDerivatives(e, variable, order);
  const fractions = exactSeries(node, x, at, order);
  const exact =
    fractions ??
    exactCoefficients(formulas, x, at, order).map((r, k) =>
      r && agrees(r.toNumber(), all[k]) ? r : undefined,
    );
  const precise = fractions ? undefined : preciseSeries(node, x, at, order);
  const coefficients = exact.map((r, k) => r?.toNumber() ?? precise?.[k] ?? all[k]);
  let factorial = 1;
  const derivatives = coefficients.map((c, k) => {
    if (k > 0) factorial *= k;
    return { order: k, formula: formulas[k] && written(formulas[k]), value: c * factorial };
  });
  return {
    variable,
    at: point,
    coefficients,
    exact,
    derivatives,
    polynomial: written(polynomialNode(x, at, coefficients, exact)),
    generalTerm: generalTerm(all, x, at),
    estimates: (to) => estimates(coefficients, to - point),
  };
}

/** The coefficients, and the graph that has them: where poles cancel, the function over one bar. */
function expanded(root: Node, x: Node, point: number, order: number): { node: Node; all: number[] } {
  const series = (node: Node) => taylor((t: Node) => rewrite([node], new Map([[x, t]]))[0], point, order);
  try {
    return { node: root, all: series(root) };
  } catch (error) {
    if (!(error instanceof NotAnalyticError)) throw error;
    const node = overOneBar(root);
    if (!node) throw error;
    try {
      return { node, all: series(node) };
    } catch {
      // What stands in the function as it was written is to be named.
      throw error;
    }
  }
}

function agrees(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}

/** f, f′, f″, … as long as they stay readable. */
function writtenDerivatives(e: Expression, variable: string, order: number): Node[] {
  const list = [tidy(e.node)];
  let current = e;
  for (let k = 1; k <= Math.min(order, MOST_WRITTEN); k++) {
    if (!current.variables.has(variable)) {
      list.push(exactConstant(Rational.ZERO));
      continue;
    }
    current = current.derivative(variable);
    if (current.toText().length > LONGEST_DERIVATIVE) break;
    list.push(current.node);
  }
  return list;
}

function exactCoefficients(
  formulas: readonly Node[],
  x: Node,
  at: Rational,
  order: number,
): (Rational | undefined)[] {
  let factorial = Rational.ONE;
  return Array.from({ length: order + 1 }, (_, k) => {
    if (k > 0) factorial = factorial.mul(Rational.of(k));
    if (!formulas[k]) return undefined;
    return exactValue(tidy(rewrite([formulas[k]], new Map([[x, exactConstant(at)]]))[0]))?.div(factorial);
  });
}

function polynomialNode(
  x: Node,
  at: Rational,
  coefficients: readonly number[],
  exact: readonly (Rational | undefined)[],
): Node {
  const decimals = exact.some((r, k) => !r && coefficients[k] !== 0);
  const offset = offsetFrom(x, at, decimals);
  let sum: Node | undefined;
  coefficients.forEach((c, k) => {
    if (exact[k]?.isZero || (!exact[k] && c === 0)) return;
    const negative = exact[k] ? exact[k].sign < 0 : c < 0;
    const power = k < 2 ? offset : pow(offset, exactConstant(Rational.of(k)));
    const term = scaledTerm(exact[k]?.abs(), Math.abs(c), k === 0 ? undefined : power);
    if (!sum) sum = negative ? neg(term) : term;
    else sum = negative ? sub(sum, term) : add(sum, term);
  });
  return sum ?? exactConstant(Rational.ZERO);
}

/** Partial sums of Σ c_k hᵏ, by order. */
function estimates(c: readonly number[], h: number): number[] {
  let [sum, power] = [0, 1];
  return c.map((ck) => {
    sum += ck * power;
    power *= h;
    return sum;
  });
}
