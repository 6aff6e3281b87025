import { checkOptions } from "../ir/errors.ts";
import { input, type Node } from "../ir/node.ts";
import { normalizeAxis, ShapeError, showShape } from "../ir/shape.ts";
import { flatten, type Structure, unflatten } from "../ir/tree.ts";
import { broadcastTo } from "../primitives/define.ts";
import { substitute } from "../primitives/evaluate.ts";
import { moveAxis } from "../primitives/structure.ts";
import { batchGraph } from "./batch.ts";
import { shareControl } from "./control/share.ts";
import { type AnyFunction, run } from "./trace.ts";
import type { Given, InTensors } from "./types.ts";

export interface VmapOptions {
  /** The mapped axis of each argument; null for one that all share. 0 unless told. */
  readonly inAxes?: number | readonly (number | null)[];
  /** Where the mapped axis stands in the results; 0 unless told. */
  readonly outAxes?: number;
}

const OPTIONS: Record<keyof VmapOptions, true> = { inAxes: true, outAxes: true };

/** A function of one row, mapped over rows: as a loop over the axis that stacks the results, in one pass. */
export function vmap<A extends unknown[], R>(
  f: (...args: A) => R,
  options: VmapOptions = {},
): (...args: Given<A>) => InTensors<R> {
  checkOptions("vmap", options, OPTIONS);
  const { inAxes = 0, outAxes = 0 } = options;
  return (...args) => {
    const parts = args.map((a, i) => ({
      ...flatten(a, `argument ${i + 1}`),
      axis: typeof inAxes === "number" ? inAxes : inAxes[i],
    }));
    if (typeof inAxes !== "number" && inAxes.length !== args.length) {
      throw new TypeError(`vmap: inAxes names ${inAxes.length} arguments, the call has ${args.length}`);
    }
    const rows = new Map<Node, Node>();
    let size: number | undefined;
    const trees = parts.map(({ leaves, structure, axis }) => {
      if (axis === null || axis === undefined) return restore(structure, leaves);
      const inner = leaves.map((leaf) => {
        const at = normalizeAxis("vmap", axis, leaf.rank);
        if (size !== undefined && leaf.shape[at] !== size) {
          throw new ShapeError(
            `vmap: axis ${axis} of ${showShape(leaf.shape)} has size ${leaf.shape[at]}, another argument has ${size}`,
          );
        }
        size = leaf.shape[at];
        const row = input({ shape: leaf.shape.filter((_, k) => k !== at), dtype: leaf.dtype });
        rows.set(row, moveAxis(leaf, at, 0));
        return row;
      });
      return restore(structure, inner);
    });
    if (size === undefined)
      throw new TypeError("vmap: at least one argument must have a mapped axis (inAxes not null)");
    const count = size;
    const { outputs, structure } = run(f as AnyFunction, trees);
    // The mapped values stay open nodes until the end, so that a batch rule sees a graph, not numbers.
    const open = new Map([...rows].map(([row, value]) => [row, input(value)]));
    const batched = batchGraph(outputs, open, count).map((b) => {
      const full = b.varies ? b.node : broadcastTo(b.node, [count, ...b.node.shape]);
      return moveAxis(full, 0, normalizeAxis("vmap", outAxes, full.rank));
    });
    const values = new Map([...rows].map(([row, value]) => [open.get(row) as Node, value]));
    return restore(structure, substitute(shareControl(batched), values)) as InTensors<R>;
  };
}

function restore(structure: Structure, nodes: readonly Node[]): unknown {
  return unflatten(structure, nodes, (n) => n);
}
