import { readFileSync } from "node:fs";
import { type Tensor, taylor } from "gradus";
import { parse } from "gradus/math";
import { describe, expect, it } from "vitest";

interface Row {
  readonly expression: string;
  /** f, f′ by x, f″, ∂²f/∂x∂y. */
  readonly points: readonly { readonly x: string; readonly y: string; readonly values: readonly string[] }[];
  /** Taylor coefficients about x = 0.7. */
  readonly series: readonly (string | null)[] | null;
}
const file = new URL("./reference/sympy.json", import.meta.url);
const rows = JSON.parse(readFileSync(file, "utf8")) as readonly Row[];

const fraction = (text: string): number => {
  const [n, d] = text.split("/").map(Number);
  return n / (d ?? 1);
};

/** Digits lost to a badly conditioned point are no fault: 10 of 16 must stand. */
function close(got: number, want: number, scale: number): boolean {
  return Math.abs(got - want) <= 1e-10 * Math.max(Math.abs(want), scale * 1e-3);
}

describe("against SymPy", () => {
  it.each(rows)("$expression: value and derivatives", ({ expression, points }) => {
    const f = parse(expression, { variables: ["x", "y"] });
    const fx = f.derivative("x");
    const zero = parse("0");
    const fxx = fx.variables.has("x") ? fx.derivative("x") : zero;
    const fxy = fx.variables.has("y") ? fx.derivative("y") : zero;
    for (const { x, y, values } of points) {
      const at = { x: fraction(x), y: fraction(y) };
      const scale = Math.max(...values.map((v) => Math.abs(Number(v))));
      [f, fx, fxx, fxy].forEach((e, i) => {
        for (const form of [e, e.tidy()]) {
          const given = Object.fromEntries([...form.variables.keys()].map((n) => [n, at[n as "x" | "y"]]));
          const got = form.evaluate(given).item();
          if (!close(got, Number(values[i]), scale))
            expect.fail(`${i} of ${expression} at ${x}, ${y}: ${got}, SymPy ${values[i]} (${form})`);
        }
      });
    }
  });

  it.each(rows.filter((r) => r.series && !r.expression.includes("y")))(
    "$expression: Taylor coefficients at 0.7",
    ({ expression, series }) => {
      const f = parse(expression);
      const found = taylor((t: Tensor) => f.apply(new Map([["x", t]])), 0.7, 6) as unknown as number[];
      const scale = Math.max(...(series as (string | null)[]).map((c) => Math.abs(Number(c))));
      (series as (string | null)[]).forEach((c, k) => {
        if (c !== null && !close(found[k], Number(c), scale))
          expect.fail(`coefficient ${k}: ${found[k]}, SymPy ${c}`);
      });
    },
  );
});
