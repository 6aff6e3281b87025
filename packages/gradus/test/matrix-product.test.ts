import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { einsum, grad, matmul, type Tensor, tensor } from "gradus";
import { describe, expect, it } from "vitest";

/** Every way in which rows, columns, inner and batch axes may lie; with and without each of them. */
const layouts = ["i", ""].flatMap((i) =>
  ["j", ""].flatMap((j) =>
    ["k", ""].flatMap((k) =>
      ["b", ""].flatMap((b) => {
        const turns = (p: string, q: string) => [...new Set([b + p + q, b + q + p, p + q + b])];
        return turns(i, k).flatMap((x) =>
          turns(k, j).flatMap((y) => turns(i, j).map((out) => `${x},${y}->${out}`)),
        );
      }),
    ),
  ),
);

it.each([...new Set(layouts)])("%s: each element is its sum of products", (subscripts) => {
  const [inputs, out] = subscripts.split("->");
  const [x, y] = inputs.split(",");
  const size = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(size, size, size, fc.integer({ min: 1, max: 3 }), fc.boolean(), (i, j, k, b, half) => {
      const sizes: Record<string, number> = { i, j, k, b };
      const shape = (letters: string) => [...letters].map((l) => sizes[l]);
      const count = (letters: string) => shape(letters).reduce((p, q) => p * q, 1);
      const numbers = (letters: string, seed: number) =>
        Float64Array.from({ length: count(letters) }, (_, n) => ((n * 7 + seed) % 11) - 5);
      const place = (letters: string, at: Record<string, number>) =>
        [...letters].reduce((p, l) => p * sizes[l] + at[l], 0);
      const [p, q] = [numbers(x, 1), numbers(y, 2)];
      const expected = new Float64Array(count(out));
      for (let n = 0; n < i * j * k * b; n++) {
        const at = {
          i: n % i,
          j: Math.floor(n / i) % j,
          k: Math.floor(n / i / j) % k,
          b: Math.floor(n / i / j / k),
        };
        // A letter that no operand has must not be counted again.
        if (Object.entries(at).some(([l, v]) => v > 0 && !(x + y).includes(l))) continue;
        expected[place(out, at)] += p[place(x, at)] * q[place(y, at)];
      }
      const of = (data: Float64Array, letters: string): Tensor =>
        tensor(data, half ? "f32" : "f64").reshape(shape(letters));
      const got = einsum(subscripts, of(p, x), of(q, y)).reshape([count(out)]);
      // −0 + 0 is 0.
      expect(Array.from(got.toTypedArray(), (v) => v + 0)).toEqual(Array.from(expected, (v) => v + 0));
    }),
    { numRuns: 8 },
  );
});

/** Numbers among which are zeros of both signs, infinities, NaN, the largest and the smallest. */
function hard(n: number, seed: number, dtype: "f64" | "f32" = "f64"): Tensor {
  const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, -1e308, 5e-324];
  const cells = Float64Array.from({ length: n }, (_, i) =>
    (i * 7 + seed) % 997 === 0 ? special[(i + seed) % special.length] : Math.sin(i * 7 + seed),
  );
  return tensor(cells, dtype);
}

it.each(["f64", "f32"] as const)("matrices times vectors have the bits of the plain sum (%s)", (dtype) => {
  const count = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 900, max: 2000 }));
  const few = fc.integer({ min: 1, max: 70 });
  fc.assert(
    fc.property(count, few, fc.boolean(), fc.nat(), (rows, columns, turned, seed) => {
      const [I, K] = turned ? [columns, rows] : [rows, columns];
      const [a, w] = [hard(2 * I * K, seed, dtype), hard(2 * K, seed + 5, dtype)];
      const [x, v] = [a.toTypedArray(), w.toTypedArray()];
      const plain = (at: (b: number, i: number, k: number) => number) => {
        const out = dtype === "f32" ? new Float32Array(2 * I) : new Float64Array(2 * I);
        for (let b = 0; b < 2; b++)
          for (let i = 0; i < I; i++) {
            let sum = 0;
            for (let k = 0; k < K; k++) sum += x[at(b, i, k)] * v[b * K + k];
            out[b * I + i] = sum;
          }
        return out;
      };
      const product = (text: string, shape: number[]) =>
        einsum(text, a.reshape(shape), w.reshape([2, K])).toTypedArray();
      expect(product("bik,bk->bi", [2, I, K])).toEqual(plain((b, i, k) => (b * I + i) * K + k));
      expect(product("bki,bk->bi", [2, K, I])).toEqual(plain((b, i, k) => (b * K + k) * I + i));
      expect(product("ibk,bk->bi", [I, 2, K])).toEqual(plain((b, i, k) => (i * 2 + b) * K + k));
      expect(product("kbi,bk->bi", [K, 2, I])).toEqual(plain((b, i, k) => (k * 2 + b) * I + i));
    }),
    { numRuns: 40 },
  );
});

