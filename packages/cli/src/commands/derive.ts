import type { Command } from "commander";
import { type Expression, toLatex, toPretty, toText } from "gradus/math";
import { UsageError } from "../errors.ts";
import { readExpression, readGiven, usage, wholeNumber } from "../input.ts";
import { expressionJson, type Format, inFormat, print, printJson, printReading } from "../output.ts";

interface Options {
  wrt?: string;
  order: string;
  format: string;
  shapes?: string;
  json?: boolean;
}

export function addDerive(program: Command): void {
  program
    .command("derive")
    .description("the derivative of an expression")
    .argument("<expression>", 'maths such as "sin(x^2)"; - reads standard input')
    .option("--wrt <name>", "the variable to differentiate by; the only one, or x, unless told")
    .option("--order <n>", "how many times", "1")
    .option("--format <format>", "text, markdown or latex", "text")
    .option("--shapes <shapes>", "shapes of vectors and matrices, as in X=m×n,w=n,y=m")
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      '\nExamples:\n  gradus derive "sin(x^2)"\n  gradus derive "w_1 x_1 + w_2 x_2" --wrt w_1\n  gradus derive "x^x" --order 2 --format latex',
    )
    .action((source: string, options: Options) => derive(source, options));
}

function derive(source: string, options: Options): void {
  const order = wholeNumber("--order", options.order, 0, 100);
  const format = formatOf(options.format);
  const given = readGiven([], options);
  const e = readExpression(source, given, options.wrt ? [options.wrt] : []);
  const wrt = options.wrt ?? onlyVariable(e);
  if (e.variables.size > 0 || options.wrt) usage(() => e.variable(wrt));
  const result = e.derivative(wrt, order);
  if (options.json) {
    printJson({
      expression: expressionJson(e),
      wrt,
      order,
      result: expressionJson(result),
      reading: e.reading,
    });
    return;
  }
  const written = { text: toText(result.node), latex: toLatex(result.node), pretty: toPretty(result.node) };
  print(format === "text" ? `${mark(e, wrt, order)} = ${written.pretty}` : inFormat(written, format));
  printReading(e);
}

/** d²L/dw² */
function mark(e: Expression, wrt: string, order: number): string {
  const raised = order === 1 ? "" : [...String(order)].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]).join("");
  const d = e.variables.size > 1 ? "∂" : "d";
  const of = e.resultName ?? "";
  if (order === 0) return of || "f";
  const bracket = of || String(e).length > 60 ? "" : ` [${e}]`;
  return `${d}${raised}${of}/${d}${wrt}${raised}${bracket}`;
}

export function formatOf(text: string): Format {
  if (text !== "text" && text !== "markdown" && text !== "latex")
    throw new UsageError(`--format ${text}: expected text, markdown or latex`);
  return text;
}

/** x where it is a variable, else the only one there is. */
export function onlyVariable(e: Expression): string {
  const names = [...e.variables.keys()];
  if (names.length <= 1) return names[0] ?? "x";
  if (names.includes("x")) return "x";
  throw new UsageError(`the expression has several variables (${names.join(", ")}): say which with --wrt`);
}
