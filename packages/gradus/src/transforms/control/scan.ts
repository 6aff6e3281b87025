import { input, type Node } from "../../ir/node.ts";
import { ShapeError, showShape } from "../../ir/shape.ts";
import { flatten, type Structure, unflatten } from "../../ir/tree.ts";
import { resultsOf } from "../../primitives/results.ts";
import { concatenate, slice } from "../../primitives/slicing.ts";
import { reshape } from "../../primitives/structure.ts";
import { closeBody } from "./bodies.ts";
import { carryLeaves, traceCarry } from "./carry.ts";
import { remat } from "./remat.ts";
import { type ScanParams, scanRule } from "./scan-rule.ts";
import type { Tensors, Traceable } from "./types.ts";

export interface ScanOptions {
  /** How many steps; needed where nothing is read step by step, else checked against it. */
  readonly length?: number;
  /** Runs from the last step to the first; results are stacked in the order of the inputs all the same. */
  readonly reverse?: boolean;
  /**
   * Reverse mode keeps the carry at the ends of segments of this length only and computes the steps between again: for
   * T steps and segments of √T (`true`), memory grows as √T, for about one more evaluation.
   */
  readonly checkpoint?: boolean | number;
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
  const segment = segmentOf(options.checkpoint, length);
  if (segment !== undefined && segment < length) {
    const parts = { structure: read?.structure, slices, length, segment, reverse };
    return inSegments(step as AnyStep, init, parts) as [Tensors<C>, Tensors<Y>];
  }
  const x = slices.map((s) => input({ shape: s.shape.slice(1), dtype: s.dtype }));
  const traced = traceCarry("scan", first.leaves, (carry) =>
    stepResult(
      step(tree(first.structure, carry) as never, (read ? tree(read.structure, x) : null) as never),
      first.structure,
    ),
  );
  const y = traced.rest;
  const { body, captured } = closeBody("scan", [...traced.own, ...x], [...traced.next, ...(y?.leaves ?? [])]);
  const params: ScanParams = {
    body,
    constants: captured.length,
    carry: traced.own.length,
    length,
    reverse,
    views: [],
  };
  const results = resultsOf(scanRule, [...captured, ...traced.first, ...slices], params);
  const last = tree(first.structure, results);
  const stacked = y ? tree(y.structure, results.slice(params.carry)) : null;
  return [last, stacked] as [Tensors<C>, Tensors<Y>];
}

const tree = (structure: Structure, nodes: readonly Node[]) => unflatten(structure, nodes, (n) => n);

function segmentOf(checkpoint: boolean | number | undefined, length: number): number | undefined {
  if (checkpoint === undefined || checkpoint === false) return undefined;
  if (checkpoint === true) return Math.ceil(Math.sqrt(length));
  if (Number.isInteger(checkpoint) && checkpoint > 0) return checkpoint;
  throw new RangeError(
    `scan: checkpoint must be true or the length of a segment, a whole number from 1 on; got ${checkpoint}`,
  );
}

type AnyStep = (carry: never, x: never) => readonly [unknown, unknown];

interface Segments {
  readonly structure: Structure | undefined;
  readonly slices: readonly Node[];
  readonly length: number;
  readonly segment: number;
  readonly reverse: boolean;
}

/** A loop over segments, each of which is computed again when reverse mode needs it; what is left over runs last. */
function inSegments(step: AnyStep, init: unknown, of: Segments): [unknown, unknown] {
  const { segment, reverse } = of;
  const count = Math.floor(of.length / segment);
  const rest = of.length - count * segment;
  const inner =
    (length: number) =>
    (carry: unknown, x: unknown): [unknown, unknown] => {
      // What is null is left out: a tree has none.
      const run = (c: unknown, read: unknown) => {
        const [last, y] = scan(step as never, c, read, { length, reverse }) as [unknown, unknown];
        return y === null ? { last } : { last, y };
      };
      const done = x === null ? remat((c: unknown) => run(c, null))(carry) : remat(run)(carry, x);
      return [done.last, done.y ?? null];
    };
  const cut = (from: number, to: number, lead: readonly number[]) =>
    of.structure === undefined
      ? null
      : tree(
          of.structure,
          of.slices.map((x) => reshape(slice(x, [from], [to]), [...lead, ...x.shape.slice(1)])),
        );
  const begin = reverse ? rest : 0;
  const main = cut(begin, begin + count * segment, [count, segment]);
  const [carry, ys] = scan(inner(segment) as never, init, main, { length: count, reverse });
  const joined = (y: Node) => reshape(y, [count * segment, ...y.shape.slice(2)]);
  if (rest === 0) return [carry, ys && mapTree(ys, joined)];
  const from = reverse ? 0 : count * segment;
  const [last, tail] = inner(rest)(carry, cut(from, from + rest, [rest]));
  const tails = tail ? flatten(tail).leaves : [];
  let next = 0;
  const whole = (y: Node) => {
    const pair = [joined(y), tails[next++]];
    return concatenate(reverse ? pair.reverse() : pair);
  };
  return [last, ys && mapTree(ys, whole)];
}

function mapTree(value: unknown, f: (n: Node) => Node): unknown {
  const { leaves, structure } = flatten(value);
  return tree(structure, leaves.map(f));
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

/** Takes the result of a step apart: [next carry, y]. */
function stepResult(result: unknown, expected: Structure) {
  if (!Array.isArray(result) || result.length !== 2) {
    throw new TypeError(
      "scan: the function must return [carry, y]; return [carry, null] where there is nothing to stack",
    );
  }
  const [carry, y] = result as unknown[];
  const rest = y === null || y === undefined ? undefined : flatten(y, "scan: y");
  return { next: carryLeaves("scan", carry, expected), rest };
}
