import { MathError } from "../expression/errors.ts";
import type { Node } from "../ir/node.ts";
import type { Interval } from "../ir/primitive.ts";
import { checkOrder } from "../transforms/taylor.ts";
import { addDown, addUp, mulDown, mulUp } from "./directed.ts";
import * as iv from "./interval.ts";
import { cut, type Piece } from "./pieces.ts";
import { type SeriesProgram, taylorOn } from "./taylor-on.ts";

export interface RemainderBound {
  /** |f(x) − Tₙ(x)| ≤ bound on the whole interval, proven: the exact polynomial against the exact function. */
  readonly bound: number;
  /** Proven too: somewhere on the interval the error is at least this. */
  readonly atLeast: number;
  /** Holds f(x) − Tₙ(x), with its sign, for every x of the interval. */
  readonly remainder: Interval;
  /** The true Taylor coefficients, enclosed. */
  readonly coefficients: readonly Interval[];
  /** The same as floats: those that `rounding` speaks of. */
  readonly rounded: readonly number[];
  /**
   * A bound on what evaluating Σ rounded[k]·(x − a)ᵏ in floats by Horner's rule adds: the rounding of the coefficients,
   * of x − a and of each step. |f(x) − computed| ≤ bound + rounding.
   */
  readonly rounding: number;
  /** Into how many pieces the interval was cut. */
  readonly pieces: number;
}

export interface RemainderOptions {
  /** Most pieces on each side of the point; 64 unless told. */
  readonly mostPieces?: number;
}

/**
 * A proven bound on the remainder of Taylor's polynomial of a scalar function about `at`, for all x in [lo, hi] (one
 * number for one x). From the integral form,
 *
 *   f(x) − Tₙ(x) = (n + 1) ∫ₐˣ c_{n+1}(s)·(x − s)ⁿ ds,   c_{n+1} = f⁽ⁿ⁺¹⁾/(n + 1)!,
 *
 * with c_{n+1} enclosed on each of many pieces: the sum over pieces of C_i·((x − s_i)ⁿ⁺¹ − (x − s_{i+1})ⁿ⁺¹). One piece
 * is Lagrange's form; cut finer, the sum tends to the remainder itself. Throws a NotAnalyticError that names the step
 * and the point where f is not analytic between `at` and the interval, or where that could not be shown.
 */
export function remainderBound(
  node: Node,
  variable: Node,
  at: number,
  order: number,
  on: readonly [number, number] | number,
  options: RemainderOptions = {},
): RemainderBound {
  checkOrder(order);
  const [lo, hi] = typeof on === "number" ? [on, on] : on;
  iv.interval(lo, hi);
  if (![at, lo, hi].every(Number.isFinite)) {
    throw new MathError(
      `a remainder needs finite numbers: got the point ${at} and the interval [${lo}, ${hi}]`,
    );
  }
  const most = options.mostPieces ?? 64;
  if (!Number.isInteger(most) || most < 1)
    throw new RangeError(`mostPieces must be a whole number from 1 on; got ${most}`);
  const series = taylorOn(node, variable);
  const [start] = cut(iv.interval(at), (p) => series(p, order));
  const coefficients = Array.from({ length: order + 1 }, (_, k) => start.found.at(k));
  let found: Side = { range: lo <= at && at <= hi ? iv.ZERO : iv.EMPTY, atLeast: 0, pieces: 0 };
  if (hi > at) found = joined(found, oneSide(series, at, order, { lo: Math.max(lo, at), hi }, most));
  if (lo < at) {
    const mirrored: SeriesProgram = (box, k) => mirror(series(iv.neg(box), k));
    const side = oneSide(mirrored, -at, order, { lo: Math.max(-hi, -at), hi: -lo }, most, iv.neg);
    found = joined(found, side);
  }
  const reach = Math.max(
    iv.magnitude(iv.sub(iv.interval(lo), iv.interval(at))),
    iv.magnitude(iv.sub(iv.interval(hi), iv.interval(at))),
  );
  const rounded = coefficients.map(iv.middle);
  return {
    bound: iv.magnitude(found.range),
    atLeast: found.atLeast,
    remainder: found.range,
    coefficients,
    rounded,
    rounding: roundingOf(coefficients, rounded, reach),
    pieces: found.pieces,
  };
}

/** The coefficients of g(t) = f(−t): odd ones change sign. */
function mirror(series: ReturnType<SeriesProgram>): ReturnType<SeriesProgram> {
  for (let k = 1; k <= series.order; k += 2) series.set(k, iv.neg(series.at(k)));
  return series;
}

interface Side {
  readonly range: Interval;
  readonly atLeast: number;
  readonly pieces: number;
}

function joined(a: Side, b: Side): Side {
  return {
    range: iv.hull(a.range, b.range),
    atLeast: Math.max(a.atLeast, b.atLeast),
    pieces: a.pieces + b.pieces,
  };
}

/** Right of the point: x in `to`, which lies at or right of it. */
function oneSide(
  series: SeriesProgram,
  at: number,
  order: number,
  to: Interval,
  most: number,
  placed?: (piece: Interval) => Interval,
): Side {
  const m = order + 1;
  const coefficient = (piece: Interval): Interval => series(piece, m).at(m);
  const pieces = refine(cut({ lo: at, hi: to.hi }, coefficient, placed), coefficient, to.hi, m, most);
  return { ...rangeOver(pieces, to, m), pieces: pieces.length };
}

