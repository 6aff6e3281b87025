import { isInput, type Node } from "../ir/node.ts";
import { asciiName } from "./names.ts";
import {
  ATOM,
  axisPieces,
  bracketed,
  COMPARE,
  constantOf,
  filledWith,
  groupedIn,
  identitySize,
  isElementwisePower,
  isIdentityConstant,
  isIndicator,
  isMatrixTranspose,
  isSymmetric,
  leastOnLeft,
  leastOnRight,
  listText,
  nameOf,
  OR,
  type Piece,
  POSTFIX,
  POWER,
  PRODUCT,
  primesOf,
  productForm,
  repeatedValue,
  rowOf,
  SIGN,
  SUM,
  transparent,
  type Writer,
  withoutMinus,
  write,
  writtenAs,
} from "./print.ts";
import { matrixPiece } from "./print-matrix.ts";
import { type SizeLetters, sizeName } from "./size-letters.ts";

interface Style {
  readonly times: (left: Piece, right: Piece) => string;
  readonly divide: string;
  readonly elementwise: string;
  readonly power: (base: string, exponent: Piece) => string;
  readonly name: (name: string) => string;
  readonly exp: (x: Piece) => Piece;
  readonly functions: Readonly<Record<string, string>>;
  readonly comparisons: Readonly<Record<string, string>>;
  readonly pi: string;
}

const exact: Style = {
  times: (a, b) => `${bracketed(a, leastOnLeft(a, b))}*${bracketed(b, leastOnRight(b))}`,
  divide: "/",
  elementwise: " .* ",
  power: (base, e) => `${base}^${bracketed(e, ATOM)}`,
  name: asciiName,
  exp: (x) => ({ text: `exp(${x.text})`, precedence: ATOM }),
  functions: {},
  comparisons: {},
  pi: "pi",
};

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

