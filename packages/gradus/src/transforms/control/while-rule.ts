import { allocate, type Data } from "../../ir/dtype.ts";
import { TransformError } from "../../ir/errors.ts";
import { dependents, type Program, topologicalOrder } from "../../ir/graph.ts";
import { input, type Node, type Zero } from "../../ir/node.ts";
import type { Batch, Control, View } from "../../ir/primitive.ts";
import { greater } from "../../primitives/comparison.ts";
import { broadcastTo, cast } from "../../primitives/define.ts";
import { sum } from "../../primitives/reduction.ts";
import { control, pack, resultsOf } from "../../primitives/results.ts";
import { at } from "../../primitives/slicing.ts";
import { reshape, where } from "../../primitives/structure.ts";
import { batchGraph } from "../batch.ts";
import { nodeByNode } from "../plan.ts";
import { constantSeries, seriesGraph } from "../series.ts";
import { tangents } from "../tangent.ts";
import { fit, inputsFor, movedViews, placesOf, seedsOf, wholeView } from "./bodies.ts";
import { nodesRead, shareControl } from "./share.ts";

/** A loop for as long as a condition holds. Condition and body have the same inputs: [constants, carry]. */
export interface WhileParams {
  readonly condition: Program;
  readonly body: Program;
  readonly constants: number;
  readonly maxSteps: number;
  /** What to say where they are used up. */
  readonly stillGoing: string;
  readonly views: readonly View[];
}

/** A loop while it is put together: inner nodes beside what they stand for. */
interface WhileParts {
  readonly constants: readonly (readonly [inner: Node, outer: Node])[];
  readonly carry: readonly { readonly inner: Node; readonly first: Node; readonly next: Node }[];
  readonly condition: Node;
}

function build({ constants, carry, condition }: WhileParts, p: WhileParams, views: readonly View[]): Node[] {
  const inputs = [...constants.map((c) => c[0]), ...carry.map((c) => c.inner)];
  const params: WhileParams = {
    ...p,
    views,
    constants: constants.length,
    condition: { inputs, outputs: shareControl([condition]) },
    body: { inputs, outputs: shareControl(carry.map((c) => fit(c.next, c.inner))) },
  };
  const outer = [
    ...constants.map(([inner, node]) => fit(node, inner)),
    ...carry.map((c) => fit(c.first, c.inner)),
  ];
  return resultsOf(whileRule, outer, params);
}

function partsOf(node: Node): WhileParts {
  const { body, condition, constants } = node.params as WhileParams;
  const pairs = body.inputs.map((inner, i) => [inner, node.inputs[i]] as const);
  return {
    constants: pairs.slice(0, constants),
    carry: pairs.slice(constants).map(([inner, first], c) => ({ inner, first, next: body.outputs[c] })),
    condition: condition.outputs[0],
  };
}

function evaluateWhile(inputs: readonly Data[], node: Node, out?: Data, bodies = nodeByNode): Data {
  const { condition, body, constants, maxSteps, stillGoing } = node.params as WhileParams;
  const fixed = inputs.slice(0, constants);
  const [holds, step] = [condition, body].map((b) => bodies(b, constants)(fixed));
  const types = body.inputs.slice(constants);
  const zeros = types.map(() => 0);
  const truth = [new Uint8Array(1)];
  // A step reads one set of arrays and writes the other.
  const sets = [0, 1].map(() => types.map((t) => allocate(t.dtype, t.size)));
  let carry: readonly Data[] = inputs.slice(constants);
  for (let n = 0; ; n++) {
    holds(carry, zeros, truth, [0]);
    if (truth[0][0] === 0) break;
    if (n === maxSteps) throw new RangeError(stillGoing);
    const next = sets[n % 2];
    step(carry, zeros, next, zeros);
    carry = next;
  }
  return pack(types, carry, out);
}

/** Marks the carries that `varies` names, until nothing more is added. */
function grown<T>(
  p: WhileParams,
  marked: readonly boolean[],
  step: (flags: readonly boolean[]) => { varies: (carry: number) => boolean; found: T },
): { flags: boolean[]; found: T } {
  const flags = [...marked];
  for (;;) {
    const { varies, found } = step(flags);
    const more = flags.flatMap((f, i) => (!f && i >= p.constants && varies(i - p.constants) ? [i] : []));
    if (more.length === 0) return { flags, found };
    for (const i of more) flags[i] = true;
  }
}

