import { limitTable } from "gradus/math";
import { describe, expect, it } from "vitest";

describe("the limit definition", () => {
  it.each([
    ["sin(x²)", (x: number) => Math.sin(x * x), 1, 2 * Math.cos(1)],
    ["eˣ at 10", Math.exp, 10, Math.exp(10)],
    ["x³ at 0", (x: number) => x ** 3, 0, 0],
    ["a far point", (x: number) => Math.sqrt(x), 1e8, 5e-5],
    ["a large offset", (x: number) => x * x + 1e8, 1, 2],
    ["sin far out", Math.sin, 1e6, Math.cos(1e6)],
    ["x|x| at 0", (x: number) => x * Math.abs(x), 0, 0],
  ] as const)("%s has a slope", (_, f, at, slope) => {
    const t = limitTable(f, at);
    expect(t.kind).toBe("differentiable");
    const { value, error } = t.central as { value: number; error: number };
    expect(Math.abs(value - slope)).toBeLessThanOrEqual(10 * error + 1e-12);
    expect(error).toBeLessThan(1e-4 * Math.max(1, Math.abs(slope)));
  });

  it.each([
    ["|x|", Math.abs, 0, "corner"],
    ["relu", (x: number) => Math.max(0, x), 0, "corner"],
    ["a slight corner", (x: number) => (x < 2 ? x : 1.001 * x - 0.002), 2, "corner"],
    ["sign", Math.sign, 0, "jump"],
    ["floor", Math.floor, 3, "jump"],
    ["cbrt", Math.cbrt, 0, "vertical tangent"],
    ["√|x|", (x: number) => Math.sqrt(Math.abs(x)), 0, "cusp"],
    ["√x", Math.sqrt, 0, "vertical tangent"],
    ["x^1.5, on one side", (x: number) => x ** 1.5 * (x < 0 ? Number.NaN : 1), 0, "one-sided"],
    ["1/x", (x: number) => 1 / x, 0, "pole"],
    ["ln|x|", (x: number) => Math.log(Math.abs(x)), 0, "pole"],
    ["sin(x)/x", (x: number) => Math.sin(x) / x, 0, "removable"],
    ["(x² − 1)/(x − 1)", (x: number) => (x * x - 1) / (x - 1), 1, "removable"],
    ["|x|/x", (x: number) => Math.abs(x) / x, 0, "jump"],
    ["sin(1/x)", (x: number) => Math.sin(1 / x), 0, "undefined"],
    ["an overflow", (x: number) => x * x, 1e300, "undefined"],
    ["sin between far floats", Math.sin, 1e20, "no limit"],
    ["x sin(1/x)", (x: number) => (x === 0 ? 0 : x * Math.sin(1 / x)), 0, "no limit"],
  ] as const)("%s is named", (_, f, at, kind) => {
    expect(limitTable(f, at).kind).toBe(kind);
  });

  it("fills a gap with its value and slope", () => {
    const t = limitTable((x) => Math.sin(x) / x, 0);
    expect(t.filled?.value).toBeCloseTo(1, 9);
    expect(t.verdict).toContain(
      "both sides tend to 1: a gap that can be filled; once it is, the slope there is 0",
    );
    const oscillating = limitTable((x) => x * Math.sin(1 / x), 0);
    expect(oscillating.verdict).toMatch(/tend to 0: .* the quotients do not settle/);
  });

  it("shows where rounding takes over: the error of the quotients has its least there", () => {
    const slope = 2 * Math.cos(1);
    const { rows, rounding } = limitTable((x) => Math.sin(x * x), 1);
    const best = (pick: (r: (typeof rows)[number]) => number) =>
      rows.reduce((a, b) => (Math.abs(pick(a) - slope) <= Math.abs(pick(b) - slope) ? a : b)).dx;
    expect(Math.abs(Math.log10(best((r) => r.forward) / rounding.forward))).toBeLessThan(1.5);
    expect(Math.abs(Math.log10(best((r) => r.central) / rounding.central))).toBeLessThan(1.5);
  });
});

describe("oscillation and far points", () => {
  it.each([1e8, 1e9, 1e10])("sin has its slope at %f", (at) => {
    const table = limitTable(Math.sin, at);
    expect(table.kind).toBe("differentiable");
    expect(table.central?.value).toBeCloseTo(Math.cos(at), 6);
    expect(table.rows.length).toBeGreaterThan(3);
    for (const { dx } of table.rows) expect(at + dx).toBeGreaterThan(at);
  });

  it("fills the gap of x² sin(1/x) at 0, with slope 0", () => {
    const table = limitTable((x) => x * x * Math.sin(1 / x), 0);
    expect(table.kind).toBe("removable");
    expect(table.verdict).toMatch(/both sides tend to 0: .* the slope there is 0$/);
    expect(table.rows.every((r) => Number.isFinite(r.forward) && Number.isFinite(r.backward))).toBe(true);
  });

  it("keeps a small slope that is no oscillation", () => {
    expect(limitTable((x) => x * x + 1e-7 * x, 0).right?.value).toBeCloseTo(1e-7, 15);
  });
});
