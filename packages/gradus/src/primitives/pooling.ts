import { allocate, type Data } from "../ir/dtype.ts";
import { constant, type Node } from "../ir/node.ts";
import type { Flat, Implicit } from "../ir/primitive.ts";
import { type Shape, ShapeError, showShape, sizeOf } from "../ir/shape.ts";
import { div, mul } from "./arithmetic.ts";
import {
  type ConvolveAxis,
  conv,
  type Padding,
  perAxis,
  type WindowOptions,
  windowAxis,
} from "./convolution.ts";
import { apply, flat, formulaWith, operation, type TensorLike } from "./define.ts";
import { gather } from "./indexing.ts";
import { poolMax, poolShares, readPlaces } from "./kernels/pooling.ts";
import { float } from "./matrix.ts";
import { sum } from "./reduction.ts";
import { ones, reshape } from "./structure.ts";

export interface PoolOptions extends WindowOptions {
  /** Whether an average counts the zeros around the input; it does not unless told. */
  readonly countPadding?: boolean;
}

interface PoolParams {
  readonly window: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: Padding;
}

function poolParams(
  name: string,
  x: Node,
  window: number | readonly number[],
  options: PoolOptions,
): PoolParams {
  if (x.rank !== 3 && x.rank !== 4) {
    throw new ShapeError(
      `${name}: expected [batch, channel, length] or [batch, channel, height, width], got shape ${showShape(x.shape)}`,
    );
  }
  const rank = x.rank - 2;
  const sizes = perAxis(name, "window", window, rank);
  return {
    window: sizes,
    // Windows side by side, as everyone expects of pooling.
    stride: perAxis(name, "stride", options.stride ?? sizes, rank),
    dilation: perAxis(name, "dilation", options.dilation, rank),
    padding: options.padding ?? "valid",
  };
}

function axesOf(name: string, spatial: Shape, p: PoolParams) {
  const axes = spatial.map((input, i) =>
    windowAxis(
      name,
      { input, window: p.window[i], stride: p.stride[i], dilation: p.dilation[i] },
      p.padding,
      i,
    ),
  );
  axes.forEach((a, i) => {
    refuseEmpty(name, a, spatial[i], p.window[i]);
  });
  return axes;
}

/** A window that reads nothing but padding has no maximum and no mean. */
function refuseEmpty(name: string, axis: ConvolveAxis, input: number, window: number): void {
  for (let p = 0; p < axis.size; p++) {
    let k = 0;
    const at = () => axis.output * p + axis.kernel * k + axis.offset;
    while (k < window && !(at() >= 0 && at() < input)) k++;
    if (k === window)
      throw new ShapeError(`${name}: window ${p + 1} of ${axis.size} lies in the padding only: pad less`);
  }
}

/** For each window and each place in it, the place in the input that is read; -1 in the padding. */
function placesOf(spatial: Shape, p: PoolParams): Int32Array {
  const axes = axesOf("maxPool", spatial, p);
  const two = <T>(list: readonly T[], first: T): readonly T[] =>
    list.length === 1 ? [first, ...list] : list;
  return readPlaces(
    two(axes, { input: 1, output: 1, kernel: 1, offset: 0, size: 1 }),
    two(spatial, 1),
    two(p.window, 1),
  );
}

const maxPoolRule: Implicit<PoolParams> = {
  family: "implicit",
  name: "max_pool",
  notation: { form: "special", text: "max_pool", latex: "\\operatorname{maxpool}" },
  pointwise: false,
  infer: ([x], p) => ({
    shape: [...x.shape.slice(0, 2), ...axesOf("maxPool", x.shape.slice(2), p).map((a) => a.size)],
    dtype: x.dtype,
  }),
  evaluate: ([x]: readonly Data[], node) => {
    const p = node.params as PoolParams;
    const spatial = node.inputs[0].shape.slice(2);
    const out = allocate(node.dtype, node.size);
    poolMax(x, sizeOf(spatial), placesOf(spatial, p), sizeOf(p.window), out);
    return out;
  },
  // As for max over an axis: all elements of a window that reach the maximum share the slope.
  tangent: ([x], y, [dx], p) => {
    const reads = dx && windowsOf(dx, placesOf(x.shape.slice(2), p), p);
    return reads && reshape(sum(mul(apply(shareRule, [x], p), reads), { axis: -1 }), y.shape);
  },
  batch: ([x], _, node, size) => {
    const y = apply(maxPoolRule as Implicit, [joinedBatch(x, size)], node.params);
    return reshape(y, [size, ...node.shape]);
  },
};

