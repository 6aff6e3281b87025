import { dot, norm, plusScaled, scaled } from "./linear-algebra.ts";
import { type Iterate, isNoise, type Method, type Settings, type Trial } from "./method.ts";
import type { Objective } from "./objective.ts";
import type { Optimizer } from "./optimizer.ts";

/** Of the promised decrease, what a backtracked step must bring at least (Armijo). */
const ENOUGH = 1e-4;
const MOST_HALVINGS = 60;

/** Steps against the gradient: the linear model, trusted as far as the rate says. */
export const gradientDescentMethod: Method = function* (objective, start, settings) {
  let at = start;
  let rate = typeof settings.rate === "number" ? settings.rate : 1 / Math.max(1, norm(start.gradient));
  for (;;) {
    const trial: Trial | undefined =
      settings.rate === "exact"
        ? exact(objective, at)
        : typeof settings.rate === "number"
          ? constant(objective, at, settings.rate)
          : backtracked(objective, at, rate);
    if (!trial) return;
    yield trial;
    // The next search may begin with a longer step than this one ended with.
    rate = 2 * trial.setting;
    at = trial.at;
  }
};

function landed(objective: Objective, at: Iterate, step: Float64Array): Iterate {
  const x = plusScaled(at.x, 1, step);
  return { x, ...objective.valueAndGradient(x) };
}

function constant(objective: Objective, at: Iterate, rate: number): Trial {
  const step = scaled(-rate, at.gradient);
  const next = landed(objective, at, step);
  const promised = rate * dot(at.gradient, at.gradient);
  return {
    at: next,
    model: "linear",
    promised,
    tried: next.value,
    length: norm(step),
    accepted: true,
    setting: rate,
  };
}

function backtracked(objective: Objective, at: Iterate, first: number): Trial | undefined {
  const slope = dot(at.gradient, at.gradient);
  let rate = first;
  for (let i = 0; i < MOST_HALVINGS; i++, rate /= 2) {
    const trial = constant(objective, at, rate);
    const actual = at.value - trial.tried;
    if (isNoise(rate * slope, at.value) && !(norm(trial.at.gradient) < norm(at.gradient))) return undefined;
    if (actual >= ENOUGH * rate * slope || (isNoise(actual, at.value) && isNoise(rate * slope, at.value)))
      return trial;
  }
  return undefined;
}

/** The rate gᵀg/gᵀHg: the minimum along −g of the quadratic model, so on a quadratic the exact one. */
function exact(objective: Objective, at: Iterate): Trial | undefined {
  const g = at.gradient;
  const gg = dot(g, g);
  const curvature = dot(g, objective.product(at.x, g));
  if (!(curvature > 0)) return backtracked(objective, at, 1 / Math.max(1, Math.sqrt(gg)));
  const rate = gg / curvature;
  const step = scaled(-rate, g);
  const next = landed(objective, at, step);
  const promised = (rate * gg) / 2;
  // On a function that is not quadratic the model may promise what does not come.
  if (!(at.value - next.value >= ENOUGH * promised || isNoise(promised, at.value)))
    return backtracked(objective, at, rate / 2);
  if (isNoise(promised, at.value) && !(norm(next.gradient) < norm(g))) return undefined;
  return {
    at: next,
    model: "quadratic",
    promised,
    tried: next.value,
    length: norm(step),
    accepted: true,
    setting: rate,
  };
}

/** Any composed optimizer as a method: each update is a step by the linear model. */
export function methodOf(make: (settings: Settings) => { optimizer: Optimizer; rate: number }): Method {
  return function* (objective, start, settings) {
    const { optimizer, rate } = make(settings);
    let at = start;
    let state = optimizer.init(at.x);
    for (;;) {
      const done = optimizer.update(at.gradient, state, at.x);
      state = done.state;
      const next = landed(objective, at, done.update);
      const promised = -dot(at.gradient, done.update);
      yield {
        at: next,
        model: "linear",
        promised,
        tried: next.value,
        length: norm(done.update),
        accepted: true,
        setting: rate,
      };
      at = next;
    }
  };
}
