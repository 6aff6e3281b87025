import { allocate, type Data, isFloat } from "../ir/dtype.ts";
import { NotAnalyticError, reverseOnlyError } from "../ir/errors.ts";
import { dependents, orderAbove, topologicalOrder, withInputs } from "../ir/graph.ts";
import { input, Node, type Zero } from "../ir/node.ts";
import type { Elementwise, Flat, Formula, Implicit, Linear, Primitive } from "../ir/primitive.ts";
import { add, div, mul } from "../primitives/arithmetic.ts";
import { apply, broadcastTo } from "../primitives/define.ts";
import { resultIndex } from "../primitives/results.ts";
import { at, concatenate, pad, slice, stack } from "../primitives/slicing.ts";
import { iota, reshape } from "../primitives/structure.ts";
import { multiplySeries, productSeries, repeatedSecond, swapFirstTwo } from "./cauchy.ts";
import { expandFormulas, hasOwnRule } from "./expand.ts";
import { elementSeries, type Recurrence, recurrenceOf } from "./recurrence.ts";

/*
 * Taylor mode. A power series is a tensor with its coefficients along a new first axis. Linear primitives act on each
 * coefficient, multilinear ones by the Cauchy product, elementwise ones by a `series` node, which runs the recurrence
 * y' = f'(x, y)·x' in loops. All are primitives with rules of their own, so a Taylor series can be differentiated.
 */

/** The series of the outputs up to order K, where each seeded node is replaced by its series. */
export function seriesGraph(outputs: readonly Node[], seeds: ReadonlyMap<Node, Node>, order: number): Node[] {
  const floor = new Map([...seeds.keys()].map((n) => [n, n]));
  const expanded = expandFormulas(outputs, hasOwnRule, floor);
  const active = dependents(topologicalOrder(expanded), seeds.keys());
  const known = new Map<Node, Node>(seeds);
  // What reads the seeds only through flat functions does not vary: its value at the point.
  const fixed = new Map<Node, Node>();
  const results = new Map<Node, readonly (Node | null)[]>();
  const value = (i: Node) => fixed.get(i) ?? (active.has(i) ? at(known.get(i) as Node, 0) : i);
  for (const node of orderAbove(expanded, known)) {
    if (!active.has(node)) continue;
    const { primitive } = node;
    if (primitive.family === "result") {
      const series = results.get(node.inputs[0])?.[resultIndex(node)];
      if (series && isFloat(node.dtype)) known.set(node, series);
      // A truth value of a loop: checked to be constant where the loop was lifted.
      else if (series) fixed.set(node, at(series, 0));
      else fixed.set(node, withInputs(node, [fixed.get(node.inputs[0]) as Node]));
      continue;
    }
    const series = node.inputs.map((i) => known.get(i) ?? null);
    const varies = series.some((s) => s !== null);
    const point = withInputs(
      node,
      node.inputs.map((i) => fixed.get(i) ?? i),
    );
    if (primitive.family === "control") {
      if (varies) results.set(node, primitive.series(point, series, order));
      fixed.set(node, withInputs(node, node.inputs.map(value)));
    } else if (!varies) fixed.set(node, point);
    else if (primitive.family === "flat" || !isFloat(node.dtype))
      fixed.set(node, flatValue(node, node.inputs.map(value)));
    else known.set(node, lift(point, series, order));
  }
  return expanded.map((o) => known.get(o) ?? constantSeries(fixed.get(o) ?? o, order));
}

/** A value that does not vary: all coefficients but the first are zero. */
export function constantSeries(x: Node, order: number): Node {
  const zeros = x.shape.map(() => 0);
  return pad(reshape(x, [1, ...x.shape]), { low: [0, ...zeros], high: [order, ...zeros] });
}

