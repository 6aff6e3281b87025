import * as fc from "fast-check";
import {
  add,
  cast,
  checkGrads,
  cos,
  customRoot,
  div,
  dot,
  exp,
  fixedPoint,
  grad,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  matmul,
  mul,
  pow,
  reshape,
  SingularMatrixError,
  scan,
  sin,
  solve,
  sqrt,
  squaredNorm,
  sub,
  sum,
  type Tensor,
  tanh,
  taylor,
  tensor,
  vmap,
  whileLoop,
} from "gradus";
import { describe, expect, it } from "vitest";
import { agrees, allNear, data, wave } from "./control.ts";

const at = (t: Tensor, k: number) => reshape(t.slice([k], [k + 1]), t.shape.slice(1));

/** Newton's method in one unknown at a time, as a loop that knows nothing of derivatives of its own. */
const newton = (f: (x: Tensor) => unknown, guess: Tensor): Tensor => {
  const slope = (x: Tensor) => grad((t: Tensor) => sum(f(t) as Tensor))(x);
  return scan((x) => [sub(x, div(f(x) as Tensor, slope(x))), null], guess, null, { length: 60 })[0];
};

const cubic = (tangentSolve: boolean) => (a: Tensor, b: Tensor) =>
  customRoot(
    (x) => add(add(pow(x, 3), mul(a, x)), b),
    tensor([1, 1, 1]),
    newton,
    tangentSolve ? { tangentSolve: (matvec, y) => div(y, matvec(tensor([1, 1, 1]))) } : {},
  );

