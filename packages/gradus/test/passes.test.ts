import { tensor } from "gradus";
import { backwardPass, forwardPass, gradientStep, newtonStep, parse } from "gradus/math";
import { describe, expect, it } from "vitest";

const NEURON = parse("z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2");
const at = (values: Record<string, unknown>) =>
  new Map(Object.entries(values).map(([k, v]) => [k, tensor(v as number)]));
const POINT = at({ w: 0.5, x: 1, b: 0.1, y: 1 });

describe("forward and backward pass", () => {
  it("forward mode ends where the backward pass does, for every variable", () => {
    const { gradient } = backwardPass(NEURON, POINT);
    for (const [name, slope] of gradient) {
      const rows = forwardPass(NEURON, POINT, name);
      expect(rows[rows.length - 1].tangentValue.item()).toBeCloseTo(slope.item(), 15);
    }
  });

  it("each row's tangent is written with those above it", () => {
    const rows = forwardPass(NEURON, POINT, "w");
    expect(rows.slice(-3).map((r) => r.tangent?.pretty)).toEqual([
      "x",
      "∂z/∂w σ(z) (1 - σ(z))",
      "∂a/∂w (a - y)",
    ]);
  });

  it("adjoints are written with those above them, for tensors too", () => {
    const e = parse("h = σ(W x + b); r = V h - y; L = 1/2 ‖r‖²", {
      shapes: { W: [2, 3], x: [3], b: [2], V: [1, 2], y: [1] },
    });
    const values = at({
      W: [
        [1, 0, -1],
        [0.5, 2, 1],
      ],
      x: [1, 2, 3],
      b: [0.1, -0.2],
      V: [[1, -1]],
      y: [0.5],
    });
    const { backward } = backwardPass(e, values, { wrt: ["W", "V"] });
    expect(Object.fromEntries(backward.map((r) => [r.name, r.formula?.pretty]))).toEqual({
      L: undefined,
      r: "r",
      h: "Vᵀ · ∂L/∂r",
      W: "(∂L/∂h ⊙ σ(W x + b) ⊙ (1 - σ(W x + b))) xᵀ",
      V: "∂L/∂r hᵀ",
    });
  });

  it("forward mode refuses a direction of many", () => {
    const e = parse("‖w‖²", { shapes: { w: [2] } });
    expect(() => forwardPass(e, at({ w: [1, 2] }), "w")).toThrow(/one direction/);
  });
});

describe("local steps: what the model promised, and what came", () => {
  it("Newton's quadratic model is the function where that is quadratic", () => {
    const step = newtonStep(parse("x^2 + 3 y^2 + x y - x"), at({ x: 1, y: 2 }), ["x", "y"]);
    expect(step.promised).toBeCloseTo(step.actual, 12);
    // The stationary point solves 2x + y = 1, x + 6y = 0.
    expect(step.to[0]).toBeCloseTo(6 / 11, 12);
    expect(step.to[1]).toBeCloseTo(-1 / 11, 12);
  });

  it("a linear function keeps its linear model's promise", () => {
    const step = gradientStep(parse("3 x - y"), at({ x: 1, y: 2 }), ["x", "y"], 0.1);
    expect(step.promised).toBeCloseTo(1, 12);
    expect(step.actual).toBeCloseTo(1, 12);
  });

  it("a singular Hessian is refused, with the mend", () => {
    expect(() => newtonStep(parse("x + y"), at({ x: 1, y: 2 }), ["x", "y"])).toThrow(/gradient descent/);
  });
});