it.each(["ik,kj->ij", "ki,kj->ij", "ik,jk->ij", "ki,jk->ij", "ik,kj->ji", "ibk,kbj->bij", "kbi,bjk->bij"])(
  "large ones have the bits of the plain sum in the order of k, whatever the numbers: %s",
  (subscripts) => {
    const sizes = fc.oneof(fc.integer({ min: 3, max: 40 }), fc.integer({ min: 60, max: 90 }));
    const [first, second, out] = subscripts.split(/,|->/);
    fc.assert(
      fc.property(sizes, sizes, sizes, fc.boolean(), fc.nat(), (i, k, j, half, seed) => {
        const size: Record<string, number> = { b: 2, i, j, k };
        const shape = (letters: string) => [...letters].map((l) => size[l]);
        const count = (letters: string) => shape(letters).reduce((n, d) => n * d, 1);
        const place = (letters: string, at: Record<string, number>) =>
          [...letters].reduce((p, l) => p * size[l] + at[l], 0);
        const dtype = half ? "f32" : "f64";
        const [x, y] = [hard(count(first), seed, dtype), hard(count(second), seed + 5, dtype)];
        const got = einsum(subscripts, x.reshape(shape(first)), y.reshape(shape(second))).toTypedArray();
        const [u, v] = [x.toTypedArray(), y.toTypedArray()];
        const expected = half ? new Float32Array(count(out)) : new Float64Array(count(out));
        for (let b = 0; b < (out.includes("b") ? 2 : 1); b++)
          for (let i = 0; i < size.i; i++)
            for (let j = 0; j < size.j; j++) {
              let sum = 0;
              for (let k = 0; k < size.k; k++) {
                const at = { b, i, j, k };
                sum += u[place(first, at)] * v[place(second, at)];
              }
              expected[place(out, { b, i, j, k: 0 })] = sum;
            }
        expect(got).toEqual(expected);
      }),
      { numRuns: 12 },
    );
  },
);

it("need no WebAssembly", () => {
  const script = `const product = async () => {
      const { matmul, tensor } = await import("gradus");
      const x = tensor(Float64Array.from({ length: 900 }, (_, i) => Math.sin(i))).reshape([30, 30]);
      const v = tensor(Float64Array.from({ length: 30 }, (_, i) => Math.cos(i)));
      return [matmul(x, x), matmul(x, v), matmul(v, x)].map((p) => p.toTypedArray().join()).join();
    };
    if (process.argv[1] === "without") delete globalThis.WebAssembly;
    product().then((text) => console.log(typeof WebAssembly, text));`;
  const cwd = fileURLToPath(new URL("../../../bench", import.meta.url));
  const [given, without] = ["with", "without"].map((mode) =>
    spawnSync(process.execPath, ["-e", script, mode], { encoding: "utf8", cwd }).stdout.trim().split(" "),
  );
  expect([given[0], without[0]]).toEqual(["object", "undefined"]);
  expect(without[1]).toBe(given[1]);
  expect(given[1].split(",")).toHaveLength(960);
});

describe("einsum with an ellipsis, as NumPy's", () => {
  const range = (...shape: number[]) =>
    tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i)).reshape(shape);
  it.each([
    ["i...,i->...", [range(2, 3), tensor([1, 2])], [3], [6, 9, 12]],
    ["...ii->...i", [range(2, 2, 2)], [2, 2], [0, 3, 4, 7]],
    ["...i,...i", [range(2, 3), range(2, 3)], [2], [5, 50]],
    ["b...a,a->...b", [range(2, 3, 4), range(4)], [3, 2], [14, 86, 38, 110, 62, 134]],
    ["...,...", [2, range(3)], [3], [0, 2, 4]],
    ["...", [range(2, 2)], [2, 2], [0, 1, 2, 3]],
    ["...i->...", [range(3)], [], [3]],
    ["a...,b...->ab...", [range(2, 1), range(1, 3)], [2, 1, 3], [0, 0, 0, 0, 1, 2]],
    ["...i->i...", [range(0, 2)], [2, 0], []],
  ])("%s", (subscripts, operands, shape, expected) => {
    const got = einsum(subscripts, ...operands);
    expect(got.shape).toEqual(shape);
    expect([...got.toTypedArray()]).toEqual(expected);
  });
  it("is matmul over leading axes that broadcast, with its gradients", () => {
    const [a, b] = [range(2, 1, 2, 3), range(2, 3, 2)];
    const [f, g] = [
      (x: Tensor, y: Tensor) => einsum("...ij,...jk->...ik", x, y),
      (x: Tensor, y: Tensor) => matmul(x, y),
    ];
    expect(f(a, b).shape).toEqual([2, 2, 2, 2]);
    expect(f(a, b).toTypedArray()).toEqual(g(a, b).toTypedArray());
    const slope = (h: typeof f, argnum: number) =>
      grad((x: Tensor, y: Tensor) => h(x, y).mul(h(x, y)).sum(), { argument: argnum })(a, b) as Tensor;
    for (const k of [0, 1]) {
      expect(slope(f, k).shape).toEqual([a, b][k].shape);
      expect(slope(f, k).toTypedArray()).toEqual(slope(g, k).toTypedArray());
    }
  });
  it.each([
    ["...ij->ij", [range(2, 2, 2)], /"\.\.\." stands for axes in "\.\.\.ij->ij", but its result has none/],
    ["...i,...i", [range(2, 3), range(3, 3)], /sizes 2 and 3 of one index differ/],
    ["...ijk", [range(2, 2)], /"\.\.\.ijk" in .* names 3 axes of \[2, 2\]/],
    ["..i", [range(2)], /does not describe 1 tensors/],
    ["...i...", [range(2)], /does not describe 1 tensors/],
  ])("refuses %s", (subscripts, operands, message) => {
    expect(() => einsum(subscripts, ...operands)).toThrow(message);
  });
});
