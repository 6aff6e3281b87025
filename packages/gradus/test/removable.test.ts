import { describe, expect, it } from "vitest";
import { parse, Rational, taylorModel } from "../src/math.ts";

/** Series with poles that cancel, from Bronshtein's and Abramowitz & Stegun's tables. */
const series: readonly (readonly [string, string])[] = [
  ["x cot x", "1 0 -1/3 0 -1/45"],
  ["1/sin x - 1/x", "0 1/6 0 7/360 0"],
  ["x^2/sin^2 x", "1 0 1/3 0 1/15"],
  ["1/x^2 - 1/sin^2 x", "-1/3 0 -1/15 0 -2/189"],
  ["coth(x) - 1/x", "0 1/3 0 -1/45 0"],
  ["1/x - 1/(e^x - 1)", "1/2 -1/12 0 1/720 0"],
  ["cos(1/csc(x))", "1 0 -1/2 0 5/24"],
];

describe("taylor fills removable singularities", () => {
  it.each(series)("%s", (text, coefficients) => {
    const model = taylorModel(parse(text), "x", Rational.ZERO, 4);
    expect(model.exact.map(String).join(" ")).toBe(coefficients);
  });

  it("(1 + x)^(1/x) is e (1 − x/2 + 11x²/24 − …)", () => {
    const { coefficients } = taylorModel(parse("(1 + x)^(1/x)"), "x", Rational.ZERO, 3);
    [1, -1 / 2, 11 / 24, -7 / 16].forEach((c, k) => {
      expect(coefficients[k]).toBeCloseTo(c * Math.E, 12);
    });
  });

  it.each(["cot x", "1/sin x + 1/x", "x/|x|", "x^(1/x)", "1/x - 1/x^2", "ln(x)/x"])(
    "%s stays refused",
    (text) => {
      expect(() => taylorModel(parse(text), "x", Rational.ZERO, 3)).toThrow(/not analytic/);
    },
  );
});
