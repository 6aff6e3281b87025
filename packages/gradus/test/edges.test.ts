import { readFileSync } from "node:fs";
import * as g from "gradus";
import { grad, type Tensor, tensor } from "gradus";
import { describe, expect, it } from "vitest";
import { type OperationName, operations } from "../src/primitives/registry.ts";
import { sampleOf } from "./samples.ts";

type Written = number | string;
const file = new URL("./reference/jax-edges.json", import.meta.url);
const jax = JSON.parse(readFileSync(file, "utf8")) as {
  points: Written[];
  pairs: Written[];
  unary: Record<string, [Written, Written][]>;
  binary: Record<string, [Written, Written, Written][]>;
};

function numberOf(x: Written): number {
  if (typeof x === "number") return x;
  return x === "-0" ? -0 : x === "inf" ? Infinity : x === "-inf" ? -Infinity : Number.NaN;
}

/** Below this JAX on a CPU flushes to zero, and its answers are not of the number given. */
const NORMAL = 2.3e-308;
const flushed = (...x: number[]): boolean => x.some((v) => v !== 0 && Math.abs(v) < NORMAL);

/** Where Gradus differs on purpose, and why. Whatever JAX has no number for is not compared. */
const DIFFERS: Readonly<Record<string, { at: (x: number, y: number) => boolean; why: string }>> = {
  abs: { at: (x) => x === 0 || Number.isNaN(x), why: "sign(0) = 0; JAX gives |x| the slope 1 at 0" },
  leakyRelu: { at: (x) => x === 0, why: "slope 1 for x > 0 only, as ReLU's" },
  acosh: { at: (x) => x <= -1, why: "not defined there: no slope either" },
  tanh: { at: (x) => Math.abs(x) >= 20, why: "JAX loses all digits of 1 − tanh²" },
  sigmoid: { at: (x) => x >= 20, why: "JAX loses the digits of σ(1 − σ)" },
  expm1: { at: (x) => x <= -20, why: "JAX computes the slope as expm1(x) + 1" },
  elu: { at: (x) => x <= -20, why: "through expm1" },
  selu: { at: (x) => x <= -20, why: "through expm1" },
  softsign: { at: (x) => Math.abs(x) >= 1e8, why: "JAX cancels digits of 1/(1 + |x|)²" },
  geluTanh: { at: (x) => x <= -20, why: "JAX's 1 + tanh is 0 there" },
  digamma: { at: (x) => x === -Infinity, why: "no limit at −∞" },
  maximum: { at: (x, y) => x === 0 || y === 0, why: "a literal max(0, u) is ReLU" },
  hypot: {
    at: (x, y) => (x === 0 && y === 0) || (Math.abs(x) === 1e300 && Math.abs(y) === 1e300),
    why: "0 at the origin; JAX shares the maximum inside hypot wrongly at ties of huge numbers",
  },
  hardSigmoid: { at: (x) => Number.isNaN(x), why: "NaN in, anything out" },
  pow: { at: (x) => Number.isNaN(x), why: "x⁰ = 1 whatever x is" },
};

function agrees(got: number, want: number, tolerance: number): boolean {
  return Object.is(got, want) || got === want || Math.abs(got - want) <= tolerance * Math.abs(want) + 1e-300;
}

type Call = (...x: unknown[]) => Tensor;
const call = (name: string): Call => (g as unknown as Record<string, Call>)[name];

function compare(name: string, args: number[], row: Written[]): void {
  const [value, ...slopes] = row.map(numberOf);
  const where = `${name}(${args.map((v) => (Object.is(v, -0) ? "-0" : v)).join(", ")})`;
  const f = call(name);
  const got = f(...args.map((v) => tensor(v))).item();
  const own = args.map((_, i) =>
    grad((t: Tensor) => f(...args.map((v, k) => (k === i ? t : v))))(args[i]),
  ) as unknown as number[];
  if (flushed(...args) || DIFFERS[name]?.at(args[0], args[1] ?? 0)) {
    // No judge, but never NaN where JAX has a number for the value.
    if (Number.isFinite(value) && !flushed(...args)) expect(got, where).not.toBeNaN();
    return;
  }
  if (!Number.isNaN(value)) expect(agrees(got, value, 1e-12), `${where} = ${got}, JAX ${value}`).toBe(true);
  else expect(got, where).toBeNaN();
  slopes.forEach((s, i) => {
    if (Number.isNaN(s)) return;
    expect(agrees(own[i], s, 1e-10), `slope ${i} of ${where} = ${own[i]}, JAX ${s}`).toBe(true);
  });
}

describe("edge values against JAX", () => {
  it.each(Object.keys(jax.unary))("%s", (name) => {
    jax.unary[name].forEach((row, i) => {
      compare(name, [numberOf(jax.points[i])], row);
    });
  });

  it.each(Object.keys(jax.binary))("%s", (name) => {
    const pairs = jax.pairs.map(numberOf);
    jax.binary[name].forEach((row, i) => {
      compare(name, [pairs[Math.floor(i / pairs.length)], pairs[i % pairs.length]], row);
    });
  });

  it("ELU is smooth at 0, SELU has its left slope there", () => {
    expect(grad((x: Tensor) => g.elu(x))(0)).toBe(1);
    expect(grad((x: Tensor) => g.selu(x))(0)).toBeCloseTo(1.0507009873554805 * 1.6732632423543772, 14);
    expect(grad((x: Tensor) => g.elu(x))(1000)).toBe(1);
  });
});

/** Their samples bring an operand in f64, or ask for it. */
const OWN_DTYPE = new Set(
  "cast det logdet slogdet inverse solve triangularSolve cholesky eigh eigvalsh".split(" "),
);
const EDGES = [0, -0, 5e-324, -1e-308, 1e-20, 1, -1, 1e8, -1e300, Infinity, -Infinity, Number.NaN];
/** Operations that refuse what they cannot take, by name. */
const REFUSES =
  /singular|no elements|positive definite|must|expected|whole|integer|symmetric|index|does not/i;

describe("the registry at its edges: an answer or a clear refusal, in every dtype", () => {
  it.each([...operations.keys()])("%s", (name: OperationName) => {
    const { call: operation, shapes } = sampleOf(name, operations.get(name) as never);
    for (const args of shapes.slice(0, 3)) {
      for (const dtype of ["f64", "f32", "i32"] as const) {
        EDGES.forEach((_, k) => {
          const tensors = args.map((shape, a) => {
            const size = shape.reduce((n, d) => n * d, 1);
            const data = Array.from({ length: size }, (_, i) => EDGES[(k + i + 5 * a) % EDGES.length]);
            const whole = data.map((v) =>
              Number.isFinite(v) ? Math.trunc(Math.max(-9, Math.min(9, v))) : 0,
            );
            return g.cast(g.reshape(tensor(dtype === "i32" ? whole : data), shape as number[]), dtype);
          });
          let result: Tensor;
          try {
            result = operation(...tensors);
          } catch (error) {
            expect((error as Error).message, `${name} ${dtype}`).toMatch(REFUSES);
            return;
          }
          const size = result.shape.reduce((n, d) => n * d, 1);
          expect(result.toTypedArray().length, `${name} ${dtype}`).toBe(size);
          if (dtype === "f32" && !OWN_DTYPE.has(name) && result.dtype !== "bool" && result.dtype !== "i32")
            expect(result.dtype, `${name} of f32`).toBe("f32");
        });
      }
    }
  });
});
