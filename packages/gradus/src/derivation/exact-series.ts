import { topologicalOrder } from "../ir/graph.ts";
import { exactValue, type Node, scalarValue } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { expandFormulas } from "../transforms/expand.ts";

/*
 * Taylor coefficients as fractions, where they are rational: the same recurrences as in floating point, in exact
 * arithmetic. A series is its first coefficients; division by one that begins with zeros leaves fewer of them.
 */
type Series = readonly Rational[];

const { ZERO, ONE } = Rational;
/** Orders that removable singularities may use up, and where fractions grow beyond reading. */
const EXTRA = 12;
const MOST_DIGITS = 400;
/** Products of coefficients that all nodes may take together. */
const MOST_PRODUCTS = 200_000;

/** c_0 … c_order of a function of x at a rational point; undefined where they are not all seen to be rational. */
export function exactSeries(node: Node, x: Node, at: Rational, order: number): Series | undefined {
  const [root] = expandFormulas([node]);
  const nodes = topologicalOrder([root]);
  const length = order + 1 + EXTRA;
  if (nodes.length * length * length > MOST_PRODUCTS || nodes.some((n) => n.size !== 1)) return undefined;
  const known = new Map<Node, Series | undefined>();
  for (const n of nodes) {
    const inputs = n.inputs.map((i) => known.get(i));
    const series = n === x ? padded([at, ONE], length) : seriesOf(n, inputs, length);
    known.set(n, series?.some((c) => c.d.toString().length > MOST_DIGITS) ? undefined : series);
  }
  const found = known.get(root);
  return found && found.length > order ? found.slice(0, order + 1) : undefined;
}

function seriesOf(node: Node, inputs: readonly (Series | undefined)[], length: number): Series | undefined {
  if (inputs.length === 0) return constantOf(node, length);
  const { name } = node.primitive;
  if (name === "pow") return inputs[0] && powerOf(inputs[0], exponentOf(inputs[1]));
  if (name === "where") return inputs[0] && inputs[inputs[0][0].isZero ? 2 : 1];
  if (!inputs.every((s) => s !== undefined && s.length > 0)) return undefined;
  const [u, v] = inputs as Series[];
  return Object.hasOwn(RULES, name) ? RULES[name](u, v) : undefined;
}

function constantOf(node: Node, length: number): Series | undefined {
  const exact = exactValue(node);
  const value = scalarValue(node);
  // Of a float only what is surely meant: a half is, a rounded √2 is not.
  if (exact) return padded([exact], length);
  return value !== undefined && Number.isInteger(value * 64)
    ? padded([Rational.from(value)], length)
    : undefined;
}

const padded = (first: readonly Rational[], length: number): Rational[] =>
  Array.from({ length }, (_, k) => first[k] ?? ZERO);
const whole = (n: number): Rational => Rational.of(n);
const common = (u: Series, v: Series): number => Math.min(u.length, v.length);
const add = (u: Series, v: Series): Series => u.slice(0, common(u, v)).map((c, k) => c.add(v[k]));
const negative = (u: Series): Series => u.map((c) => c.neg());
const sub = (u: Series, v: Series): Series => add(u, negative(v));
const plus = (u: Series, n: number): Series => u.map((c, k) => (k === 0 ? c.add(whole(n)) : c));
const slope = (u: Series): Series => u.slice(1).map((c, k) => c.mul(whole(k + 1)));
const isConstant = (u: Series): boolean => u.slice(1).every((c) => c.isZero);

/** Σ f(j)·a_j·b_{k−j}, from j = from to `to`. */
function sum(
  a: Series,
  b: Series,
  k: number,
  from: number,
  to: number,
  f?: (j: number) => Rational,
): Rational {
  let total = ZERO;
  for (let j = from; j <= to; j++) {
    if (a[j].isZero || b[k - j].isZero) continue;
    const term = a[j].mul(b[k - j]);
    total = total.add(f ? term.mul(f(j)) : term);
  }
  return total;
}

const mul = (u: Series, v: Series): Series =>
  Array.from({ length: common(u, v) }, (_, k) => sum(u, v, k, 0, k));

function div(above: Series, below: Series): Series | undefined {
  let zeros = 0;
  while (zeros < common(above, below) && below[zeros].isZero) {
    if (!above[zeros].isZero) return undefined;
    zeros++;
  }
  const [u, v] = [above.slice(zeros), below.slice(zeros)];
  const q: Rational[] = [];
  for (let k = 0; k < common(u, v); k++) q.push(u[k].sub(sum(q, v, k, 0, k - 1)).div(v[0]));
  return q.length > 0 ? q : undefined;
}

/** ∫ f′(u)·u′, from a value. */
function integrated(value: Rational, rate: Series | undefined, u: Series): Series | undefined {
  return rate && [value, ...mul(rate, slope(u)).map((c, k) => c.div(whole(k + 1)))];
}

function exp(u: Series): Series | undefined {
  if (!u[0].isZero) return undefined;
  const y = [ONE];
  for (let k = 1; k < u.length; k++) y.push(sum(u, y, k, 1, k, whole).div(whole(k)));
  return y;
}

function log(u: Series): Series | undefined {
  return u[0].isOne ? integrated(ZERO, div(padded([ONE], u.length), u), u) : undefined;
}

/** sin and cos, or sinh and cosh, at 0. */
function circular(u: Series, sign: 1 | -1): { s: Series; c: Series } | undefined {
  if (!u[0].isZero) return undefined;
  const [s, c] = [[ZERO], [ONE]];
  for (let k = 1; k < u.length; k++) {
    s.push(sum(u, c, k, 1, k, whole).div(whole(k)));
    c.push(sum(u, s, k, 1, k, whole).div(whole(sign * k)));
  }
  return { s, c };
}