describe("customRoot", () => {
  for (const given of [false, true]) {
    it(`agrees with JAX, ${given ? "with a tangentSolve" : "with the full matrix"}`, () => {
      const root = cubic(given);
      const f = ([a, b]: Tensor[]) => sum(mul(pow(root(a, b), 2), tensor([1, 2, 3])));
      const p = [add(2, wave([3], 0.5, 1)), wave([3], 1, 0.7)];
      agrees("root", f, p, [wave([3], 1, 0.9), wave([3], 1, 1.9)], 1e-12);
    });
    it(`is a square root, ${given ? "with a tangentSolve" : "with the full matrix"}`, () => {
      const root = (a: Tensor) =>
        customRoot(
          (x) => sub(mul(x, x), a),
          1,
          (f, x) => newton(f, x),
          given ? { tangentSolve: (matvec, b) => div(b, matvec(tensor(1))) } : {},
        );
      expect(root(tensor(2)).item()).toBeCloseTo(Math.SQRT2, 15);
      allNear(taylor(root, 2, 5), taylor(sqrt, 2, 5), 1e-13);
      const third = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => grad((y: Tensor) => grad(f)(y))(x))(2);
      expect(third(root)).toBeCloseTo(Number(third(sqrt)), 13);
      expect(jacfwd((x: Tensor) => grad(root)(x))(2)).toBeCloseTo(-0.25 / 2 ** 1.5, 14);
      const many = tensor([2, 3, 4]);
      const slopes = [2, 3, 4].map((v) => 0.5 / Math.sqrt(v));
      allNear(data(vmap(grad(root))(many)), slopes, 1e-14);
      allNear(data(grad((v: Tensor) => sum(vmap(root)(v) as Tensor))(many)), slopes, 1e-14);
      const curvature = [2, 3, 4].map((v) => -0.25 / v ** 1.5);
      const total = (v: Tensor) => sum(vmap(root)(v) as Tensor);
      allNear(data(hvp(total, many, tensor([1, 1, 1]))), curvature, 1e-14);
      const pushed = jvp((v: Tensor) => vmap(root)(v), [many], [tensor([1, 1, 1])]).tangent;
      allNear(data(pushed), slopes, 1e-14);
      const twice = (v: Tensor) => vmap((u: Tensor) => vmap(root)(u))(v) as Tensor;
      const grid = reshape(tensor([2, 3, 4, 5]), [2, 2]);
      allNear(
        data(grad((v: Tensor) => sum(twice(v)))(grid)),
        [2, 3, 4, 5].map((v) => 0.5 / Math.sqrt(v)),
        1e-14,
      );
    });
  }
  it("takes any solver: a loop in TypeScript, or one that is not differentiable", () => {
    const plain = (a: Tensor) =>
      customRoot(
        (x) => sub(exp(x), a),
        1,
        (f, x) => {
          let y = x;
          for (let n = 0; n < 50 && Math.abs(Number((f(y) as Tensor).item())) > 1e-14; n++)
            y = sub(y, div(f(y) as Tensor, exp(y)));
          return y;
        },
      );
    expect(grad(plain)(3)).toBeCloseTo(1 / 3, 14);
    const looped = (a: Tensor) =>
      customRoot(
        (x) => sub(exp(x), a),
        1,
        (f, x) =>
          whileLoop(
            (y) => (f(y) as Tensor).abs().greater(1e-14),
            (y) => sub(y, div(f(y) as Tensor, exp(y))),
            x,
          ),
      );
    expect(grad(looped)(3)).toBeCloseTo(1 / 3, 14);
    allNear(data(vmap(grad(looped))(tensor([2, 3]))), [0.5, 1 / 3], 1e-14);
  });
  it("solves for trees, with f32 and f64 side by side", () => {
    const f = (a: Tensor) => {
      const { u, v } = customRoot(
        ({ u, v }) => ({ u: sub(u, mul(a, sum(v))), v: sub(v, sin(mul(a, cast(u, "f64")))) }),
        { u: 0.2, v: tensor([0.1, 0.2]) },
        (g, start) =>
          scan(
            (x) => {
              const r = g(x) as { u: Tensor; v: Tensor };
              return [{ u: sub(x.u, mul(0.5, r.u)), v: sub(x.v, mul(0.5, r.v)) }, null];
            },
            start,
            null,
            { length: 200 },
          )[0],
      );
      return add(mul(u, u), dot(v, tensor([1, 2])));
    };
    expect(checkGrads(f, [0.9]).ok).toBe(true);
  });
  it("holds a scan in its equation: a boundary value problem by shooting", () => {
    // u'' = −p·sin u over 40 steps of Euler's method from u(0) = 1; the slope at 0 that ends at u = 0.5.
    const end = (p: Tensor, slope: Tensor) =>
      scan(
        ([u, w]) => [[add(u, mul(0.025, w)), sub(w, mul(0.025, mul(p, sin(u))))], null],
        [tensor(1), slope],
        null,
        { length: 40 },
      )[0][0];
    const slope = (p: Tensor) =>
      customRoot(
        (s) => sub(end(p, s), 0.5),
        0,
        (f, s) => newton(f, s),
      );
    const s = slope(tensor(0.8));
    expect(end(tensor(0.8), s).item()).toBeCloseTo(0.5, 14);
    expect(checkGrads(slope, [0.8]).ok).toBe(true);
    const second = (p: Tensor) => grad(slope)(p);
    expect(checkGrads(second, [0.8]).ok).toBe(true);
  });
  it("gives a singular equation a clear error", () => {
    const flat = (a: Tensor) =>
      customRoot(
        (x) => mul(sub(x, a), sub(x, a)),
        1,
        () => a,
      );
    expect(flat(tensor(2)).item()).toBe(2);
    expect(() => grad(flat)(2)).toThrow(SingularMatrixError);
  });
  it("agrees with a linear solve, forwards and backwards", () => {
    const A = wave([3, 3], 0.4, 1.1);
    const shift = add(
      A,
      mul(
        2,
        tensor([
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ]),
      ),
    );
    const b = tensor([1, -2, 0.5]);
    const direct = (m: Tensor, r: Tensor) => squaredNorm(solve(m, r));
    const viaRoot = (options: object) => (m: Tensor, r: Tensor) =>
      squaredNorm(
        customRoot(
          (x) => sub(matmul(m, x), r),
          tensor([0, 0, 0]),
          () => solve(m, r),
          options,
        ),
      );
    // Richardson's iteration, for the tangent and for its transpose.
    const tangentSolve = (matvec: (t: Tensor) => Tensor, y: Tensor) =>
      whileLoop(
        (x) => squaredNorm(sub(matvec(x), y)).greater(1e-26),
        (x) => add(x, mul(0.4, sub(y, matvec(x)))),
        y,
      );
    for (const options of [{}, { tangentSolve }]) {
      const f = viaRoot(options);
      for (const argument of [0, 1]) {
        const one = data(grad(f, { argument })(shift, b));
        allNear(one, data(grad(direct, { argument })(shift, b)), 1e-11);
      }
      const v = wave([3, 3], 1, 0.7);
      const push = (h: typeof f) => data(hvp((m: Tensor) => h(m, b), shift, v));
      allNear(push(f), push(direct), 1e-10);
      const series = (h: typeof f) => data(taylor((m: Tensor) => h(m, b), shift, 3, v));
      allNear(series(f), series(direct), 1e-10);
      const rows = (h: typeof f) => data(vmap(grad((r: Tensor) => h(shift, r)))(wave([2, 3], 1, 0.3)));
      allNear(rows(f), rows(direct), 1e-11);
    }
  });
  it.each([
    [
      () =>
        customRoot(
          (x) => x as never,
          [],
          () => [],
        ),
      "the guess has no tensors",
    ],
    [
      () =>
        customRoot(
          (x) => x,
          tensor(1, "i32"),
          (_, x) => x,
        ),
      "the guess must be f64 or f32, got i32[]",
    ],
    [
      () =>
        customRoot(
          () => tensor([1, 2]),
          1,
          (_, x) => x,
        ),
      "the function must return the keys and shapes of the guess: result: expected f64[], got f64[2]",
    ],
    [
      () =>
        customRoot(
          (x) => x,
          1,
          () => tensor([1]),
        ),
      "the solver must return the keys and shapes of the guess",
    ],
    [
      () =>
        customRoot(
          (x) => x,
          { a: 1 },
          () => [1] as never,
        ),
      "the solver must return the keys and shapes of the guess",
    ],
  ])("refuses %s", (call, words) => {
    expect(call).toThrow(words);
  });
});

