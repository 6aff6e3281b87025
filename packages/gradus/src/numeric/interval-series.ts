import type { Interval } from "../ir/primitive.ts";
import { addDown, addUp, divDown, divUp, mulDown, mulUp } from "./directed.ts";

/** Taylor coefficients 0 … order, each an interval. */
export class IntervalSeries {
  /** Ends in turn: lo of 0, hi of 0, lo of 1, … */
  readonly ends: Float64Array;

  constructor(order: number) {
    this.ends = new Float64Array(2 * order + 2);
  }

  get order(): number {
    return this.ends.length / 2 - 1;
  }

  at(k: number): Interval {
    return { lo: this.ends[2 * k], hi: this.ends[2 * k + 1] };
  }

  set(k: number, x: Interval): void {
    this.ends[2 * k] = x.lo;
    this.ends[2 * k + 1] = x.hi;
  }

  isZero(k: number): boolean {
    return this.ends[2 * k] === 0 && this.ends[2 * k + 1] === 0;
  }

  /** Whether any coefficient past the first is not 0. */
  get varies(): boolean {
    return this.ends.some((end, i) => i > 1 && end !== 0);
  }
}

export function constantIntervalSeries(x: Interval, order: number): IntervalSeries {
  const series = new IntervalSeries(order);
  series.set(0, x);
  return series;
}

// One running sum, so that the inner loops make no objects.
let low = 0;
let high = 0;

/** Adds [alo, ahi]·[blo, bhi] to the running sum. */
function addProduct(alo: number, ahi: number, blo: number, bhi: number): void {
  if (alo < 0 && ahi <= 0) return addProduct(-ahi, -alo, -bhi, -blo);
  if (alo >= 0) {
    low = addDown(low, mulDown(blo >= 0 ? alo : ahi, blo));
    high = addUp(high, mulUp(bhi >= 0 ? ahi : alo, bhi));
  } else if (blo >= 0) {
    low = addDown(low, mulDown(alo, bhi));
    high = addUp(high, mulUp(ahi, bhi));
  } else if (bhi <= 0) {
    low = addDown(low, mulDown(ahi, blo));
    high = addUp(high, mulUp(alo, blo));
  } else {
    low = addDown(low, Math.min(mulDown(alo, bhi), mulDown(ahi, blo)));
    high = addUp(high, Math.max(mulUp(alo, blo), mulUp(ahi, bhi)));
  }
}

/** Σ w(j)·a_j·b_{k−j} over from ≤ j ≤ to, for weights from 1 on. */
export function weightedProduct(
  k: number,
  a: IntervalSeries,
  b: IntervalSeries,
  from: number,
  to: number,
  weight?: (j: number) => number,
): Interval {
  low = 0;
  high = 0;
  for (let j = from; j <= to; j++) {
    if (a.isZero(j) || b.isZero(k - j)) continue;
    const w = weight ? weight(j) : 1;
    const alo = w === 1 ? a.ends[2 * j] : mulDown(a.ends[2 * j], w);
    const ahi = w === 1 ? a.ends[2 * j + 1] : mulUp(a.ends[2 * j + 1], w);
    addProduct(alo, ahi, b.ends[2 * (k - j)], b.ends[2 * (k - j) + 1]);
  }
  return { lo: low, hi: high };
}

/** Coefficient k of a·b. */
export function productCoefficient(k: number, a: IntervalSeries, b: IntervalSeries): Interval {
  return weightedProduct(k, a, b, 0, k);
}

/** x/n for a whole n > 0. */
export function overWhole(x: Interval, n: number): Interval {
  return { lo: divDown(x.lo, n), hi: divUp(x.hi, n) };
}
