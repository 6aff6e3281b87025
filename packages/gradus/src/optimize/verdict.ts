import { BOTTOMLESS } from "./line-search.ts";
import { addScaled, apply, dot, type Eigen, plusScaled, scaled, symmetricEigen } from "./linear-algebra.ts";
import { type Bounds, heldAt, type Iterate, isNoise, stationarity, type Trial } from "./method.ts";
import type { Objective } from "./objective.ts";
import {
  downhill,
  edgeOf,
  fallsNear,
  hasKink,
  kinkedValley,
  levelsOut,
  lossNear,
  lowestAlong,
  smallBeside,
  unit,
} from "./probes.ts";
import { extremes, MOST_DENSE } from "./spectrum.ts";

export type VerdictKind =
  | "minimum"
  | "maximum"
  | "saddle"
  | "flat valley"
  | "still descending"
  | "unbounded below"
  | "diverged"
  | "not a number"
  | "stuck";

/** What a point is, or how a run ended, in words and in the numbers that show it. */
export interface Verdict {
  readonly kind: VerdictKind;
  readonly text: string;
  readonly smallestEigenvalue?: number;
  readonly largestEigenvalue?: number;
  /** Unit vector, over the coordinates, of the smallest eigenvalue where that is not positive. */
  readonly direction?: Float64Array;
}

/** Of an eigenvalue of the Hessian scaled to a unit diagonal: nearer to 0 is no evidence. */
const FLAT = 1e-8;

export const show = (x: number): string =>
  Number.isInteger(x) && Math.abs(x) < 1e6 ? String(x) : String(Number(x.toPrecision(4)));

/** What led to the point that is judged. */
interface Arrival {
  /** The decrease on the way: what is small is small beside it. */
  readonly fallen?: number;
  /** False where the gradient is not small: then only rounding can make the point a minimum. */
  readonly vanished?: boolean;
}

/** Judges a point where the gradient (inside the bounds) has all but vanished, or where no step helps any more. */
export function judge(
  objective: Objective,
  at: Iterate,
  bounds: Bounds | undefined,
  { fallen = 0, vanished = true }: Arrival = {},
): Verdict {
  const verdict = judgeStationary(objective, at, bounds, fallen, vanished);
  if (vanished || verdict.kind === "minimum" || verdict.kind === "unbounded below") return verdict;
  if (!at.gradient.every(Number.isFinite))
    return {
      kind: "not a number",
      text: `stuck where the gradient is no number: ${objective.explain(at.x)}`,
    };
  const down = downhill(at, bounds);
  const far = lowestAlong(objective, at, down, bounds).lowest;
  if (far <= BOTTOMLESS) return { kind: "unbounded below", text: bottomlessText(objective.names, down) };
  const lost = Math.max(at.value - far, lossNear(objective, at, down, bounds));
  if (lost > smallBeside(at, fallen))
    return {
      ...verdict,
      kind: "still descending",
      text: `the method makes no way any more, but along ${along(objective.names, down)} the value still falls, to ${show(at.value - lost)}`,
    };
  const beyond = edgeOf(objective, at, bounds);
  if (beyond)
    return {
      ...verdict,
      kind: "stuck",
      text: `stuck at the edge of the domain, where the value falls with a slope of ${show(stationarity(at, bounds))}: beyond, ${beyond}`,
    };
  return {
    ...verdict,
    kind: "stuck",
    text: `no step lowers the value any more, though the largest slope is ${show(stationarity(at, bounds))}: the rest is rounding, or there is a kink`,
  };
}

function judgeStationary(
  objective: Objective,
  at: Iterate,
  bounds: Bounds | undefined,
  fallen: number,
  vanished: boolean,
): Verdict {
  const n = at.x.length;
  const free = Array.from({ length: n }, (_, i) => i).filter(
    (i) => !(bounds && heldAt(at.x[i], at.gradient[i], bounds.lower[i], bounds.upper[i])),
  );
  const held = n - free.length;
  const atBounds = held > 0 ? `, ${held} of ${n} coordinates at a bound` : "";
  if (free.length === 0)
    return {
      kind: "minimum",
      text: "a minimum in a corner of the bounds: the value rises along each coordinate",
    };
  if (n > MOST_DENSE) return judgeByProducts(objective, at, free, atBounds, bounds, { fallen, vanished });
  const h = restrict(objective.hessian(at.x), n, free);
  if (!h.every(Number.isFinite))
    return { kind: "stuck", text: `the second derivatives have no finite value at this point` };
  const m = free.length;
  const eigen = symmetricEigen(h, m);
  const numbers = { smallestEigenvalue: eigen.values[0], largestEigenvalue: eigen.values[m - 1] };
  const own = scaledEigen(h, m);
  const { values, vectors, unscale } = own;
  const spread = (v: Float64Array) => {
    const out = new Float64Array(n);
    free.forEach((c, i) => (out[c] = v[i]));
    return out;
  };
  const slope = show(stationarity(at, bounds));
  const agrees = newtonAgrees(objective, at, eigen, own, free, vanished);
  const steepest = spread(eigen.vectors[0]);
  const falls = () =>
    fallsNear(objective, at, steepest, eigen.values[0]) ||
    [steepest, scaled(-1, steepest)].some(
      (way) => at.value - lowestAlong(objective, at, way, bounds).lowest > smallBeside(at, fallen),
    );
  if (values[0] < -FLAT && agrees && falls()) {
    const direction = steepest;
    if (values[m - 1] < -FLAT && held === 0)
      return {
        kind: "maximum",
        text: `a maximum: the largest eigenvalue of the Hessian, ${show(numbers.largestEigenvalue)}, is negative${atBounds}`,
        ...numbers,
        direction,
      };
    return {
      kind: "saddle",
      text: `a saddle: the Hessian has eigenvalues from ${show(numbers.smallestEigenvalue)} to ${show(numbers.largestEigenvalue)}; the value falls along ${along(objective.names, direction)}${atBounds}`,
      ...numbers,
      direction,
    };
  }
  if (values[0] > FLAT && agrees)
    return {
      kind: "minimum",
      text: `a minimum: the gradient is ${slope} and the smallest eigenvalue of the Hessian, ${show(numbers.smallestEigenvalue)}, is positive${atBounds}`,
      ...numbers,
    };
  const flat = vectors.filter((_, i) => Math.abs(values[i]) <= FLAT).map((v) => spread(unit(unscale(v))));
  const direction = flat[0] ?? steepest;
  const axes = m > 20 ? [] : free.map((c) => new Float64Array(n).fill(1, c, c + 1));
  const ways = [direction, ...flat.slice(1), ...axes];
  return { ...probe(objective, at, { ways, flat }, bounds, fallen), ...numbers, direction };
}

