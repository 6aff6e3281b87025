import { derivativeNode, type Expression } from "../expression/expression.ts";
import { transparent, writtenNodes } from "../expression/print.ts";
import { sizeLettersIn } from "../expression/size-letters.ts";
import { stableForms } from "../expression/stable.ts";
import { isFloat } from "../ir/dtype.ts";
import { dependents, rewrite, topologicalOrder } from "../ir/graph.ts";
import { exactConstant, exactValue, input, isInput, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { substitute } from "../primitives/evaluate.ts";
import { pullback } from "../transforms/derivatives.ts";
import { type Written, written } from "./written.ts";

/** One named node: a line of the document, or an operation that was given a name v₁, v₂, … */
export interface NamedLine {
  readonly name: string;
  readonly node: Node;
  /** The line in terms of the names before it. */
  readonly formula: Written;
  readonly own: Node;
  /** The names that it uses, with the inputs that stand for them in `own`. */
  readonly uses: readonly { readonly name: string; readonly node: Node }[];
  /** Its derivative with respect to each name that it uses directly (numbers only). */
  readonly locals: readonly { readonly name: string; readonly derivative?: Written; readonly node?: Node }[];
}

/** The lines of an expression: its named lines, or every operation where it has none. */
export function namedLines(e: Expression): NamedLine[] {
  const names = new Map<Node, string>([...e.variables].map(([name, node]) => [node, name]));
  const cut = new Map<Node, Node>([...names].map(([node]) => [node, node]));
  const byInput = new Map<Node, string>(names);
  const steps: NamedLine[] = [];
  const sizes = sizeLettersIn([...e.variables.values()]);
  for (const [name, node] of namedNodes(e)) {
    const [own] = rewrite([node], new Map(cut));
    const uses = topologicalOrder([own]).filter((n) => byInput.has(n));
    // Truths have no derivatives, and nothing has one by them.
    const moving = isFloat(own.dtype) ? uses.filter((x) => isFloat(x.dtype)) : [];
    const locals = moving.flatMap((x) => {
      const local = own.rank === 0 && x.rank === 0 ? derivativeNode(own, x) : undefined;
      // A variable that only a condition asks for passes nothing on.
      if (local && exactValue(local)?.isZero) return [];
      return [{ name: byInput.get(x) as string, derivative: local && written(local), node: local }];
    });
    steps.push({
      name,
      node,
      formula: written(own, sizes),
      own,
      uses: uses.map((x) => ({ name: byInput.get(x) as string, node: x })),
      locals,
    });
    if (!names.has(node)) {
      const stand = input(node, sizes ? { name, sizes } : { name });
      names.set(node, name);
      cut.set(node, stand);
      byInput.set(stand, name);
    }
  }
  return steps;
}

function namedNodes(e: Expression): [string, Node][] {
  const order = topologicalOrder([e.node]);
  const needed = new Set(order);
  const lines = [...e.bindings].filter(([, node]) => needed.has(node));
  if (lines.length > 0) {
    if (!lines.some(([, node]) => node === e.node)) lines.push([freeName(e, "y"), e.node]);
    return lines;
  }
  const varying = dependents(order, order.filter(isInput));
  const ordered = writtenNodes(e.node).filter(
    (n) => varying.has(n) && !isInput(n) && !transparent(n) && (n === e.node || isFloat(n.dtype)),
  );
  return ordered.map((n, i) => [n === e.node ? freeName(e, "y") : `v${i + 1}`, n]);
}

function freeName(e: Expression, wanted: string): string {
  const taken = new Set([...e.variables.keys(), ...e.bindings.keys()]);
  return [wanted, "L", "result"].find((n) => !taken.has(n)) ?? "result_1";
}

export type Values = ReadonlyMap<string, Node>;

/** The values of nodes at given inputs. */
export function valuesOf(e: Expression, nodes: readonly Node[], values: Values): Node[] {
  return substitute(stableForms(nodes), places(e, values));
}

function places(e: Expression, values: Values): Map<Node, Node> {
  return new Map([...e.variables].map(([name, node]) => [node, values.get(name) as Node]));
}

/** ∂result/∂node for each node, in the node's shape: reverse mode through the graph below the result. */
export function adjointsOf(e: Expression, nodes: readonly Node[], values: Values): Node[] {
  const one = exactConstant(Rational.ONE);
  const graphs = nodes.map((n) => (n === e.node ? one : pullback([e.node], [n], [one])[0]));
  return substitute(graphs, places(e, values));
}
