import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { type Expression, sample, taylorModel } from "gradus/math";
import { UsageError } from "../errors.ts";
import { exactValues, type Given, pointOf, readExpression, readGiven, usage, wholeNumber } from "../input.ts";
import { number, print, printJson, printReading } from "../output.ts";
import type { Curve, Picture } from "../plot/curves.ts";
import { plotAsSvg } from "../plot/svg.ts";
import { plotInTerminal } from "../plot/terminal.ts";
import { onlyVariable } from "./derive.ts";

interface Options {
  derivative?: boolean;
  tangent?: string;
  taylor?: string;
  at?: string;
  svg?: string;
  json?: boolean;
}

const POINTS = 601;

export function addPlot(program: Command): void {
  program
    .command("plot")
    .description("the graph of a function, in the terminal or as SVG")
    .argument("<expression>", 'maths such as "sin(x^2)"; - reads standard input')
    .argument("[values...]", "the range x=-3:3, and numbers for the other variables")
    .option("--derivative", "the derivative too")
    .option("--tangent <x=value>", "the tangent line at a point")
    .option("--taylor <order>", "the Taylor polynomial of that order")
    .option("--at <x=value>", "its point of expansion; the tangent's, or 0")
    .option("--svg <file>", "write the picture to a file")
    .option("--json", "the points as JSON")
    .addHelpText(
      "after",
      '\nExamples:\n  gradus plot "sin(x^2)" x=-3:3 --derivative\n  gradus plot "ln(1+x)" x=-0.9:2 --tangent x=0 --taylor 4 --svg log.svg',
    )
    .action((source: string, values: string[], options: Options) => plot(source, values, options));
}

function plot(source: string, assignments: readonly string[], options: Options): void {
  const given = readGiven(assignments, {});
  const whole = readExpression(source, given);
  const e = whole.with(exactValues(given));
  if (e.node.rank > 0) throw new UsageError(`the expression has shape [${e.shape}]: a graph is of a number`);
  const { variable, from, to } = rangeFor(e, given);
  const xs = along(from, to, (x) => x);
  const valuesOf = (f: Expression): number[] => [...sample(f, variable, xs)];
  const curves: Curve[] = [{ name: String(e), y: valuesOf(e) }];
  if (curves[0].y.every((y) => !Number.isFinite(y)))
    throw new UsageError(
      `the function has no finite value for ${variable} from ${number(from)} to ${number(to)}`,
    );
  if (options.derivative) {
    const d = e.derivative(variable);
    curves.push({ name: `derivative: ${short(String(d))}`, y: valuesOf(d) });
  }
  const tangent = options.tangent === undefined ? undefined : tangentAt(e, variable, options.tangent);
  if (tangent) curves.push({ name: tangent.name, y: along(from, to, tangent.line) });
  if (options.taylor !== undefined) curves.push(taylorCurve(e, variable, from, to, options));
  const picture: Picture = { variable, from, to, curves, mark: tangent?.mark };
  if (options.json) return printJson(json(picture));
  if (options.svg !== undefined) return save(options.svg, plotAsSvg(picture));
  print(plotInTerminal(picture));
  printReading(e);
}

function rangeFor(e: Expression, given: Given): { variable: string; from: number; to: number } {
  if (given.ranges.size > 1)
    throw new UsageError(
      `a graph goes over one range: ${[...given.ranges.keys()].join(" and ")} have one each`,
    );
  const [entry] = given.ranges;
  const name = entry?.[0] ?? onlyVariable(e);
  const { from, to } = entry?.[1] ?? { from: -5, to: 5 };
  if (from === to) throw new UsageError(`${name}=${from}:${to}: the range is one point`);
  const variable = e.variables.has(name) || e.variables.size === 0 ? name : nameIn(e, name);
  const others = [...e.variables.keys()].filter((n) => n !== variable);
  if (others.length > 0) throw new UsageError(`${others[0]} has no value: give ${others[0]}=…`);
  return { variable, from: Math.min(from, to), to: Math.max(from, to) };
}

/** The expression's own name for a variable: σ for sigma. */
function nameIn(e: Expression, name: string): string {
  const node = usage(() => e.variable(name));
  return [...e.variables].find(([, n]) => n === node)?.[0] as string;
}

function along(from: number, to: number, f: (x: number) => number): number[] {
  return Array.from({ length: POINTS }, (_, i) => f(from + ((to - from) * i) / (POINTS - 1)));
}

function tangentAt(e: Expression, variable: string, option: string) {
  const point = pointOf("--tangent", option);
  if (point.name !== undefined && nameIn(e, point.name) !== variable)
    throw new UsageError(`--tangent ${option}: the graph is over ${variable}`);
  const model = taylorModel(e, variable, point.exact, 1);
  return {
    name: `tangent: ${model.polynomial.pretty}`,
    line: (x: number) => model.estimates(x)[1],
    mark: { x: point.value, y: model.coefficients[0] },
  };
}

function taylorCurve(e: Expression, variable: string, from: number, to: number, options: Options): Curve {
  const order = wholeNumber("--taylor", options.taylor as string, 0, 100);
  const at = pointOf("--at", options.at ?? options.tangent ?? "0");
  const model = taylorModel(e, variable, at.exact, order);
  const y = along(from, to, (x) => model.estimates(x)[order]);
  return { name: `Taylor of order ${order} at ${variable} = ${number(at.value)}`, y };
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

function save(file: string, svg: string): void {
  try {
    writeFileSync(file, svg);
  } catch (error) {
    throw new UsageError(
      `--svg ${file}: the file cannot be written (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  print(`  written to ${file}`);
}

function json({ variable, from, to, curves }: Picture): unknown {
  const x = along(from, to, (v) => v);
  const finite = (v: number) => (Number.isFinite(v) ? v : null);
  return { variable, from, to, x, curves: curves.map((c) => ({ name: c.name, y: c.y.map(finite) })) };
}
