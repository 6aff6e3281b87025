import type { Node } from "../ir/node.ts";
import { add, div, maximum, minimum, mul, pow, sub } from "../primitives/arithmetic.ts";
import { less } from "../primitives/comparison.ts";
import { type TensorLike, tensor } from "../primitives/define.ts";
import { floor } from "../primitives/rounding.ts";
import { where } from "../primitives/structure.ts";
import { cos } from "../primitives/trigonometric.ts";

/** A learning rate as a function of the number of steps done before (0 at the first). */
export type Schedule = (count: TensorLike) => Node;

/** A rate: a number for all steps, or a schedule. */
export type Rate = number | Schedule;

export function scheduleOf(rate: Rate): Schedule {
  return typeof rate === "function" ? rate : constantSchedule(rate);
}

export function constantSchedule(rate: number): Schedule {
  return () => tensor(rate);
}

/** rate · decay^(count/every); with `staircase` the exponent is a whole number. */
export function exponentialSchedule(
  rate: number,
  options: { decay: number; every?: number; staircase?: boolean },
): Schedule {
  const { decay, every = 1, staircase = false } = options;
  positive("exponentialSchedule", { decay, every });
  return (count) => {
    const periods = div(count, every);
    return mul(rate, pow(decay, staircase ? floor(periods) : periods));
  };
}

/** Half a cosine from `rate` down to `rate · floor` in `steps` steps, then constant (Loshchilov and Hutter 2017). */
export function cosineSchedule(rate: number, steps: number, options: { floor?: number } = {}): Schedule {
  const { floor: low = 0 } = options;
  positive("cosineSchedule", { steps });
  return (count) => {
    const turned = cos(mul(Math.PI, div(minimum(count, steps), steps)));
    return mul(rate, add(low, mul((1 - low) / 2, add(1, turned))));
  };
}

/** A straight line from `from` to `to` in `steps` steps, then constant. */
export function linearSchedule(from: number, to: number, steps: number): Schedule {
  positive("linearSchedule", { steps });
  return (count) => add(from, mul(to - from, div(minimum(count, steps), steps)));
}

/** A straight line from 0 to the first rate of `after` in `steps` steps; then `after`, which counts from 0 there. */
export function warmup(steps: number, after: Rate): Schedule {
  positive("warmup", { steps });
  const later = scheduleOf(after);
  return (count) =>
    where(less(count, steps), mul(later(0), div(count, steps)), later(maximum(sub(count, steps), 0)));
}

function positive(name: string, options: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(options))
    if (!(value > 0)) throw new RangeError(`${name}: ${key} must be a positive number, got ${value}`);
}
