import { isFloat } from "../ir/dtype.ts";
import { NotAnalyticError } from "../ir/errors.ts";
import { input, type Node } from "../ir/node.ts";
import { flatten, leavesLike } from "../ir/tree.ts";
import { broadcastTo, cast, tensor } from "../primitives/define.ts";
import { substitute } from "../primitives/evaluate.ts";
import { concatenate, slice } from "../primitives/slicing.ts";
import { reshape } from "../primitives/structure.ts";
import { constantSeries, seriesGraph } from "./series.ts";
import { type AnyFunction, finish, inNumbers, requireFloat, trace } from "./trace.ts";
import type { GivenTree, ScalarResult } from "./types.ts";

/** Orders that a removable singularity (sin x / x at 0) may use up. */
const MOST_EXTRA = 16;

/**
 * True Taylor coefficients c_k = f⁽ᵏ⁾(a)/k!, k = 0 … order, of f at a point.
 * For several variables, along a direction: the coefficients in t of f(a + t·direction).
 * A number in gives an array of numbers; a tensor-valued f gives a tensor with the coefficients first.
 */
export function taylor(f: (x: Node) => ScalarResult, at: number, order: number): number[];
export function taylor<X>(
  f: (x: X) => ScalarResult,
  at: GivenTree<X>,
  order: number,
  direction?: GivenTree<X>,
): Node;
export function taylor(
  f: (x: never) => unknown,
  at: unknown,
  order: number,
  direction?: unknown,
): Node | number[] {
  checkOrder(order);
  const point = flatten(at, "point").leaves;
  for (let extra = 0; ; extra = extra === 0 ? 2 : extra * 2) {
    const series = coefficients(f, at, order + extra, direction);
    const result = slice(series.node, [0], [order + 1]);
    // NaN in the tail means that division used up orders; one at the front that f has no value.
    const last = result.buffer?.subarray(result.size - result.size / (order + 1));
    if (!last?.some(Number.isNaN))
      return series.numbers && result.rank === 1 && result.buffer ? [...result.buffer] : result;
    if (extra >= MOST_EXTRA)
      throw new NotAnalyticError(
        "the function",
        point[0].buffer?.[0] ?? Number.NaN,
        "it has no finite Taylor coefficients there",
      );
  }
}

export function checkOrder(order: number): void {
  if (!Number.isInteger(order) || order < 0 || order > 10_000) {
    throw new RangeError(`order must be a whole number from 0 to 10000; got ${order}`);
  }
}

function coefficients(
  f: (x: never) => unknown,
  at: unknown,
  order: number,
  direction: unknown,
): { node: Node; numbers: boolean } {
  const traced = trace(f as AnyFunction, [at]);
  requireFloat("taylor", traced.inputs);
  if (traced.outputs.length !== 1 || !isFloat(traced.outputs[0].dtype)) {
    throw new TypeError("taylor: the function must return one tensor of f64 or f32");
  }
  const [{ structure }] = traced.arguments;
  const ways = direction === undefined ? undefined : leavesLike(direction, structure, "taylor: direction");
  if (!ways && traced.inputs.some((x) => x.size !== 1)) {
    throw new TypeError("taylor: of several variables, give a direction: taylor(f, point, order, direction)");
  }
  const open = traced.inputs.map((x) => input({ shape: [order + 1, ...x.shape], dtype: x.dtype }));
  const [series] = seriesGraph(traced.outputs, new Map(traced.inputs.map((x, i) => [x, open[i]])), order);
  const lines = traced.inputs.map((_, i) => line(traced.given[i], ways?.[i], order));
  const filled = substitute([series], new Map(open.map((o, i) => [o, lines[i]])));
  const [node] = finish(filled, traced);
  return { node, numbers: inNumbers(traced) };
}

/** The series a + t·v. */
function line(a: Node, v: Node | undefined, order: number): Node {
  if (order === 0) return reshape(a, [1, ...a.shape]);
  if (v && (v.rank !== a.rank || v.shape.some((d, i) => d !== a.shape[i]))) {
    throw new TypeError(`taylor: the direction has shape [${v.shape}], the point [${a.shape}]`);
  }
  const unit = v ?? onesOf(a);
  const rest = constantSeries(unit, order - 1);
  return concatenateFirst(a, rest);
}

function onesOf(a: Node): Node {
  return broadcastTo(cast(tensor(1), a.dtype), a.shape);
}

function concatenateFirst(a: Node, rest: Node): Node {
  return concatenate([reshape(a, [1, ...a.shape]), rest], 0);
}
