import { allocate, type Data } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Flat, Implicit, Linear } from "../ir/primitive.ts";
import {
  normalizeAxes,
  normalizeAxis,
  type Shape,
  ShapeError,
  showShape,
  sizeOf,
  stridesOf,
} from "../ir/shape.ts";
import { abs, add, div, mul, sqrt, sub } from "./arithmetic.ts";
import { equal, less, logicalAnd, notEqual } from "./comparison.ts";
import {
  apply,
  broadcastTo,
  cast,
  flat,
  formulaWith,
  linear,
  operation,
  type TensorLike,
  tensor,
} from "./define.ts";
import { exp, log } from "./exponential.ts";
import { aroundAxis, broadcastStrides, strided, wideFor } from "./layout.ts";
import { at, concatenate, slice } from "./slicing.ts";
import { reshape, stopGradient, transpose, where } from "./structure.ts";

export interface ReduceOptions {
  /** One axis or several; all unless told. */
  readonly axis?: number | readonly number[];
  /** Keeps reduced axes with size 1. */
  readonly keepDims?: boolean;
}

interface Axes {
  readonly axes: readonly number[];
}
const axesOf = (node: Node) => (node.params as Axes).axes;
const without = (shape: Shape, axes: readonly number[]) => shape.filter((_, i) => !axes.includes(i));
const kept = (shape: Shape, axes: readonly number[]) => shape.map((d, i) => (axes.includes(i) ? 1 : d));
const moved = (axes: readonly number[]) => axes.map((a) => a + 1);

/** y, reduced over axes of x, stretched back over x's shape. */
function spread(y: Node, x: Node, axes: readonly number[]): Node {
  return broadcastTo(reshape(y, kept(x.shape, axes)), x.shape);
}

/** Folds x over axes; pairwise in blocks would be more accurate, but the order must be plain: it is the reference. */
function fold(
  x: Data,
  from: Shape,
  axes: readonly number[],
  out: Data,
  step: (a: number, b: number) => number,
  start: number,
) {
  if (out.length === 1) {
    let all = start;
    for (let i = 0; i < x.length; i++) all = step(all, x[i]);
    out[0] = all;
    return out;
  }
  const strides = stridesOf(without(from, axes));
  const to = from.map((_, i) => (axes.includes(i) ? 0 : strides[i - axes.filter((a) => a < i).length]));
  const acc = (out instanceof Float64Array ? out : wideFor(out, out.length)).fill(start);
  const index = new Array<number>(from.length).fill(0);
  let cell = 0;
  for (let i = 0; i < x.length; i++) {
    acc[cell] = step(acc[cell], x[i]);
    for (let d = from.length - 1; d >= 0; d--) {
      cell += to[d];
      if (++index[d] < from[d]) break;
      cell -= index[d] * to[d];
      index[d] = 0;
    }
  }
  if (acc !== out) out.set(acc as never);
  return out;
}

const sumRule: Linear = linear<Axes>({
  name: "sum",
  notation: { form: "special", text: "sum", latex: "\\sum" },
  parameters: [],
  pointwise: false,
  infer: ([x], { axes }) => ({ shape: without(x.shape, axes), dtype: x.dtype === "bool" ? "i32" : x.dtype }),
  evaluate: ([x], node, out = allocate(node.dtype, node.size)) =>
    fold(x, node.inputs[0].shape, axesOf(node), out, (a, b) => a + b, 0),
  transpose: (ct, node) => [spread(ct, node.inputs[0], axesOf(node))],
  batch: ([x], _, node) => apply(sumRule, [x], { axes: moved(axesOf(node)) }),
});

function reduceWith(
  name: string,
  x: TensorLike,
  options: ReduceOptions,
  reduce: (x: Node, axes: readonly number[]) => Node,
) {
  const t = tensor(x);
  const axes = normalizeAxes(name, options.axis, t.rank);
  const y = reduce(t, axes);
  return options.keepDims ? reshape(y, kept(t.shape, axes)) : y;
}

