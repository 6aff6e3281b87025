import { expect, test } from "vitest";
import { type Tensor, taylor } from "../src/index.ts";
import { parse, Rational, taylorModel } from "../src/math.ts";
import { exactSeries } from "../src/numeric/exact-series.ts";

const exact = (text: string, at: number, order: number) => {
  const e = parse(text);
  return exactSeries(e.node, e.variable("x"), Rational.from(at), order)?.map(String);
};

test.each([
  ["x/(e^x - 1)", 0, "1 -1/2 1/12 0 -1/720 0 1/30240"],
  ["tan(x)", 0, "0 1 0 1/3 0 2/15 0 17/315"],
  ["sec(x)", 0, "1 0 1/2 0 5/24 0 61/720"],
  ["sin(x)/x", 0, "1 0 -1/6 0 1/120"],
  ["1/(1 - x - x^2)", 0, "1 1 2 3 5 8 13 21"],
  ["sqrt(4 + x)", 0, "2 1/4 -1/64 1/512"],
  ["(8 + x)^(-2/3)", 0, "1/4 -1/48 5/2304"],
  ["asin(x)", 0, "0 1 0 1/6 0 3/40"],
  ["sigmoid(x)", 0, "1/2 1/4 0 -1/48 0 1/480"],
  ["(1 + 25x^2)^-1", 0, "1 0 -25 0 625"],
  ["1/x", 0.5, "2 -4 8 -16"],
  ["x^x", 1, "1 1 1 1/2 1/3 1/12"],
  ["ln(x)/(x - 1)", 1, "1 -1/2 1/3 -1/4"],
  ["x^3 |x - 2|", 1, "1 2 0 -2 -1 0"],
  ["max(0, x)^2", -1, "0 0 0"],
  ["where(x > 0, x^2, sin(x))", 3, "9 6 1 0"],
  ["exp(x)", 0, "1 1 1/2 1/6 1/24 1/120 1/720 1/5040 1/40320 1/362880 1/3628800"],
])("%s at %s", (text, at, wanted) => {
  expect(exact(text, at, wanted.split(" ").length - 1)?.join(" ")).toBe(wanted);
});

test.each([
  ["exp(x)", 1],
  ["cos(x)", 1],
  ["sqrt(2 + x)", 0],
  ["erf(x)", 0],
  ["|x|", 0],
  ["π x", 0],
  ["x^x", 2],
  ["(10^300 + x)^5", 0],
  ["sin(x)/x^3", 0],
])("%s at %d has none that are seen to be rational", (text, at) => {
  expect(exact(text, at, 3)).toBeUndefined();
});

test.each([
  ["tanh(x)^2 + sinh(x) cosh(x)", 0],
  ["ln((1 + x)/(1 - x))", 0],
  ["exp(sin(x)) atan(x)", 0],
  ["(1 - cos(x))/x^2", 0],
  ["sech(x)/(2 + asinh(x))", 0],
  ["hypot(3 + x, 4)", 0],
  ["gelu_tanh(x)", 0],
  ["silu(x) softsign(x + 1)", 0],
  ["cbrt(8 + x) atanh(x)", 0],
  ["min(x, 1) + relu(x)", 0.25],
])("%s: the same as in floating point", (text, at) => {
  const e = parse(text);
  const found = exactSeries(e.node, e.variable("x"), Rational.from(at), 12);
  const floats = taylor((x: Tensor) => e.apply(new Map([["x", x]])), at, 12);
  // What rests on an irrational constant (the √(2/π) of GELU) has no fractions.
  if (text.startsWith("gelu")) expect(found).toBeUndefined();
  else floats.forEach((c, k) => expect(found?.[k].toNumber()).toBeCloseTo(c, 9));
});

// c₁₆ by mpmath: contour sums at two radii that agree.
test.each([
  ["x^x", 1, 0.005027098764697971],
  ["x^x", 0.5, 159.8596441603769],
  ["(1+x)^(1/x)", 0.5, 0.0010885271611305292],
  ["asin(x)", 0.3, 1.597795021083765],
  ["acosh(x)", 2, -0.006442042549690894],
  ["asec(x)", 2, -0.006703218524650519],
  ["erfc(x)", 2, 7.003121469069786e-7],
  ["logsigmoid(x)", 30, -4.472454672746002e-27],
  ["sqrt(x^2+x^4)/x", 1, -5.565293782511162e-5],
  ["exp(x*log(x))", 2, 6.007890944205196e-7],
  ["log(log(x))", 3, -9.532111169813905e-7],
  ["(coth(x))*((x/2)*(-x))", 0.5, 1.2486071516480033e-8],
  ["asinh((x^2 + 1)^(x))", 2, -0.00010063270452311736],
  ["10^(asinh((2*x - 1)^3))", 2, -0.002308100580303499],
  ["arctan(x^(-1))", 0.5, -0.0095064806129664],
  ["acot(x)", -0.5, 0.0095064806129664],
] as const)("%s at %d: coefficient 16 keeps its digits", (text, at, wanted) => {
  const [c] = taylorModel(parse(text), "x", Rational.from(at), 16).coefficients.slice(-1);
  expect(Math.abs(c - wanted)).toBeLessThan(4e-16 * Math.abs(wanted));
});

test("a Taylor model has exact coefficients beyond the derivatives that it writes out", () => {
  const { exact: fractions, coefficients } = taylorModel(parse("x/(1/x)"), "x", Rational.of(-3, 10), 16);
  expect(fractions.map(String).join(" ")).toBe(`9/100 -3/5 1${" 0".repeat(14)}`);
  expect(coefficients[16]).toBe(0);
});
