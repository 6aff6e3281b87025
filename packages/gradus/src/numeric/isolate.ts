import type { Interval } from "../ir/primitive.ts";
import { nextDown, nextUp } from "./directed.ts";
import * as iv from "./interval.ts";

/** A function and its derivative on boxes; undefined where they cannot be enclosed, empty where there is no value. */
export interface Judged {
  value(box: Interval): Interval | undefined;
  slope(box: Interval): Interval | undefined;
}

export interface Isolated {
  readonly interval: Interval;
  /** "unique": exactly one root, proven; "exists": at least one; "possible": there may be one, or several. */
  readonly status: "unique" | "exists" | "possible";
  /** Of a unique root, where it is above 1. */
  readonly multiplicity?: number;
}

export interface Isolation {
  readonly roots: readonly Isolated[];
  /** Where the function is not defined, or may not be. */
  readonly gaps: readonly Interval[];
  /** False where the budget ended first: what was left undecided is among the roots, as "possible". */
  readonly complete: boolean;
}

export interface IsolationOptions {
  /** Boxes that stay undecided are cut down to this width; 2⁻²⁸ of the interval unless told. */
  readonly tolerance?: number;
  /** Most boxes to look at; 5000 unless told. */
  readonly budget?: number;
}

/** Off the middle, so that cuts do not fall on the roots that people choose. */
const CUT = 0.4871;

type Verdict = "none" | Isolated | { readonly narrowed: Interval } | "open" | "gap" | "nowhere";

export function isolate(
  f: Judged,
  [lo, hi]: readonly [number, number],
  options: IsolationOptions,
): Isolation {
  const whole = iv.interval(lo, hi);
  if (!iv.isBounded(whole)) throw new RangeError(`expected finite ends; got [${lo}, ${hi}]`);
  const tolerance = options.tolerance ?? (hi - lo) * 2 ** -28;
  const budget = options.budget ?? 5000;
  const found: Isolated[] = [];
  const gaps: Interval[] = [];
  const waiting = [whole];
  // In turn, so that what is left at the end of the budget is small everywhere.
  let next = 0;
  while (next < waiting.length && next < budget) {
    const box = waiting[next++];
    const verdict = judge(f, box);
    if (verdict === "none") continue;
    if (verdict === "nowhere") {
      gaps.push(box);
      continue;
    }
    if (typeof verdict === "object" && "status" in verdict) {
      found.push(verdict);
      continue;
    }
    const rest = typeof verdict === "object" ? verdict.narrowed : box;
    const m = rest.lo + (rest.hi - rest.lo) * CUT;
    if (rest.hi - rest.lo <= tolerance || !(m > rest.lo && m < rest.hi)) {
      if (verdict === "gap") gaps.push(rest);
      else found.push({ interval: rest, status: "possible" });
      continue;
    }
    const shrunk = rest.hi - rest.lo < 0.6 * (box.hi - box.lo);
    if (shrunk) waiting.push(rest);
    else waiting.push({ lo: m, hi: rest.hi }, { lo: rest.lo, hi: m });
  }
  for (const box of waiting.slice(next)) found.push({ interval: box, status: "possible" });
  const clusters = clustered(found)
    .map((c) => confirmed(f, c, whole))
    .filter((c) => !iv.isEmpty(c.interval));
  return {
    roots: clustered(clusters),
    gaps: clustered(gaps.map(possible)).map((g) => g.interval),
    complete: next >= waiting.length,
  };
}

const possible = (interval: Interval): Isolated => ({ interval, status: "possible" });