/** [n, c, windows, places in a window]; the padding repeats the first element, to be masked. */
function windowsOf(x: Node, places: Int32Array, p: PoolParams): Node {
  const [n, c, ...spatial] = x.shape;
  const count = sizeOf(p.window);
  const index = constant(
    places.map((i) => Math.max(0, i)),
    [places.length / count, count],
    "i32",
  );
  return gather(reshape(x, [n, c, sizeOf(spatial)]), index, 2);
}

/** What share of each window's slope each place in it has: [n, c, windows, places in a window]. */
const shareRule: Flat = flat<PoolParams>({
  name: "max_pool_share",
  notation: { form: "special", text: "max_pool_share" },
  pointwise: false,
  infer: ([x], p) => {
    const count = sizeOf(p.window);
    const windows = placesOf(x.shape.slice(2), p).length / count;
    return { shape: [...x.shape.slice(0, 2), windows, count], dtype: x.dtype };
  },
  evaluate: ([x], node) => {
    const p = node.params as PoolParams;
    const spatial = node.inputs[0].shape.slice(2);
    const out = allocate(node.dtype, node.size);
    poolShares(x, sizeOf(spatial), placesOf(spatial, p), sizeOf(p.window), out);
    return out;
  },
  constantOn: () => false,
  jumpsAt: (share) => share.some((v) => v > 0 && v < 1),
  batch: ([x], _, node, size) => {
    const y = apply(shareRule, [joinedBatch(x, size)], node.params);
    return reshape(y, [size, ...node.shape]);
  },
});

/** [size, n, c, …] as [size·n, c, …]. */
function joinedBatch(x: Node, size: number): Node {
  const [batch, ...rest] = x.shape.slice(1);
  return reshape(x, [size * batch, ...rest]);
}

/**
 * The greatest element of each window of [n, c, l] or [n, c, h, w]; windows stand side by side unless a stride is given,
 * and padding never wins. Where several elements of a window are greatest, they share the slope, as with `max`.
 */
export const maxPool = operation(
  maxPoolRule as Implicit,
  (x: TensorLike, window: number | readonly number[], options: WindowOptions = {}): Node => {
    const t = float(x);
    return apply(maxPoolRule as Implicit, [t], poolParams("maxPool", t, window, options));
  },
);

interface AverageParams extends PoolParams {
  readonly countPadding: boolean;
}

/**
 * The mean of each window of [n, c, l] or [n, c, h, w]: of the elements that are there or, with `countPadding`, with
 * the padding as zeros.
 */
export const avgPool = formulaWith({
  name: "avg_pool",
  arguments: (x: TensorLike, window: number | readonly number[], options: PoolOptions = {}) => {
    const t = float(x);
    const params: AverageParams = {
      ...poolParams("avgPool", t, window, options),
      countPadding: options.countPadding === true,
    };
    return { inputs: [t], params };
  },
  expand: ([x], p: AverageParams) => {
    const [n, c, ...spatial] = x.shape;
    const { stride, dilation, padding } = p;
    axesOf("avgPool", spatial, p);
    const total = (t: Node) => conv(t, ones([1, 1, ...p.window], x.dtype), { stride, dilation, padding });
    const sums = total(reshape(x, [n * c, 1, ...spatial]));
    const count = p.countPadding ? sizeOf(p.window) : total(ones([1, 1, ...spatial], x.dtype));
    return reshape(div(sums, count), [n, c, ...sums.shape.slice(2)]);
  },
});
