import { NotAnalyticError } from "gradus";
import {
  type Expression,
  MathError,
  Rational,
  radiusOfConvergence,
  remainderBound,
  sample,
  type TaylorModel,
  taylorModel,
} from "gradus/math";
import { chart, curve, frame, handle, point, rangeOf, type Scene, steps } from "gradus-charts";
import { type Attributes, variableOf, withQuantities } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { formula, shortDecimals } from "../formula.ts";
import { type Html, html } from "../html.ts";
import { type BlockKind, type Context, number, picture, sizeOf, table } from "./block.ts";

/** Beyond this order a row of its own for each derivative says nothing new. */
const MOST_ROWS = 8;

/** `::taylor{f="ln(1+x)" at=0 order=2 eval=0.1}`: derivatives, polynomial, estimates with their proven bounds. */
export const taylor: BlockKind = {
  place: "leaf",
  attributes: ["f", "wrt", "at", "order", "eval", "from", "to", "parts"],
  render: (a, context) => {
    const e = a.expression("f");
    const variable = variableOf(e, a.optional("wrt") ?? a.quantity("eval"), context.quantities);
    const f = withQuantities(e, context.quantities, [variable]);
    const at = a.number("at", 0);
    const model = taylorModel(f, variable, Rational.from(String(at)), a.whole("order", 2, [0, 30]));
    const shown = (a.optional("parts") ?? "derivatives polynomial estimates picture").split(/[\s,]+/);
    const parts: Record<string, () => Html> = {
      derivatives: () => derivatives(model),
      polynomial: () => polynomial(f, model),
      estimates: () => (a.has("eval") ? estimates(f, model, a.number("eval"), context.stated) : html``),
      picture: () => picture(draw(a, f, model, context)),
    };
    const unknown = shown.find((p) => !parts[p]);
    if (unknown !== undefined)
      throw new LessonError(`parts="${unknown}": choose of ${Object.keys(parts).join(", ")}`);
    return { html: html`${shown.map((p) => parts[p]())}` };
  },
};

const order = (k: number): string => (k <= 3 ? "'".repeat(k) : `^{(${k})}`);

function derivatives(m: TaylorModel): Html {
  const rows = m.derivatives
    .slice(0, MOST_ROWS + 1)
    .map((d) => [
      formula(`f${order(d.order)}(${m.variable})${d.formula ? ` = ${d.formula.latex}` : ""}`),
      formula(`f${order(d.order)}(${number(m.at)}) = ${number(d.value)}`.replaceAll("−", "-")),
      formula((m.exact[d.order]?.toString() ?? number(m.coefficients[d.order])).replaceAll("−", "-")),
    ]);
  return table(["derivative", `at ${m.variable} = ${number(m.at)}`, "divided by n!"], rows);
}

function polynomial(f: Expression, m: TaylorModel): Html {
  const series = m.generalTerm
    ? html`<p>${formula(`f(${m.variable}) = ${m.generalTerm.sum.latex}`, true)}</p>`
    : "";
  return html`<p>${formula(`f(${m.variable}) \\approx ${shortDecimals(m.polynomial.latex)}`, true)}</p>${series}${radius(f, m)}`;
}

function radius(f: Expression, m: TaylorModel): Html {
  const found = tried(() => radiusOfConvergence(f.node, f.variable(m.variable), m.at));
  const distance = m.at === 0 ? `|${m.variable}|` : `|${m.variable} − ${number(m.at)}|`.replace("− −", "+ ");
  return found
    ? html`<p class="soft">Radius of convergence: ${found.verdict.replace("|x − a|", distance).replace(/ -(?=\d)/g, " −")}</p>`
    : html``;
}

/** What asks for an analytic function is left out where it is none. */
function tried<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch (error) {
    if (error instanceof NotAnalyticError || error instanceof MathError) return undefined;
    throw error;
  }
}

function estimates(f: Expression, m: TaylorModel, to: number, stated: boolean): Html {
  const [truth] = sample(f, m.variable, [to]);
  if (!Number.isFinite(truth)) {
    if (stated) throw new LessonError(`eval=${number(to)}: the function has no value there`);
    return html`<p>At ${m.variable} = ${number(to)} the function has no value.</p>`;
  }
  const rows = m.estimates(to).map((v, k) => {
    const bound =
      k > 12 ? undefined : tried(() => remainderBound(f.node, f.variable(m.variable), m.at, k, to).bound);
    return [
      String(k),
      number(v, 10),
      number(v - truth, 3),
      bound !== undefined && Number.isFinite(bound) ? `≤ ${number(bound * 1.005, 3)}` : "",
    ];
  });
  return html`<p>At ${formula(`${m.variable} = ${number(to).replace("−", "-")}`)}, the true value is <span class="value">${number(truth, 10)}</span>.</p>${table(["order", "estimate", "error", "proven: |error|"], rows)}`;
}

function draw(a: Attributes, f: Expression, m: TaylorModel, context: Context): Scene {
  const x = a.range([m.at - 2, m.at + 2]);
  const at = Float64Array.from(steps(x.low, x.high, 401));
  const own = sample(f, m.variable, at);
  const last = m.coefficients.length - 1;
  const orders = [...new Set([Math.min(1, last), last])];
  const looks = orders.map(
    (k) => ({ name: `order ${k}`, tone: k <= 1 ? "backward" : "model", dashed: k <= 1 }) as const,
  );
  const area = frame({
    ...sizeOf(context),
    x,
    y: rangeOf(Array.from(own)),
    xName: m.variable,
    legend: [{ name: f.toString(), tone: "forward" }, ...looks],
  });
  const values = orders.map((k) => Float64Array.from(at, (t) => m.estimates(t)[k]));
  const [there] = a.has("eval") ? sample(f, m.variable, [a.number("eval")]) : [Number.NaN];
  const [here] = sample(f, m.variable, [m.at]);
  const knobs = [
    ...knob(area, a, "at", m.at, here, `the point of expansion, ${m.variable}`),
    ...knob(
      area,
      a,
      "eval",
      a.number("eval", 0),
      a.has("eval") && !Number.isFinite(there) ? area.y.low : there,
      `where it is estimated, ${m.variable}`,
    ),
  ];
  return chart(area, {
    title: `${f.toString()} and its Taylor polynomials about ${m.variable} = ${number(m.at)}`,
    marks: [
      ...values.map((y, i) => curve(area, at, y, looks[i])),
      curve(area, at, own, { tone: "forward" }),
      ...knobs.filter((k) => k.tag !== "g"),
    ],
    over: knobs.filter((k) => k.tag === "g"),
  });
}

/** A handle where a quantity can be moved, else a dot. */
function knob(
  area: ReturnType<typeof frame>,
  a: Attributes,
  name: string,
  x: number,
  y: number,
  label: string,
): Scene[] {
  if (!Number.isFinite(y)) return [];
  const id = a.quantity(name);
  return id === undefined
    ? [point(area, x, y, name === "at" ? "forward" : "good", 5)]
    : [handle(area, { id, x, y, label, along: "x", tone: name === "at" ? "forward" : "good" })];
}
