import type { Data } from "../ir/dtype.ts";
import { type Program, rewrite, withInputs } from "../ir/graph.ts";
import { constant, isConstant, type Node } from "../ir/node.ts";
import { showShape } from "../ir/shape.ts";
import { broadcastTo } from "../primitives/define.ts";
import { cleanUp } from "../transforms/clean-up.ts";
import { fuse } from "./fusion.ts";
import { FILLS, layOut, type Memory, sourceOf } from "./layout.ts";
import { LoopCode } from "./loop-code.ts";
import { type Call, type Pass, type Schedule, schedule } from "./passes.ts";
import type { Prepared } from "./prepared.ts";

/** Fills the buffers of one step from those of its operands. */
type RunStep = (buffers: (Data | undefined)[]) => void;

/** A program as fused loops in generated code. Throws where code from strings is forbidden. */
export function prepareCode(program: Program): Prepared {
  const plan = schedule(fuse(cleanUp(withNumbers(program.outputs))));
  const memory = layOut(program, plan);
  const run = plan.steps.map((step, s) =>
    step.kind === "loop" ? loopStep(s, plan, memory) : callStep(step, memory),
  );
  const { buffers, direct } = memory;
  const inputs = program.inputs.map((n) => memory.placeOf(n).slot);
  const results = plan.outputs.map((o) => memory.placeOf(o));
  return {
    outputs: plan.outputs,
    steps: plan.steps.map((s) => explained(s, plan)),
    bytes: memory.bytes,
    run: (given, out) => {
      for (let i = 0; i < inputs.length; i++) buffers[inputs[i]] = given[i];
      for (let i = 0; i < out.length; i++) if (direct[i]) buffers[results[i].slot] = out[i];
      for (let s = 0; s < run.length; s++) run[s](buffers);
      for (let i = 0; i < out.length; i++) {
        if (direct[i]) continue;
        const { slot, at } = results[i];
        const data = buffers[slot] as Data;
        out[i].set((data.length === out[i].length ? data : data.subarray(at, at + 1)) as never);
      }
    },
  };
}

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

function loopStep(step: number, plan: Schedule, memory: Memory): RunStep {
  const code = new LoopCode(step, plan, memory);
  const text = code.text();
  const calls = code.kernels.map((_, i) => `const k${i} = k[${i}];`).join(" ");
  const sums = code.scratch.map((size, i) => `const s${i} = new Float64Array(${size});`).join(" ");
  return generated(`"use strict"; ${calls} ${sums} return (v) => { ${text} };`, code.kernels);
}

interface Generated {
  readonly kernels: readonly unknown[];
  readonly run: RunStep;
}

/** The last generated functions by their text: a program like an earlier one runs what V8 has optimized already. */
const GENERATED = new Map<string, Generated>();
const MOST_GENERATED = 256;

/** Between its runs a step remembers nothing, so programs may share it. */
function generated(text: string, kernels: readonly unknown[]): RunStep {
  let made = GENERATED.get(text);
  if (!made || made.kernels.some((k, i) => k !== kernels[i]))
    made = { kernels, run: new Function("k", text)(kernels) as RunStep };
  GENERATED.delete(text);
  GENERATED.set(text, made);
  if (GENERATED.size > MOST_GENERATED) GENERATED.delete(GENERATED.keys().next().value as string);
  return made.run;
}

/** A primitive by its own rule, into a planned buffer or the caller's where it fills what it is given. */
function callStep({ node }: Call, memory: Memory): RunStep {
  const { slot } = memory.placeOf(node);
  const operands = node.inputs.map((i) => memory.placeOf(i).slot);
  const views = node.inputs.map((i) => memory.views.get(sourceOf(i)));
  const fills = FILLS.has(node.primitive.name);
  const result = memory.results.has(node);
  let own = memory.filled.get(node);
  return (buffers) => {
    const inputs = operands.map((o, k) => views[k] ?? (buffers[o] as Data));
    const given = result ? (buffers[slot] as Data) : undefined;
    const data = node.primitive.evaluate(inputs, node, fills && given ? given : own);
    if (data === given) return;
    own = data;
    if (given) given.set(data as never);
    else buffers[slot] = data;
  };
}

function explained(step: Pass | Call, { kind }: Schedule): string {
  if (step.kind === "call") return `call ${showShape(step.node.shape)}: ${step.node.primitive.name}`;
  const names = step.nodes
    .filter((n) => kind(n) !== "view" || n.inputs.length > 0)
    .map((n) => n.primitive.name);
  return `loop ${showShape(step.dims)}: ${names.join(", ")}`;
}
