import { readFileSync } from "node:fs";
import type { Tensor } from "gradus";
import * as g from "gradus";
import { grad, hessian, jvp, taylor, tensor, vmap } from "gradus";
import { graphOf, parse } from "gradus/math";
import { describe, expect, it } from "vitest";

type Nested = number | Nested[];
interface Reference {
  readonly name: string;
  readonly args: readonly Nested[];
  readonly value: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly hvp: readonly (readonly number[])[];
}

const reference = JSON.parse(
  readFileSync(new URL("./reference/jax-linalg.json", import.meta.url), "utf8"),
) as Reference[];

/** A Aᵀ + diag(1, 3, 5, …). */
function definite(a: Tensor): Tensor {
  const n = a.shape[a.rank - 1];
  const spread = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (__, j) => (i === j ? 1 + 2 * i : 0)),
  );
  return g.matmul(a, g.matrixTranspose(a)).add(spread);
}

const triangular = (lower: boolean, transposed: boolean, unitDiagonal: boolean) => (a: Tensor, b: Tensor) =>
  g.triangularSolve(a, b, { lower, transposed, unitDiagonal });

/** The operations of reference/jax_linalg.py, written again. */
const twins: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  cholesky: (a) => g.cholesky(definite(a)),
  solve: g.solve,
  "triangular true false false": triangular(true, false, false),
  "triangular true false true": triangular(true, false, true),
  "triangular true true false": triangular(true, true, false),
  "triangular true true true": triangular(true, true, true),
  "triangular false false false": triangular(false, false, false),
  "triangular false false true": triangular(false, false, true),
  "triangular false true false": triangular(false, true, false),
  "triangular false true true": triangular(false, true, true),
  inverse: g.inverse,
  det: g.det,
  cofactor: (a) => g.cofactor(a),
  logdet: (a) => g.logdet(definite(a)),
  slogdet: (a) => {
    const { sign, logAbsDet } = g.slogdet(a);
    return g.stack([sign, logAbsDet]);
  },
  "qr q": (a) => g.qr(a).q,
  "qr r": (a) => g.qr(a).r,
  eigenvalues: (a) => g.eigvalsh(definite(a)),
  "eigenvalues plain": (a) => g.eigvalsh(a.add(g.matrixTranspose(a)).div(2)),
  eigenvectors: (a) => g.eigh(definite(a)).vectors,
  lstsq: g.lstsq,
  cumsum: (x) => g.cumsum(x),
  cumprod: (x) => g.cumprod(x),
  sort: (x) => g.sort(x),
  topK: (x) => g.topK(x, 2).values,
  "conv plain1": (x, w) => g.conv(x, w),
  "conv odd1": (x, w) =>
    g.conv(x, w, { stride: 2, padding: [[1, 2]], dilation: 2, inputDilation: 3, groups: 2 }),
  "conv same1": (x, w) => g.conv(x, w, { stride: 2, padding: "same" }),
  "conv plain2": (x, w) => g.conv(x, w),
  "conv same2": (x, w) => g.conv(x, w, { stride: [2, 1], padding: "same", dilation: [1, 2] }),
  "conv odd2": (x, w) =>
    g.conv(x, w, { stride: [1, 2], padding: [[0, 2], 1], dilation: [2, 1], inputDilation: [1, 2] }),
  "conv depthwise": (x, w) => g.conv(x, w, { padding: 1, groups: 3 }),
  maxPool: (x) => g.maxPool(x, 2),
  "maxPool same": (x) => g.maxPool(x, [3, 2], { stride: 1, padding: "same" }),
  avgPool: (x) => g.avgPool(x, 2),
  "avgPool same": (x) => g.avgPool(x, [3, 2], { stride: 1, padding: "same" }),
};

const data = (t: unknown) => [...(t as Tensor).toTypedArray()];

/** Σ cos(i)·yᵢ + Σ yᵢ²/2: the number that the reference differentiates. */
function scalar(y: Tensor): Tensor {
  const flat = y.reshape([-1]);
  return g.sum(g.mul(g.cos(g.iota(flat.size, "f64")), flat)).add(g.sum(g.mul(flat, flat)).div(2));
}

function allNear(got: readonly number[], want: readonly number[], tolerance = 1e-11): void {
  expect(got.length).toBe(want.length);
  const scale = Math.max(1, ...want.map(Math.abs));
  got.forEach((v, i) => {
    expect(Math.abs(v - want[i]) / scale, `${v} and ${want[i]}`).toBeLessThan(tolerance);
  });
}

