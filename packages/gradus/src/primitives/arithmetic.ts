import { exactConstant, exactValue, literal, type Node, scalarValue } from "../ir/node.ts";
import type { Formula, Interval, Linear, Multilinear } from "../ir/primitive.ts";
import { Rational } from "../ir/rational.ts";
import { equal, greater, greaterEqual, less, logicalAnd } from "./comparison.ts";
import {
  apply,
  type Binary,
  binary,
  formulaRule,
  linear,
  multilinear,
  operation,
  pointwise,
  tensor,
  type Unary,
  unary,
} from "./define.ts";
import { log } from "./exponential.ts";
import * as kernel from "./kernels/index.ts";
import { sign } from "./rounding.ts";
import { divisionSeries, hypotSeries, powerSeries, squareRootSeries } from "./series-rules.ts";
import { onesLike, where } from "./structure.ts";

const same = (inputs: readonly Node[]) => inputs[0].dtype;

const negRule: Linear = linear({
  ...pointwise("neg", () => (x) => -x, same),
  notation: { form: "prefix", text: "-", latex: "-", precedence: 5 },
  parameters: [],
  transpose: (ct) => [neg(ct)],
});
export const neg = operation<Unary, typeof negRule>(negRule, (x) => apply(negRule, [tensor(x)]));

const addRule: Linear = linear({
  ...pointwise("add", () => (x, y) => x + y, same),
  notation: { form: "infix", text: "+", latex: "+", precedence: 3, rule: "sum rule" },
  parameters: [],
  transpose: (ct) => [ct, ct],
});
export const add = operation<Binary, typeof addRule>(addRule, (x, y) =>
  apply(addRule, [tensor(x), tensor(y)]),
);

const subRule: Linear = linear({
  ...pointwise("sub", () => (x, y) => x - y, same),
  notation: { form: "infix", text: "-", latex: "-", precedence: 3, rule: "sum rule" },
  parameters: [],
  transpose: (ct) => [ct, neg(ct)],
});
export const sub = operation<Binary, typeof subRule>(subRule, (x, y) =>
  apply(subRule, [tensor(x), tensor(y)]),
);

const mulRule: Multilinear = multilinear({
  ...pointwise("mul", () => (x, y) => x * y, same),
  notation: { form: "infix", text: "*", latex: "\\,", precedence: 4, rule: "product rule" },
  transpose: (ct, i, node) => mul(ct, node.inputs[1 - i]),
});
export const mul = operation<Binary, typeof mulRule>(mulRule, (x, y) =>
  apply(mulRule, [tensor(x), tensor(y)]),
);

const offZero = (x: Interval): boolean => x.lo > 0 || x.hi < 0;

export const div = binary({
  name: "div",
  kernel: (x, y) => x / y,
  partials: [([, y]) => div(1, y), ([, y], q) => neg(div(q, y))],
  textbook: [([, y]) => div(1, y), ([x, y]) => neg(div(x, pow(y, 2)))],
  series: divisionSeries,
  analyticOn: ([, y]) => offZero(y),
  notation: { form: "infix", text: "/", latex: "\\frac", precedence: 4, rule: "quotient rule" },
});

/** 0/0: what the cases of a function are where none of them holds. */
export const nothing = (): Node => div(exactConstant(Rational.ZERO), exactConstant(Rational.ZERO));
export const isNothing = ({ primitive, inputs }: Node): boolean =>
  primitive === div.primitive && inputs.every((x) => exactValue(x)?.isZero === true);

const SAME_NUMBER = new Set(["broadcast", "cast", "reshape"]);

/** The scalar that a constant repeats, seen through broadcasts and casts. */
export function constantOf(x: Node): Node | undefined {
  let at = x;
  while (SAME_NUMBER.has(at.primitive.name)) at = at.inputs[0];
  return scalarValue(at) === undefined ? undefined : at;
}

function lowered(exponent: Node): Node {
  const exact = exactValue(exponent);
  return exact ? exactConstant(exact.sub(Rational.ONE)) : literal((scalarValue(exponent) as number) - 1);
}

/** p·x^(p−1); the exponent p − 1 is a constant where p is, and 0⁰ never arises from p = 0. */
function powerRule([x, p]: readonly Node[]): Node | null {
  const fixed = constantOf(p);
  if (!fixed) return mul(p, pow(x, where(equal(p, 0), 1, sub(p, 1))));
  const value = scalarValue(fixed);
  if (value === 0) return null;
  if (value === 1) return onesLike(x);
  return value === 2 ? mul(fixed, x) : mul(fixed, pow(x, lowered(fixed)));
}

