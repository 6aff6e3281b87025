import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { plainVectors, simdVectors, type Vectors, vectorsOf } from "../src/optimize/vectors.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const pass = (vectors: Vectors, [a, b, g, out]: readonly Float64Array[], s: number, t: number) => {
  const [mine, other, sum] = [a, b, out].map((v) => {
    const made = vectors.make();
    made.set(v);
    return made;
  });
  const products = vectors.products(mine, other, g);
  const ofItself = vectors.products(mine, other, other);
  vectors.add(sum, s, mine, t, other);
  return [...products, ...ofItself, ...sum];
};

it("WebAssembly gives the bits of JavaScript, for lengths that are no multiple of four too", () => {
  const number = fc.double({ noNaN: true, min: -1e150, max: 1e150 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }).chain((n) =>
        fc.tuple(
          fc.array(
            fc.array(number, { minLength: n, maxLength: n }).map((v) => Float64Array.from(v)),
            { minLength: 4, maxLength: 4 },
          ),
          number,
          number,
        ),
      ),
      ([four, s, t]) => {
        const simd = simdVectors(four[0].length, 3) as Vectors;
        expect(pass(simd, four, s, t)).toEqual(pass(plainVectors(four[0].length), four, s, t));
      },
    ),
  );
});

it("without room for so many there are none in WebAssembly", () => {
  expect(simdVectors(1e9, 20)).toBeUndefined();
  const two = simdVectors(5, 2) as Vectors;
  expect([two.make(), two.make()].map((v) => v.length)).toEqual([5, 5]);
  expect(() => two.make()).toThrow(/room for 2 vectors/);
});

it("need no WebAssembly", () => {
  vi.stubGlobal("WebAssembly", undefined);
  expect(simdVectors(1000, 3)).toBeUndefined();
  const vectors = vectorsOf(1000, 3);
  const [a, b] = [vectors.make().fill(2), vectors.make().fill(3)];
  expect(vectors.products(a, b, a)).toEqual([4000, 6000]);
});
