import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { type Tensor, tensor } from "gradus";
import type { Expression } from "gradus/math";
import {
  type MethodName,
  type Minimization,
  type MinimizeOptions,
  methodNames,
  minimize,
  type Step,
} from "gradus/optimize";
import { type Contour, contourSvg, contourText } from "../contour.ts";
import { UsageError } from "../errors.ts";
import { numberOf, readExpression, readGiven, requireNumber, usage, wholeNumber } from "../input.ts";
import { counted, number, paint, print, printJson, printReading, table, value } from "../output.ts";
import { readBounds, readPoint, startOf, withFixed } from "../points.ts";

interface Options {
  from?: string;
  method?: string;
  rate?: string;
  steps?: string;
  bounds?: string;
  compare?: string;
  svg?: string;
  json?: boolean;
}

type Point = Record<string, number | Tensor>;
type Run = Minimization<Point>;

export function addMinimize(program: Command): void {
  program
    .command("minimize")
    .description(
      "the way down: each step with the decrease that its local model promised and the one that came",
    )
    .argument("<expression>", 'maths such as "(1-x)^2 + 100 (y-x^2)^2"; - reads standard input')
    .argument("[values...]", "numbers for variables that stay fixed: a=2")
    .option("--from <point>", "the start: x=-1.2,y=1 or w=[0,0]; 1 for every variable unless told")
    .option("--method <name>", `one of ${methodNames.join(", ")}`)
    .option("--rate <rate>", "learning rate of gd (a number, backtracking, exact), momentum, adam")
    .option("--steps <n>", "the most steps")
    .option("--bounds <bounds>", "x=0:,y=-1:1 (lower and upper; lbfgs)")
    .option("--compare <names>", "several methods side by side, with commas")
    .option("--svg <file>", "the contours and the path as a picture, for two variables")
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      '\nExample:\n  gradus minimize "(1-x)^2 + 100 (y-x^2)^2" --from x=-1.2,y=1 --method newton',
    )
    .action((source: string, values: string[], options: Options) => command(source, values, options));
}

function command(source: string, assignments: readonly string[], options: Options): void {
  const given = readGiven(assignments, {});
  if (given.ranges.size > 0)
    throw new UsageError("minimize takes one value for each fixed variable; a range is for eval");
  const from = options.from === undefined ? new Map<string, Tensor>() : readPoint(options.from);
  const known = {
    ...given,
    shapes: new Map([...given.shapes, ...[...from].map(([n, v]) => [n, [...v.shape]] as [string, number[]])]),
  };
  const e = readExpression(source, known, [...from.keys()]);
  if (e.shape.length > 0)
    throw new UsageError(`minimize needs one number, this has the shape [${e.shape}]: take a norm or a sum`);
  requireNumber("minimize", e);
  const { free, target } = withFixed(e, given.values);
  const start = completeStart(e, free, from, given.values);
  const settings = settingsOf(e, options, start);
  const methods = methodsOf(options);
  const runs = methods.map((method) => run(() => minimize(target, start, { ...settings, method })));
  if (options.svg !== undefined) writePicture(options.svg, runs, free, target);
  if (options.json) printJson(methods.length > 1 ? { compare: runs.map(json) } : json(runs[0]));
  else if (methods.length > 1) compare(runs);
  else show(runs[0], free, target, options.from === undefined);
  if (!options.json) printReading(e);
  const failed =
    runs.length === 1 &&
    ["unbounded below", "diverged", "not a number", "maximum", "saddle", "stuck"].includes(
      runs[0].verdict.kind,
    );
  if (failed) throw new Error(`minimize: ${runs[0].verdict.text}`);
}

