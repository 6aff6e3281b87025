import type { Data } from "../ir/dtype.ts";
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
 * A loop as code. The text is made of numbers and of names that stand here: nothing of it comes from a user. Throws
 * where a page's content security policy forbids code from strings.
 */
export function compiledLoop(step: PlannedStep, plan: Plan): RunStep {
  const kernels: Kernel[] = [];
  const slots = new Map<number, string>();
  const names = new Map<Node, string>();
  const head: string[] = [];
  const body: string[] = [];
  const read = (node: Node): string => {
    const inside = names.get(node);
    if (inside) return inside;
    const slot = plan.slots.get(node) as number;
    const scalar = (isStretchedScalar(node) || node.size === 1) && step.node.size !== 1;
    const key = scalar ? -slot - 1 : slot;
    let name = slots.get(key);
    if (!name) {
      name = `b${slots.size}`;
      slots.set(key, name);
      head.push(`const ${name} = v[${slot}]${scalar ? "[0]" : ""};`);
    }
    return scalar ? name : `${name}[i]`;
  };
  step.inner.forEach((node, k) => {
    const args = node.inputs.map(read);
    const operator = OPERATORS[node.primitive.name];
    let value: string;
    if (operator) value = operator(args[0], args[1]);
    else {
      const kernel = (node.primitive.kernel as (params: unknown) => Kernel)(node.params);
      value = `k[${kernels.push(kernel) - 1}](${[...args, "0", "0"].slice(0, 3).join(", ")})`;
    }
    if (node === step.node) body.push(`out[i] = ${value};`);
    else {
      const name = `t${k}`;
      names.set(node, name);
      body.push(`const ${name} = ${node.dtype === "f32" ? `Math.fround(${value})` : value};`);
    }
  });
  const out = plan.slots.get(step.node) as number;
  const calls = kernels.map((_, i) => `const k${i} = k[${i}];`).join(" ");
  const loop = body.join(" ").replace(/k\[(\d+)\]/g, "k$1");
  const text = `"use strict"; ${calls} return (v) => { ${head.join(" ")} const out = v[${out}]; for (let i = 0; i < ${step.node.size}; i++) { ${loop} } };`;
  return new Function("k", text)(kernels) as RunStep;
}
