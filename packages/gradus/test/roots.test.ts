import fc from "fast-check";
import { extrema, parse, radiusOfConvergence, roots } from "gradus/math";
import { describe, expect, it } from "vitest";

const rootsOf = (text: string, lo: number, hi: number, budget?: number) => {
  const e = parse(text);
  return roots(e.node, e.variable("x"), [lo, hi], { budget });
};
const extremaOf = (text: string, lo: number, hi: number) => {
  const e = parse(text);
  return extrema(e.node, e.variable("x"), [lo, hi]);
};
/** Each expected number in the interval of its place, which is narrow and proven unique. */
function expectUnique(found: ReturnType<typeof rootsOf>["roots"], expected: readonly number[]): void {
  expect(found.map((r) => r.status)).toEqual(expected.map(() => "unique"));
  expected.forEach((x, i) => {
    const { lo, hi } = found[i].interval;
    const slack = 2e-16 * Math.abs(x);
    expect(lo).toBeLessThanOrEqual(x + slack);
    expect(hi).toBeGreaterThanOrEqual(x - slack);
    expect(hi - lo).toBeLessThan(1e-13 * Math.max(1, Math.abs(x)));
  });
}

describe("guaranteed roots", () => {
  it.each([
    ["sin(x)", -1, 10, [0, Math.PI, 2 * Math.PI, 3 * Math.PI]],
    ["x^2 - 2", 0, 2, [Math.SQRT2]],
    ["cos(x) - x", 0, 1, [0.7390851332151607]],
    ["exp(x) - 3x", 0, 2, [0.6190612867359451, 1.5121345516578424]],
    ["ln(x)", 0.5, 3, [1]],
    ["x", 0, 1, [0]],
    ["abs(x) - 1", -2, 2, [-1, 1]],
    ["tan(x)", 2, 4, [Math.PI]],
    ["x^2 + 1", -5, 5, []],
    ["1e-9 x - 1e-12", -1, 1, [1e-3]],
  ] as const)("%s on [%d, %d]", (text, lo, hi, expected) => {
    const { roots: found, gaps, complete } = rootsOf(text, lo, hi);
    expectUnique(found, expected);
    expect(gaps).toEqual([]);
    expect(complete).toBe(true);
  });
  it("of products of linear factors: each, once, and no other", () => {
    const places = fc.uniqueArray(fc.integer({ min: -80, max: 80 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(places, (eighths) => {
        const sorted = eighths.map((k) => k / 8).sort((a, b) => a - b);
        const text = sorted.map((r) => `(x - (${r}))`).join(" * ");
        expectUnique(rootsOf(text, -10.3, 10.7).roots, sorted);
      }),
      { numRuns: 60 },
    );
  });
  it("every root of 31 that crowd together", () => {
    const { roots: found, complete } = rootsOf("x sin(1/x)", 0.01, 1);
    expect(complete).toBe(true);
    expectUnique(
      found,
      Array.from({ length: 31 }, (_, i) => 1 / (Math.PI * (31 - i))),
    );
  });
  it.each([
    ["x^2", 0, 2],
    ["(x - 1/3)^2", 1 / 3, 2],
    ["(x + 7/8)^3 exp(x)", -7 / 8, 3],
    ["tan(x) - x", 0, 3],
    ["cos(x) - 1", 0, 2],
    ["x - sin(x)", 0, 3],
    ["(x - 1/2)^6 (x^2 + 1)", 1 / 2, 6],
  ] as const)("%s has one root at %d, of multiplicity %d: proven", (text, at, multiplicity) => {
    const { roots: found } = rootsOf(text, -1, 1.1);
    expectUnique(found, [at]);
    expect(found[0].multiplicity).toBe(multiplicity);
  });
  it("beside a multiple root, the others keep theirs", () => {
    const { roots: found } = rootsOf("(x - 1)^2 (x + 1) (x - 2)^3", -3, 3.3);
    expectUnique(found, [-1, 1, 2]);
    expect(found.map((r) => r.multiplicity)).toEqual([undefined, 2, 3]);
  });
  it("an irrational double root is only possible, and narrow", () => {
    const { roots: found } = rootsOf("(x^2 - 2)^2", 0, 2);
    expect(found.map((r) => r.status)).toEqual(["possible"]);
    expect(found[0].interval.lo).toBeLessThan(Math.SQRT2);
    expect(found[0].interval.hi).toBeGreaterThan(Math.SQRT2);
    expect(found[0].interval.hi - found[0].interval.lo).toBeLessThan(1e-6);
  });
  it("two roots closer than the boxes are not taken for a double one", () => {
    const { roots: found } = rootsOf("x (x - 1e-12)", -1, 1);
    expect(found.every((r) => r.multiplicity === undefined)).toBe(true);
    for (const x of [0, 1e-12])
      expect(found.some((r) => r.interval.lo <= x && x <= r.interval.hi)).toBe(true);
    expect(found.length === 2 || found.some((r) => r.status !== "unique")).toBe(true);
  });
  it("a hole in the domain is no root", () => {
    for (const text of ["sin(x)^2 / x", "x^2 ln(x)"])
      expect(rootsOf(text, -0.5, 0.5).roots.filter((r) => r.status === "unique")).toEqual([]);
  });
  it("poles and edges of the domain are gaps, not roots", () => {
    const pole = rootsOf("tan(x)", 1, 2);
    expect(pole.roots).toEqual([]);
    expect(pole.gaps).toHaveLength(1);
    expect(pole.gaps[0].lo).toBeLessThan(Math.PI / 2);
    expect(pole.gaps[0].hi).toBeGreaterThan(Math.PI / 2);
    const log = rootsOf("ln(x)", -1, 3);
    expectUnique(log.roots, [1]);
    expect(log.gaps[0].lo).toBe(-1);
    expect(Math.abs(log.gaps[0].hi)).toBeLessThan(1e-7);
  });
  it("a spent budget says so, and hides nothing", () => {
    const { roots: found, complete } = rootsOf("x sin(1/x)", 0.01, 1, 20);
    expect(complete).toBe(false);
    for (let k = 1; k <= 31; k++) {
      const x = 1 / (Math.PI * k);
      expect(found.some((r) => r.interval.lo <= x && x <= r.interval.hi)).toBe(true);
    }
  });
  it("refuses what is no interval", () => {
    expect(() => rootsOf("x", 1, 0)).toThrow(RangeError);
    expect(() => rootsOf("x", 0, Number.POSITIVE_INFINITY)).toThrow(/finite/);
  });
});

describe("guaranteed extrema", () => {
  it("x³ − 3x + 1: kinds, values, range", () => {
    const { points, least, greatest } = extremaOf("x^3 - 3x + 1", -3, 3);
    expect(points.map((p) => [p.kind, p.status])).toEqual([
      ["maximum", "unique"],
      ["minimum", "unique"],
    ]);
    expectUnique(points, [-1, 1]);
    expect(least).toEqual({ lo: -17, hi: -17 });
    expect(greatest).toEqual({ lo: 19, hi: 19 });
  });
  it("the loss of a neuron in its weight has no extremum; its square does", () => {
    expect(extremaOf("(1/2) (1 - sigmoid(x/2 + 0.1))^2", -9, 9).points).toEqual([]);
    const { points } = extremaOf("(0.6 - sigmoid(x/2 + 0.1))^2", -9, 9);
    expect(points).toHaveLength(1);
    expect(points[0].kind).toBe("minimum");
    expectUnique(points, [2 * (Math.log(1.5) - 0.1)]);
  });
  it("a kink is a point of its own, its kind left open", () => {
    const { points, least } = extremaOf("abs(x - 1) + x/2", 0, 3);
    expect(points).toHaveLength(1);
    expect(points[0].kind).toBe("unclear");
    expect(points[0].interval.lo).toBeLessThanOrEqual(1);
    expect(points[0].interval.hi).toBeGreaterThanOrEqual(1);
    expect(least?.lo).toBeLessThanOrEqual(0.5);
    expect(least?.hi).toBeGreaterThanOrEqual(0.5);
  });
  it("no range is claimed where the function has gaps", () => {
    const { least, gaps } = extremaOf("1/x", -1, 1);
    expect(least).toBeUndefined();
    expect(gaps).toHaveLength(1);
  });
});

describe("radius of convergence", () => {
  const of = (text: string, at: number) => {
    const e = parse(text);
    return radiusOfConvergence(e.node, e.variable("x"), at);
  };
  it.each([
    ["1/(1 - x)", 0, 1, "pole", -1],
    ["1/(1 - x)^3", 0, 1, "pole", -3],
    ["1/(1 + x^2)", 0, 1, "pole", -1],
    ["1/(1 + 25x^2)", 0.3, Math.hypot(0.3, 0.2), "pole", -1],
    ["tan(x)", 1, Math.PI / 2 - 1, "pole", -1],
    ["tanh(x)", 1, Math.hypot(1, Math.PI / 2), "pole", -1],
    ["sigmoid(x)", 0, Math.PI, "pole", -1],
    ["gamma(x)", 2.5, 2.5, "pole", -1],
    ["mish(x)", 0, 2.381546919357, "pole", -1],
    ["ln(1 + x)", 0, 1, "logarithm", 0],
    ["softplus(x)", 1, Math.hypot(1, Math.PI), "logarithm", 0],
    ["atan(x)", 0.5, Math.hypot(0.5, 1), "logarithm", 0],
    ["sqrt(1 + x)", 0, 1, "branch point", 0.5],
    ["cbrt(1 + x)", 0, 1, "branch point", 1 / 3],
    ["sqrt(1 + x^2)", 0.7, Math.hypot(0.7, 1), "branch point", 0.5],
    ["asin(x)", 0, 1, "branch point", 0.5],
    ["0.00001/(x - 0.0001)", 0, 1e-4, "pole", -1],
  ] as const)("%s about %d", (text, at, radius, kind, exponent) => {
    const found = of(text, at);
    expect(Math.abs(found.radius / radius - 1)).toBeLessThan(1e-7);
    expect(found.kind).toBe(kind);
    expect(found.exponent).toBeCloseTo(exponent, 2);
    for (const { re, im } of found.singularities) expect(Math.hypot(re - at, im) / radius).toBeCloseTo(1, 6);
  });
  it("names real singularities and complex pairs", () => {
    expect(of("ln(x)", 2)).toMatchObject({ singularities: [{ re: 0, im: 0 }], cause: "ln(x)" });
    const pair = of("tanh(x)", 0);
    expect(pair.singularities.map((s) => [s.re, Math.abs(s.im).toFixed(6)])).toEqual([
      [0, "1.570796"],
      [0, "1.570796"],
    ]);
    expect(of("tan(x)", 0).singularities).toHaveLength(2);
    expect(of("1/(1 + x^2)", 0).verdict).toMatch(/simple pole at i and −i/);
  });
  it.each(["exp(x)", "exp(x) sin(x)", "exp(-x^2)", "exp(x + x^2)", "sin(x)/x", "erf(x)", "gelu(x)"])(
    "%s is entire",
    (text) => {
      for (const at of text === "sin(x)/x" ? [0] : [0, 0.4])
        expect(of(text, at)).toMatchObject({ radius: Number.POSITIVE_INFINITY, kind: "entire" });
    },
  );
  it("polynomials end; other variables are refused", () => {
    expect(of("x^3 + 1", 0).kind).toBe("polynomial");
    expect(() => of("x y", 0)).toThrow(/one variable/);
  });
});
