import * as fc from "fast-check";
import {
  add,
  cast,
  checkGrads,
  dot,
  exp,
  grad,
  hvp,
  interpret,
  iota,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  log,
  matmul,
  mean,
  mul,
  reshape,
  scan,
  sin,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  taylor,
  tensor,
  vjp,
  vmap,
  where,
} from "gradus";
import { describe, expect, it } from "vitest";
import { input } from "../src/ir/node.ts";
import { shareControl } from "../src/transforms/control/share.ts";
import { pullback } from "../src/transforms/derivatives.ts";
import { agrees, allNear, controlsIn, data, flat, wave } from "./control.ts";

const one = tensor(1);
const row = (t: Tensor, k: number) => reshape(t.slice([k], [k + 1]), t.shape.slice(1));

/** The same loop written out. */
function unrolled<C>(
  step: (c: C, x: Tensor) => readonly [C, Tensor],
  init: C,
  xs: Tensor,
  reverse = false,
): [C, Tensor] {
  let carry = init;
  const ys: Tensor[] = [];
  for (let n = 0; n < xs.shape[0]; n++) {
    const t = reverse ? xs.shape[0] - 1 - n : n;
    const [next, y] = step(carry, row(xs, t));
    carry = next;
    ys[t] = y;
  }
  return [carry, stack(ys)];
}

describe("a recurrent network of 1,000 steps", () => {
  const xs = wave([1000, 3], 1, 0.37);
  const parameters = [wave([6, 6], 0.4, 1.3), wave([6, 3], 0.5, 0.7), wave([6], 0.1, 2.1)];
  const loss =
    (loop: typeof unrolled<Tensor>) =>
    ([w, u, b]: Tensor[]) => {
      const step = (h: Tensor, x: Tensor) => {
        const next = tanh(add(add(matmul(w, h), matmul(u, x)), b));
        return [next, dot(next, next)] as const;
      };
      const [h, ys] = loop(step, tensor(new Float64Array(6)), xs);
      return add(sum(h), mean(ys));
    };
  const direction = parameters.map((p) => wave(p.shape, 1, 0.9));

  it("agrees with JAX: value, gradient, Hessian-vector product", () => {
    agrees("rnn", loss(scan as never), parameters, direction, 1e-12);
  });
  it("agrees with the loop written out", () => {
    const [a, b] = [loss(scan as never), loss(unrolled)];
    expect(a(parameters).item()).toBe(b(parameters).item());
    allNear(flat(grad(a)(parameters)), flat(grad(b)(parameters)), 1e-13);
    const push = (f: typeof a) => data(jvp(f, [parameters], [direction]).tangent);
    allNear(push(a), push(b), 1e-13);
  });
  it("runs forward once and backward once", () => {
    const inputs = parameters.map((p) => input(p));
    const y = loss(scan as never)(inputs);
    const outputs = [y, ...pullback([y], inputs, [one])];
    const nodes = interpret({ inputs, outputs }).nodes;
    expect(nodes.filter((n) => n.primitive.name === "scan")).toHaveLength(2);
    const second = shareControl(pullback([sum(outputs[1])], inputs, [one]));
    expect(controlsIn(second)).toEqual(["scan", "scan", "scan", "scan"]);
  });
});

describe("loops in loops", () => {
  const f = ([a, b]: Tensor[]) => {
    const [c, ys] = scan(
      (c, x) => {
        const [d, ys] = scan(
          (d, y) => {
            const next = add(sin(add(mul(a, d), mul(y, c))), b);
            return [next, mul(next, x)];
          },
          c,
          add(mul(row(b, 0), x), iota(4, "f64")),
        );
        return [d, sum(mul(ys, ys))];
      },
      a,
      wave([5], 1, 0.5),
      { reverse: true },
    );
    return add(sum(c), sum(ys));
  };
  it("agree with JAX", () => {
    const p = [wave([3], 0.8, 1.1), wave([3], 0.3, 0.6)];
    agrees("nested", f, p, [wave([3], 1, 0.9), wave([3], 1, 1.9)], 1e-12);
  });
  it("compute the inner loop once forward and once backward", () => {
    const inputs = [input(one.reshape([1])), input(one.reshape([1]))];
    const y = f(inputs);
    const graph = shareControl([y, ...pullback([y], inputs, [one])]);
    expect(controlsIn(graph)).toEqual(["scan", "scan", "scan", "scan"]);
  });
});

