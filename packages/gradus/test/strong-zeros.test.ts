import * as g from "gradus";
import { grad, hessian, jit, jvp, type Tensor, tensor, vmap } from "gradus";
import { describe, expect, it } from "vitest";

type Unary = (x: Tensor) => Tensor;

/** What has no slope, or no value, at 0. */
const UNSAFE: Readonly<Record<string, Unary>> = {
  log: g.log,
  sqrt: g.sqrt,
  cbrt: g.cbrt,
  "1/x": (x) => g.div(1, x),
  "sin(x)/x": (x) => g.div(g.sin(x), x),
  "e^(1/x²)": (x) => g.exp(g.div(1, g.mul(x, x))),
  "x/hypot": (x) => g.div(x, g.hypot(x, 0)),
  atanh: (x) => g.atanh(g.sub(1, x)),
  "log of a cast": (x) => g.log(g.cast(g.cast(x, "f32"), "f64")),
  "log of a gathered": (x) => g.log(g.gather(g.stack([x, x]), 1)),
  remat: g.remat(g.log) as Unary,
  "a rule of its own": g.customJvp(g.log as Unary, ([x], [dx]) => g.div(dx, x)),
  "log of a product": (x) => g.log(g.dot(g.stack([x, x]), tensor([1, 1]))),
};

/** Ways to take it only where x > 0, with a 0 or a constant elsewhere. */
const GUARDED: Readonly<Record<string, (mask: Tensor, u: Unary, x: Tensor) => Tensor>> = {
  where: (m, u, x) => g.where(m, u(x), 0),
  "the other branch": (m, u, x) => g.where(g.logicalNot(m), 0, u(x)),
  negated: (m, u, x) => g.neg(g.where(m, u(x), 0)),
  halved: (m, u, x) => g.div(g.where(m, u(x), 0), 2),
  "a sum of two": (m, u, x) => g.sum(g.where(m, g.stack([u(x), u(x)]), 0)),
  "a reshaped one": (m, u, x) => g.where(m.reshape([1]), u(x).reshape([1]), 0).reshape([]),
  "copies, transposed": (m, u, x) => g.sum(g.transpose(g.where(m, g.broadcast(u(x), [2, 3]), 0))),
  "a part of a whole": (m, u, x) => g.sum(g.concatenate([g.where(m, u(x), 0).reshape([1]), tensor([1])])),
  "a product by weights": (m, u, x) => g.dot(g.where(m, g.stack([u(x), u(x)]), 0), tensor([1, 2])),
  squared: (m, u, x) => g.pow(g.where(m, u(x), 0), 2),
};

const row = (t: unknown): number => (t as Tensor).toTypedArray()[0];
const MODES: Readonly<Record<string, (f: Unary) => number>> = {
  forward: (f) => jvp(f, [0], [1]).tangent,
  reverse: (f) => grad(f)(0),
  "forward over forward": (f) => jvp((x: Tensor) => jvp(f, [x], [1]).tangent as Tensor, [0], [1]).tangent,
  "forward over reverse": (f) => hessian(f)(0),
  "reverse over reverse": (f) => grad(grad(f) as Unary)(0),
  "reverse, three times": (f) => grad(grad(grad(f) as Unary) as Unary)(0),
  "vmap of reverse": (f) => row(vmap(grad(f) as Unary)(tensor([0]))),
  "reverse of vmap": (f) => row(grad((x: Tensor) => g.sum(vmap(f)(x)))(tensor([0]))),
  "vmap of reverse over reverse": (f) => row(vmap(grad(grad(f) as Unary) as Unary)(tensor([0]))),
  "jit of reverse over reverse": (f) => row(jit(grad(grad(f) as Unary) as Unary)(tensor(0))),
  "reverse of jit": (f) => row(grad(jit(f) as never as Unary)(tensor(0))),
};

describe("a branch not taken gives no gradient, not even NaN", () => {
  describe.each(Object.entries(UNSAFE))("of %s", (_, unsafe) => {
    it.each(Object.entries(GUARDED))("guarded as %s, in every mode and order", (_name, guarded) => {
      const f: Unary = (x) => guarded(g.greater(x, 0), unsafe, x);
      const found = Object.entries(MODES).map(([mode, derivative]) => [mode, Math.abs(derivative(f))]);
      expect(found).toEqual(Object.keys(MODES).map((mode) => [mode, 0]));
    });
  });
  it("a loop that is masked whole gives none, in orders one and two", () => {
    const roots: Unary = (x) => g.scan((c: Tensor) => [g.sqrt(c), null], x, null, { length: 2 })[0];
    const f: Unary = (x) => g.where(g.greater(x, 0), roots(x), 0);
    expect(grad(f)(0)).toBe(0);
    expect(grad(grad(f) as Unary)(0)).toBe(0);
    expect((vmap(grad(f) as Unary)(tensor([0, 16])) as Tensor).toArray()).toEqual([0, 1 / 32]);
  });
  it("a reverse rule of its own is not heard either", () => {
    const log = g.customVjp(
      (x: Tensor) => g.log(x),
      (x: Tensor) => ({ value: g.log(x), residuals: x }),
      (x, ct) => [g.div(ct, x)],
    );
    const f: Unary = (x) => g.where(g.greater(x, 0), log(x), 0);
    expect(grad(f)(0)).toBe(0);
    expect(grad(f)(4)).toBe(0.25);
    expect((vmap(grad(f) as Unary)(tensor([0, 4])) as Tensor).toArray()).toEqual([0, 0.25]);
    expect((grad((x: Tensor) => g.sum(f(x)))(tensor([0, 0])) as Tensor).toArray()).toEqual([0, 0]);
  });
  it("and the branch that is taken keeps its own", () => {
    for (const guarded of Object.values(GUARDED)) {
      const f: Unary = (x) => guarded(g.greater(x, 0), g.exp, x);
      const open: Unary = (x) => guarded(g.greater(tensor(1), 0), g.exp, x);
      expect(grad(f)(0.5)).toBe(grad(open)(0.5));
      expect(grad(grad(f) as Unary)(0.5)).toBe(grad(grad(open) as Unary)(0.5));
    }
  });
  it("where copies or gathered elements meet, each mask counts for its own", () => {
    const x = tensor([0, 1, 4]);
    const places = tensor([0, 1, 1, 2, 0], "i32");
    const mask = tensor([0, 1, 0, 1, 0]);
    const f = (v: Tensor) => g.sum(g.where(g.greater(mask, 0), g.gather(g.sqrt(v), places), 0));
    expect((grad(f)(x) as Tensor).toArray()).toEqual([0, 0.5, 0.25]);
    const copies = (v: Tensor) =>
      g.sum(g.where(g.greater(g.broadcast(v, [2, 3]), 0), g.broadcast(g.sqrt(v), [2, 3]), 0));
    expect((grad(copies)(x) as Tensor).toArray()).toEqual([0, 1, 0.5]);
  });
});
