/** Where nodes and edges stand: dagre's layers, so that every edge runs with the computation. */
import type { Graph as Dagre } from "@dagrejs/dagre";

/** Of browsers and Node alike. */
declare const performance: { now(): number; measure(name: string, options: { start: number }): unknown };

export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface Link {
  readonly from: string;
  readonly to: string;
  readonly place: number;
  /** Room for what is written on it. */
  readonly width: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly { readonly x: number; readonly y: number }[];
  readonly links: readonly {
    readonly points: readonly (readonly [number, number])[];
    readonly x: number;
    readonly y: number;
  }[];
}

const LABEL_HEIGHT = 30;
/** From here on speed counts: layers by the longest path, no room for what is written on edges. */
export const LARGE = 120;
/** Layers that all edges together may cross: dagre puts a node of its own into each. */
const MOST_CROSSED = 300;

/** The edges left out of the layering, longest first, where they would cross too many layers: drawn straight. */
function tooFar(boxes: readonly Box[], links: readonly Link[]): Set<Link> {
  // Layers to the result, as the layering by the longest path counts them; the boxes stand in the order of computation.
  const height = new Map<string, number>();
  const outOf = new Map<string, Link[]>();
  for (const l of links) outOf.set(l.from, [...(outOf.get(l.from) ?? []), l]);
  for (const { id } of [...boxes].reverse())
    height.set(id, Math.max(0, ...(outOf.get(id) ?? []).map((l) => 1 + (height.get(l.to) ?? 0))));
  const span = (l: Link) => (height.get(l.from) ?? 0) - (height.get(l.to) ?? 0) - 1;
  const byLength = [...links].sort((a, b) => span(b) - span(a));
  let crossed = links.reduce((sum, l) => sum + span(l), 0);
  const far = new Set<Link>();
  for (const l of byLength) {
    if (crossed <= MOST_CROSSED) break;
    crossed -= span(l);
    far.add(l);
  }
  return far;
}

interface Placed extends Box {
  readonly x: number;
  readonly y: number;
}

/** From the edge of one box to the edge of the other. */
function direct(a: Placed, b: Placed, vertical: boolean): Layout["links"][number] {
  const points = vertical
    ? ([
        [a.x, a.y + a.height / 2],
        [b.x, b.y - b.height / 2],
      ] as const)
    : ([
        [a.x + a.width / 2, a.y],
        [b.x - b.width / 2, b.y],
      ] as const);
  return { points, x: (points[0][0] + points[1][0]) / 2, y: (points[0][1] + points[1][1]) / 2 };
}

export async function layOut(
  boxes: readonly Box[],
  links: readonly Link[],
  vertical: boolean,
): Promise<Layout> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const start = performance.now();
  const large = boxes.length > LARGE;
  const g: Dagre = new Graph({ multigraph: true });
  g.setGraph({
    rankdir: vertical ? "TB" : "LR",
    nodesep: 22,
    edgesep: 14,
    ranksep: vertical ? 34 : 26,
    marginx: 8,
    marginy: 8,
    ...(large ? { ranker: "longest-path" } : {}),
  });
  for (const b of boxes) g.setNode(b.id, { width: b.width, height: b.height });
  const far = tooFar(boxes, links);
  for (const l of links) {
    if (far.has(l)) continue;
    const label = large ? {} : { width: l.width, height: LABEL_HEIGHT, labelpos: "c" };
    g.setEdge(l.from, l.to, label, String(l.place));
  }
  layout(g, { disableOptimalOrderHeuristic: large });
  // For the bench, and for whoever looks with a profiler.
  performance.measure("graph layout", { start });
  const { width = 0, height = 0 } = g.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    boxes: boxes.map((b) => {
      const { x, y } = g.node(b.id) as { x: number; y: number };
      return { x, y };
    }),
    links: links.map((l) => {
      if (far.has(l)) return direct(g.node(l.from) as Placed, g.node(l.to) as Placed, vertical);
      const e = g.edge(l.from, l.to, String(l.place)) as {
        points: { x: number; y: number }[];
        x?: number;
        y?: number;
      };
      const middle = e.points[Math.floor(e.points.length / 2)];
      return {
        points: e.points.map((p) => [p.x, p.y] as const),
        x: e.x ?? middle.x,
        y: e.y ?? middle.y,
      };
    }),
  };
}
