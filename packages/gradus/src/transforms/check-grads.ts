import { checkOptions } from "../ir/errors.ts";
import type { Node } from "../ir/node.ts";
import { constant } from "../ir/node.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { dataOf } from "../primitives/evaluate.ts";
import { pullback, pushforward } from "./derivatives.ts";
import { type AnyFunction, finish, requireFloat, scalarOutput, trace } from "./trace.ts";

export interface CheckGradsOptions {
  /** Largest relative difference that passes; 1e-6 unless told. */
  readonly tolerance?: number;
  /** Random directions to try; 3 unless told. */
  readonly directions?: number;
  readonly seed?: number;
  /** Both unless told; a `customVjp` rule has no forward mode: `["reverse"]` checks it alone. */
  readonly modes?: readonly Mode[];
}

type Mode = "forward" | "reverse";

export interface GradientCheck {
  readonly ok: boolean;
  /** The slope along each direction: by the modes that were asked for, and by an extrapolated central difference. */
  readonly directions: readonly {
    readonly forward?: number;
    readonly reverse?: number;
    readonly difference: number;
  }[];
  readonly worst: number;
}

const OPTIONS: Record<keyof CheckGradsOptions, true> = {
  tolerance: true,
  directions: true,
  seed: true,
  modes: true,
};

/** Compares forward and reverse mode of a scalar function with finite differences, along random directions. */
export function checkGrads<A extends unknown[]>(
  f: (...args: A) => Node | number,
  at: readonly unknown[],
  options: CheckGradsOptions = {},
): GradientCheck {
  checkOptions("checkGrads", options, OPTIONS);
  const { tolerance = 1e-6, directions = 3, seed = 1, modes = ["forward", "reverse"] } = options;
  if (modes.length === 0) throw new TypeError('checkGrads: expected modes "forward", "reverse", or both');
  const traced = trace(f as AnyFunction, at);
  requireFloat("checkGrads", traced.inputs);
  const y = scalarOutput("checkGrads", traced);
  const random = generator(seed);
  const tried = Array.from({ length: directions }, () => {
    const v = traced.inputs.map((x) =>
      constant(
        Float64Array.from({ length: x.size }, () => 2 * random() - 1),
        x.shape,
        "f64",
      ),
    );
    const by = {
      forward: () => {
        const [slope] = finish(pushforward([y], new Map(traced.inputs.map((x, i) => [x, v[i]]))), traced);
        return dataOf(slope)[0];
      },
      reverse: () => {
        const one = constant(Float64Array.of(1), [], "f64");
        const gradient = finish(pullback([y], traced.inputs, [one]), traced);
        return gradient.reduce((sum, g, i) => sum + dotOf(dataOf(g), dataOf(v[i])), 0);
      },
    };
    const value = (t: number) => dataOf(valueAlong(traced, v, t))[0];
    const slopes: Partial<Record<Mode, number>> = Object.fromEntries(modes.map((mode) => [mode, by[mode]()]));
    return { ...slopes, difference: extrapolated(value) };
  });
  const worst = Math.max(
    0,
    ...tried.map(({ difference, ...slopes }) => {
      const found = Object.values(slopes);
      const size = Math.max(1, Math.abs(difference), Math.abs(slopes.forward ?? 0));
      const off =
        Math.max(...found.flatMap((a) => [difference, ...found].map((b) => Math.abs(a - b)))) / size;
      return Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    }),
  );
  return { ok: worst <= tolerance, directions: tried, worst };
}

function valueAlong(traced: ReturnType<typeof trace>, v: readonly Node[], t: number): Node {
  const moved = { ...traced, given: traced.given.map((g, i) => add(g, mul(t, v[i]))) };
  return finish(traced.outputs, moved)[0];
}

const dotOf = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** Richardson's extrapolation of central differences (Ridders, 1982): steps shrink while the estimates agree better. */
function extrapolated(f: (t: number) => number): number {
  const shrink = 1.6;
  const rows: number[][] = [];
  let best = Number.NaN;
  let error = Number.POSITIVE_INFINITY;
  for (let i = 0, h = 0.05; i < 12; i++, h /= shrink) {
    const row = [(f(h) - f(-h)) / (2 * h)];
    for (let j = 1, power = shrink * shrink; j <= i; j++, power *= shrink * shrink) {
      row[j] = (row[j - 1] * power - rows[i - 1][j - 1]) / (power - 1);
      const now = Math.max(Math.abs(row[j] - row[j - 1]), Math.abs(row[j] - rows[i - 1][j - 1]));
      if (now <= error) {
        error = now;
        best = row[j];
      }
    }
    if (i > 0 && Math.abs(row[i] - rows[i - 1][i - 1]) >= 2 * error) break;
    rows.push(row);
  }
  return best;
}

/** mulberry32: a small seeded generator, so that a failure can be repeated. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
