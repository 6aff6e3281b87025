import type { Node } from "../ir/node.ts";
import type { Interval } from "../ir/primitive.ts";
import { Rational } from "../ir/rational.ts";
import { nextDown, nextUp } from "./directed.ts";
import { leadingZeros } from "./exact-series.ts";
import * as iv from "./interval.ts";
import type { Isolated } from "./isolate.ts";

/** The highest multiplicity that is looked for. */
const MOST = 8;
/** So often the box is doubled, while the proof holds. */
const DOUBLINGS = 20;

export interface Judged {
  /** Undefined where it cannot be enclosed; empty where there is no value. */
  value(box: Interval): Interval | undefined;
  /** The Taylor coefficient of that order at every point of the box. */
  coefficient(box: Interval, order: number): Interval | undefined;
}

/**
 * A root of multiplicity m > 1, which no change of sign and no slope can show: where f and its derivatives below the
 * m-th vanish at a rational r, exactly, and the m-th coefficient c_m is off 0 on a box, f(x) = c_m(ξ)(x − r)^m there,
 * so that r is its only root. The widest box that was tried is `alone`. Undefined where the simplest number in the box
 * is not seen to be such a root.
 */
export function multipleRoot(
  node: Node,
  variable: Node,
  box: Interval,
  f: Judged,
): { readonly root: Isolated; readonly alone: Interval } | undefined {
  const r = simplestBetween(Rational.from(box.lo), Rational.from(box.hi));
  const place = around(r);
  const there = f.value(place);
  if (!there || iv.isEmpty(there)) return undefined;
  const multiplicity = leadingZeros(node, variable, r, MOST);
  if (!multiplicity) return undefined;
  const proven = (on: Interval) => {
    const c = f.coefficient(on, multiplicity);
    return c !== undefined && iv.offZero(c);
  };
  if (!proven(box)) return { root: { interval: box, status: "exists" }, alone: box };
  let alone = box;
  for (let i = 0; i < DOUBLINGS; i++) {
    const half = (alone.hi - alone.lo) / 2;
    const wider = { lo: alone.lo - half, hi: alone.hi + half };
    if (!proven(wider)) break;
    alone = wider;
  }
  const interval = iv.intersect(place, box);
  return { root: { interval, status: "unique", ...(multiplicity > 1 && { multiplicity }) }, alone };
}

function around(r: Rational): Interval {
  const x = r.toNumber();
  return Rational.from(x).equals(r) ? iv.interval(x) : { lo: nextDown(x), hi: nextUp(x) };
}

/** The fraction of least denominator from a to b (Stern and Brocot's tree, by continued fractions). */
function simplestBetween(a: Rational, b: Rational): Rational {
  if (a.sign <= 0 && b.sign >= 0) return Rational.ZERO;
  if (a.sign < 0) return simplestBetween(b.neg(), a.neg()).neg();
  const whole = Rational.of(a.n / a.d);
  if (whole.equals(a)) return a;
  const next = whole.add(Rational.ONE);
  if (next.compare(b) <= 0) return next;
  return whole.add(simplestBetween(b.sub(whole).inverse(), a.sub(whole).inverse()).inverse());
}
