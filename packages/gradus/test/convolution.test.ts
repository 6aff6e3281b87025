import fc from "fast-check";
import type { Tensor } from "gradus";
import * as g from "gradus";
import { grad, jvp, NotAnalyticError, taylor, tensor, vjp, vmap } from "gradus";
import { describe, expect, it } from "vitest";

const data = (t: unknown) => [...(t as Tensor).toTypedArray()];
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, v, i) => s + v * b[i], 0);
function allNear(got: readonly number[], want: readonly number[], tolerance = 1e-12): void {
  expect(got.length).toBe(want.length);
  const scale = Math.max(1, ...want.map(Math.abs));
  got.forEach((v, i) => {
    expect(Math.abs(v - want[i]) / scale, `${v} and ${want[i]}`).toBeLessThan(tolerance);
  });
}

let state = 5;
function random(...shape: number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const numbers = Float64Array.from({ length: size }, () => {
    state = (state * 48271) % 2147483647;
    return state / 1073741823.5 - 1;
  });
  return tensor(numbers).reshape(shape);
}

interface Case {
  readonly groups: number;
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly inputDilation: readonly [number, number];
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  readonly x: Tensor;
  readonly w: Tensor;
}

/** The definition, element by element. */
function byDefinition({ groups, stride, dilation, inputDilation, padding, x, w }: Case): number[] {
  const [n, channels, height, width] = x.shape;
  const [o, c, kh, kw] = w.shape;
  const sizes = [height, width].map((d, a) => {
    const length = (d - 1) * inputDilation[a] + 1 + padding[a][0] + padding[a][1];
    return Math.floor((length - ([kh, kw][a] - 1) * dilation[a] - 1) / stride[a]) + 1;
  });
  const [xs, ws] = [data(x), data(w)];
  const read = (b: number, channel: number, i: number, j: number): number => {
    const at = [i - padding[0][0], j - padding[1][0]];
    if (at.some((v, a) => v < 0 || v % inputDilation[a] !== 0)) return 0;
    const [row, column] = at.map((v, a) => v / inputDilation[a]);
    if (row >= height || column >= width) return 0;
    return xs[((b * channels + channel) * height + row) * width + column];
  };
  const out: number[] = [];
  for (let b = 0; b < n; b++)
    for (let f = 0; f < o; f++)
      for (let p = 0; p < sizes[0]; p++)
        for (let q = 0; q < sizes[1]; q++) {
          let sum = 0;
          for (let k = 0; k < c; k++)
            for (let i = 0; i < kh; i++)
              for (let j = 0; j < kw; j++) {
                const channel = Math.floor(f / (o / groups)) * c + k;
                const value = read(
                  b,
                  channel,
                  p * stride[0] + i * dilation[0],
                  q * stride[1] + j * dilation[1],
                );
                sum += value * ws[((f * c + k) * kh + i) * kw + j];
              }
          out.push(sum);
        }
  return out;
}

const small = (low: number, high: number) => fc.integer({ min: low, max: high });
const pair = (low: number, high: number) => fc.tuple(small(low, high), small(low, high));
const cases = fc
  .record({
    groups: small(1, 3),
    perGroup: pair(1, 3),
    batch: small(1, 3),
    size: pair(1, 7),
    window: pair(1, 3),
    stride: pair(1, 3),
    dilation: pair(1, 3),
    inputDilation: pair(1, 3),
    padding: fc.tuple(pair(0, 3), pair(0, 3)),
  })
  .filter((r) =>
    r.size.every((d, a) => {
      const length = (d - 1) * r.inputDilation[a] + 1 + r.padding[a][0] + r.padding[a][1];
      return length >= (r.window[a] - 1) * r.dilation[a] + 1;
    }),
  )
  .map(
    (r): Case => ({
      ...r,
      x: random(r.batch, r.groups * r.perGroup[0], ...r.size),
      w: random(r.groups * r.perGroup[1], r.perGroup[0], ...r.window),
    }),
  );

