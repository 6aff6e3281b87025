import { MathError } from "../expression/errors.ts";
import { Expression } from "../expression/expression.ts";
import { tidy, tidyDerivatives } from "../expression/tidy.ts";
import { rewrite, topologicalOrder } from "../ir/graph.ts";
import { exactConstant, exactValue, isConstant, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { unknownFunction } from "../primitives/unknown.ts";
import { tangents } from "../transforms/tangent.ts";
import { checkOrder } from "../transforms/taylor.ts";
import { type Derivation, derive, type Step } from "./derivation.ts";
import { type Line, pushLine } from "./lines.ts";
import { derivativeMark, type Written, written, writtenName } from "./written.ts";

const ONE = exactConstant(Rational.ONE);
const ZERO = exactConstant(Rational.ZERO);

/**
 * Implicit differentiation: dy/dx of the curve F(x, y) = 0 where y is a function of x, by differentiating both sides:
 * ∂F/∂x + ∂F/∂y · y′ = 0. Higher orders differentiate y′(x, y) along the curve. It holds where ∂F/∂y is not zero.
 */
export function implicitDerivation(e: Expression, by: string, dependent: string, order = 1): Derivation[] {
  checkOrder(order);
  if (!e.equation) throw new MathError("implicit differentiation needs an equation, such as x^2 + y^2 = 1");
  const [left, right] = sidesOf(e);
  const whole = new Expression(sub(left, right));
  const [x, y] = [whole.variable(by), whole.variable(dependent)];
  if (x === y) throw new MathError(`${by} cannot be a function of itself: name two variables`);
  const prime = derivativeMark(y, writtenName(dependent), writtenName(by), false, true);
  const first = solved(left, right, x, y, prime);
  const found = [first];
  const simplified = onCurve(left, right);
  for (let k = 2; k <= order; k++)
    found.push(along(found[found.length - 1], first.node, { x, y, by, dependent, k, simplified }));
  return found;
}

function sidesOf(e: Expression): readonly [Node, Node] {
  const { left, right } = e.equation as { left: Node; right: Node };
  return [left, right];
}

const slope = (of: Node, by: Node): Node => tangents([of], new Map([[by, ONE]]), "textbook")[0] ?? ZERO;

function solved(left: Node, right: Node, x: Node, y: Node, prime: Node): Derivation {
  const sides = [left, right].map((side) => {
    const [along, across] = tidyDerivatives([slope(side, x), slope(side, y)], side);
    return { along, across, whole: joined(along, across, prime) };
  });
  const top = sub(sides[0].along, sides[1].along);
  const bottom = sub(sides[0].across, sides[1].across);
  const [above, below] = tidyDerivatives([top, bottom], sub(left, right));
  if (isZero(below))
    throw new MathError(
      `the equation does not tie ${written(y).pretty} to ${written(x).pretty}: nothing to solve for`,
    );
  const { ratio, result } = quotientOf(above, below, sub(left, right), onCurve(left, right));
  const equation = (a: Node, b: Node): Written => equals(written(a), written(b));
  const lines: Line[] = [];
  const line = (shown: Written, node: Node, rule?: string): void =>
    pushLine(lines, { written: shown, node, marks: new Map(), reasons: rule ? [{ rule, parts: [] }] : [] });
  line(written(prime), prime);
  line(written(ratio), ratio, "solved for the derivative");
  line(written(result), result);
  return {
    of: equation(left, right),
    by: written(x).pretty,
    lines,
    result: written(result),
    node: result,
    step: {
      rule: "implicit differentiation",
      general: {
        pretty: "F(x, y) = 0: ∂F/∂x + ∂F/∂y y′ = 0",
        latex: "F(x, y) = 0:\\ \\frac{\\partial F}{\\partial x} + \\frac{\\partial F}{\\partial y}\\,y' = 0",
      },
      of: equation(left, right),
      by: written(x).pretty,
      partial: false,
      parts: [{ role: "both sides", name: "d/dx", value: equation(sides[0].whole, sides[1].whole) }],
      applied: written(ratio),
      result: written(result),
      steps: sideSteps(left, right, x, y),
      left: written(prime),
      nodes: { of: prime, applied: ratio, result },
    },
  };
}

/** −Fx/Fy, with the sign where it reads best. */
function quotientOf(
  above: Node,
  below: Node,
  whole: Node,
  simplified: (n: Node) => Node,
): { ratio: Node; result: Node } {
  const [minus] = tidyDerivatives([neg(below)], whole);
  const all = [neg(div(above, below)), div(above, minus)].map((ratio) => {
    const [result] = tidyDerivatives([ratio], ratio);
    return { ratio, result: simplified(result) };
  });
  const [first, second] = all.map((a) => written(a.result).pretty.length);
  return second < first ? all[1] : all[0];
}

/** What the equation says may be put in: x⁴ + y⁴ is 16. */
function onCurve(left: Node, right: Node): (node: Node) => Node {
  return (node) => {
    if (!isConstant(right)) return node;
    const places = new Map<Node, Node>();
    for (const n of topologicalOrder([node]))
      if (n.primitive.name === "add" && isZero(tidy(sub(n, left)))) places.set(n, right);
    if (places.size === 0) return node;
    return tidy(rewrite([node], places)[0]);
  };
}

/** The rules, side by side: y is a function of x that is not known. */
function sideSteps(left: Node, right: Node, x: Node, y: Node): Step[] {
  const asFunction = new Map([[y, unknownFunction(written(y).pretty, [x])]]);
  return rewrite([left, right], asFunction)
    .filter((side) => topologicalOrder([side]).includes(x))
    .map((side) => derive(side, x).step);
}

interface Along {
  readonly x: Node;
  readonly y: Node;
  readonly by: string;
  readonly dependent: string;
  readonly k: number;
  /** With the equation put in. */
  readonly simplified: (node: Node) => Node;
}

/** d/dx of y⁽ᵏ⁻¹⁾(x, y) along the curve: the partial by x, and by y times y′. */
function along(before: Derivation, prime: Node, { x, y, by, dependent, k, simplified }: Along): Derivation {
  const of = before.node;
  const raw = add(slope(of, x), mul(slope(of, y), prime));
  const [tidied] = tidyDerivatives([raw], of);
  const result = simplified(tidied);
  const [byX, byY] = tidyDerivatives([slope(of, x), slope(of, y)], of);
  const applied = joined(byX, byY, prime);
  const name = writtenName(dependent);
  const order = [...String(k)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]).join("");
  const left: Written = {
    text: `diff(${name.text}, ${by}, ${k})`,
    pretty: `d${order}${name.pretty}/d${by}${order}`,
    latex: `\\frac{d^{${k}}${name.latex}}{d${by}^{${k}}}`,
  };
  const marks = new Map<Node, Node>();
  const lines: Line[] = [{ written: left, reasons: [], node: result, marks }];
  const reasons = [{ rule: `derivative of ${before.result.pretty} along the curve`, parts: [] }];
  pushLine(lines, { written: written(applied), reasons, node: applied, marks });
  pushLine(lines, { written: written(tidied), reasons: [], node: tidied, marks });
  const put = [{ rule: "the equation put in", parts: [] }];
  if (result !== tidied) pushLine(lines, { written: written(result), reasons: put, node: result, marks });
  return {
    of: before.result,
    by,
    lines,
    result: written(result),
    node: result,
    step: {
      ...before.step,
      rule: "differentiation along the curve",
      general: {
        pretty: "d/dx F(x, y) = ∂F/∂x + ∂F/∂y y′",
        latex:
          "\\frac{d}{dx} F(x, y) = \\frac{\\partial F}{\\partial x} + \\frac{\\partial F}{\\partial y}\\,y'",
      },
      of: before.result,
      applied: written(applied),
      result: written(result),
      parts: [],
      steps: [],
      left,
      nodes: { of, applied, result },
    },
  };
}

/** ∂F/∂x + ∂F/∂y · y′, without what is zero. */
function joined(along: Node, across: Node, prime: Node): Node {
  if (isZero(across)) return along;
  const negative = across.primitive.name === "neg" || (exactValue(across)?.sign ?? 1) < 0;
  const [size] = negative ? tidyDerivatives([neg(across)], across) : [across];
  const product = isOne(size) ? prime : mul(size, prime);
  if (isZero(along)) return negative ? neg(product) : product;
  return negative ? sub(along, product) : add(along, product);
}

const isZero = (n: Node): boolean => exactValue(n)?.isZero === true;
const isOne = (n: Node): boolean => exactValue(n)?.isOne === true;
const equals = (a: Written, b: Written): Written => ({
  text: `${a.text} = ${b.text}`,
  latex: `${a.latex} = ${b.latex}`,
  pretty: `${a.pretty} = ${b.pretty}`,
});
