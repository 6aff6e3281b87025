import { freeInputs, rewrite, topologicalOrder } from "../../ir/graph.ts";
import { exactConstant, type Node } from "../../ir/node.ts";
import { Rational } from "../../ir/rational.ts";
import { derivativeNode } from "../expression.ts";
import type { Condition } from "./conditions.ts";
import type { Field, Quotient } from "./field.ts";
import { type Polynomial, term, UNIT } from "./polynomial.ts";
import { isolateRoots, type Univariate } from "./real-roots.ts";
import { Prover } from "./zero-test.ts";

/*
 * A function that is continuous on an interval and has derivative 0 there, but for single points, is constant; so two
 * functions with equal derivatives and one common point on each piece of their domain are equal on all of it.
 */

/** Functions that jump inside their domain, or of which it is not known. */
const CONTINUOUS = new Set(
  (
    "add sub mul neg div pow exp expm1 log log1p log2 log10 sqrt cbrt hypot abs relu max min sin cos tan cot sec csc " +
    "asin acos atan asec acsc sinh cosh tanh sech csch coth asinh acosh atanh asech acsch acoth sigmoid log_sigmoid " +
    "softplus logistic_pdf erf erfc normal_cdf one_minus_square broadcast cast reshape constant input"
  ).split(" "),
);

const MOST_PIECES = 12;
const SIMPLE = ["0", "1", "-1", "1/2", "-1/2", "2", "-2", "3", "-3"].map((t) => {
  const [n, d] = t.split("/").map(Number);
  return Rational.of(n, d ?? 1);
});

/** The points at which the values were compared, one for each piece of the domain; undefined where this proves nothing. */
export function byDerivative(
  a: Node,
  b: Node,
  whole: Prover,
  budget: number,
): { readonly variables: readonly Node[]; readonly at: readonly (readonly Rational[])[] } | undefined {
  const variables = freeInputs([a, b]);
  if (variables.length === 0 || !topologicalOrder(whole.roots).every((n) => CONTINUOUS.has(n.primitive.name)))
    return undefined;
  const pieces = piecesOf(whole, variables);
  if (!pieces) return undefined;
  for (const x of variables) {
    if (new Prover(derivativeNode(a, x), derivativeNode(b, x), { budget }).run().verdict !== "zero")
      return undefined;
  }
  const at: (readonly Rational[])[] = [];
  for (const candidates of pieces) {
    const point = candidates.find((values) => {
      const places = new Map(variables.map((x, i) => [x, exactConstant(values[i])]));
      const [left, right] = rewrite([a, b], places);
      return new Prover(left, right, { budget: budget / 4 }).run().verdict === "zero";
    });
    if (!point) return undefined;
    at.push(point);
  }
  return { variables, at };
}

/** For each piece of the common domain, points in it; undefined where the pieces are not known. */
function piecesOf(whole: Prover, variables: readonly Node[]): (readonly Rational[])[][] | undefined {
  const open = whole.openConditions();
  // Defined everywhere: one piece.
  if (open.length === 0) return [SIMPLE.slice(0, 5).map((r) => variables.map(() => r))];
  if (variables.length > 1) return undefined;
  const key = `variable ${variables[0].id}`;
  const barriers: Univariate[] = [];
  for (const { value, relation } of open) {
    if (relation === "not 0, -1, -2, …") return undefined;
    for (const p of factorsOf(value, whole.field)) {
      const coefficients = univariate(p, key, whole.field);
      if (!coefficients) return undefined;
      barriers.push(coefficients);
    }
  }
  return intervalsIn(barriers, (x) => holdsAt(open, key, whole.field, x))?.map(([lo, hi]) =>
    pointsIn(lo, hi).map((x) => [x]),
  );
}

/** Polynomials of which one is 0 wherever the quotient, or what a root in it is taken of, changes sign. */
function factorsOf(q: Quotient, field: Field): Polynomial[] {
  const out = q.den.map((f) => f.polynomial);
  if (q.num.size > 1) return [q.num, ...out];
  const [{ monomial }] = [...q.num.values()];
  for (let i = 0; i < monomial.length; i += 2) {
    const { power } = field.kernels[monomial[i]];
    out.push(...(power ? factorsOf(power, field) : [term([monomial[i], UNIT])]));
  }
  return out;
}