describe("conv", () => {
  it("is its definition, and both of its transposes are right", () => {
    fc.assert(
      fc.property(cases, (c) => {
        const { x, w, groups, stride, dilation, inputDilation, padding } = c;
        const f = (a: Tensor, b: Tensor) =>
          g.conv(a, b, { groups, stride, dilation, inputDilation, padding });
        const y = f(x, w);
        allNear(data(y), byDefinition(c));
        // u·f(x, w) is linear in x and in w, so the cotangents give it back.
        const u = random(...y.shape);
        const [dx, dw] = vjp(f, x, w).pullback(u);
        const product = dot(data(u), data(y));
        allNear([dot(data(dx), data(x)), dot(data(dw), data(w))], [product, product], 1e-11);
        const v = random(...w.shape);
        allNear([dot(data(dw), data(v))], [dot(data(u), data(f(x, v)))], 1e-11);
      }),
      { numRuns: 150, seed: 4 },
    );
  });
  it("reads signals and images without channels", () => {
    expect(g.conv([1, 2, 3, 4], [1, 10]).toArray()).toEqual([21, 32, 43]);
    expect(
      g
        .conv(
          [
            [1, 2],
            [3, 4],
          ],
          [
            [1, 0],
            [0, 1],
          ],
        )
        .toArray(),
    ).toEqual([[5]]);
    expect(g.conv([1, 2, 3], [1, 1, 1], { padding: "same" }).toArray()).toEqual([3, 6, 5]);
  });
  it("keeps f32", () => {
    const y = g.conv(tensor([1, 2, 3], "f32"), tensor([1, 1], "f32"));
    expect([y.dtype, ...data(y)]).toEqual(["f32", 3, 5]);
  });
  it("maps over inputs, kernels or both", () => {
    const [x, w] = [random(3, 2, 5), random(3, 6, 2, 3)];
    const f = (a: Tensor, b: Tensor) => g.conv(a.reshape([1, ...a.shape]), b, { groups: 2, padding: 1 });
    const kernels = random(3, 6, 1, 3);
    const rows = [0, 1, 2].flatMap((i) => data(f(g.at(x, i), g.at(kernels, i))));
    allNear(data((vmap(f) as never as (...a: Tensor[]) => Tensor)(x, kernels)), rows);
    const shared = [0, 1, 2].flatMap((i) => data(f(g.at(x, 0), g.at(kernels, i))));
    const partly = vmap(f, { inAxes: [null, 0] }) as never as (...a: Tensor[]) => Tensor;
    allNear(data(partly(g.at(x, 0), kernels)), shared);
    expect(() => f(g.at(x, 0), g.at(w, 0))).toThrow(/has 2 channels and the kernel \[6, 2, 3\] reads 2/);
  });
  it("says what does not fit", () => {
    expect(() => g.conv([1, 2], [1, 2, 3])).toThrow(/reaches over 3 does not fit an input of size 2/);
    expect(() => g.conv([1, 2], [[1]])).toThrow(/expected ranks 1 and 1/);
    expect(() => g.conv([1, 2], [1], { stride: 0 })).toThrow(/stride \[0\] must be a whole number from 1 on/);
    expect(() => g.conv([1, 2], [1], { padding: -1 })).toThrow(/padding -1 must be/);
    expect(() => g.conv([1, 2], [1], { padding: "full" as never })).toThrow(/padding "full" must be/);
    expect(() => g.conv([1, 2], [1], { groups: 2 })).toThrow(/in 2 group/);
  });
});

describe("pooling", () => {
  const x = tensor([1, 3, 3, 2, 5, 4]).reshape([1, 1, 6]);
  it("takes maxima and means", () => {
    expect(data(g.maxPool(x, 2))).toEqual([3, 3, 5]);
    expect(data(g.maxPool(x, 3, { stride: 2, padding: 1 }))).toEqual([3, 3, 5]);
    expect(data(g.avgPool(x, 2))).toEqual([2, 2.5, 4.5]);
    expect(data(g.avgPool(x, 3, { stride: 3, padding: 1 }))).toEqual([2, 10 / 3]);
    expect(data(g.avgPool(x, 3, { stride: 3, padding: 1, countPadding: true }))).toEqual([4 / 3, 10 / 3]);
    expect(data(g.maxPool(g.neg(x), 3, { stride: 2, padding: 1 }))).toEqual([-1, -2, -2]);
    expect(data(g.maxPool(tensor([Number.NaN, 1, 2, 3]).reshape([1, 1, 4]), 2))).toEqual([Number.NaN, 3]);
  });
  it("shares the slope at ties, as max does", () => {
    const tied = tensor([2, 2, 1, 2]).reshape([1, 1, 2, 2]);
    const third = 1 / 3;
    expect(data(grad((t: Tensor) => g.sum(g.maxPool(t, 2)))(tied))).toEqual([third, third, 0, third]);
    expect(data(grad((t: Tensor) => g.reduceMax(t))(tied))).toEqual([third, third, 0, third]);
    const along = jvp((t: Tensor) => g.maxPool(t, 2), [tied], [g.ones([1, 1, 2, 2])]);
    expect(data(along.tangent)).toEqual([1]);
  });
  it("says what does not fit", () => {
    expect(() => g.maxPool([1, 2], 2)).toThrow(/expected \[batch, channel, length\]/);
    expect(() => g.maxPool(x, 2, { padding: 2 })).toThrow(/window 1 of \d lies in the padding only/);
    expect(() => g.avgPool(x, [2, 2])).toThrow(/window \[2,2\] must be/);
  });
});

