import { type Equality, equal, parse } from "gradus/math";
import { expressionOf, variableOf } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { asTyped, formula as typeset } from "../formula.ts";
import { type Html, html } from "../html.ts";
import { type BlockKind, number } from "./block.ts";
import { limitOf, taylorOf } from "./general.ts";

/**
 * `:formula{of="sin(x^2)" wrt=x is="cos(x^2) 2x"}`: a formula, typeset; with `wrt` its derivative, computed, or by several
 * variables its gradient; with `taylor` its Taylor polynomial, with `limit` its derivative as a limit, with `step` the update
 * of gradient descent. A form that the lecturer prefers stands in `is`, and is shown
 * if it is proved equal.
 */
export const formula: BlockKind = {
  place: "either",
  attributes: ["of", "wrt", "order", "taylor", "about", "is", "left", "shapes", "limit", "step"],
  render: (a, { quantities }, display) => {
    const e = a.expression("of");
    const show = (latex: string, sign = "="): Html =>
      typeset(a.has("left") ? `${leftSide(a.text("left"))} ${sign} ${latex}` : latex, display);
    for (const whole of ["taylor", "limit", "step"] as const)
      if (a.has(whole) && a.has("is"))
        throw new LessonError(`is: with ${whole} a formula is shown as it is computed: leave is out`);
    if (a.has("limit")) return { html: show(limitOf(a, e, quantities)) };
    if (a.has("taylor")) {
      const { latex, sign } = taylorOf(a, e, quantities);
      return { html: show(latex, sign) };
    }
    const by = a.has("wrt") ? a.list("wrt").map((name) => variableOf(e, name, quantities)) : [];
    const results = by.length === 0 ? [e] : by.map((v) => e.derivative(v, a.whole("order", 1, [1, 6])));
    if (a.has("step")) {
      if (by.length === 0) throw new LessonError("step: say which weights are moved, as in wrt=w");
      const weights = stacked(by.map((v) => parse(v, { variables: [v] }).toLatex()));
      const given = a.text("step");
      const rate = /^[\d.]+$/.test(given) ? given : a.expression("step").toLatex();
      const slope = stacked(results.map((r) => r.toLatex()));
      const factor = by.length > 1 ? slope : `\\left(${slope}\\right)`;
      return { html: show(`${weights} \\leftarrow ${weights} - ${rate} ${factor}`) };
    }
    const claims = a.has("is") ? a.list("is").map((text) => a.expression("is", text)) : results;
    if (claims.length !== results.length)
      throw new LessonError(`is="${a.text("is")}": expected ${results.length} formulas, one for each of wrt`);
    const problems: string[] = [];
    const shown = results.map((result, i) => {
      if (!a.has("is")) return result;
      const { verdict, reason, counterexample } = equal(
        result,
        claims[i],
        by.length === 0 ? {} : { derivativeOf: e },
      );
      if (verdict === "different")
        problems.push(`is="${claims[i]}" is stated, and ${result} is right${apart(counterexample)}`);
      else if (verdict !== "equal")
        problems.push(`is="${claims[i]}" was not proved equal to ${result}: ${reason}`);
      return verdict === "different" ? result : claims[i];
    });
    const typed = by.length === 0 ? asTyped(shown[0].toLatex(), a.text("of")) : undefined;
    const written = show(typed ?? stacked(shown.map((s) => s.toLatex())));
    return {
      html: shown.every((s, i) => s === claims[i]) ? written : html`<span class="wrong">${written}</span>`,
      problems,
    };
  },
};

/** Where the two have different values. */
function apart(c: Equality["counterexample"]): string {
  if (!c || c.at.size === 0 || c.at.size > 4) return "";
  const middle = ({ lo, hi }: { lo: number; hi: number }) => number((lo + hi) / 2, 5);
  return `: at ${[...c.at].map(([n, v]) => `${n} = ${v}`).join(", ")} it is ${middle(c.left)}, not ${middle(c.right)}`;
}

/** A gradient stands as a column. */
const stacked = (parts: readonly string[]): string =>
  parts.length === 1 ? parts[0] : `\\begin{bmatrix}${parts.join("\\\\[2pt]")}\\end{bmatrix}`;

/** dy/dx and ∂L/∂w as fractions; else as maths is read. */
function leftSide(text: string): string {
  const found = /^([d∂])\s*([\p{L}\p{M}_\d\\{}]{1,12})\s*\/\s*[d∂]\s*([\p{L}\p{M}_\d\\{}]{1,12})$/u.exec(
    text,
  );
  if (/^∇[\p{L}\p{M}_\d]{1,12}$/u.test(text))
    return `\\nabla ${expressionOf("left", text.slice(1)).toLatex()}`;
  if (!found) return primed(text) ?? expressionOf("left", text).toLatex();
  const [d, ...sides] = [
    found[1] === "d" ? "d" : "\\partial ",
    ...found.slice(2).map((s) => expressionOf("left", s).toLatex()),
  ];
  return `\\frac{${d}${sides[0]}}{${d}${sides[1]}}`;
}

/** σ'(x) stands as it is written: read as maths, it would be computed. */
function primed(text: string): string | undefined {
  const found = /^([\p{L}\p{M}_\d\\{}]{1,20})\s*('{1,4})\s*\((.{1,80})\)$/u.exec(text);
  if (!found) return undefined;
  const name = expressionOf("left", `${found[1]}(x)`)
    .toLatex()
    .replace(/(\\left)?\([^()]*\)$/, "");
  return `${name}${found[2]}(${expressionOf("left", found[3]).toLatex()})`;
}
