import { readFileSync } from "node:fs";
import * as g from "gradus";
import {
  customJvp,
  customVjp,
  grad,
  hessian,
  hvp,
  interpret,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  linearTranspose,
  type Tensor,
  taylor,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
} from "gradus";
import { describe, expect, expectTypeOf, it } from "vitest";
import { input } from "../src/ir/node.ts";
import { pullback } from "../src/transforms/derivatives.ts";

const nested = (t: unknown) => (t as Tensor).toArray();

describe("numbers in, numbers out; trees in, the same trees out", () => {
  it("keeps structure and types", () => {
    expect(grad((x: Tensor) => g.sin(x))(0)).toBe(1);
    const f = (p: { w: Tensor[]; b: Tensor }) => p.w[0].mul(p.b).add(p.w[1]);
    expect(grad(f)({ w: [1, 2], b: 3 })).toEqual({ w: [3, 1], b: 1 });
    const typed = grad((x: Tensor) => x.mul(x).sum())(Float64Array.of(1, 2));
    expect(typed).toEqual(Float64Array.of(2, 4));
    expectTypeOf(typed).toEqualTypeOf<Float64Array>();
    expectTypeOf(grad((x: Tensor) => x)(2)).toEqualTypeOf<number>();
    expect(valueAndGrad((x: Tensor) => x.mul(x))(3)).toEqual({ value: 9, gradient: 6 });
  });
  it("lets a function look at its values", () => {
    const f = (x: Tensor) => (x.item() > 0 ? x.mul(x) : x.neg());
    expect([grad(f)(3), grad(f)(-3)]).toEqual([6, -1]);
    expect(() => (vmap(f) as (x: Tensor) => Tensor)(tensor([1, 2]))).toThrow(/use where/);
  });
  it("refuses a tracer where JavaScript wants a number", () => {
    expect(() =>
      grad((x: Tensor) => (Math.sin(x as unknown as number) as unknown as Tensor).mul(x))(1),
    ).toThrow(/sin\(x\) for Math\.sin/);
    expect(() => grad((x: Tensor) => ((x as unknown as number) > 0 ? x : x.neg()))(1)).toThrow(
      /where JavaScript wants a number/,
    );
  });
  it("names what cannot be differentiated", () => {
    expect(() => grad((x: Tensor) => x.mul(x))(tensor([1, 2]))).toThrow(
      /must return one scalar, got shape \[2\]/,
    );
    expect(() => grad((x: Tensor) => g.cast(x, "f64"))(g.tensor(1, "i32"))).toThrow(/i32/);
    expect(() => grad((() => undefined) as never)(1 as never)).toThrow(/returned nothing/);
    expect(() => g.add(tensor([1, 2]), tensor([1, 2, 3]))).toThrow(
      /add: shapes \[2\] and \[3\] do not broadcast/,
    );
  });
});

