import { allocate, type Data, type DType, dtypeOf } from "../ir/dtype.ts";
import type { Program } from "../ir/graph.ts";
import {
  type InputParams,
  isConstant,
  isInput,
  type Node,
  scalarValue,
  UnboundInputError,
} from "../ir/node.ts";
import type { ResultParams } from "../ir/primitive.ts";
import { partOf } from "../transforms/plan.ts";
import { sourceOf } from "./access.ts";
import { groupAt, type Schedule } from "./passes.ts";

/** Where a node's numbers are: a place in the list of buffers, and the element that a single number is. */
export interface Place {
  readonly slot: number;
  readonly at: number;
}

/** Whether an array is given, or to be filled, or held for all runs; and its number there. */
export interface Where {
  readonly among: "given" | "out" | "held";
  readonly index: number;
}

export interface Layout {
  placeOf(node: Node): Place;
  /** Whether it is written over an operand: after all else of its turn. */
  isLate(node: Node): boolean;
  /** Whether what is given and what is filled begins at places that are told in each run. */
  readonly inside: boolean;
  whereIs(slot: number): Where;
  /** Where a slot holds the rows of one block only: how long each is. */
  localRow(slot: number): number | undefined;
  /** The number of a constant that has only one. */
  literalOf(node: Node): number | undefined;
}

/** Where everything is when a program runs. Buffers are shared by nodes that are not needed at the same time. */
export interface Memory extends Layout {
  /** One place for each slot: undefined for inputs, results and what calls return. */
  readonly buffers: (Data | undefined)[];
  /** The numbers of a node as a typed array of its own, where its place holds others too. */
  readonly views: ReadonlyMap<Node, Data>;
  /** For each result, whether the steps write it straight into what the caller gives. */
  readonly direct: readonly boolean[];
  /** The nodes that are such results. */
  readonly results: ReadonlySet<Node>;
  /** Buffers of the calls that fill what they are given. */
  readonly filled: ReadonlyMap<Node, Data>;
  /** Results of control nodes that are read where these have them. */
  readonly parts: ReadonlySet<Node>;
  readonly bytes: number;
}

/** Calls that write into the buffer that they are given and return nothing else. */
export function fills({ primitive: { name, family } }: Node): boolean {
  return family === "control" || /^(contract|slice|sum|custom_root|linear_solve)$/.test(name);
}

/** `inside` a control node, inputs and results begin at places that are told in each run. */
export function layOut(program: Program, plan: Schedule, inside: boolean): Memory {
  const { order, steps, stored, outputs } = plan;
  const missing = order.find((n) => isInput(n) && !program.inputs.includes(n));
  if (missing) throw new UnboundInputError((missing.params as InputParams).name ?? `input #${missing.id}`);
  const buffers: (Data | undefined)[] = [];
  const places = new Map<Node, Place>();
  const views = new Map<Node, Data>();
  const filled = new Map<Node, Data>();
  const place = (node: Node, buffer?: Data): void => {
    places.set(node, { slot: buffers.push(buffer) - 1, at: 0 });
  };
  for (const n of program.inputs) place(n);
  for (const n of order)
    if (plan.kind(n) === "leaf" && !isInput(n)) place(n, n.buffer ?? n.primitive.evaluate([], n));
  const sources = outputs.map(sourceOf);
  const made = (n: Node) => plan.stepOf.has(n) && (stored.has(n) || plan.kind(n) === "call");
  const direct = sources.map((s, i) => made(s) && sources.indexOf(s) === i);
  const results = new Set(sources.filter((_, i) => direct[i]));
  for (const r of results) place(r);
  const outAt = new Map([...results].map((r) => [(places.get(r) as Place).slot, sources.indexOf(r)]));
  const parts = new Set<Node>();
  const localRows = new Map<number, number>();

  const pool = new Pool();
  const overwriting = new Set<Node>();
  const numbers: Node[] = [];
  const ends = lastReads(plan, new Set(sources));
  const leaving = steps.map((): Node[] => []);
  for (const [node, last] of ends) {
    // In a group every step writes again for the next rows.
    const end = (groupAt(plan, last)?.end ?? last + 1) - 1;
    if (end < steps.length) leaving[end].push(node);
  }
  steps.forEach((step, s) => {
    const group = groupAt(plan, s);
    const nodes = step.kind === "call" ? [step.node] : step.nodes.filter((n) => stored.has(n));
    for (const node of nodes) {
      if (places.has(node)) continue;
      if (step.kind === "loop" && node.size === 1 && node.dtype === "f64") {
        places.set(node, { slot: -1, at: numbers.push(node) - 1 });
        continue;
      }
      if (group?.local.has(node)) {
        const row = node.size / group.rows;
        localRows.set(buffers.length, row);
        place(node, pool.own(node.dtype, row * group.block));
        continue;
      }
      const last = step.kind === "loop" && !group && plan.kind(node) !== "reduction" ? leaving[s] : [];
      // An element that is read in its own turn only, for the last time, may be overwritten in that turn.
      const under = last.find(
        (o) => plan.reads[s].get(o) === 2 && o.dtype === node.dtype && pool.hand(o, node),
      );
      if (under) {
        overwriting.add(node);
        place(node, buffers[(places.get(under) as Place).slot]);
        continue;
      }
      const packed = partOfResults(node, buffers, places);
      if (packed) {
        parts.add(node);
        place(node, packed);
        continue;
      }
      const own = step.kind === "loop" || fills(node);
      const buffer = own ? pool.take(node) : undefined;
      if (step.kind === "call" && buffer) filled.set(node, buffer);
      place(node, buffer);
    }
    for (const node of leaving[s]) pool.give(node);
  });

  const heap = new Float64Array(numbers.length);
  const slot = numbers.length > 0 ? buffers.push(heap) - 1 : -1;
  numbers.forEach((n, at) => {
    places.set(n, { slot, at });
    views.set(n, heap.subarray(at, at + 1));
  });
  return {
    buffers,
    views,
    direct,
    results,
    filled,
    parts,
    bytes: pool.bytes + heap.byteLength,
    inside,
    whereIs: (slot) => {
      if (slot < program.inputs.length) return { among: "given", index: slot };
      const index = outAt.get(slot);
      return index === undefined ? { among: "held", index: slot } : { among: "out", index };
    },
    localRow: (slot) => localRows.get(slot),
    isLate: (node) => overwriting.has(node),
    placeOf: (node) => places.get(sourceOf(node)) as Place,
    literalOf: (node) => (isConstant(node) && node.size === 1 ? scalarValue(node) : undefined),
  };
}

