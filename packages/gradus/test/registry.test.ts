import { grad, jvp, NotAnalyticError, type Tensor, taylor, tensor, vjp, vmap } from "gradus";
import { parse, toLatex, toText } from "gradus/math";
import { describe, expect, it } from "vitest";
import { input } from "../src/ir/node.ts";
import { operations } from "../src/primitives/registry.ts";
import { type Sample, sampleOf } from "./samples.ts";

/** mulberry32, so that a failure can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const random = generator(7);
const filled = (shape: readonly number[], [lo, hi]: readonly [number, number]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(Float64Array.from({ length: size }, () => lo + (hi - lo) * random())).reshape(shape);
};

const data = (t: Tensor) => [...t.toTypedArray()];
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, v, i) => s + v * b[i], 0);
function near(a: number, b: number, tolerance: number): void {
  if (Number.isNaN(a) && Number.isNaN(b)) return;
  expect(Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b)), `${a} and ${b}`).toBeLessThan(tolerance);
}
const allNear = (a: readonly number[], b: readonly number[], tolerance: number) => {
  expect(a.length).toBe(b.length);
  a.forEach((v, i) => near(v, b[i], tolerance));
};

const cases = [...operations].map(([name, f]) => [name, sampleOf(name, f as never)] as const);

it("covers every operation", () => {
  expect(cases.length).toBeGreaterThan(90);
});

/** f along a line: t ↦ f(x + t v). */
const along = (s: Sample, x: Tensor[], v: Tensor[]) => (t: Tensor) =>
  s.call(...x.map((xi, i) => xi.add(v[i].mul(t))));

describe.each(cases.filter(([, s]) => !s.flat))("%s", (_, sample) => {
  for (const shapes of sample.shapes) {
    it(`derivatives agree at shapes ${JSON.stringify(shapes)}`, () => {
      const x = shapes.map((s, i) => filled(s, sample.ranges[i]));
      const v = shapes.map((s) => filled(s, [-1, 1]));
      const y = sample.call(...x);
      const forward = data(jvp(sample.call, x, v).tangent);
      const u = filled(y.shape, [-1, 1]);
      // Forward against reverse: u·(J v) = (Jᵀu)·v.
      const pulled = (vjp as (...a: unknown[]) => { pullback(u: Tensor): unknown })(
        sample.call,
        ...x,
      ).pullback(u) as Tensor[];
      near(
        dot(data(u), forward),
        pulled.reduce((sum, p, i) => sum + dot(data(p), data(v[i])), 0),
        1e-12,
      );
      if (y.size === 0) return;
      // Against a high-order difference.
      const f = along(sample, x, v);
      const value = (t: number) => data(f(tensor(t)));
      const h = 1e-3;
      const [a, b, c, d] = [value(h), value(-h), value(2 * h), value(-2 * h)];
      forward.forEach((slope, i) => near(slope, (8 * (a[i] - b[i]) - (c[i] - d[i])) / (12 * h), 1e-7));
      seriesAgrees(sample, f, forward);
    });
  }

  it("vmap is a loop", () => {
    const shapes = sample.shapes[sample.shapes.length - 1].some((s) => s.includes(0))
      ? sample.shapes[1]
      : sample.shapes[0];
    const x = shapes.map((s, i) => filled([4, ...s], sample.ranges[i]));
    const rows = Array.from({ length: 4 }, (_, k) => data(sample.call(...x.map((t) => row(t, k))))).flat();
    allNear(data((vmap(sample.call) as (...a: unknown[]) => Tensor)(...x)), rows, 1e-14);
    // One argument mapped, the others shared.
    const inAxes = x.map((_, i) => (i === 0 ? 0 : null));
    const shared = x.map((t, i) => (i === 0 ? t : row(t, 0)));
    const partly = Array.from({ length: 4 }, (_, k) =>
      data(sample.call(...shared.map((t, i) => (i === 0 ? row(t, k) : t)))),
    ).flat();
    allNear(data((vmap(sample.call, { inAxes }) as (...a: unknown[]) => Tensor)(...shared)), partly, 1e-14);
  });
});

const row = (t: Tensor, k: number): Tensor => t.slice([k], [k + 1]).reshape(t.shape.slice(1));

