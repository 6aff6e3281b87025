import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { grad, type Tensor, taylor, tensor } from "gradus";
import { type Expression, parse } from "gradus/math";
import { describe, expect, it } from "vitest";

/** Rows that are kept beside the repository; skipped where they are not there. */
function rows<T>(kind: string): T[] {
  const path = fileURLToPath(new URL(`../../../../shared/${kind}/rows.json`, import.meta.url));
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T[]) : [];
}

/** The expression as a function of one variable. */
function functionOf(e: Expression, name: string): (x: Tensor) => Tensor {
  return (x) => substituted(e, name, x);
}

function substituted(e: Expression, name: string, x: Tensor): Tensor {
  return e.apply(new Map([[name, x]]));
}

function close(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected) / Math.max(1e-3, Math.abs(expected))).toBeLessThan(tolerance);
}

const derivatives = rows<{ expression: string; points: { x: string; f: string[] }[] }>("derivatives");
describe.skipIf(derivatives.length === 0)("derivatives beside the repository", () => {
  it.each(derivatives.map((r) => [r.expression, r] as const))("%s", (_, row) => {
    const e = parse(row.expression, { variables: ["x"] });
    const written = [e, e.derivative("x"), e.derivative("x", 2), e.derivative("x", 3)];
    for (const point of row.points) {
      const x = Number(point.x);
      let f: (x: Tensor) => Tensor = functionOf(e, "x");
      point.f.forEach((value, order) => {
        close(Number(written[order].evaluate({ x }).item()), Number(value), 1e-9);
        close(f(tensor(x)).item(), Number(value), 1e-11);
        // What is printed reads back as the same function.
        close(
          parse(written[order].toText(), { variables: ["x"] })
            .evaluate({ x })
            .item(),
          Number(value),
          1e-9,
        );
        close(
          parse(written[order].toLatex(), { variables: ["x"] })
            .evaluate({ x })
            .item(),
          Number(value),
          1e-9,
        );
        const before = f;
        f = (t) => grad(before)(t) as Tensor;
      });
    }
  });
});

const series = rows<{ expression: string; at: string; coefficients: string[] }>("taylor");
describe.skipIf(series.length === 0)("Taylor coefficients beside the repository", () => {
  it.each(series.map((r) => [r.expression, r] as const))("%s", (_, row) => {
    const e = parse(row.expression, { variables: ["x"] });
    const got = taylor(functionOf(e, "x"), Number(row.at), row.coefficients.length - 1);
    const scale = Math.max(...row.coefficients.map((c) => Math.abs(Number(c))));
    // Dividing by x near 0 magnifies the rounding of the point's own value by 1/at at each order.
    const growth = Math.max(1, 1 / Math.abs(Number(row.at) || 1));
    row.coefficients.forEach((c, k) => {
      expect(Math.abs(got[k] - Number(c))).toBeLessThan(
        1e-12 * Math.abs(Number(c)) + 1e-15 * scale * growth ** k,
      );
    });
  });
});

interface MatrixRow {
  expression: string;
  wrt: string;
  closedForm: string;
  values: Record<string, number[] | number[][] | number>;
  value: number;
  gradient: number[] | number[][];
}
const matrices = rows<MatrixRow>("matrix-calculus");
describe.skipIf(matrices.length === 0)("matrix calculus beside the repository", () => {
  it.each(matrices.map((r) => [`${r.expression} by ${r.wrt}`, r] as const))("%s", (_, row) => {
    const values = Object.fromEntries(Object.entries(row.values).map(([k, v]) => [k, tensor(v)]));
    const shapes = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, v.shape]));
    const e = parse(row.expression, { shapes });
    close(e.evaluate(values).item(), row.value, 1e-12);
    const flat = (g: Tensor) => [...g.toTypedArray()];
    const expected = (row.gradient as number[][]).flat(2) as number[];
    const symbolic = flat(e.derivative(row.wrt).evaluate(values));
    const numeric = flat(
      grad((x: Tensor) => e.apply(new Map([...Object.entries(values), [row.wrt, x]])))(
        values[row.wrt],
      ) as Tensor,
    );
    const closed = flat(parse(row.closedForm.replace(" (elementwise)", ""), { shapes }).evaluate(values));
    expected.forEach((g, i) => {
      close(symbolic[i], g, 1e-10);
      close(numeric[i], g, 1e-10);
      close(closed[i], g, 1e-10);
    });
  });
});
