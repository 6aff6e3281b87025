import { type Data, dtypeOf } from "../ir/dtype.ts";
import { Node } from "../ir/node.ts";
import { sameShape } from "../ir/shape.ts";
import { type Flattened, flatten, type LeafKind, likeGiven, type Structure, unflatten } from "../ir/tree.ts";
import { type AnyFunction, inNumbers, resultTree, type Traced, trace } from "../transforms/trace.ts";
import type { Given, Returned } from "../transforms/types.ts";
import { type Compiled, compile, type EngineName, preparedOf } from "./compile.ts";
import type { Prepared } from "./prepared.ts";

/** A function that is traced and compiled once for each combination of shapes and dtypes. */
export type Jitted<F extends (...args: never[]) => unknown> = Callable<F> & {
  /** Writes the leaves of the result, from left to right, into typed arrays that the caller gives. */
  into(out: readonly Data[], ...args: Given<Parameters<F>>): void;
  /** What was compiled for the calls so far. */
  explain(): string;
};

/** A function of tensors may be called with numbers; what a transform gave (`jit(grad(f))`) is typed for that already. */
type Callable<F extends (...args: never[]) => unknown> =
  Given<Parameters<F>> extends Parameters<F>
    ? F
    : <G extends Given<Parameters<F>>>(...args: G) => Returned<ReturnType<F>, G>;

export interface JitOptions {
  /** Generated code, or a tape where code from strings is forbidden, unless told. */
  readonly engine?: EngineName;
}

interface Ready {
  readonly traced: Traced;
  readonly compiled: Compiled;
  readonly prepared: Prepared;
  /** Whether the caller gave plain numbers, and wants them back. */
  readonly numbers: boolean;
  /** What the next call gives, leaf by leaf; a plain number has a cell. */
  readonly data: Data[];
  readonly cells: readonly Float64Array[];
  /** For results that are single numbers. */
  readonly out: readonly Float64Array[] | undefined;
}

/**
 * Compiles f at its first call with arguments of new shapes or dtypes; later calls run the compiled program.
 * Synchronous. Under another transform (`grad(jit(f))`, `vmap(jit(f))`) f is traced as it is; `jit(grad(f))` compiles
 * the gradient. Inside, values are not known: `.item()` and `if` on a Tensor are errors, as the program would not
 * see them again.
 */
export function jit<F extends (...args: never[]) => unknown>(f: F, options: JitOptions = {}): Jitted<F> {
  const cache: Ready[] = [];
  const readyFor = (flat: readonly Flattened[], args: readonly unknown[]): Ready => {
    const found = cache.find((c) => fits(c.traced, flat));
    if (found) return found;
    const ready = makeReady(trace(f as AnyFunction, args, false), options);
    cache.unshift(ready);
    return ready;
  };
  const call = (...args: unknown[]): unknown => {
    // Plain numbers, as before: without a tensor in between.
    const before = cache[0];
    if (before?.numbers && before.out && quick(before, args)) {
      before.prepared.run(before.data, before.out);
      return unflatten(before.traced.structure, before.out, numberOf);
    }
    const flat = args.map((a, i) => flatten(a, `argument ${i + 1}`));
    const leaves = flat.flatMap((a) => a.leaves);
    if (leaves.some((g) => !g.concrete)) return (f as AnyFunction)(...(args as never[]));
    const ready = readyFor(flat, args);
    return tree(ready, ready.compiled(...leaves));
  };
  const into = (out: readonly Data[], ...args: unknown[]): void => {
    const before = cache[0];
    // The numbers of a tensor are never written to: only what the caller gives is looked at.
    if (before && quick(before, args) && fills(before.prepared, out))
      return before.prepared.run(before.data, out);
    const flat = args.map((a, i) => flatten(a, `argument ${i + 1}`));
    readyFor(flat, args).compiled.into(out, ...flat.flatMap((a) => a.leaves));
  };
  const explain = () =>
    cache
      .toReversed()
      .map((c) => c.compiled.explain())
      .join("\n\n");
  return Object.assign(call, { explain, into }) as unknown as Jitted<F>;
}

