import { readFileSync } from "node:fs";
import fc from "fast-check";
import { abs, exp, type Tensor, where } from "gradus";
import { DomainError, enclose, type Interval, interval, parse } from "gradus/math";
import { describe, expect, it } from "vitest";
import { input, type Node } from "../src/ir/node.ts";
import { Rational } from "../src/ir/rational.ts";
import { encloseRational } from "../src/numeric/ball.ts";
import * as directed from "../src/numeric/directed.ts";
import { cos as cosOf, exp as expOf, sin as sinOf } from "../src/numeric/elementary.ts";
import * as iv from "../src/numeric/interval.ts";
import { enclosureRule } from "../src/numeric/table.ts";
import { operations } from "../src/primitives/registry.ts";
import { sampleOf } from "./samples.ts";

type Row = [...number[], string];
const file = process.env.GRADUS_ENCLOSURES ?? new URL("./reference/enclosures.json", import.meta.url);
const { nested, ...table }: Record<string, Row[]> & { nested: [string, number, string][] } = JSON.parse(
  readFileSync(file, "utf8"),
);

/** Below (−1), above (1) or at a decimal that is rounded in its last digit: in whole numbers. */
function sideOf(decimal: string): (x: number) => number {
  const [, sign, whole, fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(decimal) ?? [];
  const digits = BigInt(sign + whole + fraction);
  const tens = Number(power) - fraction.length;
  const [up, down] = [10n ** BigInt(Math.max(0, tens)), 10n ** BigInt(Math.max(0, -tens))];
  return (x) => {
    if (!Number.isFinite(x)) return x;
    const { n, d } = Rational.from(x);
    const [a, b] = [n * down, digits * up * d];
    const last = up * d;
    return a < b - last ? -1 : a > b + last ? 1 : 0;
  };
}

/** Steps from lo to hi, in units of the last place. */
function ulpsBetween(lo: number, hi: number): number {
  const unit = Math.max(
    Number.MIN_VALUE,
    2 ** (Math.floor(Math.log2(Math.max(Math.abs(lo), Math.abs(hi)))) - 52),
  );
  return (hi - lo) / unit;
}

const aliases: Record<string, string> = { powNearOne: "pow", powWhole: "pow", hypotNear: "hypot" };
/** Widest enclosures of one point, in units of the last place: 2 where the value cannot be told from a float. */
/** mul and div: a step from a subnormal may be two (nextUp). */
const WIDEST: Record<string, number> = { mul: 4, div: 4, atan2: 8, powWhole: 3, oneMinusSquare: 3 };

describe.each(Object.entries(table))("%s", (name, rows) => {
  const [, base, order] = /^(.*?)(\d*)$/.exec(name) as unknown as [string, string, string];
  const operation = operations.get(
    (base === "polygamma" ? "polygammaOfOrder" : (aliases[name] ?? name)) as never,
  ) as unknown as { primitive: Parameters<typeof enclosureRule>[0] };
  const rule = enclosureRule(operation.primitive);
  it(`holds ${rows.length} values of mpmath, tightly`, () => {
    let widest = 0;
    for (const row of rows) {
      const value = row[row.length - 1] as string;
      const x = (row.slice(0, -1) as number[]).map((a) => ({ lo: a, hi: a }));
      const { lo, hi } = rule!.of(x, { order: Number(order) } as never);
      const side = sideOf(value);
      if (!(side(lo) <= 0 && side(hi) >= 0))
        expect.fail(`${name}(${row.slice(0, -1)}) = ${value} not in [${lo}, ${hi}]`);
      widest = Math.max(widest, ulpsBetween(lo, hi));
    }
    expect(widest).toBeLessThanOrEqual(WIDEST[name] ?? 2.01);
  });
});

// --- laws ---

const float = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, min: -100, max: 100 }),
  fc.integer({ min: -9, max: 9 }),
);
const range = fc.tuple(float, float).map(([a, b]) => ({ lo: Math.min(a, b), hi: Math.max(a, b) }));
/** An interval and a member. */
const member = fc
  .tuple(range, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([x, t]) => ({ x, at: Math.min(x.hi, Math.max(x.lo, x.lo / 2 + x.lo * (0.5 - t) + x.hi * t)) }));

const exact = (x: number) => Rational.from(x);
const holdsExact = (x: Interval, r: Rational) =>
  (x.lo === -Infinity || exact(x.lo).compare(r) <= 0) && (x.hi === Infinity || exact(x.hi).compare(r) >= 0);

