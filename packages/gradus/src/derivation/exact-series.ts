import { topologicalOrder } from "../ir/graph.ts";
import { type ConstantParams, exactValue, type Node, scalarValue } from "../ir/node.ts";
import { bitLength, Rational } from "../ir/rational.ts";
import { type Ball, floatBelow, Imprecise, magnitudeOf } from "../numeric/ball.ts";
import { expandFormulas } from "../transforms/expand.ts";
import { balls, type Field, FRACTIONS } from "./coefficient-field.ts";
import { SeriesArithmetic } from "./series-arithmetic.ts";

/** Orders that removable singularities may use up. */
const EXTRA = 12;
/** Products of coefficients that all nodes may take together. */
const MOST_PRODUCTS = 200_000;
/** Bits after the point: first these, then as many as are worth trying. */
const BITS = [320n, 1280n];
/** Leading bits that a float needs to be right. */
const ENOUGH = 60;

/** c_0 … c_order of a function of x at a rational point as fractions; undefined where they are not all seen to be. */
export function exactSeries(node: Node, x: Node, at: Rational, order: number): Rational[] | undefined {
  return seriesIn(FRACTIONS, node, x, at, order);
}

/** The same as floats, each the nearest or next to it: no cancellation, whatever the point. */
export function preciseSeries(node: Node, x: Node, at: Rational, order: number): number[] | undefined {
  for (const p of BITS) {
    try {
      const series = seriesIn(balls(p), node, x, at, order);
      const floats = series && rounded(series, Number(p));
      if (floats || !series) return floats;
    } catch (error) {
      if (!(error instanceof Imprecise)) throw error;
    }
  }
  return undefined;
}

function rounded(series: readonly Ball[], p: number): number[] | undefined {
  const largest = Math.max(...series.map((c) => bitLength(c.mid)));
  const floats = series.map(({ mid, rad }) => {
    if (rad === 0n || bitLength(mid) - bitLength(rad) >= ENOUGH) return floatBelow(mid, p);
    // Nothing beside the others: a coefficient that is 0.
    return bitLength(magnitudeOf(mid) + rad) < largest - 160 ? 0 : undefined;
  });
  return floats.every((c) => c !== undefined) ? floats : undefined;
}

function seriesIn<T extends object>(
  field: Field<T>,
  node: Node,
  x: Node,
  at: Rational,
  order: number,
): T[] | undefined {
  const [root] = expandFormulas([node]);
  const nodes = topologicalOrder([root]);
  const length = order + 1 + EXTRA;
  if (nodes.length * length * length > MOST_PRODUCTS || nodes.some((n) => n.size !== 1)) return undefined;
  const arithmetic = new SeriesArithmetic(field, length);
  const known = new Map<Node, readonly T[] | undefined>();
  for (const n of nodes) {
    const inputs = n.inputs.map((i) => known.get(i));
    const series = n === x ? arithmetic.series([at, Rational.ONE]) : ofNode(n, inputs, arithmetic);
    known.set(n, series?.some((c) => field.tooLong(c)) ? undefined : series);
  }
  const found = known.get(root);
  return found && found.length > order ? found.slice(0, order + 1) : undefined;
}

function ofNode<T extends object>(
  node: Node,
  inputs: readonly (readonly T[] | undefined)[],
  arithmetic: SeriesArithmetic<T>,
): readonly T[] | undefined {
  if (node.primitive.name === "pow") {
    const [u, v] = inputs;
    const r = rationalOf(node.inputs[1]);
    if (r) return u && arithmetic.power(u, r);
    return u && v && arithmetic.raised(u, v);
  }
  if (inputs.length > 0) return arithmetic.apply(node.primitive.name, inputs);
  const r = rationalOf(node);
  if (r) return arithmetic.series([r]);
  const { symbol } = node.params as ConstantParams;
  return symbol && arithmetic.named(symbol.text);
}

/** The fraction that a constant is; of a float only what is surely meant: a half is, a rounded √2 is not. */
function rationalOf(node: Node): Rational | undefined {
  const exact = exactValue(node);
  if (exact) return exact;
  const value = node.buffer && scalarValue(node);
  return value !== undefined && Number.isInteger(value * 64) ? Rational.from(value) : undefined;
}
