import type { Command } from "commander";
import { NotAnalyticError } from "gradus";
import {
  type Convergence,
  type Expression,
  localModel,
  MathError,
  type Rational,
  radiusOfConvergence,
  remainderBound,
  type TaylorModel,
  taylorModel,
} from "gradus/math";
import { UsageError } from "../errors.ts";
import {
  exactValues,
  intervalOf,
  type Point,
  pointsOf,
  readExpression,
  readGiven,
  usage,
  wholeNumber,
} from "../input.ts";
import { number, paint, print, printJson, printReading, table, writtenJson } from "../output.ts";
import { onlyVariable } from "./derive.ts";

interface Options {
  at?: string;
  order: string;
  eval?: string;
  on?: string;
  json?: boolean;
}

export function addTaylor(program: Command): void {
  program
    .command("taylor")
    .description(
      "Taylor polynomial: derivatives at a point, exact coefficients, estimates against the true value",
    )
    .argument("<expression>", 'maths such as "ln(1+x)"; - reads standard input')
    .argument("[values...]", "numbers for the other variables: b=1")
    .option("--at <x=value>", "the point of expansion; x=0 unless told; x=1,y=2 for several variables")
    .option("--order <n>", "the highest power", "2")
    .option("--eval <x=value>", "where to estimate the function, with the error and its proven bound")
    .option("--on <lo,hi>", "an interval: the error of the polynomial on all of it, with proof")
    .option("--json", "answer as JSON")
    .addHelpText("after", '\nExample:\n  gradus taylor "ln(1+x)" --at x=0 --order 2 --eval x=0.1')
    .action((source: string, values: string[], options: Options) => taylor(source, values, options));
}

/** Several variables: tangent plane and quadratic model. */
function several(
  e: Expression,
  at: readonly Point[],
  to: readonly Point[] | undefined,
  options: Options,
): void {
  const order = wholeNumber("--order", options.order, 0, 2);
  const names = new Map<string, Rational>();
  for (const p of at) {
    if (p.name === undefined)
      throw new UsageError(`--at ${options.at}: say which variable each number is for, as in x=1,y=2`);
    const node = usage(() => e.variable(p.name as string));
    names.set([...e.variables].find(([, n]) => n === node)?.[0] as string, p.exact);
  }
  for (const n of e.variables.keys()) if (!names.has(n)) throw new UsageError(`--at lacks ${n}: give ${n}=…`);
  const model = localModel(e, names, order);
  const there = to && new Map(to.map((p) => [p.name ?? "", p.value]));
  if (there)
    for (const n of names.keys()) if (!there.has(n)) throw new UsageError(`--eval lacks ${n}: give ${n}=…`);
  const truth = there && e.evaluateFinite(there).item();
  const estimates = there ? model.estimates(there) : [];
  if (options.json) {
    printJson({
      at: Object.fromEntries(model.at),
      partials: model.partials.map((p) => ({ by: p.by, formula: writtenJson(p.formula), value: p.value })),
      models: model.models.map((m) => ({ order: m.order, polynomial: writtenJson(m.polynomial) })),
      ...(there && {
        evaluatedAt: Object.fromEntries(there),
        trueValue: truth,
        estimates: estimates.map((value, k) => ({ order: k, value, error: value - (truth as number) })),
      }),
    });
    return;
  }
  print(
    table(
      ["", "derivative", "at the point"],
      model.partials.map((p) => [
        partialName(p.by),
        `= ${p.formula.pretty}`,
        p.exact?.toString() ?? number(p.value),
      ]),
    ),
  );
  const titles = ["value", "tangent plane", "quadratic model"];
  print();
  for (const m of model.models) print(`  ${paint("bold", titles[m.order])} = ${m.polynomial.pretty}`);
  if (there) {
    print(
      `\n  at ${[...there].map(([n, v]) => `${n} = ${number(v)}`).join(", ")}, true value ${number(truth as number, 10)}`,
    );
    printEstimates(estimates, truth as number);
  }
  printReading(e);
}

/** ∂²f/∂x∂y */
function partialName(by: readonly string[]): string {
  if (by.length === 0) return "f";
  if (by.length === 1) return `∂f/∂${by[0]}`;
  return by[0] === by[1] ? `∂²f/∂${by[0]}²` : `∂²f/∂${by[0]}∂${by[1]}`;
}

function taylor(source: string, assignments: readonly string[], options: Options): void {
  const order = wholeNumber("--order", options.order, 0, 1000);
  const points = pointsOf("--at", options.at ?? "0");
  const targets = options.eval === undefined ? undefined : pointsOf("--eval", options.eval);
  const given = readGiven(assignments, {});
  const names = points.flatMap((p) => (p.name === undefined ? [] : [p.name]));
  const whole = readExpression(source, given, names);
  const e = whole.with(exactValues(given));
  if (points.length > 1) return several(e, points, targets, options);
  const [at] = points;
  const to = targets?.[0];
  const wrt = at.name ?? onlyVariable(e);
  usage(() => e.variable(wrt));
  const others = [...e.variables.keys()].filter((n) => e.variable(n) !== e.variable(wrt));
  if (others.length > 0) throw new UsageError(`${others[0]} has no value: give ${others[0]}=…`);
  if (to?.name !== undefined && to.name !== wrt)
    throw new UsageError(`--eval ${options.eval}: the series is in ${wrt}`);
  const model = taylorModel(e, wrt, at.exact, order);
  const bounds = new Bounds(e, wrt, at.value);
  const on = options.on === undefined ? undefined : intervalOf(options.on);
  const wide = on && bounds.on(order, on);
  const near = to && estimated(e, model, bounds, to.value);
  if (options.json) {
    printJson({
      coefficients: model.coefficients,
      exact: model.exact.map((r) => r?.toString() ?? null),
      polynomial: writtenJson(model.polynomial),
      generalTerm: model.generalTerm
        ? { ...writtenJson(model.generalTerm.term), from: model.generalTerm.from }
        : null,
      derivatives: model.derivatives.map((d) => ({
        order: d.order,
        formula: d.formula && writtenJson(d.formula),
        value: d.value,
      })),
      convergence: radiusOf(e, wrt, at.value) ?? null,
      ...(to && near && { evaluatedAt: to.value, trueValue: near.truth, estimates: near.rows }),
      ...(on && wide && { on: { lo: on[0], hi: on[1], order, ...wide } }),
    });
    return;
  }
  show(model);
  const radius = radiusOf(e, wrt, at.value);
  if (radius) print(`  ${paint("bold", "radius of convergence")}: ${radius.verdict}`);
  if (to && near) showEstimates(model, to.value, near.rows, near.truth);
  if (on && wide) showOn(wrt, order, on, wide);
  printReading(e);
}

