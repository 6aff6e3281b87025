import { expect, test } from "vitest";
import { backwardPass } from "../src/derivation/backward-pass.ts";
import { interpret } from "../src/engines/interpreter.ts";
import { stableForms } from "../src/expression/stable.ts";
import { parse } from "../src/math.ts";
import { tensor } from "../src/primitives/define.ts";

// Values from mpmath at 60 digits, at the numbers that these decimals are as doubles.
test.each([
  ["sigmoid(x)", 40, 1, 4.248354255291589e-18],
  ["sigmoid(x)", 40, 2, -4.248354255291589e-18],
  ["tanh(x)", 20, 1, 1.6993417021166355e-17],
  ["coth(x)", 20, 1, -1.6993417021166355e-17],
  ["ln(sigmoid(x))", 40, 0, -4.248354255291589e-18],
  ["ln(1 - sigmoid(x))", -40, 0, -4.248354255291589e-18],
  ["-log(sigmoid(x))", 40, 1, -4.248354255291589e-18],
  ["ln(1 + e^x)", 800, 0, 800],
  ["ln(1 + e^x)", -40, 0, 4.248354255291589e-18],
  ["ln(1 - e^x)", -40, 0, -4.248354255291589e-18],
  ["(1/2)*(1 - sigmoid(x))^2", 40, 1, -1.804851387845415e-35],
  ["2*sigmoid(x) - 1", 1e-9, 0, 5e-10],
  ["(1 - cos(x))/x^2", 1e-9, 0, 0.5],
  ["cosh(x) - 1", 1e-9, 0, 5e-19],
  ["1 - erf(x)", 10, 0, 2.088487583762545e-45],
  ["1 + erf(x)", -10, 0, 2.088487583762545e-45],
  ["1 + tanh(x)", -30, 0, 1.751302152539304e-26],
  ["1 - tanh(x)", 30, 0, 1.751302152539304e-26],
  ["(e^x - 1)/x", 1e-9, 0, 1.0000000005],
  ["ln(1 + x)/x", 1e-9, 0, 0.9999999995],
  ["ln(1 - x)", 1e-9, 0, -1.0000000005e-9],
  ["sec(x)^2 - 1", 1e-9, 0, 1e-18],
  ["1 - sin(x)^2", 1.5707963, 0, 7.179664830023791e-16],
] as const)("%s at %d, derivative %d, keeps its digits", (text, x, order, wanted) => {
  const value = parse(text).derivative("x", order).evaluate({ x }).item();
  expect(Math.abs(value - wanted) / Math.abs(wanted)).toBeLessThan(4e-15);
});

test.each([
  ..."sigmoid tanh erf erfc exp cos cosh"
    .split(" ")
    .flatMap((f) => [`1 - ${f}(x)`, `${f}(x) - 1`, `1 + ${f}(x)`]),
  ..."tanh sech sin cos sec csc coth cosh".split(" ").map((f) => `1 - ${f}(x)^2`),
  ..."tanh sech sin cos sec csc coth cosh".split(" ").map((f) => `${f}(x)^2 - 1`),
  ...[
    "ln(1 + x)",
    "ln(1 - x/4)",
    "ln(1 + exp(x))",
    "ln(1 - sigmoid(x))",
    "ln(sigmoid(x))",
    "1 - 2*sigmoid(x)",
  ],
  ...["-1 - tanh(x)", "1 - (-erf(x))", "1 + 3*sigmoid(x)", "1 - tanh(x)^3", "ln(x - 1)", "ln(2 - exp(-x))"],
])("%s: the stable form is the same function", (text) => {
  const e = parse(text);
  for (const x of [0.3, 0.7, 1.6, 2.5]) {
    const plain = interpret({ inputs: [e.variable("x")], outputs: [e.node] })(tensor(x))[0].item();
    const stable = interpret({ inputs: [e.variable("x")], outputs: stableForms([e.node]) })(
      tensor(x),
    )[0].item();
    if (Number.isNaN(plain)) expect(stable).toBeNaN();
    else expect(stable).toBeCloseTo(plain, 12);
  }
});

test("the backward pass shows the local derivative that it uses", () => {
  const pass = backwardPass(parse("a = sigmoid(z); L = 2 a"), new Map([["z", tensor(40)]]));
  const z = pass.backward.find((row) => row.name === "z");
  expect(z?.parts[0].localValue?.item()).toBeCloseTo(4.248354255291589e-18, 30);
});