/** The sign of a quotient made of such factors. */
function signAt(q: Quotient, key: string, field: Field, x: Rational): number {
  const of = (p: Polynomial) =>
    (univariate(p, key, field) as Univariate).reduceRight((sum, c) => sum.mul(x).add(c), Rational.ZERO).sign;
  const below = q.den.reduce((s, f) => s * of(f.polynomial) ** f.exponent, 1);
  if (q.num.size > 1) return of(q.num) * below;
  const [{ monomial, coefficient }] = [...q.num.values()];
  let sign = coefficient.sign * below;
  for (let i = 0; i < monomial.length; i += 2) {
    const { power } = field.kernels[monomial[i]];
    const e = monomial[i + 1];
    sign *= power ? signAt(power, key, field, x) : of(term([monomial[i], UNIT])) ** Math.abs(e / UNIT);
  }
  return sign;
}

/** Coefficients of a polynomial in one variable and no other kernel. */
function univariate(p: Polynomial, key: string, field: Field): Univariate | undefined {
  const out: Rational[] = [];
  for (const { monomial, coefficient } of p.values()) {
    const [k, e] = monomial.length === 0 ? [-1, 0] : monomial;
    if (monomial.length > 2 || (k >= 0 && field.keyOfKernel(k) !== key) || e < 0 || e % UNIT !== 0)
      return undefined;
    const degree = e / UNIT;
    if (degree > 20) return undefined;
    while (out.length <= degree) out.push(Rational.ZERO);
    out[degree] = out[degree].add(coefficient);
  }
  return out;
}

type End = Rational | undefined;

/** The open intervals between all real roots that belong to the domain; undefined where the domain may have more parts. */
function intervalsIn(
  barriers: readonly Univariate[],
  holds: (x: Rational) => boolean,
): [End, End][] | undefined {
  let product: Univariate = [Rational.ONE];
  for (const p of distinct(barriers)) product = productOf(product, p);
  const roots = isolateRoots(product);
  if (roots.length > MOST_PIECES) return undefined;
  const edges: (readonly [End, End])[] = [[undefined, undefined], ...roots, [undefined, undefined]];
  const between = edges.slice(0, -1).map(([, right], i): [End, End] => [right, edges[i + 1][0]]);
  const inDomain = between.map(([lo, hi]) => holds(inside(lo, hi)));
  // A root may belong to the domain by itself, without its neighbourhood: √(x²(x − 1)) at 0.
  const lonely = roots.some(
    ([lo, hi], i) => !inDomain[i] && !inDomain[i + 1] && !(lo.equals(hi) && !holds(lo)),
  );
  const pieces = between.filter((_, i) => inDomain[i]);
  return lonely || pieces.length === 0 ? undefined : pieces;
}

function distinct(barriers: readonly Univariate[]): Univariate[] {
  const monic = (p: Univariate) => p.map((c) => c.div(p[p.length - 1]));
  return [...new Map(barriers.filter((p) => p.length > 1).map((p) => [monic(p).join(), p])).values()];
}

function productOf(p: Univariate, q: Univariate): Univariate {
  const out = Array.from({ length: p.length + q.length - 1 }, () => Rational.ZERO);
  p.forEach((a, i) => q.forEach((b, k) => (out[i + k] = out[i + k].add(a.mul(b)))));
  return out;
}

/** A point strictly between; the ends of isolating intervals may be roots themselves. */
function inside(lo: End, hi: End): Rational {
  if (!lo) return hi ? hi.sub(Rational.ONE) : Rational.ZERO;
  return hi ? lo.add(hi).div(Rational.of(2)) : lo.add(Rational.ONE);
}

/** Points to compare values at: simple ones first. */
function pointsIn(lo: End, hi: End): Rational[] {
  const within = (x: Rational) => (!lo || lo.compare(x) < 0) && (!hi || x.compare(hi) < 0);
  return [...SIMPLE.filter(within).slice(0, 4), inside(lo, hi)];
}

function holdsAt(conditions: readonly Condition[], key: string, field: Field, x: Rational): boolean {
  return conditions.every(({ value, relation }) => {
    const sign = signAt(value, key, field, x);
    return relation === "> 0" ? sign > 0 : relation === ">= 0" ? sign >= 0 : sign !== 0;
  });
}
