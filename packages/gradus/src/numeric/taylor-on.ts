import { MathError } from "../expression/errors.ts";
import { dependents, topologicalOrder } from "../ir/graph.ts";
import { input, isConstant, isInput, type Node, scalarValue } from "../ir/node.ts";
import type { Elementwise, Flat, Interval, Primitive } from "../ir/primitive.ts";
import { apply } from "../primitives/define.ts";
import { expandFormulas } from "../transforms/expand.ts";
import { type Recurrence, recurrenceOf, type Step } from "../transforms/recurrence.ts";
import {
  encloseConstant,
  inputInterval,
  operandsThatCount,
  primitiveOrder,
  requireScalar,
  shown,
} from "./enclosures.ts";
import * as iv from "./interval.ts";
import {
  constantIntervalSeries,
  IntervalSeries,
  overWhole,
  productCoefficient,
  weightedProduct,
} from "./interval-series.ts";
import { type SeriesRun, type SetCoefficient, seriesRun } from "./series-rules.ts";
import { enclosureRule } from "./table.ts";

/*
 * Taylor coefficients of a function at every point of a box at once, as intervals (Moore 1966; Tucker, Validated
 * Numerics, 2011): the recurrences of `taylor`, closed by the same System from the same partial derivatives, run on
 * intervals.
 */

/** Why a function has no power series at some point of a box, or why that could not be ruled out. */
export class Obstacle extends Error {
  override name = "Obstacle";
  readonly node: Node;
  readonly why: string;
  /** No point of the box has a value. */
  readonly nowhere: boolean;

  constructor(node: Node, why: string, nowhere = false) {
    super(`${shown(node)}: ${why}`);
    this.node = node;
    this.why = why;
    this.nowhere = nowhere;
  }
}

/** A node that has no series on this box; only an error if the result needs it. */
type Value = IntervalSeries | Obstacle;

/** The Taylor coefficients 0 … order in the variable at each point of its box, as intervals. */
export type SeriesProgram = (box: Interval, order: number) => IntervalSeries;

/** Makes a scalar graph ready to be expanded; the other variables have fixed intervals. Throws an Obstacle when run. */
export function taylorOn(
  node: Node,
  variable: Node,
  others: ReadonlyMap<Node, Interval> = new Map(),
): SeriesProgram {
  const { order: nodes, root } = primitiveOrder(node);
  for (const n of nodes) requireScalar(n);
  const place = new Map(nodes.map((n, i) => [n, i]));
  const operands = nodes.map((n) => n.inputs.map((i) => place.get(i) as number));
  const active = dependents(nodes, [variable]);
  const expanders = nodes.map((n) => {
    if (n === variable) return variableSeries;
    if (isInput(n)) return fixedSeries(inputInterval(n, others));
    if (isConstant(n)) return fixedSeries(encloseConstant(n));
    return guarded(
      n,
      active.has(n) ? expander(n) : (x, order) => constantIntervalSeries(valueAt(n, x, false), order),
    );
  });
  return (box, order) => {
    const values: Value[] = [];
    const start = constantIntervalSeries(box, order);
    nodes.forEach((n, i) => {
      const given = n === variable ? [start] : operands[i].map((o) => values[o]);
      values.push(expanders[i](given, order));
    });
    const result = values[place.get(root) as number];
    if (result instanceof Obstacle) throw result;
    return result;
  };
}

type Expander = (x: readonly IntervalSeries[], order: number) => IntervalSeries;
type GuardedExpander = (x: readonly Value[], order: number) => Value;

const fixedSeries =
  (value: Interval): GuardedExpander =>
  (_, order) =>
    constantIntervalSeries(value, order);

const variableSeries: GuardedExpander = ([start], order) => {
  const series = start as IntervalSeries;
  if (order > 0) series.set(1, iv.ONE);
  return series;
};

