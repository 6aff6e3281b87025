import { allocate, type Data, type DType } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Multilinear } from "../ir/primitive.ts";
import { type Shape, ShapeError, showShape, sizeOf, stridesOf } from "../ir/shape.ts";
import { mul } from "./arithmetic.ts";
import {
  apply,
  broadcastTo,
  cast,
  formula,
  multilinear,
  promote,
  type TensorLike,
  tensor,
} from "./define.ts";
import { diagonal } from "./diagonal.ts";
import { multiply, type Product, type Strides } from "./kernels/product.ts";
import { strided } from "./layout.ts";
import { sum } from "./reduction.ts";
import { reshape } from "./structure.ts";

/**
 * The product of two tensors by index letters, each letter standing in at least two of a, b and the result.
 * So its transposes are contractions again, and so is its batch.
 */
interface Contraction {
  readonly a: string;
  readonly b: string;
  readonly out: string;
}

function letterSizes({ a, b }: Contraction, x: Node, y: Node): Map<string, number> {
  const sizes = new Map<string, number>();
  const read = (letters: string, shape: Shape) => {
    [...letters].forEach((letter, i) => {
      const known = sizes.get(letter);
      if (known !== undefined && known !== shape[i]) {
        throw new ShapeError(
          `product of ${showShape(x.shape)} and ${showShape(y.shape)}: sizes ${known} and ${shape[i]} of one index differ`,
        );
      }
      sizes.set(letter, shape[i]);
    });
  };
  read(a, x.shape);
  read(b, y.shape);
  return sizes;
}

export const contractRule: Multilinear = multilinear<Contraction>({
  name: "contract",
  notation: { form: "special", text: "contract" },
  pointwise: false,
  infer: ([x, y], p) => {
    const sizes = letterSizes(p, x, y);
    return { shape: [...p.out].map((l) => sizes.get(l) as number), dtype: x.dtype };
  },
  evaluate: ([x, y], node, out) => contract(x, y, node, out),
  transpose: (ct, i, node) => {
    const { a, b, out } = node.params as Contraction;
    return i === 0 ? contraction(ct, node.inputs[1], out, b, a) : contraction(node.inputs[0], ct, a, out, b);
  },
  batch: ([x, y], batched, node) => {
    const { a, b, out } = node.params as Contraction;
    const z = freshLetter(a + b + out);
    return contraction(x, y, (batched[0] ? z : "") + a, (batched[1] ? z : "") + b, z + out);
  },
});

/** The product of two tensors by index letters, each standing in at least two of `a`, `b` and `out`. */
export function contraction(x: Node, y: Node, a: string, b: string, out: string): Node {
  // With a scalar it is a plain product.
  if (a === "" && b === out) return mul(x, y);
  if (b === "" && a === out) return mul(x, y);
  return apply(contractRule, [x, y], { a, b, out });
}

export function freshLetter(used: string): string {
  for (let code = 97; ; code++)
    if (!used.includes(String.fromCharCode(code))) return String.fromCharCode(code);
}

interface Way {
  readonly product: Product;
  /** Orders of letters that the operands are copied to, where no single stride goes over a group of theirs. */
  readonly left?: readonly string[];
  readonly right?: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
  /** The same for the result. */
  readonly out?: readonly string[];
}

const ways = new WeakMap<Node, Way>();

/** As batch × rows × inner times batch × inner × columns. */
function wayOf(node: Node): Way {
  const { a, b, out } = node.params as Contraction;
  const letters = [...out];
  const both = letters.filter((l) => a.includes(l) && b.includes(l));
  const rows = letters.filter((l) => !b.includes(l));
  const columns = letters.filter((l) => !a.includes(l));
  const inner = [...a].filter((l) => b.includes(l) && !out.includes(l));
  const [x, y] = node.inputs;
  const sizes = letterSizes(node.params as Contraction, x, y);
  const count = (list: readonly string[]) => sizeOf(list.map((l) => sizes.get(l) as number));
  const arranged = (from: string, groups: readonly string[][]) => {
    const own = groupStrides(from, groups, sizes);
    if (own) return { strides: own, order: undefined };
    const order = groups.flat();
    return { strides: groupStrides(order.join(""), groups, sizes) as Strides, order };
  };
  const left = arranged(a, [both, rows, inner]);
  const right = arranged(b, [both, inner, columns]);
  const result = arranged(out, [both, rows, columns]);
  return {
    sizes,
    product: {
      sizes: [count(both), count(rows), count(inner), count(columns)],
      left: left.strides,
      right: right.strides,
      out: result.strides,
    },
    left: left.order,
    right: right.order,
    out: result.order,
  };
}

/** One stride for each group of letters, if there is one. */
function groupStrides(
  letters: string,
  groups: readonly (readonly string[])[],
  sizes: ReadonlyMap<string, number>,
): Strides | undefined {
  const own = stridesOf([...letters].map((l) => sizes.get(l) as number));
  const strides = groups.map((group) => {
    const list = group.filter((l) => sizes.get(l) !== 1);
    const stride = (l: string) => own[letters.indexOf(l)];
    const joined = list.every((l, i) => {
      const next = list[i + 1];
      return next === undefined || stride(l) === stride(next) * (sizes.get(next) as number);
    });
    if (!joined) return undefined;
    return list.length === 0 ? 0 : stride(list[list.length - 1]);
  });
  return strides.includes(undefined) ? undefined : (strides as unknown as Strides);
}