/** Bounds and rates that do not fit the start or the method are a wrong call. */
function run(f: () => Run): Run {
  try {
    return f();
  } catch (error) {
    if (error instanceof Error && /^minimize: .*(bounds|the rate ")/.test(error.message))
      throw new UsageError(error.message);
    throw error;
  }
}

function methodsOf({ method, compare }: Options): (MethodName | undefined)[] {
  if (compare !== undefined && method !== undefined)
    throw new UsageError("give --method or --compare, not both");
  const names = compare?.split(",").map((n) => n.trim()) ?? [method];
  for (const name of names)
    if (name !== undefined && !(methodNames as readonly string[]).includes(name))
      throw new UsageError(`there is no method ${name}: choose one of ${methodNames.join(", ")}`);
  return names as (MethodName | undefined)[];
}

function completeStart(
  e: Expression,
  free: readonly string[],
  from: ReadonlyMap<string, Tensor>,
  fixed: ReadonlyMap<string, Tensor>,
): Point {
  if (free.length === 0) throw new UsageError("there is no variable to minimize over: none is free");
  for (const name of fixed.keys())
    if (from.has(name)) throw new UsageError(`${name} is given twice: fixed, and in --from`);
  const start = startOf(e, from);
  for (const name of free) {
    if (start[name] !== undefined) continue;
    if (from.size > 0) throw new UsageError(`${name} has no start: give --from …,${name}=…`);
    start[name] = 1;
  }
  return start;
}

function settingsOf(e: Expression, options: Options, start: Point): MinimizeOptions<Point> {
  const rate =
    options.rate === undefined || options.rate === "backtracking" || options.rate === "exact"
      ? options.rate
      : numberOf(`--rate ${options.rate}`, options.rate).value;
  if (typeof rate === "number" && !(rate > 0))
    throw new UsageError(`--rate ${options.rate}: expected a positive number`);
  const steps = options.steps === undefined ? undefined : wholeNumber("--steps", options.steps, 1, 1_000_000);
  const names = new Map([...e.variables].map(([name, node]) => [node, name]));
  const canonical = (side: Record<string, number>) =>
    Object.fromEntries(
      Object.entries(side).map(([n, v]) => [names.get(usage(() => e.variable(n))) as string, v]),
    );
  if (options.bounds === undefined) return { rate, steps };
  const { lower, upper } = readBounds("--bounds", options.bounds);
  for (const name of [...Object.keys(canonical(lower)), ...Object.keys(canonical(upper))])
    if (start[name] === undefined) throw new UsageError(`--bounds: ${name} is fixed`);
  return { rate, steps, lower: canonical(lower), upper: canonical(upper) };
}

/** JSON has no NaN and no infinity. */
const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);
const plain = (point: Point): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(point).map(([n, v]) => [n, typeof v === "number" ? finite(v) : v.toArray()]),
  );

function json(run: Run): unknown {
  return {
    method: run.method,
    point: plain(run.point),
    value: finite(run.value),
    verdict: run.verdict.kind,
    explanation: run.verdict.text,
    ...(run.verdict.smallestEigenvalue !== undefined && {
      smallestEigenvalue: run.verdict.smallestEigenvalue,
    }),
    ...(run.stableRate && {
      stableRate: run.stableRate.rate,
      largestEigenvalue: run.stableRate.largestEigenvalue,
    }),
    evaluations: run.evaluations.functions,
    work: run.evaluations,
    start: { ...run.start, point: plain(run.start.point) },
    steps: run.steps.map((s) => ({
      ...s,
      point: s.point && plain(s.point),
      value: finite(s.value),
      slope: finite(s.slope),
      promised: finite(s.promised),
      actual: finite(s.actual),
      ratio: finite(s.ratio),
      length: finite(s.length),
      setting: finite(s.setting),
    })),
  };
}

const pointText = (point: Point): string =>
  Object.entries(point)
    .map(([n, v]) => `${n} = ${typeof v === "number" ? number(v, 7) : value(tensor(v))}`)
    .join(", ");

/** The first and the last steps; those between are counted. */
const SHOWN = 12;

