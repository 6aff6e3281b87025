import { allocate, type Data } from "../ir/dtype.ts";
import { topologicalOrder } from "../ir/graph.ts";
import {
  exactConstant,
  type InputParams,
  input,
  isConstant,
  isInput,
  literal,
  type Node,
} from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { stridesOf } from "../ir/shape.ts";
import { abs, add, maximum, minimum, mul, sqrt } from "../primitives/arithmetic.ts";
import { apply } from "../primitives/define.ts";
import { exp, log } from "../primitives/exponential.ts";
import { expandFormulas } from "../transforms/expand.ts";
import { nameOf } from "./print.ts";

/** The elements of tensor graphs, each as a graph of numbers. */
export interface ScalarEntries {
  /** Row-major, one list for each output. */
  readonly outputs: readonly (readonly Node[])[];
  /** Elements of the inputs, by input. */
  readonly inputs: ReadonlyMap<Node, readonly Node[]>;
}

/** Elements that all nodes together may have, and products that one contraction may take. */
const MOST_ELEMENTS = 20_000;
const MOST_PRODUCTS = 20_000;

/** Written as sums of their own: their formulas part the largest element from the rest, which floats need and maths does not. */
const SUMS: ReadonlyMap<string, (group: readonly Node[]) => Node> = new Map([
  [
    "norm",
    (group: readonly Node[]) =>
      group.length === 1 ? abs(group[0]) : sqrt(total(group.map((x) => mul(x, x)))),
  ],
  ["squared_norm", (group: readonly Node[]) => total(group.map((x) => mul(x, x)))],
  ["logsumexp", (group: readonly Node[]) => log(total(group.map((x) => exp(x))))],
  ["reduce_max", (group: readonly Node[]) => group.reduce((a, b) => maximum(a, b))],
  ["reduce_min", (group: readonly Node[]) => group.reduce((a, b) => minimum(a, b))],
]);

/**
 * Takes tensors apart: every element of the outputs as a graph of the elements of the inputs. undefined where a step is
 * neither linear, multilinear nor made of functions of elements (an inverse, a sort), or where there are too many.
 */
export function scalarEntries(outputs: readonly Node[]): ScalarEntries | undefined {
  const roots = expandFormulas(outputs, (n) => SUMS.has(n.primitive.name));
  const entries = new Map<Node, readonly Node[]>();
  const inputs = new Map<Node, readonly Node[]>();
  let count = 0;
  for (const node of topologicalOrder(roots)) {
    count += node.size;
    if (count > MOST_ELEMENTS) return undefined;
    const own = entriesOf(
      node,
      node.inputs.map((i) => entries.get(i) as readonly Node[]),
    );
    if (!own) return undefined;
    entries.set(node, own);
    if (isInput(node)) inputs.set(node, own);
  }
  return { outputs: roots.map((r) => entries.get(r) as readonly Node[]), inputs };
}

function entriesOf(node: Node, x: readonly (readonly Node[])[]): readonly Node[] | undefined {
  const { primitive } = node;
  if (isInput(node)) return inputEntries(node);
  if (isConstant(node)) return node.rank === 0 ? [node] : Array.from(node.buffer as Data, (v) => literal(v));
  const sum = SUMS.get(primitive.name);
  if (sum) return groupsOf(node, x[0]).map(sum);
  if (primitive.name === "broadcast" && node.inputs[0].size === 1)
    return Array.from({ length: node.size }, () => x[0][0]);
  if (primitive.name === "cast" || primitive.name === "stop_gradient") return x[0];
  if (primitive.pointwise)
    return x[0].map((_, i) =>
      apply(
        primitive,
        x.map((list) => list[i]),
        node.params,
      ),
    );
  if (primitive.family === "linear" && primitive.parameters.length === 0) return linearEntries(node, x);
  if (primitive.family === "multilinear" && x.length === 2) return bilinearEntries(node, x);
  return undefined;
}

function inputEntries(node: Node): Node[] {
  if (node.rank === 0) return [node];
  const strides = stridesOf(node.shape);
  return Array.from({ length: node.size }, (_, at) => {
    const index = strides.map((s, d) => Math.floor(at / s) % node.shape[d]);
    const params: InputParams = { name: `${nameOf(node)}_{${index.map((i) => i + 1).join("")}}` };
    return input({ shape: [], dtype: node.dtype }, params);
  });
}

/** The elements that each element of a reduction is made of. */
function groupsOf(node: Node, x: readonly Node[]): Node[][] {
  const { axes } = node.params as { readonly axes: readonly number[] };
  const { shape } = node.inputs[0];
  const strides = stridesOf(shape);
  const groups = new Map<string, Node[]>();
  x.forEach((entry, at) => {
    const index = strides.map((s, d) => Math.floor(at / s) % shape[d]);
    const key = index.filter((_, d) => !axes.includes(d)).join();
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  });
  return [...groups.values()];
}

/** What a linear step does, found by giving it one 1 after the other. */
function linearEntries(node: Node, x: readonly (readonly Node[])[]): Node[] | undefined {
  const sums: Node[][] = Array.from({ length: node.size }, () => []);
  for (const [k, list] of x.entries()) {
    if (list.length * node.size > MOST_PRODUCTS * 20) return undefined;
    for (let i = 0; i < list.length; i++) {
      const out = node.primitive.evaluate(
        node.inputs.map((n, j) => unitAt(n, j === k ? i : -1)),
        node,
      );
      collect(sums, out, list[i]);
    }
  }
  return sums.map(total);
}

/** The same for two factors: each pair of places is tried. */
function bilinearEntries(node: Node, [x, y]: readonly (readonly Node[])[]): Node[] | undefined {
  if (x.length * y.length > MOST_PRODUCTS) return undefined;
  const sums: Node[][] = Array.from({ length: node.size }, () => []);
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < y.length; k++) {
      const out = node.primitive.evaluate([unitAt(node.inputs[0], i), unitAt(node.inputs[1], k)], node);
      if (out.some((v) => v !== 0)) collect(sums, out, mul(x[i], y[k]));
    }
  }
  return sums.map(total);
}

function unitAt(like: Node, place: number): Data {
  const data = allocate(like.dtype, like.size);
  if (place >= 0) data[place] = 1;
  return data;
}

function collect(sums: Node[][], coefficients: Data, entry: Node): void {
  coefficients.forEach((c, at) => {
    if (c !== 0) sums[at].push(c === 1 ? entry : mul(exactConstant(Rational.from(c)), entry));
  });
}

/** A sum by halves, so that long ones are not deep. */
function total(parts: readonly Node[]): Node {
  if (parts.length === 0) return exactConstant(Rational.ZERO);
  if (parts.length === 1) return parts[0];
  const half = parts.length >> 1;
  return add(total(parts.slice(0, half)), total(parts.slice(half)));
}

/** Whether a graph holds tensors, or reductions that only tensors know. */
export function needsEntries(roots: readonly Node[]): boolean {
  return topologicalOrder(roots).some((n) => n.rank > 0 || SUMS.has(n.primitive.name));
}
