import { Rational } from "../ir/rational.ts";
import { greekByName } from "./names.ts";
import type { BinaryOperator, Span, Syntax } from "./syntax.ts";
import type { Token } from "./tokens.ts";

/*
 * Operator precedence with explicit stacks: brackets may be nested 10⁵ deep. Strength of binding, weakest first:
 * = · or · and · not · comparisons · + − · * / and juxtaposition (left to right: 1/2x is (1/2)x) · sign ·
 * a function without brackets · juxtaposition inside its argument (sin 2x) · ^ · ! and superscripts.
 */
export const BINDING: Readonly<Record<string, number>> = {
  "=": 0,
  or: 1,
  and: 2,
  not: 3,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "==": 4,
  "!=": 4,
  "+": 5,
  "-": 5,
  // d/dx and Σ take a whole product.
  term: 5.5,
  "*": 6,
  "/": 6,
  implicit: 6,
  elementwise: 6,
  sign: 7,
  apply: 8,
  inner: 9,
  "^": 10,
};

export type Make = (args: readonly Syntax[], span: Span) => Syntax;

export interface Operator {
  readonly text: string;
  readonly binding: number;
  readonly arity: 1 | 2;
  readonly start: number;
  readonly make: Make;
}

/** A bracket that is open, with what stands in it so far. */
export interface Frame {
  readonly opener: string;
  readonly closer: string;
  readonly start: number;
  readonly operands: Syntax[];
  readonly operators: Operator[];
  /** Finished parts before commas. */
  readonly items: Syntax[];
  /** Finished rows of cases, and the value that waits for its condition. */
  readonly rows: { value: Syntax; condition?: Syntax }[];
  pending?: Syntax;
  /** The condition before a colon, in piecewise(x > 0: x, 0). */
  condition?: Syntax;
  /** Finished rows of [1, 2; 3, 4]. */
  readonly matrix: Syntax[][];
  /** How many functions without brackets wait for the end of their argument. */
  applied: number;
  readonly close: (items: readonly Syntax[], span: Span, frame: Frame) => Syntax | undefined;
}

export function prefix(binding: string, start: number, make: Make, text = binding): Operator {
  return { text, binding: BINDING[binding], arity: 1, start, make };
}

export function binary(operator: BinaryOperator | "=", left: Syntax, right: Syntax, span: Span): Syntax {
  return {
    kind: "binary",
    operator: operator as BinaryOperator,
    left,
    right,
    start: span.start,
    end: span.end,
  };
}

export function call(name: string, args: readonly Syntax[], span: Span): Syntax {
  return { kind: "call", name, args, primes: 0, start: span.start, end: span.end };
}

const COMPARISONS = new Set(["<", "<=", ">", ">=", "==", "!="]);

/** a < b < c means a < b and b < c. */
export function chained(operator: BinaryOperator, left: Syntax, right: Syntax, span: Span): Syntax {
  if (COMPARISONS.has(operator) && left.kind === "binary") {
    const last = left.operator === "and" && left.right.kind === "binary" ? left.right : left;
    if (COMPARISONS.has(last.operator))
      return binary("and", left, binary(operator, last.right, right, span), span);
  }
  return binary(operator, left, right, span);
}

/** X^(-T) is the transpose of the inverse. */
export function raise(base: Syntax, exponent: Syntax, span: Span): Syntax {
  if (
    exponent.kind === "unary" &&
    exponent.operator === "-" &&
    exponent.value.kind === "name" &&
    exponent.value.name === "T"
  ) {
    const inverse = binary("^", base, { kind: "number", value: Rational.of(-1), ...span }, span);
    return { kind: "unary", operator: "transpose", value: inverse, start: span.start, end: span.end };
  }
  return binary("^", base, exponent, span);
}

/** Whether an exponent says −1. */
export function isMinusOne(s: Syntax): boolean {
  if (s.kind === "unary" && s.operator === "-") return s.value.kind === "number" && s.value.value.isOne;
  return s.kind === "number" && s.value.equals(Rational.of(-1));
}