describe("sorting", () => {
  it("is stable, and counts NaN as greatest", () => {
    expect(data(g.argsort([2, 1, 2, 1]))).toEqual([1, 3, 0, 2]);
    expect(data(g.argsort([2, 1, 2, 1], { descending: true }))).toEqual([0, 2, 1, 3]);
    expect(data(g.sort([Number.NaN, 2, -1, Number.POSITIVE_INFINITY]))).toEqual([
      -1,
      2,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
    expect(data(grad((t: Tensor) => g.sum(g.mul(g.sort(t), [1, 2, 3])))(tensor([7, 5, 5])))).toEqual([
      3, 1, 2,
    ]);
  });
  it("agrees with JavaScript's own, along any axis", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -9, max: 9 }), { minLength: 2, maxLength: 40 }),
        (list) => {
          const own = [...list].sort((a, b) => a - b);
          expect(data(g.sort(list)).map((v) => v + 0)).toEqual(own.map((v) => v + 0));
          const columns = g.sort(g.stack([list, list], 1), { axis: 0 });
          expect(data(g.at(columns, 1, 1)).map((v) => v + 0)).toEqual(own.map((v) => v + 0));
          const { values, indices } = g.topK(list, 2);
          expect(data(values)).toEqual(data(indices).map((i) => list[i]));
          expect(data(values).map((v) => v + 0)).toEqual(
            own
              .slice(-2)
              .reverse()
              .map((v) => v + 0),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
  it("says what does not fit", () => {
    expect(() => g.topK([1, 2], 3)).toThrow(/k must be a whole number from 0 to 2/);
    expect(() => g.sort(1)).toThrow(/a scalar has no axes/);
    expect(() => g.takeAlongAxis([[1, 2]], [[0], [1]])).toThrow(/must agree but for axis 1/);
  });
});

describe("Taylor series", () => {
  const along = (values: readonly number[]) => (t: Tensor) =>
    g.add(values as number[], g.mul(t, [1, 2, 3, 5]));
  it("go through sorting and pooling away from ties", () => {
    expect(data(taylor((t: Tensor) => g.sort(along([4, 3, 2, 1])(t)), 0, 2))).toEqual([
      1, 2, 3, 4, 5, 3, 2, 1, 0, 0, 0, 0,
    ]);
    const pooled = (values: readonly number[]) => (t: Tensor) => {
      const x = along(values)(t);
      return g.maxPool(g.mul(x, x).reshape([1, 1, 4]), 2).reshape([2]);
    };
    expect(data(taylor(pooled([4, 3, 2, 1]), 0, 2))).toEqual([16, 4, 8, 12, 1, 9]);
    expect(() => taylor(pooled([4, 4, 2, 1]), 0, 2)).toThrow(NotAnalyticError);
  });
  it("go through a maximum that one element reaches", () => {
    const top = (t: Tensor) => g.reduceMax(g.exp(along([1, 2, 3, 4])(t)));
    const coefficients = data(taylor(top, tensor(0), 2)).map((v) => v / Math.exp(4));
    allNear(coefficients, [1, 5, 12.5]);
    expect(() => taylor((t: Tensor) => g.reduceMax(along([4, 4, 1, 1])(t)), 0, 2)).toThrow(
      /reduce_max_share is not analytic/,
    );
  });
  it("are refused at ties, by name", () => {
    const at = along([1, 1, 2, 3]);
    expect(() => taylor((t: Tensor) => g.sort(at(t)), 0, 1)).toThrow(/argsort is not analytic/);
    const best = (t: Tensor) => g.mul(t, g.cast(g.argmin(at(t)), "f64"));
    expect(() => taylor(best, 0, 1)).toThrow(/argmin is not analytic/);
    const rows = (x: Tensor) => g.taylor((t: Tensor) => g.sort(g.add(x, g.mul(t, [1, 2]))), tensor(0), 1);
    expect(
      data(
        vmap(rows)(
          tensor([
            [2, 1],
            [1, 2],
          ]),
        ),
      ),
    ).toEqual([1, 2, 2, 1, 1, 2, 1, 2]);
    expect(() =>
      vmap(rows)(
        tensor([
          [2, 1],
          [1, 1],
        ]),
      ),
    ).toThrow(NotAnalyticError);
  });
});

describe("cumulative operations", () => {
  it("run along an axis, in either direction", () => {
    const x = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(g.cumsum(x).toArray()).toEqual([
      [1, 3, 6],
      [4, 9, 15],
    ]);
    expect(g.cumsum(x, { axis: 0, reverse: true }).toArray()).toEqual([
      [5, 7, 9],
      [4, 5, 6],
    ]);
    expect(g.cumprod(x).toArray()).toEqual([
      [1, 2, 6],
      [4, 20, 120],
    ]);
    expect(g.cumprod(x, { reverse: true }).toArray()).toEqual([
      [6, 6, 3],
      [120, 30, 6],
    ]);
    expect(g.cumprod(g.zeros([0])).shape).toEqual([0]);
  });
  it("give products with zeros their gradient", () => {
    const slope = grad((t: Tensor) => g.at(g.cumprod(t), 3));
    expect(data(slope(tensor([2, 0, 3, 5])))).toEqual([0, 30, 0, 0]);
    expect(data(slope(tensor([0, 0, 3, 5])))).toEqual([0, 0, 0, 0]);
  });
});