describe("JAX gives the same values, gradients and second derivatives", () => {
  it.each(reference.map((r, i) => [`${r.name} (${i})`, r] as const))("%s", (_, row) => {
    const args = row.args.map((a) => tensor(a));
    const operation = twins[row.name] as (...x: Tensor[]) => Tensor;
    const f = (...x: Tensor[]) => scalar(operation(...x));
    allNear(data(operation(...args)), row.value);
    const directions = args.map((a) => g.sin(g.iota(a.size, "f64").add(1)).reshape(a.shape));
    args.forEach((__, argument) => {
      const gradient = grad(f, { argument }) as unknown as (...x: Tensor[]) => Tensor;
      allNear(data(gradient(...args)), row.gradients[argument]);
      allNear(data(jvp(gradient, args, directions).tangent), row.hvp[argument], 1e-10);
    });
  });
});

const square = (values: readonly number[]) => tensor(values as number[]).reshape([2, 2]);

describe("singular matrices", () => {
  const singular = [
    [1, 2],
    [2, 4],
  ];
  it("are named, with the mend", () => {
    expect(() => g.inverse(singular)).toThrow(/inverse: the matrix is singular: pivot 2 of 2 is 0.*lstsq/);
    expect(() => g.solve(singular, [1, 1])).toThrow(g.SingularMatrixError);
    expect(() =>
      g.solve(
        g.stack([
          [
            [1, 0],
            [0, 1],
          ],
          singular,
        ]),
        g.ones([2, 2, 1]),
      ),
    ).toThrow(/matrix 2 of 2/);
    expect(() =>
      g.triangularSolve(
        [
          [1, 0],
          [5, 0],
        ],
        [1, 1],
      ),
    ).toThrow(/triangularSolve.*pivot 2/);
    expect(() =>
      g.lstsq(
        [
          [1, 2],
          [2, 4],
          [3, 6],
        ],
        [1, 1, 1],
      ),
    ).toThrow(/lstsq.*0 to rounding/);
    expect(() => grad((a: Tensor) => g.logdet(a))(tensor(singular))).toThrow(g.SingularMatrixError);
    expect(() =>
      g.cholesky([
        [1, 2],
        [2, 1],
      ]),
    ).toThrow(/not positive definite: its leading 2×2 part/);
    expect(() =>
      g.cholesky([
        [1, 2],
        [3, 9],
      ]),
    ).toThrow(/symmetric.*\[1, 0\] = 3 and \[0, 1\] = 2.*\(A \+ A\^T\)\/2/);
    expect(() =>
      g.eigh([
        [1, 2],
        [3, 9],
      ]),
    ).toThrow(/eigh: expected a symmetric matrix/);
    expect(() => g.solve([[1, 2, 3]], [1])).toThrow(/solve: expected a square matrix, got shape \[1, 3\]/);
    expect(() =>
      g.solve(
        [
          [1, 2],
          [3, 4],
        ],
        [1, 2, 3],
      ),
    ).toThrow(/2 rows, the right side \[3\] has 3/);
  });
  it("have a determinant, its gradient and its Hessian", () => {
    expect(g.det(singular).item()).toBe(0);
    expect(g.logdet(singular).item()).toBe(Number.NEGATIVE_INFINITY);
    allNear(data(grad((a: Tensor) => g.det(a))(tensor(singular))), [4, -2, -2, 1]);
    // ad − bc.
    const h = hessian((a: Tensor) => g.det(a))(tensor(singular));
    allNear(data(h), [0, 0, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, 1, 0, 0, 0]);
    // The third derivative at 0 of a 3×3 determinant, along the identity: 6.
    const along = (t: Tensor) =>
      g.det(
        g.mul(t, [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ]),
      );
    const third = grad((t: Tensor) => grad((s: Tensor) => grad(along)(s))(t));
    expect(third(0)).toBe(6);
    expect(() => taylor(along, 0, 2)).toThrow(g.SingularMatrixError);
  });
});

