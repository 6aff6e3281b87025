import { MathSyntaxError } from "./errors.ts";
import { isFunctionName } from "./functions.ts";
import { NameReader, wholeName } from "./read-names.ts";
import type { Span, Syntax } from "./syntax.ts";
import { BINDING, binary, type Frame, type Operator, pairs, shown } from "./syntax-parts.ts";
import { type Token, tokenize } from "./tokens.ts";

/** The stack machine under the parser: tokens, open brackets, and operators that wait for their operands. */
export class ParserStack {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly names: NameReader;
  at = 0;
  frames: Frame[] = [];
  wantOperand = true;
  protected readonly closing: Int32Array;
  protected readonly bars: Int32Array;

  /** Lists that were written as matrices: \\left[ \\begin{matrix} … is no list of one matrix. */
  protected readonly matrices = new WeakSet<Syntax>();

  protected readonly environments = new Map<Frame, Syntax[][]>();

  constructor(source: string, known: Iterable<string>) {
    this.source = source;
    const variables = new Set(known);
    this.tokens = tokenize(source, (n) => isFunctionName(n) && !variables.has(n));
    this.names = new NameReader(source, variables);
    ({ closing: this.closing, bars: this.bars } = pairs(this.tokens));
  }

  fail(message: string, position: number): never {
    throw new MathSyntaxError(message, this.source, position);
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)];
  }

  isSymbol(text: string, ahead = 0): boolean {
    const t = this.peek(ahead);
    return t.kind === "symbol" && t.text === text;
  }

  protected symbolAt(at: number, text: string): boolean {
    const t = this.tokens[at];
    return t?.kind === "symbol" && t.text === text;
  }

  protected finish(t: Token): Syntax {
    const frame = this.frames[this.frames.length - 1];
    if (this.frames.length > 1) {
      this.fail(`${frame.opener} is not closed: add ${frame.closer}`, frame.start);
    }
    if (this.wantOperand) this.missingOperand(frame, t);
    this.reduce(frame, -1);
    return frame.operands[0];
  }

  protected missingOperand(frame: Frame, t: Token): never {
    const last = frame.operators[frame.operators.length - 1];
    if (last) this.fail(`something is missing after ${shown(last.text)}`, Math.min(last.start + 1, t.start));
    this.fail("expected an expression here", t.start);
  }

  protected open(opener: string, closer: string, start: number, close: Frame["close"]): void {
    this.frames.push({
      opener,
      closer,
      start,
      close,
      operands: [],
      operators: [],
      items: [],
      rows: [],
      matrix: [],
      applied: 0,
    });
    this.wantOperand = true;
  }

  protected get frame(): Frame {
    return this.frames[this.frames.length - 1];
  }

  push(value: Syntax): void {
    this.frame.operands.push(value);
    this.wantOperand = false;
  }

  /** Applies waiting operators that bind at least as strongly. */
  protected reduce(frame: Frame, binding: number, rightFirst = false): void {
    const { operators, operands } = frame;
    while (operators.length > 0) {
      const top = operators[operators.length - 1];
      if (top.binding < binding || (rightFirst && top.binding === binding)) return;
      operators.pop();
      if (top.binding === BINDING.apply) frame.applied--;
      const args = operands.splice(operands.length - top.arity, top.arity);
      const start = top.arity === 1 ? top.start : args[0].start;
      operands.push(top.make(args, { start, end: args[args.length - 1].end }));
    }
  }

  protected pushOperator(operator: Operator, rightFirst = false): void {
    // A prefix operator waits for what follows; it closes nothing before it.
    if (operator.arity === 2) this.reduce(this.frame, operator.binding, rightFirst);
    if (operator.binding === BINDING.apply) this.frame.applied++;
    this.frame.operators.push(operator);
    this.wantOperand = true;
  }

  juxtapose(start: number, strong: boolean): void {
    // Within sin 2x the factors are the argument's; a function or a bracket ends it.
    const inArgument = !strong && this.frame.applied > 0;
    const binding = inArgument ? BINDING.inner : BINDING.implicit;
    this.reduce(this.frame, binding + 0.5);
    this.noteFraction(start);
    this.pushOperator({
      text: "·",
      binding,
      arity: 2,
      start,
      make: ([a, b], s) => binary("implicit", a, b, s),
    });
  }

  /** 1/2x is ½·x: a slash takes the next factor only. */
  protected noteFraction(start: number): void {
    const { operators, operands } = this.frame;
    if (operators[operators.length - 1]?.text !== "/") return;
    const [above, below] = operands.slice(-2);
    // Within a run of letters (a/bc) the token is behind, else it is the next.
    const next = this.peek().start === start ? this.peek() : this.tokens[this.at - 1];
    const fraction = this.source.slice(above.start, below.end);
    if (next.end - above.start > 40 || /[()[\]{}]/.test(fraction)) return;
    const opens = next.kind === "symbol" && "([{".includes(next.text);
    const factor = opens ? "(…)" : this.source.slice(start, next.end);
    const gap = this.source.slice(below.end, start);
    this.names.note(`${fraction}${gap}${factor} read as (${fraction})·${factor}`);
  }

  /** A note on a short piece of the source. */
  protected noteSource(s: Span, note: (text: string) => string): void {
    if (s.end - s.start <= 40) this.names.note(note(this.source.slice(s.start, s.end)));
  }

  protected isFunctionPart(name: string, t: Token & { kind: "name" }): boolean {
    return !t.subscript && isFunctionName(name) && !this.names.isVariable(name);
  }

  /** What stands after ^ or _ of a function or a sum sign: a group, or one number or name with its sign. */
  protected short(then: (value: Syntax) => void): void {
    const t = this.peek();
    if (t.kind === "symbol" && (t.text === "{" || t.text === "(")) {
      this.at++;
      return this.open(t.text, t.text === "{" ? "}" : ")", t.start, ([x]) => {
        then(x);
        return undefined;
      });
    }
    const negative = t.kind === "symbol" && t.text === "-";
    const value = this.peek(negative ? 1 : 0);
    const span = { start: t.start, end: value.end };
    if (value.kind === "number") {
      this.at += negative ? 2 : 1;
      return then({ kind: "number", value: negative ? value.value.neg() : value.value, ...span });
    }
    const name =
      value.kind === "symbol" && value.text === "∞"
        ? "∞"
        : value.kind === "name"
          ? wholeName(value)
          : undefined;
    if (name === undefined) this.fail("expected a number, a name or a group in braces", value.start);
    this.at += negative ? 2 : 1;
    const operand: Syntax = { kind: "name", name, start: value.start, end: value.end };
    then(negative ? { kind: "unary", operator: "-", value: operand, ...span } : operand);
  }

  /** Only the last row may go without a condition. */
  protected checkedCases(s: Syntax): Syntax {
    if (s.kind !== "cases") return s;
    const early = s.rows.findIndex((r, i) => r.condition === undefined && i < s.rows.length - 1);
    if (early >= 0)
      this.fail(
        "only the last row may go without a condition: add one after it, such as x > 0",
        s.rows[early].value.end,
      );
    return s;
  }

  protected environmentName(): string {
    const [a, b, c] = [this.peek(), this.peek(1), this.peek(2)];
    if (a.kind !== "symbol" || a.text !== "{" || b.kind !== "name" || c.kind !== "symbol" || c.text !== "}") {
      this.fail("\\begin needs its name in braces, as in \\begin{cases}", a.start);
    }
    this.at += 3;
    return b.text;
  }

  protected startsOperand(): boolean {
    const t = this.peek();
    if (t.kind === "symbol")
      return ["(", "[", "{", "|", "||", "‖", "√", "∛", "∛", "-", "+", "∑", "∏", "∂", "⌊", "⌈", "∞"].includes(
        t.text,
      );
    if (t.kind === "command") return t.text !== "end";
    return t.kind === "number" || t.kind === "name";
  }
}
