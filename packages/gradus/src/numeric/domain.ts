import type { Node } from "../ir/node.ts";
import type { Interval } from "../ir/primitive.ts";
import { shown } from "./enclosures.ts";
import * as iv from "./interval.ts";
import { NARROWEST, plainest } from "./pieces.ts";
import { Obstacle, taylorOn } from "./taylor-on.ts";

/** A step that has no value, or no power series, at a place. */
export interface DomainIssue {
  readonly node: Node;
  /** The step as text. */
  readonly text: string;
  readonly why: string;
  /** Where, in the variable: a whole part of the interval, or a narrow piece about `point`. */
  readonly on: Interval;
  readonly point: number;
}

const MOST_PIECES = 4000;

/**
 * Where a scalar function of one variable is not analytic on [lo, hi], with a step that stops it at each place: outside
 * of the pieces returned every step is defined and has a power series, proven. An empty list is the proof for all of it.
 */
export function domainIssues(
  node: Node,
  variable: Node,
  on: readonly [number, number],
  others: ReadonlyMap<Node, Interval> = new Map(),
): DomainIssue[] {
  const whole = iv.interval(...on);
  if (!iv.isBounded(whole)) throw new RangeError(`expected finite ends; got [${on}]`);
  const series = taylorOn(node, variable, others);
  const narrowest = (whole.hi - whole.lo) * NARROWEST;
  const found: { piece: Interval; obstacle: Obstacle }[] = [];
  const waiting: Interval[] = [whole];
  for (let next = 0; next < waiting.length; next++) {
    const piece = waiting[next];
    const obstacle = obstacleOn(() => series(piece, 0));
    if (!obstacle) continue;
    const m = iv.middle(piece);
    const last = piece.hi - piece.lo <= narrowest || m <= piece.lo || m >= piece.hi || next > MOST_PIECES;
    if (obstacle.nowhere || last) found.push({ piece, obstacle });
    else waiting.push({ lo: piece.lo, hi: m }, { lo: m, hi: piece.hi });
  }
  return merged(found);
}

function obstacleOn(compute: () => unknown): Obstacle | undefined {
  try {
    compute();
    return undefined;
  } catch (error) {
    if (error instanceof Obstacle) return error;
    throw error;
  }
}

/** Neighbouring pieces that the same step stops are one. */
function merged(found: { piece: Interval; obstacle: Obstacle }[]): DomainIssue[] {
  const out: DomainIssue[] = [];
  found.sort((a, b) => a.piece.lo - b.piece.lo);
  for (const { piece, obstacle } of found) {
    const last = out[out.length - 1];
    const joins = last && last.node === obstacle.node && last.on.hi >= piece.lo;
    const on = joins ? iv.hull(last.on, piece) : piece;
    if (joins) out.pop();
    out.push({ node: obstacle.node, text: shown(obstacle.node), why: obstacle.why, on, point: plainest(on) });
  }
  return out;
}
