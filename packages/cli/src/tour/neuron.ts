import { mean, pow, sigmoid, type Tensor, tensor } from "gradus";
import { gradientDescent, type Minimization, minimize, trainStep } from "gradus/optimize";
import { dataFile } from "../data.ts";

const MEASUREMENTS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"] as const;
export const SPECIES = ["Adelie", "Chinstrap"] as const;

interface Table {
  /** One row a penguin, measurements standardised by the training rows. */
  readonly x: Tensor;
  readonly y: Tensor;
  readonly count: number;
}

export interface Penguins {
  readonly train: Table;
  readonly test: Table;
}

/** Two species of the penguins, every fourth row held out. Rows with a missing measurement are left out. */
export function loadPenguins(): Penguins {
  const text = dataFile("penguins.csv");
  const [head, ...lines] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const columns = MEASUREMENTS.map((m) => head.indexOf(m));
  const rows = lines
    .filter((r) => (SPECIES as readonly string[]).includes(r[0]) && columns.every((c) => r[c] !== ""))
    .map((r) => ({ x: columns.map((c) => Number(r[c])), y: r[0] === SPECIES[1] ? 1 : 0 }));
  const held = (_: unknown, i: number): boolean => i % 4 === 3;
  const train = rows.filter((r, i) => !held(r, i));
  const scales = columns.map((_, c) => scaleOf(train.map((r) => r.x[c])));
  const make = (part: typeof rows): Table => ({
    x: tensor(part.map((r) => r.x.map((v, c) => (v - scales[c].mean) / scales[c].deviation))),
    y: tensor(part.map((r) => r.y)),
    count: part.length,
  });
  return { train: make(train), test: make(rows.filter(held)) };
}

function scaleOf(values: readonly number[]): { mean: number; deviation: number } {
  const average = values.reduce((a, b) => a + b, 0) / values.length;
  const spread = values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length;
  return { mean: average, deviation: Math.sqrt(spread) };
}

export interface Neuron {
  readonly w: Tensor;
  readonly b: Tensor;
}

const predict = (n: Neuron, x: Tensor): Tensor => sigmoid(x.dot(n.w).add(n.b));

/** The lecture's loss ½(y − ŷ)², averaged over the rows. */
const lossOf = (n: Neuron, { x, y }: Pick<Table, "x" | "y">): Tensor =>
  mean(pow(y.sub(predict(n, x)), 2)).mul(0.5);

export interface Training {
  readonly losses: number[];
  readonly neuron: Neuron;
  readonly accuracy: number;
  /** What guessing the more frequent species would reach on the held-out rows. */
  readonly majority: number;
}

/** Gradient descent from zero; `progress` is told after each step. */
export function trainNeuron(
  data: Penguins,
  steps: number,
  rate: number,
  progress: (step: number, loss: number) => void,
): Training {
  const start: Neuron = { w: tensor(new Float64Array(MEASUREMENTS.length)), b: tensor(0) };
  const step = trainStep(
    (n: Neuron, x: Tensor, y: Tensor) => lossOf(n, { x, y }),
    start,
    gradientDescent(rate),
  );
  const { x, y } = data.train;
  const losses: number[] = [];
  for (let i = 1; i <= steps; i++) {
    const loss = step(x, y);
    losses.push(loss);
    progress(i, loss);
  }
  const neuron = step.parameters as Neuron;
  const truth = Array.from(data.test.y.toTypedArray());
  const guesses = predict(neuron, data.test.x).toTypedArray();
  const right = truth.filter((y, i) => Number(guesses[i] > 0.5) === y).length;
  const ones = truth.filter((y) => y === 1).length;
  return {
    losses,
    neuron,
    accuracy: right / data.test.count,
    majority: Math.max(ones, data.test.count - ones) / data.test.count,
  };
}

/** The same loss lowered by two methods, each trusting its own local model: the plane, and the bowl. */
export function compareMethods(
  data: Penguins,
  steps: number,
  rate: number,
): Readonly<Record<"gd" | "newton", Minimization<Neuron>>> {
  const start: Neuron = { w: tensor(new Float64Array(MEASUREMENTS.length)), b: tensor(0) };
  const loss = (n: Neuron) => lossOf(n, data.train);
  return {
    gd: minimize(loss, start, { method: "gd", rate, steps }),
    newton: minimize(loss, start, { method: "newton", steps }),
  };
}