describe("interval laws", () => {
  const { add, sub, mul } = iv;
  it.each(Object.entries({ add, sub, mul }))("%s holds the exact result of members", (name, operation) => {
    const reference = name as "add" | "sub" | "mul";
    fc.assert(
      fc.property(member, member, (a, b) =>
        holdsExact(operation(a.x, b.x), exact(a.at)[reference](exact(b.at))),
      ),
      { numRuns: 2000 },
    );
  });
  it("div holds the exact result of members", () => {
    fc.assert(
      fc.property(
        member,
        member,
        (a, b) => b.at === 0 || holdsExact(iv.div(a.x, b.x), exact(a.at).div(exact(b.at))),
      ),
      { numRuns: 2000 },
    );
  });
  it("directed operations lie on their side, and are tight where no bit is lost", () => {
    fc.assert(
      fc.property(float, float, (a, b) => {
        const pairs = [
          [directed.addDown(a, b), directed.addUp(a, b), exact(a).add(exact(b))],
          [directed.mulDown(a, b), directed.mulUp(a, b), exact(a).mul(exact(b))],
          ...(b === 0
            ? []
            : [[directed.divDown(a, b), directed.divUp(a, b), exact(a).div(exact(b))] as const]),
        ] as const;
        for (const [lo, hi, value] of pairs) {
          expect(holdsExact({ lo, hi }, value)).toBe(true);
          const ordinary =
            Math.abs(a) < 2 ** 300 &&
            Math.abs(a) > 2 ** -300 &&
            Math.abs(b) < 2 ** 300 &&
            Math.abs(b) > 2 ** -300;
          if (ordinary && exact(value.toNumber()).equals(value)) expect(lo === hi).toBe(true);
          if (ordinary && lo !== hi) expect(directed.nextUp(lo)).toBe(hi);
        }
      }),
      { numRuns: 2000 },
    );
  });
  it("√ squares back", () => {
    fc.assert(
      fc.property(float, (given) => {
        const a = Math.abs(given);
        const [lo, hi] = [directed.sqrtDown(a), directed.sqrtUp(a)];
        expect(exact(lo).pow(2).compare(exact(a))).toBeLessThanOrEqual(0);
        expect(exact(hi).pow(2).compare(exact(a))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
  it("fractions lie between neighbouring floats", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.bigInt({ min: 1n, max: 10n ** 30n }),
        (n, d) => {
          const r = Rational.of(n, d);
          const { lo, hi } = encloseRational(r);
          expect(holdsExact({ lo, hi }, r)).toBe(true);
          expect(lo === hi ? exact(lo).equals(r) : directed.nextUp(lo) === hi).toBe(true);
        },
      ),
    );
  });
  it("infinite ends and emptiness", () => {
    const half = { lo: 1, hi: Infinity };
    expect(iv.mul(half, iv.ZERO)).toMatchObject({ lo: 0, hi: 0 });
    expect(iv.add(half, { lo: -Infinity, hi: 3 })).toEqual(iv.WHOLE);
    expect(iv.div(iv.ONE, { lo: -1, hi: 2 })).toEqual(iv.WHOLE);
    expect(iv.div(iv.ONE, { lo: 0, hi: 2 })).toEqual({ lo: 0.5, hi: Infinity });
    expect(iv.isEmpty(iv.div(iv.ONE, iv.ZERO))).toBe(true);
    expect(iv.isEmpty(iv.sqrt({ lo: -2, hi: -1 }))).toBe(true);
    expect(() => interval(2, 1)).toThrow(/lo ≤ hi/);
    expect(() => interval(Number.NaN)).toThrow(RangeError);
  });
});

describe("every primitive", () => {
  const scalars = [...operations].filter(([, f]) => enclosureRule(f.primitive));
  it.each(scalars)("%s: values of members lie in the enclosure, and parts in the whole", (name, f) => {
    const rule = enclosureRule(f.primitive)!;
    const sample = sampleOf(name, f as never);
    if (name === "where" || name === "cast" || name === "stopGradient") return;
    const arity = sample.shapes[0].length;
    const wide = (r: readonly [number, number]) =>
      fc.tuple(
        fc.double({ min: r[0], max: r[1], noNaN: true }),
        fc.double({ min: r[0], max: r[1], noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      );
    const kernel = (f.primitive as { kernel?: (p: unknown) => (...x: number[]) => number }).kernel?.({
      order: 1,
    });
    fc.assert(
      fc.property(fc.tuple(...sample.ranges.slice(0, arity).map(wide)), (reals) => {
        // The members of an interval of truth are 0 and 1.
        const picks = name.startsWith("logical")
          ? reals.map(([a, b, t]) => [a, b, t].map((v) => Number(v > 0.5)) as (typeof reals)[number])
          : reals;
        const boxes = picks.map(([a, b]) => ({ lo: Math.min(a, b), hi: Math.max(a, b) }));
        const at = picks.map(([a, b, t]) =>
          Math.min(Math.max(a, b), Math.max(Math.min(a, b), a + (b - a) * t)),
        );
        const whole = rule.of(boxes, { order: 1 } as never);
        const part = rule.of(
          at.map((a) => ({ lo: a, hi: a })),
          { order: 1 } as never,
        );
        // An end may be known exactly (e⁰), its neighbour not.
        expect(whole.lo).toBeLessThanOrEqual(directed.nextUp(part.lo));
        expect(whole.hi).toBeGreaterThanOrEqual(directed.nextDown(part.hi));
        if (!kernel) return;
        // The reference is not rigorous: a few of its last digits may lie outside.
        const value = kernel(...at);
        const slack = 1e-13 * Math.max(Math.abs(part.lo), Math.abs(part.hi), 1e-300);
        expect(value).toBeGreaterThanOrEqual(part.lo - slack);
        expect(value).toBeLessThanOrEqual(part.hi + slack);
      }),
      { numRuns: 60 },
    );
  });
});

describe("turning points and poles", () => {
  it("finds the top of a sine, and no more", () => {
    expect(sinOf({ lo: 1, hi: 2 })).toMatchObject({ hi: 1 });
    expect(sinOf({ lo: 1.6, hi: 4.7 }).hi).toBeLessThan(1);
    expect(sinOf({ lo: 1.6, hi: 4.7 }).lo).toBeGreaterThan(-1);
    expect(sinOf({ lo: 1.6, hi: 4.72 }).lo).toBe(-1);
    // 10²² mod 2π is 5.17…: the next bottom of the sine is 5.83 away, the next top 2.68.
    expect(sinOf({ lo: 1e22, hi: 1e22 + 2 ** 21 })).toEqual({ lo: -1, hi: 1 });
    expect(expOf(iv.WHOLE)).toEqual({ lo: 0, hi: Infinity });
  });
  it("ends for the float nearest to a multiple of π/2", () => {
    // Muller et al., Handbook of Floating-Point Arithmetic, 11.3: 2⁻⁶¹·⁹ away.
    const worst = 6381956970095103 * 2 ** 797;
    const { lo, hi } = cosOf({ lo: worst, hi: worst });
    expect(lo).toBeLessThanOrEqual(-4.687165924254628e-19);
    expect(hi).toBeGreaterThanOrEqual(-4.687165924254628e-19);
    expect(sinOf({ lo: worst, hi: worst + 2 ** 802 })).toMatchObject({ hi: 1 });
  });
  const on = (text: string, lo: number, hi = lo) => {
    const e = parse(text);
    return enclose(e.node, new Map([...e.variables.values()].map((v) => [v, interval(lo, hi)])));
  };
  it("names the step that has no value", () => {
    expect(() => on("1 + ln(x - 3)", 0, 5)).toThrow(DomainError);
    expect(() => on("1 + ln(x - 3)", 0, 5)).toThrow(/ln\(x - 3\) .* \[-3, 2\]/);
    expect(() => on("1/x", -1, 1)).toThrow(/1 ?\/ ?x/);
    expect(() => on("tan(x)", 1, 2)).toThrow(DomainError);
    expect(() => on("gamma(x)", -1.5, -0.5)).toThrow(DomainError);
    expect(() => on("sqrt(x)", -1, 1)).toThrow(DomainError);
    expect(on("sqrt(x)", 0, 4)).toEqual({ lo: 0, hi: 2 });
  });
  it("looks only at the branch that is taken", () => {
    expect(on("where(x > 0, 1, ln(x))", 1, 2)).toEqual({ lo: 1, hi: 1 });
    expect(() => on("where(x > 0, ln(x), 0)", -1, 2)).toThrow(DomainError);
    expect(on("where(x > 0, ln(x), 5)", -2, -1)).toEqual({ lo: 5, hi: 5 });
  });
  it("refuses tensors and missing intervals, and says so", () => {
    const v = parse("sum(w)", { shapes: { w: [3] } });
    expect(() => enclose(v.node, new Map([[v.variable("w"), interval(0, 1)]]))).toThrow(/shape \[3\]/);
    expect(() => enclose(parse("x + 1").node)).toThrow(/x has no interval/);
    const unknown = parse("f(x) + x", { variables: ["x"] });
    expect(() =>
      enclose(unknown.node, new Map([...unknown.variables.values()].map((n) => [n, iv.ONE]))),
    ).toThrow();
  });
});

describe("nested expressions", () => {
  const expressions = new Map(nested.map(([text]) => [text, parse(text)]));
  it(`hold ${nested.length} values of mpmath`, () => {
    for (const [text, x, value] of nested) {
      const e = expressions.get(text)!;
      const { lo, hi } = enclose(e.node, new Map([[e.variable("x"), interval(x)]]));
      const side = sideOf(value);
      if (!(side(lo) <= 0 && side(hi) >= 0)) expect.fail(`${text} at ${x} = ${value} not in [${lo}, ${hi}]`);
      expect(hi - lo, `${text} at ${x}`).toBeLessThan(1e-13 * Math.max(1, Math.abs(lo)));
    }
  });
  it("takes a graph of 100000 nodes", () => {
    const x = input({ shape: [], dtype: "f64" });
    let y: Node = x;
    for (let i = 0; i < 50_000; i++) y = (y as Tensor).mul(0.5).add(x);
    const { lo, hi } = enclose(y, new Map([[x, interval(1)]]));
    expect(lo).toBeLessThanOrEqual(2);
    expect(hi).toBeGreaterThanOrEqual(2);
    expect(hi - lo).toBeLessThan(1e-14);
  });
  it("takes traced functions, whose floats stand for themselves", () => {
    const x = input({ shape: [], dtype: "f64" });
    const y = where((x as Tensor).greater(0), exp(x), abs(x));
    expect(enclose(y, new Map([[x, interval(-3, -2)]]))).toEqual({ lo: 2, hi: 3 });
  });
});