describe("transforms", () => {
  const A = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const f = (x: Tensor) => g.tanh(A.dot(x));
  const x = tensor([0.3, -0.2]);
  it("Jacobians agree both ways; a Hessian is theirs", () => {
    const [a, b] = [nested(jacfwd(f)(x)), nested(jacrev(f)(x))] as number[][][];
    a.flat().forEach((v, i) => expect(v).toBeCloseTo(b.flat()[i], 14));
    const loss = (w: Tensor) => g.sum(f(w).pow(2));
    const H = nested(hessian(loss)(x)) as number[][];
    const Hv = nested(hvp(loss, x, tensor([1, 0]))) as number[];
    expect(Hv[0]).toBeCloseTo(H[0][0], 13);
    expect(Hv[1]).toBeCloseTo(H[1][0], 13);
  });
  it("linearize and vjp apply one linear map to many vectors", () => {
    const { linear } = linearize(f, x);
    const J = nested(jacfwd(f)(x)) as number[][];
    const out = nested(linear(tensor([1, 0])));
    expect(out).toEqual(J.map((r) => r[0]));
    const [row] = vjp(f, x).pullback(tensor([0, 1, 0]));
    (nested(row) as number[]).forEach((v, i) => expect(v).toBeCloseTo(J[1][i], 14));
  });
  it("linearTranspose takes linear functions, and only those", () => {
    expect(nested(linearTranspose((v: Tensor) => A.dot(v).mul(2).div(4), x)(tensor([1, 1, 1])))).toEqual([
      4.5, 6,
    ]);
    expect(() => linearTranspose((v: Tensor) => v.mul(v), x)).toThrow(/not linear/);
    expect(() => linearTranspose((v: Tensor) => v.add(1), x)).toThrow(/not linear/);
  });
  it("linearTranspose takes a branch and a loop that are linear where the point is fixed", () => {
    const branch = (v: Tensor) => g.cond(g.greater(g.sum(v), 0), (u: Tensor) => u.mul(u), g.sin, v);
    const loop = (v: Tensor) =>
      g.scan((c: Tensor) => [g.sin(c.mul(v)), null], v, null, { length: 2 })[0] as Tensor;
    for (const f of [branch, loop]) {
      const push = (t: Tensor) => jvp(f, [x], [t]).tangent as Tensor;
      expect(nested(linearTranspose(push, x)(x))).toEqual(nested(vjp(f, x).pullback(x)[0] as Tensor));
    }
  });
  it("Taylor series pass by what is held fixed: a shift that cancels, a flat value", () => {
    const ways = tensor([1, -1]);
    // ln(e^(a + t) + e^(b − t)) at a = b = 0: ln 2 + ln cosh t.
    const c = taylor((v: Tensor) => g.logSumExp(v), tensor([0, 0]), 4, ways);
    [Math.log(2), 0, 1 / 2, 0, -1 / 12].forEach((v, k) => {
      expect(c.toTypedArray()[k]).toBeCloseTo(v, 14);
    });
    const s = taylor((v: Tensor) => g.at(g.softmax(v), 0), tensor([0, 0]), 3, ways);
    [0.5, 0.5, 0, -1 / 6].forEach((v, k) => {
      expect(s.toTypedArray()[k]).toBeCloseTo(v, 14);
    });
    expect(taylor((t: Tensor) => g.where(g.equal(g.floor(t), 0), t.mul(t), t), 0.5, 2)).toEqual([0.25, 1, 1]);
    expect(taylor((t: Tensor) => g.abs(g.stopGradient(t)).add(t), 0, 2)).toEqual([0, 1, 0]);
  });
  it("refuses trees that do not end or are nested beyond reason, by name", () => {
    const own: Record<string, unknown> = { a: 3 };
    own.self = own;
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = [deep];
    const slope = grad(() => tensor(1)) as never as (tree: unknown) => unknown;
    expect(() => slope(own)).toThrow(/argument 1: a tree of parameters must end/);
    expect(() => slope(deep)).toThrow(/argument 1: .* nested 500 deep/);
    const shared = { w: tensor([1, 2]) };
    const product = grad((p: { a: { w: Tensor }; b: { w: Tensor } }) => g.sum(p.a.w.mul(p.b.w)));
    expect(nested(product({ a: shared, b: shared }).b.w)).toEqual([1, 2]);
  });
  it("reductions of nothing, of infinities and of truth values are what they are of numbers", () => {
    expect(nested(g.logSumExp(g.zeros([0])))).toBe(Number.NEGATIVE_INFINITY);
    expect(nested(g.softmax(g.zeros([2, 0])))).toEqual([[], []]);
    expect(nested(grad((v: Tensor) => g.sum(g.softmax(v)))(g.zeros([0])))).toEqual([]);
    expect(nested(g.norm(tensor([Number.POSITIVE_INFINITY, 1])))).toBe(Number.POSITIVE_INFINITY);
    expect(g.prod(g.greater(tensor([1, 2]), 0)).dtype).toBe("i32");
    expect(g.prod(g.zeros([0], "i32")).dtype).toBe("i32");
  });
  type Scalar = (t: Tensor) => Tensor;
  it("slopes of softsign and hypot keep their digits far out", () => {
    const slope = (f: Scalar) => grad(f) as Scalar;
    const at = (f: Scalar, v: number) => nested(f(tensor(v))) as number;
    const across = (t: Tensor) => g.hypot(t, 1);
    for (const v of [80, 1e5, 1e15, 1e80]) {
      expect(at(slope(g.softsign), v) / (1 + v) ** -2).toBeCloseTo(1, 14);
      expect(at(slope(slope(g.softsign)), v) / (-2 * (1 + v) ** -3)).toBeCloseTo(1, 14);
      expect(at(slope(slope(across)), v) / Math.hypot(v, 1) ** -3).toBeCloseTo(1, 14);
    }
    expect(
      at(
        slope((t) => g.hypot(t, 0)),
        0,
      ),
    ).toBe(0);
    expect(at(slope(slope((t) => g.hypot(t, 4))), 3)).toBeCloseTo(16 / 125, 15);
  });
  it("customJvp is used, and transposes", () => {
    const clever = customJvp(
      (v: Tensor) => g.sin(v),
      ([v], [dv]) => g.cos(v).mul(dv).mul(10),
    );
    expect(grad(clever)(0)).toBe(10);
    expect(jvp(clever, [0], [1]).tangent).toBe(10);
    expect(nested(vmap(grad(clever))(tensor([0, 0])))).toEqual([10, 10]);
  });
  it("customVjp is used in reverse, and refuses forward mode by name", () => {
    const clipped = customVjp(
      (v: Tensor) => v.mul(v),
      (v: Tensor) => ({ value: v.mul(v), residuals: v }),
      (v, ct) => [g.clip(ct.mul(v).mul(2), -1, 1)],
    );
    expect(grad(clipped)(3)).toBe(1);
    expect(grad(clipped)(0.25)).toBe(0.5);
    expect(() => jvp(clipped, [3], [1])).toThrow(/customVjp: the function has a reverse rule only/);
    expect(() => taylor(clipped, 3, 2)).toThrow(/customVjp: the function has a reverse rule only/);
    expect(nested(vmap(grad(clipped))(tensor([3, 0.25])))).toEqual([1, 0.5]);
  });
  it("composes: Taylor of a gradient, gradient of a Taylor coefficient, vmap of both", () => {
    const c = taylor((t: Tensor) => grad((u: Tensor) => u.mul(g.sin(u)))(t), 0.5, 3);
    expect(c[1]).toBeCloseTo(2 * Math.cos(0.5) - 0.5 * Math.sin(0.5), 14);
    expect(
      grad((t: Tensor) =>
        g.at(
          taylor((u: Tensor) => g.exp(u), t, 3),
          2,
        ),
      )(1),
    ).toBeCloseTo(Math.E / 2, 14);
    const nestedTaylor = taylor(
      (t: Tensor) =>
        g.at(
          taylor((u: Tensor) => g.sin(u), t, 2),
          2,
        ),
      0.3,
      2,
    );
    expect(nestedTaylor[1]).toBeCloseTo(-Math.cos(0.3) / 2, 13);
  });
  it("removes what is removable, and names what is singular", () => {
    expect(taylor((t: Tensor) => g.div(g.sin(t), t), 0, 4)).toEqual([
      1,
      0,
      -1 / 6,
      0,
      expect.closeTo(1 / 120, 16),
    ]);
    expect(() => taylor(g.abs, 0, 2)).toThrow(/abs is not analytic at 0/);
    expect(() => taylor((t: Tensor) => g.floor(t), 1, 2)).toThrow(/floor is not analytic at 1/);
    expect(() => taylor((t: Tensor) => g.div(1, t), 0, 2)).toThrow(/pole/);
    expect(() => taylor((t: Tensor) => g.where(g.greater(t, 0), t, 0), 0, 2)).toThrow(
      /greater is not analytic at 0/,
    );
  });
  it("keeps f32 in f32, and promotes as written", () => {
    const w = g.tensor([1, 2], "f32");
    expect(w.mul(2).dtype).toBe("f32");
    expect(g.sin(g.tensor([1, 2], "i32")).dtype).toBe("f64");
    expect(g.add(g.tensor([1], "i32"), 1).dtype).toBe("i32");
    expect(g.add(g.tensor([1], "i32"), 0.5).dtype).toBe("f64");
    expect((grad((v: Tensor) => g.sum(g.sigmoid(v.mul(0.5))))(w) as Tensor).dtype).toBe("f32");
  });
});

