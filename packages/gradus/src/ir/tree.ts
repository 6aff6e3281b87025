import { dtypeOf } from "./dtype.ts";
import { constant, literal, Node } from "./node.ts";

/** A tree of parameters: nested arrays and plain objects with these leaves. */
export type Leaf = number | boolean | Node | Float64Array | Float32Array | Int32Array;
export type Tree = Leaf | readonly Tree[] | { readonly [key: string]: Tree };

export type LeafKind = "number" | "boolean" | "tensor" | "array";

/** The shape of a tree, without its values. */
export type Structure =
  | { readonly kind: "leaf"; readonly leaf: LeafKind }
  | { readonly kind: "list"; readonly items: readonly Structure[] }
  | { readonly kind: "record"; readonly keys: readonly string[]; readonly items: readonly Structure[] };

export interface Flattened {
  readonly leaves: Node[];
  readonly structure: Structure;
}

/**
 * Takes a tree apart into its leaves, left to right, keys in their own order. Typed arrays are copied (a tensor never
 * changes under its owner's hands), unless `copy` is false: for leaves that are read at once and not kept.
 */
export function flatten(tree: unknown, where = "argument", copy = true): Flattened {
  const leaves: Node[] = [];
  const inside = new Set<object>();
  const visit = (value: unknown, place: string): Structure => {
    const leaf = toLeaf(value, copy);
    if (leaf) {
      leaves.push(leaf.node);
      return { kind: "leaf", leaf: leaf.kind };
    }
    if (!Array.isArray(value) && !isPlainRecord(value)) throw notATree(value, place);
    if (inside.has(value))
      throw new TypeError(`${where}: a tree of parameters must end, but this one holds itself`);
    if (inside.size === DEEPEST)
      throw new TypeError(`${where}: a tree of parameters may be nested ${DEEPEST} deep; this one is deeper`);
    inside.add(value);
    const structure: Structure = Array.isArray(value)
      ? { kind: "list", items: Array.from(value, (t, i) => visit(t, `${place}[${i}]`)) }
      : recordOf(value, (t, k) => visit(t, `${place}.${k}`));
    inside.delete(value);
    return structure;
  };
  return { leaves, structure: visit(tree, where) };
}

/** Depth of nesting: far beyond any model's, and within the stack. */
const DEEPEST = 500;

function recordOf(
  value: Record<string, unknown>,
  visit: (item: unknown, key: string) => Structure,
): Structure {
  const keys = Object.keys(value);
  return { kind: "record", keys, items: keys.map((k) => visit(value[k], k)) };
}

function notATree(tree: unknown, where: string): TypeError {
  return new TypeError(
    `${where}: expected a number, a Tensor, a typed array, or arrays and plain objects of these; got ${kindOf(tree)}`,
  );
}

function isPlainRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function toLeaf(value: unknown, copy: boolean): { node: Node; kind: LeafKind } | undefined {
  if (typeof value === "number") return { node: literal(value), kind: "number" };
  if (typeof value === "boolean")
    return { node: constant(Uint8Array.of(Number(value)), [], "bool"), kind: "boolean" };
  if (value instanceof Node) return { node: value, kind: "tensor" };
  if (value instanceof Float64Array || value instanceof Float32Array || value instanceof Int32Array) {
    return {
      node: constant(copy ? value.slice() : value, [value.length], dtypeOf(value)),
      kind: "array",
    };
  }
  return undefined;
}

/**
 * The leaves of a tree that must have a known structure, in its order: records may list their keys in another. The
 * error names the first place where the tree differs.
 */
export function leavesLike(tree: unknown, expected: Structure, where: string): Node[] {
  const leaves: Node[] = [];
  const visit = (value: unknown, s: Structure, place: string): void => {
    if (s.kind === "leaf") {
      const leaf = toLeaf(value, true);
      if (!leaf) throw new TypeError(`${place}: expected a number or a Tensor, got ${kindOf(value)}`);
      leaves.push(leaf.node);
      return;
    }
    if (s.kind === "list") {
      if (!Array.isArray(value) || value.length !== s.items.length)
        throw new TypeError(`${place}: expected a list of ${s.items.length}, got ${kindOf(value)}`);
      s.items.forEach((item, i) => {
        visit(value[i], item, `${place}[${i}]`);
      });
      return;
    }
    const got = isPlainRecord(value) && !toLeaf(value, false) ? Object.keys(value) : undefined;
    if (!got || got.length !== s.keys.length || !s.keys.every((k) => Object.hasOwn(value as object, k)))
      throw new TypeError(
        `${place}: expected an object with ${s.keys.length === 0 ? "no keys" : `the keys ${s.keys.join(", ")}`}, got ${got ? `the keys ${got.join(", ") || "none"}` : kindOf(value)}`,
      );
    s.items.forEach((item, i) => {
      visit((value as Record<string, unknown>)[s.keys[i]], item, `${place}.${s.keys[i]}`);
    });
  };
  visit(tree, expected, where);
  return leaves;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Node) return "a Tensor";
  return typeof value === "object" ? (value.constructor?.name ?? "an object") : typeof value;
}

/** Puts leaves back into a tree of the given structure. */
export function unflatten<T>(
  structure: Structure,
  leaves: readonly T[],
  place: (leaf: T, kind: LeafKind) => unknown,
) {
  let next = 0;
  const build = (s: Structure): unknown => {
    if (s.kind === "leaf") return place(leaves[next++], s.leaf);
    if (s.kind === "list") return s.items.map(build);
    const record: Record<string, unknown> = {};
    s.keys.forEach((k, i) => {
      const value = build(s.items[i]);
      // A key named __proto__ is a key like any other.
      if (k !== "__proto__") record[k] = value;
      else Object.defineProperty(record, k, { value, enumerable: true, writable: true, configurable: true });
    });
    return record;
  };
  return build(structure);
}

/** A leaf as the caller gave it: a number for a number, a typed array for a typed array. */
export function likeGiven(node: Node, kind: LeafKind): unknown {
  if (!node.buffer) return node;
  if (kind === "number") return node.rank === 0 ? node.buffer[0] : node;
  if (kind === "array") return node.rank === 1 ? node.buffer : node;
  if (kind === "boolean") return node.rank === 0 ? node.buffer[0] !== 0 : node;
  return node;
}

export function sameStructure(a: Structure, b: Structure): boolean {
  if (a.kind === "leaf" || b.kind === "leaf") return a.kind === b.kind;
  if (a.kind !== b.kind || a.items.length !== b.items.length) return false;
  if (a.kind === "record" && b.kind === "record" && a.keys.some((k, i) => k !== b.keys[i])) return false;
  return a.items.every((item, i) => sameStructure(item, b.items[i]));
}
