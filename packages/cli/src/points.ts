import { type Tensor, tensor } from "gradus";
import type { Expression } from "gradus/math";
import { UsageError } from "./errors.ts";
import { numberOf, readGiven, usage } from "./input.ts";

/** Commas between assignments, not those inside lists. */
const parts = (text: string): string[] => text.split(/,(?=[^,[\]]*=)/).map((p) => p.trim());

/** `x=-1.2,y=1` or `w=[0,0],b=1`: a value for each name. */
export function readPoint(text: string): Map<string, Tensor> {
  const given = readGiven(parts(text), {});
  if (given.ranges.size > 0)
    throw new UsageError(`${text}: expected a value for each name, such as x=1, not a range`);
  return given.values;
}

/** `x=0:,y=:3,z=0:1`: lower and upper bound of each name. */
export function readBounds(option: string, text: string) {
  const lower: Record<string, number> = {};
  const upper: Record<string, number> = {};
  for (const part of parts(text)) {
    const found = /^([^=\s]+)\s*=\s*([^:]*):([^:]*)$/.exec(part);
    if (!found || (found[2] === "" && found[3] === ""))
      throw new UsageError(`${option} ${part}: expected lower and upper bound such as x=0:1, x=0: or x=:1`);
    const [, name, low, high] = found;
    if (low.trim() !== "") lower[name] = numberOf(`${option} ${part}`, low.trim()).value;
    if (high.trim() !== "") upper[name] = numberOf(`${option} ${part}`, high.trim()).value;
  }
  return { lower, upper };
}

/** Numbers for names, all of them single ones. */
export function readNumbers(option: string, text: string): Record<string, number> {
  return Object.fromEntries(
    [...readPoint(text)].map(([name, value]) => {
      if (value.size !== 1) throw new UsageError(`${option}: ${name} must be one number`);
      return [name, value.item()];
    }),
  );
}

/** The expression with some variables fixed, as a function of the others by name. */
export function withFixed(e: Expression, fixed: ReadonlyMap<string, Tensor>) {
  const byNode = new Map([...fixed].map(([name, value]) => [usage(() => e.variable(name)), value]));
  const free = [...e.variables].filter(([, node]) => !byNode.has(node));
  return {
    free: free.map(([name]) => name),
    target: (point: Readonly<Record<string, Tensor>>): Tensor =>
      e.apply(new Map([...e.variables].map(([name, node]) => [name, byNode.get(node) ?? point[name]]))),
  };
}

/** A start in the names of the expression; tensors of one number as numbers. */
export function startOf(e: Expression, point: ReadonlyMap<string, Tensor>): Record<string, number | Tensor> {
  const names = new Map([...e.variables].map(([name, node]) => [node, name]));
  return Object.fromEntries(
    [...point].map(([name, value]) => [
      names.get(usage(() => e.variable(name))) as string,
      value.rank === 0 ? value.item() : tensor(value),
    ]),
  );
}
