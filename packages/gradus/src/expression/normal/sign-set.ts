import type { Rational } from "../../ir/rational.ts";

/** A set of possible signs, as bits. */
export type Signs = number;
export const NEGATIVE = 1;
export const NOTHING = 2;
export const POSITIVE = 4;
export const ANY: Signs = 7;

export const flip = (s: Signs): Signs =>
  (s & NOTHING) | (s & NEGATIVE ? POSITIVE : 0) | (s & POSITIVE ? NEGATIVE : 0);

export function product(a: Signs, b: Signs): Signs {
  let out = 0;
  if ((a | b) & NOTHING && a && b) out |= NOTHING;
  if ((a & POSITIVE && b & POSITIVE) || (a & NEGATIVE && b & NEGATIVE)) out |= POSITIVE;
  if ((a & POSITIVE && b & NEGATIVE) || (a & NEGATIVE && b & POSITIVE)) out |= NEGATIVE;
  return out;
}

/** The signs of x², x of the signs given. */
export const squared = (a: Signs): Signs => (a & NOTHING) | (a & (POSITIVE | NEGATIVE) ? POSITIVE : 0);

export function sum(a: Signs, b: Signs): Signs {
  let out = 0;
  for (const s of [NEGATIVE, NOTHING, POSITIVE]) {
    if (!(a & s)) continue;
    for (const t of [NEGATIVE, NOTHING, POSITIVE]) {
      if (b & t) out |= s === NOTHING ? t : t === NOTHING || s === t ? s : ANY;
    }
  }
  return out;
}

export const signOfNumber = (c: Rational): Signs => (c.sign > 0 ? POSITIVE : c.sign < 0 ? NEGATIVE : NOTHING);
