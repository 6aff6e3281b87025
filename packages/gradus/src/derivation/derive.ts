import { MathError } from "../expression/errors.ts";
import { Expression } from "../expression/expression.ts";
import { checkOrder } from "../transforms/taylor.ts";
import { deriveLines } from "./chain-of-lines.ts";
import { type Derivation, derive } from "./derivation.ts";

/**
 * The derivation of a derivative by a number, of any order: one derivation for each order. Named lines are derived
 * through their names, by the chain rule.
 */
export function derivation(e: Expression, name: string, order = 1): Derivation[] {
  checkOrder(order);
  const x = e.variable(name);
  if (x.rank > 0 || e.node.rank > 0)
    throw new MathError(
      "a derivation line by line is of a number by a number; for tensors see gradientDerivation",
    );
  const partial = e.variables.size > 1;
  const found: Derivation[] = [];
  let current = e;
  for (let k = 1; k <= order; k++) {
    const first = k === 1 && current.bindings.size > 1;
    const named = k === 1 ? e.resultName : undefined;
    const d = first ? deriveLines(current, name) : derive(current.node, x, { partial, name: named });
    found.push(d);
    current = new Expression(d.node);
    if (!current.variables.has(name) && k < order) break;
  }
  return found;
}
