import type { Node } from "../ir/node.ts";
import { flatten } from "../ir/tree.ts";
import { add, div, maximum, minimum, mul, pow, sqrt, sub } from "../primitives/arithmetic.ts";
import { greater } from "../primitives/comparison.ts";
import type { TensorLike } from "../primitives/define.ts";
import { sum } from "../primitives/reduction.ts";
import { sign } from "../primitives/rounding.ts";
import { onesLike, where, zerosLike } from "../primitives/structure.ts";
import { chain, type Optimizer, stateless } from "./optimizer.ts";
import { type Rate, scheduleOf } from "./schedules.ts";
import { mapTrees } from "./trees.ts";

/*
 * First-order optimizers: a linear model of the loss at the point, a step against its gradient. Each is a chain of
 * parts, so that clipping, weight decay and schedules go where they are wanted. The step count in a state is a leaf
 * of the tree like any other.
 */

const square = (x: Node): Node => mul(x, x);
const zerosOf = <P>(parameters: P): P => mapTrees(zerosLike, parameters);
/** old·decay + new·(1 − decay) */
const average = (decay: number, old: Node, fresh: Node): Node => add(mul(decay, old), mul(1 - decay, fresh));
const next = (count: TensorLike): TensorLike => mapTrees((c) => add(c, 1), count);
/** 1 − decayᵗ: what an average that began at zero lacks after t steps. */
const correction = (decay: number, count: TensorLike): Node => sub(1, pow(decay, count));

/** Multiplies by a number. */
export function scale(factor: number): Optimizer<readonly never[]> {
  return stateless((update) => mapTrees((u) => mul(factor, u), update));
}

interface Counted {
  readonly count: TensorLike;
}

/** −rate · update: the last part of a chain, which turns a gradient's direction into a step downhill. */
export function descend(rate: Rate): Optimizer<Counted> {
  const schedule = scheduleOf(rate);
  return {
    init: () => ({ count: 0 }),
    update: (gradient, { count }) => {
      const factor = mul(-1, schedule(count));
      return { update: mapTrees((g) => mul(factor, g), gradient), state: { count: next(count) } };
    },
  };
}

/** v ← decay·v + g; the update is v, or with `nesterov` g + decay·v (as PyTorch and Optax). */
export function accumulate(options: { decay: number; nesterov?: boolean }): Optimizer<{ velocity: unknown }> {
  const { decay, nesterov = false } = options;
  unit("momentum", { decay });
  return {
    init: (parameters) => ({ velocity: zerosOf(parameters) }),
    update: (gradient, state) => {
      const velocity = mapTrees((g, v) => add(g, mul(decay, v)), gradient, state.velocity);
      const update = nesterov ? mapTrees((g, v) => add(g, mul(decay, v)), gradient, velocity) : velocity;
      return { update, state: { velocity } };
    },
  };
}

export interface AdamOptions {
  /** Decay of the average of gradients. */
  readonly beta1?: number;
  /** Decay of the average of squared gradients. */
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** m̂/(√v̂ + ε), with averages of the gradient and its square, corrected for their start (Kingma and Ba 2015). */
export function scaleByAdam(
  options: AdamOptions = {},
): Optimizer<Counted & { first: unknown; second: unknown }> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  unit("adam", { beta1, beta2 });
  return {
    init: (parameters) => ({ count: 0, first: zerosOf(parameters), second: zerosOf(parameters) }),
    update: (gradient, state) => {
      const count = next(state.count);
      const first = mapTrees((g, m) => average(beta1, m, g), gradient, state.first);
      const second = mapTrees((g, v) => average(beta2, v, square(g)), gradient, state.second);
      const [c1, c2] = [correction(beta1, count), correction(beta2, count)];
      const update = mapTrees((m, v) => div(div(m, c1), add(sqrt(div(v, c2)), epsilon)), first, second);
      return { update, state: { count, first, second } };
    },
  };
}

export interface RootOptions {
  readonly epsilon?: number;
  /** Where the sum (or average) of squares begins. */
  readonly initial?: number;
  /** g/√(v + ε) as Optax, rather than g/(√v + ε) as PyTorch. */
  readonly insideRoot?: boolean;
}

const overRoot =
  (epsilon: number, insideRoot: boolean) =>
  (g: Node, v: Node): Node =>
    div(g, insideRoot ? sqrt(add(v, epsilon)) : add(sqrt(v), epsilon));

