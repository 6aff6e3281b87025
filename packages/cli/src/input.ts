import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "gradus";
import { type Expression, parse, Rational, readShapes, sizesApartFrom } from "gradus/math";
import { UsageError } from "./errors.ts";

/** What the command line says of the variables. */
export interface Given {
  readonly values: Map<string, Tensor>;
  /** Values as exact fractions, where they were written as numbers. */
  readonly exact: Map<string, Rational>;
  readonly ranges: Map<string, Range>;
  readonly shapes: Map<string, number[]>;
  /** Letters that stand for sizes, such as m×n. */
  readonly sizes: Map<string, number>;
  /** Sizes for letters to come, in their order. */
  readonly free: readonly number[];
}

export interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export interface InputOptions {
  readonly values?: string;
  readonly shapes?: string;
}

/** The expression, from standard input where it is "-". */
export function sourceOf(argument: string): string {
  return argument === "-" ? readFileSync(0, "utf8").trimEnd() : argument;
}

/** Reads `x=1.2 w=[1,2,3] t=0:1:0.1`, --values and --shapes. */
/** With the text of an expression, letters of shapes get sizes that are written as letters again. */
export function readGiven(assignments: readonly string[], options: InputOptions, source?: string): Given {
  const given: Given = {
    values: new Map(),
    exact: new Map(),
    ranges: new Map(),
    shapes: new Map(),
    sizes: new Map(),
    free: source === undefined ? SIZES : sizesApartFrom(source),
  };
  if (options.values !== undefined) readFile(options.values, given);
  for (const a of assignments) readAssignment(a, given);
  if (options.shapes !== undefined) takeShapes(options.shapes, given);
  for (const [name, value] of given.values)
    if (!given.shapes.has(name)) given.shapes.set(name, [...value.shape]);
  return given;
}

function takeShapes(text: string, given: Given): void {
  try {
    const { shapes, sizes } = readShapes(text, given.free);
    for (const [name, shape] of shapes) given.shapes.set(name, [...shape]);
    for (const [letter, size] of sizes) given.sizes.set(letter, size);
  } catch (error) {
    throw new UsageError(`--shapes: ${(error as Error).message}`);
  }
}

function readAssignment(text: string, given: Given): void {
  const at = text.indexOf("=");
  const name = text.slice(0, at).trim();
  if (at < 1 || !/^[^\s\d=][^\s=]*$/u.test(name)) {
    throw new UsageError(`${text}: expected a value such as x=1.2; put an expression with spaces in quotes`);
  }
  if (given.values.has(name) || given.ranges.has(name))
    throw new UsageError(`${name} is given twice: give it one value`);
  const value = text.slice(at + 1).trim();
  const range = rangeOf(name, value);
  if (range) given.ranges.set(name, range);
  else if (value.startsWith("[")) given.values.set(name, listOf(name, value));
  else {
    const exact = numberOf(`${name}=${value}`, value);
    given.values.set(name, tensor(exact.value));
    if (exact.rational) given.exact.set(name, exact.rational);
  }
}

/** A number as people write it: 0.5, 1e-3, 1/2, pi/4, sqrt(2). */
export function numberOf(where: string, text: string): { value: number; rational?: Rational } {
  let rational: Rational | undefined;
  try {
    rational = Rational.from(text);
  } catch {
    // Not a plain decimal: read it as maths.
  }
  if (rational) {
    const value = rational.toNumber();
    if (!Number.isFinite(value))
      throw new UsageError(`${where}: ${text} is beyond the largest float, 1.8e308`);
    return { value, rational };
  }
  let e: Expression;
  try {
    e = parse(text);
  } catch {
    throw new UsageError(`${where}: expected a number or a list such as [1,2,3]`);
  }
  if (e.variables.size > 0 || e.shape.length > 0)
    throw new UsageError(`${where}: expected a number or a list such as [1,2,3]`);
  const fraction = /^(-?\d+)\/(\d+)$/.exec(text.replaceAll(" ", ""));
  rational =
    fraction && BigInt(fraction[2]) !== 0n
      ? Rational.of(BigInt(fraction[1]), BigInt(fraction[2]))
      : undefined;
  return { value: e.evaluateFinite().item(), rational };
}

function rangeOf(name: string, text: string): Range | undefined {
  const parts = text.split(":");
  if (parts.length === 1 || text.startsWith("[")) return undefined;
  if (parts.length > 3) throw new UsageError(`${name}=${text}: a range is from:to or from:to:step`);
  const [from, to] = parts.map((p) => numberOf(`${name}=${text}`, p).value);
  const step = parts.length === 3 ? numberOf(`${name}=${text}`, parts[2]).value : (to - from) / 10;
  if (!(step !== 0 && Number.isFinite((to - from) / step) && (to - from) / step >= 0)) {
    throw new UsageError(`${name}=${text}: the step ${step} does not lead from ${from} to ${to}`);
  }
  if ((to - from) / step > 10_000)
    throw new UsageError(`${name}=${text}: more than 10000 points: take a larger step`);
  return { from, to, step };
}

