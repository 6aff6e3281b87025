import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as kernel from "../src/primitives/kernels/index.ts";
import { ulps } from "./reference/ulps.ts";

type Kernel = (...args: number[]) => number;
type Row = [...number[], string];

const kernels = kernel as unknown as Record<string, Kernel>;
const table: Record<string, Row[]> = JSON.parse(
  readFileSync(new URL("./reference/kernels.json", import.meta.url), "utf8"),
);
const { gamma, logGamma, digamma, polygamma, pow, modFloor, roundHalfEven } = kernel;
const INF = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;
const TINY = Number.MIN_VALUE;

/** A number's text, −0 apart from 0. */
const spelled = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** The greatest error in units of the last place; in parentheses the largest seen in 25 000 points. */
const BOUNDS: Record<string, number> = {
  erf: 1.5, // (1.12)
  erfc: 3.5, // (3.12)
  erfcx: 2.5, // (2.16)
  normalCdf: 4, // (3.28)
  gamma: 3.5, // (2.79)
  logGamma: 3, // (2.45)
  logGammaNegative: 4,
  digamma: 2.5, // (2.27)
  digammaNegative: 4,
  polygamma: 3.5, // (3.03)
  polygammaNegative: 4,
  sinh: 2, // (1.64)
  cosh: 1.5, // (1.29)
  tanh: 1.5, // (1.27)
  sech: 2.5, // (2.26)
  csch: 2.5, // (2.30)
  coth: 2.5, // (2.28)
  asinh: 2, // (1.47)
  acosh: 2.5, // (1.97)
  atanh: 2, // (1.50)
  asech: 2.5, // (2.09)
  acsch: 2.5, // (2.06)
  acoth: 1.5, // (1.39)
  sin: 1, // (0.80)
  cos: 1, // (0.79)
  tan: 1, // (0.74)
  sec: 1.5, // (1.41)
  csc: 1.5, // (1.45)
  cot: 1.5, // (1.46)
  asec: 2.5, // (2.39)
  acsc: 2, // (1.80)
  acot: 1.5, // (1.34)
  sigmoid: 2.5, // (2.03)
  softplus: 1.5, // (1.37)
  logSigmoid: 2, // (1.47)
  logisticPdf: 2.5, // (2.15)
  cbrt: 1, // (0.66)
  log2: 1, // (0.69)
  log10: 2, // (1.76)
  expm1: 1, // (0.81)
  log1p: 1, // (0.75)
  pow: 1.5, // (1.16)
  hypot: 1, // (0.50)
  modFloor: 0,
};

/**
 * Left of 0 these have zeros at no round number, where terms cancel: there the error is measured against the
 * largest term instead of the value: 6·2⁻⁵³ of it at most (4.95 seen).
 */
const LARGEST_TERM: Record<string, Kernel> = {
  logGammaNegative: (x) => Math.max(1, logGamma(1 - x)),
  digammaNegative: (x) => Math.max(1, digamma(1 - x)),
  polygammaNegative: (n, x) => Math.abs(polygamma(n, Math.ceil(x) - x)),
};

describe("kernels against mpmath", () => {
  it("has a bound for every table and a table for every kernel that rounds", () => {
    expect(Object.keys(BOUNDS).sort()).toEqual(Object.keys(table).sort());
    const untabled = Object.keys(kernel).filter((name) => !(name in table));
    expect(untabled.sort()).toEqual(["roundHalfEven", "sign"]);
  });

  it.each(Object.keys(table))("%s", (name) => {
    const compute = kernels[name.replace("Negative", "")];
    const wrong = table[name].filter((row) => {
      const args = row.slice(0, -1) as number[];
      const wanted = row[row.length - 1] as string;
      const got = compute(...args);
      if (ulps(got, wanted) <= BOUNDS[name]) return false;
      const size = LARGEST_TERM[name]?.(...args) ?? 0;
      return !(Math.abs(got - Number(wanted)) <= 3 * size * 2 ** -52);
    });
    expect(wrong).toEqual([]);
  });
});

