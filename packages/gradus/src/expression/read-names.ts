import { MathSyntaxError } from "./errors.ts";
import { functionNames, isFunctionName } from "./functions.ts";
import { greekByName } from "./names.ts";
import { didYouMean } from "./suggest.ts";
import type { Span } from "./syntax.ts";
import type { Token } from "./tokens.ts";

export type NamePart = Span & { readonly name: string };

const CONSTANTS = new Set(["e", "π", "∞"]);
const WORDS = ["otherwise", "else", "if", "for", "and", "or", "not"];

/**
 * Decides what a run of letters means: a known name wins whole; else a run that splits into known names is their
 * product; else up to three letters are a product of single letters, and a longer run is an unknown name.
 */
export class NameReader {
  readonly reading: string[] = [];
  private readonly source: string;
  private readonly variables: Set<string>;
  private readonly defined = new Set<string>();

  constructor(source: string, variables: Set<string>) {
    this.source = source;
    this.variables = new Set([...variables].flatMap((v) => [v, greekByName.get(v) ?? v]));
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
    return this.variables.has(name) || this.defined.has(name) || isFunctionName(name) || CONSTANTS.has(name);
  }

  split(t: Token & { kind: "name" }, called: boolean): NamePart[] {
    const whole = t.subscript ? `${t.text}_${t.subscript}` : t.text;
    const one = [{ name: whole, start: t.start, end: t.end }];
    if (t.bound && !(t.subscript && /^[A-Za-z]{2,}$/.test(t.text))) return one;
    if (this.known(whole) || this.known(t.text) || t.text.length === 1 || WORDS.includes(t.text)) return one;
    if (t.subscript && isFunctionName(whole)) return one;
    const match = /^([A-Za-z]+)(\d*)$/.exec(t.text) as RegExpExecArray;
    if (match[1].length === 1) return one;
    const names = this.pieces(match[1], called) ?? this.letters(t, match[1], called);
    return this.placed(t, names, match[2]);
  }

  /** The run as known names of two letters or more and single letters, greedily from the left; or undefined. */
  private pieces(run: string, called: boolean): string[] | undefined {
    const found: string[] = [];
    let long = false;
    for (let i = 0; i < run.length; ) {
      let n = Math.min(run.length - i, 24);
      while (n > 1 && !this.known(run.slice(i, i + n)) && !greekByName.has(run.slice(i, i + n))) n--;
      const piece = run.slice(i, i + n);
      if (n > 1) long = true;
      else if (!this.known(piece) && run.length > 3 && !long && found.length >= 2) return undefined;
      found.push(greekByName.get(piece) && !this.known(piece) ? (greekByName.get(piece) as string) : piece);
      i += n;
    }
    const singles = found.filter((p) => p.length === 1 && !this.known(p)).length;
    if (singles === 0 || (long && singles <= 2)) return found;
    return run.length <= 3 && !called ? found : undefined;
  }

  private letters(t: Token & { kind: "name" }, run: string, called: boolean): string[] {
    const names = [...functionNames, ...this.variables, ...this.defined, ...greekByName.keys()];
    const what = called ? "function" : "name";
    throw new MathSyntaxError(
      `${run} is not a known ${what}${didYouMean(run, names) || "; write a product of letters with spaces or *"}`,
      this.source,
      t.start,
    );
  }

  private placed(t: Token & { kind: "name" }, names: string[], digits: string): NamePart[] {
    const last = names.length - 1;
    names[last] += digits + (t.subscript ? `_${t.subscript}` : "");
    const note = `${this.source.slice(t.start, t.end)} read as ${names.join("·")}`;
    if (!this.reading.includes(note)) this.reading.push(note);
    let at = t.start;
    return names.map((name, i) => {
      const start = at;
      at = i === last ? t.end : Math.min(t.end, at + name.length);
      return { name, start, end: at };
    });
  }
}
