import fc from "fast-check";
import { hessian, log, pow, slice, sum, type Tensor, tensor } from "gradus";
import { parse } from "gradus/math";
import { adam, type MethodChoice, type Minimization, minimize, minimizeSteps } from "gradus/optimize";
import { describe, expect, it } from "vitest";
import { exactStep, trustStep } from "../src/optimize/trust-region.ts";
import { bfgs, form, type Pair, pairOf } from "./bfgs.ts";

const rosenbrock = parse("(1 - x)^2 + 100 (y - x^2)^2");
const START = { x: -1.2, y: 1 };
const every: MethodChoice[] = ["newton", "newton-cg", "bfgs", "lbfgs"];

describe("the local model", () => {
  const f = parse("exp(x) + x^2 y^2 + (y - 1)^4");
  const at = (of: typeof f, p: { x: number; y: number }) => of.evaluate(p as never).item();
  const gradientAt = (p: { x: number; y: number }) =>
    Float64Array.of(at(f.derivative("x"), p), at(f.derivative("y"), p));
  /** The matrix of a method's quadratic model. */
  const modelOf = (method: MethodChoice, p: { x: number; y: number }, g: Float64Array, pairs: Pair[]) => {
    if (method === "newton" || method === "newton-cg")
      return ["x", "y"].map((a) => ["x", "y"].map((b) => at(f.derivative(a).derivative(b), p)));
    // The first step has the length 1.
    if (pairs.length === 0) return bfgs([], 2, Math.hypot(...g));
    return bfgs(pairs, 2, method === "bfgs" ? pairs[0].yy / pairs[0].sy : undefined);
  };
  it.each(["gd", ...every] as MethodChoice[])("%s: every step promises what its model says", (method) => {
    const run = minimize(f, { x: 0.5, y: 2 }, { method, steps: 30 });
    let point = run.start.point;
    let value = run.start.value;
    const pairs: Pair[] = [];
    for (const step of run.steps) {
      if (step.accepted) expect(step.actual).toBeCloseTo(value - step.value, 12);
      else expect(step.ratio).toBeLessThanOrEqual(0.15);
      expect(step.ratio).toBeCloseTo(step.actual / step.promised, 12);
      const s = [(step.point as typeof point).x - point.x, (step.point as typeof point).y - point.y];
      if (step.accepted) expect(step.length).toBeCloseTo(Math.hypot(...s), 10);
      if (step.accepted && step.curvature) {
        const slope = gradientAt(point);
        const bend = step.curvature.reduce((sum, row, i) => sum + s[i] * (row[0] * s[0] + row[1] * s[1]), 0);
        const model = -(slope[0] * s[0] + slope[1] * s[1] + bend / 2);
        expect(Math.abs(step.promised - model)).toBeLessThan(1e-8 * Math.max(1, Math.abs(model)));
      }
      expect(step.curvature !== undefined).toBe(["newton", "bfgs", "lbfgs"].includes(method as string));
      if (step.accepted) {
        // Independently, from written derivatives and the textbook's recursion.
        const g = gradientAt(point);
        const curved = step.model === "quadratic" ? form(modelOf(method, point, g, pairs), s) : 0;
        const expected = -(g[0] * s[0] + g[1] * s[1]) - curved / 2;
        expect(step.model).toBe(method === "gd" ? "linear" : "quadratic");
        expect(Math.abs(step.promised - expected)).toBeLessThan(
          1e-9 * Math.max(1, Math.abs(g[0]), Math.abs(g[1])),
        );
        const after = gradientAt(step.point as typeof point);
        const pair = pairOf(
          Float64Array.from(s),
          after.map((v, i) => v - g[i]),
        );
        if (pair.sy > Number.EPSILON * pair.yy) pairs.push(pair);
      }
      point = step.point as typeof point;
      value = step.value;
    }
    expect(run.steps.length).toBeGreaterThan(2);
  });
  it("the ratio tends to 1 with the step, and the digits double", () => {
    const run = minimize(f, { x: 0.5, y: 2 }, { method: "newton", tolerance: 1e-14 });
    const digits = run.steps
      .filter((s) => s.accepted)
      .map((s) => -Math.log10(s.slope))
      .filter((d) => d > 0.7 && d < 13);
    expect(digits.length).toBeGreaterThan(2);
    // |g'| ≤ C|g|²: the digits double, but for those of C.
    for (let i = 1; i < digits.length; i++) expect(digits[i] - 2 * digits[i - 1]).toBeGreaterThan(-1.5);
    const ratios = run.steps.slice(-5, -2).map((s) => Math.abs(s.ratio - 1));
    expect(ratios[2]).toBeLessThan(ratios[0]);
    expect(ratios[2]).toBeLessThan(0.05);
  });
  it("gradient descent falls at the rate (κ − 1)/(κ + 1) on a quadratic, and not faster", () => {
    const kappa = 25;
    const q = parse("1/2 (x^2 + 25 y^2)");
    // The worst start for exact line searches: both parts equal in the gradient.
    const run = minimize(q, { x: kappa, y: 1 }, { method: "gd", rate: "exact", steps: 40, tolerance: 1e-30 });
    const rate = ((kappa - 1) / (kappa + 1)) ** 2;
    let before = run.start.value;
    for (const step of run.steps) {
      expect(step.value / before).toBeCloseTo(rate, 10);
      expect(step.ratio).toBeCloseTo(1, 8);
      before = step.value;
    }
    // With the constant rate 2/(λmin + λmax), the distance shrinks by the same factor.
    const constant = minimize(q, { x: 1, y: 1 }, { method: "gd", rate: 2 / 26, steps: 30, tolerance: 1e-30 });
    expect(Math.sqrt(constant.value / constant.start.value)).toBeCloseTo((24 / 26) ** 30, 10);
  });
  it("names the stable rate, and explains divergence by it", () => {
    const q = parse("1/2 (x^2 + 25 y^2)");
    const stable = minimize(q, { x: 1, y: 1 }, { method: "gd", rate: 0.079 });
    expect(stable.verdict.kind).toBe("minimum");
    expect(stable.stableRate).toEqual({ rate: 2 / 25, largestEigenvalue: 25 });
    const wild = minimize(q, { x: 1, y: 1 }, { method: "gd", rate: 0.081 });
    expect(wild.verdict.kind).toBe("diverged");
    expect(wild.verdict.text).toMatch(/rate 0.081 .*2\/λmax = 0.08 \(λmax = 25\)/);
  });
});