describe("kernels at the edges", () => {
  /** "arguments: value; …" */
  const edges: Record<string, string> = {
    erf: "0: 0; -0: -0; inf: 1; -inf: -1; tiny: tiny",
    erfc: "0: 1; -0: 1; inf: 0; -inf: 2",
    erfcx: "0: 1; inf: 0; -inf: inf",
    normalCdf: "0: 0.5; -0: 0.5; inf: 1; -inf: 0",
    gamma:
      "0: nan; -0: nan; -1: nan; -20: nan; -1e300: nan; inf: inf; -inf: nan; 172: inf; tiny: inf; " +
      "-tiny: -inf",
    logGamma: "0: inf; -0: inf; -3: inf; -1e300: inf; inf: inf; -inf: inf; 1: 0; 2: 0",
    digamma: "0: nan; -0: nan; -7: nan; inf: inf; -inf: nan; tiny: -inf; -tiny: inf",
    polygamma:
      "1 0: inf; 2 0: nan; 3 -4: inf; 4 -4: nan; 1 inf: 0; 2 inf: -0; 1 -inf: nan; -1 2: nan; " +
      "1.5 2: nan; 2 -tiny: inf; 2 tiny: -inf",
    sinh: "0: 0; -0: -0; inf: inf; -inf: -inf; 711: inf",
    cosh: "0: 1; inf: inf; -inf: inf",
    tanh: "0: 0; -0: -0; inf: 1; -inf: -1; tiny: tiny",
    sech: "0: 1; inf: 0; -inf: 0; 800: 0; 745: tiny",
    csch: "0: inf; -0: -inf; inf: 0; -inf: -0; -800: -0",
    coth: "0: inf; -0: -inf; inf: 1; -inf: -1",
    asinh: "0: 0; -0: -0; inf: inf; -inf: -inf",
    acosh: "1: 0; inf: inf; 0.99: nan",
    atanh: "0: 0; -0: -0; 1: inf; -1: -inf; 1.01: nan",
    asech: "0: inf; 1: 0; 1.01: nan; -0.1: nan; inf: nan",
    acsch: "0: inf; -0: -inf; inf: 0; -inf: -0",
    acoth: "1: inf; -1: -inf; inf: 0; -inf: -0; 0.99: nan; 0: nan",
    sin: "0: 0; -0: -0; inf: nan",
    cos: "0: 1; -inf: nan",
    tan: "0: 0; -0: -0; inf: nan",
    sec: "0: 1; inf: nan",
    csc: "0: inf; -0: -inf; inf: nan",
    cot: "0: inf; -0: -inf; inf: nan",
    asec: "1: 0; -1: pi; inf: pi/2; -inf: pi/2; 0.99: nan; 0: nan",
    acsc: "1: pi/2; -1: -pi/2; inf: 0; -inf: -0; 0.99: nan; 0: nan",
    acot: "0: pi/2; -0: pi/2; tiny: pi/2; -tiny: -pi/2; inf: 0; -inf: -0",
    sigmoid: "0: 0.5; inf: 1; -inf: 0; -800: 0",
    softplus: "0: ln2; inf: inf; -inf: 0; 800: 800; -800: 0",
    logSigmoid: "0: -ln2; inf: -0; -inf: -inf; -800: -800",
    logisticPdf: "0: 0.25; -0: 0.25; inf: 0; -inf: 0; 800: 0; -800: 0",
    cbrt: "0: 0; -0: -0; inf: inf; -inf: -inf",
    log2: "0: -inf; inf: inf; -1: nan",
    log10: "0: -inf; inf: inf; -1: nan",
    expm1: "0: 0; -0: -0; inf: inf; -inf: -1",
    log1p: "0: 0; -0: -0; inf: inf; -1: -inf; -1.1: nan",
    pow:
      "1 nan: 1; 1 inf: 1; 1 -inf: 1; -1 inf: 1; -1 -inf: 1; nan 0: 1; 0 0: 1; inf 0: 1; 0 -1: inf; " +
      "-0 -1: -inf; -0 -2: inf; -0 3: -0; -0 2: 0; 0.5 inf: 0; 0.5 -inf: inf; 2 inf: inf; 2 -inf: 0; " +
      "-2 inf: inf; -inf 3: -inf; -inf -3: -0; inf -2: 0; -8 0.3333333333333333: nan; 2 nan: nan; " +
      "nan 1: nan; -1 9007199254740992: 1; -1 4503599627370497: -1; -0.9999999 4294967296.5: nan",
    hypot:
      "0 -0: 0; inf nan: inf; nan -inf: inf; nan 1: nan; 3 4: 5; tiny 0: tiny; " +
      "6.741349255733685e+307 8.98846567431158e+307: 1.1235582092889474e+308",
    roundHalfEven:
      "0.5: 0; -0.5: -0; 1.5: 2; 2.5: 2; -2.5: -2; 3.5: 4; 0: 0; -0: -0; -0.2: -0; inf: inf; -inf: -inf; " +
      "0.49999999999999994: 0; 4503599627370495.5: 4503599627370496; 4503599627370497: 4503599627370497; " +
      "-1e300: -1e300",
    modFloor:
      "6 3: 0; 6 -3: -0; -6 3: 0; -0 3: 0; 0 -3: -0; 5 0: nan; inf 3: nan; 5 inf: 5; -5 inf: inf; " +
      "5 -inf: -inf; 0 inf: 0; nan 3: nan; 3 nan: nan; 3 nan: nan; -1e-20 3: 3",
    sign: "0: 0; -0: 0; tiny: 1; -tiny: -1; inf: 1; -inf: -1",
  };
  const named: Record<string, number> = {
    inf: INF,
    nan: NAN,
    tiny: TINY,
    pi: Math.PI,
    "pi/2": Math.PI / 2,
    ln2: Math.LN2,
  };
  const number = (text: string): number => {
    const value = named[text.replace("-", "")];
    if (value === undefined) return Number(text);
    return text.startsWith("-") ? -value : value;
  };

  it.each(Object.keys(kernel))("%s", (name) => {
    const compute = kernels[name];
    const rows = edges[name].split("; ").map((row) => row.split(": "));
    const got = rows.map(([args]) => `${args}: ${spelled(compute(...args.split(" ").map(number)))}`);
    expect(got).toEqual(rows.map(([args, value]) => `${args}: ${spelled(number(value))}`));
    if (compute.length < 2) expect(compute(NAN)).toBeNaN();
  });

  it("takes NaN for NaN in every argument", () => {
    expect([
      polygamma(1, NAN),
      polygamma(NAN, 1),
      polygamma(0, NAN),
      pow(NAN, NAN),
      modFloor(NAN, NAN),
    ]).toEqual(Array(5).fill(NAN));
  });
});

