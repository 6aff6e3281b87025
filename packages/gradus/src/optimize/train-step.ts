import { type Compiled, compile } from "../engines/compile.ts";
import { allocate, type Data } from "../ir/dtype.ts";
import { constant, input, Node } from "../ir/node.ts";
import { sameShape } from "../ir/shape.ts";
import { type Flattened, flatten, sameStructure, unflatten } from "../ir/tree.ts";
import { cast } from "../primitives/define.ts";
import { valueAndGrad } from "../transforms/derivatives.ts";
import { requireFloat } from "../transforms/trace.ts";
import type { Given, GivenTree, ScalarResult, Widened } from "../transforms/types.ts";
import { applyUpdate, type Optimizer } from "./optimizer.ts";
import { matching, rebuild } from "./trees.ts";

/** One step of training. Call it with a batch: the parameters move, and the loss before the move comes back. */
export interface TrainStep<P, Batch extends unknown[]> {
  (...batch: Batch): number;
  /** The parameters as they are now: a copy, in the structure and types that were given. */
  readonly parameters: P;
  /** The optimizer's state as it is now: a copy, to be saved and given back as `state`. */
  readonly state: unknown;
  /** What was compiled for the batches so far. */
  explain(): string;
}

export interface TrainStepOptions {
  /** Where an earlier training stood: its `state`. */
  readonly state?: unknown;
}

type Rest<A extends unknown[]> = A extends [unknown, ...infer B] ? B : never;

/** One program for one structure and one set of shapes of a batch. */
interface Variant {
  readonly batch: Flattened;
  readonly run: Compiled;
}

/**
 * Loss, gradient and update as one program: traced and compiled at the first batch (and again only for batches of other
 * shapes), then run in buffers that are made once. Typed arrays in a batch are read where they lie. The loss gets the
 * parameters and the batch: `trainStep((p, x, y) => mse(y, x.dot(p.w).add(p.b)), { w, b }, adam(0.01))`.
 */
export function trainStep<A extends [unknown, ...unknown[]], P extends GivenTree<A[0]>>(
  loss: (...args: A) => ScalarResult,
  parameters: P,
  optimizer: Optimizer,
  options: TrainStepOptions = {},
): TrainStep<Widened<P>, Given<Rest<A>>> {
  const given = flatten(parameters, "parameters");
  requireFloat("trainStep", given.leaves);
  if (given.leaves.length === 0) throw new TypeError("trainStep: there are no parameters");
  const fresh = flatten(optimizer.init(parameters), "state");
  const state = options.state === undefined ? fresh : resumed(options.state, fresh);
  const own = [...given.leaves, ...state.leaves];
  const value = new Float64Array(1);
  // Two sets that change places: a step reads one and writes the other, so it may also fail and leave all as it was.
  let now = own.map((n) => (n.buffer as Data).slice() as Data);
  let next = own.map((n) => allocate(n.dtype, n.size));
  const variants: Variant[] = [];
  let last: { args: readonly unknown[]; variant: Variant; leaves: readonly Node[] } | undefined;
  const prepare = (args: readonly unknown[]) => {
    const batch = flatten(args, "batch", false);
    let variant = variants.find((v) => fits(v.batch, batch));
    if (!variant) {
      variant = { batch: typesOf(batch), run: compileStep(loss as never, optimizer, given, state, batch) };
      variants.push(variant);
    }
    return { args, variant, leaves: batch.leaves };
  };
  const step = (...args: unknown[]): number => {
    // A batch given again is taken apart once.
    if (!last || !sameBatch(args, last.args)) last = prepare(args);
    last.variant.run.into([value, ...next], ...now, ...last.leaves);
    [now, next] = [next, now];
    return value[0];
  };
  const copy = (flat: Flattened, from: number): unknown =>
    rebuild(
      flat.structure,
      flat.leaves.map((n, i) => constant(now[from + i].slice() as Data, n.shape, n.dtype, n.weak)),
    );
  return Object.defineProperties(step, {
    parameters: { get: () => copy(given, 0) },
    state: { get: () => copy(state, given.leaves.length) },
    explain: { value: () => variants.map((v) => v.run.explain()).join("\n\n") },
  }) as never;
}

/** The same tensors and typed arrays; a list or a record may have changed inside, and does not count as the same. */
function sameBatch(a: readonly unknown[], b: readonly unknown[]): boolean {
  return (
    a.length === b.length &&
    a.every((x, i) => x === b[i] && (x instanceof Node || ArrayBuffer.isView(x) || typeof x === "number"))
  );
}

function compileStep(
  loss: (...args: unknown[]) => ScalarResult,
  optimizer: Optimizer,
  parameters: Flattened,
  state: Flattened,
  batch: Flattened,
): Compiled {
  const inputsOf = (flat: Flattened) => flat.leaves.map((n) => input(n, {}, n.weak));
  const treeOf = (flat: Flattened, leaves: readonly Node[]) =>
    unflatten(flat.structure, leaves, (n) => n as unknown);
  const [p, s, b] = [inputsOf(parameters), inputsOf(state), inputsOf(batch)];
  const at = treeOf(parameters, p);
  const rows = treeOf(batch, b) as unknown[];
  const { value, gradient } = valueAndGrad((tree: unknown) => loss(tree, ...rows))(at as never);
  const done = optimizer.update(gradient as unknown, treeOf(state, s), at);
  const moved = matching("the optimizer's update", applyUpdate(at, done.update), parameters);
  const after = matching("the optimizer's state", done.state, state);
  const outputs = [
    cast(value as unknown as Node, "f64"),
    ...moved.leaves.map((n, i) => cast(n, parameters.leaves[i].dtype)),
    ...after.leaves.map((n, i) => cast(n, state.leaves[i].dtype)),
  ];
  return compile({ inputs: [...p, ...s, ...b], outputs });
}

/** A saved state, in the shapes and types that the optimizer makes. */
function resumed(saved: unknown, fresh: Flattened): Flattened {
  const { leaves } = matching("trainStep: the saved state", saved, fresh);
  leaves.forEach((n, i) => {
    if (!sameShape(n.shape, fresh.leaves[i].shape))
      throw new TypeError(
        `trainStep: the saved state is of other parameters: expected shape [${fresh.leaves[i].shape}], got [${n.shape}]`,
      );
  });
  return { structure: fresh.structure, leaves: leaves.map((n, i) => cast(n, fresh.leaves[i].dtype)) };
}

function fits(a: Flattened, b: Flattened): boolean {
  return (
    a.leaves.length === b.leaves.length &&
    a.leaves.every((n, i) => {
      const m = b.leaves[i];
      return n.dtype === m.dtype && n.weak === m.weak && sameShape(n.shape, m.shape);
    }) &&
    sameStructure(a.structure, b.structure)
  );
}

/** Without the numbers, which would keep a batch alive. */
function typesOf({ leaves, structure }: Flattened): Flattened {
  return { structure, leaves: leaves.map((n) => input(n, {}, n.weak)) };
}
