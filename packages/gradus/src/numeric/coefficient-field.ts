import type { Interval } from "../ir/primitive.ts";
import { bitLength, Rational } from "../ir/rational.ts";
import type { Ball } from "./ball.ts";
import * as ball from "./ball.ts";
import * as fixed from "./fixed-point.ts";
import { erf } from "./fixed-special.ts";

/** The numbers that coefficients of a series are, and what is known of functions there; undefined where it is not. */
export interface Field<T> {
  of(value: Rational): T;
  add(a: T, b: T): T;
  neg(a: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  /** Whether it is exactly 0. */
  isZero(a: T): boolean;
  sign(a: T): number | undefined;
  /** Floats around it. */
  interval(a: T): Interval;
  /** Whether it has grown too large to go on with. */
  tooLong(a: T): boolean;
  readonly pi: T | undefined;
  exp(a: T): T | undefined;
  log(a: T): T | undefined;
  sinCos(a: T): { sin: T; cos: T } | undefined;
  atan(a: T): T | undefined;
  erf(a: T): T | undefined;
  /** aʳ for r that is not whole. */
  power(a: T, r: Rational): T | undefined;
}

const { ZERO, ONE } = Rational;
const MOST_DIGITS = 400;

/** Fractions: a function has a value where that is rational. */
export const FRACTIONS: Field<Rational> = {
  of: (value) => value,
  add: (a, b) => a.add(b),
  neg: (a) => a.neg(),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b),
  isZero: (a) => a.isZero,
  sign: (a) => a.sign,
  interval: ball.encloseRational,
  tooLong: (a) => a.d.toString().length > MOST_DIGITS,
  pi: undefined,
  exp: (a) => (a.isZero ? ONE : undefined),
  log: (a) => (a.isOne ? ZERO : undefined),
  sinCos: (a) => (a.isZero ? { sin: ZERO, cos: ONE } : undefined),
  atan: (a) => (a.isZero ? ZERO : undefined),
  erf: (a) => (a.isZero ? ZERO : undefined),
  power: (a, r) => {
    const p = Number(r.n);
    if (a.sign < 0 || Math.abs(p) * a.toString().length > MOST_DIGITS) return undefined;
    const [n, d] = [wholeRoot(a.n, Number(r.d)), wholeRoot(a.d, Number(r.d))];
    return n === undefined || d === undefined ? undefined : Rational.of(n, d).pow(p);
  },
};

function wholeRoot(value: bigint, q: number): bigint | undefined {
  const near = Math.round(Number(value) ** (1 / q));
  if (!Number.isSafeInteger(near)) return undefined;
  const found = BigInt(near);
  return found ** BigInt(q) === value ? found : undefined;
}

/** Fixed point with p bits after the point and a proven error; what cannot be told from 0 throws `Imprecise`. */
export function balls(p: bigint): Field<Ball> {
  const power = (a: Ball, r: Ball): Ball => fixed.exp(ball.mul(r, fixed.log(a, p), p), p);
  const of = ({ n, d }: Rational): Ball => ({ mid: (n << p) / d, rad: (n << p) % d === 0n ? 0n : 1n });
  return {
    of,
    add: ball.add,
    neg: ball.neg,
    mul: (a, b) => (isZero(a) || isZero(b) ? ball.exactly(0n, p) : ball.mul(a, b, p)),
    div: (a, b) => (isZero(a) && !isZero(b) ? a : ball.div(a, b, p)),
    isZero,
    sign: (a) => (isZero(a) ? 0 : ball.magnitudeOf(a.mid) <= a.rad ? undefined : a.mid > 0n ? 1 : -1),
    interval: (a) => ball.toInterval(a, Number(p)),
    tooLong: (a) => bitLength(a.mid) > 4 * Number(p),
    pi: fixed.pi(p),
    exp: (a) =>
      isZero(a) ? ball.exactly(1n, p) : bitLength(a.mid) > Number(p) + 10 ? undefined : fixed.exp(a, p),
    log: (a) => (a.mid > a.rad ? fixed.log(a, p) : undefined),
    sinCos: (a) => (isZero(a) ? { sin: a, cos: ball.exactly(1n, p) } : fixed.sinCos(a, p)),
    atan: (a) => (isZero(a) ? a : fixed.atan(a, p)),
    erf: (a) => (isZero(a) ? a : bitLength(a.mid) > Number(p) + 4 ? undefined : erf(a, p)),
    power: (a, r) => (a.mid > a.rad ? power(a, of(r)) : undefined),
  };
}

const isZero = (a: Ball): boolean => a.mid === 0n && a.rad === 0n;
