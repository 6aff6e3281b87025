import { topologicalOrder, withInputs } from "../ir/graph.ts";
import { type ConstantParams, isConstant, isInput, Node, scalarValue } from "../ir/node.ts";
import type { Primitive } from "../ir/primitive.ts";
import { sameShape } from "../ir/shape.ts";
import { apply, broadcastTo } from "../primitives/define.ts";
import { shareControl } from "./control/share.ts";
import { expandFormulas } from "./expand.ts";

const primitiveIds = new WeakMap<Primitive, number>();
let nextPrimitive = 0;

function primitiveId(p: Primitive): number {
  let id = primitiveIds.get(p);
  if (id === undefined) primitiveIds.set(p, (id = nextPrimitive++));
  return id;
}

/** Equal for nodes of the same primitive, parameters and inputs: they hold the same value. */
export function nodeKey(node: Node): string {
  if (isInput(node)) return `i${node.id}`;
  if (isConstant(node)) return constantKey(node);
  // The bodies of a control node are compared by identity.
  const params =
    node.primitive.family === "control" ? `#${objectId(node.params as object)}` : paramsKey(node.params);
  return `${primitiveId(node.primitive)}:${node.dtype}:${params}:${node.inputs.map((i) => i.id).join()}`;
}

function constantKey(node: Node): string {
  const { exact, symbol } = node.params as ConstantParams;
  if (exact) return `x${exact.toString()}`;
  if (symbol) return `s${symbol.text}`;
  if (node.size !== 1 || !node.buffer) return `c${node.id}`;
  // Compared by bits: 0 and −0 differ.
  const value = node.buffer[0];
  return `v${node.dtype}${node.weak}${node.rank}:${Object.is(value, -0) ? "-0" : value}`;
}

const opaque = new WeakMap<object, number>();
let nextOpaque = 0;

function objectId(value: object): number {
  let id = opaque.get(value);
  if (id === undefined) opaque.set(value, (id = nextOpaque++));
  return id;
}

function paramsKey(params: unknown): string {
  return JSON.stringify(params, (_, value: unknown) => {
    // Rules and functions inside parameters are compared by identity.
    if (
      typeof value === "function" ||
      (typeof value === "object" && value !== null && ("evaluate" in value || "buffer" in value))
    ) {
      return `#${objectId(value)}`;
    }
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
}

/**
 * For engines: expands formulas, shares equal nodes, folds constants, drops what does nothing. Every bit of every
 * result is kept: only x·1, x/1, −(−x), x − 0, moves that move nothing and the like go.
 */
export function cleanUp(outputs: readonly Node[]): Node[] {
  const expanded = shareControl(expandFormulas(outputs));
  const known = new Map<Node, Node>();
  const byKey = new Map<string, Node>();
  for (const node of topologicalOrder(expanded)) {
    const simpler = simplified(refolded(node, known));
    const key = nodeKey(simpler);
    const shared = byKey.get(key) ?? simpler;
    byKey.set(key, shared);
    known.set(node, shared);
  }
  return expanded.map((o) => known.get(o) as Node);
}

function refolded(node: Node, known: Map<Node, Node>): Node {
  const inputs = node.inputs.map((i) => known.get(i) as Node);
  if (node.primitive.pointwise && node.size > 1) {
    // One number stretched over a shape: computed once.
    const numbers = inputs.map(stretchedNumber);
    if (numbers.every((n) => n !== undefined))
      return broadcastTo(apply(node.primitive, numbers, node.params), node.shape);
  }
  // A broadcast literal stays a literal: folding it would fill memory.
  const foldable =
    node.primitive.name !== "broadcast" &&
    inputs.length > 0 &&
    inputs.every((i) => isConstant(i) && i.concrete);
  return foldable ? apply(node.primitive, inputs, node.params) : withInputs(node, inputs);
}

/** The constant that is repeated over a shape. */
function stretchedNumber(x: Node): Node | undefined {
  if (x.primitive.name !== "broadcast") return undefined;
  const [number] = x.inputs;
  return number.rank === 0 && isConstant(number) && number.concrete ? number : undefined;
}

function simplified(node: Node): Node {
  const [a, b] = node.inputs;
  switch (node.primitive.name) {
    case "mul":
      return isScalar(a, 1) ? b : isScalar(b, 1) ? a : node;
    case "div":
      return isScalar(b, 1) ? a : node;
    case "sub":
      return isScalar(b, 0) ? a : node;
    case "add":
      return isScalar(a, -0) ? b : isScalar(b, -0) ? a : node;
    case "neg":
      return a.primitive.name === "neg" ? a.inputs[0] : node;
    case "reshape":
    case "broadcast":
      if (sameShape(a.shape, node.shape)) return a;
      return a.primitive === node.primitive ? simplified(withInputs(node, a.inputs)) : node;
    case "contract":
      return withoutTransposes(node);
    case "cast":
      return a.dtype === node.dtype ? a : node;
    default:
      return node;
  }
}

/** A product of transposed tensors reads them by other letters; the order of its sums stays. */
function withoutTransposes(node: Node): Node {
  const params = node.params as { a: string; b: string; out: string };
  const read = (x: Node, letters: string) => {
    if (x.primitive.name !== "transpose") return letters;
    const { permutation } = x.params as { permutation: readonly number[] };
    return permutation.map((_, axis) => letters[permutation.indexOf(axis)]).join("");
  };
  const [x, y] = node.inputs;
  const [a, b] = [read(x, params.a), read(y, params.b)];
  const summed = (letters: string) =>
    [...letters].filter((l) => params.b.includes(l) && !params.out.includes(l)).join("");
  if ((a === params.a && b === params.b) || summed(a) !== summed(params.a)) return node;
  const under = (t: Node, was: string, is: string) => (was === is ? t : t.inputs[0]);
  const inputs = [under(x, params.a, a), under(y, params.b, b)];
  return simplified(new Node(node.primitive, inputs, { ...params, a, b }, node, node.weak));
}

function isScalar(x: Node, value: number): boolean {
  const source = x.primitive.name === "broadcast" ? x.inputs[0] : x;
  const held = source.size === 1 ? scalarValue(source) : undefined;
  return held !== undefined && Object.is(held, value);
}
