import type { Data } from "../../ir/dtype.ts";
import { TransformError } from "../../ir/errors.ts";
import { dependents, type Program, rewrite, topologicalOrder } from "../../ir/graph.ts";
import { input, isInput, type Node, type Zero } from "../../ir/node.ts";
import type { Batch, Control, View } from "../../ir/primitive.ts";
import { broadcastTo } from "../../primitives/define.ts";
import { control, resultsOf, room } from "../../primitives/results.ts";
import { reshape, where, zerosLike } from "../../primitives/structure.ts";
import { batchGraph } from "../batch.ts";
import { nodeByNode } from "../plan.ts";
import { seriesGraph } from "../series.ts";
import { tangents } from "../tangent.ts";
import { transposeLinear } from "../transpose.ts";
import { boundary, fit, inputsFor, movedViews, placesOf, seedsOf, wholeView } from "./bodies.ts";
import { nodesRead, shareControl } from "./share.ts";

/*
 * One or several bodies on the same inputs, of which one runs: `cond` chooses by its first input, `remat` has only one.
 */

export interface BranchParams {
  /** All have the same input nodes, and results of the same types. */
  readonly bodies: readonly Program[];
  readonly views: readonly View[];
}

type Rule = "cond" | "remat";

/** A branch node while it is put together: inner nodes beside what they stand for; a list of results for each body. */
interface BranchParts {
  /** What chooses: none where there is one body. */
  readonly chooser: readonly Node[];
  readonly inputs: readonly (readonly [inner: Node, outer: Node])[];
  readonly outputs: readonly (readonly Node[])[];
}

function build(rule: Rule, { chooser, inputs, outputs }: BranchParts, views: readonly View[]): Node[] {
  const params: BranchParams = {
    bodies: outputs.map((o) => ({ inputs: inputs.map((i) => i[0]), outputs: shareControl(o) })),
    views,
  };
  const outer = inputs.map(([inner, node]) => fit(node, inner));
  return resultsOf(RULES[rule], [...chooser, ...outer], params);
}

const choosers = (p: BranchParams): number => (p.bodies.length > 1 ? 1 : 0);

function partsOf(node: Node): BranchParts {
  const p = node.params as BranchParams;
  const first = choosers(p);
  return {
    chooser: node.inputs.slice(0, first),
    inputs: p.bodies[0].inputs.map((inner, i) => [inner, node.inputs[first + i]] as const),
    outputs: p.bodies.map((b) => b.outputs),
  };
}

/** The same, of two lists: marked where either is. */
const either = (lists: readonly (readonly unknown[])[]): boolean[] =>
  lists[0].map((_, i) => lists.some((l) => l[i] !== null && l[i] !== false));

function evaluateBranch(inputs: readonly Data[], node: Node, out?: Data, bodies = nodeByNode): Data {
  const p = node.params as BranchParams;
  const first = choosers(p);
  const taken = p.bodies[first === 0 || inputs[0][0] !== 0 ? 0 : 1];
  const { packed, offsets } = room(taken.outputs, out);
  const given = inputs.slice(first);
  bodies(taken, 0)([])(
    given,
    given.map(() => 0),
    offsets.map(() => packed),
    offsets,
  );
  return packed;
}

function dependence(p: BranchParams, active: readonly boolean[]): boolean[] {
  const first = choosers(p);
  if (first > 0 && active[0]) return p.bodies[0].outputs.map(() => true);
  const roots = p.bodies[0].inputs.filter((_, i) => active[first + i]);
  return either(
    p.bodies.map((b) => {
      const found = dependents(topologicalOrder(b.outputs), roots);
      return b.outputs.map((o) => found.has(o));
    }),
  );
}

function tangent(rule: Rule, node: Node, dx: readonly (Node | Zero)[]): (Node | Zero)[] {
  const p = node.params as BranchParams;
  const parts = partsOf(node);
  const own = dx.slice(choosers(p));
  const inner = p.bodies[0].inputs;
  const d = inputsFor(
    inner,
    own.map((t) => t !== null),
  );
  const dy = p.bodies.map((b) => tangents(b.outputs, seedsOf(inner, d)));
  const live = either(dy);
  const pairs = d.flatMap((x, i) => (x ? [[x, own[i] as Node] as const] : []));
  const outputs = p.bodies.map((b, k) => [
    ...b.outputs,
    ...b.outputs.flatMap((o, i) => (live[i] ? [fit(dy[k][i], o)] : [])),
  ]);
  const count = p.bodies[0].outputs.length;
  const views = [wholeView(p, node.inputs.length, count), ...p.views];
  const results = build(rule, { ...parts, inputs: [...parts.inputs, ...pairs], outputs }, views);
  return placesOf(live).map((place) => (place < 0 ? null : results[count + place]));
}

/**
 * The transposed bodies. `remat` computes again what they read of the forward values; `cond` keeps it: a node without
 * the linear part has the residuals of both branches for results, zeros standing in for those of the one not taken.
 */
