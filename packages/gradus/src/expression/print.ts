import { type ConstantParams, type InputParams, isConstant, type Node, scalarValue } from "../ir/node.ts";
import type { Rational } from "../ir/rational.ts";
import { isNothing } from "../primitives/arithmetic.ts";
import type { UnknownParams } from "../primitives/unknown.ts";

/** Written maths in its three forms. */
export interface Written {
  readonly text: string;
  readonly latex: string;
  readonly pretty: string;
}

/** Inputs that are written otherwise than by their name: a derivative that is not yet worked out. */
export const writtenAs = new WeakMap<Node, Written>();

/** A piece of written maths and how strongly it holds together. */
export interface Piece {
  readonly text: string;
  readonly precedence: number;
  /** A matrix product. */
  readonly chain?: boolean;
  /** An elementwise product. */
  readonly elementwise?: boolean;
  /** Starts with a minus sign before a product, which may grow to the right. */
  readonly negative?: boolean;
  /** A quotient written with a bar. */
  readonly fraction?: boolean;
  /** Of a vector written by its elements: those. */
  readonly elements?: readonly string[];
  /** Of cases in braces: what stands in them. */
  readonly rows?: string;
  /** How it is written as a factor of a vector or matrix, where that is in another way: (aᵀ x) b. */
  readonly grouped?: string;
  /** The transpose, where it reads better than (…)ᵀ: xᵀ A for Aᵀ x, X for Xᵀ. */
  readonly row?: Piece;
}

export const OR = 1;
export const COMPARE = 2;
export const SUM = 3;
export const PRODUCT = 4;
export const SIGN = 5;
export const POWER = 6;
export const POSTFIX = 7;
export const ATOM = 9;

/** The operands that a person writes; others, such as a factorization kept beside its matrix, only save work. */
export function writtenInputs(node: Node): readonly Node[] {
  const { arguments: count, usual } = node.primitive.notation;
  const inputs = count === undefined ? node.inputs : node.inputs.slice(0, count);
  // Where no case holds there is no value, and nothing is said of it.
  if (node.primitive.name === "where" && isNothing(inputs[2])) return inputs.slice(0, 2);
  return usual !== undefined && scalarValue(inputs[inputs.length - 1]) === usual
    ? inputs.slice(0, -1)
    : inputs;
}

/** The nodes that are written, inputs before users. */
export function writtenNodes(root: Node): Node[] {
  const found = new Set([root]);
  // A set is walked in the order in which it grows.
  for (const node of found) for (const i of writtenInputs(node)) found.add(i);
  return [...found].sort((a, b) => a.id - b.id);
}

/** The number in every place of a tensor constant; undefined where they differ. */
export function repeatedValue(node: Node): number | undefined {
  const { buffer } = node;
  return buffer && node.size > 1 && buffer.every((v) => v === buffer[0]) ? Number(buffer[0]) : undefined;
}

/** Whether a tensor constant is an identity matrix. */
export function isIdentityConstant(node: Node): boolean {
  const { buffer, shape } = node;
  if (!buffer || node.inputs.length > 0 || shape.length !== 2 || shape[0] !== shape[1]) return false;
  return buffer.every((v, i) => v === (i % (shape[0] + 1) === 0 ? 1 : 0));
}

/** Conversions that a person does not write. */
export function transparent(node: Node): boolean {
  const { name } = node.primitive;
  return (
    name === "broadcast" ||
    name === "cast" ||
    (name === "reshape" && node.size === 1 && node.inputs[0].size === 1)
  );
}

export function nameOf(node: Node): string {
  return (node.params as InputParams).name ?? `x_${node.id}`;
}

/** An exact or floating constant of one element; undefined for longer ones. */
export function constantOf(
  node: Node,
): { exact?: Rational; symbol?: { text: string; latex: string }; float?: number } | undefined {
  if (!isConstant(node)) return undefined;
  const { exact, symbol } = node.params as ConstantParams;
  if (exact || symbol) return { exact, symbol };
  return node.size === 1 && node.buffer ? { float: node.buffer[0] } : undefined;
}

/** The same without its leading minus, for what is then put after it. */
export const withoutMinus = (piece: Piece): Piece => ({
  ...piece,
  text: piece.text.slice(1).trimStart(),
  precedence: PRODUCT,
  negative: false,
});

/** Numbers that are matrix products stand in brackets beside vectors and matrices: (aᵀ x) b. */
export const groupedIn = (node: Node, piece: Piece): Piece =>
  node.rank > 0 && piece.grouped !== undefined ? { ...piece, text: piece.grouped } : piece;

