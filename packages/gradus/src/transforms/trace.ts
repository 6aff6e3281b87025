import { isFloat } from "../ir/dtype.ts";
import { input, type Node } from "../ir/node.ts";
import { ShapeError, sameShape, showShape } from "../ir/shape.ts";
import { type Flattened, flatten, leavesLike, likeGiven, type Structure, unflatten } from "../ir/tree.ts";
import { cast } from "../primitives/define.ts";
import { substitute } from "../primitives/evaluate.ts";
import { shareControl } from "./control/share.ts";

/** Any function of trees of tensors. */
export type AnyFunction = (...args: never[]) => unknown;

export interface Traced {
  /** One traced input for each leaf of the arguments. */
  readonly inputs: Node[];
  /** What the caller gave for each of them. */
  readonly given: Node[];
  readonly outputs: Node[];
  readonly structure: Structure;
  /** Structure of each argument, and where its leaves begin. */
  readonly arguments: readonly (Flattened & { readonly start: number })[];
}

/** Runs f once on traced inputs of the arguments' shapes. `known` keeps their values within reach of `.item()`. */
export function trace(f: AnyFunction, args: readonly unknown[], known = true): Traced {
  let start = 0;
  const flat = args.map((a, i) => {
    const part = { ...flatten(a, `argument ${i + 1}`), start };
    start += part.leaves.length;
    return part;
  });
  const given = flat.flatMap((a) => a.leaves);
  const inputs = given.map((g) => input(g, known ? { value: g } : {}, g.weak));
  return {
    ...run(
      f,
      flat.map((a) => unflatten(a.structure, inputs.slice(a.start, a.start + a.leaves.length), (n) => n)),
    ),
    inputs,
    given,
    arguments: flat,
  };
}

/** The leaves of a tree in the structure, the shapes and the dtypes of `like`. */
export function leavesAs(tree: unknown, structure: Structure, like: readonly Node[], where: string): Node[] {
  return leavesLike(tree, structure, where).map((x, i) => {
    if (sameShape(x.shape, like[i].shape)) return isFloat(like[i].dtype) ? cast(x, like[i].dtype) : x;
    throw new ShapeError(`${where}: expected ${typeText(like[i])}, got ${typeText(x)}`);
  });
}

export const typeText = (n: Node): string => `${n.dtype}${showShape(n.shape)}`;

/** Calls f with trees of nodes and takes its result apart. */
export function run(f: AnyFunction, args: readonly unknown[]): { outputs: Node[]; structure: Structure } {
  const { leaves, structure } = flatten(call(f, args), "result");
  return { outputs: leaves, structure };
}

/** What f returns: anything but a promise or nothing. */
export function call(f: AnyFunction, args: readonly unknown[]): unknown {
  const result = (f as (...args: readonly unknown[]) => unknown)(...args);
  if (result instanceof Promise)
    throw new TypeError("the function returned a Promise: only synchronous functions have derivatives");
  if (result === undefined)
    throw new TypeError("the function returned nothing: return a Tensor, or a tree of them");
  return result;
}

/** Puts what the caller gave in the place of traced inputs; evaluated at once where all is known. */
export function finish(nodes: readonly Node[], traced: Traced): Node[] {
  return substitute(shareControl(nodes), new Map(traced.inputs.map((n, i) => [n, traced.given[i]])));
}

/** A result tree: numbers where they are scalars that came from numbers in, tensors elsewhere. */
export function resultTree(structure: Structure, nodes: readonly Node[], asNumbers: boolean): unknown {
  return unflatten(structure, nodes, (n, kind) =>
    asNumbers && n.rank === 0 && isFloat(n.dtype) ? likeGiven(n, "number") : likeGiven(n, kind),
  );
}

/** Whether the caller works in plain numbers: no leaf is a Tensor. */
export function inNumbers(traced: Traced): boolean {
  const kinds = new Set<string>();
  const visit = (s: Structure): void => {
    if (s.kind === "leaf") kinds.add(s.leaf);
    else s.items.forEach(visit);
  };
  traced.arguments.forEach((a) => {
    visit(a.structure);
  });
  return !kinds.has("tensor") && !kinds.has("array");
}

/** The one scalar output that a gradient is taken of. */
export function scalarOutput(name: string, traced: Traced): Node {
  const [y] = traced.outputs;
  if (traced.outputs.length !== 1 || y.size !== 1 || y.rank !== 0) {
    const got =
      traced.outputs.length !== 1 ? `${traced.outputs.length} results` : `shape ${showShape(y.shape)}`;
    throw new TypeError(
      `${name}: the function must return one scalar, got ${got}: use sum or mean, or jacrev for a Jacobian`,
    );
  }
  if (!isFloat(y.dtype))
    throw new TypeError(`${name}: the function returned ${y.dtype}: only f64 and f32 have derivatives`);
  return y;
}

export function requireFloat(name: string, nodes: readonly Node[]): void {
  for (const n of nodes) {
    if (!isFloat(n.dtype)) {
      throw new TypeError(
        `${name}: cannot differentiate with respect to ${n.dtype} values: give f64 or f32, or name other arguments`,
      );
    }
  }
}
