import type { Node } from "../../ir/node.ts";
import type { Quotient } from "./field.ts";

/** What a step asks of its argument: `value` relates to 0 so. */
export interface Condition {
  readonly node: Node;
  readonly value: Quotient;
  readonly relation: "> 0" | ">= 0" | "!= 0" | "not 0, -1, -2, …";
  /** Inside a branch: asked only where the branch is taken. */
  readonly conditional: boolean;
}
