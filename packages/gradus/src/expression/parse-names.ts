import { inverseOf, isFunctionName } from "./functions.ts";
import { greekByName } from "./names.ts";
import { ParserStack } from "./parser-stack.ts";
import type { Span, Syntax } from "./syntax.ts";
import {
  binary,
  call,
  isMinusOne,
  matchDerivative,
  piecewise,
  prefix,
  splitSubscript,
  subscriptSyntax,
} from "./syntax-parts.ts";
import type { Token } from "./tokens.ts";

/** Functions whose names are as often names of a number: √(var + ε), x − mean. */
const QUANTITIES = new Set(["mean", "var", "variance"]);
export const FUNCTION_LETTERS = new Set(["f", "g", "h", "F", "G", "H", "φ", "ψ", "Ψ", "𝓛"]);

/** A function whose argument is still to come. */
interface Application {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly base?: Syntax;
  readonly power?: Syntax;
  /** Of an unknown function or a formula: always with brackets. */
  readonly bracketed?: boolean;
}

/** Names as operands: variables, functions with and without brackets, unknown functions, derivatives. */
export class NameParser extends ParserStack {
  protected nameOperand(t: Token & { kind: "name" }): void {
    if (this.wordOperand(t) || this.derivative(t.start, this.at)) return;
    this.at++;
    const next = this.peek();
    const called = next.kind === "symbol" && (next.text === "(" || next.text === "'" || next.text === "''");
    const parts = this.names.split(t, called);
    parts.forEach((part, i) => {
      if (i > 0 && !this.wantOperand) this.juxtapose(part.start, this.isFunctionPart(part.name, t));
      this.namePart(part.name, part.start, part.end, i === parts.length - 1);
    });
  }

  /** Words that are no names: not; True in Piecewise; and, if … have nothing before them here. */
  protected wordOperand(t: Token & { kind: "name" }): boolean {
    if (t.subscript !== "" || this.names.isVariable(t.text)) return false;
    if (t.text === "not") {
      this.at++;
      this.pushOperator(
        prefix("not", t.start, ([value], s) => ({ kind: "unary", operator: "not", value, ...s }), "not"),
      );
      return true;
    }
    if (t.text === "True" || t.text === "true") {
      if (this.frames.length < 2 || this.frames[this.frames.length - 2].opener !== "piecewise(")
        this.fail(`${t.text} has its place in piecewise only`, t.start);
      this.at++;
      this.push({ kind: "name", name: "True", start: t.start, end: t.end });
      return true;
    }
    if (t.text === "piecewise" || t.text === "Piecewise") {
      this.at++;
      if (!this.isSymbol("("))
        this.fail("piecewise needs its rows in brackets: piecewise(x > 0: x, 0)", t.end);
      this.at++;
      this.open("piecewise(", ")", t.start, (items, s, frame) =>
        this.checkedCases(piecewise(items, s, frame)),
      );
      return true;
    }
    if (
      ["and", "or", "otherwise", "else", "for"].includes(t.text) ||
      (t.text === "if" && !this.isSymbol("(", 1))
    ) {
      this.fail(`${t.text} needs something before it`, t.start);
    }
    return false;
  }

  protected namePart(written: string, start: number, end: number, last: boolean): void {
    // gamma (x − μ) with a blank is γ times the bracket, as in batch normalisation.
    const apart = last && this.peek().start > end;
    const name =
      written === "gamma" && (apart || this.names.isVariable("γ") || this.names.isFunction("γ"))
        ? "γ"
        : written;
    const [base, subscript] = splitSubscript(name);
    if (subscript !== undefined && base === "ln" && !this.names.isVariable(name)) {
      return this.application({ name: "log", start, end, base: subscriptSyntax(subscript, { start, end }) });
    }
    const applied = last && this.followedByCall();
    const own = this.tableFunction(name, applied);
    if (own !== undefined) {
      // sinx: the rest of the run is the argument.
      if (!last) return this.pushOperator(prefix("apply", start, (args, s) => call(own, args, s), own));
      return this.application({ name: own, start, end });
    }
    if (last && this.isUnknownFunction(name, base)) {
      if (applied) return this.unknownCall(name, start, end);
      if (this.isSymbol("^") && this.raisedCall(name, start, end)) return;
    }
    const letter = this.names.isVariable(name) ? name : (greekByName.get(name) ?? name);
    if (last && this.isSymbol("(")) this.names.note(`${letter}(…) read as ${letter}·(…)`);
    this.push({ kind: "name", name: letter, start, end });
  }

