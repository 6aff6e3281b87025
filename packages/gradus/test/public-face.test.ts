import { math, Rational } from "gradus/math";
import { describe, expect, it } from "vitest";

describe("the design's public face of an expression", () => {
  const f = math`sin(x^2)`;

  it("writes its derivation on a whiteboard", () => {
    const board = f.derivation("x");
    expect(board.result.toString()).toBe("2x cos(x²)");
    expect(String(board)).toMatch(/chain rule: outer f\(u\) = sin\(u\), inner u = x²/);
    expect(board.toLatex()).toContain("\\begin{aligned}");
    expect(board.toMarkdown("full")).toContain("**Chain rule**");
    expect(JSON.parse(JSON.stringify(board))[0].step.rule).toBe("chain rule");
    expect(f.derivation("x", 3).parts.length).toBe(3);
    expect(f.derivation("x", 2).result.toText()).toBe(f.derivative("x", 2).toText());
  });

  it("has its Taylor model, with exact coefficients and a remainder that holds", () => {
    const p = f.taylor({ x: 0 }, 6);
    expect(p.exact.map(String)).toEqual(["0", "0", "1", "0", "0", "0", "-1/6"]);
    const { bound, atLeast } = p.remainder(0, 0.5);
    const error = Math.sin(0.25) - (0.25 - 0.25 ** 3 / 6);
    expect(error).toBeLessThanOrEqual(bound);
    expect(bound).toBeLessThan(10 * error);
    expect(atLeast).toBeLessThanOrEqual(error * (1 + 1e-9));
    // Orders whose derivatives are too long to be written have float coefficients: 1 is not written for that.
    expect(math`1/(1+x^2)`.taylor({ x: 0 }, 8).polynomial.text).toBe("1 - x^2 + x^4 - x^6 + x^8");
    expect(math`ln(x)`.taylor({ x: 0.1 }, 1).exact[1]?.toString()).toBe("10");
    expect(math`ln(x)`.taylor({ x: Rational.of(1, 3) }, 1).exact[1]?.toString()).toBe("3");
  });

  it("says what was expected where the call is wrong", () => {
    expect(() => f.taylor({}, 2)).toThrow(/one variable and its point, as in \{ x: 0 \}/);
    expect(() => math`x y`.taylor({ x: 1, y: 2 }, 2)).toThrow(/localModel/);
    expect(() => f.taylor({ x: Number.NaN }, 2)).toThrow(/"NaN" is not a number/);
    expect(() => f.taylor({ x: "a" }, 2)).toThrow(/"a" is not a number/);
    expect(() => f.taylor({ y: 0 }, 2)).toThrow(/y is not a variable here/);
    expect(() => f.derivation("t")).toThrow(/t is not a variable here/);
    expect(() => f.derivation("x", -1)).toThrow(/order/);
    expect(() => f.derivation("x", 0)).toThrow(/order of 1 or more/);
  });
});
