import { derivativeNode } from "../expression/expression.ts";
import { transparent } from "../expression/print.ts";
import { prettyName } from "../expression/print-text.ts";
import { rewrite } from "../ir/graph.ts";
import { exactConstant, exactValue, input, type Node } from "../ir/node.ts";
import type { Primitive } from "../ir/primitive.ts";
import { Rational } from "../ir/rational.ts";
import { add, div, isNothing, mul, neg, pow, sub } from "../primitives/arithmetic.ts";
import { apply } from "../primitives/define.ts";
import { log } from "../primitives/exponential.ts";
import { where } from "../primitives/structure.ts";
import { tangents } from "../transforms/tangent.ts";
import { functionRule, RULES, type Rule } from "./rules.ts";
import { type Written, written } from "./written.ts";

/** What was put in the place of a letter of the rule: outer f(u) = sin(u), inner u = x². */
export interface Part {
  readonly role: string;
  readonly name: string;
  readonly value: Written;
}

/** How a node is read when it is differentiated: as an instance of one rule. */
export interface View {
  readonly node: Node;
  readonly rule: Rule;
  readonly parts: readonly Part[];
  /** The nodes whose derivatives the rule needs; a person's grouping may need nodes that the graph has not. */
  readonly children: readonly Node[];
  /** The derivative by the rule, from those of the children. */
  readonly combine: (derivativeOf: (child: Node) => Node) => Node;
  /** For the chain rule: the outer function of its placeholder, and its derivative. */
  readonly outer?: { readonly of: Node; readonly by: Node; readonly result: Node; readonly rule: Rule };
}

export interface Reading {
  readonly x: Node;
  /** Whether a node depends on x. */
  readonly varies: (node: Node) => boolean;
  /** A letter that the expression does not use, for the inner function. */
  readonly letter: string;
}

const ONE = exactConstant(Rational.ONE);
const TERMS = ["u", "v", "w", "s", "t"];
const constantPart = (c: Node, u: Node): Part[] => [
  ...put("constant", ["c"], [c]),
  ...put("function", ["u"], [u]),
];
const SUMS = new Set(["add", "sub", "neg"]);

/** Reads a node that depends on x. */
export function viewOf(given: Node, reading: Reading): View {
  const node = seen(given);
  const { x, varies } = reading;
  const { name, family } = node.primitive;
  if (node === x) return plain(node, RULES.identity, [], () => ONE);
  if (SUMS.has(name) && name !== "neg") return sumView(node, reading);
  if (name === "mul" || name === "neg") return productView(node, reading);
  if (name === "div") return quotientView(node, reading);
  if (name === "pow") return powerView(node, reading);
  if (name === "where") return piecewiseView(node, reading);
  if (family === "flat") return plain(node, RULES.flat, [], () => exactConstant(Rational.ZERO));
  const active = [...new Set(node.inputs.filter(varies))];
  const pointwise = (family === "elementwise" || family === "formula") && node.rank === 0;
  if (pointwise && name !== "unknown" && node.inputs.filter(varies).length === 1)
    return functionView(node, reading);
  if (pointwise && node.inputs.length === 1) return functionView(node, reading);
  const rule =
    family === "linear"
      ? RULES.linear
      : family === "multilinear"
        ? RULES.bilinear
        : family === "implicit"
          ? functionRule(prettyName(node.primitive) ?? name, "", "")
          : RULES.partials;
  return plain(node, rule, active, byEngine(node, active));
}

/** x and constants: their derivatives are not worth a line. */
export const isTrivial = (view: View): boolean => view.children.length === 0;

export function seen(node: Node): Node {
  let at = node;
  while (transparent(at)) at = at.inputs[0];
  return at;
}

type Combine = View["combine"];

function plain(
  node: Node,
  rule: Rule,
  children: readonly Node[],
  combine: Combine,
  parts: readonly Part[] = [],
): View {
  return { node, rule, parts, children: children.map(seen), combine };
}

/** What stands for the letters of a rule. */
const put = (role: string, letters: readonly string[], nodes: readonly Node[]): Part[] =>
  nodes.map((n, i) => ({ role, name: letters[i] ?? `u_${i + 1}`, value: written(n) }));

