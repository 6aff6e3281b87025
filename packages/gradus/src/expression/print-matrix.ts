import type { Node } from "../ir/node.ts";
import { ATOM, type Piece } from "./print.ts";

/** What writing operations on matrices takes of a way of writing. */
export interface MatrixStyle {
  /** The function of a name that the parser knows. */
  call(name: string, args: readonly Piece[]): Piece;
  transposed(x: Piece): Piece;
  /** A function taken from the end to the start. */
  backward(name: string, args: readonly Piece[]): Piece | undefined;
}

/** Solves, determinants, triangles, and operations along an axis as a person writes them; undefined for others. */
export function matrixPiece(node: Node, args: readonly Piece[], style: MatrixStyle): Piece | undefined {
  const [a] = args;
  const { name } = node.primitive;
  if (hasUsualParams(node)) return style.call(name, args);
  switch (name) {
    case "solve":
    case "triangular_solve": {
      const form = solveForm(node);
      if (!form) return undefined;
      const part = form.part ? style.call(form.part, [a]) : a;
      return style.call("solve", [form.transposed ? style.transposed(part) : part, args[1]]);
    }
    case "det_sign":
      return style.call("sign", [style.call("det", args)]);
    case "log_abs_det":
      return style.call("log", [style.call("abs", [style.call("det", args)])]);
    case "triangle": {
      const { lower, offset } = node.params as { lower: boolean; offset: number };
      const shift = { text: String(offset), precedence: ATOM };
      return style.call(lower ? "tril" : "triu", offset === 0 ? args : [a, shift]);
    }
    case "cumsum":
      return (node.params as { reverse: boolean }).reverse ? style.backward(name, args) : undefined;
    case "reshape":
      return isColumnAsVector(node) ? a : undefined;
    default:
      return undefined;
  }
}

/** A matrix of one column read as a vector: a person writes the same. */
function isColumnAsVector(node: Node): boolean {
  const { shape } = node.inputs[0];
  return shape.length === node.rank + 1 && shape.length > 1 && shape[node.rank] === 1;
}

/** How a solve is written: with the transpose, and with which triangle of the matrix; undefined for a unit diagonal. */
function solveForm(node: Node): { transposed: boolean; part?: "tril" | "triu" } | undefined {
  const p = node.params as { transposed: boolean; lower?: boolean; unit?: boolean };
  if (p.unit) return undefined;
  return { transposed: p.transposed, part: p.lower === undefined ? undefined : p.lower ? "tril" : "triu" };
}

/** Whether an operation has the parameters that its written form takes: then they need not be shown. */
function hasUsualParams(node: Node): boolean {
  const along = { axis: node.rank - 1 };
  const usual: Record<string, object> = {
    cumsum: { ...along, reverse: false },
    cumprod: { ...along, reverse: false },
    sort: { ...along, descending: false },
    argsort: { ...along, descending: false },
    conv: { stride: 1, padding: "valid", dilation: 1, inputDilation: 1, groups: 1 },
  };
  const expected = usual[node.primitive.name];
  return expected !== undefined && JSON.stringify(expected) === JSON.stringify(node.params);
}
