import { tensor } from "gradus";
import {
  didYouMean,
  type Expression,
  type MathOptions,
  parse,
  Rational,
  readShapes,
  sizesApartFrom,
} from "gradus/math";
import { LessonError } from "./errors.ts";

/** The shared quantities: a slider's number, the same after it was moved, and what is computed from them. */
export type Quantities = ReadonlyMap<string, number>;

/** A quantity that is computed: its name, and what it is computed of. */
export type Definition = readonly [name: string, attributes: Readonly<Record<string, string>>];

/** Longer ones are no maths that a reader could follow. */
export const LONGEST_ATTRIBUTE = 500;

/** A number, a vector, a matrix. */
export type Numbers = number | readonly Numbers[];

/** The shapes of values that are no single numbers. */
const shapesOf = (values: ReadonlyMap<string, Numbers>): Map<string, readonly number[]> =>
  new Map(
    [...values].flatMap(([name, v]) =>
      typeof v === "number" ? [] : [[name, tensor(v as number[]).shape] as const],
    ),
  );

/** The parts between commas, but not those in brackets. */
function atTopLevel(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const c of text) {
    if ("([{".includes(c)) depth++;
    if (")]}".includes(c)) depth--;
    if (c === "," && depth <= 0) parts.push("");
    else parts[parts.length - 1] += c;
  }
  return parts.map((p) => p.trim()).filter((p) => p !== "");
}

/** What a block was given in its braces, read as the block asks for it. Numbers may be quantities, or maths of them. */
export class Attributes {
  private readonly given: Readonly<Record<string, string>>;
  private readonly quantities: Quantities;
  /** Those that a slider holds: a handle may move them. */
  private readonly movable: ReadonlySet<string>;

  constructor(
    given: Readonly<Record<string, string>>,
    quantities: Quantities,
    movable: ReadonlySet<string> = new Set(quantities.keys()),
  ) {
    this.given = given;
    this.quantities = quantities;
    this.movable = movable;
  }

  /** Refuses what the block does not know. */
  only(names: readonly string[]): void {
    for (const [name, text] of Object.entries(this.given)) {
      if (!names.includes(name))
        throw new LessonError(
          `there is no attribute “${name.slice(0, 40)}” here${didYouMean(name, names) || `: choose from ${names.join(", ")}`}`,
        );
      if (text.length > LONGEST_ATTRIBUTE)
        throw new LessonError(
          `${name} has ${text.length} characters: no more than ${LONGEST_ATTRIBUTE} are read`,
        );
      if (/^[“”„‘’«»]/.test(text))
        throw new LessonError(`${name}=${text}: write straight quotes, as in ${name}="…"`);
    }
  }

  has(name: string): boolean {
    return this.given[name] !== undefined;
  }

  optional(name: string): string | undefined {
    const text = this.given[name]?.trim();
    return text === "" ? undefined : text;
  }

  text(name: string, otherwise?: string): string {
    const text = this.optional(name) ?? otherwise;
    if (text === undefined) throw new LessonError(`${name} is missing: write ${name}="…"`);
    return text;
  }

