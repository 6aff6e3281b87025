import { allocate, type Data, dtypeOf } from "../ir/dtype.ts";
import { type Program, rewrite, withInputs } from "../ir/graph.ts";
import { constant, isConstant, type Node } from "../ir/node.ts";
import { showShape } from "../ir/shape.ts";
import { broadcastTo } from "../primitives/define.ts";
import { cleanUp } from "../transforms/clean-up.ts";
import { partOf } from "../transforms/plan.ts";
import { bodiesBy, bytesOf, linesOf } from "./bodies.ts";
import { fuse } from "./fusion.ts";
import { fills, layOut, type Memory, sourceOf } from "./layout.ts";
import { LoopCode } from "./loop-code.ts";
import { type Call, type Pass, type Schedule, schedule } from "./passes.ts";
import type { Prepared } from "./prepared.ts";

/** Fills the buffers of one step from those of its operands; some begin at a place that changes from run to run. */
type RunStep = (buffers: (Data | undefined)[], begins: readonly number[]) => void;

/** A program as fused loops in generated code. Throws where code from strings is forbidden. */
export function prepareCode(program: Program, inside = false): Prepared {
  const plan = schedule(fuse(cleanUp(withNumbers(program.outputs))));
  const memory = layOut(program, plan, inside);
  const run = plan.steps
    .filter((s) => s.kind === "loop" || !memory.parts.has(s.node))
    .map((step) => (step.kind === "loop" ? loopStep(step, plan, memory) : callStep(step, memory)));
  const { buffers, direct } = memory;
  const begins = buffers.map(() => 0);
  const inputs = program.inputs.map((n) => memory.placeOf(n).slot);
  const results = plan.outputs.map((o) => memory.placeOf(o));
  const bodies = plan.steps.flatMap((s) => (s.kind === "call" ? BODIES.inside(s.node) : []));
  const copied = plan.outputs.flatMap((_, i) => (direct[i] ? [] : [i]));
  return {
    outputs: plan.outputs,
    steps: plan.steps.flatMap((s) => explained(s, plan)),
    bytes: memory.bytes + bytesOf(bodies),
    run: (given, out, from, to) => {
      for (let i = 0; i < inputs.length; i++) buffers[inputs[i]] = given[i];
      for (let i = 0; i < out.length; i++) if (direct[i]) buffers[results[i].slot] = out[i];
      if (from && to) {
        for (let i = 0; i < inputs.length; i++) begins[inputs[i]] = from[i];
        for (let i = 0; i < out.length; i++) if (direct[i]) begins[results[i].slot] = to[i];
      }
      for (let s = 0; s < run.length; s++) run[s](buffers, begins);
      for (let k = 0; k < copied.length; k++) {
        const i = copied[k];
        const { slot, at } = results[i];
        const source = buffers[slot] as Data;
        const [first, target] = [at + begins[slot], to ? to[i] : 0];
        const { size } = plan.outputs[i];
        if (size === 1) out[i][target] = source[first];
        else out[i].set(partOf(source, first, size), target);
      }
    },
  };
}

const BODIES = bodiesBy(prepareCode);

/** Tensors that repeat one number become that number, stretched. */
function withNumbers(outputs: readonly Node[]): Node[] {
  return rewrite(outputs, new Map(), (node, inputs) => {
    const { buffer } = node;
    if (!isConstant(node) || !buffer || buffer.length < 2) return withInputs(node, inputs);
    const [first] = buffer;
    if (!buffer.every((v) => Object.is(v, first))) return node;
    return broadcastTo(constant(buffer.slice(0, 1), [], node.dtype, node.weak), node.shape);
  });
}

function loopStep(step: Pass, plan: Schedule, memory: Memory): RunStep {
  const code = new LoopCode(step, plan, memory);
  const text = code.text();
  const calls = code.kernels.map((_, i) => `const k${i} = k[${i}];`).join(" ");
  const sums = code.scratch.map((size, i) => `const s${i} = new Float64Array(${size});`).join(" ");
  return new Function("k", `"use strict"; ${calls} ${sums} return (v, w) => { ${text} };`)(
    code.kernels,
  ) as RunStep;
}

/** A primitive by its own rule, into a planned buffer or the caller's where it fills what it is given. */
function callStep({ node }: Call, memory: Memory): RunStep {
  const { slot } = memory.placeOf(node);
  const operands = node.inputs.map((i) => memory.placeOf(i).slot);
  const views = node.inputs.map((i) => memory.views.get(sourceOf(i)));
  const result = memory.results.has(node);
  const straight = result && fills(node) && !memory.moves(slot);
  const inputs = new Array<Data>(operands.length);
  let own = memory.filled.get(node);
  return (buffers, begins) => {
    for (let k = 0; k < operands.length; k++) {
      const at = operands[k];
      inputs[k] = views[k] ?? whole(buffers[at] as Data, begins[at], node.inputs[k]);
    }
    const given = result ? (buffers[slot] as Data) : undefined;
    const data = node.primitive.evaluate(inputs, node, straight ? given : own, BODIES.run);
    if (data === given) return;
    own = data;
    if (given) given.set(data, begins[slot]);
    else buffers[slot] = data;
  };
}

/** The numbers of a node as an array of its own dtype. */
function whole(data: Data, from: number, node: Node): Data {
  const part = partOf(data, from, node.size);
  if (dtypeOf(part) === node.dtype) return part;
  const own = allocate(node.dtype, node.size);
  own.set(part);
  return own;
}

function explained(step: Pass | Call, { kind }: Schedule): string[] {
  if (step.kind === "call") {
    const { primitive, shape } = step.node;
    return [`call ${showShape(shape)}: ${primitive.name}`, ...linesOf(BODIES.inside(step.node))];
  }
  const names = step.nodes
    .filter((n) => kind(n) !== "view" || n.inputs.length > 0)
    .map((n) => n.primitive.name);
  return [`loop ${showShape(step.dims)}: ${names.join(", ")}`];
}
