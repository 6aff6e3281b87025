import { type DerivationData, derivation, derivationData, type StepData } from "gradus/math";
import { variableOf } from "../attributes.ts";
import { formula } from "../formula.ts";
import { type Html, html } from "../html.ts";
import type { BlockKind } from "./block.ts";

/** `::derive{f="sin(x^2)" wrt=x}`: the derivation, line by line; each rule unfolds. */
export const derive: BlockKind = {
  place: "leaf",
  attributes: ["f", "wrt", "order", "detail"],
  render: (a, { quantities }) => {
    const e = a.expression("f");
    const wrt = variableOf(e, a.optional("wrt"), quantities);
    const full = a.choice("detail", ["short", "full"], "short") === "full";
    const all = derivation(e, wrt, a.whole("order", 1, [1, 6])).map(derivationData);
    return {
      html: html`${all.flatMap((d) => [...(d.locals ?? []).map((l) => board(l, full)), board(d, full)])}`,
    };
  },
};

function board(d: DerivationData, full: boolean): Html {
  const lines = d.lines.map((line, i) => {
    const why = line.reasons.map(
      (r) =>
        html`<span><b>${r.rule}</b>${r.parts.map((p, j) => html`${j === 0 ? ": " : ", "}${p.role} ${formula(`${p.name} = ${p.value.latex}`)}`)}</span>`,
    );
    return html`<li>${formula(i === 0 ? line.latex : `= ${line.latex}`, true)}<div class="why">${why}</div></li>`;
  });
  const rules = html`<details class="rules"${full ? html` open` : ""}><summary>Every rule</summary>${step(d.step, full)}</details>`;
  return html`<div class="board"><ol>${lines}</ol>${rules}</div>`;
}

function step(s: StepData, open: boolean): Html {
  const general = s.general.latex
    ? html`<p><span class="soft">in general</span> ${formula(s.general.latex)}</p>`
    : "";
  const parts =
    s.parts.length > 0
      ? html`<p><span class="soft">here</span> ${s.parts.map((p) => html`<span>${p.role} ${formula(`${p.name} = ${p.value.latex}`)}</span> `)}</p>`
      : "";
  const gives =
    s.applied.latex === s.result.latex
      ? ""
      : html`<p><span class="soft">gives</span> ${formula(s.applied.latex)}</p>`;
  return html`<details${open ? html` open` : ""}><summary><b>${s.rule}</b> ${formula(`\\left(${s.of.latex}\\right)' = ${s.result.latex}`)}</summary><div class="inside">${general}${parts}${gives}${s.steps.map((x) => step(x, open))}</div></details>`;
}
