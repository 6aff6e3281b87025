import { describe, expect, it } from "vitest";
import { equal, indexNotation, parse, Rational, radiusOfConvergence, taylorModel } from "../src/math.ts";

/** What a person writes, from lectures on deep learning; each is read back as the same function. */
const derivatives: readonly (readonly [string, string, string])[] = [
  ["max(x, 2x)", "x", "{1 if x < 0, 2 if x > 0, 3/2 otherwise}"],
  ["-y ln σ(w x + b) - (1 - y) ln(1 - σ(w x + b))", "w", "x (σ(w x + b) - y)"],
  ["max(x, x^2)", "x", "{1 if x > x², 2x if x² > x, (1 + 2x)/2 otherwise}"],
  ["min(x, 1)", "x", "{1/2 if x = 1, 1 if x < 1, 0 otherwise}"],
  ["min(x, 3x)", "x", "{1 if x > 0, 3 if x < 0, 2 otherwise}"],
  ["relu(x)^2", "x", "2 ReLU(x)"],
  ["elu(x)", "x", "{1 if x > 0, e^x otherwise}"],
  ["huber(y, p)", "p", "{p - y if |y - p| ≤ 1, -sign(y - p) otherwise}"],
  ["{x^2 if x >= 0, -x otherwise}", "x", "{2x if x ≥ 0, -1 otherwise}"],
  ["gelu(x)", "x", "Φ(x) + x e^(-x²/2)/√(2π)"],
  ["x Φ(x)", "x", "Φ(x) + x e^(-x²/2)/√(2π)"],
  ["Phi(2x)", "x", "2e^(-2x²)/√(2π)"],
  ["e^(-(x/√2)^2)", "x", "-x e^(-x²/2)"],
  ["gamma (x - mu)/sqrt(var + eps) + beta", "x", "γ/√(var + ε)"],
];

describe("derivatives are written as a person writes them", () => {
  it.each(derivatives)("d/dx %s", (text, wrt, written) => {
    const f = parse(text, { variables: text.includes("var") ? ["var"] : [] });
    const d = f.derivative(wrt);
    expect(d.toString()).toBe(written);
    if (!text.includes("var")) expect(equal(parse(d.toString()), d).verdict).toBe("equal");
  });

  it("puts cases in one brace in LaTeX", () => {
    expect(parse("max(x, 2x)").derivative("x").toLatex()).toBe(
      "\\begin{cases} 1 & x < 0 \\\\ 2 & x > 0 \\\\ \\frac{3}{2} & \\text{otherwise} \\end{cases}",
    );
  });
});

it.each([
  ["[[1, 2], [3, 4]] [x, y]", "[[1, 2], [3, 4]] · [x, y]"],
  ["[[x, 0], [y, x^2]]^T", "[[x, 0], [y, x²]]ᵀ"],
])("writes a matrix by its rows: %s", (text, written) => {
  const m = parse(text);
  expect(String(m)).toBe(written);
  for (const again of [m.toText(), m.toLatex()]) expect(String(parse(again))).toBe(written);
  expect(String(parse("[[x, y], [1, 2]]").derivative("y"))).toBe("[[0, 1], [0, 0]]");
});

it("places a real singularity by the step that causes it", () => {
  const f = parse("ln(1 + x)/x");
  const { radius, verdict } = radiusOfConvergence(f.node, f.variable("x"), 0);
  expect(radius).toBe(1);
  expect(verdict).toMatch(/a logarithm at -1, where/);
});

it("writes a decimal point beside decimals, a fraction beside fractions", () => {
  const at = Rational.from("0.6");
  const polynomial = (text: string) => taylorModel(parse(text), "x", at, 1).polynomial.pretty;
  expect(polynomial("σ(x)")).toBe("0.64565631 + 0.22878424 (x - 0.6)");
  expect(polynomial("x^2")).toBe("9/25 + 6(x - 3/5)/5");
});

describe("names as lectures use them", () => {
  it("L = L(a) is a loss that is not known", () => {
    const f = parse("a = σ(w x + b); L = L(a)");
    expect(f.derivative("w").toString()).toBe("x L'(σ(w x + b)) σ(w x + b) (1 - σ(w x + b))");
    expect(f.reading).toContain("L read as an unknown function");
    expect(parse("loss = loss(2x)").derivative("x").toString()).toBe("2 loss'(2x)");
  });

  it("var and mean without an argument are quantities", () => {
    expect(parse("(x - mean)/√(var + eps)").toString()).toBe("(x - mean)/√(var + ε)");
    expect(parse("var([1, 3])").evaluate({}).item()).toBe(1);
  });

  it("gamma with a blank before the bracket is γ; without, the function Γ", () => {
    expect(parse("gamma (x - 1)").toString()).toBe("γ (x - 1)");
    expect(parse("gamma(x - 1)").toString()).toBe("Γ(x - 1)");
  });
});

it("index notation names sizes by their letters", () => {
  const f = parse("softmax(Q K^T / √d)", {
    shapes: { Q: [13, 17], K: [19, 17] },
    sizes: new Map([
      [13, "n"],
      [17, "d"],
      [19, "m"],
    ]),
  });
  const { right } = indexNotation(f.node, f.variables.get("Q") as typeof f.node);
  expect(right.pretty).toContain("1/√d K_{jq}");
  expect(right.latex).toContain("\\sqrt{d}");
  expect(right.pretty + right.latex).not.toMatch(/13|17|19/);
});
