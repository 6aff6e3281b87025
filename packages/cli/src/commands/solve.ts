import type { Command } from "commander";
import { sub, type Tensor } from "gradus";
import { Expression } from "gradus/math";
import { findRoot, type Root, RootError } from "gradus/optimize";
import { UsageError } from "../errors.ts";
import { readExpression, readGiven } from "../input.ts";
import { number, paint, print, printJson, printReading, table } from "../output.ts";
import { readPoint, withFixed } from "../points.ts";

interface Options {
  from?: string;
  json?: boolean;
}

export function addSolve(program: Command): void {
  program
    .command("solve")
    .description("a root of an equation, by Newton's method, with the steps")
    .argument("<equation>", 'such as "cos x = x", or an expression that is to be 0; - reads standard input')
    .argument("[values...]", "numbers for the other variables: a=2")
    .option("--from <x=value>", "where to start; several places are tried unless told")
    .option("--json", "answer as JSON")
    .addHelpText("after", '\nExample:\n  gradus solve "cos x = x" --from x=1')
    .action((source: string, values: string[], options: Options) => solve(source, values, options));
}

/** Tried in turn where no start is given. */
const STARTS = [1, 0.5, -1, 2, -2, 0.1, 10, -10, 100, -100];

function solve(source: string, assignments: readonly string[], options: Options): void {
  const given = readGiven(assignments, {});
  if (given.ranges.size > 0)
    throw new UsageError("solve takes one value for each variable; a range is for eval");
  const from = options.from === undefined ? undefined : readPoint(options.from);
  const e = difference(
    readExpression(source, { ...given, values: new Map() }, [
      ...given.values.keys(),
      ...(from?.keys() ?? []),
    ]),
  );
  const { free, target } = withFixed(e, given.values);
  if (free.length === 0) throw new UsageError("there is no variable to solve for");
  const [name] = from ? [...from.keys()] : free;
  if (free.length > 1) {
    const other = free.find((n) => n !== name);
    throw new UsageError(`solve finds one variable; ${other} has no value: give ${other}=…`);
  }
  if (from && (from.size !== 1 || e.variable(name) !== e.variable(free[0])))
    throw new UsageError(`--from ${options.from}: expected a start for ${free[0]}, such as ${free[0]}=1`);
  const start = from?.get(name);
  if (start && start.size !== 1) throw new UsageError(`--from ${options.from}: expected one number`);
  const f = (x: Tensor) => target({ [free[0]]: x });
  const root = start ? findRoot(f, start.item()) : firstRoot(f);
  if (options.json)
    printJson({
      variable: free[0],
      root: root.x,
      residual: root.value,
      slope: root.slope,
      steps: root.steps,
    });
  else show(free[0], root, e);
}

/** Left side less right side. */
function difference(e: Expression): Expression {
  if (e.shape.length > 0)
    throw new UsageError(`solve needs one number on each side, got the shape [${e.shape}]`);
  if (e.equation) return new Expression(sub(e.equation.left, e.equation.right), { reading: e.reading });
  const named = e.resultName === undefined ? undefined : e.variables.get(e.resultName);
  // `x = cos x` names a line after a variable that it uses: an equation too.
  return named ? new Expression(sub(named, e.node), { reading: e.reading }) : e;
}

function firstRoot(f: (x: Tensor) => Tensor): Root {
  let failure: unknown;
  for (const start of STARTS) {
    try {
      return findRoot(f, start);
    } catch (error) {
      if (!(error instanceof RootError)) throw error;
      failure ??= error;
    }
  }
  throw new RootError(
    `no root was found from ${STARTS.length} starts between -100 and 100; ${(failure as Error).message}`,
  );
}

function show(name: string, root: Root, e: Expression): void {
  const rows = root.steps.map((s) => [
    String(s.index),
    number(s.x, 12),
    s.value.toExponential(3),
    number(s.slope, 6),
    s.step.toExponential(3),
  ]);
  if (rows.length > 0) print(table(["step", name, "f", "f'", "−f/f'"], rows));
  print(
    `\n  ${paint("bold", `${name} = ${number(root.x, 16)}`)}, where left − right is ${root.value.toExponential(1)}`,
  );
  printReading(e);
}
