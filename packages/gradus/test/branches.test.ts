import * as fc from "fast-check";
import {
  add,
  at,
  cast,
  checkGrads,
  cond,
  cos,
  div,
  exp,
  grad,
  hvp,
  interpret,
  jacfwd,
  jacrev,
  jvp,
  log,
  matmul,
  mul,
  NotAnalyticError,
  remat,
  reshape,
  scan,
  sin,
  sqrt,
  sub,
  sum,
  type Tensor,
  TransformError,
  tanh,
  taylor,
  tensor,
  vjp,
  vmap,
  where,
  whileLoop,
} from "gradus";
import { describe, expect, it } from "vitest";
import { input } from "../src/ir/node.ts";
import { shareControl } from "../src/transforms/control/share.ts";
import { pullback } from "../src/transforms/derivatives.ts";
import { agrees, allNear, controlsIn, data, flat, reference, sizesOf, wave } from "./control.ts";

const one = tensor(1);
const row = (t: Tensor, k: number) => reshape(t.slice([k], [k + 1]), t.shape.slice(1));
const second = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => grad(f)(x));

describe("cond", () => {
  const f = (x: Tensor) =>
    cond(
      x.greater(0),
      (v) => log(v),
      (v) => mul(v, v),
      x,
    );
  it("runs one branch, with its derivatives of every order", () => {
    expect(f(tensor(2)).item()).toBe(Math.log(2));
    expect(f(tensor(-3)).item()).toBe(9);
    expect([grad(f)(2), grad(f)(-3)]).toEqual([0.5, -6]);
    expect([second(f)(2), second(f)(-3)]).toEqual([-0.25, 2]);
    expect(jvp(f, [2], [3]).tangent).toBe(1.5);
    allNear(taylor(f, 2, 3), taylor(log, 2, 3), 1e-15);
    allNear(taylor(f, -3, 3), [9, -6, 1, 0], 0);
    expect(() => taylor(f, 0, 2)).toThrow(NotAnalyticError);
  });
  it("agrees with JAX inside a loop", () => {
    const g = ([x]: Tensor[]) => {
      const [c, ys] = scan(
        (c, v) => {
          const next = cond(
            v.greater(0),
            (c) => add(mul(sin(c), at(x, 0)), v),
            (c) => sub(mul(mul(c, c), at(x, 1)), exp(v)),
            c,
          );
          return [next, next];
        },
        at(x, 2),
        wave([7], 1, 1.7),
      );
      return add(c, sum(mul(ys, mul(ys, ys))));
    };
    agrees("branches", g, [wave([3], 0.9, 0.8)], [wave([3], 1, 0.9)], 1e-12);
  });
  it("lets no NaN out of the branch not taken", () => {
    const x = tensor([2, -3, 0, -1]);
    const g = (v: Tensor) =>
      cond(
        v.greater(0),
        (t) => sqrt(log(t)),
        (t) => mul(t, 2),
        v,
      );
    const slope = 1 / (2 * Math.sqrt(Math.log(2)) * 2);
    expect(data(vmap(g)(x) as Tensor)).toEqual([Math.sqrt(Math.log(2)), -6, 0, -2]);
    allNear(data(vmap(grad(g))(x)), [slope, 2, 2, 2], 1e-15);
    allNear(data(grad((v: Tensor) => sum(vmap(g)(v) as Tensor))(x)), [slope, 2, 2, 2], 1e-15);
    const ones = tensor([1, 1, 1, 1]);
    allNear(data(jvp((v: Tensor) => vmap(g)(v), [x], [ones]).tangent), [slope, 2, 2, 2], 1e-15);
    const twice = (h: (v: Tensor) => Tensor) => data(hvp((v: Tensor) => sum(h(v)), x, ones));
    expect(twice((v) => vmap(g)(v) as Tensor).every(Number.isFinite)).toBe(true);
    allNear(twice((v) => vmap(g)(v) as Tensor).slice(1), [0, 0, 0], 0);
  });
  it("never runs the branch not taken where all rows choose alike", () => {
    const boom = (t: Tensor) =>
      whileLoop(
        () => true,
        (c) => add(c, 1),
        t,
        { maxSteps: 5 },
      );
    const g = (x: Tensor, p: Tensor) => cond(p, (t) => mul(t, 2), boom, x);
    expect(data(vmap(g, { inAxes: [0, null] })(tensor([1, 2]), tensor(true)) as Tensor)).toEqual([2, 4]);
    expect(jacfwd((x: Tensor) => g(x, tensor(true)))(3)).toBe(2);
  });
  it("takes trees and values from outside, and gives trees", () => {
    const g = (w: Tensor, x: Tensor) => {
      const { a, b } = cond(
        w.greater(x),
        ({ v }) => ({ a: mul(v, w), b: [x, tensor(1)] }),
        ({ v }) => ({ a: v, b: [mul(x, x), mul(w, v)] }),
        { v: add(x, 1) },
      );
      return add(a, mul(b[0], b[1]));
    };
    expect(checkGrads(g, [2, 0.5]).ok).toBe(true);
    expect(checkGrads(g, [0.2, 0.5]).ok).toBe(true);
    expect(
      cond(
        true,
        () => 1,
        () => 2,
      ).item(),
    ).toBe(1);
    expect(
      cond(
        0,
        () => 1,
        () => 2,
      ).item(),
    ).toBe(2);
  });
  it("keeps what the backward branch needs, and nothing is run twice", () => {
    const inputs = [input(one), input({ shape: [], dtype: "bool" })];
    const y = cond(
      inputs[1],
      (t) => exp(sin(t)),
      (t) => tanh(mul(t, t)),
      inputs[0],
    );
    const graph = shareControl([y, ...pullback([y], [inputs[0]], [one])]);
    expect(controlsIn(graph)).toEqual(["cond", "cond"]);
    const run = interpret({ inputs, outputs: graph });
    const slopes = [true, false].map((p) => run(tensor(0.3), tensor(p))[1].item() as number);
    allNear(
      slopes,
      [Number(grad((t: Tensor) => exp(sin(t)))(0.3)), Number(grad((t: Tensor) => tanh(mul(t, t)))(0.3))],
      1e-15,
    );
  });
  it.each([
    [
      () =>
        cond(
          tensor([1, 2]),
          () => 1,
          () => 2,
        ),
      "the condition must be one truth value, got shape [2]",
    ],
    [
      () =>
        cond(
          true,
          () => tensor([1, 2]),
          () => 2,
        ),
      "both branches must return the same types: the first gives f64[2], the second f64[]",
    ],
    [
      () =>
        cond(
          true,
          () => ({ a: 1 }) as never,
          () => [1] as never,
        ),
      "both branches must return trees of the same keys and lengths",
    ],
    [
      () =>
        cond(
          true,
          () => cast(tensor([1]), "f32"),
          () => tensor([1]),
        ),
      "the first gives f32[1], the second f64[1]",
    ],
  ])("refuses %s", (call, words) => {
    expect(call).toThrow(words);
  });
});

