import { TransformError } from "../ir/errors.ts";
import { input, type Node, type Zero } from "../ir/node.ts";
import type { Formula, Linear } from "../ir/primitive.ts";
import { flatten, type Structure, unflatten } from "../ir/tree.ts";
import { apply } from "../primitives/define.ts";
import { zerosLike } from "../primitives/structure.ts";
import { batchGraph } from "./batch.ts";
import { type AnyFunction, run } from "./trace.ts";

interface Call {
  readonly result: number;
}

/** Flat functions of nodes, made from a caller's functions of trees. */
type Flat = (leaves: readonly Node[]) => Node[];

function flatFunction(f: AnyFunction, structures: readonly Structure[]): Flat {
  return (leaves) => run(f, treesOf(structures, leaves)).outputs;
}

function treesOf(structures: readonly Structure[], leaves: readonly Node[]): unknown[] {
  let from = 0;
  return structures.map((s) => {
    const n = countLeaves(s);
    from += n;
    return unflatten(s, leaves.slice(from - n, from), (x) => x);
  });
}

function countLeaves(s: Structure): number {
  return s.kind === "leaf" ? 1 : s.items.reduce((n, item) => n + countLeaves(item), 0);
}

/**
 * A function with a forward rule of its own: `rule(primals, tangents)` gives the tangent of the result, linear in the
 * tangents. Reverse mode follows by transposition. `primals` and `tangents` are lists of arguments.
 */
export function customJvp<A extends unknown[], R>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => R,
): (...args: A) => R {
  return (...args) => {
    const parts = args.map((a, i) => flatten(a, `argument ${i + 1}`));
    const structures = parts.map((p) => p.structure);
    const inputs = parts.flatMap((p) => p.leaves);
    const { outputs, structure } = run(f as AnyFunction, args);
    const call = flatFunction(f as AnyFunction, structures);
    const push: Tangent = (x, dx) =>
      flatFunction(
        ((...both: never[]) =>
          rule(both.slice(0, args.length) as never, both.slice(args.length) as never)) as AnyFunction,
        [...structures, ...structures],
      )([...x, ...dx]);
    const results = outputs.map((_, result) =>
      formulaNode(
        "custom_jvp",
        inputs,
        { result },
        (x) => call(x)[result],
        (x, dx) => push(x, dx)[result],
      ),
    );
    return unflatten(structure, results, (n) => n) as R;
  };
}

type Tangent = (x: readonly Node[], dx: readonly Node[]) => Node[];

function formulaNode(
  name: string,
  inputs: readonly Node[],
  params: Call,
  expand: (x: readonly Node[]) => Node,
  push: (x: readonly Node[], dx: readonly Node[]) => Node | Zero,
): Node {
  const rule: Formula<Call> = {
    family: "formula",
    name,
    notation: { form: "special" },
    pointwise: false,
    expand,
    tangent: (x, _, dx) =>
      push(
        x,
        dx.map((d, i) => d ?? zerosLike(x[i])),
      ),
    evaluate: () => {
      throw new Error(`${name} is a formula: an engine expands it first`);
    },
  };
  return apply(rule as Formula, inputs, params);
}

/**
 * A function with a reverse rule of its own: `forward` gives the result and what to keep, `backward(kept, cotangent)`
 * the list of the arguments' cotangents. Forward mode and Taylor mode refuse it.
 */
export function customVjp<A extends unknown[], R, S>(
  f: (...args: A) => R,
  forward: (...args: A) => { value: R; residuals: S },
  backward: (residuals: S, cotangent: R) => { readonly [K in keyof A]: A[K] | null },
): (...args: A) => R {
  return (...args) => {
    const parts = args.map((a, i) => flatten(a, `argument ${i + 1}`));
    const structures = parts.map((p) => p.structure);
    const inputs = parts.flatMap((p) => p.leaves);
    const { outputs, structure } = run(f as AnyFunction, args);
    const call = flatFunction(f as AnyFunction, structures);
    const pull = (x: readonly Node[], result: number, ct: Node): (Node | Zero)[] => {
      const { value, residuals } = forward(...(treesOf(structures, x) as A));
      const cts = flatten(value).leaves.map((v, i) => (i === result ? ct : zerosLike(v)));
      const answer = backward(residuals, unflatten(structure, cts, (n) => n) as R) as readonly unknown[];
      if (!Array.isArray(answer) || answer.length !== args.length) {
        throw new TypeError(
          `customVjp: backward must return a list of ${args.length} cotangents, one for each argument`,
        );
      }
      return answer.flatMap((g, i) =>
        g === null ? parts[i].leaves.map(() => null) : flatten(g, "cotangent").leaves,
      );
    };
    const results = outputs.map((y, result) =>
      formulaNode(
        "custom_vjp",
        inputs,
        { result },
        (x) => call(x)[result],
        (x, dx) =>
          apply(
            reverseOnly(x, y, (ct) => pull(x, result, ct)),
            dx,
          ),
      ),
    );
    return unflatten(structure, results, (n) => n) as R;
  };
}

/** Linear in the tangents, known only by its transpose. Running it forwards is refused. */
function reverseOnly(x: readonly Node[], y: Node, pull: (ct: Node) => (Node | Zero)[]): Linear {
  const refuse = (): never => {
    throw new TransformError(
      "customVjp: the function has a reverse rule only: forward mode (jvp, jacfwd, hessian, taylor) needs customJvp",
    );
  };
  const rule: Linear = {
    family: "linear",
    name: "custom_vjp_tangent",
    notation: { form: "special" },
    pointwise: false,
    parameters: [],
    infer: () => y,
    evaluate: refuse,
    transpose: (ct) => pull(ct),
    batch: (dx, _, node, size) => batchedReverse(x, pull, dx, node, size),
  };
  return rule;
}

/** Under vmap the tangent stays reverse-only: its transpose is the batch of the transpose. */
function batchedReverse(
  x: readonly Node[],
  pull: (ct: Node) => (Node | Zero)[],
  dx: readonly Node[],
  node: Node,
  size: number,
): Node {
  const batchedType = { shape: [size, ...node.shape], dtype: node.dtype };
  const outer = reverseOnly(x, input(batchedType), (ct) => {
    const row = input(node);
    const graphs = pull(row);
    const live = graphs.filter((g): g is Node => g !== null);
    const rows = batchGraph(live, new Map([[row, ct]]), size);
    let next = 0;
    return graphs.map((g) => g && rows[next++].node);
  });
  return apply(outer, dx);
}
