import { allocate } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Multilinear } from "../ir/primitive.ts";
import { type Shape, ShapeError, showShape } from "../ir/shape.ts";
import { apply, formulaWith, multilinear, type TensorLike } from "./define.ts";
import { type AxisRelation, convolve } from "./kernels/convolution.ts";
import { floats } from "./matrix.ts";
import { moveAxis, reshape, transpose } from "./structure.ts";

/** A spatial axis of the primitive, and the size of the result there. */
export interface ConvolveAxis extends AxisRelation {
  readonly size: number;
}

interface ConvolveParams {
  readonly axes: readonly ConvolveAxis[];
}

/**
 * out[g, n, o, p…] = Σ x[g, n, c, i…]·w[g, o, c, k…] over c and k, with input·i = output·p + kernel·k + offset along
 * each axis. Input dilation, stride and kernel dilation are the three factors, so each of the three tensors can be the
 * result: the transposes in x and in w are this primitive again.
 */
const convolveRule: Multilinear = multilinear<ConvolveParams>({
  name: "convolve",
  notation: { form: "special", text: "convolve" },
  pointwise: false,
  infer: ([x, w], { axes }) => ({
    shape: [x.shape[0], x.shape[1], w.shape[1], ...axes.map((a) => a.size)],
    dtype: x.dtype,
  }),
  evaluate: ([x, w], node) => {
    const [input, kernel] = node.inputs.map((i) => i.shape);
    const { axes } = node.params as ConvolveParams;
    // One axis is the second of two.
    const plane = (shape: Shape) => (axes.length === 1 ? [1, ...shape.slice(3)] : shape.slice(3));
    const sizes = {
      groups: input[0],
      batch: input[1],
      inChannels: input[2],
      outChannels: kernel[1],
      input: plane(input),
      kernel: plane(kernel),
      output: plane(node.shape),
    };
    const relations = axes.length === 1 ? [SINGLE, axes[0]] : axes;
    const sums = convolve(x, w, sizes, relations);
    if (node.dtype === "f64") return sums;
    const out = allocate(node.dtype, node.size);
    out.set(sums);
    return out;
  },
  transpose: (ct, index, node) => {
    const [x, w] = node.inputs;
    const { axes } = node.params as ConvolveParams;
    if (index === 0) {
      const turned = axes.map((a, i) => ({
        input: a.output,
        output: a.input,
        kernel: -a.kernel,
        offset: -a.offset,
        size: x.shape[3 + i],
      }));
      return convolution(ct, swapped(w), turned);
    }
    const turned = axes.map((a, i) => ({
      input: a.input,
      output: a.kernel,
      kernel: a.output,
      offset: a.offset,
      size: w.shape[3 + i],
    }));
    return swapped(convolution(swapped(x), swapped(ct), turned));
  },
  batch: ([x, w], batched, node, size) => {
    const { axes } = node.params as ConvolveParams;
    if (batched[0] && batched[1]) {
      const y = convolution(joined(x), joined(w), axes);
      return reshape(y, [size, ...node.shape]);
    }
    // A batch of inputs is more rows; one of kernels is more output channels.
    const y = batched[0] ? convolution(behindGroups(x), w, axes) : convolution(x, behindGroups(w), axes);
    const [groups, rows, channels, ...spatial] = node.shape;
    const parted = batched[0]
      ? reshape(y, [groups, size, rows, channels, ...spatial])
      : reshape(y, [groups, rows, size, channels, ...spatial]);
    return batched[0] ? second(parted) : moveAxis(parted, 2, 0);
  },
});

const SINGLE: AxisRelation = { input: 1, output: 1, kernel: 1, offset: 0 };

function convolution(x: Node, w: Node, axes: readonly ConvolveAxis[]): Node {
  return apply(convolveRule, [x, w], { axes });
}

/** The second and the third axis in each other's place. */
function swapped(x: Node): Node {
  const order = x.shape.map((_, i) => i);
  if (x.shape[1] === 1 || x.shape[2] === 1)
    return reshape(x, [x.shape[0], x.shape[2], x.shape[1], ...x.shape.slice(3)]);
  return transpose(x, [0, 2, 1, ...order.slice(3)]);
}

/** The first and the second axis in each other's place; nothing moves where one of them has size 1. */
function second(x: Node): Node {
  const [a, b, ...rest] = x.shape;
  if (a === 1 || b === 1) return reshape(x, [b, a, ...rest]);
  return transpose(x, [1, 0, ...rest.map((_, i) => i + 2)]);
}

/** [batch, groups, m, …] as [groups, batch·m, …]. */
function behindGroups(x: Node): Node {
  const [batch, groups, m, ...rest] = x.shape;
  return reshape(second(x), [groups, batch * m, ...rest]);
}

/** The first two axes as one. */
function joined(x: Node): Node {
  const [a, b, ...rest] = x.shape;
  return reshape(x, [a * b, ...rest]);
}

// --- the written form ---

/** "valid": none; "same": as many results as inputs (by stride 1); a number for each side, or [before, after] by axis. */
export type Padding = "valid" | "same" | number | readonly (number | readonly [number, number])[];

export interface WindowOptions {
  /** Steps between windows, for all axes or for each; 1 unless told. */
  readonly stride?: number | readonly number[];
  /** Zeros around the input; none unless told. */
  readonly padding?: Padding;
  /** Steps between the elements that a window reads; 1 unless told. */
  readonly dilation?: number | readonly number[];
}

export interface ConvolutionOptions extends WindowOptions {
  /** Steps between the input's elements, zeros in between: 2 makes a convolution of stride 1/2. 1 unless told. */
  readonly inputDilation?: number | readonly number[];
  /** Channels in so many groups that do not mix; 1 unless told. */
  readonly groups?: number;
}

