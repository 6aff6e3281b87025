import type { Command } from "commander";
import type { Tensor } from "gradus";
import {
  type BackwardPass,
  backwardPass,
  type Expression,
  forwardPass,
  gradientStep,
  type LocalStep,
  newtonStep,
} from "gradus/math";
import { UsageError } from "../errors.ts";
import { completeValues, type Given, numberOf, readExpression, readGiven, usage } from "../input.ts";
import { number, paint, print, printJson, printReading, table, value, writtenJson } from "../output.ts";

interface Options {
  wrt?: string;
  rate: string;
  mode: string;
  newton?: boolean;
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
    .option(
      "--mode <mode>",
      "reverse: the backward pass; forward: tangents of one variable (with --wrt)",
      "reverse",
    )
    .option("--newton", "also one step of Newton's method, and what each local model promised")
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
  if (options.mode !== "reverse" && options.mode !== "forward")
    throw new UsageError(`--mode ${options.mode}: expected reverse or forward`);
  if (options.mode === "forward") return forward(e, given, names, options);
  const pass = backwardPass(e, completeValues(e, given), { wrt: names, rate });
  const steps = options.newton ? localSteps(e, given, pass, rate) : [];
  if (options.json)
    printJson({ ...(json(pass, rate) as object), ...(options.newton ? { steps: steps.map(stepJson) } : {}) });
  else {
    show(pass, rate);
    for (const s of steps) showStep(s);
    printReading(e);
  }
}

function localSteps(e: Expression, given: Given, pass: BackwardPass, rate: number): LocalStep[] {
  const wrt = [...pass.gradient.keys()];
  const values = completeValues(e, given);
  return [gradientStep(e, values, wrt, rate), newtonStep(e, values, wrt)];
}

function stepJson(s: LocalStep): unknown {
  return {
    ...s,
    gradientFormulas: s.gradientFormulas.map(writtenJson),
    hessianFormulas: s.hessianFormulas?.map((r) => r.map(writtenJson)),
  };
}

function showStep(s: LocalStep): void {
  print(`\n${paint("bold", capital(s.method))}: ${s.rule.pretty}`);
  if (s.hessian && s.hessianFormulas) {
    const { variables } = s;
    const rows = variables.flatMap((a, i) =>
      variables
        .slice(i)
        .map((b, k) => [
          a === b ? `∂²/∂${a}²` : `∂²/∂${a}∂${b}`,
          `= ${(s.hessianFormulas as NonNullable<LocalStep["hessianFormulas"]>)[i][i + k].pretty}`,
          number((s.hessian as NonNullable<LocalStep["hessian"]>)[i][i + k]),
        ]),
    );
    print(table(["", "curvature", "value"], rows));
  }
  const moved = s.variables.map((n, i) => `${n} = ${number(s.from[i])} → ${number(s.to[i])}`).join(", ");
  print(`  ${moved}`);
  print(
    `  the ${s.method === "newton" ? "quadratic" : "linear"} model promised ${number(s.promised)} less; ${number(s.value)} → ${number(s.valueThere)} is ${number(s.actual)} less`,
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function forward(e: Expression, given: Given, names: readonly string[] | undefined, options: Options): void {
  const [wrt, ...more] = names ?? [...e.variables.keys()];
  if (wrt === undefined || (names && more.length > 0))
    throw new UsageError("forward mode goes along one variable: name it with --wrt");
  const rows = forwardPass(e, completeValues(e, given), wrt);
  if (options.json) {
    const plain = rows.map((r) => ({
      name: r.name,
      formula: r.formula && writtenJson(r.formula),
      value: r.value.toArray(),
      tangent: r.tangent && writtenJson(r.tangent),
      tangentValue: r.tangentValue.toArray(),
    }));
    return printJson({ wrt, rows: plain, derivative: rows[rows.length - 1].tangentValue.toArray() });
  }
  print(`${paint("bold", "Forward mode")}: values and tangents ∂/∂${wrt}, from the variable to the result`);
  print(
    table(
      ["", "formula", "value", "tangent", "value"],
      rows.map((r) => [
        r.name,
        r.formula ? `= ${r.formula.pretty}` : "",
        value(r.value),
        `∂${r.name}/∂${wrt} = ${r.tangent?.pretty ?? "0"}`,
        value(r.tangentValue),
      ]),
    ),
  );
  printReading(e);
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
  if (row.parts.length === 0)
    return row.name === result ? "= 1" : row.adjoint.rank === 0 ? `= ${value(row.adjoint)}` : "";
  if (row.formula && row.parts.some((p) => !p.local)) return `= ${row.formula.pretty}`;
  const terms = row.parts.map((p) => {
    const local = `∂${p.through}/∂${row.name}`;
    const number = p.localValue ? value(p.localValue) : "";
    const formula =
      p.local && `${p.local.pretty}${number && number !== p.local.pretty ? ` = ${number}` : ""}`;
    // The only step from the result: its local derivative is the whole of it.
    if (formula && p.through === result && row.parts.length === 1) return formula;
    const known = formula ? ` [${formula}]` : "";
    return p.through === result ? `${local}${known}` : `∂${result}/∂${p.through} · ${local}${known}`;
  });
  return `= ${terms.join(" + ")}`;
}

const signed = (text: string): string => (text.startsWith("-") ? `(${text})` : text);
