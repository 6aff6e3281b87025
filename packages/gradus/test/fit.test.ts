import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parse } from "gradus/math";
import { type Fit, fit } from "gradus/optimize";
import { describe, expect, it } from "vitest";
import { decimal, wideEvaluator } from "../src/optimize/double-double.ts";
import { qr, solveUpper, unordered } from "../src/optimize/qr.ts";
import { incompleteBeta, quantile, twoSided } from "../src/optimize/student-t.ts";

interface Reference {
  readonly x: number[];
  readonly y: number[];
  readonly weights: number[];
  readonly fits: Record<
    string,
    { value: number[]; standardError?: number[]; correlations?: number[][]; loss?: number }
  >;
  readonly twoSided: [number, number, number][];
  readonly quantile: [number, number, number][];
  readonly incompleteBeta: [number, number, number, number][];
}
const reference = JSON.parse(
  readFileSync(new URL("./reference/fits.json", import.meta.url), "utf8"),
) as Reference;
const { x, y } = reference;

/** Significant digits that agree. */
const digits = (a: number, b: number): number => (a === b ? 16 : -Math.log10(Math.abs(a - b) / Math.abs(b)));
const agree = (a: readonly number[], b: readonly number[]): number =>
  Math.min(...a.map((v, i) => digits(v, b[i])));

const folder = fileURLToPath(new URL("../../../../shared/nist/", import.meta.url));
const sets = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith(".dat")) : [];

function read(name: string) {
  const lines = readFileSync(folder + name, "utf8").split(/\r?\n/);
  const model = lines.findIndex((l) => l.startsWith("Model:"));
  const starts = lines.findIndex((l, i) => i > model && /Starting [Vv]alues/.test(l));
  const written = lines.slice(model + 1, starts).join(" ");
  const rows = [
    ...lines
      .slice(starts)
      .join("\n")
      .matchAll(/^\s*(b\d)\s*=\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)/gm),
  ].map(([, name, ...numbers]) => ({ name, numbers: numbers.map(Number) }));
  const data = lines.slice(lines.findIndex((l) => /^Data:\s+y\s+x/.test(l)) + 1);
  const pairs = data.map((l) => l.trim().split(/\s+/).map(Number)).filter((p) => p.length === 2);
  return {
    model: written.replace(/^.*?y\s*=/, "y =").replace(/\+\s*e\s*$/, ""),
    parameters: rows,
    sum: Number(/Residual Sum of Squares:\s*(\S+)/.exec(lines.join("\n"))?.[1]),
    data: { y: pairs.map((p) => p[0]), x: pairs.map((p) => p[1]) },
  };
}

describe.skipIf(sets.length === 0)("NIST's certified fits, from both starts", () => {
  it.each(sets.flatMap((set) => [0, 1].map((k) => [set, k] as const)))("%s, start %i", (name, k) => {
    const set = read(name);
    const start = Object.fromEntries(set.parameters.map((p) => [p.name, p.numbers[k]]));
    const found = fit(set.model, set.data, { start });
    const by = new Map(found.parameters.map((p) => [p.name, p]));
    const of = (pick: (p: Fit["parameters"][number]) => number) =>
      set.parameters.map((p) => pick(by.get(p.name) as Fit["parameters"][number]));
    expect(
      agree(
        of((p) => p.value),
        set.parameters.map((p) => p.numbers[2]),
      ),
    ).toBeGreaterThan(8);
    expect(
      agree(
        of((p) => p.standardError),
        set.parameters.map((p) => p.numbers[3]),
      ),
    ).toBeGreaterThan(6);
    expect(digits(found.residualSumOfSquares, set.sum)).toBeGreaterThan(8);
    expect(found.verdict.kind).toBe("minimum");
  });
});

describe.skipIf(sets.length === 0)("NIST's certified fits, without a start", () => {
  it.each(sets)("%s", (name) => {
    const set = read(name);
    const found = fit(set.model, set.data);
    expect(found.guessed).toEqual(found.parameters.map((p) => p.name));
    expect(digits(found.residualSumOfSquares, set.sum)).toBeGreaterThan(8);
  });
});

