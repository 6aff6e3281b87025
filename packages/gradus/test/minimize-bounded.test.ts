import fc from "fast-check";
import { pow, sum, type Tensor, tensor } from "gradus";
import { parse } from "gradus/math";
import { minimize } from "gradus/optimize";
import { describe, expect, it } from "vitest";
import { cauchyPoint } from "../src/optimize/bounded.ts";
import { compactHessian, curvatureAlong, inColumns } from "../src/optimize/compact-hessian.ts";
import { bfgs, form, type Pair, pairOf } from "./bfgs.ts";
import { problems, scipy } from "./mgh.ts";

const rosenbrock = parse("(1 - x)^2 + 100 (y - x^2)^2");
const START = { x: -1.2, y: 1 };

/** Boxes around a standard start: the same as in reference/minimizers.py. */
const size = (v: number) => Math.max(1, Math.abs(v));
const boxes: Record<string, (x: number, i: number) => [number, number]> = {
  above: (x) => [x, Number.POSITIVE_INFINITY],
  near: (x) => [x - 0.5 * size(x), x + 0.25 * size(x)],
  half: (x, i) => (i % 2 ? [Number.NEGATIVE_INFINITY, x + 0.1] : [x - 0.1, Number.POSITIVE_INFINITY]),
};

describe.skipIf(problems.length === 0)("problems of Moré, Garbow and Hillstrom in boxes", () => {
  it("end no higher than SciPy's L-BFGS-B, with at most 1.2 times its evaluations where both end alike", () => {
    const logs: number[] = [];
    for (const p of problems)
      for (const [name, box] of Object.entries(boxes)) {
        const [value, evaluations] = scipy[`${p.name}, ${name}`].bounded;
        const record = (f: (x: number, i: number) => number) =>
          Object.fromEntries(p.variables.map((v, i) => [v, f(p.start[i], i)]));
        const run = minimize(
          parse(p.expression, { variables: p.variables }),
          record((x) => x),
          {
            lower: record((x, i) => box(x, i)[0]),
            upper: record((x, i) => box(x, i)[1]),
            steps: 5000,
          },
        );
        // SciPy's value is written with ten digits.
        expect(run.value).toBeLessThanOrEqual(value + 1e-9 * Math.abs(value) + 1e-9);
        if (Math.abs(run.value - value) <= 1e-4 * Math.max(1e-3, value))
          logs.push(Math.log(run.evaluations.functions / evaluations));
      }
    expect(logs.length).toBeGreaterThan(25);
    expect(Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length)).toBeLessThan(1.2);
  });
});

describe("the model of L-BFGS-B", () => {
  const coordinate = fc.integer({ min: -9, max: 9 });
  const vector = fc.array(coordinate, { minLength: 3, maxLength: 3 }).map((v) => Float64Array.from(v));
  const pairs = fc
    .array(fc.tuple(vector, vector), { maxLength: 4 })
    .map((list) => list.map(([s, y]) => pairOf(s, y)).filter(({ sy, yy }) => sy > 0.1 * yy));
  it("is what the BFGS recursion makes", () => {
    fc.assert(
      fc.property(pairs, vector, (list, v) => {
        const model = compactHessian(list);
        // Two steps along one line leave B, but not these numbers.
        if (!model || list.length === 0) return;
        const expected = form(bfgs(list, 3), v);
        const found = curvatureAlong(model, v, inColumns(model, v));
        expect(Math.abs(found - expected)).toBeLessThan(1e-6 * (1 + expected));
      }),
    );
  });
  it("the Cauchy point is its first minimum along the projected path", () => {
    fc.assert(
      fc.property(pairs, vector, vector, (list, g, corner) => {
        const model = compactHessian(list);
        if (!model || g.every((v) => v === 0)) return;
        const b = bfgs(list, 3);
        const x = new Float64Array(3);
        const bounds = {
          lower: corner.map((v) => -Math.abs(v) / 10),
          upper: corner.map((v, i) => Math.abs(corner[(i + 1) % 3] + v) / 10),
        };
        const on = (t: number) =>
          x.map((_, i) => Math.min(Math.max(-t * g[i], bounds.lower[i]), bounds.upper[i]));
        const value = (s: Float64Array) => s.reduce((sum, v, i) => sum + v * g[i], 0) + form(b, s) / 2;
        const at = cauchyPoint({ x, value: 0, gradient: g }, bounds, model);
        // Walk along the path until the model rises.
        let t = 0;
        const h = 1e-4;
        while (t < 3 && value(on(t + h)) < value(on(t))) t += h;
        if (t >= 3) return;
        expect(Math.abs(value(at.x) - value(on(t)))).toBeLessThan(1e-3 * (1 + Math.abs(value(on(t)))));
        at.x.forEach((v, i) => expect(Math.abs(v - on(t)[i])).toBeLessThan(2 * h * (1 + Math.abs(g[i]))));
      }),
    );
  });
  it("the Cauchy point goes on where several coordinates reach their bounds together", () => {
    const list = [pairOf(Float64Array.of(4, -2, 4), Float64Array.of(8, 8, 6))];
    const g = Float64Array.of(-4, -2, -2);
    const bounds = { lower: Float64Array.of(-0.2, -0.8, -0.5), upper: Float64Array.of(0.6, 0.3, 0.7) };
    const at = { x: new Float64Array(3), value: 0, gradient: g };
    const { x } = cauchyPoint(
      at,
      bounds,
      compactHessian(list) as NonNullable<ReturnType<typeof compactHessian>>,
    );
    // Both at 0.15 of the way: then only the third moves, to the minimum of the model along it.
    expect([x[0], x[1]]).toEqual([0.6, 0.3]);
    const b = bfgs(list, 3);
    expect(g[2] + b[2][0] * x[0] + b[2][1] * x[1] + b[2][2] * x[2]).toBeCloseTo(0, 9);
  });
  it("each step promises the model's decrease", () => {
    const names = ["x", "y"] as const;
    const slopes = names.map((name) => rosenbrock.derivative(name));
    const gradientAt = (p: typeof START) => Float64Array.from(slopes, (d) => d.evaluate(p).item());
    const run = minimize(rosenbrock, START, { upper: { x: 0.5 }, steps: 10 });
    const kept: Pair[] = [];
    let point = run.start.point as typeof START;
    for (const step of run.steps) {
      const next = step.point as typeof START;
      const s = Float64Array.from(names, (n) => next[n] - point[n]);
      const [g, after] = [gradientAt(point), gradientAt(next)];
      const promised = -(g[0] * s[0] + g[1] * s[1]) - form(bfgs(kept, 2), s) / 2;
      expect(Math.abs(step.promised / promised - 1)).toBeLessThan(1e-6);
      const pair = pairOf(
        s,
        after.map((v, i) => v - g[i]),
      );
      if (pair.sy > Number.EPSILON * pair.yy) kept.push(pair);
      point = next;
    }
    expect(run.steps.length).toBeGreaterThan(5);
  });
});

