import { tensor } from "gradus";
import {
  backwardPass,
  derivation,
  equal,
  graphEdges,
  graphOf,
  math,
  parse,
  toLatex,
  toText,
} from "gradus/math";
import { describe, expect, it } from "vitest";

const values = (of: Record<string, number>) => new Map(Object.entries(of).map(([k, v]) => [k, tensor(v)]));

describe("a function that is only defined where a case holds", () => {
  it("has slopes there only, at every order, and writes no 'otherwise'", () => {
    const f = parse("{x^2 if x >= 0, sin(x) if x < -1}");
    const d = f.derivative("x");
    expect(d.toString()).toBe("{2x if x ≥ 0, cos(x) if x < -1}");
    expect(d.derivative("x").toString()).toBe("{2 if x ≥ 0, -sin(x) if x < -1}");
    expect(d.evaluate({ x: 3 }).item()).toBe(6);
    expect(d.evaluate({ x: -0.5 }).item()).toBeNaN();
    expect(toLatex(d.node)).not.toMatch(/otherwise|frac/);
    expect(parse(toText(d.node)).toString()).toBe(d.toString());
  });
  it("is derived without a step that says otherwise", () => {
    const [{ lines }] = derivation(parse("3 {x^2 if x >= 0} + x"), "x");
    for (const line of lines) expect(line.written.pretty).not.toContain("otherwise");
    expect(lines.at(-1)?.written.pretty).toBe("3 {2x if x ≥ 0} + 1");
  });
  it("is compared where it is defined", () => {
    const f = parse("{x^2 if x >= 0}");
    const check = (answer: string) => equal(parse(answer), f.derivative("x"), { derivativeOf: f });
    expect(check("{2x if x >= 0}")).toMatchObject({ verdict: "equal", domains: [] });
    const wider = check("2x");
    expect(wider.verdict).toBe("equal");
    expect(wider.domains.join()).toMatch(/only the first is defined at x = -1/);
    expect(wider.domains.join()).not.toMatch(/the second has a value everywhere/);
    expect(check("{3x if x >= 0}").verdict).toBe("different");
  });
  it("has no node for what it is elsewhere", () => {
    const f = parse("{x^2 if x >= 0}");
    expect(graphOf(f).map((n) => n.label)).toEqual(["x", "2", "^", "0", "≥", "where"]);
    expect(graphOf(f, values({ x: 2 })).some((n) => n.value && Number.isNaN(n.value.item()))).toBe(false);
  });
});

describe("gradients flow through the case that holds, not through the condition", () => {
  it.each([
    ["{x^2 if x >= 0, 0 otherwise}", 2, 4],
    ["{x^2 if x >= 0, 0 otherwise}", -2, 0],
    ["where(x > 1, x^3, 2x)", 0.5, 2],
    ["{sqrt(x) if x > 0, 0 otherwise}", -1, 0],
    ["c = x > 1; y = {x^2 if c, 5x otherwise}", 3, 6],
    ["a = {x if x > 0, 0.1 x otherwise}; L = (a - 1)^2", -2, 2 * (-0.2 - 1) * 0.1],
  ])("%s at x = %d", (source, x, slope) => {
    const e = parse(source);
    const pass = backwardPass(e, values({ x }));
    expect(pass.gradient.get("x")?.item()).toBeCloseTo(slope, 14);
    // Every line that has an adjoint is a number's.
    expect(pass.backward.every((row) => row.adjoint.dtype === "f64")).toBe(true);
    for (const row of pass.backward)
      for (const part of row.parts) expect(part.localValue?.dtype ?? "f64").toBe("f64");
    const into = graphEdges(e, values({ x })).filter((edge) => edge.fromName.text === "x");
    expect(into.reduce((sum, edge) => sum + edge.partValue.item(), 0)).toBeCloseTo(slope, 14);
  });
  it("a condition stands in its line, and is no line of its own", () => {
    const pass = backwardPass(parse("{x^2 if x >= 0, 0 otherwise}"), values({ x: 2 }));
    expect(pass.forward.map((r) => r.formula?.pretty)).toEqual([
      undefined,
      "x²",
      "{v1 if x ≥ 0, 0 otherwise}",
    ]);
    expect(pass.backward.find((r) => r.name === "x")?.parts.map((p) => p.through)).toEqual(["v1"]);
  });
  it("by the template too", () => {
    expect(math`{x^2 if x >= 0}`.derivative("x").toString()).toBe("{2x if x ≥ 0}");
  });
});
