import type { Node } from "../ir/node.ts";
import type { Flat, Interval } from "../ir/primitive.ts";
import {
  apply,
  type Binary,
  flat,
  operation,
  pointwise,
  type TensorLike,
  tensor,
  type Unary,
} from "./define.ts";

type Kernel2 = (x: number, y: number) => number;

/** True or false by comparing; `decided` says whether the answer is one and the same on a box. */
/* @__NO_SIDE_EFFECTS__ */
function comparison(
  name: string,
  symbol: string,
  latex: string,
  kernel: Kernel2,
  decided: (x: Interval, y: Interval) => boolean,
) {
  const rule: Flat = flat({
    ...pointwise(
      name,
      () => kernel,
      () => "bool",
    ),
    notation: { form: "infix", text: symbol, latex, precedence: 2 },
    constantOn: ([x, y]) => decided(x, y),
  });
  return operation<Binary, typeof rule>(rule, (x, y) => apply(rule, [tensor(x), tensor(y)]));
}

const apart = (x: Interval, y: Interval): boolean => x.hi < y.lo || x.lo > y.hi;

export const less = comparison("less", "<", "<", (x, y) => Number(x < y), apart);
export const lessEqual = comparison("less_equal", "<=", "\\le", (x, y) => Number(x <= y), apart);
export const greater = comparison("greater", ">", ">", (x, y) => Number(x > y), apart);
export const greaterEqual = comparison("greater_equal", ">=", "\\ge", (x, y) => Number(x >= y), apart);
export const equal = comparison("equal", "==", "=", (x, y) => Number(x === y), apart);
export const notEqual = comparison("not_equal", "!=", "\\ne", (x, y) => Number(x !== y), apart);

/* @__NO_SIDE_EFFECTS__ */
function logical(name: string, symbol: string, latex: string, kernel: Kernel2) {
  const rule: Flat = flat({
    ...pointwise(
      name,
      () => kernel,
      () => "bool",
    ),
    notation: { form: "infix", text: symbol, latex, precedence: 1 },
    constantOn: (x: readonly Interval[]) => x.every((i) => i.lo === i.hi),
  });
  return operation<Binary, typeof rule>(rule, (x, y) => apply(rule, [truth(x), truth(y)]));
}

const truth = (x: TensorLike): Node => {
  const t = tensor(x);
  return t.dtype === "bool" ? t : notEqual(t, 0);
};

export const logicalAnd = logical("and", "and", "\\land", (x, y) => x & y);
export const logicalOr = logical("or", "or", "\\lor", (x, y) => x | y);

const notRule: Flat = flat({
  ...pointwise(
    "not",
    () => (x) => 1 - x,
    () => "bool",
  ),
  notation: { form: "prefix", text: "not ", latex: "\\lnot ", precedence: 1 },
  constantOn: (x: readonly Interval[]) => x.every((i) => i.lo === i.hi),
});
export const logicalNot = operation<Unary, typeof notRule>(notRule, (x) => apply(notRule, [truth(x)]));
