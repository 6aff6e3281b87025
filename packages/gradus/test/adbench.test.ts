import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type EngineName, grad, jit, type Tensor, tensor, valueAndGrad } from "gradus";
import { describe, expect, it } from "vitest";
import { bundle, gmm } from "../../../bench/adbench.mjs";

/** Kept beside the repository; skipped where it is not there. */
const folder = fileURLToPath(new URL("../../../../shared/adbench/", import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(`${folder}${name}.json`, "utf8"));
const numbersOf = (x: unknown): number[] => [x].flat(Number.POSITIVE_INFINITY as 1) as number[];

/** Ten digits of the largest. */
function expectClose(got: Tensor, want: unknown): void {
  const numbers = numbersOf(want);
  const scale = Math.max(...numbers.map(Math.abs));
  const off = numbersOf(got.toArray()).map((v, i) => Math.abs(v - numbers[i]));
  expect(off.length).toBe(numbers.length);
  expect(Math.max(...off) / scale).toBeLessThan(1e-10);
}

const engines: readonly EngineName[] = ["javascript", "tape"];

describe.skipIf(!existsSync(folder))("ADBench", () => {
  it.each(["gmm_n100_d2_K5", "gmm_n200_d10_K5"])("Gaussian mixture %s: value and gradient", (name) => {
    const data = read(name);
    const p = { alphas: tensor(data.alphas), means: tensor(data.means), icf: tensor(data.icf) };
    const { value, gradient } = valueAndGrad(gmm(data))(p);
    expectClose(value as Tensor, data.value);
    for (const engine of engines) {
      const compiled = jit(grad(gmm(data)) as (x: typeof p) => typeof p, { engine })(p);
      for (const key of ["alphas", "means", "icf"] as const) {
        expectClose(compiled[key], data.gradient[key]);
        expect(compiled[key].toArray()).toEqual((gradient as typeof p)[key].toArray());
      }
    }
  });

  it("bundle adjustment: residuals and their Jacobians", () => {
    const data = read("ba");
    const p = { cameras: tensor(data.cameras), points: tensor(data.points), weights: tensor(data.weights) };
    const { residuals, jacobians } = bundle(data);
    const values = residuals(p);
    expectClose(values.residuals, data.residuals);
    expectClose(values.weights, data.weightResiduals);
    for (const engine of engines) {
      const found = jit(jacobians, { engine })(p);
      for (const key of ["camera", "point", "weight"] as const)
        expectClose(
          found[key],
          data.jacobians.map((j: Record<typeof key, number[][]>) => j[key]),
        );
    }
  });
});
