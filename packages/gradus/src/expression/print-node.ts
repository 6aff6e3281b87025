import { isInput, type Node } from "../ir/node.ts";
import type { Primitive } from "../ir/primitive.ts";
import {
  ATOM,
  axisPieces,
  COMPARE,
  constantOf,
  groupedIn,
  identitySize,
  isIdentityConstant,
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
  type ProductPart,
  primesOf,
  productForm,
  repeatedValue,
  SIGN,
  SUM,
  transparent,
  type Written,
  withoutMinus,
  writtenAs,
} from "./print.ts";
import { matrixPiece } from "./print-matrix.ts";
import { sizeName } from "./size-letters.ts";

/** A way of writing maths: what differs between text that systems read, text for people, and LaTeX. */
export interface Style {
  /** Which form of what is written otherwise than by its name. */
  readonly form: keyof Written;
  readonly elementwise: string;
  /** After a matrix that is transposed, and one that is inverted too. */
  readonly transpose: string;
  readonly inverseTranspose: string;
  /** Between several named parts and a result. */
  readonly separator: string;
  brackets(text: string): string;
  variable(name: string): string;
  /** A function's name as the parser knows it. */
  named(name: string): string;
  number(constant: NonNullable<ReturnType<typeof constantOf>>): Piece;
  identity(size: string): string;
  list(text: string): string;
  vector(elements: readonly string[]): string;
  matrix(rows: readonly (readonly string[])[]): string;
  /** The sign of an operator, or the name of a function. */
  symbol(primitive: Primitive): string;
  /** A product without a sign, or with a dot; both sides have the brackets that they need. */
  product(left: string, right: string, a: Piece, b: Piece): string;
  quotient(a: Piece, b: Piece): Piece;
  raised(base: string, exponent: Piece): string;
  /** Powers that are written in a way of their own. */
  power(node: Node, a: Piece, b: Piece): Piece | undefined;
  exp(x: Piece): Piece;
  root(degree: "sqrt" | "cbrt", x: Piece): Piece;
  where(node: Node, args: readonly Piece[]): Piece;
  abs(x: Piece): Piece;
  norm(x: Piece): Piece;
  logBase(x: Piece, base: Piece): Piece;
  /** A function without a rule, differentiated so often; or by its arguments of these numbers. */
  primed(name: string, order: number): string;
  marked(name: string, places: string): string;
  /** A function taken from the end to the start. */
  backward(name: string, args: readonly Piece[]): Piece | undefined;
  /** What has no place in written maths. */
  other(node: Node, args: readonly Piece[]): Piece;
}

export const bracketed = (p: Piece, least: number, style: Style): string =>
  p.precedence >= least ? p.text : style.brackets(p.text);

export const call = (name: string, args: readonly Piece[], style: Style): Piece => ({
  text: name + style.brackets(args.map((a) => a.text).join(", ")),
  precedence: ATOM,
});

export const transposed = (x: Piece, style: Style): Piece =>
  x.row ?? { text: bracketed(x, POSTFIX, style) + style.transpose, precedence: POWER };

function times(a: Piece, b: Piece, style: Style): string {
  return style.product(bracketed(a, leastOnLeft(a, b), style), bracketed(b, leastOnRight(b), style), a, b);
}

/** One number in every place of a tensor: ones(4, 3), or a multiple of it. */
export function filledPiece(value: Piece, shape: readonly string[], style: Style): Piece {
  const sizes = shape.map((text) => ({ text, precedence: ATOM }));
  const all = call(style.named("ones"), sizes, style);
  return value.text === "1" ? all : { text: times(value, all, style), precedence: PRODUCT };
}

/** A node as it is written, from its operands as they are. */
export function pieceOf(node: Node, args: readonly Piece[], style: Style): Piece {
  if (node.inputs.length === 0) return leaf(node, style);
  if (transparent(node)) return args[0];
  const { notation, name } = node.primitive;
  const [a, b] = args;
  switch (notation.form) {
    case "function":
      return functionPiece(node, args, style);
    case "prefix":
      return {
        text: style.symbol(node.primitive) + bracketed(a, PRODUCT, style),
        precedence: name === "neg" ? SUM : OR,
        negative: name === "neg",
      };
    case "postfix":
      return { text: bracketed(a, POSTFIX, style) + style.symbol(node.primitive), precedence: POSTFIX };
    case "power":
      return (
        style.power(node, a, b) ?? {
          text: style.raised(bracketed(a, POSTFIX, style), b),
          precedence: POWER,
        }
      );
    case "infix":
      return infix(node, a, b, style);
    default:
      return special(node, args, style);
  }
}

function leaf(node: Node, style: Style): Piece {
  if (isInput(node)) {
    const own = writtenAs.get(node);
    return own
      ? { text: own[style.form], precedence: PRODUCT }
      : { text: style.variable(nameOf(node)), precedence: ATOM };
  }
  const constant = constantOf(node);
  if (constant) return style.number(constant);
  if (isIdentityConstant(node)) return { text: style.identity(sizeName(node.shape[0])), precedence: ATOM };
  const repeated = repeatedValue(node);
  if (repeated === undefined) return { text: style.list(listText(node)), precedence: ATOM };
  const value = { text: String(repeated), precedence: repeated < 0 ? SUM : ATOM };
  return filledPiece(value, node.shape.map(sizeName), style);
}

function functionPiece(node: Node, args: readonly Piece[], style: Style): Piece {
  const { name } = node.primitive;
  if (name === "exp") return style.exp(args[0]);
  if (name === "sqrt" || name === "cbrt") return style.root(name, args[0]);
  if (name === "where") return style.where(node, args);
  if (identitySize(node) !== undefined)
    return { text: style.identity(sizeName(node.shape[0])), precedence: ATOM };
  return call(style.symbol(node.primitive), args, style);
}

