import type { Node } from "../ir/node.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { tensor } from "../primitives/define.ts";
import { vmap } from "../transforms/vmap.ts";
import { MathError } from "./errors.ts";
import type { Expression } from "./expression.ts";

/**
 * Values of an expression at many numbers of one variable, in one pass over the graph; the other variables have one
 * value each. NaN or ±Infinity where there is no value.
 */
export function sample(
  e: Expression,
  variable: string,
  at: ArrayLike<number>,
  others: ReadonlyMap<string, number> = new Map(),
): Float64Array {
  if (e.node.rank > 0) throw new MathError(`a number is sampled, this has the shape [${e.shape}]`);
  for (const name of e.variables.keys())
    if (name !== variable && !others.has(name)) throw new MathError(`${name} has no value`);
  const over = (x: Node): Node => {
    const value = e.apply(
      new Map([...e.variables.keys()].map((v) => [v, v === variable ? x : (others.get(v) as number)])),
    );
    // A constant has one value: x·0 gives it the length of x.
    return e.variables.has(variable) ? value : add(value, mul(x, 0));
  };
  return Float64Array.from(vmap(over)(tensor(Float64Array.from(at))).buffer ?? []);
}
