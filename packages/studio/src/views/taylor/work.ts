/** What the view Taylor asks of the library, from plain data to plain data. */
import { NotAnalyticError, taylor } from "gradus";
import {
  type Expression,
  localModel,
  MathError,
  parse,
  Rational,
  radiusOfConvergence,
  remainderBound,
  sample,
  taylorModel,
} from "gradus/math";
import { latexNumber, shortNumber } from "gradus-charts";
import { type Formula, formulaOf, shortDigits } from "../../lib/formats.ts";

export interface Question {
  readonly f: string;
  readonly wrt: string;
  readonly others: Readonly<Record<string, number>>;
  readonly at: number;
  readonly order: number;
}

// A drag asks for the same function again and again.
let last: { key: string; e: Expression; wrt: string } | undefined;

/** A number as a person wrote it: 0.1 is a tenth. */
const exact = (v: number): Rational => Rational.from(String(v));

/** The function with numbers for all variables but one. */
function ofOne(q: Pick<Question, "f" | "wrt" | "others">): { e: Expression; wrt: string } {
  const key = JSON.stringify([q.f, q.wrt, q.others]);
  if (last?.key === key) return last;
  const e = parse(q.f);
  if (e.node.rank > 0 || e.node.dtype === "bool")
    throw new MathError("a Taylor series is of a function whose value is a number");
  const names = [...e.variables.keys()];
  const wrt = names.includes(q.wrt) ? q.wrt : names.includes("x") ? "x" : names[0];
  if (wrt === undefined)
    throw new MathError("a number has no Taylor series: type a function, such as ln(1+x)");
  const rest = names.filter((n) => n !== wrt).map((n) => [n, exact(q.others[n] ?? 1)] as const);
  last = { key, e: rest.length > 0 ? e.with(new Map(rest)) : e, wrt };
  return last;
}

export interface Curves {
  readonly at: number;
  readonly x: Float64Array;
  readonly f: Float64Array;
  /** Of every order that may be asked for: the page draws any polynomial of them within a frame. */
  readonly coefficients: readonly number[];
  /** The function at the point of expansion and where it is estimated. */
  readonly here: number;
  readonly there: number;
}

/** The quick part: the coefficients, and the function over the picture. */
export function taylorCurves(q: Question & { low: number; high: number; count: number; to: number }): Curves {
  const { e, wrt } = ofOne(q);
  const c = taylor((t) => e.apply(new Map([[wrt, t]])), q.at, q.order);
  const x = Float64Array.from({ length: q.count }, (_, i) => q.low + ((q.high - q.low) * i) / (q.count - 1));
  const f = sample(e, wrt, Float64Array.from([...x, q.at, q.to]));
  return {
    at: q.at,
    x,
    f: f.slice(0, q.count),
    coefficients: [...c],
    here: f[q.count],
    there: f[q.count + 1],
  };
}

export interface TaylorAnswer {
  readonly variables: readonly string[];
  readonly wrt: string;
  readonly at: number;
  readonly polynomial: Formula;
  /** To be looked at: as the polynomial, or by decimals where its fractions are too long to be read. */
  readonly shown: string;
  readonly series?: Formula;
  readonly derivatives: readonly {
    readonly order: number;
    readonly formula?: Formula;
    readonly value: number;
    /** f⁽ᵏ⁾(a)/k!, exact where it is a fraction short enough to be read. */
    readonly coefficient: string;
  }[];
}

export interface Convergence {
  readonly verdict: string;
  readonly radius: number;
  readonly singularities: readonly { readonly re: number; readonly im: number }[];
}

/** A fraction of more digits is read as a decimal. */
const LONGEST_FRACTION = 9;
const isShort = (r: Rational | undefined): boolean => !r || r.toString().length <= LONGEST_FRACTION;

