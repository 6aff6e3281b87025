import { allocate, type Data } from "../../ir/dtype.ts";
import { dependents, type Program, topologicalOrder } from "../../ir/graph.ts";
import { input, type Node, type Typed, type Zero } from "../../ir/node.ts";
import type { Batch, Control, View } from "../../ir/primitive.ts";
import { broadcastTo } from "../../primitives/define.ts";
import { control, resultsOf, room } from "../../primitives/results.ts";
import { moveAxis } from "../../primitives/structure.ts";
import { batchGraph } from "../batch.ts";
import { nodeByNode } from "../plan.ts";
import { constantSeries, seriesGraph } from "../series.ts";
import { tangents } from "../tangent.ts";
import { fit, inputsFor, movedViews, placesOf, seedsOf, wholeView } from "./bodies.ts";
import { transposeScan } from "./scan-transpose.ts";
import { nodesRead, shareControl } from "./share.ts";

/**
 * A loop of `length` steps. Inputs: what every step reads, the first carry, and what is read slice by slice. The body
 * maps [constants, carry, slices] to [next carry, slices of the stacked results].
 */
export interface ScanParams {
  readonly body: Program;
  /** How many of the inputs are constants, and how many the carry has. */
  readonly constants: number;
  readonly carry: number;
  readonly length: number;
  readonly reverse: boolean;
  readonly views: readonly View[];
}

/** A scan while it is put together: nodes of the body beside what they stand for outside. */
export interface ScanParts {
  readonly constants: (readonly [inner: Node, outer: Node])[];
  readonly carry: { readonly inner: Node; readonly first: Node; readonly next: Node }[];
  readonly slices: (readonly [inner: Node, outer: Node])[];
  readonly stacked: Node[];
}

type Mode = Pick<ScanParams, "length" | "reverse"> & Partial<Pick<ScanParams, "views">>;

/** The node of these parts: the last carry, and the stacked results. */
export function buildScan(parts: ScanParts, mode: Mode): { carry: Node[]; stacked: Node[] } {
  const { constants, carry, slices, stacked } = parts;
  const body: Program = {
    inputs: [...constants.map((c) => c[0]), ...carry.map((c) => c.inner), ...slices.map((s) => s[0])],
    outputs: shareControl([...carry.map((c) => fit(c.next, c.inner)), ...stacked]),
  };
  const outer = [
    ...constants.map(([inner, node]) => fit(node, inner)),
    ...carry.map((c) => fit(c.first, c.inner)),
    ...slices.map((s) => s[1]),
  ];
  const params: ScanParams = { views: [], ...mode, body, constants: constants.length, carry: carry.length };
  const results = resultsOf(scanRule, outer, params);
  return { carry: results.slice(0, carry.length), stacked: results.slice(carry.length) };
}

/** What a scan is made of, by the places of the body's inputs. */
export function partition(p: ScanParams) {
  const firstSlice = p.constants + p.carry;
  return {
    kindOf: (i: number) =>
      i < p.constants ? ("constant" as const) : i < firstSlice ? ("carry" as const) : ("slice" as const),
    carryAt: (c: number) => p.constants + c,
    firstSlice,
  };
}

const flowCache = new WeakMap<ScanParams, Map<string, Flow>>();

interface Flow {
  /** Body inputs that vary in some step. */
  readonly inputs: readonly boolean[];
  /** Body outputs that do. */
  readonly outputs: readonly boolean[];
}

/** What depends on the inputs marked, over all steps: the carry takes it on, until nothing more is added. */
export function flowOf(p: ScanParams, active: readonly boolean[]): Flow {
  let cache = flowCache.get(p);
  if (!cache) flowCache.set(p, (cache = new Map()));
  const key = active.map(Number).join("");
  const known = cache.get(key);
  if (known) return known;
  const inputs = [...active];
  const order = topologicalOrder(p.body.outputs);
  for (;;) {
    const found = dependents(
      order,
      p.body.inputs.filter((_, i) => inputs[i]),
    );
    const outputs = p.body.outputs.map((o) => found.has(o));
    const more = grow(p, inputs, (c) => outputs[c]);
    if (more) continue;
    const flow = { inputs, outputs };
    cache.set(key, flow);
    return flow;
  }
}

/** Marks the carries that a step makes vary; whether there was a new one. */
function grow(p: ScanParams, inputs: boolean[], varies: (carry: number) => boolean): boolean {
  let more = false;
  for (let c = 0; c < p.carry; c++) {
    const i = p.constants + c;
    if (inputs[i] || !varies(c)) continue;
    inputs[i] = true;
    more = true;
  }
  return more;
}

function scanResults(p: ScanParams): Typed[] {
  return p.body.outputs.map((o, i) =>
    i < p.carry ? p.body.inputs[p.constants + i] : { shape: [p.length, ...o.shape], dtype: o.dtype },
  );
}

