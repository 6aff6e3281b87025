import { readFileSync } from "node:fs";
import { hvp, type Tensor, tensor, valueAndGrad } from "gradus";
import { expect } from "vitest";
import { topologicalOrder } from "../src/ir/graph.ts";
import type { Node } from "../src/ir/node.ts";
import type { Control } from "../src/ir/primitive.ts";

export const data = (t: unknown): number[] =>
  typeof t === "number" ? [t] : [...(t as Tensor).toTypedArray()];

/** The leaves of lists of tensors, one after the other. */
export const flat = (t: unknown): number[] => (Array.isArray(t) ? t.flatMap(flat) : data(t));

export function allNear(a: readonly number[], b: readonly number[], tolerance: number): void {
  expect(a.length).toBe(b.length);
  a.forEach((v, i) => {
    const size = Math.max(1, Math.abs(v), Math.abs(b[i]));
    if (Number.isNaN(v) && Number.isNaN(b[i])) return;
    expect(Math.abs(v - b[i]) / size, `${v} and ${b[i]} at ${i}`).toBeLessThanOrEqual(tolerance);
  });
}

/** a sin(b k), k = 1 …: as `reference/jax_control.py` makes its numbers. */
export const wave = (shape: readonly number[], a: number, b: number): Tensor =>
  tensor(
    Float64Array.from({ length: shape.reduce((x, y) => x * y, 1) }, (_, k) => a * Math.sin(b * (k + 1))),
  ).reshape(shape);

interface Row {
  readonly value: number;
  readonly gradient: number[];
  readonly hvp: number[];
  readonly tangent: number;
}

export const reference: Record<string, Row> = JSON.parse(
  readFileSync(new URL("./reference/jax-control.json", import.meta.url), "utf8"),
);

/** Value, gradient and Hessian-vector product against JAX. */
export function agrees(
  name: string,
  f: (p: Tensor[]) => Tensor,
  p: Tensor[],
  v: Tensor[],
  tolerance: number,
) {
  const row = reference[name];
  const { value, gradient } = valueAndGrad(f)(p);
  allNear(flat(value), [row.value], tolerance);
  allNear(flat(gradient), row.gradient, tolerance);
  allNear(flat(hvp(f, p, v)), row.hvp, tolerance * 10);
}

/** The control nodes of a graph by name, bodies included. */
export function controlsIn(outputs: readonly Node[]): string[] {
  return topologicalOrder(outputs).flatMap((n) => {
    if (n.primitive.family !== "control") return [];
    const { bodies } = n.primitive as Control;
    return [n.primitive.name, ...bodies(n.params).flatMap((b) => controlsIn(b.outputs))];
  });
}

/** Sizes of what the control nodes of a graph give, those in bodies included. */
export function sizesOf(outputs: readonly Node[]): number[] {
  return topologicalOrder(outputs).flatMap((n) => {
    if (n.primitive.family !== "control") return [];
    return [n.size, ...(n.primitive as Control).bodies(n.params).flatMap((b) => sizesOf(b.outputs))];
  });
}
