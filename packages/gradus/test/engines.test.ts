import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as g from "gradus";
import { compile, grad, hessian, interpret, jit, type Tensor, tensor, vmap } from "gradus";
import { describe, expect, it } from "vitest";
import { input, type Node } from "../src/ir/node.ts";
import { type OperationName, operations } from "../src/primitives/registry.ts";
import { resultsOf } from "../src/primitives/results.ts";
import { scanRule } from "../src/transforms/control/scan-rule.ts";
import { pullback } from "../src/transforms/derivatives.ts";
import { sampleOf } from "./samples.ts";

function filled(shape: readonly number[], [lo, hi]: readonly [number, number], seed: number): Tensor {
  let state = seed;
  const next = () => lo + ((hi - lo) * (state = (state * 48271) % 2147483647)) / 2147483647;
  const size = shape.reduce((n, d) => n * d, 1);
  return g.reshape(tensor(Array.from({ length: size }, next)), shape as number[]);
}

const bits = (results: readonly Tensor[]) => results.map((r) => [r.shape, [...r.toTypedArray()]]);

/** The three engines on one program: the same bits. */
function agree(inputs: Node[], outputs: Node[], given: Tensor[]): void {
  const program = { inputs, outputs };
  const want = bits(interpret(program)(...given));
  for (const engine of ["javascript", "tape"] as const) {
    const compiled = compile(program, engine);
    expect(compiled.engine).toBe(engine);
    expect(bits(compiled(...given)), engine).toEqual(want);
    // A second run must not see the first one's numbers.
    expect(bits(compiled(...given)), `${engine}, again`).toEqual(want);
    const out = outputs.map((o) =>
      interpret({ inputs, outputs: [o] })(...given)[0]
        .toTypedArray()
        .map(() => 7),
    );
    compiled.into(out as never, ...given);
    expect(out.map((o) => [...o])).toEqual(want.map(([, data]) => data));
  }
}

describe("interpreter, javascript and tape agree bit for bit", () => {
  it.each([...operations.keys()])("%s, and its gradient", (name: OperationName) => {
    const sample = sampleOf(name, operations.get(name) as never);
    sample.shapes.forEach((shapes, k) => {
      const given = shapes.map((s, i) => filled(s, sample.ranges[i], 11 + k + 7 * i));
      const inputs = given.map((t) => input(t));
      let y: Node;
      try {
        y = sample.call(...(inputs as Tensor[]));
      } catch {
        // It needs known numbers.
        return;
      }
      agree(inputs, [y], given);
      if (sample.flat || y.dtype !== "f64") return;
      const gradients = pullback([g.sum(g.mul(y, y))], inputs, [tensor(1)]);
      agree(inputs, [y, ...gradients], given);
    });
  });

  it("chains, shared parts, numbers stretched over shapes, f32", () => {
    const x = input({ shape: [50], dtype: "f64" });
    const s = input({ shape: [], dtype: "f64" });
    const shared = g.sin(g.mul(x, s));
    const chain = g.add(g.exp(g.neg(shared)), g.div(shared, g.add(2, g.mul(s, s))));
    agree([x, s], [chain, g.sum(chain), shared], [filled([50], [-2, 2], 3), tensor(0.7)]);
    const f = input({ shape: [20], dtype: "f32" });
    const y = g.tanh(g.mul(g.add(f, 0.1), g.add(f, 0.3)));
    agree([f], [y], [g.cast(filled([20], [-2, 2], 5), "f32")]);
  });
});

