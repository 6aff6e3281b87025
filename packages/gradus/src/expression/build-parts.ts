import { rewrite } from "../ir/graph.ts";
import { exactConstant, input, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { showShape } from "../ir/shape.ts";
import * as arithmetic from "../primitives/arithmetic.ts";
import { stack } from "../primitives/slicing.ts";
import { where } from "../primitives/structure.ts";
import { pushforward } from "../transforms/derivatives.ts";
import { MathError } from "./errors.ts";

/** A vector, or a matrix of rows. */
export function list(items: readonly Node[]): Node {
  const shape = items[0].shape;
  const odd = items.find((x) => x.rank !== shape.length || x.shape.some((d, i) => d !== shape[i]));
  if (odd)
    throw new MathError(
      `the rows of a matrix must have one length: found ${showShape(shape)} and ${showShape(odd.shape)}`,
    );
  return stack(items);
}

/** The first row whose condition holds. */
export function cases(rows: readonly { value: Node; condition?: Node }[]): Node {
  const last = rows[rows.length - 1];
  // Where no row holds, the function has no value: 0/0 says so.
  const none = () => arithmetic.div(exactConstant(Rational.ZERO), exactConstant(Rational.ZERO));
  let result = last.condition ? where(last.condition, last.value, none()) : last.value;
  for (let i = rows.length - 2; i >= 0; i--) {
    const { value, condition } = rows[i];
    result = condition ? where(condition, value, result) : value;
  }
  return result;
}

/** f⁽ᵏ⁾ at a node. */
export function derivativeAt(f: (x: Node) => Node, at: Node, order: number): Node {
  const x = input(at);
  let y = f(x);
  for (let i = 0; i < order; i++) y = pushforward([y], new Map([[x, exactConstant(Rational.ONE)]]))[0];
  return rewrite([y], new Map([[x, at]]))[0];
}