function transposed(
  rule: Rule,
  node: Node,
  cts: readonly (Node | Zero)[],
  active: readonly boolean[],
): (Node | Zero)[] {
  const p = node.params as BranchParams;
  const first = choosers(p);
  if (first > 0 && active[0])
    throw new TransformError("linearTranspose: cond is not linear in what it chooses by");
  const { chooser, inputs } = partsOf(node);
  const linear = active.slice(first);
  const roots = inputs.flatMap(([inner], i) => (linear[i] ? [inner] : []));
  const outputs = p.bodies[0].outputs;
  const ct = inputsFor(
    outputs,
    cts.map((c) => c !== null),
  );
  const found = p.bodies.map((b) => transposeLinear(b.outputs, roots, ct));
  const live = either(found);
  const gradients = found.map((g) => roots.flatMap((x, i) => (live[i] ? [fit(g[i], x)] : [])));
  const fixed = inputs.filter((_, i) => !linear[i]);
  const given = ct.flatMap((c, i) => (c ? [[c, cts[i] as Node] as const] : []));
  const { pairs, replaced } =
    rule === "cond" ? residuals(node, linear, gradients, given) : { pairs: [], replaced: gradients };
  const results = build(rule, { chooser, inputs: [...fixed, ...pairs, ...given], outputs: replaced }, []);
  const places = placesOf(live);
  const back = placesOf(linear).map((r) => (r < 0 || places[r] < 0 ? null : results[places[r]]));
  return [...chooser.map(() => null), ...back];
}

/** What the transposed branches read of the forward ones, as results of a forward node. */
function residuals(
  node: Node,
  linear: readonly boolean[],
  gradients: readonly (readonly Node[])[],
  given: readonly (readonly [Node, Node])[],
) {
  const own = given.map((g) => g[0]);
  const needed = gradients.map((g) => {
    const late = dependents(topologicalOrder(g), own);
    return boundary(g, (n) => late.has(n)).filter((n) => !isInput(n));
  });
  const slots = sharedSlots(needed);
  if (slots.length === 0) return { pairs: [], replaced: gradients };
  const stored = forward(node, linear, slots);
  const inner = slots.map((s) => input(s.find((n) => n !== undefined) as Node));
  const replaced = gradients.map((g, b) => {
    const known = new Map(slots.flatMap((s, k) => (s[b] ? [[s[b], inner[k]] as const] : [])));
    return known.size > 0 ? rewrite(g, known) : [...g];
  });
  return { pairs: inner.map((x, k) => [x, stored[k]] as const), replaced };
}

/** Residuals of one type in two branches take one place: only one of them is ever there. */
function sharedSlots(needed: readonly (readonly Node[])[]): (Node | undefined)[][] {
  const slots: (Node | undefined)[][] = [];
  needed.forEach((nodes, b) => {
    for (const n of nodes) {
      const same = (m: Node | undefined) => m?.dtype === n.dtype && `${m.shape}` === `${n.shape}`;
      const free = slots.find((s) => s[b] === undefined && s.some(same));
      if (free) free[b] = n;
      else slots.push(needed.map((_, k) => (k === b ? n : undefined)));
    }
  });
  return slots;
}

function forward(node: Node, linear: readonly boolean[], slots: readonly (Node | undefined)[][]): Node[] {
  const p = node.params as BranchParams;
  const first = choosers(p);
  const { chooser, inputs } = partsOf(node);
  const varies = dependence(p, [...chooser.map(() => false), ...linear]);
  const at = placesOf(linear.map((l) => !l));
  const to = placesOf(varies.map((v) => !v));
  const kept = varies.filter((v) => !v).length;
  const outputs = p.bodies.map((b, k) => [
    ...b.outputs.filter((_, i) => !varies[i]),
    ...slots.map((s) => s[k] ?? zerosLike(s.find((n) => n !== undefined) as Node)),
  ]);
  const views = movedViews(
    [wholeView(p, node.inputs.length, varies.length), ...p.views],
    (i) => (i < first ? i : at[i - first] < 0 ? -1 : first + at[i - first]),
    (r) => to[r],
  );
  return build("cond", { chooser, inputs: inputs.filter((_, i) => !linear[i]), outputs }, views).slice(kept);
}

type Lift = (body: Program, seeds: Map<Node, Node>) => readonly Batch[];