describe("compile", () => {
  it("says what it compiled: one loop for a chain", () => {
    const x = input({ shape: [8], dtype: "f64" });
    const compiled = compile({ inputs: [x], outputs: [g.sum(g.mul(g.sin(x), g.exp(g.neg(x))))] });
    expect(compiled.explain().split("\n")).toEqual([
      "engine: javascript; 1 steps, 0 bytes",
      "loop [8]: sin, neg, exp, mul, sum",
    ]);
  });

  it("checks shapes, and buffers that are given", () => {
    const x = input({ shape: [3], dtype: "f64" }, { name: "x" });
    const compiled = compile({ inputs: [x], outputs: [g.mul(x, 2)] });
    expect(() => compiled(tensor([1, 2]))).toThrow(/x: expected shape \[3\], got \[2\]/);
    expect(() => compiled.into([new Float64Array(2)], tensor([1, 2, 3]))).toThrow(
      /typed array of 3 numbers, got 2/,
    );
    const out = new Float64Array(3);
    compiled.into([out], new Float64Array([1, 2, 3]));
    expect([...out]).toEqual([2, 4, 6]);
    // What is read while it is written, and what has another dtype, is written at the end.
    const shifted = compile({ inputs: [x], outputs: [g.add(x, g.reverse(x))] });
    const both = new Float64Array([1, 2, 4]);
    shifted.into([both], both);
    expect([...both]).toEqual([5, 4, 5]);
    const single = new Float32Array(3);
    compiled.into([single], new Float64Array([0.1, 1, 2]));
    expect([...single]).toEqual([Math.fround(0.2), 2, 4]);
  });

  it("takes the tape by itself where code from strings is forbidden", () => {
    const script = `import("gradus").then(({ jit, tensor }) => {
      const f = jit((x) => x.mul(x).mul(2).sum());
      console.log(f(tensor([1, 2])).item(), f.explain().split(";")[0]);
    });`;
    const bench = fileURLToPath(new URL("../../../bench", import.meta.url));
    const run = spawnSync(process.execPath, ["--disallow-code-generation-from-strings", "-e", script], {
      encoding: "utf8",
      cwd: bench,
    });
    expect(run.stdout.trim()).toBe("10 engine: tape");
  });
});

describe("control nodes", () => {
  const loop = (w: Tensor, xs: Tensor) =>
    g.scan(
      (c: Tensor, x: Tensor) => [g.tanh(g.add(g.mul(g.exp(w), c), x)), g.greater(c, 0)],
      g.mul(w, 0),
      xs,
    );

  it("are explained with what is inside, and what their steps share is computed once", () => {
    const [w, xs] = [input({ shape: [3], dtype: "f64" }), input({ shape: [5, 3], dtype: "f64" })];
    // As a transform may leave it: the exponential inside, though it is the same in every step.
    const inner = [w, w, w].map((t) => input(t));
    const params = {
      body: { inputs: inner, outputs: [g.tanh(g.add(g.mul(g.exp(inner[0]), inner[1]), inner[2]))] },
      ...{ constants: 1, carry: 1, length: 5, reverse: false, views: [] },
    };
    const [last] = resultsOf(scanRule, [w, g.mul(w, 0), xs], params);
    const given = [filled([3], [-1, 1], 3), filled([5, 3], [-1, 1], 4)];
    agree([w, xs], [last], given);
    expect(
      compile({ inputs: [w, xs], outputs: [last] }, "javascript")
        .explain()
        .split("\n")
        .slice(1),
    ).toEqual([
      "loop [3]: mul",
      "call [3]: scan",
      "  once:",
      "    loop [3]: exp",
      "  each time:",
      "    loop [3]: mul, add, tanh",
      "call [3]: result",
    ]);
  });

  it("stack whole numbers and truth beside numbers, and run no step", () => {
    for (const length of [0, 1, 2, 7]) {
      const [w, xs] = [input({ shape: [3], dtype: "f64" }), input({ shape: [length, 3], dtype: "f64" })];
      agree([w, xs], loop(w, xs), [filled([3], [-1, 1], 3), filled([length, 3], [-1, 1], 4)]);
    }
  });
});