describe("factorizations", () => {
  let state = 3;
  const random = (...shape: number[]): Tensor => {
    const numbers = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
      state = (state * 48271) % 2147483647;
      return state / 1073741823.5 - 1;
    });
    return tensor(numbers).reshape(shape);
  };
  const t = g.matrixTranspose;
  const identity = (n: number) => data(g.triu(g.tril(g.ones([n, n]))));
  it.each([1, 2, 5, 40])("give the matrix back, of size %i", (n) => {
    const a = random(n + 3, n);
    const { q, r } = g.qr(a);
    allNear(data(g.matmul(q, r)), data(a), 1e-13);
    allNear(data(g.matmul(t(q), q)), identity(n), 1e-13);
    expect(data(g.diagonal(r)).every((v) => v >= 0)).toBe(true);
    const s = g.matmul(t(a), a);
    const l = g.cholesky(s);
    allNear(data(g.matmul(l, t(l))), data(s), 1e-13);
    expect(data(g.triu(l, 1)).every((v) => v === 0)).toBe(true);
    const { values, vectors } = g.eigh(s);
    allNear(data(g.matmul(s, vectors)), data(g.mul(vectors, values)), 1e-12);
    allNear(data(g.matmul(t(vectors), vectors)), identity(n), 1e-12);
    expect(data(values)).toEqual([...data(values)].sort((x, y) => x - y));
    const m = random(n, n);
    allNear(data(g.matmul(m, g.inverse(m))), identity(n), 1e-10);
    const x = random(n, 2);
    allNear(data(g.solve(m, g.matmul(m, x))), data(x), 1e-10);
  });
  it("solve least squares so that the residual is orthogonal to the columns", () => {
    const [a, b] = [random(6, 3), random(6)];
    allNear(data(g.matmul(t(a), g.matmul(a, g.lstsq(a, b)).sub(b))), [0, 0, 0], 1e-13);
    // The shortest of many solutions is a combination of the rows.
    const [wide, c] = [random(2, 5), random(2)];
    const x = g.lstsq(wide, c);
    allNear(data(g.matmul(wide, x)), data(c), 1e-13);
    allNear(data(g.matmul(t(wide), g.lstsq(t(wide), x))), data(x), 1e-13);
  });
  it("broadcast their leading axes", () => {
    const [a, b] = [random(3, 1, 2, 2), random(4, 2, 3)];
    const x = g.solve(a, b);
    expect(x.shape).toEqual([3, 4, 2, 3]);
    allNear(data(g.matmul(a, x)), data(g.broadcast(b, [3, 4, 2, 3])), 1e-12);
    const one = random(2, 2);
    allNear(data(g.matmul(one, g.solve(one, b))), data(b), 1e-12);
    const rows = random(5, 2);
    const solved = vmap((v: Tensor) => g.solve(one, v))(rows) as Tensor;
    allNear(data(g.matmul(solved, t(one))), data(rows), 1e-12);
  });
  it("take matrices of size 0 and f32", () => {
    expect(data(g.det(g.zeros([2, 0, 0])))).toEqual([1, 1]);
    expect(g.inverse(g.zeros([0, 0])).shape).toEqual([0, 0]);
    expect(g.eigvalsh(g.zeros([0, 0])).shape).toEqual([0]);
    const f32 = tensor(
      [
        [2, 1],
        [1, 3],
      ],
      "f32",
    );
    expect(g.cholesky(f32).dtype).toBe("f32");
    expect(g.solve(f32, tensor([1, 2], "f32")).dtype).toBe("f32");
    allNear(
      data(grad((a: Tensor) => g.sum(g.solve(a, tensor([1, 2], "f32"))))(f32)),
      data(grad((a: Tensor) => g.sum(g.solve(a, [1, 2])))(g.cast(f32, "f64"))),
      1e-6,
    );
  });
});

