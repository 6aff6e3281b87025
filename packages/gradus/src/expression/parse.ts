import { isFunctionName } from "./functions.ts";
import { OperandParser } from "./parse-operands.ts";
import type { BinaryOperator, MathDocument, Span, Statement, Syntax } from "./syntax.ts";
import { BINDING, binary, chained, type Frame, raise, shown } from "./syntax-parts.ts";
import type { Token } from "./tokens.ts";

export interface ParseOptions {
  /** Names that are variables whatever else they might be: those that have values or shapes. */
  readonly known?: Iterable<string>;
}

class Parser extends OperandParser {
  readonly statements: Statement[] = [];

  document(): MathDocument {
    while (this.peek().kind !== "end") {
      if (this.isSymbol(";") || this.isSymbol("\n") || this.isSymbol("\\\\")) this.at++;
      else this.statement();
    }
    if (this.statements.length === 0)
      this.fail("nothing is written: expected an expression such as sin(x^2)", 0);
    return { source: this.source, statements: this.statements, reading: this.names.reading };
  }

  protected statement(): void {
    const start = this.peek().start;
    const value = this.expression();
    const end = value.end;
    if (value.kind === "binary" && value.operator === ("=" as BinaryOperator))
      this.definition(value.left, value.right, start, end);
    else this.statements.push({ value, start, end });
  }

  protected definition(left: Syntax, right: Syntax, start: number, end: number): void {
    const name = left.kind === "name" ? left.name : undefined;
    const parameters =
      left.kind === "call" &&
      left.primes === 0 &&
      left.args.every((a) => a.kind === "name") &&
      !isFunctionName(left.name)
        ? left.args.map((a) => (a as { name: string }).name)
        : undefined;
    const defined = name ?? (parameters ? (left as { name: string }).name : undefined);
    if (defined === undefined) {
      this.statements.push({ left, value: right, start, end });
      return;
    }
    if (this.statements.some((s) => s.name === defined))
      this.fail(`${defined} is defined twice: give the second another name`, start);
    this.names.define(defined, parameters !== undefined);
    this.statements.push({ name: defined, parameters, value: right, start, end });
  }

