import { derivation, implicitDerivation, parse, renderDerivation } from "gradus/math";
import { describe, expect, it } from "vitest";

/** Worked examples of calculus courses whose answers come only when fractions, roots and squares come together. */
const examples: readonly (readonly [source: string, printed: string])[] = [
  ["sqrt(x^2+1)/x", "-1/(x² √(x² + 1))"],
  ["ln(x + sqrt(x^2+1))", "1/√(x² + 1)"],
  ["ln(sec(x) + tan(x))", "sec(x)"],
  ["sec(x)/(1+tan(x))", "sec(x) (tan(x) - 1)/(1 + tan(x))²"],
  ["x arcsin(x) + sqrt(1-x^2)", "arcsin(x)"],
  ["x sqrt(4-x^2) + 4 arcsin(x/2)", "2√(4 - x²)"],
  ["x sqrt(1-x^2)", "(1 - 2x²)/√(1 - x²)"],
  ["x sqrt(2x+2)", "(3x + 2)/√(2x + 2)"],
  ["sqrt(x)(x-1)", "(3x - 1)/(2√x)"],
  ["cbrt(x) (x-4)", "4(x - 1)/(3(∛x)²)"],
  ["x^(2/3)(6-x)^(1/3)", "(4 - x)/(x^(1/3) (6 - x)^(2/3))"],
  ["arctan((x-1)/(x+1))", "1/(x² + 1)"],
  ["arctan(sqrt(x))", "1/(2√x (1 + x))"],
  ["arctan(x) + arctan(1/x)", "0"],
  ["asinh(x/3)", "1/√(x² + 9)"],
  ["(x^2+x-2)/(x^3+6)", "(6 + 12x + 6x² - 2x³ - x⁴)/(x³ + 6)²"],
  ["e^x/(1+x^2)", "e^x (x - 1)²/(1 + x²)²"],
  ["e^x/(1+e^x)", "e^x/(1 + e^x)²"],
  ["sqrt(x) e^(-x)", "e^(-x) (1 - 2x)/(2√x)"],
  ["(2x-3)^4 (x^2+x+1)^5", "(28x² - 12x - 7) (2x - 3)³ (x² + x + 1)⁴"],
  ["(x-1)^3 (x+2)", "(4x + 5) (x - 1)²"],
  ["ln|x|", "1/x"],
  ["ln|cos x|", "-tan(x)"],
  ["|x|/x", "0"],
  ["x|x|", "2|x|"],
  ["x/(1+|x|)", "1/(1 + |x|)²"],
  ["x^(1/x)", "x^(1/x) (1 - ln(x))/x²"],
  ["(1+1/x)^x", "(ln(1 + 1/x) - 1/(1 + x)) (1 + 1/x)ˣ"],
  ["x tanh(x)", "tanh(x) + x (1 - tanh(x)²)"],
  ["-y ln(sigmoid(x)) - (1-y) ln(1 - sigmoid(x))", "σ(x) - y"],
  ["e^2 x", "e²"],
];

it.each(examples)("the derivative of %s reads %s", (source, printed) => {
  expect(String(parse(source).derivative("x"))).toBe(printed);
});

it("branches that do not meet are left as they are", () => {
  const d = parse("where(x > 0, x^2, 1 + x^2) + x arcsin(x) + sqrt(1 - x^2)").derivative("x");
  expect(d.evaluate({ x: 0.5 }).item()).toBeCloseTo(1 + Math.asin(0.5), 12);
  expect(String(d)).toBe("2x + arcsin(x)");
});

const shapes = { X: [4, 3], w: [3], y: [4], x: [3], W: [3, 3], A: [3, 3], B: [3, 3], s: [3], a: [3], z: [3] };
describe("gradients as the Matrix Cookbook prints them", () => {
  it.each([
    ["(x - A s)^T W (x - A s)", "s", "Aᵀ (W + Wᵀ) (A s - x)"],
    ["tr(A^T W A)", "A", "(W + Wᵀ) A"],
    ["tr(A^T W A B)", "A", "Wᵀ A Bᵀ + W A B"],
    ["ln(|det(A)|)", "A", "A⁻ᵀ"],
    ["det(A^T W A)", "A", "det(Aᵀ W A) (Wᵀ A (Aᵀ W A)⁻ᵀ + W A (Aᵀ W A)⁻¹)"],
    ["a^T (X^T X)^-1 x", "X", "-X (Xᵀ X)⁻¹ a xᵀ (Xᵀ X)⁻¹ - X (Xᵀ X)⁻¹ x aᵀ (Xᵀ X)⁻¹"],
    ["-y^T log(sigma(X w)) - (1-y)^T log(1 - sigma(X w))", "w", "Xᵀ (σ(X w) - y)"],
    ["log(sum(exp(z)))", "z", "softmax(z)"],
    ["exp(-1/2 (x-a)^T A (x-a))", "a", "e^(-(x - a)ᵀ A (x - a)/2) (A + Aᵀ) (x - a)/2"],
    ["(a^T x)^2", "x", "2 · (aᵀ x) a"],
    ["‖A ⊙ B‖²", "A", "2B^∘2 ⊙ A"],
  ])("%s by %s", (text, by, printed) => {
    const d = parse(text, { shapes }).derivative(by);
    expect(String(d)).toBe(printed);
  });
});

