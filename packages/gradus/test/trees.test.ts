import {
  checkGrads,
  cond,
  cos,
  customJvp,
  customRoot,
  customVjp,
  fixedPoint,
  grad,
  hvp,
  jvp,
  linearize,
  linearTranspose,
  mul,
  scan,
  sin,
  sub,
  type Tensor,
  taylor,
  tensor,
  vjp,
  vmap,
} from "gradus";
import { adam, applyUpdate, fit, minimize } from "gradus/optimize";
import { describe, expect, it } from "vitest";

type Pair = { a: Tensor; b: Tensor };
/** 2a − 3b: its two slopes cannot be mistaken for one another. */
const line = ({ a, b }: Pair) => sub(mul(2, a), mul(3, b));
const numbers = (tree: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(tree).map(([k, v]) => [k, typeof v === "number" ? v : (v as Tensor).item()]),
  );

describe("records are matched by their keys, in whatever order these are written", () => {
  const [point, other] = [
    { a: 5, b: 7 },
    { b: 1, a: 10 },
  ];
  it("as tangents, cotangents and directions", () => {
    expect(jvp(line, [point], [other]).tangent).toBe(17);
    expect(linearize(line, point).linear(other as never)).toBe(17);
    expect(hvp((p: Pair) => mul(p.a, mul(p.a, p.b)), point, other)).toEqual({ a: 150, b: 100 });
    expect(taylor(line as never, point, 1, other as never)).toEqual([-11, 17]);
    const swap = ({ a, b }: Pair) => ({ a: mul(2, b), b: mul(3, a) });
    expect(vjp(swap, point).pullback(other as never)).toEqual([{ a: 3, b: 20 }]);
    expect(numbers(linearTranspose(swap, point)(other as never))).toEqual({ a: 3, b: 20 });
  });
  it("as what the rules of customJvp and customVjp return", () => {
    const waves = customJvp(
      (x: Tensor) => ({ a: sin(x), b: cos(x) }),
      ([x], [dx]) => ({ b: mul(-1, mul(sin(x), dx)), a: mul(cos(x), dx) }),
    );
    expect(grad((x: Tensor) => waves(x).a)(0.3)).toBeCloseTo(Math.cos(0.3), 15);
    expect(grad((x: Tensor) => waves(x).b)(0.3)).toBeCloseTo(-Math.sin(0.3), 15);
    const ruled = customVjp(
      ({ a, b }: Pair) => ({ p: line({ a, b }), q: mul(a, b) }),
      ({ a, b }: Pair) => ({ value: { q: mul(a, b), p: line({ a, b }) }, residuals: { b, a } }),
      ({ a, b }, ct) => [{ b: sub(mul(a, ct.q), mul(3, ct.p)), a: sub(mul(b, ct.q), mul(-2, ct.p)) }],
    );
    expect(grad((p: Pair) => ruled(p).p)(point)).toEqual({ a: 2, b: -3 });
    expect(grad((p: Pair) => ruled(p).q)(point)).toEqual({ a: 7, b: 5 });
  });
  it("as the carry of a loop, the result of a branch, and a root", () => {
    const [last] = scan((c: Pair) => [{ b: c.a, a: mul(2, c.b) }, null], point, null, { length: 1 });
    expect(numbers(last)).toEqual({ a: 14, b: 5 });
    const branch = (p: Pair) =>
      cond(
        tensor(0),
        (q: Pair) => ({ a: q.a, b: q.b }),
        (q: Pair) => ({ b: q.b, a: mul(2, q.a) }),
        p,
      );
    expect(numbers(branch({ a: tensor(5), b: tensor(7) }))).toEqual({ a: 10, b: 7 });
    const fixed = fixedPoint(({ a, b }: Pair) => ({ b: mul(0.5, a), a: cos(b) }), { a: 1, b: 1 });
    expect(fixed.b.item()).toBeCloseTo(fixed.a.item() / 2, 10);
    const root = customRoot(
      ({ a, b }: Pair) => ({ b: sub(b, 2), a: sub(a, 1) }),
      { a: 0, b: 0 },
      () => ({ b: tensor(2), a: tensor(1) }),
    );
    expect(numbers(root)).toEqual({ a: 1, b: 2 });
  });
  it("as a gradient that an optimizer takes", () => {
    const optimizer = adam(0.1);
    const { update } = optimizer.update({ b: 0, a: 1 }, optimizer.init(point), point);
    const next = applyUpdate(point, update) as typeof point;
    expect(next.a).toBeCloseTo(4.9, 6);
    expect(next.b).toBe(7);
  });
});

