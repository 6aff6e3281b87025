import fc from "fast-check";
import { MathError, MathSyntaxError, parse, parseMath, type Syntax } from "gradus/math";
import { describe, expect, it } from "vitest";

/** A compact print of what was read. */
function show(s: Syntax): string {
  switch (s.kind) {
    case "number":
      return s.value.toString();
    case "name":
      return s.name;
    case "unary":
      return `(${s.operator} ${show(s.value)})`;
    case "binary":
      return `(${s.operator === "implicit" ? "·" : s.operator} ${show(s.left)} ${show(s.right)})`;
    case "call":
      return `${s.name}${"'".repeat(s.primes)}(${s.args.map(show).join(", ")})`;
    case "list":
      return `[${s.items.map(show).join(", ")}]`;
    case "cases":
      return `{${s.rows.map((r) => show(r.value) + (r.condition ? ` if ${show(r.condition)}` : "")).join("; ")}}`;
    case "derivative":
      return `D[${s.variables}](${show(s.of)})`;
    case "sum":
      return `Σ[${s.index}](${show(s.body)})`;
  }
}
const read = (text: string) =>
  parseMath(text)
    .statements.map((s) => `${s.name ? `${s.name} = ` : ""}${show(s.value)}`)
    .join("; ");

describe("what people type", () => {
  it.each([
    ["2x", "(· 2 x)"],
    ["3e^{3x}", "(· 3 (^ e (· 3 x)))"],
    ["sin^2 x", "(^ sin(x) 2)"],
    ["sin 2x", "sin((· 2 x))"],
    ["sin⁻¹ x", "asin(x)"],
    ["w_1 x_1 + w_2 x_2", "(+ (· w_1 x_1) (· w_2 x_2))"],
    ["σ(wx+b)", "sigmoid((+ (· w x) b))"],
    ["ŷ - y", "(- ŷ y)"],
    ["|x|", "abs(x)"],
    ["√x", "sqrt(x)"],
    ["x²", "(^ x 2)"],
    ["log_2 x", "log(x, 2)"],
    ["n!", "(! n)"],
    ["1e-3", "1/1000"],
    ["1_{x>0}", "{1 if (> x 0); 0}"],
    ["f'(x)", "f'(x)"],
    ["\\frac{1}{1+e^{-x}}", "(/ 1 (+ 1 (^ e (- x))))"],
    ["X^T", "(transpose X)"],
    ["‖Xw − y‖²", "(^ norm((- (· X w) y)) 2)"],
    ["z = w x + b; a = sigmoid(z)", "z = (+ (· w x) b); a = sigmoid(z)"],
    ["1/2x", "(· (/ 1 2) x)"],
    ["½(y − a)²", "(· 1/2 (^ (- y a) 2))"],
    ["x^¾", "(^ x 3/4)"],
    ["1/2 (y − a)", "(· (/ 1 2) (- y a))"],
    ["b1 (1 - exp(-b2 x))", "(· b1 (- 1 exp((· (- b2) x))))"],
    ["x(x+1)", "(· x (+ x 1))"],
    ["-x^2", "(- (^ x 2))"],
    ["2^-x", "(^ 2 (- x))"],
    ["x^{x^x}", "(^ x (^ x x))"],
    ["sin x/2", "(/ sin(x) 2)"],
    ["0 < x < 1", "(and (< 0 x) (< x 1))"],
    ["y = x^2; dy/dx", "y = (^ x 2); D[x](y)"],
    ["\\begin{cases} x & x>0 \\\\ 0 & \\text{otherwise} \\end{cases}", "{x if (> x 0); 0}"],
    ["{x if x>0; 0 otherwise}", "{x if (> x 0); 0}"],
    ["\\mathcal{L} = \\frac{1}{2}(y-\\hat{y})^2", "𝓛 = (· (/ 1 2) (^ (- y ŷ) 2))"],
  ])("%s", (text, tree) => {
    expect(read(text)).toBe(tree);
  });

  it("says how it read what could be read in several ways", () => {
    expect(parseMath("wx + b").reading).toEqual(["wx read as w·x"]);
    expect(parseMath("wx + b", { known: ["wx"] }).reading).toEqual([]);
  });

  it.each([
    ["sin(x", 0, /sin\( is not closed: add \)/],
    ["2 +* x", 3, /\+ needs something after it/],
    ["sgimoid(x)", 0, /did you mean sigmoid/],
    ["", 0, /nothing is written/],
    ["x = ", 3, /missing after =/],
    ["2)", 1, /closes nothing/],
    ["z = 1; z = 2", 7, /defined twice/],
    ["\\frca{1}{2}", 0, /did you mean frac/],
    ["x # y", 2, /has no meaning here/],
    ["1e999999999", 0, /too large/],
  ])("refuses %s at its place", (text, position, message) => {
    try {
      parseMath(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(MathSyntaxError);
      expect((error as MathSyntaxError).message).toMatch(message);
      expect((error as MathSyntaxError).position).toBe(position);
    }
  });
});

describe("any bytes", () => {
  const alphabet = [
    ..."xyzfe012+-*/^()[]{}|!<>=,;' \n_.\\&",
    "sin",
    "log_2",
    "\\frac",
    "\\sqrt",
    "‖",
    "σ",
    "√",
    "²",
    "ᵀ",
    "∂",
    "d/dx",
    "\\begin{cases}",
    "\\end{cases}",
    " if ",
    "otherwise",
    "\\sum_{i=1}^{3}",
    "1_",
    "ŷ",
    "𝟙",
    "\ud800",
    "and",
    "not ",
  ];
  const soup = fc.array(fc.constantFrom(...alphabet), { maxLength: 30 }).map((parts) => parts.join(""));
  it("are read, or refused with a place", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" }), fc.string()), (text) => {
        try {
          const e = parse(text);
          for (const name of [...e.variables.keys()].slice(0, 1))
            if (e.shape.length === 0) e.derivative(name).toText();
        } catch (error) {
          const known =
            error instanceof MathSyntaxError ||
            error instanceof MathError ||
            /ShapeError|SingularMatrixError|TransformError|TypeError|RangeError/.test((error as Error).name);
          expect(known, `${JSON.stringify(text)}: ${(error as Error).stack}`).toBe(true);
          expect((error as Error).message).not.toMatch(
            /undefined|Cannot read|not iterable|is not a function|call stack/,
          );
        }
      }),
      { numRuns: 6000, seed: 21, interruptAfterTimeLimit: 40_000 },
    );
  });
});

