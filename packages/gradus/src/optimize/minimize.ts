import { checkOptions } from "../ir/errors.ts";
import { boundedLbfgsMethod } from "./bounded.ts";
import { boundsOf } from "./bounds.ts";
import { gradientDescentMethod, methodOf } from "./descent.ts";
import { adam, momentum } from "./first-order.ts";
import { BOTTOMLESS } from "./line-search.ts";
import { maxAbs, norm, plusScaled } from "./linear-algebra.ts";
import {
  type Bounds,
  type Iterate,
  type Method,
  type MethodChoice,
  type MethodName,
  type Model,
  type Settings,
  since,
  stationarity,
  type Trial,
} from "./method.ts";
import { newtonCgMethod, newtonMethod } from "./newton.ts";
import { type Evaluations, type Objective, objectiveOf, type Target } from "./objective.ts";
import { roundingSlope } from "./probes.ts";
import { bfgsMethod, lbfgsMethod } from "./quasi-newton.ts";
import { rateHint, type StableRate, stableRateAt } from "./stable-rate.ts";
import { bottomlessText, judge, pastSaddle, show, type Verdict } from "./verdict.ts";

export interface MinimizeOptions<P> {
  /** A method by name, or a composed optimizer. Newton unless told; lbfgs inside bounds and for many parameters. */
  readonly method?: MethodChoice;
  /** Learning rate of gd (a number, "backtracking", "exact"), momentum and adam. */
  readonly rate?: number | "backtracking" | "exact";
  /** The most steps; 10000 for first-order methods, else 1000. */
  readonly steps?: number;
  /**
   * Ends when the largest slope is below tolerance · min(max(1, |f|), largest slope at the start), and what a quadratic
   * model still promises is below tolerance² · max(|f|, 10⁻⁴ · the decrease so far).
   */
  readonly tolerance?: number;
  /** Pairs that lbfgs remembers; 10 unless told. */
  readonly memory?: number;
  /** First trust radius of newton and newton-cg. */
  readonly radius?: number;
  /** Bounds in the structure of the start; a missing part, or an infinite one, is free. With lbfgs only. */
  readonly lower?: Partial<P>;
  readonly upper?: Partial<P>;
  /** Whether the result's steps keep their points; not for more than 1000 coordinates unless told. */
  readonly path?: boolean;
  /** Called after each step; `false` ends the run. */
  readonly onStep?: (step: Step<P>) => unknown;
  /** Ends the run when aborted: it is looked at before each step. */
  readonly signal?: { readonly aborted: boolean };
}

const OPTIONS: Record<keyof MinimizeOptions<unknown>, true> = {
  method: true,
  rate: true,
  steps: true,
  tolerance: true,
  memory: true,
  radius: true,
  lower: true,
  upper: true,
  path: true,
  onStep: true,
  signal: true,
};

/** One step of a run. */
export interface Step<P> {
  /** From 1. */
  readonly index: number;
  /** Where the method stands after the step; the point before if the step was refused. */
  readonly point?: P;
  readonly value: number;
  /** The largest slope there, inside the bounds. */
  readonly slope: number;
  readonly model: Model;
  /** B of a quadratic model at the point before the step, where the method keeps one; for up to 10 coordinates. */
  readonly curvature?: readonly (readonly number[])[];
  /** The decrease that the model promised, the one that came, and actual/promised. */
  readonly promised: number;
  readonly actual: number;
  readonly ratio: number;
  readonly length: number;
  readonly accepted: boolean;
  /** The learning rate, line-search step, or trust radius behind it. */
  readonly setting: number;
  /** Work that this step took. */
  readonly evaluations: Evaluations;
}

export interface Minimization<P> {
  readonly point: P;
  readonly value: number;
  readonly gradient: P;
  readonly verdict: Verdict;
  readonly evaluations: Evaluations;
  readonly start: { readonly point: P; readonly value: number; readonly slope: number };
  readonly steps: readonly Step<P>[];
  readonly method: string;
  /** For gd: at the last point, or where the value first rose. */
  readonly stableRate?: StableRate;
}

