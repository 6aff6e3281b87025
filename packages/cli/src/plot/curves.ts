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

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The values to show: all of them, but for the few that run off to a pole. */
export function rangeOf(curves: readonly Curve[]): Range {
  // The first curve sets the picture; what goes with it may leave it.
  const own = [...curves[0].y].filter(Number.isFinite).sort((a, b) => a - b);
  if (own.length === 0) return { low: -1, high: 1 };
  const at = (part: number) => own[Math.round(part * (own.length - 1))];
  const [low, high, inner] = [own[0], own[own.length - 1], at(0.95) - at(0.05)];
  const clipped = high - low > 20 * inner && inner > 0;
  const [bottom, top] = clipped ? [at(0.05) - inner / 2, at(0.95) + inner / 2] : [low, high];
  const margin = (top - bottom || Math.abs(top) || 1) * 0.05;
  return { low: bottom - margin, high: top + margin };
}

/** Round numbers inside a range, about `count` of them: steps of 1, 2 or 5 times a power of ten. */
export function ticks({ low, high }: Range, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) as number);
  const first = Math.ceil(low / step);
  const found: number[] = [];
  for (let i = first; i * step <= high + step * 1e-9; i++) found.push(Number((i * step).toPrecision(12)));
  return found;
}

/** Whether a curve leaps between two samples, as at a pole: then no line joins them. */
export function leaps(a: number, b: number, { low, high }: Range): boolean {
  return (
    Math.abs(a - b) > 2 * (high - low) ||
    (Math.abs(a - b) > 0.75 * (high - low) && Math.sign(a - low) !== Math.sign(b - low))
  );
}
