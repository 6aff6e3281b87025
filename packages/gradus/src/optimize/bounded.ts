import { dot, norm, plusScaled } from "./linear-algebra.ts";
import {
  type Bounds,
  heldAt,
  type Iterate,
  isNoise,
  type Method,
  stationarity,
  type Trial,
} from "./method.ts";
import type { Objective } from "./objective.ts";
import { Memory, quadraticTrial, searchLine } from "./quasi-newton.ts";

/** Into the box. */
export function project(x: Float64Array, { lower, upper }: Bounds): Float64Array {
  return x.map((v, i) => Math.min(Math.max(v, lower[i]), upper[i]));
}

/**
 * L-BFGS inside bounds by projection (Bertsekas 1982): coordinates held at a bound rest, the others take a
 * quasi-Newton step. Where the step leaves the box, its projection is searched instead of the line.
 */
export const boundedLbfgsMethod: Method = function* (objective, start, settings) {
  const bounds = settings.bounds as Bounds;
  const memory = new Memory(settings.memory);
  let at = start;
  for (;;) {
    const trial = boundedStep(objective, at, memory, bounds);
    if (!trial) {
      if (memory.isEmpty) return;
      memory.clear();
      continue;
    }
    const next = trial.at;
    if (isNoise(at.value - next.value, at.value) && stationarity(next, bounds) >= stationarity(at, bounds))
      return;
    yield trial;
    memory.add(at, next);
    at = next;
  }
};

function boundedStep(objective: Objective, at: Iterate, memory: Memory, bounds: Bounds): Trial | undefined {
  const { lower, upper } = bounds;
  const free = Uint8Array.from(at.x, (x, i) => (heldAt(x, at.gradient[i], lower[i], upper[i]) ? 0 : 1));
  const d = memory.direction(at.gradient, free);
  // A free coordinate that stands on its bound may not be sent through it.
  for (let i = 0; i < d.length; i++)
    if ((at.x[i] <= lower[i] && d[i] < 0) || (at.x[i] >= upper[i] && d[i] > 0)) d[i] = 0;
  const room = roomAlong(at.x, d, bounds);
  if (room >= 1) {
    const found = searchLine(objective, at, d, 1, room);
    if (!found) return undefined;
    const x = project(found.next.x, bounds);
    return quadraticTrial(at, { ...found.next, x }, d, found.step);
  }
  return projectedSearch(objective, at, d, bounds);
}

/** How far along d the first bound is. */
function roomAlong(x: Float64Array, d: Float64Array, { lower, upper }: Bounds): number {
  let room = Number.MAX_VALUE;
  for (let i = 0; i < x.length; i++) {
    if (d[i] > 0) room = Math.min(room, (upper[i] - x[i]) / d[i]);
    else if (d[i] < 0) room = Math.min(room, (lower[i] - x[i]) / d[i]);
  }
  return room;
}

/** Armijo's rule along the projection of the line; the promise is the linear model's. */
function projectedSearch(
  objective: Objective,
  at: Iterate,
  d: Float64Array,
  bounds: Bounds,
): Trial | undefined {
  for (let step = 1; step > 1e-20; step /= 2) {
    const x = project(plusScaled(at.x, step, d), bounds);
    const moved = plusScaled(x, -1, at.x);
    const promised = -dot(at.gradient, moved);
    if (!(promised > 0)) return undefined;
    const next: Iterate = { x, ...objective.valueAndGradient(x) };
    if (at.value - next.value >= 1e-4 * promised)
      return {
        at: next,
        model: "linear",
        promised,
        tried: next.value,
        length: norm(moved),
        accepted: true,
        setting: step,
      };
  }
  return undefined;
}
