import {
  add,
  debugNans,
  div,
  grad,
  interpret,
  jit,
  log,
  matmul,
  mul,
  NaNError,
  scan,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
} from "gradus";
import { expect, it } from "vitest";
import { input } from "../src/ir/node.ts";

const failure = (f: () => unknown): NaNError => {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(NaNError);
    return error as NaNError;
  }
  throw new Error("nothing was thrown");
};

it("names the first node that makes NaN, its operands and the place", () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, -6],
  ]);
  const error = failure(() => debugNans(() => sum(sqrt(add(log(x), 1)))));
  expect(error.primitive).toBe("log");
  expect(error.index).toEqual([1, 2]);
  expect(error.message).toBe("log (f64[2, 3]) gave NaN at [1, 2]; operands: #1 = -6 there");
  const product = failure(() =>
    debugNans(() => matmul(tensor([[0, 1]]), tensor([[Number.POSITIVE_INFINITY], [1]]))),
  );
  expect(product.message).toContain("gave NaN at [0, 0]; operands: ");
  expect(product.message).toContain("[Infinity, 1]");
});

it("changes nothing where there is no NaN, and nothing after", () => {
  expect(debugNans(() => log(tensor([1, 2])).item.length)).toBeDefined();
  expect(debugNans(() => Number(div(1, 0).item()))).toBe(Number.POSITIVE_INFINITY);
  failure(() => debugNans(() => log(tensor(-1))));
  expect(log(tensor(-1)).item()).toBeNaN();
  expect(() => debugNans(() => Promise.resolve(1))).toThrow("returned a Promise");
  // Nested: the outer watch goes on.
  const error = failure(() =>
    debugNans(() => {
      debugNans(() => 1);
      return log(tensor(-1));
    }),
  );
  expect(error.primitive).toBe("log");
});

it("finds what a gradient makes", () => {
  const f = (x: Tensor) => sqrt(mul(x, x));
  const error = failure(() => debugNans(() => grad(f)(0)));
  expect(error.message).toMatch(/gave NaN; operands: .*= (0|Infinity)/);
});

it("knows the names of a program in the interpreter", () => {
  const w = input({ shape: [2], dtype: "f64" }, { name: "w" });
  const z = sub(w, 1);
  const a = log(z);
  const run = interpret({
    inputs: [w],
    outputs: [sum(a)],
    names: new Map([
      ["z", z],
      ["a", a],
    ]),
  });
  expect(run(tensor([2, 3]))[0].item()).toBeCloseTo(Math.log(2), 15);
  const error = failure(() => debugNans(() => run(tensor([2, 0]))));
  expect(error.message).toBe("a = log (f64[2]) gave NaN at [1]; operands: z = -1 there");
  const given = failure(() => debugNans(() => run(tensor([2, Number.NaN]))));
  expect(given.message).toMatch(
    /^z = sub \(f64\[2\]\) was given a NaN and passes it on at \[1\]; operands: w = NaN there/,
  );
});

it("looks into loops", () => {
  const f = () => scan((c, x) => [log(sub(c, x)), null], 3, tensor([1, 1, 1]));
  const error = failure(() => debugNans(f));
  expect(error.primitive).toBe("log");
  expect(error.message).toContain("gave NaN; operands: #1 = -0.30685281944005");
});

it.each(["javascript", "tape"] as const)("watches what was compiled for %s, loops too", (engine) => {
  const f = jit((x: Tensor) => sum(log(x)), { engine });
  expect(f(tensor([1, -1])).item()).toBeNaN();
  expect(failure(() => debugNans(() => f(tensor([1, -1])))).message).toMatch(/^log .* at \[1\]/);
  expect(failure(() => debugNans(() => f.into([new Float64Array(1)], tensor([1, -1])))).primitive).toBe(
    "log",
  );
  const loop = jit((x: Tensor) => scan((c, y: Tensor) => [log(sub(c, y)), null], x, tensor([0.1, 5]))[0], {
    engine,
  });
  expect(failure(() => debugNans(() => loop(tensor(2)))).message).toMatch(/^log .*operands: #1 = -4\.3/);
  expect(f(tensor([1, 1])).item()).toBe(0);
});
