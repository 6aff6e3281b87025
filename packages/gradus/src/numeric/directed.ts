import { productError, sumError } from "../primitives/kernels/rounding-errors.ts";

/*
 * + − × ÷ √ rounded down and up. IEEE 754 rounds these five to nearest, so the exact result lies between the neighbours
 * of what JavaScript gives; the sign of what the rounding left over, which is itself a float, says on which side, and
 * exact results stay exact. Where that rest may leave the range of the floats, the neighbour is taken without asking.
 */

const MAX = Number.MAX_VALUE;
const INF = Number.POSITIVE_INFINITY;
/** u(1 + 2u) with u = 2⁻⁵³. */
const STEP = 2 ** -53 * (1 + 2 ** -52);

/**
 * The next greater float, or one slightly above it near the smallest (Rump, Zimmermann, Boldo and Melquiond, 2009,
 * "Computing predecessor and successor in rounding to nearest").
 */
export function nextUp(x: number): number {
  return x === -INF ? -MAX : x + (Math.abs(x) * STEP + Number.MIN_VALUE);
}

/** The next smaller float; see nextUp. */
export function nextDown(x: number): number {
  return -nextUp(-x);
}

export function addDown(a: number, b: number): number {
  const s = a + b;
  if (!Number.isFinite(s)) return overflowDown(s, Number.isFinite(a) && Number.isFinite(b));
  // Adding 0 makes a plain 0 of −0.
  return sumError(a, b, s) >= 0 ? s + 0 : nextDown(s);
}

export function addUp(a: number, b: number): number {
  return 0 - addDown(-a, -b);
}

/** A result past the range: it was finite if the operands were. ∞ − ∞ tells nothing. */
function overflowDown(result: number, finiteOperands: boolean): number {
  if (result === INF) return finiteOperands ? MAX : INF;
  return -INF;
}

/** 2^±960: between them products, and the rests of products, are exact. */
const SMALL = 2 ** -960;
const LARGE = 2 ** 960;
const inRange = (x: number): boolean => {
  const a = Math.abs(x);
  return a > SMALL && a < LARGE;
};

/** 0·∞ is 0: an infinite end stands for reals without bound, not for a number. */
export function mulDown(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  const p = a * b;
  if (inRange(p) && inRange(a) && inRange(b)) return productError(a, b, p) >= 0 ? p : nextDown(p);
  if (!Number.isFinite(p)) return overflowDown(p, Number.isFinite(a) && Number.isFinite(b));
  return p === 0 && a > 0 === b > 0 ? 0 : nextDown(p);
}

export function mulUp(a: number, b: number): number {
  return 0 - mulDown(-a, b);
}

/** b is not 0; a/∞ is 0, the limit. */
export function divDown(a: number, b: number): number {
  if (a === 0) return 0;
  const q = a / b;
  if (inRange(q) && inRange(a) && inRange(b)) {
    // a − q·b is a float, and so is the rest of q·b.
    const p = q * b;
    const rest = a - p - productError(q, b, p);
    return rest === 0 || rest > 0 === b > 0 ? q : nextDown(q);
  }
  if (!Number.isFinite(b)) return 0;
  if (!Number.isFinite(q)) return overflowDown(q, Number.isFinite(a));
  return q === 0 && a > 0 === b > 0 ? 0 : nextDown(q);
}

export function divUp(a: number, b: number): number {
  return 0 - divDown(-a, b);
}

export function sqrtDown(a: number): number {
  const r = Math.sqrt(a);
  if (a === 0 || a === INF) return r;
  if (!inRange(a)) return Math.max(0, nextDown(r));
  const p = r * r;
  return a - p - productError(r, r, p) >= 0 ? r : nextDown(r);
}

export function sqrtUp(a: number): number {
  const r = Math.sqrt(a);
  if (a === 0 || a === INF) return r;
  if (!inRange(a)) return nextUp(r);
  const p = r * r;
  return a - p - productError(r, r, p) <= 0 ? r : nextUp(r);
}