describe("the trust-region subproblem", () => {
  const size = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));
  it("is solved exactly: Moré and Sorensen's conditions, the hard case too", () => {
    const number = fc.integer({ min: -20, max: 20 });
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 9, maxLength: 9 }),
        fc.array(number, { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 1, max: 40 }),
        (m, g0, r) => {
          const h = Float64Array.from({ length: 9 }, (_, k) => m[k] + m[(k % 3) * 3 + Math.floor(k / 3)]);
          const g = Float64Array.from(g0);
          const radius = r / 8;
          const { step, promised } = exactStep(h, g, radius);
          expect(size(step)).toBeLessThanOrEqual(radius * (1 + 1e-8));
          // No point of a fine sampling of the ball promises more.
          const model = (s: readonly number[]) =>
            -s.reduce(
              (sum, si, i) => sum + si * (g[i] + s.reduce((t, sj, j) => t + (h[i * 3 + j] * sj) / 2, 0)),
              0,
            );
          for (let k = 0; k < 400; k++) {
            const [z, phi] = [(2 * k) / 399 - 1, k * 2.399963];
            const ring = Math.sqrt(1 - z * z);
            for (const t of [0.5, 1]) {
              const s = [ring * Math.cos(phi), ring * Math.sin(phi), z].map((v) => v * radius * t);
              expect(model(s)).toBeLessThanOrEqual(promised + 1e-7 * (1 + Math.abs(promised)));
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
  it("beside a curvature that drowns the others a step is found in each coordinate's own unit", () => {
    // Meyer's problem, on the way: the second step of the model is lost in the rounding of the first.
    const h = Float64Array.of(1e32, 9.99999e15, 9.99999e15, 1);
    const g = Float64Array.of(1e12, 1e-3);
    const { step, promised } = trustStep(h, g, 1);
    expect(promised).toBeGreaterThan(0);
    expect(size(step)).toBeLessThanOrEqual(1);
    const s = Array.from(step);
    const bend = h[0] * s[0] ** 2 + 2 * h[1] * s[0] * s[1] + h[3] * s[1] ** 2;
    expect(-(g[0] * s[0] + g[1] * s[1] + bend / 2) / promised).toBeCloseTo(1, 6);
  });
  it("an endless radius is none to search in", () => {
    expect(
      trustStep(Float64Array.of(0, 0, 0, 0), Float64Array.of(1, 1), Number.POSITIVE_INFINITY).promised,
    ).toBeNaN();
  });
  it("hard case: g without a part along the lowest eigenvector", () => {
    const { step, promised } = exactStep(Float64Array.of(-2, 0, 0, 4), Float64Array.of(0, 6), 2);
    expect(step[1]).toBeCloseTo(-1, 12);
    expect(Math.abs(step[0])).toBeCloseTo(Math.sqrt(3), 12);
    expect(promised).toBeCloseTo(7, 10);
  });
});

describe("verdicts", () => {
  const judge = (
    source: string,
    start: Record<string, number>,
    method: MethodChoice = "newton",
    steps = 300,
  ) => minimize(parse(source), start, { method, steps }).verdict;
  it.each([
    [
      "(x-1)^2 + 3 y^2",
      { x: 4, y: 2 },
      "newton",
      "minimum",
      /smallest eigenvalue of the Hessian, 2, is positive/,
    ],
    ["x^2 - y^2", { x: 1, y: 0 }, "gd", "saddle", /falls along \(y/],
    ["-x^2 - 2 y^2", { x: 0, y: 0 }, "newton", "maximum", /-2, is negative/],
    ["(x + y)^2", { x: 1, y: 2 }, "bfgs", "flat valley", /second derivative is 0/],
    ["x^4", { x: 1 }, "newton", "flat valley", /nothing lower/],
    [
      "exp(-x)",
      { x: 0 },
      "newton",
      "still descending",
      /along \(x \+1\) .* towards 0, which it does not reach/,
    ],
    ["x^2 + exp(y)", { x: 1, y: 0 }, "bfgs", "still descending", /along \(y −1\) .* towards 0/],
    ["atan(x)", { x: 0 }, "newton", "still descending", /towards -1.571, which it does not reach/],
    ["sqrt(1 + x^2) - x", { x: 0 }, "gd", "still descending", /keeps falling/],
    // Its second derivative is a third of the distance: no step finds more of it.
    ["x^2 + (x - y^2)^2 + y^4", { x: 1, y: 1 }, "lbfgs", "flat valley", /flat/],
    ["(x^2 - 4)^2 + (y^2 - 2)^2 + x^2 y^2", { x: -1.5, y: 0.5 }, "lbfgs", "flat valley", /flat/],
    ["(x^2 - 4)^2 + (y^2 - 2)^2 + x^2 y^2", { x: 2.5, y: 0 }, "lbfgs", "flat valley", /flat/],
    // At the edge of the domain, with the value still falling towards it.
    [
      "3 x - log(x) + 2 y + 0 log(y)",
      { x: 1, y: 1 },
      "newton",
      "stuck",
      /edge of the domain, .* ln\(y\) has no finite value/,
    ],
    [
      "3 x - log(x) + 2 y + 0 log(y)",
      { x: 1, y: 1 },
      "lbfgs",
      "stuck",
      /edge of the domain, .* ln\(y\) has no finite value/,
    ],
    // A flat direction beside one that falls hides no saddle.
    ["x^4 + (y^2 - 2)^2 + x^2 y^2", { x: 0, y: 0 }, "gd", "saddle", /the value falls along \(y/],
    ["x^4 + (y^2 - 2)^2 + x^2 y^2", { x: 0, y: 0 }, "newton", "minimum", /eigenvalue of the Hessian, 4,/],
    // The steps halve towards the kink, for ever.
    ["abs(2 x) + x^2", { x: 0.5 }, "newton", "minimum", /kink/],
    ["x^3", { x: 1 }, "newton", "unbounded below", /along \(x −1\)/],
    ["x^3", { x: -1 }, "lbfgs", "unbounded below", /without end/],
    ["x^4 - x^3", { x: -1 }, "newton", "saddle", /slope has vanished/],
    ["-log(x)", { x: 1 }, "newton", "still descending", /keeps falling/],
    ["abs(x)", { x: 1 }, "gd", "minimum", /kink/],
    // The value rises along each axis, and stands still between the kinks.
    [
      "abs(x - y)",
      { x: 1, y: 0 },
      "bfgs",
      "flat valley",
      /x [+−]0\.7071, y [+−]0\.7071\) the slope is 0, between kinks/,
    ],
    ["abs(x - 2 y)", { x: 1, y: 0.25 }, "newton", "flat valley", /x [+−]0\.8944, y [+−]0\.4472\).*kinks/],
    ["abs(x) + abs(y) + abs(x - y)", { x: 1, y: 1 }, "newton", "minimum", /kink/],
    ["(x - y^2)^2 + (1 - y)^2", { x: 9, y: 9 }, "gd", "still descending", /300 steps are done/],
  ] as const)("%s from %o by %s: %s", (source, start, method, kind, text) => {
    const verdict = judge(source, start, method);
    expect(verdict).toMatchObject({ kind, text: expect.stringMatching(text) });
  });
  const twoWells = parse("x^4/4 - x^2/2 + y^2");
  it("a symmetric path can end at a saddle; the eigenvalue shows it", () => {
    const run = minimize(twoWells, { x: 0, y: 1 }, { method: "gd" });
    expect(run.verdict).toMatchObject({ kind: "saddle", smallestEigenvalue: -1, largestEigenvalue: 2 });
  });
  it.each(every)("%s goes on from a saddle along the way that falls", (method) => {
    const seen: number[] = [];
    const options = { method, onStep: ({ index }: { index: number }) => seen.push(index) };
    const run = minimize(twoWells, { x: 0, y: 1 }, options);
    expect(run.verdict.kind).toBe("minimum");
    expect(run.value).toBeCloseTo(-0.25, 9);
    expect(seen).toEqual(run.steps.map((_, i) => i + 1));
    // From the saddle at 0 the model promises ½t², and the function brings ½t² − ¼t⁴.
    const step = run.steps[run.steps.findIndex(({ value }) => value < -1e-9)];
    const t = (step.point as { x: number }).x;
    if (method === "newton-cg") {
      expect(step.promised).toBeCloseTo(t ** 2 / 2, 6);
      expect(step.actual).toBeCloseTo(t ** 2 / 2 - t ** 4 / 4, 6);
    }
    expect(run.evaluations.functions).toBe(
      run.steps.reduce((sum, { evaluations }) => sum + evaluations.functions, 1),
    );
  });
  it("starts at a saddle or a maximum, and goes on", () => {
    for (const method of every) {
      const run = minimize(parse("x^4 - 2 x^2 + y^2"), { x: 0, y: 0 }, { method });
      expect(run.verdict.kind).toBe("minimum");
      expect(run.value).toBeCloseTo(-1, 9);
    }
  });
  it("a start that is the minimum to rounding is one, at once", () => {
    for (const method of every) {
      const run = minimize(parse("(3 x - 0.3)^2 + (7 y - 0.7)^2"), { x: 0.1, y: 0.1 }, { method });
      expect(run.value).toBeGreaterThan(0);
      expect([run.steps.length, run.verdict.kind]).toEqual([0, "minimum"]);
    }
  });
  it("where the value falls without end there is nowhere to go on to", () => {
    expect(judge("x^2 - y^2", { x: 1, y: 0 }, "newton-cg").kind).toBe("saddle");
  });
  it("names the node of a NaN", () => {
    const run = minimize(parse("x - sqrt(x)"), { x: 4 }, { method: "gd", rate: 6 });
    expect(run.verdict).toMatchObject({
      kind: "not a number",
      text: expect.stringMatching(/√x has no finite value/),
    });
    expect(() => minimize(parse("log(x) + x"), { x: -1 })).toThrow(
      /start is outside the function's domain: ln\(x\)/,
    );
    expect(() => minimize((x: Tensor) => log(x).add(x), -1)).toThrow(/ln\(x\) has no finite value at x = -1/);
  });
  it("line searches and trust regions step back from a NaN", () => {
    for (const method of every) {
      const run = minimize(parse("x - log(x)"), { x: 20 }, { method });
      expect(run.point.x).toBeCloseTo(1, 5);
    }
  });
});

describe("trees, functions, interruption", () => {
  it("minimizes TypeScript functions of trees, and gives the tree back", () => {
    const x = tensor([0, 1, 2, 3, 4]);
    const y = x.mul(3).add(1);
    const loss = (p: { w: Tensor; b: Tensor[] }) => sum(pow(x.mul(p.w).add(p.b[0]).sub(y), 2));
    for (const method of every) {
      const run = minimize(loss, { w: 0, b: [tensor([5]).reshape([1])] }, { method });
      expect(run.point.w).toBeCloseTo(3, 5);
      expect(run.point.b[0].toArray()).toEqual([expect.closeTo(1, 5)]);
      expect(run.gradient.b[0].shape).toEqual([1]);
    }
  });
  it("follows branches of a function that looks at its numbers", () => {
    const f = (x: Tensor) => (x.item() > 1 ? x.mul(2) : pow(x, 2));
    expect(minimize(f, 5, { method: "lbfgs" }).point).toBeCloseTo(0, 6);
    expect(minimize((x: Tensor) => (x.item() > 0 ? pow(x.sub(1), 2) : x.neg().add(1)), -3).point).toBeCloseTo(
      1,
      6,
    );
  });
  it("takes a composed optimizer as a method", () => {
    const run = minimize(rosenbrock, START, { method: adam(0.05), steps: 4000, tolerance: 1e-5 });
    expect(run.verdict.kind).toBe("minimum");
    expect(run.point).toEqual({ x: expect.closeTo(1, 3), y: expect.closeTo(1, 3) });
  });
  it("stops when told, and keeps the path", () => {
    const seen: number[] = [];
    const run = minimize(rosenbrock, START, {
      method: "gd",
      onStep: (step) => {
        seen.push(step.value);
        return step.index < 7;
      },
    });
    expect(run.steps.map((s) => s.value)).toEqual(seen);
    expect(seen.length).toBe(7);
    expect(run.verdict).toMatchObject({ kind: "still descending", text: expect.stringMatching(/stopped/) });
    const controller = new AbortController();
    const aborted = minimize(rosenbrock, START, {
      signal: controller.signal,
      onStep: (step) => (step.index === 3 ? controller.abort() : undefined),
    });
    expect(aborted.steps.length).toBe(3);
    const steps = minimizeSteps(rosenbrock, START, { method: "newton" });
    expect(steps.next().value).toMatchObject({ index: 1, model: "quadratic", evaluations: { functions: 1 } });
  });
  it("10⁴ coordinates by L-BFGS, judged by Lanczos", () => {
    const n = 10_000;
    const f = (x: Tensor) => {
      const pairs = x.reshape([n / 2, 2]);
      const [a, b] = [slice(pairs, [0, 0], [n / 2, 1]), slice(pairs, [0, 1], [n / 2, 2])];
      return sum(pow(b.sub(pow(a, 2)), 2))
        .mul(100)
        .add(sum(pow(a.sub(1), 2)));
    };
    const start = new Float64Array(n).map((_, i) => (i % 2 ? 1 : -1.2));
    const run: Minimization<Float64Array> = minimize(f, start, { method: "lbfgs" });
    expect(run.verdict.kind).toBe("minimum");
    expect(run.verdict.smallestEigenvalue).toBeCloseTo(0.3994, 2);
    expect(run.evaluations.functions).toBeLessThan(70);
    expect(Math.max(...run.point.map((v) => Math.abs(v - 1)))).toBeLessThan(1e-4);
    expect(run.steps[0].point).toBeUndefined();
    expect(Math.max(...run.gradient.map(Math.abs))).toBe(run.steps.at(-1)?.slope);
  });
  it("a step that was told keeps its point and value, however many follow", () => {
    const n = 2000;
    const f = (x: Tensor) => sum(pow(x.sub(1), 4));
    const told: { point: Float64Array; value: number }[] = [];
    const kept: { point?: Float64Array; value: number }[] = [];
    minimize(f, new Float64Array(n), {
      method: "lbfgs",
      onStep: (step) => {
        told.push({ point: (step.point as Float64Array).slice(), value: step.value });
        kept.push(step);
      },
    });
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.map(({ point, value }) => ({ point, value }))).toEqual(told);
  });
});

