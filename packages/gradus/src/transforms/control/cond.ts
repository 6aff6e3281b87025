import { input, literal, type Node } from "../../ir/node.ts";
import { ShapeError, sameShape, showShape } from "../../ir/shape.ts";
import { flatten, leavesLike, unflatten } from "../../ir/tree.ts";
import { notEqual } from "../../primitives/comparison.ts";
import { cast, promote, type TensorLike, tensor } from "../../primitives/define.ts";
import { type AnyFunction, call, run, typeText } from "../trace.ts";
import { closeBody } from "./bodies.ts";
import { branchResults } from "./branch-rule.ts";
import type { Tensors, Traceable } from "./types.ts";

/** A scalar condition as truth. */
export function truthOf(name: string, condition: unknown): Node {
  const t = tensor(condition as TensorLike);
  if (t.rank > 0) {
    throw new ShapeError(
      `${name}: the condition must be one truth value, got shape ${showShape(t.shape)}: use where to choose elementwise, or sum or reduceMax to make one of many`,
    );
  }
  return t.dtype === "bool" ? t : notEqual(t, 0);
}

/**
 * `then(...args)` where the condition holds, else `otherwise(...args)`: only one of them runs. Both return the same
 * structure, shapes and dtypes. Under vmap with a condition that differs from row to row both run, and each row takes
 * its own, as by `where`: the branch not taken gives no gradient, not even NaN. As `jax.lax.cond`.
 */
export function cond<A extends unknown[], R, R2 extends Traceable<R>>(
  condition: TensorLike,
  then: (...args: Tensors<A>) => R,
  otherwise: (...args: Tensors<A>) => R2,
  ...args: A
): Tensors<R> {
  const mask = truthOf("cond", condition);
  const given = flatten(args, "cond: argument");
  // What a branch computes must not run where it is not taken: only what was there before is read from outside.
  const since = literal(0).id;
  const own = given.leaves.map((x) => input(x, {}, x.weak));
  const trees = unflatten(given.structure, own, (n) => n) as unknown[];
  const yes = run(then as AnyFunction, trees);
  const no = leavesLike(
    call(otherwise as AnyFunction, trees),
    yes.structure,
    "cond: both branches must return trees of the same keys and lengths: result of the second",
  );
  const types = yes.outputs.map((a, i) => commonType(a, no[i]));
  const outputs = [yes.outputs, no].flatMap((b) => b.map((o, i) => cast(o, types[i])));
  const { body, captured } = closeBody("cond", own, outputs, since);
  const count = types.length;
  const bodies = [0, 1].map((k) => ({
    inputs: body.inputs,
    outputs: body.outputs.slice(k * count, (k + 1) * count),
  }));
  const results = branchResults("cond", [mask, ...captured, ...given.leaves], bodies);
  return unflatten(yes.structure, results, (n) => n) as Tensors<R>;
}

function commonType(a: Node, b: Node) {
  if (sameShape(a.shape, b.shape) && (a.dtype === b.dtype || a.weak || b.weak)) return promote([a, b]);
  throw new ShapeError(
    `cond: both branches must return the same types: the first gives ${typeText(a)}, the second ${typeText(b)}`,
  );
}
