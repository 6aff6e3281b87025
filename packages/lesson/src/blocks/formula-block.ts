import { equal } from "gradus/math";
import { expressionOf, variableOf } from "../attributes.ts";
import { formula as typeset } from "../formula.ts";
import { html } from "../html.ts";
import type { BlockKind } from "./block.ts";

/**
 * `:formula{of="sin(x^2)" wrt=x is="cos(x^2) 2x"}`: a formula, typeset; with `wrt` its derivative, computed. A form that
 * the lecturer prefers stands in `is`, and is shown if it is proved equal.
 */
export const formula: BlockKind = {
  place: "either",
  attributes: ["of", "wrt", "order", "is", "left"],
  render: (a, { quantities }, display) => {
    const e = expressionOf("of", a.text("of"));
    const wrt = a.has("wrt") ? variableOf(e, a.text("wrt"), quantities) : undefined;
    const result = wrt === undefined ? e : e.derivative(wrt, a.whole("order", 1, [1, 6]));
    const left = a.has("left") ? `${leftSide(a.text("left"))} = ` : "";
    const is = a.optional("is");
    if (is === undefined) return { html: typeset(left + result.toLatex(), display) };
    const claim = expressionOf("is", is);
    const { verdict, reason } = equal(result, claim, wrt === undefined ? {} : { derivativeOf: e });
    if (verdict === "different")
      return {
        html: html`<span class="wrong">${typeset(left + result.toLatex(), display)}</span>`,
        problems: [`${is} is stated, and ${result} is right: ${reason}`],
      };
    const problems = verdict === "equal" ? [] : [`${is} was not proved equal to ${result}: ${reason}`];
    return { html: typeset(left + claim.toLatex(), display), problems };
  },
};

/** dy/dx and ∂L/∂w as fractions; else as maths is read. */
function leftSide(text: string): string {
  const found = /^([d∂])\s*([\p{L}\p{M}_\d\\{}]{1,12})\s*\/\s*[d∂]\s*([\p{L}\p{M}_\d\\{}]{1,12})$/u.exec(
    text,
  );
  if (!found) return expressionOf("left", text).toLatex();
  const [d, ...sides] = [
    found[1] === "d" ? "d" : "\\partial ",
    ...found.slice(2).map((s) => expressionOf("left", s).toLatex()),
  ];
  return `\\frac{${d}${sides[0]}}{${d}${sides[1]}}`;
}
