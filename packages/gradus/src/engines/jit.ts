import { allocate, type Data } from "../ir/dtype.ts";
import { constant } from "../ir/node.ts";
import { sameShape } from "../ir/shape.ts";
import { type Flattened, flatten, likeGiven, type Structure, unflatten } from "../ir/tree.ts";
import { isWatched } from "../primitives/define.ts";
import { type AnyFunction, inNumbers, resultTree, type Traced, trace } from "../transforms/trace.ts";
import type { Given, Returned } from "../transforms/types.ts";
import { type QuickRun, quickRun } from "./arguments.ts";
import { type Compiled, compile, type EngineName, preparedOf } from "./compile.ts";

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
  readonly quick: QuickRun;
  /** The tree that the caller gets of the results. */
  result(out: readonly Data[]): unknown;
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
  /** The results by a program whose arguments can be taken apart quickly; it is then the first that is tried. */
  const quick = (args: readonly unknown[], given?: readonly Data[]): readonly Data[] | undefined => {
    if (isWatched()) return undefined;
    for (let i = 0; i < cache.length; i++) {
      const out = cache[i].quick(args, given);
      if (!out) continue;
      if (i > 0) cache.unshift(...cache.splice(i, 1));
      return out;
    }
    return undefined;
  };
  const call = (...args: unknown[]): unknown => {
    const out = quick(args);
    if (out) return cache[0].result(out);
    const flat = args.map((a, i) => flatten(a, `argument ${i + 1}`));
    const leaves = flat.flatMap((a) => a.leaves);
    if (leaves.some((g) => !g.concrete)) return (f as AnyFunction)(...(args as never[]));
    const ready = readyFor(flat, args);
    return ready.result(ready.compiled(...leaves).map((y) => y.buffer as Data));
  };
  const into = (out: readonly Data[], ...args: unknown[]): void => {
    // The numbers of a tensor are never written to: only what the caller gives is looked at.
    if (quick(args, out)) return;
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

function makeReady(traced: Traced, { engine }: JitOptions): Ready {
  const { inputs, structure } = traced;
  const compiled = compile({ inputs, outputs: traced.outputs }, engine);
  const prepared = preparedOf(compiled);
  const { outputs } = prepared;
  const numbers = inNumbers(traced);
  const fresh = () => outputs.map((o) => allocate(o.dtype, o.size));
  const tensors = (out: readonly Data[]) => outputs.map((o, i) => constant(out[i], o.shape, o.dtype, o.weak));
  // Plain numbers are taken out before anything else runs: they need no arrays of their own.
  const single = numbers && outputs.every((o) => o.rank === 0 && o.dtype === "f64");
  const cells = fresh();
  return {
    traced,
    compiled,
    quick: quickRun(traced, prepared, single ? () => cells : fresh, compiled.engine === "javascript"),
    result: single
      ? (out) => unflatten(structure, out, (cell) => cell[0])
      : numbers
        ? (out) => resultTree(structure, tensors(out), true)
        : (out) => unflatten(structure, tensors(out), likeGiven),
  };
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
