/** The slope at a point by the definition of the derivative: quotients for Δx → 0, and what they tell. */
export interface LimitTable {
  readonly at: number;
  readonly value: number;
  readonly rows: readonly LimitRow[];
  /** One-sided slopes by Richardson extrapolation; undefined where the quotients do not settle. */
  readonly right?: Extrapolated;
  readonly left?: Extrapolated;
  /** Where the function has no value but both sides tend to one: what fills the gap. */
  readonly filled?: Extrapolated;
  /** From central quotients. */
  readonly central?: Extrapolated;
  readonly kind: PointKind;
  /** In words. */
  readonly verdict: string;
  /** The Δx where rounding costs as much as the truncation of the quotient: smaller ones get worse. */
  readonly rounding: { readonly forward: number; readonly central: number };
}

export interface LimitRow {
  readonly dx: number;
  readonly forward: number;
  readonly backward: number;
  readonly central: number;
}

export interface Extrapolated {
  readonly value: number;
  /** The change in the last step of the extrapolation: an estimate, not a bound. */
  readonly error: number;
}

export type PointKind =
  | "differentiable"
  | "corner"
  | "jump"
  | "vertical tangent"
  | "cusp"
  | "one-sided"
  | "removable"
  | "pole"
  | "undefined"
  | "no limit";

const EPSILON = Number.EPSILON;
/** Steps of the extrapolation: 2⁻³ … 2⁻²⁰ of the scale; smaller ones drown in rounding. */
const FIRST = 3;
const LAST = 20;
const ROWS = 12;
/** So many halvings of 1 must be steps between floats for usual steps to be looked at far out. */
const HALVINGS = 12;

/**
 * The limit definition at work: forward (f(a + Δx) − f(a))/Δx, backward and central quotients for Δx = 10⁻¹ … 10⁻¹²,
 * one-sided limits by Richardson's extrapolation (1911), and whether the point is a corner, a jump or a vertical
 * tangent. Numerical evidence, no proof: the derivative itself comes from the rules.
 */
export function limitTable(f: (x: number) => number, at: number): LimitTable {
  const scale = Math.max(1, Math.abs(at));
  const value = f(at);
  const right = side(f, at, value, scale, 1);
  const left = side(f, at, value, scale, -1);
  const noise = noiseOf(f, at, value, scale);
  const settled = (within: number) =>
    extrapolate(
      (h) => (f(at + h) - f(at - h)) / (at + h - (at - h)),
      within,
      2,
      noise,
      naturalSlope(noise, within),
    );
  const { limit: central, within } = nearOrScaled(settled, scale);
  const gap = Number.isFinite(value) ? undefined : gapAt(f, at, scale);
  const { kind, verdict } = gap ?? judged(right, left, at);
  const size = Math.max(Math.abs(value), Number.MIN_VALUE);
  const shown = gap?.filled ? rounded(gap.filled) : value;
  const steps = Array.from({ length: ROWS }, (_, i) => within * 10 ** -(i + 1));
  // A step below the spacing of floats is none.
  const rows = steps.filter((dx) => at + dx !== at).map((dx) => quotients(f, at, shown, dx));
  const spacing = Math.abs(at) * EPSILON;
  return {
    at,
    value,
    rows,
    right: right.limit,
    left: left.limit,
    ...(gap?.filled ? { filled: gap.filled } : {}),
    central,
    kind,
    verdict,
    rounding: {
      // |f|ε/Δx against |f″|Δx/2 and |f‴|Δx²/6, for derivatives of about the size of f.
      forward: Math.max(Math.sqrt((2 * EPSILON * size) / Math.max(size, EPSILON)) * within, spacing),
      central: Math.max(Math.cbrt((3 * EPSILON * size) / Math.max(size, EPSILON)) * within, spacing),
    },
  };
}

function quotients(f: (x: number) => number, at: number, value: number, dx: number): LimitRow {
  // The step that floats really take.
  const [above, below] = [at + dx, at - dx];
  return {
    dx,
    forward: (f(above) - value) / (above - at),
    backward: (value - f(below)) / (at - below),
    central: (f(above) - f(below)) / (above - below),
  };
}

interface Side {
  readonly limit?: Extrapolated;
  /** p where the quotients grow like Δx⁻ᵖ, as two pairs of steps say: 1 at a jump, below 1 at a vertical tangent. */
  readonly growth: number;
  readonly steady: boolean;
  /** The sign of the quotients close to the point. */
  readonly sign: number;
  readonly defined: boolean;
}

