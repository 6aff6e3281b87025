import {
  grad,
  hessian,
  hvp,
  jacrev,
  jit,
  jvp,
  linearize,
  type Tensor,
  tanh,
  taylor,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
} from "gradus";
import { type Expression, math, type TaylorExpansion } from "gradus/math";
import { adam, findRoot, type Minimization, minimize, trainStep } from "gradus/optimize";
import { describe, expect, expectTypeOf, it } from "vitest";

interface Network {
  readonly layers: { w: Tensor; b: Tensor }[];
  readonly scale: number;
}

/** Checked by `npm run typecheck`: what users write compiles, what is wrong does not. */
describe("types of the public signatures", () => {
  it("a tree in, the same tree out", () => {
    const net: Network = { layers: [{ w: tensor([1, 2]), b: tensor(0) }], scale: 2 };
    const loss = (p: { layers: { w: Tensor; b: Tensor }[]; scale: Tensor }) =>
      p.layers.reduce((sum, l) => sum.add(tanh(l.w).sum()).add(l.b), p.scale);
    expectTypeOf(grad(loss)(net)).toExtend<{ layers: { w: Tensor; b: Tensor }[]; scale: number }>();
    expectTypeOf(valueAndGrad(loss)(net).gradient.layers[0].w).toEqualTypeOf<Tensor>();
  });

  it("numbers in, numbers out; tensors in, tensors out", () => {
    const f = (x: Tensor) => x.mul(x).sum();
    expectTypeOf(grad(f)(2)).toEqualTypeOf<number>();
    expectTypeOf(grad(f)(tensor([1, 2]))).toEqualTypeOf<Tensor>();
    expectTypeOf(hessian(f)(tensor([1, 2]))).toEqualTypeOf<Tensor>();
    expectTypeOf(jvp(f, [2], [1]).tangent).toEqualTypeOf<number>();
    expectTypeOf(taylor(f, 0, 2)).toEqualTypeOf<number[]>();
    expectTypeOf(vmap(grad(f))(tensor([1, 2]))).toEqualTypeOf<Tensor>();
    expectTypeOf(jit(f)(2)).toEqualTypeOf<number>();
    expectTypeOf(jit(f)(tensor(2))).toEqualTypeOf<Tensor>();
    expectTypeOf(jit(grad(f))(2)).toEqualTypeOf<number>();
    const v = Float64Array.of(1, 2);
    expectTypeOf(hvp(f, v, v)).toEqualTypeOf<Float64Array>();
    expect(hvp(f, v, v)).toEqual(Float64Array.of(2, 4));
    // @ts-expect-error: a gradient is of a function of tensors
    grad((text: string) => text);
    // @ts-expect-error: mul takes what can be a tensor
    const wrong = () => tensor(1).mul("2");
    expectTypeOf(wrong).toBeFunction();
  });

  it("results are trees as the function makes them, cotangents and Jacobians as its arguments are", () => {
    const f = (x: Tensor, p: { w: Tensor }) => ({ sum: x.add(p.w), both: [x.mul(p.w), x] as const });
    const at = [tensor(1), { w: tensor(2) }] as const;
    expectTypeOf(jvp(f, at, at).tangent.both[0]).toEqualTypeOf<Tensor>();
    expectTypeOf(jvp(f, [1, { w: 2 }], [1, { w: 0 }]).value.sum).toEqualTypeOf<number>();
    expectTypeOf(linearize(f, 1, { w: 2 }).linear(1, { w: 0 }).sum).toEqualTypeOf<number>();
    const { pullback } = vjp(f, 1, { w: 2 });
    expectTypeOf(pullback({ sum: 1, both: [0, 0] })).toEqualTypeOf<[number, { w: number }]>();
    expectTypeOf(jacrev(f, { argument: 1 })(1, { w: 2 }).sum).toEqualTypeOf<{ w: number }>();
    expect(jacrev(f, { argument: 1 })(3, { w: 2 }).both[0]).toEqual({ w: 3 });
    const scalar = (x: Tensor, p: { w: Tensor }) => x.mul(p.w);
    expectTypeOf(grad(scalar, { argument: 1 })(1, { w: 2 })).toEqualTypeOf<{ w: number }>();
    expectTypeOf(hessian(scalar, { argument: 1 })(tensor(1), { w: tensor(2) }).w.w).toEqualTypeOf<Tensor>();
  });

  it("a minimum has the type of its start, and the function sees tensors", () => {
    const found = minimize(({ x, y }) => x.mul(x).add(y), { x: 1, y: tensor(1) }, { steps: 1 });
    expectTypeOf(found).toEqualTypeOf<Minimization<{ x: number; y: Tensor }>>();
    minimize(([x, y]) => x.mul(y), [1, 2], { steps: 1 });
    minimize((x) => x.mul(x), 1, { steps: 1 });
    minimize(math`x^2`, { x: 1 }, { steps: 1 });
    // @ts-expect-error: the start has no z
    const wrong = () => minimize(({ z }) => z.mul(z), { x: 1 });
    expectTypeOf(wrong).toBeFunction();
    expectTypeOf(findRoot((x) => x.mul(x).sub(2), 1).x).toEqualTypeOf<number>();
  });

  it("a step of training takes what its loss takes beside the parameters", () => {
    const step = trainStep(
      (p: { w: Tensor }, x: Tensor) => p.w.mul(x).sum(),
      { w: tensor([1, 2]) },
      adam(0.01),
    );
    expectTypeOf(step).toBeObject();
  });

  it("an expression gives expressions", () => {
    expectTypeOf(math`x^2`.derivative("x")).toEqualTypeOf<Expression>();
    expectTypeOf(math`x^2`.taylor({ x: 0 }, 2)).toEqualTypeOf<TaylorExpansion>();
    expectTypeOf(math`x^2`.evaluate({ x: 1 })).toEqualTypeOf<Tensor>();
  });
});
