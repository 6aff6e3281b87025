import { checkOptions } from "../ir/errors.ts";
import {
  type BoundModel,
  bindModel,
  type Columns,
  FitError,
  type FitModel,
  readModel,
  wideResiduals,
} from "./fit-model.ts";
import {
  type FitStep,
  type LeastSquares,
  type LeastSquaresSettings,
  leastSquares,
} from "./levenberg-marquardt.ts";
import { dot, norm } from "./linear-algebra.ts";
import { LOSSES, type LossName, lossNames } from "./losses.ts";
import type { Bounds } from "./method.ts";
import { type Factored, inverseOfNormal, qr, rankOf, solveUpper, unordered } from "./qr.ts";
import { RANK_TOLERANCE } from "./residual-model.ts";
import { guessStart, type Hints } from "./starts.ts";
import { quantile, twoSided } from "./student-t.ts";

export interface FitOptions {
  /** First values of parameters; guessed for those where none is given. */
  readonly start?: Readonly<Record<string, number>>;
  /** Weights of the squares, such as 1/σ²: a column by name, or a number for each row. */
  readonly weights?: string | ArrayLike<number>;
  readonly lower?: Readonly<Record<string, number>>;
  readonly upper?: Readonly<Record<string, number>>;
  /** "linear" is least squares; "huber", "soft-l1", "cauchy" let outliers count less. */
  readonly loss?: LossName;
  /** The residual from which on a robust loss counts less; 1 unless told. */
  readonly scale?: number;
  /** Of the confidence intervals; 0.95 unless told. */
  readonly level?: number;
  readonly steps?: number;
  /** Called after each step; `false` ends the fit. */
  readonly onStep?: (step: FitStep) => unknown;
  readonly signal?: { readonly aborted: boolean };
}

const OPTIONS: Record<keyof FitOptions, true> = {
  start: true,
  weights: true,
  lower: true,
  upper: true,
  loss: true,
  scale: true,
  level: true,
  steps: true,
  onStep: true,
  signal: true,
};

type Starts = Readonly<Record<string, number>>;

export interface FittedParameter {
  readonly name: string;
  readonly value: number;
  readonly standardError: number;
  /** Of the confidence level, by Student's t. */
  readonly interval: readonly [number, number];
  /** The probability of a |t| this large if the parameter were 0. */
  readonly pValue: number;
  /** Whether it ended on one of its bounds, of which its standard error takes no account. */
  readonly atBound: boolean;
}

export interface Fit {
  readonly model: FitModel;
  readonly parameters: readonly FittedParameter[];
  /** Of the estimates, row by row. */
  readonly correlations: readonly (readonly number[])[];
  readonly residualSumOfSquares: number;
  readonly residualStandardError: number;
  /** The part of the left side's variance that the model explains. */
  readonly rSquared: number;
  readonly observations: number;
  readonly degreesOfFreedom: number;
  readonly level: number;
  /** Left side and model, row by row; their difference is the residual. */
  readonly observed: Float64Array;
  readonly fitted: Float64Array;
  /** The sum of the robust loss, where one was chosen. */
  readonly loss: { readonly name: LossName; readonly value: number };
  readonly start: Readonly<Record<string, number>>;
  /** Parameters whose start was guessed. */
  readonly guessed: readonly string[];
  readonly steps: readonly FitStep[];
  readonly evaluations: { readonly residuals: number; readonly jacobians: number };
  readonly verdict: { readonly kind: "minimum" | "still descending" | "stuck"; readonly text: string };
}

/**
 * Fits a model such as `y = b1 (1 - exp(-b2 x))`, or `log(y) = a + b x`, to columns of data by least squares: Levenberg
 * and Marquardt's method with derivatives of the model by the library's own rules. Names that are no column are
 * parameters. Throws a FitError that names what is wrong.
 */
