import { parse } from "gradus/math";
import { variableOf, withQuantities } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { asTyped, formula } from "../formula.ts";
import { type BlockKind, number, table as written } from "./block.ts";

/** `::table{f="σ(x); max(0, x)" names="Sigmoid; ReLU" at=1}`: functions, their derivatives, their values. */
export const table: BlockKind = {
  place: "leaf",
  attributes: ["f", "names", "wrt", "at", "second"],
  render: (a, { quantities }) => {
    const list = a.list("f");
    if (list.length > 40) throw new LessonError(`f has ${list.length} functions: no more than 40 are shown`);
    const names = a.has("names") ? a.list("names") : [];
    const at = a.has("at") ? a.number("at") : undefined;
    const held = a.quantity("at");
    const rows = list.map((text, i) => {
      const e = a.expression("f", text);
      const variable =
        held !== undefined && e.variables.has(held) ? held : variableOf(e, a.optional("wrt"), quantities);
      const d = e.variables.has(variable) ? e.derivative(variable) : parse("0");
      const d2 = a.flag("second") ? [d.variables.has(variable) ? d.derivative(variable) : parse("0")] : [];
      const shown = [e, d, ...d2];
      const value = (f: typeof e) => {
        const v = withQuantities(f, new Map([...quantities, [variable, at as number]]), []).evaluate();
        return number(v.item());
      };
      return [
        names[i] ?? formula(asTyped(e.toLatex(), text)),
        ...shown.map((f) => formula(f === e ? asTyped(f.toLatex(), text) : f.toLatex())),
        ...(at === undefined ? [] : shown.map(value)),
      ];
    });
    const heads = [
      "function",
      "expression",
      "derivative",
      ...(a.flag("second") ? ["second derivative"] : []),
    ];
    const where =
      at === undefined
        ? []
        : heads.slice(1).map((h) => `${h === "expression" ? "value" : h} at ${number(at)}`);
    return { html: written([...heads, ...where], rows) };
  },
};
