import { TransformError } from "../../ir/errors.ts";
import { dependents, type Program, rewrite, topologicalOrder } from "../../ir/graph.ts";
import {
  type InputParams,
  input,
  isConstant,
  isInput,
  type Node,
  type Typed,
  type Zero,
} from "../../ir/node.ts";
import type { View } from "../../ir/primitive.ts";
import { broadcastTo, cast } from "../../primitives/define.ts";
import { zerosLike } from "../../primitives/structure.ts";
import { expandFormulas } from "../expand.ts";

/** A body as it was traced, and the values outside that it reads: the first inputs of the program. */
interface Closed {
  readonly body: Program;
  readonly captured: readonly Node[];
}

/**
 * Runs a caller's function once on inputs of its own and closes the graph: what it reads from outside becomes an
 * explicit input. What does not depend on its own inputs is computed outside, once; where that would be wrong (a branch
 * that may not be taken), `since` is the first id that belongs to the body.
 */
export function closeBody(
  name: string,
  own: readonly Node[],
  outputs: readonly Node[],
  since?: number,
): Closed {
  const late = since === undefined ? dependents(topologicalOrder(outputs), own) : undefined;
  const captured = boundary(outputs, (n) => late?.has(n) ?? n.id >= (since as number));
  const inner = captured.map((c) => input(c, { name: (c.params as InputParams).name }, c.weak));
  const closed =
    captured.length > 0 ? rewrite(outputs, new Map(captured.map((c, i) => [c, inner[i]]))) : [...outputs];
  const body: Program = { inputs: [...inner, ...own], outputs: closed };
  checkClosed(name, body);
  return { body, captured };
}

/** A formula with a rule of its own (customJvp) may hide what it reads. */
function checkClosed(name: string, body: Program): void {
  const bound = new Set(body.inputs);
  const free = topologicalOrder(expandFormulas(body.outputs)).find((n) => isInput(n) && !bound.has(n));
  if (free) {
    const what = (free.params as InputParams).name ?? `a traced ${free.dtype}[${free.shape}]`;
    throw new TransformError(
      `${name}: a customJvp or customVjp function inside the body reads ${what} from outside: pass it as an argument`,
    );
  }
}

/** The nodes outside of a region that nodes inside read; numbers that are known stay where they are. */
export function boundary(outputs: readonly Node[], inside: (node: Node) => boolean): Node[] {
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const stack = [...outputs];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (seen.has(node)) continue;
    seen.add(node);
    if (inside(node)) stack.push(...node.inputs);
    else if (!node.concrete && !isConstant(node)) found.add(node);
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/** The value in the type of another node: a derivative in that of its primal, a carry in that of the step before. */
export function fit(value: Node | Zero, like: Typed): Node {
  if (!value) return zerosLike(like as Node);
  return broadcastTo(cast(value, like.dtype), like.shape);
}

/** A marked input for each marked place; others null. */
export function inputsFor(nodes: readonly Node[], marked: readonly boolean[]): (Node | null)[] {
  return nodes.map((n, i) => (marked[i] ? input(n) : null));
}

/** Nodes by what they stand for, where that is there. */
export function seedsOf<T>(nodes: readonly Node[], values: readonly (T | null)[]): Map<Node, T> {
  const pairs = nodes.map((n, i) => [n, values[i]] as const);
  return new Map(pairs.filter((p): p is readonly [Node, T] => p[1] !== null));
}

/**
 * Views of a node that was rebuilt: where its old inputs and results are now; −1 for what is gone. An input goes only
 * where no result that stays depends on it.
 */
export function movedViews(
  views: readonly View[],
  inputAt: (old: number) => number,
  resultAt: (old: number) => number,
): View[] {
  const move = (place: number, to: (old: number) => number) => (place < 0 ? -1 : to(place));
  return views
    .map(({ of, inputs, results }) => ({
      of,
      inputs: inputs.map((i) => move(i, inputAt)),
      results: results.map((r) => move(r, resultAt)),
    }))
    .filter((v) => v.results.some((r) => r >= 0));
}

/** A node computes itself: the view that a node with more results offers of it. */
export function wholeView(params: unknown, inputs: number, results: number): View {
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
  return { of: params, inputs: upTo(inputs), results: upTo(results) };
}

/** For each place, where it is once those not kept are gone; −1 for these. */
export function placesOf(kept: readonly boolean[]): number[] {
  let next = 0;
  return kept.map((k) => (k ? next++ : -1));
}
