import { hessian, jacfwd, type Tensor, tensor } from "gradus";
import { indexNotation, parse } from "gradus/math";
import { describe, expect, it } from "vitest";

const shapes = {
  ...{ X: [4, 3], A: [3, 3], B: [3, 3], W: [2, 3], V: [4, 2], U: [4, 3], M: [3, 3] },
  ...{ w: [3], y: [4], x: [3], b: [2], c: [4], z: [3], a: [3], p: [3] },
};

/** Identities of The Matrix Cookbook (Petersen, Pedersen 2012) and of deep learning, as a person writes them. */
const gradients: readonly (readonly [string, string, string])[] = [
  ["‖X w − y‖²", "w", "2Xᵀ (X w - y)"],
  ["x^T A x", "x", "(A + Aᵀ) x"],
  ["x^T A x", "A", "x xᵀ"],
  ["(A x)^T (A x)", "x", "2Aᵀ A x"],
  ["tr(A B)", "A", "Bᵀ"],
  ["tr(A X^T X)", "A", "Xᵀ X"],
  ["tr(A B A^T)", "A", "A (B + Bᵀ)"],
  ["tr(X^T X)", "X", "2X"],
  ["det(A)", "A", "det(A) A⁻ᵀ"],
  ["log(det(A))", "A", "A⁻ᵀ"],
  ["log(det(X^T X))", "X", "2X (Xᵀ X)⁻¹"],
  ["a^T A^(-1) p", "A", "-A⁻ᵀ a pᵀ A⁻ᵀ"],
  ["tr(A^(-1) B)", "A", "-A⁻ᵀ Bᵀ A⁻ᵀ"],
  ["‖x‖", "x", "x/‖x‖"],
  ["‖X w − y‖", "w", "Xᵀ (X w - y)/‖X w - y‖"],
  ["sum(X w)", "w", "sum(X, 0)"],
  ["sum(X)", "X", "ones(4, 3)"],
  ["sum(X w)", "X", "ones(4) wᵀ"],
  ["logsumexp(z)", "z", "softmax(z)"],
  ["-sum(p ⊙ log(softmax(z)))", "z", "sum(p) softmax(z) - p"],
  ["cross_entropy(p, z)", "z", "sum(p) softmax(z) - p"],
  ["sum(log(1 + exp(X w))) − y^T X w", "w", "Xᵀ (σ(X w) - y)"],
  ["bce(y, X w)", "w", "Xᵀ (σ(X w) - y)/4"],
  ["mse(y, X w)", "w", "Xᵀ (X w - y)/2"],
  ["1/2 ‖V σ(W x + b) + c − y‖²", "c", "V σ(W x + b) + c - y"],
  ["1/2 ‖V σ(W x + b) + c − y‖²", "V", "(V σ(W x + b) + c - y) σ(W x + b)ᵀ"],
  ["1/2 ‖V σ(W x + b) + c − y‖²", "b", "σ(W x + b) ⊙ (Vᵀ (V σ(W x + b) + c - y)) ⊙ (1 - σ(W x + b))"],
  ["1/2 ‖V σ(W x + b) + c − y‖²", "W", "(σ(W x + b) ⊙ (Vᵀ (V σ(W x + b) + c - y)) ⊙ (1 - σ(W x + b))) xᵀ"],
  ["a^T diag(x) a", "x", "a²"],
  ["sum(sin(A x))", "x", "Aᵀ cos(A x)"],
  ["sum(sin(A x))", "A", "cos(A x) xᵀ"],
  ["prod(x)", "x", "prod(x)/x"],
  ["var(x)", "x", "2(x - mean(x))/3"],
  ["mean(x)", "x", "1/3 ones(3)"],
];

