import type { Node } from "../ir/node.ts";

/** What a traced function may return where one scalar is wanted. */
export type ScalarResult = Node | number;

/** What the caller may give for an argument that the function sees as tensors: numbers where it sees a Tensor. */
export type GivenLeaf = Node | number | Float64Array | Float32Array | Int32Array | boolean;
export type GivenTree<T> = T extends Node
  ? GivenLeaf
  : T extends number | boolean | Float64Array | Float32Array | Int32Array
    ? T
    : T extends readonly unknown[]
      ? { [K in keyof T]: GivenTree<T[K]> }
      : T extends object
        ? { [K in keyof T]: GivenTree<T[K]> }
        : never;
export type Given<A extends unknown[]> = { [K in keyof A]: GivenTree<A[K]> };

/** Literal number types such as 2 widen to number: a gradient is not the argument's own value. */
export type Widened<T> = T extends number
  ? number
  : T extends Node
    ? Node
    : T extends boolean
      ? boolean
      : T extends Float64Array
        ? Float64Array
        : T extends Float32Array
          ? Float32Array
          : T extends Int32Array
            ? Int32Array
            : T extends readonly unknown[]
              ? { -readonly [K in keyof T]: Widened<T[K]> }
              : T extends object
                ? { [K in keyof T]: Widened<T[K]> }
                : T;

/** The leaves of a tree, as a union. */
type LeafOf<T> = T extends Node | number | boolean | Float64Array | Float32Array | Int32Array
  ? T
  : T extends readonly unknown[]
    ? { [K in keyof T]: LeafOf<T[K]> }[number]
    : T extends object
      ? { [K in keyof T]: LeafOf<T[K]> }[keyof T]
      : never;

/** The same tree with one type at every leaf. */
type WithLeaves<T, L> = T extends Node | number | boolean | Float64Array | Float32Array | Int32Array
  ? L
  : T extends readonly unknown[]
    ? { -readonly [K in keyof T]: WithLeaves<T[K], L> }
    : T extends object
      ? { [K in keyof T]: WithLeaves<T[K], L> }
      : never;

/** Plain numbers in, plain numbers out: what a single number of a result is, by what the caller gave. */
type NumberOf<G> = [LeafOf<G>] extends [number | boolean] ? number : Node;

/** The same tree as a traced function sees it: a Tensor for each number, tensor or typed array. */
export type InTensors<P> = WithLeaves<P, Node>;

/** What a transformed function gives for a result R: numbers where only numbers went in (single ones, that is). */
export type Returned<R, G> = R extends Node
  ? NumberOf<G>
  : R extends number | boolean | Float64Array | Float32Array | Int32Array
    ? R
    : R extends readonly unknown[]
      ? { -readonly [K in keyof R]: Returned<R[K], G> }
      : R extends object
        ? { [K in keyof R]: Returned<R[K], G> }
        : never;

/** The structure and types of one argument. */
export type GradientOf<G extends readonly unknown[], K extends number = 0> = Widened<G[K]>;

/** Cotangents of all arguments. */
export type Cotangents<G extends readonly unknown[]> = { -readonly [K in keyof G]: Widened<G[K]> };

/** For each leaf of the result the tree of the argument. */
export type JacobianOf<R, G extends readonly unknown[], K extends number = 0> = WithLeaves<
  R,
  WithLeaves<G[K], NumberOf<G>>
>;

export type Derivative<A extends unknown[], K extends number = 0> = <G extends Given<A>>(
  ...args: G
) => GradientOf<G, K>;
