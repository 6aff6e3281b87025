import { isInput, Node } from "./node.ts";
import type { ResultParams } from "./primitive.ts";

let walks = 0;

/** Every node that the outputs need, inputs before users. Iterative: a graph may be 10⁶ nodes deep. */
export function topologicalOrder(outputs: readonly Node[]): Node[] {
  const walk = ++walks;
  const stack: Node[] = [];
  const found: Node[] = [];
  for (const o of outputs) mark(o, walk, stack);
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    found.push(node);
    for (const i of node.inputs) mark(i, walk, stack);
  }
  // Ids grow with creation, and a node is made after its inputs.
  return found.sort((a, b) => a.id - b.id);
}

function mark(node: Node, walk: number, stack: Node[]): void {
  if (node.walk === walk) return;
  node.walk = walk;
  stack.push(node);
}

/**
 * The nodes of `order` that depend on one of `roots` (roots included). A result of a control node does so only where
 * its body says so.
 */
export function dependents(order: readonly Node[], roots: Iterable<Node>): Set<Node> {
  const set = new Set<Node>(roots);
  const resultsOf = new Map<Node, readonly boolean[]>();
  for (const node of order) {
    if (set.has(node) || !node.inputs.some((i) => set.has(i))) continue;
    const { primitive } = node;
    if (primitive.family === "control") {
      const active = node.inputs.map((i) => set.has(i));
      resultsOf.set(node, primitive.dependence(node.params, active));
    } else if (primitive.family === "result") {
      const varying = resultsOf.get(node.inputs[0]);
      if (varying && !varying[(node.params as ResultParams).index]) continue;
    }
    set.add(node);
  }
  return set;
}

/** Whether any of the outputs is made from one of these nodes. */
export function dependsOn(outputs: readonly Node[], nodes: ReadonlySet<Node>): boolean {
  return topologicalOrder(outputs).some((n) => nodes.has(n));
}

/** The same primitive on other inputs of the same shapes. */
export function withInputs(node: Node, inputs: readonly Node[]): Node {
  if (inputs.every((x, i) => x === node.inputs[i])) return node;
  return new Node(node.primitive, inputs, node.params, node, node.weak);
}

/**
 * Rewrites a graph from the leaves up: `visit` gets each node and its rewritten inputs.
 * Nodes already in `known` are taken as they are given there.
 */
export function rewrite(
  outputs: readonly Node[],
  known: Map<Node, Node>,
  visit: (node: Node, inputs: readonly Node[]) => Node = withInputs,
): Node[] {
  for (const node of orderAbove(outputs, known)) {
    if (known.has(node)) continue;
    const inputs = node.inputs.map((i) => known.get(i) as Node);
    known.set(node, visit(node, inputs));
  }
  return outputs.map((o) => known.get(o) as Node);
}

/** As topologicalOrder, but does not look below nodes that are known. */
export function orderAbove(outputs: readonly Node[], known: ReadonlyMap<Node, unknown>): Node[] {
  if (known.size === 0) return topologicalOrder(outputs);
  const walk = ++walks;
  const stack: Node[] = [];
  const found: Node[] = [];
  for (const o of outputs) if (!known.has(o)) mark(o, walk, stack);
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    found.push(node);
    for (const i of node.inputs) if (i.walk !== walk && !known.has(i)) mark(i, walk, stack);
  }
  return found.sort((a, b) => a.id - b.id);
}

/** The inputs that the outputs depend on, in order of creation. */
export function freeInputs(outputs: readonly Node[]): Node[] {
  return topologicalOrder(outputs).filter(isInput);
}

/** A closed function: inputs, outputs, and names that people gave to some of its nodes. */
export interface Program {
  readonly inputs: readonly Node[];
  readonly outputs: readonly Node[];
  readonly names?: ReadonlyMap<string, Node>;
}
