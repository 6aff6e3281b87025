import { Rational } from "../ir/rational.ts";
import { inverseOf, isFunctionName } from "./functions.ts";
import { ParserStack } from "./parser-stack.ts";
import type { Span, Syntax } from "./syntax.ts";
import {
  asCondition,
  binary,
  call,
  casesOrGroup,
  indicator,
  matchDerivative,
  matchSumBounds,
  prefix,
  shown,
  splitSubscript,
  subscriptSyntax,
} from "./syntax-parts.ts";
import type { Token } from "./tokens.ts";

const FUNCTION_LETTERS = new Set(["f", "g", "h", "F", "G", "H", "φ", "ψ", "Φ", "Ψ", "𝓛"]);

/** What may stand where an operand is due: numbers, names, functions, brackets, LaTeX commands, derivatives. */
export class OperandParser extends ParserStack {
  // --- where an operand is due ---

  protected operand(t: Token): void {
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

  protected symbolOperand(t: Token & { kind: "symbol" }): void {
    this.at++;
    switch (t.text) {
      case "-":
        return this.pushOperator(
          prefix("sign", t.start, ([value], s) => ({ kind: "unary", operator: "-", value, ...s }), "-"),
        );
      case "+":
        return this.pushOperator(prefix("sign", t.start, ([value]) => value, "+"));
      case "not":
      case "!":
        return this.pushOperator(
          prefix("not", t.start, ([value], s) => ({ kind: "unary", operator: "not", value, ...s })),
        );
      case "√":
      case "∛":
        return this.pushOperator(
          prefix("inner", t.start, ([x], s) => call(t.text === "√" ? "sqrt" : "cbrt", [x], s), t.text),
        );
      case "(":
        return this.open("(", ")", t.start, (items, s) =>
          items.length === 1 ? items[0] : { kind: "list", items, ...s },
        );
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

  protected unexpected(t: Token & { kind: "symbol" }): never {
    const frame = this.frame;
    const last = frame.operators[frame.operators.length - 1];
    if (
      t.text === frame.closer &&
      this.frames.length > 1 &&
      frame.operands.length === 0 &&
      frame.items.length === 0
    ) {
      this.fail(`nothing stands between ${frame.opener} and ${t.text}`, t.start);
    }
    if (last) this.fail(`${shown(last.text)} needs something after it, found ${shown(t.text)}`, t.start);
    this.fail(`expected a number, a name or a bracket, found ${shown(t.text)}`, t.start);
  }

  protected nameOperand(t: Token & { kind: "name" }): void {
    if (this.derivative(t.start, this.at)) return;
    this.at++;
    if (t.text === "not" && !t.subscript) {
      return this.pushOperator(
        prefix("not", t.start, ([value], s) => ({ kind: "unary", operator: "not", value, ...s })),
      );
    }
    const next = this.peek();
    const called = next.kind === "symbol" && (next.text === "(" || next.text === "'" || next.text === "''");
    const parts = this.names.split(t, called);
    parts.forEach((part, i) => {
      if (i > 0 && !this.wantOperand) this.juxtapose(part.start, this.isFunctionPart(part.name, t));
      this.namePart(part.name, part.start, part.end, i === parts.length - 1);
    });
  }

  protected namePart(name: string, start: number, end: number, last: boolean): void {
    const [base, subscript] = splitSubscript(name);
    if (
      subscript !== undefined &&
      (base === "log" || base === "ln") &&
      !isFunctionName(name) &&
      !this.names.isVariable(name)
    )
      return this.application("log", start, end, subscriptSyntax(subscript, { start, end }));
    const applied = last && this.followedByCall();
    if (name === "σ" && (applied || this.superscriptThenCall()) && !this.names.isVariable("σ"))
      return this.application("sigmoid", start, end);
    if (isFunctionName(name) && !this.names.isVariable(name)) {
      // sinx: the rest of the run is the argument.
      if (!last) return this.pushOperator(prefix("apply", start, (args, s) => call(name, args, s), name));
      return this.application(name, start, end);
    }
    if (
      applied &&
      (this.isPrime() ||
        this.names.isFunction(name) ||
        (FUNCTION_LETTERS.has(base) && !this.names.isVariable(name)))
    ) {
      return this.unknownCall(name, start);
    }
    this.push({ kind: "name", name, start, end });
  }

  protected isPrime(): boolean {
    return this.isSymbol("'") || this.isSymbol("''");
  }

  protected followedByCall(): boolean {
    return this.isSymbol("(") || this.isPrime();
  }

  protected superscriptThenCall(): boolean {
    if (this.peek().kind === "superscript") return this.isSymbol("(", 1);
    return (
      this.isSymbol("^") &&
      (this.isSymbol("(", 2) || (this.isSymbol("{", 1) && this.isSymbol("}", 3) && this.isSymbol("(", 4)))
    );
  }

  /** f(…), f'(…): a function that is defined in the document or left unknown. */
  protected unknownCall(name: string, start: number): void {
    let primes = 0;
    while (this.isPrime()) primes += (this.tokens[this.at++] as { text: string }).text.length;
    if (!this.isSymbol("("))
      this.fail(
        `${name}${"'".repeat(primes)} needs its argument in brackets: ${name}'(x)`,
        this.peek().start,
      );
    this.at++;
    this.open(`${name}(`, ")", start, (args, s) => ({ kind: "call", name, args, primes, ...s }));
  }

  /** sin x, sin(x), sin^2 x, sin⁻¹ x, log_2 x. */
  protected application(name: string, start: number, end: number, base?: Syntax): void {
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
    if (this.isSymbol("{")) {
      this.at++;
      return this.open("{", "}", start, (items, s) => make(items, s));
    }
    if (!this.startsOperand()) this.fail(`${name} needs an argument, as in ${name}(x)`, end);
    this.pushOperator(prefix("apply", start, (args, s) => make(args, s), name));
  }

  protected startsOperand(): boolean {
    const t = this.peek();
    if (t.kind === "symbol") return "([{|√∛-+‖∑∏∂".includes(t.text);
    return t.kind === "number" || t.kind === "name" || t.kind === "command";
  }

  /** The exponent that stands between a function's name and its argument. */
  protected functionPower(): { value: Syntax } | undefined {
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
    const exponent: Syntax =
      value.kind === "number"
        ? { kind: "number", value: negative ? value.value.neg() : value.value, ...span }
        : { kind: "name", name: value.text, ...span };
    return { value: exponent };
  }

  // --- LaTeX ---

  protected command(t: Token & { kind: "command" }): void {
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

  protected groups(
    count: number,
    t: Token,
    make: (args: readonly Syntax[], s: Span) => Syntax,
    done: readonly Syntax[] = [],
  ): void {
    if (done.length === count) return this.push(make(done, { start: t.start, end: done[count - 1].end }));
    if (!this.isSymbol("{"))
      this.fail("the command needs a group in braces here, as in \\frac{1}{2}", this.peek().start);
    const open = this.peek().start;
    this.at++;
    this.open("{", "}", open, ([x], _s, _f) => {
      const all = [...done, x];
      if (all.length === count) return make(all, { start: t.start, end: x.end });
      this.groups(count, t, make, all);
      return undefined;
    });
  }

  protected root(t: Token): void {
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

  protected environment(t: Token): void {
    const name = this.environmentName();
    const rows: Syntax[][] = [[]];
    const isCases = name === "cases";
    if (!isCases && !/^[pbvBV]?matrix$/.test(name))
      this.fail(`the environment ${name} is not read: cases, pmatrix and bmatrix are`, t.start);
    this.open(`\\begin{${name}}`, `\\end{${name}}`, t.start, (items, s) => {
      rows[rows.length - 1].push(...items);
      const full = rows.filter((r) => r.length > 0);
      if (isCases)
        return {
          kind: "cases",
          rows: full.map(([value, condition]) => ({ value, condition: asCondition(condition) })),
          ...s,
        };
      const list = full.map((items) => ({ kind: "list", items, ...s }) as Syntax);
      return full.every((r) => r.length === 1)
        ? { kind: "list", items: full.map((r) => r[0]), ...s }
        : { kind: "list", items: list, ...s };
    });
    this.environments.set(this.frame, rows);
  }

  // --- derivatives: dy/dx, d/dx(…), ∂L/∂w, \frac{d}{dx} ---

  protected derivative(start: number, from: number): boolean {
    const found = matchDerivative(this.tokens, from, (n) => this.names.isVariable(n));
    if (!found) return false;
    this.at = found.next;
    const make = (of: Syntax, s: Span): Syntax => ({
      kind: "derivative",
      of,
      variables: found.variables,
      ...s,
    });
    const span = { start, end: this.tokens[found.next - 1].end };
    if (found.of) {
      this.push(make({ kind: "name", name: found.of, ...span }, span));
      return true;
    }
    this.pushOperator(prefix("term", start, ([x], s) => make(x, s), "d/dx"));
    return true;
  }

  protected indexedSum(t: Token & { kind: "symbol" }): void {
    const match = matchSumBounds(this.tokens, this.at);
    if (!match)
      this.fail(`${t.text} needs its bounds, as in \\sum_{i=1}^{3}; over a vector write sum(x)`, t.start);
    this.at = match.next;
    this.pushOperator(
      prefix(
        "term",
        t.start,
        ([body], s) => ({
          kind: "sum",
          product: t.text === "∏",
          index: match.index,
          from: match.from,
          to: match.to,
          body,
          ...s,
        }),
        t.text,
      ),
    );
  }
}
