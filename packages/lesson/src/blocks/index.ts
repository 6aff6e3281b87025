import type { BlockKind } from "./block.ts";
import { derive } from "./derive.ts";
import { descend } from "./descend.ts";
import { formula } from "./formula-block.ts";
import { graph } from "./graph.ts";
import { neuron } from "./neuron.ts";
import { plot } from "./plot.ts";
import { quantity } from "./quantity.ts";
import { slider } from "./slider.ts";
import { table } from "./table.ts";
import { taylor } from "./taylor.ts";
import { value } from "./value.ts";

/** Every live block by its name in a lesson. */
export const BLOCKS: ReadonlyMap<string, BlockKind> = new Map(
  Object.entries({ value, formula, slider, quantity, plot, derive, taylor, graph, descend, neuron, table }),
);
