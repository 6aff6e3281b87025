import type { Derivation, Step } from "./derivation.ts";
import type { Line, Reason } from "./lines.ts";
import { type Written, writtenName } from "./written.ts";

export type DerivationFormat = "text" | "markdown" | "latex";
/** "short": what a lecturer writes. "full": every rule, with its general formula. */
export type Detail = "short" | "full";

type Form = "pretty" | "latex";

/** Beside longer lines a reason stands after two spaces. */
const REASON_COLUMN = 44;

/** A derivation as text, Markdown (with $…$) or LaTeX (an aligned block for each part). */
export function renderDerivation(
  d: Derivation,
  options: { format?: DerivationFormat; detail?: Detail } = {},
): string {
  const { format = "text", detail = "short" } = options;
  const parts = detail === "full" ? fullParts(d, format) : shortParts(d, format);
  return parts.filter((p) => p !== "").join(format === "text" ? "\n" : "\n\n");
}

function shortParts(d: Derivation, format: DerivationFormat): string[] {
  const locals = d.locals?.map((l) => board(l, format)) ?? [];
  return [...locals, board(d, format)];
}

function fullParts(d: Derivation, format: DerivationFormat): string[] {
  const tree = format === "text" ? textTree(d.step, "", "1") : listTree(d.step, format, 0);
  return [board(d, format), tree.join("\n")];
}

/** The lines of the whiteboard; where there are none, the step's own equation. */
function board(d: Derivation, format: DerivationFormat): string {
  const lines = d.lines.length > 1 ? d.lines : undefined;
  if (format === "text") {
    if (!lines) return `  = ${d.result.pretty}`;
    return [lines[0].written.pretty, ...lines.slice(1).map(textLine)].join("\n");
  }
  if (!lines) return displayed(`${d.of.latex} \\mapsto ${d.result.latex}`, format);
  const rows = lines.slice(1).map((l) => `&= ${l.written.latex}${reasonLatex(l.reasons)}`);
  return displayed(
    `\\begin{aligned}\n${lines[0].written.latex} ${rows.join(" \\\\\n")}\n\\end{aligned}`,
    format,
  );
}

function textLine(line: Line): string {
  const reason = line.reasons.map(reasonText).join("; ");
  const text = `  = ${line.written.pretty}`;
  return reason === "" ? text : `${text.padEnd(REASON_COLUMN)}  ${reason}`;
}

function reasonText({ rule, parts }: Reason): string {
  return parts.length === 0 ? rule : `${rule}: ${parts.map((p) => partText(p, "pretty")).join(", ")}`;
}

function partText({ role, name, value }: Step["parts"][number], form: Form): string {
  const own = value[form];
  return own === name ? `${role} ${name}` : `${role} ${name} = ${own}`;
}

function reasonLatex(reasons: readonly Reason[]): string {
  if (reasons.length === 0) return "";
  const shown = reasons.map(({ rule, parts }) => {
    const put = parts.map((p) => `,\\ ${p.name} = ${p.value.latex}`).join("");
    return `\\text{${rule.replaceAll("_", "\\_")}}${put}`;
  });
  return ` && ${shown.join(";\\ ")}`;
}

const displayed = (latex: string, format: DerivationFormat): string =>
  format === "markdown" ? `$$\n${latex}\n$$` : latex;

/** Every rule as a numbered tree: what it says, what was put in, what came out. */
function textTree(step: Step, indent: string, number: string): string[] {
  const general = step.general.pretty ? `:  ${step.general.pretty}` : "";
  const lines = [`${indent}${number} ${capital(step.rule)}${general}`];
  const inner = `${indent}${" ".repeat(number.length + 1)}`;
  for (const p of step.parts) lines.push(`${inner}${partText(p, "pretty")}`);
  step.steps.forEach((s, i) => {
    lines.push(...textTree(s, inner, `${number}.${i + 1}`));
  });
  lines.push(`${inner}${equation(step, "pretty")}`);
  return lines;
}

