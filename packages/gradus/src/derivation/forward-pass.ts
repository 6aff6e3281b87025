import { assertFinite } from "../expression/diagnose.ts";
import { MathError } from "../expression/errors.ts";
import type { Expression } from "../expression/expression.ts";
import { tidyDerivatives } from "../expression/tidy.ts";
import { dependents, topologicalOrder } from "../ir/graph.ts";
import { exactConstant, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { substitute } from "../primitives/evaluate.ts";
import { tangents } from "../transforms/tangent.ts";
import { namedLines, type Values, valuesOf } from "./named-lines.ts";
import { adjointSymbol, type Written, written } from "./written.ts";

export interface ForwardModeRow {
  readonly name: string;
  /** Absent for the variables, whose values are given. */
  readonly formula?: Written;
  readonly value: Node;
  /** ∂name/∂x in names and in the tangents of the rows above; absent where it is 0 by itself. */
  readonly tangent?: Written;
  readonly tangentValue: Node;
}

/**
 * Forward mode as a table, the mirror image of the backward pass: values and tangents ∂/∂x travel together, from the
 * variable to the result. One pass for each variable; one result or many.
 */
export function forwardPass(e: Expression, values: Values, wrt: string): readonly ForwardModeRow[] {
  const x = e.variable(wrt);
  if (x.rank > 0)
    throw new MathError(
      `forward mode goes along one direction: ${wrt} has shape [${x.shape}]; the backward pass gives its whole gradient`,
    );
  const own = [...e.variables].find(([, n]) => n === x)?.[0] as string;
  const lines = namedLines(e);
  const nodes = lines.map((l) => l.node);
  const found = valuesOf(e, nodes, values);
  const places = new Map([...e.variables].map(([name, node]) => [node, values.get(name) as Node]));
  if (found.length > 0) assertFinite(e.node, places, found[found.length - 1]);
  const one = exactConstant(Rational.ONE);
  const zero = exactConstant(Rational.ZERO);
  const slopes = tangents(nodes, new Map([[x, one]])).map((t) => t ?? zero);
  const numbers = substitute(slopes, places);
  const active = dependents(topologicalOrder(nodes), [x]);
  const symbols = new Map<string, Node>([[own, one]]);
  const rows: ForwardModeRow[] = [...e.variables.keys()].map((name) => ({
    name,
    value: values.get(name) as Node,
    tangentValue: name === own ? one : zero,
    ...(name === own ? { tangent: written(one) } : {}),
  }));
  lines.forEach((line, i) => {
    const seeds = new Map(
      line.uses.flatMap((u) => (symbols.has(u.name) ? [[u.node, symbols.get(u.name) as Node] as const] : [])),
    );
    const slope = active.has(line.node) ? tangents([line.own], seeds, "textbook")[0] : null;
    if (slope) symbols.set(line.name, adjointSymbol(line.own, line.name, own));
    rows.push({
      name: line.name,
      formula: line.formula,
      value: found[i],
      tangent: slope ? written(tidyDerivatives([slope], line.own)[0]) : undefined,
      tangentValue: numbers[i],
    });
  });
  return rows;
}