function restrict(h: Float64Array, n: number, free: readonly number[]): Float64Array {
  return Float64Array.from(free.flatMap((i) => free.map((j) => h[i * n + j])));
}

interface ScaledEigen extends Eigen {
  readonly unscale: (v: Float64Array) => Float64Array;
}

/** Eigenvalues of D⁻½HD⁻½ with the diagonal's sizes in D: by Sylvester's law their signs are those of H, without its units. */
function scaledEigen(h: Float64Array, n: number): ScaledEigen {
  const largest = h.reduce((m, v) => Math.max(m, Math.abs(v)), 0) || 1;
  const root = Float64Array.from({ length: n }, (_, i) =>
    Math.sqrt(Math.max(Math.abs(h[i * n + i]), 1e-30 * largest)),
  );
  const scaledH = h.map((v, k) => v / root[Math.floor(k / n)] / root[k % n]);
  return { ...symmetricEigen(scaledH, n), unscale: (v: Float64Array) => v.map((vi, i) => vi / root[i]) };
}

/**
 * Close to a proper stationary point Newton's step converges quadratically: it must all but end the gradient, or be
 * negligible itself. At x = 0 of x³ or x⁴, and where a function levels out, it does not, however small the gradient is.
 * Where the gradient has not vanished, what the step promises must be rounding: on a quadratic it converges from afar.
 */
function newtonAgrees(
  objective: Objective,
  at: Iterate,
  eigen: Eigen,
  // Numbers that the largest curvature drowns are those of no other: so each coordinate in its own unit.
  { values, vectors, unscale }: ScaledEigen,
  free: readonly number[],
  vanished: boolean,
): boolean {
  const along = (g: Float64Array) => {
    const ofFree = unscale(Float64Array.from(free, (i) => g[i]));
    return vectors.map((q) => dot(q, ofFree));
  };
  const parts = along(at.gradient);
  // Beside a negative eigenvalue it matters little what becomes of the flat directions.
  const flat = values[0] < 0 ? FLAT : 0;
  const counts = (i: number) => Math.abs(values[i]) > flat;
  const decrement = (c: readonly number[]) =>
    c.reduce((sum, ci, i) => (counts(i) ? sum + (ci * ci) / Math.abs(values[i]) : sum), 0);
  const rounding = decrement(parts) <= 1e-14 * Math.abs(at.value);
  if (!rounding && !vanished) return false;
  const step = new Float64Array(free.length);
  parts.forEach((c, i) => {
    if (counts(i)) addScaled(step, -c / values[i], unscale(vectors[i]));
  });
  if (!step.every(Number.isFinite)) return rounding;
  const x = at.x.slice();
  free.forEach((c, i) => (x[c] += step[i]));
  const settled =
    rounding ||
    free.every((c, i) => Math.abs(step[i]) <= 1e-7 * Math.abs(at.x[c]) + 1e-15) ||
    decrement(along(objective.valueAndGradient(x).gradient)) <= 0.03 * decrement(parts);
  // A curvature that comes of the distance from the minimum alone, as that of x⁴, is less than half after the step.
  const [least] = eigen.values;
  if (!settled || !(least > 0 && least < 1e-3 * eigen.values[free.length - 1])) return settled;
  const [lowest] = eigen.vectors;
  return dot(lowest, apply(restrict(objective.hessian(x), x.length, free), lowest)) > 0.6 * least;
}