const METHODS: Readonly<Record<MethodName, Method>> = {
  gd: gradientDescentMethod,
  momentum: methodOf((s) => ({ optimizer: momentum(rateOf(s, 0.01)), rate: rateOf(s, 0.01) })),
  adam: methodOf((s) => ({ optimizer: adam(rateOf(s, 0.01)), rate: rateOf(s, 0.01) })),
  newton: newtonMethod,
  "newton-cg": newtonCgMethod,
  bfgs: bfgsMethod,
  lbfgs: lbfgsMethod,
};
export const methodNames = Object.keys(METHODS) as readonly MethodName[];
const FIRST_ORDER: readonly unknown[] = ["gd", "momentum", "adam"];
/** Their models are quadratic: where the slope vanishes they ask for the Hessian, and go on from a saddle. */
const SECOND_ORDER: readonly unknown[] = ["newton", "newton-cg", "bfgs", "lbfgs"];
/** From here on, Newton's matrix costs too much by default. */
const MANY = 100;
const MOST_KEPT = 1000;
const MOST_CURVATURE = 10;
/** A slope that counts as vanished, of the scale of the run, where no step helps any more. */
const SMALL = 1e-4;
/** So many steps that lead nowhere, with no smaller slope, are enough. */
const MOST_IDLE = 50;
/** A slope that may be nothing but rounding. */
const TINY = 1e-8;

function rateOf({ rate }: Settings, otherwise: number): number {
  if (rate === undefined) return otherwise;
  if (typeof rate !== "number") throw new TypeError(`minimize: the rate "${rate}" is for gd; give a number`);
  return rate;
}

/**
 * Minimizes a function of a tree of parameters, step by step, and says how it ended. Synchronous; see
 * `minimizeSteps` to go on when you like.
 */
export function minimize<P>(f: Target<P>, start: P, options: MinimizeOptions<P> = {}): Minimization<P> {
  const run = minimizeSteps(f, start, options);
  for (;;) {
    const next = run.next();
    if (next.done) return next.value;
  }
}

