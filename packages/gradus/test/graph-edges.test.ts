import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tensor } from "../src/index.ts";
import { graphEdges, graphOf, graphTangents, operationCounts, parse } from "../src/math.ts";

const neuron = "z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2";
const at = (values: Record<string, number | readonly number[]>) =>
  new Map(Object.entries(values).map(([k, v]) => [k, tensor(v as number)]));

describe("the edges of a computation graph", () => {
  it("carry their local derivative in symbols and numbers", () => {
    const e = parse(neuron);
    const edges = graphEdges(e, at({ w: 0.5, x: 2, b: -0.25, y: 1 }));
    const found = (from: string, to: string) =>
      edges.find((k) => k.fromName.text === from && k.toName.text === to)!;
    const a = 1 / (1 + Math.exp(-0.75));
    expect(found("z", "a").local?.pretty).toBe("σ(z) (1 - σ(z))");
    expect(found("z", "a").localValue?.item()).toBeCloseTo(a * (1 - a), 14);
    expect(found("z", "a").part.pretty).toContain("∂L/∂a");
    expect(found("z", "a").partValue.item()).toBeCloseTo((a - 1) * a * (1 - a), 14);
    expect(found("w", "v1").local?.pretty).toBe("x");
    expect(found("w", "v1").partValue.item()).toBeCloseTo(2 * (a - 1) * a * (1 - a), 14);
  });
  it("of a node used twice by one operation are two", () => {
    const edges = graphEdges(parse("x x"), at({ x: 3 }));
    expect(edges.map((k) => k.localValue?.item())).toEqual(edges.length === 2 ? [3, 3] : [6]);
  });
  it("add up, at every node, to its adjoint", () => {
    const sources = [
      neuron,
      "x y + sin(x y) e^x",
      "u = tanh(x) y; L = u^2 / (1 + u^2) + relu(x - y) + x",
      "x^y + ln(1 + x^2)",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.array(fc.double({ min: 0.2, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (source, numbers) => {
          const e = parse(source);
          const values = new Map([...e.variables.keys()].map((n, i) => [n, tensor(numbers[i])]));
          const edges = graphEdges(e, values);
          const nodes = graphOf(e, values);
          for (const n of nodes.slice(0, -1)) {
            if (n.adjoint === undefined || ["1", "2", "÷"].includes(n.label)) continue;
            const sum = edges.filter((k) => k.from === n.id).reduce((s, k) => s + k.partValue.item(), 0);
            expect(Math.abs(sum - n.adjoint.item())).toBeLessThan(1e-10 * (1 + Math.abs(sum)));
          }
        },
      ),
    );
  });
  it("of vectors and matrices carry the product that the backward pass forms", () => {
    const e = parse("r = X w - y; L = 1/2 sum(r^2)", { shapes: { X: [3, 2], w: [2], y: [3] } });
    const values = new Map([
      [
        "X",
        tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ],
      ["w", tensor([1, -1])],
      ["y", tensor([0, 1, 2])],
    ]);
    const edge = graphEdges(e, values).find((k) => k.fromName.text === "w")!;
    expect(edge.local).toBeUndefined();
    expect(edge.part.pretty).toContain("Xᵀ");
    const r = [-1, -2, -3];
    expect(edge.partValue.toArray()).toEqual([r[0] + 3 * r[1] + 5 * r[2], 2 * r[0] + 4 * r[1] + 6 * r[2]]);
  });
});

describe("the tangents of a computation graph", () => {
  it("meet the adjoints: ∂L/∂x by either mode", () => {
    const e = parse(neuron);
    const values = at({ w: 0.5, x: 2, b: -0.25, y: 1 });
    const nodes = graphOf(e, values);
    for (const n of nodes.filter((m) => m.kind === "variable")) {
      const t = graphTangents(e, values, n.label);
      expect(t.get(n.id)?.item()).toBe(1);
      expect(t.get(nodes[nodes.length - 1].id)?.item()).toBeCloseTo(n.adjoint!.item(), 14);
    }
  });
});

describe("the count of operations", () => {
  it("of forward mode grows with the inputs, of reverse mode does not", () => {
    const sum = (n: number) => Array.from({ length: n }, (_, i) => `sin(x_${i + 1})`).join(" + ");
    const [small, large] = [operationCounts(parse(sum(4))), operationCounts(parse(sum(8)))];
    expect(small.values).toBe(7);
    expect(small.reverse).toBe(7 + 4);
    expect(large.reverse / large.values).toBeLessThan(2);
    expect(large.forwardAll / large.values).toBeGreaterThan(8);
    expect(large.forward.size).toBe(8);
  });
  it("counts a product of matrices by its multiplications and additions", () => {
    const e = parse("sum(X w)", { shapes: { X: [3, 2], w: [2] } });
    expect(operationCounts(e).values).toBe(3 * (2 + 1) + 2);
    expect([...operationCounts(e).forward].map(([, f]) => f.passes)).toEqual([6, 2]);
  });
  it.each([
    [
      "Rosenbrock's function of 100 variables",
      Array.from({ length: 99 }, (_, i) => `100 (x_${i + 2} - x_${i + 1}^2)^2 + (1 - x_${i + 1})^2`).join(
        " + ",
      ),
      {},
      undefined,
    ],
    ["logistic loss", "sum(log(1 + exp(X w))) - y^T X w", { X: [1000, 30], w: [30], y: [1000] }, ["w"]],
    [
      "a two-layer network",
      "H = tanh(X W + ones(500) b^T); S = H V + ones(500) c^T; 1/500 (sum(logsumexp(S)) - sum(S ⊙ Y))",
      { X: [500, 20], Y: [500, 10], W: [20, 32], b: [32], V: [32, 10], c: [10] },
      ["W", "b", "V", "c"],
    ],
  ])("a gradient takes at most 4 times the operations of its function: %s", (_, text, shapes, by) => {
    const counts = operationCounts(parse(text, { shapes }), by);
    expect(counts.reverse / counts.values).toBeLessThanOrEqual(4);
    expect(counts.reverse / counts.values).toBeGreaterThan(1);
  });
});
