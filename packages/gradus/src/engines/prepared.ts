import type { Data } from "../ir/dtype.ts";
import type { Program } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";

/** A program that an engine has made ready to run. */
export interface Prepared {
  /** The results, cleaned up. */
  readonly outputs: readonly Node[];
  /** A line for each step. */
  readonly steps: readonly string[];
  /** Memory that it holds between its steps; results are not counted. */
  readonly bytes: number;
  /**
   * Writes the results into `out`: arrays of their dtypes that share no memory with what is given. A program inside a
   * control node is told where in these arrays each input and each result begins, and may write into a wider dtype.
   */
  run(given: readonly Data[], out: readonly Data[], from?: readonly number[], to?: readonly number[]): void;
}

/** How an engine makes a program ready; `inside` is set for one inside a control node. */
export type Prepare = (program: Program, inside?: boolean) => Prepared;
