import type { Data } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";

/** A program that an engine has made ready to run. */
export interface Prepared {
  /** The results, cleaned up. */
  readonly outputs: readonly Node[];
  /** A line for each step. */
  readonly steps: readonly string[];
  /** Memory that it holds between its steps; results are not counted. */
  readonly bytes: number;
  /** Writes the results into `out`: arrays of their dtypes that share no memory with what is given. */
  run(given: readonly Data[], out: readonly Data[]): void;
}