/** g/(√v + ε), v ← decay·v + (1 − decay)·g² (Tieleman and Hinton 2012). */
export function scaleByRms(options: RootOptions & { decay?: number } = {}): Optimizer<{ second: unknown }> {
  const { decay = 0.99, epsilon = 1e-8, initial = 0, insideRoot = false } = options;
  unit("rmsprop", { decay });
  return {
    init: (parameters) => ({ second: mapTrees((p) => mul(initial, onesLike(p)), parameters) }),
    update: (gradient, state) => {
      const second = mapTrees((g, v) => average(decay, v, square(g)), gradient, state.second);
      return { update: mapTrees(overRoot(epsilon, insideRoot), gradient, second), state: { second } };
    },
  };
}

/** g/(√Σg² + ε) (Duchi, Hazan and Singer 2011). */
export function scaleBySquares(options: RootOptions = {}): Optimizer<{ squares: unknown }> {
  const { epsilon = 1e-10, initial = 0, insideRoot = false } = options;
  return {
    init: (parameters) => ({ squares: mapTrees((p) => mul(initial, onesLike(p)), parameters) }),
    update: (gradient, state) => {
      const squares = mapTrees((g, s) => add(s, square(g)), gradient, state.squares);
      return { update: mapTrees(overRoot(epsilon, insideRoot), gradient, squares), state: { squares } };
    },
  };
}

/** The sign of an average of gradients (Chen et al. 2023). */
export function scaleByLion(
  options: { beta1?: number; beta2?: number } = {},
): Optimizer<{ average: unknown }> {
  const { beta1 = 0.9, beta2 = 0.99 } = options;
  unit("lion", { beta1, beta2 });
  return {
    init: (parameters) => ({ average: zerosOf(parameters) }),
    update: (gradient, state) => ({
      update: mapTrees((g, m) => sign(average(beta1, m, g)), gradient, state.average),
      state: { average: mapTrees((g, m) => average(beta2, m, g), gradient, state.average) },
    }),
  };
}

/** update + decay·p. Before the gradient is scaled it is an L2 penalty; after, decoupled decay (Loshchilov and Hutter 2019). */
export function weightDecay(decay: number): Optimizer<readonly never[]> {
  return stateless((update, parameters) => mapTrees((u, p) => add(u, mul(decay, p)), update, parameters));
}

/** Scales the whole gradient down to the norm `most` where it is longer (Pascanu et al. 2013). */
export function clipByNorm(most: number): Optimizer<readonly never[]> {
  if (!(most > 0)) throw new RangeError(`clipByNorm: the largest norm must be positive, got ${most}`);
  return stateless((update) => {
    const { leaves } = flatten(update, "gradient");
    const norm = sqrt(leaves.map((g) => sum(square(g))).reduce((a, b) => add(a, b)));
    const factor = where(greater(norm, most), div(most, norm), 1);
    return mapTrees((g) => mul(g, factor), update);
  });
}

/** Each element into [−most, most]. */
export function clipByValue(most: number): Optimizer<readonly never[]> {
  if (!(most > 0)) throw new RangeError(`clipByValue: the largest value must be positive, got ${most}`);
  return stateless((update) => mapTrees((g) => maximum(minimum(g, most), -most), update));
}

/** p − rate·g */
export const gradientDescent = (rate: Rate) => descend(rate);

/** Gradient descent with heavy-ball momentum (Polyak 1964). */
export const momentum = (rate: Rate, options: { decay?: number } = {}) =>
  chain(accumulate({ decay: options.decay ?? 0.9 }), descend(rate));

/** Momentum that looks ahead (Nesterov 1983, as in Sutskever et al. 2013). */
export const nesterov = (rate: Rate, options: { decay?: number } = {}) =>
  chain(accumulate({ decay: options.decay ?? 0.9, nesterov: true }), descend(rate));

export const adagrad = (rate: Rate, options: RootOptions = {}) =>
  chain(scaleBySquares(options), descend(rate));

export const rmsprop = (rate: Rate, options: RootOptions & { decay?: number } = {}) =>
  chain(scaleByRms(options), descend(rate));

export const adam = (rate: Rate = 1e-3, options: AdamOptions = {}) =>
  chain(scaleByAdam(options), descend(rate));

/** Adam with decoupled weight decay. */
export const adamw = (rate: Rate = 1e-3, options: AdamOptions & { weightDecay?: number } = {}) =>
  chain(scaleByAdam(options), weightDecay(options.weightDecay ?? 1e-2), descend(rate));

export const lion = (
  rate: Rate = 1e-4,
  options: { beta1?: number; beta2?: number; weightDecay?: number } = {},
) => chain(scaleByLion(options), weightDecay(options.weightDecay ?? 0), descend(rate));

/** Decays are in [0, 1). */
function unit(name: string, options: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(options))
    if (!(value >= 0 && value < 1))
      throw new RangeError(`${name}: ${key} must be from 0 to below 1, got ${value}`);
}