describe("against SciPy", () => {
  const MODEL = "y = a exp(-b x) + c";
  const start = { a: 1, b: 1, c: 0 };
  const run = (options: Parameters<typeof fit>[2]) =>
    fit(MODEL, { x, y, w: reference.weights }, { start, ...options });
  const values = (f: Fit) => f.parameters.map((p) => p.value);
  it.each([
    ["plain", {}],
    ["weighted", { weights: "w" }],
  ] as const)("%s: values, standard errors, correlations", (name, options) => {
    const found = run(options);
    const expected = reference.fits[name];
    // SciPy stops where the sum of squares stands still: half its digits.
    expect(agree(values(found), expected.value)).toBeGreaterThan(6);
    expect(
      agree(
        found.parameters.map((p) => p.standardError),
        expected.standardError as number[],
      ),
    ).toBeGreaterThan(6);
    expected.correlations?.forEach((row, i) => {
      expect(agree(found.correlations[i], row)).toBeGreaterThan(6);
    });
  });
  it.each(["huber", "soft-l1", "cauchy"] as const)("%s", (loss) => {
    const found = run({ loss, scale: 0.1 });
    expect(digits(found.loss.value, reference.fits[loss].loss as number)).toBeGreaterThan(9);
    expect(agree(values(found), reference.fits[loss].value)).toBeGreaterThan(5);
    // The outliers pull the plain fit away from what made the data.
    expect(Math.abs(values(found)[0] - 3.2)).toBeLessThan(Math.abs(values(run({}))[0] - 3.2));
  });
  it("bounds", () => {
    const found = run({ lower: { b: 0.5, c: 0.45 }, upper: { a: 2.5 }, start: { a: 1, b: 1, c: 1 } });
    expect(agree(values(found), reference.fits.bounded.value)).toBeGreaterThan(6);
    for (const step of found.steps) expect(step.parameters[0]).toBeLessThanOrEqual(2.5);
  });
  it("Student's t and the incomplete beta function, against mpmath", () => {
    for (const [t, n, p] of reference.twoSided)
      expect(Math.abs(twoSided(t, n) - p)).toBeLessThan(1e-10 * p + 1e-300);
    for (const [p, n, t] of reference.quantile) expect(Math.abs(quantile(p, n) / t - 1)).toBeLessThan(1e-11);
    for (const [a, b, z, p] of reference.incompleteBeta)
      expect(Math.abs(incompleteBeta(a, b, z) - p)).toBeLessThan(1e-12 * Math.max(p, 1e-3));
  });
});

describe("a first step too long", () => {
  const x = [1, 2, 3, 5, 7, 10];
  it("does not lose a parameter: NIST's BoxBOD from its first start", () => {
    const found = fit(
      "y = b1 (1 - exp(-b2 x))",
      { x, y: [109, 149, 149, 191, 213, 224] },
      { start: { b1: 1, b2: 1 } },
    );
    expect(
      agree(
        found.parameters.map((p) => p.value),
        [213.80940889, 0.54723748542],
      ),
    ).toBeGreaterThan(9);
    expect(found.steps.every((s, i) => s.index === i + 1)).toBe(true);
  });
  it("is told where no shorter one helps", () => {
    const run = () =>
      fit("y = b1 (1 - exp(-b2 x))", { x, y: [5, 5, 5, 5, 5, 5] }, { start: { b1: 1, b2: 1 } });
    expect(run).toThrow(/the data say nothing of b2/);
  });
});

