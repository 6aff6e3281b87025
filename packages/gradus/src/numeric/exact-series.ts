import { topologicalOrder } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import { bitLength, Rational } from "../ir/rational.ts";
import { expandFormulas } from "../transforms/expand.ts";
import { type Ball, floatBelow, Imprecise, magnitudeOf } from "./ball.ts";
import { balls, type Field, FRACTIONS } from "./coefficient-field.ts";
import { FieldSeries } from "./field-series.ts";

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

/** How many of c_0 … c_order vanish, exactly, before the first that is not seen to; undefined where no series is known. */
export function leadingZeros(node: Node, x: Node, at: Rational, order: number): number | undefined {
  return zerosIn(FRACTIONS, node, x, at, order) ?? zerosIn(balls(BITS[0]), node, x, at, order);
}

function zerosIn<T extends object>(
  field: Field<T>,
  node: Node,
  x: Node,
  at: Rational,
  order: number,
): number | undefined {
  try {
    const series = seriesIn(field, node, x, at, order);
    const first = series?.findIndex((c) => !field.isZero(c));
    return first === -1 ? series?.length : first;
  } catch (error) {
    if (error instanceof Imprecise) return undefined;
    throw error;
  }
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
  const over = new FieldSeries(field, length);
  const known = new Map<Node, readonly T[] | undefined>();
  for (const n of nodes) {
    const inputs = n.inputs.map((i) => known.get(i));
    const series = n === x ? over.series([at, Rational.ONE]) : over.ofNode(n, inputs);
    known.set(n, series?.some((c) => field.tooLong(c)) ? undefined : series);
  }
  const found = known.get(root);
  return found && found.length > order ? found.slice(0, order + 1) : undefined;
}
