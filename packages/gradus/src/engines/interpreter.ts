import type { Data } from "../ir/dtype.ts";
import { type Program, topologicalOrder } from "../ir/graph.ts";
import { constant, type InputParams, isInput, type Node, UnboundInputError } from "../ir/node.ts";
import { ShapeError, sameShape, showShape } from "../ir/shape.ts";
import { cast } from "../primitives/define.ts";
import { cleanUp } from "../transforms/clean-up.ts";

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
  const outputs = cleanUp(program.outputs);
  const nodes = topologicalOrder(outputs);
  const slot = new Map(nodes.map((n, i) => [n, i]));
  const inputs = program.inputs.map((n) => slot.get(n) ?? -1);
  const missing = nodes.find((n) => isInput(n) && !program.inputs.includes(n));
  if (missing) throw new UnboundInputError((missing.params as InputParams).name ?? `input #${missing.id}`);
  const operands = nodes.map((n) => n.inputs.map((i) => slot.get(i) as number));
  const results = outputs.map((o) => slot.get(o) as number);
  const drop = lastUses(operands, results, nodes.length);
  const execute = (...given: readonly Node[]): Node[] => {
    const values = new Array<Data | undefined>(nodes.length);
    program.inputs.forEach((n, i) => {
      if (inputs[i] >= 0) values[inputs[i]] = checked(n, given[i]);
    });
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i];
      values[i] ??= node.primitive.evaluate(
        operands[i].map((o) => values[o] as Data),
        node,
      );
      for (const d of drop[i]) values[d] = undefined;
    }
    return outputs.map((o, i) => constant(values[results[i]] as Data, o.shape, o.dtype, o.weak));
  };
  return Object.assign(execute, { nodes });
}

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

function lastUses(
  operands: readonly (readonly number[])[],
  results: readonly number[],
  count: number,
): number[][] {
  const last = new Int32Array(count).fill(-1);
  operands.forEach((list, i) => {
    for (const o of list) last[o] = i;
  });
  for (const r of results) last[r] = -1;
  const drop: number[][] = Array.from({ length: count }, () => []);
  last.forEach((user, i) => {
    if (user >= 0) drop[user].push(i);
  });
  return drop;
}
