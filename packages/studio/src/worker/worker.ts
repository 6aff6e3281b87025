import { expose } from "comlink";
import { read, type Shapes } from "../lib/reading.ts";

/** Each view's work is loaded when it is first asked for. */
const rooms = {
  derive: () => import("../views/derive/work.ts"),
  activations: () => import("../views/activations/work.ts"),
  taylor: () => import("../views/taylor/work.ts"),
  descend: () => import("../views/descend/work.ts"),
  neuron: () => import("../views/neuron/work.ts"),
  csv: () => import("../data/csv-points.ts"),
  graph: () => import("../views/graph/work.ts"),
};
type Rooms = { readonly [R in keyof typeof rooms]: Awaited<ReturnType<(typeof rooms)[R]>> };

/** A function of a room, asked later. */
function of<R extends keyof Rooms, N extends keyof Rooms[R]>(room: R, name: N): Later<Rooms[R][N]> {
  return (async (...q: unknown[]) => {
    const found = (await rooms[room]()) as unknown as Rooms[R];
    return (found[name] as (...q: unknown[]) => unknown)(...q);
  }) as Later<Rooms[R][N]>;
}
type Later<F> = F extends (...q: infer Q) => infer A ? (...q: Q) => Promise<Awaited<A>> : never;

/** Everything that may take long, each a function from plain data to plain data. */
const work = {
  /** Loads what a view's answers need. */
  open: async (view: string) => {
    if (Object.hasOwn(rooms, view)) await rooms[view as keyof Rooms]();
  },
  read: async (text: string, shapes?: Shapes) => read(text, shapes),
  derive: of("derive", "derive"),
  sample: of("derive", "sample"),
  differences: of("derive", "differences"),
  components: of("derive", "components"),
  activationRows: of("activations", "activationRows"),
  taylorCurves: of("taylor", "taylorCurves"),
  taylorAnswer: of("taylor", "taylorAnswer"),
  taylorConvergence: of("taylor", "taylorConvergence"),
  taylorEstimates: of("taylor", "taylorEstimates"),
  taylorBand: of("taylor", "taylorBand"),
  taylorPlane: of("taylor", "taylorPlane"),
  gridOf: of("taylor", "gridOf"),
  descend: of("descend", "descend"),
  descendModel: of("descend", "descendModel"),
  descendGrid: of("descend", "descendGrid"),
  learnFrom: of("neuron", "learnFrom"),
  train: of("neuron", "train"),
  fields: of("neuron", "fields"),
  explainUpdate: of("neuron", "explainUpdate"),
  readCsv: of("csv", "readCsv"),
  graphAt: of("graph", "graphAt"),
};

/** As the page sees it. */
export type Work = Readonly<typeof work>;

expose(work);
