import type { Command } from "commander";
import { Rational, type TaylorModel, taylorModel } from "gradus/math";
import { UsageError } from "../errors.ts";
import { type Given, numberOf, readExpression, readGiven, usage, wholeNumber } from "../input.ts";
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
    .option("--at <x=value>", "the point of expansion; x=0 unless told")
    .option("--order <n>", "the highest power", "2")
    .option("--eval <x=value>", "where to estimate the function")
    .option("--json", "answer as JSON")
    .addHelpText("after", '\nExample:\n  gradus taylor "ln(1+x)" --at x=0 --order 2 --eval x=0.1')
    .action((source: string, values: string[], options: Options) => taylor(source, values, options));
}

/** `x=0.1`, or just `0.1`. */
function pointOf(option: string, text: string): { name?: string; value: number; exact: Rational } {
  const [left, right] = text.includes("=")
    ? [text.slice(0, text.indexOf("=")).trim(), text.slice(text.indexOf("=") + 1)]
    : [undefined, text];
  const found = numberOf(`${option} ${text}`, right.trim());
  return { name: left, value: found.value, exact: found.rational ?? Rational.from(found.value) };
}

function taylor(source: string, assignments: readonly string[], options: Options): void {
  const order = wholeNumber("--order", options.order, 0, 1000);
  const at = pointOf("--at", options.at ?? "0");
  const to = options.eval === undefined ? undefined : pointOf("--eval", options.eval);
  const given = readGiven(assignments, {});
  const whole = readExpression(source, given, at.name ? [at.name] : []);
  const e = whole.with(exactValues(given));
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

function exactValues(given: Given): Map<string, Rational> {
  const exact = [...given.values].map(
    ([name, value]) => [name, given.exact.get(name) ?? Rational.from(value.item())] as const,
  );
  return new Map(exact);
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
}

function showEstimates(model: TaylorModel, to: number, estimates: readonly number[], truth: number): void {
  print(`\n  at ${model.variable} = ${number(to)}, true value ${number(truth, 10)}`);
  const rows = estimates.map((v, k) => [String(k), number(v, 10), (v - truth).toExponential(3)]);
  print(table(["order", "estimate", "error"], rows));
}