function infix(node: Node, a: Piece, b: Piece, style: Style): Piece {
  const { name } = node.primitive;
  if ((name === "mul" || name === "div") && a.negative) {
    const size = infix(node, withoutMinus(a), b, style);
    return { text: `-${size.text}`, precedence: SUM, negative: true };
  }
  const joined = (left: number, sign: string, right: number) =>
    `${bracketed(a, left, style)}${sign}${bracketed(b, right, style)}`;
  const symbol = ` ${style.symbol(node.primitive)} `;
  switch (name) {
    case "add":
      return { text: joined(0, " + ", b.text.startsWith("-") ? PRODUCT : SUM), precedence: SUM };
    case "sub":
      return { text: joined(0, " - ", PRODUCT), precedence: SUM };
    case "mul": {
      if (node.inputs.every((x) => withoutBroadcast(x).rank > 0))
        return { text: joined(PRODUCT, style.elementwise, SIGN), precedence: PRODUCT, elementwise: true };
      const grouped =
        (a.grouped ?? b.grouped) === undefined ? undefined : times(asGrouped(a), asGrouped(b), style);
      const text = times(groupedIn(node, a), groupedIn(node, b), style);
      return { text, precedence: PRODUCT, chain: b.chain, grouped };
    }
    case "div":
      return style.quotient(groupedIn(node, a), b);
    case "and":
    case "or":
      return { text: joined(COMPARE, symbol, COMPARE), precedence: OR };
    default:
      return { text: joined(SUM, symbol, SUM), precedence: COMPARE };
  }
}

const asGrouped = (piece: Piece): Piece =>
  piece.grouped === undefined ? piece : { text: piece.grouped, precedence: PRODUCT };

function withoutBroadcast(x: Node): Node {
  let at = x;
  while (transparent(at)) at = at.inputs[0];
  return at;
}

export const TWO: Piece = { text: "2", precedence: ATOM };
const MINUS_ONE: Piece = { text: "-1", precedence: SUM };

function special(node: Node, args: readonly Piece[], style: Style): Piece {
  const [a, b] = args;
  const matrix = matrixPiece(node, args, style);
  if (matrix) return matrix;
  const named = (name: string, list: readonly Piece[]) => call(style.named(name), list, style);
  switch (node.primitive.name) {
    case "abs":
      return style.abs(a);
    case "norm":
      return style.norm(a);
    case "squared_norm":
      return { text: style.raised(style.norm(a).text, TWO), precedence: POWER };
    case "one_minus_square":
      return { text: `1 - ${style.raised(bracketed(a, POSTFIX, style), TWO)}`, precedence: SUM };
    case "log_base":
      return style.logBase(a, b);
    case "polygamma": {
      const { order } = node.params as { order: number };
      return named("polygamma", [{ text: String(order), precedence: ATOM }, a]);
    }
    case "unknown":
      return call(unknownName(node, style), args, style);
    case "sum":
    case "reduce_max":
    case "reduce_min":
      return named(node.primitive.notation.text as string, [...args, ...axisPieces(node)]);
    case "inverse": {
      const base = bracketed(a, POSTFIX, style);
      const own: Piece = { text: style.raised(base, MINUS_ONE), precedence: POWER };
      const turned: Piece = { text: base + style.inverseTranspose, precedence: POWER };
      return { ...own, row: isSymmetric(node) ? own : turned };
    }
    case "transpose":
      return isMatrixTranspose(node) ? { ...transposed(a, style), row: a } : style.other(node, args);
    case "contract": {
      const form = productForm(node);
      return form ? matrixProduct(node, form, args, style) : style.other(node, args);
    }
    case "concatenate":
      return listed(node, args, style) ?? style.other(node, args);
    case "reshape":
      return node.rank === node.inputs[0].rank + 1 ? a : style.other(node, args);
    default:
      return style.other(node, args);
  }
}

/** A vector by its elements, a matrix by its rows. */
function listed(node: Node, args: readonly Piece[], style: Style): Piece | undefined {
  if (node.rank === 1) {
    const elements = args.map((x) => x.text);
    return { text: style.vector(elements), precedence: ATOM, elements };
  }
  const zeros = Array<string>(node.shape[1] ?? 0).fill("0");
  const rows = args
    .map(({ text, elements }) => (text === "0" ? zeros : (elements ?? [])))
    .filter((r) => r.length === node.shape[1]);
  const isByRows = node.rank === 2 && rows.length === node.shape[0] && rows.length === args.length;
  return isByRows ? { text: style.matrix(rows), precedence: ATOM } : undefined;
}

function unknownName(node: Node, style: Style): string {
  const { name, orders } = primesOf(node);
  const own = style.variable(name);
  if (orders.length === 1) return style.primed(own, orders[0]);
  const places = orders.flatMap((o, i) => new Array<string>(o).fill(String(i + 1))).join("");
  return places ? style.marked(own, places) : own;
}

/** A matrix product, and its transpose: xᵀ Aᵀ for A x, Bᵀ Aᵀ for A B. */
function matrixProduct(
  node: Node,
  [left, right]: readonly [ProductPart, ProductPart],
  args: readonly Piece[],
  style: Style,
): Piece {
  const as = (part: ProductPart, turned: boolean): Piece =>
    part.transposed === turned ? args[part.index] : transposed(args[part.index], style);
  const text = times(as(left, false), as(right, false), style);
  if (node.rank === 0) return { text, precedence: PRODUCT, chain: false, grouped: `(${text})` };
  const row = { text: times(as(right, true), as(left, true), style), precedence: PRODUCT, chain: true };
  return { text, precedence: PRODUCT, chain: true, row };
}