/** Looks both ways along some directions, and against the gradient, for lower values. */
function probe(
  objective: Objective,
  at: Iterate,
  { ways, flat }: { readonly ways: readonly Float64Array[]; readonly flat: readonly Float64Array[] },
  bounds: Bounds | undefined,
  fallen: number,
): Pick<Verdict, "kind" | "text"> {
  const little = smallBeside(at, fallen);
  for (const way of [...ways.flatMap((d) => [d, scaled(-1, d)]), downhill(at, bounds)]) {
    const { lowest, rose } = lowestAlong(objective, at, way, bounds);
    if (lowest <= BOTTOMLESS) return { kind: "unbounded below", text: bottomlessText(objective.names, way) };
    const where = along(objective.names, way);
    if (!(at.value - lowest > little)) {
      if (rose || !levelsOut(objective, at, way)) continue;
      const limit = Math.abs(lowest) <= little ? 0 : lowest;
      return {
        kind: "still descending",
        text: `no minimum in sight: along ${where} the value keeps falling, ever less, towards ${show(limit)}, which it does not reach`,
      };
    }
    return rose
      ? {
          kind: "saddle",
          text: `no minimum: the slope has vanished, but along ${where} the value falls to ${show(lowest)}`,
        }
      : {
          kind: "still descending",
          text: `no minimum in sight: along ${where} the value keeps falling, to ${show(lowest)} and on`,
        };
  }
  const kinked = ways.every((d) => hasKink(objective, at, d));
  const valley = kinked ? kinkedValley(objective, at, flat) : ways[0];
  if (!valley)
    return { kind: "minimum", text: "a minimum at a kink: the value rises at a finite slope both ways" };
  const why = kinked ? "the slope is 0, between kinks" : "the second derivative is 0 beside the others";
  return {
    kind: "flat valley",
    text: `a flat valley: along ${along(objective.names, valley)} ${why}, and nothing lower is near`,
  };
}

/**
 * From a saddle, the step along the lowest eigenvector by which the value falls, if that has an end: where it falls
 * for ever, the saddle is all there is to say. For as many coordinates as the Hessian is written out.
 */
export function pastSaddle(objective: Objective, at: Iterate, bounds: Bounds | undefined): Trial | undefined {
  if (at.x.length > MOST_DENSE) return undefined;
  const { kind, direction, smallestEigenvalue: curvature = 0 } = judge(objective, at, bounds);
  if (!direction || !(curvature < 0) || (kind !== "saddle" && kind !== "maximum")) return undefined;
  const found = [direction, scaled(-1, direction)]
    .map((way) => ({ way, ...lowestAlong(objective, at, way, bounds) }))
    .filter(({ lowest, rose }) => rose && lowest < at.value && !isNoise(at.value - lowest, at.value))
    .sort((a, b) => a.lowest - b.lowest)[0];
  if (!found) return undefined;
  const { way, length } = found;
  const x = plusScaled(at.x, length, way);
  const next = { x, ...objective.valueAndGradient(x) };
  if (!next.gradient.every(Number.isFinite)) return undefined;
  return {
    at: next,
    model: "quadratic",
    promised: -length * (dot(at.gradient, way) + (length * curvature) / 2),
    tried: next.value,
    length,
    accepted: true,
    setting: length,
  };
}

export function bottomlessText(names: readonly string[], way: Float64Array): string {
  return `unbounded below: along ${along(names, way)} the value falls without end, so there is no minimum`;
}

/** A direction in words: its largest parts by name. */
export function along(names: readonly string[], direction: Float64Array): string {
  const parts = [...direction.entries()]
    .filter(([, v]) => Math.abs(v) > 0.05)
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
    .slice(0, 4);
  const list = parts.map(([i, v]) => `${names[i]} ${v < 0 ? "−" : "+"}${show(Math.abs(v))}`).join(", ");
  return parts.length < direction.length && direction.length > 4 ? `(${list}, …)` : `(${list})`;
}

function judgeByProducts(
  objective: Objective,
  at: Iterate,
  free: readonly number[],
  atBounds: string,
  bounds: Bounds | undefined,
  { fallen = 0, vanished = true }: Arrival,
): Verdict {
  const { smallest, largest, lowest } = extremes(objective, at.x, free);
  const numbers = { smallestEigenvalue: smallest, largestEigenvalue: largest };
  const size = Math.max(Math.abs(smallest), Math.abs(largest));
  const by = "the smallest eigenvalue of the Hessian that Lanczos' method finds";
  if (smallest < -FLAT * size)
    return {
      kind: "saddle",
      text: `a saddle: ${by}, ${show(smallest)}, is negative${atBounds}`,
      ...numbers,
      direction: lowest,
    };
  if (smallest > FLAT * size && vanished)
    return {
      kind: "minimum",
      text: `a minimum: ${by}, ${show(smallest)}, is positive${atBounds}`,
      ...numbers,
    };
  const seen = probe(objective, at, { ways: [lowest], flat: [] }, bounds, fallen);
  return {
    ...(seen.kind === "flat valley"
      ? {
          kind: seen.kind,
          text: `a flat valley: ${by}, ${show(smallest)}, is 0 beside the largest, ${show(largest)}${atBounds}`,
        }
      : seen),
    ...numbers,
    direction: lowest,
  };
}