function show(
  run: Run,
  free: readonly string[],
  target: (p: Record<string, Tensor>) => Tensor,
  noStart: boolean,
): void {
  print(
    `  ${paint("bold", run.method)} from ${pointText(run.start.point)}${noStart ? " (no start was given)" : ""}, value ${number(run.start.value)}`,
  );
  const row = (s: Step<Point>) => [
    s.accepted ? String(s.index) : `${s.index} refused`,
    s.point ? pointText(s.point) : "",
    number(s.value),
    s.model,
    number(s.promised, 4),
    number(s.actual, 4),
    number(s.ratio, 4),
    number(s.length, 3),
    number(s.slope, 3),
  ];
  const { steps } = run;
  const rows =
    steps.length <= 2 * SHOWN + 1
      ? steps.map(row)
      : [
          ...steps.slice(0, SHOWN).map(row),
          ["…", `${steps.length - 2 * SHOWN} more steps`],
          ...steps.slice(-SHOWN).map(row),
        ];
  if (rows.length > 0)
    print(table(["step", "point", "value", "model", "promised", "came", "ratio", "length", "slope"], rows));
  const contour = contourOf(run, free, target);
  if (contour) print(`\n${contourText(contour)}`);
  print(`\n  ${pointText(run.point)}`);
  print(
    `  value ${number(run.value, 12)} after ${counted(steps.length, "step")}, ${counted(run.evaluations.functions, "evaluation")}`,
  );
  if (run.stableRate)
    print(
      `  stable learning rates: below 2/λmax = ${number(run.stableRate.rate, 5)} (λmax = ${number(run.stableRate.largestEigenvalue, 5)})`,
    );
  const paces = paceOf(run);
  if (paces) print(paces);
  print(`  ${paint("bold", run.verdict.text)}`);
}

/** How fast gradient descent can be at a minimum, by what the eigenvalues there are. */
function paceOf({ stableRate, verdict }: Run): string | undefined {
  const [least, largest] = [verdict.smallestEigenvalue ?? 0, stableRate?.largestEigenvalue ?? 0];
  if (verdict.kind !== "minimum" || !(least > 0 && largest >= least)) return undefined;
  const condition = largest / least;
  return `  best constant rate: 2/(λmin + λmax) = ${number(2 / (least + largest), 5)}; a step then leaves (κ − 1)/(κ + 1) = ${number((condition - 1) / (condition + 1), 5)} of the distance (κ = λmax/λmin = ${number(condition, 5)})`;
}

function compare(runs: readonly Run[]): void {
  print(
    table(
      ["method", "steps", "evaluations", "value", "verdict"],
      runs.map((r) => [
        r.method,
        String(r.steps.length),
        String(r.evaluations.functions),
        number(r.value),
        r.verdict.text,
      ]),
    ),
  );
}

/** For two numbers: the function, and where the run went. */
function contourOf(
  run: Run,
  free: readonly string[],
  target: (p: Record<string, Tensor>) => Tensor,
): Contour | undefined {
  if (free.length !== 2 || !free.every((n) => typeof run.start.point[n] === "number")) return undefined;
  const [a, b] = free;
  const path = [run.start.point, ...run.steps.map((s) => s.point)].flatMap((p) =>
    p === undefined ? [] : [{ x: p[a] as number, y: p[b] as number }],
  );
  if (!path.every((p) => Math.abs(p.x) < 1e12 && Math.abs(p.y) < 1e12)) return undefined;
  return { names: [a, b], f: (x, y) => target({ [a]: tensor(x), [b]: tensor(y) }).item(), path };
}

function writePicture(
  file: string,
  runs: readonly Run[],
  free: readonly string[],
  target: (p: Record<string, Tensor>) => Tensor,
): void {
  const contours = runs.flatMap((run) => {
    const contour = contourOf(run, free, target);
    return contour ? [{ name: run.method, ...contour }] : [];
  });
  const [contour] = contours;
  if (!contour)
    throw new UsageError(
      `--svg: a picture needs two variables that are numbers; here are ${free.join(", ")}`,
    );
  try {
    writeFileSync(file, contourSvg(contour, contours));
  } catch (error) {
    throw new UsageError(`--svg ${file}: the file cannot be written: ${(error as Error).message}`);
  }
}
