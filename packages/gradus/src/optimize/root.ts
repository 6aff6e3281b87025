import { objectiveOf, type Target } from "./objective.ts";
import { show } from "./verdict.ts";

/** One step of Newton's method for f(x) = 0: the linear model f + f′·s is 0 at s = −f/f′. */
export interface RootStep {
  readonly index: number;
  /** Where the step began, with value and slope there. */
  readonly x: number;
  readonly value: number;
  readonly slope: number;
  /** The step taken: shortened where the full one would have made |f| larger. */
  readonly step: number;
}

export interface Root {
  readonly x: number;
  readonly value: number;
  readonly slope: number;
  readonly steps: readonly RootStep[];
}

/** A root was not found; the message says how the search ended. */
export class RootError extends Error {
  override name = "RootError";
}

/** A root of a function of one number, by Newton's method from a start; steps that do not lower |f| are halved. */
export function findRoot(f: Target<number>, start: number, options: { steps?: number } = {}): Root {
  const objective = objectiveOf("findRoot", f, start);
  const at = (x: number) => {
    const { value, gradient } = objective.valueAndGradient(Float64Array.of(x));
    return { x, value, slope: gradient[0] };
  };
  const steps: RootStep[] = [];
  let here = at(start);
  if (!Number.isFinite(here.value))
    throw new RootError(`the start: ${objective.explain(Float64Array.of(start))}`);
  while (here.value !== 0) {
    const { x, value, slope } = here;
    if (steps.length >= (options.steps ?? 200))
      throw new RootError(
        `no root after ${steps.length} steps from ${show(start)}: the last value is ${show(value)}`,
      );
    if (!(Math.abs(slope) > 0) || !Number.isFinite(slope))
      throw new RootError(
        `no root from ${show(start)}: at ${show(x)} the slope is ${show(slope)} and the value ${show(value)}; try another start`,
      );
    let step = -value / slope;
    let next = at(x + step);
    for (let i = 0; i < 60 && !(Math.abs(next.value) < Math.abs(value)); i++) {
      // The last digits: the full step changes nothing, or only rounding is left.
      if (Math.abs(step) <= 4 * Number.EPSILON * Math.abs(x)) break;
      step /= 2;
      next = at(x + step);
    }
    if (!(Math.abs(next.value) < Math.abs(value))) {
      // Rounding of x times the slope is all that is left of the value.
      if (Math.abs(value) <= 16 * Number.EPSILON * Math.abs(x * slope)) break;
      throw new RootError(
        `no root from ${show(start)}: |f| has a minimum of ${show(Math.abs(value))} at ${show(x)}; try another start`,
      );
    }
    steps.push({ index: steps.length + 1, x, value, slope, step });
    here = next;
    if (Math.abs(step) <= Number.EPSILON * Math.abs(here.x)) break;
  }
  return { ...here, steps };
}
