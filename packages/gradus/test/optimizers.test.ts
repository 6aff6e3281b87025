import { readFileSync } from "node:fs";
import fc from "fast-check";
import { grad, pow, sum, type Tensor, tensor } from "gradus";
import {
  adagrad,
  adam,
  adamw,
  applyUpdate,
  chain,
  clipByNorm,
  clipByValue,
  constantSchedule,
  cosineSchedule,
  descend,
  exponentialSchedule,
  gradientDescent,
  groups,
  linearSchedule,
  lion,
  momentum,
  nesterov,
  type Optimizer,
  rmsprop,
  scale,
  scaleByAdam,
  trainStep,
  warmup,
  weightDecay,
} from "gradus/optimize";
import { describe, expect, it } from "vitest";

interface Reference {
  readonly start: { readonly w: number[]; readonly b: number };
  readonly steps: readonly number[];
  readonly torch: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly optax: Readonly<Record<string, readonly (readonly number[])[]>>;
}
const reference = JSON.parse(
  readFileSync(new URL("./reference/optimizers.json", import.meta.url), "utf8"),
) as Reference;

interface Parameters {
  readonly w: Tensor;
  readonly b: Tensor;
}

/** Σ (1 − wᵢ)² + 10 (wᵢ₊₁ − wᵢ²)² + (b − w₀)⁴ */
function loss({ w, b }: Parameters): Tensor {
  const [head, tail] = [w.slice([0], [2]), w.slice([1], [3])];
  return sum(pow(w.sub(1), 2))
    .add(sum(pow(tail.sub(pow(head, 2)), 2)).mul(10))
    .add(pow(b.sub(w.slice([0], [1]).reshape([])), 4));
}

/** The same steps as one compiled program. */
function compiledTrajectory(optimizer: Optimizer, last: number): number[][] {
  const step = trainStep(loss, { w: tensor(reference.start.w), b: tensor(reference.start.b) }, optimizer);
  return Array.from({ length: last }, () => {
    step();
    const { w, b } = step.parameters;
    return [...w.toTypedArray(), b.item()];
  }).filter((_, i) => reference.steps.includes(i + 1));
}

function trajectory(optimizer: Optimizer, last: number): number[][] {
  let p = { w: tensor(reference.start.w), b: tensor(reference.start.b) };
  let state = optimizer.init(p);
  const kept: number[][] = [];
  for (let step = 1; step <= last; step++) {
    const done = optimizer.update(grad(loss)(p) as typeof p, state, p);
    p = applyUpdate(p, done.update);
    state = done.state;
    if (reference.steps.includes(step)) kept.push([...p.w.toTypedArray(), p.b.item()]);
  }
  return kept;
}

const byTorch: Record<string, Optimizer> = {
  gradientDescent: gradientDescent(0.01),
  momentum: momentum(0.002),
  nesterov: nesterov(0.002, { decay: 0.8 }),
  adagrad: adagrad(0.1),
  rmsprop: rmsprop(0.01),
  adam: adam(0.05),
  adamw: adamw(0.05, { weightDecay: 0.1 }),
  l2: chain(weightDecay(0.1), adam(0.05)),
  clipByValue: chain(clipByValue(0.5), gradientDescent(0.01)),
  groups: groups({ fast: gradientDescent(0.01), slow: momentum(0.002) }, (path) =>
    path === "w" ? "fast" : "slow",
  ),
  cosine: gradientDescent(cosineSchedule(0.01, 80)),
};
const byOptax: Record<string, Optimizer> = {
  gradientDescent: gradientDescent(constantSchedule(0.01)),
  momentum: momentum(0.002),
  nesterov: nesterov(0.002, { decay: 0.8 }),
  adagrad: adagrad(0.1, { initial: 0.1, epsilon: 1e-7, insideRoot: true }),
  rmsprop: rmsprop(0.002, { decay: 0.9, insideRoot: true }),
  adam: adam(0.05),
  adamw: adamw(0.05, { weightDecay: 0.1 }),
  lion: lion(0.01, { weightDecay: 0.1 }),
  clipByNorm: chain(clipByNorm(1.5), adam(0.05)),
  cosine: gradientDescent(cosineSchedule(0.01, 80, { floor: 0.1 })),
  exponential: gradientDescent(exponentialSchedule(0.01, { decay: 0.7, every: 10 })),
  staircase: gradientDescent(exponentialSchedule(0.01, { decay: 0.7, every: 10, staircase: true })),
  warmup: adam(warmup(20, cosineSchedule(0.05, 60))),
};

