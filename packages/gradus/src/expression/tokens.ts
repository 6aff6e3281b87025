import { Rational } from "../ir/rational.ts";
import {
  fractionCharacter,
  loweredCharacter,
  OPERATORS,
  raisedCharacter,
  SINGLE,
  SYMBOLS,
} from "./characters.ts";
import { MathSyntaxError } from "./errors.ts";
import {
  ACCENTS,
  LATEX_ALPHABETS,
  LATEX_COMMANDS,
  LATEX_SILENT,
  LATEX_STYLES,
  LATEX_SYMBOLS,
  LAYOUT,
} from "./latex-commands.ts";
import { greekByName } from "./names.ts";
import { NameScanner, type Token } from "./scanner.ts";
import { didYouMean } from "./suggest.ts";

export const LONGEST_SOURCE = 2_000_000;

const INDEXED_SIGN = /\s*_\s*[{(]\s*\p{L}\s*=/uy;

export type { Token };

class Scanner extends NameScanner {
  /** Open matrices and cases, where & parts columns; elsewhere it only aligns. */
  protected tables = 0;
  protected layouts = 0;
  /** Open braces: whether the second group of a fraction follows their end. */
  protected readonly braces: boolean[] = [];
  protected awaiting = false;

  scan(): Token[] {
    const { source } = this;
    while (this.at < source.length) this.next(source[this.at]);
    this.tokens.push({ kind: "end", start: source.length, end: source.length });
    return this.tokens;
  }

  protected next(c: string): void {
    const start = this.at;
    if (c === "\n" || c === "\r" || c === "\u2028" || c === "\u2029") {
      this.at++;
      // A new line ends a statement; inside brackets the parser passes over it.
      this.symbol("\n", start);
    } else if (/\s/.test(c) || "\u200b\u2060\u2061\u2062\u2063\ufeff$~".includes(c)) this.at++;
    else if ((c >= "0" && c <= "9") || (c === "." && /[0-9]/.test(this.source[start + 1] ?? "")))
      this.number();
    else if (c === "𝟙"[0] && this.source.startsWith("𝟙", start)) this.blackboardOne();
    else if (c === "_") this.underscore();
    else if (c === "\\") this.command();
    else if (fractionCharacter(c) !== undefined) this.fraction(c);
    else if (raisedCharacter(c) !== undefined) this.superscript();
    else if (loweredCharacter(c) !== undefined) this.loweredMark(start);
    else if ((c === "Σ" || c === "Π") && this.matches(INDEXED_SIGN, start + 1)) this.indexedSign(c);
    else if (this.letter()) this.name();
    else this.operator(c);
  }

  protected indexedSign(c: string): void {
    this.symbol(c === "Σ" ? "∑" : "∏", this.at++);
  }

  protected fraction(c: string): void {
    const start = this.at++;
    const last = this.tokens[this.tokens.length - 1];
    if (last?.kind === "number")
      this.fail(
        `a number beside ${c} is a sum to some and a product to others: write + or * before ${c}`,
        start,
      );
    const [n, d] = fractionCharacter(c) as readonly [number, number];
    this.tokens.push({ kind: "number", value: Rational.of(n, d), start, end: this.at });
  }

  protected blackboardOne(): void {
    const start = this.at;
    this.at += 2;
    this.tokens.push({ kind: "number", value: Rational.ONE, start, end: this.at });
  }

  /** After 1 it makes an indicator, 1_{x>0}; after a sum sign its bounds; after log its base. */
  protected underscore(): void {
    const start = this.at++;
    const last = this.tokens[this.tokens.length - 1];
    if (last?.kind === "symbol" && "∑∏})".includes(last.text)) return this.symbol("_", start);
    if (last?.kind === "number" && this.isBound(last)) return this.symbol("_", start);
    if (last?.kind === "symbol" && (last.text === "‖" || last.text === "||")) return this.normOrder(start);
    if (last?.kind === "name" && !last.subscript) return this.baseMark(start);
    if (last?.kind !== "number" || !last.value.isOne)
      this.fail("a name begins with a letter, and a subscript follows a name, as in w_1", start);
    this.tokens[this.tokens.length - 1] = {
      kind: "command",
      text: "indicator",
      start: last.start,
      end: this.at,
    };
  }

  /** The 3 of ∑^3_{i=1}. */
  protected isBound(last: Token): boolean {
    const [sign, raised] = this.tokens.slice(-3);
    return (
      last.kind === "number" &&
      raised?.kind === "symbol" &&
      raised.text === "^" &&
      sign?.kind === "symbol" &&
      "∑∏".includes(sign.text)
    );
  }

  /** log_2 x: the base is read as maths, and digits end it. */
  protected baseMark(start: number): void {
    this.symbol("_", start);
    const digits = this.matches(/\s*\d+/y, this.at);
    if (digits === undefined) return;
    const from = this.at;
    this.at += digits.length;
    this.tokens.push({ kind: "number", value: this.exact(digits.trim(), from), start: from, end: this.at });
  }

  protected loweredMark(start: number): void {
    const last = this.tokens[this.tokens.length - 1];
    const text = this.lowered();
    if (last?.kind === "symbol" && (last.text === "‖" || last.text === "||") && text === "2") return;
    this.fail("a subscript must follow a name, as in w₁", start);
  }

  /** ‖x‖_2 and ‖X‖_F are the plain norm. */
  protected normOrder(start: number): void {
    const match = /^(?:\{\s*([2F])\s*\}|([2F]))/.exec(this.source.slice(this.at, this.at + 12));
    if (!match) this.fail("only the Euclidean (Frobenius) norm is read: ‖x‖, ‖x‖_2 or ‖X‖_F", start);
    this.at += match[0].length;
  }

  /** x² is x^{2}: what is raised is read like any exponent. */
  protected superscript(): void {
    const start = this.at;
    let text = "";
    for (
      let c = raisedCharacter(this.source[start]);
      c !== undefined;
      c = raisedCharacter(this.source[this.at])
    ) {
      text += c;
      this.at++;
    }
    const inner = this.inside(text);
    this.symbol("^", start);
    this.symbol("{", start);
    for (const t of inner) if (t.kind !== "end") this.tokens.push({ ...t, start, end: this.at });
    this.symbol("}", start);
  }

  protected operator(c: string): void {
    const start = this.at;
    const pair = OPERATORS.find((o) => this.source.startsWith(o, start));
    if (pair) {
      this.at += pair.length;
      return this.symbol({ "**": "^", "&&": "and", ".*": "⊙", ":=": "=" }[pair] ?? pair, start);
    }
    if (c === "&" && this.layouts > 0 && this.tables === 0) {
      this.at++;
      return;
    }
    const known = SYMBOLS.get(c) ?? (SINGLE.includes(c) ? c : undefined);
    if (known === undefined) this.unknownCharacter(start);
    this.at++;
    this.symbol(known === ":=" ? "=" : known, start);
    if (c === "{") {
      this.braces.push(this.awaiting);
      this.awaiting = false;
    } else if (c === "}" && this.braces.pop()) this.shortGroup();
  }

  protected unknownCharacter(start: number): never {
    const code = this.original.codePointAt(start) as number;
    const hex = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    const shown = /[\p{C}\p{Z}\p{M}]/u.test(String.fromCodePoint(code))
      ? hex
      : JSON.stringify(String.fromCodePoint(code));
    this.fail(`the character ${shown} has no meaning here: remove it`, start);
  }

  protected command(): void {
    const start = this.at;
    const match = this.matches(/\\(?:[A-Za-z]+\*?|.)/suy, start);
    if (match === undefined) this.fail("a backslash must begin a command, such as \\frac");
    // x\prime* and the like: a star belongs to \operatorname* only.
    const word =
      match.length > 2 && match !== "\\operatorname*" ? match.slice(1).replace("*", "") : match.slice(1);
    this.at += word.length + 1;
    if ("[]()".includes(word)) return;
    if (LATEX_SILENT.has(word)) return this.silent(word);
    if (word === "\\") return this.rowEnd(start);
    if (word === "begin" || word === "end") return this.environment(word, start);
    const symbol = LATEX_SYMBOLS.get(word);
    if (symbol) return this.symbol(symbol, start);
    if (LATEX_STYLES.has(word)) return this.styled(start);
    const accent = ACCENTS.get(word);
    if (accent !== undefined) return this.accented(accent, start);
    if (LATEX_ALPHABETS.has(word)) return this.calligraphic(start);
    if (LATEX_COMMANDS.has(word)) {
      this.tokens.push({ kind: "command", text: word.replace(/^[cdt]frac$/, "frac"), start, end: this.at });
      if (word.endsWith("frac")) this.shortFraction();
      else if (word === "sqrt") this.shortGroup();
      return;
    }
    // γ is a letter in LaTeX, where the function is \Gamma; gamma(x) in plain text is the function.
    if (word === "gamma") return this.finishName("γ", start);
    if (this.isFunction(word) || greekByName.has(word)) return this.finishName(word, start);
    const known = [
      ...LATEX_COMMANDS,
      ...LATEX_SYMBOLS.keys(),
      ...LATEX_STYLES,
      ...greekByName.keys(),
      ...ACCENTS.keys(),
      ...LATEX_ALPHABETS,
      "sin",
      "cos",
      "tan",
      "exp",
      "ln",
      "log",
      "max",
      "min",
    ];
    this.fail(`\\${word.slice(0, 40)} is not a known command${didYouMean(word, known)}`, start);
  }

  /** \\\\[2pt] ends a row, or a line. */
  protected rowEnd(start: number): void {
    this.at += this.matches(/\s*\[[-\d.]+\s*[a-z]+\]/y, this.at)?.length ?? 0;
    this.symbol("\\\\", start);
  }

  protected environment(word: "begin" | "end", start: number): void {
    const step = word === "begin" ? 1 : -1;
    const layout = this.matches(LAYOUT, this.at);
    if (layout === undefined) {
      this.tables = Math.max(0, this.tables + step);
      this.tokens.push({ kind: "command", text: word, start, end: this.at });
      return;
    }
    this.at += layout.length;
    this.layouts = Math.max(0, this.layouts + step);
  }

  protected accented(mark: string, start: number): void {
    const text = this.group(start);
    const letter = greekByName.get(text.replace("\\", "")) ?? text;
    if (!/^\p{L}$/u.test(letter)) this.fail(`an accent stands over one letter: \\hat{y}`, start);
    this.finishName((letter + mark).normalize("NFC"), start);
  }

  protected silent(word: string): void {
    // \left. and \right. stand for no bracket.
    if ((word === "left" || word === "right") && this.source[this.at] === ".") this.at++;
  }

  /** What stands in the braces after a command, or the one letter, digit or command. */
  protected group(start: number): string {
    const match = this.matches(/\s*(?:\{[^{}]{0,60}\}|\p{L}|\d|\\[A-Za-z]+)/uy, this.at);
    if (match === undefined) this.fail("the command needs a group in braces after it", start);
    this.at += match.length;
    return match.replace(/^\s*\{|\}$/g, "").trim();
  }

  protected styled(start: number): void {
    if (this.identityMatrix(start)) return;
    const text = this.group(start)
      .replaceAll("\\_", "_")
      .replace(/[.,]+$/, "");
    if (/^[A-Za-z]+\d*$/.test(text) || this.isFunction(text)) return this.finishName(text, start);
    if (greekByName.has(text.slice(1)) && text.startsWith("\\"))
      return this.finishName(greekByName.get(text.slice(1)) as string, start);
    // Anything else in the group is read as maths: \mathbf{1}, \text{if }, \mathbf{w_1}.
    const inner = this.inside(text);
    for (const t of inner) if (t.kind !== "end") this.tokens.push({ ...t, start, end: this.at });
  }

  /** \mathbf{I}_{3} is the identity matrix of that size. */
  protected identityMatrix(start: number): boolean {
    const match = this.matches(/\\mathbf\{I\}_\{\d{1,6}\}/y, start);
    if (match === undefined) return false;
    this.at = start + match.length;
    for (const t of this.inside(`eye(${match.replace(/\D/g, "")})`))
      if (t.kind !== "end") this.tokens.push({ ...t, start, end: this.at });
    return true;
  }

  protected calligraphic(start: number): void {
    const text = this.group(start);
    if (text === "1") this.tokens.push({ kind: "number", value: Rational.ONE, start, end: this.at });
    else if (/^[A-Za-z]$/.test(text)) this.finishName(text === "L" ? "𝓛" : text, start);
    else this.fail("a letter of another alphabet is one letter: \\mathcal{L}", start);
  }

  /** \frac12 is a half, \frac1x and \frac{1}2 likewise: a group may be one letter or digit. */
  protected shortFraction(): void {
    if (this.shortGroup()) this.shortGroup();
    else this.awaiting = this.matches(/\s*\{/y, this.at) !== undefined;
  }

  /** One letter or digit where a group could be, as a group. */
  protected shortGroup(): boolean {
    const command = this.matches(/\s*\\[A-Za-z]+/y, this.at);
    const greek = command && greekByName.get(command.trim().slice(1));
    if (greek) return this.grouped(command.length, greek);
    const match = this.matches(/\s*[\p{L}\d]/uy, this.at);
    if (match === undefined) return false;
    return this.grouped(match.length, match.trim());
  }

  protected grouped(length: number, text: string): true {
    this.at += length;
    const [start, end] = [this.at - text.length, this.at];
    this.symbol("{", start);
    if (/\d/.test(text)) this.tokens.push({ kind: "number", value: Rational.from(text), start, end });
    else this.tokens.push({ kind: "name", text, subscript: "", bound: true, start, end });
    this.symbol("}", start);
    return true;
  }

  protected inside(text: string): Token[] {
    return new Scanner(text, this.isFunction).scan();
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