function lift(node: Node, series: readonly (Node | null)[], order: number): Node {
  const { primitive } = node;
  const full = (i: number) => series[i] ?? constantSeries(node.inputs[i], order);
  switch (primitive.family) {
    case "linear":
      return liftLinear(node, series, order);
    case "multilinear": {
      const varying = series.map((s, i) => (s ? i : -1)).filter((i) => i >= 0);
      return varying.length > 1
        ? productSeries(node, full(0), full(1))
        : overCoefficients(node, series, order);
    }
    case "elementwise":
      return seriesNode(
        primitive,
        node.params,
        node.inputs.map((_, i) => full(i)),
        order,
      );
    case "implicit": {
      const varying = series.map((s, i) => (s ? i : -1)).filter((i) => i >= 0);
      if (varying.length === 1 && primitive.linearIn?.(varying[0]))
        return overCoefficients(node, series, order);
      const equal = liftClosed(node, primitive, series, order);
      if (equal) return equal;
      return liftImplicit(
        node,
        primitive,
        node.inputs.map((_, i) => full(i)),
        order,
      );
    }
    case "formula":
      return liftImplicit(
        node,
        primitive,
        node.inputs.map((_, i) => full(i)),
        order,
      );
    default:
      throw new Error(`${primitive.name} has no series rule`);
  }
}

/** Applies a linear node to each coefficient: its batch over the first axis. */
function overCoefficients(node: Node, series: readonly (Node | null)[], order: number): Node {
  const { primitive } = node;
  const inputs = node.inputs.map((x, i) => series[i] ?? x);
  const flags = series.map((s) => s !== null);
  if (primitive.pointwise) {
    return apply(
      primitive,
      inputs.map((x, i) => (flags[i] ? x : reshape(x, [1, ...x.shape]))),
      node.params,
    );
  }
  return (primitive as Implicit).batch(inputs, flags, node, order + 1);
}

function liftLinear(node: Node, series: readonly (Node | null)[], order: number): Node {
  const { parameters } = node.primitive as Linear;
  if (parameters.some((i) => series[i])) throw reverseOnlyError();
  const full = node.inputs.map((x, i) =>
    parameters.includes(i) ? null : (series[i] ?? constantSeries(x, order)),
  );
  return overCoefficients(node, full, order);
}

/** The value of what is flat, at the point: where it is constant around it, else a refusal when it runs. */
function flatValue({ primitive, params }: Node, point: readonly Node[]): Node {
  const value = apply(primitive, point, params);
  if (primitive.family !== "flat" || primitive.name === "stop_gradient") return value;
  return apply(flatCheckRule, [value, ...point], { rule: primitive, params });
}

interface FlatCheck {
  readonly rule: Flat;
  readonly params: unknown;
}

/** Passes its first input on, after checking that a flat function is constant around the others. */
const flatCheckRule: Flat<FlatCheck> = {
  family: "flat",
  name: "flat_check",
  notation: { form: "special" },
  pointwise: false,
  infer: ([value]) => value,
  evaluate: ([value, ...x], node) => {
    const { rule, params } = node.params as FlatCheck;
    const points = node.inputs.slice(1);
    if (!rule.pointwise) {
      if (rule.jumpsAt?.(value, x, points, params))
        throw new NotAnalyticError(rule.name, x[0][0], "it jumps there, as at a tie");
      return value;
    }
    if (points.some((i) => !isFloat(i.dtype))) return value;
    for (let i = 0; i < value.length; i++) {
      const point = x.map((d) => ({ lo: d[i], hi: d[i] }));
      if (!rule.constantOn(point, {})) throw new NotAnalyticError(rule.name, point[0].lo, "it jumps there");
    }
    return value;
  },
  constantOn: () => false,
  batch: (inputs, flags, node, size) => {
    const [value, ...x] = inputs.map((n, i) => (flags[i] ? n : broadcastTo(n, [size, ...n.shape])));
    const { rule, params } = node.params as FlatCheck;
    if (rule.pointwise || !rule.batch) return apply(flatCheckRule as Primitive, [value, ...x], node.params);
    // The rule tells how it is batched: its parameters then fit the batched point.
    const open = x.map((n) => input(n));
    const single = new Node(rule, node.inputs.slice(1), params, node);
    const whole = rule.batch(
      open,
      open.map(() => true),
      single,
      size,
    );
    const fits = whole.primitive.family === "flat" && whole.inputs.every((n, i) => n === open[i]);
    return fits
      ? apply(flatCheckRule as Primitive, [value, ...x], { rule: whole.primitive, params: whole.params })
      : value;
  },
};

// --- elementwise: the recurrence as one node ---

interface SeriesParams {
  readonly rule: Elementwise;
  readonly params: unknown;
  readonly order: number;
}

function seriesNode(rule: Elementwise, params: unknown, inputs: readonly Node[], order: number): Node {
  return apply(seriesRule as Primitive, inputs, { rule, params, order });
}

const recurrences = new WeakMap<Elementwise, Map<string, Recurrence>>();

