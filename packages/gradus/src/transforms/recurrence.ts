import { NotAnalyticError } from "../ir/errors.ts";
import { topologicalOrder, withInputs } from "../ir/graph.ts";
import { input, isConstant, type Node, scalarValue } from "../ir/node.ts";
import type { Elementwise, Flat, SeriesRule } from "../ir/primitive.ts";
import { apply } from "../primitives/define.ts";
import { cauchySum } from "../primitives/kernels/cauchy-sum.ts";
import { nodeKey } from "./clean-up.ts";
import { expandFormulas } from "./expand.ts";

/*
 * "If y = f(x), then y' = f'(x, y)·x', and coefficient k of the left side needs only coefficients below k of the right
 * side." Partials that hold further elementwise functions are closed over in the same way; shared nodes make the
 * system finite (sin needs cos, cos needs sin).
 */

/** One unknown series of the system, computed for one order at a time. */
export interface Step {
  readonly node: Node;
  /** Places of the operands. */
  readonly inputs: readonly number[];
  /** Of an elementwise node that is closed over: the place of each partial derivative, −1 where it is zero. */
  readonly partials?: readonly number[];
  /** Places of which k·x_k is wanted too, after the operands: made once for all orders. */
  readonly rates?: readonly number[];
  readonly next: (k: number, x: readonly Float64Array[], y: Float64Array) => number;
  /** What makes it stop: not analytic at the point. */
  readonly check?: (x: readonly Float64Array[]) => void;
}

/** A closed system of recurrences; the first `arity` places are the arguments. */
export interface Recurrence {
  readonly arity: number;
  readonly steps: readonly Step[];
  readonly result: number;
}

const MOST_STEPS = 400;

type PartialsOf = (rule: Elementwise) => Elementwise["partials"];

/** The system of a rule; `partialsOf` chooses the form in which partial derivatives are taken. */
export function recurrenceOf(
  rule: Elementwise,
  params: unknown,
  partialsOf: PartialsOf = (r) => r.partials,
): Recurrence {
  const arity = rule.partials.length;
  const arguments_ = Array.from({ length: arity }, () => input({ shape: [], dtype: "f64" }));
  return new System(arguments_, partialsOf).close(apply(rule, arguments_, params));
}

class System {
  private readonly nodes: Node[] = [];
  private readonly byKey = new Map<string, Node>();
  private readonly canonical = new Map<Node, Node>();
  private readonly partialsOf = new Map<Node, (Node | null)[]>();
  private readonly arguments_: readonly Node[];
  private readonly formOf: PartialsOf;

  constructor(arguments_: readonly Node[], formOf: PartialsOf) {
    this.arguments_ = arguments_;
    this.formOf = formOf;
    for (const a of arguments_) this.canonical.set(a, a);
  }

  close(target: Node): Recurrence {
    const root = this.intern(target);
    const waiting = [root];
    const seen = new Set<Node>();
    while (waiting.length > 0) {
      const node = waiting.pop() as Node;
      if (seen.has(node)) continue;
      seen.add(node);
      if (seen.size > MOST_STEPS)
        throw new Error(
          `${target.primitive.name}: its derivatives do not close on a series: state its series rule`,
        );
      waiting.push(...node.inputs);
      if (node.primitive.family === "elementwise" && node.primitive.series === "closes")
        waiting.push(...this.close1(node, node.primitive));
    }
    return this.compile(root);
  }

  private close1(node: Node, rule: Elementwise): Node[] {
    const partials = this.formOf(rule).map((p) => {
      const graph = p(node.inputs, node, node.params);
      return graph && this.intern(graph);
    });
    this.partialsOf.set(node, partials);
    return partials.filter((p) => p !== null);
  }

  /** The one node that stands for all of the same structure. */
  private intern(graph: Node): Node {
    const [expanded] = expandFormulas([graph], () => false, new Map(this.nodes.map((n) => [n, n])));
    for (const node of topologicalOrder([expanded])) {
      if (this.canonical.has(node)) continue;
      const same = withInputs(
        node,
        node.inputs.map((i) => this.canonical.get(i) as Node),
      );
      const key = nodeKey(same);
      const known = this.byKey.get(key) ?? same;
      this.byKey.set(key, known);
      this.canonical.set(node, known);
      this.canonical.set(known, known);
      if (known === same) this.nodes.push(known);
    }
    return this.canonical.get(expanded) as Node;
  }

  /** Orders the steps so that coefficient k of each is known before it is needed. */
  private compile(root: Node): Recurrence {
    const used: Node[] = [];
    const seen = new Set<Node>(this.arguments_);
    const visit = (n: Node): void => {
      if (seen.has(n)) return;
      seen.add(n);
      n.inputs.forEach(visit);
      used.push(n);
      this.partialsOf.get(n)?.forEach((p) => p && visit(p));
    };
    visit(root);
    const place = new Map<Node, number>();
    [...this.arguments_, ...used].forEach((n, i) => place.set(n, i));
    const at = (n: Node) => place.get(n) as number;
    const steps = used.map((node) => this.stepOf(node, at));
    return { arity: this.arguments_.length, steps, result: at(root) };
  }