it("an exponent that cancels to 0 keeps its domain, and stops nothing", () => {
  const d = parse("x exp(sqrt(x) - sqrt(x)) / (1 + x)").derivative("x");
  expect(d.evaluate({ x: 3 }).item()).toBeCloseTo(1 / 16, 15);
  expect(d.evaluate({ x: -0.5 }).item()).toBeNaN();
});

describe("how a person goes about it", () => {
  const lines = (text: string) => renderDerivation(derivation(parse(text), "x")[0]);
  it("a logarithm with a base is a function of one argument", () => {
    expect(lines("log_3(x^2+1)")).toContain("chain rule: outer f(u) = log_3(u), inner u = x² + 1");
  });
  it("the square of a power is a power", () => {
    expect(lines("1/(1+x^2)^2")).toContain("/(1 + x²)⁴");
  });
  it("one variable has d, several have ∂", () => {
    expect(lines("u = x^2; y = sin(u)")).toContain("= dy/du · du/dx");
  });
  it("every rule says what was put in", () => {
    const { step } = derivation(parse("x^2 sin(x)"), "x")[0];
    expect(step.parts.map((p) => `${p.name} = ${p.value.pretty}`)).toEqual(["u = x²", "v = sin(x)"]);
  });
  it("functions alone: the last one is meant", () => {
    expect(String(parse("f(x) = x^2 sin(x)").derivative("x"))).toBe("2x sin(x) + x² cos(x)");
  });
  it("implicit: the sign where it reads best, and the equation put in", () => {
    const last = (text: string, order = 1) =>
      implicitDerivation(parse(text), "x", "y", order).at(-1)?.result.pretty;
    expect(last("x e^y = y - 1")).toBe("e^y/(1 - x e^y)");
    expect(last("e^(x/y) = x - y")).toBe("y (e^(x/y) - y)/(x e^(x/y) - y²)");
    expect(last("x^4 + y^4 = 16", 2)).toBe("-48x²/y⁷");
    expect(implicitDerivation(parse("x^2 + y^2 = 1"), "x", "y")[0].step.steps[0].result.pretty).toBe(
      "2x + 2 y(x) y'(x)",
    );
  });
});

describe("vectors of ones, and what runs along the rows", () => {
  const sizes = new Map([
    [11, "m"],
    [13, "n"],
  ]);
  const of = (text: string, by: string, shapes: Record<string, number[]>) =>
    parse(text, { shapes, sizes }).derivative(by);
  it("letters of shapes are numbers", () => {
    const d = of("ones(m)^T X ones(n)", "X", { X: [11, 13] });
    expect(String(d)).toBe("ones(m, n)");
    expect(String(of("1/m ‖X w‖²", "w", { X: [11, 13], w: [13] }))).toBe("2Xᵀ X w/m");
    expect(String(of("sum(eye(m) X)", "X", { X: [11, 13] }))).not.toContain("numbers");
  });
  it("is read back as it is written", () => {
    const shapes = { X: [4, 3], W: [3, 2], Y: [4, 2] };
    const d = parse("-sum(Y ⊙ log(softmax(X W)))", { shapes }).derivative("W");
    expect(String(d)).toBe("Xᵀ (diag(sum(Y, 1)) softmax(X W) - Y)");
    const values = {
      X: [
        [1, 2, 0.5],
        [0, 1, -1],
        [0.3, 2, 1],
        [1, 1, 0],
      ],
      W: [
        [0.1, 0.4],
        [-0.2, 0.7],
        [0.5, -0.6],
      ],
      Y: [
        [1, 0],
        [0.5, 2],
        [0, 1],
        [3, 1],
      ],
    };
    const back = parse(d.toText(), { shapes }).evaluate(values).toTypedArray();
    for (const [i, v] of d.evaluate(values).toTypedArray().entries()) expect(back[i]).toBeCloseTo(v, 12);
  });
});
