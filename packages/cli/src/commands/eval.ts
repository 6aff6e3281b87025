import type { Command } from "commander";
import { tensor } from "gradus";
import type { Expression } from "gradus/math";
import { UsageError } from "../errors.ts";
import { completeValues, type Given, readExpression, readGiven } from "../input.ts";
import { number, print, printJson, printReading, table, value } from "../output.ts";

interface Options {
  values?: string;
  json?: boolean;
}

export function addEval(program: Command): void {
  program
    .command("eval")
    .description("the value of an expression, or a table over a range")
    .argument("<expression>", 'maths such as "sin(x^2)"; - reads standard input')
    .argument("[values...]", "x=1.2, w=[1,2,3], or a range x=0:1:0.1")
    .option("--values <file>", "values from a JSON file")
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      '\nExamples:\n  gradus eval "sin(x^2)" x=1.2\n  gradus eval "sigmoid(x)" x=-4:4:1\n  gradus eval "‖X w − y‖²" X=[[1,2],[3,4]] w=[1,1] y=[3,6]',
    )
    .action((source: string, values: string[], options: Options) => evaluate(source, values, options));
}

function evaluate(source: string, assignments: readonly string[], options: Options): void {
  const given = readGiven(assignments, options);
  const e = readExpression(source, given);
  if (given.ranges.size > 0) return overRange(e, given, options);
  const result = e.evaluateFinite(completeValues(e, given));
  if (options.json) printJson({ value: result.toArray(), reading: e.reading });
  else {
    print(value(result));
    printReading(e);
  }
}

function overRange(e: Expression, given: Given, options: Options): void {
  if (given.ranges.size > 1)
    throw new UsageError(
      `a table goes over one range: ${[...given.ranges.keys()].join(" and ")} have one each`,
    );
  const [[name, range]] = given.ranges;
  const count = Math.floor((range.to - range.from) / range.step + 1e-9) + 1;
  const points = Array.from({ length: count }, (_, i) =>
    Number((range.from + i * range.step).toPrecision(15)),
  );
  const rows = points.map((x) => {
    const values = completeValues(e, { ...given, values: new Map([...given.values, [name, tensor(x)]]) });
    return { x, y: e.evaluate(values) };
  });
  // In a table a gap is shown as one; JSON has no NaN.
  const json = (v: unknown): unknown => (Array.isArray(v) ? v.map(json) : Number.isFinite(v) ? v : null);
  if (options.json)
    printJson({ variable: name, table: rows.map(({ x, y }) => ({ [name]: x, value: json(y.toArray()) })) });
  else
    print(
      table(
        [name, "value"],
        rows.map(({ x, y }) => [number(x), y.rank === 0 && !Number.isFinite(y.item()) ? "—" : value(y)]),
      ),
    );
}
