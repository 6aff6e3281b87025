import { maxAbs, symmetricEigen } from "./linear-algebra.ts";
import { objectiveOf, type Target } from "./objective.ts";
import { judge, show, type Verdict } from "./verdict.ts";

/** The quadratic model of a function at a point: f + gᵀs + ½ sᵀHs, and what it says of the point. */
export interface LocalModel {
  /** The coordinates, in the order of the rows. */
  readonly names: readonly string[];
  readonly value: number;
  readonly gradient: readonly number[];
  readonly hessian: readonly (readonly number[])[];
  /** Ascending. */
  readonly eigenvalues: readonly number[];
  /** Where the gradient has vanished: minimum, maximum, saddle ...; undefined elsewhere. */
  readonly verdict?: Verdict;
  /** What the point is, in words. */
  readonly text: string;
}

/** Gradient, Hessian and eigenvalues at a point of a tree of parameters, and what kind of point it is. */
export function localModel<P>(f: Target<P>, point: P): LocalModel {
  const objective = objectiveOf("localModel", f, point);
  const x = objective.start;
  const n = x.length;
  const { value, gradient } = objective.valueAndGradient(x);
  const h = objective.hessian(x);
  if (!Number.isFinite(value) || !gradient.every(Number.isFinite) || !h.every(Number.isFinite))
    throw new RangeError(`localModel: ${objective.explain(x)}`);
  const { values } = symmetricEigen(h, n);
  // A slope that the rounding of the point itself explains is none.
  const flat = maxAbs(gradient) <= 1e-9 * Math.max(1, Math.abs(value), maxAbs(h) * maxAbs(x));
  const verdict = flat ? judge(objective, { x, value, gradient }, undefined) : undefined;
  const signs =
    values[0] > 0
      ? "upwards in every direction"
      : values[n - 1] < 0
        ? "downwards in every direction"
        : "both ways";
  return {
    names: objective.names,
    value,
    gradient: Array.from(gradient),
    hessian: Array.from({ length: n }, (_, i) => Array.from(h.subarray(i * n, (i + 1) * n))),
    eigenvalues: Array.from(values),
    verdict,
    text:
      verdict?.text ??
      `no stationary point: the largest slope is ${show(maxAbs(gradient))}; the Hessian curves ${signs}`,
  };
}
