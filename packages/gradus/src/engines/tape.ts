import { allocate, type Data } from "../ir/dtype.ts";
import type { Program } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import { showShape } from "../ir/shape.ts";
import { partOf } from "../transforms/plan.ts";
import { bodiesBy, bytesOf, linesOf } from "./bodies.ts";
import { isStretchedScalar, type Plan, type PlannedStep, planOf } from "./plan.ts";
import type { Prepared } from "./prepared.ts";

type Kernel = (x: number, y: number, z: number) => number;
type RunStep = (buffers: (Data | undefined)[]) => void;

/** A program as a list of instructions, where code from strings is forbidden. */
export function prepareTape(program: Program): Prepared {
  const plan = planOf(program);
  const run = plan.steps.map((step) => (step.kind === "loop" ? loopStep(step, plan) : callStep(step, plan)));
  const results = plan.outputs.map((o) => plan.slots.get(o) as number);
  const { buffers, outputs, inputs } = plan;
  const bodies = plan.steps.flatMap((s) => (s.kind === "call" ? BODIES.inside(s.node) : []));
  return {
    outputs,
    steps: plan.steps.flatMap(({ kind, node, inner }) => [
      `${kind} ${showShape(node.shape)}: ${(kind === "loop" ? inner : [node]).map((n) => n.primitive.name).join(", ")}`,
      ...linesOf(BODIES.inside(node)),
    ]),
    bytes: plan.buffers.reduce((sum, b) => sum + (b?.byteLength ?? 0), 0) + bytesOf(bodies),
    run: (given, out, from, to) => {
      for (let i = 0; i < given.length; i++)
        buffers[i] = from ? partOf(given[i], from[i], inputs[i].size) : given[i];
      for (const step of run) step(buffers);
      for (let i = 0; i < out.length; i++) {
        const data = buffers[results[i]] as Data;
        const at = to ? to[i] : 0;
        const { size } = outputs[i];
        // A number that is stretched over a shape has one place.
        if (data.length !== size) out[i].fill(data[0], at, at + size);
        else out[i].set(data, at);
      }
    },
  };
}

const BODIES = bodiesBy(prepareTape);

/** One kernel after the other, over whole tensors. */
function loopStep(step: PlannedStep, plan: Plan): RunStep {
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

function callStep({ node }: PlannedStep, plan: Plan): RunStep {
  const slot = plan.slots.get(node) as number;
  const operands = node.inputs.map((i) => plan.slots.get(i) as number);
  const stretched = node.inputs.map((i) => isStretchedScalar(i));
  let before: Data | undefined;
  return (buffers) => {
    const inputs = operands.map((o, k) => whole(buffers[o] as Data, node.inputs[k], stretched[k]));
    before = node.primitive.evaluate(inputs, node, before, BODIES.run);
    buffers[slot] = before;
  };
}

/** A stretched number at full length, for rules that read every element. */
function whole(data: Data, node: Node, stretched: boolean): Data {
  return stretched && data.length !== node.size ? allocate(node.dtype, node.size).fill(data[0]) : data;
}
