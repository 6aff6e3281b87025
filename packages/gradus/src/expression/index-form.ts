import type { Node } from "../ir/node.ts";

/*
 * A product of tensors in index notation: Σ over the indices that are not free of Π A[i, j] · δ[i, j].
 * Transposes, broadcasts, sums, diagonals and contractions are nothing but a choice of indices.
 */

/** One axis in index notation. Two indices are the same if they are one object. */
export interface Index {
  readonly size: number;
  /** Made for an axis of size 1 that was broadcast: it counts for nothing. */
  readonly dummy: boolean;
}

export interface Factor {
  readonly node: Node;
  readonly indices: readonly Index[];
  /** Divides instead of multiplying. */
  readonly inverse: boolean;
}

export interface IndexForm {
  readonly free: readonly Index[];
  readonly factors: readonly Factor[];
  readonly deltas: readonly (readonly [Index, Index])[];
  /** Every index that is summed over, also where no factor has it. */
  readonly bound: ReadonlySet<Index>;
  readonly negative: boolean;
}

/** Beyond this a product is left as it stands. */
const MOST_FACTORS = 40;

const PRODUCTS = new Set([
  "mul",
  "div",
  "neg",
  "contract",
  "transpose",
  "broadcast",
  "sum",
  "diagonal",
  "diagonal_matrix",
]);

/** Whether a node is a product of tensors, read through index moves. */
export function isTensorProduct(node: Node): boolean {
  const { name } = node.primitive;
  if (node.rank === 0 && node.inputs.every((x) => x.rank === 0)) return false;
  return PRODUCTS.has(name) || (name === "reshape" && keptAxes(node) !== undefined);
}

export const newIndex = (size: number, dummy = false): Index => ({ size, dummy });

/** The index form of a node; `atom` gives what stands for a node that `isProduct` does not read through. */
export function indexForm(
  root: Node,
  atom: (node: Node) => Node,
  isProduct: (node: Node) => boolean = isTensorProduct,
): IndexForm | undefined {
  const free = root.shape.map((size) => newIndex(size));
  const form = {
    free,
    factors: [] as Factor[],
    deltas: [] as (readonly [Index, Index])[],
    bound: new Set<Index>(),
    negative: false,
  };
  const stack: Factor[] = [{ node: root, indices: free, inverse: false }];
  for (let steps = 0; stack.length > 0; steps++) {
    if (steps > 20 * MOST_FACTORS || form.factors.length > MOST_FACTORS) return undefined;
    const { node, indices, inverse } = stack.pop() as Factor;
    if (!isProduct(node) || (inverse && !DIVISIBLE.has(node.primitive.name))) {
      form.factors.push({ node: atom(node), indices, inverse });
      continue;
    }
    const next = (x: Node, own: readonly Index[], under = inverse) =>
      stack.push({ node: x, indices: own, inverse: under });
    const fresh = (size: number, dummy = false): Index => {
      const index = newIndex(size, dummy);
      form.bound.add(index);
      return index;
    };
    const [x, y] = node.inputs;
    switch (node.primitive.name) {
      case "neg":
        form.negative = !form.negative;
        next(x, indices);
        break;
      // Pushed last, read first: factors keep their order.
      case "mul":
        next(y, indices);
        next(x, indices);
        break;
      case "div":
        next(y, indices, !inverse);
        next(x, indices);
        break;
      case "transpose": {
        const { permutation } = node.params as { permutation: readonly number[] };
        next(
          x,
          permutation.map((_, axis) => indices[permutation.indexOf(axis)]),
        );
        break;
      }
      case "reshape": {
        const kept = keptAxes(node) as readonly (number | undefined)[];
        next(
          x,
          kept.map((axis) => (axis === undefined ? fresh(1, true) : indices[axis])),
        );
        break;
      }
      case "broadcast": {
        const lead = node.rank - x.rank;
        next(
          x,
          x.shape.map((size, i) =>
            size === 1 && node.shape[i + lead] !== 1 ? fresh(1, true) : indices[i + lead],
          ),
        );
        break;
      }
      case "sum": {
        const { axes } = node.params as { axes: readonly number[] };
        let at = 0;
        next(
          x,
          x.shape.map((size, i) => (axes.includes(i) ? fresh(size) : indices[at++])),
        );
        break;
      }
      case "diagonal":
        next(x, [...indices, indices[indices.length - 1]]);
        break;
      case "diagonal_matrix":
        form.deltas.push([indices[indices.length - 2], indices[indices.length - 1]]);
        next(x, indices.slice(0, -1));
        break;
      case "contract": {
        const { a, b, out } = node.params as { a: string; b: string; out: string };
        const letters = new Map([...out].map((l, i) => [l, indices[i]]));
        const own = (text: string, of: Node) =>
          [...text].map((l, i) => {
            let index = letters.get(l);
            if (!index) letters.set(l, (index = fresh(of.shape[i])));
            return index;
          });
        const [left, right] = [own(a, x), own(b, y)];
        next(y, right);
        next(x, left);
        break;
      }
    }
  }
  return form;
}

/** What may stand in a denominator without being a sum. */
const DIVISIBLE = new Set(["mul", "div", "neg", "broadcast", "transpose", "reshape"]);

/** For a reshape that only adds or drops axes of size 1: which axis of the result each input axis is. */
function keptAxes(node: Node): (number | undefined)[] | undefined {
  const from = node.inputs[0].shape;
  const to = node.shape;
  const kept: (number | undefined)[] = [];
  let at = 0;
  for (const size of from) {
    while (at < to.length && to[at] === 1 && size !== 1) at++;
    if (to[at] === size) kept.push(at++);
    else if (size === 1) kept.push(undefined);
    else return undefined;
  }
  return to.slice(at).every((size) => size === 1) ? kept : undefined;
}