/** Inputs that vary in some step; where the number of steps does, every carry. */
function flowOf(p: WhileParams, active: readonly boolean[]): boolean[] {
  const order = topologicalOrder([...p.body.outputs, ...p.condition.outputs]);
  const { flags, found } = grown(p, active, (marked) => {
    const late = dependents(
      order,
      p.body.inputs.filter((_, i) => marked[i]),
    );
    return { varies: (c) => late.has(p.body.outputs[c]), found: late };
  });
  if (!found.has(p.condition.outputs[0])) return flags;
  return flags.map((f, i) => f || i >= p.constants);
}

function whileTangent(node: Node, dx: readonly (Node | Zero)[]): (Node | Zero)[] {
  const p = node.params as WhileParams;
  const { inputs, outputs } = p.body;
  const marked = dx.map((d) => d !== null);
  const { flags, found } = grown(p, marked, (live) => {
    const d = inputsFor(inputs, live);
    const dy = tangents(outputs, seedsOf(inputs, d));
    return { varies: (c) => dy[c] !== null, found: { d, dy } };
  });
  const { d, dy } = found;
  const parts = partsOf(node);
  const pairs = d.map(
    (inner, i) => inner && { inner, outer: fit(dx[i], inputs[i]), next: dy[i - p.constants] },
  );
  const constants = pairs.slice(0, p.constants).filter((x) => x !== null);
  const carry = pairs
    .slice(p.constants)
    .filter((x) => x !== null)
    .map(({ inner, outer, next }) => ({ inner, first: outer, next: fit(next, inner) }));
  const count = parts.carry.length;
  const views = movedViews(
    [wholeView(p, inputs.length, count), ...p.views],
    (i) => i + (i >= p.constants ? constants.length : 0),
    (r) => r,
  );
  const all: WhileParts = {
    constants: [...parts.constants, ...constants.map((c) => [c.inner, c.outer] as const)],
    carry: [...parts.carry, ...carry],
    condition: parts.condition,
  };
  const results = build(all, p, views);
  return placesOf(flags.slice(p.constants)).map((place) => (place < 0 ? null : results[count + place]));
}

/** A new first axis on what varies. */
function widened(
  node: Node,
  given: readonly (Node | null)[],
  flags: readonly boolean[],
  first: (x: Node) => Node,
  lifted: { inner: readonly Node[]; next: readonly Node[]; condition: Node },
): Node[] {
  const p = node.params as WhileParams;
  const { inner, next, condition } = lifted;
  const outer = inner.map((_, i) => {
    const x = given[i] ?? node.inputs[i];
    return flags[i] && !given[i] ? first(x) : x;
  });
  return build(
    {
      constants: inner.slice(0, p.constants).map((x, i) => [x, outer[i]] as const),
      carry: inner
        .slice(p.constants)
        .map((x, c) => ({ inner: x, first: outer[p.constants + c], next: next[c] })),
      condition,
    },
    p,
    [],
  );
}

const wideInputs = (inputs: readonly Node[], flags: readonly boolean[], size: number): Node[] =>
  inputs.map((x, i) => (flags[i] ? input({ shape: [size, ...x.shape], dtype: x.dtype }) : x));

function whileBatch(
  inputs: readonly Node[],
  batched: readonly boolean[],
  node: Node,
  size: number,
): readonly Batch[] {
  const p = node.params as WhileParams;
  const full = (x: Node) => broadcastTo(x, [size, ...x.shape]);
  const outputs = [...p.body.outputs, ...p.condition.outputs];
  const lift = (marked: readonly boolean[]) => {
    const inner = wideInputs(p.body.inputs, marked, size);
    const seeds = seedsOf(
      p.body.inputs,
      inner.map((x, i) => (marked[i] ? x : null)),
    );
    const out = batchGraph(outputs, seeds, size);
    return { varies: (c: number) => out[c].varies, found: { inner, out } };
  };
  let { flags, found } = grown(p, batched, lift);
  const rowwise = found.out[p.body.outputs.length].varies;
  if (rowwise) {
    // Rows stop at different steps: from then on, a row keeps its carry.
    flags = flags.map((f, i) => f || i >= p.constants);
    found = lift(flags).found;
  }
  const { inner, out } = found;
  const holds = out[p.body.outputs.length].node;
  const next = out.slice(0, -1).map((b, c) => {
    const wide = flags[p.constants + c] && !b.varies ? full(b.node) : b.node;
    if (!rowwise) return wide;
    const mask = reshape(holds, [size, ...wide.shape.slice(1).map(() => 1)]);
    return where(mask, wide, inner[p.constants + c]);
  });
  const condition = rowwise ? greater(sum(cast(holds, "i32")), 0) : holds;
  const given = inputs.map((x, i) => (batched[i] ? x : null));
  const results = widened(node, given, flags, full, { inner, next, condition });
  return results.map((r, c) => ({ node: r, varies: flags[p.constants + c] }));
}

