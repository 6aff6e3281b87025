import { expose } from "comlink";
import { graphAnswer } from "gradus-charts/graph";
import { readCsv } from "../data/csv-points.ts";
import { read } from "../lib/reading.ts";
import * as activations from "../views/activations/work.ts";
import * as derive from "../views/derive/work.ts";
import * as descend from "../views/descend/work.ts";
import * as neuron from "../views/neuron/work.ts";
import * as taylor from "../views/taylor/work.ts";

/** Everything that may take long, each a function from plain data to plain data. */
const work = { read, ...derive, ...activations, ...taylor, ...descend, ...neuron, readCsv, graphAnswer };

/** Each as the page sees it: the same, later. */
export type Work = {
  readonly [K in keyof typeof work]: (
    ...q: Parameters<(typeof work)[K]>
  ) => Promise<Awaited<ReturnType<(typeof work)[K]>>>;
};

expose(work);