describe("whileLoop", () => {
  const root = (x: Tensor) =>
    whileLoop(
      (s) => sub(mul(s, s), x).abs().greater(1e-10),
      (s) => mul(0.5, add(s, div(x, s))),
      add(1, x),
    );
  it("goes forward: value, tangent, series", () => {
    expect(root(tensor(5)).item()).toBeCloseTo(reference.looped.value, 14);
    expect(Number(jvp(root, [5], [1]).tangent)).toBeCloseTo(reference.looped.tangent, 13);
    allNear(taylor(root, 5, 3), taylor(sqrt, 5, 3), 1e-6);
    expect(jacfwd((x: Tensor) => jacfwd(root)(x))(4)).toBeCloseTo(-1 / 32, 6);
    // A count of steps: no slope, and no series where it jumps.
    const count = (x: Tensor) =>
      whileLoop(
        ({ v }) => v.less(x),
        ({ v, n }) => ({ v: mul(v, 2), n: add(n, 1) }),
        { v: 1, n: 0 },
      ).n;
    expect(count(tensor(100)).item()).toBe(7);
    expect(jvp(count, [100], [1]).tangent).toBe(0);
    expect(grad(count)(100)).toBe(0);
    expect(() => taylor(count, 64, 2)).toThrow(NotAnalyticError);
  });
  it("stops each row by itself under vmap", () => {
    const x = tensor([5, 2, 1e6, 0.3]);
    const rows = [5, 2, 1e6, 0.3].map((v) => Number(root(tensor(v)).item()));
    expect(data(vmap(root)(x) as Tensor)).toEqual(rows);
    const tangents = [5, 2, 1e6, 0.3].map((v) => Number(jvp(root, [v], [1]).tangent));
    const push = (v: Tensor) => jvp(root, [v], [one]).tangent;
    allNear(data(vmap(push)(x) as Tensor), tangents, 1e-14);
    const all = jvp((v: Tensor) => vmap(root)(v), [x], [tensor([1, 1, 1, 1])]).tangent;
    allNear(data(all), tangents, 1e-14);
    // One bound for all rows: the number of steps is shared.
    const power = (v: Tensor) =>
      whileLoop(
        ({ n }) => n.less(3),
        ({ n, p }) => ({ n: add(n, 1), p: mul(p, v) }),
        { n: 0, p: 1 },
      ).p;
    expect(data(vmap(power)(tensor([2, 3])) as Tensor)).toEqual([8, 27]);
  });
  it("may stand in a differentiated program where no gradient passes", () => {
    const f = (x: Tensor) => {
      const n = whileLoop(
        (c) => c.less(10),
        (c) => add(c, 3),
        0,
      );
      return mul(x, mul(n, x));
    };
    expect(grad(f)(2)).toBe(48);
  });
  it("refuses reverse mode by name, with the mend", () => {
    expect(() => grad(root)(5)).toThrow(TransformError);
    expect(() => grad(root)(5)).toThrow(/^whileLoop: reverse mode .* use scan with a length, fixedPoint/);
    const inLoop = (x: Tensor) => scan((c) => [root(c), null], x, null, { length: 2 })[0];
    expect(() => grad(inLoop)(5)).toThrow(/^whileLoop: reverse mode/);
    expect(Number(jacfwd(inLoop)(16))).toBeCloseTo(1 / 32, 10);
  });
  it.each([
    [
      () =>
        whileLoop(
          () => true,
          (c) => add(c, 1),
          0,
          { maxSteps: 9 },
        ),
      "still holds after 9 steps: give a larger",
    ],
    [
      () =>
        whileLoop(
          () => true,
          (c) => c,
          [],
        ),
      "init has no tensors",
    ],
    [
      () =>
        whileLoop(
          (c) => c,
          (c) => add(c, 1),
          tensor([1, 2]),
        ),
      "the condition must be one truth value",
    ],
    [
      () =>
        whileLoop(
          () => true,
          () => tensor([1]),
          0,
        ),
      "it went in as f64[] and came out as f64[1]",
    ],
    [
      () =>
        whileLoop(
          () => true,
          (c) => c,
          0,
          { maxSteps: -1 },
        ),
      "maxSteps must be 0 or more",
    ],
  ])("refuses %s", (call, words) => {
    expect(call).toThrow(words);
  });
});

