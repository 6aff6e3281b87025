/** A small dense network as a program of the library. */
import { gelu, mean, mul, pow, relu, sigmoid, sub, type Tensor, tanh, tensor } from "gradus";
import { type Activation, type Shape, sizesOf } from "./shape.ts";

const OF: Readonly<Record<Activation, (z: Tensor) => Tensor>> = { tanh, sigmoid, relu, gelu };

/** A layer takes a row of inputs to its units: w is [inputs, units], b [units]; the last has one unit. */
export interface Layer {
  readonly w: Tensor;
  readonly b: Tensor;
}
export interface Parameters {
  readonly layers: readonly Layer[];
}

/** All numbers of a network one after the other: each layer's w row by row, then its b. */
export function unpack(shape: Shape, flat: Float64Array): Parameters {
  let at = 0;
  const take = (dimensions: readonly number[]): Tensor => {
    const size = dimensions.reduce((a, b) => a * b, 1);
    at += size;
    return tensor(flat.slice(at - size, at)).reshape(dimensions);
  };
  return {
    layers: sizesOf(shape).map(([inputs, units]) => ({ w: take([inputs, units]), b: take([units]) })),
  };
}

export function pack(p: Parameters): Float64Array {
  return Float64Array.from(p.layers.flatMap(({ w, b }) => [...w.toTypedArray(), ...b.toTypedArray()]));
}

/** A number for each state of a small generator (mulberry32, Tommy Ettinger, public domain). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The single neuron starts at 0; a network needs units that differ: Glorot's uniform start (2010). */
export function start(shape: Shape, seed: number): Float64Array {
  const next = random(seed);
  return Float64Array.from(
    sizesOf(shape).flatMap(([inputs, units]) => {
      const reach = shape.hidden.length === 0 ? 0 : Math.sqrt(6 / (inputs + units));
      return [
        ...Array.from({ length: inputs * units }, () => reach * (2 * next() - 1)),
        ...Array.from({ length: units }, () => 0),
      ];
    }),
  );
}

/** The activations of every layer for rows of inputs; the last is the output, [rows, 1]. */
export function forward(shape: Shape, p: Parameters, x: Tensor): Tensor[] {
  const found: Tensor[] = [];
  let h = x;
  p.layers.forEach(({ w, b }, l) => {
    const z = h.dot(w).add(b);
    h = l === shape.hidden.length ? sigmoid(z) : OF[shape.activation](z);
    found.push(h);
  });
  return found;
}

/** The lecture's ½(y − a)², averaged over the rows; y is [rows, 1]. */
export function lossOf(shape: Shape, p: Parameters, x: Tensor, y: Tensor): Tensor {
  const a = forward(shape, p, x)[shape.hidden.length];
  return mul(mean(pow(sub(y, a), 2)), 0.5);
}