  /** The table's name of a function; σ and gamma are functions where an argument in brackets follows, else letters. */
  protected tableFunction(name: string, applied: boolean): string | undefined {
    if (this.names.isVariable(name) || this.names.isFunction(name)) return undefined;
    const letter = greekByName.get(name) ?? name;
    if (letter === "σ") return applied || this.superscriptThenCall() ? "sigmoid" : undefined;
    if (letter === "Γ" || name === "gamma")
      return applied && !this.names.isVariable(letter) ? "gamma" : undefined;
    if (letter === "Φ") return applied || this.superscriptThenCall() ? "normal_cdf" : undefined;
    if (
      QUANTITIES.has(name) &&
      !applied &&
      (!this.startsOperand() || this.isSymbol("+") || this.isSymbol("-"))
    )
      return undefined;
    return isFunctionName(name) ? name : undefined;
  }

  /** f, g, h …, formulas of the document, and any name with primes. */
  protected isUnknownFunction(name: string, base: string): boolean {
    if (this.isPrime() || this.names.isFunction(name)) return true;
    if (this.names.isOwn(name) && this.isSymbol("(")) return true;
    return FUNCTION_LETTERS.has(base.replace(/\d+$/, "")) && !this.names.isVariable(name);
  }

  protected isPrime(): boolean {
    return this.isSymbol("'") || this.isSymbol("''");
  }

  protected followedByCall(): boolean {
    return this.isSymbol("(") || this.isPrime();
  }

  /** σ^2(z), σ^{2}(z) */
  protected superscriptThenCall(): boolean {
    if (!this.isSymbol("^")) return false;
    const end = this.isSymbol("{", 1) ? this.closing[this.at + 1] : this.at + 1;
    return end >= 0 && this.symbolAt(end + 1, "(");
  }

  /** f(…), f'(…): a function that is defined in the document or left unknown. */
  protected unknownCall(name: string, start: number, end: number): void {
    let primes = 0;
    while (this.isPrime()) primes += (this.tokens[this.at++] as { text: string }).text.length;
    if (!this.isSymbol("(")) this.needsBrackets(name, primes);
    this.openCall(name, primes, { name, start, end });
  }

  protected needsBrackets(name: string, primes: number): never {
    const hint = /^[A-Z]$/.test(name) && primes === 1 ? `; the transpose is ${name}^T` : "";
    this.fail(
      `${name}${"'".repeat(Math.min(primes, 4))} needs its argument in brackets: ${name}'(x)${hint}`,
      this.peek().start,
    );
  }

  /** f(x) where nothing says what f is. */
  protected noteUnknown(name: string): void {
    if (!this.names.isFunction(name) && !isFunctionName(name))
      this.names.note(`${name} read as an unknown function`);
  }

  protected openCall(name: string, primes: number, { start, power }: Application): void {
    this.at++;
    this.noteUnknown(name);
    this.open(`${name}(`, ")", start, (args, s) => {
      const applied: Syntax = { kind: "call", name, args, primes, ...s };
      return power ? binary("^", applied, power, s) : applied;
    });
  }

  /** f^{(3)}(x) is the third derivative; f^2(x) is a power of f(x). */
  protected raisedCall(name: string, start: number, end: number): boolean {
    const brace = this.at + 1;
    if (
      this.symbolAt(brace, "{") &&
      this.symbolAt(brace + 1, "(") &&
      this.closing[brace + 1] + 1 === this.closing[brace]
    ) {
      const after = this.closing[brace] + 1;
      if (!this.symbolAt(after, "(")) return false;
      const order = this.tokens[brace + 2];
      if (
        order.kind !== "number" ||
        !order.value.isInteger ||
        order.value.n > 100n ||
        this.closing[brace + 1] !== brace + 3
      ) {
        this.fail(
          `the order of a derivative is a whole number up to 100, as in ${name}^{(2)}(x)`,
          order.start,
        );
      }
      this.at = after;
      this.openCall(name, order.value.toNumber(), { name, start, end });
      return true;
    }
    if (!this.superscriptThenCall()) return false;
    this.at++;
    this.short((power) => {
      if (isMinusOne(power))
        this.fail(`the inverse of ${name} is not known: write (${name}(x))^(-1) for one over it`, start);
      this.openCall(name, 0, { name, start, end, power });
    });
    return true;
  }

