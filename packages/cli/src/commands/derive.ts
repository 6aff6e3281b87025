import type { Command } from "commander";
import {
  type Derivation,
  type Detail,
  derivation,
  derivationData,
  type Expression,
  gradientDerivation,
  implicitDerivation,
  indexNotation,
  renderDerivation,
} from "gradus/math";
import { UsageError } from "../errors.ts";
import { type Given, readExpression, readGiven, shownShape, sourceOf, usage, wholeNumber } from "../input.ts";
import {
  expressionJson,
  type Format,
  inFormat,
  paint,
  print,
  printJson,
  printReading,
  table,
} from "../output.ts";

interface Options {
  wrt?: string;
  order: string;
  format: string;
  detail: string;
  implicit?: string;
  shapes?: string;
  json?: boolean;
}

export function addDerive(program: Command): void {
  program
    .command("derive")
    .description("the derivative of an expression, with its derivation")
    .argument("<expression>", 'maths such as "sin(x^2)"; - reads standard input')
    .option(
      "--wrt <names>",
      "the variable to differentiate by, or several: w,b; the only one, or x, unless told",
    )
    .option("--order <n>", "how many times", "1")
    .option("--detail <detail>", "short: what a lecturer writes; full: every rule", "short")
    .option("--implicit <name>", "the variable that an equation makes a function, as y in x^2 + y^2 = 1")
    .option("--format <format>", "text, markdown or latex", "text")
    .option("--shapes <shapes>", "shapes of vectors and matrices, as in X=m×n,w=n,y=m")
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      '\nExamples:\n  gradus derive "sin(x^2)"\n  gradus derive "w_1 x_1 + w_2 x_2" --wrt w_1\n  gradus derive "x^x" --order 2 --format latex\n  gradus derive "x^2 + y^2 = 1" --implicit y\n  gradus derive "‖X w − y‖²" --wrt w --shapes X=m×n,w=n,y=m --detail full',
    )
    .action((source: string, options: Options) => derive(source, options));
}

function derive(source: string, options: Options): void {
  const order = wholeNumber("--order", options.order, 0, 100);
  const format = formatOf(options.format);
  const detail = detailOf(options.detail);
  const text = sourceOf(source);
  const given = readGiven([], options, text);
  const asked = options.wrt?.split(",").map((n) => n.trim());
  if (asked?.includes("")) throw new UsageError(`--wrt ${options.wrt}: expected names, as in w,b`);
  const names = [...(asked ?? []), ...(options.implicit === undefined ? [] : [options.implicit])];
  const e = readExpression(text, given, names);
  const ready = { ...options, order, format, detail };
  if (options.implicit !== undefined) return implicit(e, options.implicit, ready);
  if (e.equation)
    throw new UsageError("that is an equation: say which variable it makes a function, as in --implicit y");
  const all = [...new Set(asked ?? [onlyVariable(e)])];
  if (e.variables.size > 0 || asked) for (const wrt of all) usage(() => e.variable(wrt));
  if (options.json && all.length > 1) {
    printJson(all.map((wrt) => derivativeData(e, wrt, order)));
    return;
  }
  all.forEach((wrt, i) => {
    if (i > 0) print("");
    deriveBy(e, wrt, given, ready);
  });
  printReading(e);
}

function deriveBy(e: Expression, wrt: string, given: Given, options: Ready): void {
  const { order, format, detail } = options;
  if (options.json) {
    printJson(derivativeData(e, wrt, order));
    return;
  }
  const tensors = hasTensors(e, wrt);
  if (tensors && e.node.rank > 0 && showIndices(e, wrt, order, format)) return;
  const steps = stepsOf(e, wrt, order);
  const result = e.derivative(wrt, order);
  const written = { text: result.toText(), latex: result.toLatex(), pretty: String(result) };
  if (format === "text") {
    print(`${mark(e, wrt, order)} = ${written.pretty}`);
    if (tensors && order === 1 && e.node.rank === 0) showAdjoints(e, wrt, given);
    showSteps(steps, written.pretty, { format, detail });
  } else {
    print(inFormat(written, format));
    const worth = detail === "full" || steps.some((d) => d.lines.length > 2 || d.locals);
    if (worth) for (const d of steps) print(`\n${renderDerivation(d, { format, detail })}`);
  }
}

const hasTensors = (e: Expression, wrt: string): boolean =>
  e.node.rank > 0 || (e.variables.get(wrt)?.rank ?? 0) > 0;

const stepsOf = (e: Expression, wrt: string, order: number): readonly Derivation[] =>
  !hasTensors(e, wrt) && order > 0 && e.variables.size > 0 ? derivation(e, wrt, order) : [];