/** Replaces the bodies by those on the given inputs; what varies has a new first axis. */
function widened(
  rule: Rule,
  node: Node,
  { chooser, given }: { chooser: readonly Node[]; given: readonly (Node | null)[] },
  size: number,
  lift: Lift,
): readonly Batch[] {
  const p = node.params as BranchParams;
  const { inputs } = partsOf(node);
  const wide = inputs.map(([inner], i) =>
    given[i] ? input({ shape: [size, ...inner.shape], dtype: inner.dtype }) : null,
  );
  const seeds = seedsOf(
    inputs.map((i) => i[0]),
    wide,
  );
  const lifted = p.bodies.map((b) => lift(b, seeds));
  const varies = lifted[0].map((_, i) => lifted.some((l) => l[i].varies));
  const full = (b: Batch, i: number) =>
    varies[i] && !b.varies ? broadcastTo(b.node, [size, ...b.node.shape]) : b.node;
  const pairs = inputs.map(([inner, outer], i) => [wide[i] ?? inner, given[i] ?? outer] as const);
  const views = movedViews(
    [wholeView(p, node.inputs.length, varies.length), ...p.views],
    (i) => (i >= chooser.length && given[i - chooser.length] ? -1 : i),
    (r) => (varies[r] ? -1 : r),
  );
  const results = build(rule, { chooser, inputs: pairs, outputs: lifted.map((l) => l.map(full)) }, views);
  return results.map((r, i) => ({ node: r, varies: varies[i] }));
}

function batch(
  rule: Rule,
  inputs: readonly Node[],
  batched: readonly boolean[],
  node: Node,
  size: number,
): readonly Batch[] {
  const p = node.params as BranchParams;
  const first = choosers(p);
  const own = inputs.slice(first);
  const flags = batched.slice(first);
  if (first > 0 && batched[0]) return selected(inputs[0], p, own, flags, size);
  const given = own.map((x, i) => (flags[i] ? x : null));
  const wide = { chooser: inputs.slice(0, first), given };
  return widened(rule, node, wide, size, (b, seeds) => batchGraph(b.outputs, seeds, size));
}

/** Where rows choose differently, both branches run for all, and each row takes its own: no gradient of the other. */
function selected(
  mask: Node,
  { bodies }: BranchParams,
  own: readonly Node[],
  flags: readonly boolean[],
  size: number,
): Batch[] {
  const [yes, no] = bodies.map(({ inputs, outputs }) => {
    const fixed = new Map(inputs.flatMap((x, i) => (flags[i] ? [] : [[x, own[i]] as const])));
    const open = fixed.size > 0 ? rewrite(outputs, fixed) : outputs;
    const rows = new Map(inputs.flatMap((x, i) => (flags[i] ? [[x, own[i]] as const] : [])));
    return batchGraph(open, rows, size).map((b) =>
      b.varies ? b.node : broadcastTo(b.node, [size, ...b.node.shape]),
    );
  });
  return yes.map((a, i) => {
    const wide = reshape(mask, [size, ...a.shape.slice(1).map(() => 1)]);
    return { node: where(wide, a, no[i]), varies: true };
  });
}

function series(rule: Rule, node: Node, s: readonly (Node | null)[], order: number): (Node | null)[] {
  const p = node.params as BranchParams;
  const first = choosers(p);
  const chooser = node.inputs.slice(0, first);
  const active = s.map((x) => x !== null);
  const varies = dependence(p, active);
  const lift: Lift = (b, seeds) =>
    seriesGraph(b.outputs, seeds, order).map((n, i) => ({
      node: varies[i] ? n : b.outputs[i],
      varies: varies[i],
    }));
  const lifted = widened(rule, node, { chooser, given: s.slice(first) }, order + 1, lift);
  return lifted.map((b) => (b.varies ? b.node : null));
}

function prune(rule: Rule, node: Node, used: readonly boolean[]): (Node | undefined)[] | undefined {
  const p = node.params as BranchParams;
  const { chooser, inputs, outputs } = partsOf(node);
  const kept = outputs.map((o) => o.filter((_, i) => used[i]));
  const read = new Set(kept.flatMap((o) => [...nodesRead(o)]));
  const keeps = inputs.map(([inner]) => read.has(inner));
  if (!used.includes(false) && !keeps.includes(false)) return undefined;
  const at = placesOf([...chooser.map(() => true), ...keeps]);
  const to = placesOf(used);
  const views = movedViews(
    p.views,
    (i) => at[i],
    (r) => to[r],
  );
  const results = build(rule, { chooser, inputs: inputs.filter((_, i) => keeps[i]), outputs: kept }, views);
  return to.map((place) => results[place]);
}

/* @__NO_SIDE_EFFECTS__ */
function ruleOf(name: Rule): Control {
  return control<BranchParams>({
    name,
    bodies: (p) => p.bodies,
    results: (p) => p.bodies[0].outputs,
    evaluate: evaluateBranch,
    dependence,
    tangent: (node, dx) => tangent(name, node, dx),
    transpose: (node, cts, active) => transposed(name, node, cts, active),
    batch: (inputs, batched, node, size) => batch(name, inputs, batched, node, size),
    series: (node, s, order) => series(name, node, s, order),
    prune: (node, used) => prune(name, node, used),
    views: (p) => p.views,
  });
}

const RULES: Readonly<Record<Rule, Control>> = { cond: ruleOf("cond"), remat: ruleOf("remat") };

/** The results of bodies on the same inputs. */
export function branchResults(rule: Rule, inputs: readonly Node[], bodies: readonly Program[]): Node[] {
  const params: BranchParams = { bodies, views: [] };
  return resultsOf(RULES[rule], inputs, params);
}