/** piecewise(x > 0: x, 0), and SymPy's Piecewise((x, x > 0), (0, True)). */
export function piecewise(items: readonly Syntax[], span: Span, frame: Frame): Syntax {
  const rest = items.map((s) => {
    if (s.kind !== "list" || s.items.length !== 2) return { value: s };
    const [value, condition] = s.items;
    return condition.kind === "name" && condition.name === "True" ? { value } : { value, condition };
  });
  return { kind: "cases", rows: [...frame.rows, ...rest], start: span.start, end: span.end };
}

/** { … } is a group, or cases where it has `if`. */
export function casesOrGroup(items: readonly Syntax[], span: Span, frame: Frame): Syntax {
  if (frame.rows.length > 0) return { kind: "cases", rows: frame.rows, start: span.start, end: span.end };
  return items.length === 1 ? items[0] : { kind: "list", items, start: span.start, end: span.end };
}

export function asCondition(condition: Syntax | undefined): Syntax | undefined {
  return condition?.kind === "name" && condition.name === "otherwise" ? undefined : condition;
}

export function indicator(condition: Syntax, span: Span): Syntax {
  const number = (n: bigint): Syntax => ({ kind: "number", value: Rational.of(n), ...span });
  return {
    kind: "cases",
    rows: [{ value: number(1n), condition }, { value: number(0n) }],
    start: span.start,
    end: span.end,
  };
}

const SHOWN: Readonly<Record<string, string>> = {
  "\n": "the end of the line",
  "\\\\": "\\\\",
  "·": "the product",
};
export const shown = (text: string): string => SHOWN[text] ?? text;

export function splitSubscript(name: string): [string, string | undefined] {
  const at = name.indexOf("_");
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}

export function subscriptSyntax(text: string, span: Span): Syntax {
  if (/^\d+$/.test(text)) return { kind: "number", value: Rational.from(text), ...span };
  return { kind: "name", name: text, ...span };
}

/** Of each opening bracket the token that closes it, and of each bar the next bar beside it; −1 where there is none. */
export function pairs(tokens: readonly Token[]): { closing: Int32Array; bars: Int32Array } {
  const closing = new Int32Array(tokens.length).fill(-1);
  const bars = new Int32Array(tokens.length).fill(-1);
  const open: number[] = [];
  let bar: number[] = [-1];
  for (let i = 0; i < tokens.length; i++) {
    const t = tokens[i];
    if (t.kind !== "symbol") continue;
    if ("([{".includes(t.text)) {
      open.push(i);
      bar.push(-1);
    } else if (")]}".includes(t.text)) {
      closing[open.pop() ?? i] = i;
      if (bar.length > 1) bar.pop();
    } else if (open.length === 0 && (t.text === ";" || t.text === "\n")) bar = [-1];
    else if (t.text === "|" || t.text === "||") {
      const last = bar[bar.length - 1];
      if (last >= 0) bars[last] = i;
      bar[bar.length - 1] = i;
    }
  }
  return { closing, bars };
}

/** Whether a bar after this token closes what stands before it. */
export function endsOperand(t: Token): boolean {
  return (
    t.kind === "number" ||
    t.kind === "name" ||
    (t.kind === "symbol" && [")", "]", "}", "!", "⌋", "⌉", "∞", "⊤"].includes(t.text))
  );
}

const symbolAt = (tokens: readonly Token[], at: number, text: string): boolean => {
  const t = tokens[at];
  return t?.kind === "symbol" && t.text === text;
};

/** d, dy, d^2y, ∂, ∂L: what is above or below the line of a derivative. */
function differential(
  tokens: readonly Token[],
  at: number,
  isVariable: (name: string) => boolean,
): { name: string; order: number; next: number } | undefined {
  let next = at;
  const first = tokens[next];
  if (first?.kind === "symbol" && first.text === "∂") next++;
  else if (first?.kind === "name" && first.text === "d" && !first.subscript) next++;
  else if (first?.kind === "name" && /^d[A-Za-z]/.test(first.text)) {
    const rest = first.text.slice(1);
    const hat = /^([A-Za-z])hat$/.exec(rest);
    const name = hat ? `${hat[1]}\u0302`.normalize("NFC") : (greekByName.get(rest) ?? rest);
    // dist is no d·ist: a longer name must be known.
    if (/^[A-Za-z]{2,}/.test(name) && !isVariable(name)) return undefined;
    return powerAfter(tokens, {
      name: first.subscript ? `${name}_${first.subscript}` : name,
      order: 1,
      next: next + 1,
    });
  } else return undefined;
  let order = 1;
  const raised = orderMark(tokens, next);
  if (raised) [order, next] = [raised.order, raised.next];
  const t = tokens[next];
  if (t?.kind !== "name") return { name: "", order, next };
  const name = t.subscript ? `${t.text}_${t.subscript}` : t.text;
  return powerAfter(tokens, { name, order, next: next + 1 });
}

