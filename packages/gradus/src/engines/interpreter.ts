import type { Data } from "../ir/dtype.ts";
import type { Program } from "../ir/graph.ts";
import { constant, type InputParams, type Node, UnboundInputError } from "../ir/node.ts";
import { ShapeError, sameShape, showShape } from "../ir/shape.ts";
import { cast } from "../primitives/define.ts";
import { planOf } from "../transforms/plan.ts";

/** A program made ready to run. */
export interface Executable {
  (...inputs: readonly Node[]): Node[];
  /** Every node that runs, in order. */
  readonly nodes: readonly Node[];
}

/**
 * The reference engine: each node's rule in turn, one buffer each, dropped after its last use.
 * Runs in a loop: the depth of a program is of no concern.
 */
export function interpret(program: Program): Executable {
  const { nodes, outputs, reads, start } = planOf(program);
  const execute = (...given: readonly Node[]): Node[] => {
    const values = start([])(program.inputs.map((n, i) => (reads[i] ? checked(n, given[i]) : UNREAD)));
    return outputs.map((o, i) => constant(values[i], o.shape, o.dtype, o.weak));
  };
  return Object.assign(execute, { nodes });
}

const UNREAD: Data = new Float64Array(0);

function checked(expected: Node, given: Node | undefined): Data {
  const name = (expected.params as InputParams).name ?? "an input";
  if (!given) throw new UnboundInputError(name);
  if (!sameShape(expected.shape, given.shape)) {
    throw new ShapeError(
      `${name}: expected shape ${showShape(expected.shape)}, got ${showShape(given.shape)}`,
    );
  }
  const buffer = cast(given, expected.dtype).buffer;
  if (!buffer) throw new TypeError(`${name}: expected numbers, got a traced Tensor`);
  return buffer;
}
