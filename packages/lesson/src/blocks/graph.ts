import { graphOf } from "gradus/math";
import { toSvg } from "gradus-charts";
import { type GraphAnswer, graphAnswer, graphPicture, type Row, stepsOf } from "gradus-charts/graph";
import type { Numbers } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { formula } from "../formula.ts";
import { type Html, html, trusted } from "../html.ts";
import { named } from "../quantities.ts";
import { type BlockKind, table } from "./block.ts";

/** More are no picture for a page of text; the Studio shows them. */
const MOST_NODES = 120;

/** A graph of this width fits on every screen. */
const NARROW = 420;

/** `::graph{lines="z = w x + b; a = σ(z)" values="w=0.5, x=1, b=0.1"}`: the computation graph with both passes. */
export const graph: BlockKind = {
  place: "leaf",
  attributes: ["lines", "values", "parts"],
  render: async (a, { quantities }) => {
    const lines = a.text("lines");
    const values = new Map<string, Numbers>([...quantities, ...a.values("values")]);
    const used = Object.fromEntries(
      named([lines], [...values.keys()]).map((name) => [name, values.get(name) as Numbers]),
    );
    const e = a.expression("lines", lines, new Map(Object.entries(used)));
    for (const v of e.variables.keys())
      if (used[v] === undefined)
        throw new LessonError(`${v} has no value: give it in values="${v}=…", or a slider of that name`);
    const { length } = graphOf(e);
    if (length > MOST_NODES)
      throw new LessonError(
        `the graph has ${length} nodes: no more than ${MOST_NODES} are shown in a lesson`,
      );
    const [g, down] = await Promise.all(
      [false, true].map((vertical) => graphAnswer({ f: lines, values: used, wrt: "", vertical })),
    );
    const parts = a.choice("parts", ["all", "picture", "tables"], "all");
    return { html: html`${parts === "tables" ? "" : drawn(g, down)}${parts === "picture" ? "" : tables(g)}` };
  },
};

/** Across where there is room for it, else downwards: the page's style chooses. */
function drawn(across: GraphAnswer, down: GraphAnswer): Html {
  const svg = (g: GraphAnswer) => {
    const scene = graphPicture(g, { mode: "reverse", count: stepsOf(g, "reverse").length, selected: "" });
    return trusted(toSvg(scene));
  };
  const figure = (g: GraphAnswer, look: string) =>
    html`<figure class="picture wide ${look}" tabindex="0" role="region" aria-label="computation graph">${svg(g)}</figure>`;
  return across.width <= NARROW
    ? figure(across, "")
    : html`${figure(across, "across")}${figure(down, "down")}`;
}

function tables(g: GraphAnswer): Html {
  const rows = (list: readonly Row[]) =>
    list.map((r) => [formula(r.symbol), r.formula ? formula(r.formula.latex) : "", r.value]);
  return html`<div class="columns"><div class="forward">${table(["forward", "formula", "value"], rows(g.forward))}</div><div class="backward">${table(["backward", "formula", "value"], rows(g.backward))}</div></div>`;
}