describe("fixedPoint", () => {
  it("agrees with JAX on an equilibrium layer", () => {
    const f = ([w, x]: Tensor[]) => {
      const z = fixedPoint((z) => tanh(add(matmul(w, z), x)), tensor([0, 0, 0, 0]));
      return add(squaredNorm(z), at(z, 0));
    };
    const p = [wave([4, 4], 0.3, 1.3), wave([4], 1, 0.7)];
    agrees("fixed", f, p, [wave([4, 4], 1, 0.9), wave([4], 1, 1.9)], 1e-10);
  });
  it("has derivatives of the equation, not of the iterations", () => {
    const f = (a: Tensor) => fixedPoint((x) => mul(a, cos(x)), 0.5);
    const x = Number(f(tensor(0.9)).item());
    expect(x).toBeCloseTo(0.9 * Math.cos(x), 11);
    // x = a cos x: dx/da = cos x / (1 + a sin x).
    expect(grad(f)(0.9)).toBeCloseTo(Math.cos(x) / (1 + 0.9 * Math.sin(x)), 11);
    allNear(data(jacrev(f)(0.9)), data(jacfwd(f)(0.9)), 1e-14);
    const rows = vmap(grad(f))(tensor([0.9, 0.3]));
    allNear(data(rows), [Number(grad(f)(0.9)), Number(grad(f)(0.3))], 1e-11);
    const c = taylor(f, 0.9, 3);
    expect(c[1]).toBeCloseTo(Number(grad(f)(0.9)), 13);
    expect(2 * c[2]).toBeCloseTo(Number(jacfwd((a: Tensor) => grad(f)(a))(0.9)), 12);
  });
  it("solves linear equations as a linear solve does, from random contractions", () => {
    const entry = fc.double({ min: -0.4, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 4, maxLength: 4 }),
        fc.array(entry, { minLength: 2, maxLength: 2 }),
        (m, r) => {
          const M = reshape(tensor(m), [2, 2]);
          const b = tensor(r);
          const iterated = (A: Tensor, y: Tensor) =>
            squaredNorm(fixedPoint((x) => add(matmul(A, x), y), tensor([0, 0])));
          const eye = tensor([
            [1, 0],
            [0, 1],
          ]);
          const solved = (A: Tensor, y: Tensor) => squaredNorm(solve(sub(eye, A), y));
          for (const argument of [0, 1]) {
            const slope = (h: typeof solved) => data(grad(h, { argument })(M, b));
            allNear(slope(iterated), slope(solved), 1e-10);
          }
        },
      ),
      { numRuns: 25, seed: 4 },
    );
  });
  it("says where it does not converge", () => {
    expect(() => fixedPoint((x) => mul(2, x), 1, { maxSteps: 50 })).toThrow(
      /^fixedPoint: no fixed point within 50 steps to a tolerance of 1e-12: begin nearer/,
    );
    expect(() => fixedPoint((x) => sqrt(sub(0, x)), 1, { maxSteps: 50 })).toThrow(/no fixed point/);
    expect(() => fixedPoint(() => tensor([1]), 1)).toThrow(
      "must return the keys and shapes of the guess: result: expected f64[], got f64[1]",
    );
  });
  it("takes f32 as it comes", () => {
    const x = fixedPoint((x) => cos(x), cast(tensor(0.5), "f32"));
    expect(x.dtype).toBe("f32");
    expect(x.item()).toBeCloseTo(0.7390851, 5);
  });
});
