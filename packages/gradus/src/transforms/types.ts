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

/** The structure and types of the first argument. */
export type GradientOf<G extends readonly unknown[]> = Widened<G[0]>;

/** Numbers come back where numbers went in. */
export type Result<G extends readonly unknown[]> = G extends readonly number[] ? number : Node;
export type JacobianOf<G extends readonly unknown[]> = G extends readonly number[] ? number : Node;

export type Derivative<A extends unknown[]> = <G extends Given<A>>(...args: G) => GradientOf<G>;