/** c₀ + c₁ (x − a) + … by decimals. */
function decimals(wrt: string, at: number, coefficients: readonly number[]): string {
  const x = parse(wrt, { variables: [wrt] }).toLatex();
  const [sign, from] = [at < 0 ? "+" : "-", latexNumber(shortNumber(Math.abs(at), 6))];
  const base = at === 0 ? x : `(${x} ${sign} ${from})`;
  const terms = coefficients.flatMap((c, k) => {
    if (c === 0) return [];
    const power = k === 0 ? "" : k === 1 ? `\\,${base}` : `\\,${base}^{${k}}`;
    return [`${c < 0 ? "-" : "+"} ${latexNumber(shortNumber(Math.abs(c), 6))}${power}`];
  });
  return terms.join(" ").replace(/^\+ /, "") || "0";
}

export function taylorAnswer(q: Question): TaylorAnswer {
  const { e, wrt } = ofOne(q);
  const m = taylorModel(e, wrt, exact(q.at), q.order);
  return {
    variables: [...parse(q.f).variables.keys()],
    wrt,
    at: q.at,
    polynomial: formulaOf(m.polynomial),
    shown: m.exact.every(isShort) ? shortDigits(m.polynomial.latex) : decimals(wrt, q.at, m.coefficients),
    ...(m.generalTerm ? { series: { text: m.generalTerm.sum.pretty, latex: m.generalTerm.sum.latex } } : {}),
    derivatives: m.derivatives.map((d) => ({
      order: d.order,
      ...(d.formula ? { formula: formulaOf(d.formula) } : {}),
      value: d.value,
      coefficient:
        m.exact[d.order] && isShort(m.exact[d.order])
          ? `${m.exact[d.order]}`
          : shortNumber(m.coefficients[d.order], 6),
    })),
  };
}

/** How far the series converges, and what ends it; of no order. */
export function taylorConvergence(q: Omit<Question, "order">): Convergence | undefined {
  const { e, wrt } = ofOne(q);
  const c = tried(() => radiusOfConvergence(e.node, e.variable(wrt), q.at));
  return c && { verdict: c.verdict, radius: c.radius, singularities: c.singularities };
}

/** Undefined where the function is not analytic; the reason goes to `told`. */
function tried<T>(f: () => T, told?: (reason: string) => void): T | undefined {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof NotAnalyticError || error instanceof MathError)) throw error;
    told?.(error.message);
    return undefined;
  }
}

export interface Estimate {
  readonly order: number;
  readonly value: number;
  readonly error: number;
  /** Proven: |error| is at most this. */
  readonly bound?: number;
}

/** The estimate of each order where it is asked for, with its proven bound. */
export function taylorEstimates(q: Question & { to: number }): { truth: number; rows: Estimate[] } {
  const { e, wrt } = ofOne(q);
  const m = taylorModel(e, wrt, exact(q.at), q.order);
  const [truth] = sample(e, wrt, [q.to]);
  const rows = m.estimates(q.to).map((value, order) => {
    const proven = tried(() =>
      remainderBound(e.node, e.variable(wrt), q.at, order, q.to, { mostPieces: 16 }),
    );
    const bound = proven && Number.isFinite(proven.bound) ? proven.bound + proven.rounding : undefined;
    return { order, value, error: value - truth, ...(bound === undefined ? {} : { bound }) };
  });
  return { truth, rows };
}

export interface Band {
  /** The edges of the cells, one more than there are remainders. */
  readonly edges: readonly number[];
  /** f − p lies in it on the whole cell, proven; undefined where no proof was found. */
  readonly cells: readonly (readonly [number, number] | undefined)[];
  /** Why there is none in some. */
  readonly refusal?: string;
}

const CELLS = 32;
/** Of proving, in ms: what is left is left open. */
const TIME = 3_000;

/** Cells in which the band can be seen are cut once more, into so many. */
const FINER = 4;

