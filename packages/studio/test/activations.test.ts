import { parse } from "gradus/math";
import { describe, expect, it } from "vitest";
import { KNOWN } from "../src/views/activations/known.ts";
import { activationRows } from "../src/views/activations/work.ts";

describe.each(KNOWN)("$name", ({ f, definition }) => {
  it("is what its definition says", () => {
    for (const x of [-7.5, -3, -1, -0.25, 0, 0.5, 2, 3.5, 9]) {
      const [a, b] = [f, definition ?? f].map((t) => parse(t).evaluate({ x }).item());
      expect(Math.abs(a - b)).toBeLessThan(1e-12 * Math.max(1, Math.abs(a)));
    }
  });
});

describe("what is said of an activation", () => {
  const said = (f: string) => activationRows({ items: [{ name: "", f }], range: 5 })[0].remarks;
  it.each([
    ["σ(x)", ["Saturates for large negative inputs", "Saturates for large positive inputs"]],
    ["relu(x)", ["Dead for x < 0"]],
    ["hard_sigmoid(x)", ["Dead for x < −3", "Dead for x > 3"]],
    ["softsign(x)", ["Saturates for large negative inputs", "Saturates for large positive inputs"]],
    ["softplus(x)", ["Saturates for large negative inputs"]],
    ["x^3 + x", ["Its slope vanishes on neither side"]],
    ["sin(x)", ["Its slope vanishes on neither side"]],
  ])("%s", (f, expected) => {
    expect(said(f).map((r) => r.replace(/[:.].*/, ""))).toEqual(expected);
  });
});