  /** One expression, up to the end of its statement. */
  protected expression(): Syntax {
    this.frames = [];
    this.wantOperand = true;
    this.open("", "", this.peek().start, ([x]) => x);
    for (;;) {
      const t = this.peek();
      const root = this.frames.length === 1;
      if (
        t.kind === "end" ||
        (root && t.kind === "symbol" && (t.text === ";" || t.text === "\n" || t.text === "\\\\"))
      ) {
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

  // --- where an operator is due ---

  protected operator(t: Token): void {
    if (t.kind === "superscript") return this.raised(t);
    if (t.kind === "command" && t.text === "end") return this.closeEnvironment(t);
    if (t.kind !== "symbol") {
      if (t.kind === "name" && this.word(t)) return;
      this.juxtapose(t.start, t.kind === "command" || (t.kind === "name" && this.isFunctionPart(t.text, t)));
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
      case "⊙":
        return this.infix(t, "elementwise", BINDING["*"]);
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
        this.juxtapose(t.start, true);
        return this.operand(t);
      case ")":
      case "]":
      case "}":
        return this.strayClose(t);
      default:
        return this.fail(`${shown(t.text)} cannot stand here`, t.start);
    }
  }

  protected strayClose(t: Token & { kind: "symbol" }): never {
    const frame = this.frame;
    if (this.frames.length > 1)
      this.fail(`${frame.opener} is closed by ${t.text}: expected ${frame.closer}`, t.start);
    this.fail(`${t.text} closes nothing: remove it, or add its opening bracket`, t.start);
  }

  /** Words between operands: `if`, `for`, `otherwise`, `and`, `or`, `mod`. */
  protected word(t: Token & { kind: "name" }): boolean {
    if (t.text === "and" || t.text === "or") {
      this.infix(t, t.text);
      return true;
    }
    if ((t.text === "if" || t.text === "for") && this.frame.opener === "{") {
      this.at++;
      this.reduce(this.frame, -1);
      this.frame.pending = this.frame.operands.pop();
      this.wantOperand = true;
      return true;
    }
    if ((t.text === "otherwise" || t.text === "else") && this.frame.opener === "{") {
      this.at++;
      this.reduce(this.frame, -1);
      this.frame.rows.push({ value: this.frame.operands.pop() as Syntax });
      this.wantOperand = true;
      if (this.isSymbol("}")) this.finishRow(this.peek() as Token & { kind: "symbol" });
      return true;
    }
    return false;
  }

  protected finishRow(t: Token & { kind: "symbol" }): void {
    this.at++;
    const frame = this.frames.pop() as Frame;
    const value = frame.close([], { start: frame.start, end: t.end }, frame);
    if (value) this.push(value);
  }

  protected infix(t: Token, text: string, binding = BINDING[text]): void {
    this.at++;
    this.pushOperator({
      text: (t as { text: string }).text,
      binding,
      arity: 2,
      start: t.start,
      make: ([a, b], s) => chained(text as BinaryOperator, a, b, s),
    });
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
    const transposed = this.transposeMark();
    if (transposed !== undefined) {
      return this.postfix((value, s) => ({ kind: "unary", operator: "transpose", value, ...s }), transposed);
    }
    this.pushOperator(
      { text: "^", binding: BINDING["^"], arity: 2, start: t.start, make: ([a, b], s) => raise(a, b, s) },
      true,
    );
  }

  /** T after ^, where T is no variable: X^T, X^{\top}. */
  protected transposeMark(): number | undefined {
    const braced = this.isSymbol("{");
    const t = this.peek(braced ? 1 : 0);
    const isMark =
      (t.kind === "symbol" && t.text === "⊤") ||
      (t.kind === "name" && t.text === "T" && t.subscript === "" && !this.names.isVariable("T"));
    if (!isMark || (braced && !this.isSymbol("}", 2))) return undefined;
    this.at += braced ? 3 : 1;
    return t.end;
  }

  protected raised(t: Token & { kind: "superscript" }): void {
    this.at++;
    if (t.text === "T")
      return this.postfix((value, s) => ({ kind: "unary", operator: "transpose", value, ...s }), t.end);
    const exponent = this.superscriptValue(t);
    this.postfix((value, s) => binary("^", value, exponent, s), t.end);
  }

  protected postfix(make: (value: Syntax, s: Span) => Syntax, end: number): void {
    const { operands } = this.frame;
    const value = operands.pop() as Syntax;
    operands.push(make(value, { start: value.start, end }));
  }

  protected separator(t: Token & { kind: "symbol" }): void {
    const frame = this.frame;
    if (this.frames.length === 1)
      this.fail(
        `${t.text} stands outside brackets: put a list in [ ] and statements on lines of their own`,
        t.start,
      );
    this.at++;
    this.reduce(frame, -1);
    if (frame.pending) return this.caseRow(frame);
    frame.items.push(frame.operands.pop() as Syntax);
    this.wantOperand = true;
    this.otherwiseWord(frame);
  }

  /** `otherwise` after & in cases. */
  protected otherwiseWord(frame: Frame): void {
    const t = this.peek();
    const ahead = t.kind === "name" && (t.text === "if" || t.text === "for") ? 1 : 0;
    if (!this.environments.has(frame)) return;
    const word = this.peek(ahead);
    if (ahead === 1) this.at++;
    if (word.kind === "name" && (word.text === "otherwise" || word.text === "else")) {
      this.at++;
      this.push({ kind: "name", name: "otherwise", start: word.start, end: word.end });
    }
  }

  protected caseRow(frame: Frame): void {
    frame.rows.push({ value: frame.pending as Syntax, condition: frame.operands.pop() });
    frame.pending = undefined;
    this.wantOperand = true;
  }

  protected nextRow(t: Token & { kind: "symbol" }): void {
    const frame = this.frame;
    this.at++;
    this.reduce(frame, -1);
    const rows = this.environments.get(frame);
    if (rows) {
      rows[rows.length - 1].push(...frame.items.splice(0), frame.operands.pop() as Syntax);
      rows.push([]);
      if (this.peek().kind === "command" && (this.peek() as { text: string }).text === "end")
        this.closeEnvironment(this.peek(), true);
      else this.wantOperand = true;
      return;
    }
    if (frame.pending) return this.caseRow(frame);
    this.fail(`${frame.opener} is not closed before ${shown(t.text)}: add ${frame.closer}`, frame.start);
  }

  protected closeEnvironment(t: Token, empty = false): void {
    const frame = this.frame;
    if (!this.environments.has(frame))
      this.fail("\\end without its \\begin, or a bracket before it is not closed", t.start);
    this.at++;
    const name = this.environmentName();
    if (`\\end{${name}}` !== frame.closer)
      this.fail(`${frame.opener} is closed by \\end{${name}}: expected ${frame.closer}`, t.start);
    this.reduce(frame, -1);
    const items = empty ? [] : [...frame.items, frame.operands.pop() as Syntax];
    this.frames.pop();
    this.push(frame.close(items, { start: frame.start, end: this.tokens[this.at - 1].end }, frame) as Syntax);
  }

  protected close(t: Token & { kind: "symbol" }): void {
    this.at++;
    const frame = this.frame;
    this.reduce(frame, -1);
    const last = frame.operands.pop() as Syntax;
    if (frame.pending) frame.rows.push({ value: frame.pending, condition: last });
    else if (frame.rows.length > 0) frame.rows.push({ value: last });
    else frame.items.push(last);
    this.frames.pop();
    const value = frame.close(frame.items, { start: frame.start, end: t.end }, frame);
    if (value) this.push(value);
  }
}

/** Reads maths, as text or LaTeX. Throws MathSyntaxError, and nothing else, on what is no maths. */
export function parseMath(source: string, options: ParseOptions = {}): MathDocument {
  return new Parser(source, options.known ?? []).document();
}
