import { didYouMean, type Expression, parse, Rational } from "gradus/math";
import { LessonError } from "./errors.ts";

/** The shared quantities: a slider's number, the same after it was moved, and what is computed from them. */
export type Quantities = ReadonlyMap<string, number>;

/** A quantity that is computed: its name, and what it is computed of. */
export type Definition = readonly [name: string, attributes: Readonly<Record<string, string>>];

/** Longer ones are no maths that a reader could follow. */
export const LONGEST_ATTRIBUTE = 500;

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
    for (const part of (this.optional(name) ?? "").split(",")) {
      if (part.trim() === "") continue;
      const at = part.indexOf("=");
      if (at < 0)
        throw new LessonError(`${name}="${part.trim()}": say which variable it is, as in x=${part.trim()}`);
      const variable = part.slice(0, at).trim();
      found.set(variableName(name, variable), this.numberIn(name, part.slice(at + 1).trim()));
    }
    return found;
  }

  /** The parts between semicolons. */
  list(name: string): string[] {
    return this.text(name)
      .split(";")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  }

  /** Maths, in which the quantities are names whatever else they might be. */
  expression(name: string, text: string = this.text(name), names: readonly string[] = []): Expression {
    return expressionOf(name, text, [...this.quantities.keys(), ...names]);
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
          throw new LessonError(`${name}: ${v} has no value: give a number, or a slider of that name`);
        return [v, value];
      }),
    );
  }
}

const NAME = /^\p{L}[\p{L}\p{M}\p{N}_]{0,20}$/u;

/** A name as expressions write it: eta and η are one. */
export function canonical(name: string): string {
  if (!NAME.test(name)) return name;
  return [...expressionOf("the name", name, [name]).variables.keys()][0] ?? name;
}

/** The same name in plain letters: η is eta. */
export const plainly = (name: string): string => expressionOf("the name", name, [name]).toText();

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

/** Maths, with the attribute named in what is wrong with it. */
export function expressionOf(name: string, text: string, variables: readonly string[] = []): Expression {
  try {
    return parse(text, { variables });
  } catch (error) {
    throw new LessonError(`${name}="${text}": ${(error as Error).message}`);
  }
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
