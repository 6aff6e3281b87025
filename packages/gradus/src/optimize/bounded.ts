import {
  bilinear,
  type CompactHessian,
  compactHessian,
  curvatureAlong,
  inColumns,
  solveSquare,
} from "./compact-hessian.ts";
import { apply, dot, norm, plusScaled } from "./linear-algebra.ts";
import { Memory } from "./memory.ts";
import type { Bounds, Iterate, Method, Trial } from "./method.ts";
import type { Objective } from "./objective.ts";
import { searchLine, stalled } from "./quasi-newton.ts";

/** Into the box. */
export function project(x: Float64Array, { lower, upper }: Bounds): Float64Array {
  return x.map((v, i) => Math.min(Math.max(v, lower[i]), upper[i]));
}

/**
 * L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995): the first minimum of the quadratic model along the projected gradient
 * says which bounds hold; among the other coordinates the model is minimized; the way there is searched.
 */
export const boundedLbfgsMethod: Method = function* (objective, start, settings) {
  const bounds = settings.bounds as Bounds;
  const memory = new Memory(settings.memory, start.x.length);
  let at = start;
  for (;;) {
    const trial = boundedStep(objective, at, memory, bounds);
    if (!trial || stalled(at, trial.at, bounds)) {
      // A model gone stale: begin again with none, once.
      if (memory.isEmpty) return;
      memory.clear();
      continue;
    }
    yield trial;
    memory.add(at, trial.at);
    at = trial.at;
  }
};

function boundedStep(objective: Objective, at: Iterate, memory: Memory, bounds: Bounds): Trial | undefined {
  const model = compactHessian(memory.all);
  if (!model) return undefined;
  const cauchy = cauchyPoint(at, bounds, model);
  const target = memory.isEmpty ? cauchy.x : subspaceMinimum(at, bounds, model, cauchy, memory);
  const d = plusScaled(target, -1, at.x);
  const length = norm(d);
  const slope = dot(at.gradient, d);
  if (!(slope < 0)) return undefined;
  // Nothing is known of the curvature at first: a step of length 1 at most.
  const first = memory.isEmpty ? Math.min(1, 1 / length) : 1;
  const found = searchLine(objective, at, d, {
    first,
    longest: Math.max(first, roomAlong(at.x, d, bounds)),
    place: (t) => along(at.x, t, d, bounds),
  });
  if (!found) return undefined;
  const { step } = found;
  return {
    at: found.next,
    model: "quadratic",
    promised: -step * (slope + (step * curvatureAlong(model, d, inColumns(model, d))) / 2),
    tried: found.next.value,
    length: step * length,
    accepted: true,
    setting: step,
  };
}

/** How far along d coordinate i meets its bound. */
function roomOf(i: number, x: Float64Array, d: Float64Array, { lower, upper }: Bounds): number {
  if (d[i] === 0) return Number.MAX_VALUE;
  return ((d[i] > 0 ? upper[i] : lower[i]) - x[i]) / d[i];
}

/** How far along d the first bound is. */
function roomAlong(x: Float64Array, d: Float64Array, bounds: Bounds): number {
  let room = Number.MAX_VALUE;
  for (let i = 0; i < x.length; i++) room = Math.min(room, roomOf(i, x, d, bounds));
  return room;
}

/** x + t·d, each coordinate stopped at its bound: at the bound itself, which rounding must not miss. */
function along(x: Float64Array, t: number, d: Float64Array, bounds: Bounds): Float64Array {
  const point = project(plusScaled(x, t, d), bounds);
  for (let i = 0; i < x.length; i++)
    if (roomOf(i, x, d, bounds) <= t) point[i] = d[i] > 0 ? bounds.upper[i] : bounds.lower[i];
  return point;
}

interface Cauchy {
  readonly x: Float64Array;
  /** Wᵀ(x − start). */
  readonly moved: Float64Array;
}

/**
 * The generalized Cauchy point: the first minimum of the model along the path that the steepest descent takes when
 * each coordinate stops at its bound. From one bound to the next the model is a parabola.
 */
