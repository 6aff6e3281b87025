import { Rational } from "../ir/rational.ts";
import { isFunctionName } from "./functions.ts";
import { greekByName } from "./names.ts";
import { BracketParser } from "./parse-brackets.ts";
import { FUNCTION_LETTERS } from "./parse-names.ts";
import { wholeName } from "./read-names.ts";
import type { BinaryOperator, MathDocument, Statement, Syntax } from "./syntax.ts";
import { BINDING, binary, raise, shown } from "./syntax-parts.ts";
import type { Token } from "./tokens.ts";

export interface ParseOptions {
  /** Names that are variables whatever else they might be: those that have values or shapes. */
  readonly known?: Iterable<string>;
}

class Parser extends BracketParser {
  readonly statements: Statement[] = [];
  protected readonly defined = new Set<string>();

  document(): MathDocument {
    while (this.peek().kind !== "end") {
      if (this.endsStatement(this.peek())) this.at++;
      else this.statement();
    }
    if (this.statements.length === 0)
      this.fail("nothing is written: expected an expression such as sin(x^2)", 0);
    return { source: this.source, statements: this.statements, reading: this.names.reading };
  }

  /** A comma parts statements where a definition follows: z = wx + b, a = σ(z). */
  protected endsStatement(t: Token): boolean {
    if (t.kind !== "symbol") return false;
    if (t.text === ",")
      return this.statements.length + this.frames.length > 0 && this.head(this.at + 1) !== undefined;
    return t.text === ";" || t.text === "\n" || t.text === "\\\\";
  }

  protected statement(): void {
    const start = this.peek().start;
    const head = this.head(this.at);
    if (head) {
      this.at = head.next;
      return this.definition(head.name, head.parameters, start);
    }
    const value = this.expression();
    const end = value.end;
    if (value.kind === "binary" && value.operator === ("=" as BinaryOperator)) {
      this.statements.push({ left: value.left, value: value.right, start, end });
    } else this.statements.push({ value, start, end });
  }

  /** `z =` or `f(x, y) =`: a name before the equals sign is one name, however long. Functions of the table stay as they are. */
  protected head(at: number): { name: string; parameters?: string[]; next: number } | undefined {
    const name = this.nameAt(at);
    if (name === undefined) return undefined;
    if (this.symbolAt(at + 1, "=")) return { name, next: at + 2 };
    const close = this.closing[at + 1];
    if (
      !this.symbolAt(at + 1, "(") ||
      close < 0 ||
      !this.symbolAt(close + 1, "=") ||
      this.isTableFunction(name)
    )
      return undefined;
    const parameters: string[] = [];
    for (let i = at + 2; i < close; i += 2) {
      const parameter = this.nameAt(i);
      if (parameter === undefined || !(this.symbolAt(i + 1, ",") || i + 1 === close)) return undefined;
      parameters.push(parameter);
    }
    return parameters.length > 0 ? { name, parameters, next: close + 2 } : undefined;
  }

  protected nameAt(at: number): string | undefined {
    const t = this.tokens[at];
    if (t?.kind !== "name" || t.text === "not" || t.text === "if") return undefined;
    const name = wholeName(t);
    return greekByName.get(name) ?? name;
  }

  protected isTableFunction(name: string): boolean {
    return (isFunctionName(name) || name === "σ" || name === "Γ") && !this.names.isVariable(name);
  }

  protected definition(name: string, parameters: string[] | undefined, start: number): void {
    if (this.defined.has(name)) this.fail(`${name} is defined twice: give the second another name`, start);
    const twice = parameters?.find((p, i) => parameters.indexOf(p) < i);
    if (twice !== undefined) this.fail(`${name}(…) names ${twice} twice`, start);
    const restore = this.names.withVariables(parameters ?? []);
    const finished = this.names.withDefinition(parameters ? undefined : name);
    if (this.endsStatement(this.peek()) || this.peek().kind === "end")
      this.fail("something is missing after =", this.tokens[this.at - 1].end);
    const value = this.expression();
    restore();
    finished();
    if (value.kind === "binary" && value.operator === ("=" as BinaryOperator)) {
      this.fail("a second = in one statement: put it on a line of its own", value.left.end);
    }
    this.defined.add(name);
    this.names.define(name, parameters !== undefined);
    this.statements.push({ name, parameters, value, start, end: value.end });
  }

  /** One expression, up to the end of its statement. */
  protected expression(): Syntax {
    this.frames = [];
    this.wantOperand = true;
    this.open("", "", this.peek().start, ([x]) => x);
    for (;;) {
      const t = this.peek();
      const root = this.frames.length === 1;
      if (t.kind === "end" || (root && this.endsStatement(t))) {
        if (t.kind === "symbol" && t.text === "\n" && this.wantOperand && this.continues()) {
          this.at++;
          continue;
        }
        return this.finish(t);
      }
      if (t.kind === "symbol" && t.text === "\n") this.at++;
      else if (this.wantOperand) this.operand(t);
      else this.operator(t);
    }
  }

  protected continues(): boolean {
    const frame = this.frames[0];
    return frame.operands.length > 0 || frame.operators.length > 0;
  }

