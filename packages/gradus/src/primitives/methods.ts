import type { Data } from "../ir/dtype.ts";
import { Node } from "../ir/node.ts";
import { stridesOf } from "../ir/shape.ts";
import * as arithmetic from "./arithmetic.ts";
import * as comparison from "./comparison.ts";
import { dot, matmul } from "./contraction.ts";
import type { TensorLike } from "./define.ts";
import { dataOf } from "./evaluate.ts";
import { exp, log } from "./exponential.ts";
import { mean, type ReduceOptions, reduceMax, reduceMin, sum } from "./reduction.ts";
import { slice } from "./slicing.ts";
import { reshape, transpose } from "./structure.ts";

/** Numbers nested as the shape says. */
export type Nested = number | boolean | Nested[];

const methods = {
  add(this: Node, other: TensorLike): Node {
    return arithmetic.add(this, other);
  },
  sub(this: Node, other: TensorLike): Node {
    return arithmetic.sub(this, other);
  },
  mul(this: Node, other: TensorLike): Node {
    return arithmetic.mul(this, other);
  },
  div(this: Node, other: TensorLike): Node {
    return arithmetic.div(this, other);
  },
  pow(this: Node, exponent: TensorLike): Node {
    return arithmetic.pow(this, exponent);
  },
  neg(this: Node): Node {
    return arithmetic.neg(this);
  },
  abs(this: Node): Node {
    return arithmetic.abs(this);
  },
  sqrt(this: Node): Node {
    return arithmetic.sqrt(this);
  },
  exp(this: Node): Node {
    return exp(this);
  },
  log(this: Node): Node {
    return log(this);
  },
  dot(this: Node, other: TensorLike): Node {
    return dot(this, other);
  },
  matmul(this: Node, other: TensorLike): Node {
    return matmul(this, other);
  },
  less(this: Node, other: TensorLike): Node {
    return comparison.less(this, other);
  },
  greater(this: Node, other: TensorLike): Node {
    return comparison.greater(this, other);
  },
  equal(this: Node, other: TensorLike): Node {
    return comparison.equal(this, other);
  },
  sum(this: Node, options?: ReduceOptions): Node {
    return sum(this, options);
  },
  mean(this: Node, options?: ReduceOptions): Node {
    return mean(this, options);
  },
  max(this: Node, options?: ReduceOptions): Node {
    return reduceMax(this, options);
  },
  min(this: Node, options?: ReduceOptions): Node {
    return reduceMin(this, options);
  },
  reshape(this: Node, shape: readonly number[]): Node {
    return reshape(this, shape);
  },
  transpose(this: Node, permutation?: readonly number[]): Node {
    return transpose(this, permutation);
  },
  slice(this: Node, start: readonly number[], limit?: readonly number[], stride?: readonly number[]): Node {
    return slice(this, start, limit, stride);
  },
  /** The number of a tensor of one element, now. Works under `grad`; not where values are unknown (`vmap`). */
  item(this: Node): number {
    if (this.size !== 1)
      throw new TypeError(`item: expected a tensor of one element, got shape [${this.shape}]`);
    return dataOf(this)[0];
  },
  /** The numbers, row-major, in a new typed array. */
  toTypedArray(this: Node): Data {
    return dataOf(this).slice();
  },
  /** The numbers as nested arrays; a number for a scalar. */
  toArray(this: Node): Nested {
    const data = dataOf(this);
    const strides = stridesOf(this.shape);
    const build = (depth: number, offset: number): Nested => {
      if (depth === this.rank) return this.dtype === "bool" ? data[offset] !== 0 : data[offset];
      return Array.from({ length: this.shape[depth] }, (_, i) =>
        build(depth + 1, offset + i * strides[depth]),
      );
    };
    return build(0, 0);
  },
};

type Methods = typeof methods;

declare module "../ir/node.ts" {
  interface Node extends Methods {}
}

for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(Node.prototype, name, { value, writable: true, configurable: true });
}
