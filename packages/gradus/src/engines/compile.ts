import { allocate, type Data } from "../ir/dtype.ts";
import type { Program } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import { ShapeError } from "../ir/shape.ts";
import { compiledLoops, type RunStep } from "./javascript.ts";
import { givenFor, isStretchedScalar, type Plan, type PlannedStep, planOf, resultOf } from "./plan.ts";
import { tapeLoop } from "./tape.ts";

export type EngineName = "javascript" | "tape";

/** A program compiled for many runs: its buffers are made once. Not re-entrant. */
export interface Compiled {
  (...inputs: readonly Node[]): Node[];
  /** Writes the results into typed arrays that the caller gives, one for each output. */
  into(out: readonly Data[], ...inputs: readonly (Node | Data)[]): void;
  readonly engine: EngineName;
  /** What was compiled: one line for each loop and each call. */
  explain(): string;
}

/**
 * Compiles a program: chains of pointwise functions become loops over typed arrays, as generated code, or as a tape of
 * kernels where code from strings is forbidden (chosen by itself). Results equal the interpreter's bit for bit.
 */
export function compile(program: Program, engine?: EngineName): Compiled {
  const plan = planOf(program);
  const chosen = engine ?? (mayGenerate() ? "javascript" : "tape");
  const run = chosen === "javascript" ? codeOf(plan) : plan.steps.map((step) => stepOf(step, plan));
  const results = plan.outputs.map((o) => plan.slots.get(o) as number);
  const execute = (inputs: readonly Data[]): (Data | undefined)[] => {
    const buffers = plan.buffers.slice();
    for (let i = 0; i < inputs.length; i++) buffers[i] = inputs[i];
    for (const step of run) step(buffers);
    return buffers;
  };
  const call = (...given: readonly Node[]): Node[] => {
    const buffers = execute(plan.inputs.map((n, i) => givenFor(n, given[i])));
    return plan.outputs.map((o, i) => resultOf(o, buffers[results[i]] as Data));
  };
  return Object.assign(call, {
    engine: chosen,
    explain: () => explained(plan, chosen),
    into: (out: readonly Data[], ...given: readonly (Node | Data)[]): void => {
      const inputs = plan.inputs.map((n, i) =>
        isData(given[i]) ? sized(given[i], n) : givenFor(n, given[i]),
      );
      const buffers = execute(inputs);
      plan.outputs.forEach((o, i) => {
        const data = buffers[results[i]] as Data;
        const target = sized(out[i], o);
        if (isStretchedScalar(o) && data.length !== o.size) target.fill(data[0]);
        else target.set(data as never);
      });
    },
  });
}

const isData = (x: Node | Data | undefined): x is Data => ArrayBuffer.isView(x);

function sized(data: Data, node: Node): Data {
  if (data?.length === node.size) return data;
  throw new ShapeError(`expected a typed array of ${node.size} numbers, got ${data?.length ?? "none"}`);
}

let allowed: boolean | undefined;

/** Whether this place lets code be made from strings. */
function mayGenerate(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function("return true")() === true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

/** Longer code is not optimized well. */
const MOST_IN_ONE_PASS = 150;

/** Steps as code; loops of one length that follow one another become one pass. */
function codeOf(plan: Plan): RunStep[] {
  const run: RunStep[] = [];
  let together: PlannedStep[] = [];
  let length = 0;
  const close = () => {
    if (together.length > 0) run.push(compiledLoops(together, plan));
    together = [];
    length = 0;
  };
  for (const step of plan.steps) {
    if (step.kind === "call") {
      close();
      run.push(stepOf(step, plan));
      continue;
    }
    if (together.length > 0 && (together[0].node.size !== step.node.size || length > MOST_IN_ONE_PASS))
      close();
    together.push(step);
    length += step.inner.length;
  }
  close();
  return run;
}

function stepOf(step: PlannedStep, plan: Plan): RunStep {
  if (step.kind === "loop") return tapeLoop(step, plan);
  const { node } = step;
  const slot = plan.slots.get(node) as number;
  const operands = node.inputs.map((i) => plan.slots.get(i) as number);
  const stretched = node.inputs.map((i) => isStretchedScalar(i));
  let before: Data | undefined;
  return (buffers) => {
    const inputs = operands.map((o, k) => whole(buffers[o] as Data, node.inputs[k], stretched[k]));
    before = node.primitive.evaluate(inputs, node, before);
    buffers[slot] = before;
  };
}

/** A stretched number at full length, for rules that read every element. */
function whole(data: Data, node: Node, stretched: boolean): Data {
  return stretched && data.length !== node.size ? allocate(node.dtype, node.size).fill(data[0]) : data;
}

function explained(plan: Plan, engine: EngineName): string {
  const shape = (n: Node) => `[${n.shape.join(", ")}]`;
  const lines = plan.steps.map((s) =>
    s.kind === "loop"
      ? `loop ${shape(s.node)}: ${s.inner.map((n) => n.primitive.name).join(", ")}`
      : `call ${shape(s.node)}: ${s.node.primitive.name}`,
  );
  return [`engine: ${engine}; ${plan.steps.length} steps`, ...lines].join("\n");
}
