import { isInput, type Node } from "../ir/node.ts";
import { latexName } from "./names.ts";
import {
  ATOM,
  axisPieces,
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
import { type MatrixStyle, matrixPiece } from "./print-matrix.ts";
import { type SizeLetters, sizeName } from "./size-letters.ts";

/** What is taller than a line wants brackets that grow; they cost space, so the rest has plain ones. */
const TALL = /\\(frac|sum|prod|begin|sqrt|left)/;
const inBrackets = (text: string): string => (TALL.test(text) ? `\\left(${text}\\right)` : `(${text})`);
const bracketed = (p: Piece, least: number): string => (p.precedence >= least ? p.text : inBrackets(p.text));
const call = (name: string, args: readonly Piece[]): Piece => ({
  text: `${name}${inBrackets(args.map((a) => a.text).join(", "))}`,
  precedence: ATOM,
});
const transposed = (x: Piece): Piece =>
  x.row ?? { text: `${bracketed(x, POSTFIX)}^{\\top}`, precedence: POWER };

function times(a: Piece, b: Piece): string {
  const left = bracketed(a, leastOnLeft(a, b));
  // Products are associative: cos(x²) · 2x.
  if (b.precedence === PRODUCT && !b.chain && !b.elementwise) return `${left} \\cdot ${b.text}`;
  const right = bracketed(b, leastOnRight(b));
  // A number in the midst of a product would be read as an index, or as part of the number before it.
  const apart = /^\d/.test(right) || (/\d$/.test(left) && right.startsWith("\\frac"));
  return apart ? `${left} \\cdot ${right}` : `${left} ${right}`;
}

function latexOf(node: Node, args: readonly Piece[]): Piece {
  if (isInput(node)) {
    const own = writtenAs.get(node);
    return own
      ? { text: own.latex, precedence: PRODUCT }
      : { text: latexName(nameOf(node)), precedence: ATOM };
  }
  const constant = constantOf(node);
  if (constant) return numberLatex(constant);
  if (isIdentityConstant(node)) return { text: `\\mathbf{I}_{${sizeName(node.shape[0])}}`, precedence: ATOM };
  const repeated = node.inputs.length === 0 ? repeatedValue(node) : undefined;
  if (repeated !== undefined) {
    const value = { text: String(repeated), precedence: repeated < 0 ? SUM : ATOM };
    return filledWith(
      value,
      node.shape.map(sizeName),
      "\\operatorname{ones}",
      ["\\left(", "\\right)"],
      times,
    );
  }
  if (node.inputs.length === 0) return { text: `\\mathrm{${listText(node)}}`, precedence: ATOM };
  if (transparent(node)) return args[0];
  const { notation, name } = node.primitive;
  const [a, b] = args;
  switch (notation.form) {
    case "function":
      return functionLatex(node, args);
    case "prefix":
      return {
        text: `${notation.latex}${bracketed(a, PRODUCT)}`,
        precedence: name === "neg" ? SUM : OR,
        negative: name === "neg",
      };
    case "postfix":
      return { text: `${bracketed(a, POSTFIX)}!`, precedence: POSTFIX };
    case "power":
      return powerLatex(node, a, b);
    case "infix":
      return infix(node, a, b);
    default:
      return special(node, args);
  }
}

function numberLatex({ exact, symbol, float }: NonNullable<ReturnType<typeof constantOf>>): Piece {
  if (symbol) return { text: symbol.latex, precedence: ATOM };
  if (exact) {
    const decimal = exact.toDecimal();
    if (decimal) return { text: decimal, precedence: exact.sign < 0 ? SUM : ATOM };
    if (exact.isInteger)
      return { text: exact.toString(), precedence: exact.sign < 0 ? SUM : ATOM, negative: exact.sign < 0 };
    const sign = exact.sign < 0 ? "-" : "";
    return {
      text: `${sign}\\frac{${exact.abs().n}}{${exact.d}}`,
      precedence: exact.sign < 0 ? SUM : PRODUCT,
    };
  }
  const [mantissa, exponent] = String(float).split("e");
  const text =
    exponent === undefined
      ? mantissa.replace("Infinity", "\\infty")
      : `${mantissa} \\cdot 10^{${Number(exponent)}}`;
  return { text, precedence: text.startsWith("-") ? SUM : exponent === undefined ? ATOM : PRODUCT };
}

function functionLatex(node: Node, args: readonly Piece[]): Piece {
  const { name, notation } = node.primitive;
  const [a] = args;
  switch (name) {
    case "exp":
      return { text: `e^{${a.text}}`, precedence: POWER };
    case "sqrt":
      return { text: `\\sqrt{${a.text}}`, precedence: ATOM };
    case "cbrt":
      return { text: `\\sqrt[3]{${a.text}}`, precedence: ATOM };
    case "diagonal_matrix":
      if (identitySize(node) === undefined) return call(notation.latex as string, args);
      return { text: `\\mathbf{I}_{${sizeName(node.shape[0])}}`, precedence: ATOM };
    case "where":
      return isIndicator(node)
        ? {
            text: `\\mathbf{1}_{${a.text}}`,
            precedence: ATOM,
            rows: `1 & ${a.text} \\\\ 0 & \\text{otherwise}`,
          }
        : casesLatex(args);
    default:
      return call(notation.latex as string, args);
  }
}

/** The cases of a nested otherwise follow in the same brace. */
function casesLatex([condition, value, otherwise]: readonly Piece[]): Piece {
  const rest = otherwise.rows ?? `${otherwise.text} & \\text{otherwise}`;
  const rows = `${value.text} & ${condition.text} \\\\ ${rest}`;
  return { text: `\\begin{cases} ${rows} \\end{cases}`, precedence: OR, rows };
}

const CALLED = /^(\\left)?\(/;

function powerLatex(node: Node, a: Piece, b: Piece): Piece {
  const base = node.inputs[0];
  // sin²(x), as a textbook writes it.
  const { form, latex } = base.primitive.notation;
  if (
    form === "function" &&
    latex &&
    /^\d+$/.test(b.text) &&
    CALLED.test(a.text.slice(latex.length)) &&
    a.text.startsWith(latex)
  ) {
    return { text: `${latex}^{${b.text}}${a.text.slice(latex.length)}`, precedence: POWER };
  }
  if (isElementwisePower(node))
    return { text: `${bracketed(a, POSTFIX)}^{\\circ ${b.text}}`, precedence: POWER };
  if (base.primitive.name === "squared_norm" && /^[234]$/.test(b.text))
    return { text: `${a.text.slice(0, -"^{2}".length)}^{${2 * Number(b.text)}}`, precedence: POWER };
  return { text: `${bracketed(a, POSTFIX)}^{${b.text}}`, precedence: POWER };
}

function infix(node: Node, a: Piece, b: Piece): Piece {
  const { name, notation } = node.primitive;
  if (name === "mul" && a.negative) {
    const size = infix(node, withoutMinus(a), b);
    return { text: `-${size.text}`, precedence: SUM, negative: true };
  }
  switch (name) {
    case "add":
      return { text: `${a.text} + ${bracketed(b, b.text.startsWith("-") ? PRODUCT : SUM)}`, precedence: SUM };
    case "sub":
      return { text: `${a.text} - ${bracketed(b, PRODUCT)}`, precedence: SUM };
    case "mul": {
      const both = node.inputs.every((x) => !transparent(x) && x.rank > 0);
      const [left, right] = [groupedIn(node, a), groupedIn(node, b)];
      const grouped = (a.grouped ?? b.grouped) === undefined ? undefined : times(asGrouped(a), asGrouped(b));
      if (!both) return { text: times(left, right), precedence: PRODUCT, chain: b.chain, grouped };
      return {
        text: `${bracketed(a, PRODUCT)} \\odot ${bracketed(b, SIGN)}`,
        precedence: PRODUCT,
        elementwise: true,
      };
    }
    case "div":
      if (a.negative)
        return {
          text: `-\\frac{${withoutMinus(a).text}}{${b.text}}`,
          precedence: SUM,
          negative: true,
        };
      return { text: `\\frac{${groupedIn(node, a).text}}{${b.text}}`, precedence: PRODUCT };
    case "and":
    case "or":
      return { text: `${bracketed(a, COMPARE)} ${notation.latex} ${bracketed(b, COMPARE)}`, precedence: OR };
    default:
      return { text: `${bracketed(a, SUM)} ${notation.latex} ${bracketed(b, SUM)}`, precedence: COMPARE };
  }
}

const asGrouped = (piece: Piece): Piece =>
  piece.grouped === undefined ? piece : { text: piece.grouped, precedence: PRODUCT };

const named = (name: string): string =>
  name === "det" || name === "log" ? `\\${name}` : `\\operatorname{${name}}`;
const matrixStyle: MatrixStyle = {
  call: (name, args) => call(named(name), args),
  transposed,
  backward: (name, args) => call(`\\overleftarrow{${named(name)}}`, args),
};

function special(node: Node, args: readonly Piece[]): Piece {
  const [a, b] = args;
  const matrix = matrixPiece(node, args, matrixStyle);
  if (matrix) return matrix;
  switch (node.primitive.name) {
    case "abs":
      return { text: `\\left|${a.text}\\right|`, precedence: ATOM };
    case "norm":
      return { text: `\\left\\|${a.text}\\right\\|`, precedence: ATOM };
    case "one_minus_square":
      return { text: `1 - ${bracketed(a, POSTFIX)}^{2}`, precedence: SUM };
    case "squared_norm":
      return { text: `\\left\\|${a.text}\\right\\|^{2}`, precedence: POWER };
    case "log_base":
      return { text: `\\log_{${b.text}}${inBrackets(a.text)}`, precedence: ATOM };
    case "polygamma":
      return call("\\operatorname{polygamma}", [
        { text: String((node.params as { order: number }).order), precedence: ATOM },
        a,
      ]);
    case "unknown": {
      const { name, orders } = primesOf(node);
      const mark =
        orders.length === 1
          ? "'".repeat(orders[0])
          : orders.flatMap((o, i) => new Array<string>(o).fill(String(i + 1))).join("");
      const own = latexName(name);
      return call(
        orders.length === 1
          ? orders[0] > 3
            ? `${own}^{(${orders[0]})}`
            : own + mark
          : mark
            ? `${own}_{${mark}}`
            : own,
        args,
      );
    }
    case "sum":
    case "reduce_max":
    case "reduce_min": {
      const { text } = node.primitive.notation;
      return call(text === "sum" ? "\\operatorname{sum}" : `\\${text}`, [...args, ...axisPieces(node)]);
    }
    case "inverse": {
      const own: Piece = { text: `${bracketed(a, POSTFIX)}^{-1}`, precedence: POWER };
      const turned = `${bracketed(a, POSTFIX)}^{-\\top}`;
      return { ...own, row: isSymmetric(node) ? own : { text: turned, precedence: POWER } };
    }
    case "transpose":
      if (isMatrixTranspose(node)) return { ...transposed(a), row: a };
      break;
    case "contract": {
      const form = productForm(node);
      if (!form) break;
      const [left, right] = form.map((part) =>
        part.transposed ? transposed(args[part.index]) : args[part.index],
      );
      return {
        text: times(left, right),
        precedence: PRODUCT,
        row: rowOf(node, form, args, transposed, times),
        chain: node.rank > 0,
        grouped: node.rank === 0 ? `(${times(left, right)})` : undefined,
      };
    }
    case "concatenate":
      if (node.rank === 1)
        return {
          text: `\\begin{pmatrix} ${args.map((x) => x.text).join(" \\\\ ")} \\end{pmatrix}`,
          precedence: ATOM,
        };
      break;
    case "reshape":
      if (node.rank === node.inputs[0].rank + 1) return a;
      break;
  }
  return call(
    `\\operatorname{${(node.primitive.notation.text ?? node.primitive.name).replaceAll("_", "\\_")}}`,
    args,
  );
}

const writer: Writer = {
  node: latexOf,
  variable: latexName,
  filled: (value, shape) => filledWith(value, shape, "\\operatorname{ones}", ["\\left(", "\\right)"], times),
  join: (parts, result) => [...parts.map((p) => `${latexName(p.name)} = ${p.text}`), result].join(";\\; "),
};

/** LaTeX in the subset that KaTeX sets. */
export const toLatex = (node: Node, letters?: SizeLetters): string => write(node, writer, letters);
