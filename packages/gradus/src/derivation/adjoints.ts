import type { Expression } from "../expression/expression.ts";
import { tidyDerivatives } from "../expression/tidy.ts";
import { isFloat } from "../ir/dtype.ts";
import { dependents, topologicalOrder } from "../ir/graph.ts";
import { exactConstant, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add } from "../primitives/arithmetic.ts";
import { pullback } from "../transforms/derivatives.ts";
import { type NamedLine, namedLines } from "./named-lines.ts";
import { adjointSymbol, type Written, written } from "./written.ts";

/** ∂L/∂name by the lines that use the name: Xᵀ ∂L/∂r for r = X w. */
export interface AdjointLine {
  readonly name: string;
  /** How ∂L/∂name is written. */
  readonly symbol: Written;
  /** Its formula, in names and in the adjoints of the lines above. */
  readonly formula: Written;
  readonly shape: readonly number[];
  readonly node: Node;
}

export interface GradientDerivation {
  /** The name of the result, such as L. */
  readonly result: string;
  readonly forward: readonly NamedLine[];
  readonly backward: readonly AdjointLine[];
  /** The gradient in closed form. */
  readonly gradient: Written;
  readonly node: Node;
}

/** The adjoint of every line and of the variables named, in symbols: reverse mode line by line, shapes included. */
export function adjointLines(
  e: Expression,
  lines: readonly NamedLine[],
  wrt: readonly string[],
): AdjointLine[] {
  const variables = wrt.map((name) => ({ name, node: e.variable(name) }));
  const order = topologicalOrder([e.node]);
  const active = dependents(
    order,
    variables.map((v) => v.node),
  );
  const used = lines.filter((l) => active.has(l.node) && isFloat(l.node.dtype));
  if (used.length === 0) return [];
  const result = used[used.length - 1];
  const symbols = new Map<string, Node>();
  const found: AdjointLine[] = [];
  const line = (name: string, shape: readonly number[], node: Node): void => {
    const symbol = adjointSymbol({ shape, dtype: "f64" }, result.name, name);
    symbols.set(name, symbol);
    found.push({ name, symbol: written(symbol), formula: written(node, e.sizes), shape, node });
  };
  const users = (name: string) => used.filter((l) => l.uses.some((u) => u.name === name));
  const collected = (name: string): Node | undefined => {
    const parts = users(name).map((l) => {
      const use = l.uses.find((u) => u.name === name) as NamedLine["uses"][number];
      const seed = l === result ? exactConstant(Rational.ONE) : (symbols.get(l.name) as Node);
      return pullback([l.own], [use.node], [seed], "textbook")[0];
    });
    if (parts.length === 0) return undefined;
    const sum = parts.reduce((a, b) => add(a, b));
    return tidyDerivatives([sum], result.own)[0];
  };
  for (const l of used.slice(0, -1).reverse()) {
    const adjoint = collected(l.name);
    if (adjoint) line(l.name, l.own.shape, adjoint);
  }
  for (const v of variables) {
    const adjoint = collected(v.name);
    if (adjoint) line(v.name, v.node.shape, adjoint);
  }
  return found;
}

/** The gradient of a number by a vector or matrix, as a lecturer derives it: forward lines, then adjoints. */
export function gradientDerivation(e: Expression, name: string): GradientDerivation {
  const forward = namedLines(e);
  const own = [...e.variables].find(([, n]) => n === e.variable(name))?.[0] as string;
  const gradient = e.derivative(name);
  return {
    result: forward.length > 0 ? forward[forward.length - 1].name : "y",
    forward,
    backward: adjointLines(e, forward, [own]),
    gradient: written(gradient.node, e.sizes),
    node: gradient.node,
  };
}
