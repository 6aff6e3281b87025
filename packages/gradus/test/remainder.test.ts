import { readFileSync } from "node:fs";
import { NotAnalyticError, taylor } from "gradus";
import { domainIssues, enclose, interval, parse, remainderBound } from "gradus/math";
import { describe, expect, it } from "vitest";
import { input } from "../src/ir/node.ts";
import { IntervalSeries, productCoefficient } from "../src/numeric/interval-series.ts";
import { enclosureRule } from "../src/numeric/table.ts";
import { taylorOn } from "../src/numeric/taylor-on.ts";
import { operations } from "../src/primitives/registry.ts";
import { sampleOf } from "./samples.ts";

type Case = [text: string, at: number, order: number, lo: number, hi: number, points: [number, string][]];
const file = process.env.GRADUS_REMAINDERS ?? new URL("./reference/remainders.json", import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(file, "utf8"));

const bounded = (text: string, at: number, order: number, on: readonly [number, number] | number) => {
  const e = parse(text);
  return remainderBound(e.node, e.variable("x"), at, order, on);
};

describe("proven bounds against what polynomials really leave (mpmath)", () => {
  const ratios: number[] = [];
  it(`holds for ${cases.length} random functions, intervals and orders`, () => {
    for (const [text, at, order, lo, hi, points] of cases) {
      const { bound, atLeast, remainder } = bounded(text, at, order, [lo, hi]);
      const where = `${text} about ${at}, order ${order}, on [${lo}, ${hi}]`;
      const actual = Math.max(...points.map(([, error]) => Math.abs(Number(error))));
      for (const [x, text] of points) {
        const error = Number(text);
        // The reference is rounded to 20 digits, and then to a float.
        const slack = Math.abs(error) * 2e-16;
        if (
          !(
            Math.abs(error) <= bound + slack &&
            error >= remainder.lo - slack &&
            error <= remainder.hi + slack
          )
        )
          expect.fail(
            `${where}: error ${text} at ${x}, bound ${bound}, remainder [${remainder.lo}, ${remainder.hi}]`,
          );
      }
      expect(atLeast, where).toBeLessThanOrEqual(bound);
      if (order >= 1 && actual > 0 && hi - lo <= 0.5) ratios.push(bound / actual);
    }
  });
  it("is within ten times the actual error: the median, and most others", () => {
    ratios.sort((a, b) => a - b);
    expect(ratios.length).toBeGreaterThan(cases.length / 3);
    const quantile = (q: number) => ratios[Math.floor(q * (ratios.length - 1))];
    if (process.env.GRADUS_REMAINDERS) console.log([0.5, 0.9, 0.99, 1].map(quantile));
    expect(quantile(0.5)).toBeLessThan(1.3);
    expect(quantile(0.9)).toBeLessThan(3);
  });
  it("holds at single points, with its sign", () => {
    for (const [text, at, order, , , points] of cases.slice(0, 40)) {
      for (const [x, error] of points) {
        const { remainder } = bounded(text, at, order, x);
        const slack = Math.abs(Number(error)) * 2e-16;
        expect(remainder.lo - slack, `${text} at ${x}`).toBeLessThanOrEqual(Number(error));
        expect(remainder.hi + slack, `${text} at ${x}`).toBeGreaterThanOrEqual(Number(error));
      }
    }
  });
});

describe("known cases", () => {
  it("the deck's ln(1.1): 0.1, then 0.095", () => {
    const first = bounded("ln(1 + x)", 0, 1, 0.1);
    const second = bounded("ln(1 + x)", 0, 2, 0.1);
    expect(first.remainder.lo).toBeLessThanOrEqual(-0.004689820195675139);
    expect(first.remainder.hi).toBeGreaterThanOrEqual(-0.00468982019567514);
    expect(second.remainder.lo).toBeLessThanOrEqual(0.00031017980432486);
    expect(second.remainder.hi).toBeGreaterThanOrEqual(0.00031017980432486);
    expect(second.bound).toBeLessThan(0.00034);
  });
  it("tanh on [0, 2] at order 20, 1680 times too wide in one piece", () => {
    const whole = bounded("tanh(x)", 0, 20, [0, 2]);
    expect(whole.bound / whole.atLeast).toBeLessThan(2);
    const e = parse("tanh(x)");
    const one = remainderBound(e.node, e.variable("x"), 0, 20, [0, 2], { mostPieces: 1 });
    expect(one.bound / whole.atLeast).toBeGreaterThan(100);
  });
  it("a polynomial of its own degree leaves nothing", () => {
    expect(bounded("x^3 - 2x + 1", 0.5, 3, [-1, 2]).bound).toBe(0);
  });
  it("the computed polynomial stays within bound and rounding", () => {
    const e = parse("exp(x)");
    const { rounded, bound, rounding } = bounded("exp(x)", 0, 12, [-1, 1]);
    for (let x = -1; x <= 1; x += 1 / 64) {
      const p = rounded.reduceRight((s, c) => s * x + c, 0);
      const { lo, hi } = enclose(e.node, new Map([[e.variable("x"), interval(x)]]));
      expect(Math.max(Math.abs(p - lo), Math.abs(p - hi))).toBeLessThanOrEqual(bound + rounding + 5e-16);
    }
    expect(rounding).toBeLessThan(1e-13);
  });
  it("outside: the interval may lie beside the point", () => {
    const far = bounded("sin(x)", 0, 3, [1, 1.5]);
    const exactAt = (x: number) => Math.sin(x) - (x - x ** 3 / 6);
    expect(far.remainder.lo).toBeLessThanOrEqual(exactAt(1));
    expect(far.remainder.hi).toBeGreaterThanOrEqual(exactAt(1.5));
    expect(far.bound).toBeLessThan(1.2 * exactAt(1.5));
  });
});

