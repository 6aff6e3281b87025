import type { Command } from "commander";
import { type Fit, FitError, type FitOptions, fit, type LossName, lossNames } from "gradus/optimize";
import { withNames } from "../csv/names.ts";
import { readTable, type Table } from "../csv/table.ts";
import { UsageError } from "../errors.ts";
import { numberOf } from "../input.ts";
import { number, paint, print, printJson, table } from "../output.ts";
import { readBounds, readNumbers } from "../points.ts";

interface Options {
  model: string;
  start?: string;
  bounds?: string;
  weights?: string;
  loss?: string;
  scale?: string;
  level: string;
  json?: boolean;
}

export function addFit(program: Command): void {
  program
    .command("fit")
    .description("least squares: parameters with standard errors, intervals and correlations")
    .argument("<file>", "a CSV file with a header; - reads standard input")
    .requiredOption(
      "--model <equation>",
      'such as "y = b1 (1 - exp(-b2 x))": names of columns are data, others parameters',
    )
    .option("--start <values>", "first values: b1=500,b2=0.0001; guessed where none is told")
    .option("--bounds <bounds>", "b1=0:,b2=-1:1 (lower and upper)")
    .option("--weights <column>", "weights of the squares, such as 1/σ²")
    .option("--loss <name>", `one of ${lossNames.join(", ")}`, "linear")
    .option("--scale <number>", "the residual from which on a robust loss counts less")
    .option("--level <number>", "of the confidence intervals", "0.95")
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      '\nExample:\n  gradus fit data.csv --model "y = b1 (1 - exp(-b2 x))" --start b1=500,b2=0.0001',
    )
    .action((file: string, _options: Options, command: Command) => run(file, command.opts<Options>()));
}

function run(file: string, given: Options): void {
  const source = readTable(file);
  const { weights } = given;
  const options = {
    ...given,
    model: withNames(given.model, source.names),
    weights: weights && (source.names.get(weights) ?? weights),
  };
  const settings: FitOptions = {
    start: options.start === undefined ? undefined : readNumbers("--start", options.start),
    ...(options.bounds !== undefined && readBounds("--bounds", options.bounds)),
    weights: options.weights,
    loss: options.loss as LossName,
    scale:
      options.scale === undefined ? undefined : numberOf(`--scale ${options.scale}`, options.scale).value,
    level: numberOf(`--level ${options.level}`, options.level).value,
  };
  const found = fitted(source, options, settings);
  const headers = Object.fromEntries(
    [...source.names].filter(([header, name]) => header !== name && found.model.used.includes(name)),
  );
  if (options.json) printJson(json(found, headers));
  else show(found, headers);
}

/** What the library says of a call that could not be right with any data. */
const WRONG_CALL =
  /is no column|no left side|no parameters|there is no loss|level:|scale:|bounds:|has a start|outside its bounds|the start .* expected a number|one number for each row/;

/** A column that the model uses must hold numbers only: said by its line in the file, before the library sees it. */
function fitted(source: Table, options: Options, settings: FitOptions): Fit {
  const names = Object.keys(source.columns).filter(
    (name) => mentions(options.model, name) || name === options.weights,
  );
  for (const name of names) source.require(name);
  for (const [header, name] of source.names)
    if (header !== name && /^\p{L}+$/u.test(header) && mentions(options.model, header))
      throw new UsageError(
        `${header} has a meaning of its own in formulas: write the column as ${name}, or as "${header}" in quotes`,
      );
  try {
    return fit(options.model, source.columns, settings);
  } catch (error) {
    if (error instanceof FitError && WRONG_CALL.test(error.message)) throw new UsageError(error.message);
    throw error;
  }
}

const mentions = (model: string, name: string): boolean =>
  new RegExp(
    `(?<![\\p{L}\\p{N}_])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}_])`,
    "u",
  ).test(model);

/** Names that stand for other headers, by header. */
type Headers = Readonly<Record<string, string>>;

