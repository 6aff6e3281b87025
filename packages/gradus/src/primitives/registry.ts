import type { Primitive } from "../ir/primitive.ts";
import * as activation from "./activation.ts";
import * as arithmetic from "./arithmetic.ts";
import * as comparison from "./comparison.ts";
import * as contraction from "./contraction.ts";
import * as convolution from "./convolution.ts";
import * as cumulative from "./cumulative.ts";
import * as diagonals from "./diagonal.ts";
import * as einsum from "./einsum.ts";
import * as exponential from "./exponential.ts";
import * as hyperbolic from "./hyperbolic.ts";
import * as indexing from "./indexing.ts";
import * as linearAlgebra from "./linear-algebra.ts";
import * as loss from "./loss.ts";
import * as pooling from "./pooling.ts";
import * as reduction from "./reduction.ts";
import * as rounding from "./rounding.ts";
import * as slicing from "./slicing.ts";
import * as sorting from "./sorting.ts";
import * as special from "./special.ts";
import * as structure from "./structure.ts";
import * as trigonometric from "./trigonometric.ts";

/** Every function of the rule book, by the name that it is exported under. */
const exported = {
  ...arithmetic,
  ...exponential,
  ...trigonometric,
  ...hyperbolic,
  ...special,
  ...rounding,
  ...comparison,
  ...activation,
  ...loss,
  ...structure,
  ...slicing,
  ...indexing,
  ...reduction,
  ...contraction,
  ...einsum,
  ...diagonals,
  ...linearAlgebra,
  ...cumulative,
  ...sorting,
  ...convolution,
  ...pooling,
};

type Exported = typeof exported;
/** The names of the operations: exports that carry a rule. */
export type OperationName = {
  [K in keyof Exported]: Exported[K] extends { readonly primitive: Primitive } ? K : never;
}[keyof Exported];
/** Those whose rule is not a formula: the ones that tables of samples and enclosures must cover. */
export type CoreName = {
  [K in OperationName]: Exported[K] extends { readonly primitive: { readonly family: "formula" } }
    ? never
    : K;
}[OperationName];

type Callable = ((...args: never[]) => unknown) & { readonly primitive: Primitive };

/** The registry: export name → operation. */
export const operations = new Map(
  Object.entries(exported as Record<string, unknown>).filter(
    ([, f]) => typeof f === "function" && "primitive" in f,
  ),
) as ReadonlyMap<OperationName, Callable>;
