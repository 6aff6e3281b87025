import { toSvg } from "gradus-charts";
import { type GraphAnswer, graphAnswer, graphPicture, type Row, stepsOf } from "gradus-charts/graph";
import { formula } from "../formula.ts";
import { type Html, html, trusted } from "../html.ts";
import { type BlockKind, table } from "./block.ts";

/** `::graph{lines="z = w x + b; a = σ(z)" values="w=0.5, x=1, b=0.1"}`: the computation graph with both passes. */
export const graph: BlockKind = {
  place: "leaf",
  attributes: ["lines", "values", "parts"],
  render: async (a, { quantities }) => {
    const lines = a.text("lines");
    const values = new Map([...quantities, ...a.assignments("values")]);
    const used = Object.fromEntries([...values].filter(([name]) => mentions(lines, name)));
    const g = await graphAnswer({ f: lines, values: used, wrt: "", vertical: false });
    const parts = a.choice("parts", ["all", "picture", "tables"], "all");
    return { html: html`${parts === "tables" ? "" : drawn(g)}${parts === "picture" ? "" : tables(g)}` };
  },
};

/** Whether a name stands in a text, as a whole. */
export function mentions(text: string, name: string): boolean {
  const at = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}\\p{M}_])${at}(?![\\p{L}\\p{N}\\p{M}_])`, "u").test(text);
}

function drawn(g: GraphAnswer): Html {
  const scene = graphPicture(g, { mode: "reverse", count: stepsOf(g, "reverse").length, selected: "" });
  return html`<figure class="picture wide" tabindex="0" role="region" aria-label="computation graph">${trusted(toSvg(scene))}</figure>`;
}

function tables(g: GraphAnswer): Html {
  const rows = (list: readonly Row[]) =>
    list.map((r) => [formula(r.symbol), r.formula ? formula(r.formula.latex) : "", r.value]);
  return html`<div class="columns"><div class="forward">${table(["forward", "formula", "value"], rows(g.forward))}</div><div class="backward">${table(["backward", "formula", "value"], rows(g.backward))}</div></div>`;
}
