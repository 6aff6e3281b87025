import { allocate, type Data } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { RunStep } from "./javascript.ts";
import { isStretchedScalar, type Plan, type PlannedStep } from "./plan.ts";

type Kernel = (x: number, y: number, z: number) => number;

/** A loop as a list of instructions, one kernel after the other, where code from strings is forbidden. */
export function tapeLoop(step: PlannedStep, plan: Plan): RunStep {
  const own = new Map<Node, Data>();
  const instructions = step.inner.map((node) => {
    const kernel = (node.primitive.kernel as (params: unknown) => Kernel)(node.params);
    const inside = node === step.node ? undefined : allocate(node.dtype, node.size);
    if (inside) own.set(node, inside);
    const operands = node.inputs.map((x) => ({
      data: own.get(x),
      slot: plan.slots.get(x) as number,
      stride: isStretchedScalar(x) || (x.size === 1 && step.node.size !== 1) ? 0 : 1,
    }));
    return { kernel, inside, operands };
  });
  const out = plan.slots.get(step.node) as number;
  const n = step.node.size;
  return (buffers) => {
    for (const { kernel, inside, operands } of instructions) {
      const target = inside ?? (buffers[out] as Data);
      const [a, b, c] = operands;
      const x = (a.data ?? buffers[a.slot]) as Data;
      const y = b && ((b.data ?? buffers[b.slot]) as Data);
      const z = c && ((c.data ?? buffers[c.slot]) as Data);
      for (let i = 0; i < n; i++)
        target[i] = kernel(x[i * a.stride], y ? y[i * b.stride] : 0, z ? z[i * c.stride] : 0);
    }
  };
}