describe("the interpreter", () => {
  it("runs a program of a million nodes, and its gradient, without recursion", () => {
    const x = input({ shape: [], dtype: "f64" });
    let y = x as Tensor;
    for (let i = 0; i < 500_000; i++) y = g.add(g.mul(y, 0.999999), 1e-6);
    const run = interpret({ inputs: [x], outputs: [y, ...pullback([y], [x], [g.tensor(1)])] });
    const [value, slope] = run(tensor(0.5)).map((t) => t.item());
    expect(value).toBeGreaterThan(0.5);
    expect(slope).toBeCloseTo(0.999999 ** 500_000, 6);
  });
  it("keeps a gradient near the cost of its function", () => {
    const x = input({ shape: [50], dtype: "f64" });
    let y: Tensor = x;
    for (let i = 0; i < 20; i++) y = g.tanh(g.mul(y, y));
    const loss = g.sum(y);
    const size = (outputs: Tensor[]) => interpret({ inputs: [x], outputs }).nodes.length;
    expect(size([loss, ...pullback([loss], [x], [g.tensor(1)])])).toBeLessThan(6 * size([loss]));
  });
});

interface Reference {
  readonly name: string;
  readonly args: number[][];
  readonly gradients: number[][];
  readonly hessian: number[][];
}
const reference = JSON.parse(
  readFileSync(new URL("./reference/jax.json", import.meta.url), "utf8"),
) as Reference[];

