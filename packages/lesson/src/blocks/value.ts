import { type Expression, Rational, taylorModel } from "gradus/math";
import { type Attributes, type Numbers, type Quantities, variableOf, withQuantities } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { html } from "../html.ts";
import { type BlockKind, number } from "./block.ts";

/** What says which number it is. */
export const COMPUTED = ["of", "wrt", "order", "at", "taylor", "about"] as const;

/** `:value{of="ln(1+x)" at="x=0.1" is=0.0953}`: a number of the text, computed. */
export const value: BlockKind = {
  place: "text",
  attributes: [...COMPUTED, "is", "digits"],
  render: (a, { quantities, stated }) => {
    const found = computed(a, quantities, !stated);
    const is = a.optional("is");
    if (is === undefined)
      return { html: html`<span class="value">${number(found, a.whole("digits", 6, [1, 15]))}</span>` };
    const claim = read(is);
    const text = Number.isFinite(found) ? withMinus(found.toFixed(claim.decimals)) : number(found);
    if (!stated) return { html: html`<span class="value">${text}</span>` };
    if (agrees(found, claim)) return { html: html`<span class="value">${withMinus(is)}</span>` };
    const right = number(found, 8);
    return {
      html: html`<span class="value wrong" title="the text states ${is}">${right}</span>`,
      problems: [`${a.text("of")} is stated as ${is}, and is ${right}`],
    };
  },
};

const withMinus = (text: string): string => text.replace(/-/g, "−");

/** The number that the attributes say; where a reader has moved a quantity, there may be none. */
export function computed(a: Attributes, quantities: Quantities, orNone = false): number {
  const at = a.values("at");
  const values = new Map([...quantities, ...at]);
  const e = a.expression("of", undefined, at);
  const shown = a.has("wrt")
    ? e.derivative(variableOf(e, a.text("wrt"), quantities), a.whole("order", 1, [1, 6]))
    : e;
  const found = a.has("taylor")
    ? estimate(a, shown, new Map([...quantities, ...a.assignments("at")]))
    : valueAt(shown, values);
  if (!Number.isFinite(found) && !orNone) throw new LessonError(`${a.text("of")} has no value there`);
  return found;
}

function valueAt(e: Expression, values: ReadonlyMap<string, Numbers>): number {
  if (e.shape.length > 0)
    throw new LessonError(
      `a number is shown, and this has the shape [${e.shape}]: take one of it, as in [1,0,0]^T z`,
    );
  const missing = [...e.variables.keys()].find((v) => !values.has(v));
  if (missing !== undefined)
    throw new LessonError(`${missing} has no value: give at="${missing}=…", or a slider of that name`);
  return e.evaluate(new Map([...e.variables.keys()].map((v) => [v, values.get(v) as number]))).item();
}

/** The value of Taylor's polynomial of an order about a point. */
function estimate(a: Attributes, e: Expression, values: ReadonlyMap<string, number>): number {
  const about = a.assignments("about");
  const named = [...about.keys()][0] ?? [...a.assignments("at").keys()][0];
  const variable = variableOf(e, named, new Map());
  const alone = withQuantities(e, values, [variable]);
  const order = a.whole("taylor", 1, [0, 30]);
  const model = taylorModel(alone, variable, Rational.from(String(about.get(variable) ?? 0)), order);
  const to = values.get(variable);
  if (to === undefined) throw new LessonError(`where is it estimated? Give at="${variable}=…"`);
  return model.estimates(to)[order];
}

interface Claim {
  readonly value: number;
  readonly decimals: number;
  /** Half of the last digit that is written. */
  readonly half: number;
}

function read(is: string): Claim {
  const found = /^[-−]?\d*\.?(\d*)(?:e([-−+]?\d+))?$/.exec(is);
  const value = Number(is.replace("−", "-"));
  if (!found || is === "" || !Number.isFinite(value))
    throw new LessonError(`is="${is}": expected a number such as 0.0953; for more, compute it: of="…"`);
  const exponent = Number((found[2] ?? "0").replace("−", "-"));
  const places = found[1].length - exponent;
  return { value, decimals: Math.min(20, Math.max(0, places)), half: 0.5 * 10 ** -places };
}

/** Rounded to the digits that are stated, it is the stated number. */
const agrees = (found: number, { value, half }: Claim): boolean =>
  Math.abs(found - value) <= half * (1 + 1e-9);
