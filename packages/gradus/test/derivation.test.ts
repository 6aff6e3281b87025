import { existsSync, readFileSync } from "node:fs";
import { tensor } from "gradus";
import {
  type Derivation,
  derivation,
  derivationData,
  Expression,
  implicitDerivation,
  parse,
  renderDerivation,
  type Step,
} from "gradus/math";
import { describe, expect, it } from "vitest";
import { freeInputs } from "../src/ir/graph.ts";
import type { Node } from "../src/ir/node.ts";
import { substitute } from "../src/primitives/evaluate.ts";
import { equalPair } from "./equality-pairs.ts";
import { textbook } from "./textbook.ts";

const shared = new URL("../../../../shared/derivatives/rows.json", import.meta.url);
const rows: { expression: string; points: { x: number }[] }[] = existsSync(shared)
  ? (() => {
      const read = JSON.parse(readFileSync(shared, "utf8"));
      return read.rows ?? read;
    })()
  : [];

const OTHERS: Readonly<Record<string, number>> = { a: 1.3, b: 0.7, w: 0.9, y: 0.4, u: 0.8, n: 3, c: 1.1 };

function numberAt(node: Node, values: ReadonlyMap<string, number>): number {
  const e = new Expression(node);
  return e
    .evaluate(new Map([...e.variables.keys()].map((n) => [n, values.get(n) ?? OTHERS[n] ?? 1.7])))
    .item();
}

/**
 * d/dx by Richardson's extrapolation of central quotients: knows nothing of the rules. NaN where its own two best
 * estimates are apart, as beside a pole.
 */
function slope(node: Node, by: string, x: number): number {
  const f = (t: number) => numberAt(node, new Map([[by, t]]));
  const quotient = (h: number) => (f(x + h) - f(x - h)) / (2 * h);
  const h = 1e-3 * Math.max(1, Math.abs(x));
  const [a, b, c] = [quotient(h), quotient(h / 2), quotient(h / 4)];
  const [d, e] = [(4 * b - a) / 3, (4 * c - b) / 3];
  return Math.abs(e - d) > 1e-5 * Math.max(1, Math.abs(e)) ? Number.NaN : (16 * e - d) / 15;
}

function close(got: number, want: number): boolean {
  return Math.abs(got - want) <= 1e-6 * Math.max(1, Math.abs(want));
}

/** Both sides of a step at several points of its domain; how many could be compared. */
function checkStep(step: Step, points: readonly number[]): number {
  let checked = 0;
  for (const x of points) {
    const at = new Map([[step.by, x]]);
    const numeric = slope(step.nodes.of, step.by, x);
    const [applied, result] = [numberAt(step.nodes.applied, at), numberAt(step.nodes.result, at)];
    if (![numeric, applied, result].every(Number.isFinite)) continue;
    if (Math.abs(numeric) > 1e8) continue;
    checked++;
    const said = `${step.rule}: d/d${step.by} [${step.of.pretty}] = ${step.applied.pretty} = ${step.result.pretty} at ${x}`;
    if (!close(applied, numeric) || !close(result, numeric))
      expect.fail(`${said}: ${applied}, ${result}, but the slope is ${numeric}`);
  }
  return checked + step.steps.reduce((sum, s) => sum + checkStep(s, points), 0);
}

/** Each line with its open derivatives worked out has the value of the result. */
function checkLines(d: Derivation, x: number): void {
  const at = new Map([[d.by, x]]);
  const want = numberAt(d.node, at);
  if (!Number.isFinite(want)) return;
  for (const line of d.lines) {
    const places = new Map<Node, Node>();
    for (const input of freeInputs([line.node])) {
      const of = line.marks.get(input);
      const { name = "" } = input.params as { name?: string };
      places.set(input, tensor(of ? slope(of, d.by, x) : (at.get(name) ?? OTHERS[name] ?? 1.7)));
    }
    const got = substitute([line.node], places)[0].item();
    if (Number.isFinite(got) && Math.abs(want) < 1e6 && !close(got, want))
      expect.fail(`${line.written.pretty} is ${got} at ${x}, the result ${want}`);
  }
}

const POINTS = [0.31, 0.83, 1.4, 2.2];
// An unknown function has no numbers to compare.
const own = textbook.map(([source]) => source).filter((source) => !source.startsWith("f("));