describe("what does not fit is named by its place", () => {
  it.each([
    [
      () => jvp(line, [{ a: 1, b: 2 }], [{ b: 1 }] as never),
      "jvp: tangents[0]: expected an object with the keys a, b, got the keys b",
    ],
    [
      () => jvp(line, [{ a: 1, b: 2 }], [{ a: 1, b: [1] }] as never),
      "jvp: tangents[0].b: expected a number or a Tensor, got a list of 1",
    ],
    [
      () => jvp((x: Tensor) => sin(x), [1], [1, 2] as never),
      "jvp: tangents: expected a list of 1, got a list of 2",
    ],
    [
      () => hvp((x: Tensor) => mul(x, x).sum(), tensor([1, 2]), tensor([1, 2, 3])),
      "hvp: expected shape [2], got [3]",
    ],
    [
      () => hvp(line, { a: 1, b: 2 }, 3 as never),
      "hvp: vectors[0]: expected an object with the keys a, b, got number",
    ],
    [
      () => vjp(line, { a: 1, b: 2 }).pullback([1] as never),
      "vjp: cotangent: expected a number or a Tensor, got a list of 1",
    ],
  ])("%#", (call, message) => {
    expect(call).toThrow(message);
  });
  const slope = (rule: (x: Tensor, dx: Tensor) => unknown) => () =>
    grad(customJvp(sin as (x: Tensor) => Tensor, ([x], [dx]) => rule(x, dx) as Tensor))(0.5);
  const pulled = (backward: (x: Tensor, ct: Tensor) => unknown) => () =>
    grad(
      customVjp(
        (x: Tensor) => sin(x),
        (x: Tensor) => ({ value: sin(x), residuals: x }),
        (x, ct) => backward(x, ct) as [Tensor],
      ),
    )(0.5);
  it.each([
    [slope((x) => cos(x)), "customJvp: the rule's result does not depend on the tangents"],
    [slope((_, dx) => mul(tensor([1, 2]), dx)), "customJvp: tangent: expected f64[], got f64[2]"],
    [slope((_, dx) => ({ dx })), "customJvp: tangent: expected a number or a Tensor, got Object"],
    [
      pulled((_, ct) => [mul(tensor([1, 2]), ct)]),
      "customVjp: cotangent of argument 1: expected f64[], got f64[2]",
    ],
    [
      pulled((_, ct) => [[ct]]),
      "customVjp: cotangent of argument 1: expected a number or a Tensor, got a list of 1",
    ],
  ])("rule %#", (call, message) => {
    expect(call).toThrow(message);
  });
  it("a rule that says the slope is 0 is one", () => {
    expect(slope(() => 0)()).toBe(0);
    expect(slope((_, dx) => mul(0, dx))()).toBe(0);
  });
});

it.each([
  [
    () => grad((_: Tensor, y: Tensor) => y, { argnums: 1 } as never)(1, 2),
    "grad: there is no option argnums: expected argument",
  ],
  [
    () => vmap((x: Tensor) => x, { in_axes: 0 } as never),
    "vmap: there is no option in_axes: expected inAxes, outAxes",
  ],
  [
    () => minimize((x: Tensor) => mul(x, x), 1, { maxIterations: 5 } as never),
    "minimize: there is no option maxIterations",
  ],
  [
    () => fit("y = a x", { x: [1], y: [1] }, { p0: { a: 1 } } as never),
    "fit: there is no option p0: expected start,",
  ],
  [() => checkGrads(sin, [1], { eps: 1 } as never), "checkGrads: there is no option eps"],
])("an option that a function does not know is refused (%#)", (call, message) => {
  expect(call).toThrow(message);
});

describe("checkGrads by the modes that are asked for", () => {
  const square = (factor: number) =>
    customVjp(
      (x: Tensor) => mul(x, x),
      (x: Tensor) => ({ value: mul(x, x), residuals: x }),
      (x, ct) => [mul(factor, mul(x, ct))],
    );
  it("checks a customVjp rule in reverse alone", () => {
    expect(checkGrads(square(2), [3], { modes: ["reverse"] }).ok).toBe(true);
    expect(checkGrads(square(2.001), [3], { modes: ["reverse"] }).ok).toBe(false);
    expect(() => checkGrads(square(2), [3])).toThrow("reverse rule only");
  });
  it("checks forward mode alone, and refuses none", () => {
    const { directions, ok } = checkGrads(sin, [0.4], { modes: ["forward"] });
    expect(ok).toBe(true);
    expect(directions.every((d) => d.reverse === undefined && d.forward !== undefined)).toBe(true);
    expect(() => checkGrads(sin, [0.4], { modes: [] })).toThrow(
      'expected modes "forward", "reverse", or both',
    );
  });
});
