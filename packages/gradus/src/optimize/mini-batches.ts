import { allocate, type Data } from "../ir/dtype.ts";
import { constant, type Node } from "../ir/node.ts";
import { flatten } from "../ir/tree.ts";
import { generator } from "../transforms/check-grads.ts";
import { leafPaths, rebuild } from "./trees.ts";

export interface MiniBatchOptions {
  /** Shuffles the rows: the same seed gives the same order. In the order of the data unless told. */
  readonly seed?: number;
  /** Leaves out the last batch where it is smaller than the others. */
  readonly dropLast?: boolean;
}

/**
 * One epoch of a tree of tensors or typed arrays whose first axes are rows: batches of `size` rows, in the structure and
 * types of the data. `for (const { x, y } of miniBatches({ x, y }, 64, { seed: epoch })) step(x, y);`
 */
export function* miniBatches<D>(
  data: D,
  size: number,
  options: MiniBatchOptions = {},
): Generator<D, void, void> {
  const { leaves, structure } = flatten(data, "data", false);
  const rows = rowsOf(leaves, leafPaths(structure));
  if (!(Number.isInteger(size) && size > 0))
    throw new RangeError(`miniBatches: the size must be a positive whole number, got ${size}`);
  const order = options.seed === undefined ? undefined : shuffled(rows, options.seed);
  const end = options.dropLast ? rows - (rows % size) : rows;
  for (let from = 0; from < end; from += size) {
    const to = Math.min(from + size, end);
    const parts = leaves.map((leaf) => {
      const numbers = leaf.buffer as Data;
      const width = leaf.size / rows;
      // Rows in their order are read where they lie.
      const part = order
        ? gathered(numbers, width, order.subarray(from, to), leaf)
        : numbers.subarray(from * width, to * width);
      return constant(part as Data, [to - from, ...leaf.shape.slice(1)], leaf.dtype);
    });
    yield rebuild<D>(structure, parts);
  }
}

function rowsOf(leaves: readonly Node[], paths: readonly string[]): number {
  if (leaves.length === 0) throw new TypeError("miniBatches: the data hold no tensors");
  const name = (i: number) => paths[i] || "the data";
  leaves.forEach((leaf, i) => {
    if (!leaf.concrete) throw new TypeError(`miniBatches: ${name(i)} has no numbers yet: it is traced`);
    if (leaf.rank === 0) throw new TypeError(`miniBatches: ${name(i)} is a number: it has no rows`);
    if (leaf.shape[0] !== leaves[0].shape[0])
      throw new TypeError(
        `miniBatches: ${name(i)} has ${leaf.shape[0]} rows, ${name(0)} has ${leaves[0].shape[0]}`,
      );
  });
  return leaves[0].shape[0];
}

/** Every order equally likely (Fisher and Yates). */
function shuffled(rows: number, seed: number): Int32Array {
  const random = generator(seed);
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Wider rows are copied in one move. */
const WIDE = 24;

function gathered(from: Data, width: number, rows: Int32Array, { dtype }: Node): Data {
  const out = allocate(dtype, rows.length * width);
  let next = 0;
  for (const row of rows) {
    const at = row * width;
    if (width < WIDE) for (let k = 0; k < width; k++) out[next + k] = from[at + k];
    else out.set(from.subarray(at, at + width), next);
    next += width;
  }
  return out;
}
