import { allocate, type Data, dtypeOf } from "../ir/dtype.ts";
import { type Program, rewrite, withInputs } from "../ir/graph.ts";
import { constant, isConstant, type Node } from "../ir/node.ts";
import { showShape } from "../ir/shape.ts";
import { productInParts } from "../primitives/contraction.ts";
import { broadcastTo } from "../primitives/define.ts";
import { cleanUp } from "../transforms/clean-up.ts";
import { partOf } from "../transforms/plan.ts";
import { sourceOf } from "./access.ts";
import { bodiesBy, bytesOf, linesOf } from "./bodies.ts";
import { fuse } from "./fusion.ts";
import { fills, layOut, type Memory } from "./layout.ts";
import { LoopCode } from "./loop-code.ts";
import { type Call, groupAt, type Pass, type RowGroup, type Schedule, schedule } from "./passes.ts";
import type { Prepared } from "./prepared.ts";
import { inRowGroups } from "./rows.ts";

type RunStep = Prepared["run"];
/** In a group of steps, for the rows from `lo` to `hi`. */
type RunRows = (
  given: readonly Data[],
  out: readonly Data[],
  from: readonly number[] | undefined,
  to: readonly number[] | undefined,
  lo: number,
  hi: number,
) => void;

/** A program as fused loops in generated code. Throws where code from strings is forbidden. */
export function prepareCode(program: Program, inside = false): Prepared {
  const scheduled = schedule(fuse(cleanUp(withNumbers(program.outputs))));
  const plan = inside ? scheduled : inRowGroups(scheduled);
  const memory = layOut(program, plan, inside);
  const steps = plan.steps.flatMap((step, s): RunStep[] => {
    const group = groupAt(plan, s);
    if (group) return s === group.first ? [groupStep(group, plan, memory)] : [];
    if (step.kind === "loop") return [loopStep(step, plan, memory) as RunStep];
    return memory.parts.has(step.node) ? [] : [callStep(step, memory)];
  });
  const copies = plan.outputs.flatMap((_, i) => (memory.direct[i] ? [] : [copyStep(i, plan, memory)]));
  const all = [...steps, ...copies];
  const bodies = plan.steps.flatMap((s) => (s.kind === "call" ? BODIES.inside(s.node) : []));
  return {
    outputs: plan.outputs,
    steps: plan.steps.flatMap((step, s) => {
      const group = groupAt(plan, s);
      const head = group?.first === s ? [`${group.rows} rows, ${group.block} at a time:`] : [];
      return [...head, ...explained(step, plan).map((line) => (group ? `  ${line}` : line))];
    }),
    bytes: memory.bytes + bytesOf(bodies),
    run:
      all.length === 1
        ? all[0]
        : (given, out, from, to) => {
            for (let s = 0; s < all.length; s++) all[s](given, out, from, to);
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

/** All steps of a group for one block of rows after the other. */
function groupStep(group: RowGroup, plan: Schedule, memory: Memory): RunStep {
  const { first, end, rows, block } = group;
  const steps = plan.steps
    .slice(first, end)
    .map((s) => (s.kind === "loop" ? loopStep(s, plan, memory) : productStep(s, group, memory)));
  return (given, out, from, to) => {
    for (let lo = 0; lo < rows; lo += block) {
      const hi = Math.min(rows, lo + block);
      for (let s = 0; s < steps.length; s++) steps[s](given, out, from, to, lo, hi);
    }
  };
}

function loopStep(step: Pass, plan: Schedule, memory: Memory): RunRows {
  const code = new LoopCode(step, plan, memory);
  const text = code.text();
  const calls = code.kernels.map((_, i) => `const k${i} = k[${i}];`).join(" ");
  const sums = code.scratch.map((size, i) => `const s${i} = new Float64Array(${size});`).join(" ");
  const make = generated(`"use strict"; ${calls} ${sums} return (g, r, f, t, lo, hi) => { ${text} };`);
  return make(code.kernels, memory.buffers);
}

type MakeStep = (kernels: readonly unknown[], buffers: Memory["buffers"]) => RunRows;

/** The last generated functions by their text: a program like an earlier one runs what V8 has optimized already. */
const GENERATED = new Map<string, MakeStep>();
const MOST_GENERATED = 256;

function generated(text: string): MakeStep {
  const made = GENERATED.get(text) ?? (new Function("k", "v", text) as MakeStep);
  GENERATED.delete(text);
  GENERATED.set(text, made);
  if (GENERATED.size > MOST_GENERATED) GENERATED.delete(GENERATED.keys().next().value as string);
  return made;
}

/** Reads the array of a slot, and where in it this run begins. */
function reader(slot: number, { whereIs, buffers }: Memory) {
  const { among, index } = whereIs(slot);
  return {
    data: (given: readonly Data[], out: readonly Data[]): Data =>
      (among === "given" ? given[index] : among === "out" ? out[index] : buffers[index]) as Data,
    begin: (from: readonly number[] | undefined, to: readonly number[] | undefined): number =>
      (among === "given" ? from?.[index] : among === "out" ? to?.[index] : 0) ?? 0,
  };
}

/** A result that no step writes where the caller wants it. */
function copyStep(i: number, { outputs }: Schedule, memory: Memory): RunStep {
  const { slot, at } = memory.placeOf(outputs[i]);
  const { data, begin } = reader(slot, memory);
  const { size } = outputs[i];
  return (given, out, from, to) => {
    const source = data(given, out);
    const [first, target] = [at + begin(from, to), to?.[i] ?? 0];
    if (size === 1) out[i][target] = source[first];
    else out[i].set(partOf(source, first, size), target);
  };
}

/** A primitive by its own rule, into a planned buffer or the caller's where it fills what it is given. */
function callStep({ node }: Call, memory: Memory): RunStep {
  const { slot } = memory.placeOf(node);
  const operands = node.inputs.map((i) => reader(memory.placeOf(i).slot, memory));
  const views = node.inputs.map((i) => memory.views.get(sourceOf(i)));
  const target = memory.results.has(node) ? reader(slot, memory) : undefined;
  const straight = target && fills(node) && !memory.inside;
  const inputs = new Array<Data>(operands.length);
  let own = memory.filled.get(node);
  return (given, out, from, to) => {
    for (let k = 0; k < operands.length; k++) {
      const { data, begin } = operands[k];
      inputs[k] = views[k] ?? whole(data(given, out), begin(from, to), node.inputs[k]);
    }
    const wanted = target?.data(given, out);
    const data = node.primitive.evaluate(inputs, node, straight ? wanted : own, BODIES.run);
    if (data === wanted) return;
    own = data;
    if (wanted) wanted.set(data, target?.begin(from, to));
    else memory.buffers[slot] = data;
  };
}

/** A product of the rows of a block, or with them as terms of its sums. */
function productStep({ node }: Call, { rows, letters }: RowGroup, memory: Memory): RunRows {
  const letter = letters.get(node) as string;
  const { a, b, out: letterOut } = node.params as Record<"a" | "b" | "out", string>;
  const run = productInParts(node, letter);
  const [x, y, z] = [...node.inputs, node].map((n, i) => {
    const { slot } = memory.placeOf(n);
    const own = n === node ? undefined : memory.views.get(sourceOf(n));
    const { data } = reader(slot, memory);
    const byRows = [a, b, letterOut][i].includes(letter) && memory.localRow(slot) === undefined;
    return {
      data: (given: readonly Data[], out: readonly Data[]) => own ?? data(given, out),
      row: byRows ? n.size / rows : 0,
    };
  });
  const sums = !letterOut.includes(letter) && node.dtype !== "f64" ? new Float64Array(node.size) : undefined;
  const at: [number, number, number] = [0, 0, 0];
  return (given, out, _, __, lo, hi) => {
    [at[0], at[1], at[2]] = [x.row * lo, y.row * lo, z.row * lo];
    const target = z.data(given, out);
    run(x.data(given, out), y.data(given, out), sums ?? target, at, hi - lo, lo > 0);
    if (sums && hi === rows) target.set(sums);
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
