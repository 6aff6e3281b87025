import { interpret } from "../engines/interpreter.ts";
import { assertFinite } from "../expression/diagnose.ts";
import type { Data } from "../ir/dtype.ts";
import { topologicalOrder } from "../ir/graph.ts";
import { constant, input, isInput, type Node, UnboundInputError } from "../ir/node.ts";
import { type Flattened, flatten, unflatten } from "../ir/tree.ts";
import { cast, tensor } from "../primitives/define.ts";
import { slice } from "../primitives/slicing.ts";
import { reshape } from "../primitives/structure.ts";
import { hessian, hvp, valueAndGrad } from "../transforms/derivatives.ts";
import { requireFloat } from "../transforms/trace.ts";
import type { ScalarResult } from "../transforms/types.ts";
import { leafPaths, rebuild } from "./trees.ts";

/** Written maths that can stand for a function of its variables by name: an `Expression`. */
export interface Maths {
  readonly variables: ReadonlyMap<string, Node>;
  variable(name: string): Node;
  apply(values: ReadonlyMap<string, Node>): Node;
}

/** What can be minimized: a function of a tree of parameters, or an expression (then the tree is a record). */
// biome-ignore lint/suspicious/noExplicitAny: the tree's leaves are numbers outside and tensors inside.
export type Target<P> = ((parameters: any) => ScalarResult) | (Maths & { readonly _?: P });

export interface Evaluations {
  /** Of the function, alone or with its gradient. */
  functions: number;
  gradients: number;
  hessians: number;
  /** Hessian times a vector. */
  products: number;
}

/** A function over one flat vector of coordinates, with its derivatives by the library's own transforms. */
export interface Objective<P = unknown> {
  readonly start: Float64Array;
  /** The name of each coordinate: `x`, `layers[0].w[3]`. */
  readonly names: readonly string[];
  readonly evaluations: Evaluations;
  value(x: Float64Array): number;
  valueAndGradient(x: Float64Array): { value: number; gradient: Float64Array };
  /** Row-major n×n. */
  hessian(x: Float64Array): Float64Array;
  /** Hessian · v. */
  product(x: Float64Array, v: Float64Array): Float64Array;
  /** Why the value (or else the gradient) is not finite: the node that made it so. */
  explain(x: Float64Array): string;
  toTree(x: Float64Array): P;
}

type TreeFunction = (tree: unknown) => ScalarResult;

export function objectiveOf<P>(name: string, f: Target<P>, start: P): Objective<P> {
  const flat = flatten(start, "start");
  requireFloat(name, flat.leaves);
  if (flat.leaves.length === 0) throw new TypeError(`${name}: the start has no parameters`);
  const g = typeof f === "function" ? (f as TreeFunction) : ofMaths(f);
  const may = typeof f === "function" ? name : undefined;
  const run = runner(flat, may);
  const evaluations: Evaluations = { functions: 0, gradients: 0, hessians: 0, products: 0 };
  const value = run(g, 1);
  const both = run((tree) => {
    const { value, gradient } = valueAndGrad(g)(tree as never);
    return [value, gradient];
  }, 1);
  const product = run((tree, v) => hvp(g as never, tree as never, v as never), 2);
  const onVector = (x: Node) => g(restored(flat, split(flat, x)));
  let hessianOf: ReturnType<typeof run> | undefined;
  const vector = flatten(new Float64Array(sizeOf(flat)));
  return {
    start: packed(flat.leaves.map((l) => l.buffer as Data)),
    names: coordinateNames(flat),
    evaluations,
    value: (x) => {
      evaluations.functions++;
      return scalar(name, value(x));
    },
    valueAndGradient: (x) => {
      evaluations.functions++;
      evaluations.gradients++;
      const [v, ...gradient] = both(x);
      return { value: v[0], gradient: packed(gradient) };
    },
    hessian: (x) => {
      evaluations.hessians++;
      hessianOf ??= runner(vector, may)((v) => hessian(onVector)(v as never), 1);
      return Float64Array.from(hessianOf(x)[0]);
    },
    product: (x, v) => {
      evaluations.products++;
      return packed(product(x, v));
    },
    explain: (x) => explain(g, flat, x),
    toTree: (x) => rebuild<P>(flat.structure, leavesAt(flat, x)),
  };
}

