import type { Node } from "../ir/node.ts";
import type { Primitive } from "../ir/primitive.ts";
import { asciiName } from "./names.ts";
import {
  ATOM,
  constantOf,
  isElementwisePower,
  isIndicator,
  type Piece,
  POSTFIX,
  POWER,
  PRODUCT,
  SIGN,
  SUM,
} from "./print.ts";
import { bracketed, call, type Style, TWO } from "./print-node.ts";
import type { SizeLetters } from "./size-letters.ts";
import { write } from "./write.ts";

const inBrackets = (text: string): string => `(${text})`;

const exact: Style = {
  form: "text",
  elementwise: " .* ",
  transpose: "^T",
  inverseTranspose: "^(-T)",
  separator: "; ",
  brackets: inBrackets,
  variable: asciiName,
  named: (name) => name,
  number: (constant) => numberText(constant, "pi", String(constant.float)),
  identity: (size) => `eye(${size})`,
  list: (text) => text,
  vector: (elements) => `[${elements.join(", ")}]`,
  matrix: (rows) => `[${rows.map((r) => `[${r.join(", ")}]`).join(", ")}]`,
  symbol: ({ name, notation }) => (name === "and" || name === "or" ? name : (notation.text as string)),
  product: (left, right) => `${left}*${right}`,
  quotient: (a, b) => ({
    text: `${bracketed(a, PRODUCT, exact)}/${bracketed(b, SIGN, exact)}`,
    precedence: PRODUCT,
    fraction: true,
  }),
  raised: (base, e) => `${base}^${bracketed(e, ATOM, exact)}`,
  power: (node, a, b) => (isElementwisePower(node) ? call("pow", [a, b], exact) : undefined),
  exp: (x) => call("exp", [x], exact),
  root: (degree, x) => call(degree, [x], exact),
  where: (_, args) =>
    call("where", args.length === 3 ? args : [...args, { text: "0/0", precedence: PRODUCT }], exact),
  abs: (x) => call("abs", [x], exact),
  norm: (x) => call("norm", [x], exact),
  logBase: (x, base) => call("log", [x, base], exact),
  primed: (name, order) => name + "'".repeat(order),
  marked: (name, places) => `${name}_${places}`,
  backward: () => undefined,
  other: (node, args) => call(otherName(node), args, exact),
};

/** A name and parameters in square brackets, for what has no place in written maths. */
function otherName({ primitive: { name, notation }, params }: Node): string {
  if (name === "contract") {
    const p = params as { a: string; b: string; out: string };
    return `einsum[${p.a},${p.b}->${p.out}]`;
  }
  const shown = Object.entries(params as object).map(([k, v]) => `${k}=${JSON.stringify(v)}`);
  return `${notation.text ?? name}${shown.length === 0 ? "" : `[${shown.join(", ")}]`}`;
}

function numberText(
  { exact: r, symbol }: NonNullable<ReturnType<typeof constantOf>>,
  pi: string,
  float: string,
): Piece {
  if (symbol) return { text: symbol.text === "pi" ? pi : symbol.text, precedence: ATOM };
  const negative = r ? r.sign < 0 : float.startsWith("-");
  const text = r ? (r.toDecimal() ?? r.toString()) : float;
  const whole = r === undefined || !text.includes("/");
  return { text, precedence: negative ? SUM : whole ? ATOM : PRODUCT, negative };
}

const RAISED: Readonly<Record<string, string>> = {
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
  "-": "⁻",
  n: "ⁿ",
  x: "ˣ",
};

const SYMBOLS: Readonly<Record<string, string>> = {
  sigmoid: "σ",
  log: "ln",
  gamma: "Γ",
  digamma: "ψ",
  relu: "ReLU",
  asin: "arcsin",
  acos: "arccos",
  atan: "arctan",
  normal_cdf: "Φ",
  less_equal: "≤",
  greater_equal: "≥",
  equal: "=",
  not_equal: "≠",
};

/** What a person calls an operation: ln, σ, ≥. */
export const prettyName = ({ name, notation }: Primitive): string | undefined =>
  SYMBOLS[name] ?? notation.text;

