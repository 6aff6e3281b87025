import { flatten } from "../ir/tree.ts";
import { add } from "../primitives/arithmetic.ts";
import { leafPaths, mapTrees, matching, rebuild } from "./trees.ts";

/**
 * An optimizer, or a part of one: two pure functions. `init` makes the state for a tree of parameters; `update`
 * turns a gradient into the update that is *added* to the parameters, and gives the next state. Both are made of
 * tensor operations, so that a whole step can be traced. The state is a tree: it can be saved and read back.
 */
export interface Optimizer<State = unknown> {
  init(parameters: unknown): State;
  update<P>(gradient: P, state: State, parameters: P): { readonly update: P; readonly state: State };
}

/** A part without a state: `f` of the updates and the parameters. */
export function stateless(f: <P>(update: P, parameters: P) => P): Optimizer<readonly never[]> {
  return {
    init: () => [],
    update: (gradient, state, parameters) => ({ update: f(gradient, parameters), state }),
  };
}

/** Parts one after another: each gets the update of the one before. */
export function chain<States extends readonly unknown[]>(
  ...parts: { readonly [K in keyof States]: Optimizer<States[K]> }
): Optimizer<States> {
  const list = parts as readonly Optimizer[];
  return {
    init: (parameters) => list.map((p) => p.init(parameters)) as unknown as States,
    update: (gradient, states, parameters) => {
      let update = gradient;
      const next = list.map((part, i) => {
        const done = part.update(update, states[i], parameters);
        update = done.update;
        return done.state;
      });
      return { update, state: next as unknown as States };
    },
  };
}

/** parameters + update, in the structure and types of the parameters. */
export function applyUpdate<P>(parameters: P, update: P): P {
  return mapTrees((p, u) => add(p, u), parameters, update);
}

/**
 * An optimizer for each group of parameters. `groupOf` gets the path of a leaf (`layers[0].b`) and names its group.
 * As PyTorch's parameter groups and Optax's `partition`.
 */
export function groups<States extends Readonly<Record<string, unknown>>>(
  optimizers: { readonly [K in keyof States]: Optimizer<States[K]> },
  groupOf: (path: string) => keyof States & string,
): Optimizer<States> {
  const names = Object.keys(optimizers) as (keyof States & string)[];
  const placesOf = (parameters: unknown) => {
    const flat = flatten(parameters, "parameters");
    const labels = leafPaths(flat.structure).map((path) => {
      const name = groupOf(path);
      if (!names.includes(name))
        throw new TypeError(
          `groups: ${path || "the parameter"} is in the group ${String(name)}, but there are only ${names.join(", ")}`,
        );
      return name;
    });
    return { flat, labels };
  };
  const part = <T>(leaves: readonly T[], labels: readonly string[], name: string): T[] =>
    leaves.filter((_, i) => labels[i] === name);
  return {
    init: (parameters) => {
      const { flat, labels } = placesOf(parameters);
      return Object.fromEntries(
        names.map((name) => [name, optimizers[name].init(part(flat.leaves, labels, name))]),
      ) as States;
    },
    update: (gradient, states, parameters) => {
      const { flat, labels } = placesOf(parameters);
      const given = matching("gradient", gradient, flat).leaves;
      const updated = [...given];
      const next = names.map((name) => {
        const done = optimizers[name].update(
          part(given, labels, name),
          states[name],
          part(flat.leaves, labels, name),
        );
        let taken = 0;
        for (const [i, label] of labels.entries()) if (label === name) updated[i] = done.update[taken++];
        return [name, done.state] as const;
      });
      return { update: rebuild(flat.structure, updated), state: Object.fromEntries(next) as States };
    },
  };
}
