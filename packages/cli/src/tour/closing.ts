import { parse } from "gradus/math";
import { number, table } from "../output.ts";
import { derivative, type Section, typeset } from "./figures.ts";

export function activations(): Section {
  const rows = (
    [
      ["Sigmoid", "σ(x)"],
      ["ReLU", "max(0, x)"],
      ["Tanh", "tanh(x)"],
    ] as const
  ).map(([name, source]) => {
    const d = parse(source).derivative("x");
    const at = (x: number) => typeset(number(d.evaluate({ x }).item(), 3));
    return [name, source, typeset(String(d)), at(-2), at(0), at(2)];
  });
  return {
    title: "10  Activation functions",
    says: "They bend what would else be a line, and their derivative decides how much of a gradient passes.",
    figures: [
      derivative("σ(x): σ(x)(1 − σ(x))", "σ(x)", "x", "σ(x)(1 - σ(x))"),
      derivative("max(0, x): 1_{x>0}", "max(0, x)", "x", "1_{x>0}"),
      derivative("tanh(x): 1 − tanh²(x)", "tanh(x)", "x", "1 - tanh^2(x)"),
    ],
    shown: table(["function", "", "derivative", "at −2", "at 0", "at 2"], rows),
  };
}

export function summary(): Section {
  return {
    title: "11  Summary",
    says: "A derivative says how sensitive, the chain rule brings it back through the network, the gradient shows the way, and each step down makes the loss smaller. Watch all of it at work:",
    figures: [],
  };
}
