import { type InputParams, isInput, type Node } from "../ir/node.ts";
import { ATOM, type Piece, transparent, writtenInputs, writtenNodes } from "./print.ts";
import { filledPiece, pieceOf, type Style } from "./print-node.ts";
import {
  type SizeLetters,
  sizeLettersIn,
  sizeName,
  sizesWrittenNow,
  withSizeLetters,
  writingSizes,
} from "./size-letters.ts";

/** Longer than this, shared parts get names of their own. */
const LONGEST = 20_000;

/** Writes a graph in a style. Iterative, and short where writing everything out would explode. */
export function write(given: Node, style: Style, ofSizes?: SizeLetters): string {
  const nodes = writtenNodes(given);
  // A result such as ones(m) holds no variable any more that would know.
  const letters = ofSizes ?? sizeLettersIn(nodes) ?? sizesWrittenNow();
  const root = letters ? withSizeLetters(given, nodes, letters) : given;
  return writingSizes(letters, () => writeNodes(root, root === given ? nodes : writtenNodes(root), style));
}

function writeNodes(root: Node, order: readonly Node[], style: Style): string {
  const uses = usesOf(order);
  const names = namedParts(order, root, uses);
  const pieces = new Map<Node, Piece>();
  const parts: { name: string; text: string }[] = [];
  for (const node of order) {
    // In a matrix product one number in every place must show as a vector: ones(n) wᵀ.
    const inProduct = node.primitive.name === "contract";
    const operand = (i: Node): Piece => {
      const piece = pieces.get(i) as Piece;
      return inProduct && isFilled(i) ? filledPiece(piece, i.shape.map(sizeName), style) : piece;
    };
    const piece = pieceOf(node, writtenInputs(node).map(operand), style);
    // A text that all its users have taken is let go: of a deep nesting, the texts of all levels would fill the memory.
    for (const i of writtenInputs(node)) {
      const left = (uses.get(i) as number) - 1;
      uses.set(i, left);
      if (left === 0) pieces.delete(i);
    }
    const name = names.get(node);
    if (name === undefined) pieces.set(node, piece);
    else {
      parts.push({ name, text: piece.text });
      pieces.set(node, { text: style.variable(name), precedence: ATOM });
    }
  }
  const whole = pieces.get(root) as Piece;
  const result = isFilled(root) ? filledPiece(whole, root.shape.map(sizeName), style) : whole;
  return [...parts.map((p) => `${style.variable(p.name)} = ${p.text}`), result.text].join(style.separator);
}

/** One number in every place of a tensor. */
function isFilled(node: Node): boolean {
  return node.primitive.name === "broadcast" && node.inputs[0].rank === 0 && node.rank > 0;
}

/** How often each node is written. */
function usesOf(order: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>();
  for (const n of order) for (const i of writtenInputs(n)) uses.set(i, (uses.get(i) ?? 0) + 1);
  return uses;
}

/** Deeper nestings are written in parts: each level would be copied into the next. */
const DEEPEST = 2_000;
const CHAINS = [new Set(["add", "sub"]), new Set(["mul", "div"])];

/** Names for shared nodes, where the whole would be too long. */
function namedParts(order: readonly Node[], root: Node, uses: ReadonlyMap<Node, number>): Map<Node, string> {
  const lengths = new Map<Node, number>();
  const own = (n: Node) => (n.inputs.length === 0 ? 2 : 3);
  for (const n of order) {
    lengths.set(
      n,
      writtenInputs(n).reduce((sum, i) => sum + (lengths.get(i) as number), own(n)),
    );
  }
  const names = new Map<Node, string>();
  if ((lengths.get(root) as number) <= LONGEST) return names;
  const taken = new Set(order.filter(isInput).map((n) => (n.params as InputParams).name ?? ""));
  const depths = new Map<Node, number>();
  let next = 1;
  for (const n of order) {
    let depth = depthOf(n, depths);
    const named = depth > DEEPEST || ((uses.get(n) ?? 0) > 1 && !transparent(n));
    if (named && n !== root && n.inputs.length > 0) {
      while (taken.has(`t${next}`) || taken.has(`t_${next}`)) next++;
      names.set(n, `t${next++}`);
      depth = 0;
    }
    depths.set(n, depth);
  }
  return names;
}

/** Levels below a node; a long sum or product is one. */
function depthOf(n: Node, depths: ReadonlyMap<Node, number>): number {
  const chain = CHAINS.find((c) => c.has(n.primitive.name));
  return writtenInputs(n).reduce((most, i, place) => {
    const same = place === 0 && chain?.has(i.primitive.name);
    return Math.max(most, (depths.get(i) as number) + (same ? 0 : 1));
  }, 0);
}