/** The functions of reference/jax_values.py, written again. */
const twins: Record<string, (x: Tensor, y: Tensor) => Tensor> = {
  logistic: (x, y) => g.mean(g.softplus(x).sub(g.mul(x, g.sigmoid(y)))),
  attention: (x, y) => g.sum(g.mul(g.softmax(g.outer(x, y)), g.outer(y, x))),
  norms: (x, y) =>
    g
      .norm(x)
      .mul(g.logSumExp(y))
      .add(g.variance(g.mul(x, y))),
  activations: (x, y) => g.sum(g.mul(g.gelu(x), g.mish(y))).add(g.sum(g.mul(g.silu(y), g.selu(x)))),
  powers: (x, y) => g.sum(g.pow(g.add(g.abs(x), 0.5), y)).add(g.sum(g.atan2(x, y))),
  structure: (x, y) =>
    g
      .sum(g.mul(g.reverse(g.concatenate([x, y])), g.pad(g.slice(x, [1]), { low: [2], high: [x.size - 1] })))
      .add(g.prod(y)),
  special: (x, y) => g.sum(g.mul(g.erf(x), g.log1p(g.mul(y, y)))).add(g.sum(g.logGamma(g.add(g.abs(y), 1)))),
};

describe("JAX gives the same gradients and Hessians", () => {
  it.each(reference.map((r) => [r.name, r] as const))("%s", (_, row) => {
    const f = twins[row.name];
    const [x, y] = row.args.map((a) => tensor(a));
    const near = (got: number[], want: number[]) => {
      expect(got.length).toBe(want.length);
      got.forEach((v, i) =>
        expect(Math.abs(v - want[i]) / Math.max(1, Math.abs(want[i]))).toBeLessThan(1e-12),
      );
    };
    near(nested(grad(f)(x, y)) as number[], row.gradients[0]);
    near(nested(grad(f, { argument: 1 })(x, y)) as number[], row.gradients[1]);
    near((nested(hessian(f)(x, y)) as number[][]).flat(), row.hessian.flat());
  });
});
