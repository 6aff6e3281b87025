import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type EngineName, grad, jit, type Tensor, tensor, valueAndGrad } from "gradus";
import { describe, expect, it } from "vitest";
import { bundle, gmm, lstm } from "../../../bench/adbench.mjs";
import { wave } from "./control.ts";

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

const mixtures = existsSync(folder)
  ? readdirSync(folder).flatMap((f) => (/^gmm_.*\.json$/.test(f) ? [f.slice(0, -5)] : []))
  : [];
const engines: readonly EngineName[] = ["javascript", "tape"];

describe.skipIf(!existsSync(folder))("ADBench", () => {
  it.each(mixtures)("Gaussian mixture %s: value and gradient", (name) => {
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

interface Recurrent {
  readonly layers: number;
  readonly characters: number;
  readonly bits: number;
  readonly value: number;
  readonly main: number[][];
  readonly extra: number[][];
}

const recurrent: Recurrent[] = JSON.parse(
  readFileSync(new URL("./reference/jax-lstm.json", import.meta.url), "utf8"),
);

describe("ADBench's LSTM, against JAX", () => {
  it.each(recurrent)("$layers layers, $characters characters of $bits bits", (row) => {
    const { layers, characters, bits } = row;
    const rows = (t: Tensor) => t.toArray() as number[][];
    const sequence = rows(wave([characters, bits], 1, 2.3)).map((r) => r.map((v) => (v > 0 ? 1 : 0)));
    const f = lstm({ state: rows(wave([2 * layers, bits], 0.8, 0.37)), sequence });
    const p = { main: wave([2 * layers, 4 * bits], 1.3, 0.71), extra: wave([3, bits], 0.9, 1.1) };
    const { value, gradient } = valueAndGrad(f)(p);
    expectClose(value as Tensor, row.value);
    for (const engine of engines) {
      const compiled = jit(grad(f) as (x: typeof p) => typeof p, { engine })(p);
      for (const key of ["main", "extra"] as const) {
        expectClose(compiled[key], row[key]);
        expect(compiled[key].toArray()).toEqual((gradient as typeof p)[key].toArray());
      }
    }
  });
});