function ofMaths(f: Maths): TreeFunction {
  return (tree) => {
    const byNode = new Map(Object.entries(tree as Record<string, Node>).map(([k, v]) => [f.variable(k), v]));
    const values = [...f.variables].flatMap(([name, node]) => {
      const v = byNode.get(node);
      return v === undefined ? [] : [[name, v] as const];
    });
    return f.apply(new Map(values));
  };
}

type Run = (...vectors: Float64Array[]) => Data[];

/**
 * Makes functions of `count` trees ready to run on flat vectors. Traced once, unless the function asks for numbers
 * (`.item()`): then it is called anew each time, so that its branches are followed.
 */
function runner(flat: Flattened, name: string | undefined) {
  const paths = leafPaths(flat.structure);
  return (f: (...trees: unknown[]) => unknown, count: number): Run => {
    let compiled: Run | undefined;
    const eager: Run = (...vectors) => {
      const trees = vectors.map((x) => restored(flat, leavesAt(flat, x)));
      return flatten(f(...trees), `${name}: the function's result`).leaves.map((n) => n.buffer as Data);
    };
    const compile = (): Run => {
      const inputs = Array.from({ length: count }, () =>
        flat.leaves.map((leaf, i) => input(leaf, { name: paths[i] || "x" }, leaf.weak)),
      );
      let outputs: Node[];
      try {
        outputs = flatten(f(...inputs.map((leaves) => restored(flat, leaves))), "result").leaves;
      } catch (error) {
        if (error instanceof UnboundInputError && name !== undefined) return eager;
        throw error;
      }
      const execute = interpret({ inputs: inputs.flat(), outputs });
      return (...vectors) =>
        execute(...vectors.flatMap((x) => leavesAt(flat, x))).map((n) => n.buffer as Data);
    };
    return (...vectors) => {
      compiled ??= compile();
      return compiled(...vectors);
    };
  };
}

function sizeOf(flat: Flattened): number {
  return flat.leaves.reduce((n, l) => n + l.size, 0);
}

/** The coordinates as nodes of the leaves' shapes and dtypes. */
function leavesAt(flat: Flattened, x: Float64Array): Node[] {
  let offset = 0;
  return flat.leaves.map((leaf) => {
    const part = x.slice(offset, offset + leaf.size);
    offset += leaf.size;
    return cast(constant(part, leaf.shape, "f64", leaf.weak), leaf.dtype);
  });
}

function split(flat: Flattened, x: Node): Node[] {
  let offset = 0;
  return flat.leaves.map((leaf) => {
    const part = slice(x, [offset], [offset + leaf.size]);
    offset += leaf.size;
    return cast(reshape(part, leaf.shape), leaf.dtype);
  });
}

const restored = (flat: Flattened, leaves: readonly Node[]): unknown =>
  unflatten(flat.structure, leaves, (n) => n);

function packed(parts: readonly Data[]): Float64Array {
  const out = new Float64Array(parts.reduce((n, p) => n + p.length, 0));
  let offset = 0;
  for (const p of parts) {
    out.set(p, offset);
    offset += p.length;
  }
  return out;
}

function scalar(name: string, [value, ...more]: readonly Data[]): number {
  if (more.length > 0 || value.length !== 1)
    throw new TypeError(`${name}: the function must return one scalar: use sum or mean`);
  return value[0];
}

function coordinateNames(flat: Flattened): string[] {
  const paths = leafPaths(flat.structure);
  return flat.leaves.flatMap((leaf, i) => {
    const path = paths[i] || "x";
    return leaf.rank === 0 ? [path] : Array.from({ length: leaf.size }, (_, k) => `${path}[${k}]`);
  });
}

/** Names the first step of the function, or else of its gradient, without a finite value at x. */
function explain(g: TreeFunction, flat: Flattened, x: Float64Array): string {
  const paths = leafPaths(flat.structure);
  const values = leavesAt(flat, x);
  const inputs = values.map((v, i) => input(v, { name: paths[i] || "x", value: v }, v.weak));
  const found = new Map(inputs.map((n, i) => [n, values[i]]));
  const tree = restored(flat, inputs);
  const roots = [() => [tensor(g(tree))], () => flatten(valueAndGrad(g)(tree as never).gradient).leaves];
  for (const make of roots) {
    for (const root of make()) {
      if (!topologicalOrder([root]).some(isInput)) continue;
      const [result] = interpret({ inputs, outputs: [root] })(...values);
      try {
        assertFinite(root, found, result);
      } catch (error) {
        return (error as Error).message;
      }
    }
  }
  return "the value is not finite";
}
