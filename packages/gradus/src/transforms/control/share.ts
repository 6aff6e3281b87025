import { dependents, rewrite, topologicalOrder, withInputs } from "../../ir/graph.ts";
import type { Node } from "../../ir/node.ts";
import type { Control, View } from "../../ir/primitive.ts";
import { anyControl, resultIndex, takeResult } from "../../primitives/results.ts";

/**
 * Lets no loop run twice: where a differentiated control node computes another one besides, it takes that one's place.
 * Then results that nobody reads are no longer computed.
 */
export function shareControl(outputs: readonly Node[]): Node[] {
  if (!anyControl()) return [...outputs];
  let current = [...outputs];
  for (;;) {
    const order = topologicalOrder(current);
    const controls = order.filter(isControl);
    if (controls.length === 0) return current;
    const next = merged(current, order, controls) ?? pruned(current, order, controls);
    if (!next) return current;
    current = next;
  }
}

/** What is needed for these results: a loop inside may read less where only some of its results are wanted. */
export const nodesRead = (outputs: readonly Node[]): Set<Node> =>
  new Set(topologicalOrder(shareControl(outputs)));

const isControl = (n: Node): boolean => n.primitive.family === "control";

/** Another control node at which the results of this one are. */
interface Provider {
  readonly node: Node;
  readonly view: View;
}

function merged(
  outputs: readonly Node[],
  order: readonly Node[],
  controls: readonly Node[],
): Node[] | undefined {
  const offered = new Map<unknown, Provider[]>();
  for (const node of controls) {
    for (const view of (node.primitive as Control).views(node.params)) {
      offered.set(view.of, [...(offered.get(view.of) ?? []), { node, view }]);
    }
  }
  if (offered.size === 0) return undefined;
  const used = usedResults(order);
  // One at a time: two at once might each wait for the other.
  for (const node of controls) {
    const wanted = used.get(node) ?? [];
    const provider = offered
      .get(node.params)
      ?.find((p) => computes(p, node, wanted) && !dependents(order, [node]).has(p.node));
    if (provider) return redirected(outputs, node, provider);
  }
  return undefined;
}

/** Whether a provider stands on the same inputs and has every result that is wanted. */
function computes({ node, view }: Provider, other: Node, wanted: readonly boolean[]): boolean {
  return (
    view.inputs.every((i, k) => i < 0 || node.inputs[i] === other.inputs[k]) &&
    wanted.every((u, r) => !u || view.results[r] >= 0)
  );
}

/** Which results of each control node are read. */
function usedResults(order: readonly Node[]): Map<Node, boolean[]> {
  const used = new Map<Node, boolean[]>();
  for (const n of order) {
    if (n.primitive.family !== "result" || !isControl(n.inputs[0])) continue;
    const [control] = n.inputs;
    const flags = used.get(control) ?? [];
    flags[resultIndex(n)] = true;
    used.set(control, flags);
  }
  return used;
}

/** Takes the results of one node from another, which may be newer than their users: the order is found on the way. */
function redirected(outputs: readonly Node[], from: Node, { node: to, view }: Provider): Node[] {
  const known = new Map<Node, Node>();
  const moves = (n: Node) => n.primitive.family === "result" && n.inputs[0] === from;
  const stack = [...outputs];
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    const sources = moves(node) ? [to] : node.inputs;
    const waiting = known.has(node) ? [] : sources.filter((i) => !known.has(i));
    if (waiting.length > 0) {
      stack.push(...waiting);
      continue;
    }
    stack.pop();
    if (known.has(node)) continue;
    const inputs = sources.map((i) => known.get(i) as Node);
    known.set(
      node,
      moves(node) ? takeResult(inputs[0], view.results[resultIndex(node)]) : withInputs(node, inputs),
    );
  }
  return outputs.map((o) => known.get(o) as Node);
}

/** Drops unread results of one node, the last first: then what it no longer reads is known for those before it. */
function pruned(
  outputs: readonly Node[],
  order: readonly Node[],
  controls: readonly Node[],
): Node[] | undefined {
  const used = usedResults(order);
  for (const node of controls.toReversed()) {
    const rule = node.primitive as Control;
    const wanted = rule.results(node.params).map((_, i) => used.get(node)?.[i] === true);
    const results = wanted.includes(true) ? rule.prune(node, wanted) : undefined;
    if (!results) continue;
    const read = order.filter((n) => n.primitive.family === "result" && n.inputs[0] === node);
    return rewrite(outputs, new Map(read.map((n) => [n, results[resultIndex(n)] as Node])));
  }
  return undefined;
}