type Coefficient = Piece<Interval>;

/** Stop where what the enclosures leave open is this part of the sum. */
const GOOD_ENOUGH = 0.2;

/** Cuts the pieces that add most to the width of the sum at `end`. */
function refine(
  pieces: Coefficient[],
  coefficient: (p: Interval) => Interval,
  end: number,
  m: number,
  most: number,
): Coefficient[] {
  for (;;) {
    const open = pieces.map((p) => mulUp(iv.widthOf(p.found), weight(p, end, end, m).hi));
    const total = open.reduce((a, b) => a + b, 0);
    const sum = pieces.reduce((s, p) => iv.add(s, iv.mul(p.found, weight(p, end, end, m))), iv.ZERO);
    if (total === 0 || total <= GOOD_ENOUGH * iv.magnitude(sum) || pieces.length >= most) return pieces;
    const worst = Math.max(...open);
    const next: Coefficient[] = [];
    let room = most - pieces.length;
    pieces.forEach((p, i) => {
      const middle = iv.middle(p);
      const wanted = open[i] >= worst / 8 || Number.isNaN(open[i]);
      if (!wanted || room <= 0 || middle === p.lo || middle === p.hi) return next.push(p);
      room--;
      for (const half of [
        { lo: p.lo, hi: middle },
        { lo: middle, hi: p.hi },
      ]) {
        // What held on the whole holds on the half.
        next.push({ ...half, found: iv.intersect(coefficient(half), p.found) });
      }
    });
    if (next.length === pieces.length) return pieces;
    pieces = next;
  }
}

/** (x − s_i)ᵐ − (x − s_{i+1})ᵐ for x from `from` to `to`, both right of the piece: it grows with x. */
function weight(p: Interval, from: number, to: number, m: number): Interval {
  const low = addDown(powerDown(addDown(from, -p.lo), m), -powerUp(addUp(from, -p.hi), m));
  const high = addUp(powerUp(addUp(to, -p.lo), m), -powerDown(addDown(to, -p.hi), m));
  return { lo: Math.max(0, low), hi: high };
}

function powerDown(x: number, m: number): number {
  let result = 1;
  for (let square = x; ; square = mulDown(square, square)) {
    if (m & 1) result = mulDown(result, square);
    m >>= 1;
    if (m === 0) return result;
  }
}

function powerUp(x: number, m: number): number {
  let result = 1;
  for (let square = x; ; square = mulUp(square, square)) {
    if (m & 1) result = mulUp(result, square);
    m >>= 1;
    if (m === 0) return result;
  }
}

/** The remainder for x in `to`: for x in each piece, the pieces before it and the part of its own. */
function rangeOver(
  pieces: readonly Coefficient[],
  to: Interval,
  m: number,
): { range: Interval; atLeast: number } {
  const at = (from: number, end: number): Interval => {
    let sum: Interval = iv.ZERO;
    for (const p of pieces) {
      if (p.lo >= end) break;
      const w =
        p.hi <= from
          ? weight(p, from, end, m)
          : { lo: from > p.lo ? powerDown(addDown(from, -p.lo), m) : 0, hi: powerUp(addUp(end, -p.lo), m) };
      sum = iv.add(sum, iv.mul(p.found, w));
    }
    return sum;
  };
  const last = at(to.hi, to.hi);
  const first = to.lo === to.hi ? last : at(to.lo, to.lo);
  let atLeast = Math.max(iv.mignitude(last), iv.mignitude(first));
  let range = iv.hull(first, last);
  const oneSign = pieces.every((p) => p.found.lo >= 0) || pieces.every((p) => p.found.hi <= 0);
  // Every weight grows with x: with one sign so does the sum, and its extremes lie at the ends.
  if (oneSign || to.lo === to.hi) return { range, atLeast };
  for (const p of pieces) {
    const [lo, hi] = [Math.max(p.lo, to.lo), Math.min(p.hi, to.hi)];
    if (lo >= hi) continue;
    range = iv.hull(range, at(lo, hi));
    atLeast = Math.max(atLeast, iv.mignitude(at(hi, hi)));
  }
  return { range, atLeast };
}

const U = 2 ** -53;

/**
 * Horner's rule of degree n loses γ₂ₙ·Σ|c_k||t|ᵏ (Higham, Accuracy and Stability of Numerical Algorithms, 5.1), and
 * t = fl(x − a) is off by one rounding in each of its n powers: γ₃ₙ in all. Products below the floats lose one least
 * float each.
 */
function roundingOf(exact: readonly Interval[], rounded: readonly number[], reach: number): number {
  const n = rounded.length - 1;
  const gamma = (3 * n * U) / (1 - 3 * n * U) + 2 ** -100;
  let sum = 0;
  let power = 1;
  for (let k = 0; k <= n; k++) {
    const off = iv.magnitude(iv.sub(exact[k], iv.interval(rounded[k])));
    const size = addUp(off, n === 0 ? 0 : mulUp(gamma * (1 + 4 * U), Math.abs(rounded[k])));
    sum = addUp(sum, mulUp(size, power));
    power = mulUp(power, reach);
  }
  return addUp(sum, mulUp(n * Number.MIN_VALUE, Math.max(1, power)));
}
