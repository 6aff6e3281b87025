import { allocate, type Data } from "../ir/dtype.ts";
import { dependents, type Program, rewrite, topologicalOrder } from "../ir/graph.ts";
import { input, isInput, type Node } from "../ir/node.ts";
import type { BodyRunner, BodyStep, Control } from "../ir/primitive.ts";
import { cleanUp } from "../transforms/clean-up.ts";
import { boundary } from "../transforms/control/bodies.ts";
import { isView } from "./access.ts";
import type { Prepare, Prepared } from "./prepared.ts";

/** A program inside a control node: what stays the same in every step is computed before the first one. */
interface Body {
  readonly before: Prepared | undefined;
  readonly step: Prepared;
  start(fixed: readonly Data[]): BodyStep;
}

/** The programs inside control nodes, each made ready once. */
export interface Bodies {
  readonly run: BodyRunner;
  /** The programs inside of a node; none for other nodes. */
  inside(node: Node): readonly Body[];
}

/* @__NO_SIDE_EFFECTS__ */
export function bodiesBy(prepare: Prepare): Bodies {
  const known = new WeakMap<Program, Body>();
  const bodyOf = (program: Program, fixed: number): Body => {
    let body = known.get(program);
    if (!body) known.set(program, (body = makeBody(program, fixed, prepare)));
    return body;
  };
  return {
    run: (program, fixed) => bodyOf(program, fixed).start,
    inside: (node) => {
      if (node.primitive.family !== "control") return [];
      const { bodies, constants } = node.primitive as Control;
      return bodies(node.params).map((b) => bodyOf(b, constants(node.params)));
    },
  };
}

function makeBody(program: Program, fixed: number, prepare: Prepare): Body {
  const outputs = cleanUp(program.outputs);
  const [constants, varying] = [program.inputs.slice(0, fixed), program.inputs.slice(fixed)];
  const late = dependents(topologicalOrder(outputs), varying);
  // A view is read where it is wanted, in every step.
  const early =
    fixed === 0 ? [] : boundary(outputs, (n) => late.has(n) || isView(n)).filter((n) => !isInput(n));
  const known = early.map((n) => input(n, {}, n.weak));
  const before = early.length > 0 ? prepare({ inputs: constants, outputs: early }) : undefined;
  const rest = early.length > 0 ? rewrite(outputs, new Map(early.map((n, i) => [n, known[i]]))) : outputs;
  const step = prepare({ inputs: [...constants, ...known, ...varying], outputs: rest }, true);
  const cells = early.map((n) => allocate(n.dtype, n.size));
  const given: Data[] = [...constants.map(() => new Float64Array(0)), ...cells];
  const first = given.length;
  const places = given.map(() => 0);
  return {
    before,
    step,
    start: (numbers) => {
      for (let i = 0; i < fixed; i++) given[i] = numbers[i];
      before?.run(numbers, cells);
      return (inputs, from, out, to) => {
        for (let i = 0; i < inputs.length; i++) {
          given[first + i] = inputs[i];
          places[first + i] = from[i];
        }
        step.run(given, out, places, to);
      };
    },
  };
}

/** What is held for the programs inside of a node, and what they do, line by line. */
export function bytesOf(bodies: readonly Body[]): number {
  return bodies.reduce((sum, { before, step }) => sum + step.bytes + (before?.bytes ?? 0), 0);
}

export function linesOf(bodies: readonly Body[]): string[] {
  return bodies.flatMap(({ before, step }) => [
    ...(before ? ["  once:", ...before.steps.map((s) => `    ${s}`)] : []),
    "  each time:",
    ...step.steps.flatMap((s) => s.split("\n")).map((s) => `    ${s}`),
  ]);
}