  /** sin x, sin(x), sin^2 x, sin⁻¹ x, log_2 x. */
  protected application(given: Application): void {
    const { name, start, end } = given;
    if (this.isPrime()) return this.unknownCall(name, start, end);
    if (this.isSymbol("_") && name === "log" && !given.base) {
      this.at++;
      return this.short((base) => this.application({ ...given, base }));
    }
    if (this.isSymbol("^") && !given.power) {
      if (
        this.symbolAt(this.at + 1, "{") &&
        this.symbolAt(this.at + 2, "(") &&
        this.raisedCall(name, start, end)
      )
        return;
      this.at++;
      return this.short((power) => this.application({ ...given, power }));
    }
    this.argument(given);
  }

  protected argument(given: Application): void {
    const { name, start, end } = given;
    if (this.isSymbol("(")) {
      this.at++;
      return this.open(`${name}(`, ")", start, (items, s) => this.applied(given, items, s));
    }
    if (this.isSymbol("{")) {
      // \sin{\left(x\right)}, as SymPy writes: the round brackets hold the arguments.
      const inner =
        this.symbolAt(this.at + 1, "(") && this.closing[this.at + 1] + 1 === this.closing[this.at];
      this.at += inner ? 2 : 1;
      return this.open(`${name}${inner ? "(" : "{"}`, inner ? ")" : "}", start, (items, s) => {
        if (inner) this.at++;
        return this.applied(given, items, s);
      });
    }
    if (!this.startsOperand()) this.fail(`${name} needs an argument, as in ${name}(x)`, end);
    this.pushOperator(
      prefix(
        "apply",
        start,
        ([x], s) => {
          if (x.kind === "binary" && x.operator === "implicit")
            this.noteSource(x, (text) => `${name} ${text} read as ${name}(${text})`);
          return this.applied(given, [x], s);
        },
        name,
      ),
    );
  }

  protected applied({ name, base, power }: Application, args: readonly Syntax[], s: Span): Syntax {
    if ((name === "sum" || name === "prod") && args.length === 4 && args[1].kind === "name") {
      const [body, index, from, to] = args;
      return {
        kind: "sum",
        product: name === "prod",
        index: (index as { name: string }).name,
        from,
        to,
        body,
        ...s,
      };
    }
    const inverse = power && isMinusOne(power) ? inverseOf.get(name) : undefined;
    if (inverse) this.names.note(`${name}^(-1) read as ${inverse}`);
    const applied = call(inverse ?? name, base ? [...args, base] : args, s);
    return power && !inverse ? binary("^", applied, power, s) : applied;
  }

  protected derivative(start: number, from: number): boolean {
    const found = matchDerivative(this.tokens, from, (n) => this.names.isVariable(n), this.closing);
    if (!found) return false;
    const span = { start, end: this.tokens[found.next - 1].end };
    if (found.odd) this.fail("the orders above and below the line differ: write dy/dx or d^2y/dx^2", start);
    const make = (of: Syntax, s: Span): Syntax => ({
      kind: "derivative",
      of,
      variables: found.variables,
      ...s,
    });
    if (found.body !== undefined) {
      this.derivativeOf(found.body, found.next, span, make);
      return true;
    }
    this.at = found.next;
    if (found.of) {
      this.push(make({ kind: "name", name: found.of, ...span }, span));
      return true;
    }
    if (this.isSymbol("(")) {
      this.at++;
      this.open("d/dx(", ")", start, ([x], s) => make(x, s));
    } else this.pushOperator(prefix("term", start, ([x], s) => make(x, s), "d/dx"));
    return true;
  }

  /** d(x^2)/dx, \\frac{d(x^2)}{dx}: the body stands above the line, and its end leads on below it. */
  protected derivativeOf(
    body: number,
    next: number,
    span: Span,
    make: (of: Syntax, s: Span) => Syntax,
  ): void {
    const bracket = this.symbolAt(body, "(") && this.symbolAt(this.closing[body] + 1, "/");
    this.at = bracket ? body + 1 : body;
    this.open(bracket ? "(" : "{", bracket ? ")" : "}", span.start, ([x]) => {
      this.at = next;
      return make(x, span);
    });
  }
}
