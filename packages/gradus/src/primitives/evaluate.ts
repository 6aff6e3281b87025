import type { Data } from "../ir/dtype.ts";
import { orderAbove, rewrite, topologicalOrder } from "../ir/graph.ts";
import { constant, type InputParams, isConstant, isInput, type Node, UnboundInputError } from "../ir/node.ts";
import { apply } from "./define.ts";

/** Puts values in the place of nodes; what becomes known is evaluated at once. */
export function substitute(outputs: readonly Node[], values: ReadonlyMap<Node, Node>): Node[] {
  const known = new Map(values);
  const open =
    orderAbove(outputs, known).some((n) => isInput(n)) ||
    [...values.values()].some((v) => !v.buffer && isOpen(v));
  return rewrite(outputs, known, (node, inputs) => {
    if (isConstant(node)) return open ? node : concrete(node);
    if (isInput(node)) return node;
    // A repeated literal stays one number.
    if (open && inputs.every((x, i) => x === node.inputs[i])) return node;
    return apply(node.primitive, inputs, node.params);
  });
}

function isOpen(node: Node): boolean {
  return topologicalOrder([node]).some(isInput);
}

function concrete(node: Node): Node {
  return node.buffer ? node : constant(node.primitive.evaluate([], node), node.shape, node.dtype, node.weak);
}

// What a traced node is worth, for `.item()` under a transform.
const values = new WeakMap<Node, Node>();

/** The concrete value of a node: traced inputs stand for what the function was called with. */
export function concreteValue(node: Node): Node {
  if (node.buffer) return node;
  const known = new Map<Node, Node>();
  for (const n of topologicalOrder([node])) {
    const found = values.get(n) ?? compute(n, known);
    values.set(n, found);
    known.set(n, found);
  }
  return known.get(node) as Node;
}

function compute(node: Node, known: Map<Node, Node>): Node {
  if (node.buffer) return node;
  if (isConstant(node)) return concrete(node);
  if (isInput(node)) {
    const { value, name } = node.params as InputParams;
    if (value) return concreteValue(value);
    if (name !== undefined) throw new UnboundInputError(name);
    throw new TypeError(
      "a traced Tensor has no numbers here: inside vmap, and where a function is traced once for all inputs, its values " +
        "are not known; use where(condition, a, b) for if, and return what you want to see",
    );
  }
  return apply(
    node.primitive,
    node.inputs.map((i) => known.get(i) as Node),
    node.params,
  );
}

/** The numbers of a node, row-major. */
export function dataOf(node: Node): Data {
  return concreteValue(node).buffer as Data;
}
