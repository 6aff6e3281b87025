import { input, literal } from "../../ir/node.ts";
import { flatten, unflatten } from "../../ir/tree.ts";
import { type AnyFunction, run } from "../trace.ts";
import { closeBody } from "./bodies.ts";
import { branchResults } from "./branch-rule.ts";
import type { Tensors } from "./types.ts";

/**
 * The same function; but reverse mode keeps only its arguments and computes its inner values again when it needs them
 * (rematerialization, gradient checkpointing): less memory for about one more evaluation. As `jax.checkpoint`.
 */
export function remat<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => Tensors<R> {
  return (...args) => {
    const given = flatten(args, "remat: argument");
    // What it computes stays inside, even where it does not depend on the arguments.
    const since = literal(0).id;
    const own = given.leaves.map((x) => input(x, {}, x.weak));
    const trees = unflatten(given.structure, own, (n) => n) as unknown[];
    const { outputs, structure } = run(f as unknown as AnyFunction, trees);
    const { body, captured } = closeBody("remat", own, outputs, since);
    const results = branchResults("remat", [...captured, ...given.leaves], [body]);
    return unflatten(structure, results, (n) => n) as Tensors<R>;
  };
}