const ones = (u: Series): Series => padded([ONE], u.length);
const square = (u: Series): Series => mul(u, u);

type Rule = (u: Series, v: Series) => Series | undefined;

/** A function that is 0 at 0 and has the slope given. */
const fromZero =
  (rate: (u: Series) => Series | undefined): Rule =>
  (u) =>
    u[0].isZero ? integrated(ZERO, rate(u), u) : undefined;
const inCircle =
  (sign: 1 | -1, of: (p: { s: Series; c: Series }, one: Series) => Series | undefined): Rule =>
  (u) => {
    const p = circular(u, sign);
    return p && of(p, ones(u));
  };
const same: Rule = (u) => u;
const root = (u: Series, q: number) => powerOf(u, Rational.of(1, q));
const signed = (u: Series): Series | undefined => (u[0].isZero ? undefined : u[0].sign > 0 ? u : negative(u));
const compared =
  (holds: (sign: number) => boolean): Rule =>
  (u, v) => {
    const { sign } = u[0].sub(v[0]);
    const decided = sign !== 0 || (isConstant(u) && isConstant(v));
    return decided ? padded([holds(sign) ? ONE : ZERO], common(u, v)) : undefined;
  };
const greater = (u: Series, v: Series): Series | undefined => {
  const { sign } = u[0].sub(v[0]);
  return sign === 0 ? undefined : sign > 0 ? u : v;
};

const RULES: Readonly<Record<string, Rule>> = {
  add,
  sub,
  mul,
  div,
  neg: negative,
  broadcast: same,
  cast: same,
  reshape: same,
  exp,
  log,
  expm1: (u) => {
    const y = exp(u);
    return y && plus(y, -1);
  },
  log1p: (u) => log(plus(u, 1)),
  sqrt: (u) => root(u, 2),
  cbrt: (u) => root(u, 3),
  sin: inCircle(-1, ({ s }) => s),
  cos: inCircle(-1, ({ c }) => c),
  tan: inCircle(-1, ({ s, c }) => div(s, c)),
  sec: inCircle(-1, ({ c }, one) => div(one, c)),
  sinh: inCircle(1, ({ s }) => s),
  cosh: inCircle(1, ({ c }) => c),
  tanh: inCircle(1, ({ s, c }) => div(s, c)),
  sech: inCircle(1, ({ c }, one) => div(one, c)),
  atan: fromZero((u) => div(ones(u), plus(square(u), 1))),
  atanh: fromZero((u) => div(ones(u), plus(negative(square(u)), 1))),
  asin: fromZero((u) => powerOf(plus(negative(square(u)), 1), Rational.of(-1, 2))),
  asinh: fromZero((u) => powerOf(plus(square(u), 1), Rational.of(-1, 2))),
  sigmoid: (u) => {
    const y = exp(negative(u));
    return y && div(ones(u), plus(y, 1));
  },
  one_minus_square: (u) => plus(negative(square(u)), 1),
  hypot: (u, v) => root(add(square(u), square(v)), 2),
  abs: signed,
  relu: (u) => greater(u, padded([], u.length)),
  max: greater,
  min: (u, v) => {
    const y = greater(negative(u), negative(v));
    return y && negative(y);
  },
  less: compared((sign) => sign < 0),
  less_equal: compared((sign) => sign <= 0),
  greater: compared((sign) => sign > 0),
  greater_equal: compared((sign) => sign >= 0),
};

const exponentOf = (v: Series | undefined): Rational | undefined => (v && isConstant(v) ? v[0] : undefined);

/** uʳ for a constant r: y′u = r·u′·y. */
function powerOf(u: Series, r: Rational | undefined): Series | undefined {
  if (r === undefined || u.length === 0) return undefined;
  if (r.isInteger && r.sign < 0) {
    const below = powerOf(u, r.neg());
    return below && div(ones(u), below);
  }
  if (r.isInteger && u[0].isZero) return wholePower(u, r.toNumber());
  const first = rationalPower(u[0], r);
  if (u[0].isZero || first === undefined) return undefined;
  const y = [first];
  for (let k = 1; k < u.length; k++) {
    const total = sum(u, y, k, 1, k, (j) => r.mul(whole(j)).sub(whole(k - j)));
    y.push(total.div(u[0].mul(whole(k))));
  }
  return y;
}

function wholePower(u: Series, n: number): Series {
  // From here on all its coefficients are zero.
  if (n >= u.length) return padded([], u.length);
  let y: Series = ones(u);
  for (let i = 0; i < n; i++) y = mul(y, u);
  return y;
}

/** cʳ where it is rational. */
function rationalPower(c: Rational, r: Rational): Rational | undefined {
  const p = Number(r.n);
  if (Math.abs(p) * c.toString().length > MOST_DIGITS) return undefined;
  if (r.isInteger) return c.pow(p);
  if (c.sign < 0) return undefined;
  const q = Number(r.d);
  const [n, d] = [wholeRoot(c.n, q), wholeRoot(c.d, q)];
  return n === undefined || d === undefined ? undefined : Rational.of(n, d).pow(p);
}

function wholeRoot(value: bigint, q: number): bigint | undefined {
  const near = Math.round(Number(value) ** (1 / q));
  if (!Number.isSafeInteger(near)) return undefined;
  const found = BigInt(near);
  return found ** BigInt(q) === value ? found : undefined;
}