describe("a bad call is named", () => {
  it.each([
    [() => minimize(rosenbrock, START, { method: "bogus" as never }), /no method "bogus": choose one of gd/],
    [() => minimize(rosenbrock, START, { rate: -1 }), /rate must be a positive number, got -1/],
    [() => minimize(rosenbrock, START, { lower: { x: 0 } }), /start x = -1.2 is outside its bounds/],
    [() => minimize(rosenbrock, START, { lower: { x: 3 }, upper: { x: 2 } }), /crossed: 3 > 2/],
    [() => minimize(rosenbrock, START, { lower: { x: -2 }, method: "newton" }), /need the method "lbfgs"/],
    [() => minimize(rosenbrock, START, { lower: { q: 1 } as never }), /bound q/],
    [() => minimize(rosenbrock, { x: 1 }), /y has no value/],
    [() => minimize(rosenbrock, { x: 1, y: 2, q: 3 }), /q is not a variable/],
    [() => minimize((x: Tensor) => pow(x, 2), [1, new Int32Array(2)] as never), /i32/],
    [() => minimize((x: Tensor) => x, new Float64Array(2)), /one scalar/],
    [() => minimize(rosenbrock, START, { method: "adam", rate: "exact" }), /"exact" is for gd/],
  ])("%#", (call, message) => {
    expect(call).toThrow(message);
  });
});

it("the Hessian of the verdict is the library's", () => {
  const run = minimize(rosenbrock, START);
  const at = (v: Tensor) =>
    pow(slice(v, [0], [1]).sub(1), 2)
      .add(pow(slice(v, [1], [2]).sub(pow(slice(v, [0], [1]), 2)), 2).mul(100))
      .reshape([]);
  const h = (hessian(at)(tensor([1, 1])) as Tensor).toArray() as number[][];
  const mean = (h[0][0] + h[1][1]) / 2;
  const spread = Math.hypot((h[0][0] - h[1][1]) / 2, h[0][1]);
  expect(run.verdict.smallestEigenvalue).toBeCloseTo(mean - spread, 4);
  expect(run.verdict.largestEigenvalue).toBeCloseTo(mean + spread, 3);
});