function powerAfter(tokens: readonly Token[], found: { name: string; order: number; next: number }) {
  const raised = orderMark(tokens, found.next);
  return raised ? { ...found, order: raised.order, next: raised.next } : found;
}

/** ^2, ^{2} */
function orderMark(tokens: readonly Token[], at: number): { order: number; next: number } | undefined {
  if (!symbolAt(tokens, at, "^")) return undefined;
  const braced = symbolAt(tokens, at + 1, "{");
  const n = tokens[at + (braced ? 2 : 1)];
  if (n?.kind !== "number" || !n.value.isInteger || (braced && !symbolAt(tokens, at + 3, "}")))
    return undefined;
  return { order: n.value.toNumber(), next: at + (braced ? 4 : 2) };
}

export interface DerivativeMark {
  /** The name above the line; empty where the body follows, or stands in the brackets at `body`. */
  readonly of: string;
  readonly variables: string[];
  readonly next: number;
  /** Where the body above the line begins, in d(x^2)/dx. */
  readonly body?: number;
  /** What is above and below the line does not agree. */
  readonly odd?: boolean;
}

/** dy/dx, d/dx, d^2y/dx^2, ∂L/∂w, \frac{d}{dx}, \frac{\partial L}{\partial w}, d(x^2)/dx. */
export function matchDerivative(
  tokens: readonly Token[],
  at: number,
  isVariable: (name: string) => boolean,
  closing: Int32Array,
): DerivativeMark | undefined {
  const t = tokens[at];
  const fraction = t?.kind === "command" && t.text === "frac";
  if (t?.kind === "name" && (isVariable(t.text) || !t.text.startsWith("d"))) return undefined;
  if (fraction && !symbolAt(tokens, at + 1, "{")) return undefined;
  const above = differential(tokens, at + (fraction ? 2 : 0), isVariable);
  if (!above) return undefined;
  // The end of what is above the line: at its closing brace, or at the slash.
  let end = fraction ? closing[at + 1] : above.next;
  const bracket = !fraction && above.name === "" && symbolAt(tokens, above.next, "(");
  if (bracket) end = closing[above.next] + 1;
  if (end < above.next || !symbolAt(tokens, end, fraction ? "}" : "/")) return undefined;
  if (fraction && !symbolAt(tokens, end + 1, "{")) return undefined;
  const found = below(tokens, end + (fraction ? 2 : 1), above.order, isVariable);
  if (found.variables.length === 0 || (fraction && !symbolAt(tokens, found.next, "}"))) return undefined;
  const next = found.next + (fraction ? 1 : 0);
  if (found.variables.length !== above.order)
    return { of: above.name, variables: found.variables, next, odd: true };
  if (end === above.next) return { of: above.name, variables: found.variables, next };
  return { of: "", variables: found.variables, next, body: above.name === "" ? above.next : above.next - 1 };
}

/** dx, dx^2, ∂w∂b: as many variables as the order. */
function below(
  tokens: readonly Token[],
  at: number,
  order: number,
  isVariable: (name: string) => boolean,
): { variables: string[]; next: number } {
  const variables: string[] = [];
  let next = at;
  for (let d = differential(tokens, next, isVariable); d?.name; d = differential(tokens, next, isVariable)) {
    for (let i = 0; i < d.order && i < 100; i++) variables.push(d.name);
    next = d.next;
    if (variables.length >= order) break;
  }
  return { variables, next };
}
