import { rewrite } from "../ir/graph.ts";
import { exactConstant, input, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { showShape } from "../ir/shape.ts";
import * as arithmetic from "../primitives/arithmetic.ts";
import * as comparison from "../primitives/comparison.ts";
import { stack } from "../primitives/slicing.ts";
import { where } from "../primitives/structure.ts";
import { pushforward } from "../transforms/derivatives.ts";
import { MathError } from "./errors.ts";
import type { BinaryOperator } from "./syntax.ts";

export function compare(operator: BinaryOperator, a: Node, b: Node): Node {
  switch (operator) {
    case "<":
      return comparison.less(a, b);
    case "<=":
      return comparison.lessEqual(a, b);
    case ">":
      return comparison.greater(a, b);
    case ">=":
      return comparison.greaterEqual(a, b);
    case "==":
      return comparison.equal(a, b);
    case "!=":
      return comparison.notEqual(a, b);
    case "and":
      return comparison.logicalAnd(a, b);
    case "or":
      return comparison.logicalOr(a, b);
    default:
      throw new MathError(
        `${operator} cannot stand inside an expression: put the equation on a line of its own`,
      );
  }
}

export function list(items: readonly Node[]): Node {
  const shape = items[0].shape;
  const odd = items.find((x) => x.rank !== shape.length || x.shape.some((d, i) => d !== shape[i]));
  if (odd)
    throw new MathError(
      `the rows of a matrix must have one length: found ${showShape(shape)} and ${showShape(odd.shape)}`,
    );
  return stack(items);
}

export function cases(rows: readonly { value: Node; condition?: Node }[]): Node {
  const last = rows[rows.length - 1];
  let result = last.condition ? where(last.condition, last.value, arithmetic.nothing()) : last.value;
  for (let i = rows.length - 2; i >= 0; i--) {
    const { value, condition } = rows[i];
    result = condition ? where(condition, value, result) : value;
  }
  return result;
}

/** The derivative of a function of one number at a node. */
export function derivativeAt(f: (x: Node) => Node, at: Node, order: number): Node {
  const x = input(at);
  let y = f(x);
  for (let i = 0; i < order; i++) y = pushforward([y], new Map([[x, exactConstant(Rational.ONE)]]))[0];
  return rewrite([y], new Map([[x, at]]))[0];
}
