import { MathError } from "../expression/errors.ts";
import { derivativeNode, Expression } from "../expression/expression.ts";
import { tidy } from "../expression/tidy.ts";
import { rewrite } from "../ir/graph.ts";
import { exactConstant, exactValue, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, div, mul, neg, pow, sub } from "../primitives/arithmetic.ts";
import { tensor } from "../primitives/define.ts";
import { type Written, written } from "./written.ts";

/** A partial derivative, its formula, and its value at the point. */
export interface PartialValue {
  /** The variables it is taken by, in order: ["x", "y"] for ∂²f/∂x∂y; none for f itself. */
  readonly by: readonly string[];
  readonly formula: Written;
  readonly value: number;
  readonly exact?: Rational;
}

export interface LocalModel {
  readonly variables: readonly string[];
  readonly at: ReadonlyMap<string, number>;
  readonly partials: readonly PartialValue[];
  /** f(a), the tangent plane, the quadratic model: one for each order asked for. */
  readonly models: readonly { readonly order: number; readonly polynomial: Written }[];
  /** The value of each model at a point. */
  estimates(at: ReadonlyMap<string, number>): number[];
}

/**
 * The tangent plane and the quadratic model of a function of several variables at a point:
 * f(a) + ∇f·d + ½ dᵀHd with d = x − a. Orders 0 to 2.
 */
export function localModel(e: Expression, at: ReadonlyMap<string, Rational>, order: number): LocalModel {
  if (!Number.isInteger(order) || order < 0 || order > 2)
    throw new MathError(`a local model of several variables has order 0, 1 or 2, not ${order}`);
  const names = [...at.keys()];
  const missing = [...e.variables.keys()].filter((n) => !at.has(n));
  if (missing.length > 0) throw new MathError(`the point lacks ${missing[0]}: give ${missing[0]}=…`);
  const partials = partialsUpTo(e, names, order, at);
  const models = Array.from({ length: order + 1 }, (_, k) => ({
    order: k,
    polynomial: written(
      polynomial(
        e,
        at,
        partials.filter((p) => p.by.length <= k),
      ),
    ),
  }));
  return {
    variables: names,
    at: new Map([...at].map(([n, r]) => [n, r.toNumber()])),
    partials,
    models,
    estimates: (to) => estimates(partials, names, at, to, order),
  };
}

function partialsUpTo(
  e: Expression,
  names: readonly string[],
  order: number,
  at: ReadonlyMap<string, Rational>,
): PartialValue[] {
  const nodes: { by: readonly string[]; node: Node }[] = [{ by: [], node: tidy(e.node) }];
  const first =
    order >= 1 ? names.map((n) => ({ by: [n], node: derivativeNode(e.node, e.variable(n)) })) : [];
  nodes.push(...first);
  if (order >= 2)
    names.forEach((n, i) => {
      for (const m of names.slice(i)) {
        const inner = first[i].node;
        nodes.push({ by: [n, m], node: derivativeNode(inner, e.variable(m)) });
      }
    });
  const point = new Map([...at].map(([n, r]) => [e.variable(n), exactConstant(r)]));
  return nodes.map(({ by, node }) => {
    const [there] = rewrite([node], new Map(point));
    const exact = exactValue(tidy(there));
    const value = exact ? exact.toNumber() : new Expression(there).evaluateFinite().item();
    return { by, formula: written(node), value, exact };
  });
}

/** How often a mixed second derivative stands in ½ dᵀHd, over 2: xy twice, xx once. */
const weight = (by: readonly string[]): Rational =>
  by.length === 2 && by[0] === by[1] ? Rational.of(1, 2) : Rational.ONE;

function polynomial(
  e: Expression,
  at: ReadonlyMap<string, Rational>,
  partials: readonly PartialValue[],
): Node {
  let sum: Node | undefined;
  const decimals = partials.some((p) => !p.exact);
  for (const p of partials) {
    const exact = p.exact?.mul(weight(p.by));
    const c = p.value * weight(p.by).toNumber();
    if (c === 0) continue;
    const term = scaledTerm(exact?.abs(), Math.abs(c), powers(e, at, p.by, decimals));
    if (!sum) sum = c < 0 ? neg(term) : term;
    else sum = c < 0 ? sub(sum, term) : add(sum, term);
  }
  return sum ?? exactConstant(Rational.ZERO);
}

/** (x − a)(y − b), or (x − a)². */
function powers(
  e: Expression,
  at: ReadonlyMap<string, Rational>,
  by: readonly string[],
  decimals: boolean,
): Node | undefined {
  const offset = (n: string): Node => offsetFrom(e.variable(n), at.get(n) as Rational, decimals);
  if (by.length === 0) return undefined;
  if (by.length === 1) return offset(by[0]);
  return by[0] === by[1]
    ? pow(offset(by[0]), exactConstant(Rational.of(2)))
    : mul(offset(by[0]), offset(by[1]));
}

const LONGEST_DECIMAL = 10;

/** x − a. Beside decimals a short decimal stays one: x − 0.6, not x − 3/5. */
export function offsetFrom(x: Node, at: Rational, decimals: boolean): Node {
  if (at.isZero) return x;
  const float = at.toNumber();
  const decimal = decimals && !at.isInteger && String(float).length <= LONGEST_DECIMAL;
  return sub(x, decimal ? tensor(float) : exactConstant(at));
}

/** |c| times a power, as a person writes it: x²/2, not ½·x². Not tidied: x − 1 stays a power of x − 1. */
export function scaledTerm(exact: Rational | undefined, c: number, power: Node | undefined): Node {
  if (!power) return exact ? exactConstant(exact) : tensor(c);
  if (!exact) return c === 1 ? power : mul(tensor(c), power);
  const above = exact.n === 1n ? power : mul(exactConstant(Rational.of(exact.n)), power);
  return exact.d === 1n ? above : div(above, exactConstant(Rational.of(exact.d)));
}

function estimates(
  partials: readonly PartialValue[],
  names: readonly string[],
  at: ReadonlyMap<string, Rational>,
  to: ReadonlyMap<string, number>,
  order: number,
): number[] {
  const d = new Map(names.map((n) => [n, (to.get(n) ?? 0) - (at.get(n) as Rational).toNumber()]));
  const term = (p: PartialValue) =>
    p.by.reduce((product, n) => product * (d.get(n) as number), p.value * weight(p.by).toNumber());
  let sum = 0;
  return Array.from({ length: order + 1 }, (_, k) => {
    for (const p of partials) if (p.by.length === k) sum += term(p);
    return sum;
  });
}
