import type { Node } from "../../ir/node.ts";
import { flatten, unflatten } from "../../ir/tree.ts";
import { resultsOf } from "../../primitives/results.ts";
import { closeBody } from "./bodies.ts";
import { carryLeaves, traceCarry } from "./carry.ts";
import { truthOf } from "./cond.ts";
import type { Tensors, Traceable } from "./types.ts";
import { type WhileParams, whileRule } from "./while-rule.ts";

export interface WhileOptions {
  /** A loop that takes more steps is an error; 10⁷ unless told. */
  readonly maxSteps?: number;
}

/**
 * Repeats `step` on the carry for as long as `condition` holds of it, from `init` on. The carry keeps its structure,
 * shapes and dtypes. Forward mode and Taylor mode go through it (the number of steps is taken as constant); reverse
 * mode is refused, since nothing bounds what it would have to keep. As `jax.lax.while_loop`.
 */
export function whileLoop<C, C2 extends Traceable<C>>(
  condition: (carry: Tensors<C>) => unknown,
  step: (carry: Tensors<C>) => C2,
  init: C,
  options: WhileOptions = {},
): Tensors<C> {
  const { maxSteps = 1e7 } = options;
  if (!(maxSteps >= 0)) throw new RangeError(`whileLoop: maxSteps must be 0 or more; got ${maxSteps}`);
  const stillGoing = `whileLoop: the condition still holds after ${maxSteps} steps: give a larger maxSteps if this is meant`;
  return repeat("whileLoop", condition, step, init, maxSteps, stillGoing);
}

/** The loop under the name of what is built with it. */
export function repeat<C, C2>(
  name: string,
  condition: (carry: Tensors<C>) => unknown,
  step: (carry: Tensors<C>) => C2,
  init: C,
  maxSteps: number,
  stillGoing: string,
): Tensors<C> {
  const { leaves, structure } = flatten(init, `${name}: init`);
  if (leaves.length === 0) throw new TypeError(`${name}: init has no tensors: there is nothing to repeat on`);
  const tree = (nodes: readonly Node[]) => unflatten(structure, nodes, (n) => n) as Tensors<C>;
  const { own, first, next, rest } = traceCarry(name, leaves, (carry) => ({
    next: carryLeaves(name, step(tree(carry)), structure),
    rest: truthOf(name, condition(tree(carry))),
  }));
  const { body, captured } = closeBody(name, own, [...next, rest]);
  const params: WhileParams = {
    condition: { inputs: body.inputs, outputs: body.outputs.slice(-1) },
    body: { inputs: body.inputs, outputs: body.outputs.slice(0, -1) },
    constants: captured.length,
    maxSteps,
    stillGoing,
    views: [],
  };
  return tree(resultsOf(whileRule, [...captured, ...first], params));
}