/** The rule as the engine applies it. */
function byEngine(node: Node, active: readonly Node[]): Combine {
  return (d) =>
    tangents([node], new Map(active.map((c) => [c, d(seen(c))])), "textbook")[0] ??
    exactConstant(Rational.ZERO);
}

const isOne = (n: Node): boolean => exactValue(n)?.isOne === true;
const isZero = (n: Node): boolean => exactValue(n)?.isZero === true;
/** A product in which factors of 1 are not written, and numbers stand in front. */
function times(a: Node, b: Node): Node {
  if (isOne(a) || isOne(b)) return isOne(a) ? b : a;
  if (exactValue(b)?.neg().isOne) return neg(a);
  return exactValue(b) && !exactValue(a) ? mul(b, a) : mul(a, b);
}

function sumView(node: Node, { varies }: Reading): View {
  const terms: { node: Node; negative: boolean }[] = [];
  const stack = [{ node, negative: false }];
  while (stack.length > 0) {
    const top = stack.pop() as { node: Node; negative: boolean };
    const at = seen(top.node);
    const [a, b] = at.inputs;
    if (!SUMS.has(at.primitive.name)) {
      if (varies(at)) terms.push({ node: at, negative: top.negative });
    } else if (at.primitive.name === "neg") stack.push({ node: a, negative: !top.negative });
    else
      stack.push(
        { node: b, negative: at.primitive.name === "sub" ? !top.negative : top.negative },
        { node: a, negative: top.negative },
      );
  }
  const combine: Combine = (d) => {
    let sum: Node | undefined;
    for (const t of terms) {
      const slope = d(t.node);
      if (isZero(slope)) continue;
      if (!sum) sum = t.negative ? neg(slope) : slope;
      else sum = t.negative ? sub(sum, slope) : add(sum, slope);
    }
    return sum ?? exactConstant(Rational.ZERO);
  };
  return plain(
    node,
    RULES.sum,
    terms.map((t) => t.node),
    combine,
    put(
      "term",
      TERMS,
      terms.map((t) => t.node),
    ),
  );
}

function productView(node: Node, { varies }: Reading): View {
  let negative = false;
  const factors: Node[] = [];
  const stack = [node];
  while (stack.length > 0) {
    const at = seen(stack.pop() as Node);
    if (at.primitive.name === "mul") stack.push(at.inputs[1], at.inputs[0]);
    else if (at.primitive.name === "neg") {
      negative = !negative;
      stack.push(at.inputs[0]);
    } else factors.push(at);
  }
  const fixed = factors.filter((f) => !varies(f));
  const active = factors.filter(varies);
  if (negative || fixed.length > 0) {
    const inner = active.reduce((a, b) => mul(a, b));
    const whole = fixed.reduce<Node>((a, b) => times(a, b), ONE);
    return plain(
      node,
      RULES.multiple,
      [inner],
      (d) => {
        const product = times(whole, d(seen(inner)));
        return negative ? neg(product) : product;
      },
      constantPart(negative ? neg(whole) : whole, inner),
    );
  }
  return plain(
    node,
    RULES.product,
    active,
    (d) => {
      const terms = active.map((u, i) =>
        [...active.slice(0, i), d(u), ...active.slice(i + 1)].reduce((a, b) => times(a, b), ONE),
      );
      return terms.filter((t) => !isZero(t)).reduce((a, b) => add(a, b));
    },
    put("factor", TERMS, active),
  );
}

function quotientView(node: Node, reading: Reading): View {
  const [u, v] = node.inputs.map(seen);
  const { varies } = reading;
  if (!varies(v)) return plain(node, RULES.multiple, [u], (d) => div(d(u), v), constantPart(div(ONE, v), u));
  if (!varies(u)) {
    return plain(node, RULES.reciprocal, [v], (d) => neg(div(times(u, d(v)), squared(v))), [
      ...put("numerator", ["c"], [u]),
      ...put("denominator", ["v"], [v]),
    ]);
  }
  return plain(node, RULES.quotient, [u, v], (d) => div(sub(times(d(u), v), times(u, d(v))), squared(v)), [
    ...put("numerator", ["u"], [u]),
    ...put("denominator", ["v"], [v]),
  ]);
}