describe("exact values", () => {
  it("gives every factorial that a double can hold, correctly rounded", () => {
    let factorial = 1n;
    for (let n = 1n; n <= 170n; n++) {
      factorial *= n;
      expect(gamma(Number(n) + 1)).toBe(Number(factorial));
    }
  });

  it("gives the logarithms of powers of 2 and 10, and the roots of cubes", () => {
    for (let k = -1074; k <= 1023; k++) expect(kernel.log2(2 ** k)).toBe(k);
    for (let k = -307; k <= 308; k++) expect(kernel.log10(Number(`1e${k}`))).toBe(k);
    for (let k = -2000; k <= 2000; k++) expect(kernel.cbrt(k ** 3)).toBe(k);
  });

  it("keeps the remainder's exactness and sign", () => {
    for (let i = 0; i < 2000; i++) {
      const [x, y] = [(i - 1000) * 0.37, ((i * 7) % 41) - 20.5];
      const r = modFloor(x, y);
      expect(Math.sign(r) === Math.sign(y) || r === 0).toBe(true);
      expect(Math.abs(r)).toBeLessThanOrEqual(Math.abs(y));
    }
  });

  it("rounds as the whole number nearest, halves to even", () => {
    for (let i = -400; i <= 400; i++)
      expect(Math.abs(roundHalfEven(i / 2) % 2)).toBe(i % 2 === 0 ? Math.abs((i / 2) % 2) : 0);
  });
});

describe("monotone, also where one formula hands over to the next", () => {
  const rising: [string, number, number, number[]][] = [
    ["erf", -6, 6, [0, 1, -1]],
    ["normalCdf", -38, 8, [-0.71, 0.71, -Math.SQRT2, -2 * Math.SQRT2, -4 * Math.SQRT2, -37.4165738677]],
    ["tanh", -22, 22, [0.6, -0.6]],
    ["sigmoid", -740, 36, [0]],
    ["softplus", -740, 740, [0]],
    ["logSigmoid", -740, 700, [0]],
    ["gamma", 1.5, 171, [2, 3, 5, 11, 12]],
    ["logGamma", 1.47, 1000, [1.5, 2, 2.5, 3.5, 12]],
    ["digamma", 0.001, 1000, [1, 1.4616321449683622, 2]],
    ["asinh", -1e3, 1e3, [0]],
  ];
  const falling: [string, number, number, number[]][] = [
    ["erfc", -5, 27.2, [0.5, 1, 2, 4, 26.4575131106]],
    ["erfcx", -26, 1000, [0.5, 1, 2, 4]],
    ["gamma", 0.001, 1.46, [1]],
    ["sech", 0, 745, [22, 700]],
    ["logisticPdf", 0, 740, [0]],
    ["csch", 0.001, 745, [22, 700]],
    ["asech", 1e-12, 1, [1e-10]],
    ["acsch", 1e-12, 1e3, [1e-10]],
    ["acsc", 1, 1e3, [2]],
  ];

  const values = (name: string, lo: number, hi: number, seams: number[]) => {
    const grid = Array.from({ length: 2001 }, (_, i) => lo + ((hi - lo) * i) / 2000);
    const close = seams.flatMap((s) =>
      [-3, -2, -1, 0, 1, 2, 3].map((k) => s + k * 2 ** -44 * (Math.abs(s) || 1)),
    );
    const points = [...grid, ...close].filter((x) => x >= lo && x <= hi).sort((a, b) => a - b);
    return points.map((x) => kernels[name](x));
  };

  it.each(rising)("%s rises", (...entry) => {
    const ys = values(...entry);
    expect(ys.findIndex((y, i) => i > 0 && y < ys[i - 1])).toBe(-1);
  });

  it.each(falling)("%s falls", (...entry) => {
    const ys = values(...entry);
    expect(ys.findIndex((y, i) => i > 0 && y > ys[i - 1])).toBe(-1);
  });
});
