import type { Interval } from "../ir/primitive.ts";
import { addDown, addUp, divDown, divUp, mulDown, mulUp } from "./directed.ts";

/** Taylor coefficients 0 … order, each an interval. */
export class IntervalSeries {
  readonly lo: Float64Array;
  readonly hi: Float64Array;

  constructor(order: number) {
    this.lo = new Float64Array(order + 1);
    this.hi = new Float64Array(order + 1);
  }

  at(k: number): Interval {
    return { lo: this.lo[k], hi: this.hi[k] };
  }

  set(k: number, x: Interval): void {
    this.lo[k] = x.lo;
    this.hi[k] = x.hi;
  }

  isZero(k: number): boolean {
    return this.lo[k] === 0 && this.hi[k] === 0;
  }

  /** Whether any coefficient past the first is not 0. */
  get varies(): boolean {
    for (let k = 1; k < this.lo.length; k++) if (!this.isZero(k)) return true;
    return false;
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
  if (alo < 0 && ahi <= 0) {
    [alo, ahi] = [-ahi, -alo];
    [blo, bhi] = [-bhi, -blo];
  }
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

/** Σ w(j)·a_j·b_{k−j} over from ≤ j ≤ to, for whole weights. */
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
    if (w === 0) continue;
    let [alo, ahi] = w > 0 ? [a.lo[j], a.hi[j]] : [-a.hi[j], -a.lo[j]];
    if (w !== 1 && w !== -1) {
      alo = mulDown(alo, Math.abs(w));
      ahi = mulUp(ahi, Math.abs(w));
    }
    addProduct(alo, ahi, b.lo[k - j], b.hi[k - j]);
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