/** A number from 1 on for each axis. */
export function perAxis(
  name: string,
  what: string,
  value: number | readonly number[] | undefined,
  rank: number,
): number[] {
  const list = typeof value === "object" ? [...value] : new Array<number>(rank).fill(value ?? 1);
  if (list.length !== rank || !list.every((v) => Number.isInteger(v) && v >= 1)) {
    throw new ShapeError(
      `${name}: ${what} [${list}] must be a whole number from 1 on, or ${rank} of them, one for each axis`,
    );
  }
  return list;
}

/** What windows along one axis are: how they step, where the first begins, how many there are. */
export function windowAxis(
  name: string,
  sizes: {
    readonly input: number;
    readonly window: number;
    readonly stride: number;
    readonly dilation: number;
  },
  padding: Padding,
  axis: number,
  inputDilation = 1,
): ConvolveAxis {
  const { input, window, stride, dilation } = sizes;
  const length = input === 0 ? 0 : (input - 1) * inputDilation + 1;
  const reach = (window - 1) * dilation + 1;
  const [low, high] = paddingOf(name, padding, axis, length, reach, stride);
  const size = Math.floor((length + low + high - reach) / stride) + 1;
  if (window < 1 || size < 1) {
    throw new ShapeError(
      `${name}: a window that reaches over ${reach} does not fit an input of size ${length} with padding ` +
        `${low} and ${high} (axis ${axis} of the spatial ones): pad more, or take a smaller window`,
    );
  }
  return { input: inputDilation, output: stride, kernel: dilation, offset: -low, size };
}

function paddingOf(
  name: string,
  padding: Padding,
  axis: number,
  length: number,
  reach: number,
  stride: number,
): readonly [number, number] {
  if (padding === "valid") return [0, 0];
  if (padding === "same") {
    const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach - length);
    return [total >> 1, total - (total >> 1)];
  }
  const own = typeof padding === "number" ? padding : padding?.[axis];
  const pair = typeof own === "number" ? ([own, own] as const) : own;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((v) => Number.isInteger(v) && v >= 0)) {
    throw new ShapeError(
      `${name}: padding ${JSON.stringify(padding)} must be "valid", "same", a whole number from 0 on, or for each ` +
        "axis a number or [before, after]",
    );
  }
  return pair as readonly [number, number];
}

interface ConvParams extends Required<ConvolutionOptions> {}

/** Adds the batch and channel axes that a plain signal or image leaves out. */
function withChannels(x: Node): Node {
  return x.rank <= 2 ? reshape(x, [1, 1, ...x.shape]) : x;
}

function expandConv(x: Node, w: Node, p: ConvParams): Node {
  const plain = x.rank <= 2;
  const [input, kernel] = [withChannels(x), withChannels(w)];
  const [batch, channels, ...from] = input.shape;
  const [outChannels, inChannels, ...window] = kernel.shape;
  const rank = from.length;
  const { groups } = p;
  if (
    !Number.isInteger(groups) ||
    groups < 1 ||
    channels !== inChannels * groups ||
    outChannels % groups !== 0
  ) {
    throw new ShapeError(
      `conv: input ${showShape(x.shape)} has ${channels} channels and the kernel ${showShape(w.shape)} reads ` +
        `${inChannels} and makes ${outChannels}, in ${groups} group(s): expected ${groups}·${inChannels} channels, ` +
        `and as many kernels in each group`,
    );
  }
  const stride = perAxis("conv", "stride", p.stride, rank);
  const dilation = perAxis("conv", "dilation", p.dilation, rank);
  const inputDilation = perAxis("conv", "inputDilation", p.inputDilation, rank);
  const axes = from.map((size, i) =>
    windowAxis(
      "conv",
      { input: size, window: window[i], stride: stride[i], dilation: dilation[i] },
      p.padding,
      i,
      inputDilation[i],
    ),
  );
  const grouped = second(reshape(input, [batch, groups, inChannels, ...from]));
  const kernels = reshape(kernel, [groups, outChannels / groups, inChannels, ...window]);
  const y = second(convolution(grouped, kernels, axes));
  const spatial = axes.map((a) => a.size);
  return reshape(y, plain ? spatial : [batch, outChannels, ...spatial]);
}

/**
 * Convolution as deep learning means it (the kernel is not turned around), in one or two dimensions. x is [n, c, l] or
 * [n, c, h, w], the kernel [o, c/groups, k] or [o, c/groups, kh, kw]; two vectors or two matrices are one channel each.
 * The result is [n, o, …].
 */
export const conv = formulaWith({
  name: "conv",
  notation: { form: "special", text: "conv", latex: "\\operatorname{conv}" },
  arguments: (x: TensorLike, kernel: TensorLike, options: ConvolutionOptions = {}) => {
    const inputs = floats(x, kernel);
    const [a, b] = inputs;
    if (a.rank !== b.rank || a.rank < 1 || a.rank > 4) {
      throw new ShapeError(
        `conv: input ${showShape(a.shape)} and kernel ${showShape(b.shape)}: expected ranks 1 and 1 (a signal), ` +
          "2 and 2 (an image), 3 and 3 (batch, channel, length) or 4 and 4 (batch, channel, height, width)",
      );
    }
    const params: ConvParams = {
      stride: 1,
      padding: "valid",
      dilation: 1,
      inputDilation: 1,
      groups: 1,
      ...options,
    };
    return { inputs, params };
  },
  expand: ([x, w], p: ConvParams) => expandConv(x, w, p),
});
