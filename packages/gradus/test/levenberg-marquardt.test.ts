import "gradus";
import { describe, expect, it } from "vitest";
import { bindModel, readModel } from "../src/optimize/fit-model.ts";
import { leastSquares } from "../src/optimize/levenberg-marquardt.ts";
import { type Problem, problems, reaches, scipy } from "./mgh.ts";

/** Residuals as a model of data: row i has a 1 in column i alone, which picks residual i. */
function bound({ residuals, variables }: Problem) {
  const m = residuals.length;
  const data: Record<string, Float64Array> = { zero: new Float64Array(m) };
  for (let i = 0; i < m; i++) data[`row${i}`] = new Float64Array(m).fill(1, i, i + 1);
  const model = readModel(
    `zero = ${residuals.map((r, i) => `row${i} (${r})`).join(" + ")}`,
    Object.keys(data),
    variables,
  );
  return { model, bound: bindModel(model, data, m, undefined) };
}

describe.skipIf(problems.length === 0)("problems of Moré, Garbow and Hillstrom as least squares", () => {
  it("wherever MINPACK arrives, with at most 1.2 times its evaluations up to there", () => {
    const logs: number[] = [];
    const missed: string[] = [];
    for (const p of problems) {
      const problem = bound(p);
      for (const times of [1, 10, 100]) {
        const [value, evaluations] = scipy[`${p.name} × ${times}`].lm ?? [Number.NaN, 0];
        if (!reaches(value, p.minima)) continue;
        const start = Float64Array.from(
          problem.model.parameters,
          (name) => p.start[p.variables.indexOf(name)] * times,
        );
        const settings = {
          loss: "linear",
          scale: 1,
          bounds: undefined,
          steps: 2000,
          tolerance: 1e-13,
        } as const;
        const run = leastSquares(problem.bound, start, { ...settings, onStep: () => true });
        const arrival = run.steps.findIndex((s) => reaches(s.value, p.minima));
        if (reaches(run.at.value, p.minima)) logs.push(Math.log((arrival + 2) / evaluations));
        else missed.push(`${p.name} × ${times}`);
      }
    }
    expect(missed).toEqual([]);
    expect(logs.length).toBe(30);
    expect(Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length)).toBeLessThan(1.2);
  });
});
