import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { grad, type Tensor, tensor } from "../src/index.ts";
import { parse } from "../src/math.ts";

type Nested = number | Nested[];
const reference = JSON.parse(
  readFileSync(new URL("./reference/jax-matrix.json", import.meta.url), "utf8"),
) as {
  values: Record<string, Nested>;
  rows: [string, number, Record<string, Nested>][];
};
const all = Object.fromEntries(
  Object.entries(reference.values).map(([name, v]) => [name, tensor(v as number[])]),
);
const shapes = Object.fromEntries(Object.entries(all).map(([name, v]) => [name, v.shape]));

function close(got: Tensor, wanted: Nested): void {
  const numbers = [wanted].flat(4) as number[];
  const scale = Math.max(1e-3, ...numbers.map(Math.abs));
  expect(got.size).toBe(numbers.length);
  got.toTypedArray().forEach((v, i) => expect(Math.abs(Number(v) - numbers[i])).toBeLessThan(1e-11 * scale));
}

describe.each(reference.rows)("%s", (expression, value, gradients) => {
  const e = parse(expression, { shapes });
  const values = Object.fromEntries([...e.variables.keys()].map((name) => [name, all[name]]));

  test("its value is JAX's", () => close(e.evaluate(values), value));

  test.each(Object.entries(gradients))(
    "by %s: closed form, its text read back, and reverse mode",
    (by, wanted) => {
      const closed = e.derivative(by);
      close(closed.evaluate(values), wanted);
      close(parse(closed.toText(), { shapes }).evaluate(values), wanted);
      const f = (x: Tensor) => e.apply(new Map(Object.entries({ ...values, [by]: x })));
      close(tensor(grad(f)(values[by])), wanted);
    },
  );
});