export function fit(source: string, data: Columns, options: FitOptions = {}): Fit {
  checkOptions("fit", options, OPTIONS);
  const { start = {}, level = 0.95, loss = "linear", scale = 1, steps: most = 1000 } = options;
  if (!Object.hasOwn(LOSSES, loss))
    throw new FitError(`there is no loss "${loss}": choose one of ${lossNames.join(", ")}`);
  for (const [name, value, above] of [
    ["scale", scale, Number.POSITIVE_INFINITY],
    ["level", level, 1],
  ] as const)
    if (!(value > 0 && value < above))
      throw new FitError(
        `${name}: expected a number over 0${above === 1 ? " and below 1" : ""}, got ${value}`,
      );
  const rows = rowsOf(data);
  const model = readModel(source, Object.keys(data), Object.keys(start));
  const weights = weightsOf(options.weights, data, rows);
  checkData(model, data, rows);
  const n = model.parameters.length;
  const counted = weights ? weights.filter((w) => w > 0).length : rows;
  if (counted < n)
    throw new FitError(
      `${n} parameters (${model.parameters.join(", ")}) need at least ${n} rows of data; there ${counted === 1 ? "is" : "are"} ${counted}`,
    );
  const bounds = boundsOf(model.parameters, options, start);
  const bound = bindModel(model, data, rows, weights);
  const settings: LeastSquaresSettings = {
    loss,
    scale,
    bounds,
    steps: most,
    tolerance: 1e-13,
    onStep: (step) => options.onStep?.(step) !== false && !options.signal?.aborted,
  };
  const guessed = model.parameters.filter((name) => start[name] === undefined);
  const first =
    guessed.length === 0
      ? Float64Array.from(model.parameters, (name) => start[name])
      : guess(model, bound, data, rows, weights, { ...settings, bounds: heldAt(model, bounds, start) });
  checkStart(bound, first);
  const run = leastSquares(bound, first, settings);
  if (run.ending === "outside")
    throw new FitError(
      `${guessed.length === 0 ? "at the start" : "at the guessed start"} the model has no finite value: ${bound.explain(first)}`,
    );
  return {
    ...statistics(bound, run, model, weights, level, data, loss, bounds, guessed.length === 0),
    model,
    observations: counted,
    level,
    observed: bound.observed,
    loss: { name: loss, value: run.at.value },
    start: record(model.parameters, first),
    guessed,
    steps: run.steps,
    evaluations: run.evaluations,
    verdict: verdictOf(run.ending, run.steps, model.parameters, atBounds(run.at.x, bounds)),
  };
}

const record = (names: readonly string[], x: Float64Array): Record<string, number> =>
  Object.fromEntries(names.map((name, i) => [name, x[i]]));

function rowsOf(data: Columns): number {
  const lengths = Object.entries(data).map(([name, column]) => [name, column.length] as const);
  if (lengths.length === 0) throw new FitError("the data have no columns");
  const [[first, rows]] = lengths;
  for (const [name, length] of lengths)
    if (length !== rows) throw new FitError(`the column ${name} has ${length} rows, ${first} has ${rows}`);
  return rows;
}

function weightsOf(given: FitOptions["weights"], data: Columns, rows: number): Float64Array | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "string" && !Object.hasOwn(data, given))
    throw new FitError(`weights: ${given} is no column (columns: ${Object.keys(data).join(", ")})`);
  const weights = Float64Array.from(typeof given === "string" ? data[given] : given);
  if (weights.length !== rows)
    throw new FitError(`weights: expected ${rows}, one for each row, got ${weights.length}`);
  const bad = weights.findIndex((w) => !(w >= 0 && w < Number.POSITIVE_INFINITY));
  if (bad >= 0)
    throw new FitError(`weights: row ${bad + 1} has ${weights[bad]}: expected a number from 0 on`);
  return weights;
}

function checkData(model: FitModel, data: Columns, rows: number): void {
  for (const name of model.used)
    for (let i = 0; i < rows; i++)
      if (!Number.isFinite(data[name][i]))
        throw new FitError(`the column ${name} has ${data[name][i]} in row ${i + 1}: expected a number`);
}

function boundsOf(
  names: readonly string[],
  { lower = {}, upper = {} }: FitOptions,
  start: Starts,
): Bounds | undefined {
  for (const name of [...Object.keys(lower), ...Object.keys(upper)])
    if (!names.includes(name))
      throw new FitError(`bounds: ${name} is not a parameter (parameters: ${names.join(", ")})`);
  if (Object.keys(lower).length + Object.keys(upper).length === 0) return undefined;
  const bounds = {
    lower: Float64Array.from(names, (name) => lower[name] ?? Number.NEGATIVE_INFINITY),
    upper: Float64Array.from(names, (name) => upper[name] ?? Number.POSITIVE_INFINITY),
  };
  names.forEach((name, i) => {
    const [low, high] = [bounds.lower[i], bounds.upper[i]];
    if (!(low < high)) throw new FitError(`bounds: those of ${name} are crossed: ${low} to ${high}`);
    if (start[name] < low || start[name] > high)
      throw new FitError(`the start ${name} = ${start[name]} is outside its bounds, ${low} to ${high}`);
  });
  return bounds;
}

