import type { Command } from "commander";
import type { Tensor } from "gradus";
import { type Expression, parse } from "gradus/math";
import { type LocalModel, localModel } from "gradus/optimize";
import { UsageError } from "../errors.ts";
import { completeValues, readExpression, readGiven, requireNumber, usage } from "../input.ts";
import { expressionJson, number, paint, print, printJson, printReading, table } from "../output.ts";
import { startOf, withFixed } from "../points.ts";

const ZERO = parse("0");

interface Options {
  wrt?: string;
  values?: string;
  json?: boolean;
}

export function addHessian(program: Command): void {
  program
    .command("hessian")
    .description("gradient, Hessian and its eigenvalues: in symbols, and at a point; what the point is")
    .argument("<expression>", 'maths such as "x^2 - y^2"; - reads standard input')
    .argument("[values...]", "the point: x=1 y=2, w=[1,2]")
    .option("--wrt <names>", "variables, with commas; all unless told")
    .option("--values <file>", "values from a JSON file")
    .option("--json", "answer as JSON")
    .addHelpText("after", '\nExample:\n  gradus hessian "x^3 + y^3 - 3 x y" x=1 y=1')
    .action((source: string, values: string[], options: Options) => hessian(source, values, options));
}

function hessian(source: string, assignments: readonly string[], options: Options): void {
  const given = readGiven(assignments, options);
  if (given.ranges.size > 0)
    throw new UsageError("hessian takes one value for each variable; a range is for eval");
  const wrt = options.wrt?.split(",").map((n) => n.trim());
  const e = readExpression(source, given, wrt);
  if (e.shape.length > 0) throw new UsageError(`a Hessian is of one number; this has the shape [${e.shape}]`);
  requireNumber("hessian", e);
  const names = (wrt ?? [...e.variables.keys()]).map((n) => nameIn(e, n));
  if (names.length === 0) throw new UsageError("there is no variable to differentiate by");
  const symbols = symbolsOf(e, names);
  const model = given.values.size > 0 ? modelAt(e, names, completeValues(e, given)) : undefined;
  if (options.json)
    printJson({
      variables: names,
      gradient: symbols?.gradient.map(expressionJson),
      hessian: symbols?.hessian.map((row) => row.map(expressionJson)),
      ...(model && {
        at: {
          value: model.value,
          gradient: model.gradient,
          hessian: model.hessian,
          eigenvalues: model.eigenvalues,
          point: model.verdict?.kind ?? "no stationary point",
          explanation: model.text,
        },
      }),
    });
  else show(names, symbols, model, e);
}

function nameIn(e: Expression, name: string): string {
  const node = usage(() => e.variable(name));
  return [...e.variables].find(([, n]) => n === node)?.[0] as string;
}

/** In symbols, where every variable is a number and the expression is defined by one formula. */
function symbolsOf(e: Expression, names: readonly string[]) {
  if (names.some((n) => e.variable(n).rank > 0)) return undefined;
  const gradient = names.map((n) => e.derivative(n));
  const hessian = gradient.map((g) => names.map((n) => (g.variables.has(n) ? g.derivative(n) : ZERO)));
  return { gradient, hessian };
}

function modelAt(e: Expression, names: readonly string[], values: ReadonlyMap<string, Tensor>): LocalModel {
  e.evaluateFinite(values);
  const fixed = new Map([...values].filter(([name]) => !names.includes(name)));
  const point = new Map(names.map((name) => [name, values.get(name) as Tensor]));
  return localModel(withFixed(e, fixed).target, startOf(e, point));
}

function show(
  names: readonly string[],
  symbols: ReturnType<typeof symbolsOf>,
  model: LocalModel | undefined,
  e: Expression,
): void {
  const rows = model?.names ?? names;
  print(paint("bold", "Gradient"));
  print(
    table(
      ["", symbols ? "derivative" : "", model ? "value" : ""],
      rows.map((name, i) => [
        `∂/∂${name}`,
        symbols?.gradient[i]?.toString() ?? "",
        model ? number(model.gradient[i]) : "",
      ]),
    ),
  );
  if (symbols) {
    print(`\n${paint("bold", "Hessian")}`);
    print(
      table(
        ["", ...names],
        symbols.hessian.map((row, i) => [names[i], ...row.map((h) => h.toString())]),
      ),
    );
  }
  if (model) {
    print(`\n${paint("bold", "Hessian at the point")}, value ${number(model.value)}`);
    print(
      table(
        ["", ...rows],
        model.hessian.map((row, i) => [rows[i], ...row.map((h) => number(h))]),
      ),
    );
    // What only rounding tells from 0 is 0.
    const noise = 1e-14 * Math.max(...model.eigenvalues.map(Math.abs));
    print(
      `\n  eigenvalues: ${model.eigenvalues.map((v) => (Math.abs(v) <= noise ? "0" : number(v))).join(", ")}`,
    );
    print(`  ${paint("bold", model.text)}`);
  }
  printReading(e);
}
