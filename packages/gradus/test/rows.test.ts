import fc from "fast-check";
import * as g from "gradus";
import { compile, interpret, type Tensor, tensor, valueAndGrad } from "gradus";
import { describe, expect, it } from "vitest";
import { input } from "../src/ir/node.ts";

/*
 * Steps over many rows are run block by block: the results must have the bits of one run over all rows.
 */

type Loss = (parameters: Tensor[], x: Tensor, y: Tensor) => Tensor;

const numbers = (shape: number[], seed: number, dtype: "f64" | "f32"): Tensor => {
  const size = shape.reduce((n, d) => n * d, 1);
  const cells = Float64Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed));
  return tensor(cells, dtype).reshape(shape);
};

/** The loss and its gradient by all engines, for inputs of these shapes: parameters, then rows and their targets. */
function compare(loss: Loss, shapes: number[][], dtype: "f64" | "f32" = "f64", seed = 1): string {
  const given = shapes.map((s, i) => numbers(s, seed + i, dtype));
  const inputs = given.map((t) => input(t));
  const [x, y] = inputs.slice(-2) as unknown as Tensor[];
  const parameters = inputs.slice(0, -2) as unknown as Tensor[];
  const { value, gradient } = valueAndGrad((p: Tensor[]) => loss(p, x, y))(parameters);
  const program = { inputs, outputs: [value, ...gradient] as never[] };
  const want = interpret(program)(...(given as never[])).map((t) => t.toTypedArray());
  const compiled = compile(program, "javascript");
  // A second run must not see the first one's sums.
  for (const run of [1, 2])
    expect(
      compiled(...(given as never[])).map((t) => t.toTypedArray()),
      `run ${run}\n${compiled.explain()}`,
    ).toEqual(want);
  return compiled.explain();
}

/** Names of the steps in each group. */
const groups = (explained: string): string[][] =>
  explained
    .split(/\n(?=\d+ rows)/)
    .slice(1)
    .map((text) => text.split("\n").filter((l) => l.startsWith("  ")))
    .map((lines) => lines.map((l) => l.trim().split(" ")[0]));

describe("one group: forwards, loss, backwards", () => {
  it.each(["f64", "f32"] as const)("a neuron (%s)", (dtype) => {
    const loss: Loss = ([w, b], x, y) => g.mean(g.pow(y.sub(g.sigmoid(x.dot(w).add(b))), 2));
    const found = groups(compare(loss, [[7], [], [16_001, 7], [16_001]], dtype));
    expect(found).toEqual([["call", "loop", "call"]]);
  });

  it.each(["f64", "f32"] as const)("a network of two layers (%s)", (dtype) => {
    const loss: Loss = ([w, b, v], x, y) => g.mean(g.pow(y.sub(g.tanh(x.dot(w).add(b)).dot(v)), 2));
    const found = groups(compare(loss, [[5, 9], [9], [9], [16_001, 5], [16_001]], dtype));
    expect(found).toHaveLength(1);
    expect(found[0].filter((s) => s === "call").length).toBeGreaterThanOrEqual(4);
  });

  it("softmax: sums and maxima of each row", () => {
    const loss: Loss = ([w, b], x, y) =>
      g.neg(g.mean(g.sum(g.mul(y, g.logSoftmax(x.dot(w).add(b))), { axis: -1 })));
    const found = groups(compare(loss, [[6, 5], [5], [16_001, 6], [16_001, 5]]));
    expect(found).toHaveLength(1);
  });
});

it("sums over all rows that a later step wants divide the groups", () => {
  const centred = (x: Tensor) => x.sub(g.mean(x, { axis: 0 }));
  const loss: Loss = ([w, v], x, y) => g.mean(g.pow(y.sub(g.tanh(centred(x.dot(w))).dot(v)), 2));
  expect(groups(compare(loss, [[5, 9], [9], [16_001, 5], [16_001]])).length).toBeGreaterThanOrEqual(2);
});

it("holds what is on the way for one block of rows", () => {
  const bytes = (rows: number): number => {
    const loss: Loss = ([w, v], x, y) => g.mean(g.pow(y.sub(g.tanh(x.dot(w)).dot(v)), 2));
    return Number(/(\d+) bytes/.exec(compare(loss, [[5, 9], [9], [rows, 5], [rows]]))?.[1]);
  };
  expect(bytes(40_000)).toBe(bytes(10_000));
});

/** Row by row, over all rows, in another order: whatever may stand in a loss. */
const MOVES: readonly ((h: Tensor, w: Tensor, x: Tensor) => Tensor)[] = [
  (h, w) => g.matmul(h, w),
  (h, w) => g.matmul(h, g.transpose(w)),
  (h) => g.tanh(h),
  (h, w) => h.add(g.sum(w, { axis: 0 })),
  (h) => h.mul(g.sum(h, { axis: 1, keepDims: true })),
  (h) => h.sub(g.reduceMax(h, { axis: 1, keepDims: true })),
  (h) => h.sub(g.mean(h, { axis: 0 })),
  (h) => g.reverse(h, [0]),
  (h) => g.reverse(h, [1]),
  (h, _, x) => h.mul(x),
  (h, _, x) => g.matmul(h, g.matmul(g.transpose(x), h)),
  (h) => g.where(g.greater(h, 0.3), h, h.mul(0.1)),
  (h) => g.transpose(g.transpose(h).mul(g.sum(h, { axis: 1 }))),
  (h, _, x) => g.slice(g.concatenate([h, x], 1), [0, 1], [h.shape[0], h.shape[1] + 1]),
  (h, _, x) => g.slice(g.concatenate([x, h], 0), [7, 0], [h.shape[0] + 7, h.shape[1]]),
];

it("any chain of such steps has the same bits", () => {
  const move = fc.integer({ min: 0, max: MOVES.length - 1 });
  let blocked = 0;
  fc.assert(
    fc.property(
      fc.array(move, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 3, max: 9 }),
      fc.boolean(),
      fc.nat(100),
      (moves, width, half, seed) => {
        const rows = Math.ceil(70_000 / width);
        const loss: Loss = ([w], x, y) => {
          const h = moves.reduce((at, m) => MOVES[m](at, w, x), x);
          return g.mean(g.mul(y, g.sin(h)));
        };
        const shapes = [
          [width, width],
          [rows, width],
          [rows, width],
        ];
        blocked += groups(compare(loss, shapes, half ? "f32" : "f64", seed)).length;
      },
    ),
    { numRuns: 25 },
  );
  expect(blocked).toBeGreaterThan(25);
});
