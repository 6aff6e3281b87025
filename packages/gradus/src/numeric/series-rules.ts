import type { Interval, Primitive } from "../ir/primitive.ts";
import { div, hypot, pow, sqrt } from "../primitives/arithmetic.ts";
import { log } from "../primitives/exponential.ts";
import { digamma, polygammaOfOrder } from "../primitives/special.ts";
import * as iv from "./interval.ts";
import {
  constantIntervalSeries,
  IntervalSeries,
  overWhole,
  productCoefficient,
  weightedProduct,
} from "./interval-series.ts";
import { polygamma } from "./special.ts";
import { enclosureRule } from "./table.ts";

/*
 * Interval forms of the series rules that primitives state themselves (primitives/series-rules.ts; Griewank and
 * Walther, Evaluating Derivatives, chapter 13): the same recurrences, rounded outward. Boxes lie off zeros of
 * divisors, so that leading zeros need no care.
 */

/** Sets coefficient k of y; those below k are known, as are the arguments' up to k. */
export type SetCoefficient = (k: number, x: readonly IntervalSeries[], y: IntervalSeries) => void;
/** Made anew for each run: a rule may keep series of its own. */
export type SeriesRun = (order: number, params: unknown) => SetCoefficient;

const valueAt = (primitive: Primitive, x: readonly IntervalSeries[], params: unknown): Interval =>
  enclosureRule(primitive)!.of(
    x.map((s) => s.at(0)),
    params as never,
  );

const division: SeriesRun =
  () =>
  (k, [a, b], y) => {
    const rest = weightedProduct(k, b, y, 1, k);
    y.set(k, iv.div(iv.sub(a.at(k), rest), b.at(0)));
  };

/** (coefficient k of y² without 2·y₀·y_k, taken from `square`) / 2y₀. */
function rootStep(k: number, square: Interval, y: IntervalSeries): Interval {
  const rest = weightedProduct(k, y, y, 1, k - 1);
  return iv.div(iv.sub(square, rest), iv.mul({ lo: 2, hi: 2 }, y.at(0)));
}

const squareRoot: SeriesRun =
  () =>
  (k, [x], y) => {
    y.set(k, k === 0 ? iv.sqrt(x.at(0)) : rootStep(k, x.at(k), y));
  };

const hypotenuse: SeriesRun =
  () =>
  (k, [a, b], y) => {
    if (k === 0) return y.set(0, valueAt(hypot.primitive, [a, b], {}));
    y.set(k, rootStep(k, iv.add(productCoefficient(k, a, a), productCoefficient(k, b, b)), y));
  };

/** Whole powers up to here are multiplied out, as in primitives/series-rules.ts. */
const MOST_MULTIPLIED = 64;

const power: SeriesRun = (order) => {
  let step: SetCoefficient | undefined;
  return (k, x, y) => {
    if (k === 0) {
      const p = x[1].at(0);
      if (x[1].varies) step = generalPower(order);
      else if (iv.isPoint(p) && Number.isInteger(p.lo) && p.lo > 0 && p.lo <= MOST_MULTIPLIED) {
        step = productPower(order, p.lo);
      } else step = fixedPower(p);
    }
    step?.(k, x, y);
    // The first coefficient is the power itself, without the loss of a product of one interval with itself.
    if (k === 0) y.set(0, valueAt(pow.primitive, x, {}));
  };
};

/** xⁿ by squaring: each partial product is a series of its own. */
function productPower(order: number, n: number): SetCoefficient {
  if (n === 1) return (k, [x], y) => y.set(k, x.at(k));
  const half = new IntervalSeries(order);
  const halfStep = productPower(order, n >> 1);
  const square = new IntervalSeries(order);
  return (k, x, y) => {
    halfStep(k, x, half);
    if (k === 0)
      half.set(0, valueAt(pow.primitive, [x[0], constantIntervalSeries({ lo: n >> 1, hi: n >> 1 }, 0)], {}));
    if (n % 2 === 0) return y.set(k, productCoefficient(k, half, half));
    square.set(k, productCoefficient(k, half, half));
    y.set(k, productCoefficient(k, square, x[0]));
  };
}

/** k·x₀·y_k = Σ (p·j − (k − j))·x_j·y_{k−j}: p·Σ j x_j y_{k−j} − Σ (k − j) x_j y_{k−j}. */
function fixedPower(p: Interval): SetCoefficient {
  return (k, [x], y) => {
    if (k === 0) return;
    const first = iv.mul(
      p,
      weightedProduct(k, x, y, 1, k, (j) => j),
    );
    const second = weightedProduct(k, x, y, 1, k - 1, (j) => k - j);
    y.set(k, iv.div(overWhole(iv.sub(first, second), k), x.at(0)));
  };
}

/** e^(p ln x). */
function generalPower(order: number): SetCoefficient {
  const logs = new IntervalSeries(order);
  const exponent = new IntervalSeries(order);
  return (k, [x, p], y) => {
    if (k === 0) logs.set(0, valueAt(log.primitive, [x], {}));
    else {
      const rest = overWhole(
        weightedProduct(k, logs, x, 1, k - 1, (j) => j),
        k,
      );
      logs.set(k, iv.div(iv.sub(x.at(k), rest), x.at(0)));
    }
    exponent.set(k, productCoefficient(k, p, logs));
    if (k === 0) return;
    const sum = weightedProduct(k, exponent, y, 1, k, (j) => j);
    y.set(k, overWhole(sum, k));
  };
}

/** ψ⁽ⁿ⁾(x₀ + δ) = Σ ψ⁽ⁿ⁺ᵐ⁾(x₀)/m!·δᵐ; `powers[m]` is δᵐ. */
const polygammas: SeriesRun = (order, params) => {
  const n = (params as { order?: number }).order ?? 0;
  const powers: IntervalSeries[] = [constantIntervalSeries(iv.ONE, order)];
  const coefficients: Interval[] = [];
  let factorial: Interval = iv.ONE;
  return (k, [x], y) => {
    if (k > 0) {
      factorial = iv.mul(factorial, { lo: k, hi: k });
      powers.push(new IntervalSeries(order));
    }
    coefficients.push(iv.div(polygamma(n + k, x.at(0)), factorial));
    let sum = k === 0 ? coefficients[0] : iv.ZERO;
    for (let m = 1; m <= k; m++) {
      powers[m].set(k, weightedProduct(k, x, powers[m - 1], 1, k));
      sum = iv.add(sum, iv.mul(coefficients[m], powers[m].at(k)));
    }
    y.set(k, sum);
  };
};

const rules = new Map<Primitive, SeriesRun>([
  [div.primitive, division],
  [sqrt.primitive, squareRoot],
  [hypot.primitive, hypotenuse],
  [pow.primitive, power],
  [digamma.primitive, polygammas],
  [polygammaOfOrder.primitive, polygammas],
]);

/** The interval form of a primitive's own series rule. */
export function seriesRun(primitive: Primitive): SeriesRun | undefined {
  return rules.get(primitive);
}
