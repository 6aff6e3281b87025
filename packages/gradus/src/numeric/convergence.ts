import { MathError } from "../expression/errors.ts";
import { overOneBar } from "../expression/one-fraction.ts";
import { NotAnalyticError } from "../ir/errors.ts";
import { freeInputs } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import { tensor } from "../primitives/define.ts";
import { dataOf, substitute } from "../primitives/evaluate.ts";
import { taylor } from "../transforms/taylor.ts";
import { shown } from "./enclosures.ts";
import { growth, nearestSingularity } from "./singularity.ts";
import { Obstacle, taylorOn } from "./taylor-on.ts";

/** The radius of convergence of a Taylor series, estimated from its coefficients: evidence, no proof. */
export interface Convergence {
  readonly at: number;
  /** Infinity where the coefficients fall faster than those of any geometric series. */
  readonly radius: number;
  /** How far estimates from neighbouring coefficients differ, relative to the radius. */
  readonly uncertainty: number;
  /** The nearest singularities, all at the distance `radius`: on the real axis, or pairs re ± im·i. */
  readonly singularities: readonly { readonly re: number; readonly im: number }[];
  /** Near one of them f behaves as (1 − t)^exponent: −1 a simple pole, ½ a square root, 0 a logarithm. */
  readonly exponent?: number;
  readonly kind: "entire" | "polynomial" | "pole" | "branch point" | "logarithm" | "unclear";
  /** The step that is singular there, where it lies on the real axis. */
  readonly cause?: string;
  /** In words. */
  readonly verdict: string;
}

/** Terms of the compressed series: enough for the estimates to settle. */
const TERMS = 60;
const MOST_GAP = 6;

/**
 * Estimates how far the Taylor series of a scalar function of one variable about `at` converges, and which singularity
 * stops it: real, a complex pair or several, with the power that it is like. By differential approximants.
 */
export function radiusOfConvergence(node: Node, variable: Node, at: number): Convergence {
  try {
    return convergenceOf(node, variable, at);
  } catch (error) {
    // Poles that cancel at the point do so over one bar.
    const bar = error instanceof NotAnalyticError ? overOneBar(node) : undefined;
    if (!bar) throw error;
    return convergenceOf(bar, variable, at);
  }
}

function convergenceOf(node: Node, variable: Node, at: number): Convergence {
  const other = freeInputs([node]).find((n) => n !== variable);
  if (other) throw new MathError("the radius of convergence needs one variable: give numbers for the others");
  const coefficients = (order: number, scale: number): number[] => {
    const f = (t: Node): Node => substitute([node], new Map([[variable, t]]))[0];
    const series = taylor(f as never, at, order, scale) as unknown as number[] | Node;
    return Array.isArray(series) ? series : [...dataOf(series)];
  };
  // A first look at the size of the coefficients; then all of them scaled to stay in range.
  const first = coefficients(24, 1);
  const gap = gapOf(first);
  if (gap === undefined) return ended(at, "polynomial", "its series ends: a polynomial");
  const scale = scaleOf(first);
  const c = coefficients(TERMS * gap.step, scale);
  const derived = c.slice(1).map((v, k) => (k + 1) * v);
  const compressed = c.filter((_, k) => k % gap.step === gap.start);
  const derivative = derived.filter((_, k) => (k + 1) % gap.step === gap.start);
  if (compressed.slice(-20).every((v) => v === 0))
    return ended(at, "polynomial", "its series ends: a polynomial");
  if (growth(compressed) > 0.15 / gap.step + 0.05) {
    return ended(
      at,
      "entire",
      "its coefficients fall faster than any geometric series: it converges everywhere",
    );
  }
  const found = nearestSingularity(compressed, derivative);
  const modulus = found.modulus ** (1 / gap.step);
  const placed = (distance: number) =>
    unfolded(found.angles, gap.step).map((angle) => ({
      re: clean(at + distance * Math.cos(angle), distance, found.spread),
      im: clean(distance * Math.sin(angle), distance, found.spread),
    }));
  const estimate = scale * modulus;
  const { kind, name } = kindOf(found.exponent);
  const { cause, place } = causeOf(node, variable, placed(estimate), estimate);
  // Where the step that is singular is known, its point is known better than from coefficients.
  const radius = place === undefined ? estimate : Math.abs(place - at);
  const singularities = placed(radius);
  return {
    at,
    radius,
    uncertainty: found.spread / gap.step,
    singularities,
    exponent: Number.isNaN(found.exponent) ? undefined : found.exponent,
    kind,
    cause,
    verdict: inWords(radius, singularities, name, cause),
  };
}

function ended(at: number, kind: "entire" | "polynomial", verdict: string): Convergence {
  return { at, radius: Number.POSITIVE_INFINITY, uncertainty: 0, singularities: [], kind, verdict };
}