/** Taylor coefficients 1 and 2 against forward mode once and twice. */
function seriesAgrees(_: Sample, f: (t: Tensor) => Tensor, forward: readonly number[]): void {
  let series: number[][];
  try {
    const c = taylor(f, tensor(0), 2);
    series = [0, 1, 2].map((k) => data(row(c, k)));
  } catch (error) {
    expect(error).toBeInstanceOf(NotAnalyticError);
    return;
  }
  allNear(series[1], forward, 1e-11);
  const once = (t: Tensor) => jvp(f, [t], [tensor(1)]).tangent;
  const twice = data(jvp(once, [tensor(0)], [tensor(1)]).tangent);
  allNear(
    series[2],
    twice.map((v) => v / 2),
    1e-9,
  );
}

/** Operations that written maths has words for. */
const WRITTEN_SHAPES = cases.filter(
  ([, s]) => s.ranges.every((r) => r) && s.shapes[0].every((shape) => shape.length === 0),
);

describe("what is written reads back", () => {
  it.each(WRITTEN_SHAPES)("%s", (name, sample) => {
    if (name === "cast" || name === "stopGradient") return;
    const names = ["x", "y"].slice(0, sample.ranges.length);
    const nodes = names.map((n) => input({ shape: [], dtype: "f64" }, { name: n }));
    const node = sample.call(...nodes);
    const x = sample.ranges.map((r) => filled([], r));
    const values = Object.fromEntries(names.map((n, i) => [n, x[i]]));
    // In LaTeX a lone = is an equation, not a comparison.
    for (const text of name === "equal" ? [toText(node)] : [toText(node), toLatex(node)]) {
      near(
        Number(parse(text, { variables: names }).evaluate(values).item()),
        Number(sample.call(...x).item()),
        1e-14,
      );
    }
  });
});

describe("edges", () => {
  const slope = (f: (x: Tensor) => Tensor, x: number) => grad(f)(x);
  it("keeps the lecture's convention at kinks", async () => {
    const g = await import("gradus");
    expect(slope(g.relu, 0)).toBe(0);
    expect(slope((x) => g.maximum(0, x), 0)).toBe(0);
    expect(slope((x) => g.maximum(x, 0), 0)).toBe(0);
    expect(slope((x) => g.maximum(x, g.tensor([0, 0])).sum(), 0)).toBe(1);
    expect(slope(g.abs, 0)).toBe(0);
    expect(slope((x) => g.pow(x, 2), 0)).toBe(0);
    expect(slope((x) => grad((t: Tensor) => g.pow(t, 2))(x), 0)).toBe(2);
  });
  it("keeps a branch not taken from poisoning a gradient", async () => {
    const g = await import("gradus");
    const f = (x: Tensor) => g.where(x.greater(0), g.log(x), 0);
    expect(slope(f, 0)).toBe(0);
    expect(jvp(f, [0], [1]).tangent).toBe(0);
    // The mask is known beforehand here, and must still count as one.
    const kl = grad((q: Tensor) => g.klDivergence(tensor([0, 1]), q))(tensor([0.5, 0.5]));
    expect(data(kl as Tensor)).toEqual([0, -2]);
    const h = (x: Tensor) => g.sqrt(g.where(x.greater(0), x, 0));
    expect(slope(h, 0)).toBe(0);
    expect(jvp(h, [0], [1]).tangent).toBe(0);
  });
  it("keeps the digits of slopes far out", async () => {
    const g = await import("gradus");
    near(slope(g.sigmoid, 40) / 4.248354255291589e-18, 1, 1e-15);
    near(slope(g.sigmoid, -40) / 4.248354255291589e-18, 1, 1e-15);
    near(slope(g.tanh, 20) / 1.6993417021166355e-17, 1, 1e-15);
  });
  it("takes the greater of two negative numbers", async () => {
    const g = await import("gradus");
    expect(g.maximum(-2, -1).item()).toBe(-1);
    expect(g.minimum(2, 1).item()).toBe(1);
    expect(taylor((x) => g.maximum(x, -5), -1, 1)).toEqual([-1, 1]);
  });
  it("gives products with zeros their gradient", async () => {
    const g = await import("gradus");
    expect(data(grad((x: Tensor) => g.prod(x))(tensor([0, 2, 3])))).toEqual([6, 0, 0]);
    expect(data(grad((x: Tensor) => g.prod(x))(tensor([0, 0, 3])))).toEqual([0, 0, 0]);
  });
});
