import { rewrite } from "../ir/graph.ts";
import {
  type ConstantParams,
  exactConstant,
  type InputParams,
  isConstant,
  isInput,
  type Node,
  namedNumber,
} from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { div, mul, pow } from "../primitives/arithmetic.ts";

/*
 * Shapes are numbers in the graph. Where a letter was given for a size (X of m × n), the numbers that come of it are
 * written with the letter again: the mean over m rows is a sum over m, not over 13. Sizes are chosen so that no other
 * number holds them as a factor.
 */

export type SizeLetters = ReadonlyMap<number, string>;

let current: SizeLetters | undefined;

/** Writes with letters for sizes. */
export function writingSizes<T>(letters: SizeLetters | undefined, write: () => T): T {
  const before = current;
  current = letters;
  try {
    return write();
  } finally {
    current = before;
  }
}

/** The letters of the writing that this one is a part of. */
export const sizesWrittenNow = (): SizeLetters | undefined => current;

/** A size of an axis as it is written now. */
export const sizeName = (size: number): string => current?.get(size) ?? String(size);

/** The letters that the variables below some nodes were given. */
export function sizeLettersIn(order: readonly Node[]): SizeLetters | undefined {
  for (const n of order)
    if (isInput(n)) {
      const { sizes } = n.params as InputParams;
      if (sizes) return sizes;
    }
  return undefined;
}

/** The graph with letters in the place of sizes. */
export function withSizeLetters(root: Node, order: readonly Node[], letters: SizeLetters): Node {
  const places = new Map<Node, Node>();
  for (const n of order) {
    const exact = isConstant(n) ? (n.params as ConstantParams).exact : undefined;
    const named = exact && lettered(exact, letters);
    if (named) places.set(n, named);
  }
  return places.size > 0 ? rewrite([root], places)[0] : root;
}

function lettered(value: Rational, letters: SizeLetters): Node | undefined {
  const [above, top] = parted(value.n, letters);
  const [below, bottom] = parted(value.d, letters);
  if (top.length + bottom.length === 0) return undefined;
  const numerator = productOf(above, top);
  return below === 1n && bottom.length === 0 ? numerator : div(numerator, productOf(below, bottom));
}

/** A whole number without its factors that are sizes, and their letters. */
function parted(whole: bigint, letters: SizeLetters): [bigint, string[]] {
  const found: string[] = [];
  let rest = whole;
  for (const [size, letter] of letters) {
    for (const s = BigInt(size); rest !== 0n && rest % s === 0n; rest /= s) found.push(letter);
  }
  return [rest, found];
}

function productOf(whole: bigint, names: readonly string[]): Node {
  const nodes = [...new Set(names)].map((n) => {
    const letter = namedNumber({ text: n, latex: n, value: Number.NaN });
    const times = names.filter((m) => m === n).length;
    return times === 1 ? letter : pow(letter, exactConstant(Rational.of(BigInt(times))));
  });
  if (whole !== 1n || nodes.length === 0) nodes.unshift(exactConstant(Rational.of(whole)));
  return nodes.reduce((a, b) => mul(a, b));
}
