import { Rational } from "../ir/rational.ts";
import { loweredCharacter, plainCharacters } from "./characters.ts";
import { MathSyntaxError } from "./errors.ts";
import { greekByName } from "./names.ts";
import type { Span } from "./syntax.ts";

export type Token = Span &
  (
    | { readonly kind: "number"; readonly value: Rational }
    /** A run of letters; `subscript` belongs to it. `bound`: one name by its writing (Greek, hat, subscript). */
    | { readonly kind: "name"; readonly text: string; readonly subscript: string; readonly bound: boolean }
    | { readonly kind: "symbol"; readonly text: string }
    /** A word of the language: frac, sqrt, cases … */
    | { readonly kind: "command"; readonly text: string }
    | { readonly kind: "end" }
  );

/** A number's digits: more are refused, so that no text takes long to read. */
const MOST_DIGITS = 1_000;
/** Digits and powers of ten that all numbers of a text may have together. */
const NUMBER_BUDGET = 20_000_000;
/** A function that is written without brackets, and a number that follows. */
const BEFORE_NUMBER = /^([A-Za-z]*?)((?:a|arc)?(?:sin|cos|tan|sec|csc|cot)h?|exp|ln|log|sqrt)(\d+)$/;
const MARK = /[\u0302\u0303\u0304\u0305\u0307\u0308\u20D7]/;

/** Takes numbers and names from the text, with their accents and subscripts. */
export abstract class NameScanner {
  /** As it was given, for messages. */
  readonly original: string;
  /** With plain characters, of the same length. */
  readonly source: string;
  readonly isFunction: (name: string) => boolean;
  readonly tokens: Token[] = [];
  at = 0;
  protected budget = NUMBER_BUDGET;

  constructor(source: string, isFunction: (name: string) => boolean) {
    this.original = source;
    this.source = plainCharacters(source);
    this.isFunction = isFunction;
  }

  fail(message: string, position = this.at): never {
    throw new MathSyntaxError(message, this.original, position);
  }

  symbol(text: string, start: number): void {
    this.tokens.push({ kind: "symbol", text, start, end: this.at });
  }