/** The proven remainder, cell by cell outwards from the point. */
export function taylorBand(q: Question & { low: number; high: number }): Band {
  const { e, wrt } = ofOne(q);
  const x = e.variable(wrt);
  const started = performance.now();
  let refusal: string | undefined;
  const prove = (low: number, high: number): readonly [number, number] | undefined => {
    if (performance.now() - started > TIME) {
      refusal ??= "the proof of the rest would take too long";
      return undefined;
    }
    const found = tried(
      () => remainderBound(e.node, x, q.at, q.order, [low, high], { mostPieces: 8 }),
      (reason) => {
        refusal ??= reason;
      },
    );
    if (!found || !Number.isFinite(found.bound)) return undefined;
    return [found.remainder.lo - found.rounding, found.remainder.hi + found.rounding];
  };
  const coarse = cut(q.low, q.high, CELLS);
  const cells: Band["cells"][number][] = Array(CELLS).fill(undefined);
  const proveCell = (i: number): boolean => {
    cells[i] = prove(coarse[i], coarse[i + 1]);
    return cells[i] !== undefined;
  };
  const middle = Math.min(CELLS - 1, Math.max(0, Math.floor(((q.at - q.low) / (q.high - q.low)) * CELLS)));
  for (let i = middle; i < CELLS && proveCell(i); i++);
  for (let i = middle - 1; i >= 0 && proveCell(i); i--);
  const values = coarse.map((at) => e.evaluate({ [wrt]: at }).item()).filter(Number.isFinite);
  const height = Math.max(...values) - Math.min(...values);
  const fine = cells.map((cell, i) => {
    const edges = cut(coarse[i], coarse[i + 1], FINER);
    const seen = cell && cell[1] - cell[0] > 0.02 * height && cell[1] - cell[0] < 4 * height;
    const parts = seen ? edges.slice(1).map((high, k) => prove(edges[k], high)) : [];
    return seen && parts.every((p) => p !== undefined)
      ? { edges: edges.slice(0, -1), parts }
      : { edges: edges.slice(0, 1), parts: [cell] };
  });
  return {
    edges: [...fine.flatMap((f) => f.edges), q.high],
    cells: fine.flatMap((f) => f.parts),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

const cut = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);

export interface PlaneAnswer {
  readonly names: readonly [string, string];
  readonly at: readonly [number, number];
  readonly partials: readonly {
    readonly by: readonly string[];
    readonly formula: Formula;
    readonly value: number;
  }[];
  readonly models: readonly Formula[];
  readonly value: number;
  readonly gradient: readonly [number, number];
  /** f_xx, f_xy, f_yy. */
  readonly hessian: readonly [number, number, number];
}

/** Two variables: tangent plane and quadratic bowl. */
export function taylorPlane(q: { f: string; names: readonly string[]; at: readonly number[] }): PlaneAnswer {
  const m = localModel(parse(q.f), new Map(q.names.map((n, i) => [n, exact(q.at[i])])), 2);
  const value = (...by: string[]) =>
    m.partials.find((p) => p.by.length === by.length && p.by.every((b, i) => b === by[i]))?.value ??
    Number.NaN;
  const [x, y] = q.names;
  return {
    names: [x, y],
    at: [q.at[0], q.at[1]],
    partials: m.partials.map((p) => ({ by: p.by, formula: formulaOf(p.formula), value: p.value })),
    models: m.models.map((o) => formulaOf(o.polynomial)),
    value: value(),
    gradient: [value(x), value(y)],
    hessian: [value(x, x), value(x, y), value(y, y)],
  };
}

/** The values of a function of two variables on a grid, row by row from the lowest of the second. */
export function gridOf(q: {
  f: string;
  /** The same, where it was read already. */
  e?: Expression;
  names: readonly string[];
  x: readonly [number, number];
  y: readonly [number, number];
  columns: number;
  rows: number;
}): Float64Array {
  const e = q.e ?? parse(q.f);
  const along = (range: readonly [number, number], i: number, n: number) =>
    range[0] + ((range[1] - range[0]) * i) / (n - 1);
  const across = Float64Array.from({ length: q.columns }, (_, i) => along(q.x, i, q.columns));
  const values = new Float64Array(q.columns * q.rows);
  for (let r = 0; r < q.rows; r++)
    values.set(sample(e, q.names[0], across, new Map([[q.names[1], along(q.y, r, q.rows)]])), r * q.columns);
  return values;
}
