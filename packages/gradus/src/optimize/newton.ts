import { norm, plusScaled } from "./linear-algebra.ts";
import { type Iterate, isNoise, type Method, type Settings } from "./method.ts";
import type { Objective } from "./objective.ts";
import { conjugateGradientStep, type TrustStep, trustStep } from "./trust-region.ts";

interface Subproblem {
  readonly step: (radius: number) => TrustStep;
  readonly curvature?: () => Float64Array;
}
type Solver = (objective: Objective, at: Iterate) => Subproblem;

/** Newton's method in a trust region, its subproblem solved exactly. */
export const newtonMethod: Method = (objective, start, settings) =>
  trustRegion(objective, start, settings, (f, at) => {
    const h = f.hessian(at.x);
    return { step: (radius) => trustStep(h, at.gradient, radius), curvature: () => h };
  });

/** The same by conjugate gradients: only products with the Hessian, so for many parameters. */
export const newtonCgMethod: Method = (objective, start, settings) =>
  trustRegion(objective, start, settings, (f, at) => ({
    step: (radius) => conjugateGradientStep((v) => f.product(at.x, v), at.gradient, radius),
  }));

/** Of the promised decrease, what a step must bring at least; after a worse one the point is nothing that the model knew. */
const GOOD_ENOUGH = 0.15;

/** Conn, Gould and Toint (2000), algorithm 6.1.1: the radius follows the ratio of actual to promised decrease. */
function* trustRegion(objective: Objective, start: Iterate, settings: Settings, solver: Solver) {
  let at = start;
  let subproblem = solver(objective, at);
  let radius = settings.radius ?? Math.max(1, norm(at.x));
  let found: TrustStep | undefined;
  for (;;) {
    const { step, promised, onBoundary } = found ?? subproblem.step(radius);
    found = undefined;
    const length = norm(step);
    // Each coordinate by itself: beside a large one a small step of a small one may open the way.
    if (!(promised > 0) || step.every((s, i) => Math.abs(s) <= Number.EPSILON * Math.abs(at.x[i]))) return;
    const x = plusScaled(at.x, 1, step);
    const next: Iterate = { x, ...objective.valueAndGradient(x) };
    const actual = at.value - next.value;
    // Where both are rounding, only the gradient can tell whether the step was good.
    const blind = isNoise(promised, at.value) && isNoise(actual, at.value);
    if (blind && !(norm(next.gradient) < norm(at.gradient))) return;
    const ratio = blind ? 1 : actual / promised;
    const finite = Number.isFinite(next.value) && Number.isFinite(norm(next.gradient));
    const accepted = finite ? ratio > GOOD_ENOUGH : next.value === Number.NEGATIVE_INFINITY;
    const used = radius;
    const { curvature } = subproblem;
    if (!finite || !(ratio >= 0.25)) radius = length / 4;
    else if (ratio > 0.75 && onBoundary) radius *= 2;
    if (accepted) {
      at = next;
      subproblem = solver(objective, at);
    }
    yield {
      at,
      model: "quadratic" as const,
      promised,
      tried: next.value,
      length,
      accepted,
      setting: used,
      curvature,
      ahead: () => {
        found ??= subproblem.step(radius);
        return found.promised;
      },
    };
  }
}
