import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rational } from "../src/ir/rational.ts";

const floats = new Float64Array(1);
const bits = new BigInt64Array(floats.buffer);

/** The next float above a positive one. */
function after(x: number): number {
  floats[0] = x;
  bits[0] += 1n;
  return floats[0];
}

function before(x: number): number {
  floats[0] = x;
  bits[0] -= 1n;
  return floats[0];
}

/** Whether r is the float nearest to q ≥ 0, halves to even, told by exact comparison with the points half way. */
function isNearest(q: Rational, r: number): boolean {
  const even = (x: number) => {
    floats[0] = x;
    return (bits[0] & 1n) === 0n;
  };
  const top = Rational.of(2n ** 1024n - 2n ** 970n);
  if (r === Number.POSITIVE_INFINITY) return q.compare(top) >= 0;
  const half = Rational.of(1n, 2n);
  const upper =
    r === Number.MAX_VALUE
      ? top
      : Rational.from(r)
          .add(Rational.from(after(r)))
          .mul(half);
  const above = q.compare(upper);
  if (above > 0 || (above === 0 && !even(r))) return false;
  if (r === 0) return true;
  const below = q.compare(
    Rational.from(r)
      .add(Rational.from(before(r)))
      .mul(half),
  );
  return below > 0 || (below === 0 && even(r));
}

describe("toNumber rounds once, to nearest, halves to even", () => {
  test.each([
    ["1/3", 1n, 3n, 1 / 3],
    ["a tenth", 1n, 10n, 0.1],
    ["least subnormal", 1n, 2n ** 1074n, 5e-324],
    ["half of it: the even side is 0", 1n, 2n ** 1075n, 0],
    ["a little more than half of it", 2n ** 60n + 1n, 2n ** 1135n, 5e-324],
    ["one and a half of it: up to even", 3n, 2n ** 1075n, 1e-323],
    ["two and a half of it: down to even", 5n, 2n ** 1075n, 1e-323],
    ["least normal", 1n, 2n ** 1022n, 2.2250738585072014e-308],
    ["just under it", 2n ** 53n - 1n, 2n ** 1075n, 2.2250738585072014e-308],
    ["far below", 1n, 10n ** 5000n, 0],
    ["far above", 10n ** 5000n, 3n, Number.POSITIVE_INFINITY],
    ["greatest float", 2n ** 1024n - 2n ** 971n, 1n, Number.MAX_VALUE],
    ["half a step above it", 2n ** 1024n - 2n ** 970n, 1n, Number.POSITIVE_INFINITY],
    ["just below that", 3n * (2n ** 1024n - 2n ** 970n) - 1n, 3n, Number.MAX_VALUE],
    ["2^53 + 1, a tie", 2n ** 53n + 1n, 1n, 2 ** 53],
    ["2^53 + 3, a tie", 2n ** 53n + 3n, 1n, 2 ** 53 + 4],
    ["above the tie by a hair", 3n * (2n ** 53n + 1n) + 1n, 3n, 2 ** 53 + 2],
    ["huge over huge", 7n * 10n ** 4000n + 1n, 2n * 10n ** 4000n, 3.5],
  ])("%s", (_, n, d, expected) => {
    expect(Rational.of(n, d).toNumber()).toBe(expected);
    expect(Rational.of(-n, d).toNumber()).toBe(-expected);
  });

  test("agrees with exact comparison on random fractions of all sizes", () => {
    const size = fc.integer({ min: 0, max: 1200 });
    const part = fc.bigInt({ min: 1n, max: 2n ** 120n });
    fc.assert(
      fc.property(part, part, size, size, (a, b, i, j) => {
        const q = Rational.of(a << BigInt(i), b << BigInt(j));
        return isNearest(q, q.toNumber());
      }),
      { numRuns: 3000 },
    );
  });

  test("agrees with exact comparison beside the points half way", () => {
    const exponent = fc.integer({ min: -1074, max: 971 });
    const nudge = fc.constantFrom(-1n, 0n, 1n);
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }), exponent, nudge, (m, e, d) => {
        const n = ((2n * m + 1n) << 80n) + d;
        const q = e >= 0 ? Rational.of(n << BigInt(e), 1n << 81n) : Rational.of(n, 1n << BigInt(81 - e));
        return isNearest(q, q.toNumber());
      }),
      { numRuns: 3000 },
    );
  });

  test("reads decimals as JavaScript does", () => {
    const exponent = fc.integer({ min: -345, max: 320 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 25n }), exponent, (m, e) => {
        expect(Rational.from(`${m}e${e}`).toNumber()).toBe(Number(`${m}e${e}`));
      }),
      { numRuns: 3000 },
    );
    for (const hard of [
      "1e23",
      "8.41e21",
      "2.2250738585072011e-308",
      "9007199254740993",
      "1.7976931348623159e308",
    ]) {
      expect(Rational.from(hard).toNumber()).toBe(Number(hard));
    }
  });
});

test("takes floats bit by bit, and gives them back", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      expect(Rational.from(x).toNumber()).toBe(x === 0 ? 0 : x);
    }),
  );
  expect(Rational.from(0.1).toString()).toBe("3602879701896397/36028797018963968");
  expect(Rational.from(5e-324).d).toBe(2n ** 1074n);
  for (const x of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => Rational.from(x)).toThrow(RangeError);
});

test("takes decimals exactly", () => {
  expect(Rational.from("1e-3").toString()).toBe("1/1000");
  expect(Rational.from("-2.50").toString()).toBe("-5/2");
  expect(Rational.from(".5").toString()).toBe("1/2");
  expect(Rational.from("1E5").toString()).toBe("100000");
  for (const odd of ["", ".", "e3", "1e", "0x10", "1/2", "Infinity", "1_0"]) {
    expect(() => Rational.from(odd), odd).toThrow(RangeError);
  }
});

test("a field, ordered, in lowest terms", () => {
  const rational = fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.bigInt({ min: 1n, max: 10n ** 20n }))
    .map(([n, d]) => Rational.of(n, d));
  fc.assert(
    fc.property(rational, rational, rational, (a, b, c) => {
      expect(
        a
          .add(b)
          .mul(c)
          .equals(a.mul(c).add(b.mul(c))),
      ).toBe(true);
      expect(a.sub(b).add(b).equals(a)).toBe(true);
      if (!b.isZero) expect(a.div(b).mul(b).equals(a)).toBe(true);
      expect(Math.sign(a.compare(b))).toBe(a.sub(b).sign);
      expect(Rational.of(a.n * 6n, a.d * 6n).equals(a)).toBe(true);
      expect(a.d > 0n).toBe(true);
    }),
  );
  expect(Rational.of(2n, -4n).toString()).toBe("-1/2");
  expect(() => Rational.of(1n, 0n)).toThrow("division by zero");
  expect(() => Rational.ONE.div(Rational.ZERO)).toThrow(RangeError);
});

test("powers end at a budget, at once", () => {
  expect(Rational.of(2n, 3n).pow(-3).toString()).toBe("27/8");
  expect(Rational.of(-1n).pow(2 ** 40).isOne).toBe(true);
  expect(Rational.ZERO.pow(2 ** 40).isZero).toBe(true);
  expect(() => Rational.of(0n).pow(-1)).toThrow(RangeError);
  expect(() => Rational.of(2n).pow(0.5)).toThrow(RangeError);
  const started = performance.now();
  expect(() => Rational.of(9n).pow(9 ** 9)).toThrow("too many digits");
  expect(() => Rational.from("1e999999999")).toThrow("too large");
  expect(performance.now() - started).toBeLessThan(100);
});