function whileSeries(node: Node, series: readonly (Node | null)[], order: number): (Node | null)[] {
  const p = node.params as WhileParams;
  const given = series.map((s) => s !== null);
  const size = order + 1;
  const { flags } = grown(p, given, (marked) => {
    const late = dependents(
      topologicalOrder(p.body.outputs),
      p.body.inputs.filter((_, i) => marked[i]),
    );
    return { varies: (c) => late.has(p.body.outputs[c]), found: undefined };
  });
  const inner = wideInputs(p.body.inputs, flags, size);
  const seeds = seedsOf(
    p.body.inputs,
    inner.map((x, i) => (flags[i] ? x : null)),
  );
  const lifted = seriesGraph([...p.body.outputs, ...p.condition.outputs], seeds, order);
  const next = p.body.outputs.map((o, c) => (flags[p.constants + c] ? lifted[c] : o));
  // The number of steps must not change around the point: the lifted condition checks it.
  const condition = at(lifted[next.length], 0);
  const results = widened(node, series, flags, (x) => constantSeries(x, order), {
    inner,
    next,
    condition,
  });
  const jumps = flowOf(p, given);
  return results.map((r, c) => {
    if (flags[p.constants + c]) return r;
    return jumps[p.constants + c] ? constantSeries(r, order) : null;
  });
}

function whilePrune(node: Node, used: readonly boolean[]): (Node | undefined)[] | undefined {
  const p = node.params as WhileParams;
  const { condition, body, constants } = p;
  const readFirst = nodesRead(condition.outputs);
  const first = used.map((u, c) => u || readFirst.has(body.inputs[constants + c]));
  const { flags } = grown(p, [...body.inputs.slice(0, constants).map(() => false), ...first], (marked) => {
    const read = nodesRead(body.outputs.filter((_, c) => marked[constants + c]));
    return { varies: (c) => read.has(body.inputs[constants + c]), found: undefined };
  });
  const needed = flags.slice(constants);
  const read = new Set([...readFirst, ...nodesRead(body.outputs.filter((_, c) => needed[c]))]);
  const keeps = body.inputs.map((x, i) => (i < constants ? read.has(x) : flags[i]));
  if (!keeps.includes(false)) return undefined;
  const all = partsOf(node);
  const [places, to] = [placesOf(keeps), placesOf(needed)];
  const views = movedViews(
    p.views,
    (i) => places[i],
    (r) => to[r],
  );
  const parts: WhileParts = {
    ...all,
    constants: all.constants.filter((_, i) => keeps[i]),
    carry: all.carry.filter((_, c) => needed[c]),
  };
  const results = build(parts, p, views);
  return to.map((place) => results[place]);
}

export const whileRule: Control = control<WhileParams>({
  name: "while_loop",
  bodies: (p) => [p.condition, p.body],
  constants: (p) => p.constants,
  results: (p) => p.body.inputs.slice(p.constants),
  evaluate: evaluateWhile,
  dependence: (p, active) => flowOf(p, active).slice(p.constants),
  tangent: whileTangent,
  transpose: () => {
    throw new TransformError(
      "whileLoop: reverse mode (grad, vjp, jacrev) would have to keep every step, and how many there are is not known " +
        "beforehand: use scan with a length, fixedPoint or customRoot where it iterates to a solution, or forward mode (jvp, jacfwd)",
    );
  },
  batch: whileBatch,
  series: whileSeries,
  prune: whilePrune,
  views: (p) => p.views,
});
