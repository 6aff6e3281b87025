import type { Node } from "../ir/node.ts";
import { lettersOfRows } from "../primitives/contraction.ts";
import { reducedDims, sourceOf } from "./access.ts";
import type { Pass, RowGroup, Schedule } from "./passes.ts";

/*
 * Steps over the same many rows are run block by block, so that what one step has read or written is in the cache when
 * the next one reads it, and results on the way are held for one block only. Every sum goes over the rows in its old
 * order, so no bit changes.
 */

/** What a block reads and writes stays in the cache. */
const BLOCK_BYTES = 2 ** 18;
/** Products of fewer rows would copy their other operand too often. */
const LEAST_ROWS = 128;
/** Rows in groups of eight are done fastest. */
const EIGHT = 8;

/** What each step reads and writes in memory, and the steps that it needs. */
interface Traffic {
  readonly plan: Schedule;
  readonly reads: readonly ReadonlySet<Node>[];
  readonly writes: readonly (readonly Node[])[];
  readonly needs: readonly ReadonlySet<number>[];
}

/** A group in the making. */
interface Found {
  /** Steps that must or may run before it. */
  readonly before: Set<number>;
  readonly steps: Set<number>;
  readonly letters: Map<Node, string>;
  /** Sums over all rows: known after the last block. */
  readonly totals: Set<Node>;
}

/** The schedule with the steps of each group side by side. */
export function inRowGroups(plan: Schedule): Schedule {
  const isLarge = (n: Node) => 8 * n.size > BLOCK_BYTES;
  if (!plan.order.some(isLarge)) return plan;
  const traffic = trafficOf(plan);
  const order = new Set<number>();
  const groups: RowGroup[] = [];
  for (const s of plan.steps.keys()) {
    if (order.has(s)) continue;
    const large = [...traffic.reads[s], ...traffic.writes[s]].some(isLarge);
    for (const rows of large ? rowCounts(plan.steps[s]) : []) {
      const found = grown(rows, order, traffic);
      const block = blockOf(found, rows, traffic);
      if (found.steps.size < 2 || rows < 2 * block) continue;
      for (const t of found.before) order.add(t);
      const first = order.size;
      for (const t of found.steps) order.add(t);
      const { letters } = found;
      groups.push({ first, end: order.size, rows, block, letters, local: localTo(found, traffic) });
      break;
    }
    order.add(s);
  }
  const steps = [...order];
  const places = new Map(steps.map((s, at) => [s, at]));
  return {
    ...plan,
    groups,
    steps: steps.map((s) => plan.steps[s]),
    reads: steps.map((s) => plan.reads[s]),
    stepOf: new Map([...plan.stepOf].map(([n, s]) => [n, places.get(s) as number])),
  };
}

function trafficOf(plan: Schedule): Traffic {
  const { steps, stepOf, stored } = plan;
  const reads = plan.reads.map((list) => new Set([...list.keys()].map(sourceOf)));
  return {
    plan,
    reads,
    writes: steps.map((s) => (s.kind === "call" ? [s.node] : s.nodes.filter((n) => stored.has(n)))),
    needs: reads.map((list) => new Set([...list].flatMap((n) => stepOf.get(n) ?? []))),
  };
}

/** Numbers of rows that a step may be run by. */
function rowCounts(step: Schedule["steps"][number]): Iterable<number> {
  if (step.kind === "loop") return step.dims.slice(0, 1);
  return step.node.primitive.name === "contract" ? new Set(lettersOfRows(step.node).values()) : [];
}

/** All steps that may run together, from the first that has not run; what may run before them does. */
function grown(rows: number, done: ReadonlySet<number>, traffic: Traffic): Found {
  const found: Found = { before: new Set(), steps: new Set(), letters: new Map(), totals: new Set() };
  for (const s of traffic.plan.steps.keys()) {
    if (done.has(s)) continue;
    const open = [...traffic.needs[s]].filter((o) => o !== s && !done.has(o) && !found.before.has(o));
    if (!open.every((o) => found.steps.has(o))) continue;
    if (takes(found, s, rows, traffic)) found.steps.add(s);
    else if (open.length === 0) found.before.add(s);
  }
  return found;
}

/** Takes a step in, if its blocks need nothing of the others but the same block. */
function takes(found: Found, s: number, rows: number, { plan }: Traffic): boolean {
  const step = plan.steps[s];
  const isInside = (n: Node) => found.steps.has(plan.stepOf.get(sourceOf(n)) as number);
  const isTotal = (n: Node) => found.totals.has(sourceOf(n));
  if (step.kind === "loop") {
    if (step.dims[0] !== rows) return false;
    for (const [n, near] of plan.reads[s]) if (isInside(n) && (near === 0 || isTotal(n))) return false;
    return takesSums(found, step, plan);
  }
  const { node } = step;
  if (node.primitive.name !== "contract" || node.inputs.some(isTotal)) return false;
  const { a, b, out } = node.params as Record<"a" | "b" | "out", string>;
  for (const [letter, size] of lettersOfRows(node)) {
    const whole = node.inputs.filter((_, i) => ![a, b][i].includes(letter));
    if (size !== rows || whole.some(isInside)) continue;
    found.letters.set(node, letter);
    if (!out.includes(letter)) found.totals.add(node);
    return true;
  }
  return false;
}

/** Sums and the like must be done when their row is, or go over all rows. */
function takesSums(found: Found, { nodes }: Pass, { kind }: Schedule): boolean {
  const sums = nodes
    .filter((n) => kind(n) === "reduction")
    .map((node) => ({ node, over: reducedDims(node) }));
  if (sums.some(({ over }) => !over[0] && over.slice(0, over.lastIndexOf(false)).includes(true)))
    return false;
  for (const { node, over } of sums) if (over[0]) found.totals.add(node);
  return true;
}

/** How many rows at once. */
function blockOf({ steps }: Found, rows: number, { reads, writes }: Traffic): number {
  const all = new Set([...steps].flatMap((s) => [...reads[s], ...writes[s]]));
  const row = [...all]
    .filter((n) => n.size > 0 && n.size % rows === 0)
    .reduce((sum, n) => sum + n.size / rows, 0);
  return Math.max(LEAST_ROWS, EIGHT * Math.floor(BLOCK_BYTES / 8 / EIGHT / row));
}

/** What the steps of a group write for each other only. */
function localTo({ steps, totals }: Found, { plan, reads, writes }: Traffic): Set<Node> {
  const local = new Set([...steps].flatMap((s) => writes[s]).filter((n) => !totals.has(n)));
  for (const o of plan.outputs) local.delete(sourceOf(o));
  reads.forEach((list, s) => {
    if (!steps.has(s)) for (const n of list) local.delete(n);
  });
  return local;
}