/** A result of a control node as a view of what this one fills. */
function partOfResults(
  node: Node,
  buffers: readonly (Data | undefined)[],
  places: ReadonlyMap<Node, Place>,
): Data | undefined {
  if (node.primitive.family !== "result") return undefined;
  const packed = buffers[places.get(node.inputs[0])?.slot ?? -1];
  const { offset } = node.params as ResultParams;
  return packed && dtypeOf(packed) === node.dtype ? partOf(packed, offset, node.size) : undefined;
}

/** For each node that steps compute, the last step that reads it; results are read at the very end. */
function lastReads({ steps, reads, stepOf, kind }: Schedule, results: ReadonlySet<Node>): Map<Node, number> {
  const ends = new Map<Node, number>();
  const extend = (node: Node, to: number): void => {
    if (stepOf.has(node)) ends.set(node, Math.max(ends.get(node) ?? 0, to));
  };
  for (const r of results) extend(r, steps.length);
  for (let s = steps.length - 1; s >= 0; s--) {
    const step = steps[s];
    const nodes = [...reads[s].keys()].map(sourceOf);
    for (const n of nodes) extend(n, s);
    if (step.kind !== "call") continue;
    extend(step.node, s);
    // What a call returns may share its operands' memory.
    const end = ends.get(step.node) as number;
    if (!fills(step.node)) for (const n of nodes) extend(n, end);
  }
  for (const [n, s] of stepOf) if (kind(n) !== "call" && !ends.has(n)) ends.set(n, s);
  return ends;
}

/** Memory by blocks: the smallest free one that is large enough, or a new one. */
class Pool {
  bytes = 0;
  private readonly free: ArrayBuffer[] = [];
  private readonly held = new Map<Node, ArrayBuffer>();

  take(node: Node): Data {
    const empty = allocate(node.dtype, 0);
    const size = node.size * empty.BYTES_PER_ELEMENT;
    let best = -1;
    this.free.forEach((b, i) => {
      if (b.byteLength >= size && (best < 0 || b.byteLength < this.free[best].byteLength)) best = i;
    });
    // A block many times too large is better kept for what needs it.
    const fits = best >= 0 && this.free[best].byteLength <= 4 * size + 64;
    const block = fits ? this.free.splice(best, 1)[0] : new ArrayBuffer(size);
    if (!fits) this.bytes += size;
    this.held.set(node, block);
    return new (empty.constructor as Float64ArrayConstructor)(block, 0, node.size) as Data;
  }

  own(dtype: DType, size: number): Data {
    const data = allocate(dtype, size);
    this.bytes += data.byteLength;
    return data;
  }

  /** The block of one node, from now on another's. */
  hand(from: Node, to: Node): boolean {
    const block = this.held.get(from);
    if (!block || from.size !== to.size) return false;
    this.held.delete(from);
    this.held.set(to, block);
    return true;
  }

  give(node: Node): void {
    const block = this.held.get(node);
    if (block) this.free.push(block);
    this.held.delete(node);
  }
}
