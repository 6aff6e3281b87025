import { MathSyntaxError } from "./errors.ts";
import { functionNames, isFunctionName } from "./functions.ts";
import { greekByName } from "./names.ts";
import { didYouMean } from "./suggest.ts";
import type { Span } from "./syntax.ts";
import type { Token } from "./tokens.ts";

export type NamePart = Span & { readonly name: string };

const CONSTANTS = new Set(["e", "π", "∞"]);
const WORDS = new Set([
  "otherwise",
  "else",
  "if",
  "for",
  "and",
  "or",
  "not",
  "piecewise",
  "Piecewise",
  "True",
  "true",
]);
/** Letters that are usual variables beside a function's name (sinx, xlnx), and as a product before a bracket (wx(1 − x)). */
const BESIDE = new Set("abntuvwxyzABWXY");
const BEFORE_BRACKET = new Set("abckmnpqrstuvwxyzABWXY");
const LONGEST_RUN = 60;
const MOST_NOTES = 100;

/**
 * Decides what a run of letters means. A known name (a variable with a value or a definition, a function, a constant,
 * a Greek letter) wins whole. Else the run is parted from the left into the longest known names and single letters:
 * all parts known, or up to three letters, or usual variables beside a function's name (xsinx), make a product. Any
 * other run is an unknown name, and so is one of unusual letters just before a bracket: foo(x), sgimoid(x).
 */
export class NameReader {
  readonly reading: string[] = [];
  private readonly source: string;
  private readonly variables: Set<string>;
  private readonly defined = new Set<string>();
  private readonly noted = new Set<string>();
  /** The name whose definition is being read. */
  private own: string | undefined;

  constructor(source: string, variables: Set<string>) {
    this.source = source;
    this.variables = new Set([...variables].flatMap((v) => [v, greekByName.get(v) ?? v]));
  }

  /** Says how something was read; each thing once. */
  note(text: string): void {
    if (this.noted.size >= MOST_NOTES || this.noted.has(text)) return;
    this.noted.add(text);
    this.reading.push(text);
  }

  /** Makes names variables while a formula's body is read; undoes it by the function returned. */
  withVariables(names: readonly string[]): () => void {
    const added = names.filter((n) => !this.variables.has(n));
    for (const n of added) this.variables.add(n);
    return () => {
      for (const n of added) this.variables.delete(n);
    };
  }

  /** While the right side of a definition is read, L(…) in L = L(a) is a function that is not known. */
  withDefinition(name: string | undefined): () => void {
    this.own = name;
    return () => {
      this.own = undefined;
    };
  }

  isOwn(name: string): boolean {
    return this.own === name && !this.variables.has(name);
  }

  define(name: string, isFunction: boolean): void {
    (isFunction ? this.defined : this.variables).add(name);
  }

  isVariable(name: string): boolean {
    return this.variables.has(name);
  }

  isFunction(name: string): boolean {
    return this.defined.has(name);
  }

  private known(name: string): boolean {
    return (
      this.variables.has(name) ||
      this.defined.has(name) ||
      this.own === name ||
      isFunctionName(name) ||
      CONSTANTS.has(name)
    );
  }

  split(t: Token & { kind: "name" }, called: boolean): NamePart[] {
    const whole = wholeName(t);
    const one = [{ name: whole, start: t.start, end: t.end }];
    if (t.bound && !(t.subscript && /^[A-Za-z]{2,}$/.test(t.text))) return one;
    if (this.known(whole) || this.known(t.text) || t.text.length === 1 || WORDS.has(t.text)) return one;
    if (t.subscript && isFunctionName(whole)) return one;
    const match = /^([A-Za-z]+)(\d*)$/.exec(t.text) as RegExpExecArray;
    if (match[1].length === 1) return one;
    const names = this.pieces(match[1], called) ?? this.letters(t, match[1], called);
    return this.placed(t, names, match[2]);
  }

  /** Whether a run of letters starts with a function: the cosx of sinx cosx. */
  beginsWithFunction(t: Token & { kind: "name" }): boolean {
    if (t.bound || this.known(t.text) || WORDS.has(t.text)) return false;
    const [first] = this.pieces(t.text.replace(/\d+$/, ""), false) ?? [];
    return first !== undefined && isFunctionName(first) && !this.variables.has(first);
  }

  /** The run as known names and single letters, the longest from the left; undefined where that is no product. */
  private pieces(run: string, called: boolean): string[] | undefined {
    if (run.length > LONGEST_RUN) return undefined;
    const found: string[] = [];
    for (let i = 0; i < run.length; i += found[found.length - 1].length) {
      let n = Math.min(run.length - i, 24);
      while (n > 1 && !this.knownInside(run.slice(i, i + n))) n--;
      found.push(run.slice(i, i + n));
    }
    const unknown = found.filter((p) => p.length === 1 && !this.known(p));
    const long = found.some((p) => p.length > 1);
    const usual = long ? BESIDE : BEFORE_BRACKET;
    const product =
      unknown.length === 0 ||
      (run.length <= 3 && (!called || unknown.every((p) => usual.has(p)))) ||
      (long && unknown.every((p) => usual.has(p)));
    return product ? found.map((p) => (this.known(p) ? p : (greekByName.get(p) ?? p))) : undefined;
  }

  /** Short Greek names (mu, nu, xi) are read alone only: they would be found in too many words. */
  private knownInside(part: string): boolean {
    return this.known(part) || (greekByName.has(part) && (part.length > 2 || part === "pi"));
  }

  private letters(t: Token & { kind: "name" }, run: string, called: boolean): never {
    const names = [...functionNames, ...this.variables, ...this.defined, ...greekByName.keys()];
    const what = called ? "function" : "name";
    const shown = run.length > 40 ? `${run.slice(0, 40)}…` : run;
    const mend = called
      ? `; define it (${shown}(x) = …) or write a product with *`
      : "; give it a value, or write a product of letters with spaces or *";
    throw new MathSyntaxError(
      `${shown} is not a known ${what}${didYouMean(run, names) || mend}`,
      this.source,
      t.start,
    );
  }

  private placed(t: Token & { kind: "name" }, names: string[], digits: string): NamePart[] {
    const last = names.length - 1;
    names[last] += digits + (t.subscript ? `_${t.subscript}` : "");
    const shown = names.map((n, i) =>
      i === last ? n : isFunctionName(n) && !this.variables.has(n) ? `${n} ` : `${n}·`,
    );
    this.note(`${this.source.slice(t.start, t.end)} read as ${shown.join("")}`);
    let at = t.start;
    return names.map((name, i) => {
      const start = at;
      at = i === last ? t.end : Math.min(t.end, at + lengthOf(name, this.source.slice(at, t.end)));
      return { name, start, end: at };
    });
  }
}

/** A name as one word, with its subscript: w_1. */
export function wholeName(t: Token & { kind: "name" }): string {
  return t.subscript ? `${t.text}_${t.subscript}` : t.text;
}

/** How much of the source a part takes: α was written alpha. */
function lengthOf(name: string, rest: string): number {
  if (rest.startsWith(name)) return name.length;
  for (const [latin, greek] of greekByName) if (greek === name && rest.startsWith(latin)) return latin.length;
  return name.length;
}
