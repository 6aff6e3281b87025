import { Rational } from "../ir/rational.ts";
import { MathSyntaxError } from "./errors.ts";
import { greekByName } from "./names.ts";
import { didYouMean } from "./suggest.ts";
import type { Span } from "./syntax.ts";

export type Token = Span &
  (
    | { readonly kind: "number"; readonly value: Rational }
    /** A run of letters; `subscript` belongs to it. `bound`: one name by its writing (Greek, hat, subscript). */
    | { readonly kind: "name"; readonly text: string; readonly subscript: string; readonly bound: boolean }
    | { readonly kind: "symbol"; readonly text: string }
    | { readonly kind: "superscript"; readonly text: string }
    /** A word of the language: frac, sqrt, cases … */
    | { readonly kind: "command"; readonly text: string }
    | { readonly kind: "end" }
  );

export const LONGEST_SOURCE = 5_000_000;

const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["−", "-"],
  ["–", "-"],
  ["·", "*"],
  ["×", "*"],
  ["∙", "*"],
  ["⋅", "*"],
  ["÷", "/"],
  ["∕", "/"],
  ["⊙", "⊙"],
  ["∘", "⊙"],
  ["≤", "<="],
  ["≥", ">="],
  ["≠", "!="],
  ["∧", "and"],
  ["∨", "or"],
  ["¬", "not"],
  ["√", "√"],
  ["∛", "∛"],
  ["∂", "∂"],
  ["‖", "‖"],
  ["∥", "‖"],
  ["⊤", "⊤"],
  ["′", "'"],
  ["’", "'"],
  ["″", "''"],
  ["∞", "∞"],
  ["∑", "∑"],
  ["∏", "∏"],
  ["⟨", "("],
  ["⟩", ")"],
]);
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀˣ";
const SUPERSCRIPT_TEXT = "0123456789+-nTx";
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
const OPERATORS = ["**", "<=", ">=", "!=", "==", "&&", "||", "''", ".*", "->"];
const SINGLE = "+-*/^()[]{}|!<>=,;&'%:";

/** LaTeX commands that are plain symbols. */
const LATEX_SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["cdot", "*"],
  ["times", "*"],
  ["div", "/"],
  ["le", "<="],
  ["leq", "<="],
  ["ge", ">="],
  ["geq", ">="],
  ["ne", "!="],
  ["neq", "!="],
  ["lt", "<"],
  ["gt", ">"],
  ["land", "and"],
  ["wedge", "and"],
  ["lor", "or"],
  ["vee", "or"],
  ["lnot", "not"],
  ["neg", "not"],
  ["odot", "⊙"],
  ["circ", "⊙"],
  ["partial", "∂"],
  ["top", "⊤"],
  ["intercal", "⊤"],
  ["prime", "'"],
  ["infty", "∞"],
  ["lVert", "‖"],
  ["rVert", "‖"],
  ["Vert", "‖"],
  ["lvert", "|"],
  ["rvert", "|"],
  ["vert", "|"],
  ["{", "("],
  ["}", ")"],
  ["|", "‖"],
  ["sum", "∑"],
  ["prod", "∏"],
  ["lbrace", "("],
  ["rbrace", ")"],
]);
/** Commands that only set type or space. */
const LATEX_SILENT = new Set([
  "left",
  "right",
  "big",
  "Big",
  "bigl",
  "bigr",
  "Bigl",
  "Bigr",
  "bigg",
  "Bigg",
  "displaystyle",
  "textstyle",
  "limits",
  ",",
  ";",
  ":",
  "!",
  " ",
  "quad",
  "qquad",
  "nolimits",
  "mathopen",
  "mathclose",
]);
/** Commands whose group is read as it stands. */
const LATEX_STYLES = new Set([
  "mathbf",
  "boldsymbol",
  "bm",
  "mathrm",
  "operatorname",
  "text",
  "mathit",
  "textbf",
  "textrm",
  "mathsf",
  "vec",
  "operatorname*",
]);
const LATEX_COMMANDS = new Set(["frac", "dfrac", "tfrac", "sqrt", "begin", "end", "binom"]);

class Scanner {
  readonly source: string;
  readonly isFunction: (name: string) => boolean;
  readonly tokens: Token[] = [];
  at = 0;

  constructor(source: string, isFunction: (name: string) => boolean) {
    this.source = source;
    this.isFunction = isFunction;
  }

  fail(message: string, position = this.at): never {
    throw new MathSyntaxError(message, this.source, position);
  }

  symbol(text: string, start: number): void {
    this.tokens.push({ kind: "symbol", text, start, end: this.at });
  }

  scan(): Token[] {
    const { source } = this;
    while (this.at < source.length) this.next(source[this.at]);
    this.tokens.push({ kind: "end", start: source.length, end: source.length });
    return this.tokens;
  }

