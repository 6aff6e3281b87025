import { compile } from "../engines/compile.ts";
import { interpret } from "../engines/interpreter.ts";
import { assertFinite } from "../expression/diagnose.ts";
import { allocate, type Data } from "../ir/dtype.ts";
import { topologicalOrder } from "../ir/graph.ts";
import { constant, input, isInput, type Node, UnboundInputError } from "../ir/node.ts";
import { type Flattened, flatten, unflatten } from "../ir/tree.ts";
import { cast, tensor } from "../primitives/define.ts";
import { slice } from "../primitives/slicing.ts";
import { reshape } from "../primitives/structure.ts";
import { hessian, hvp, valueAndGrad } from "../transforms/derivatives.ts";
import { requireFloat } from "../transforms/trace.ts";
import type { InTensors, ScalarResult } from "../transforms/types.ts";
import { leafPaths, rebuild } from "./trees.ts";

/** Written maths that can stand for a function of its variables by name: an `Expression`. */
export interface Maths {
  readonly variables: ReadonlyMap<string, Node>;
  variable(name: string): Node;
  apply(values: ReadonlyMap<string, Node>): Node;
}

/** What can be minimized: a function of a tree of parameters, or an expression (then the tree is a record). */
export type Target<P> = ((parameters: InTensors<P>) => ScalarResult) | Maths;

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
  /** The gradient is written into `into`, if given. */
  valueAndGradient(x: Float64Array, into?: Float64Array): { value: number; gradient: Float64Array };
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
  const value = run((tree) => scalar(name, g(tree)), 1);
  const both = run((tree) => {
    const { value, gradient } = valueAndGrad((p: unknown) => scalar(name, g(p)))(tree as never);
    return [value, gradient];
  }, 1);
  const product = run((tree, v) => hvp(g as never, tree as never, v as never), 2);
  const onVector = (x: Node) => g(restored(flat, split(flat, x)));
  let hessianOf: Run | undefined;
  const size = sizeOf(flat);
  const vector = flatten(new Float64Array(size));
  const one = new Float64Array(1);
  const parts = partsOf(flat);
  let names: readonly string[] | undefined;
  return {
    start: packed(flat.leaves.map((l) => l.buffer as Data)),
    get names() {
      names ??= coordinateNames(flat);
      return names;
    },
    evaluations,
    value: (x) => {
      evaluations.functions++;
      value([one], x);
      return one[0];
    },
    valueAndGradient: (x, gradient = new Float64Array(size)) => {
      evaluations.functions++;
      evaluations.gradients++;
      parts(gradient, (out) => both([one, ...out], x));
      return { value: one[0], gradient };
    },
    hessian: (x) => {
      evaluations.hessians++;
      hessianOf ??= runner(vector, may)((v) => hessian(onVector)(v as never), 1);
      const out = new Float64Array(size * size);
      hessianOf([out], x);
      return out;
    },
    product: (x, v) => {
      evaluations.products++;
      const out = new Float64Array(size);
      parts(out, (list) => product(list, x, v));
      return out;
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

/** Runs on flat vectors and writes each result into its typed array. */
type Run = (out: readonly Data[], ...vectors: Float64Array[]) => void;

/**
 * Makes functions of `count` trees ready to run on flat vectors. Traced and compiled once, unless the function asks for
 * numbers (`.item()`): then it is called anew each time, so that its branches are followed.
 */
function runner(flat: Flattened, name: string | undefined) {
  const paths = leafPaths(flat.structure);
  const views = viewsOf(flat);
  return (f: (...trees: unknown[]) => unknown, count: number): Run => {
    let compiled: Run | undefined;
    const eager: Run = (out, ...vectors) => {
      const trees = vectors.map((x) => restored(flat, leavesAt(flat, x)));
      const { leaves } = flatten(f(...trees), `${name}: the function's result`);
      leaves.forEach((n, i) => {
        out[i].set(n.buffer as Data);
      });
    };
    const make = (): Run => {
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
      const execute = compile({ inputs: inputs.flat(), outputs });
      return (out, ...vectors) => execute.into(out, ...vectors.flatMap(views));
    };
    return (out, ...vectors) => {
      compiled ??= make();
      compiled(out, ...vectors);
    };
  };
}

/** The parts of a flat vector that are the leaves, in their dtypes. */
function viewsOf(flat: Flattened): (x: Float64Array) => Data[] {
  const offsets = offsetsOf(flat);
  return (x) =>
    flat.leaves.map((leaf, i) => {
      const part = x.subarray(offsets[i], offsets[i] + leaf.size);
      return leaf.dtype === "f64" ? part : Float32Array.from(part);
    });
}

function offsetsOf(flat: Flattened): number[] {
  let offset = 0;
  return flat.leaves.map((leaf) => {
    offset += leaf.size;
    return offset - leaf.size;
  });
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

function scalar(name: string, result: ScalarResult): Node {
  const y = tensor(result as never);
  if (y.size !== 1) throw new TypeError(`${name}: the function must return one scalar: use sum or mean`);
  return reshape(y, []);
}

/** Lets `fill` write leaves in their dtypes, and leaves them in the flat vector. */
function partsOf(flat: Flattened) {
  const offsets = offsetsOf(flat);
  return (whole: Float64Array, fill: (leaves: Data[]) => void): void => {
    const leaves = flat.leaves.map((leaf, i) =>
      leaf.dtype === "f64"
        ? whole.subarray(offsets[i], offsets[i] + leaf.size)
        : allocate(leaf.dtype, leaf.size),
    );
    fill(leaves);
    leaves.forEach((data, i) => {
      if (flat.leaves[i].dtype !== "f64") whole.set(data, offsets[i]);
    });
  };
}

/** The indices of element k: 1,0 in a matrix. */
function place(k: number, shape: readonly number[]): string {
  let rest = k;
  return [...shape]
    .reverse()
    .map((d) => {
      const i = rest % d;
      rest = (rest - i) / d;
      return i;
    })
    .reverse()
    .join(",");
}

function coordinateNames(flat: Flattened): string[] {
  const paths = leafPaths(flat.structure);
  return flat.leaves.flatMap((leaf, i) => {
    const path = paths[i] || "x";
    return leaf.rank === 0
      ? [path]
      : Array.from({ length: leaf.size }, (_, k) => `${path}[${place(k, leaf.shape)}]`);
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
