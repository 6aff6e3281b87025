import { OperandParser } from "./parse-operands.ts";
import type { BinaryOperator, Span, Syntax } from "./syntax.ts";
import { BINDING, call, chained, type Frame, type Operator, shown } from "./syntax-parts.ts";
import type { Token } from "./tokens.ts";

/** What stands between operands inside brackets, and what closes them: commas, rows, bars, words such as `if`. */
export class BracketParser extends OperandParser {
  protected strayClose(t: Token & { kind: "symbol" }): never {
    const frame = this.frame;
    if (this.frames.length > 1)
      this.fail(`${frame.opener} is closed by ${t.text}: expected ${frame.closer}`, t.start);
    this.fail(`${t.text} closes nothing: remove it, or add its opening bracket`, t.start);
  }

  /** || after an operand: closes a norm, or one bar or two; `or` where no bar follows; else opens a norm. */
  protected barPair(t: Token & { kind: "symbol" }): void {
    const frame = this.frame;
    if (frame.closer === "‖") return this.close(t);
    if (frame.closer === "|") {
      this.close(t, true);
      const half = { ...t, text: "|", start: t.start + 1 };
      if (this.frame.closer === "|") return this.close(half);
      this.at++;
      this.juxtapose(half.start, true);
      return this.open("|", "|", half.start, ([x], s) => call("abs", [x], s));
    }
    if (this.bars[this.at] < 0) return this.infix(t, "or");
    this.juxtapose(t.start, true);
    this.operand(t);
  }

  /** x > 0: x, a row of piecewise. */
  protected colon(t: Token & { kind: "symbol" }): void {
    const frame = this.frame;
    if (frame.opener !== "piecewise(" || frame.condition)
      this.fail(": stands in piecewise(condition: value, …) only", t.start);
    if (frame.items.length > 0)
      this.fail("only the last row may go without a condition: put it at the end", t.start);
    this.at++;
    this.reduce(frame, -1);
    frame.condition = frame.operands.pop();
    this.wantOperand = true;
  }

  /** Words between operands: `if`, `for`, `otherwise`, `and`, `or`, `mod`. */
  protected word(t: Token & { kind: "name" }): boolean {
    if (t.subscript !== "" || this.names.isVariable(t.text)) return false;
    if (t.text === "and" || t.text === "or") {
      this.infix(t, t.text);
      return true;
    }
    if (t.text === "mod" && !this.symbolAt(this.at + 1, "(")) {
      this.modulo(t);
      return true;
    }
    if (this.environments.has(this.frame)) return this.tableWord(t);
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

  /** x if x > 0, x otherwise: in \\begin{cases} the word stands for &. */
  protected tableWord(t: Token & { kind: "name" }): boolean {
    if (!["if", "for", "otherwise", "else"].includes(t.text) || this.frame.items.length > 0) return false;
    if (t.text === "if" || t.text === "for") this.at++;
    this.columnEnd(this.frame);
    return true;
  }

  protected columnEnd(frame: Frame): void {
    this.reduce(frame, -1);
    frame.items.push(frame.operands.pop() as Syntax);
    this.wantOperand = true;
    this.otherwiseWord(frame);
  }

  protected finishRow(t: Token & { kind: "symbol" }): void {
    this.at++;
    const frame = this.frames.pop() as Frame;
    const value = frame.close([], { start: frame.start, end: t.end }, frame);
    if (value) this.push(this.checkedCases(value));
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

  protected modulo(t: Token): void {
    this.at++;
    const make: Operator["make"] = ([a, b], s) => call("mod", [a, b], s);
    this.pushOperator({ text: "mod", binding: BINDING["*"], arity: 2, start: t.start, make });
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
    if (t.text === "," && this.environments.has(frame) && this.endsCell()) return;
    this.reduce(frame, -1);
    if (frame.pending) return this.caseRow(frame);
    if (frame.condition) return this.conditionRow(frame);
    this.columnEnd(frame);
  }

  /** The comma of `x, & x > 0,` only sets the text. */
  protected endsCell(): boolean {
    const t = this.peek();
    return (
      (t.kind === "symbol" && (t.text === "&" || t.text === "\\\\")) ||
      (t.kind === "command" && t.text === "end")
    );
  }

  protected conditionRow(frame: Frame): void {
    frame.rows.push({ value: frame.operands.pop() as Syntax, condition: frame.condition });
    frame.condition = undefined;
    this.wantOperand = true;
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
    if (frame.opener === "[" && t.text === ";") {
      frame.matrix.push([...frame.items.splice(0), frame.operands.pop() as Syntax]);
      this.wantOperand = true;
      return;
    }
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

  /** With `half` of a ||, the token stays for what its other half does. */
  protected close(t: Token & { kind: "symbol" }, half = false): void {
    if (!half) this.at++;
    const frame = this.frame;
    this.reduce(frame, -1);
    const last = frame.operands.pop() as Syntax;
    if (frame.pending) frame.rows.push({ value: frame.pending, condition: last });
    else if (frame.condition) frame.rows.push({ value: last, condition: frame.condition });
    else if (frame.opener === "piecewise(") frame.items.push(last);
    else if (frame.rows.length > 0) frame.rows.push({ value: last });
    else frame.items.push(last);
    this.frames.pop();
    const value = frame.close(frame.items, { start: frame.start, end: t.end }, frame);
    if (value) this.push(value);
  }
}
