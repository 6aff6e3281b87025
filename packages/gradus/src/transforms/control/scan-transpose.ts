import { dependents, rewrite, topologicalOrder } from "../../ir/graph.ts";
import { input, isInput, type Node, type Zero } from "../../ir/node.ts";
import { add } from "../../primitives/arithmetic.ts";
import { transposeLinear } from "../transpose.ts";
import { boundary, fit, inputsFor, movedViews, placesOf, wholeView } from "./bodies.ts";
import { buildScan, flowOf, partition, partsOf, type ScanParams, type ScanParts } from "./scan-rule.ts";

/** The transposed body: cotangents of the linear inputs from those of the outputs. */
interface TransposedBody {
  /** An input for each body output that has a cotangent. */
  readonly cotangents: readonly (Node | null)[];
  /** For each body input that is linear, its cotangent. */
  readonly gradients: readonly (Node | Zero)[];
}

/**
 * The transpose of a loop is a loop that runs the other way: its carry holds the cotangents of the carry and the sums
 * of those of the constants. What it needs from the forward steps is stacked by a forward loop without the tangents.
 */
export function transposeScan(
  node: Node,
  cts: readonly (Node | Zero)[],
  active: readonly boolean[],
): (Node | Zero)[] {
  const p = node.params as ScanParams;
  const linear = flowOf(p, active).inputs;
  const { cotangents, gradients } = transposedBody(p, linear, cts);
  const parts: ScanParts = { constants: [], carry: [], slices: [], stacked: [] };
  const { kindOf, carryAt } = partition(p);
  // Where the results of the new loop go, by input of the old one.
  const places: ((built: { carry: Node[]; stacked: Node[] }) => Node | Zero)[] = p.body.inputs.map(
    () => () => null,
  );
  const addCarry = (i: number, inner: Node, first: Node, next: Node) => {
    const at = parts.carry.push({ inner, first, next }) - 1;
    places[i] = (built) => built.carry[at];
  };
  cotangents.forEach((inner, o) => {
    if (!inner) return;
    if (o >= p.carry) parts.slices.push([inner, cts[o] as Node]);
    else addCarry(carryAt(o), inner, fit(cts[o], inner), fit(gradients[carryAt(o)], inner));
  });
  p.body.inputs.forEach((x, i) => {
    const g = gradients[i];
    if (!g || kindOf(i) === "carry") return;
    if (kindOf(i) === "constant") {
      const sum = input(x);
      addCarry(i, sum, fit(null, x), add(sum, fit(g, x)));
    } else {
      const at = parts.stacked.push(fit(g, x)) - 1;
      places[i] = (built) => built.stacked[at];
    }
  });
  const built = buildScan(withResiduals(node, linear, parts), { length: p.length, reverse: !p.reverse });
  return places.map((place) => place(built));
}

/** Which carries have a cotangent is found by a fixpoint: those that a step gives one to. */
function transposedBody(
  p: ScanParams,
  linear: readonly boolean[],
  cts: readonly (Node | Zero)[],
): TransposedBody {
  const { body } = p;
  const { carryAt } = partition(p);
  const roots = body.inputs.filter((_, i) => linear[i]);
  const at = placesOf(linear);
  const flowing = cts.map((ct) => ct !== null);
  for (;;) {
    const cotangents = inputsFor(body.outputs, flowing);
    const found = transposeLinear(body.outputs, roots, cotangents);
    const gradients = body.inputs.map((_, i) => (linear[i] ? found[at[i]] : null));
    const more = cts.findIndex((_, c) => c < p.carry && !flowing[c] && gradients[carryAt(c)] !== null);
    if (more < 0) return { cotangents, gradients };
    flowing[more] = true;
  }
}

const CHEAP = new Set(["broadcast", "reshape", "transpose"]);

/** Adds to the parts of a transposed loop what its body reads of the forward steps. */
function withResiduals(node: Node, linear: readonly boolean[], parts: ScanParts): ScanParts {
  const p = node.params as ScanParams;
  const { body } = p;
  const { kindOf } = partition(p);
  const outputs = [...parts.carry.map((c) => c.next), ...parts.stacked];
  const own = [...parts.carry.map((c) => c.inner), ...parts.slices.map((s) => s[0])];
  const late = dependents(topologicalOrder(outputs), own);
  // What only moves elements is made again rather than stored.
  const residuals = boundary(
    outputs,
    (n) => late.has(n) || (CHEAP.has(n.primitive.name) && !n.concrete && n.size >= n.inputs[0].size),
  );
  const varying = dependents(
    topologicalOrder(residuals),
    body.inputs.filter((_, i) => kindOf(i) !== "constant"),
  );
  const outer = new Map(body.inputs.map((x, i) => [x, node.inputs[i]]));
  const kept = residuals.filter(
    (r) => varying.has(r) && !(isInput(r) && kindOf(body.inputs.indexOf(r)) === "slice"),
  );
  const stacks = kept.length > 0 ? forward(node, linear, kept) : [];
  const inner = new Map(residuals.map((r) => [r, input(r)]));
  const constants: [Node, Node][] = [];
  const slices: [Node, Node][] = [];
  for (const r of residuals) {
    const own = inner.get(r) as Node;
    const stack = kept.indexOf(r);
    if (stack >= 0) slices.push([own, stacks[stack]]);
    else if (varying.has(r)) slices.push([own, outer.get(r) as Node]);
    else constants.push([own, rewrite([r], new Map(outer))[0]]);
  }
  const replaced = rewrite(outputs, new Map(inner));
  return {
    constants: [...constants, ...parts.constants],
    carry: parts.carry.map((c, i) => ({ ...c, next: replaced[i] })),
    slices: [...slices, ...parts.slices],
    stacked: replaced.slice(parts.carry.length),
  };
}

/** The loop without its linear part, which stacks the residuals; it takes the place of the loop for the value. */
function forward(node: Node, linear: readonly boolean[], residuals: readonly Node[]): Node[] {
  const p = node.params as ScanParams;
  const all = partsOf(node);
  const { firstSlice } = partition(p);
  const keeps = linear.map((l) => !l);
  const flow = flowOf(p, linear);
  const stays = p.body.outputs.map((_, i) => (i < p.carry ? keeps[p.constants + i] : !flow.outputs[i]));
  const at = placesOf(keeps);
  const to = placesOf(stays);
  const views = movedViews(
    [wholeView(p, node.inputs.length, p.body.outputs.length), ...p.views],
    (i) => at[i],
    (r) => to[r],
  );
  const stacked = all.stacked.filter((_, i) => stays[p.carry + i]);
  const built = buildScan(
    {
      constants: all.constants.filter((_, i) => keeps[i]),
      carry: all.carry.filter((_, c) => stays[c]),
      slices: all.slices.filter((_, i) => keeps[firstSlice + i]),
      stacked: [...stacked, ...residuals],
    },
    { ...p, views },
  );
  return built.stacked.slice(stacked.length);
}