function evaluateScan(inputs: readonly Data[], node: Node, out?: Data, bodies = nodeByNode): Data {
  const p = node.params as ScanParams;
  const { body, length, carry } = p;
  const step = bodies(body, p.constants)(inputs.slice(0, p.constants));
  const given = inputs.slice(p.constants);
  const from = given.map(() => 0);
  const { packed, offsets } = room(scanResults(p), out);
  const types = body.inputs.slice(p.constants, p.constants + carry);
  // The carry goes to and fro between two places; the last step leaves it among the results.
  const spare = types.map((t) => allocate(t.dtype, t.size));
  const home = types.map((t) => (t.dtype === node.dtype ? packed : allocate(t.dtype, t.size)));
  const results = body.outputs.map(() => packed);
  const to = [...offsets];
  const sliceSizes = body.inputs.slice(p.constants + carry).map((x) => x.size);
  const stackSizes = body.outputs.slice(carry).map((y) => y.size);
  for (let n = 0; n < length; n++) {
    const t = p.reverse ? length - 1 - n : n;
    for (let k = 0; k < sliceSizes.length; k++) from[carry + k] = t * sliceSizes[k];
    for (let k = 0; k < stackSizes.length; k++) to[carry + k] = offsets[carry + k] + t * stackSizes[k];
    for (let c = 0; c < carry; c++) {
      results[c] = (length - n) % 2 === 1 ? home[c] : spare[c];
      to[c] = results[c] === packed ? offsets[c] : 0;
    }
    step(given, from, results, to);
    for (let c = 0; c < carry; c++) {
      given[c] = results[c];
      from[c] = to[c];
    }
  }
  for (let c = 0; c < carry; c++) if (given[c] !== packed) packed.set(given[c], offsets[c]);
  return packed;
}

/** One loop for value and tangent: it takes the place of the loop for the value alone. */
function scanTangent(node: Node, dx: readonly (Node | Zero)[]): (Node | Zero)[] {
  const p = node.params as ScanParams;
  const { body } = p;
  const live = dx.map((d) => d !== null);
  for (;;) {
    const d = inputsFor(body.inputs, live);
    const dy = tangents(body.outputs, seedsOf(body.inputs, d));
    if (grow(p, live, (c) => dy[c] !== null)) continue;
    const parts = partsOf(node);
    const { kindOf, carryAt, firstSlice } = partition(p);
    body.inputs.forEach((x, i) => {
      const inner = d[i];
      if (!inner) return;
      const outer = fit(dx[i], node.inputs[i]);
      if (kindOf(i) === "constant") parts.constants.push([inner, outer]);
      else if (kindOf(i) === "slice") parts.slices.push([inner, outer]);
      else parts.carry.push({ inner, first: outer, next: fit(dy[i - p.constants], x) });
    });
    const places = dy.map((t, i) => (i >= p.carry && t ? parts.stacked.push(t) - 1 : -1));
    const [addedConstants, addedCarry] = [parts.constants.length - p.constants, parts.carry.length - p.carry];
    const views = movedViews(
      [wholeView(p, node.inputs.length, body.outputs.length), ...p.views],
      (i) => i + (i >= p.constants ? addedConstants : 0) + (i >= firstSlice ? addedCarry : 0),
      (r) => r + (r >= p.carry ? addedCarry : 0),
    );
    const built = buildScan(parts, { ...p, views });
    let next = p.carry;
    return dy.map((_, i) => {
      if (i >= p.carry) return places[i] < 0 ? null : built.stacked[places[i]];
      return live[carryAt(i)] ? built.carry[next++] : null;
    });
  }
}

/** The parts of a scan as it is. */
export function partsOf(node: Node): ScanParts {
  const p = node.params as ScanParams;
  const pairs = p.body.inputs.map((inner, i) => [inner, node.inputs[i]] as const);
  const { firstSlice } = partition(p);
  return {
    constants: pairs.slice(0, p.constants),
    carry: pairs
      .slice(p.constants, firstSlice)
      .map(([inner, first], c) => ({ inner, first, next: p.body.outputs[c] })),
    slices: pairs.slice(firstSlice),
    stacked: p.body.outputs.slice(p.carry),
  };
}

/** Replaces the body by one with a new first axis on what varies; slices then carry it after their own first axis. */
function widened(
  node: Node,
  given: readonly (Node | null)[],
  size: number,
  flags: readonly boolean[],
  body: { inner: readonly Node[]; outputs: readonly Node[]; varies: readonly boolean[] },
  views: readonly View[],
): Batch[] {
  const p = node.params as ScanParams;
  const parts: ScanParts = { constants: [], carry: [], slices: [], stacked: [] };
  const { kindOf } = partition(p);
  const full = (x: Node) => broadcastTo(x, [size, ...x.shape]);
  body.inner.forEach((inner, i) => {
    const outer = given[i] ?? node.inputs[i];
    if (kindOf(i) === "constant") parts.constants.push([inner, outer]);
    else if (kindOf(i) === "slice")
      parts.slices.push([inner, flags[i] && given[i] ? moveAxis(outer, 0, 1) : outer]);
    else {
      const c = i - p.constants;
      const next = body.outputs[c];
      parts.carry.push({
        inner,
        first: flags[i] && !given[i] ? full(outer) : outer,
        next: flags[i] && !body.varies[c] ? full(next) : next,
      });
    }
  });
  parts.stacked.push(...body.outputs.slice(p.carry));
  const kept = (i: number) => (given[i] ? -1 : i);
  const same = movedViews(views, kept, (r) =>
    (r < p.carry ? flags[p.constants + r] : body.varies[r]) ? -1 : r,
  );
  const built = buildScan(parts, { ...p, views: same });
  return body.outputs.map((_, i) => {
    if (i < p.carry) return { node: built.carry[i], varies: flags[p.constants + i] };
    const stacked = built.stacked[i - p.carry];
    return { node: body.varies[i] ? moveAxis(stacked, 1, 0) : stacked, varies: body.varies[i] };
  });
}