/** Bounds that hold each given start where it is, while the others are guessed. */
function heldAt(model: FitModel, bounds: Bounds | undefined, start: Starts): Bounds | undefined {
  if (Object.keys(start).length === 0) return bounds;
  const side = (of: Float64Array | undefined, none: number) =>
    Float64Array.from(model.parameters, (name, i) => start[name] ?? of?.[i] ?? none);
  return {
    lower: side(bounds?.lower, Number.NEGATIVE_INFINITY),
    upper: side(bounds?.upper, Number.POSITIVE_INFINITY),
  };
}

/** Most rows that the search for a start looks at. */
const GUESS_ROWS = 400;

function guess(
  model: FitModel,
  whole: BoundModel,
  data: Columns,
  rows: number,
  weights: Float64Array | undefined,
  settings: LeastSquaresSettings,
): Float64Array {
  const every = Math.ceil(rows / GUESS_ROWS);
  const thin = (column: ArrayLike<number>) => Float64Array.from(column).filter((_, i) => i % every === 0);
  const few =
    every === 1
      ? whole
      : bindModel(
          model,
          Object.fromEntries(model.used.map((name) => [name, thin(data[name])])),
          Math.ceil(rows / every),
          weights && thin(weights),
        );
  const found = guessStart(few, hintsOf(model, data, whole.observed), settings);
  if (!found)
    throw new FitError(
      `no start was found where the model has finite values: give one, such as ${model.parameters.map((p) => `${p}=1`).join(",")}`,
    );
  return found;
}

/** Sizes that parameters may have: 1, the data's own, and their inverses. */
function hintsOf(model: FitModel, data: Columns, observed: Float64Array): Hints {
  const predictors = model.used.filter((name) => model.right.variables.has(name)).slice(0, 4);
  const places = predictors.map((name) => rangeOf(data[name]));
  const sizes = ([low, high]: readonly [number, number]) =>
    [high - low, Math.abs(high + low) / 2].filter((size) => size > 0);
  const ofPredictors = places.flatMap(sizes);
  return {
    scales: [1, ...ofPredictors, ...ofPredictors.map((s) => 1 / s), ...sizes(rangeOf(observed))],
    places,
  };
}

function rangeOf(column: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < column.length; i++) {
    low = Math.min(low, column[i]);
    high = Math.max(high, column[i]);
  }
  return [low, high];
}

function checkStart({ names }: BoundModel, x: Float64Array): void {
  x.forEach((v, i) => {
    if (!Number.isFinite(v)) throw new FitError(`the start ${names[i]} = ${v}: expected a number`);
  });
}

function statistics(
  bound: BoundModel,
  { at, lost }: LeastSquares,
  model: FitModel,
  weights: Float64Array | undefined,
  level: number,
  data: Columns,
  loss: LossName,
  bounds: Bounds | undefined,
  named: boolean,
) {
  let { x } = at;
  const held = atBounds(x, bounds);
  const plain = loss === "linear" ? at : bound.jacobian(x);
  const { columns } = plain;
  const better =
    loss === "linear" && !bounds ? wideResiduals(model, data, bound, weights, x, plain.residuals) : undefined;
  const residuals = better ?? plain.residuals;
  const n = x.length;
  const lengths = columns.map((c) => norm(c));
  let rest: Float64Array;
  const f = qr(
    columns.map((c, i) => c.map((v) => v / (lengths[i] || 1))),
    (rest = residuals.slice()),
    true,
  );
  refuseSingular(f, lengths, lost, model.parameters, named ? "" : parameterHint(Object.keys(data)));
  const counted = weights ? weights.filter((w) => w > 0).length : bound.rows;
  const degreesOfFreedom = counted - n;
  // What is left of the residuals after one more step of Gauss and Newton, which their last digits allow.
  const residualSumOfSquares = better ? dot(rest.subarray(n), rest.subarray(n)) : dot(residuals, residuals);
  if (better) {
    const last = unordered(f, solveUpper(f, f.qtb));
    x = x.map((v, i) => v - last[i] / lengths[i]);
  }
  const variance = degreesOfFreedom > 0 ? residualSumOfSquares / degreesOfFreedom : Number.NaN;
  const covariance = inverseOfNormal(f);
  const errors = lengths.map((length, i) => Math.sqrt(variance * covariance[i * n + i]) / length);
  const wide = degreesOfFreedom > 0 ? quantile(1 - level, degreesOfFreedom) : Number.NaN;
  const root = weights?.map(Math.sqrt);
  const fitted = bound.observed.map(
    (y, i) => y + (root ? (root[i] === 0 ? 0 : residuals[i] / root[i]) : residuals[i]),
  );
  return {
    parameters: model.parameters.map((name, i) => ({
      name,
      value: x[i],
      standardError: errors[i],
      interval: [x[i] - wide * errors[i], x[i] + wide * errors[i]] as const,
      pValue: degreesOfFreedom > 0 ? twoSided(x[i] / errors[i], degreesOfFreedom) : Number.NaN,
      atBound: held[i],
    })),
    correlations: Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) =>
        i === j ? 1 : covariance[i * n + j] / Math.sqrt(covariance[i * n + i] * covariance[j * n + j]),
      ),
    ),
    residualSumOfSquares,
    residualStandardError: Math.sqrt(variance),
    rSquared: 1 - residualSumOfSquares / spreadOf(bound.observed, weights),
    degreesOfFreedom,
    fitted,
  };
}