/** Passes on the obstacle of an operand, unless it is a branch that is not taken. */
function guarded(node: Node, expand: Expander): GuardedExpander {
  const wrong = (given: readonly Value[]): Value | undefined => {
    const first = given.map((v) => (v instanceof Obstacle ? iv.WHOLE : v.at(0)));
    return operandsThatCount(node, first)
      .map((i) => given[i])
      .find((v) => v instanceof Obstacle);
  };
  return (given, order) => {
    const stopped = given.some((v) => v instanceof Obstacle);
    const obstacle = stopped ? wrong(given) : undefined;
    if (obstacle) return obstacle;
    const x = given.map((v) => (v instanceof Obstacle ? constantIntervalSeries(iv.ZERO, order) : v));
    try {
      return expand(x, order);
    } catch (error) {
      // What stops inside a recurrence is a step of this node.
      if (error instanceof Obstacle) return new Obstacle(node, error.why, error.nowhere);
      throw error;
    }
  };
}

function expander(node: Node): Expander {
  const { primitive, params } = node;
  if (primitive.family === "elementwise" && primitive.series === "closes")
    return exactRecurrence(primitive, params);
  const make = makeStep(node);
  return (x, order) => {
    const step = make(order, params);
    const y = new IntervalSeries(order);
    for (let k = 0; k <= order; k++) step(k, x, y);
    return y;
  };
}

/** A closed system of recurrences, made ready to run on intervals; constants are enclosed once. */
function prepared({ steps, arity, result }: Recurrence): Expander {
  const makers = steps.map((s) => (s.partials ? closedStep(s) : makeStep(s.node)));
  const constants = steps.map((s) => (isConstant(s.node) ? encloseConstant(s.node) : undefined));
  return (x, order) => {
    const all = [...x];
    for (const c of constants) all.push(c ? constantIntervalSeries(c, order) : new IntervalSeries(order));
    const operands = steps.map((s) => s.inputs.map((i) => all[i]));
    const runs = steps.map((s, i) => makers[i](order, s.node.params));
    for (let k = 0; k <= order; k++) {
      for (let s = 0; s < runs.length; s++) if (!constants[s]) runs[s](k, operands[s], all[arity + s]);
    }
    return all[result];
  };
}

/** The step of a node that is no closed elementwise function. */
function makeStep(node: Node): SeriesRun {
  const { primitive } = node;
  if (primitive.family === "multilinear" && primitive.name === "mul") return () => product;
  if (isConstant(node)) return () => () => {};
  if (primitive.family === "linear") {
    const step = linearStep(node);
    return () => step;
  }
  if (primitive.family === "flat") {
    const step = flatStep(node);
    return () => step;
  }
  if (primitive.family === "elementwise") return ownStep(node, primitive);
  throw new MathError(`${shown(node)}: ${primitive.name} has no Taylor enclosure`);
}

const product: SetCoefficient = (k, [a, b], y) => {
  const sum = productCoefficient(k, a, b);
  // x·x is a square.
  y.set(k, k === 0 && a === b ? iv.square(a.at(0)) : sum);
};

function linearStep(node: Node): SetCoefficient {
  switch (node.primitive.name) {
    case "add":
      return (k, [a, b], y) => y.set(k, iv.add(a.at(k), b.at(k)));
    case "sub":
      return (k, [a, b], y) => y.set(k, iv.sub(a.at(k), b.at(k)));
    case "neg":
      return (k, [a], y) => y.set(k, iv.neg(a.at(k)));
    case "cast":
      return (k, [a], y) => y.set(k, a.at(k));
    case "where":
      return (k, [mask, a, b], y) => {
        const { lo, hi } = mask.at(0);
        if (lo !== hi) throw new Obstacle(node, "its condition changes there");
        y.set(k, (lo > 0 ? a : b).at(k));
      };
    default:
      throw new MathError(`${shown(node)}: ${node.primitive.name} has no Taylor enclosure`);
  }
}

