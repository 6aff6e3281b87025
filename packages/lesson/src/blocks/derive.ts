import {
  type DerivationData,
  derivation,
  derivationData,
  type Expression,
  gradientDerivation,
  parse,
  type StepData,
} from "gradus/math";
import { variableOf } from "../attributes.ts";
import { formula } from "../formula.ts";
import { type Html, html } from "../html.ts";
import { type BlockKind, table } from "./block.ts";

/** `::derive{f="sin(x^2)" wrt=x}`: the derivation, line by line; each rule unfolds. */
export const derive: BlockKind = {
  place: "leaf",
  attributes: ["f", "wrt", "order", "detail", "shapes"],
  render: (a, { quantities }) => {
    const e = a.expression("f");
    const wrt = variableOf(e, a.optional("wrt"), quantities);
    const full = a.choice("detail", ["short", "full"], "short") === "full";
    if (e.variables.get(wrt)?.rank) return { html: byVector(e, wrt) };
    const all = derivation(e, wrt, a.whole("order", 1, [1, 6])).map(derivationData);
    return { html: html`${all.map((d) => whole(d, full))}` };
  },
};

/** By a vector or a matrix: each line of the function, and what flows back through it. */
function byVector(e: Expression, wrt: string): Html {
  const g = gradientDerivation(e, wrt);
  const forward = g.forward.map((l) => [formula(latexOf(l.name)), formula(l.formula.latex)]);
  const backward = g.backward.map((l) => [formula(l.symbol.latex), formula(l.formula.latex)]);
  return html`<div class="columns"><div class="forward">${table(["forward", "formula"], forward)}</div><div class="backward">${table(["backward", "formula"], backward)}</div></div><div class="display">${formula(`\\frac{\\partial}{\\partial ${latexOf(wrt)}} = ${g.gradient.latex}`, true)}</div>`;
}

const latexOf = (name: string): string => parse(name, { variables: [name] }).toLatex();

/** The local derivatives of a chain side by side, then the chain itself; the rules of all of them unfold below. */
function whole(d: DerivationData, open: boolean): Html {
  const locals = d.locals ?? [];
  const beside = locals.length > 0 ? html`<div class="locals">${locals.map(board)}</div>` : "";
  const steps = [...locals, d].map((l) => step(l.step, open));
  return html`${beside}${board(d)}<details class="rules"${open ? html` open` : ""}><summary>Every rule</summary>${steps}</details>`;
}

function board(d: DerivationData): Html {
  const lines = d.lines.map((line, i) => {
    const why = line.reasons.map(
      (r) =>
        html`<span><b>${r.rule}</b>${r.parts.map((p, j) => html`${j === 0 ? ": " : ", "}${p.role} ${formula(`${p.name} = ${p.value.latex}`)}`)}</span>`,
    );
    return html`<li>${formula(i === 0 ? line.latex : `= ${line.latex}`, true)}${why.length > 0 ? html`<div class="why">${why}</div>` : ""}</li>`;
  });
  return html`<div class="board" tabindex="0"><ol>${lines}</ol></div>`;
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