describe("jit", () => {
  const f = (x: Tensor) => g.sin(x).mul(x).sum();

  it("gives what the function gives, for numbers and trees", () => {
    const x = tensor([0.3, 1.2, -2]);
    expect(jit(f)(x).item()).toBe(f(x).item());
    const double = jit((v: Tensor) => v.mul(2)) as unknown as (v: number) => number;
    expect(double(4)).toBe(8);
    const tree = jit((p: { w: Tensor; b: Tensor }) => ({ y: p.w.mul(p.b), z: p.b }));
    expect(tree({ w: tensor([1, 2]), b: tensor(3) }).y.toArray()).toEqual([3, 6]);
  });

  it("composes with every transform, on either side", () => {
    const x = tensor([0.3, 1.2, -2]);
    const want = (grad(f)(x) as Tensor).toArray();
    expect((grad(jit(f))(x) as Tensor).toArray()).toEqual(want);
    expect((jit(grad(f) as (x: Tensor) => Tensor)(x) as Tensor).toArray()).toEqual(want);
    expect((hessian(jit(f))(x) as Tensor).toArray()).toEqual((hessian(f)(x) as Tensor).toArray());
    const rows = tensor([
      [0.3, 1],
      [2, -1],
    ]);
    expect((vmap(jit(f))(rows) as Tensor).toArray()).toEqual((vmap(f)(rows) as Tensor).toArray());
  });

  it.each(["javascript", "tape"] as const)(
    "takes trees with any keys, several kinds by turns: %s",
    (engine) => {
      const evil = "`$" + `{process.exit(1)}\`"'\\\n`;
      const p = JSON.parse(`{ "__proto__": 2, ${JSON.stringify(evil)}: 0.5, "constructor": 3 }`);
      const product = (q: Record<string, Tensor>) => Object.values(q).reduce((a, b) => g.mul(a, b));
      const made: string[] = [];
      const Own = globalThis.Function;
      globalThis.Function = new Proxy(Own, {
        construct: (target, text: string[]) => {
          made.push(...text);
          return new target(...text);
        },
      });
      try {
        const f = jit(grad(product as never) as never as (q: object) => object, { engine });
        const out = [0, 1, 2].map(() => new Float64Array(1));
        for (const turn of [1, 2, 3]) {
          expect(Object.entries(f(p) as object), `${turn}`).toEqual([
            ["__proto__", 1.5],
            [evil, 6],
            ["constructor", 1],
          ]);
          f.into(out, p);
          expect(out.map((o) => o[0])).toEqual([1.5, 6, 1]);
          expect(f({ a: turn, b: 4 })).toEqual({ a: 4, b: turn });
          expect(f({ b: 4, a: turn })).toEqual({ a: 4, b: turn });
          expect(f([tensor([2]).sum(), 4] as never)).toEqual([expect.anything(), expect.anything()]);
        }
      } finally {
        globalThis.Function = Own;
      }
      expect(made.length > 0).toBe(engine === "javascript");
      expect(made.join()).not.toMatch(/process|proto|constructor/);
    },
  );

  it("writes into given buffers", () => {
    const both = jit((p: { w: Tensor; b: Tensor }) => ({ y: p.w.mul(p.b), z: p.b.add(1) }));
    const out = [new Float64Array(2), new Float64Array(1)];
    both.into(out, { w: tensor([1, 2]), b: tensor(3) });
    expect(out.map((o) => [...o])).toEqual([[3, 6], [4]]);
  });

  it("takes plain numbers again and again", () => {
    const f2 = jit((x: Tensor, y: Tensor) => ({ s: x.add(y), p: x.mul(y) })) as unknown as (
      x: number,
      y: number,
    ) => unknown;
    expect([f2(1, 2), f2(3, 4), f2(5, 6)]).toEqual([
      { s: 3, p: 2 },
      { s: 7, p: 12 },
      { s: 11, p: 30 },
    ]);
  });

  it("traces once for each shape", () => {
    let traced = 0;
    const counted = jit((x: Tensor) => {
      traced++;
      return x.mul(x).sum();
    });
    counted(tensor([1, 2]));
    counted(tensor([3, 4]));
    expect(traced).toBe(1);
    counted(tensor([1, 2, 3]));
    expect(traced).toBe(2);
    expect(counted(tensor([3, 4])).item()).toBe(25);
  });
});
