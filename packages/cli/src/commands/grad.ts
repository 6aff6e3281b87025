import type { Command } from "commander";
import type { Tensor } from "gradus";
import { type BackwardPass, backwardPass } from "gradus/math";
import { UsageError } from "../errors.ts";
import { completeValues, numberOf, readExpression, readGiven, usage } from "../input.ts";
import { paint, print, printJson, printReading, table, value, writtenJson } from "../output.ts";

interface Options {
  wrt?: string;
  rate: string;
  values?: string;
  json?: boolean;
}

export function addGrad(program: Command): void {
  program
    .command("grad")
    .description("forward pass, backward pass, gradient, and one step of gradient descent")
    .argument(
      "<expression>",
      'named lines such as "z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2"; - reads standard input',
    )
    .argument("[values...]", "a value for every variable: w=0.5, X=[[1,2],[3,4]]")
    .option("--wrt <names>", "variables of the gradient, with commas; all unless told")
    .option("--rate <number>", "the learning rate η", "0.1")
    .option("--values <file>", "values from a JSON file")
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      '\nExample:\n  gradus grad "z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2" w=0.5 x=1 b=0.1 y=1 --wrt w,b',
    )
    .action((source: string, values: string[], options: Options) => grad(source, values, options));
}

function grad(source: string, assignments: readonly string[], options: Options): void {
  const rate = numberOf(`--rate ${options.rate}`, options.rate).value;
  const given = readGiven(assignments, options);
  if (given.ranges.size > 0)
    throw new UsageError("grad takes one value for each variable; a range is for eval");
  const names = options.wrt?.split(",").map((n) => n.trim());
  const e = readExpression(source, given, names);
  for (const n of names ?? []) usage(() => e.variable(n));
  const pass = backwardPass(e, completeValues(e, given), { wrt: names, rate });
  if (options.json) printJson(json(pass, rate));
  else {
    show(pass, rate);
    printReading(e);
  }
}

const record = (map: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries([...map].map(([k, v]) => [k, v.toArray()]));

function json(pass: BackwardPass, rate: number): unknown {
  return {
    value: pass.value.toArray(),
    gradient: record(pass.gradient),
    forward: pass.forward.map((r) => ({
      name: r.name,
      formula: r.formula && writtenJson(r.formula),
      value: r.value.toArray(),
    })),
    backward: pass.backward.map((r) => ({
      name: r.name,
      adjoint: r.adjoint.toArray(),
      formula: r.formula && writtenJson(r.formula),
      parts: r.parts.map((p) => ({
        through: p.through,
        local: p.local && writtenJson(p.local),
        localValue: p.localValue?.toArray(),
      })),
    })),
    rate,
    update: record(new Map([...pass.update].map(([k, u]) => [k, u.to]))),
  };
}

function show(pass: BackwardPass, rate: number): void {
  print(paint("bold", "Forward"));
  print(
    table(
      ["", "formula", "value"],
      pass.forward.map((r) => [r.name, r.formula ? `= ${r.formula.pretty}` : "", value(r.value)]),
    ),
  );
  print(`\n${paint("bold", "Backward")}`);
  const rows = pass.backward.map((r) => [
    `∂${pass.result}/∂${r.name}`,
    chainText(pass.result, r),
    value(r.adjoint),
  ]);
  print(table(["", "chain rule", "value"], rows));
  print(`\n${paint("bold", "One step of gradient descent")}, η = ${rate}`);
  print(
    table(
      ["", "", ""],
      [...pass.update].map(([name, u]) => [
        `${name} ←`,
        `${value(u.from)} − ${rate} · ${signed(value(pass.gradient.get(name) as Tensor))}`,
        `= ${value(u.to)}`,
      ]),
    )
      .split("\n")
      .slice(1)
      .join("\n"),
  );
}

/** ∂L/∂a · ∂a/∂z = … · σ(z)(1 − σ(z)) */
function chainText(result: string, row: BackwardPass["backward"][number]): string {
  if (row.parts.length === 0) return row.name === result ? "= 1" : "";
  if (row.formula && row.parts.some((p) => !p.local)) return `= ${row.formula.pretty}`;
  const terms = row.parts.map((p) => {
    const local = `∂${p.through}/∂${row.name}`;
    const number = p.localValue ? value(p.localValue) : "";
    const known = p.local
      ? ` [${p.local.pretty}${number && number !== p.local.pretty ? ` = ${number}` : ""}]`
      : "";
    return p.through === result ? `${local}${known}` : `∂${result}/∂${p.through} · ${local}${known}`;
  });
  return `= ${terms.join(" + ")}`;
}

const signed = (text: string): string => (text.startsWith("-") ? `(${text})` : text);
