import { allocate, type Data, isFloat } from "../ir/dtype.ts";
import { type Program, topologicalOrder } from "../ir/graph.ts";
import { type InputParams, isConstant, isInput, type Node, UnboundInputError } from "../ir/node.ts";
import { cleanUp } from "../transforms/clean-up.ts";

/** One thing to do in a run: a loop over pointwise nodes that end in `node`, or one primitive by its own rule. */
export interface PlannedStep {
  readonly kind: "loop" | "call";
  readonly node: Node;
  /** For a loop: the nodes inside it, operands before users; only `node` is stored. */
  readonly inner: readonly Node[];
}

/** A program laid out for running: which nodes have buffers, and in which order they are filled. */
export interface Plan {
  readonly inputs: readonly Node[];
  readonly outputs: readonly Node[];
  readonly steps: readonly PlannedStep[];
  /** The buffer of each stored node, by slot. Views share a slot with what they view. */
  readonly slots: ReadonlyMap<Node, number>;
  readonly buffers: (Data | undefined)[];
}

/** Longer chains are cut: a loop with too many locals runs slowly. */
const MOST_INNER = 60;

function isLoop(node: Node): boolean {
  return node.primitive.pointwise && node.primitive.kernel !== undefined && node.inputs.length > 0;
}

/** Nodes that are other nodes' numbers under another shape: nothing is computed for them. */
function isView(node: Node): boolean {
  const { name } = node.primitive;
  return name === "reshape" || (name === "stop_gradient" && node.inputs.length === 1);
}

/** A number stretched over a shape: read at place 0. */
export function isStretchedScalar(node: Node): boolean {
  let at = node;
  while (isView(at)) at = at.inputs[0];
  return at.primitive.name === "broadcast" && at.inputs[0].size === 1;
}

/** Lays a program out: pointwise chains become loops whose intermediate results are not stored. */
export function planOf(program: Program): Plan {
  const outputs = cleanUp(program.outputs);
  const order = topologicalOrder(outputs);
  const missing = order.find((n) => isInput(n) && !program.inputs.includes(n));
  if (missing) throw new UnboundInputError((missing.params as InputParams).name ?? `input #${missing.id}`);
  const inlined = inlinedNodes(order, outputs);
  const slots = new Map<Node, number>();
  const buffers: (Data | undefined)[] = [];
  const steps: PlannedStep[] = [];
  const newSlot = (node: Node, buffer?: Data): void => {
    slots.set(node, buffers.push(buffer) - 1);
  };
  for (const n of program.inputs) newSlot(n);
  for (const node of order) {
    if (slots.has(node) || inlined.has(node)) continue;
    if (isConstant(node)) newSlot(node, node.buffer ?? node.primitive.evaluate([], node));
    else if (isView(node) || (isStretchedScalar(node) && !outputs.includes(node)))
      slots.set(node, slots.get(node.inputs[0]) as number);
    else if (isLoop(node)) {
      newSlot(node, allocate(node.dtype, node.size));
      steps.push({ kind: "loop", node, inner: innerOf(node, inlined) });
    } else {
      newSlot(node);
      steps.push({ kind: "call", node, inner: [] });
    }
  }
  return { inputs: program.inputs, outputs, steps, slots, buffers };
}

/** Pointwise nodes with one user, itself a loop of the same size: they live in that loop only. */
function inlinedNodes(order: readonly Node[], outputs: readonly Node[]): Set<Node> {
  const user = new Map<Node, Node | null>();
  for (const n of order) for (const i of n.inputs) user.set(i, user.has(i) && user.get(i) !== n ? null : n);
  for (const o of outputs) user.set(o, null);
  const depth = new Map<Node, number>();
  const inlined = new Set<Node>();
  for (const n of order) {
    depth.set(n, 1 + n.inputs.reduce((d, i) => d + (inlined.has(i) ? (depth.get(i) as number) : 0), 0));
    const by = user.get(n);
    if (!by || !isLoop(n) || !isLoop(by) || n.size !== by.size) continue;
    // Whole numbers wrap when they are stored; such are stored.
    if (!isFloat(n.dtype) && n.dtype !== "bool") continue;
    if ((depth.get(n) as number) <= MOST_INNER) inlined.add(n);
  }
  return inlined;
}

function innerOf(root: Node, inlined: ReadonlySet<Node>): Node[] {
  const found = new Set<Node>();
  const stack = [root];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    found.add(node);
    for (const i of node.inputs) if (inlined.has(i) && !found.has(i)) stack.push(i);
  }
  return [...found].sort((a, b) => a.id - b.id);
}
