import { Rational } from "../ir/rational.ts";
import { NameParser } from "./parse-names.ts";
import { wholeName } from "./read-names.ts";
import type { Span, Syntax } from "./syntax.ts";
import {
  asCondition,
  binary,
  call,
  casesOrGroup,
  endsOperand,
  type Frame,
  indicator,
  prefix,
  shown,
} from "./syntax-parts.ts";
import type { Token } from "./tokens.ts";

/** What may stand where an operand is due: numbers, names, brackets, LaTeX commands, sums over an index. */
export class OperandParser extends NameParser {
  protected operand(t: Token): void {
    switch (t.kind) {
      case "number":
        this.at++;
        return this.push({ kind: "number", value: t.value, start: t.start, end: t.end });
      case "name":
        return this.nameOperand(t);
      case "command":
        return this.command(t);
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
      case "⌊":
        return this.open("⌊", "⌋", t.start, ([x], s) => call("floor", [x], s));
      case "⌈":
        return this.open("⌈", "⌉", t.start, ([x], s) => call("ceil", [x], s));
      case "{":
        return this.open("{", "}", t.start, (items, s, frame) =>
          this.checkedCases(casesOrGroup(items, s, frame)),
        );
      case "[":
        return this.open("[", "]", t.start, (items, s, frame) => this.list(items, s, frame));
      case "||":
        return this.doubleBar(t.start);
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

  /**
   * || opens a norm where the next bar beside it is || again, and two bars where that bar closes one: ||x| − 1|.
   */
  protected doubleBar(start: number): void {
    const next = this.bars[this.at - 1];
    const twoBars = next >= 0 && this.symbolAt(next, "|") && endsOperand(this.tokens[next - 1]);
    if (!twoBars) return this.open("‖", "‖", start, ([x], s) => call("norm", [x], s));
    this.open("|", "|", start, ([x], s) => call("abs", [x], s));
    this.open("|", "|", start + 1, ([x], s) => call("abs", [x], s));
  }

  protected list(items: readonly Syntax[], s: Span, frame: Frame): Syntax {
    if (frame.matrix.length > 0)
      return {
        kind: "list",
        items: [...frame.matrix, items].map((row) => ({ kind: "list", items: row, ...s })),
        ...s,
      };
    return items.length === 1 && this.matrices.has(items[0]) ? items[0] : { kind: "list", items, ...s };
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

  protected command(t: Token & { kind: "command" }): void {
    const start = this.at;
    this.at++;
    if (t.text === "frac") {
      if (this.derivative(t.start, start)) return;
      return this.groups(2, t, ([a, b], s) => binary("/", a, b, s));
    }
    if (t.text === "indicator") {
      if (!this.isSymbol("{"))
        this.fail("1_ begins an indicator: write its condition in braces, as in 1_{x>0}", t.start);
      return this.groups(1, t, ([condition], s) => indicator(condition, s));
    }
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
    if (!this.isSymbol("[")) return this.radicand(t, (x, s) => call("sqrt", [x], s));
    const start = this.peek().start;
    this.at++;
    this.open("[", "]", start, ([n]) => {
      this.radicand(t, (x, s) => {
        if (n.kind === "number" && n.value.equals(Rational.of(3))) return call("cbrt", [x], s);
        return binary("^", x, binary("/", { kind: "number", value: Rational.ONE, ...s }, n, s), s);
      });
      return undefined;
    });
  }

  /** \\sqrt{x}, or \\sqrt x, which takes the next factor. */
  protected radicand(t: Token, make: (x: Syntax, s: Span) => Syntax): void {
    if (this.isSymbol("{")) return this.groups(1, t, ([x], s) => make(x, s));
    if (!this.startsOperand() || this.isSymbol("-") || this.isSymbol("+"))
      this.fail("\\sqrt needs what it is the root of, as in \\sqrt{x}", this.peek().start);
    this.pushOperator(prefix("inner", t.start, ([x], s) => make(x, s), "√"));
  }

  protected environment(t: Token): void {
    const name = this.environmentName();
    const rows: Syntax[][] = [[]];
    const isCases = name === "cases" || name === "dcases" || name === "rcases";
    if (!isCases && !/^[pbvBV]?(?:small)?matrix$|^array$/.test(name))
      this.fail(`the environment ${name} is not read: cases, pmatrix and bmatrix are`, t.start);
    // The columns of an array: {cc}.
    if (name === "array" && this.isSymbol("{") && this.closing[this.at] >= 0)
      this.at = this.closing[this.at] + 1;
    this.open(`\\begin{${name}}`, `\\end{${name}}`, t.start, (items, s) => {
      rows[rows.length - 1].push(...items);
      const full = rows.filter((r) => r.length > 0);
      if (isCases) {
        return this.checkedCases({
          kind: "cases",
          rows: full.map(([value, condition]) => ({ value, condition: asCondition(condition) })),
          ...s,
        });
      }
      return this.matrix(name, full, s);
    });
    this.environments.set(this.frame, rows);
  }

  /** One column is a vector; bars around a matrix mean its determinant, double bars its norm. */
  protected matrix(name: string, rows: readonly Syntax[][], s: Span): Syntax {
    const items = rows.every((r) => r.length === 1)
      ? rows.map((r) => r[0])
      : rows.map((r): Syntax => ({ kind: "list", items: r, ...s }));
    const list: Syntax = { kind: "list", items, ...s };
    this.matrices.add(list);
    if (name[0] === "v") return call("det", [list], s);
    return name[0] === "V" ? call("norm", [list], s) : list;
  }

  /** \\sum_{i=1}^{n}, its bounds in either order; then the product that it sums. */
  protected indexedSum(t: Token & { kind: "symbol" }, to?: Syntax): void {
    if (!to && this.isSymbol("^")) {
      this.at++;
      return this.short((upper) => this.indexedSum(t, upper));
    }
    const open = this.peek(1);
    const index = this.peek(2);
    if (
      !this.isSymbol("_") ||
      open.kind !== "symbol" ||
      !"{(".includes(open.text) ||
      index.kind !== "name" ||
      !this.isSymbol("=", 3)
    ) {
      this.fail(`${t.text} needs its bounds, as in \\sum_{i=1}^{3}; over a vector write sum(x)`, t.start);
    }
    this.at += 4;
    const name = wholeName(index);
    this.open(open.text, open.text === "{" ? "}" : ")", open.start, ([from]) => {
      if (to) this.summed(t, name, from, to);
      else {
        if (!this.isSymbol("^")) this.fail(`${t.text} needs its upper bound, as in \\sum_{i=1}^{3}`, t.start);
        this.at++;
        this.short((upper) => this.summed(t, name, from, upper));
      }
      return undefined;
    });
  }

  protected summed(t: Token & { kind: "symbol" }, index: string, from: Syntax, to: Syntax): void {
    const product = t.text === "∏";
    this.pushOperator(
      prefix("term", t.start, ([body], s) => ({ kind: "sum", product, index, from, to, body, ...s }), t.text),
    );
  }
}