function side(f: (x: number) => number, at: number, value: number, scale: number, direction: 1 | -1): Side {
  const quotient = (h: number): number => {
    const x = at + direction * h;
    return (f(x) - value) / (x - at);
  };
  const small = [12, 16, 20].map((k) => quotient(scale * 2 ** -k));
  const defined = small.every((q) => !Number.isNaN(q));
  const grows = small.map(Math.abs);
  const [before, growth] = [1, 2].map((i) =>
    grows[i - 1] > 0 ? Math.log2(grows[i] / grows[i - 1]) / 4 : grows[i] > 0 ? Number.POSITIVE_INFINITY : 0,
  );
  // What only rounding or oscillation makes grow does not grow twice alike.
  const steady = Math.abs(growth - before) < 0.2 || !Number.isFinite(growth);
  const noise = noiseOf(f, at, value, scale);
  const settled = (within: number) => extrapolate(quotient, within, 1, noise, naturalSlope(noise, within));
  const found = defined ? nearOrScaled(settled, scale).limit : undefined;
  // Oscillation that dies away, as in x sin(1/x): what is left of it is no digit of the slope.
  const far = Math.abs(quotient(scale * 2 ** -FIRST));
  const faint = found && Math.abs(found.value) < 1e-5 * far && found.error > 1e-6 * Math.abs(found.value);
  const limit = faint ? { ...found, value: 0, error: Math.max(found.error, Math.abs(found.value)) } : found;
  return { limit, growth, steady, sign: Math.sign(small[2]), defined };
}

/** How much of f is rounding: a few units in the last place of its values near the point. */
function noiseOf(f: (x: number) => number, at: number, value: number, scale: number): number {
  const near = [value, f(at + scale * 2 ** -FIRST), f(at - scale * 2 ** -FIRST)].filter(Number.isFinite);
  return 4 * EPSILON * Math.max(...near.map(Math.abs), Number.MIN_VALUE);
}

/**
 * Far out, a function may turn many times within a share of x: steps of usual size decide, where floats are close
 * enough for them.
 */
function nearOrScaled(
  settled: (within: number) => Extrapolated | undefined,
  scale: number,
): { readonly limit?: Extrapolated; readonly within: number } {
  const close = scale > 1 && scale * EPSILON < 2 ** -HALVINGS;
  const near = close ? settled(1) : undefined;
  const far = settled(scale);
  // Long steps are the more exact ones where they find the same.
  const same = near && far && Math.abs(near.value - far.value) <= 10 * near.error && far.error < near.error;
  return near && !same ? { limit: near, within: 1 } : { limit: far, within: scale };
}

/** The size of slopes that values of this size have over the distance looked at; at most 1. */
const naturalSlope = (noise: number, scale: number): number => Math.min(1, noise / (4 * EPSILON) / scale);

/**
 * Richardson: T[i][j] removes the j-th power of h from the error. `power` is 1 for one-sided quotients, 2 for central
 * ones. The best entry is the one that changed least; undefined where none settles, beside its own size or what
 * is natural.
 */
function extrapolate(
  quotient: (h: number) => number,
  scale: number,
  power: 1 | 2,
  noise: number,
  natural = 1,
): Extrapolated | undefined {
  let before: number[] = [];
  let best: Extrapolated | undefined;
  for (let i = FIRST; i <= LAST; i++) {
    const h = scale * 2 ** -i;
    const row = [quotient(h)];
    for (let j = 1; j <= Math.min(before.length, 8); j++) {
      const factor = 2 ** (power * j);
      row.push((factor * row[j - 1] - before[j - 1]) / (factor - 1));
    }
    for (let j = 1; j < row.length; j++) {
      const error = Math.max(Math.abs(row[j] - row[j - 1]), Math.abs(row[j] - before[j - 1])) + noise / h;
      if (Number.isFinite(error) && (!best || error < best.error)) best = { value: row[j], error };
    }
    before = row;
  }
  return best && best.error <= 1e-4 * Math.max(natural, Math.abs(best.value)) ? best : undefined;
}

interface Judgement {
  readonly kind: PointKind;
  readonly verdict: string;
  readonly filled?: Extrapolated;
}