export const sum = operation(sumRule, (x: TensorLike, options: ReduceOptions = {}) =>
  reduceWith("sum", x, options, (t, axes) => (axes.length === 0 ? t : apply(sumRule, [t], { axes }))),
);

/** 1 over how many elements reach the extremum, for each that does; else 0; NaN where it is NaN. */
function shares(x: Data, node: Node, pick: (a: number, b: number) => number, start: number): Data {
  const axes = axesOf(node);
  const strides = broadcastStrides(kept(node.shape, axes), node.shape);
  const reduced = (from: Data, step: (a: number, b: number) => number, first: number): Data => {
    const cells = fold(
      from,
      node.shape,
      axes,
      new Float64Array(sizeOf(without(node.shape, axes))),
      step,
      first,
    );
    return strided(cells, "f64", node.shape, strides);
  };
  const top = reduced(x, pick, start);
  const hits = Float64Array.from(x, (v, i) => Number(v === top[i]));
  const count = reduced(hits, (a, b) => a + b, 0);
  const out = allocate(node.dtype, node.size);
  for (let i = 0; i < out.length; i++) out[i] = hits[i] / count[i];
  return out;
}

/* @__NO_SIDE_EFFECTS__ */
function extremum(
  name: "reduce_max" | "reduce_min",
  text: string,
  pick: (a: number, b: number) => number,
  start: number,
) {
  const shareRule: Flat = flat<Axes>({
    name: `${name}_share`,
    notation: { form: "special", text: `${text}_share` },
    pointwise: false,
    infer: ([x]) => x,
    evaluate: ([x], node) => shares(x, node, pick, start),
    constantOn: () => false,
    jumpsAt: (share) => share.some((v) => v > 0 && v < 1),
    batch: ([x], _, node) => apply(shareRule, [x], { axes: moved(axesOf(node)) }),
  });
  const rule: Implicit<Axes> = {
    family: "implicit",
    name,
    notation: { form: "special", text, latex: `\\${text}` },
    pointwise: false,
    infer: ([x], { axes }) => {
      if (axes.some((a) => x.shape[a] === 0))
        throw new ShapeError(`${text}: ${showShape(x.shape)} has no elements to choose from`);
      return { shape: without(x.shape, axes), dtype: x.dtype };
    },
    evaluate: ([x], node) =>
      fold(x, node.inputs[0].shape, axesOf(node), allocate(node.dtype, node.size), pick, start),
    // All elements that reach the extremum share the slope.
    tangent: ([x], _, [dx], { axes }) =>
      dx && apply(sumRule, [mul(apply(shareRule, [x], { axes }), dx)], { axes }),
    textbookTangent: ([x], y, [dx], { axes }) => {
      const share = cast(equal(x, spread(y, x, axes)), x.dtype);
      return dx && div(apply(sumRule, [mul(share, dx)], { axes }), apply(sumRule, [share], { axes }));
    },
    batch: ([x], _, node) => apply(rule as never, [x], { axes: moved(axesOf(node)) }),
  };
  return operation(rule as Implicit, (x: TensorLike, options: ReduceOptions = {}) =>
    reduceWith(text, x, options, (t, axes) => apply(rule as Implicit, [t], { axes })),
  );
}

export const reduceMax = extremum("reduce_max", "max", Math.max, Number.NEGATIVE_INFINITY);
export const reduceMin = extremum("reduce_min", "min", Math.min, Number.POSITIVE_INFINITY);

const reductionArguments =
  (name: string) =>
  (x: TensorLike, options: ReduceOptions = {}) => {
    const t = tensor(x);
    return {
      inputs: [t],
      params: { axes: normalizeAxes(name, options.axis, t.rank), keepDims: options.keepDims === true },
    };
  };
