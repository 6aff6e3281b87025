/** Where nodes and edges stand: dagre's layers, so that every edge runs with the computation. */
import type { Graph as Dagre } from "@dagrejs/dagre";

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

export async function layOut(
  boxes: readonly Box[],
  links: readonly Link[],
  vertical: boolean,
): Promise<Layout> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const g: Dagre = new Graph({ multigraph: true });
  g.setGraph({
    rankdir: vertical ? "TB" : "LR",
    nodesep: 22,
    edgesep: 14,
    ranksep: vertical ? 34 : 26,
    marginx: 8,
    marginy: 8,
  });
  for (const b of boxes) g.setNode(b.id, { width: b.width, height: b.height });
  for (const l of links)
    g.setEdge(l.from, l.to, { width: l.width, height: LABEL_HEIGHT, labelpos: "c" }, String(l.place));
  layout(g);
  const { width = 0, height = 0 } = g.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    boxes: boxes.map((b) => {
      const { x, y } = g.node(b.id) as { x: number; y: number };
      return { x, y };
    }),
    links: links.map((l) => {
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
