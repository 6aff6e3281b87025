import { Rational } from "../ir/rational.ts";
import { MathSyntaxError } from "./errors.ts";
import { isFunctionName } from "./functions.ts";
import { NameReader } from "./read-names.ts";
import type { Syntax } from "./syntax.ts";
import { BINDING, binary, type Frame, type Operator, shown } from "./syntax-parts.ts";
import { type Token, tokenize } from "./tokens.ts";

/** The stack machine under the parser: tokens, open brackets, and operators that wait for their operands. */
export class ParserStack {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly names: NameReader;
  at = 0;
  frames: Frame[] = [];
  wantOperand = true;

  constructor(source: string, known: Iterable<string>) {
    this.source = source;
    const variables = new Set(known);
    this.tokens = tokenize(source, (n) => isFunctionName(n) && !variables.has(n));
    this.names = new NameReader(source, variables);
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
    this.frames.push({ opener, closer, start, close, operands: [], operators: [], items: [], rows: [] });
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
      const args = operands.splice(operands.length - top.arity, top.arity);
      const start = top.arity === 1 ? top.start : args[0].start;
      operands.push(top.make(args, { start, end: args[args.length - 1].end }));
    }
  }

  protected pushOperator(operator: Operator, rightFirst = false): void {
    // A prefix operator waits for what follows; it closes nothing before it.
    if (operator.arity === 2) this.reduce(this.frame, operator.binding, rightFirst);
    this.frame.operators.push(operator);
    this.wantOperand = true;
  }

  juxtapose(start: number, strong: boolean): void {
    // Within sin 2x the factors are the argument's; a function or a bracket ends it.
    const inArgument = !strong && this.frame.operators.some((o) => o.binding === BINDING.apply);
    const binding = inArgument ? BINDING.inner : BINDING.implicit;
    this.pushOperator({
      text: "·",
      binding,
      arity: 2,
      start,
      make: ([a, b], s) => binary("implicit", a, b, s),
    });
  }

  protected isFunctionPart(name: string, t: Token & { kind: "name" }): boolean {
    return !t.subscript && isFunctionName(name) && !this.names.isVariable(name);
  }

  protected superscriptValue(t: Token & { kind: "superscript" }): Syntax {
    const span = { start: t.start, end: t.end };
    const match = /^([+-]?)(\d+|[nx])$/.exec(t.text);
    if (!match) this.fail(`the raised ${t.text} is not an exponent: use ^(…)`, t.start);
    const value: Syntax = /\d/.test(match[2])
      ? { kind: "number", value: Rational.from(match[2]), ...span }
      : { kind: "name", name: match[2], ...span };
    if (match[1] !== "-") return value;
    return value.kind === "number"
      ? { ...value, value: value.value.neg() }
      : { kind: "unary", operator: "-", value, ...span };
  }

  protected readonly environments = new Map<Frame, Syntax[][]>();

  protected environmentName(): string {
    const [a, b, c] = [this.peek(), this.peek(1), this.peek(2)];
    if (a.kind !== "symbol" || a.text !== "{" || b.kind !== "name" || c.kind !== "symbol" || c.text !== "}") {
      this.fail("\\begin needs its name in braces, as in \\begin{cases}", a.start);
    }
    this.at += 3;
    return b.text;
  }
}
