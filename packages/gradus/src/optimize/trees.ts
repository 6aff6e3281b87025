import type { Node } from "../ir/node.ts";
import { type Flattened, flatten, leavesLike, likeGiven, type Structure, unflatten } from "../ir/tree.ts";

/** A tree of the structure given, its leaves as they were given: numbers for numbers, typed arrays for typed arrays. */
export function rebuild<P>(structure: Structure, leaves: readonly Node[]): P {
  return unflatten(structure, leaves, likeGiven) as P;
}

/** A tree in the structure of another; the error names the place where they differ. */
export function matching(where: string, tree: unknown, expected: Flattened): Flattened {
  return { structure: expected.structure, leaves: leavesLike(tree, expected.structure, where) };
}

/** Applies `f` to the leaves of `first` and to those of the others at the same places. */
export function mapTrees<P>(f: (...leaves: Node[]) => Node, first: P, ...others: readonly unknown[]): P {
  const flat = flatten(first, "parameters");
  const rest = others.map((o) => matching("an optimizer's tree", o, flat).leaves);
  return rebuild(
    flat.structure,
    flat.leaves.map((leaf, i) => f(leaf, ...rest.map((r) => r[i]))),
  );
}

/** The path of each leaf, left to right: `w`, `layers[0].b`; "" for a tree that is one leaf. */
export function leafPaths(structure: Structure, path = ""): string[] {
  if (structure.kind === "leaf") return [path];
  return structure.items.flatMap((item, i) =>
    leafPaths(
      item,
      structure.kind === "list"
        ? `${path}[${i}]`
        : path === ""
          ? structure.keys[i]
          : `${path}.${structure.keys[i]}`,
    ),
  );
}
