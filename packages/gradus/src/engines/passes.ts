import type { Node } from "../ir/node.ts";
import type { Shape } from "../ir/shape.ts";
import { type Access, accessKey, inOwnRow, loopShape, ownAccess, throughView } from "./access.ts";
import { atOwnPlace, type Fusion } from "./fusion.ts";

/** Loops over one shape, run once for all of its nodes; or a primitive by its own rule. */
export interface Pass {
  readonly kind: "loop";
  readonly dims: Shape;
  /** Operands before users. */
  readonly nodes: Node[];
  operations: number;
}

export interface Call {
  readonly kind: "call";
  readonly node: Node;
}

/** Steps over the same rows, side by side, that are run together for one block of rows after the other. */
export interface RowGroup {
  readonly first: number;
  readonly end: number;
  readonly rows: number;
  /** How many rows at once. */
  readonly block: number;
  /** For each product in it, the letter that goes over the rows. */
  readonly letters: ReadonlyMap<Node, string>;
  /** What only these steps read, each block its own rows. */
  readonly local: ReadonlySet<Node>;
}

export interface Schedule extends Fusion {
  readonly steps: readonly (Pass | Call)[];
  readonly groups: readonly RowGroup[];
  /** The step that computes a node at its own place. */
  readonly stepOf: ReadonlyMap<Node, number>;
  /** Written to memory: kept, or read by a later step. */
  readonly stored: ReadonlySet<Node>;
  /** What a step reads from memory, and how near. */
  readonly reads: readonly ReadonlyMap<Node, Near>[];
}

/** Whether each element is read only in its own turn (2), or in the turns of its row of the first loop (1), or else (0). */
type Near = 0 | 1 | 2;

/** Longer loops have too many locals at once; straight-line code is not optimized at all from some length on. */
const MOST_IN_LOOP = 150;
const MOST_IN_LINE = 1500;

/** What a computation at its own place needs. */
interface Needs {
  /** Nodes at the same place: from the same pass, or from memory. */
  readonly beside: Set<Node>;
  /** Nodes that must be in memory before. */
  readonly before: Map<Node, Near>;
  operations: number;
}

/** Puts each node into the first pass over its shape that comes after all it needs. */
export function schedule(fusion: Fusion): Schedule {
  const { order, kind, own, kept } = fusion;
  const steps: (Pass | Call)[] = [];
  const byDims = new Map<string, number[]>();
  const stepOf = new Map<Node, number>();
  const stored = new Set(kept);
  const reads: Map<Node, Near>[] = [];
  for (const node of order) {
    if (kind(node) === "call") {
      stepOf.set(node, steps.push({ kind: "call", node }) - 1);
      reads.push(new Map(node.inputs.map((i) => [i, 0])));
      continue;
    }
    if (!own.has(node)) continue;
    const dims = loopDims(node, fusion);
    const needs = needsOf(node, dims, fusion);
    let earliest = 0;
    for (const o of needs.beside) earliest = Math.max(earliest, stepOf.get(o) as number);
    for (const o of needs.before.keys()) earliest = Math.max(earliest, (stepOf.get(o) ?? -1) + 1);
    const key = dims.join("x");
    let list = byDims.get(key);
    if (!list) byDims.set(key, (list = []));
    const most = dims.length === 0 ? MOST_IN_LINE : MOST_IN_LOOP;
    const room = (s: number) => (steps[s] as Pass).operations + needs.operations <= most;
    let found = list.find((s) => s >= earliest && room(s));
    if (found === undefined) {
      found = steps.push({ kind: "loop", dims, nodes: [], operations: 0 }) - 1;
      reads.push(new Map());
      list.push(found);
    }
    const pass = steps[found] as Pass;
    pass.nodes.push(node);
    pass.operations += needs.operations;
    stepOf.set(node, found);
    for (const [o, near] of needs.before) read(reads[found], o, near);
    for (const o of needs.beside) {
      if (stepOf.get(o) === found) continue;
      stored.add(o);
      read(reads[found], o, 2);
    }
  }
  return { ...fusion, steps, groups: [], stepOf, stored, reads };
}

function read(list: Map<Node, Near>, node: Node, near: Near): void {
  list.set(node, Math.min(near, list.get(node) ?? 2) as Near);
}

/** A reduction runs over its operand. */
const loopDims = (node: Node, { kind }: Fusion): Shape =>
  loopShape(kind(node) === "reduction" ? node.inputs[0].shape : node.shape);

function needsOf(node: Node, dims: Shape, { kind, own, kept }: Fusion): Needs {
  const needs: Needs = { beside: new Set(), before: new Map(), operations: 0 };
  const seen = new Set<string>();
  const inside = (o: Node, access: Access): void => {
    needs.operations++;
    if (kind(o) === "pointwise") for (const i of o.inputs) visit(i, access);
    else for (const p of throughView(o, access, dims) ?? []) visit(p.node, p.access);
  };
  const visit = (o: Node, access: Access): void => {
    const key = `${o.id}@${accessKey(access, dims.length)}`;
    if (seen.has(key)) return;
    seen.add(key);
    const aligned = atOwnPlace(o, access, dims);
    if (own.has(o) && kind(o) !== "reduction" && aligned) needs.beside.add(o);
    else if (kind(o) === "leaf" || kept.has(o))
      read(needs.before, o, aligned ? 2 : inOwnRow(access, o.size, dims) ? 1 : 0);
    else inside(o, access);
  };
  if (kind(node) === "reduction") {
    needs.operations++;
    visit(node.inputs[0], ownAccess(node.inputs[0].shape));
  } else inside(node, ownAccess(node.shape));
  return needs;
}

/** Whether a pass computes it, where it is read so; else it is read from memory or computed again. */
export function isBeside(o: Node, access: Access, pass: Pass, step: number, plan: Schedule): boolean {
  return plan.stepOf.get(o) === step && plan.kind(o) !== "reduction" && atOwnPlace(o, access, pass.dims);
}

/** The group that a step is in. */
export const groupAt = ({ groups }: Schedule, step: number): RowGroup | undefined =>
  groups.find(({ first, end }) => first <= step && step < end);