describe("what a loop takes and gives", () => {
  it("carries trees and stacks trees", () => {
    const [last, ys] = scan(
      ({ count, total }, { a, b }) => [
        { count: add(count, 1), total: add(total, mul(a, b)) },
        { seen: total, pair: [a, count] },
      ],
      { count: tensor(0, "i32"), total: 0 },
      { a: tensor([1, 2, 3]), b: tensor([4, 5, 6]) },
    );
    expect(last.count.item()).toBe(3);
    expect(last.count.dtype).toBe("i32");
    expect(last.total.item()).toBe(32);
    expect(data(ys.seen)).toEqual([0, 4, 14]);
    expect(data(ys.pair[0])).toEqual([1, 2, 3]);
    expect(data(ys.pair[1])).toEqual([0, 1, 2]);
  });
  it("runs a given number of steps, and none", () => {
    const twice = (n: number) => scan((c) => [mul(c, 2), null], 1, null, { length: n })[0].item();
    expect(twice(10)).toBe(1024);
    expect(twice(0)).toBe(1);
    const slope = grad((x: Tensor) => scan((c) => [mul(c, c), null], x, null, { length: 0 })[0])(3);
    expect(slope).toBe(1);
  });
  it("runs backward, results in the order of the inputs", () => {
    const [last, ys] = scan((c, x) => [add(c, x), c], 0, tensor([1, 2, 3]), { reverse: true });
    expect(last.item()).toBe(6);
    expect(data(ys)).toEqual([5, 3, 0]);
  });
  it("has constants alone as well", () => {
    const [none, ys] = scan(() => [[], tensor([1, 2])], [], null, { length: 2 });
    expect(none).toEqual([]);
    expect(data(ys)).toEqual([1, 2, 1, 2]);
  });
  it("keeps f32, and lets a number adopt it", () => {
    const xs = cast(tensor([0.1, 0.2]), "f32");
    const f = (w: Tensor) => scan((c, x) => [add(mul(w, c), x), c], 0.3, xs);
    const [last, ys] = f(cast(tensor(0.5), "f64"));
    expect([last.dtype, ys.dtype]).toEqual(["f64", "f64"]);
    const g = (w: Tensor) => scan((c, x) => [add(mul(w, c), x), c], 0.3, xs);
    const [weak] = g(cast(tensor(0.5), "f32"));
    expect(weak.dtype).toBe("f32");
    const slope = grad((w: Tensor) => g(w)[0])(cast(tensor(0.5), "f32"));
    expect(slope.dtype).toBe("f32");
    const unroll = unrolled((c: Tensor, x) => [add(mul(0.5, c), x), c], cast(tensor(0.3), "f32"), xs);
    expect(weak.item()).toBe(unroll[0].item());
  });
  it("differentiates with respect to carry, slices and constants", () => {
    const f = (c: Tensor, x: Tensor, w: Tensor) =>
      sum(scan((h, v) => [tanh(add(mul(w, h), v)), mul(h, v)], c, x)[1]);
    for (const reverse of [false, true]) {
      const g = (c: Tensor, x: Tensor, w: Tensor) =>
        sum(scan((h, v) => [tanh(add(mul(w, h), v)), mul(h, v)], c, x, { reverse })[1]);
      expect(checkGrads(g, [0.3, tensor([0.1, -0.4, 0.7]), 0.9]).ok).toBe(true);
    }
    const lin = linearize((w: Tensor) => f(tensor(0.3), tensor([0.1, 0.2]), w), 0.9);
    expect(lin.linear(2)).toBeCloseTo(
      2 * Number(grad((w: Tensor) => f(tensor(0.3), tensor([0.1, 0.2]), w))(0.9)),
      13,
    );
  });
  it("keeps masked slopes zero inside a step", () => {
    const f = (x: Tensor) => sum(scan((c, v) => [add(c, where(v.greater(0), log(v), 0)), null], 0, x)[0]);
    expect(data(grad(f)(tensor([1, 0, 2])))).toEqual([1, 0, 0.5]);
    expect(data(jvp(f, [tensor([1, 0, 2])], [tensor([1, 1, 1])]).tangent)).toEqual([1.5]);
  });
  it("is stacked neither for a constant residual nor for a slice", () => {
    // y = Σ (w·x_t): the slope needs x and w as they are, so no forward loop is left.
    const f = (w: Tensor, x: Tensor) => scan((c, v) => [add(c, dot(w, v)), null], 0, x)[0];
    const inputs = [input({ shape: [4], dtype: "f64" }), input({ shape: [9, 4], dtype: "f64" })];
    const y = f(inputs[0], inputs[1]);
    const graph = shareControl(pullback([y], inputs, [one]));
    expect(controlsIn(graph)).toEqual(["scan"]);
  });
});