/** Every how many coefficients one is not 0, and from where: 2 and 1 for odd functions. Undefined: nothing but c₀. */
function gapOf(c: readonly number[]): { step: number; start: number } | undefined {
  const used = c.map((v, k) => (v !== 0 ? k : 0)).filter((k) => k > 0);
  if (used.length === 0) return undefined;
  for (let step = MOST_GAP; step > 1; step--) {
    const start = used[used.length - 1] % step;
    // The first coefficients may be others: 1 + x + tan-like tails do not occur by chance.
    if (used.length >= 3 && used.every((k) => k % step === start)) return { step, start };
  }
  return { step: 1, start: 0 };
}

/** About the radius of convergence: |c_k|^(−1/k) of the largest late coefficient. */
function scaleOf(c: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let k = c.length >> 1; k < c.length; k++) {
    if (c[k] !== 0 && Number.isFinite(c[k])) least = Math.min(least, Math.abs(c[k]) ** (-1 / k));
  }
  return Number.isFinite(least) ? least : 1;
}

/** The arguments of all u^(1/step), for u of the given arguments. */
function unfolded(angles: readonly number[], step: number): number[] {
  const all = angles.flatMap((a) => Array.from({ length: step }, (_, m) => (a + 2 * Math.PI * m) / step));
  const turned = all.map((a) => (a > Math.PI + 1e-9 ? a - 2 * Math.PI : a));
  return turned.sort((a, b) => Math.abs(a) - Math.abs(b) || b - a);
}

/** 0 for what cannot be told from it. */
const clean = (x: number, radius: number, spread: number): number =>
  Math.abs(x) <= radius * Math.max(1e-14, 4 * spread) ? 0 : x;

function kindOf(exponent: number): { kind: Convergence["kind"]; name: string } {
  if (!(Math.abs(exponent) < 8)) return { kind: "unclear", name: "a singularity" };
  const near = Math.round(exponent);
  if (Math.abs(exponent - near) < 0.05) {
    if (near === 0) return { kind: "logarithm", name: "a logarithm" };
    if (near < 0) return { kind: "pole", name: near === -1 ? "a simple pole" : `a pole of order ${-near}` };
    return { kind: "branch point", name: "a branch point" };
  }
  for (const q of [2, 3, 4]) {
    const p = Math.round(exponent * q);
    if (Math.abs(exponent * q - p) < 0.05 * q)
      return { kind: "branch point", name: `a branch point, as of the power ${p}/${q}` };
  }
  return { kind: "unclear", name: "a singularity" };
}

/** The step that cannot be expanded near a real singularity, and the point where that is. */
function causeOf(
  node: Node,
  variable: Node,
  singularities: readonly { re: number; im: number }[],
  radius: number,
): { cause?: string; place?: number } {
  const real = singularities.find((s) => s.im === 0);
  if (!real) return {};
  const reach = 1e-3 * radius;
  try {
    taylorOn(node, variable)({ lo: real.re - reach, hi: real.re + reach }, 0);
  } catch (error) {
    if (error instanceof Obstacle)
      return { cause: shown(error.node), place: zeroNear(error.node, variable, real.re, reach) };
    throw error;
  }
  return {};
}

/** Where the argument of a logarithm or root, or a denominator, is 0: by the secant method. */
function zeroNear(obstacle: Node, variable: Node, from: number, reach: number): number | undefined {
  const argument = { log: 0, sqrt: 0, cbrt: 0, pow: 0, div: 1 }[obstacle.primitive.name];
  if (argument === undefined) return undefined;
  const u = (x: number): number =>
    dataOf(substitute([obstacle.inputs[argument]], new Map([[variable, tensor(x)]]))[0])[0];
  let [a, b] = [from - reach / 2, from];
  for (let i = 0; i < 30 && u(b) !== 0 && a !== b; i++) {
    [a, b] = [b, b - (u(b) * (b - a)) / (u(b) - u(a))];
    if (!(Math.abs(b - from) <= reach)) return undefined;
  }
  return u(b) === 0 || Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b)) ? b : undefined;
}

function inWords(
  radius: number,
  singularities: readonly { re: number; im: number }[],
  name: string,
  cause: string | undefined,
): string {
  const short = (x: number): string => String(Number(x.toPrecision(6)));
  const place = ({ re, im }: { re: number; im: number }): string => {
    if (im === 0) return short(re);
    const size = short(Math.abs(im)).replace(/^1$/, "");
    return re === 0 ? `${im < 0 ? "−" : ""}${size}i` : `${short(re)} ${im < 0 ? "−" : "+"} ${size}i`;
  };
  const where = singularities.map(place).join(" and ");
  return `converges for |x − a| < ${short(radius)}: ${name} at ${where}${cause ? `, where ${cause} is singular` : ""}`;
}
