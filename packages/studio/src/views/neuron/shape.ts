/** A small dense network by its shape: how many numbers it has, their names, its lines as a person writes them. */
export const ACTIVATIONS = ["tanh", "sigmoid", "relu", "gelu"] as const;
export type Activation = (typeof ACTIVATIONS)[number];

export const INPUTS = 2;

export interface Shape {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

export const sizesOf = ({ hidden }: Shape): readonly (readonly [number, number])[] =>
  [...hidden, 1].map((units, l) => [l === 0 ? INPUTS : hidden[l - 1], units] as const);

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