describe("what a fit says", () => {
  const line = { x: [1, 2, 3, 4, 5], y: [2.1, 3.9, 6.2, 7.8, 10.1] };
  it("a straight line by the textbook's formulas, without a start", () => {
    const found = fit("y = a + b x", line);
    const n = line.x.length;
    const [mx, my] = [3, line.y.reduce((s, v) => s + v) / n];
    const sxx = line.x.reduce((s, v) => s + (v - mx) ** 2, 0);
    const b = line.x.reduce((s, v, i) => s + (v - mx) * (line.y[i] - my), 0) / sxx;
    const rest = line.y.reduce((s, v, i) => s + (v - my - b * (line.x[i] - mx)) ** 2, 0);
    const total = line.y.reduce((s, v) => s + (v - my) ** 2, 0);
    const [pa, pb] = found.parameters;
    expect(pb.value).toBeCloseTo(b, 12);
    expect(pa.value).toBeCloseTo(my - b * mx, 12);
    expect(found.residualSumOfSquares).toBeCloseTo(rest, 12);
    expect(found.rSquared).toBeCloseTo(1 - rest / total, 12);
    expect(pb.standardError).toBeCloseTo(Math.sqrt(rest / (n - 2) / sxx), 12);
    // t at 97.5 % with 3 degrees of freedom, from the tables.
    expect(pb.interval[1] - pb.value).toBeCloseTo(3.182446305 * pb.standardError, 8);
    expect(found.correlations[0][1]).toBeCloseTo(-mx / Math.sqrt(sxx / n + mx * mx), 12);
    expect(found.guessed).toEqual(found.parameters.map((p) => p.name));
    expect(Array.from(found.fitted, (v, i) => v - line.y[i]).reduce((s, v) => s + v * v, 0)).toBeCloseTo(
      rest,
      12,
    );
  });
  it("a function of a column on the left, several predictors", () => {
    const u = [1, 2, 3, 4, 5, 6];
    const v = [2, 1, 5, 3, 8, 1];
    const z = u.map((a, i) => Math.exp(0.3 + 0.5 * a - 0.2 * v[i]));
    const found = fit("log(z) = c + p u + q v", { u, v, z });
    expect(found.parameters.map((p) => [p.name, p.value])).toEqual([
      ["c", expect.closeTo(0.3, 12)],
      ["p", expect.closeTo(0.5, 12)],
      ["q", expect.closeTo(-0.2, 12)],
    ]);
  });
  it.each([
    ["y = a exp(-b x) + c", (t: number) => 5 * Math.exp(-0.7 * t) + 1],
    ["y = a x^b", (t: number) => 0.3 * t ** 1.7],
    ["y = a / (1 + exp(b - c x))", (t: number) => 70 / (1 + Math.exp(3 - 0.8 * t))],
    ["y = v x / (k + x)", (t: number) => (2.4 * t) / (0.6 + t)],
    ["y = a exp(-((x - m)/s)^2) + c", (t: number) => 4 * Math.exp(-(((t - 6.2) / 1.3) ** 2)) + 2],
    ["y = a sin(w x + p)", (t: number) => 2 * Math.sin(1.3 * t + 0.4)],
    ["y = a exp(-b x) cos(w x + p) + c", (t: number) => 3 * Math.exp(-0.3 * t) * Math.cos(4.2 * t + 0.7) + 1],
    ["y = a x^n / (k^n + x^n) + c", (t: number) => (5 * t ** 2.2) / (4 ** 2.2 + t ** 2.2) + 0.3],
    ["y = a - b exp(-c x^d)", (t: number) => 70 - 60 * Math.exp(-0.02 * t ** 1.9)],
  ])("guesses a start for %s", (model, truth) => {
    const at = Array.from({ length: 40 }, (_, i) => 0.25 * (i + 1));
    const found = fit(model, { x: at, y: at.map(truth) });
    expect(found.residualSumOfSquares).toBeLessThan(1e-12);
  });
  it("guesses what of a start is not given, from what is", () => {
    const at = Array.from({ length: 40 }, (_, i) => 0.25 * (i + 1));
    // Two exponentials: the given start says which of the two is which.
    const y = at.map((t) => 5 * Math.exp(-2 * t) + 3 * Math.exp(-0.3 * t));
    for (const [b, expected] of [
      [2.2, 2],
      [0.2, 0.3],
    ]) {
      const found = fit("y = a exp(-b x) + c exp(-d x)", { x: at, y }, { start: { b } });
      expect(found.guessed).toEqual(["a", "c", "d"]);
      expect(found.start.b).toBe(b);
      expect(found.parameters[1].value).toBeCloseTo(expected, 6);
    }
  });
  it("says which parameter ended on a bound", () => {
    const found = fit("y = a + b x", line, { lower: { b: 3 } });
    expect(found.parameters.map((p) => p.atBound)).toEqual([false, true]);
    expect(found.verdict.text).toMatch(/a minimum within the bounds, with b on one/);
  });
  it("each step promises what Gauss and Newton's model says, and the ratio tends to 1", () => {
    const exact = x.map((t) => 3 * Math.exp(-0.9 * t) + 0.4);
    const found = fit("y = a exp(-b x) + c", { x, y: exact }, { start: { a: 1, b: 1, c: 0 } });
    let before = Number.POSITIVE_INFINITY;
    for (const s of found.steps) {
      if (s.accepted) expect(s.value).toBeLessThanOrEqual(before);
      if (s.accepted) before = s.value;
      expect(s.ratio).toBeCloseTo(s.actual / s.promised, 10);
    }
    const accepted = found.steps.filter((s) => s.accepted);
    expect(Math.abs((accepted.at(-3)?.ratio ?? 0) - 1)).toBeLessThan(0.05);
  });
  it("stops when told", () => {
    let calls = 0;
    const found = fit(
      "y = a exp(-b x) + c",
      { x, y },
      { start: { a: 1, b: 1, c: 0 }, onStep: () => ++calls < 2 },
    );
    expect(found.steps.length).toBe(2);
    expect(found.verdict).toMatchObject({ kind: "still descending", text: expect.stringMatching(/stopped/) });
  });
});

