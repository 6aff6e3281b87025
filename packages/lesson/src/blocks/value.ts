import { type Expression, Rational, taylorModel } from "gradus/math";
import { type Attributes, type Numbers, type Quantities, variableOf, withQuantities } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { html } from "../html.ts";
import { type BlockKind, number } from "./block.ts";

/** What says which number it is. */
export const COMPUTED = ["of", "wrt", "order", "at", "taylor", "about"] as const;

/** `:value{of="ln(1+x)" at="x=0.1" is=0.0953}`: a number of the text, computed; or a short vector of them. */
export const value: BlockKind = {
  place: "text",
  attributes: [...COMPUTED, "is", "digits"],
  render: (a, { quantities, stated }) => {
    const found = numbersOf(a, quantities, !stated);
    const is = a.optional("is");
    if (is === undefined) {
      const digits = a.whole("digits", 6, [1, 15]);
      return { html: html`<span class="value">${written(found.map((v) => number(v, digits)))}</span>` };
    }
    const claims = read(is);
    if (claims.length !== found.length)
      throw new LessonError(
        `is="${is}": expected ${found.length === 1 ? "one number" : `${found.length} numbers, as in is="[1, 2]"`}`,
      );
    const texts = found.map((v, i) =>
      Number.isFinite(v) ? withMinus(v.toFixed(claims[i].decimals)) : number(v),
    );
    if (!stated) return { html: html`<span class="value">${written(texts)}</span>` };
    if (found.every((v, i) => agrees(v, claims[i])))
      return { html: html`<span class="value">${written(claims.map((c) => withMinus(c.text)))}</span>` };
    const right = written(found.map((v) => number(v, 8)));
    return {
      html: html`<span class="value wrong" title="the text states ${is}">${right}</span>`,
      problems: [`${a.text("of")} is stated as ${is}, and is ${right}`],
    };
  },
};

const withMinus = (text: string): string => text.replace(/-/g, "−");
const written = (parts: readonly string[]): string =>
  parts.length === 1 ? parts[0] : `[${parts.join(", ")}]`;

/** One number, where it has to be one. */
export function computed(a: Attributes, quantities: Quantities, orNone = false): number {
  const found = numbersOf(a, quantities, orNone);
  if (found.length !== 1)
    throw new LessonError(
      `one number is needed, and this has ${found.length}: take one of them, as in [1,0,0]^T z`,
    );
  return found[0];
}

/** The numbers that the attributes say; where a reader has moved a quantity, there may be none. */
function numbersOf(a: Attributes, quantities: Quantities, orNone: boolean): readonly number[] {
  const at = a.values("at");
  const values = new Map([...quantities, ...at]);
  const e = a.expression("of", undefined, at);
  const shown = a.has("wrt")
    ? e.derivative(variableOf(e, a.text("wrt"), quantities), a.whole("order", 1, [1, 6]))
    : e;
  const found = a.has("taylor")
    ? [estimate(a, shown, new Map([...quantities, ...a.assignments("at")]))]
    : valuesAt(shown, values);
  if (!found.every(Number.isFinite) && !orNone) throw new LessonError(`${a.text("of")} has no value there`);
  return found;
}

/** More are a table, not a number of the text. */
const LONGEST = 8;

function valuesAt(e: Expression, values: ReadonlyMap<string, Numbers>): number[] {
  if (e.shape.length > 1 || (e.shape[0] ?? 1) > LONGEST)
    throw new LessonError(
      `a number is shown, or a vector of no more than ${LONGEST}, and this has the shape [${e.shape}]: take a part of it, as in [1,0,0]^T z`,
    );
  const missing = [...e.variables.keys()].find((v) => !values.has(v));
  if (missing !== undefined)
    throw new LessonError(`${missing} has no value: give at="${missing}=…", or a slider of that name`);
  const found = e.evaluate(new Map([...e.variables.keys()].map((v) => [v, values.get(v) as number])));
  return Array.from(found.toTypedArray(), Number);
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
  readonly text: string;
  readonly value: number;
  readonly decimals: number;
  /** Half of the last digit that is written. */
  readonly half: number;
}

/** 0.0953, or [0.1, 0.2]. */
const read = (is: string): Claim[] =>
  (/^\[(.*)\]$/.exec(is)?.[1].split(",") ?? [is]).map((text) => claim(text.trim(), is));

function claim(text: string, is: string): Claim {
  const found = /^[-−]?\d*\.?(\d*)(?:e([-−+]?\d+))?$/.exec(text);
  const value = Number(text.replace("−", "-"));
  if (!found || text === "" || !Number.isFinite(value))
    throw new LessonError(`is="${is}": expected a number such as 0.0953; for more, compute it: of="…"`);
  const exponent = Number((found[2] ?? "0").replace("−", "-"));
  const places = found[1].length - exponent;
  return { text, value, decimals: Math.min(20, Math.max(0, places)), half: 0.5 * 10 ** -places };
}

/** Rounded to the digits that are stated, it is the stated number. */
const agrees = (found: number, { value, half }: Claim): boolean =>
  Math.abs(found - value) <= half * (1 + 1e-9);