describe.each([
  ["torch", byTorch],
  ["optax", byOptax],
] as const)("100 steps as %s", (library, optimizers) => {
  it("has a row for each", () => {
    expect(Object.keys(optimizers).sort()).toEqual(Object.keys(reference[library]).sort());
  });
  it.each(Object.keys(reference[library]))("%s", (name) => {
    const expected = reference[library][name];
    for (const run of [trajectory, compiledTrajectory]) {
      const found = run(optimizers[name], 100);
      expected.forEach((row, i) => {
        row.forEach((value, k) => {
          expect(Math.abs(found[i][k] - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
        });
      });
    }
  });
});

describe("trees", () => {
  it("numbers, typed arrays, lists and records come back as they went in; f32 stays f32", () => {
    const p = { a: 1, b: [Float32Array.of(1, 2), new Float64Array(2)], c: tensor([1], "f32") };
    const optimizer = adam(0.1);
    const { update, state } = optimizer.update(p, optimizer.init(p), p);
    expect(update.a).toBeCloseTo(-0.1, 7);
    expect(update.b[0]).toBeInstanceOf(Float32Array);
    expect(update.b[1]).toBeInstanceOf(Float64Array);
    expect(update.c.dtype).toBe("f32");
    expect(JSON.parse(JSON.stringify((state[0] as { count: unknown }).count))).toBe(1);
    expect(typeof applyUpdate(p, update).a).toBe("number");
  });
  it("a whole step traces into one gradient: the derivative through an update", () => {
    // One step of descent on x² from x with rate r lands at x(1 − 2r): the derivative by x is 1 − 2r.
    const optimizer = gradientDescent(0.2);
    const after = (x: Tensor) => {
      const g = x.mul(2);
      return applyUpdate(x, optimizer.update(g, optimizer.init(x), x).update);
    };
    expect(grad(after)(3)).toBeCloseTo(0.6, 15);
  });
  it("names what does not fit", () => {
    const optimizer = momentum(0.1);
    const state = optimizer.init({ w: 1, b: 2 });
    expect(() => optimizer.update({ w: 1 } as never, state, { w: 1, b: 2 } as never)).toThrow(
      /expected an object with the keys w, got the keys w, b/,
    );
    expect(() => groups({ a: scale(1) }, () => "b" as never).init({ w: 1 })).toThrow(/w is in the group b/);
    expect(() => adam(0.1, { beta1: 1 })).toThrow(/beta1 must be from 0 to below 1, got 1/);
    expect(() => clipByNorm(0)).toThrow(/positive/);
    expect(() => cosineSchedule(1, 0)).toThrow(/steps must be a positive number/);
  });
});

describe("laws", () => {
  it("a chain with scale(1) is the optimizer; the norm after clipping is at most the bound", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (g, most) => {
          const tree = g.map((v) => v);
          const plain = scaleByAdam();
          const same = chain(scale(1), plain);
          expect(same.update(tree, same.init(tree), tree).update).toEqual(
            plain.update(tree, plain.init(tree), tree).update,
          );
          const clip = clipByNorm(most);
          const clipped = clip.update(tree, clip.init(tree), tree).update;
          const norm = Math.hypot(...tree);
          expect(Math.hypot(...clipped)).toBeLessThanOrEqual(Math.min(norm, most) * (1 + 1e-12));
          if (norm <= most) expect(clipped).toEqual(tree);
        },
      ),
    );
  });
  it("linear schedule and warm-up meet their ends", () => {
    expect(linearSchedule(1, 3, 4)(2).item()).toBe(2);
    expect(linearSchedule(1, 3, 4)(9).item()).toBe(3);
    const w = warmup(10, exponentialSchedule(1, { decay: 0.5 }));
    expect([0, 5, 10, 11].map((c) => w(c).item())).toEqual([0, 0.5, 1, 0.5]);
    expect(descend(w).update(1, { count: 11 }, 1).update).toBe(-0.5);
  });
});