const matrices: readonly (readonly [string, string, number, string])[] = [
  ["A x", "x", 1, "A"],
  ["A x + x", "x", 1, "A + I"],
  ["x ⊙ x", "x", 1, "2 diag(x)"],
  ["softmax(z)", "z", 1, "diag(softmax(z)) - softmax(z) softmax(z)ᵀ"],
  ["σ(W x)", "x", 1, "diag(σ(W x) ⊙ (1 - σ(W x))) W"],
  ["x/‖x‖", "x", 1, "(‖x‖² I - x xᵀ)/‖x‖³"],
  ["‖X w − y‖²", "w", 2, "2Xᵀ X"],
  ["x^T A x", "x", 2, "A + Aᵀ"],
  ["x^T x", "x", 2, "2I"],
  ["sum(x^3)", "x", 2, "6 diag(x)"],
  ["logsumexp(z)", "z", 2, "diag(softmax(z)) - softmax(z) softmax(z)ᵀ"],
  ["sum(log(1 + exp(X w)))", "w", 2, "Xᵀ diag(σ(X w) ⊙ (1 - σ(X w))) X"],
  ["x^T x/(a^T x)", "x", 2, ""],
  ["exp(−‖x − a‖²)", "x", 2, ""],
  // Layer and root mean square normalisation.
  ["(x - mean(x))/sqrt(var(x) + 1/100)", "x", 1, ""],
  ["x/sqrt(mean(x^2) + 1/100)", "x", 1, ""],
  ["x ⊙ softmax(x) - mean(x)", "x", 1, ""],
];

function valuesFor(e: ReturnType<typeof parse>): Record<string, Tensor> {
  let seed = 7;
  const next = () => 0.2 + (seed = (seed * 16807) % 2147483647) / 2147483647;
  const fill = (shape: readonly number[]): unknown =>
    shape.length === 0 ? next() : Array.from({ length: shape[0] }, () => fill(shape.slice(1)));
  return Object.fromEntries([...e.variables].map(([name, n]) => [name, tensor(fill(n.shape) as never)]));
}

const closeTo = (got: Tensor, want: Tensor) => {
  expect(got.shape).toEqual(want.shape);
  const expected = want.toTypedArray();
  got.toTypedArray().forEach((v, i) => {
    expect(Math.abs(v - expected[i])).toBeLessThan(1e-12 * (1 + Math.abs(expected[i])));
  });
};

describe("matrix calculus in closed form", () => {
  it.each(gradients)("gradient of %s by %s is %s", (text, wrt, want) => {
    const e = parse(text, { shapes });
    const d = e.derivative(wrt);
    expect(String(d)).toBe(want);
    const values = valuesFor(e);
    const f = (x: Tensor) => e.apply(new Map(Object.entries({ ...values, [wrt]: x })));
    const reference = jacfwd(f)(values[wrt]);
    closeTo(d.evaluate(values), reference);
    for (const written of [d.toText(), d.toLatex()])
      closeTo(parse(written, { shapes }).evaluate(values), reference);
  });

  it.each(matrices)("derivative of %s by %s, order %i", (text, wrt, order, want) => {
    const e = parse(text, { shapes });
    const d = e.derivative(wrt, order);
    if (want) expect(String(d)).toBe(want);
    const values = valuesFor(e);
    const f = (x: Tensor) => e.apply(new Map(Object.entries({ ...values, [wrt]: x })));
    const reference = order === 1 ? jacfwd(f)(values[wrt]) : hessian(f)(values[wrt]);
    closeTo(d.evaluate(values), reference);
    for (const written of [d.toText(), d.toLatex()])
      closeTo(parse(written, { shapes }).evaluate(values), reference);
  });

  it.each([
    ["x x^T", "x", "∂y_{ij}/∂x_p", "δ_{ip} x_j + δ_{jp} x_i"],
    ["W x", "W", "∂y_i/∂W_{pq}", "δ_{ip} x_q"],
    ["A^(-1)", "A", "∂y_{ij}/∂A_{pq}", "-(A⁻¹)_{ip} (A⁻¹)_{qj}"],
  ])("%s by %s in indices where no product says it", (text, wrt, left, right) => {
    const e = parse(text, { shapes });
    const n = indexNotation(e.node, e.variable(wrt));
    expect([n.left.pretty, n.right.pretty]).toEqual([left, right]);
  });
});
