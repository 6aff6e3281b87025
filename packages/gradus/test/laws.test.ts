import fc from "fast-check";
import { grad, hessian, jvp, type Tensor, taylor, tensor } from "gradus";
import { Expression, parse, tidy } from "gradus/math";
import { describe, expect, it } from "vitest";

/** Random expressions of x and y as people write them. */
const expressionText: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom("x", "y", "2", "3", "1/2", "0", "1", "x^2", "pi"),
    fc
      .tuple(tie("e"), fc.constantFrom("+", "-", "*", "/"), tie("e"))
      .map(([a, o, b]) => `(${a}) ${o} (${b})`),
    fc
      .tuple(
        fc.constantFrom(
          "sin",
          "cos",
          "exp",
          "tanh",
          "sigmoid",
          "log",
          "sqrt",
          "abs",
          "atan",
          "relu",
          "softplus",
          "cosh",
          "erf",
        ),
        tie("e"),
      )
      .map(([f, a]) => `${f}(${a})`),
    fc
      .tuple(tie("e"), fc.constantFrom("2", "3", "-1", "(1/2)", "(-2)", "0", "1"))
      .map(([a, n]) => `(${a})^${n}`),
    tie("e").map((a) => `-(${a})`),
  ),
})).e;

const POINTS = [
  [0.7, -0.4],
  [-1.3, 0.6],
  [0, 0],
  [2.1, 1.9],
  [1, -1],
];
const options = { variables: ["x", "y"] };

const valueAt = (e: Expression, x: number, y: number): number =>
  Number(
    e
      .apply(
        new Map([
          ["x", tensor(x)],
          ["y", tensor(y)],
        ]),
      )
      .item(),
  );

const close = (a: number, b: number, tolerance: number): boolean =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));

describe("laws over random expressions", () => {
  it("tidy keeps the value wherever the original has one", () => {
    fc.assert(
      fc.property(expressionText, (text) => {
        const e = parse(text, options);
        const simple = new Expression(tidy(e.node));
        for (const [x, y] of POINTS) {
          const before = valueAt(e, x, y);
          if (!Number.isFinite(before) || Math.abs(before) > 1e12) continue;
          const after = valueAt(simple, x, y);
          // Cancellation may cost digits on either side; a changed function differs by far more.
          expect(
            close(before, after, 1e-6),
            `${text} at ${x}, ${y}: ${before}, tidied to ${simple.toText()}: ${after}`,
          ).toBe(true);
        }
      }),
      { numRuns: 1500, seed: 11 },
    );
  });

  it("text reads back as the same function, tidied or not", () => {
    fc.assert(
      fc.property(expressionText, (text) => {
        const e = parse(text, options);
        for (const form of [e, e.tidy()]) {
          for (const written of [form.toText(), form.toLatex(), String(form)]) {
            const back = parse(written, options);
            for (const [x, y] of POINTS) {
              const [a, b] = [valueAt(form, x, y), valueAt(back, x, y)];
              if (Number.isFinite(a)) expect(close(a, b, 1e-9), `${written}: ${a}, ${b}`).toBe(true);
            }
          }
        }
      }),
      { numRuns: 600, seed: 12 },
    );
  });

  it("the derivative that is read is the derivative that runs", () => {
    fc.assert(
      fc.property(expressionText, (text) => {
        const e = parse(text, options);
        const read = e.variables.has("x") ? e.derivative("x") : undefined;
        for (const [x, y] of POINTS) {
          const f = (t: Tensor) =>
            e.apply(
              new Map([
                ["x", t],
                ["y", tensor(y)],
              ]),
            );
          const value = Number(f(tensor(x)).item());
          const runs = grad(f)(x);
          if (!read || !Number.isFinite(value) || !Number.isFinite(runs) || Math.abs(runs) > 1e9) continue;
          const reads = valueAt(read, x, y);
          // At a kink or a pole of a partial the written form may have no value; elsewhere both agree.
          if (Number.isFinite(reads))
            expect(
              close(reads, runs, 1e-5),
              `${text} at ${x}, ${y}: ${runs}, ${read.toText()}: ${reads}`,
            ).toBe(true);
          expect(close(runs, jvp(f, [x] as never, [1] as never).tangent as unknown as number, 1e-9)).toBe(
            true,
          );
        }
      }),
      { numRuns: 600, seed: 13 },
    );
  });
});

describe("laws of differentiation", () => {
  const smooth = fc.constantFrom(
    "sin(x)",
    "exp(x/2)",
    "x^3 - x",
    "tanh(x)",
    "sigmoid(2x)",
    "atan(x)",
    "x sin(x)",
    "cosh(x)",
    "erf(x)",
    "softplus(x)",
  );
  const of = (text: string) => {
    const e = parse(text, { variables: ["x"] });
    return (x: Tensor) => e.apply(new Map([["x", x]]));
  };
  const point = fc.double({ min: -2, max: 2, noNaN: true });

  it("is linear, and keeps the product and chain rules", () => {
    fc.assert(
      fc.property(smooth, smooth, point, point, (s, t, x, c) => {
        const [f, g] = [of(s), of(t)];
        const [df, dg, value] = [grad(f)(x), grad(g)(x), (h: (v: Tensor) => Tensor) => h(tensor(x)).item()];
        expect(close(grad((v: Tensor) => f(v).mul(c).add(g(v)))(x), c * df + dg, 1e-12)).toBe(true);
        expect(close(grad((v: Tensor) => f(v).mul(g(v)))(x), df * value(g) + value(f) * dg, 1e-12)).toBe(
          true,
        );
        expect(close(grad((v: Tensor) => f(g(v)))(x), grad(f)(value(g)) * dg, 1e-11)).toBe(true);
      }),
      { numRuns: 300, seed: 14 },
    );
  });

  it("commutes: forward over reverse, reverse over forward, reverse over reverse, series", () => {
    fc.assert(
      fc.property(smooth, smooth, point, (s, t, x) => {
        const [f, g] = [of(s), of(t)];
        const h = (v: Tensor) => f(g(v));
        const forward = (k: (v: Tensor) => Tensor) => (v: Tensor) => jvp(k, [v], [tensor(1)]).tangent;
        const twice = [
          grad((v: Tensor) => grad(h)(v) as Tensor)(x),
          grad(forward(h))(x),
          forward((v) => grad(h)(v) as Tensor)(tensor(x)).item(),
          hessian(h)(x),
          2 * taylor(h, x, 2)[2],
        ];
        for (const d of twice) expect(close(d, twice[0], 1e-10)).toBe(true);
        const third = grad((v: Tensor) => grad((w: Tensor) => grad(h)(w) as Tensor)(v) as Tensor)(x);
        expect(close(third, 6 * taylor(h, x, 3)[3], 1e-8)).toBe(true);
      }),
      { numRuns: 150, seed: 15 },
    );
  });
});