const pretty: Style = {
  ...exact,
  form: "pretty",
  elementwise: " ⊙ ",
  transpose: "ᵀ",
  inverseTranspose: "⁻ᵀ",
  variable: (name) => name,
  // Rounding noise is not for reading; the exact text keeps every digit.
  number: (constant) => numberText(constant, "π", String(Number(constant.float?.toPrecision(8)))),
  identity: () => "I",
  symbol: (primitive) => SYMBOLS[primitive.name] ?? exact.symbol(primitive),
  product: juxtaposed,
  raised: (base, e) =>
    /^-?\d+$|^[nx]$/.test(e.text) ? base + [...e.text].map((c) => RAISED[c]).join("") : exact.raised(base, e),
  power: prettyPower,
  exp: (x) => ({
    text: /^\d$/.test(x.text)
      ? `e${RAISED[x.text]}`
      : /^-?[\p{L}\d]$|^\d+\p{L}$/u.test(x.text)
        ? `e^${x.text.length === 1 ? x.text : `(${x.text})`}`
        : `e^(${x.text})`,
    precedence: POWER,
  }),
  root: (degree, x) => rootText(degree === "sqrt" ? "√" : "∛", x),
  where: (node, args) =>
    isIndicator(node)
      ? { text: `1_{${args[0].text}}`, precedence: ATOM, rows: `1 if ${args[0].text}, 0 otherwise` }
      : casesText(args),
  abs: (x) => ({ text: `|${x.text}|`, precedence: ATOM }),
  norm: (x) => ({ text: `‖${x.text}‖`, precedence: ATOM }),
  logBase: (x, base) =>
    /^(\p{L}|\d+)$/u.test(base.text) ? call(`log_${base.text}`, [x], exact) : exact.logBase(x, base),
  primed: (name, order) => (order > 3 ? `${name}^(${order})` : exact.primed(name, order)),
};

/** 2x, x y, 2 cos(x), (a)(b): numbers touch letters, all else keeps a space. */
function juxtaposed(left: string, right: string, a: Piece, b: Piece): string {
  const bar = a.fraction && !/\/(\p{L}|\d+)$/u.test(left);
  if (bar && (b.fraction || /^[(√∛|]|^\P{L}*\p{L}+\(/u.test(b.text)))
    return `${left} · ${b.fraction ? b.text : right}`;
  // Products are associative: cos(x²) · 2x.
  if (b.precedence === PRODUCT && !b.chain && !b.elementwise) return `${left} · ${b.text}`;
  // x x would be read as one name twice.
  if (left.endsWith("]") || (/^\p{Ll}$/u.test(right) && left.endsWith(right))) return `${left} · ${right}`;
  if (/^\d/.test(right)) return `${left}·${right}`;
  if (/^\d+$/.test(left) && /^\p{L}\p{M}?(ᵀ|$|[^\p{L}(])/u.test(right)) return left + right;
  if (/^\d+$/.test(left) && /^[(√∛|‖]/.test(right)) return left + right;
  // x (y + 1) must not read as a function of y + 1.
  return `${left} ${right}`;
}

/** √x for x^½, tanh²(X), W^∘2, ‖x‖⁴. */
function prettyPower(node: Node, a: Piece, b: Piece): Piece | undefined {
  const [base, exponent] = node.inputs;
  if (constantOf(exponent)?.exact?.toString() === "1/2") return rootText("√", a);
  if (base.primitive.name === "squared_norm" && /^[234]$/.test(b.text))
    return {
      text: a.text.slice(0, -1) + pretty.raised("", { ...TWO, text: String(2 * Number(b.text)) }),
      precedence: POWER,
    };
  if (!isElementwisePower(node)) return undefined;
  const name = base.primitive.notation.form === "function" && pretty.symbol(base.primitive);
  if (name && /^\d$/.test(b.text) && a.text.startsWith(`${name}(`))
    return { text: `${name}${RAISED[b.text]}${a.text.slice(name.length)}`, precedence: POWER };
  return { text: `${bracketed(a, POSTFIX, exact)}^∘${bracketed(b, ATOM, exact)}`, precedence: POWER };
}

/** {2x if x > 0, 0 otherwise}: the cases of a nested otherwise follow in the same braces. */
function casesText(args: readonly Piece[]): Piece {
  const [condition, value] = args;
  const otherwise = args.at(2);
  const rest = otherwise ? `, ${otherwise.rows ?? `${otherwise.text} otherwise`}` : "";
  const rows = `${value.text} if ${condition.text}${rest}`;
  return { text: `{${rows}}`, precedence: ATOM, rows };
}

/** √x, √(1 + x²); binds as tightly as a function. */
function rootText(sign: string, a: Piece): Piece {
  const bare = /^(\p{L}\p{M}?|\d+|[\p{L}]+\([^()]*\))$/u.test(a.text);
  return { text: bare ? sign + a.text : `${sign}(${a.text})`, precedence: bare ? POWER : ATOM };
}

/** Text with explicit * and ^, that the parser (and other systems) read back. */
export const toText = (node: Node, letters?: SizeLetters): string => write(node, exact, letters);

/** Text as a person writes it: 2x cos(x²). */
export const toPretty = (node: Node, letters?: SizeLetters): string => write(node, pretty, letters);
