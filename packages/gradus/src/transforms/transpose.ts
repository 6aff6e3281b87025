import { TransformError } from "../ir/errors.ts";
import { dependents, rewrite, topologicalOrder, withInputs } from "../ir/graph.ts";
import type { Node, Zero } from "../ir/node.ts";
import type { Control } from "../ir/primitive.ts";
import { div, mul } from "../primitives/arithmetic.ts";
import { cast } from "../primitives/define.ts";
import { resultIndex } from "../primitives/results.ts";
import { guarded, plus, quotient, scale, transposed } from "./tangent.ts";

/**
 * The transpose of the linear map from `inputs` to `outputs`: cotangents of the inputs from those of the outputs.
 * Reverse mode is this, applied to the tangents.
 */
export function transposeLinear(
  outputs: readonly (Node | Zero)[],
  inputs: readonly Node[],
  cotangents: readonly (Node | Zero)[],
): (Node | Zero)[] {
  const floor = new Map(inputs.map((n) => [n, n]));
  const live = outputs
    .map((o, i) => [o, cotangents[i]] as const)
    .filter((p): p is readonly [Node, Node] => p[0] !== null && p[1] !== null);
  const expanded = expandActive(
    live.map((p) => p[0]),
    floor,
  );
  const order = topologicalOrder(expanded);
  const active = dependents(order, inputs);
  const collected = new Map<Node, Node | Zero>();
  const give = (node: Node, ct: Node | Zero) => {
    if (ct && active.has(node)) collected.set(node, plus(collected.get(node) ?? null, cast(ct, node.dtype)));
  };
  expanded.forEach((o, i) => {
    give(o, live[i][1]);
  });
  const stop = new Set(inputs);
  const results = new Map<Node, (Node | Zero)[]>();
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i];
    const ct = collected.get(node);
    if (ct && !stop.has(node)) {
      if (node.primitive.family === "result") gather(node, ct, results);
      else pull(node, ct, { active, stop }, give);
    }
    const packed = results.get(node);
    if (packed) pullControl(node, packed, active, give);
  }
  return inputs.map((n) => collected.get(n) ?? null);
}

/** Expands formulas that depend on the inputs; what is a residual keeps its name. */
function expandActive(outputs: readonly Node[], floor: ReadonlyMap<Node, Node>): Node[] {
  let current = [...outputs];
  for (;;) {
    const active = dependents(topologicalOrder(current), floor.keys());
    if (![...active].some((n) => n.primitive.family === "formula" && !floor.has(n))) return current;
    current = rewrite(current, new Map(floor), (node, inputs) =>
      node.primitive.family === "formula" && active.has(node)
        ? node.primitive.expand(inputs, node.params)
        : withInputs(node, inputs),
    );
  }
}

/** Keeps a cotangent of one result until those of the others are there. */
function gather(result: Node, ct: Node, results: Map<Node, (Node | Zero)[]>): void {
  const [node] = result.inputs;
  const { primitive, params } = node;
  if (primitive.family !== "control") return;
  const all = results.get(node) ?? primitive.results(params).map(() => null);
  all[resultIndex(result)] = ct;
  results.set(node, all);
}

function pullControl(
  node: Node,
  cts: readonly (Node | Zero)[],
  active: Set<Node>,
  give: (node: Node, ct: Node | Zero) => void,
): void {
  const flags = node.inputs.map((i) => active.has(i));
  guarded(cts, (node.primitive as Control).transpose(node, cts, flags)).forEach((ct, i) => {
    give(node.inputs[i], ct);
  });
}

function pull(
  node: Node,
  ct: Node,
  { active, stop }: { active: ReadonlySet<Node>; stop: ReadonlySet<Node> },
  give: (node: Node, ct: Node | Zero) => void,
): void {
  const { primitive } = node;
  if (primitive.family === "linear") {
    const last = node.inputs.every((x) => !active.has(x) || stop.has(x));
    transposed(node, primitive, ct, last).forEach((c, i) => {
      if (!primitive.parameters.includes(i)) give(node.inputs[i], c);
      else if (active.has(node.inputs[i])) throw notLinear(node);
    });
    return;
  }
  if (primitive.family === "flat") return;
  if (primitive === div.primitive && !active.has(node.inputs[1])) {
    give(node.inputs[0], quotient(ct, node.inputs[1]));
    return;
  }
  if (primitive.family !== "multilinear" && primitive.family !== "implicit") throw notLinear(node);
  const varying = node.inputs.map((x, i) => (active.has(x) ? i : -1)).filter((i) => i >= 0);
  if (varying.length !== 1) throw notLinear(node);
  const [i] = varying;
  if (primitive.family === "implicit") {
    if (!primitive.linearIn?.(i) || !primitive.transpose) throw notLinear(node);
    give(node.inputs[i], primitive.transpose(ct, i, node));
    return;
  }
  // A product with a partial derivative: a masked cotangent stays zero.
  give(
    node.inputs[i],
    primitive.name === mul.primitive.name ? scale(node.inputs[1 - i], ct) : primitive.transpose(ct, i, node),
  );
}

function notLinear(node: Node): TransformError {
  return new TransformError(
    `linearTranspose: ${node.primitive.name} is not linear in the inputs: only a linear function has a transpose; use vjp`,
  );
}
