import { NotAnalyticError } from "../ir/errors.ts";
import type { Interval } from "../ir/primitive.ts";
import { shown } from "./enclosures.ts";
import { middle } from "./interval.ts";
import { Obstacle } from "./taylor-on.ts";

/** A piece of an interval, and what was found of a function on it. */
export interface Piece<T> {
  readonly lo: number;
  readonly hi: number;
  readonly found: T;
}

/** Pieces get no narrower than this part of the whole: what still stops the proof there is named. */
export const NARROWEST = 2 ** -36;
const MOST_SPLITS = 2000;

/**
 * Cuts [lo, hi] until `attempt` succeeds on each piece, from left to right. What overestimation alone forbids on a wide
 * piece vanishes on narrow ones; an obstacle that stays is a NotAnalyticError at its point (`placed`, where the pieces
 * are of a mirrored function).
 */
export function cut<T>(
  whole: Interval,
  attempt: (piece: Interval) => T,
  placed: (piece: Interval) => Interval = (piece) => piece,
): Piece<T>[] {
  const done: Piece<T>[] = [];
  const waiting: Interval[] = [whole];
  const narrowest = (whole.hi - whole.lo) * NARROWEST;
  let splits = 0;
  while (waiting.length > 0) {
    const piece = waiting.pop() as Interval;
    try {
      done.push({ ...piece, found: attempt(piece) });
    } catch (error) {
      if (!(error instanceof Obstacle)) throw error;
      const m = middle(piece);
      if (piece.hi - piece.lo <= narrowest || m === piece.lo || m === piece.hi || ++splits > MOST_SPLITS) {
        throw new NotAnalyticError(shown(error.node), plainest(placed(piece)), error.why);
      }
      waiting.push({ lo: m, hi: piece.hi }, { lo: piece.lo, hi: m });
    }
  }
  return done;
}

/** The number with fewest digits in an interval, or hardly outside: 3 rather than 2.9999999998. */
export function plainest({ lo, hi }: Interval): number {
  const m = middle({ lo, hi });
  const slack = hi - lo;
  if (lo - slack <= 0 && hi + slack >= 0) return 0;
  for (let digits = 1; digits <= 16; digits++) {
    const plain = Number(m.toPrecision(digits));
    if (plain >= lo - slack && plain <= hi + slack) return plain;
  }
  return m;
}
