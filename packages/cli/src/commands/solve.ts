import type { Command } from "commander";
import { sub, type Tensor } from "gradus";
import { Expression, type Isolated, roots } from "gradus/math";
import { findRoot, type Root, RootError } from "gradus/optimize";
import { UsageError } from "../errors.ts";
import { exactValues, intervalOf, readExpression, readGiven, requireNumber, usage } from "../input.ts";
import { number, paint, print, printJson, printReading, table } from "../output.ts";
import { readPoint, withFixed } from "../points.ts";

interface Options {
  from?: string;
  on?: string;
  json?: boolean;
}

export function addSolve(program: Command): void {
  program
    .command("solve")
    .description("a root of an equation, by Newton's method, with the steps")
    .argument("<equation>", 'such as "cos x = x", or an expression that is to be 0; - reads standard input')
    .argument("[values...]", "numbers for the other variables: a=2")
    .option("--from <x=value>", "where to start; several places are tried unless told")
    .option("--on <lo,hi>", "every root on an interval, with proof")
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      '\nExamples:\n  gradus solve "cos x = x" --from x=1\n  gradus solve "sin(x) = x/4" --on 0,10',
    )
    .action((source: string, values: string[], options: Options) => solve(source, values, options));
}

/** Tried in turn where no start is given. */
const STARTS = [1, 0.5, -1, 2, -2, 0.1, 10, -10, 100, -100];

function solve(source: string, assignments: readonly string[], options: Options): void {
  const given = readGiven(assignments, {});
  if (given.ranges.size > 0)
    throw new UsageError("solve takes one value for each variable; a range is for eval");
  if (options.on !== undefined && options.from !== undefined)
    throw new UsageError("--on finds every root on an interval: it takes no start with --from");
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
  if (from && (from.size !== 1 || usage(() => e.variable(name)) !== e.variable(free[0])))
    throw new UsageError(`--from ${options.from}: expected a start for ${free[0]}, such as ${free[0]}=1`);
  if (options.on !== undefined)
    return everyRoot(e.with(exactValues(given)), free[0], intervalOf(options.on), options);
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
  if (e.equation) {
    const { left, right } = e.equation;
    const apart = sub(left, right);
    if (apart.rank > 0)
      throw new UsageError(`solve needs one number on each side, got the shape [${apart.shape}]`);
    return new Expression(apart, { reading: e.reading });
  }
  requireNumber("solve", e);
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
    `\n  ${paint("bold", `${name} = ${number(root.x, 16)}`)}, where left − right is ${root.value === 0 ? "0" : root.value.toExponential(1)}`,
  );
  printReading(e);
}

const SAYS = {
  unique: "exactly one root, proven",
  exists: "at least one root, proven",
  possible: "not decided: one root, several, or none",
};
/** More places that are not decided are told by one line. */
const MOST_OPEN = 8;
/** Rows shown at either end of a long table. */
const ENDS = 20;

function row(name: string, { interval: { lo, hi }, status, multiplicity }: Isolated): string[] {
  return [
    `${name} = ${number(lo + (hi - lo) / 2, 12)}`,
    hi > lo ? `± ${((hi - lo) / 2).toExponential(0)}` : "exact",
    multiplicity ? `exactly one root, of multiplicity ${multiplicity}, proven` : SAYS[status],
  ];
}

function elided(rows: readonly string[][]): readonly string[][] {
  if (rows.length <= 2 * ENDS + 1) return rows;
  return [...rows.slice(0, ENDS), ["…", "", `${rows.length - 2 * ENDS} more`], ...rows.slice(-ENDS)];
}

/** All roots on an interval, each in an interval of its own; outside of them there is none. */
function everyRoot(e: Expression, name: string, on: readonly [number, number], options: Options): void {
  const found = roots(e.node, e.variable(name), on);
  if (options.json) {
    printJson({ variable: name, on, ...found });
    return;
  }
  const open = found.roots.filter((root) => root.status === "possible");
  const few = open.length <= MOST_OPEN;
  const rows = elided(
    found.roots.filter((root) => few || root.status !== "possible").map((root) => row(name, root)),
  );
  const place = `from ${number(on[0])} to ${number(on[1])}`;
  if (rows.length > 0) print(table(["", "", ""], rows).split("\n").slice(1).join("\n"));
  const outside = found.gaps.length > 0 ? ", where it is defined" : "";
  const [from, to] = [open[0]?.interval.lo, open[open.length - 1]?.interval.hi];
  if (!few)
    print(
      `\n  not decided: ${open.length} places from ${number(from, 6)} to ${number(to, 6)}; --json lists them`,
    );
  if (!found.complete)
    print(`${few ? "\n" : ""}  the work budget ended first; a shorter interval gets further`);
  else if (rows.length === 0) print(`  no root ${place}${outside}: proven`);
  else print(`\n  ${paint("bold", `no other root ${place}${outside}`)}: proven`);
  printReading(e);
}