  protected operator(t: Token): void {
    if (t.kind === "command" && t.text === "end") return this.closeEnvironment(t);
    if (t.kind !== "symbol") {
      if (t.kind === "name" && this.word(t)) return;
      if (t.kind === "number") this.checkNumbers(t);
      this.juxtapose(t.start, this.endsArgument(t));
      return this.operand(t);
    }
    const frame = this.frame;
    if (t.text === frame.closer && this.frames.length > 1) return this.close(t);
    switch (t.text) {
      case "+":
      case "-":
      case "*":
      case "/":
      case "and":
      case "or":
        return this.infix(t, t.text);
      case "·":
        return this.infix(t, "dot", BINDING["*"]);
      case "⊙":
        return this.infix(t, "elementwise", BINDING["*"]);
      case "%":
        return this.modulo(t);
      case "<":
      case "<=":
      case ">":
      case ">=":
      case "!=":
      case "==":
        return this.infix(t, t.text);
      case "=":
        return this.equals(t);
      case "^":
        return this.power(t);
      case "!":
        if (this.symbolAt(this.at - 1, "!") && this.tokens[this.at - 1].end === t.start) {
          this.fail("!! is not read: write (n!)! for a factorial of a factorial", t.start);
        }
        this.at++;
        return this.postfix((value, s) => ({ kind: "unary", operator: "!", value, ...s }), t.end);
      case "'":
        return this.fail("a prime needs a function with its argument, as in f'(x)", t.start);
      case ",":
      case "&":
        return this.separator(t);
      case ";":
      case "\\\\":
        return this.nextRow(t);
      case "(":
      case "[":
      case "{":
      case "√":
      case "∛":
      case "∑":
      case "∏":
      case "∂":
      case "|":
      case "‖":
      case "⌊":
      case "⌈":
        this.juxtapose(t.start, true);
        return this.operand(t);
      case "||":
        return this.barPair(t);
      case ":":
        return this.colon(t);
      case ")":
      case "]":
      case "}":
      case "⌋":
      case "⌉":
        return this.strayClose(t);
      default:
        return this.fail(`${shown(t.text)} cannot stand here`, t.start);
    }
  }

  protected checkNumbers(t: Token): void {
    const before = this.tokens[this.at - 1];
    if (before.kind === "number") this.fail("two numbers stand side by side: write * between them", t.start);
  }

  /** What ends the argument of a function without brackets: another function, a call, an indicator. */
  protected endsArgument(t: Token): boolean {
    if (t.kind === "command") return t.text === "indicator" || t.text === "begin";
    if (t.kind !== "name") return false;
    const called =
      this.symbolAt(this.at + 1, "(") || this.symbolAt(this.at + 1, "'") || this.symbolAt(this.at + 1, "''");
    return (
      this.isFunctionPart(t.text, t) ||
      this.names.beginsWithFunction(t) ||
      (called && this.isUnknownCall(t)) ||
      t.text === "piecewise" ||
      t.text === "Piecewise"
    );
  }

  protected isUnknownCall(t: Token & { kind: "name" }): boolean {
    const name = wholeName(t);
    if (this.symbolAt(this.at + 1, "("))
      return (
        this.tableFunction(name, true) !== undefined ||
        this.names.isFunction(name) ||
        (FUNCTION_LETTERS.has(t.text) && !this.names.isVariable(name))
      );
    return true;
  }

  protected equals(t: Token): void {
    if (this.frames.length > 1) {
      // Inside a bracket `=` compares: 1_{x=0}, where(x = 0, …).
      return this.infix(t, "==");
    }
    if (this.frame.operators.some((o) => o.text === "="))
      this.fail("a second = in one statement: put it on a line of its own", t.start);
    this.at++;
    this.pushOperator({
      text: "=",
      binding: BINDING["="],
      arity: 2,
      start: t.start,
      make: ([a, b], s) => binary("=" as BinaryOperator, a, b, s),
    });
  }

  protected power(t: Token): void {
    this.at++;
    const mark = this.transposeMark();
    if (mark) {
      return this.postfix((value, s) => {
        const minusOne: Syntax = { kind: "number", value: Rational.of(-1), ...s };
        const turned = mark.inverse ? raise(value, minusOne, s) : value;
        return { kind: "unary", operator: "transpose", value: turned, ...s };
      }, mark.end);
    }
    this.pushOperator(
      { text: "^", binding: BINDING["^"], arity: 2, start: t.start, make: ([a, b], s) => raise(a, b, s) },
      true,
    );
  }

  /** T after ^, where T is no variable: X^T, X^{\top}; X^{-T} is the transpose of the inverse. */
  protected transposeMark(): { end: number; inverse: boolean } | undefined {
    // 2^T and e^T are powers.
    const base = this.frame.operands[this.frame.operands.length - 1];
    if (base.kind === "number" || (base.kind === "name" && base.name === "e" && !this.names.isVariable("e")))
      return undefined;
    const closing = this.isSymbol("{") ? "}" : this.isSymbol("(") && this.isSymbol("-", 1) ? ")" : undefined;
    const inverse = closing !== undefined && this.isSymbol("-", 1);
    const at = (closing ? 1 : 0) + (inverse ? 1 : 0);
    const t = this.peek(at);
    const isMark =
      (t.kind === "symbol" && t.text === "⊤") ||
      (t.kind === "name" && t.text === "T" && t.subscript === "" && !this.names.isVariable("T"));
    if (!isMark || (closing && !this.isSymbol(closing, at + 1))) return undefined;
    this.at += at + (closing ? 2 : 1);
    return { end: t.end, inverse };
  }
}

/** Reads maths, as text or LaTeX. Throws MathSyntaxError, and nothing else, on what is no maths. */
export function parseMath(source: string, options: ParseOptions = {}): MathDocument {
  return new Parser(source, options.known ?? []).document();
}
