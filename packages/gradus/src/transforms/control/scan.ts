import { input, type Node } from "../../ir/node.ts";
import { ShapeError, sameShape, showShape } from "../../ir/shape.ts";
import { flatten, type Structure, sameStructure, unflatten } from "../../ir/tree.ts";
import { cast } from "../../primitives/define.ts";
import { resultsOf } from "../../primitives/results.ts";
import type { AnyFunction } from "../trace.ts";
import { closeBody } from "./bodies.ts";
import { type ScanParams, scanRule } from "./scan-rule.ts";
import type { Tensors, Traceable } from "./types.ts";

export interface ScanOptions {
  /** How many steps; needed where nothing is read step by step, else checked against it. */
  readonly length?: number;
  /** Runs from the last step to the first; results are stacked in the order of the inputs all the same. */
  readonly reverse?: boolean;
}

/**
 * A loop: `step(carry, x)` gives `[next carry, y]`; the last carry and the stacked ys come back. `xs` is a tree of
 * tensors that are read slice by slice along their first axis, or null; the carry keeps its structure, shapes and
 * dtypes; a y of null stacks nothing. The body is traced once, and differentiated as a loop in every mode: reverse mode
 * stacks what the backward loop needs. As `jax.lax.scan`.
 */
export function scan<C, X, C2 extends Traceable<C>, Y>(
  step: (carry: Tensors<C>, x: Tensors<X>) => readonly [C2, Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [Tensors<C>, Tensors<Y>] {
  const { reverse = false } = options;
  const first = flatten(init, "scan: init");
  const read = xs === null || xs === undefined ? undefined : flatten(xs, "scan: xs");
  const slices = read?.leaves ?? [];
  const length = lengthOf(slices, options.length);
  const call = (carry: readonly Node[], x: readonly Node[]) =>
    stepResult(
      step as unknown as AnyFunction,
      unflatten(first.structure, carry, (n) => n),
      read ? unflatten(read.structure, x, (n) => n) : null,
      first.structure,
    );
  const traced = traceStep(call, first.leaves, slices);
  const { body, captured } = closeBody("scan", traced.own, traced.outputs);
  const params: ScanParams = {
    body,
    constants: captured.length,
    carry: first.leaves.length,
    length,
    reverse,
    views: [],
  };
  const results = resultsOf(scanRule, [...captured, ...traced.init, ...slices], params);
  const last = unflatten(first.structure, results, (n) => n);
  const stacked = traced.stacked && unflatten(traced.stacked, results.slice(params.carry), (n) => n);
  return [last, stacked] as [Tensors<C>, Tensors<Y>];
}

function lengthOf(slices: readonly Node[], given: number | undefined): number {
  if (given !== undefined && (!Number.isInteger(given) || given < 0))
    throw new RangeError(`scan: length must be a whole number from 0 on; got ${given}`);
  let length = given;
  for (const x of slices) {
    if (x.rank === 0)
      throw new ShapeError(
        "scan: xs holds a scalar, which has no first axis to step along: let the function read it from outside",
      );
    if (length !== undefined && x.shape[0] !== length) {
      const other = given === undefined ? "another has" : "the length given is";
      throw new ShapeError(
        `scan: a tensor of shape ${showShape(x.shape)} in xs has ${x.shape[0]} steps, ${other} ${length}`,
      );
    }
    length = x.shape[0];
  }
  if (length === undefined) throw new TypeError("scan: xs has no tensors: give { length }");
  return length;
}

interface StepResult {
  readonly carry: Node[];
  readonly y: Node[];
  readonly stacked: Structure | null;
}

function stepResult(step: AnyFunction, carry: unknown, x: unknown, expected: Structure): StepResult {
  const result = (step as (...args: unknown[]) => unknown)(carry, x);
  if (!Array.isArray(result) || result.length !== 2) {
    throw new TypeError(
      "scan: the function must return [carry, y]; return [carry, null] where there is nothing to stack",
    );
  }
  const next = flatten(result[0], "scan: carry");
  if (!sameStructure(next.structure, expected)) {
    throw new TypeError(
      "scan: the carry must keep its structure: return a tree with the keys and lengths of init",
    );
  }
  const y = result[1] === null || result[1] === undefined ? undefined : flatten(result[1], "scan: y");
  return { carry: next.leaves, y: y?.leaves ?? [], stacked: y?.structure ?? null };
}

/** Traces one step. A weak init (a number) takes the dtype that the step gives it. */
function traceStep(
  call: (carry: readonly Node[], x: readonly Node[]) => StepResult,
  given: readonly Node[],
  slices: readonly Node[],
) {
  let init = given;
  for (;;) {
    const carry = init.map((c) => input(c, {}, c.weak));
    const x = slices.map((s) => input({ shape: s.shape.slice(1), dtype: s.dtype }));
    const { carry: next, y, stacked } = call(carry, x);
    const adopted = init.map((c, i) => (c.weak && !next[i].weak ? cast(c, next[i].dtype) : c));
    if (adopted.some((c, i) => c !== init[i])) {
      init = adopted;
      continue;
    }
    next.forEach((n, i) => {
      checkKept("scan", n, init[i]);
    });
    const outputs = [...next.map((n, i) => cast(n, init[i].dtype)), ...y];
    return { own: [...carry, ...x], outputs, stacked, init };
  }
}

/** A carry keeps its type: a weak result may adopt that of the carry. */
export function checkKept(name: string, next: Node, before: Node): void {
  const type = (n: Node) => `${n.dtype}${showShape(n.shape)}`;
  if (sameShape(next.shape, before.shape) && (next.dtype === before.dtype || next.weak)) return;
  const mend = sameShape(next.shape, before.shape)
    ? `cast it, or begin with ${next.dtype}`
    : `begin with shape ${showShape(next.shape)}`;
  throw new ShapeError(
    `${name}: the carry must keep its type: it went in as ${type(before)} and came out as ${type(next)}; ${mend}`,
  );
}