describe("size", () => {
  const n = 100_000;
  it.each([
    ["brackets", `${"(".repeat(n)}x${")".repeat(n)}`],
    ["a wide sum", Array.from({ length: n }, (_, i) => `${i + 1} x`).join(" + ")],
    ["a chain", Array.from({ length: n }, () => "x").join("*")],
    ["5,000 nested functions", `${"sin(".repeat(5000)}x${")".repeat(5000)}`],
    ["a tower of powers", Array.from({ length: 3000 }, () => "x").join("^")],
    ["signs", `${"-".repeat(n)}x`],
  ])("%s", (_, text) => {
    const e = parse(text);
    expect(e.evaluate({ x: 0.5 }).size).toBe(1);
    const d = e.derivative("x");
    expect(Number.isNaN(d.evaluate({ x: 0.5 }).item())).toBe(false);
    expect(d.toText().length).toBeGreaterThan(0);
  });
});

describe("arrays written in a line", () => {
  it.each([
    ["1 + sum(ones(30000, 30000))", "30000 × 30000 are more than"],
    ["sum(eye(9999))", "9999 × 9999 are more than"],
    ["sum(ones(-1))", "below 0"],
  ])("%s does not fill the memory: it is refused", (text, words) => {
    expect(() => parse(text)).toThrow(words);
  });
});