/** Constant where the arguments keep clear of every jump: on truth values one value in, one out. */
function flatStep(node: Node): SetCoefficient {
  const rule = node.primitive as Flat;
  return (k, x, y) => {
    if (k > 0) return y.set(k, iv.ZERO);
    const value = valueAt(node, x);
    const stops = rule.name === "stop_gradient";
    const steady = rule.constantOn(
      x.map((s) => s.at(0)),
      node.params,
    );
    if (!stops && !(steady && iv.isPoint(value))) throw new Obstacle(node, "it jumps there");
    y.set(0, value);
  };
}

function ownStep(node: Node, rule: Elementwise): SeriesRun {
  const found = seriesRun(rule);
  if (!found) throw new MathError(`${shown(node)}: ${rule.name} has no Taylor enclosure`);
  return (order, params) => {
    const step = found(order, params);
    return (k, x, y) => {
      if (k === 0) valueAt(node, x);
      step(k, x, y);
    };
  };
}

/** y' = Σ ∂f/∂xᵢ·xᵢ', read as a recurrence: k·y_k = Σ j·xᵢ_j·(∂f/∂xᵢ)_{k−j}. */
function closedStep({ node, partials = [] }: Step): SeriesRun {
  const arity = partials.length;
  return () => (k, x, y) => {
    if (k === 0) return y.set(0, valueAt(node, x.slice(0, arity)));
    let sum: Interval = iv.ZERO;
    let p = arity;
    for (let i = 0; i < arity; i++) {
      if (partials[i] < 0) continue;
      const slope = x[p++];
      sum = iv.add(
        sum,
        weightedProduct(k, x[i], slope, 1, k, (j) => j),
      );
    }
    y.set(k, overWhole(sum, k));
  };
}

/** The value on the box; an Obstacle where the function has none, or (if it varies) no power series. */
function valueAt(node: Node, x: readonly IntervalSeries[], varies = true): Interval {
  const { primitive } = node;
  const rule = enclosureRule(primitive);
  if (!rule) throw new MathError(`${shown(node)}: no enclosure is known of ${primitive.name}`);
  const box = x.map((s) => s.at(0));
  const params = node.params as never;
  if (box.some(iv.isEmpty) || !rule.defined(box, params)) {
    throw new Obstacle(node, "it is not defined there", iv.isEmpty(rule.of(box, params)));
  }
  if (varies && primitive.family === "elementwise" && !primitive.analyticOn(box, params))
    throw new Obstacle(node, "it has a kink, a jump or a pole there");
  return rule.of(box, params);
}

// --- partial derivatives whose constants are exact ---

const recurrences = new WeakMap<Elementwise, Map<string, Expander>>();

function exactRecurrence(rule: Elementwise, params: unknown): Expander {
  const key = JSON.stringify(params);
  let of = recurrences.get(rule);
  if (!of) recurrences.set(rule, (of = new Map()));
  let found = of.get(key);
  if (!found) of.set(key, (found = prepared(recurrenceOf(rule, params, exactPartials))));
  return found;
}

/**
 * The stable partials, unless they hold a rounded constant such as 2/√π as a float: then the textbook's, where it is
 * a formula. Floats that are whole sixteenths are what they say.
 */
export function exactPartials(rule: Elementwise): Elementwise["partials"] {
  if (isExact(rule, rule.partials)) return rule.partials;
  if (rule.textbook && isExact(rule, rule.textbook)) return rule.textbook;
  throw new MathError(
    `${rule.name}: its derivative holds a rounded constant, so that nothing can be proved of it`,
  );
}

function isExact(rule: Elementwise, partials: Elementwise["partials"]): boolean {
  const x = partials.map(() => input({ shape: [], dtype: "f64" }));
  const params = { order: 1 };
  const y = apply(rule as Primitive, x, params);
  return partials.every((p) => {
    const graph = p(x, y, params);
    if (!graph) return true;
    return topologicalOrder(expandFormulas([graph])).every((n) => {
      const value = isConstant(n) && n.buffer ? scalarValue(n) : 0;
      return value !== undefined && Number.isInteger(value * 16);
    });
  });
}
