import type { Tone } from "gradus-charts";

interface ShownMethod {
  readonly id: string;
  readonly name: string;
  readonly tone: Tone;
  /** What it trusts, in a line. */
  readonly trusts: string;
}

/** In the order of the deck: first-order models, then second-order ones. */
export const METHODS: readonly ShownMethod[] = [
  {
    id: "gd",
    name: "gradient descent",
    tone: "backward",
    trusts: "the tangent plane, for a step of the rate",
  },
  { id: "momentum", name: "momentum", tone: "third", trusts: "the plane, and the steps before" },
  { id: "adam", name: "Adam", tone: "fourth", trusts: "the plane, each axis on its own scale" },
  { id: "newton", name: "Newton", tone: "model", trusts: "the quadratic bowl, all the way to its bottom" },
  { id: "trust", name: "trust region", tone: "second", trusts: "the bowl, within a radius that it adapts" },
  { id: "lbfgs", name: "L-BFGS", tone: "fifth", trusts: "a bowl guessed from the last gradients" },
];

export interface Example {
  readonly name: string;
  readonly value: string;
  /** Where it starts, as in the address. */
  readonly point: string;
  readonly rate: number;
  /** x from, x to, y from, y to. */
  readonly window: string;
}

export const EXAMPLES: readonly Example[] = [
  { name: "long valley", value: "x^2/2 + 5 y^2", point: "x:-4,y:1.5", rate: 0.15, window: "-5,5,-2.5,2.5" },
  {
    name: "Rosenbrock",
    value: "(1 - x)^2 + 100 (y - x^2)^2",
    point: "x:-1.2,y:1",
    rate: 0.0012,
    window: "-2,2,-1,3",
  },
  {
    name: "Himmelblau",
    value: "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    point: "x:-0.5,y:-1",
    rate: 0.01,
    window: "-5,5,-5,5",
  },
  {
    name: "saddle",
    value: "x^2 - y^2 + y^4/4",
    point: "x:-1.8,y:0.02",
    rate: 0.2,
    window: "-2.5,2.5,-2.5,2.5",
  },
  { name: "one variable", value: "x^4/4 - x^2 + x/4", point: "x:0.2", rate: 0.3, window: "-2.2,2.2,-3,3" },
  {
    name: "the neuron",
    value: "1/2 (y - σ(w x + b))^2",
    point: "w:-1,b:-1,x:1.5,y:1",
    rate: 2,
    window: "-4,6,-5,5",
  },
  {
    name: "hills",
    value: "sin(x) cos(y) + (x^2 + y^2)/20",
    point: "x:1,y:0.8",
    rate: 0.3,
    window: "-5,5,-4,4",
  },
];

/** Of the neuron on the penguins. */
export const NEURON: Example = { name: "", value: "", point: "w:-0.5,b:2", rate: 4, window: "-3,9,-5,4" };

/** Where none is given, about the middle, and as wide as the start needs. */
export function readWindow(
  text: string,
  start: readonly number[],
): { x: [number, number]; y: [number, number] } {
  const [a, b, c, d] = text.split(",").map(Number);
  if ([a, b, c, d].every(Number.isFinite) && b > a && d > c) return { x: [a, b], y: [c, d] };
  const reach = (v = 0): [number, number] =>
    Math.abs(v) < 3 ? [-3, 3] : [-1.5 * Math.abs(v), 1.5 * Math.abs(v)];
  return { x: reach(start[0]), y: reach(start[1]) };
}