describe("bounds", () => {
  it("stays inside, and ends where the gradient points out", () => {
    const run = minimize(rosenbrock, { x: -1.2, y: 1 }, { upper: { x: 0.5 } });
    expect(run.point.x).toBe(0.5);
    expect(run.point.y).toBeCloseTo(0.25, 6);
    expect(run.verdict).toMatchObject({
      kind: "minimum",
      text: expect.stringMatching(/1 of 2 coordinates at a bound/),
    });
    for (const step of run.steps) expect((step.point as typeof START).x).toBeLessThanOrEqual(0.5);
  });
  /** ‖Mx‖² + ‖x − c‖² from 0 in the box [−1, 2]ⁿ must end at its only minimum. */
  const expectKarushKuhnTucker = (m: readonly number[], c: readonly number[]) => {
    const n = c.length;
    const a = tensor(Array.from({ length: n }, (_, i) => m.slice(i * n, i * n + n)));
    const target = tensor([...c]);
    const f = (x: Tensor) => sum(pow(a.dot(x), 2)).add(sum(pow(x.sub(target), 2)));
    const run = minimize(f, new Float64Array(n), {
      lower: new Float64Array(n).fill(-1),
      upper: new Float64Array(n).fill(2),
      tolerance: 1e-9,
    });
    const slack = 1e-5 * (1 + Math.abs(run.start.slope));
    run.point.forEach((x, i) => {
      const g = run.gradient[i];
      if (x === -1) expect(g).toBeGreaterThan(-slack);
      else if (x === 2) expect(g).toBeLessThan(slack);
      else expect(Math.abs(g)).toBeLessThan(slack);
      expect(x).toBeGreaterThanOrEqual(-1);
      expect(x).toBeLessThanOrEqual(2);
    });
    expect(run.verdict.kind).toBe("minimum");
  };
  it.each([2, 4, 8])("convex quadratics of %d variables: Karush, Kuhn and Tucker's conditions", (n) => {
    const integers = (length: number) =>
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: length, maxLength: length });
    fc.assert(fc.property(integers(n * n), integers(n), expectKarushKuhnTucker), { numRuns: 40 });
  });
  // Here the projected minimum of the model leads down ever less, from one step to the next.
  it.each([
    [
      [6, 0, 5, 0, -7, 0, 1, -8, 3, -3, 4, 3, 5, -3, 6, -3],
      [8, -8, 0, -7],
    ],
    [
      [7, -8, 7, 0, 6, -5, 0, 3, 8, 3, -8, -5, 0, 2, 1, -5],
      [-2, -2, -5, 0],
    ],
    [
      [-8, 1, 0, -5, 1, -5, 0, 1, 2, 0, 3, 4, 1, -8, 0, 0],
      [-9, -2, 0, 0],
    ],
    [
      [1, 8, 4, -4, 4, -1, -4, 5, -9, -5, 3, 0, 1, -7, 0, -4],
      [0, 1, -7, -7],
    ],
  ])("steps do not die away where nothing is stationary: %j, %j", expectKarushKuhnTucker);
  it("a coordinate that reaches its bound stands at the bound itself, not one rounding beside it", () => {
    const run = minimize(
      (x: Tensor) => sum(pow(x.sub(tensor([9, -9, 0.3])), 2)),
      new Float64Array([0.1, 0.7, -0.2]),
      { lower: new Float64Array(3).fill(-1 / 3), upper: new Float64Array(3).fill(1.1) },
    );
    expect(run.point[0]).toBe(1.1);
    expect(run.point[1]).toBe(-1 / 3);
    expect(run.verdict.text).toMatch(/2 of 3 coordinates at a bound/);
  });
  it("200 coordinates, the curvature falling only along those held: a minimum", () => {
    const n = 200;
    const sign = tensor(new Float64Array(n).map((_, i) => (i < 20 ? -1 : 1)));
    const run = minimize((x: Tensor) => sum(pow(x, 2).mul(sign)).sub(sum(x)), new Float64Array(n).fill(0.1), {
      lower: new Float64Array(n).fill(-1),
      upper: new Float64Array(n).fill(2),
    });
    expect(run.verdict).toMatchObject({ kind: "minimum", smallestEigenvalue: expect.closeTo(2, 9) });
  });
});