// --- random bodies ---

type Body = (c: readonly Tensor[], x: Tensor, w: Tensor) => readonly [Tensor, Tensor, Tensor];
type Pick = readonly [op: number, a: number, b: number];
const picks = fc.array(fc.tuple(fc.nat(7), fc.nat(20), fc.nat(20)), { minLength: 3, maxLength: 9 });

/** A body from random choices: each operation takes earlier values. */
const bodyOf =
  (list: readonly Pick[]): Body =>
  ([c1, c2], x, w) => {
    const pool = [c1, c2, x, w, tensor(0.5)];
    for (const [op, i, j] of list) {
      const [a, b] = [pool[i % pool.length], pool[j % pool.length]];
      const made = [
        () => add(a, b),
        () => sub(a, b),
        () => mul(a, b),
        () => sin(a),
        () => tanh(b),
        () => exp(mul(-1, mul(a, a))),
        () => where(a.greater(b), mul(a, 0.5), sin(b)),
        () => a,
      ][op]();
      pool.push(made);
    }
    const n = pool.length;
    return [tanh(pool[n - 1]), tanh(pool[n - 2]), pool[n - 3]];
  };

type Loop = (
  step: (c: readonly Tensor[], x: Tensor) => readonly [readonly Tensor[], Tensor],
  init: readonly Tensor[],
  xs: Tensor,
) => [readonly Tensor[], Tensor];

const lossOf = (list: readonly Pick[], loop: Loop) => (w: Tensor, xs: Tensor) => {
  const body = bodyOf(list);
  const [last, ys] = loop(
    (c, x) => {
      const [a, b, y] = body(c, x, w);
      return [[a, b], y];
    },
    [w, tensor(0.25)],
    xs,
  );
  return add(add(last[0], mul(2, last[1])), sum(mul(ys, ys)));
};

describe("random bodies", () => {
  const xs = tensor([0.3, -0.7, 0.2, 1.1]);
  const viaScan = scan as unknown as Loop;
  it("equal the loop written out in every mode", () => {
    fc.assert(
      fc.property(picks, fc.double({ min: -1, max: 1, noNaN: true }), (list, at) => {
        const [f, g] = [lossOf(list, viaScan), lossOf(list, unrolled as Loop)];
        const w = tensor(at);
        expect(f(w, xs).item()).toBe(g(w, xs).item());
        const pulled = (h: typeof f) => flat(vjp(h, w, xs).pullback(one));
        allNear(pulled(f), pulled(g), 1e-11);
        const twice = (h: typeof f) => flat(hvp((x: Tensor) => h(tensor(0.4), x), xs, tensor([1, 2, 3, 4])));
        allNear(twice(f), twice(g), 1e-10);
        const many = tensor([at, 0.1]);
        const rows = (h: typeof f) => data(vmap((v: Tensor) => h(v, xs))(many));
        allNear(rows(f), rows(g), 1e-14);
        const forward = (h: typeof f) => data(jacfwd((x: Tensor) => h(w, x))(xs));
        allNear(forward(f), pulled(g).slice(1), 1e-11);
      }),
      { numRuns: 60, seed: 5 },
    );
  });
  it("have the series of the loop written out", () => {
    fc.assert(
      fc.property(picks, (list) => {
        const [f, g] = [lossOf(list, viaScan), lossOf(list, unrolled as Loop)];
        const series = (h: typeof f) => {
          try {
            return taylor((w) => h(w, xs), 0.37, 4) as number[];
          } catch (error) {
            return [(error as Error).name];
          }
        };
        const [a, b] = [series(f), series(g)];
        if (typeof b[0] === "string") expect(a).toEqual(b);
        else allNear(a as number[], b as number[], 1e-9);
      }),
      { numRuns: 40, seed: 6 },
    );
  });
});