describe("extreme numbers", () => {
  it.each([1e308, 1e-308])("of size %d neither overflow nor vanish", (size) => {
    const a = g.mul(size, [
      [0.5, 0.25],
      [0.25, 0.125 * 1.5],
    ]);
    const { values, vectors } = g.eigh(a);
    allNear(data(g.div(values, size)), data(g.eigvalsh(g.div(a, size))), 1e-15);
    allNear(data(g.matmul(g.matrixTranspose(vectors), vectors)), [1, 0, 0, 1], 1e-15);
    const { q, r } = g.qr(a);
    allNear(data(g.matmul(q, g.div(r, size))), data(g.div(a, size)), 1e-15);
    expect(g.logdet(a).item()).toBeCloseTo(2 * Math.log(size) + Math.log(0.03125), 9);
  });
  it("that are not finite come out as NaN", () => {
    const a = square([Number.NaN, 1, 1, 2]);
    expect(data(g.eigh(a).vectors)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect(data(g.qr(a).q).every(Number.isNaN)).toBe(true);
    expect(data(g.inverse(a)).some(Number.isNaN)).toBe(true);
    expect(g.det(a).item()).toBeNaN();
  });
});

describe("eigenvalues that are equal", () => {
  const two = square([2, 0, 0, 2]);
  it("have a first derivative", () => {
    allNear(data(grad((a: Tensor) => g.sum(g.eigvalsh(a)))(two)), [1, 0, 0, 1]);
  });
  it("make no derivative of the vectors up", () => {
    expect(data(grad((a: Tensor) => g.sum(g.eigh(a).vectors))(two)).some(Number.isNaN)).toBe(true);
  });
});

describe("Taylor series through the implicit rules", () => {
  const a0 = [
    [4, 1],
    [1, 3],
  ];
  const a1 = [
    [1, 0.5],
    [0.5, -1],
  ];
  const at = (t: Tensor) => g.add(a0, g.mul(t, a1));
  const value = (f: (t: Tensor) => Tensor, t: number) => f(tensor(t)).item();
  it.each([
    ["solve", (t: Tensor) => g.sum(g.solve(at(t), [1, 2]))],
    ["solve for a varying right side", (t: Tensor) => g.sum(g.solve(a0, g.mul(g.exp(t), [1, 2])))],
    ["triangularSolve", (t: Tensor) => g.sum(g.triangularSolve(at(t), [1, 2]))],
    ["cholesky", (t: Tensor) => g.sum(g.cholesky(at(t)))],
    ["det", (t: Tensor) => g.det(at(t))],
    ["logdet", (t: Tensor) => g.logdet(at(t))],
    ["eigenvalues", (t: Tensor) => g.at(g.eigvalsh(at(t)), 1)],
    ["eigenvectors", (t: Tensor) => g.at(g.reshape(g.eigh(at(t)).vectors, [4]), 1)],
    ["qr", (t: Tensor) => g.sum(g.qr(at(t)).r)],
  ])("%s, order 12", (_, f) => {
    const c = taylor(f, 0, 12) as number[];
    const h = 0.05;
    expect(c.reduceRight((sum, v) => sum * h + v, 0)).toBeCloseTo(value(f, h), 12);
  });
  it("differentiates a series, and expands a gradient", () => {
    const f = (t: Tensor) => g.sum(g.solve(at(t), [1, 2]));
    const slope = taylor((t: Tensor) => grad(f)(t), 0, 3) as number[];
    const own = taylor(f, 0, 4) as number[];
    allNear(
      slope,
      own.slice(1).map((v, k) => v * (k + 1)),
      1e-12,
    );
  });
});

describe("written maths", () => {
  const shapes = { A: [2, 2], b: [2], c: [2] };
  const point = {
    A: [
      [4, 1],
      [1, 3],
    ],
    b: [1, 2],
    c: [3, -1],
  };
  it.each<[string, boolean]>([
    ["solve(A, b)^T c", true],
    ["logdet(A)", true],
    ["det(A)", true],
    ["log(det(A))", true],
    ["b^T cholesky(A) c", true],
    ["lstsq(A, b)^T c", false],
    ["sum(solve(tril(A), b))", true],
    ["sum(solve(triu(A, -1)^T, b))", true],
    ["sum(eigenvalues(A))", true],
    ["b^T qr_q(A) c", true],
    ["b^T eigenvectors(A) c", false],
    ["sum(cumprod(cumsum(b)))", false],
    ["sort(b)^T c", false],
  ])("%s reads back (and its derivative: %s)", (text, readable) => {
    const e = parse(text, { shapes });
    const evaluate = (written: string) => data(parse(written, { shapes }).evaluate(point));
    allNear(evaluate(e.toText()), evaluate(text), 1e-13);
    expect(e.toLatex()).not.toMatch(/undefined|\\{lu\\}|\\{eigen\\}/);
    if (!readable) return;
    const slope = e.derivative("A");
    allNear(evaluate(slope.toText()), data(slope.evaluate(point)), 1e-13);
  });
  it("shows no factorization that is only kept for speed", () => {
    const labels = graphOf(parse("solve(A, b)^T c + sum(eigenvalues(A))", { shapes })).map((n) => n.label);
    expect(labels.join()).toMatch(/solve/);
    expect(labels.join()).not.toMatch(/\blu\b|\beigen\b/);
  });
  it("prints Jacobi's formula and the derivative of a solve", () => {
    const slope = parse("det(A)", { shapes }).derivative("A");
    expect(slope.toText()).toBe("det(A)*A^(-T)");
    allNear(data(slope.evaluate(point)), data(grad((a: Tensor) => g.det(a))(tensor(point.A))));
    expect(parse("logdet(A)", { shapes }).derivative("A").toText()).toBe("A^(-T)");
    expect(parse("solve(A, b)^T c", { shapes }).derivative("A").toText()).toBe(
      "-solve(A^T, c)*solve(A, b)^T",
    );
    expect(parse("solve(A, b)^T c", { shapes }).derivative("b").toText()).toBe("solve(A^T, c)");
  });
});
