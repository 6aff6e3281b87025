import { describe, expect, it } from "vitest";
import {
  area,
  chart,
  contourLines,
  curve,
  dots,
  element,
  fileStyle,
  frame,
  handle,
  latexNumber,
  levelsOf,
  plainNumber,
  point,
  polyline,
  rangeOf,
  shortNumber,
  steps,
  toSvg,
} from "../src/index.ts";
import { legend } from "../src/legend.ts";

const box = { width: 400, height: 300, x: { low: -1, high: 1 }, y: { low: -2, high: 2 } };

describe("legend", () => {
  const named = (name: string) =>
    toSvg(legend([{ name, tone: "forward" }], 0, 400)).replace(/^.*<text[^>]*>|<\/text>.*$/g, "");
  it("raises exponents, and exponents of exponents", () => {
    const sizes = (name: string) =>
      [...named(name).matchAll(/font-size="([\d.]+)">([^<]*)/g)].map((m) => `${m[2]}@${m[1]}`);
    expect(sizes("e^(e^x)")).toEqual(["e@13", "e@10.5", "x@9"]);
    expect(sizes("e^(3x) + x^2 y")).toEqual(["e@13", "3x@10.5", " + x@13", "2@10.5", " y@13"]);
    expect(sizes("e^−x")).toEqual(["e@13", "−x@10.5"]);
  });
  it("ends on the line it began on", () => {
    const sum = [...named("a^b c").matchAll(/dy="(-?\d+)"/g)].reduce((s, m) => s + Number(m[1]), 0);
    expect(sum).toBe(0);
  });
  it("leaves what is no power as it is", () => {
    for (const name of ["tangent", "a ^", "x^(", "sin(x²)"]) expect(named(name)).toBe(name);
  });
});

describe("frame", () => {
  it("takes data to pixels and back", () => {
    const f = frame(box);
    for (const x of [-1, -0.3, 0, 1]) expect(f.xAt(f.px(x))).toBeCloseTo(x, 12);
    for (const y of [-2, 0.7, 2]) expect(f.yAt(f.py(y))).toBeCloseTo(y, 12);
    expect(f.py(2)).toBeLessThan(f.py(-2));
  });
  it("has round ticks inside its range, powers of ten on a logarithmic axis", () => {
    expect(frame(box).xTicks).toContain(0);
    const log = frame({ ...box, logY: true, y: { low: 1e-16, high: 10 } });
    expect(log.yTicks.every((t) => Number.isInteger(Math.round(Math.log10(t) * 1e6) / 1e6))).toBe(true);
    expect(log.yTicks.length).toBeLessThan(9);
  });
  it("holds what is far outside near", () => {
    expect(Math.abs(frame(box).py(1e300))).toBeLessThan(1e4);
  });
});

describe("curve", () => {
  const moves = (d: string | number) => [...String(d)].filter((c) => c === "M").length;
  const x = steps(-1, 1, 201);
  it("is one line where the function is continuous, two across a pole or a hole", () => {
    const f = frame(box);
    const of = (y: number[]) => moves(curve(f, x, y, { tone: "forward" }).attributes.d);
    expect(of(x.map((v) => Math.sin(v)))).toBe(1);
    expect(of(x.map((v) => 1 / (v - 0.005)))).toBeGreaterThan(1);
    expect(of(x.map((v) => (Math.abs(v) < 0.1 ? Number.NaN : v)))).toBe(2);
    expect(of(x.map(() => Number.NaN))).toBe(0);
  });
  it("leaves out what has no place", () => {
    const f = frame(box);
    const drawn = [
      polyline(f, [0, Number.NaN, 1], [0, 1, Number.NaN], { tone: "forward" }),
      dots(f, [0, Number.NaN], [0, 0], "forward"),
      point(f, Number.NaN, 0, "forward"),
    ];
    expect(drawn.map((s) => toSvg(s)).join()).not.toContain("NaN");
  });
  it("draws a band only where both ends are finite", () => {
    const f = frame(box);
    const high = x.map((v) => (v > 0.5 ? Number.POSITIVE_INFINITY : 1));
    expect(moves(area(f, x, x, high, "model").attributes.d)).toBe(1);
  });
});

describe("contours", () => {
  it("lie where the function has the level", () => {
    const f = frame({ ...box, y: { low: -1, high: 1 } });
    const side = steps(-1, 1, 81);
    const values = side.flatMap((y) => side.map((x) => x * x + y * y));
    const scene = contourLines(f, { columns: 81, rows: 81, values }, [0.25]);
    const line = scene.children[0];
    if (typeof line === "string") throw new Error("a path was expected");
    const points = [...String(line.attributes.d).matchAll(/([\d.]+) ([\d.]+)/g)];
    expect(points.length).toBeGreaterThan(50);
    for (const [, px, py] of points)
      expect(Math.hypot(f.xAt(Number(px)), f.yAt(Number(py)))).toBeCloseTo(0.5, 2);
  });
  it("has levels that part the values, none without values", () => {
    expect(levelsOf({ columns: 2, rows: 2, values: [1, 2, 3, 4] }, 2)).toEqual([2, 4]);
    expect(levelsOf({ columns: 1, rows: 1, values: [Number.NaN] }, 3)).toEqual([]);
  });
});

describe("toSvg", () => {
  it("escapes text and attributes, and leaves out what is only for a live picture", () => {
    const f = frame(box);
    const scene = chart(f, {
      title: '"<script>"&',
      marks: [element("text", {}, ["<b>&"])],
      over: [handle(f, { id: "a", x: 0, y: 0, label: "x", along: "x", tone: "forward" })],
    });
    const text = toSvg(scene, fileStyle);
    expect(text).not.toMatch(/<script|<b>|tabindex|data-handle|role="slider"/);
    expect(text).toContain("&lt;b&gt;&amp;");
    expect(text).not.toContain("var(--");
  });
});

describe("numbers", () => {
  it("are read back by a program, and set in a formula", () => {
    for (const v of [0, -1.5, 2.5e-9, -1.25e12]) expect(Number(plainNumber(shortNumber(v)))).toBe(v);
    expect(latexNumber(shortNumber(-2.5e-9))).toBe("-2.5 \\cdot 10^{-9}");
  });
  it("are short, with a real minus sign", () => {
    expect([0, -1.5, 1e-9, 123456789, Number.NaN, -Infinity].map((v) => shortNumber(v))).toEqual([
      "0",
      "−1.5",
      "1·10⁻⁹",
      "1.235·10⁸",
      "no value",
      "−∞",
    ]);
  });
  it("keep three digits beside a power of ten, where three are asked for", () => {
    expect(shortNumber(9.5367431640625e-7, 3)).toBe("9.54·10⁻⁷");
    expect(shortNumber(9.5367431640625e-7, 1)).toBe("1·10⁻⁶");
    expect(shortNumber(1.23456789e-5, 6)).toBe("1.235·10⁻⁵");
  });
  it("leave poles out of the range", () => {
    const y = steps(-1, 1, 400).map((x) => 1 / x);
    expect(rangeOf(y).high).toBeLessThan(100);
    expect(rangeOf([])).toEqual({ low: -1, high: 1 });
    expect(rangeOf([3, 3]).low).toBeLessThan(3);
  });
});
