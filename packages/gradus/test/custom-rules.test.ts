import {
  at,
  cond,
  cos,
  customJvp,
  customRoot,
  customVjp,
  gather,
  grad,
  greater,
  jacrev,
  jit,
  jvp,
  linearize,
  matmul,
  mul,
  remat,
  scan,
  sin,
  sub,
  sum,
  type Tensor,
  taylor,
  tensor,
  vmap,
} from "gradus";
import { describe, expect, it } from "vitest";

/** Rules that differ from the function's own derivative by a factor of ten: whoever expands the function is caught. */
const forward = customJvp(
  (v: Tensor) => sin(v),
  ([v], [dv]) => mul(10, mul(cos(v), dv)),
);
const reverse = customVjp(
  (v: Tensor) => sin(v),
  (v: Tensor) => ({ value: sin(v), residuals: v }),
  (v, ct) => [mul(10, mul(cos(v), ct))],
);
const x = tensor([0, 0.5, -2]);
const slopes = [0, 0.5, -2].map((v) => 10 * Math.cos(v));

function near(got: Tensor, want: readonly number[]): void {
  const numbers = [...got.toTypedArray()];
  expect(numbers.length).toBe(want.length);
  numbers.forEach((v, i) => {
    expect(v).toBeCloseTo(want[i], 12);
  });
}

describe.each([
  ["customJvp", forward],
  ["customVjp", reverse],
] as const)("the rule of %s", (_, f) => {
  it.each<[string, (v: Tensor) => Tensor]>([
    ["nothing", f],
    ["vmap", vmap(f)],
    ["vmap of vmap", (v) => vmap(vmap(f))(v.reshape([1, 3])).reshape([3])],
    [
      "vmap with an outside value",
      (v) => vmap((k: Tensor) => mul(1, f(gather(v, k))))(tensor([0, 1, 2], "i32")),
    ],
    ["jit of vmap", jit(vmap(f))],
    ["remat", remat(f)],
    ["cond", (v) => cond(greater(sum(v), 5), (u: Tensor) => u, f, v)],
    ["cond of each row", vmap((v: Tensor) => cond(greater(v, 0.1), f, (u: Tensor) => f(u), v))],
    ["scan", (v) => scan((c: Tensor, row: Tensor) => [c, f(row)], 0, v)[1]],
    [
      "vmap of scan",
      (v) => vmap((u: Tensor) => scan((c: Tensor) => [f(c), null], u, null, { length: 1 })[0])(v),
    ],
    [
      "customRoot",
      (v) =>
        customRoot(
          (z: Tensor) => sub(z, f(v)),
          tensor([0, 0, 0]),
          (g, z) => sub(z, g(z)),
        ),
    ],
  ])("holds under the gradient of %s", (_name, h) => {
    near(grad((v: Tensor) => sum(h(v)))(x), slopes);
    near(jit(grad((v: Tensor) => sum(h(v))))(x), slopes);
  });
  it("holds mapped with a shared argument, whose gradient is the sum over rows", () => {
    const product = customVjp(
      (a: Tensor, w: Tensor) => matmul(a, w),
      (a: Tensor, w: Tensor) => ({ value: matmul(a, w), residuals: { a, w } }),
      ({ a, w }, ct) => [mul(3, mul(ct, w)), mul(5, mul(ct, a))],
    );
    const rows = tensor([
      [1, 2],
      [3, 4],
    ]);
    const loss = (w: Tensor) => sum(vmap(product, { inAxes: [0, null] })(rows, w));
    near(grad(loss)(tensor([1, 1])), [20, 30]);
    near(
      jacrev((w: Tensor) => vmap(product, { inAxes: [0, null] })(rows, w))(tensor([1, 1])),
      [5, 10, 15, 20],
    );
  });
});

describe("forward and Taylor mode", () => {
  it("use the rule of customJvp: of it, of its batch, and beneath a gradient", () => {
    near(jvp(vmap(forward), [x], [tensor([1, 1, 1])]).tangent, slopes);
    near(linearize((v: Tensor) => vmap(forward)(v), x).linear(tensor([1, 1, 1])), slopes);
    const c = taylor(forward, 0.5, 3);
    [Math.sin(0.5), 10 * Math.cos(0.5), -5 * Math.sin(0.5), (-10 / 6) * Math.cos(0.5)].forEach((v, k) => {
      expect(c[k]).toBeCloseTo(v, 13);
    });
    near(
      taylor((v: Tensor) => vmap(forward)(v), x, 1, tensor([1, 1, 1])),
      [0, Math.sin(0.5), Math.sin(-2), ...slopes],
    );
    near(
      grad((v: Tensor) =>
        sum(
          at(
            taylor((u: Tensor) => forward(u), v, 1, tensor([1, 1, 1])),
            1,
          ),
        ),
      )(x),
      [0, 0.5, -2].map((v) => -10 * Math.sin(v)),
    );
  });
  it("refuse customVjp by name, mapped too, and never give a part of its derivative", () => {
    const refusal = /customVjp: the function has a reverse rule only/;
    expect(() => jvp(vmap(reverse), [x], [x])).toThrow(refusal);
    expect(() => taylor(reverse, 0.5, 2)).toThrow(refusal);
    expect(() => taylor((v: Tensor) => vmap(reverse)(v), x, 2, x)).toThrow(refusal);
    expect(() => grad((v: Tensor) => sum(taylor(reverse, v, 1, v)))(x)).toThrow(refusal);
    expect(() => grad((v: Tensor) => sum(jvp(reverse, [v], [v]).tangent))(x)).toThrow(refusal);
  });
});
