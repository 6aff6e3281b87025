import type { Node } from "../ir/node.ts";
import { latexName } from "./names.ts";
import {
  ATOM,
  type constantOf,
  isElementwisePower,
  isIndicator,
  OR,
  type Piece,
  POSTFIX,
  POWER,
  PRODUCT,
  SUM,
} from "./print.ts";
import { bracketed, call, type Style } from "./print-node.ts";
import type { SizeLetters } from "./size-letters.ts";
import { write } from "./write.ts";

/** What is taller than a line wants brackets that grow; they cost space, so the rest has plain ones. */
const TALL = /\\(frac|sum|prod|begin|sqrt|left)/;
/** Functions that LaTeX has a sign for. */
const KNOWN = new Set(["det", "log", "max", "min"]);

const latex: Style = {
  form: "latex",
  elementwise: " \\odot ",
  transpose: "^{\\top}",
  inverseTranspose: "^{-\\top}",
  separator: ";\\; ",
  brackets: (text) => (TALL.test(text) ? `\\left(${text}\\right)` : `(${text})`),
  variable: latexName,
  named: (name) => (KNOWN.has(name) ? `\\${name}` : `\\operatorname{${name.replaceAll("_", "\\_")}}`),
  number: numberLatex,
  identity: (size) => `\\mathbf{I}_{${size}}`,
  list: (text) => `\\mathrm{${text}}`,
  vector: (elements) => `\\begin{pmatrix} ${elements.join(" \\\\ ")} \\end{pmatrix}`,
  matrix: (rows) => `\\begin{pmatrix} ${rows.map((r) => r.join(" & ")).join(" \\\\ ")} \\end{pmatrix}`,
  symbol: ({ notation }) => notation.latex as string,
  product: (left, right, _, b) => {
    // Products are associative: cos(x²) · 2x.
    if (b.precedence === PRODUCT && !b.chain && !b.elementwise) return `${left} \\cdot ${b.text}`;
    // A number in the midst of a product would be read as an index, or as part of the number before it.
    const apart = /^\d/.test(right) || (/\d$/.test(left) && right.startsWith("\\frac"));
    return apart ? `${left} \\cdot ${right}` : `${left} ${right}`;
  },
  quotient: (a, b) => ({ text: `\\frac{${a.text}}{${b.text}}`, precedence: PRODUCT }),
  raised: (base, e) => `${base}^{${e.text}}`,
  power: latexPower,
  exp: (x) => ({ text: `e^{${x.text}}`, precedence: POWER }),
  root: (degree, x) => ({
    text: degree === "sqrt" ? `\\sqrt{${x.text}}` : `\\sqrt[3]{${x.text}}`,
    precedence: ATOM,
  }),
  where: (node, args) =>
    isIndicator(node)
      ? {
          text: `\\mathbf{1}_{${args[0].text}}`,
          precedence: ATOM,
          rows: `1 & ${args[0].text} \\\\ 0 & \\text{otherwise}`,
        }
      : casesLatex(args),
  abs: (x) => ({ text: `\\left|${x.text}\\right|`, precedence: ATOM }),
  norm: (x) => ({ text: `\\left\\|${x.text}\\right\\|`, precedence: ATOM }),
  logBase: (x, base) => call(`\\log_{${base.text}}`, [x], latex),
  primed: (name, order) => (order > 3 ? `${name}^{(${order})}` : name + "'".repeat(order)),
  marked: (name, places) => `${name}_{${places}}`,
  backward: (name, args) => call(`\\overleftarrow{${latex.named(name)}}`, args, latex),
  other: ({ primitive: { name, notation } }, args) => call(latex.named(notation.text ?? name), args, latex),
};

function numberLatex({ exact, symbol, float }: NonNullable<ReturnType<typeof constantOf>>): Piece {
  if (symbol) return { text: symbol.latex, precedence: ATOM };
  if (exact) {
    const negative = exact.sign < 0;
    const decimal = exact.toDecimal();
    if (decimal || exact.isInteger)
      return { text: decimal ?? exact.toString(), precedence: negative ? SUM : ATOM, negative };
    const size = `\\frac{${exact.abs().n}}{${exact.d}}`;
    return { text: negative ? `-${size}` : size, precedence: negative ? SUM : PRODUCT, negative };
  }
  const [mantissa, exponent] = String(float).split("e");
  const text =
    exponent === undefined
      ? mantissa.replace("Infinity", "\\infty")
      : `${mantissa} \\cdot 10^{${Number(exponent)}}`;
  return { text, precedence: text.startsWith("-") ? SUM : exponent === undefined ? ATOM : PRODUCT };
}

/** The cases of a nested otherwise follow in the same brace. */
function casesLatex(args: readonly Piece[]): Piece {
  const [condition, value] = args;
  const otherwise = args.at(2);
  const rest = otherwise ? ` \\\\ ${otherwise.rows ?? `${otherwise.text} & \\text{otherwise}`}` : "";
  const rows = `${value.text} & ${condition.text}${rest}`;
  return { text: `\\begin{cases} ${rows} \\end{cases}`, precedence: OR, rows };
}

const CALLED = /^(\\left)?\(/;

/** sin²(x), as a textbook writes it; elementwise powers; ‖x‖⁴. */
function latexPower(node: Node, a: Piece, b: Piece): Piece | undefined {
  const { name, notation } = node.inputs[0].primitive;
  const { form, latex: sign } = notation;
  const rest = form === "function" && sign && a.text.startsWith(sign) ? a.text.slice(sign.length) : "";
  if (/^\d+$/.test(b.text) && CALLED.test(rest))
    return { text: `${sign}^{${b.text}}${rest}`, precedence: POWER };
  if (isElementwisePower(node))
    return { text: `${bracketed(a, POSTFIX, latex)}^{\\circ ${b.text}}`, precedence: POWER };
  if (name === "squared_norm" && /^[234]$/.test(b.text))
    return { text: `${a.text.slice(0, -"^{2}".length)}^{${2 * Number(b.text)}}`, precedence: POWER };
  return undefined;
}

/** LaTeX in the subset that KaTeX sets. */
export const toLatex = (node: Node, letters?: SizeLetters): string => write(node, latex, letters);