interface Reduction extends Axes {
  readonly keepDims: boolean;
}
const shaped = (y: Node, x: Node, p: Reduction) => (p.keepDims ? reshape(y, kept(x.shape, p.axes)) : y);
const countOf = (x: Node, axes: readonly number[]) => sizeOf(axes.map((a) => x.shape[a]));

export const mean = formulaWith({
  name: "mean",
  arguments: reductionArguments("mean"),
  expand: ([x], p: Reduction) => shaped(div(sum(x, { axis: p.axes }), countOf(x, p.axes)), x, p),
});

/** The mean squared distance from the mean (divisor n). */
export const variance = formulaWith({
  name: "var",
  arguments: reductionArguments("var"),
  expand: ([x], p: Reduction) => {
    const off = sub(x, mean(x, { axis: p.axes, keepDims: true }));
    return shaped(mean(mul(off, off), { axis: p.axes }), x, p);
  },
  textbookTangent: ([x], _, [dx], p) => {
    const off = sub(x, mean(x, { axis: p.axes, keepDims: true }));
    return dx && shaped(mul(2, mean(mul(off, dx), { axis: p.axes })), x, p);
  },
});

/** The product along axes, by halves: its gradient is right where factors are zero. */
export const prod = formulaWith({
  name: "prod",
  arguments: reductionArguments("prod"),
  expand: ([x], p: Reduction) => {
    const rest = x.shape.map((_, i) => i).filter((i) => !p.axes.includes(i));
    const n = countOf(x, p.axes);
    const counted = x.dtype === "bool" ? cast(x, "i32") : x;
    let level = reshape(transpose(counted, [...p.axes, ...rest]), [n, ...rest.map((i) => x.shape[i])]);
    if (n === 0) return shaped(broadcastTo(tensor(1, counted.dtype), level.shape.slice(1)), x, p);
    while (level.shape[0] > 1) {
      const half = level.shape[0] >> 1;
      const paired = mul(slice(level, [0], [half]), slice(level, [half], [2 * half]));
      if (level.shape[0] % 2 === 0) level = paired;
      else {
        const first = mul(at(paired, 0), at(level, 2 * half));
        level = half === 1 ? reshape(first, [1, ...first.shape]) : joinFirst(first, slice(paired, [1]));
      }
    }
    return shaped(at(level, 0), x, p);
  },
  textbookTangent: ([x], y, [dx], p) => dx && mul(y, shaped(sum(div(dx, x), { axis: p.axes }), x, p)),
});

function joinFirst(first: Node, others: Node): Node {
  return concatenate([reshape(first, [1, ...first.shape]), others]);
}

/** ln Σ eˣ without overflow; its tangent is softmax·dx. */
export const logSumExp = formulaWith({
  name: "logsumexp",
  arguments: reductionArguments("logsumexp"),
  expand: ([x], p: Reduction) => {
    if (countOf(x, p.axes) === 0) return shaped(log(sum(x, { axis: p.axes })), x, p);
    const top = reduceMax(stopGradient(x), { axis: p.axes, keepDims: true });
    // Where the maximum is infinite, x − max is NaN; the shift is left out and ln Σ eˣ is ±∞ by itself.
    const shift = where(equal(sub(top, top), 0), top, 0);
    const total = log(sum(exp(sub(x, shift)), { axis: p.axes }));
    return shaped(add(total, reshape(shift, total.shape)), x, p);
  },
  tangent: ([x], y, [dx], p) => {
    if (!dx) return null;
    const weights = exp(sub(x, spread(y, x, p.axes)));
    return shaped(sum(mul(weights, dx), { axis: p.axes }), x, p);
  },
});