function cachedRecurrence(rule: Elementwise, params: unknown): Recurrence {
  const key = JSON.stringify(params);
  let of = recurrences.get(rule);
  if (!of) recurrences.set(rule, (of = new Map()));
  let found = of.get(key);
  if (!found) of.set(key, (found = recurrenceOf(rule, params)));
  return found;
}

const seriesRule: Implicit<SeriesParams> = {
  family: "implicit",
  name: "series",
  notation: { form: "special", text: "series" },
  pointwise: false,
  infer: ([x]) => x,
  evaluate: (inputs, node) => {
    const { rule, params, order } = node.params as SeriesParams;
    return evaluateSeries(cachedRecurrence(rule, params), inputs, node, order);
  },
  // d(f∘x) = f'(x)·dx, in the ring of truncated series.
  tangent: (x, _, dx, { rule, params, order }) => {
    let sum: Node | Zero = null;
    const point = x.map((s) => input({ shape: s.shape.slice(1), dtype: s.dtype }));
    const seeds = new Map(point.map((p, i) => [p, x[i]]));
    const value = apply(rule, point, params);
    dx.forEach((d, i) => {
      const partial = d && rule.partials[i](point, value, params);
      if (!d || !partial) return;
      const term = multiplySeries(seriesGraph([partial], seeds, order)[0], d);
      sum = sum ? add(sum, term) : term;
    });
    return sum;
  },
  batch: (inputs, flags, node, size) => {
    const swapped = inputs.map((x, i) => (flags[i] ? swapFirstTwo(x) : repeatedSecond(x, size)));
    return swapFirstTwo(apply(seriesRule as Primitive, swapped, node.params));
  },
};

function evaluateSeries(recurrence: Recurrence, inputs: readonly Data[], node: Node, order: number): Data {
  const out = allocate(node.dtype, node.size);
  const count = node.size / (order + 1);
  const x = inputs.map(() => new Float64Array(order + 1));
  for (let e = 0; e < count; e++) {
    for (let i = 0; i < x.length; i++) for (let k = 0; k <= order; k++) x[i][k] = inputs[i][k * count + e];
    const y = elementSeries(recurrence, x, order);
    for (let k = 0; k <= order; k++) out[k * count + e] = y[k];
  }
  return out;
}

// --- implicit: the tangent rule, one order after the other ---

function liftImplicit(node: Node, rule: Implicit | Formula, x: readonly Node[], order: number): Node {
  const coefficients = [
    apply(
      rule,
      x.map((s) => at(s, 0)),
      node.params,
    ),
  ];
  const derivative = x.map((s) => shiftDown(s));
  for (let k = 1; k <= order; k++) {
    const cut = (s: Node) => slice(s, [0], [k]);
    const point = node.inputs.map((i) => input(i));
    const value = input(node);
    const speed = node.inputs.map((i) => input(i));
    const tangent = rule.tangent?.(point, value, speed, node.params);
    if (!tangent) return constantSeries(coefficients[0], order);
    const seeds = new Map<Node, Node>([[value, stack(coefficients)]]);
    point.forEach((p, i) => seeds.set(p, cut(x[i])));
    speed.forEach((p, i) => seeds.set(p, cut(derivative[i])));
    const [t] = seriesGraph([tangent], seeds, k - 1);
    coefficients.push(div(at(t, k - 1), k));
  }
  return stack(coefficients);
}

/** The series of an equal graph, over what varies. */
function liftClosed(
  node: Node,
  rule: Implicit,
  series: readonly (Node | null)[],
  order: number,
): Node | undefined {
  const point = node.inputs.map((x, i) => (series[i] ? input(x) : x));
  const equal = rule.closed?.(point, node.params);
  const seeds = new Map(point.flatMap((p, i) => (series[i] ? [[p, series[i]] as const] : [])));
  return equal && seriesGraph([equal], seeds, order)[0];
}

/** The series of the derivative: coefficient k is (k + 1)·c_{k+1}; one order shorter, filled with a zero. */
function shiftDown(s: Node): Node {
  const n = s.shape[0];
  if (n === 1) return mul(s, 0);
  const factors = reshape(add(iota(n - 1, "f64"), 1), [n - 1, ...s.shape.slice(1).map(() => 1)]);
  const shifted = mul(slice(s, [1]), factors);
  return concatenate([shifted, mul(slice(s, [0], [1]), 0)]);
}