/** The same as a generator of its steps: take a step when you like; its return value is the result. */
export function* minimizeSteps<P>(
  f: Target<P>,
  start: P,
  options: MinimizeOptions<P> = {},
): Generator<Step<P>, Minimization<P>, void> {
  checkOptions("minimize", options, OPTIONS);
  const objective = objectiveOf("minimize", f, start);
  const bounds = boundsOf(start, options, objective);
  const { method, name } = chosen(options.method, objective, bounds);
  const settings = settingsOf(options, bounds);
  const { tolerance = 1e-6, steps: most = FIRST_ORDER.includes(name) ? 10_000 : 1000 } = options;
  const x = objective.start;
  const first: Iterate = { x, ...objective.valueAndGradient(x) };
  if (!Number.isFinite(first.value) || !Number.isFinite(maxAbs(first.gradient)))
    throw new RangeError(`minimize: the start is outside the function's domain: ${objective.explain(x)}`);
  const slopeAtStart = stationarity(first, bounds);
  const scale = (value: number) => Math.min(Math.max(1, Math.abs(value)), slopeAtStart);
  const enough = (slope: number, value: number) => slope <= tolerance * scale(value);
  // In a flat valley the slope is small far from the minimum, and what the model still promises is not; where there is
  // no minimum it goes on promising.
  const settled = ({ ahead = () => 0, at: { value } }: Trial, slope: number) =>
    slope <= tolerance ** 2 * scale(value) ||
    !(
      ahead() >
      Math.max(tolerance ** 2, Number.EPSILON) * Math.max(Math.abs(value), 1e-4 * (first.value - value))
    );
  const isRounding = (slope: number, value: number, x: Float64Array) =>
    slope <= TINY * Math.max(1, Math.abs(value)) && slope <= roundingSlope(objective, x);
  const vanished = ({ x, value, gradient }: Iterate) => {
    const slope = stationarity({ x, value, gradient }, bounds);
    return slope <= SMALL * scale(value) || isRounding(slope, value, x);
  };
  const { path: keepPoints = x.length <= MOST_KEPT } = options;
  const path: Step<P>[] = [];
  let at = first;
  let rose: Iterate | undefined;
  const onward = () => {
    const step = SECOND_ORDER.includes(name) ? pastSaddle(objective, at, bounds) : undefined;
    return step && goingOn(step, method, objective, settings);
  };
  const atOnce = enough(slopeAtStart, first.value) || isRounding(slopeAtStart, first.value, x);
  let ending: "stationary" | "steps" | "stopped" | "stuck" | "lost" = atOnce ? "stationary" : "stuck";
  let before = { ...objective.evaluations };
  const monotone = SECOND_ORDER.includes(name) || (name === "gd" && typeof settings.rate !== "number");
  let reach = norm(x);
  let mark = { reach, slope: slopeAtStart, index: 0 };
  let trials = atOnce ? onward() : method(objective, first, settings);
  while (trials) {
    const { value: trial } = trials.next();
    if (!trial) {
      ending = "stuck";
      trials = vanished(at) ? onward() : undefined;
      continue;
    }
    const step = stepOf(path.length + 1, objective, at, trial, bounds, before);
    before = { ...objective.evaluations };
    path.push(keepPoints ? { ...step, point: objective.toTree(trial.at.x) } : step);
    if (trial.accepted && trial.at.value > at.value) rose ??= at;
    const last = at;
    at = trial.at;
    const told = withPoint(step, objective, at.x);
    yield told;
    const halted = options.onStep?.(told) === false || options.signal?.aborted || path.length >= most;
    if (!Number.isFinite(at.value) || at.value <= BOTTOMLESS || at.value >= limitOf(first.value)) {
      ending = "lost";
      if (at.value !== Number.NEGATIVE_INFINITY && !(at.value <= BOTTOMLESS))
        at = { ...at, gradient: last.gradient };
      break;
    }
    if (trial.accepted && enough(step.slope, at.value) && settled(trial, step.slope)) {
      ending = "stationary";
      trials = halted ? undefined : onward();
    } else if (halted) {
      ending = path.length >= most ? "steps" : "stopped";
      break;
    }
    // Towards a kink the steps halve for ever, and the slope stays.
    reach += trial.accepted ? step.length : 0;
    if (reach > mark.reach * (1 + Number.EPSILON) || step.slope < mark.slope / 2 || !monotone)
      mark = { reach, slope: step.slope, index: path.length };
    else if (path.length - mark.index >= MOST_IDLE) break;
  }
  // What it takes to judge the last point is no work of the method.
  const evaluations = ending === "stationary" ? before : { ...objective.evaluations };
  const stableRate =
    name === "gd" ? stableRateAt(objective, rose ?? (ending === "lost" ? first : at)) : undefined;
  // A method may use its arrays again, and they hold the whole of its memory.
  const last: Iterate = { ...at, gradient: at.gradient.slice() };
  const judged = (): Verdict => {
    if (ending === "lost") return lostVerdict(objective, first, last, settings, stableRate);
    if (ending === "stationary" || ending === "stuck")
      return judge(objective, last, bounds, {
        fallen: first.value - last.value,
        vanished: ending === "stationary" || vanished(last),
      });
    return {
      kind: "still descending",
      text: `still descending: ${ending === "steps" ? `${most} steps are done` : "stopped"}, and the largest slope is ${show(stationarity(last, bounds))}${rateHint(settings, stableRate)}`,
    };
  };
  let verdict: Verdict | undefined;
  return {
    point: objective.toTree(at.x),
    value: at.value,
    gradient: objective.toTree(last.gradient),
    // Of many parameters it costs as much as several steps: worked out when it is asked for.
    get verdict() {
      verdict ??= judged();
      return verdict;
    },
    evaluations,
    start: { point: objective.toTree(first.x), value: first.value, slope: slopeAtStart },
    steps: path,
    method: name,
    stableRate,
  };
}

