import { flatten } from "../ir/tree.ts";
import { project } from "./bounded.ts";
import type { Bounds } from "./method.ts";
import type { Objective } from "./objective.ts";
import { leafPaths } from "./trees.ts";

/** Bounds as a caller writes them, in the coordinates of the start; a RangeError where they cross, or leave it out. */
export function boundsOf<P>(
  start: P,
  options: { readonly lower?: Partial<P>; readonly upper?: Partial<P> },
  objective: Objective,
): Bounds | undefined {
  if (options.lower === undefined && options.upper === undefined) return undefined;
  const side = (name: "lower" | "upper", otherwise: number) => {
    const out = new Float64Array(objective.start.length).fill(otherwise);
    if (options[name] === undefined) return out;
    const given = flatten(options[name], name);
    const paths = leafPaths(given.structure);
    const flat = flatten(start, "start");
    const offsets = new Map<string, { at: number; size: number }>();
    let at = 0;
    leafPaths(flat.structure).forEach((path, i) => {
      offsets.set(path, { at, size: flat.leaves[i].size });
      at += flat.leaves[i].size;
    });
    paths.forEach((path, i) => {
      const place = offsets.get(path);
      const leaf = given.leaves[i];
      if (!place || (leaf.size !== 1 && leaf.size !== place.size))
        throw new TypeError(
          `minimize: ${name} bound ${path}: there is no such parameter of that size in the start`,
        );
      for (let k = 0; k < place.size; k++) out[place.at + k] = leaf.toTypedArray()[leaf.size === 1 ? 0 : k];
    });
    return out;
  };
  const bounds = {
    lower: side("lower", Number.NEGATIVE_INFINITY),
    upper: side("upper", Number.POSITIVE_INFINITY),
  };
  const inside = project(objective.start, bounds);
  objective.start.forEach((v, i) => {
    if (!(bounds.lower[i] <= bounds.upper[i]))
      throw new RangeError(
        `minimize: the bounds of ${objective.names[i]} are crossed: ${bounds.lower[i]} > ${bounds.upper[i]}`,
      );
    if (v !== inside[i])
      throw new RangeError(
        `minimize: the start ${objective.names[i]} = ${v} is outside its bounds [${bounds.lower[i]}, ${bounds.upper[i]}]`,
      );
  });
  return bounds;
}