function listOf(name: string, text: string): Tensor {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw new UsageError(`${name}=${text}: expected a list of numbers such as [1,2,3] or [[1,2],[3,4]]`);
  }
  return checkedTensor(name, list);
}

function checkedTensor(name: string, value: unknown): Tensor {
  const numeric = (v: unknown): boolean =>
    Array.isArray(v) ? v.length > 0 && v.every(numeric) : typeof v === "number";
  if (!numeric(value)) throw new UsageError(`${name}: expected numbers, as in 1.5, [1,2,3] or [[1,2],[3,4]]`);
  try {
    return tensor(value as number[]);
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`);
  }
}

function readFile(path: string, given: Given): void {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(
      `--values ${path}: ${error instanceof SyntaxError ? "the file is not JSON" : "the file cannot be read"}: expected {"w": [1, 2], …}`,
    );
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw new UsageError(`--values ${path}: expected {"w": [1, 2], …}`);
  for (const [name, value] of Object.entries(content)) given.values.set(name, checkedTensor(name, value));
}

/** Sizes that letters stand for: different from each other, so that they can be told apart again. */
const SIZES = [3, 5, 7, 4, 6, 8, 9, 11, 13];

/** A shape as it was given: [m × n]. */
export function shownShape(shape: readonly number[], given: Given): string {
  const letters = new Map([...given.sizes].map(([letter, size]) => [size, letter]));
  return shape.length === 0 ? "" : `[${shape.map((d) => letters.get(d) ?? d).join(" × ")}]`;
}

/** The expression, with the given names known to the reader; values for names that it lacks are refused. */
export function readExpression(argument: string, given: Given, names: readonly string[] = []): Expression {
  const e = parse(sourceOf(argument), {
    shapes: given.shapes,
    variables: [...given.values.keys(), ...given.ranges.keys(), ...names],
    ...(given.free === SIZES ? {} : { sizes: new Map([...given.sizes].map(([l, size]) => [size, l])) }),
  });
  for (const name of [...given.values.keys(), ...given.ranges.keys()]) usage(() => e.variable(name));
  return e;
}

/** Turns a complaint about a name into a wrong call. */
export function usage<T>(f: () => T): T {
  try {
    return f();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The values by the names that the expression uses; each variable must have one. */
export function completeValues(e: Expression, given: Given): Map<string, Tensor> {
  const byNode = new Map([...given.values].map(([name, value]) => [e.variable(name), value]));
  return new Map(
    [...e.variables].map(([name, node]) => {
      const value = byNode.get(node);
      if (!value) throw new UsageError(`${name} has no value: give ${name}=…`);
      return [name, value];
    }),
  );
}

export interface Point {
  readonly name?: string;
  readonly value: number;
  readonly exact: Rational;
}

/** `x=0.1`, or just `0.1`; `x=1,y=2` for several variables. */
export function pointsOf(option: string, text: string): Point[] {
  return text.split(",").map((part) => {
    const [left, right] = part.includes("=")
      ? [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1)]
      : [undefined, part];
    const found = numberOf(`${option} ${text}`, right.trim());
    return { name: left, value: found.value, exact: found.rational ?? Rational.from(found.value) };
  });
}

/** One point of one variable. */
export function pointOf(option: string, text: string): Point {
  const [point, ...more] = pointsOf(option, text);
  if (more.length > 0)
    throw new UsageError(`${option} ${text}: one point of one variable is meant, as in x=0.1`);
  return point;
}

/** The given numbers, exactly. */
export function exactValues(given: Given): Map<string, Rational> {
  const exact = [...given.values].map(
    ([name, value]) => [name, given.exact.get(name) ?? Rational.from(value.item())] as const,
  );
  return new Map(exact);
}

/** `lo,hi`, each a number or an expression without variables. */
export function intervalOf(text: string): readonly [number, number] {
  const parts = text.split(",").map((p) => p.trim());
  if (parts.length !== 2) throw new UsageError(`--on ${text}: expected two numbers, as in --on 0,0.5`);
  const [lo, hi] = parts.map((p) => numberOf(`--on ${text}`, p).value);
  if (!(lo <= hi)) throw new UsageError(`--on ${text}: the first number must not be the greater one`);
  return [lo, hi];
}

export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text.trim()) || value < least || value > most) {
    throw new UsageError(`${option} ${text.trim()}: expected a whole number from ${least} to ${most}`);
  }
  return value;
}

/** Refuses a comparison where a command works on a number. */
export function requireNumber(command: string, e: Expression): void {
  if (e.node.dtype === "bool")
    throw new UsageError(
      `${command} needs a number: ${e} is a comparison, true or false${command === "solve" ? "; write = once" : ""}`,
    );
}
