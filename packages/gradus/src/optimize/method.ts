import { maxAbs } from "./linear-algebra.ts";
import type { Evaluations, Objective } from "./objective.ts";
import type { Optimizer } from "./optimizer.ts";

/** The local model that a step trusted: f + gᵀs, or f + gᵀs + ½ sᵀBs with B the Hessian or its stand-in. */
export type Model = "linear" | "quadratic";

export interface Bounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** A point with what is known there. */
export interface Iterate {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

/** One step tried by a method. */
export interface Trial {
  /** Where the method stands now: the trial point if it was accepted. */
  readonly at: Iterate;
  readonly model: Model;
  /** The decrease that the model promised for the step. */
  readonly promised: number;
  /** The value at the trial point. */
  readonly tried: number;
  readonly length: number;
  readonly accepted: boolean;
  /** The learning rate, line-search step, trust radius or damping that made the step. */
  readonly setting: number;
  /** B of a quadratic model, row by row, where the method knows it; to be asked before its next step. */
  readonly curvature?: () => Float64Array;
  /** The decrease that the model at `at` promises of the next step; to be asked before that. */
  readonly ahead?: () => number;
}

export interface Settings {
  readonly rate: number | "backtracking" | "exact" | undefined;
  readonly memory: number;
  readonly radius: number | undefined;
  readonly bounds: Bounds | undefined;
}

/** A method is a generator of steps: whoever drives it may stop at any. It ends where no step helps any more. */
export type Method = (objective: Objective, start: Iterate, settings: Settings) => Generator<Trial, void>;

export type MethodName = "gd" | "momentum" | "adam" | "newton" | "newton-cg" | "bfgs" | "lbfgs";
export type MethodChoice = MethodName | Optimizer;

/** Work done between two counts. */
export function since(now: Evaluations, before: Evaluations): Evaluations {
  return {
    functions: now.functions - before.functions,
    gradients: now.gradients - before.gradients,
    hessians: now.hessians - before.hessians,
    products: now.products - before.products,
  };
}

/** The largest component of the gradient that a step may follow: at a bound, only the part that leads inside. */
export function stationarity({ x, gradient }: Iterate, bounds: Bounds | undefined): number {
  if (!bounds) return maxAbs(gradient);
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    const held = heldAt(x[i], gradient[i], bounds.lower[i], bounds.upper[i]);
    if (!held && !(Math.abs(gradient[i]) <= most)) most = Math.abs(gradient[i]);
  }
  return most;
}

/** At a bound, with the value falling only beyond it. */
export function heldAt(x: number, slope: number, lower: number, upper: number): boolean {
  return (x <= lower && slope > 0) || (x >= upper && slope < 0);
}

/** The change of a value is below what rounding leaves of it. */
export function isNoise(change: number, value: number): boolean {
  return Math.abs(change) <= 8 * Number.EPSILON * Math.abs(value);
}
