/** What the view Derive asks of the library, from plain data to plain data. */
import {
  type DerivationData,
  derivation,
  derivationData,
  type Expression,
  parse,
  sample as valuesOf,
} from "gradus/math";
import type { Formula } from "../../lib/formats.ts";

export interface DeriveAnswer {
  readonly variables: readonly string[];
  readonly wrt: string;
  readonly f: Formula;
  readonly result: Formula;
  /** One for each order. */
  readonly derivations: readonly DerivationData[];
  /** The partial derivatives, where there are several variables; and theirs. */
  readonly gradient?: readonly Formula[];
  readonly hessian?: readonly (readonly Formula[])[];
  /** Of a vector or matrix: its derivative by each variable. */
  readonly jacobian?: readonly Formula[];
  readonly shape: readonly number[];
}

const formula = (e: Expression): Formula => ({ text: e.toText(), latex: e.toLatex() });

/** More curves than these are not told apart. */
const MOST_COMPONENTS = 6;

/** More than this, the matrix of second derivatives is no picture any more. */
const MOST_VARIABLES = 5;

export function derive(q: { f: string; wrt: string; order: number }): DeriveAnswer {
  const e = parse(q.f);
  const variables = [...e.variables.keys()];
  const wrt = variables.includes(q.wrt) ? q.wrt : variables.includes("x") ? "x" : (variables[0] ?? "x");
  const number = e.node.rank === 0;
  const several = number && variables.length > 1 && variables.length <= MOST_VARIABLES;
  const gradient = several ? variables.map((v) => e.derivative(v)) : undefined;
  const bound = variables.length === 0;
  return {
    variables,
    wrt,
    f: formula(e),
    shape: e.node.shape,
    result: formula(bound ? parse("0") : e.derivative(wrt, q.order)),
    ...(number || bound ? {} : { jacobian: variables.map((v) => formula(e.derivative(v))) }),
    derivations: bound || !number ? [] : derivation(e, wrt, q.order).map(derivationData),
    ...(gradient
      ? {
          gradient: gradient.map(formula),
          hessian: symmetric(variables.length, (i, j) =>
            formula(derivativeOrZero(gradient[i], variables[j])),
          ),
        }
      : {}),
  };
}

/** The order of two derivatives is nothing to them: each is worked out once, and written in one way. */
function symmetric<T>(size: number, at: (i: number, j: number) => T): T[][] {
  const rows: T[][] = [];
  for (let i = 0; i < size; i++)
    rows.push(Array.from({ length: size }, (_, j) => (j < i ? rows[j][i] : at(i, j))));
  return rows;
}

/** Of a function in which the variable does not stand, 0. */
function derivativeOrZero(e: Expression, name: string): Expression {
  return e.variables.has(name) ? e.derivative(name) : parse("0");
}

export interface Sampling {
  readonly f: string;
  readonly wrt: string;
  /** Values of the other variables. */
  readonly others: Readonly<Record<string, number>>;
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly at: number;
  readonly dx: number;
}

export interface Sample {
  readonly x: Float64Array;
  readonly f: Float64Array;
  readonly d: Float64Array;
  /** f(x), f'(x), f(x + Δx). */
  readonly value: number;
  readonly slope: number;
  readonly ahead: number;
}

// A drag asks for the same function again and again.
let last: { key: string; pair: readonly [Expression, Expression] } | undefined;

function valuesAt(q: Pick<Sampling, "f" | "wrt" | "others">, x: Float64Array): [Float64Array, Float64Array] {
  const key = JSON.stringify([q.f, q.wrt]);
  if (last?.key !== key) {
    const e = parse(q.f);
    last = { key, pair: [e, derivativeOrZero(e, q.wrt)] };
  }
  const names = last.pair[0].variables.keys();
  const others = new Map([...names].map((v) => [v, q.others[v] ?? 1]));
  const [f, d] = last.pair.map((e) => valuesOf(e, q.wrt, x, others));
  return [f, d];
}

export function sample(q: Sampling): Sample {
  const x = Float64Array.from({ length: q.count }, (_, i) => q.low + ((q.high - q.low) * i) / (q.count - 1));
  const [f, d] = valuesAt(q, Float64Array.from([...x, q.at, q.at + q.dx]));
  return {
    x,
    f: f.slice(0, q.count),
    d: d.slice(0, q.count),
    value: f[q.count],
    slope: d[q.count],
    ahead: f[q.count + 1],
  };
}

/** The first numbers of a vector or matrix, each over the picture. */
export function components(q: Omit<Sampling, "at" | "dx">): { x: Float64Array; curves: Float64Array[] } {
  const e = parse(q.f);
  const x = Float64Array.from({ length: q.count }, (_, i) => q.low + ((q.high - q.low) * i) / (q.count - 1));
  const others = [...e.variables.keys()].map((v) => [v, q.others[v] ?? 1] as const);
  const values = Array.from(x, (v) => e.evaluate(new Map([...others, [q.wrt, v]])).toTypedArray());
  const shown = Math.min(e.node.size, MOST_COMPONENTS);
  return {
    x,
    curves: Array.from({ length: shown }, (_, k) => Float64Array.from(values, (v) => Number(v[k]))),
  };
}

export interface Differences {
  readonly dx: Float64Array;
  /** |quotient − derivative|, forward and central. */
  readonly forward: Float64Array;
  readonly central: Float64Array;
}

const FROM = -16;
const PER_DECADE = 6;

/** The error of the difference quotients for Δx from 10⁻¹⁶ to 1: truncation falls, rounding rises. */
export function differences(q: Pick<Sampling, "f" | "wrt" | "others" | "at">): Differences {
  const dx = Float64Array.from({ length: -FROM * PER_DECADE + 1 }, (_, i) => 10 ** (FROM + i / PER_DECADE));
  const x = Float64Array.from([q.at, ...dx.map((h) => q.at + h), ...dx.map((h) => q.at - h)]);
  const [y, [slope]] = valuesAt(q, x);
  const n = dx.length;
  return {
    dx,
    forward: dx.map((h, i) => Math.abs((y[1 + i] - y[0]) / h - slope)),
    central: dx.map((h, i) => Math.abs((y[1 + i] - y[1 + n + i]) / (2 * h) - slope)),
  };
}