  private next(c: string): void {
    const start = this.at;
    if (c === "\n") {
      this.at++;
      // A new line ends a statement; inside brackets the parser passes over it.
      this.symbol("\n", start);
    } else if (/\s/.test(c) || c === "\u2061" || c === "\u2062" || c === "$" || c === "~") this.at++;
    else if ((c >= "0" && c <= "9") || (c === "." && /[0-9]/.test(this.source[start + 1] ?? "")))
      this.number();
    else if (c === "𝟙"[0] && this.source.startsWith("𝟙", start)) this.blackboardOne();
    else if (c === "_") this.underscore();
    else if (c === "\\") this.command();
    else if (SUPERSCRIPTS.includes(c)) this.superscript();
    else if (this.letter()) this.name();
    else this.operator(c);
  }

  private number(): void {
    const start = this.at;
    const match = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/.exec(
      this.source.slice(start, start + 100_000),
    ) as RegExpExecArray;
    const after = this.source[start + match[0].length] ?? "";
    // 2e and 2ex are 2·e…; 2e3 is a number unless a letter follows.
    const text = match[2] && /[A-Za-z_]/.test(after) ? match[1] : match[0];
    this.at = start + text.length;
    try {
      this.tokens.push({ kind: "number", value: Rational.from(text), start, end: this.at });
    } catch (error) {
      this.fail((error as Error).message, start);
    }
  }

  private blackboardOne(): void {
    const start = this.at;
    this.at += 2;
    this.tokens.push({ kind: "number", value: Rational.ONE, start, end: this.at });
  }

  /** After 1 it makes an indicator, 1_{x>0}; after a sum sign its bounds. */
  private underscore(): void {
    const start = this.at++;
    const last = this.tokens[this.tokens.length - 1];
    if (last?.kind === "symbol" && (last.text === "∑" || last.text === "∏")) return this.symbol("_", start);
    if (last?.kind === "symbol" && last.text === "‖") return this.normOrder(start);
    if (last?.kind !== "number" || !last.value.isOne)
      this.fail("a subscript must follow a name, as in w_1", start);
    this.tokens[this.tokens.length - 1] = {
      kind: "command",
      text: "indicator",
      start: last.start,
      end: this.at,
    };
  }

  /** ‖x‖_2 and ‖X‖_F are the plain norm. */
  private normOrder(start: number): void {
    const match = /^(?:\{\s*([2F])\s*\}|([2F]))/.exec(this.source.slice(this.at, this.at + 12));
    if (!match) this.fail("only the Euclidean (Frobenius) norm is read: ‖x‖, ‖x‖_2 or ‖X‖_F", start);
    this.at += match[0].length;
  }

  private superscript(): void {
    const start = this.at;
    let text = "";
    while (this.at < this.source.length && SUPERSCRIPTS.includes(this.source[this.at])) {
      text += SUPERSCRIPT_TEXT[SUPERSCRIPTS.indexOf(this.source[this.at++])];
    }
    this.tokens.push({ kind: "superscript", text, start, end: this.at });
  }

  private letter(): string | undefined {
    const c = String.fromCodePoint(this.source.codePointAt(this.at) as number);
    return /\p{L}/u.test(c) && !"∂".includes(c) ? c : undefined;
  }

  private name(): void {
    const start = this.at;
    const first = this.letter() as string;
    let text = "";
    const ahead = this.source.slice(start, start + 1000);
    const wide = /^[A-Za-z][A-Za-z0-9_]*/.exec(ahead)?.[0];
    // log1p and leaky_relu are one word; other words end at digits and underscores.
    if (wide !== undefined && this.isFunction(wide)) text = wide;
    else if (/[A-Za-z]/.test(first)) text = (/^[A-Za-z]+\d*/.exec(ahead) as RegExpExecArray)[0];
    else text = first;
    // b1 is one name; 2e3-like runs (x2y) end at the digits.
    this.at = start + text.length;
    this.finishName(text, start);
  }

  /** Hats, Greek names, and subscripts. */
  private finishName(word: string, start: number): void {
    let text = word.normalize("NFC");
    let bound = !/^[A-Za-z]/.test(text);
    if (this.source[this.at] === "\u0302") {
      this.at++;
      text = `${text}\u0302`.normalize("NFC");
      bound = true;
    }
    if (/^[ℒ]$/.test(text)) text = "𝓛";
    const hat = /^([A-Za-z])hat$/.exec(text);
    const greek = greekByName.get(text);
    if (hat) [text, bound] = [`${hat[1]}\u0302`.normalize("NFC"), true];
    else if (greek && !this.isFunction(text)) [text, bound] = [greek, true];
    const subscript = this.subscript();
    this.tokens.push({
      kind: "name",
      text,
      subscript,
      bound: bound || subscript !== "",
      start,
      end: this.at,
    });
  }

