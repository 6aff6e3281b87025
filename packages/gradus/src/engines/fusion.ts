import { topologicalOrder } from "../ir/graph.ts";
import { isConstant, isInput, type Node } from "../ir/node.ts";
import { type Shape, sameShape } from "../ir/shape.ts";
import {
  type Access,
  accessKey,
  flatIndex,
  isAlias,
  isOwn,
  isView,
  loopShape,
  ownAccess,
  throughView,
} from "./access.ts";

/*
 * What becomes of each node: a view is only a way to read, a pointwise node is computed where it is read, unless that
 * costs more than to keep it.
 */

export type Kind = "leaf" | "view" | "pointwise" | "reduction" | "call";

/** Loops in which a node is wanted, and which of its elements. */
interface Context {
  readonly dims: Shape;
  readonly access: Access;
}

export interface Fusion {
  readonly order: readonly Node[];
  readonly outputs: readonly Node[];
  kind(node: Node): Kind;
  /** Computed in loops over its own shape. */
  readonly own: ReadonlySet<Node>;
  /** Held in memory, for readers anywhere. */
  readonly kept: ReadonlySet<Node>;
}

/** Operations that may be done again rather than stored and read. */
const CHEAP = 10;
/** Deeper chains are kept somewhere: code is made by recursion. */
const DEEP = 200;
const MOST_CONTEXTS = 8;

const QUICK = new Set(
  "add sub mul neg where abs max min relu cast truncate less less_equal greater greater_equal equal not_equal".split(
    " ",
  ),
);

function effort({ primitive: { name } }: Node): number {
  if (QUICK.has(name)) return 1;
  return name === "div" || name === "sqrt" ? 4 : 20;
}

function kindOf(node: Node): Kind {
  const { primitive } = node;
  if (isInput(node) || isConstant(node)) return "leaf";
  if (node.size === 0 || node.inputs.some((i) => i.size === 0)) return "call";
  if (isView(node)) return "view";
  if (primitive.pointwise) {
    if (primitive.kernel || primitive.name === "cast" || primitive.name === "truncate") return "pointwise";
    return "call";
  }
  return /^(sum|reduce_max|reduce_min)$/.test(primitive.name) ? "reduction" : "call";
}

/** Whether it is read in loops over its own shape, each element in its turn. */
export function atOwnPlace(node: Node, access: Access, dims: Shape): boolean {
  return sameShape(loopShape(node.shape), dims) && isOwn(access, node.shape, dims);
}

/** Whether the same element is read again and again. */
function repeats({ dims, access }: Context): boolean {
  const { by } = flatIndex(access, dims.length);
  return by.includes(0);
}

/** Decides from the results back to the inputs: only the readers of a node say how often it would be computed. */
export function fuse(outputs: readonly Node[]): Fusion {
  const order = topologicalOrder(outputs);
  const kinds = new Map(order.map((n) => [n, kindOf(n)]));
  const kind = (n: Node) => kinds.get(n) as Kind;
  const costs = chainCosts(order, kind);
  const [own, kept] = [new Set<Node>(), new Set<Node>()];
  const forced = new Set(outputs);
  const wanted = new Map<Node, Map<string, Context>>();
  const want = (node: Node, context: Context): void => {
    const key = atOwnPlace(node, context.access, context.dims)
      ? "own"
      : `${context.dims.join("x")}@${accessKey(context.access, context.dims.length)}`;
    const known = wanted.get(node);
    if (known) known.set(key, context);
    else wanted.set(node, new Map([[key, context]]));
  };
  const ownContext = (shape: Shape): Context => ({ dims: loopShape(shape), access: ownAccess(shape) });
  const call = (node: Node): void => {
    kinds.set(node, "call");
    kept.add(node);
    for (const i of node.inputs) forced.add(i);
  };

  const view = (node: Node, contexts: readonly Context[]): void => {
    if (isAlias(node)) {
      if (forced.has(node) || contexts.length > MOST_CONTEXTS) forced.add(node.inputs[0]);
    } else if (forced.has(node) && node.concrete) {
      kinds.set(node, "leaf");
      return;
    }
    const keep = !isAlias(node) && (forced.has(node) || contexts.length > MOST_CONTEXTS);
    const read = (list: readonly Context[]) => {
      const parts = list.map((c) => ({ dims: c.dims, parts: throughView(node, c.access, c.dims) }));
      if (parts.some((p) => !p.parts)) return false;
      for (const p of parts)
        for (const { node: x, access } of p.parts ?? []) want(x, { dims: p.dims, access });
      return true;
    };
    if (!keep && read(contexts)) return;
    if (!read([ownContext(node.shape)])) return call(node);
    own.add(node);
    kept.add(node);
  };

  const pointwise = (node: Node, contexts: ReadonlyMap<string, Context>): void => {
    const elsewhere = [...contexts].filter(([key]) => key !== "own").map(([, c]) => c);
    const again = (costs.get(node) as number) * (contexts.size - 1);
    const keep =
      forced.has(node) ||
      (elsewhere.length > 0 &&
        (node.size === 1 ||
          again > CHEAP ||
          contexts.size > MOST_CONTEXTS ||
          (costs.get(node) as number) > DEEP ||
          elsewhere.some(repeats)));
    if (keep) kept.add(node);
    if (keep || contexts.has("own")) own.add(node);
    const places = keep ? [ownContext(node.shape)] : [...contexts.values()];
    for (const i of node.inputs) for (const c of places) want(i, c);
  };

  for (const node of order.toReversed()) {
    const contexts = wanted.get(node) ?? new Map<string, Context>();
    switch (kind(node)) {
      case "leaf":
        break;
      case "call":
        call(node);
        break;
      case "reduction":
        own.add(node);
        kept.add(node);
        want(node.inputs[0], ownContext(node.inputs[0].shape));
        break;
      case "view":
        view(node, [...contexts.values()]);
        break;
      case "pointwise":
        pointwise(node, contexts);
    }
  }
  return { order, outputs, kind, own, kept };
}

/** Operations for one element, from what is certainly in memory. */
function chainCosts(order: readonly Node[], kind: (n: Node) => Kind): Map<Node, number> {
  const costs = new Map<Node, number>();
  for (const n of order) {
    const fused = kind(n) === "pointwise" || kind(n) === "view";
    const below = fused ? n.inputs.reduce((sum, i) => sum + (costs.get(i) as number), 0) : 0;
    costs.set(n, Math.min(1e6, below + (kind(n) === "pointwise" ? effort(n) : 0)));
  }
  return costs;
}