describe("a bad call is named", () => {
  const data = { x: [1, 2, 3, 4], y: [1, 2, 3, 5] };
  it.each([
    ["b x", data, {}, /no left side: write y = …/],
    ["q = b x", data, {}, /q, on the left of the model, is no column.*columns: x, y/],
    [
      "y = b q + c",
      data,
      { start: { b: 1 } },
      /cannot tell .* apart.*names that are no column \(columns: x, y\)/,
    ],
    ["y = b x", data, { start: { b: 1, d: 2 } }, /d has a start, but the model does not use it/],
    ["y = x", data, {}, /no parameters/],
    [
      "y = a + b x + c x^2 + d x^3 + e2 x^4",
      data,
      {},
      /5 parameters .* need at least 5 rows of data; there are 4/,
    ],
    ["y = a b x", data, { start: { a: 1, b: 1 } }, /cannot tell a and b apart/],
    ["y = a + b + c x", data, {}, /cannot tell a and b apart/],
    ["y = a x + 0 b", data, { start: { a: 1, b: 1 } }, /say nothing of b/],
    [
      "y = a log(b x)",
      data,
      { start: { a: 1, b: -1 } },
      /at the start the model has no finite value: row 1: ln/,
    ],
    ["log(y) = a x", { x: [1, 2], y: [1, -1] }, {}, /left side ln\(y\) has no finite value in row 2/],
    ["y = a x", { x: [1, Number.NaN], y: [1, 2] }, {}, /column x has NaN in row 2/],
    ["y = a x", { x: [1, 2, 3], y: [1, 2] }, {}, /column y has 2 rows, x has 3/],
    ["y = a x", data, { lower: { q: 1 } }, /q is not a parameter/],
    ["y = a x", data, { start: { a: 5 }, upper: { a: 2 } }, /start a = 5 is outside its bounds/],
    ["y = a x", data, { loss: "l2" }, /no loss "l2": choose one of linear, huber/],
    ["y = a x", data, { weights: "w" }, /w is no column/],
    ["y = a x", data, { weights: [1, 2, -1, 1] }, /row 3 has -1/],
    ["y = a x", {}, {}, /no columns/],
    ["y = a x", data, { level: 1.5 }, /level: expected a number over 0 and below 1, got 1.5/],
  ] as const)("%s", (model, columns, options, message) => {
    expect(() => fit(model, columns as never, options as never)).toThrow(message);
  });
});

describe("numbers of 106 bits", () => {
  const evaluate = (source: string, x = 0) => {
    const e = parse(source, { variables: ["x"] });
    const run = wideEvaluator(e.node);
    if (!run) throw new Error("no rule");
    return run(new Map([...e.variables.values()].map((n) => [n, decimal(x)] as const)));
  };
  it("know their constants: e, ln 10 and √2 by mpmath, 0.1 as a tenth", () => {
    expect(evaluate("exp(x)", 1)).toEqual([Math.E, expect.closeTo(1.4456468917292502e-16, 30)]);
    expect(evaluate("ln(x)", 10)).toEqual([Math.LN10, expect.closeTo(-2.1707562233822494e-16, 30)]);
    expect(evaluate("sqrt(x)", 2)).toEqual([Math.SQRT2, expect.closeTo(-9.667293313452913e-17, 31)]);
    expect(evaluate("10 x - 1", 0.1)).toEqual([0, 0]);
    expect(evaluate("x^(-2) - 16", 0.25)).toEqual([0, 0]);
    expect(evaluate("x/3 + x/3 + x/3 - x", 7)[0]).toBeCloseTo(0, 30);
  });
  it("undo one another", () => {
    fc.assert(
      fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (x) => {
        const [high, low] = evaluate("ln(exp(x)) - x", x);
        expect(Math.abs(high + low)).toBeLessThan(1e-28);
      }),
    );
  });
  it("refuse what they have no rule for", () => {
    expect(wideEvaluator(parse("sin(x)").node)).toBeUndefined();
    expect(wideEvaluator(parse("2 pi x").node)).toBeUndefined();
  });
});

it("QR with pivoting solves what the normal equations say", () => {
  const number = fc.integer({ min: -9, max: 9 });
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 15, maxLength: 15 }),
      fc.array(number, { minLength: 5, maxLength: 5 }),
      (a, b) => {
        const columns = [0, 1, 2].map((j) =>
          Float64Array.from({ length: 5 }, (_, i) => a[j * 5 + i] + (i === j ? 20 : 0)),
        );
        const f = qr(
          columns.map((c) => c.slice()),
          Float64Array.from(b),
          true,
        );
        const solution = unordered(f, solveUpper(f, f.qtb));
        for (const c of columns) {
          const rest = b.map((v, i) => v - columns.reduce((s, d, j) => s + d[i] * solution[j], 0));
          expect(Math.abs(rest.reduce((s, v, i) => s + v * c[i], 0))).toBeLessThan(1e-10);
        }
      },
    ),
  );
});