describe("remat", () => {
  const w = wave([4, 4], 0.5, 1.1);
  const layer = (x: Tensor) => tanh(matmul(w, sin(matmul(w, x))));
  it("changes no number, in any mode", () => {
    const stacked = (l: typeof layer) => (x: Tensor) => sum(l(l(mul(x, l(x)))));
    const [f, g] = [stacked(remat(layer)), stacked(layer)];
    const x = wave([4], 1, 0.3);
    const v = wave([4], 1, 0.7);
    expect(data(grad(f)(x))).toEqual(data(grad(g)(x)));
    expect(data(jvp(f, [x], [v]).tangent)).toEqual(data(jvp(g, [x], [v]).tangent));
    allNear(data(hvp(f, x, v)), data(hvp(g, x, v)), 1e-14);
    allNear(flat(taylor(f, x, 3, v)), flat(taylor(g, x, 3, v)), 1e-14);
    const many = wave([3, 4], 1, 0.9);
    allNear(data(vmap(grad(f))(many)), data(vmap(grad(g))(many)), 1e-14);
    allNear(data(jacrev(remat(layer))(x)), data(jacfwd(remat(layer))(x)), 1e-14);
  });
  it("reads values from outside", () => {
    const f = (a: Tensor, b: Tensor) => remat((x: Tensor) => mul(sin(mul(a, x)), b))(mul(a, b));
    expect(checkGrads(f, [0.3, 0.8]).ok).toBe(true);
  });
  it("keeps its arguments only", () => {
    const inputs = [input({ shape: [4], dtype: "f64" })];
    const y = sum(remat(layer)(inputs[0]));
    const graph = shareControl([y, ...pullback([y], inputs, [one])]);
    expect(controlsIn(graph)).toEqual(["remat", "remat"]);
    // Forward and backward do not share a node that computes.
    const run = interpret({ inputs, outputs: graph });
    expect(run.nodes.some((n) => n.primitive.name === "tanh" || n.primitive.name === "sin")).toBe(false);
  });
});