/** What the values around a point without a value tend to. */
function gapAt(f: (x: number) => number, at: number, scale: number): Judgement {
  const none = `the function has no finite value at x = ${at}`;
  const [right, left] = ([1, -1] as const).map((direction) => {
    const near = [12, 16, 20].map((k) => f(at + direction * scale * 2 ** -k));
    const [a, b, c] = near.map(Math.abs);
    const grows = c - b > 0.9 * (b - a) && b > a;
    const found = extrapolate((h) => f(at + direction * h), scale, 1, 0);
    // What is small beside the values further off is 0: the extrapolation of an oscillation says too much.
    const small = found && Math.abs(found.value) < 1e-5 * Math.abs(f(at + direction * scale * 2 ** -FIRST));
    const limit = found && small ? { ...found, value: 0 } : found;
    return { limit, grows, defined: near.every(Number.isFinite) };
  });
  if (!right.defined && !left.defined) return { kind: "undefined", verdict: `${none}: no derivative there` };
  if ((right.grows || !right.defined) && (left.grows || !left.defined))
    return {
      kind: "pole",
      verdict: `${none}: the values beside it grow without bound, so there is no derivative`,
    };
  if (!right.limit || !left.limit) {
    const settled = right.limit ?? left.limit;
    const one = settled
      ? `the values tend to ${short(settled.value)} from one side only`
      : "the values beside it do not settle";
    return { kind: "undefined", verdict: `${none}: ${one}, so there is no derivative` };
  }
  const apart = Math.abs(right.limit.value - left.limit.value);
  if (apart > 1e-4 * Math.max(1, Math.abs(right.limit.value)))
    return {
      kind: "jump",
      verdict: `${none}, and a jump: the values tend to ${short(left.limit.value)} from the left, to ${short(right.limit.value)} from the right`,
    };
  const filled = right.limit.error < left.limit.error ? right.limit : left.limit;
  const value = rounded(filled);
  const sides = ([1, -1] as const).map((direction) => side(f, at, value, scale, direction));
  const slopes = judged(sides[0], sides[1], at);
  const [{ limit: slope }] = sides;
  const then =
    slopes.kind === "differentiable" && slope
      ? `the slope there is ${short(rounded(slope))}`
      : slopes.verdict;
  return {
    kind: "removable",
    verdict: `${none}, but both sides tend to ${short(value)}: a gap that can be filled; once it is, ${then}`,
    filled,
  };
}

function judged(right: Side, left: Side, at: number): Judgement {
  const place = `x = ${at}`;
  if (!right.defined && !left.defined)
    return { kind: "undefined", verdict: `the function has no values around ${place}` };
  if (!right.defined || !left.defined) {
    const there = right.defined ? right : left;
    const name = right.defined ? "right" : "left";
    const slope = there.limit
      ? `, with slope ${short(there.limit.value)}`
      : isSteep(there)
        ? ", with a vertical tangent"
        : "";
    return {
      kind: isSteep(there) ? "vertical tangent" : "one-sided",
      verdict: `only defined to the ${name} of ${place}${slope}`,
    };
  }
  if (isJump(right) || isJump(left))
    return {
      kind: "jump",
      verdict: `a jump at ${place}: the values on a side do not tend to f(${at}), so there is no derivative`,
    };
  if (isSteep(right) && isSteep(left))
    return right.sign === left.sign
      ? {
          kind: "vertical tangent",
          verdict: `a vertical tangent at ${place}: the quotients grow without bound`,
        }
      : {
          kind: "cusp",
          verdict: `a cusp at ${place}: the quotients grow without bound, with opposite signs`,
        };
  if (isSteep(right) || isSteep(left))
    return { kind: "vertical tangent", verdict: `a vertical tangent on one side of ${place}` };
  if (!right.limit || !left.limit)
    return {
      kind: "no limit",
      verdict: `the quotients do not settle as Δx → 0: no derivative is seen at ${place}${coarse(at)}`,
    };
  const gap = Math.abs(right.limit.value - left.limit.value);
  const allowed =
    10 * (right.limit.error + left.limit.error) + 1e-7 * Math.max(1, Math.abs(right.limit.value));
  if (gap > allowed)
    return {
      kind: "corner",
      verdict: `a corner at ${place}: slope ${short(left.limit.value)} from the left, ${short(right.limit.value)} from the right`,
    };
  return { kind: "differentiable", verdict: "both sides tend to the same slope" };
}

/** Without digits that are only error. */
function rounded({ value, error }: Extrapolated): number {
  return Math.abs(value) <= Math.max(20 * error, 1e-12) ? 0 : Number(value.toPrecision(9));
}

/** Where floats are far apart, that may be why. */
function coarse(at: number): string {
  const spacing = Math.abs(at) * EPSILON;
  return spacing > 1e-3 ? ` (floats are about ${spacing.toPrecision(1)} apart there)` : "";
}

const isJump = (s: Side): boolean => s.defined && s.steady && s.growth > 0.97;
const isSteep = (s: Side): boolean => s.defined && s.steady && s.growth > 0.03 && !isJump(s) && !s.limit;
const short = (x: number): string => String(Number(x.toPrecision(6)));
