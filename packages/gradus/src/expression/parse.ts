import { Rational } from "../ir/rational.ts";
import { MathSyntaxError } from "./errors.ts";
import { inverseOf, isFunctionName } from "./functions.ts";
import { NameReader } from "./read-names.ts";
import type { BinaryOperator, MathDocument, Span, Statement, Syntax } from "./syntax.ts";
import {
  asCondition,
  BINDING,
  binary,
  call,
  casesOrGroup,
  chained,
  type Frame,
  indicator,
  matchDerivative,
  matchSumBounds,
  type Operator,
  prefix,
  raise,
  shown,
  splitSubscript,
  subscriptSyntax,
} from "./syntax-parts.ts";
import { type Token, tokenize } from "./tokens.ts";

export interface ParseOptions {
  /** Names that are variables whatever else they might be: those that have values or shapes. */
  readonly known?: Iterable<string>;
}

const FUNCTION_LETTERS = new Set(["f", "g", "h", "F", "G", "H", "φ", "ψ", "Φ", "Ψ", "𝓛"]);

class Parser {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly names: NameReader;
  readonly statements: Statement[] = [];
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

  document(): MathDocument {
    while (this.peek().kind !== "end") {
      if (this.isSymbol(";") || this.isSymbol("\n") || this.isSymbol("\\\\")) this.at++;
      else this.statement();
    }
    if (this.statements.length === 0) this.fail("nothing is written: expected an expression such as sin(x^2)", 0);
    return { source: this.source, statements: this.statements, reading: this.names.reading };
  }

  private statement(): void {
    const start = this.peek().start;
    const value = this.expression();
    const end = value.end;
    if (value.kind === "binary" && value.operator === ("=" as BinaryOperator)) this.definition(value.left, value.right, start, end);
    else this.statements.push({ value, start, end });
  }

  private definition(left: Syntax, right: Syntax, start: number, end: number): void {
    const name = left.kind === "name" ? left.name : undefined;
    const parameters = left.kind === "call" && left.primes === 0 && left.args.every((a) => a.kind === "name") && !isFunctionName(left.name)
      ? left.args.map((a) => (a as { name: string }).name)
      : undefined;
    const defined = name ?? (parameters ? (left as { name: string }).name : undefined);
    if (defined === undefined) {
      this.statements.push({ left, value: right, start, end });
      return;
    }
    if (this.statements.some((s) => s.name === defined)) this.fail(`${defined} is defined twice: give the second another name`, start);
    this.names.define(defined, parameters !== undefined);
    this.statements.push({ name: defined, parameters, value: right, start, end });
  }

