import { graphOf } from "gradus/math";
import { toSvg } from "gradus-charts";
import {
  arithmetic,
  edgeId,
  type GraphAnswer,
  graphAnswer,
  graphPicture,
  type Row,
  type ShownEdge,
  stepsOf,
  told,
} from "gradus-charts/graph";
import type { Numbers } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { formula } from "../formula.ts";
import { type Html, html, trusted } from "../html.ts";
import { named } from "../quantities.ts";
import { type BlockKind, type Looked, table } from "./block.ts";

/** More are no picture for a page of text; the Studio shows them. */
const MOST_NODES = 120;

/** A graph of this width fits on every screen. */
const NARROW = 420;

/** `::graph{lines="z = w x + b; a = σ(z)" values="w=0.5, x=1, b=0.1"}`: the computation graph; both passes step by step. */
export const graph: BlockKind = {
  place: "leaf",
  attributes: ["lines", "values", "parts"],
  render: async (a, { quantities, looked }) => {
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
    return {
      html: html`${parts === "tables" ? "" : drawn(g, down, looked)}${parts === "picture" ? "" : tables(g)}`,
    };
  },
};

/** Across where there is room for it, else downwards: the page's style chooses. */
function drawn(across: GraphAnswer, down: GraphAnswer, looked: Looked = {}): Html {
  const steps = stepsOf(across, "reverse");
  const count = Math.min(looked.step ?? steps.length, steps.length);
  const figure = (g: GraphAnswer, look: string) => {
    const scene = graphPicture(g, { mode: "reverse", count, selected: looked.part ?? "" });
    return html`<figure class="picture wide ${look}" tabindex="0" role="region" aria-label="computation graph">${trusted(toSvg(scene, undefined, true))}</figure>`;
  };
  const figures =
    across.width <= NARROW ? figure(across, "") : html`${figure(across, "across")}${figure(down, "down")}`;
  return html`${player(count, steps.length, looked.playing)}<p class="told soft">${told(steps, count, "reverse")}</p>${figures}${closer(across, looked.part)}`;
}

/** Node by node forward, edge by edge backward. Buttons stay reachable at both ends: the focus is not lost there. */
function player(count: number, steps: number, playing = false): Html {
  const button = (go: string, says: string, sign: string, off: boolean) =>
    html`<button type="button" data-go="${go}" aria-label="${says}" title="${says}"${off ? html` aria-disabled="true"` : ""}>${sign}</button>`;
  return html`<div class="player" role="group" aria-label="both passes, step by step" data-step="${count}" data-steps="${steps}">${button("start", "To the start", "⇤", count === 0)}${button("back", "One step back", "←", count === 0)}<button type="button" data-go="play">${playing ? "Pause" : "Play"}</button>${button("on", "One step", "→", count === steps)}${button("end", "To the end", "⇥", count === steps)}<span class="soft">${count} of ${steps}</span></div>`;
}

/** The arithmetic of the node or the edge that is looked at. */
function closer(g: GraphAnswer, part: string | undefined): Html | string {
  const edge = g.edges.find((e) => edgeId(e) === part);
  const node = g.nodes.find((n) => n.id === part);
  const nameOf = (id: string) => g.nodes.find((n) => n.id === id)?.name ?? id;
  const lines = (e: ShownEdge) => {
    const { local, part: back } = arithmetic(e);
    return html`${local ? html`<p class="display" tabindex="0">${formula(local, true)}</p>` : ""}${back ? html`<p class="display" tabindex="0">${formula(back, true)}</p>` : ""}`;
  };
  if (edge)
    return html`<div class="closer"><h4>From ${nameOf(edge.from)} to ${nameOf(edge.to)}</h4>${lines(edge)}<p class="soft">The local derivative, and the part that goes back along this edge: adjoint times local derivative.</p></div>`;
  if (!node) return "";
  const out = g.edges.filter((e) => e.from === node.id && e.flows);
  const sum =
    out.length > 1
      ? html`<p class="soft">The adjoint is the sum of ${out.length} parts, one for each edge that leaves the node.</p>`
      : "";
  return html`<div class="closer"><h4>${node.title}</h4><p>value ${node.value}${node.adjoint ? `, adjoint ${node.adjoint}` : ""}</p>${out.map(lines)}${sum}</div>`;
}

function tables(g: GraphAnswer): Html {
  const rows = (list: readonly Row[]) =>
    list.map((r) => [formula(r.symbol), r.formula ? formula(r.formula.latex) : "", r.value]);
  return html`<div class="columns"><div class="forward">${table(["forward", "formula", "value"], rows(g.forward))}</div><div class="backward">${table(["backward", "formula", "value"], rows(g.backward))}</div></div>`;
}
