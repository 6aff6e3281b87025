import type { Data } from "../ir/dtype.ts";
import { rewrite, topologicalOrder } from "../ir/graph.ts";
import {
  type ConstantParams,
  exactConstant,
  exactValue,
  isConstant,
  isInput,
  Node,
  scalarValue,
} from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { apply } from "../primitives/define.ts";
import { exp } from "../primitives/exponential.ts";
import type { UnknownParams } from "../primitives/unknown.ts";

/** A point: a rational for each variable. */
export type Point = ReadonlyMap<Node, Rational>;

/** Simple rationals first, so that a counterexample is easy to check by hand. All but thirds are floats. */
const SIMPLE: readonly Rational[] =
  "1 2 -1 0 1/2 -1/2 3 -2 1/4 3/2 -3 5 1/8 -5/4 10 7/4 -1/8 -7 20 1/64 -3/4 9/2 100 -20 1000"
    .split(" ")
    .map(rational);
const MOST_POINTS = 60;

function rational(text: string): Rational {
  const [n, d] = text.split("/").map(Number);
  return Rational.of(n, d ?? 1);
}

/** Points to compare at, simple ones first: the same for the same variables and constants each time. */
export function samplePoints(variables: readonly Node[], roots: readonly Node[]): Point[] {
  if (variables.length === 0) return [new Map()];
  const values = [...SIMPLE, ...nearConstants(roots)];
  if (variables.length === 1) return values.map((r) => new Map([[variables[0], r]]));
  let state = 12345;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648);
  return Array.from({ length: MOST_POINTS }, (_, i) => {
    const spread = i < 8 ? 4 : i < 30 ? 13 : values.length;
    return new Map(variables.map((n, k) => [n, values[i === 0 ? (k + 1) % 3 : (next() >> 8) % spread]]));
  });
}

/** A domain may lie where the constants are: ln(x − 3000) has no value at small numbers. */
function nearConstants(roots: readonly Node[]): Rational[] {
  const found = new Map<string, Rational>();
  for (const node of topologicalOrder(roots)) {
    const c = exactValue(node);
    if (c && c.abs().compare(Rational.of(5)) > 0 && c.abs().compare(Rational.of(1e9)) < 0)
      found.set(`${c}`, c);
  }
  return [...found.values()]
    .slice(0, 6)
    .flatMap((c) => [c, c.neg()].flatMap((d) => [d, d.add(Rational.ONE), d.sub(Rational.ONE)]));
}

/** Values of scalar graphs at many points at once, in floats: no proof, but a hint where to look. */
export function floatsAt(roots: readonly Node[], points: readonly Point[]): Float64Array[] {
  const values = new Map<Node, Data>();
  const n = points.length;
  for (const node of topologicalOrder(roots)) {
    if (isInput(node))
      values.set(
        node,
        Float64Array.from(points, (p) => p.get(node)?.toNumber() ?? Number.NaN),
      );
    else if (isConstant(node)) values.set(node, new Float64Array(n).fill(scalarOf(node)));
    else
      values.set(
        node,
        valuesOf(
          node,
          node.inputs.map((i) => values.get(i) as Data),
          n,
        ),
      );
  }
  return roots.map((r) => Float64Array.from(values.get(r) as Data));
}

function scalarOf(node: Node): number {
  return scalarValue(node) ?? (node.params as ConstantParams).exact?.toNumber() ?? Number.NaN;
}

function valuesOf(node: Node, x: readonly Data[], n: number): Data {
  const { primitive } = node;
  // Of single numbers, moves move nothing.
  if (!primitive.pointwise) return x[0];
  return primitive.evaluate(
    x,
    new Node(primitive, node.inputs, node.params, { shape: [n], dtype: node.dtype }),
  );
}

/** Each unknown function as a known one, with its derivatives: sums of exponentials, positive and without symmetries. */
export function withKnownFunctions(roots: readonly Node[]): {
  readonly roots: Node[];
  readonly functions: ReadonlyMap<string, string>;
} {
  const functions = new Map<string, string>();
  const known = rewrite(roots, new Map(), (node, inputs) => {
    if (node.primitive.name !== "unknown")
      return isConstant(node) || isInput(node) ? node : rebuilt(node, inputs);
    const { name, orders } = node.params as UnknownParams;
    const rows = ratesOf(name, orders.length);
    functions.set(name, shown(name, rows));
    return rows
      .map((rates) => {
        const exponent = inputs.map((x, i) => mul(exactConstant(rates[i]), x)).reduce((a, b) => add(a, b));
        const factor = orders.reduce((c, order, i) => c.mul(rates[i].pow(order)), Rational.ONE);
        return mul(exactConstant(factor), exp(exponent));
      })
      .reduce((a, b) => add(a, b));
  });
  return { roots: known, functions };
}

const rebuilt = (node: Node, inputs: readonly Node[]): Node =>
  inputs.every((x, i) => x === node.inputs[i]) ? node : apply(node.primitive, inputs, node.params);

/** Three different exponentials for a function, with rates that its name determines; none is 0. */
function ratesOf(name: string, arity: number): Rational[][] {
  let hash = 7;
  for (const c of name) hash = (hash * 31 + (c.codePointAt(0) as number)) % 8191;
  return [0, 1, 2].map((k) =>
    Array.from({ length: arity }, (_, i) =>
      Rational.of(14 * k + 2 * ((hash + 3 * i * (k + 1)) % 7) - 13, 16),
    ),
  );
}

function shown(name: string, rows: readonly (readonly Rational[])[]): string {
  const letters = rows[0].length === 1 ? ["t"] : rows[0].map((_, i) => `t_${i + 1}`);
  const terms = rows.map((rates) => `exp(${rates.map((r, i) => `${r}*${letters[i]}`).join(" + ")})`);
  return `${name}(${letters.join(", ")}) = ${terms.join(" + ")}`;
}