function judge(f: Judged, box: Interval): Verdict {
  const value = f.value(box);
  if (!value) return "gap";
  if (iv.isEmpty(value)) return "nowhere";
  if (!iv.holds(value, 0)) return "none";
  if (isExactZero(value)) return { interval: box, status: "exists" };
  const slope = f.slope(box);
  if (!slope) return "open";
  if (!iv.offZero(slope)) return viaMeanValue(f, box, slope);
  // Strictly monotone: at most one root.
  const [left, right] = [f.value(iv.interval(box.lo)), f.value(iv.interval(box.hi))];
  if (left && right) {
    if (isExactZero(left)) return { interval: iv.interval(box.lo), status: "unique" };
    if (isExactZero(right)) return { interval: iv.interval(box.hi), status: "unique" };
    if (iv.offZero(left) && iv.offZero(right)) {
      return left.lo > 0 === right.lo > 0 ? "none" : { interval: sharpened(f, box, slope), status: "unique" };
    }
  }
  const narrowed = newtonStep(f, box, slope);
  return iv.isEmpty(narrowed) ? "none" : { narrowed };
}

const isExactZero = (x: Interval): boolean => x.lo === 0 && x.hi === 0;

/** f(X) ⊂ f(m) + f'(X)(X − m). */
function viaMeanValue(f: Judged, box: Interval, slope: Interval): Verdict {
  const m = iv.interval(iv.middle(box));
  const value = f.value(m);
  if (value && !iv.holds(iv.add(value, iv.mul(slope, iv.sub(box, m))), 0)) return "none";
  return "open";
}

/** X ∩ (m − f(m)/f'(X)) holds every root of X. */
function newtonStep(f: Judged, box: Interval, slope: Interval): Interval {
  const m = iv.interval(iv.middle(box));
  const value = f.value(m);
  return value ? iv.intersect(box, iv.sub(m, iv.div(value, slope))) : box;
}

const MOST_STEPS = 60;

/** Newton steps on a box that holds exactly one root, while they help. */
function sharpened(f: Judged, box: Interval, slope: Interval): Interval {
  for (let i = 0; i < MOST_STEPS; i++) {
    const next = newtonStep(f, box, slope);
    if (iv.isEmpty(next) || next.hi - next.lo >= box.hi - box.lo) return box;
    box = next;
    slope = f.slope(box) ?? slope;
  }
  return box;
}

/** Neighbouring undecided boxes as one; a proven one stays by itself unless they touch. */
function clustered(boxes: readonly Isolated[]): Isolated[] {
  const sorted = [...boxes].sort((a, b) => a.interval.lo - b.interval.lo);
  const out: Isolated[] = [];
  for (const box of sorted) {
    const last = out[out.length - 1];
    if (!last || last.interval.hi < box.interval.lo) {
      out.push(box);
      continue;
    }
    const both = iv.hull(last.interval, box.interval);
    // Two cuts that met in one root, known exactly, hold one.
    if (iv.isPoint(both)) continue;
    const proven = last.status !== "possible" || box.status !== "possible";
    out[out.length - 1] = { interval: both, status: proven ? "exists" : "possible" };
  }
  return out;
}

/** Tries once more a little wider, where the end of a box fell on a root; else at least a change of sign. */
function confirmed(f: Judged, cluster: Isolated, whole: Interval): Isolated {
  if (cluster.status === "unique") return cluster;
  const { lo, hi } = cluster.interval;
  const margin = Math.max(hi - lo, 4 * (nextUp(Math.abs(hi)) - Math.abs(hi)));
  const wide = { lo: nextDown(lo - margin), hi: nextUp(hi + margin) };
  const slope = f.slope(wide);
  const [left, right] = [f.value(iv.interval(wide.lo)), f.value(iv.interval(wide.hi))];
  const changes = left && right && ((left.hi < 0 && right.lo > 0) || (left.lo > 0 && right.hi < 0));
  if (!slope || !changes || !iv.offZero(slope)) return cluster;
  const interval = sharpened(f, wide, slope);
  // The one root of the wider box may lie outside of what was asked for: then there is none inside.
  if (interval.lo < whole.lo || interval.hi > whole.hi)
    return { interval: iv.intersect(interval, whole), status: "possible" };
  return { interval, status: "unique" };
}