/** 2x, x y, 2 cos(x), (a)(b): numbers touch letters, all else keeps a space. */
function juxtaposed(a: Piece, b: Piece): string {
  const left = bracketed(a, leastOnLeft(a, b));
  const bar = a.fraction && !/\/(\p{L}|\d+)$/u.test(left);
  if (bar && (b.fraction || /^[(√∛|]|^\P{L}*\p{L}+\(/u.test(b.text)))
    return `${left} · ${b.fraction ? b.text : bracketed(b, leastOnRight(b))}`;
  // Products are associative: cos(x²) · 2x.
  if (b.precedence === PRODUCT && !b.chain && !b.elementwise) return `${left} · ${b.text}`;
  const right = bracketed(b, leastOnRight(b));
  // x x would be read as one name twice.
  if (left.endsWith("]") || (/^\p{Ll}$/u.test(right) && left.endsWith(right))) return `${left} · ${right}`;
  if (/^\d/.test(right)) return `${left}·${right}`;
  if (/^\d+$/.test(left) && /^\p{L}\p{M}?(ᵀ|$|[^\p{L}(])/u.test(right)) return left + right;
  if (/^\d+$/.test(left) && /^[(√∛|‖]/.test(right)) return left + right;
  // x (y + 1) must not read as a function of y + 1.
  return `${left} ${right}`;
}

const pretty: Style = {
  times: juxtaposed,
  divide: "/",
  elementwise: " ⊙ ",
  power: (base, e) =>
    /^-?\d+$|^[nx]$/.test(e.text)
      ? base + [...e.text].map((c) => RAISED[c]).join("")
      : `${base}^${bracketed(e, ATOM)}`,
  name: (name) => name,
  exp: (x) => ({
    text: /^\d$/.test(x.text)
      ? `e${RAISED[x.text]}`
      : /^-?[\p{L}\d]$|^\d+\p{L}$/u.test(x.text)
        ? `e^${x.text.length === 1 ? x.text : `(${x.text})`}`
        : `e^(${x.text})`,
    precedence: POWER,
  }),
  functions: {
    sigmoid: "σ",
    log: "ln",
    gamma: "Γ",
    digamma: "ψ",
    relu: "ReLU",
    asin: "arcsin",
    acos: "arccos",
    atan: "arctan",
    normal_cdf: "Φ",
  },
  comparisons: { less_equal: "≤", greater_equal: "≥", equal: "=", not_equal: "≠" },
  pi: "π",
};

function writer(style: Style): Writer {
  return {
    variable: style.name,
    filled: (value, shape) => filledWith(value, shape, "ones", ["(", ")"], style.times),
    join: (parts, result) => [...parts.map((p) => `${style.name(p.name)} = ${p.text}`), result].join("; "),
    node: (node, args) => textOf(node, args, style),
  };
}

const call = (name: string, args: readonly Piece[]): Piece => ({
  text: `${name}(${args.map((a) => a.text).join(", ")})`,
  precedence: ATOM,
});

function textOf(node: Node, args: readonly Piece[], style: Style): Piece {
  if (isInput(node)) {
    const own = writtenAs.get(node);
    if (own) return { text: style === pretty ? own.pretty : own.text, precedence: PRODUCT };
    return { text: style.name(nameOf(node)), precedence: ATOM };
  }
  const constant = constantOf(node);
  if (constant) return numberText(constant, style);
  if (isIdentityConstant(node))
    return { text: style === pretty ? "I" : `eye(${sizeName(node.shape[0])})`, precedence: ATOM };
  const repeated = node.inputs.length === 0 ? repeatedValue(node) : undefined;
  if (repeated !== undefined) {
    const value = { text: String(repeated), precedence: repeated < 0 ? SUM : ATOM };
    return filledWith(value, node.shape.map(sizeName), "ones", ["(", ")"], style.times);
  }
  if (node.inputs.length === 0) return { text: listText(node), precedence: ATOM };
  if (transparent(node)) return args[0];
  const { notation, name } = node.primitive;
  const [a, b] = args;
  switch (notation.form) {
    case "function":
      if (name === "exp") return style.exp(a);
      if (style === pretty && (name === "sqrt" || name === "cbrt"))
        return rootText(name === "sqrt" ? "√" : "∛", a);
      if (name === "diagonal_matrix" && identitySize(node) !== undefined)
        return { text: style === pretty ? "I" : `eye(${sizeName(node.shape[0])})`, precedence: ATOM };
      if (style === pretty && isIndicator(node))
        return { text: `1_{${a.text}}`, precedence: ATOM, rows: `1 if ${a.text}, 0 otherwise` };
      if (style === pretty && name === "where") return casesText(args);
      return call(style.functions[name] ?? (notation.text as string), args);
    case "prefix":
      return {
        text: `${notation.text}${bracketed(a, PRODUCT)}`,
        precedence: name === "neg" ? SUM : OR,
        negative: name === "neg",
      };
    case "postfix":
      return { text: `${bracketed(a, POSTFIX)}${notation.text}`, precedence: POSTFIX };
    case "power":
      if (style === pretty && isHalf(node.inputs[1])) return rootText("√", a);
      if (isElementwisePower(node))
        return style === pretty ? elementwisePower(node, a, b) : call("pow", args);
      if (style === pretty && node.inputs[0].primitive.name === "squared_norm" && /^[234]$/.test(b.text))
        return { text: a.text.slice(0, -1) + RAISED[String(2 * Number(b.text))], precedence: POWER };
      return { text: style.power(bracketed(a, POSTFIX), b), precedence: POWER };
    case "infix":
      return infix(node, a, b, style);
    default:
      return special(node, args, style);
  }
}

/** {2x if x > 0, 0 otherwise}: the cases of a nested otherwise follow in the same braces. */
function casesText([condition, value, otherwise]: readonly Piece[]): Piece {
  // 0/0 stands where no case holds: nothing is said of it.
  const rest = otherwise.text === "0/0" ? "" : `, ${otherwise.rows ?? `${otherwise.text} otherwise`}`;
  const rows = `${value.text} if ${condition.text}${rest}`;
  return { text: `{${rows}}`, precedence: ATOM, rows };
}

/** tanh²(X), W^∘2. */
function elementwisePower(node: Node, a: Piece, b: Piece): Piece {
  const { form, text } = node.inputs[0].primitive.notation;
  const name = text && (pretty.functions[node.inputs[0].primitive.name] ?? text);
  if (form === "function" && name && /^\d$/.test(b.text) && a.text.startsWith(`${name}(`))
    return { text: `${name}${RAISED[b.text]}${a.text.slice(name.length)}`, precedence: POWER };
  return { text: `${bracketed(a, POSTFIX)}^∘${bracketed(b, ATOM)}`, precedence: POWER };
}

/** √x, √(1 + x²); binds as tightly as a function. */
function rootText(sign: string, a: Piece): Piece {
  const bare = /^(\p{L}\p{M}?|\d+|[\p{L}]+\([^()]*\))$/u.test(a.text);
  return { text: bare ? sign + a.text : `${sign}(${a.text})`, precedence: bare ? POWER : ATOM };
}

function isHalf(exponent: Node): boolean {
  return constantOf(exponent)?.exact?.toString() === "1/2";
}

function numberText(
  { exact: r, symbol, float }: NonNullable<ReturnType<typeof constantOf>>,
  style: Style,
): Piece {
  if (symbol) return { text: symbol.text === "pi" ? style.pi : symbol.text, precedence: ATOM };
  const decimal = r?.toDecimal();
  const negative = r !== undefined && r.sign < 0;
  if (r && decimal) return { text: decimal, precedence: negative ? SUM : ATOM, negative };
  if (r) return { text: r.toString(), precedence: negative ? SUM : r.isInteger ? ATOM : PRODUCT, negative };
  // Rounding noise is not for reading; the exact text keeps every digit.
  const text = String(style === pretty ? Number((float as number).toPrecision(8)) : float);
  return { text, precedence: text.startsWith("-") ? SUM : ATOM, negative: text.startsWith("-") };
}

function infix(node: Node, a: Piece, b: Piece, style: Style): Piece {
  const { name, notation } = node.primitive;
  if ((name === "mul" || name === "div") && a.negative) {
    const size = infix(node, withoutMinus(a), b, style);
    return { text: `-${size.text}`, precedence: SUM, negative: true };
  }
  switch (name) {
    case "add":
      return { text: `${a.text} + ${bracketed(b, b.text.startsWith("-") ? PRODUCT : SUM)}`, precedence: SUM };
    case "sub":
      return { text: `${a.text} - ${bracketed(b, PRODUCT)}`, precedence: SUM };
    case "mul": {
      const both = node.inputs.every((x) => withoutBroadcast(x).rank > 0);
      const [left, right] = [groupedIn(node, a), groupedIn(node, b)];
      const grouped =
        (a.grouped ?? b.grouped) === undefined ? undefined : style.times(asGrouped(a), asGrouped(b));
      if (!both) return { text: style.times(left, right), precedence: PRODUCT, chain: b.chain, grouped };
      return {
        text: `${bracketed(a, PRODUCT)}${style.elementwise}${bracketed(b, SIGN)}`,
        precedence: PRODUCT,
        elementwise: true,
      };
    }
    case "div":
      return {
        text: `${bracketed(groupedIn(node, a), PRODUCT)}${style.divide}${bracketed(b, SIGN)}`,
        precedence: PRODUCT,
        fraction: true,
      };
    case "and":
    case "or":
      return { text: `${bracketed(a, COMPARE)} ${name} ${bracketed(b, COMPARE)}`, precedence: OR };
    default:
      return {
        text: `${bracketed(a, SUM)} ${style.comparisons[name] ?? notation.text} ${bracketed(b, SUM)}`,
        precedence: COMPARE,
      };
  }
}

const asGrouped = (piece: Piece): Piece =>
  piece.grouped === undefined ? piece : { text: piece.grouped, precedence: PRODUCT };

function withoutBroadcast(x: Node): Node {
  let at = x;
  while (transparent(at)) at = at.inputs[0];
  return at;
}

function special(node: Node, args: readonly Piece[], style: Style): Piece {
  const [a] = args;
  const matrix = matrixPiece(node, args, { ...matrixStyle, transposed: (x) => transposed(x, style) });
  if (matrix) return matrix;
  switch (node.primitive.name) {
    case "abs":
      return style === pretty ? { text: `|${a.text}|`, precedence: ATOM } : call("abs", args);
    case "norm":
      return style === pretty ? { text: `‖${a.text}‖`, precedence: ATOM } : call("norm", args);
    case "one_minus_square":
      return {
        text: `1 - ${style.power(bracketed(a, POSTFIX), { text: "2", precedence: ATOM })}`,
        precedence: SUM,
      };
    case "squared_norm":
      return { text: style === pretty ? `‖${a.text}‖²` : `norm(${a.text})^2`, precedence: POWER };
    case "log_base":
      if (style === pretty && /^(\p{L}|\d+)$/u.test(args[1].text))
        return call(`log_${args[1].text}`, [args[0]]);
      return call("log", args);
    case "polygamma":
      return call("polygamma", [
        { text: String((node.params as { order: number }).order), precedence: ATOM },
        a,
      ]);
    case "unknown":
      return unknownText(node, args, style);
    case "sum":
    case "reduce_max":
    case "reduce_min":
      return call(node.primitive.notation.text as string, [...args, ...axisPieces(node)]);
    case "inverse": {
      const own: Piece = {
        text: style.power(bracketed(a, POSTFIX), { text: "-1", precedence: SUM }),
        precedence: POWER,
      };
      const turned = `${bracketed(a, POSTFIX)}${style === pretty ? "⁻ᵀ" : "^(-T)"}`;
      return { ...own, row: isSymmetric(node) ? own : { text: turned, precedence: POWER } };
    }
    case "transpose":
      if (isMatrixTranspose(node)) return { ...transposed(a, style), row: a };
      break;
    case "contract": {
      const form = productForm(node);
      if (!form) {
        const p = node.params as { a: string; b: string; out: string };
        return call(`einsum[${p.a},${p.b}->${p.out}]`, args);
      }
      const [left, right] = form.map((part) =>
        part.transposed ? transposed(args[part.index], style) : args[part.index],
      );
      return {
        text: style.times(left, right),
        precedence: PRODUCT,
        row: rowOf(node, form, args, (x) => transposed(x, style), style.times),
        chain: node.rank > 0,
        grouped: node.rank === 0 ? `(${style.times(left, right)})` : undefined,
      };
    }
    case "concatenate":
      if (node.rank === 1) return { text: `[${args.map((x) => x.text).join(", ")}]`, precedence: ATOM };
      break;
    case "reshape":
      if (node.inputs[0].size === node.size && node.rank === node.inputs[0].rank + 1) return a;
      break;
  }
  return call(`${node.primitive.notation.text ?? node.primitive.name}${paramsText(node.params)}`, args);
}

const matrixStyle = { call, backward: () => undefined };

function transposed(x: Piece, style: Style): Piece {
  return x.row ?? { text: `${bracketed(x, POSTFIX)}${style === pretty ? "ᵀ" : "^T"}`, precedence: POWER };
}

/** Parameters in square brackets, for what has no place in written maths. */
function paramsText(params: unknown): string {
  const shown = Object.entries(params as object).map(([k, v]) => `${k}=${JSON.stringify(v)}`);
  return shown.length === 0 ? "" : `[${shown.join(", ")}]`;
}

function unknownText(node: Node, args: readonly Piece[], style: Style): Piece {
  const { name, orders } = primesOf(node);
  const own = style.name(name);
  if (orders.length === 1)
    return call(
      `${own}${orders[0] > 3 && style === pretty ? `^(${orders[0]})` : "'".repeat(orders[0])}`,
      args,
    );
  const mark = orders.flatMap((o, i) => new Array<string>(o).fill(String(i + 1))).join("");
  return call(mark ? `${own}_${mark}` : own, args);
}

/** Text with explicit * and ^, that the parser (and other systems) read back. */
export const toText = (node: Node, letters?: SizeLetters): string => write(node, writer(exact), letters);

/** Text as a person writes it: 2x cos(x²). */
export const toPretty = (node: Node, letters?: SizeLetters): string => write(node, writer(pretty), letters);
