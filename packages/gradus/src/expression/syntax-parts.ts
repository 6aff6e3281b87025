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

const symbolAt = (tokens: readonly Token[], at: number, text: string): boolean => {
  const t = tokens[at];
  return t?.kind === "symbol" && t.text === text;
};

/** d, dy, d^2y, ∂, ∂L: what is above or below the line of a derivative. */
function differential(
  tokens: readonly Token[],
  at: number,
): { name: string; order: number; next: number } | undefined {
  let next = at;
  const first = tokens[next];
  if (first?.kind === "symbol" && first.text === "∂") next++;
  else if (first?.kind === "name" && first.text === "d" && !first.subscript) next++;
  else if (first?.kind === "name" && /^d[A-Za-z]/.test(first.text)) {
    const rest = first.text.slice(1);
    const name = greekByName.get(rest) ?? rest;
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

/** ², ^2, ^{2} */
function orderMark(tokens: readonly Token[], at: number): { order: number; next: number } | undefined {
  const t = tokens[at];
  if (t?.kind === "superscript" && /^\d+$/.test(t.text)) return { order: Number(t.text), next: at + 1 };
  if (!symbolAt(tokens, at, "^")) return undefined;
  const braced = symbolAt(tokens, at + 1, "{");
  const n = tokens[at + (braced ? 2 : 1)];
  if (n?.kind !== "number" || !n.value.isInteger) return undefined;
  return { order: n.value.toNumber(), next: at + (braced ? 4 : 2) };
}

export interface DerivativeMark {
  /** The name above the line; empty where the body follows. */
  readonly of: string;
  readonly variables: string[];
  readonly next: number;
}

/** dy/dx, d/dx, d^2y/dx^2, ∂L/∂w, \frac{d}{dx}, \frac{\partial L}{\partial w}. */
export function matchDerivative(
  tokens: readonly Token[],
  at: number,
  isVariable: (name: string) => boolean,
): DerivativeMark | undefined {
  const t = tokens[at];
  const fraction = t?.kind === "command" && t.text === "frac";
  if (t?.kind === "name" && (isVariable(t.text) || !t.text.startsWith("d"))) return undefined;
  if (fraction && !symbolAt(tokens, at + 1, "{")) return undefined;
  const above = differential(tokens, at + (fraction ? 2 : 0));
  if (!above) return undefined;
  const middle = fraction
    ? symbolAt(tokens, above.next, "}") && symbolAt(tokens, above.next + 1, "{")
    : symbolAt(tokens, above.next, "/");
  if (!middle) return undefined;
  const variables: string[] = [];
  let next = above.next + (fraction ? 2 : 1);
  for (let below = differential(tokens, next); below?.name; below = differential(tokens, next)) {
    for (let i = 0; i < below.order && i < 100; i++) variables.push(below.name);
    next = below.next;
    if (variables.length >= above.order) break;
  }
  if (variables.length === 0 || variables.length !== above.order) return undefined;
  if (fraction && !symbolAt(tokens, next, "}")) return undefined;
  return { of: above.name, variables, next: next + (fraction ? 1 : 0) };
}

/** _{i=1}^{n} after a sum sign, bounds being numbers or names. */
export function matchSumBounds(tokens: readonly Token[], at: number) {
  if (!symbolAt(tokens, at, "_")) return undefined;
  const name = tokens[at + 2];
  const from = tokens[at + 4];
  if (
    !symbolAt(tokens, at + 1, "{") ||
    name?.kind !== "name" ||
    !symbolAt(tokens, at + 3, "=") ||
    !symbolAt(tokens, at + 5, "}") ||
    !symbolAt(tokens, at + 6, "^")
  )
    return undefined;
  const braced = symbolAt(tokens, at + 7, "{");
  const to = tokens[at + (braced ? 8 : 7)];
  const [low, high] = [boundOf(from), boundOf(to)];
  if (!low || !high) return undefined;
  return { index: name.text, from: low, to: high, next: at + (braced ? 10 : 8) };
}

function boundOf(t: Token | undefined): Syntax | undefined {
  const span = t && { start: t.start, end: t.end };
  if (t?.kind === "number") return { kind: "number", value: t.value, ...(span as Span) };
  if (t?.kind === "name") return { kind: "name", name: t.text, ...(span as Span) };
  return undefined;
}
