import { topologicalOrder, withInputs } from "../ir/graph.ts";
import { exactConstant, exactValue, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, div, mul, neg, pow, sub } from "../primitives/arithmetic.ts";
import { exp, log } from "../primitives/exponential.ts";
import { cosh, sinh } from "../primitives/hyperbolic.ts";
import { cos, sin } from "../primitives/trigonometric.ts";

interface Fraction {
  readonly above: Node;
  /** 1 where there is none. */
  readonly below?: Node;
}

/** More is no formula that a person writes, and multiplying out would swell. */
const MOST_NODES = 200;
const HIGHEST_POWER = 16;

/** Functions with poles as quotients of such without. */
const QUOTIENTS: ReadonlyMap<string, (u: Node) => Fraction> = new Map([
  ["tan", (u) => ({ above: sin(u), below: cos(u) })],
  ["cot", (u) => ({ above: cos(u), below: sin(u) })],
  ["sec", (u) => ({ above: one(), below: cos(u) })],
  ["csc", (u) => ({ above: one(), below: sin(u) })],
  ["coth", (u) => ({ above: cosh(u), below: sinh(u) })],
  ["csch", (u) => ({ above: one(), below: sinh(u) })],
]);

/**
 * The same function over one bar, wherever both have a value: x cot x is (x cos x)/sin x, 1/sin x − 1/x is
 * (x − sin x)/(x sin x), (1 + x)^(1/x) is e^(ln(1 + x)/x). Poles that cancel then meet in one division, whose series
 * takes equal zeros above and below against each other. undefined where the graph is too large for that.
 */
export function overOneBar(root: Node): Node | undefined {
  const order = topologicalOrder([root]);
  if (order.length > MOST_NODES || order.some((n) => n.rank > 0)) return undefined;
  const known = new Map<Node, Fraction>();
  for (const node of order)
    known.set(
      node,
      fractionOf(
        node,
        node.inputs.map((i) => known.get(i) as Fraction),
      ),
    );
  return whole(known.get(root) as Fraction);
}

function fractionOf(node: Node, args: readonly Fraction[]): Fraction {
  const [a, b] = args;
  switch (node.primitive.name) {
    case "neg":
      return { ...a, above: neg(a.above) };
    case "add":
    case "sub": {
      const join = node.primitive.name === "add" ? add : sub;
      if (a.below === b.below) return { ...a, above: join(a.above, b.above) };
      return {
        above: join(times(a.above, b.below), times(b.above, a.below)),
        below: product(a.below, b.below),
      };
    }
    case "mul":
      return { above: mul(a.above, b.above), below: product(a.below, b.below) };
    case "div":
      return { above: times(a.above, b.below), below: product(a.below, b.above) };
    case "pow": {
      const n = exactValue(node.inputs[1]);
      if (n?.isInteger && n.abs().compare(Rational.of(HIGHEST_POWER)) <= 0) return raised(a, n);
      // A power with a varying exponent asks for a positive base anyway.
      if (n === undefined) return { above: exp(whole(quotientOfLog(a, b))) };
      break;
    }
  }
  const quotient = QUOTIENTS.get(node.primitive.name);
  if (quotient) return quotient(whole(a));
  return { above: node.inputs.length === 0 ? node : withInputs(node, args.map(whole)) };
}

const one = (): Node => exactConstant(Rational.ONE);

const times = (x: Node, y: Node | undefined): Node => (y ? mul(x, y) : x);

const product = (x: Node | undefined, y: Node | undefined): Node | undefined => (x ? times(x, y) : y);

const whole = ({ above, below }: Fraction): Node => (below ? div(above, below) : above);

function raised({ above, below }: Fraction, n: Rational): Fraction {
  const power = (x: Node): Node => (n.abs().isOne ? x : pow(x, exactConstant(n.abs())));
  const up = power(above);
  const down = below && power(below);
  return n.sign < 0 ? { above: down ?? one(), below: up } : { above: up, below: down };
}

/** v ln u as a fraction. */
const quotientOfLog = (u: Fraction, v: Fraction): Fraction => ({ ...v, above: mul(v.above, log(whole(u))) });