const atBounds = (x: Float64Array, bounds: Bounds | undefined): boolean[] =>
  Array.from(x, (v, i) => bounds !== undefined && (v === bounds.lower[i] || v === bounds.upper[i]));

/** The weighted sum of squares about the mean. */
function spreadOf(y: Float64Array, weights: Float64Array | undefined): number {
  let [total, sum] = [0, 0];
  y.forEach((v, i) => {
    total += weights?.[i] ?? 1;
    sum += (weights?.[i] ?? 1) * v;
  });
  const mean = sum / total;
  return y.reduce((s, v, i) => s + (weights?.[i] ?? 1) * (v - mean) ** 2, 0);
}

/** A column written wrongly counts as a parameter, where no start names those. */
const parameterHint = (columns: readonly string[]): string =>
  `; parameters are the names that are no column (columns: ${columns.join(", ")})`;

/** Parameters along which the residuals do not change at all, by name. */
function refuseSingular(
  f: Factored,
  lengths: readonly number[],
  lost: readonly number[],
  names: readonly string[],
  hint: string,
): void {
  const none = names.filter((_, i) => !(lengths[i] > 0) || lost.includes(i));
  if (none.length > 0)
    throw new FitError(
      `the data say nothing of ${none.join(", ")}: where the fit ended, the model does not depend on ${none.length === 1 ? "it" : "them"}${hint}`,
    );
  const rank = rankOf(f, 10 * RANK_TOLERANCE);
  if (rank === f.n) return;
  // The next column is a sum of those before it: R₁₁·v = r₁₂.
  const side = Float64Array.from({ length: f.n }, (_, i) => (i < rank ? f.r[i * f.n + rank] : 0));
  const parts = solveUpper(f, side, rank);
  parts[rank] = -1;
  const vector = unordered(f, parts);
  const together = names.filter((_, i) => Math.abs(vector[i]) > 1e-3);
  throw new FitError(
    `the data cannot tell ${together.join(" and ")} apart: the model changes in the same way with each, so only a combination of them is known; fix one, or rewrite the model${hint}`,
  );
}

function verdictOf(
  ending: LeastSquares["ending"],
  steps: readonly FitStep[],
  names: readonly string[],
  held: readonly boolean[],
): Fit["verdict"] {
  const done = `${steps.length} ${steps.length === 1 ? "step" : "steps"}`;
  const ended = names.filter((_, i) => held[i]);
  const within =
    ended.length > 0
      ? ` within the bounds, with ${ended.join(" and ")} on ${ended.length === 1 ? "one" : "theirs"}`
      : "";
  if (ending === "converged" || ending === "stuck")
    return {
      kind: "minimum",
      text: `converged after ${done}: a minimum${within}, since the ${names.length === 1 ? "data determine it" : `Jacobian tells all ${names.length} parameters apart`}`,
    };
  return {
    kind: "still descending",
    text: `still descending after ${done}: ${ending === "stopped" ? "stopped" : "give a better start, or more steps"}`,
  };
}
