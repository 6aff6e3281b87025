import type { Formula } from "gradus-charts/graph";

/** A formula in the forms in which people take it with them. */
export type { Formula };

/** What the library wrote, as plain data for the page. */
export const formulaOf = ({ text, latex }: Formula): Formula => ({ text, latex });

/** A variable in LaTeX: w_12 has one subscript. */
export const symbol = (name: string): string => name.replace(/_(\w+)$/, "_{$1}");

/** To be looked at: long decimals cut to six digits. What is copied has all of them. */
export const shortDigits = (latex: string): string =>
  latex.replace(/\d+\.\d{6,}/g, (digits) => String(Number(Number(digits).toPrecision(6))));

/** Several as one: a gradient by its parts, a Hessian by its rows. */
export interface Formulas extends Formula {
  readonly parts?: readonly (Formula | readonly Formula[])[];
}

/** Text of a person in a template: nothing in it ends the template or begins code. */
export const quoted = (text: string): string => `math\`${text.replace(/[\\`$]/g, "\\$&")}\``;
const code = ({ text }: Formula): string => quoted(text);

export const asTypeScript = ({ parts, ...formula }: Formulas): string => {
  const row = (p: Formula | readonly Formula[]): string =>
    "text" in p ? code(p) : `[${p.map(code).join(", ")}]`;
  const value = parts ? `[\n${parts.map((p) => `  ${row(p)},\n`).join("")}]` : code(formula);
  return `import { math } from "gradus/math";\n\nconst f = ${value};\n`;
};

/** A column of formulas, or a matrix of them, as one to be shown and copied. */
export function arranged(parts: readonly (Formula | readonly Formula[])[]): Formulas {
  const rows = parts.map((p) => ("text" in p ? [p] : p));
  const text = (row: readonly Formula[]) => row.map((f) => f.text).join(", ");
  return {
    parts,
    text: parts.every((p) => "text" in p)
      ? `[${text(rows.flat())}]`
      : `[${rows.map((r) => `[${text(r)}]`).join(", ")}]`,
    latex: `\\begin{pmatrix}${rows.map((r) => r.map((f) => f.latex).join(" & ")).join(" \\\\[4pt] ")}\\end{pmatrix}`,
  };
}

/** A line of a derivation may hold what is not yet derived: no program is written of it. */
export const isFinished = ({ text }: Formula): boolean => !/[d∂]\/[d∂]/.test(text);
