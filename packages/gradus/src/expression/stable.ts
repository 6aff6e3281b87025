import { rewrite, withInputs } from "../ir/graph.ts";
import { type Node, scalarValue } from "../ir/node.ts";
import { logSigmoid, sigmoid, softplus } from "../primitives/activation.ts";
import { div, mul, neg, pow } from "../primitives/arithmetic.ts";
import { expm1, log1p } from "../primitives/exponential.ts";
import { csch, sech, sinh, tanh } from "../primitives/hyperbolic.ts";
import { erf, erfc } from "../primitives/special.ts";
import { cos, cot, sin, tan } from "../primitives/trigonometric.ts";

type Form = (u: Node) => Node;

const halfSquare =
  (f: Form): Form =>
  (u) =>
    mul(2, pow(f(div(u, 2)), 2));

/** 1 − f(u) without cancellation, by the name of f. */
const ONE_MINUS: Readonly<Record<string, Form>> = {
  sigmoid: (u) => sigmoid(neg(u)),
  tanh: (u) => mul(2, sigmoid(mul(-2, u))),
  erf: erfc,
  erfc: erf,
  exp: (u) => neg(expm1(u)),
  cos: halfSquare(sin),
  cosh: (u) => neg(halfSquare(sinh)(u)),
};

/** 1 − f(u)². */
const ONE_MINUS_SQUARE: Readonly<Record<string, Form>> = {
  tanh: (u) => pow(sech(u), 2),
  sech: (u) => pow(tanh(u), 2),
  sin: (u) => pow(cos(u), 2),
  cos: (u) => pow(sin(u), 2),
  sec: (u) => neg(pow(tan(u), 2)),
  csc: (u) => neg(pow(cot(u), 2)),
  coth: (u) => neg(pow(csch(u), 2)),
  cosh: (u) => neg(pow(sinh(u), 2)),
};

/** 1 + f(u). */
const ONE_PLUS: Readonly<Record<string, Form>> = {
  tanh: (u) => mul(2, sigmoid(mul(2, u))),
  erf: (u) => erfc(neg(u)),
  cos: halfSquare(cos),
};

/**
 * The same functions in the form that keeps its digits, for what evaluates: σ(x)(1 − σ(x)), as a textbook writes the
 * slope of σ, is 0 from x = 37 on; σ(x) σ(−x) is not.
 */
export function stableForms(outputs: readonly Node[]): Node[] {
  const known = new Map<Node, Node>();
  const now = (node: Node): Node => known.get(node) as Node;
  return rewrite(outputs, known, (node, inputs) => stableForm(node, now) ?? withInputs(node, inputs));
}

function stableForm(node: Node, now: Form): Node | undefined {
  if (node.primitive.name === "log") return logarithm(node.inputs[0], now);
  const sum = oneAnd(node);
  if (!sum) return undefined;
  const { sign, term, factor } = unscaled(sum);
  const found = factor === -1 ? oneMinus(term, now) : factor === 1 ? formIn(ONE_PLUS, term, now) : undefined;
  if (found) return sign === 1 ? found : neg(found);
  // 1 − 2σ(u) = −tanh(u/2)
  if (factor !== -2 || term.primitive.name !== "sigmoid") return undefined;
  return mul(-sign, tanh(div(now(term.inputs[0]), 2)));
}

function logarithm(x: Node, now: Form): Node | undefined {
  if (x.primitive.name === "sigmoid") return logSigmoid(now(x.inputs[0]));
  const sum = oneAnd(x);
  if (!sum) return undefined;
  const { sign, term, plus } = sum;
  if (sign === -1) return undefined;
  if (!plus && term.primitive.name === "sigmoid") return logSigmoid(neg(now(term.inputs[0])));
  if (plus && term.primitive.name === "exp") return softplus(now(term.inputs[0]));
  return log1p(plus ? now(term) : neg(now(term)));
}

function formIn(forms: Readonly<Record<string, Form>>, term: Node, now: Form): Node | undefined {
  const { name } = term.primitive;
  return Object.hasOwn(forms, name) ? forms[name](now(term.inputs[0])) : undefined;
}

function oneMinus(term: Node, now: Form): Node | undefined {
  const squared = term.primitive.name === "pow" && scalarValue(term.inputs[1]) === 2;
  return squared ? formIn(ONE_MINUS_SQUARE, term.inputs[0], now) : formIn(ONE_MINUS, term, now);
}

/** sign·1 plus or minus a term. */
interface OneAnd {
  readonly sign: 1 | -1;
  readonly term: Node;
  readonly plus: boolean;
}

function oneAnd(node: Node): OneAnd | undefined {
  const { name } = node.primitive;
  if (name !== "add" && name !== "sub") return undefined;
  const [a, b] = node.inputs;
  const [left, right] = [oneOf(a), oneOf(b)];
  if (left) return { sign: left, term: b, plus: name === "add" };
  if (right) return { sign: name === "add" ? right : (-right as 1 | -1), term: a, plus: true };
  return undefined;
}

function oneOf(x: Node): 1 | -1 | undefined {
  const value = x.rank === 0 ? scalarValue(x) : undefined;
  return value === 1 || value === -1 ? value : undefined;
}

/** sign·(1 + factor·term), with no sign and no number left in the term. */
function unscaled({ sign, term, plus }: OneAnd): { sign: 1 | -1; term: Node; factor: number } {
  let factor: number = plus ? sign : -sign;
  let inner = term;
  for (;;) {
    const { name } = inner.primitive;
    const scale = name === "mul" && inner.inputs[0].rank === 0 ? scalarValue(inner.inputs[0]) : undefined;
    if (name === "neg") [factor, inner] = [-factor, inner.inputs[0]];
    else if (scale !== undefined) [factor, inner] = [factor * scale, inner.inputs[1]];
    else return { sign, term: inner, factor };
  }
}