export function cauchyPoint(
  { x, gradient: g }: Iterate,
  { lower, upper }: Bounds,
  model: CompactHessian,
): Cauchy {
  const { theta, columns, middle } = model;
  const n = x.length;
  const breaks = new Float64Array(n);
  const d = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    breaks[i] = g[i] === 0 ? Number.POSITIVE_INFINITY : (x[i] - (g[i] < 0 ? upper[i] : lower[i])) / g[i];
    if (breaks[i] > 0) d[i] = -g[i];
  }
  const ahead = Array.from(breaks.keys())
    .filter((i) => breaks[i] > 0 && breaks[i] < Number.POSITIVE_INFINITY)
    .sort((a, b) => breaks[a] - breaks[b]);
  const point = x.slice();
  const along = inColumns(model, d);
  const moved = new Float64Array(columns.length);
  let slope = -dot(d, d);
  let curvature = curvatureAlong(model, d, along);
  const least = Number.EPSILON * theta * -slope;
  let passed = 0;
  for (const b of ahead) {
    const toBound = breaks[b] - passed;
    // Coordinates that reach their bounds together stop together: between them there is no way to look along.
    const together = toBound <= 4 * Number.EPSILON * breaks[b];
    if (!together && -slope < toBound * curvature) break;
    const gb = g[b];
    point[b] = gb < 0 ? upper[b] : lower[b];
    addTo(moved, toBound, along);
    const row = Float64Array.from(columns, (c) => c[b]);
    slope +=
      toBound * curvature + gb * gb + theta * gb * (point[b] - x[b]) - gb * bilinear(row, middle, moved);
    curvature +=
      -theta * gb * gb - 2 * gb * bilinear(row, middle, along) - gb * gb * bilinear(row, middle, row);
    curvature = Math.max(curvature, least);
    addTo(along, gb, row);
    d[b] = 0;
    passed = breaks[b];
  }
  const rest = slope < 0 ? -slope / curvature : 0;
  for (let i = 0; i < n; i++) if (d[i] !== 0) point[i] = x[i] + (passed + rest) * d[i];
  addTo(moved, rest, along);
  return { x: project(point, { lower, upper }), moved };
}

function addTo(a: Float64Array, t: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] += t * b[i];
}

/**
 * The minimum of the model over the coordinates that the Cauchy point leaves free, brought back into the box: by
 * projection (Morales and Nocedal 2011) where the model is no higher there than at the Cauchy point, else along the
 * straight way to it.
 */
function subspaceMinimum(
  at: Iterate,
  bounds: Bounds,
  model: CompactHessian,
  cauchy: Cauchy,
  memory: Memory,
): Float64Array {
  const { theta, columns, middle } = model;
  const { lower, upper } = bounds;
  const m = columns.length;
  const free = Array.from(at.x.keys()).filter((i) => cauchy.x[i] > lower[i] && cauchy.x[i] < upper[i]);
  if (free.length === 0) return cauchy.x;
  // With no bound in the way it is the whole model's minimum, which the two loops give with more digits.
  if (free.length === at.x.length)
    return backInside(at, bounds, model, cauchy, plusScaled(at.x, 1, memory.direction(at.gradient)));
  const bent = apply(middle, cauchy.moved);
  // The model's gradient at the Cauchy point.
  const r = Float64Array.from(free, (i) => {
    let sum = at.gradient[i] + theta * (cauchy.x[i] - at.x[i]);
    for (let k = 0; k < m; k++) sum -= columns[k][i] * bent[k];
    return sum;
  });
  const ofFree = columns.map((c) => Float64Array.from(free, (i) => c[i]));
  // (I − M·WᵀW/θ)⁻¹·M·Wᵀr, with the free rows of W: Sherman, Morrison and Woodbury's formula.
  const squares = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) squares[i * m + j] = squares[j * m + i] = dot(ofFree[i], ofFree[j]);
  const inner = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let k = 0; k < m; k++) sum += middle[i * m + k] * squares[k * m + j];
      inner[i * m + j] = (i === j ? 1 : 0) - sum / theta;
    }
  const v = solveSquare(
    inner,
    apply(
      middle,
      Float64Array.from(ofFree, (c) => dot(c, r)),
    ),
  );
  const d = r.map((ri, i) => {
    let sum = ri;
    for (let k = 0; k < m; k++) sum += (ofFree[k][i] * v[k]) / theta;
    return -sum / theta;
  });
  if (!d.every(Number.isFinite)) return cauchy.x;
  const target = cauchy.x.slice();
  free.forEach((i, k) => (target[i] += d[k]));
  return backInside(at, bounds, model, cauchy, target);
}

function backInside(
  at: Iterate,
  bounds: Bounds,
  model: CompactHessian,
  cauchy: Cauchy,
  target: Float64Array,
): Float64Array {
  const inside = project(target, bounds);
  const modelAt = (x: Float64Array, moved?: Float64Array) => {
    const d = plusScaled(x, -1, at.x);
    return dot(at.gradient, d) + curvatureAlong(model, d, moved ?? inColumns(model, d)) / 2;
  };
  // That it leads down is not enough: it may do so ever less, and the steps die away where nothing is stationary.
  if (modelAt(inside) <= modelAt(cauchy.x, cauchy.moved)) return inside;
  const way = plusScaled(target, -1, cauchy.x);
  return along(cauchy.x, Math.min(1, roomAlong(cauchy.x, way, bounds)), way, bounds);
}
