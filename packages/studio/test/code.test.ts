import * as gradus from "gradus";
import * as maths from "gradus/math";
import * as optimize from "gradus/optimize";
import { shortNumber } from "gradus-charts";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { deriveCode, descendCode, graphCode, neuronDescentCode, taylorCode } from "../src/lib/code.ts";
import { derive, sample } from "../src/views/derive/work.ts";
import { descend } from "../src/views/descend/work.ts";
import { taylorAnswer, taylorEstimates } from "../src/views/taylor/work.ts";

const library: Readonly<Record<string, object>> = { ...gradus, ...maths, ...optimize };

/** What a program computes in each line that states a value, beside what it states; and what stands in `last`. */
function run(code: string, last = "undefined"): { stated: [unknown, string][]; last: unknown } {
  const noted = code
    .replace(/^import .*$/gm, "")
    .replace(/^(?!const)(.+); \/\/ (.+)$/gm, (_, value: string, said: string) => {
      return `stated.push([${value}, ${JSON.stringify(said)}]);`;
    });
  const { outputText } = ts.transpileModule(`${noted}\nreturn { stated, last: ${last} };`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  const stated: [unknown, string][] = [];
  return new Function(...Object.keys(library), "stated", outputText)(...Object.values(library), stated);
}
const written = (v: unknown): string => (typeof v === "number" ? shortNumber(v, 8) : String(v));

describe("the program beside a view gives what it states", () => {
  it.each([
    ["sin(x^2)", "x", 1, {}],
    ["x^2 y + e^(x y)", "y", 2, { x: 0.5 }],
    ["w_1 x_1 + ln(λ)", "λ", 1, { w_1: 2, x_1: -1 }],
  ])("Derive: %s", (f, wrt, order, others) => {
    const at = 1.25;
    const { result } = derive({ f, wrt, order });
    const { slope } = sample({ f, wrt, others, low: 0, high: 2, count: 3, at, dx: 0.1 });
    const { stated } = run(
      deriveCode({ f, wrt, order, result, at: { ...others, [wrt]: at }, slope, lines: true }),
    );
    expect(stated).toHaveLength(3);
    for (const [value, said] of stated.slice(0, 2)) expect(written(value)).toBe(said);
  });
  it("Graph: numbers, vectors and matrices", () => {
    const f = "h = tanh(W x); L = 1/2 sum((h - y)^2)";
    const variables = [
      { name: "W", value: [[0.5, -0.3], [0.8, 0.2]] }, // biome-ignore format: a matrix
      { name: "x", value: [1, 2] },
      { name: "y", value: [1, 0] },
    ];
    const { last } = run(graphCode({ f, variables, shapes: { W: [2, 2], x: [2], y: [2] } }), "gradient");
    const gradient = last as Record<string, { toTypedArray(): Float64Array }>;
    const e = maths.parse(f, { shapes: { W: [2, 2], x: [2], y: [2] } });
    const values = Object.fromEntries(variables.map((v) => [v.name, v.value as never]));
    for (const { name } of variables) {
      const exact = e.derivative(name).evaluate(values).toTypedArray();
      gradient[name].toTypedArray().forEach((v, i) => void expect(v).toBeCloseTo(Number(exact[i]), 12));
      expect(gradient[name].toTypedArray()).toHaveLength(exact.length);
    }
  });
  it("Taylor: polynomial, estimate, and a bound that holds", () => {
    const q = { f: "ln(1+x) + y", wrt: "x", others: { y: 0.25 }, at: 0, order: 2, to: 0.1 };
    const { rows } = taylorEstimates(q);
    const { polynomial } = taylorAnswer(q);
    const { stated } = run(taylorCode({ ...q, polynomial, estimate: rows[2].value }));
    expect(stated).toHaveLength(3);
    for (const [value, said] of stated.slice(0, 2)) expect(written(value)).toBe(said);
    expect(Number(stated[2][0])).toBeGreaterThanOrEqual(Math.abs(rows[2].error));
    expect(Number(stated[2][0])).toBeLessThan(1e-3);
  });
  it.each(["gd", "momentum", "adam", "newton", "trust", "lbfgs"])("Descend: %s", (method) => {
    const q = {
      kind: "formula",
      f: "p (x^2 + 5 y^2)",
      over: ["x", "y"],
      rate: 0.1,
      adamRate: 0.2,
      steps: 7,
    } as const;
    const point = { x: -2, y: 1, p: 1.5 };
    const [done] = descend({ ...q, point, methods: [method] } as never).runs;
    const code = descendCode({
      f: q.f,
      held: { p: 1.5 },
      start: { x: -2, y: 1 },
      ...done.asked,
      value: done.value,
    });
    const { stated } = run(code);
    expect(stated).toHaveLength(1);
    expect(written(stated[0][0])).toBe(stated[0][1]);
  });
  it("Descend: the neuron on the penguins", () => {
    const q = {
      kind: "neuron",
      f: "",
      over: ["w", "b"],
      rate: 1,
      adamRate: 0.2,
      steps: 5,
      point: { w: 0.5, b: 0 },
    };
    const answer = descend({ ...q, methods: ["gd"] } as never);
    const [done] = answer.runs;
    const start = { w: answer.start[0], b: answer.start[1] };
    const code = neuronDescentCode({ data: answer.data!, start, ...done.asked, value: done.value });
    const { stated } = run(code);
    expect(written(stated[0][0])).toBe(stated[0][1]);
  });
  it("holds a stranger's text as text", () => {
    const [text, escaped] = [
      ["x`;alert(1)//$", "{y}\\"].join(""),
      ["x\\`;alert(1)//\\$", "{y}\\\\"].join(""),
    ];
    const code = deriveCode({ f: text, wrt: "x", order: 1, result: { text: "1", latex: "1" }, at: {} });
    expect(code).toContain(`math\`${escaped}\``);
  });
});