function scanBatch(
  inputs: readonly Node[],
  batched: readonly boolean[],
  node: Node,
  size: number,
): readonly Batch[] {
  const p = node.params as ScanParams;
  const flags = [...batched];
  const wide = (x: Node) => input({ shape: [size, ...x.shape], dtype: x.dtype });
  for (;;) {
    const inner = p.body.inputs.map((x, i) => (flags[i] ? wide(x) : x));
    const marked = inner.map((x, i) => (flags[i] ? x : null));
    const out = batchGraph(p.body.outputs, seedsOf(p.body.inputs, marked), size);
    if (grow(p, flags, (c) => out[c].varies)) continue;
    return widened(
      node,
      inputs.map((x, i) => (batched[i] ? x : null)),
      size,
      flags,
      { inner, outputs: out.map((o) => o.node), varies: out.map((o) => o.varies) },
      [wholeView(p, node.inputs.length, p.body.outputs.length), ...p.views],
    );
  }
}

function scanSeries(node: Node, series: readonly (Node | null)[], order: number): (Node | null)[] {
  const p = node.params as ScanParams;
  const { inputs: flags, outputs: varies } = flowOf(
    p,
    series.map((s) => s !== null),
  );
  const size = order + 1;
  const inner = p.body.inputs.map((x, i) =>
    flags[i] ? input({ shape: [size, ...x.shape], dtype: x.dtype }) : x,
  );
  const seeds = seedsOf(
    p.body.inputs,
    inner.map((x, i) => (flags[i] ? x : null)),
  );
  const lifted = seriesGraph(p.body.outputs, seeds, order);
  const { firstSlice } = partition(p);
  const outputs = p.body.outputs.map((o, i) =>
    varies[i] || (i < p.carry && flags[p.constants + i]) ? lifted[i] : o,
  );
  const given = series.map((s, i) =>
    !s && flags[i] && i < firstSlice ? constantSeries(node.inputs[i], order) : s,
  );
  const marked = outputs.map((_, i) => (i < p.carry ? flags[p.constants + i] : varies[i]));
  return widened(node, given, size, flags, { inner, outputs, varies: marked }, []).map((b) =>
    b.varies ? b.node : null,
  );
}

/** Leaves out what the results in use do not need. */
function scanPrune(node: Node, used: readonly boolean[]): (Node | undefined)[] | undefined {
  const p = node.params as ScanParams;
  const { body } = p;
  const { kindOf, carryAt } = partition(p);
  const needed = [...used];
  let read: Set<Node>;
  for (;;) {
    read = nodesRead(body.outputs.filter((_, i) => needed[i]));
    const more = body.outputs.findIndex(
      (_, c) => c < p.carry && !needed[c] && read.has(body.inputs[carryAt(c)]),
    );
    if (more < 0) break;
    needed[more] = true;
  }
  const keeps = body.inputs.map((x, i) => (kindOf(i) === "carry" ? needed[i - p.constants] : read.has(x)));
  if (!keeps.includes(false) && !needed.includes(false)) return undefined;
  const all = partsOf(node);
  const { firstSlice } = partition(p);
  const parts: ScanParts = {
    constants: all.constants.filter((_, i) => keeps[i]),
    carry: all.carry.filter((_, c) => needed[c]),
    slices: all.slices.filter((_, i) => keeps[firstSlice + i]),
    stacked: all.stacked.filter((_, i) => needed[p.carry + i]),
  };
  const at = placesOf(keeps);
  const to = placesOf(needed);
  const built = buildScan(parts, {
    ...p,
    views: movedViews(
      p.views,
      (i) => at[i],
      (r) => to[r],
    ),
  });
  const results = [...built.carry, ...built.stacked];
  return to.map((place) => results[place]);
}

export const scanRule: Control = control<ScanParams>({
  name: "scan",
  bodies: (p) => [p.body],
  constants: (p) => p.constants,
  results: scanResults,
  evaluate: evaluateScan,
  dependence: (p, active) => {
    const flow = flowOf(p, active);
    return flow.outputs.map((varies, i) => varies || (i < p.carry && flow.inputs[p.constants + i]));
  },
  tangent: scanTangent,
  transpose: transposeScan,
  batch: scanBatch,
  series: scanSeries,
  prune: scanPrune,
  views: (p) => p.views,
});
