import type { Command } from "commander";
import { type Expression, localModel, type Rational, type TaylorModel, taylorModel } from "gradus/math";
import { UsageError } from "../errors.ts";
import {
  exactValues,
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
    .option("--eval <x=value>", "where to estimate the function")
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
  const truth = to && e.evaluateFinite(new Map([[[...e.variables.keys()][0], to.value]])).item();
  const estimates = to ? model.estimates(to.value) : [];
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
      ...(to && {
        evaluatedAt: to.value,
        trueValue: truth,
        estimates: estimates.map((value, k) => ({ order: k, value, error: value - (truth as number) })),
      }),
    });
    return;
  }
  show(model);
  if (to) showEstimates(model, to.value, estimates, truth as number);
  printReading(e);
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

function showEstimates(model: TaylorModel, to: number, estimates: readonly number[], truth: number): void {
  print(`\n  at ${model.variable} = ${number(to)}, true value ${number(truth, 10)}`);
  printEstimates(estimates, truth);
}

function printEstimates(estimates: readonly number[], truth: number): void {
  const rows = estimates.map((v, k) => [String(k), number(v, 10), (v - truth).toExponential(3)]);
  print(table(["order", "estimate", "error"], rows));
}