  private stepOf(node: Node, at: (n: Node) => number): Step {
    const { primitive, params } = node;
    const inputs = node.inputs.map(at);
    if (isConstant(node)) return { node, inputs, next: constantStep(scalarValue(node) as number) };
    if (primitive.family === "flat")
      return { node, inputs, next: flatStep(node), check: flatCheck(primitive, params) };
    if (primitive.family === "linear") return { node, inputs, next: linearStep(node) };
    if (primitive.family === "multilinear") return { node, inputs, next: product };
    if (primitive.family !== "elementwise")
      throw new Error(`${primitive.name} cannot stand in a partial derivative`);
    if (primitive.series !== "closes") {
      const rule = primitive.series as SeriesRule<unknown>;
      return { node, inputs, next: (k, x, y) => rule(k, x, y, params) };
    }
    const partials = (this.partialsOf.get(node) ?? []).map((p) => (p ? at(p) : -1));
    return closedStep(node, primitive, inputs, partials);
  }
}

const constantStep = (value: number) => (k: number) => (k === 0 ? value : 0);

/** A step of linear and flat pointwise nodes on scalars: their kernels act on coefficients. */
function linearStep(node: Node): Step["next"] {
  const { evaluate } = node.primitive;
  const { name } = node.primitive;
  if (name === "add") return (k, [a, b]) => a[k] + b[k];
  if (name === "sub") return (k, [a, b]) => a[k] - b[k];
  if (name === "neg") return (k, [a]) => -a[k];
  if (name === "where") return (k, [mask, a, b]) => (mask[0] !== 0 ? a[k] : b[k]);
  return (k, x) =>
    evaluate(
      x.map((s) => s.subarray(k, k + 1)),
      node,
    )[0];
}

function flatStep(node: Node): Step["next"] {
  return (k, x) =>
    k === 0
      ? node.primitive.evaluate(
          x.map((s) => s.subarray(0, 1)),
          node,
        )[0]
      : 0;
}

function flatCheck(rule: Flat, params: unknown): Step["check"] {
  return (x) => {
    if (x.some((s) => s.subarray(1).some((c) => c !== 0)) && !rule.constantOn(pointOf(x), params)) {
      throw new NotAnalyticError(rule.name, x[0][0], "it jumps there");
    }
  };
}

const product: Step["next"] = (k, x) => cauchySum(x[0], x[1], 0, k);

/** Σ r_j b_{k−j}, 1 ≤ j ≤ k. Where x does not change, a slope that is not known yet does not matter. */
function rateSum(rate: Float64Array, slope: Float64Array, k: number): number {
  let sum = 0;
  for (let j = 1; j <= k; j++) {
    const r = rate[j];
    if (r !== 0) sum += r * slope[k - j];
  }
  return sum;
}

const pointOf = (x: readonly Float64Array[]) => x.map((s) => ({ lo: s[0], hi: s[0] }));

function closedStep(
  node: Node,
  rule: Elementwise,
  inputs: readonly number[],
  partials: readonly number[],
): Step {
  const value = rule.kernel(node.params);
  const arity = inputs.length;
  return {
    node,
    inputs: [...inputs, ...partials.filter((p) => p >= 0)],
    partials,
    rates: inputs.filter((_, i) => partials[i] >= 0),
    // Coefficients of the operands come first, then those of the partials, in order, then the rates k·x_k.
    next: (k, x) => {
      if (k === 0) return value(x[0][0], x[1]?.[0] ?? 0, x[2]?.[0] ?? 0);
      let sum = 0;
      const count = (x.length - arity) / 2;
      for (let p = arity; p < arity + count; p++) sum += rateSum(x[p + count], x[p], k);
      return sum / k;
    },
    check: (x) => {
      const point = pointOf(x.slice(0, arity));
      if (!rule.analyticOn(point, node.params)) throw new NotAnalyticError(rule.name, point[0].lo);
    },
  };
}

/** Runs the system for one element: the coefficients of the result. */
export function elementSeries(
  recurrence: Recurrence,
  x: readonly Float64Array[],
  order: number,
): Float64Array {
  const { steps, arity, result } = recurrence;
  const all: Float64Array[] = [...x];
  // NaN marks what is not known yet: a rule that looks ahead sees it.
  for (const _ of steps) all.push(new Float64Array(order + 1).fill(Number.NaN));
  const rates = ratesOf(steps, all, arity);
  const operands = steps.map((s) => [
    ...s.inputs.map((i) => all[i]),
    ...(s.rates ?? []).map((i) => rates[i] as Float64Array),
  ]);
  for (let k = 0; k <= order; k++) {
    for (let s = 0; s < steps.length; s++) {
      const c = steps[s].next(k, operands[s], all[arity + s]);
      all[arity + s][k] = c;
      const rate = rates[arity + s];
      if (rate) rate[k] = k * c;
      if (k === 0) steps[s].check?.(operands[s]);
    }
  }
  return all[result];
}

/** Room for k·x_k where a step wants it; of the arguments it is known at once. */
function ratesOf(
  steps: readonly Step[],
  all: readonly Float64Array[],
  arity: number,
): (Float64Array | undefined)[] {
  const rates: (Float64Array | undefined)[] = all.map(() => undefined);
  for (const s of steps)
    for (const i of s.rates ?? [])
      rates[i] ??= i < arity ? all[i].map((c, k) => k * c) : new Float64Array(all[i].length).fill(Number.NaN);
  return rates;
}
