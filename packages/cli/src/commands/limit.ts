import type { Command } from "commander";
import { type Expression, limitTable } from "gradus/math";
import { UsageError } from "../errors.ts";
import { exactValues, pointOf, readExpression, readGiven, usage } from "../input.ts";
import { number, numberOrGap, paint, print, printJson, printReading, table } from "../output.ts";
import { onlyVariable } from "./derive.ts";

interface Options {
  at?: string;
  json?: boolean;
}

export function addLimit(program: Command): void {
  program
    .command("limit")
    .description("the limit definition of the derivative at work: quotients for Δx → 0")
    .argument("<expression>", 'maths such as "sin(x^2)"; - reads standard input')
    .argument("[values...]", "numbers for the other variables: b=1")
    .option("--at <x=value>", "the point; x=0 unless told")
    .option("--json", "answer as JSON")
    .addHelpText("after", '\nExamples:\n  gradus limit "sin(x^2)" --at x=1\n  gradus limit "|x|" --at x=0')
    .action((source: string, values: string[], options: Options) => limit(source, values, options));
}

function limit(source: string, assignments: readonly string[], options: Options): void {
  const at = pointOf("--at", options.at ?? "0");
  const given = readGiven(assignments, {});
  const e = readExpression(source, given, at.name ? [at.name] : []).with(exactValues(given));
  const wrt = at.name ?? onlyVariable(e);
  if (e.variables.size > 0) usage(() => e.variable(wrt));
  const own = [...e.variables.keys()];
  if (own.length > 1)
    throw new UsageError(
      `the slope in ${wrt} needs numbers for the other variables: give ${own
        .filter((n) => n !== wrt)
        .map((n) => `${n}=…`)
        .join(" ")}`,
    );
  if (e.node.rank > 0) throw new UsageError(`the expression has shape [${e.shape}]: a slope is of a number`);
  const f = (x: number) => e.evaluate(own.length > 0 ? new Map([[own[0], x]]) : new Map()).item();
  const result = limitTable(f, at.value);
  const slope = exactSlope(e, wrt, own[0], at.value, result.kind);
  if (options.json) {
    printJson({
      ...result,
      value: finite(result.value),
      derivative: slope ?? null,
      rows: result.rows.map(jsonRow),
    });
    return;
  }
  show(result, wrt, slope);
  printReading(e);
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);
const jsonRow = (r: ReturnType<typeof limitTable>["rows"][number]) => ({
  dx: r.dx,
  forward: finite(r.forward),
  backward: finite(r.backward),
  central: finite(r.central),
});

/** The derivative by the rules, where the quotients say that there is one. */
function exactSlope(e: Expression, wrt: string, own: string, at: number, kind: string): number | undefined {
  if (kind !== "differentiable") return undefined;
  const d = e.derivative(wrt);
  const value = d.evaluate(d.variables.size > 0 ? new Map([[own, at]]) : new Map()).item();
  return Number.isFinite(value) ? value : undefined;
}

function show(t: ReturnType<typeof limitTable>, x: string, slope: number | undefined): void {
  const point = number(t.at);
  print(
    Number.isFinite(t.value) ? `  f(${point}) = ${number(t.value)}\n` : `  f(${point}) has no finite value\n`,
  );
  const head = [
    "Δx",
    "(f(a+Δx) − f(a))/Δx",
    "(f(a) − f(a−Δx))/Δx",
    "central",
    ...(slope === undefined ? [] : ["error of central"]),
  ];
  const rows = t.rows.map((r) => [
    r.dx.toExponential(0),
    numberOrGap(r.forward, 10),
    numberOrGap(r.backward, 10),
    numberOrGap(r.central, 10),
    ...(slope === undefined ? [] : [(r.central - slope).toExponential(1)]),
  ]);
  print(table(head, rows));
  print(`\n  ${paint("bold", t.verdict)}`);
  const best = t.kind === "differentiable" ? t.central : undefined;
  if (best) print(`  extrapolated (Richardson): ${number(best.value, 12)} ± ${best.error.toExponential(0)}`);
  if (slope !== undefined) print(`  by the rules: f'(${point}) = ${number(slope, 12)}`);
  // Where f(a) is 0 nothing cancels.
  if (t.kind === "differentiable" && t.rounding.central > 1e-12 * Math.max(1, Math.abs(t.at))) {
    print(
      paint(
        "dim",
        `  Below Δx ≈ ${t.rounding.central.toExponential(0)} the central quotient gets worse again (forward: ${t.rounding.forward.toExponential(0)}): f(${x}+Δx) and f(${x}−Δx) agree in most digits, and their difference keeps only rounding.`,
      ),
    );
  }
}