function listTree(step: Step, format: DerivationFormat, depth: number): string[] {
  const indent = "  ".repeat(depth);
  const maths = (latex: string) => `$${latex}$`;
  const rule = format === "markdown" ? `**${capital(step.rule)}**` : `\\textbf{${capital(step.rule)}}`;
  const general = step.general.latex ? `: ${maths(step.general.latex)}` : "";
  const parts = step.parts.map((p) => maths(`${p.name} = ${p.value.latex}`)).join(", ");
  const bullet = format === "markdown" ? "- " : "\\item ";
  const own = `${indent}${bullet}${rule}${general}${parts ? ` with ${parts}` : ""}: ${maths(equation(step, "latex"))}`;
  const inner = step.steps.flatMap((s) => listTree(s, format, depth + 1));
  if (format === "markdown") return [own, ...inner];
  // LaTeX nests four lists at most.
  if (depth >= 3) return [own, ...inner];
  const nested =
    inner.length > 0 ? [`${indent}  \\begin{itemize}`, ...inner, `${indent}  \\end{itemize}`] : [];
  const body = [own, ...nested];
  return depth === 0 ? ["\\begin{itemize}", ...body, "\\end{itemize}"] : body;
}

function equation(step: Step, form: Form): string {
  const d = step.partial ? (form === "pretty" ? "∂" : "\\partial ") : "d";
  const mark =
    form === "pretty"
      ? `${d}/${d}${step.by} [${step.of.pretty}]`
      : `\\frac{${d}}{${d}${writtenName(step.by).latex}}\\left[${step.of.latex}\\right]`;
  const left = step.left?.[form] ?? mark;
  const [applied, result] = [step.applied[form], step.result[form]];
  return applied === result ? `${left} = ${result}` : `${left} = ${applied} = ${result}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What `--json` and the Studio get: plain data, without graphs. */
export function derivationData(d: Derivation): DerivationData {
  return {
    of: plain(d.of),
    by: d.by,
    ...(d.name ? { name: d.name } : {}),
    result: plain(d.result),
    lines: d.lines.map((l) => ({
      ...plain(l.written),
      reasons: l.reasons.map((r) => ({ rule: r.rule, parts: r.parts.map(partData) })),
    })),
    ...(d.locals ? { locals: d.locals.map(derivationData) } : {}),
    step: stepData(d.step),
  };
}

interface FormulaData {
  readonly text: string;
  readonly latex: string;
}

interface PartData {
  readonly role: string;
  readonly name: string;
  readonly value: FormulaData;
}

/** One rule applied, as plain data. */
export interface StepData {
  readonly rule: string;
  readonly general: { readonly pretty: string; readonly latex: string };
  readonly of: FormulaData;
  readonly by: string;
  readonly parts: readonly PartData[];
  readonly applied: FormulaData;
  readonly result: FormulaData;
  readonly steps: readonly StepData[];
}

/** A derivation as plain data, for JSON and for a page. */
export interface DerivationData {
  readonly of: FormulaData;
  readonly by: string;
  readonly name?: string;
  readonly result: FormulaData;
  readonly lines: readonly (FormulaData & {
    readonly reasons: readonly { readonly rule: string; readonly parts: readonly PartData[] }[];
  })[];
  readonly locals?: readonly DerivationData[];
  readonly step: StepData;
}

function stepData(step: Step): StepData {
  return {
    rule: step.rule,
    general: step.general,
    of: plain(step.of),
    by: step.by,
    parts: step.parts.map(partData),
    applied: plain(step.applied),
    result: plain(step.result),
    steps: step.steps.map(stepData),
  };
}

const partData = (p: Step["parts"][number]): PartData => ({
  role: p.role,
  name: p.name,
  value: plain(p.value),
});
const plain = ({ text, latex }: Written): FormulaData => ({ text, latex });
