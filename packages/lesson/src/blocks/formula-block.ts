import {
  type Equality,
  type Expression,
  equal,
  parse,
  Rational,
  taylorModel,
  tidy,
  toLatex,
} from "gradus/math";
import { type Attributes, expressionOf, type Quantities, variableOf } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { formula as typeset } from "../formula.ts";
import { type Html, html } from "../html.ts";
import { type BlockKind, number } from "./block.ts";

/**
 * `:formula{of="sin(x^2)" wrt=x is="cos(x^2) 2x"}`: a formula, typeset; with `wrt` its derivative, computed, or by several
 * variables its gradient; with `taylor` its Taylor polynomial. A form that the lecturer prefers stands in `is`, and is shown
 * if it is proved equal.
 */
export const formula: BlockKind = {
  place: "either",
  attributes: ["of", "wrt", "order", "taylor", "about", "is", "left", "shapes"],
  render: (a, { quantities }, display) => {
    const e = a.expression("of");
    const show = (latex: string, sign = "="): Html =>
      typeset(a.has("left") ? `${leftSide(a.text("left"))} ${sign} ${latex}` : latex, display);
    if (a.has("taylor")) {
      if (a.has("is"))
        throw new LessonError("is: a Taylor polynomial is shown as it is computed: leave is out");
      return { html: show(polynomial(a, e, quantities), "\\approx") };
    }
    const by = a.has("wrt") ? a.list("wrt").map((name) => variableOf(e, name, quantities)) : [];
    const results = by.length === 0 ? [e] : by.map((v) => e.derivative(v, a.whole("order", 1, [1, 6])));
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
    const written = show(stacked(shown.map((s) => s.toLatex())));
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

/** About a number, or about a point that is only named. */
function polynomial(a: Attributes, e: Expression, quantities: Quantities): string {
  const variable = variableOf(e, a.optional("wrt"), quantities);
  const order = a.whole("taylor", 1, [0, 12]);
  const about = a.text("about", "0").replace(new RegExp(`^${variable}\\s*=`, "u"), "");
  const point = a.expression("about", about);
  if (point.variables.size === 0)
    return taylorModel(e, variable, Rational.from(String(a.numberIn("about", about))), order).polynomial
      .latex;
  const at = new Map([[e.variable(variable), point.node]]);
  const step = parse(`${variable} - (${about})`).toLatex();
  return Array.from({ length: order + 1 }, (_, k) => {
    const value = toLatex(tidy((k === 0 ? e : e.derivative(variable, k)).inVariables(at)));
    if (k === 0) return value;
    const power = `(${step})${k === 1 ? "" : `^{${k}}`}`;
    return k === 1 ? `${value} ${power}` : `\\frac{${value}}{${k}!} ${power}`;
  }).join(" + ");
}

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
