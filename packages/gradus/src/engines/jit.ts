import { likeGiven, unflatten } from "../ir/tree.ts";
import { type AnyFunction, inNumbers, resultTree, type Traced, trace } from "../transforms/trace.ts";
import { type Compiled, compile } from "./compile.ts";

/** A function that is traced and compiled once for each combination of shapes and dtypes. */
export type Jitted<F extends (...args: never[]) => unknown> = F & {
  /** What was compiled for the calls so far. */
  explain(): string;
};

/**
 * Compiles f at its first call with arguments of new shapes or dtypes; later calls run the compiled program.
 * Synchronous. Under another transform (`grad(jit(f))`, `vmap(jit(f))`) f is traced as it is; `jit(grad(f))` compiles
 * the gradient. Inside, values are not known: `.item()` and `if` on a Tensor are errors, as the program would not
 * see them again.
 */
export function jit<F extends (...args: never[]) => unknown>(f: F): Jitted<F> {
  const cache = new Map<string, { compiled: Compiled; traced: Traced }>();
  const call = (...args: unknown[]): unknown => {
    const traced = trace((...x: unknown[]) => x, args, false);
    if (traced.given.some((g) => !g.concrete)) return (f as AnyFunction)(...(args as never[]));
    const key = JSON.stringify([
      traced.given.map((g) => [g.dtype, g.shape, g.weak]),
      traced.arguments.map((a) => a.structure),
    ]);
    let found = cache.get(key);
    if (!found) {
      const own = trace(f as AnyFunction, args, false);
      found = { traced: own, compiled: compile({ inputs: own.inputs, outputs: own.outputs }) };
      cache.set(key, found);
    }
    const outputs = found.compiled(...traced.given);
    return inNumbers(traced)
      ? resultTree(found.traced.structure, outputs, true)
      : unflatten(found.traced.structure, outputs, likeGiven);
  };
  const explain = () => [...cache.values()].map((c) => c.compiled.explain()).join("\n\n");
  return Object.assign(call, { explain }) as unknown as Jitted<F>;
}