/** The radius of convergence with its cause; none where it cannot be estimated. */
function radiusOf(e: Expression, wrt: string, at: number): Convergence | undefined {
  try {
    return radiusOfConvergence(e.node, e.variable(wrt), at);
  } catch (error) {
    if (error instanceof NotAnalyticError || error instanceof MathError) return undefined;
    throw error;
  }
}

interface Estimate {
  readonly order: number;
  readonly value: number;
  readonly error: number;
  /** Proven: the error is at most this; null where no bound was found. */
  readonly bound: number | null;
}

/** Beyond this order a bound for each costs more than it tells. */
const MOST_BOUNDED = 24;

function estimated(
  e: Expression,
  model: TaylorModel,
  bounds: Bounds,
  to: number,
): { truth: number; rows: Estimate[] } {
  const truth = e.evaluateFinite(new Map([[[...e.variables.keys()][0], to]])).item();
  const rows = model.estimates(to).map((value, order) => ({
    order,
    value,
    error: value - truth,
    bound: order <= MOST_BOUNDED ? (bounds.on(order, [to, to]).bound ?? null) : null,
  }));
  return { truth, rows };
}

interface Bound {
  readonly bound?: number;
  readonly atLeast?: number;
  /** Why there is none. */
  readonly refused?: string;
}

/** Proven bounds of the remainder; a refusal is kept, in its own words. */
class Bounds {
  private readonly e: Expression;
  private readonly wrt: string;
  private readonly at: number;

  constructor(e: Expression, wrt: string, at: number) {
    this.e = e;
    this.wrt = wrt;
    this.at = at;
  }

  on(order: number, [lo, hi]: readonly [number, number]): Bound {
    try {
      const { bound, atLeast } = remainderBound(this.e.node, this.e.variable(this.wrt), this.at, order, [
        lo,
        hi,
      ]);
      return Number.isFinite(bound) ? { bound, atLeast } : { refused: "no finite bound was found" };
    } catch (error) {
      if (error instanceof NotAnalyticError || error instanceof MathError) return { refused: error.message };
      throw error;
    }
  }
}

function showOn(wrt: string, order: number, [lo, hi]: readonly [number, number], found: Bound): void {
  const place = `for all ${wrt} from ${number(lo)} to ${number(hi)}`;
  if (found.bound === undefined) print(`\n  no proven bound ${place}: ${found.refused}`);
  else
    print(
      `\n  ${paint("bold", "proven")}: ${place}, |f(${wrt}) − p(${wrt})| ≤ ${upward(found.bound)} (order ${order}); somewhere it is at least ${number(found.atLeast as number, 3)}`,
    );
}

/** Few digits, rounded up: still a bound. */
function upward(x: number): string {
  const short = Number(x.toPrecision(4));
  const text = short >= x ? x.toPrecision(4) : (short * (1 + 5e-4)).toPrecision(4);
  return number(Number(text), 4);
}

function show(model: TaylorModel): void {
  const f = (k: number) =>
    k <= 3 ? `f${"'".repeat(k)}` : `f⁽${[...String(k)].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]).join("")}⁾`;
  const point = number(model.at);
  const rows = model.derivatives.map((d) => {
    const c = model.exact[d.order]?.toString() ?? number(model.coefficients[d.order]);
    return [
      `${f(d.order)}(${model.variable})`,
      d.formula ? `= ${d.formula.pretty}` : "",
      `${f(d.order)}(${point}) = ${number(d.value)}`,
      c,
    ];
  });
  print(table(["", "derivative", `at ${model.variable} = ${point}`, "coefficient"], rows));
  print(`\n  ${paint("bold", `p(${model.variable})`)} = ${model.polynomial.pretty}`);
  if (model.generalTerm) print(`  ${paint("bold", "series")} = ${model.generalTerm.sum.pretty}`);
}

function showEstimates(model: TaylorModel, to: number, rows: readonly Estimate[], truth: number): void {
  print(`\n  at ${model.variable} = ${number(to)}, true value ${number(truth, 10)}`);
  printEstimates(
    rows.map((r) => r.value),
    truth,
    rows.map((r) => r.bound),
  );
}

function printEstimates(
  estimates: readonly number[],
  truth: number,
  given?: readonly (number | null)[],
): void {
  const bounds = given?.every((b) => b === null) ? undefined : given;
  const rows = estimates.map((v, k) => [
    String(k),
    number(v, 10),
    (v - truth).toExponential(3),
    ...(bounds ? [bounds[k] === null ? "" : `≤ ${upward(bounds[k] as number)}`] : []),
  ]);
  print(table(["order", "estimate", "error", ...(bounds ? ["|error| proven"] : [])], rows));
}
