/** Optimizers that compose, functions minimized step by step, curves fitted to data. */
import "./primitives/methods.ts";

export * from "./optimize/first-order.ts";
export { type Fit, type FitOptions, type FittedParameter, fit } from "./optimize/fit.ts";
export { type Columns, FitError } from "./optimize/fit-model.ts";
export type { FitStep } from "./optimize/levenberg-marquardt.ts";
export { type LocalModel, localModel } from "./optimize/local-model.ts";
export { type LossName, lossNames } from "./optimize/losses.ts";
export type { MethodChoice, MethodName, Model } from "./optimize/method.ts";
export { type MiniBatchOptions, miniBatches } from "./optimize/mini-batches.ts";
export {
  type Minimization,
  type MinimizeOptions,
  methodNames,
  minimize,
  minimizeSteps,
  type Step,
} from "./optimize/minimize.ts";
export type { Evaluations } from "./optimize/objective.ts";
export { applyUpdate, chain, groups, type Optimizer } from "./optimize/optimizer.ts";
export { findRoot, type Root, RootError, type RootStep } from "./optimize/root.ts";
export * from "./optimize/schedules.ts";
export type { StableRate } from "./optimize/stable-rate.ts";
export { type TrainStep, type TrainStepOptions, trainStep } from "./optimize/train-step.ts";
export type { Verdict, VerdictKind } from "./optimize/verdict.ts";
