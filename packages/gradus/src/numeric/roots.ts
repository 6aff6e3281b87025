import type { Node } from "../ir/node.ts";
import type { Interval } from "../ir/primitive.ts";
import { DomainError, encloser } from "./enclosures.ts";
import * as iv from "./interval.ts";
import { type Isolated, type Isolation, type IsolationOptions, isolate } from "./isolate.ts";
import { multipleRoot } from "./multiple-root.ts";
import { Obstacle, taylorOn } from "./taylor-on.ts";

export interface RootOptions extends IsolationOptions {
  /** Intervals of the other variables. */
  readonly others?: ReadonlyMap<Node, Interval>;
}

/** Undefined where the function cannot be judged on a box; empty where it has no value at all. */
function unless(compute: () => Interval): Interval | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof DomainError) return error.nowhere ? iv.EMPTY : undefined;
    if (error instanceof Obstacle) return undefined;
    throw error;
  }
}

/**
 * Every root of a scalar function of one variable on an interval, proven: outside the intervals returned (and the gaps
 * where the function is not defined) there is none. By interval Newton steps and bisection (Hansen and Walster, Global
 * Optimization Using Interval Analysis, 2004, chapter 9); a multiple root is proven where it is rational.
 */
export function roots(
  node: Node,
  variable: Node,
  on: readonly [number, number],
  options: RootOptions = {},
): Isolation {
  const others = options.others ?? new Map<Node, Interval>();
  const value = encloser(node);
  const series = taylorOn(node, variable, others);
  const f = {
    value: (box: Interval) => unless(() => value(new Map([...others, [variable, box]]))),
    slope: (box: Interval) => f.coefficient(box, 1),
    coefficient: (box: Interval, order: number) => unless(() => series(box, order).at(order)),
  };
  const found = isolate(f, on, options);
  return { ...found, roots: withMultiple(found.roots, (box) => multipleRoot(node, variable, box, f)) };
}

/** Undecided places that turn out to be multiple roots; what is undecided close to one, by rounding, is none. */
function withMultiple(
  found: readonly Isolated[],
  multiple: (box: Interval) => ReturnType<typeof multipleRoot>,
): Isolated[] {
  const seen = found.flatMap((root) => {
    const m = root.status === "unique" ? undefined : multiple(root.interval);
    return m ? [m] : [];
  });
  const inside = (a: Interval, b: Interval) => b.lo <= a.lo && a.hi <= b.hi;
  const rest = found.filter((root) => !seen.some((m) => inside(root.interval, m.alone)));
  return [...rest, ...seen.map((m) => m.root)].sort((a, b) => a.interval.lo - b.interval.lo);
}

export interface Extremum extends Isolated {
  /** By the sign of the second derivative; "unclear" where it may vanish, or at a kink. */
  readonly kind: "minimum" | "maximum" | "unclear";
  /** Holds the function's values there. */
  readonly value: Interval;
}

export interface Extrema {
  /** Where the derivative vanishes, or may, or does not exist. */
  readonly points: readonly Extremum[];
  /** Hold the least and the greatest value on the interval, ends included; undefined where the function has gaps. */
  readonly least: Interval | undefined;
  readonly greatest: Interval | undefined;
  /** Parts of the interval where the function is not defined, or may not be. */
  readonly gaps: readonly Interval[];
  /** False where the budget ended first: what was left is among the points. */
  readonly complete: boolean;
}

const onlyEmpty = (x: Interval | undefined): Interval | undefined => (x && iv.isEmpty(x) ? x : undefined);

/** Every extremum of a scalar function of one variable inside an interval, proven: the roots of its derivative. */
export function extrema(
  node: Node,
  variable: Node,
  on: readonly [number, number],
  options: RootOptions = {},
): Extrema {
  const others = options.others ?? new Map<Node, Interval>();
  const enclosed = encloser(node);
  const series = taylorOn(node, variable, others);
  const value = (box: Interval) => unless(() => enclosed(new Map([...others, [variable, box]])));
  const slope = (box: Interval) => unless(() => series(box, 1).at(1));
  const curvature = (box: Interval) => unless(() => iv.mul({ lo: 2, hi: 2 }, series(box, 2).at(2)));
  const found = isolate(
    {
      value: (box) => slope(box) ?? onlyEmpty(value(box)),
      slope: curvature,
    },
    on,
    options,
  );
  const points: Extremum[] = found.roots.map((root) => {
    const bend = curvature(root.interval);
    const kind = bend && bend.lo > 0 ? "minimum" : bend && bend.hi < 0 ? "maximum" : "unclear";
    return { ...root, kind, value: value(root.interval) ?? iv.WHOLE };
  });
  const gaps: Interval[] = [];
  for (const gap of found.gaps) {
    const there = value(gap);
    // No derivative, but values: a kink.
    if (there && !iv.isEmpty(there))
      points.push({ interval: gap, status: "possible", kind: "unclear", value: there });
    else gaps.push(gap);
  }
  points.sort((a, b) => a.interval.lo - b.interval.lo);
  const ends = on.map((x) => value(iv.interval(x)));
  const candidates = [...ends, ...points.map((p) => p.value)];
  const range = gaps.length === 0 && candidates.every((c) => c !== undefined && !iv.isEmpty(c));
  return {
    points,
    least: range ? (candidates as Interval[]).reduce(iv.min) : undefined,
    greatest: range ? (candidates as Interval[]).reduce(iv.max) : undefined,
    gaps,
    complete: found.complete,
  };
}