  /** `_1`, `_{ij}`, `₁`; not taken where a letter run is a function (log_2). */
  private subscript(): string {
    const { source } = this;
    let digits = "";
    while (SUBSCRIPTS.includes(source[this.at] ?? " ")) digits += SUBSCRIPTS.indexOf(source[this.at++]);
    if (digits) return digits;
    if (source[this.at] !== "_") return "";
    const match = /^_(?:\{([^{}_^]{1,40})\}|([A-Za-z]+\d*|\d+|\p{L}))/u.exec(
      source.slice(this.at, this.at + 60),
    );
    if (!match) this.fail("a subscript must be a name or a number, as in w_1 or w_{ij}");
    this.at += match[0].length;
    return (match[1] ?? match[2]).replace(/[\s,]/g, "");
  }

  private operator(c: string): void {
    const start = this.at;
    const pair = OPERATORS.find((o) => this.source.startsWith(o, start));
    if (pair) {
      this.at += pair.length;
      return this.symbol({ "**": "^", "&&": "and", "||": "‖", ".*": "⊙" }[pair] ?? pair, start);
    }
    const known = SYMBOLS.get(c) ?? (SINGLE.includes(c) ? c : undefined);
    if (known === undefined) {
      const shown = String.fromCodePoint(this.source.codePointAt(start) as number);
      this.fail(`the character ${JSON.stringify(shown)} has no meaning here: remove it`);
    }
    this.at++;
    this.symbol(known, start);
  }

  private command(): void {
    const start = this.at;
    const match = /^\\([A-Za-z]+\*?|.)/su.exec(this.source.slice(start, start + 100));
    if (!match) this.fail("a backslash must begin a command, such as \\frac");
    const word = match[1];
    this.at += match[0].length;
    if (LATEX_SILENT.has(word)) return this.silent(word);
    if (word === "\\") return this.symbol("\\\\", start);
    const symbol = LATEX_SYMBOLS.get(word);
    if (symbol) return this.symbol(symbol, start);
    if (LATEX_STYLES.has(word)) return this.styled(start);
    if (word === "hat" || word === "widehat") return this.finishName(`${this.group(start)}hat`, start);
    if (word === "mathcal" || word === "mathscr" || word === "mathbb") return this.calligraphic(start);
    if (LATEX_COMMANDS.has(word)) {
      this.tokens.push({ kind: "command", text: word.replace(/^[dt]frac$/, "frac"), start, end: this.at });
      if (word.endsWith("frac")) this.shortFraction();
      return;
    }
    if (this.isFunction(word) || greekByName.has(word)) return this.finishName(word, start);
    const known = [
      ...LATEX_COMMANDS,
      ...LATEX_SYMBOLS.keys(),
      ...LATEX_STYLES,
      ...greekByName.keys(),
      "hat",
      "sin",
      "cos",
      "exp",
      "ln",
    ];
    this.fail(`\\${word} is not a known command${didYouMean(word, known)}`, start);
  }

  private silent(word: string): void {
    // \left. and \right. stand for no bracket.
    if ((word === "left" || word === "right") && this.source[this.at] === ".") this.at++;
  }

  private group(start: number): string {
    const match = /^\s*(?:\{([^{}]{0,60})\}|(\p{L}|\d))/u.exec(this.source.slice(this.at, this.at + 80));
    if (!match) this.fail("the command needs a group in braces after it", start);
    this.at += match[0].length;
    return (match[1] ?? match[2]).trim();
  }

  private styled(start: number): void {
    const text = this.group(start).replaceAll("\\_", "_");
    if (/^[A-Za-z]+\d*$/.test(text) || this.isFunction(text)) return this.finishName(text, start);
    // Anything else in the group is read as maths: \mathbf{w}, \text{otherwise}, \mathbf{1}.
    const inner = new Scanner(text, this.isFunction).scan();
    for (const t of inner) if (t.kind !== "end") this.tokens.push({ ...t, start, end: this.at });
  }

  private calligraphic(start: number): void {
    const text = this.group(start);
    this.finishName(text === "L" ? "𝓛" : text, start);
  }

  /** \frac12 is a half. */
  private shortFraction(): void {
    const match = /^\s*(\d)\s*(\d)/.exec(this.source.slice(this.at, this.at + 20));
    if (!match) return;
    const start = this.at;
    this.at += match[0].length;
    for (const digit of [match[1], match[2]]) {
      this.symbol("{", start);
      this.tokens.push({ kind: "number", value: Rational.from(digit), start, end: this.at });
      this.symbol("}", start);
    }
  }
}

/** Takes maths apart, plain text and LaTeX alike. */
export function tokenize(source: string, isFunction: (name: string) => boolean): Token[] {
  if (source.length > LONGEST_SOURCE) {
    throw new MathSyntaxError(
      `the text is longer than ${LONGEST_SOURCE} characters`,
      source.slice(0, 100),
      0,
    );
  }
  return new Scanner(source, isFunction).scan();
}
