import { orderAbove, rewrite, withInputs } from "../ir/graph.ts";
import { exactConstant, exactValue, type Node, scalarValue } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";

// One expansion for each formula node, so that a value and its derivatives share it.
const expansions = new WeakMap<Node, Node>();

/** Replaces formulas by their graphs; `keep` says which stay. Nodes in `known` are taken as given. */
export function expandFormulas(
  outputs: readonly Node[],
  keep: (node: Node) => boolean = () => false,
  known: Map<Node, Node> = new Map(),
): Node[] {
  const order = orderAbove(outputs, known);
  // Nothing to expand: the graph is its own answer (nodes in `known` stand for themselves).
  if (!order.some((n) => n.primitive.family === "formula" && !keep(n))) return [...outputs];
  for (const node of order) {
    const same = withInputs(
      node,
      node.inputs.map((i) => known.get(i) as Node),
    );
    known.set(node, expanded(same, keep));
  }
  return outputs.map((o) => known.get(o) as Node);
}

function expanded(node: Node, keep: (node: Node) => boolean): Node {
  if (node.primitive.family !== "formula" || keep(node)) return node;
  let graph = expansions.get(node);
  if (!graph) {
    graph = node.primitive.expand(node.inputs, node.params);
    expansions.set(node, graph);
  }
  // A formula may be written with other formulas; its own inputs are the floor.
  return expandFormulas([graph], keep, new Map(node.inputs.map((i) => [i, i])))[0];
}

/** Whether a formula has a rule of its caller's, which no transform but an engine may expand away. */
export const hasOwnRule = ({ primitive }: Node): boolean =>
  primitive.family === "formula" && primitive.batch !== undefined;

/** Whole numbers that a formula was written with become exact, so that 2/3 stays 2/3. */
export function exactLiterals(outputs: readonly Node[], floor: ReadonlyMap<Node, Node>): Node[] {
  const known = new Map(floor);
  for (const node of orderAbove(outputs, floor)) {
    if (!node.weak || node.rank > 0 || exactValue(node)) continue;
    const value = scalarValue(node);
    if (value !== undefined && Number.isSafeInteger(value))
      known.set(node, exactConstant(Rational.of(value)));
  }
  return known.size === floor.size ? [...outputs] : rewrite(outputs, known);
}