  /** Present without a value, or "true". */
  flag(name: string): boolean {
    const text = this.given[name];
    if (text === undefined || text === "false") return false;
    if (text === "" || text === "true" || text === name) return true;
    throw new LessonError(`${name}="${text}": write ${name} alone, or leave it out`);
  }

  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const text = this.text(name, otherwise);
    if (!(choices as readonly string[]).includes(text))
      throw new LessonError(
        `${name}="${text}"${didYouMean(text, choices) || `: choose ${choices.join(" or ")}`}`,
      );
    return text as T;
  }

  number(name: string, otherwise?: number): number {
    const text = this.optional(name);
    if (text === undefined && otherwise !== undefined) return otherwise;
    return this.numberIn(name, this.text(name));
  }

  whole(name: string, otherwise: number, [least, most]: readonly [number, number]): number {
    const value = Math.round(this.number(name, otherwise));
    if (value < least || value > most)
      throw new LessonError(`${name}=${value}: expected a whole number from ${least} to ${most}`);
    return value;
  }

  /** Two ends of a range. */
  range([from, to]: readonly [number, number]): { low: number; high: number } {
    const [low, high] = [this.number("from", from), this.number("to", to)];
    if (!(low < high)) throw new LessonError(`from=${low} to=${high}: the first must be the smaller one`);
    return { low, high };
  }

  /** `x=-1.2, y=1`, each a number or maths of the quantities. */
  assignments(name: string): Map<string, number> {
    const found = new Map<string, number>();
    for (const [variable, value] of this.values(name)) {
      if (typeof value !== "number")
        throw new LessonError(`${name}: ${variable} is one number here, not a list`);
      found.set(variable, value);
    }
    return found;
  }

  /** `z=[p, 1, -1], y=2`: numbers or lists of them. */
  values(name: string): Map<string, Numbers> {
    const found = new Map<string, Numbers>();
    for (const part of atTopLevel(this.optional(name) ?? "")) {
      const at = part.indexOf("=");
      const text = part.slice(at + 1).trim();
      if (at < 0) throw new LessonError(`${name}="${part}": say which variable it is, as in x=${part}`);
      found.set(variableName(name, part.slice(0, at).trim()), this.numbers(name, text));
    }
    return found;
  }

  private numbers(name: string, text: string): Numbers {
    if (!text.startsWith("[")) return this.numberIn(name, text);
    if (!text.endsWith("]")) throw new LessonError(`${name}="${text}": the list is not closed: add ]`);
    const parts = atTopLevel(text.slice(1, -1));
    if (parts.length === 0) throw new LessonError(`${name}="${text}": the list is empty`);
    return parts.map((p) => this.numbers(name, p));
  }

  /** The parts between semicolons. */
  list(name: string): string[] {
    return this.text(name)
      .split(";")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  }

  /** Maths, in which the quantities, and what else has a value, are names whatever else they might be. */
  expression(
    name: string,
    text: string = this.text(name),
    values: ReadonlyMap<string, Numbers> = new Map(),
  ): Expression {
    const variables = [...this.quantities.keys(), ...values.keys()];
    if (this.has("shapes")) return expressionOf(name, text, { variables, ...this.shapes(text) });
    return expressionOf(name, text, { variables, shapes: shapesOf(values) });
  }

  private shapes(text: string): Pick<MathOptions, "shapes" | "sizes"> {
    try {
      const { shapes, sizes } = readShapes(this.text("shapes"), sizesApartFrom(text));
      return { shapes, sizes: new Map([...sizes].map(([letter, size]) => [size, letter])) };
    } catch (error) {
      throw new LessonError(`shapes="${this.text("shapes")}": ${(error as Error).message}`);
    }
  }

  isMovable(name: string): boolean {
    return this.movable.has(canonical(name));
  }

  /** The quantity that an attribute names, and nothing else: what a handle may move. */
  quantity(name: string): string | undefined {
    const text = this.optional(name);
    return text !== undefined && this.isMovable(text) ? canonical(text) : undefined;
  }

  /** The number that a text is, or that its maths makes. */
  numberIn(name: string, text: string): number {
    const known = this.quantities.get(text);
    if (known !== undefined) return known;
    const plain = Number(text);
    if (text !== "" && Number.isFinite(plain)) return plain;
    const e = this.expression(name, text);
    const value = e.evaluate(this.valuesFor(name, e)).item();
    if (!Number.isFinite(value)) throw new LessonError(`${name}="${text}" has no value`);
    return value;
  }

  private valuesFor(name: string, e: Expression): Map<string, number> {
    return new Map(
      [...e.variables.keys()].map((v) => {
        const value = this.quantities.get(v);
        if (value === undefined)
          throw new LessonError(`${name}="${e}": ${v} has no value: give a number, or a slider of that name`);
        return [v, value];
      }),
    );
  }
}

const NAME = /^\p{L}[\p{L}\p{M}\p{N}_]{0,20}$/u;

