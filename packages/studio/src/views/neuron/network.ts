/** A small dense network: its parameters, its lines as a person writes them, its names. */
import { gelu, mean, mul, pow, relu, sigmoid, sub, type Tensor, tanh, tensor } from "gradus";

export const ACTIVATIONS = ["tanh", "sigmoid", "relu", "gelu"] as const;
export type Activation = (typeof ACTIVATIONS)[number];

const OF: Readonly<Record<Activation, (z: Tensor) => Tensor>> = { tanh, sigmoid, relu, gelu };

export const INPUTS = 2;

export interface Shape {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

/** A layer takes a row of inputs to its units: w is [inputs, units], b [units]; the last has one unit. */
export interface Layer {
  readonly w: Tensor;
  readonly b: Tensor;
}
export interface Parameters {
  readonly layers: readonly Layer[];
}

export const sizesOf = ({ hidden }: Shape): readonly (readonly [number, number])[] =>
  [...hidden, 1].map((units, l) => [l === 0 ? INPUTS : hidden[l - 1], units] as const);

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

export interface Named {
  readonly name: string;
  readonly latex: string;
  readonly layer: number;
  /** The unit that it comes from; absent for a bias. */
  readonly from?: number;
  readonly to: number;
}

/** The parameters in the order of `pack`. One neuron has w_1, w_2, b; in a network w_123 leads in layer 1 from 2 to 3. */
export function namesOf(shape: Shape): Named[] {
  const last = shape.hidden.length;
  return sizesOf(shape).flatMap(([inputs, units], l) => {
    const subscript = (...parts: number[]) => parts.map((v) => v + 1).join("");
    const named = (letter: string, parts: number[], rest: Pick<Named, "from" | "to">): Named => {
      const below = subscript(...parts);
      return {
        name: below === "" ? letter : `${letter}_${below}`,
        latex: below === "" ? letter : `${letter}_{${below}}`,
        layer: l,
        ...rest,
      };
    };
    const single = last === 0;
    const outer = l === last;
    const weights = Array.from({ length: inputs * units }, (_, k) => {
      const [from, to] = [Math.floor(k / units), k % units];
      return single
        ? named("w", [from], { from, to })
        : outer
          ? named("v", [from], { from, to })
          : named("w", [l, from, to], { from, to });
    });
    const biases = Array.from({ length: units }, (_, to) =>
      single ? named("b", [], { to }) : outer ? named("c", [], { to }) : named("b", [l, to], { to }),
    );
    return [...weights, ...biases];
  });
}

/** How the activations are typed in a line of maths. */
const WRITTEN: Readonly<Record<Activation, string>> = {
  tanh: "tanh",
  sigmoid: "σ",
  relu: "relu",
  gelu: "gelu",
};

/** The network as lines of maths for one example: z_11 = w_111 x_1 + …; h_11 = tanh(z_11); … L = ½(y − a)². */
export function linesOf(shape: Shape): string[] {
  const names = namesOf(shape);
  const last = shape.hidden.length;
  const lines: string[] = [];
  sizesOf(shape).forEach(([inputs, units], l) => {
    for (let to = 0; to < units; to++) {
      const own = names.filter((n) => n.layer === l && n.to === to);
      const into = (from: number) => (l === 0 ? `x_${from + 1}` : `h_${l}${from + 1}`);
      const terms = Array.from({ length: inputs }, (_, from) => `${own[from].name} ${into(from)}`);
      const z = l === last ? "z" : `z_${l + 1}${to + 1}`;
      lines.push(`${z} = ${[...terms, own[inputs].name].join(" + ")}`);
      lines.push(l === last ? "a = σ(z)" : `h_${l + 1}${to + 1} = ${WRITTEN[shape.activation]}(${z})`);
    }
  });
  return [...lines, "L = 1/2 (y - a)^2"];
}
