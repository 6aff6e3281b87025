import { readFileSync } from "node:fs";
import * as gradus from "gradus";
import { grad, type Tensor } from "gradus";
import { describe, expect, it } from "vitest";

const functions = new Map(Object.entries(gradus) as [string, unknown][]);
const table = JSON.parse(readFileSync(new URL("./reference/slopes.json", import.meta.url), "utf8")) as Record<
  string,
  { x: string; f: string[] }[]
>;

/** Distance to the reference in units of the last place. */
function ulps(value: number, exact: string): number {
  const reference = Number(exact);
  if (value === reference) return 0;
  const size = Math.max(Math.abs(reference), 2 ** -1022);
  return Math.abs(value - reference) / (size * 2 ** -52);
}

/** GELU's and SiLU's slopes are sums that cross zero: near it only the absolute error can be small. */
const SUMS = new Set(["gelu", "silu"]);

describe.each(Object.entries(table))("%s keeps its digits", (name, rows) => {
  const f = functions.get(name) as (x: Tensor) => Tensor;
  it.each(rows.map((r) => [r.x, r] as const))("at %s", (_, row) => {
    const x = Number(row.x);
    const first = (t: Tensor) => grad(f)(t) as Tensor;
    const values = [grad((t: Tensor) => f(t))(x), grad(first)(x)];
    expect(ulps(f(gradus.tensor(x)).item(), row.f[0])).toBeLessThan(8);
    values.forEach((v, i) => {
      const allowed = SUMS.has(name) ? 8 + 64 / Math.max(1e-12, Math.abs(Number(row.f[i + 1]))) : 12;
      expect(ulps(v, row.f[i + 1]), `derivative ${i + 1}: ${v}, ${row.f[i + 1]}`).toBeLessThan(allowed);
    });
  });
});
