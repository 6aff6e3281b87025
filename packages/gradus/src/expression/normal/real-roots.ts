import { Rational } from "../../ir/rational.ts";

/** Coefficients of a polynomial in one variable, from the constant up. */
export type Univariate = readonly Rational[];

const trimmed = (p: readonly Rational[]): Rational[] => {
  let n = p.length;
  while (n > 0 && p[n - 1].isZero) n--;
  return p.slice(0, n);
};

function valueAt(p: Univariate, x: Rational): Rational {
  let value = Rational.ZERO;
  for (let i = p.length - 1; i >= 0; i--) value = value.mul(x).add(p[i]);
  return value;
}

function remainder(a: Univariate, b: Univariate): Rational[] {
  const rest = [...a];
  for (let i = rest.length - 1; i >= b.length - 1; i--) {
    const factor = rest[i].div(b[b.length - 1]);
    for (let k = 0; k < b.length; k++) rest[i - k] = rest[i - k].sub(factor.mul(b[b.length - 1 - k]));
  }
  return trimmed(rest);
}

/** Sturm's sequence: its changes of sign count the real roots between two points. */
function sturmSequence(p: Univariate): Univariate[] {
  const derivative = p.slice(1).map((c, i) => c.mul(Rational.of(i + 1)));
  const sequence: Univariate[] = [p, trimmed(derivative)];
  for (;;) {
    const [a, b] = sequence.slice(-2);
    if (b.length === 0) return sequence.slice(0, -1);
    const next = remainder(a, b).map((c) => c.neg());
    if (next.length === 0) return sequence;
    // Scaled, so that numbers stay short: a positive factor changes no sign.
    const scale = next[next.length - 1].abs().inverse();
    sequence.push(next.map((c) => c.mul(scale)));
  }
}

function changes(sequence: readonly Univariate[], x: Rational): number {
  let count = 0;
  let last = 0;
  for (const p of sequence) {
    const { sign } = valueAt(p, x);
    if (sign !== 0 && last !== 0 && sign !== last) count++;
    if (sign !== 0) last = sign;
  }
  return count;
}

/** p without its repeated factors. */
function squareFree(p: Univariate): Univariate {
  const sequence = sturmSequence(p);
  const common = sequence[sequence.length - 1];
  if (common.length < 2) return p;
  const quotient: Rational[] = [];
  const rest = [...p];
  for (let i = rest.length - common.length; i >= 0; i--) {
    quotient[i] = rest[i + common.length - 1].div(common[common.length - 1]);
    for (let k = 0; k < common.length; k++) rest[i + k] = rest[i + k].sub(quotient[i].mul(common[k]));
  }
  return quotient;
}

const HALF = Rational.of(1, 2);
type Bracket = readonly [Rational, Rational];

/**
 * Intervals with one real root each (Sturm 1829), ascending and apart from each other; [r, r] where a root is met
 * exactly. No other end is a root.
 */
export function isolateRoots(given: Univariate): Bracket[] {
  const p = trimmed(given);
  if (p.length < 2) return [];
  const q = squareFree(p);
  const sequence = sturmSequence(q);
  /** Roots in (lo, hi]. */
  const count = (lo: Rational, hi: Rational): number => changes(sequence, lo) - changes(sequence, hi);
  const isRoot = (x: Rational): boolean => valueAt(q, x).isZero;
  const halves = ([lo, hi]: Bracket): Bracket[] => {
    const middle = lo.add(hi).mul(HALF);
    if (isRoot(middle)) {
      // Met exactly: what is left and right of it, and itself.
      const step = hi.sub(lo).mul(Rational.of(1, 4));
      let gap = step;
      while (
        count(middle.sub(gap), middle.add(gap)) > 1 ||
        isRoot(middle.sub(gap)) ||
        isRoot(middle.add(gap))
      )
        gap = gap.mul(HALF);
      return [
        [lo, middle.sub(gap)],
        [middle, middle],
        [middle.add(gap), hi],
      ];
    }
    return [
      [lo, middle],
      [middle, hi],
    ];
  };
  const lead = q[q.length - 1].abs();
  const most = q.slice(0, -1).reduce((m, c) => (c.abs().compare(m) > 0 ? c.abs() : m), Rational.ZERO);
  // Cauchy's bound on the size of a root.
  const reach = most.div(lead).add(Rational.ONE);
  const found: Bracket[] = [];
  const stack: Bracket[] = [[reach.neg(), reach]];
  while (stack.length > 0) {
    const at = stack.pop() as Bracket;
    const [lo, hi] = at;
    if (lo.equals(hi)) found.push(at);
    else if (count(lo, hi) === 1 && hi.sub(lo).compare(HALF) < 0) found.push(at);
    else if (count(lo, hi) > 0) stack.push(...halves(at));
  }
  return apart(
    found.sort(([a], [b]) => a.compare(b)),
    (b) => halves(b).find(([lo, hi]) => lo.equals(hi) || count(lo, hi) === 1) as Bracket,
  );
}

/** Shrinks brackets that touch until they do not. */
function apart(brackets: Bracket[], shrunk: (b: Bracket) => Bracket): Bracket[] {
  const touches = (i: number): boolean => brackets[i][1].compare(brackets[i + 1][0]) >= 0;
  for (let i = 0; i + 1 < brackets.length; i++) {
    while (touches(i)) {
      for (const k of [i, i + 1])
        if (!brackets[k][0].equals(brackets[k][1])) brackets[k] = shrunk(brackets[k]);
    }
  }
  return brackets;
}