describe("every printed step is true", () => {
  it.each([...own, "x^a", "a^x", "sin(a x + b)", "max(x, x^2)", "atan2(x, 2)", "where(x > 1, x^2, 2x - 1)"])(
    "%s",
    (source) => {
      const e = parse(source);
      const [d] = derivation(e, "x");
      expect(checkStep(d.step, POINTS)).toBeGreaterThan(0);
      for (const x of POINTS) checkLines(d, x);
      expect(d.result.text).toBe(e.derivative("x").toText());
    },
  );

  it.runIf(rows.length > 0)("the rows of ../shared/derivatives", () => {
    for (const row of rows) {
      const e = parse(row.expression);
      const [d] = derivation(e, "x");
      const points = (row.points ?? []).map((p) => p.x ?? p).filter((p) => typeof p === "number");
      checkStep(d.step, points.length > 0 ? points : POINTS);
      expect(d.result.text).toBe(e.derivative("x").toText());
    }
  });

  it("of generated expressions, at every step", () => {
    let checked = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { left } = equalPair(seed);
      const e = parse(left, { variables: ["x", "y"] });
      if (!e.variables.has("x")) continue;
      const [d] = derivation(e, "x");
      checked += checkStep(d.step, POINTS);
      for (const x of POINTS) checkLines(d, x);
      expect(d.result.text, left).toBe(e.derivative("x").toText());
    }
    expect(checked).toBeGreaterThan(3000);
  });

  it("named lines, through their names", () => {
    const e = parse("z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2");
    const [d] = derivation(e, "w");
    expect(d.lines.map((l) => l.written.pretty)).toEqual([
      "∂L/∂w",
      "∂L/∂a · ∂a/∂z · ∂z/∂w",
      "(a - y) · σ(z) (1 - σ(z)) x",
      "x σ(z) (a - y) (1 - σ(z))",
      "x σ(w x + b) (σ(w x + b) - y) (1 - σ(w x + b))",
    ]);
    for (const l of d.locals ?? []) checkStep(l.step, POINTS);
  });

  it("two ways to the result are added", () => {
    const [d] = derivation(parse("u = x^2; v = sin(x); y = u v + u"), "x");
    expect(d.lines[1].written.pretty).toBe("∂y/∂u · du/dx + ∂y/∂v · dv/dx");
    expect(
      close(numberAt(d.node, new Map([["x", 1.2]])), 2 * 1.2 * (Math.sin(1.2) + 1) + 1.44 * Math.cos(1.2)),
    ).toBe(true);
  });

  it("unknown functions, as the lecture has them", () => {
    const [d] = derivation(parse("f(g(x))"), "x");
    expect(d.result.pretty).toBe("f'(g(x)) g'(x)");
    expect(d.step.rule).toBe("chain rule");
  });

  it("orders follow one another", () => {
    const all = derivation(parse("x^4"), "x", 3);
    expect(all.map((d) => d.result.pretty)).toEqual(["4x³", "12x²", "24x"]);
  });
});

describe("implicit differentiation", () => {
  it.each([
    ["x^2 + y^2 = 1", "-x/y", "2x + 2y · dy/dx = 0"],
    ["x^3 + y^3 = 6 x y", "(2y - x²)/(y² - 2x)", "3x² + 3y² · dy/dx = 6y + 6x · dy/dx"],
    ["x y = 1", "-y/x", "y + x · dy/dx = 0"],
    ["e^y = x", "1/e^y", "e^y · dy/dx = 1"],
  ])("%s", (source, want, both) => {
    const [d] = implicitDerivation(parse(source), "x", "y");
    expect(d.result.pretty).toBe(want);
    expect(d.step.parts[0].value.pretty).toBe(both);
  });

  it("the second derivative of the circle", () => {
    const d = implicitDerivation(parse("x^2 + y^2 = 25"), "x", "y", 2)[1];
    const e = new Expression(d.node);
    // y″ = −25/y³ at (3, 4).
    expect(e.evaluate({ x: 3, y: 4 }).item()).toBeCloseTo(-25 / 64, 12);
  });

  it("says what it needs", () => {
    expect(() => implicitDerivation(parse("x^2 + y^2"), "x", "y")).toThrow(/needs an equation/);
    expect(() => implicitDerivation(parse("x^2 = 1"), "x", "y")).toThrow(/not a variable/);
  });
});

describe("rendering", () => {
  const [d] = derivation(parse("sin(x^2)"), "x");

  it("short text is what a lecturer writes", () => {
    expect(renderDerivation(d).split("\n")).toEqual([
      "d/dx [sin(x²)]",
      "  = cos(x²) · 2x                              chain rule: outer f(u) = sin(u), inner u = x²; power rule",
      "  = 2x cos(x²)",
    ]);
  });

  it("full text names every rule and what it says", () => {
    const text = renderDerivation(d, { detail: "full" });
    for (const part of [
      "1 Chain rule:  f(g(x))′ = f′(g(x)) g′(x)",
      "1.1 Derivative of sin",
      "1.2 Power rule",
    ])
      expect(text).toContain(part);
  });

  it("LaTeX is an aligned block, Markdown holds it in $$", () => {
    const latex = renderDerivation(d, { format: "latex" });
    expect(latex).toMatch(/^\\begin\{aligned\}[\s\S]*\\end\{aligned\}$/);
    expect(renderDerivation(d, { format: "markdown" })).toBe(`$$\n${latex}\n$$`);
  });

  it("data is plain JSON", () => {
    const data = JSON.parse(JSON.stringify(derivationData(d)));
    expect(data.step.rule).toBe("chain rule");
    expect(data.step.steps.map((s: { rule: string }) => s.rule)).toEqual(["derivative of sin", "power rule"]);
    expect(data.lines.at(-1).text).toBe("2*x*cos(x^2)");
  });

  it("a deep or wide expression gets its steps without the whiteboard, and does not overflow", () => {
    const deep = `${"sin(".repeat(300)}x${")".repeat(300)}`;
    const [steps] = derivation(parse(deep), "x");
    expect(steps.lines).toEqual([]);
    const wide = Array.from({ length: 400 }, (_, i) => `${i + 1} x^${(i % 9) + 2}`).join(" + ");
    expect(derivation(parse(wide), "x")[0].step.steps.length).toBeGreaterThan(300);
  });
});
