import { afterEach, describe, expect, it } from "vitest";
import { boundMemory, grad, matmul, mul, ones, outer, sum, tensor } from "../src/index.ts";
import { parse } from "../src/math.ts";

afterEach(() => boundMemory());

describe("boundMemory", () => {
  it("refuses a Tensor that is larger, before it is allocated", () => {
    boundMemory({ each: 1_000 });
    expect(() => ones([32, 32])).toThrow("a Tensor of shape [32, 32] has 1024 numbers: no more than 1000");
    const row = tensor(Array.from({ length: 40 }, (_, i) => i));
    expect(() => outer(row, row)).toThrow("1600 numbers");
    expect(sum(row).item()).toBe(780);
  });
  it("refuses what all together is too much, also where nothing of it is large", () => {
    boundMemory({ each: 1_000, all: 5_000 });
    const x = ones([100]);
    expect(() => Array.from({ length: 100 }).reduce<typeof x>((y) => mul(y, 2), x)).toThrow(
      "more than 5000 numbers, all together",
    );
  });
  it("counts what an expression, a derivative and a product of matrices compute, and ends when it is lifted", () => {
    const loss = parse("sum(exp(x ones(50, 50)))");
    const slope = grad((x: typeof a) => sum(matmul(x, x)));
    const a = ones([40, 40]);
    boundMemory({ each: 1_000 });
    expect(() => loss.evaluate({ x: 1 })).toThrow("2500 numbers");
    expect(() => slope(a)).toThrow("1600 numbers");
    boundMemory();
    expect(loss.evaluate({ x: 0 }).item()).toBe(2500);
    expect(slope(a).shape).toEqual([40, 40]);
  });
  it("refuses a graph that grows too large, as higher derivatives do", () => {
    const f = parse("tan(tan(tan(tan(tan(x)))))");
    boundMemory({ nodes: 20_000 });
    expect(() => f.derivative("x", 6)).toThrow("number of nodes");
    boundMemory({ nodes: 20_000 });
    expect(f.derivative("x").evaluate({ x: 0 }).item()).toBe(1);
  });
  it("without a bound, what no array can hold is still refused in words", () => {
    expect(() => ones([100_000, 100_000])).toThrow("10000000000 numbers");
  });
});