function tree({ traced, numbers }: Ready, outputs: readonly Node[]): unknown {
  return numbers
    ? resultTree(traced.structure, outputs, true)
    : unflatten(traced.structure, outputs, likeGiven);
}

function makeReady(traced: Traced, { engine }: JitOptions): Ready {
  const { inputs, outputs } = traced;
  const compiled = compile({ inputs, outputs }, engine);
  return {
    traced,
    compiled,
    prepared: preparedOf(compiled),
    numbers: inNumbers(traced),
    data: [],
    cells: inputs.map(() => new Float64Array(1)),
    out: outputs.every((o) => o.rank === 0 && o.dtype === "f64")
      ? outputs.map(() => new Float64Array(1))
      : undefined,
  };
}

function fills({ outputs }: Prepared, out: readonly Data[]): boolean {
  if (out.length !== outputs.length) return false;
  for (let i = 0; i < out.length; i++)
    if (out[i].length !== outputs[i].size || dtypeOf(out[i]) !== outputs[i].dtype) return false;
  return true;
}

const numberOf = (cell: Float64Array): number => cell[0];

/** Takes arguments apart, if they are those that the program was traced for; the quick way. */
function quick(ready: Ready, args: readonly unknown[]): boolean {
  const own = ready.traced.arguments;
  if (own.length !== args.length) return false;
  for (let i = 0; i < args.length; i++)
    if (taken(args[i], own[i].structure, ready, own[i].start) < 0) return false;
  return true;
}

/** Puts the leaves into their places from `next` on; the place after them, or −1. */
function taken(tree: unknown, structure: Structure, ready: Ready, next: number): number {
  if (structure.kind === "leaf") {
    const data = leafData(tree, structure.leaf, ready, next);
    if (!data) return -1;
    ready.data[next] = data;
    return next + 1;
  }
  if (typeof tree !== "object" || tree === null) return -1;
  const { items } = structure;
  if (structure.kind === "list") {
    if (!Array.isArray(tree) || tree.length !== items.length) return -1;
    for (let i = 0; i < items.length && next >= 0; i++) next = taken(tree[i], items[i], ready, next);
    return next;
  }
  let i = 0;
  for (const key in tree) {
    if (structure.keys[i] !== key) return -1;
    next = taken((tree as Record<string, unknown>)[key], items[i++], ready, next);
    if (next < 0) return -1;
  }
  return i === items.length ? next : -1;
}

function leafData(x: unknown, kind: LeafKind, { traced, cells }: Ready, place: number): Data | undefined {
  if (kind === "number") {
    if (typeof x !== "number") return undefined;
    cells[place][0] = x;
    return cells[place];
  }
  if (kind !== "tensor" || !(x instanceof Node)) return undefined;
  const like = traced.inputs[place];
  if (x.dtype !== like.dtype || x.weak !== like.weak || !sameShape(x.shape, like.shape)) return undefined;
  return x.buffer;
}

/** Whether a program that was traced for one set of arguments serves another. */
function fits(traced: Traced, flat: readonly Flattened[]): boolean {
  if (traced.arguments.length !== flat.length) return false;
  return flat.every((a, i) => {
    const own = traced.arguments[i];
    if (a.leaves.length !== own.leaves.length || !alike(a.structure, own.structure)) return false;
    return a.leaves.every((x, k) => {
      const y = traced.inputs[own.start + k];
      return x.dtype === y.dtype && x.weak === y.weak && sameShape(x.shape, y.shape);
    });
  });
}

function alike(a: Structure, b: Structure): boolean {
  if (a.kind === "leaf") return b.kind === "leaf" && a.leaf === b.leaf;
  if (b.kind === "leaf") return false;
  if (a.kind !== b.kind || a.items.length !== b.items.length) return false;
  if (a.kind === "record" && b.kind === "record" && a.keys.some((k, i) => k !== b.keys[i])) return false;
  return a.items.every((item, i) => alike(item, b.items[i]));
}
