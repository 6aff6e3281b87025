import { rewrite } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Batch } from "../ir/primitive.ts";
import { apply } from "../primitives/define.ts";
import { resultIndex } from "../primitives/results.ts";
import { reshape } from "../primitives/structure.ts";
import { expandFormulas, hasOwnRule } from "./expand.ts";

/**
 * Maps a graph over a new leading axis: each node of `batched` is replaced by one with that axis first.
 * Outputs that do not depend on them come back as they are, marked by `varies` false.
 */
export function batchGraph(outputs: readonly Node[], batched: ReadonlyMap<Node, Node>, size: number) {
  const floor = new Map([...batched.keys()].map((n) => [n, n]));
  const expanded = expandFormulas(outputs, hasOwnRule, floor);
  const known = new Map<Node, Node>(batched);
  const varies = new Set<Node>(batched.keys());
  const controls = new Map<Node, readonly Batch[]>();
  const results = rewrite(expanded, known, (node, inputs) => {
    const flags = node.inputs.map((i) => varies.has(i));
    if (!flags.includes(true)) return node;
    const { primitive } = node;
    if (primitive.family === "control") controls.set(node, primitive.batch(inputs, flags, node, size));
    const result = controls.get(node.inputs[0])?.[primitive.family === "result" ? resultIndex(node) : -1];
    if (result && !result.varies) return result.node;
    varies.add(node);
    if (primitive.family === "control") return node;
    if (result) return result.node;
    return batchNode(node, inputs, flags, size);
  });
  return results.map((node, i) => ({ node, varies: varies.has(expanded[i]) }));
}

function batchNode(node: Node, inputs: readonly Node[], flags: readonly boolean[], size: number): Node {
  const { primitive } = node;
  if (primitive.pointwise) {
    // Batched operands of lower rank cannot occur: a pointwise node's inputs all have its shape.
    return apply(
      primitive,
      inputs.map((x, i) => (flags[i] ? x : reshape(x, [1, ...x.shape]))),
      node.params,
    );
  }
  const rule = primitive as { batch?(x: readonly Node[], b: readonly boolean[], n: Node, s: number): Node };
  if (!rule.batch) throw new Error(`${primitive.name} has no batching rule`);
  return rule.batch(inputs, flags, node, size);
}