/** A step, and the method anew from where it led. */
function* goingOn(step: Trial, method: Method, objective: Objective, settings: Settings) {
  yield step;
  yield* method(objective, step.at, settings);
}

function chosen(choice: MethodChoice | undefined, objective: Objective, bounds: Bounds | undefined) {
  const many = bounds !== undefined || objective.start.length > MANY;
  const method = choice ?? (many ? "lbfgs" : "newton");
  if (typeof method !== "string") {
    if (bounds) throw new TypeError('minimize: bounds need the method "lbfgs"');
    return { method: methodOf(() => ({ optimizer: method, rate: Number.NaN })), name: "optimizer" };
  }
  if (!Object.hasOwn(METHODS, method))
    throw new TypeError(`minimize: there is no method "${method}": choose one of ${methodNames.join(", ")}`);
  if (bounds && method !== "lbfgs")
    throw new TypeError(`minimize: bounds need the method "lbfgs"; ${method} has none`);
  return { method: bounds ? boundedLbfgsMethod : METHODS[method], name: method };
}

function settingsOf<P>(options: MinimizeOptions<P>, bounds: Bounds | undefined): Settings {
  const { rate, memory = 10, radius, steps = 1, tolerance = 1 } = options;
  const positive = { rate, memory, radius, steps, tolerance };
  for (const [name, value] of Object.entries(positive))
    if (typeof value === "number" && !(value > 0 && value < Number.POSITIVE_INFINITY))
      throw new RangeError(`minimize: ${name} must be a positive number, got ${value}`);
  return { rate, memory, radius, bounds };
}

function stepOf<P>(
  index: number,
  objective: Objective<P>,
  from: Iterate,
  trial: Trial,
  bounds: Bounds | undefined,
  before: Evaluations,
): Step<P> {
  const actual = from.value - trial.tried;
  return {
    index,
    value: trial.at.value,
    slope: stationarity(trial.at, bounds),
    model: trial.model,
    ...curvatureOf(trial, from.x.length),
    promised: trial.promised,
    actual,
    ratio: actual / trial.promised,
    length: trial.length,
    accepted: trial.accepted,
    setting: trial.setting,
    evaluations: since(objective.evaluations, before),
  };
}

/** The point is copied only where it is read: of many coordinates, that is work. */
function withPoint<P>(step: Step<P>, objective: Objective<P>, x: Float64Array): Step<P> {
  return {
    ...step,
    get point() {
      return objective.toTree(x);
    },
  };
}

function curvatureOf({ curvature }: Trial, n: number): Pick<Step<unknown>, "curvature"> {
  if (!curvature || n > MOST_CURVATURE) return {};
  const b = curvature();
  return { curvature: Array.from({ length: n }, (_, i) => Array.from(b.subarray(i * n, (i + 1) * n))) };
}

/** A value this far above the start's is on its way to infinity. */
const limitOf = (start: number): number => 1e12 * Math.max(1, Math.abs(start));

function lostVerdict(
  objective: Objective,
  first: Iterate,
  at: Iterate,
  settings: Settings,
  stable: StableRate | undefined,
): Verdict {
  if (at.value <= BOTTOMLESS) {
    const way = plusScaled(at.x, -1, first.x);
    const length = Math.hypot(...way);
    return {
      kind: "unbounded below",
      text: bottomlessText(
        objective.names,
        way.map((v) => v / (Number.isFinite(length) ? length : 1)),
      ),
    };
  }
  if (typeof settings.rate === "number" && !Number.isNaN(at.value)) {
    const why = stable
      ? `the rate ${show(settings.rate)} against the stable rate 2/λmax = ${show(stable.rate)} (λmax = ${show(stable.largestEigenvalue)})`
      : `the rate ${show(settings.rate)} is too large`;
    return { kind: "diverged", text: `diverged: ${why}`, largestEigenvalue: stable?.largestEigenvalue };
  }
  if (Number.isFinite(at.value)) return { kind: "diverged", text: "diverged: the steps are too large" };
  return { kind: "not a number", text: `stuck in a value that is no number: ${objective.explain(at.x)}` };
}