  /** One expression, up to the end of its statement. */
  private expression(): Syntax {
    this.frames = [];
    this.wantOperand = true;
    this.open("", "", this.peek().start, ([x]) => x);
    for (;;) {
      const t = this.peek();
      const root = this.frames.length === 1;
      if (t.kind === "end" || (root && t.kind === "symbol" && (t.text === ";" || t.text === "\n" || t.text === "\\\\"))) {
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

  private continues(): boolean {
    const frame = this.frames[0];
    return frame.operands.length > 0 || frame.operators.length > 0;
  }

  private finish(t: Token): Syntax {
    const frame = this.frames[this.frames.length - 1];
    if (this.frames.length > 1) {
      this.fail(`${frame.opener} is not closed: add ${frame.closer}`, frame.start);
    }
    if (this.wantOperand) this.missingOperand(frame, t);
    this.reduce(frame, -1);
    return frame.operands[0];
  }

  private missingOperand(frame: Frame, t: Token): never {
    const last = frame.operators[frame.operators.length - 1];
    if (last) this.fail(`something is missing after ${shown(last.text)}`, Math.min(last.start + 1, t.start));
    this.fail("expected an expression here", t.start);
  }

  private open(opener: string, closer: string, start: number, close: Frame["close"]): void {
    this.frames.push({ opener, closer, start, close, operands: [], operators: [], items: [], rows: [] });
    this.wantOperand = true;
  }

  private get frame(): Frame {
    return this.frames[this.frames.length - 1];
  }

  push(value: Syntax): void {
    this.frame.operands.push(value);
    this.wantOperand = false;
  }

  /** Applies waiting operators that bind at least as strongly. */
  private reduce(frame: Frame, binding: number, rightFirst = false): void {
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

  private pushOperator(operator: Operator, rightFirst = false): void {
    // A prefix operator waits for what follows; it closes nothing before it.
    if (operator.arity === 2) this.reduce(this.frame, operator.binding, rightFirst);
    this.frame.operators.push(operator);
    this.wantOperand = true;
  }

  // --- where an operand is due ---

  private operand(t: Token): void {
    switch (t.kind) {
      case "number":
        this.at++;
        return this.push({ kind: "number", value: t.value, start: t.start, end: t.end });
      case "name":
        return this.nameOperand(t);
      case "command":
        return this.command(t);
      case "superscript":
        return this.fail("a raised exponent needs something before it", t.start);
      case "symbol":
        return this.symbolOperand(t);
      case "end":
        return this.missingOperand(this.frame, t);
    }
  }

  private symbolOperand(t: Token & { kind: "symbol" }): void {
    this.at++;
    switch (t.text) {
      case "-":
        return this.pushOperator(prefix("sign", t.start, ([value], s) => ({ kind: "unary", operator: "-", value, ...s }), "-"));
      case "+":
        return this.pushOperator(prefix("sign", t.start, ([value]) => value, "+"));
      case "not":
      case "!":
        return this.pushOperator(prefix("not", t.start, ([value], s) => ({ kind: "unary", operator: "not", value, ...s })));
      case "√":
      case "∛":
        return this.pushOperator(prefix("inner", t.start, ([x], s) => call(t.text === "√" ? "sqrt" : "cbrt", [x], s), t.text));
      case "(":
        return this.open("(", ")", t.start, (items, s) => (items.length === 1 ? items[0] : { kind: "list", items, ...s }));
      case "{":
        return this.open("{", "}", t.start, (items, s, frame) => casesOrGroup(items, s, frame));
      case "[":
        return this.open("[", "]", t.start, (items, s) => ({ kind: "list", items, ...s }));
      case "|":
        return this.open("|", "|", t.start, ([x], s) => call("abs", [x], s));
      case "‖":
        return this.open("‖", "‖", t.start, ([x], s) => call("norm", [x], s));
      case "∂":
        if (this.derivative(t.start, this.at - 1)) return;
        return this.fail("∂ stands in a derivative only: write ∂L/∂w", t.start);
      case "∑":
      case "∏":
        return this.indexedSum(t);
      case "∞":
        return this.push({ kind: "name", name: "∞", start: t.start, end: t.end });
      default:
        return this.unexpected(t);
    }
  }

  private unexpected(t: Token & { kind: "symbol" }): never {
    const frame = this.frame;
    const last = frame.operators[frame.operators.length - 1];
    if (t.text === frame.closer && this.frames.length > 1 && frame.operands.length === 0 && frame.items.length === 0) {
      this.fail(`nothing stands between ${frame.opener} and ${t.text}`, t.start);
    }
    if (last) this.fail(`${shown(last.text)} needs something after it, found ${shown(t.text)}`, t.start);
    this.fail(`expected a number, a name or a bracket, found ${shown(t.text)}`, t.start);
  }

  private nameOperand(t: Token & { kind: "name" }): void {
    if (this.derivative(t.start, this.at)) return;
    this.at++;
    const next = this.peek();
    const called = next.kind === "symbol" && (next.text === "(" || next.text === "'" || next.text === "''");
    const parts = this.names.split(t, called);
    parts.forEach((part, i) => {
      if (i > 0 && !this.wantOperand) this.juxtapose(part.start, this.isFunctionPart(part.name, t));
      this.namePart(part.name, part.start, part.end, i === parts.length - 1);
    });
  }

  private isFunctionPart(name: string, t: Token & { kind: "name" }): boolean {
    return !t.subscript && isFunctionName(name) && !this.names.isVariable(name);
  }

  private namePart(name: string, start: number, end: number, last: boolean): void {
    const [base, subscript] = splitSubscript(name);
    if (subscript !== undefined && (base === "log" || base === "ln") && !this.names.isVariable(name)) return this.application("log", start, end, subscriptSyntax(subscript, { start, end }));
    const applied = last && this.followedByCall();
    if (name === "σ" && (applied || this.superscriptThenCall()) && !this.names.isVariable("σ")) return this.application("sigmoid", start, end);
    if (isFunctionName(name) && !this.names.isVariable(name)) {
      // sinx: the rest of the run is the argument.
      if (!last) return this.pushOperator(prefix("apply", start, (args, s) => call(name, args, s), name));
      return this.application(name, start, end);
    }
    if (applied && (this.isPrime() || this.names.isFunction(name) || (FUNCTION_LETTERS.has(base) && !this.names.isVariable(name)))) {
      return this.unknownCall(name, start);
    }
    this.push({ kind: "name", name, start, end });
  }

  private isPrime(): boolean {
    return this.isSymbol("'") || this.isSymbol("''");
  }

  private followedByCall(): boolean {
    return this.isSymbol("(") || this.isPrime();
  }

  private superscriptThenCall(): boolean {
    if (this.peek().kind === "superscript") return this.isSymbol("(", 1);
    return this.isSymbol("^") && (this.isSymbol("(", 2) || (this.isSymbol("{", 1) && this.isSymbol("}", 3) && this.isSymbol("(", 4)));
  }

  /** f(…), f'(…): a function that is defined in the document or left unknown. */
  private unknownCall(name: string, start: number): void {
    let primes = 0;
    while (this.isPrime()) primes += (this.tokens[this.at++] as { text: string }).text.length;
    if (!this.isSymbol("(")) this.fail(`${name}${"'".repeat(primes)} needs its argument in brackets: ${name}'(x)`, this.peek().start);
    this.at++;
    this.open(`${name}(`, ")", start, (args, s) => ({ kind: "call", name, args, primes, ...s }));
  }

  /** sin x, sin(x), sin^2 x, sin⁻¹ x, log_2 x. */
  private application(name: string, start: number, end: number, base?: Syntax): void {
    if (this.isPrime()) return this.unknownCall(name, start);
    const power = this.functionPower();
    const whole = power && power.value.kind === "number" ? power.value.value : undefined;
    const inverse = whole?.equals(Rational.of(-1)) ? inverseOf.get(name) : undefined;
    const make = (args: readonly Syntax[], s: Span): Syntax => {
      const applied = call(inverse ?? name, base ? [...args, base] : args, s);
      return power && !inverse ? binary("^", applied, power.value, s) : applied;
    };
    if (this.isSymbol("(")) {
      this.at++;
      return this.open(`${name}(`, ")", start, (items, s) => make(items, s));
    }
    if (this.isSymbol("{") ) {
      this.at++;
      return this.open("{", "}", start, (items, s) => make(items, s));
    }
    if (!this.startsOperand()) this.fail(`${name} needs an argument, as in ${name}(x)`, end);
    this.pushOperator(prefix("apply", start, (args, s) => make(args, s), name));
  }

  private startsOperand(): boolean {
    const t = this.peek();
    if (t.kind === "symbol") return "([{|√∛-+‖∑∏∂".includes(t.text);
    return t.kind === "number" || t.kind === "name" || t.kind === "command";
  }

  /** The exponent that stands between a function's name and its argument. */
  private functionPower(): { value: Syntax } | undefined {
    const t = this.peek();
    if (t.kind === "superscript") {
      this.at++;
      return { value: this.superscriptValue(t) };
    }
    if (!this.isSymbol("^")) return undefined;
    const braced = this.isSymbol("{", 1) || this.isSymbol("(", 1);
    let at = this.at + (braced ? 2 : 1);
    const negative = (this.tokens[at] as { text?: string })?.text === "-";
    if (negative) at++;
    const value = this.tokens[at];
    if (value?.kind !== "number" && !(value?.kind === "name" && value.text.length === 1)) return undefined;
    if (braced) {
      const close = this.tokens[at + 1];
      if (close?.kind !== "symbol" || !")}".includes(close.text)) return undefined;
    }
    this.at = at + (braced ? 2 : 1);
    const span = { start: t.start, end: value.end };
    const exponent: Syntax = value.kind === "number"
      ? { kind: "number", value: negative ? value.value.neg() : value.value, ...span }
      : { kind: "name", name: value.text, ...span };
    return { value: exponent };
  }

  private superscriptValue(t: Token & { kind: "superscript" }): Syntax {
    const span = { start: t.start, end: t.end };
    const match = /^([+-]?)(\d+|[nx])$/.exec(t.text);
    if (!match) this.fail(`the raised ${t.text} is not an exponent: use ^(…)`, t.start);
    const value: Syntax = /\d/.test(match[2])
      ? { kind: "number", value: Rational.from(match[2]), ...span }
      : { kind: "name", name: match[2], ...span };
    if (match[1] !== "-") return value;
    return value.kind === "number" ? { ...value, value: value.value.neg() } : { kind: "unary", operator: "-", value, ...span };
  }

  // --- LaTeX ---

  private command(t: Token & { kind: "command" }): void {
    const start = this.at;
    this.at++;
    if (t.text === "frac") {
      if (this.derivative(t.start, start)) return;
      return this.groups(2, t, ([a, b], s) => binary("/", a, b, s));
    }
    if (t.text === "indicator") return this.groups(1, t, ([condition], s) => indicator(condition, s));
    if (t.text === "binom") return this.fail("\\binom is not read: write n!/(k! (n−k)!)", t.start);
    if (t.text === "sqrt") return this.root(t);
    if (t.text === "begin") return this.environment(t);
    this.fail("\\end without its \\begin", t.start);
  }

  private groups(count: number, t: Token, make: (args: readonly Syntax[], s: Span) => Syntax, done: readonly Syntax[] = []): void {
    if (done.length === count) return this.push(make(done, { start: t.start, end: done[count - 1].end }));
    if (!this.isSymbol("{")) this.fail("the command needs a group in braces here, as in \\frac{1}{2}", this.peek().start);
    const open = this.peek().start;
    this.at++;
    this.open("{", "}", open, ([x], _s, _f) => {
      const all = [...done, x];
      if (all.length === count) return make(all, { start: t.start, end: x.end });
      this.groups(count, t, make, all);
      return undefined;
    });
  }

  private root(t: Token): void {
    if (!this.isSymbol("[")) return this.groups(1, t, ([x], s) => call("sqrt", [x], s));
    const start = this.peek().start;
    this.at++;
    this.open("[", "]", start, ([n]) => {
      this.groups(1, t, ([x], s) => {
        if (n.kind === "number" && n.value.equals(Rational.of(3))) return call("cbrt", [x], s);
        return binary("^", x, binary("/", { kind: "number", value: Rational.ONE, ...s }, n, s), s);
      });
      return undefined;
    });
  }

  private environment(t: Token): void {
    const name = this.environmentName();
    const rows: Syntax[][] = [[]];
    const isCases = name === "cases";
    if (!isCases && !/^[pbvBV]?matrix$/.test(name)) this.fail(`the environment ${name} is not read: cases, pmatrix and bmatrix are`, t.start);
    this.open(`\\begin{${name}}`, `\\end{${name}}`, t.start, (items, s) => {
      rows[rows.length - 1].push(...items);
      const full = rows.filter((r) => r.length > 0);
      if (isCases) return { kind: "cases", rows: full.map(([value, condition]) => ({ value, condition: asCondition(condition) })), ...s };
      const list = full.map((items) => ({ kind: "list", items, ...s }) as Syntax);
      return full.every((r) => r.length === 1) ? { kind: "list", items: full.map((r) => r[0]), ...s } : { kind: "list", items: list, ...s };
    });
    this.environments.set(this.frame, rows);
  }

  private readonly environments = new Map<Frame, Syntax[][]>();

  private environmentName(): string {
    const [a, b, c] = [this.peek(), this.peek(1), this.peek(2)];
    if (a.kind !== "symbol" || a.text !== "{" || b.kind !== "name" || c.kind !== "symbol" || c.text !== "}") {
      this.fail("\\begin needs its name in braces, as in \\begin{cases}", a.start);
    }
    this.at += 3;
    return b.text;
  }

  // --- derivatives: dy/dx, d/dx(…), ∂L/∂w, \frac{d}{dx} ---

  private derivative(start: number, from: number): boolean {
    const found = matchDerivative(this.tokens, from, (n) => this.names.isVariable(n));
    if (!found) return false;
    this.at = found.next;
    const make = (of: Syntax, s: Span): Syntax => ({ kind: "derivative", of, variables: found.variables, ...s });
    const span = { start, end: this.tokens[found.next - 1].end };
    if (found.of) {
      this.push(make({ kind: "name", name: found.of, ...span }, span));
      return true;
    }
    this.pushOperator(prefix("term", start, ([x], s) => make(x, s), "d/dx"));
    return true;
  }

  private indexedSum(t: Token & { kind: "symbol" }): void {
    const match = matchSumBounds(this.tokens, this.at);
    if (!match) this.fail(`${t.text} needs its bounds, as in \\sum_{i=1}^{3}; over a vector write sum(x)`, t.start);
    this.at = match.next;
    this.pushOperator(prefix("term", t.start, ([body], s) => ({ kind: "sum", product: t.text === "∏", index: match.index, from: match.from, to: match.to, body, ...s }), t.text));
  }

  // --- where an operator is due ---

  private operator(t: Token): void {
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

  private strayClose(t: Token & { kind: "symbol" }): never {
    const frame = this.frame;
    if (this.frames.length > 1) this.fail(`${frame.opener} is closed by ${t.text}: expected ${frame.closer}`, t.start);
    this.fail(`${t.text} closes nothing: remove it, or add its opening bracket`, t.start);
  }

  /** Words between operands: `if`, `for`, `otherwise`, `and`, `or`, `mod`. */
  private word(t: Token & { kind: "name" }): boolean {
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

  private finishRow(t: Token & { kind: "symbol" }): void {
    this.at++;
    const frame = this.frames.pop() as Frame;
    const value = frame.close([], { start: frame.start, end: t.end }, frame);
    if (value) this.push(value);
  }

  private infix(t: Token, text: string, binding = BINDING[text]): void {
    this.at++;
    this.pushOperator({ text: (t as { text: string }).text, binding, arity: 2, start: t.start, make: ([a, b], s) => chained(text as BinaryOperator, a, b, s) });
  }

  private equals(t: Token): void {
    if (this.frames.length > 1) {
      // Inside a bracket `=` compares: 1_{x=0}, where(x = 0, …).
      return this.infix(t, "==");
    }
    if (this.frame.operators.some((o) => o.text === "=")) this.fail("a second = in one statement: put it on a line of its own", t.start);
    this.at++;
    this.pushOperator({ text: "=", binding: BINDING["="], arity: 2, start: t.start, make: ([a, b], s) => binary("=" as BinaryOperator, a, b, s) });
  }

  juxtapose(start: number, strong: boolean): void {
    // Within sin 2x the factors are the argument's; a function or a bracket ends it.
    const inArgument = !strong && this.frame.operators.some((o) => o.binding === BINDING.apply);
    const binding = inArgument ? BINDING.inner : BINDING.implicit;
    this.pushOperator({ text: "·", binding, arity: 2, start, make: ([a, b], s) => binary("implicit", a, b, s) });
  }

  private power(t: Token): void {
    this.at++;
    const transposed = this.transposeMark();
    if (transposed !== undefined) {
      return this.postfix((value, s) => ({ kind: "unary", operator: "transpose", value, ...s }), transposed);
    }
    this.pushOperator({ text: "^", binding: BINDING["^"], arity: 2, start: t.start, make: ([a, b], s) => raise(a, b, s) }, true);
  }

  /** T after ^, where T is no variable: X^T, X^{\top}. */
  private transposeMark(): number | undefined {
    const braced = this.isSymbol("{");
    const t = this.peek(braced ? 1 : 0);
    const isMark = (t.kind === "symbol" && t.text === "⊤") || (t.kind === "name" && t.text === "T" && t.subscript === "" && !this.names.isVariable("T"));
    if (!isMark || (braced && !this.isSymbol("}", 2))) return undefined;
    this.at += braced ? 3 : 1;
    return t.end;
  }

  private raised(t: Token & { kind: "superscript" }): void {
    this.at++;
    if (t.text === "T") return this.postfix((value, s) => ({ kind: "unary", operator: "transpose", value, ...s }), t.end);
    const exponent = this.superscriptValue(t);
    this.postfix((value, s) => binary("^", value, exponent, s), t.end);
  }

  private postfix(make: (value: Syntax, s: Span) => Syntax, end: number): void {
    const { operands } = this.frame;
    const value = operands.pop() as Syntax;
    operands.push(make(value, { start: value.start, end }));
  }

  private separator(t: Token & { kind: "symbol" }): void {
    const frame = this.frame;
    if (this.frames.length === 1) this.fail(`${t.text} stands outside brackets: put a list in [ ] and statements on lines of their own`, t.start);
    this.at++;
    this.reduce(frame, -1);
    if (frame.pending) return this.caseRow(frame);
    frame.items.push(frame.operands.pop() as Syntax);
    this.wantOperand = true;
    this.otherwiseWord(frame);
  }

  /** `otherwise` after & in cases. */
  private otherwiseWord(frame: Frame): void {
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

  private caseRow(frame: Frame): void {
    frame.rows.push({ value: frame.pending as Syntax, condition: frame.operands.pop() });
    frame.pending = undefined;
    this.wantOperand = true;
  }

  private nextRow(t: Token & { kind: "symbol" }): void {
    const frame = this.frame;
    this.at++;
    this.reduce(frame, -1);
    const rows = this.environments.get(frame);
    if (rows) {
      rows[rows.length - 1].push(...frame.items.splice(0), frame.operands.pop() as Syntax);
      rows.push([]);
      if (this.peek().kind === "command" && (this.peek() as { text: string }).text === "end") this.closeEnvironment(this.peek(), true);
      else this.wantOperand = true;
      return;
    }
    if (frame.pending) return this.caseRow(frame);
    this.fail(`${frame.opener} is not closed before ${shown(t.text)}: add ${frame.closer}`, frame.start);
  }

  private closeEnvironment(t: Token, empty = false): void {
    const frame = this.frame;
    if (!this.environments.has(frame)) this.fail("\\end without its \\begin, or a bracket before it is not closed", t.start);
    this.at++;
    const name = this.environmentName();
    if (`\\end{${name}}` !== frame.closer) this.fail(`${frame.opener} is closed by \\end{${name}}: expected ${frame.closer}`, t.start);
    this.reduce(frame, -1);
    const items = empty ? [] : [...frame.items, frame.operands.pop() as Syntax];
    this.frames.pop();
    this.push(frame.close(items, { start: frame.start, end: this.tokens[this.at - 1].end }, frame) as Syntax);
  }

  private close(t: Token & { kind: "symbol" }): void {
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