function contract(x: Data, y: Data, node: Node, into?: Data): Data {
  const way = knownWay(node);
  const { a, b, out } = node.params as Contraction;
  const { sizes, product } = way;
  const [left, right] = node.inputs;
  const u = way.left ? rearranged(x, a, way.left, sizes, left.dtype) : x;
  const v = way.right ? rearranged(y, b, way.right, sizes, right.dtype) : y;
  if (!way.out) return multiply(u, v, into ?? allocate(node.dtype, node.size), product);
  const unordered = multiply(u, v, new Float64Array(node.size), product);
  return rearranged(unordered, way.out.join(""), [...out], sizes, node.dtype, into);
}

/** Letters along which a product can be done in parts, and their sizes: first wherever they stand, nothing copied. */
export function lettersOfRows(node: Node): Map<string, number> {
  const { left, right, out, sizes } = knownWay(node);
  const params = node.params as Contraction;
  const texts = [params.a, params.b, params.out];
  const first = texts.map((t) => t[0]).filter((l) => l && texts.every((t) => t.indexOf(l) <= 0));
  return new Map(left || right || out ? [] : first.map((l) => [l, sizes.get(l) as number]));
}

/** A part of a product along a letter: operands and result from places of theirs on. */
export type PartOfProduct = (x: Data, y: Data, out: Data, at: Strides, rows: number, more: boolean) => void;

/** Where the letter is summed over, `more` adds to what is there, which must be in double precision. */
export function productInParts(node: Node, letter: string): PartOfProduct {
  const { product, sizes } = knownWay(node);
  const { a, b, out } = node.params as Contraction;
  const axis = !out.includes(letter) ? 2 : !b.includes(letter) ? 1 : !a.includes(letter) ? 3 : 0;
  const part = [...product.sizes] as [number, number, number, number];
  const row = part[axis] / (sizes.get(letter) as number);
  const own = { ...product, sizes: part };
  return (x, y, into, at, rows, more) => {
    part[axis] = row * rows;
    multiply(x, y, into, own, at, axis === 2 && more);
  };
}

function knownWay(node: Node): Way {
  let way = ways.get(node);
  if (!way) ways.set(node, (way = wayOf(node)));
  return way;
}

function rearranged(
  x: Data,
  letters: string,
  order: readonly string[],
  sizes: ReadonlyMap<string, number>,
  dtype: DType,
  into?: Data,
): Data {
  const strides = stridesOf([...letters].map((l) => sizes.get(l) as number));
  const shape = order.map((l) => sizes.get(l) as number);
  return strided(
    x,
    dtype,
    shape,
    order.map((l) => strides[letters.indexOf(l)]),
    0,
    into,
  );
}

/** NumPy's matmul: matrices in the last two axes, earlier axes broadcast; vectors as rows or columns. */
export function matmul(x: TensorLike, y: TensorLike): Node {
  const [a, b] = [tensor(x), tensor(y)];
  if (a.rank === 0 || b.rank === 0) throw new ShapeError("matmul: a scalar has no rows: use mul");
  const inner = a.shape[a.rank - 1];
  if (inner !== b.shape[Math.max(0, b.rank - 2)]) {
    throw new ShapeError(
      `matmul: ${showShape(a.shape)} times ${showShape(b.shape)}: ${inner} columns do not meet ${b.shape[Math.max(0, b.rank - 2)]} rows`,
    );
  }
  const dtype = promote([a, b]);
  const left = cast(a, dtype);
  const right = cast(b, dtype);
  const [la, lb] = [batchLetters(left, a.rank === 1 ? 1 : 2), batchLetters(right, b.rank === 1 ? 1 : 2)];
  if (la.length > 0 && lb.length > 0) return batchedMatmul(left, right);
  const rows = a.rank > 1 ? "Y" : "";
  const columns = b.rank > 1 ? "Z" : "";
  return contraction(left, right, `${la}${rows}K`, `${lb}K${columns}`, la + lb + rows + columns);
}

function batchLetters(x: Node, own: number): string {
  return Array.from({ length: x.rank - own }, (_, i) => String.fromCharCode(97 + i)).join("");
}

function batchedMatmul(a: Node, b: Node): Node {
  const rank = Math.max(a.rank, b.rank) - 2;
  const batch = Array.from({ length: rank }, (_, i) => {
    const p = a.shape[a.rank - 2 - rank + i] ?? 1;
    const q = b.shape[b.rank - 2 - rank + i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) {
      throw new ShapeError(
        `matmul: ${showShape(a.shape)} and ${showShape(b.shape)}: leading axes do not broadcast`,
      );
    }
    return p === 1 ? q : p;
  });
  const left = broadcastTo(a, [...batch, ...a.shape.slice(-2)]);
  const right = broadcastTo(b, [...batch, ...b.shape.slice(-2)]);
  const letters = String.fromCharCode(...batch.map((_, i) => 97 + i));
  return contraction(left, right, `${letters}YK`, `${letters}KZ`, `${letters}YZ`);
}

/** NumPy's dot: the product of scalars, vectors and matrices as one writes it. */
export function dot(x: TensorLike, y: TensorLike): Node {
  const [a, b] = [tensor(x), tensor(y)];
  return a.rank === 0 || b.rank === 0 ? mul(a, b) : matmul(a, b);
}

/** x yᵀ for vectors; for tensors all products of their elements. */
export function outer(x: TensorLike, y: TensorLike): Node {
  const [a, b] = [tensor(x), tensor(y)];
  return mul(reshape(a, [...a.shape, ...b.shape.map(() => 1)]), b);
}

/** The sum of the diagonal of the last two axes. */
export const trace = formula({
  name: "trace",
  expand: ([x]) => sum(diagonal(x), { axis: -1 }),
  notation: { form: "function", text: "tr", latex: "\\operatorname{tr}" },
});
