import type { Data } from "../ir/dtype.ts";
import { Node } from "../ir/node.ts";
import { sameShape } from "../ir/shape.ts";
import { type Flattened, flatten, likeGiven, type Structure, unflatten } from "../ir/tree.ts";
import { type AnyFunction, inNumbers, resultTree, type Traced, trace } from "../transforms/trace.ts";
import { type Compiled, compile, type EngineName } from "./compile.ts";

/** A function that is traced and compiled once for each combination of shapes and dtypes. */
export type Jitted<F extends (...args: never[]) => unknown> = F & {
  /** Writes the leaves of the result, from left to right, into typed arrays that the caller gives. */
  into(out: readonly Data[], ...args: Parameters<F>): void;
  /** What was compiled for the calls so far. */
  explain(): string;
};

export interface JitOptions {
  /** Generated code, or a tape where code from strings is forbidden, unless told. */
  readonly engine?: EngineName;
}

interface Ready {
  readonly traced: Traced;
  readonly compiled: Compiled;
  /** Whether the caller gave plain numbers, and wants them back. */
  readonly numbers: boolean;
}

/** Plain numbers in, numbers out, without a tensor in between. */
interface OnNumbers {
  readonly ready: Ready;
  readonly given: readonly Float64Array[];
  readonly out: readonly Float64Array[];
}

/**
 * Compiles f at its first call with arguments of new shapes or dtypes; later calls run the compiled program.
 * Synchronous. Under another transform (`grad(jit(f))`, `vmap(jit(f))`) f is traced as it is; `jit(grad(f))` compiles
 * the gradient. Inside, values are not known: `.item()` and `if` on a Tensor are errors, as the program would not
 * see them again.
 */
export function jit<F extends (...args: never[]) => unknown>(f: F, options: JitOptions = {}): Jitted<F> {
  const cache: Ready[] = [];
  const byCount: (OnNumbers | null | undefined)[] = [];
  const readyFor = (flat: readonly Flattened[], args: readonly unknown[]): Ready => {
    const found = cache.find((c) => fits(c.traced, flat));
    if (found) return found;
    const traced = trace(f as AnyFunction, args, false);
    const compiled = compile({ inputs: traced.inputs, outputs: traced.outputs }, options.engine);
    const ready = { traced, compiled, numbers: inNumbers(traced) };
    cache.unshift(ready);
    return ready;
  };
  const call = (...args: unknown[]): unknown => {
    const plain = args.every((a) => typeof a === "number");
    const fast = plain ? byCount[args.length] : undefined;
    if (fast) return runNumbers(fast, args as number[]);
    const flat = args.map((a, i) => flatten(a, `argument ${i + 1}`));
    const leaves = flat.flatMap((a) => a.leaves);
    if (leaves.some((g) => !g.concrete)) return (f as AnyFunction)(...(args as never[]));
    const ready = readyFor(flat, args);
    if (plain && fast === undefined) byCount[args.length] = onNumbers(ready);
    return tree(ready, ready.compiled(...leaves));
  };
  const into = (out: readonly Data[], ...args: unknown[]): void => {
    if (cache.length > 0 && tensorsFit(cache[0].traced, args))
      return cache[0].compiled.into(out, ...(args as Node[]));
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

function onNumbers(ready: Ready): OnNumbers | null {
  const { inputs, outputs } = ready.traced;
  if (outputs.some((o) => o.rank > 0 || o.dtype !== "f64")) return null;
  return { ready, given: inputs.map(() => new Float64Array(1)), out: outputs.map(() => new Float64Array(1)) };
}

function runNumbers({ ready, given, out }: OnNumbers, args: readonly number[]): unknown {
  for (let i = 0; i < args.length; i++) given[i][0] = args[i];
  ready.compiled.into(out, ...given);
  const { structure } = ready.traced;
  return structure.kind === "leaf"
    ? out[0][0]
    : unflatten(
        structure,
        out.map((o) => o[0]),
        (x) => x,
      );
}

/** The same for tensors as arguments, quickly. */
function tensorsFit({ inputs, arguments: own }: Traced, args: readonly unknown[]): args is Node[] {
  if (own.length !== args.length) return false;
  for (let i = 0; i < args.length; i++) {
    const [a, { structure }] = [args[i], own[i]];
    if (!(a instanceof Node) || structure.kind !== "leaf" || structure.leaf !== "tensor") return false;
    const x = inputs[i];
    if (a.dtype !== x.dtype || a.weak !== x.weak || !sameShape(a.shape, x.shape)) return false;
  }
  return true;
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