/** The Euclidean (for matrices: Frobenius) norm, scaled so that squares do not overflow; its slope at 0 is 0. */
export const norm = formulaWith({
  name: "norm",
  arguments: reductionArguments("norm"),
  expand: ([x], p: Reduction) => {
    if (countOf(x, p.axes) === 0) return shaped(sum(x, { axis: p.axes }), x, p);
    const top = reduceMax(abs(stopGradient(x)), { axis: p.axes, keepDims: true });
    const scale = where(logicalAnd(notEqual(top, 0), less(top, Number.POSITIVE_INFINITY)), top, 1);
    const ratio = div(x, scale);
    const root = sqrt(sum(mul(ratio, ratio), { axis: p.axes }));
    return shaped(mul(reshape(scale, root.shape), root), x, p);
  },
  tangent: ([x], y, [dx], p) => {
    if (!dx) return null;
    const whole = spread(y, x, p.axes);
    const direction = where(equal(whole, 0), 0, div(x, whole));
    return shaped(sum(mul(direction, dx), { axis: p.axes }), x, p);
  },
  textbookTangent: ([x], y, [dx], p) =>
    dx && shaped(sum(mul(div(x, spread(y, x, p.axes)), dx), { axis: p.axes }), x, p),
  notation: { form: "special", text: "norm", latex: "norm" },
});

/** ‖x‖², the sum of squares: unlike the square of the norm it has a gradient everywhere, 2x. */
export const squaredNorm = formulaWith({
  name: "squared_norm",
  arguments: reductionArguments("squaredNorm"),
  expand: ([x], p: Reduction) => shaped(sum(mul(x, x), { axis: p.axes }), x, p),
  tangent: ([x], _, [dx], p) => dx && shaped(mul(2, sum(mul(x, dx), { axis: p.axes })), x, p),
  notation: { form: "special", text: "squared_norm", latex: "norm" },
});

/* @__NO_SIDE_EFFECTS__ */
function argExtremum(name: string, better: (a: number, b: number) => boolean) {
  const rule: Flat = flat<{ axis: number }>({
    name,
    notation: { form: "function", text: name, latex: `\\operatorname{${name}}` },
    pointwise: false,
    infer: ([x], { axis }) => {
      if (x.shape[axis] === 0)
        throw new ShapeError(`${name}: ${showShape(x.shape)} has no elements to choose from`);
      return { shape: without(x.shape, [axis]), dtype: "i32" };
    },
    evaluate: ([x], node) => {
      const { outer, n, inner } = aroundAxis(node.inputs[0].shape, (node.params as { axis: number }).axis);
      const out = new Int32Array(outer * inner);
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          let best = 0;
          for (let k = 1; k < n; k++) {
            const [now, top] = [x[(o * n + k) * inner + i], x[(o * n + best) * inner + i]];
            if (better(now, top) || (Number.isNaN(now) && !Number.isNaN(top))) best = k;
          }
          out[o * inner + i] = best;
        }
      }
      return out;
    },
    constantOn: () => false,
    jumpsAt: (chosen, [x], [{ shape }], { axis }) => {
      const { outer, n, inner } = aroundAxis(shape, axis);
      for (let cell = 0; cell < outer * inner; cell++) {
        const at = (k: number) => (Math.floor(cell / inner) * n + k) * inner + (cell % inner);
        for (let k = 0; k < n; k++) if (k !== chosen[cell] && x[at(k)] === x[at(chosen[cell])]) return true;
      }
      return false;
    },
    batch: ([x], _, node) => apply(rule, [x], { axis: (node.params as { axis: number }).axis + 1 }),
  });
  return operation(rule, (x: TensorLike, axis?: number) => {
    const t = tensor(x);
    if (axis === undefined) return apply(rule, [reshape(t, [t.size])], { axis: 0 });
    return apply(rule, [t], { axis: normalizeAxis(name, axis, t.rank) });
  });
}

/** The index of the greatest element (the first of equals; NaN counts as greatest), of the flat tensor unless told. */
export const argmax = argExtremum("argmax", (a, b) => a > b);
export const argmin = argExtremum("argmin", (a, b) => a < b);