/** A name as expressions write it: eta and η are one. */
export function canonical(name: string): string {
  if (!NAME.test(name)) return name;
  return [...expressionOf("the name", name, { variables: [name] }).variables.keys()][0] ?? name;
}

/** The same name in plain letters: η is eta. */
export const plainly = (name: string): string =>
  expressionOf("the name", name, { variables: [name] }).toText();

/** What stands before “=”: a name, or a letter with a hat or an index, written as maths. */
function variableName(attribute: string, text: string): string {
  const found = NAME.test(text) ? canonical(text) : [...expressionOf(attribute, text).variables.keys()][0];
  if (found === undefined) throw new LessonError(`${attribute}: “${text}” is no variable`);
  return found;
}

/** Why a quantity cannot have this name. */
export function whatIsWrongWith(name: string): string | undefined {
  const shown = name.slice(0, 40);
  if (name === "") return "name is missing: write name=…";
  if (!NAME.test(name)) return `name="${shown}" is no name of a variable, such as x, eta or rate`;
  if (hasValue(name)) return `name=${shown}: maths reads ${shown} as a number: choose another name`;
  if (hasValue(`${name}(0.3)`))
    return `name=${shown}: maths reads ${shown} as a function: choose another name`;
  return undefined;
}

function hasValue(text: string): boolean {
  try {
    const e = parse(text);
    return e.variables.size === 0 && typeof e.evaluate().item() === "number";
  } catch {
    return false;
  }
}

/** Maths, with the attribute named in what is wrong with it. Of what is computed, the size is bounded before it is. */
export function expressionOf(name: string, text: string, options: MathOptions = {}): Expression {
  const told = (why: string) => new LessonError(`${name}="${text}": ${why}`);
  let e: Expression;
  try {
    e = parse(text, { operations: MOST_OPERATIONS, ...options });
  } catch (error) {
    throw told((error as Error).message);
  }
  const sizes = sizesIn(e);
  const { most, what } = options.sizes
    ? { most: LARGEST_ARRAY, what: Math.max(...sizes) }
    : { most: MOST_NUMBERS, what: sizes.reduce((sum, n) => sum + n, 0) };
  if (what > most) throw told(`${what} numbers are more than a block computes with: no more than ${most}`);
  return e;
}

/** What sums and definitions may unfold to. */
const MOST_OPERATIONS = 100_000;
/** On the way to a value, all together: a picture computes hundreds of values at once. */
const MOST_NUMBERS = 20_000;
/** Where letters stand for sizes, nothing is computed but formulas. */
const LARGEST_ARRAY = 1_000_000;

function sizesIn(e: Expression): number[] {
  const seen = new Set([e.node, ...e.bindings.values()]);
  for (const node of seen) for (const input of node.inputs) seen.add(input);
  return [...seen].map((node) => node.shape.reduce((size, n) => size * n, 1));
}

/** An expression whose other variables are the quantities' numbers. */
export function withQuantities(e: Expression, quantities: Quantities, free: readonly string[]): Expression {
  const fixed = [...e.variables.keys()].filter((v) => !free.includes(v) && quantities.has(v));
  return fixed.length === 0
    ? e
    : e.with(new Map(fixed.map((v) => [v, Rational.from(String(quantities.get(v)))])));
}

/** The variable that a block is about: named, or the only one that no slider holds. */
export function variableOf(e: Expression, named: string | undefined, quantities: Quantities): string {
  const all = [...e.variables.keys()];
  if (named !== undefined) {
    const found = variableName("wrt", named);
    if (!all.includes(found))
      throw new LessonError(`there is no variable ${found} here: there are ${all.join(", ") || "none"}`);
    return found;
  }
  const free = all.filter((v) => !quantities.has(v));
  if (free.length === 1) return free[0];
  if (all.length === 1) return all[0];
  if (all.length === 0) return "x";
  throw new LessonError(`there are several variables, ${all.join(", ")}: choose one with wrt=…`);
}