describe("refusals name the step and the point", () => {
  it.each([
    ["abs(x - 3)", 0, [0, 4], /\|x - 3\| is not analytic at 3/],
    ["ln(x - 3)", 4, [2, 5], /ln\(x - 3\) is not analytic at 3/],
    ["1 + 1/(x - 1/2)", 0, [0, 1], /analytic at 0\.5/],
    ["floor(2x) x", 0.3, [0.3, 0.9], /floor\(2x\) is not analytic at 0\.5/],
    ["tan(x)", 0, [0, 2], /tan\(x\) is not analytic at 1\.5707963/],
    ["relu(x)", 1, [-1, 1], /ReLU\(x\) is not analytic at 0/],
    ["where(x > 1, x^2, x)", 0, [0, 2], /analytic at 1/],
    ["sqrt(x)", 1, [0, 2], /√x is not analytic at 0/],
    ["max(x, 1 - x)", 0, [0, 1], /analytic at 0\.5/],
  ] as const)("%s", (text, at, on, message) => {
    expect(() => bounded(text, at, 2, on)).toThrow(NotAnalyticError);
    expect(() => bounded(text, at, 2, on)).toThrow(message);
  });
  it("is fine beside them", () => {
    expect(bounded("abs(x - 3)", 0, 2, [0, 2.9]).bound).toBe(0);
    expect(bounded("where(x > 1, x^2, ln(x - 9))", 2, 3, [1.5, 3]).bound).toBe(0);
    expect(bounded("floor(2x) x", 0.7, 1, [0.6, 0.9]).bound).toBe(0);
  });
  it("other variables, tensors, wrong orders", () => {
    expect(() => bounded("x y", 0, 2, [0, 1])).toThrow(/y has no interval/);
    expect(() => bounded("sin(x)", 0, -1, [0, 1])).toThrow(RangeError);
    expect(() => bounded("sin(x)", 0, 2, [1, 0])).toThrow(RangeError);
    expect(() => bounded("sin(x)", Number.NaN, 2, [0, 1])).toThrow(/finite/);
  });
});

describe("the domain check", () => {
  const issues = (text: string, lo: number, hi: number) => {
    const e = parse(text);
    return domainIssues(e.node, e.variable("x"), [lo, hi]).map((i) => [i.text, i.point]);
  };
  it("lists every step and place", () => {
    expect(issues("abs(x - 1) + 1/(x - 2) + floor(x/2)", 0.5, 3)).toEqual([
      ["|x - 1|", 1],
      ["1/(x - 2)", 2],
    ]);
    expect(issues("tan(x)", 0, 5).map(([, x]) => Number(x).toFixed(6))).toEqual(["1.570796", "4.712389"]);
    expect(issues("exp(sin(x)) / (2 + cos(x))", -10, 10)).toEqual([]);
  });
  it("takes a whole part without values as one", () => {
    const e = parse("x + ln(x - 1)");
    const [first, ...rest] = domainIssues(e.node, e.variable("x"), [-3, 4]);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ text: "ln(x - 1)", why: "it is not defined there" });
    expect(first.on.lo).toBe(-3);
    expect(first.on.hi).toBeGreaterThanOrEqual(1);
    expect(first.on.hi).toBeLessThan(1 + 1e-9);
  });
});

describe("interval Taylor coefficients of every primitive", () => {
  const scalars = [...operations].filter(
    ([name, f]) => enclosureRule(f.primitive) && !["cast", "where", "stopGradient"].includes(name),
  );
  it.each(scalars)("%s: hold those of `taylor`", (name, f) => {
    const sample = sampleOf(name, f as never);
    if (sample.flat) return;
    const points = sample.ranges.map(([lo, hi], i) => lo + (hi - lo) * (0.37 + 0.2 * i));
    const along = (x: unknown) =>
      sample.call(...sample.ranges.map((_, i) => plus(x, points[i] - points[0], i)));
    const expected = taylor(along, points[0], 7);
    const x = input({ shape: [], dtype: "f64" });
    const found = taylorOn(along(x), x)(interval(points[0]), 7);
    const around = taylorOn(along(x), x)(interval(points[0] - 1e-3, points[0] + 1e-3), 7);
    expected.forEach((c, k) => {
      const { lo, hi } = found.at(k);
      const slack = 1e-9 * Math.max(1, Math.abs(c));
      expect(c, `coefficient ${k}`).toBeGreaterThanOrEqual(lo - slack);
      expect(c, `coefficient ${k}`).toBeLessThanOrEqual(hi + slack);
      expect(hi - lo).toBeLessThan(slack);
      expect(around.at(k).lo).toBeLessThanOrEqual(lo + slack * 1e-6);
      expect(around.at(k).hi).toBeGreaterThanOrEqual(hi - slack * 1e-6);
    });
  });
  /** Arguments that differ, and move together. */
  const plus = (x: unknown, d: number, i: number) =>
    (i === 0 ? x : (x as { add(d: number): unknown }).add(d)) as never;
  it("a product of coefficients", () => {
    const [a, b] = [new IntervalSeries(2), new IntervalSeries(2)];
    [1, 2, 3].forEach((c, k) => a.set(k, { lo: -c, hi: c }));
    [4, 5, 6].forEach((c, k) => b.set(k, { lo: c, hi: c }));
    expect(productCoefficient(2, a, b)).toEqual({ lo: -28, hi: 28 });
  });
});
