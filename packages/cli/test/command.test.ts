import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

function gradus(args: readonly string[], input?: string) {
  const run = spawnSync(process.execPath, [main, ...args], { encoding: "utf8", input, timeout: 30_000 });
  return { code: run.status, out: run.stdout, error: run.stderr };
}
const json = (args: readonly string[]) => JSON.parse(gradus([...args, "--json"]).out);
const NEURON = "z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2";
const VALUES = ["w=0.5", "x=1", "b=0.1", "y=1"];

describe("each command answers", () => {
  it("grad of a variable alone, of what is true or false, and of an unknown function", () => {
    expect(json(["grad", "x", "x=2"])).toMatchObject({ value: 2, gradient: { x: 1 } });
    expect(gradus(["grad", "2x", "x=2"]).out).toMatch(/∂y\/∂x\s+= 2\s+2/);
    for (const args of [
      ["grad", "x < y", "x=1", "y=2"],
      ["taylor", "f(x)", "--at", "x=0", "--on", "0,1"],
    ]) {
      const { code, error } = gradus(args);
      expect(code).toBe(1);
      expect(error).toMatch(/^gradus: .*(true or false|unknown function)[^\n]*\n$/);
    }
  });
  it("derive", () => {
    expect(json(["derive", "sin(x^2)"]).result).toEqual({
      text: "2*x*cos(x^2)",
      latex: expect.stringContaining("\\cos"),
    });
    expect(gradus(["derive", "-x^2"]).out).toContain("-2x");
    expect(gradus(["derive", "-"], "e^{3x}\n").out).toContain("3e^(3x)");
    expect(json(["derive", "w_1 x_1 + w_2 x_2", "--wrt", "w_2"]).result.text).toBe("x_2");
    expect(gradus(["derive", "σ(x)", "--format", "latex"]).out.trim()).toBe("\\sigma(x) (1 - \\sigma(x))");
    expect(gradus(["derive", "‖X w − y‖²", "--wrt", "w", "--shapes", "X=m×n,w=n,y=m"]).out).toContain(
      "2Xᵀ (X w - y)",
    );
  });
  it("derive shows its steps", () => {
    const text = gradus(["derive", "sin(x^2)"]).out;
    expect(text).toContain("= cos(x²) · 2x");
    expect(text).toContain("chain rule: outer f(u) = sin(u), inner u = x²");
    expect(gradus(["derive", "sin(x^2)", "--detail", "full"]).out).toContain(
      "1.2 Power rule:  (xⁿ)′ = n xⁿ⁻¹",
    );
    const [step] = json(["derive", "x e^x"]).steps;
    expect(step.step.rule).toBe("product rule");
    expect(step.lines.at(-1).text).toBe("exp(x)*(1 + x)");
    expect(gradus(["derive", "x^2", "--order", "3"]).out).toContain("d³/dx³ [x²] = 0");
    expect(gradus(["derive", NEURON, "--wrt", "w"]).out).toContain("= ∂L/∂a · ∂a/∂z · ∂z/∂w");
    expect(gradus(["derive", "ln(x)", "--detail", "full", "--format", "markdown"]).out).toContain(
      "- **Derivative of ln**",
    );
  });
  it("derive --implicit", () => {
    const answer = json(["derive", "x^2 + y^2 = 1", "--implicit", "y"]);
    expect(answer.result.text).toBe("-x/y");
    expect(gradus(["derive", "x^2 + y^2 = 1", "--implicit", "y"]).out).toContain("2x + 2y · dy/dx = 0");
  });
  it("derive of vectors and matrices: adjoints, Jacobians, indices", () => {
    const shapes = ["--shapes", "X=m×n,W=m×n,w=n,y=m,x=n"];
    const gradient = gradus(["derive", "‖X w − y‖²", "--wrt", "w", ...shapes]).out;
    expect(gradient).toContain("∂L/∂w    = Xᵀ · ∂L/∂v1");
    expect(gradus(["derive", "‖X w − y‖²", "--wrt", "w", "--order", "2", ...shapes]).out).toContain("2Xᵀ X");
    expect(gradus(["derive", "W x", "--wrt", "W", ...shapes]).out).toContain("∂y_i/∂W_{pq} = δ_{ip} x_q");
    expect(json(["derive", "W x", "--wrt", "W", ...shapes]).indices.right).toBe("\\delta_{ip} x_{q}");
  });
  it("limit", () => {
    const answer = json(["limit", "sin(x^2)", "--at", "x=1"]);
    expect(answer.kind).toBe("differentiable");
    expect(answer.derivative).toBeCloseTo(2 * Math.cos(1), 15);
    expect(answer.central.value).toBeCloseTo(2 * Math.cos(1), 10);
    expect(answer.rows).toHaveLength(12);
    expect(gradus(["limit", "|x|"]).out).toContain(
      "a corner at x = 0: slope -1 from the left, 1 from the right",
    );
  });
  it("plot", () => {
    expect(
      gradus(["plot", "sin(x)", "x=-3:3", "--derivative", "--tangent", "0", "--taylor", "3"]).out,
    ).toMatch(/[\u2801-\u28ff]/);
    const answer = json(["plot", "x^2", "x=0:2", "--tangent", "x=1"]);
    expect(answer.curves[0].y.at(-1)).toBe(4);
    expect(answer.curves[1]).toMatchObject({ name: "tangent: 1 + 2(x - 1)" });
    const file = join(mkdtempSync(join(tmpdir(), "gradus-")), "plot.svg");
    gradus(["plot", "1/x", "x=-2:2", "--svg", file]);
    expect(readFileSync(file, "utf8")).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
  });
  it("eval", () => {
    expect(json(["eval", "x^2", "x=1.5"])).toMatchObject({ value: 2.25 });
    expect(json(["eval", "X w", "X=[[1,2],[3,4]]", "w=[1,1]"]).value).toEqual([3, 7]);
    expect(
      gradus(["eval", "x^2", "x=0:1:0.5"])
        .out.split("\n")
        .slice(1, 4)
        .map((l) => l.trim().split(/ +/)),
    ).toEqual([
      ["0", "0"],
      ["0.5", "0.25"],
      ["1", "1"],
    ]);
  });
  it("grad", () => {
    const answer = json(["grad", NEURON, ...VALUES, "--wrt", "w,b", "--rate", "0.1"]);
    const a = 1 / (1 + Math.exp(-0.6));
    const slope = (a - 1) * a * (1 - a);
    expect(answer.value).toBeCloseTo(0.5 * (1 - a) ** 2, 15);
    expect(answer.gradient).toEqual({ w: expect.closeTo(slope, 15), b: expect.closeTo(slope, 15) });
    expect(answer.update.w).toBeCloseTo(0.5 - 0.1 * slope, 15);
    const shaped = json(["grad", "‖X w − y‖²", "X=[[1,2],[3,4]]", "w=[1,1]", "y=[0,0]", "--wrt", "w"]);
    expect(shaped.gradient.w).toEqual([48, 68]);
  });
  it("graph", () => {
    const { nodes } = json(["graph", NEURON, ...VALUES]);
    expect(nodes.find((n: { name?: string }) => n.name === "a").adjoint).toBeCloseTo(
      1 / (1 + Math.exp(-0.6)) - 1,
      15,
    );
    expect(gradus(["graph", "x y", "--format", "dot"]).out).toMatch(/^digraph[\s\S]*->/);
    expect(gradus(["graph", "x < y", "--format", "svg"]).out).toMatch(/^<svg[\s\S]*&lt;[\s\S]*<\/svg>/);
  });
  it("taylor", () => {
    const answer = json(["taylor", "ln(1+x)", "--at", "x=0", "--order", "2", "--eval", "x=0.1"]);
    expect(answer.coefficients).toEqual([0, 1, -0.5]);
    expect(answer.exact).toEqual(["0", "1", "-1/2"]);
    expect(answer.estimates[2].value).toBeCloseTo(0.095, 15);
    expect(answer.trueValue).toBeCloseTo(Math.log(1.1), 15);
  });
  it("taylor: proven bounds at a point and on an interval", () => {
    const answer = json(["taylor", "ln(1+x)", "--order", "2", "--eval", "0.1", "--on", "0,0.5"]);
    for (const { error, bound } of answer.estimates) expect(Math.abs(error)).toBeLessThanOrEqual(bound);
    expect(answer.estimates[2].bound).toBeLessThan(3.3e-4);
    // The remainder of x − x²/2 grows up to 0.5: ln 1.5 − 0.375.
    const worst = Math.log(1.5) - 0.375;
    expect(answer.on.bound).toBeGreaterThanOrEqual(worst);
    expect(answer.on.bound).toBeLessThan(1.2 * worst);
    expect(gradus(["taylor", "sqrt(x)", "--at", "x=1", "--on", "-1,2"]).out).toMatch(
      /no proven bound.*not analytic at 0/,
    );
  });
  it("taylor: the radius of convergence and its cause", () => {
    const answer = json(["taylor", "1/(1+x^2)", "--order", "4"]);
    expect(answer.convergence.radius).toBeCloseTo(1, 6);
    expect(answer.convergence.kind).toBe("pole");
    expect(gradus(["taylor", "e^x"]).out).toContain("radius of convergence");
  });
  it("solve --on: every root, proven", () => {
    const { roots, complete } = json(["solve", "sin(x) = x/4", "--on", "-1,10"]);
    expect(complete).toBe(true);
    expect(roots.map((r: { status: string }) => r.status)).toEqual(["unique", "unique"]);
    const middles = roots.map(
      (r: { interval: { lo: number; hi: number } }) => (r.interval.lo + r.interval.hi) / 2,
    );
    middles.forEach((x: number) => {
      expect(Math.sin(x)).toBeCloseTo(x / 4, 9);
    });
    expect(gradus(["solve", "x^2 + 1 = 0", "--on", "-5,5"]).out).toContain("no root from -5 to 5: proven");
  });
  it("derive writes letters of shapes as letters", () => {
    const derive = (e: string, wrt: string, ...rest: string[]) =>
      gradus(["derive", e, "--wrt", wrt, "--shapes", "X=m×n,w=n,y=m", ...rest]).out;
    const mean = derive("mean((X w - y)^2)", "w");
    expect(mean).toMatch(/= 2Xᵀ \(X w - y\)\/m\n/);
    expect(mean).toMatch(/∂L\/∂v3 += 1\/m ones\(m\) +\[m\]/);
    expect(derive("mean(X) + 13", "X")).toContain("= 1/(m n) · ones(m, n)");
    expect(derive("mean(w)^2", "w", "--format", "latex")).toContain(
      "\\frac{2 \\operatorname{sum}(w)}{n^{2}}",
    );
    // 13 and 26 are the text's own: the sizes keep clear of them.
    expect(derive("13 sum(w)/26 + tr(X^T X)/169", "X")).toContain("2X/169");
  });
  it("check", () => {
    const right = json(["check", "2x cos(x^2)", "--derivative-of", "sin(x^2)"]);
    expect(right).toMatchObject({ verdict: "equal", proof: { method: "normal form" }, domains: [] });
    expect(json(["check", "dy/dx = 2x cos(x)", "--derivative-of", "sin(x^2)"])).toMatchObject({
      verdict: "different",
      counterexample: { at: { x: "2" } },
    });
    expect(json(["check", "ln(x^2)", "--equals", "2 ln(x)"]).domains[0]).toMatch(
      /only the answer is defined at x = -1/,
    );
    expect(json(["check", "x", "--derivative-of", "w x", "--wrt", "w"]).verdict).toBe("equal");
    const shapes = ["--wrt", "w", "--shapes", "X=m×n,w=n,y=m"];
    expect(json(["check", "2 X^T (X w - y)", "--derivative-of", "‖X w − y‖²", ...shapes]).verdict).toBe(
      "equal",
    );
    expect(gradus(["check", "cos(x)", "--derivative-of", "sin(x)"]).out).toMatch(/^right: /);
    expect(json(["check", "ln(x^2)", "--equals", "2 ln(x)"]).domains.at(-1)).toBe(
      "the answer asks for x ≠ 0; the other side asks for x > 0",
    );
    expect(json(["check", "atan(x)", "--equals", "asin(x/sqrt(1 + x^2))"]).proof.method).toBe("derivative");
    const kink = json(["check", "where(x >= 0, 1, 0)", "--derivative-of", "relu(x)"]);
    expect(kink).toMatchObject({ verdict: "equal", proof: { method: "cases" } });
    expect(kink.proof.cases).toContainEqual({ assumptions: ["x = 0"], result: "left out" });
  });
  it.each([
    ["y' = 2x cos(x^2)", "equal", /^y' = read as the name of the answer$/],
    ["\\frac{dy}{dx} = 2x\\cos(x^2)", "equal", /^\\frac\{dy\}\{dx\} = read as/],
    ["d/dx sin(x^2) = cos(x^2) 2x = 2x cos(x^2)", "equal", /; 2 steps/],
    ["dy/dx = dy/du du/dx = cos(u) 2x", "different", /read as a rule, not compared/],
    ["cos(x^2) 2x = 2x cos(x)", "different", /^2 steps/],
    ["= 2x cos(x^2)", "equal", /^= at the start left out/],
    ["u = x^2; dy/dx = 2x cos(u)", "equal", /^$/],
    ["y = 2x cos(x^2)", "equal", /^y = read as/],
    ["where(x == 1, 2 cos(1), 2x cos(x^2))", "equal", /^$/],
  ] as const)("check reads what students write: %s", (answer, verdict, reading) => {
    const found = json(["check", answer, "--derivative-of", "sin(x^2)"]);
    expect(found.verdict).toBe(verdict);
    expect(found.reading.join("; ")).toMatch(reading);
  });
  it("taylor: the general term, and models of two variables", () => {
    expect(gradus(["taylor", "ln(1+x)"]).out).toContain("Σ_{n≥1} (-1)^(n + 1) xⁿ/n");
    const answer = json(["taylor", "e^x cos(y)", "--at", "x=0,y=0", "--eval", "x=0.1,y=0.2"]);
    expect(answer.models[2].polynomial.text).toBe("1 + x + x^2/2 - y^2/2");
    expect(answer.estimates[2].value).toBeCloseTo(1 + 0.1 + 0.005 - 0.02, 14);
  });
  it("tour: every figure of the lecture, and the neuron beats the majority", () => {
    const { figures, training } = json(["tour"]);
    expect(figures.filter((f: { holds: boolean }) => !f.holds)).toEqual([]);
    expect(figures.length).toBeGreaterThan(35);
    // Every part of the lecture that holds figures has its own.
    const parts = new Set(figures.map((f: { section: string }) => Number.parseInt(f.section, 10)));
    for (const part of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) expect(parts).toContain(part);
    expect(training.accuracy).toBeGreaterThan(training.majority + 0.2);
    expect(training.lastLoss).toBeLessThan(training.firstLoss / 5);
  });
});

describe("a bad call gets one clear line", () => {
  it.each([
    [["derive", "sin(x"], 2, /not closed: add \)/],
    [["derive", "2 +* x"], 2, /needs something after it/],
    [["derive", "sgimoid(x)"], 2, /did you mean sigmoid/],
    [["eval", "x y", "x=1"], 2, /y has no value/],
    [["eval", "x", "x=1", "x=2"], 2, /given twice/],
    [["eval", "x", "x=abc"], 2, /expected a number/],
    [["eval", "log(x)", "x=-1"], 1, /positive number/],
    [["eval", "1/x", "x=0"], 1, /denominator is 0/],
    [["eval", "X w", "X=[[1,2],[3,4]]", "w=[1,2,3]"], 1, /2 columns do not meet 3 rows/],
    [["derive", "x", "--order", "-1"], 2, /whole number/],
    [["taylor", "|x|", "--at", "x=0"], 1, /abs is not analytic at 0/],
    [["derive", "__proto__"], 2, /gradus: /],
    [["eval", "x", "__proto__=1"], 2, /not a variable/],
    [["eval", "9^(9^9)"], 1, /too large/],
    [["derive", "x^2", "--wrt", "q"], 2, /not a variable/],
    [["bogus"], 2, /unknown command/],
    [["derive"], 2, /missing required argument/],
    [["derive", "x", "--format", "pdf"], 2, /expected text, markdown or latex/],
    [["eval", "x", "--values", "/nowhere.json"], 2, /cannot be read/],
    [["derive", "x", "--shapes", "x=?"], 2, /not a shape/],
    [["derive", "x", "--detail", "long"], 2, /expected short or full/],
    [["derive", "x^2 + y^2", "--implicit", "y"], 2, /needs an equation/],
    [["derive", "x^2 = 1", "--implicit", "y"], 1, /not a variable/],
    [["limit", "x y", "--at", "x=1"], 2, /give y=…/],
    [["check", "x"], 2, /say what the answer is to be/],
    [["check", "y =", "--equals", "x"], 2, /nothing is written/],
    [["check", "x = ", "--derivative-of", "x^2"], 2, /nothing is written/],
    [["check", "x", "--equals", "x", "--derivative-of", "x"], 2, /say what the answer is to be/],
    [["check", "x", "--derivative-of", "x^2", "--order", "0"], 2, /whole number from 1/],
    [["check", "y", "--derivative-of", "a b y"], 2, /say which with --wrt/],
    [["check", "x", "--equals", "y +"], 2, /something is missing/],
    [["check", "x", "--equals", "[1,2]"], 1, /they cannot be equal/],
    [["check", "x", "--derivative-of", "x y", "--wrt", "q"], 2, /not a variable/],
    [["taylor", "e^x", "--on", "1"], 2, /expected two numbers/],
    [["solve", "cos x = x", "--on", "3"], 2, /expected two numbers/],
    [["solve", "cos x = x", "--on", "0,1", "--from", "x=1"], 2, /takes no start/],
    [["taylor", "e^x", "--on", "2,1"], 2, /must not be the greater/],
    [["grad", "x y", "x=1", "y=2", "--mode", "sideways"], 2, /expected reverse or forward/],
    [["grad", "x + y", "x=1", "y=2", "--newton"], 1, /Hessian that can be inverted/],
    [["limit", "x", "--at", "x=1,y=2"], 2, /one point of one variable/],
    [["plot", "ln(x)", "x=-3:-1"], 2, /no finite value/],
    [["plot", "x y", "x=0:1"], 2, /y has no value/],
    [["plot", "|x|", "--tangent", "0"], 1, /not analytic at 0/],
    [["plot", "x", "--svg", "/nowhere/x.svg"], 2, /cannot be written/],
    [["taylor", "x y", "--at", "1,2"], 2, /say which variable/],
    [["taylor", "x y", "--at", "x=1,y=2", "--order", "3"], 2, /from 0 to 2/],
  ] as const)("%s", (args, code, message) => {
    const answer = gradus(args);
    expect(answer.code).toBe(code);
    expect(answer.error).toMatch(message);
    expect(answer.error).not.toMatch(/\n\s+at /);
  });
  it("10⁵ opening brackets", () => {
    const answer = gradus(["derive", "-"], "(".repeat(100_000));
    expect(answer.code).toBe(2);
    expect(answer.error).toMatch(/not closed/);
  });
});
