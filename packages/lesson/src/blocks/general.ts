/** Formulas that hold for a function of which nothing is known, and for any other: limits, Taylor polynomials, series. */
import { sub } from "gradus";
import { type Expression, parse, Rational, taylorModel, tidy, toLatex } from "gradus/math";
import { type Attributes, canonical, type Quantities, variableOf } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { shortDecimals } from "../formula.ts";

/** The derivative as the limit of its quotient; `limit` names the step. */
export function limitOf(a: Attributes, e: Expression, quantities: Quantities): string {
  const variable = variableOf(e, a.optional("wrt"), quantities);
  const named = a.text("limit");
  // Maths reads Δx as Δ times x: here it is one name.
  const delta = /^(?:Δ|Delta)\s*(\p{L})$/u.exec(named)?.[1];
  const step = delta ? `D_${delta}` : canonical(named);
  const moved = parse(`${variable} + ${step}`, { variables: [variable, step] });
  const there = e.inVariables(new Map([[e.variable(variable), moved.node]]));
  const name = parse(step, { variables: [step] }).toLatex();
  const latex = `\\lim_{${name} \\to 0} \\frac{${toLatex(sub(there, e.node))}}{${name}}`;
  return delta ? latex.replaceAll(name, `\\Delta ${delta}`) : latex;
}

/** The polynomial about a number, or about a point that is only named; with `taylor=all` the whole series. */
export function taylorOf(a: Attributes, e: Expression, quantities: Quantities) {
  const variable = variableOf(e, a.optional("wrt"), quantities);
  const about = a.text("about", "0").replace(new RegExp(`^${variable}\\s*=`, "u"), "");
  const point = a.expression("about", about);
  const named = point.variables.size > 0;
  const at = new Map([[e.variable(variable), point.node]]);
  const step = parse(`${variable} - (${about})`).toLatex();
  const derivative = (k: number) => toLatex(tidy((k === 0 ? e : e.derivative(variable, k)).inVariables(at)));
  const number = () => Rational.from(String(a.numberIn("about", about)));
  if (a.text("taylor") === "all")
    return {
      sign: "=",
      latex: named
        ? general(derivative(SAMPLE), step)
        : recognised(taylorModel(e, variable, number(), HIGHEST)),
    };
  const most = a.whole("taylor", 1, [0, HIGHEST]);
  if (!named)
    return {
      sign: "\\approx",
      latex: shortDecimals(taylorModel(e, variable, number(), most).polynomial.latex),
    };
  const terms = Array.from({ length: most + 1 }, (_, k) => {
    if (k === 0) return derivative(k);
    const power = `(${step})${k === 1 ? "" : `^{${k}}`}`;
    return k === 1 ? `${derivative(k)} ${power}` : `\\frac{${derivative(k)}}{${k}!} ${power}`;
  });
  return { sign: "\\approx", latex: terms.join(" + ") };
}

const HIGHEST = 12;

/** The n-th derivative is written as this one is. */
const SAMPLE = 7;

function general(derivative: string, step: string): string {
  const parts = derivative.split(`^{(${SAMPLE})}`);
  if (parts.length !== 2)
    throw new LessonError(
      "taylor=all: about a point that is only named, the series is written for a function of which nothing is known, such as f(x)",
    );
  return `\\sum_{n=0}^{\\infty} \\frac{${parts.join("^{(n)}")}}{n!} (${step})^{n}`;
}

function recognised({ generalTerm }: ReturnType<typeof taylorModel>): string {
  if (!generalTerm)
    throw new LessonError(
      "taylor=all: no general term is known for this series; give a number, such as taylor=3",
    );
  return generalTerm.sum.latex;
}
