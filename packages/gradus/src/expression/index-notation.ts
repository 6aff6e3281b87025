import { topologicalOrder } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Index, IndexForm } from "./index-form.ts";
import { jacobianTerms } from "./jacobian.ts";
import { nameOf } from "./print.ts";
import { toLatex } from "./print-latex.ts";
import { toPretty } from "./print-text.ts";
import { sizeLettersIn, writingSizes } from "./size-letters.ts";
import { tidyDerivatives } from "./tidy.ts";

const ROWS = "ijklmn";
const COLUMNS = "pqrstuvw";

interface Style {
  readonly node: (node: Node) => string;
  readonly lower: (indices: string) => string;
  readonly delta: string;
  readonly sum: string;
}

const pretty: Style = {
  node: toPretty,
  lower: (i) => (i.length === 1 ? `_${i}` : `_{${i}}`),
  delta: "δ",
  sum: "Σ",
};
const latex: Style = { node: toLatex, lower: (i) => `_{${i}}`, delta: "\\delta", sum: "\\sum" };

export interface IndexNotation {
  /** ∂y_i/∂x_{pq}, or what stands for it. */
  readonly left: { readonly pretty: string; readonly latex: string };
  readonly right: { readonly pretty: string; readonly latex: string };
}

/** The derivative of a tensor by a tensor, written with indices: Σ of products and Kronecker deltas. */
export function indexNotation(y: Node, x: Node, name = "y"): IndexNotation {
  const terms = jacobianTerms(y, x);
  const left = (style: Style): string => {
    const [rows, columns] = [ROWS.slice(0, y.rank), COLUMNS.slice(0, x.rank)];
    const own = (text: string, indices: string) => (indices ? text + style.lower(indices) : text);
    const [above, below] = [own(name, rows), own(nameOf(x), columns)];
    return style === latex ? `\\frac{\\partial ${above}}{\\partial ${below}}` : `∂${above}/∂${below}`;
  };
  // A factor such as 1/√d holds no variable any more that would know the letters of sizes.
  const sizes = sizeLettersIn(topologicalOrder([y]));
  const right = (style: Style): string =>
    writingSizes(sizes, () =>
      terms.length === 0
        ? "0"
        : signed(terms.map((t) => ({ negative: t.negative, text: term(t, y, style) }))),
    );
  return {
    left: { pretty: left(pretty), latex: left(latex) },
    right: { pretty: right(pretty), latex: right(latex) },
  };
}

function signed(terms: readonly { negative: boolean; text: string }[]): string {
  return terms
    .map((t, i) =>
      i === 0 ? (t.negative ? `-${t.text}` : t.text) : `${t.negative ? " - " : " + "}${t.text}`,
    )
    .join("");
}

function term(form: IndexForm, y: Node, style: Style): string {
  const letters = new Map<Index, string>();
  form.free.forEach((i, at) => {
    letters.set(i, at < y.rank ? ROWS[at] : COLUMNS[at - y.rank]);
  });
  const bound = boundIndices(form, letters);
  const spare = [...`${ROWS.slice(y.rank)}abcdefgh`];
  for (const i of bound) letters.set(i, spare.shift() as string);
  const lower = (indices: readonly Index[]) => style.lower(indices.map((i) => letters.get(i)).join(""));
  const parts = form.factors.map((f) => {
    const [node] = tidyDerivatives([f.node], f.node);
    const body = style.node(node);
    const plain = /^[\p{L}\p{M}\d𝓛]+$|^\\[a-z]+$/u.test(body);
    const shown =
      f.indices.length === 0
        ? plain || !/[ +]/.test(body)
          ? body
          : `(${body})`
        : `${plain ? body : `(${body})`}${lower(f.indices)}`;
    return f.inverse ? `1/${shown}` : shown;
  });
  for (const [i, j] of form.deltas)
    if (letters.get(i) !== letters.get(j)) parts.unshift(`${style.delta}${lower([i, j])}`);
  const factors = parts.filter((p) => p !== "1");
  const sums = bound.map((i) => `${style.sum}${style.lower(letters.get(i) as string)} `).join("");
  return sums + (factors.join(" ") || "1");
}

/** Bound indices that must be summed; those tied to another index by a delta take its letter. */
function boundIndices(form: IndexForm, letters: Map<Index, string>): Index[] {
  for (let changed = true; changed; ) {
    changed = false;
    for (const [i, j] of form.deltas) {
      const [from, to] = letters.has(i) ? [i, j] : [j, i];
      if (letters.has(from) && !letters.has(to)) {
        letters.set(to, letters.get(from) as string);
        changed = true;
      }
    }
  }
  return [...form.bound].filter(
    (i) => !letters.has(i) && !i.dummy && form.factors.some((f) => f.indices.includes(i)),
  );
}
