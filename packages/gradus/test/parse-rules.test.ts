import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MathSyntaxError } from "../src/expression/errors.ts";
import { parseMath } from "../src/expression/parse.ts";
import { showStatement } from "./s-expression.ts";

/** The trees of a document, one statement after the other. */
function read(source: string, known: readonly string[] = []): string {
  return parseMath(source, { known }).statements.map(showStatement).join(" ;; ");
}

function errorOf(source: string): MathSyntaxError {
  try {
    parseMath(source);
  } catch (error) {
    if (error instanceof MathSyntaxError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(source.slice(0, 40))} was read`);
}

const groups: Record<string, readonly (readonly [string, string, string[]?])[]> = {
  "numbers and names": [
    ["1e-3", "1/1000"],
    ["1E5", "100000"],
    [".5", "1/2"],
    ["2e", "(· 2 e)"],
    ["2e3", "2000"],
    ["2e3x", "(· 2000 x)"],
    ["2ex", "(· (· 2 e) x)"],
    ["x2", "x2"],
    ["w_1 x_1 + w_2 x_2", "(+ (· w_1 x_1) (· w_2 x_2))"],
    ["w_1x_1", "(· w_1 x_1)"],
    ["w_ix_i", "(· w_i x_i)"],
    ["w_{ij}", "w_ij"],
    ["x₁x₂", "(· x_1 x_2)"],
    ["xᵢⱼ", "x_ij"],
    ["y - yhat", "(- y ŷ)"],
    ["\\hat{y} + ŷ + y\u0302", "(+ (+ ŷ ŷ) ŷ)"],
    ["\\hat\\theta", "θ\u0302"],
    ["\\bar{x} + x\u0304", "(+ x\u0304 x\u0304)"],
    ["sigma + \\sigma + σ", "(+ (+ σ σ) σ)"],
    ["lambda w", "(· λ w)"],
    ["xi", "ξ"],
    ["ϕ + \\varphi + φ", "(+ (+ φ φ) φ)"],
    ["ℒ + 𝓛 + \\mathcal{L}", "(+ (+ 𝓛 𝓛) 𝓛)"],
    ["𝐰ᵀ𝐱", "(· (T w) x)"],
    ["\\mathbf{w}^T \\mathbf{x}", "(· (T w) x)"],
    ["（ｘ＋１）", "(+ x 1)"],
    ["π + pi + \\pi + ∞", "(+ (+ (+ π π) π) ∞)"],
    ["toString = 3; toString + 1", "toString := 3 ;; (+ toString 1)"],
  ],
  operators: [
    ["2x", "(· 2 x)"],
    ["a·b×c∙d*e", "(* (dot (* (dot a b) c) d) e)"],
    ["a÷b∕c⁄d", "(/ (/ (/ a b) c) d)"],
    ["a∗b•c", "(dot (* a b) c)"],
    ["a \\cdot b \\times c", "(* (dot a b) c)"],
    ["a−b–c", "(- (- a b) c)"],
    ["x**2", "(^ x 2)"],
    ["x^y^z", "(^ x (^ y z))"],
    ["-x^2", "(neg (^ x 2))"],
    ["2^-x^2", "(^ 2 (neg (^ x 2)))"],
    ["x²³", "(^ x 23)"],
    ["x⁻¹", "(^ x (neg 1))"],
    ["x^{n+1}", "(^ x (+ n 1))"],
    ["2^n!", "(^ 2 (! n))"],
    ["-n!", "(neg (! n))"],
    ["x!=5", "(!= x 5)"],
    ["x .* y + x∘y + x⊙y", "(+ (+ (elementwise x y) (elementwise x y)) (elementwise x y))"],
    ["5 % 3 + x mod 2", "(+ (mod 5 3) (mod x 2))"],
    ["0 < x < 1", "(and (< 0 x) (< x 1))"],
    ["x > 0 and y > 0 or not z < 1", "(or (and (> x 0) (> y 0)) (not (< z 1)))"],
    ["x > 0 ∧ ¬(y ≤ 1)", "(and (> x 0) (not (<= y 1)))"],
    ["x>0 || y>0", "(or (> x 0) (> y 0))"],
  ],
  "one rule for what is ambiguous": [
    ["wx", "(· w x)"],
    ["wx", "wx", ["wx"]],
    ["abc", "(· (· a b) c)"],
    ["wx(1-x)", "(· (· w x) (- 1 x))"],
    ["alphax", "(· α x)"],
    ["2pix", "(· (· 2 π) x)"],
    ["sinx", "(sin x)"],
    ["xsinx", "(· x (sin x))"],
    ["sinxcosx", "(· (sin x) (cos x))"],
    ["rate*x", "(* rate x)", ["rate"]],
    ["1/2x", "(· (/ 1 2) x)"],
    ["1/2 (y−a)", "(· (/ 1 2) (- y a))"],
    ["a/bc", "(· (/ a b) c)"],
    ["x(x+1)", "(· x (+ x 1))"],
    ["b1 (x+1)", "(· b1 (+ x 1))"],
    ["f(x)", "(f x)"],
    ["f(x)", "(· f x)", ["f"]],
    ["L(a) + \\mathcal{L}(a)", "(+ (· L a) (𝓛 a))"],
    ["e^x", "(^ e x)"],
    ["e = 2; e^x", "e := 2 ;; (^ e x)"],
    ["σ x + σ(x) + σ^2(x)", "(+ (+ (· σ x) (sigmoid x)) (^ (sigmoid x) 2))"],
    ["gamma + gamma(x) + Γ(x) + \\gamma(x)", "(+ (+ (+ γ (gamma x)) (gamma x)) (· γ x))"],
    ["sin x/2", "(/ (sin x) 2)"],
    ["sin x (1-x)", "(· (sin x) (- 1 x))"],
    ["sin x f(x)", "(· (sin x) (f x))"],
  ],
  functions: [
    ["sin 2x", "(sin (· 2 x))"],
    ["sin2x", "(sin (· 2 x))"],
    ["x sin2xcos3x", "(· (· x (sin (· 2 x))) (cos (· 3 x)))"],
    ["ln2", "(ln 2)"],
    ["log2 x", "(log2 x)"],
    ["sinx cosx", "(· (sin x) (cos x))"],
    ["ln x sinx", "(· (ln x) (sin x))"],
    ["sin x xcosy", "(· (sin (· x x)) (cos y))"],
    ["sin 2 x cos y", "(· (sin (· 2 x)) (cos y))"],
    ["sin^2 x + sin²x + sin(x)^2", "(+ (+ (^ (sin x) 2) (^ (sin x) 2)) (^ (sin x) 2))"],
    ["sin⁻¹ x + sin^{-1} x + sin^-1 x + sin^(-1)(x)", "(+ (+ (+ (asin x) (asin x)) (asin x)) (asin x))"],
    ["sin^{n+1} x", "(^ (sin x) (+ n 1))"],
    ["sin -x", "(sin (neg x))"],
    ["ln x^2", "(ln (^ x 2))"],
    ["log_2 x + log₂ x + \\log_{2}(x)", "(+ (+ (log x 2) (log x 2)) (log x 2))"],
    ["\\log_{b+1} x", "(log x (+ b 1))"],
    ["log_2^2 x", "(^ (log x 2) 2)"],
    ["log_softmax(z)", "(log_softmax z)"],
    ["log1p(x) + leaky_relu(x)", "(+ (log1p x) (leaky_relu x))"],
    ["log(2*x)/log(10)", "(/ (log (* 2 x)) (log 10))"],
    ["√x + √(x²) + ∛x", "(+ (+ (sqrt x) (sqrt (^ x 2))) (cbrt x))"],
    ["√2x", "(· (sqrt 2) x)"],
    ["3e^{3x}", "(· 3 (^ e (· 3 x)))"],
    ["\\operatorname{sigmoid}(x)", "(sigmoid x)"],
    ["\\sin{\\left(x^{2} \\right)}", "(sin (^ x 2))"],
    ["\\sin^{2}{\\left(x \\right)}", "(^ (sin x) 2)"],
    ["\\max\\{0, x\\}", "(max 0 x)"],
    ["sum(i x, i, 1, 3)", "(Σ i 1 3 (· i x))"],
  ],
  "derivatives and unknown functions": [
    ["f'(g(x)) g'(x)", "(· (f' (g x)) (g' x))"],
    ["f^{(3)}(x) + f⁽²⁾(x)", "(+ (f''' x) (f'' x))"],
    ["f^2(x)", "(^ (f x) 2)"],
    ["y'(x)", "(y' x)"],
    ["σ'(z) x", "(· (sigmoid' z) x)"],
    ["dy/dx", "(d/x y)"],
    ["d²y/dx²", "(d/x,x y)"],
    ["d/dx x^2 sin x + 1", "(+ (d/x (· (^ x 2) (sin x))) 1)"],
    ["d/dx(x^2) y", "(· (d/x (^ x 2)) y)"],
    ["d(x^2)/dx", "(d/x (^ x 2))"],
    ["\\frac{d}{dx} x^2", "(d/x (^ x 2))"],
    ["\\frac{d(x^2)}{dx} + \\frac{d f(x)}{dx}", "(+ (d/x (^ x 2)) (d/x (f x)))"],
    ["\\frac{\\partial^2 L}{\\partial w \\partial b}", "(d/w,b L)"],
    ["\\frac{\\partial \\mathcal{L}}{\\partial \\hat{y}}", "(d/ŷ 𝓛)"],
    ["dL/da * da/dz * dz/dw", "(* (* (d/a L) (d/z a)) (d/w z))"],
    ["dtheta/dt", "(d/t θ)"],
  ],
  brackets: [
    ["|x|y|z|", "(· (· (abs x) y) (abs z))"],
    ["|x||y|", "(· (abs x) (abs y))"],
    ["||x|-1|", "(abs (- (abs x) 1))"],
    ["||x|-|y||", "(abs (- (abs x) (abs y)))"],
    ["||x-y||", "(norm (- x y))"],
    ["‖Xw − y‖²", "(^ (norm (- (· X w) y)) 2)"],
    ["\\|x\\|_2^2 + ‖x‖₂ + ‖X‖_F", "(+ (+ (^ (norm x) 2) (norm x)) (norm X))"],
    ["⌊x⌋ + \\lceil x \\rceil", "(+ (floor x) (ceil x))"],
    [
      "1_{x>0} + 𝟙_{x>0} + \\mathbb{1}_{x>0}",
      "(+ (+ (cases 1 if (> x 0) 0) (cases 1 if (> x 0) 0)) (cases 1 if (> x 0) 0))",
    ],
    ["{x if x > 0; 0 otherwise}", "(cases x if (> x 0) 0)"],
    ["piecewise(x > 0: x, 0)", "(cases x if (> x 0) 0)"],
    ["Piecewise((x, x > 0), (0, True))", "(cases x if (> x 0) 0)"],
    [
      "\\begin{cases} x, & \\text{if } x > 0, \\\\ 0, & \\text{otherwise.} \\end{cases}",
      "(cases x if (> x 0) 0)",
    ],
    ["where(x>0, x, 0)", "(where (> x 0) x 0)"],
    ["[1,2,3]", "[1 2 3]"],
    ["[[1,2],[3,4]] + [1,2;3,4]", "(+ [[1 2] [3 4]] [[1 2] [3 4]])"],
    ["\\left[\\begin{matrix}1&2\\\\3&4\\end{matrix}\\right]", "[[1 2] [3 4]]"],
    ["\\begin{bmatrix} x \\\\ y \\end{bmatrix}", "[x y]"],
    ["\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "(det [[1 2] [3 4]])"],
    ["\\sum_{i=0}^{n-1} x_i + 1", "(+ (Σ i 0 (- n 1) x_i) 1)"],
    ["Σ_{i=1}^3 x^i", "(Σ i 1 3 (^ x i))"],
    ["\\prod^{3}_{k=1} (x - k)", "(Π k 1 3 (- x k))"],
  ],
  "matrices and LaTeX": [
    ["x^T A x", "(· (· (T x) A) x)"],
    ["X^⊤ + X^\\top + Xᵀ", "(+ (+ (T X) (T X)) (T X))"],
    ["X^{-T}", "(T (^ X -1))"],
    ["2^T", "(^ 2 T)"],
    ["x^T", "(^ x T)", ["T"]],
    ["\\frac{1}{1+e^{-x}}", "(/ 1 (+ 1 (^ e (neg x))))"],
    ["\\frac12 + \\frac1x + \\frac{1}2 + \\frac\\pi2", "(+ (+ (+ (/ 1 2) (/ 1 x)) (/ 1 2)) (/ π 2))"],
    ["\\sqrt x + \\sqrt2 + \\sqrt[3]{x}", "(+ (+ (sqrt x) (sqrt 2)) (cbrt x))"],
    ["x^\\frac{1}{2}", "(^ x (/ 1 2))"],
    ["$x^2$", "(^ x 2)"],
    [
      "\\begin{aligned} z &= w x + b \\\\ a &= \\sigma(z) \\end{aligned}",
      "z := (+ (· w x) b) ;; a := (sigmoid z)",
    ],
  ],
  statements: [
    [
      "z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2",
      "z := (+ (· w x) b) ;; a := (sigmoid z) ;; L := (· (/ 1 2) (^ (- y a) 2))",
    ],
    ["z = wx + b, \\quad a = \\sigma(z)", "z := (+ (· w x) b) ;; a := (sigmoid z)"],
    ["loss = (y-a)^2\n2 loss", "loss := (^ (- y a) 2) ;; (· 2 loss)"],
    ["f(x) = x^2; f(3)", "f(x) := (^ x 2) ;; (f 3)"],
    ["f(rate) = 2rate", "f(rate) := (· 2 rate)"],
    ["x^2 + y^2 = 1", "(+ (^ x 2) (^ y 2)) = 1"],
    ["cos x = x", "(cos x) = x"],
    ["sin(x) = 1", "(sin x) = 1"],
    ["dy/dx = 2x", "(d/x y) = (· 2 x)"],
    ["x +\n1", "(+ x 1)"],
  ],
};

for (const [name, rows] of Object.entries(groups)) {
  describe(name, () => {
    test.each(rows)("%s is %s", (source, tree, known) =>
      expect(read(source as string, known as string[] | undefined)).toBe(tree),
    );
  });
}

test.each([
  ["wx + b", ["wx read as w·x"]],
  ["wx + wx", ["wx read as w·x"]],
  ["sinx", ["sinx read as sin x"]],
  ["1/2x", ["1/2x read as (1/2)·x"]],
  ["1/2 (y-a)", ["1/2 (…) read as (1/2)·(…)"]],
  ["x(x+1)", ["x(…) read as x·(…)"]],
  ["f(x)", ["f read as an unknown function"]],
  ["sin^-1 x", ["sin^(-1) read as asin"]],
  ["sin 2x", ["sin 2x read as sin(2x)"]],
  ["2*x + 1", []],
])("%s says how it was read", (source, notes) => expect(parseMath(source).reading).toEqual(notes));

test.each([
  ["sin(x", 0, "sin( is not closed: add )"],
  ["2 +* x", 3, "+ needs something after it, found *"],
  ["", 0, "nothing is written"],
  ["x = ", 3, "something is missing after ="],
  ["z=1; z=2", 5, "z is defined twice"],
  ["x)", 1, ") closes nothing"],
  ["(x]", 2, "( is closed by ]: expected )"],
  ["|x", 0, "| is not closed"],
  ["sgimoid(x)", 0, "did you mean sigmoid?"],
  ["fabs(x)", 0, "did you mean abs?"],
  ["foo(x)", 0, "foo is not a known function"],
  ["2 rate", 2, "rate is not a known name; give it a value"],
  ["constructor", 0, "constructor is not a known name"],
  ["__proto__", 0, "a name begins with a letter"],
  ["\\fracc{1}{2}", 0, "did you mean frac?"],
  ["\\frac{1}", 8, "needs a group in braces"],
  ["f^{(n)}(a)", 4, "the order of a derivative is a whole number"],
  ["f^{-1}(x)", 0, "the inverse of f is not known"],
  ["dy/dx^2", 0, "the orders above and below the line differ"],
  ["n!!", 2, "!! is not read"],
  ["2 3", 2, "two numbers stand side by side"],
  ["1.2.3", 3, "a number has one decimal point"],
  ["0x10", 0, "numbers are decimal"],
  ["1e999999999", 0, "too large"],
  ["‖x‖_1", 3, "only the Euclidean"],
  ["X'", 2, "the transpose is X^T"],
  ["x # y", 2, 'the character "#" has no meaning here'],
  ["x\u0000", 1, "the character U+0000 has no meaning here"],
  ["\ud800", 0, "the character U+D800 has no meaning here"],
  ["{1; x if x > 0}", 0, "{ is not closed before ;"],
  ["piecewise(1, x > 0: x)", 18, "only the last row may go without a condition"],
  ["\\sum_i x_i", 0, "needs its bounds"],
])("%j fails at %i: %s", (source, position, message) => {
  const error = errorOf(source);
  expect(error.position).toBe(position);
  expect(error.message).toContain(message);
  expect(error.message).not.toContain("\n");
  expect(error.show().split("\n")[1]?.trim()).toBe("^");
});

const many = 100_000;
const wide = (part: string, by: string) => Array<string>(many).fill(part).join(by);
test.each([
  ["opening brackets", "(".repeat(many), false],
  ["brackets", `${"(".repeat(many)}x${")".repeat(many)}`, true],
  ["nested functions", `${"sin(".repeat(5000)}x${")".repeat(5000)}`, true],
  ["functions without brackets", `${"sin ".repeat(many)}x`, true],
  ["a sum", wide("wx", "+"), true],
  ["a product", wide("x", " "), true],
  ["powers", wide("x", "^"), true],
  ["signs", `${"-".repeat(many)}x`, true],
  ["comparisons", wide("x", "<"), true],
  ["bars", wide("|x|", "+"), true],
  ["primes", `f${"'".repeat(many)}(x)`, true],
  ["fractions", `${"\\frac{1}{".repeat(many)}x${"}".repeat(many)}`, true],
  ["sums over sums, then a product", `${"\\sum_{i=1}^{3} ".repeat(many / 4)}${wide("x", " ")}`, true],
  ["statements", Array.from({ length: many }, (_, i) => `x${i}=x`).join(";"), true],
  ["letters", "a".repeat(many), false],
  ["digits", "9".repeat(many), false],
  ["large powers of ten", wide("1e9999", "+"), false],
  ["half a megabyte of backslashes", "\\".repeat(many * 5), false],
])("%s by the hundred thousand: no deep recursion, no long wait", (_, source, isMaths) => {
  // Work of this process: what else the machine does must not fail a test.
  const started = process.cpuUsage();
  if (isMaths) expect(parseMath(source).statements.length).toBeGreaterThan(0);
  else expect(errorOf(source).message.length).toBeLessThan(200);
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(4000);
});

test("a text that is too long is refused", () => {
  expect(errorOf("x".repeat(6_000_000)).message).toContain("the text is longer than");
});

test("every row kept beside the repository is read", () => {
  for (const folder of ["derivatives", "taylor", "matrix-calculus", "answers"]) {
    const file = new URL(`../../../../shared/${folder}/rows.json`, import.meta.url);
    if (!existsSync(file)) continue;
    for (const row of JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>[]) {
      for (const key of ["expression", "exercise", "answer", "closedForm"]) {
        // A remark in brackets is no maths: "4 X^T (X w - y)^3 (elementwise)".
        if (row[key] !== undefined) read(String(row[key]).replace(" (elementwise)", ""));
      }
    }
  }
});

/** Reads, prints the tree (which finds any hole in it), and lets nothing through but a clear refusal. */
function survives(source: string): void {
  try {
    read(source);
  } catch (error) {
    if (!(error instanceof MathSyntaxError)) throw error;
    expect(error.position).toBeGreaterThanOrEqual(0);
    expect(error.position).toBeLessThanOrEqual(source.length);
    expect(error.message).not.toContain("undefined");
  }
}

const soup = (
  "x y w sin log f f' σ gamma ( ) [ ] { } | || ‖ + - * / ^ _ , ; = < > ! ' 2 1.5 1 ² ⁻¹ ᵀ ₁ √ ∂ ∂L/∂w d dx dy/dx " +
  "\\frac \\sqrt \\begin{cases} \\end{cases} \\begin{pmatrix} \\end{pmatrix} \\begin{aligned} & \\\\ \\sum \\sum_{i=1}^{3} " +
  "\\mathbf \\hat \\left \\right if otherwise and or not T e 1e wx sinx piecewise( Piecewise( True : where( \\text{if} \\ \u0302 ∑ 1_ 𝟙 𝐰 " +
  "max log_ \\log_ \\mathcal{L} mod % . f^{(2)} d( )/dx ⌊ ⌋ \\bar x= f(x)="
).split(" ");

test("any string, and any soup of its words, is read or refused", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), survives), { numRuns: 3000 });
  const words = fc.array(fc.constantFrom(...soup, "\n", " "), { maxLength: 25 });
  fc.assert(
    fc.property(words, (parts) => {
      survives(parts.join(" "));
      survives(parts.join(""));
    }),
    { numRuns: 8000 },
  );
});