function json(found: Fit, headers: Headers): unknown {
  const finite = (x: number) => (Number.isFinite(x) ? x : null);
  return {
    parameters: found.parameters.map((p) => ({
      name: p.name,
      value: p.value,
      standardError: finite(p.standardError),
      interval: p.interval.map(finite),
      pValue: finite(p.pValue),
      ...(p.atBound && { atBound: true }),
    })),
    residualSumOfSquares: found.residualSumOfSquares,
    residualStandardError: finite(found.residualStandardError),
    rSquared: finite(found.rSquared),
    ...(Object.keys(headers).length > 0 && { headers }),
    observations: found.observations,
    degreesOfFreedom: found.degreesOfFreedom,
    level: found.level,
    correlations: found.correlations.map((row) => row.map(finite)),
    loss: found.loss,
    start: found.start,
    guessed: found.guessed,
    verdict: found.verdict.kind,
    explanation: found.verdict.text,
    evaluations: found.evaluations,
    steps: found.steps.map((s) => ({
      value: finite(s.value),
      promised: finite(s.promised),
      actual: finite(s.actual),
      ratio: finite(s.ratio),
      length: s.length,
      damping: s.damping,
      accepted: s.accepted,
    })),
  };
}

function show(found: Fit, headers: Headers): void {
  const { model, parameters } = found;
  print(
    `  ${paint("bold", `${model.left.toString()} = ${model.right.toString()}`)}, ${found.observations} rows`,
  );
  for (const [header, name] of Object.entries(headers)) print(`  ${name} is the column "${header}"`);
  const all = found.guessed.length === parameters.length;
  const start = Object.entries(found.start).map(
    ([n, v]) => `${n} = ${number(v, 5)}${!all && found.guessed.includes(n) ? " (guessed)" : ""}`,
  );
  print(`  start${all ? " (guessed)" : ""}: ${start.join(", ")}\n`);
  const percent = `${number(100 * found.level)} %`;
  print(
    table(
      ["parameter", "value", "standard error", `${percent} from`, "to"],
      parameters.map((p) => [
        p.name,
        number(p.value, 11),
        number(p.standardError, 6),
        number(p.interval[0], 7),
        number(p.interval[1], 7),
      ]),
    ),
  );
  const held = parameters.filter((p) => p.atBound).map((p) => p.name);
  if (held.length > 0)
    print(`  ${held.join(", ")}: on a bound, of which standard errors and intervals take no account`);
  if (parameters.length > 1) {
    print(`\n${paint("bold", "Correlations")}`);
    print(
      table(
        ["", ...parameters.map((p) => p.name)],
        found.correlations.map((row, i) => [
          parameters[i].name,
          ...row.slice(0, i + 1).map((c) => c.toFixed(4)),
        ]),
      ),
    );
  }
  print(
    `\n  residual sum of squares ${number(found.residualSumOfSquares, 11)}, residual standard error ${number(found.residualStandardError, 8)} (${found.degreesOfFreedom} degrees of freedom)`,
  );
  print(`  R² = ${number(found.rSquared, 8)}`);
  if (found.loss.name !== "linear") print(`  ${found.loss.name} loss ${number(found.loss.value)}`);
  print(`\n${residualPlot(found)}`);
  print(`  ${paint("bold", found.verdict.text)}`);
}

/** From few points in a cell to many. */
const MARKS = ["·", "∘", "●"];

/** Residuals against the fitted values: a pattern here is what the model misses. */
function residualPlot(found: Fit, columns = 60, rows = 9): string {
  const [low, high] = rangeOf(found.fitted);
  const residuals = found.observed.map((y, i) => y - found.fitted[i]);
  const [least, largest] = rangeOf(residuals);
  const most = Math.max(Math.abs(least), Math.abs(largest)) || 1;
  const middle = (rows - 1) / 2;
  const counts = Array.from({ length: rows }, () => new Float64Array(columns));
  residuals.forEach((r, i) => {
    const c = Math.round(((found.fitted[i] - low) / (high - low || 1)) * (columns - 1));
    counts[Math.round(middle - (r / most) * middle)][c]++;
  });
  // Where points crowd, the mark tells how many; a few are drawn as what they are.
  const crowd = Math.max(...counts.map((row) => row.reduce((a, b) => Math.max(a, b), 0)));
  const mark = (count: number) =>
    crowd < 8 ? "●" : MARKS[Math.min(MARKS.length - 1, Math.floor((3 * Math.log(count)) / Math.log(crowd)))];
  const cells = counts.map((row, r) =>
    Array.from(row, (count) => (count > 0 ? mark(count) : r === middle ? "─" : " ")),
  );
  const label = (r: number) =>
    (r === 0 ? number(most, 3) : r === middle ? "0" : r === rows - 1 ? number(-most, 3) : "").padStart(10);
  return [
    "  residuals over fitted values",
    ...cells.map((row, r) => `${label(r)} │${row.join("")}`),
    `${" ".repeat(12)}${number(low, 4)}${number(high, 4).padStart(columns - number(low, 4).length)}`,
  ].join("\n");
}

function rangeOf(values: Float64Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
}