export const pow = binary({
  name: "pow",
  kernel: kernel.pow,
  partials: [
    (x) => powerRule(x),
    ([x, p], y) => where(logicalAnd(equal(x, 0), greaterEqual(p, 0)), 0, mul(y, log(x))),
  ],
  textbook: [
    (x) => (constantOf(x[1]) ? powerRule(x) : mul(x[1], pow(x[0], sub(x[1], 1)))),
    ([x], y) => mul(y, log(x)),
  ],
  series: powerSeries,
  analyticOn: ([x, p]) => x.lo > 0 || (p.lo === p.hi && Number.isInteger(p.lo) && (p.lo >= 0 || offZero(x))),
  notation: { form: "power", text: "^", latex: "^", precedence: 6, rule: "power rule" },
});

export const sqrt = unary({
  name: "sqrt",
  kernel: Math.sqrt,
  partials: [(_, y) => div(1, mul(2, y))],
  series: squareRootSeries,
  analyticOn: ([x]) => x.lo > 0,
  latex: "\\sqrt",
});

export const cbrt = unary({
  name: "cbrt",
  kernel: kernel.cbrt,
  partials: [(_, y) => div(1, mul(3, mul(y, y)))],
  textbook: [(_, y) => div(1, mul(3, pow(y, 2)))],
  analyticOn: ([x]) => offZero(x),
  latex: "\\sqrt[3]",
});

/** |x|; the slope at 0 is sign(0) = 0. */
export const abs = unary({
  name: "abs",
  kernel: Math.abs,
  partials: [([x]) => sign(x)],
  analyticOn: ([x]) => offZero(x),
  notation: { form: "special", text: "abs", latex: "abs" },
});

const shareAt = (x: Node, y: Node, above: Node): Node => where(equal(x, y), 0.5, where(above, 1, 0));

const maximumRule = binary({
  name: "max",
  kernel: (x, y) => Math.max(x, y),
  partials: [([x, y]) => shareAt(x, y, greater(x, y)), ([x, y]) => shareAt(x, y, greater(y, x))],
  analyticOn: ([x, y]) => x.lo > y.hi || y.lo > x.hi,
  latex: "\\max",
});

/** The greater of two; a literal max(0, u) is relu(u). At a tie both share the slope. */
export const maximum: typeof maximumRule = operation(maximumRule.primitive, (x, y) => {
  const [a, b] = [tensor(x), tensor(y)];
  if (isLiteralZero(a)) return relu(b);
  if (isLiteralZero(b)) return relu(a);
  return maximumRule(a, b);
});

function isLiteralZero(x: Node): boolean {
  return x.weak && x.rank === 0 && scalarValue(x) === 0;
}

/** The smaller of two; at a tie both share the slope. */
export const minimum = binary({
  name: "min",
  kernel: (x, y) => Math.min(x, y),
  partials: [([x, y]) => shareAt(x, y, less(x, y)), ([x, y]) => shareAt(x, y, less(y, x))],
  analyticOn: ([x, y]) => x.lo > y.hi || y.lo > x.hi,
  latex: "\\min",
});

/** max(0, x); the slope is 1 for x > 0 and else 0. */
export const relu = unary({
  name: "relu",
  kernel: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  partials: [([x]) => where(greater(x, 0), 1, 0)],
  analyticOn: ([x]) => offZero(x),
  latex: "\\operatorname{ReLU}",
});

/**
 * x/h with h = hypot(x, y), 0 at the origin. Its own slope is y(y dx − x dy)/h³: by the quotient rule, 1 − x²/h² would
 * cancel where |x| is far greater than |y|.
 */
const hypotSlope: Formula = formulaRule({
  name: "hypot_slope",
  expand: ([x, , h]) => where(equal(h, 0), 0, div(x, h)),
  tangent: ([x, y, h], slope, [dx, dy]) => {
    const across = apply(hypotSlope, [y, x, h]);
    const [a, b] = [dx && mul(across, dx), dy && mul(slope, dy)];
    const turn = a && b ? sub(a, b) : (a ?? (b && neg(b)));
    return turn && where(equal(h, 0), 0, mul(across, div(turn, h)));
  },
});

/** √(x² + y²) without overflow; the slope at (0, 0) is 0. */
export const hypot = binary({
  name: "hypot",
  kernel: kernel.hypot,
  partials: [([x, y], h) => apply(hypotSlope, [x, y, h]), ([x, y], h) => apply(hypotSlope, [y, x, h])],
  textbook: [([x], h) => div(x, h), ([, y], h) => div(y, h)],
  series: hypotSeries,
  analyticOn: ([x, y]) => offZero(x) || offZero(y),
});

/** 1 − x² without cancellation near ±1, nor in its slope near 0. */
export const oneMinusSquare = unary({
  name: "one_minus_square",
  kernel: (x) => (1 - x) * (1 + x),
  partials: [([x]) => mul(-2, x)],
  notation: { form: "special", text: "one_minus_square" },
});
