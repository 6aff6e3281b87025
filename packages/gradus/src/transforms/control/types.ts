import type { Node } from "../../ir/node.ts";

type Leaf = Node | number | boolean | Float64Array | Float32Array | Int32Array;

/** The same tree, each leaf a Tensor. */
export type Tensors<T> = T extends Leaf
  ? Node
  : T extends readonly unknown[]
    ? { -readonly [K in keyof T]: Tensors<T[K]> }
    : T extends object
      ? { [K in keyof T]: Tensors<T[K]> }
      : T;

/** The same tree, each leaf a Tensor or a number. */
export type Traceable<T> = T extends Leaf
  ? Node | number | boolean
  : T extends readonly unknown[]
    ? { readonly [K in keyof T]: Traceable<T[K]> }
    : T extends object
      ? { readonly [K in keyof T]: Traceable<T[K]> }
      : T;