describe("under vmap", () => {
  const cumulative = (x: Tensor, w: Tensor) => scan((c, v) => [add(mul(w, c), v), mul(c, v)], 0, x)[1];
  const x = wave([3, 5], 1, 0.7);
  const w = tensor([0.5, 0.6, 0.7]);
  it("is a loop over rows, with any arguments mapped", () => {
    for (const [inAxes, args] of [
      [
        [0, 0],
        [x, w],
      ],
      [
        [0, null],
        [x, tensor(0.5)],
      ],
      [
        [null, 0],
        [row(x, 0), w],
      ],
    ] as const) {
      const all = vmap(cumulative, { inAxes })(...args) as Tensor;
      const rows = [0, 1, 2].flatMap((k) =>
        data(cumulative(inAxes[0] === 0 ? row(x, k) : row(x, 0), inAxes[1] === 0 ? row(w, k) : tensor(0.5))),
      );
      allNear(data(all), rows, 1e-15);
    }
  });
  it("commutes with differentiation", () => {
    const f = (v: Tensor, u: Tensor) => sum(cumulative(v, u));
    const inside = vmap(grad(f))(x, w);
    const outside = grad((v: Tensor) => sum(vmap(f)(v, w) as Tensor))(x);
    allNear(data(inside), data(outside), 1e-14);
    allNear(
      data(jacrev((v: Tensor) => cumulative(v, tensor(0.5)))(row(x, 0))),
      data(jacfwd((v: Tensor) => cumulative(v, tensor(0.5)))(row(x, 0))),
      1e-14,
    );
  });
});

describe("refusals", () => {
  const xs = tensor([1, 2, 3]);
  it.each([
    [() => scan((c) => c as never, 0, xs), "the function must return [carry, y]; return [carry, null]"],
    [() => scan(() => [tensor([1, 2]), null], 0, xs), "it went in as f64[] and came out as f64[2]"],
    [
      () => scan((c) => [cast(c, "f64"), null], cast(tensor(1), "f32"), xs),
      "it went in as f32[] and came out as f64[]; cast it, or begin with f64",
    ],
    [
      () => scan((c) => [{ b: c.a } as never, null], { a: 1 }, xs),
      "the carry must keep the keys and lengths of init: carry: expected an object with the keys a, got the keys b",
    ],
    [() => scan((c) => [c, null], 0, null), "xs has no tensors: give { length }"],
    [() => scan((c) => [c, null], 0, xs, { length: 4 }), "has 3 steps, the length given is 4"],
    [() => scan((c) => [c, null], 0, [xs, tensor([1, 2])]), "has 2 steps, another has 3"],
    [() => scan((c) => [c, null], 0, tensor(1)), "xs holds a scalar"],
    [
      () => scan((c) => [c, null], 0, null, { length: 1.5 }),
      "length must be a whole number from 0 on; got 1.5",
    ],
    [() => scan((c) => [mul(c, c.item()), null], 1, xs), "a traced Tensor has no numbers here"],
  ])("%#: %s", (call, words) => {
    expect(call).toThrow(words);
  });
});
