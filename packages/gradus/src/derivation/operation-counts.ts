import type { Expression } from "../expression/expression.ts";
import { topologicalOrder } from "../ir/graph.ts";
import { exactConstant, input, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { cleanUp } from "../transforms/clean-up.ts";
import { pullback } from "../transforms/derivatives.ts";
import { tangents } from "../transforms/tangent.ts";

export interface OperationCounts {
  /** Of the values alone. */
  readonly values: number;
  /** Of the values and the whole gradient in one backward pass. */
  readonly reverse: number;
  /** Of the values and one tangent, for each number that the function takes; a whole gradient takes all of them. */
  readonly forward: ReadonlyMap<string, { readonly passes: number; readonly each: number }>;
  /** Of the whole gradient by forward mode: every pass with its values anew. */
  readonly forwardAll: number;
}

/**
 * How many operations on numbers the two modes take for the whole gradient, counted in the programs that would run:
 * shared, folded, nothing dead. A product of matrices counts each multiplication and addition. `by` names the
 * variables of the gradient: all unless told.
 */
export function operationCounts(e: Expression, by?: readonly string[]): OperationCounts {
  const variables = by ? by.map((name) => [name, e.variable(name)] as const) : [...e.variables];
  const nodes = variables.map(([, n]) => n);
  const one = exactConstant(Rational.ONE);
  const values = countOf([e.node]);
  const reverse = e.node.rank === 0 ? countOf([e.node, ...pullback([e.node], nodes, [one])]) : Number.NaN;
  const forward = new Map(
    variables.map(([name, x]) => {
      // Along a tensor, a tangent of its shape; along a number, 1.
      const seed = x.rank === 0 ? one : input(x);
      const [tangent] = tangents([e.node], new Map([[x, seed]]));
      return [name, { passes: x.size, each: countOf(tangent ? [e.node, tangent] : [e.node]) }] as const;
    }),
  );
  const forwardAll = [...forward.values()].reduce((sum, f) => sum + f.passes * f.each, 0);
  return { values, reverse, forward, forwardAll };
}

const countOf = (outputs: readonly Node[]): number =>
  topologicalOrder(cleanUp(outputs)).reduce((sum, n) => sum + costOf(n), 0);

function costOf(n: Node): number {
  if (n.inputs.length === 0 || n.primitive.name === "cast") return 0;
  if (n.primitive.pointwise) return n.size;
  const from = n.inputs.reduce((sum, i) => sum + i.size, 0);
  if (n.primitive.name === "contract") return productCost(n);
  if (n.primitive.family === "linear") return n.primitive.name === "sum" ? from - n.size : 0;
  return from;
}

/** For each number of the result, n products and n − 1 sums. */
function productCost(n: Node): number {
  const { a, b, out } = n.params as { a: string; b: string; out: string };
  const sizes = new Map([...a].map((l, i) => [l, n.inputs[0].shape[i]]));
  for (const [i, l] of [...b].entries()) sizes.set(l, n.inputs[1].shape[i]);
  const summed = [...sizes].filter(([l]) => !out.includes(l)).reduce((p, [, size]) => p * size, 1);
  return n.size * (2 * summed - 1);
}
