import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "../src/math.ts";

const { values, rows } = JSON.parse(
  readFileSync(new URL("./reference/typed.json", import.meta.url), "utf8"),
) as { values: Record<string, number>; rows: [string, number | null][] };

function worth(source: string): number {
  const e = parse(source);
  const given = [...e.variables.keys()].map((name) => [name, values[name]] as const);
  return Number(e.evaluate(new Map(given)).item());
}

test.each(rows.filter(([, value]) => value !== null))("%s is read as it is meant", (typed, value) => {
  const close = (got: number) =>
    expect(Math.abs(got - Number(value))).toBeLessThan(1e-12 * Math.max(1, Math.abs(Number(value))));
  close(worth(typed));
  // And as text it is the same function again.
  close(worth(parse(typed).toText()));
});

test.each(rows.filter(([, value]) => value === null))("%s is refused", (typed) => {
  expect(() => parse(typed)).toThrow(/at character|vectors/);
});