describe("checkpoints of a loop", () => {
  const step = (w: Tensor) => (c: Tensor, x: Tensor) => {
    const next = tanh(add(mul(w, sin(c)), x));
    return [next, mul(next, c)] as const;
  };
  const loss = (length: number, options: object) => (w: Tensor, x: Tensor) => {
    const [c, ys] = scan(step(w), tensor([0.1, 0.2]), x, { ...options, length });
    return add(sum(c), sum(mul(ys, ys)));
  };
  const xs = (length: number) => wave([length, 2], 1, 0.7);
  it("change no number", () => {
    for (const length of [1, 2, 7, 9, 12]) {
      for (const checkpoint of [true, 1, 3, 50]) {
        for (const reverse of [false, true]) {
          const [f, g] = [{ checkpoint, reverse }, { reverse }].map((o) => loss(length, o));
          const pulled = (h: typeof f) => flat(vjp(h, tensor(0.8), xs(length)).pullback(one));
          expect(f(tensor(0.8), xs(length)).item()).toBe(g(tensor(0.8), xs(length)).item());
          allNear(pulled(f), pulled(g), 1e-13);
        }
      }
    }
    const without = (o: object) => (w: Tensor) =>
      scan((c) => [mul(w, sin(c)), null], 0.5, null, { length: 10, ...o })[0];
    expect(grad(without({ checkpoint: true }))(0.9)).toBeCloseTo(Number(grad(without({}))(0.9)), 14);
  });
  it("may have loops inside of their steps", () => {
    const nested = (length: number, options: object) => (w: Tensor, x: Tensor) => {
      const inner = (c: Tensor) =>
        scan((d: Tensor) => [sin(add(d, mul(w, c))), null], c, null, { length: 2 })[0];
      const [c, ys] = scan(
        (c: Tensor, row: Tensor) => [inner(add(c, row)), mul(inner(c), row)],
        tensor([0.1, 0.2]),
        x,
        { ...options, length },
      );
      return add(sum(c), sum(mul(ys, ys)));
    };
    for (const length of [1, 2, 3, 5, 9]) {
      for (const reverse of [false, true]) {
        const [f, g] = [{ checkpoint: true, reverse }, { reverse }].map((o) => nested(length, o));
        const pulled = (h: typeof f) => flat(vjp(h, tensor(0.8), xs(length)).pullback(one));
        allNear(pulled(f), pulled(g), 1e-13);
        const second = (h: typeof f) => flat(hvp((w: Tensor) => h(w, xs(length)), tensor(0.8), tensor(1)));
        allNear(second(f), second(g), 1e-12);
      }
    }
  });
  it("make memory grow as the root of the length", () => {
    // What a gradient's loops stack, bodies included.
    const stored = (length: number, options: object) => {
      const inputs = [input(one), input({ shape: [length, 2], dtype: "f64" })];
      const y = sum(scan(step(inputs[0]), tensor([0.1, 0.2]), inputs[1], options)[0]);
      const graph = pullback([y], [inputs[0]], [one]);
      return Math.max(...sizesOf(shareControl(graph)));
    };
    const [a, b] = [400, 6400].map((n) => stored(n, { checkpoint: true }));
    const [c, d] = [400, 6400].map((n) => stored(n, {}));
    expect(d / c).toBeGreaterThan(15);
    expect(b / a).toBeLessThan(5);
    expect(d / b).toBeGreaterThan(30);
  });
  it.each([
    [0, "checkpoint must be true or the length of a segment, a whole number from 1 on; got 0"],
    [1.5, "got 1.5"],
  ])("refuse %s", (checkpoint, words) => {
    expect(() => loss(4, { checkpoint })(tensor(1), xs(4))).toThrow(words);
  });
});

