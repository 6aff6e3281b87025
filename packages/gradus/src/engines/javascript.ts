import { type Data, isFloat } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import { isStretchedScalar, type Plan, type PlannedStep } from "./plan.ts";

/** Fills the buffers of one step from those of its operands. */
export type RunStep = (buffers: (Data | undefined)[]) => void;

type Kernel = (x: number, y: number, z: number) => number;

/** Arithmetic that JavaScript has itself: the same rounding, without a call. */
const OPERATORS: Readonly<Record<string, (a: string, b: string) => string>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  neg: (a) => `-${a}`,
};

/**
 * Loops of one length as code, in one pass: what an earlier one made is still at hand for the later ones. The text is
 * made of numbers and of names that stand here: nothing of it comes from a user. Throws where a page's content security
 * policy forbids code from strings.
 */
export function compiledLoops(steps: readonly PlannedStep[], plan: Plan): RunStep {
  const { size } = steps[0].node;
  const kernels: Kernel[] = [];
  const operands = new Map<number, string>();
  const names = new Map<Node, string>();
  const made = new Map<number, string>();
  const head: string[] = [];
  const body: string[] = [];
  const read = (node: Node): string => {
    const slot = plan.slots.get(node);
    const inside = names.get(node) ?? (slot === undefined ? undefined : made.get(slot));
    if (inside || slot === undefined) return inside as string;
    const scalar = (isStretchedScalar(node) || node.size === 1) && size !== 1;
    const key = scalar ? -slot - 1 : slot;
    let name = operands.get(key);
    if (!name) {
      name = `b${operands.size}`;
      operands.set(key, name);
      head.push(`const ${name} = v[${slot}]${scalar ? "[0]" : ""};`);
    }
    return scalar ? name : `${name}[i]`;
  };
  for (const step of steps) {
    for (const node of step.inner) {
      const args = node.inputs.map(read);
      const operator = OPERATORS[node.primitive.name];
      let value: string;
      if (operator) value = operator(args[0], args[1]);
      else {
        const kernel = (node.primitive.kernel as (params: unknown) => Kernel)(node.params);
        value = `k${kernels.push(kernel) - 1}(${[...args, "0", "0"].slice(0, 3).join(", ")})`;
      }
      const name = `t${names.size}`;
      names.set(node, name);
      const slot = plan.slots.get(node) as number;
      if (node !== step.node) body.push(`const ${name} = ${rounded(node, value)};`);
      else {
        made.set(slot, name);
        head.push(`const o${slot} = v[${slot}];`);
        if (isFloat(node.dtype)) body.push(`const ${name} = ${rounded(node, value)}; o${slot}[i] = ${name};`);
        // Whole numbers wrap when they are stored.
        else body.push(`o${slot}[i] = ${value}; const ${name} = o${slot}[i];`);
      }
    }
  }
  const calls = kernels.map((_, i) => `const k${i} = k[${i}];`).join(" ");
  const text = `"use strict"; ${calls} return (v) => { ${head.join(" ")} for (let i = 0; i < ${size}; i++) { ${body.join(" ")} } };`;
  return new Function("k", text)(kernels) as RunStep;
}

const rounded = (node: Node, value: string): string =>
  node.dtype === "f32" ? `Math.fround(${value})` : value;
