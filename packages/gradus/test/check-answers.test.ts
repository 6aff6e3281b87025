import { existsSync, readFileSync } from "node:fs";
import { equal, type MathOptions, parse } from "gradus/math";
import { describe, expect, it } from "vitest";

const file = new URL("../../../../shared/answers/rows.json", import.meta.url);
interface Row {
  readonly exercise: string;
  readonly wrt: string;
  readonly answer: string;
  readonly verdict: "right" | "wrong";
}
const read = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
const rows: readonly Row[] = read.rows ?? read;

function judge(a: string, b: string, options: MathOptions = {}) {
  const names = ["x", "y", "a", "b", "n"];
  return equal(parse(a, { variables: names, ...options }), parse(b, { variables: names, ...options }));
}

describe("students' answers beside the repository", () => {
  it.runIf(rows.length > 0)("each has its verdict", () => {
    for (const row of rows) {
      const e = parse(row.exercise, { variables: [row.wrt] });
      const answer = parse(row.answer, { variables: [...e.variables.keys()] });
      const want = row.verdict === "right" ? "equal" : "different";
      expect(equal(answer, e.derivative(row.wrt)).verdict, `${row.answer} for ${row.exercise}`).toBe(want);
    }
  });
});

describe("equal", () => {
  it.each([
    ["sin(x)^2 + cos(x)^2", "1"],
    ["cos(2x)", "1 - 2sin(x)^2"],
    ["sin(x + y)", "sin(x)cos(y) + cos(x)sin(y)"],
    ["sin(3x)", "3 sin(x) - 4 sin(x)^3"],
    ["sec(x)^2", "1 + tan(x)^2"],
    ["tan(x/2)", "sin(x)/(1 + cos(x))"],
    ["cos(pi/3)", "1/2"],
    ["sin(pi/4)", "sqrt(2)/2"],
    ["e^(x + y)", "e^x e^y"],
    ["sqrt(e^x)", "e^(x/2)"],
    ["3^(2x)", "9^x"],
    ["x^x", "e^(x ln(x))"],
    ["x^n x", "x^(n + 1)"],
    ["n x^(n - 1)", "n x^n/x"],
    ["tanh(x)", "2 sigmoid(2x) - 1"],
    ["sigmoid(x)(1 - sigmoid(x))", "e^(-x)/(1 + e^(-x))^2"],
    ["ln(sigmoid(x))", "x - ln(1 + e^x)"],
    ["sqrt(x^2)", "|x|"],
    ["sqrt(12)", "2 sqrt(3)"],
    ["sqrt(2) sqrt(3)", "sqrt(6)"],
    ["sqrt(x)/x", "1/sqrt(x)"],
    ["ln(x y)", "ln(x) + ln(y)"],
    ["ln(1 - x^2)", "ln(1 - x) + ln(1 + x)"],
    ["asinh(x)", "ln(x + sqrt(x^2 + 1))"],
    ["atanh(x)", "1/2 ln((1 + x)/(1 - x))"],
    ["asin(x) + acos(x)", "pi/2"],
    ["atan(1)", "pi/4"],
    ["relu(x)", "(x + |x|)/2"],
    ["max(x, y)", "(x + y + |x - y|)/2"],
    ["where(x > 0, x, -x)", "|x|"],
    ["sign(x)|x|", "x"],
    ["gamma(x + 1)", "x gamma(x)"],
    ["erfc(-x)", "1 + erf(x)"],
    ["f(x + 1)", "f(1 + x)"],
    ["mish(x)", "x tanh(ln(1 + e^x))"],
    ["1/x + 1/(x + 1)", "(2x + 1)/(x (x + 1))"],
    ["cbrt(-x)", "-cbrt(x)"],
  ])("%s and %s are proved equal", (a, b) => {
    const q = judge(a, b);
    expect(q.verdict).toBe("equal");
  });

  it.each([
    ["x", "|x|"],
    ["e^(ln(x^2)/2)", "x"],
    ["sign(x)^2", "1"],
    ["sqrt(x) + sign(x)", "sqrt(x) + 1"],
    ["where(x >= 0, 1, 0)", "where(x > 0, 1, 0)"],
    ["atan(x) + atan(1/x)", "pi/2"],
    ["2 atan(x)", "atan(2x/(1 - x^2))"],
    ["sqrt(x) sqrt(y)", "sqrt(x + y)"],
    ["2x cos(x^2)", "2x cos(x)"],
    ["ln(x^2)", "2 ln(x) + 1/1000000"],
    ["(1 + 1/1000000000) x", "x"],
    ["gamma(x + 1)", "gamma(x)"],
    ["floor(x)", "x"],
  ])("%s and %s are proved different", (a, b) => {
    const q = judge(a, b);
    expect(q.verdict).toBe("different");
    const { left, right } = q.counterexample as NonNullable<typeof q.counterexample>;
    expect(left.hi < right.lo || right.hi < left.lo).toBe(true);
  });

  it("tells domains apart from values", () => {
    expect(judge("ln(x^2)", "2 ln(x)")).toMatchObject({ verdict: "equal" });
    expect(judge("ln(x^2)", "2 ln(x)").domains[0]).toMatch(/only the first is defined at x = -1/);
    expect(judge("x/x", "1").domains[0]).toBe("only the second is defined at x = 0");
    expect(judge("ln(x)", "ln(-x)").verdict).toBe("unproved");
  });

  it("matrices: element by element, or by random instances in exact arithmetic, named as that", () => {
    const shapes = { X: [4, 3], w: [3], y: [4], A: [3, 3], B: [3, 3] };
    const same = judge("2 X^T (X w - y)", "2 X^T X w - 2 X^T y", { shapes });
    expect(same).toMatchObject({ verdict: "equal", proof: { method: "element by element", count: 3 } });
    expect(judge("X^T (σ(X w) - y)", "X^T σ(X w) - X^T y", { shapes }).verdict).toBe("equal");
    const inverses = judge("(A B)^(-1)", "B^(-1) A^(-1)", { shapes });
    expect(inverses).toMatchObject({ verdict: "equal", proof: { method: "random instances", count: 6 } });
    expect(judge("(A B)^(-1)", "A^(-1) B^(-1)", { shapes }).verdict).toBe("different");
    expect(judge("tr(A B)", "tr(B A)", { shapes }).verdict).toBe("equal");
    expect(judge("2 X^T (X w - y)", "X^T (X w - y)", { shapes }).verdict).toBe("different");
  });

  it("every attempt ends", () => {
    const wide = Array.from({ length: 40 }, (_, i) => `sin(${i + 1}x)^3`).join(" ");
    expect(["equal", "unproved"]).toContain(judge(wide, `${wide} + 0`).verdict);
    expect(judge("(x + y + a + b)^60", "(b + a + y + x)^60").verdict).not.toBe("different");
  });
});