describe("random branches", () => {
  const unaries = [
    sin,
    cos,
    tanh,
    (x: Tensor) => mul(x, x),
    (x: Tensor) => exp(mul(-1, x)),
    (x: Tensor) => x,
  ];
  const chain = fc.array(fc.nat(5), { minLength: 1, maxLength: 4 });
  it("equal where, in every mode", () => {
    fc.assert(
      fc.property(chain, chain, fc.boolean(), (a, b, again) => {
        const [p, q] = [a, b].map((list) => (x: Tensor) => list.reduce((v, k) => unaries[k](v), x));
        const f = (x: Tensor): Tensor => {
          const y = cond(x.greater(0.2), p, q, x);
          return again
            ? cond(
                y.less(x),
                (u, v) => mul(u, v),
                (u) => sin(u),
                y,
                x,
              )
            : y;
        };
        const g = (x: Tensor) => {
          const y = where(x.greater(0.2), p(x), q(x));
          return again ? where(y.less(x), mul(y, x), sin(y)) : y;
        };
        const x = tensor([0.9, -0.4, 0.25, 0.1]);
        const rows = [0, 1, 2, 3].map((k) => row(x, k));
        expect(rows.map((r) => f(r).item())).toEqual(data(g(x)));
        expect(data(vmap(f)(x) as Tensor)).toEqual(data(g(x)));
        const slopes = data(grad((v: Tensor) => sum(g(v)))(x));
        allNear(
          rows.flatMap((r) => data(grad(f)(r))),
          slopes,
          1e-13,
        );
        allNear(data(vmap(grad(f))(x)), slopes, 1e-13);
        allNear(data(grad((v: Tensor) => sum(vmap(f)(v) as Tensor))(x)), slopes, 1e-13);
        const curvature = data(hvp((v: Tensor) => sum(g(v)), x, tensor([1, 1, 1, 1])));
        allNear(
          rows.flatMap((r) => data(second(f)(r))),
          curvature,
          1e-12,
        );
        const inLoop = (v: Tensor) => scan((c) => [f(c), null], v, null, { length: 3 })[0];
        const written = (v: Tensor) => f(f(f(v)));
        allNear(
          rows.flatMap((r) => data(grad(inLoop)(r))),
          rows.flatMap((r) => data(grad(written)(r))),
          1e-13,
        );
      }),
      { numRuns: 60, seed: 8 },
    );
  });
});