/** An elementwise power of a matrix, which Aⁿ would not say. */
export const isElementwisePower = (node: Node): boolean => node.rank >= 2 && node.inputs[0].rank >= 2;

/** A matrix product on the right needs no brackets: products of matrices are associative. */
export const leastOnRight = (right: Piece): number => (right.chain ? PRODUCT : SIGN);

/** An elementwise product inside a matrix product stands in brackets. */
export const leastOnLeft = (left: Piece, right: Piece): number =>
  left.elementwise && !right.elementwise ? POWER : PRODUCT;

/** An operand of a written product: which input, and whether it is transposed. */
export interface ProductPart {
  readonly index: 0 | 1;
  readonly transposed: boolean;
}

/** A contraction of matrices and vectors as a product in writing: A x, Aᵀ x, xᵀ y, x yᵀ, A Bᵀ … */
export function productForm(node: Node): readonly [ProductPart, ProductPart] | undefined {
  const { a, b, out } = node.params as { a: string; b: string; out: string };
  const inner = [...a].filter((l) => b.includes(l) && !out.includes(l));
  if (a.length > 2 || b.length > 2 || [...a].some((l) => b.includes(l) && out.includes(l))) return undefined;
  const part = (index: 0 | 1, transposed: boolean): ProductPart => ({ index, transposed });
  if (inner.length === 0) {
    if (a.length !== 1 || b.length !== 1) return undefined;
    return out === a + b ? [part(0, false), part(1, true)] : [part(1, false), part(0, true)];
  }
  if (inner.length > 1) return undefined;
  const [k] = inner;
  if (a.length === 1 && b.length === 1) return [part(0, true), part(1, false)];
  if (b.length === 1) return [part(0, a[0] === k), part(1, false)];
  if (a.length === 1) return [part(1, b[0] === k), part(0, false)];
  const straight = out[0] === (a[0] === k ? a[1] : a[0]);
  if (straight) return [part(0, a[0] === k), part(1, b[1] === k)];
  return [part(1, b[0] === k), part(0, a[1] === k)];
}

/** MᵀM, diagonal matrices, and inverses of such: their own transposes. */
export function isSymmetric(node: Node): boolean {
  const { name } = node.primitive;
  if (node.rank !== 2) return false;
  if (name === "inverse") return isSymmetric(node.inputs[0]);
  if (name === "diagonal_matrix") return true;
  if (name !== "contract" || node.inputs[0] !== node.inputs[1]) return false;
  const { a, b } = node.params as { a: string; b: string };
  return a.length === 1 || (a.length === 2 && [0, 1].some((i) => a[i] === b[i]));
}

export function isMatrixTranspose(node: Node): boolean {
  return node.primitive.name === "transpose" && node.rank === 2;
}

/** The axes of a reduction, where it leaves any: sum(X, 0). */
export function axisPieces(node: Node): Piece[] {
  const { axes } = node.params as { axes: readonly number[] };
  if (axes.length === node.inputs[0].rank) return [];
  return axes.map((axis) => ({ text: String(axis), precedence: ATOM }));
}

export function primesOf(node: Node): { name: string; orders: readonly number[] } {
  return node.params as UnknownParams;
}

/** A tensor constant, nested in brackets. */
export function listText(node: Node): string {
  const data = node.buffer as ArrayLike<number>;
  const build = (depth: number, offset: number, size: number): string => {
    if (depth === node.rank) return String(data[offset]);
    const step = size / node.shape[depth];
    return `[${Array.from({ length: node.shape[depth] }, (_, i) => build(depth + 1, offset + i * step, step)).join(", ")}]`;
  };
  return node.size > 64 ? `[${node.shape.join("×")} numbers]` : build(0, 0, node.size);
}

/** The size of an identity matrix, diag(1, …, 1); undefined for any other node. */
export function identitySize(node: Node): number | undefined {
  if (node.primitive.name !== "diagonal_matrix" || node.rank !== 2) return undefined;
  const [ones] = node.inputs;
  const value = ones.primitive.name === "broadcast" ? constantOf(ones.inputs[0]) : undefined;
  return value?.exact?.isOne || value?.float === 1 ? node.shape[0] : undefined;
}

/** where(c, 1, 0) is the indicator of c. */
export function isIndicator(node: Node): boolean {
  const value = (x: Node): number | undefined => {
    const held = constantOf(transparent(x) ? x.inputs[0] : x);
    return held?.exact?.toNumber() ?? held?.float;
  };
  return node.primitive.name === "where" && value(node.inputs[1]) === 1 && value(node.inputs[2]) === 0;
}