function derivativeData(e: Expression, wrt: string, order: number): unknown {
  const asked = { expression: expressionJson(e), wrt, order };
  const n = indicesOf(e, wrt, order);
  if (n)
    return {
      ...asked,
      indices: { left: n.left.latex, right: n.right.latex, pretty: `${n.left.pretty} = ${n.right.pretty}` },
      reading: e.reading,
    };
  const gradient = hasTensors(e, wrt) && order === 1 && e.node.rank === 0;
  return {
    ...asked,
    result: expressionJson(e.derivative(wrt, order)),
    steps: gradient ? adjointData(e, wrt) : stepsOf(e, wrt, order).map(derivationData),
    reading: e.reading,
  };
}

interface Ready extends Omit<Options, "order" | "format" | "detail"> {
  readonly order: number;
  readonly format: Format;
  readonly detail: Detail;
}

/** Steps under the answer; one line that only repeats it is left out. */
function showSteps(
  steps: readonly Derivation[],
  answer: string,
  how: Pick<Ready, "format" | "detail">,
): void {
  const says = (d: Derivation) =>
    how.detail === "full" ||
    d.locals ||
    d.lines.length > 2 ||
    d.lines.some((l) => l.reasons.length > 0) ||
    d.result.pretty !== answer;
  for (const d of steps) if (says(d)) print(`\n${renderDerivation(d, how)}`);
}

/** The forward lines, and the adjoint of each, for a gradient by a vector or matrix. */
function showAdjoints(e: Expression, wrt: string, given: Given): void {
  const g = gradientDerivation(e, wrt);
  if (g.backward.length === 0) return;
  print(`\n${paint("bold", "Forward")}`);
  print(
    table(
      ["", "", "shape"],
      g.forward.map((l) => [`${l.name}`, `= ${l.formula.pretty}`, shownShape(l.own.shape, given)]),
    ),
  );
  print(`\n${paint("bold", "Backward")}`);
  print(
    table(
      ["", "", "shape"],
      g.backward.map((l) => [l.symbol.pretty, `= ${l.formula.pretty}`, shownShape(l.shape, given)]),
    ),
  );
}

function adjointData(e: Expression, wrt: string): unknown {
  const g = gradientDerivation(e, wrt);
  const json = ({ text, latex }: { text: string; latex: string }) => ({ text, latex });
  return [
    ...g.forward.map((l) => ({
      pass: "forward",
      name: l.name,
      formula: json(l.formula),
      shape: l.own.shape,
    })),
    ...g.backward.map((l) => ({
      pass: "backward",
      name: l.name,
      adjoint: json(l.symbol),
      formula: json(l.formula),
      shape: l.shape,
    })),
  ];
}

/** A derivative that no product of matrices says, with indices. */
function indicesOf(e: Expression, wrt: string, order: number): ReturnType<typeof indexNotation> | undefined {
  const x = e.variables.get(wrt);
  if (!x || order !== 1 || e.node.rank === 0 || e.node.rank + x.rank <= 2) return undefined;
  return indexNotation(e.node, x, e.resultName);
}

/** True where it was written so. */
function showIndices(e: Expression, wrt: string, order: number, format: Format): boolean {
  const n = indicesOf(e, wrt, order);
  if (!n) return false;
  const latex = `${n.left.latex} = ${n.right.latex}`;
  print(
    format === "text"
      ? `${n.left.pretty} = ${n.right.pretty}`
      : inFormat({ text: "", pretty: "", latex }, format),
  );
  return true;
}

function implicit(e: Expression, dependent: string, { wrt, order, format, detail, json }: Ready): void {
  if (order < 1) throw new UsageError("--implicit needs --order 1 or more");
  if (!e.equation) throw new UsageError("--implicit needs an equation, such as x^2 + y^2 = 1");
  const others = [...new Set(equationVariables(e))].filter((n) => n !== dependent);
  const by = wrt ?? (others.includes("x") || others.length !== 1 ? "x" : others[0]);
  const found = implicitDerivation(e, by, dependent, order);
  const last = found[found.length - 1];
  if (json) {
    printJson({
      expression: { text: found[0].of.text, latex: found[0].of.latex },
      wrt: by,
      implicit: dependent,
      order,
      result: { text: last.result.text, latex: last.result.latex },
      steps: found.map(derivationData),
      reading: e.reading,
    });
    return;
  }
  if (format === "text") {
    print(`${last.lines[0].written.pretty} = ${last.result.pretty}`);
    const both = found[0].step.parts[0].value;
    print(`\nd/d${by} of both sides: ${both.pretty}`);
  }
  for (const d of found) print(renderDerivation(d, { format, detail }));
  printReading(e);
}

function equationVariables(e: Expression): string[] {
  const { left, right } = e.equation as NonNullable<Expression["equation"]>;
  return [left, right].flatMap((side) => [
    ...new (e.constructor as typeof Expression)(side).variables.keys(),
  ]);
}

export function detailOf(text: string): Detail {
  if (text !== "short" && text !== "full") throw new UsageError(`--detail ${text}: expected short or full`);
  return text;
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