const TWO = exactConstant(Rational.of(2));

/** v², and (1 + x²)⁴ where v is (1 + x²)². */
function squared(v: Node): Node {
  const [base, exponent] = v.inputs;
  const n = v.primitive.name === "pow" ? exactValue(exponent) : undefined;
  return n?.isInteger ? pow(base, exactConstant(n.mul(Rational.of(2)))) : pow(v, TWO);
}

function powerView(node: Node, reading: Reading): View {
  const [u, p] = node.inputs.map(seen);
  const { varies } = reading;
  if (varies(u) && varies(p)) {
    const exponent = mul(p, log(u));
    return plain(node, RULES.generalPower, [exponent], (d) => times(node, d(exponent)), [
      ...put("base", ["u"], [u]),
      ...put("exponent", ["v"], [p]),
    ]);
  }
  return outerView(node, varies(u) ? 0 : 1, varies(u) ? RULES.power : RULES.exponential, reading);
}

function piecewiseView(node: Node, { varies }: Reading): View {
  const [condition, a, b] = node.inputs;
  const still = (n: Node) => (isNothing(n) ? n : exactConstant(Rational.ZERO));
  const branch = (n: Node, d: (child: Node) => Node) => (varies(n) ? d(seen(n)) : still(n));
  return plain(node, RULES.piecewise, [a, b].filter(varies), (d) =>
    where(condition, branch(a, d), branch(b, d)),
  );
}

function functionView(node: Node, reading: Reading): View {
  return outerView(node, node.inputs.findIndex(reading.varies), undefined, reading);
}

/** A function of one varying operand: its own rule where that is x, else the chain rule around it. */
function outerView(node: Node, place: number, own: Rule | undefined, reading: Reading): View {
  const inner = seen(node.inputs[place]);
  const outer = outerFunction(node, place, own, reading.letter);
  const { of, by: u, result: slope, rule } = outer;
  const combine: Combine = (d) => times(rewrite([slope], new Map([[u, inner]]))[0], d(inner));
  if (inner === reading.x) return { node, rule, parts: [], children: [inner], combine };
  return {
    node,
    rule: RULES.chain,
    parts: [
      { role: "outer", name: `f(${reading.letter})`, value: written(of) },
      { role: "inner", name: reading.letter, value: written(inner) },
    ],
    children: [inner],
    combine,
    outer,
  };
}

type Outer = NonNullable<View["outer"]>;

// The rule of sin is the same in every derivation.
const outerByPrimitive = new WeakMap<Primitive, Map<string, Outer>>();

/** The function around one operand, of a letter; and its derivative. */
function outerFunction(node: Node, place: number, own: Rule | undefined, letter: string): Outer {
  const shared = node.inputs.length === 1 && Object.keys(node.params as object).length === 0;
  const known = shared ? outerByPrimitive.get(node.primitive)?.get(letter) : undefined;
  if (known) return known;
  const u = input({ shape: [], dtype: "f64" }, { name: letter });
  const of = apply(
    node.primitive,
    node.inputs.map((y, i) => (i === place ? u : seen(y))),
    node.params,
  );
  const result = derivativeNode(of, u);
  const outer = { of, by: u, result, rule: own ?? ruleOfFunction(node, of, result, letter) };
  if (shared) {
    const letters = outerByPrimitive.get(node.primitive) ?? new Map<string, Outer>();
    outerByPrimitive.set(node.primitive, letters.set(letter, outer));
  }
  return outer;
}

/** Where the name of a primitive is no word. */
const NAMES: Readonly<Record<string, string>> = {
  log_base: "log",
  one_minus_square: "1 − u²",
  logistic_pdf: "σ′(u)",
};

function ruleOfFunction(node: Node, outer: Node, slope: Node, letter: string): Rule {
  const [of, result] = [written(outer), written(slope)];
  const own =
    node.primitive.name === "unknown" ? (node.params as { name: string }).name : prettyName(node.primitive);
  return functionRule(
    own ?? NAMES[node.primitive.name] ?? node.primitive.name,
    `d/d${letter} ${of.pretty} = ${result.pretty}`,
    `\\frac{d}{d${letter}} ${of.latex} = ${result.latex}`,
  );
}