  protected matches(pattern: RegExp, at: number): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(this.source)?.[0];
  }

  protected number(): void {
    const start = this.at;
    const text = this.matches(/(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y, start) as string;
    this.at = start + text.length;
    if (text === "0" && this.matches(/[xX][\da-fA-F]*\d/y, this.at))
      this.fail("numbers are decimal; write 0*x for a product", start);
    if (this.source[this.at] === "." && /\d/.test(this.source[this.at + 1] ?? ""))
      this.fail("a number has one decimal point", this.at);
    this.tokens.push({ kind: "number", value: this.exact(text, start), start, end: this.at });
  }

  protected exact(text: string, start: number): Rational {
    const [digits, exponent] = text.split(/[eE]/);
    if (digits.length > MOST_DIGITS)
      this.fail(`a number of ${digits.length} digits is too long: at most ${MOST_DIGITS}`, start);
    this.budget -= digits.length + Math.min(Math.abs(Number(exponent ?? 0)), 10_000);
    if (this.budget < 0) this.fail("the numbers of this text have too many digits together", start);
    try {
      return Rational.from(text);
    } catch (error) {
      return this.fail((error as Error).message, start);
    }
  }

  /** A run of lowered characters as plain text; empty where there is none. */
  protected lowered(): string {
    let text = "";
    for (
      let c = loweredCharacter(this.source[this.at]);
      c !== undefined;
      c = loweredCharacter(this.source[this.at])
    ) {
      text += c;
      this.at++;
    }
    return text;
  }

  protected letter(): string | undefined {
    const c = String.fromCodePoint(this.source.codePointAt(this.at) as number);
    return /\p{L}/u.test(c) ? c : undefined;
  }

  protected name(): void {
    const start = this.at;
    const first = this.letter() as string;
    let text = "";
    const wide = this.matches(/[A-Za-z][A-Za-z0-9_]{0,40}/y, start);
    // log1p and leaky_relu are one word; other words end at digits and underscores.
    if (wide !== undefined && this.isFunction(wide)) text = wide;
    else if (/[A-Za-z]/.test(first)) text = this.matches(/[A-Za-z]+\d*/y, start) as string;
    else text = this.matches(/\p{L}\d*/uy, start) ?? first;
    if (!this.isFunction(text)) text = this.withoutNumber(text, start);
    // b1 is one name; 2e3-like runs (x2y) end at the digits.
    this.at = start + text.length;
    this.finishName(text, start);
  }

  /** sin2x is sin(2x): a number after a function is its argument's, where it can be no other. */
  private withoutNumber(text: string, start: number): string {
    const [, before, word, digits] = BEFORE_NUMBER.exec(text) ?? [];
    if (word === undefined || !this.isFunction(word)) return text;
    if (word === "log")
      this.fail(
        `${text} could be log_${digits} or log(${digits}…): write log_${digits}(x) or log(${digits}x)`,
        start,
      );
    if (this.matches(/\s*\(/y, start + text.length))
      this.fail(
        `${text}(…) could be meant in two ways: write ${word}(${digits}x) or ${word}^${digits}(x)`,
        start,
      );
    return before + word;
  }

  /** Hats, Greek names, and subscripts. */
  protected finishName(word: string, start: number): void {
    let text = word.normalize("NFC");
    let bound = !/^[A-Za-z]+\d*$/.test(text);
    while (MARK.test(this.source[this.at] ?? "")) {
      const mark = this.source[this.at++].replace("\u0305", "\u0304").replace("\u20D7", "");
      text = (text + mark).normalize("NFC");
      bound = true;
    }
    if (/^[ℒ]$/.test(text)) text = "𝓛";
    const hat = /^([A-Za-z])hat$/.exec(text);
    const greek = greekByName.get(text);
    if (hat) [text, bound] = [`${hat[1]}\u0302`.normalize("NFC"), true];
    else if (greek && !this.isFunction(text)) [text, bound] = [greek, true];
    const subscript = this.takesBase(text) ? "" : this.subscript(text);
    this.tokens.push({
      kind: "name",
      text,
      subscript,
      bound: bound || subscript !== "",
      start,
      end: this.at,
    });
    if (this.takesBase(text) && loweredCharacter(this.source[this.at] ?? "") !== undefined)
      this.loweredBase();
  }

  /** log_2, log_{b+1}, log_b, but not log_softmax or log_loss, which are names. */
  protected takesBase(text: string): boolean {
    if (text !== "log" || !this.isFunction("log")) return false;
    return (
      this.matches(/_(?:\d|\{|\p{L}(?![\p{L}\d_]))/uy, this.at) !== undefined ||
      loweredCharacter(this.source[this.at] ?? "") !== undefined
    );
  }

  protected loweredBase(): void {
    const start = this.at;
    const inner = this.inside(this.lowered());
    this.symbol("_", start);
    this.symbol("{", start);
    for (const t of inner) if (t.kind !== "end") this.tokens.push({ ...t, start, end: this.at });
    this.symbol("}", start);
  }

  /** `_1`, `_{ij}`, `_max`, `₁`; w_ix_i is w_i x_i, as in LaTeX, since a subscript has no subscript. */
  protected subscript(name: string): string {
    const lowered = this.lowered();
    if (lowered) return lowered;
    if (this.source[this.at] !== "_") return "";
    const whole = this.matches(/_[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*/y, this.at);
    if (whole?.includes("_", 1) && (name.length > 1 || this.isFunction(name + whole)))
      return this.take(whole.length).slice(1);
    const pattern =
      /_(?:\{([^{}_^]{1,40}|\\(?:text|mathrm)\s*\{[^{}]{1,40}\})\}|\\(?:text|mathrm)\s*\{([^{}]{1,40})\}|\p{L}(?=\p{L}\d*_)|\p{L}+\d*|\d+)/uy;
    const found = this.matches(pattern, this.at);
    if (found === undefined) this.fail("a subscript must be a name or a number, as in w_1 or w_{ij}");
    const text = found
      .slice(1)
      .replace(/\\(?:text|mathrm)/g, "")
      .replace(/[\s,{}]/g, "");
    if (text === "") this.fail("a subscript must be a name or a number, as in w_1 or w_{ij}");
    this.at += found.length;
    return text.replace(/^\\([A-Za-z]+)$/, (whole, greek) => greekByName.get(greek) ?? whole);
  }

  protected take(length: number): string {
    this.at += length;
    return this.source.slice(this.at - length, this.at);
  }

  /** The tokens of a text that stands inside this one. */
  protected abstract inside(text: string): Token[];
}
