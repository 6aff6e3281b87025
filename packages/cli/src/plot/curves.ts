/** A curve sampled at equal steps; NaN where it has no value. */
export interface Curve {
  readonly name: string;
  readonly y: readonly number[];
}

export interface Picture {
  /** What the horizontal axis is called. */
  readonly variable: string;
  readonly from: number;
  readonly to: number;
  readonly curves: readonly Curve[];
  /** A point to mark. */
  readonly mark?: { readonly x: number; readonly y: number };
}
