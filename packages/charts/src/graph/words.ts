/** What a picture of a computation graph says in words and formulas, wherever it is shown. */
import { latexNumber } from "../range.ts";
import type { ShownEdge } from "./answer.ts";
import type { Mode, Step } from "./picture.ts";

/** What the last step did. */
export function told(steps: readonly Step[], count: number, mode: Mode): string {
  const now = count > 0 && count < steps.length ? steps[count - 1] : undefined;
  if (!now)
    return count === 0
      ? "Only the inputs are known."
      : mode === "reverse"
        ? "Both passes are complete."
        : "Values and tangents are complete.";
  if (now.kind === "value") return `Forward: ${now.node.title} gets its value ${now.node.value}.`;
  if (now.kind === "seed") return `Backward: it starts with 1, the derivative of ${now.node.name} by itself.`;
  return `Backward: adjoint × local derivative ${now.edge.localText || "in matrices"} sends ${now.edge.partValue} back.`;
}

/** As LaTeX: the local derivative of an edge, and the part that goes back along it. */
export function arithmetic(e: ShownEdge): { readonly local?: string; readonly part?: string } {
  const is = (value: string) => ` = ${latexNumber(value)}`;
  return {
    ...(e.local
      ? { local: `${e.symbol} = ${e.local.latex}${e.local.text === e.localValue ? "" : is(e.localValue)}` }
      : {}),
    ...(e.part
      ? {
          part: `${e.part.latex}${/\d/.test(e.partValue) && !e.partValue.includes("×") ? is(e.partValue) : ""}`,
        }
      : {}),
  };
}
