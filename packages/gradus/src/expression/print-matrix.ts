import type { Node } from "../ir/node.ts";
import { ATOM, type Piece } from "./print.ts";
import { call, type Style, transposed } from "./print-node.ts";

/** Solves, determinants, triangles, and operations along an axis as a person writes them; undefined for others. */
export function matrixPiece(node: Node, args: readonly Piece[], style: Style): Piece | undefined {
  const [a] = args;
  const { name } = node.primitive;
  const named = (f: string, list: readonly Piece[]) => call(style.named(f), list, style);
  if (hasUsualParams(node)) return named(name, args);
  switch (name) {
    case "solve":
    case "triangular_solve": {
      const form = solveForm(node);
      if (!form) return undefined;
      const part = form.part ? named(form.part, [a]) : a;
      return named("solve", [form.transposed ? transposed(part, style) : part, args[1]]);
    }
    case "det_sign":
      return named("sign", [named("det", args)]);
    case "log_abs_det":
      return named("log", [named("abs", [named("det", args)])]);
    case "triangle": {
      const { lower, offset } = node.params as { lower: boolean; offset: number };
      const shift = { text: String(offset), precedence: ATOM };
      return named(lower ? "tril" : "triu", offset === 0 ? args : [a, shift]);
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
