import type { Data } from "../ir/dtype.ts";
import { dependents, type Program, topologicalOrder } from "../ir/graph.ts";
import { type InputParams, isInput, type Node, UnboundInputError } from "../ir/node.ts";
import type { BodyRunner } from "../ir/primitive.ts";
import { evaluateNode } from "../primitives/define.ts";
import { cleanUp } from "./clean-up.ts";

/** A program laid out to run node by node, any number of times. */
export interface Plan {
  /** Every node that runs, in order. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly Node[];
  /** Whether each input is read at all. */
  readonly reads: readonly boolean[];
  /** Computes what depends on the fixed inputs alone; the rest runs each time the result is called. */
  start(fixed: readonly Data[]): (varying: readonly Data[]) => Data[];
}

/**
 * Cleans a program up and lays it out. The first `fixed` inputs are given once, at the start of a loop: what depends on
 * nothing else is computed there. Runs without recursion: the depth of a program is of no concern.
 */
export function planOf(program: Program, fixed = 0): Plan {
  const outputs = named(program);
  const nodes = topologicalOrder(outputs);
  const bound = new Set(program.inputs);
  const missing = nodes.find((n) => isInput(n) && !bound.has(n));
  if (missing) throw new UnboundInputError((missing.params as InputParams).name ?? `input #${missing.id}`);
  const slot = new Map(nodes.map((n, i) => [n, i]));
  const places = program.inputs.map((n) => slot.get(n) ?? -1);
  const operands = nodes.map((n) => n.inputs.map((i) => slot.get(i) as number));
  const results = outputs.map((o) => slot.get(o) as number);
  const late = fixed > 0 ? dependents(nodes, program.inputs.slice(fixed)) : bound;
  const runs = nodes.map((n, i) => (bound.has(n) ? -1 : i)).filter((i) => i >= 0);
  const [head, tail] =
    fixed > 0
      ? [runs.filter((i) => !late.has(nodes[i])), runs.filter((i) => late.has(nodes[i]))]
      : [[], runs];
  const kept = new Set([...head, ...places.slice(0, fixed), ...results]);
  const drop = lastUses(operands, nodes.length, tail, kept);
  const start = (given: readonly Data[]) => {
    const values = new Array<Data | undefined>(nodes.length);
    const run = (i: number) => {
      values[i] = evaluateNode(
        nodes[i],
        operands[i].map((o) => values[o] as Data),
      );
    };
    const put = (data: readonly Data[], from: number) => {
      for (let i = 0; i < data.length; i++) if (places[from + i] >= 0) values[places[from + i]] = data[i];
    };
    put(given, 0);
    for (const i of head) run(i);
    return (varying: readonly Data[]) => {
      put(varying, fixed);
      for (let t = 0; t < tail.length; t++) {
        run(tail[t]);
        for (const d of drop[t]) values[d] = undefined;
      }
      return results.map((r) => values[r] as Data);
    };
  };
  return { nodes, outputs, reads: places.map((p) => p >= 0), start };
}

const names = new WeakMap<Node, string>();

/** The name that a node has in a program that was laid out, or as an input. */
export function nameOf(node: Node): string | undefined {
  return names.get(node) ?? (isInput(node) ? (node.params as InputParams).name : undefined);
}

/** The cleaned outputs; what people named keeps its name. */
function named({ outputs, names: given }: Program): Node[] {
  if (!given || given.size === 0) return cleanUp(outputs);
  const needed = new Set(topologicalOrder(outputs));
  const known = [...given].filter(([, node]) => needed.has(node));
  const cleaned = cleanUp([...outputs, ...known.map(([, node]) => node)]);
  known.forEach(([name], i) => {
    names.set(cleaned[outputs.length + i], name);
  });
  return cleaned.slice(0, outputs.length);
}

/** For each step of the tail, the values that nothing after it reads. */
function lastUses(
  operands: readonly (readonly number[])[],
  count: number,
  tail: readonly number[],
  kept: ReadonlySet<number>,
): number[][] {
  const last = new Int32Array(count).fill(-1);
  tail.forEach((i, t) => {
    for (const o of operands[i]) last[o] = t;
  });
  const drop: number[][] = tail.map(() => []);
  last.forEach((t, i) => {
    if (t >= 0 && !kept.has(i)) drop[t].push(i);
  });
  return drop;
}

const plans = new WeakMap<Program, Plan>();

/** Runs a body node by node; its plan is made once. */
export const nodeByNode: BodyRunner = (body, fixed) => {
  let plan = plans.get(body);
  if (!plan) plans.set(body, (plan = planOf(body, fixed)));
  const sizes = body.inputs.slice(fixed).map((n) => n.size);
  const { start } = plan;
  return (constants) => {
    const step = start(constants);
    return (given, from, out, to) => {
      const results = step(given.map((data, i) => partOf(data, from[i], sizes[i])));
      for (let i = 0; i < out.length; i++) out[i].set(results[i], to[i]);
    };
  };
};

/** Some elements of an array, as an array of their own. */
export const partOf = (data: Data, from: number, size: number): Data =>
  data.length === size ? data : data.subarray(from, from + size);
