/** The computation graph as a scene: how far the two passes have come. */
import { element, round, type Scene } from "../scene.ts";
import type { GraphAnswer, ShownEdge, ShownNode } from "./answer.ts";
import { LARGE } from "./layout.ts";

/** What a picture needs of an answer. */
type Drawn = Pick<GraphAnswer, "f" | "nodes" | "edges" | "width" | "height" | "wrt">;

export type Mode = "reverse" | "forward";

/** One step of a pass: a node gets its value, the result its 1, an edge sends its part back. */
export type Step =
  | { readonly kind: "value"; readonly node: ShownNode }
  | { readonly kind: "seed"; readonly node: ShownNode }
  | { readonly kind: "back"; readonly edge: ShownEdge };

export function stepsOf(g: Drawn, mode: Mode): Step[] {
  const values = g.nodes
    .filter((n) => n.kind === "operation")
    .map((node) => ({ kind: "value", node }) as const);
  if (mode === "forward") return values;
  const last = g.nodes[g.nodes.length - 1];
  const into = flowing(g, "to");
  const back = [...g.nodes]
    .reverse()
    .flatMap((n) => into.get(n.id) ?? [])
    .map((edge) => ({ kind: "back", edge }) as const);
  return [...values, ...(last ? [{ kind: "seed", node: last } as const] : []), ...back];
}

/** The edges along which something flows back, by the node at one of their ends. */
function flowing(g: Drawn, end: "from" | "to"): Map<string, ShownEdge[]> {
  const found = new Map<string, ShownEdge[]>();
  for (const e of g.edges) {
    if (!e.flows) continue;
    const own = found.get(e[end]);
    if (own) own.push(e);
    else found.set(e[end], [e]);
  }
  return found;
}

export const edgeId = (e: ShownEdge): string => `${e.from}-${e.to}-${e.place}`;

interface Played {
  readonly values: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
  readonly adjoints: ReadonlySet<string>;
  readonly now: string;
}

/** What stands after a number of steps. */
export function played(g: Drawn, steps: readonly Step[], count: number): Played {
  const done = steps.slice(0, count);
  const values = new Set(g.nodes.filter((n) => n.kind !== "operation").map((n) => n.id));
  const edges = new Set<string>();
  const adjoints = new Set<string>();
  for (const s of done) {
    if (s.kind === "value") values.add(s.node.id);
    else if (s.kind === "seed") adjoints.add(s.node.id);
    else edges.add(edgeId(s.edge));
  }
  // An adjoint stands once every edge has brought its part.
  for (const [id, out] of flowing(g, "from")) if (out.every((e) => edges.has(edgeId(e)))) adjoints.add(id);
  const last = done.at(-1);
  const now = count >= steps.length || !last ? "" : last.kind === "back" ? edgeId(last.edge) : last.node.id;
  return { values, edges, adjoints, now };
}

interface PictureState {
  readonly mode: Mode;
  readonly count: number;
  readonly selected: string;
}

export function graphPicture(g: Drawn, q: PictureState): Scene {
  const steps = stepsOf(g, q.mode);
  const state = played(g, steps, q.count);
  const called = new Map(g.nodes.map((n) => [n.id, n.name]));
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "chart graph",
      viewBox: `0 0 ${Math.ceil(g.width)} ${Math.ceil(g.height)}`,
      width: Math.ceil(g.width),
      height: Math.ceil(g.height),
      // Letters below three quarters of their size are not read: a wide graph scrolls.
      style: `min-width:${Math.ceil(0.75 * g.width)}px`,
      role: "group",
      "aria-label": `computation graph of ${g.f}`,
    },
    [
      ...g.edges.map((e) => edge(e, state, q, g.nodes.length <= LARGE, called)),
      ...g.nodes.map((n) => node(n, state, q, g)),
    ],
  );
}

const control = (id: string, label: string, selected: string) => ({
  "data-part": id,
  tabindex: 0,
  role: "button",
  "aria-pressed": String(id === selected),
  "aria-label": label,
});

const words = (look: string, x: number, y: number, text: string): Scene =>
  element("text", { class: look, x, y, "text-anchor": "middle" }, [text]);

/** An edge in words: what is differentiated by what, and what comes of it. */
const ofEdge = (e: ShownEdge, text: readonly string[], called: ReadonlyMap<string, string>): string =>
  `local derivative of ${called.get(e.to)} by ${called.get(e.from)}${text.length > 0 ? `: ${text.join(" = ")}` : ""}`;

/** In a large graph the layout leaves no room on edges: only the one that is looked at is written on. */
function edge(
  e: ShownEdge,
  state: Played,
  q: PictureState,
  roomy: boolean,
  called: ReadonlyMap<string, string>,
): Scene {
  const id = edgeId(e);
  const back = state.edges.has(id);
  const along = state.values.has(e.to) && state.values.has(e.from);
  const tone = back ? "backward" : along ? "forward" : "muted";
  const local = q.mode === "forward" ? along && e.flows : back;
  const [tip, before] = [e.points[e.points.length - 1], e.points[e.points.length - 2]];
  const path = element("path", {
    class: `curve tone-${tone}${state.now === id || q.selected === id ? "" : " thin"}`,
    d: smooth(e.points),
  });
  const arrow = back
    ? head(e.points[0], e.points[1], `fill-${tone}`)
    : head(tip, before, tone === "muted" ? "fill-muted" : `fill-${tone}`);
  if (!e.flows) return element("g", {}, [path, arrow]);
  const text = [e.localText, e.localValue].filter((t, i, all) => t !== "" && all.indexOf(t) === i);
  const label = text[0] ?? "";
  const hit = element("rect", {
    class: "hit",
    x: e.x - 24,
    y: e.y - 14,
    width: 48,
    height: 28,
  });
  // The edge ends behind what is written on it.
  const wide = 7 * Math.max(...text.map((t) => t.length)) + 4;
  const [top, high] = text.length > 1 ? [e.y - 15, 30] : [e.y - 9, 18];
  const labels =
    text.length === 0
      ? []
      : [
          element("rect", { class: "plate", x: e.x - wide / 2, y: top, width: wide, height: high }),
          words("", e.x, top + 12, label),
          ...(text[1] === undefined ? [] : [" ", words("fill-backward", e.x, top + 26, text[1])]),
        ];
  return element("g", { class: "part", ...control(id, ofEdge(e, text, called), q.selected) }, [
    path,
    arrow,
    hit,
    ...(local && (roomy || state.now === id || q.selected === id) ? labels : []),
  ]);
}

/** Through the points that the layout gives, rounded. */
function smooth(points: readonly (readonly [number, number])[]): string {
  const [first, ...rest] = points.map((p) => p.map(round));
  let d = `M${first[0]} ${first[1]}`;
  rest.forEach(([x, y], i) => {
    const next = rest[i + 1];
    if (next) d += `Q${x} ${y} ${round((x + next[0]) / 2)} ${round((y + next[1]) / 2)}`;
    else d += `L${x} ${y}`;
  });
  return d;
}

function head(tip: readonly [number, number], from: readonly [number, number], look: string): Scene {
  const angle = Math.atan2(tip[1] - from[1], tip[0] - from[0]);
  const at = (turn: number) =>
    `${round(tip[0] - 8 * Math.cos(angle + turn))} ${round(tip[1] - 8 * Math.sin(angle + turn))}`;
  return element("path", { class: look, d: `M${round(tip[0])} ${round(tip[1])}L${at(0.45)}L${at(-0.45)}Z` });
}

function node(n: ShownNode, state: Played, q: PictureState, g: Drawn): Scene {
  const [x, y] = [n.x - n.width / 2, n.y - n.height / 2];
  const value = state.values.has(n.id) && n.kind !== "constant" ? n.value : "";
  const second =
    q.mode === "forward"
      ? value && n.kind !== "constant"
        ? `∂/∂${g.wrt} ${n.tangent}`
        : ""
      : state.adjoints.has(n.id) && n.adjoint !== ""
        ? `∂ ${n.adjoint}`
        : "";
  const lines = [
    { text: n.title, look: "label title" },
    { text: value, look: "fill-forward" },
    { text: second, look: "fill-backward" },
  ].filter((l) => l.text !== "");
  const tone =
    second && q.mode === "reverse"
      ? "backward"
      : state.values.has(n.id) && n.kind === "operation"
        ? "forward"
        : "muted";
  const strong = n.id === state.now || n.id === q.selected;
  return element(
    "g",
    {
      class: `part${strong ? " strong" : ""}`,
      ...control(n.id, lines.map((l) => l.text).join(" "), q.selected),
    },
    [
      element("rect", {
        class: `node tone-${tone}${n.kind === "constant" ? " dashed" : ""}`,
        x,
        y,
        width: n.width,
        height: n.height,
        rx: n.kind === "variable" ? n.height / 2 : 8,
        "stroke-width": strong ? 3 : 1.5,
      }),
      // A blank between them, so that they are read as words.
      ...lines.flatMap((l, i) => [
        " ",
        words(l.look, n.x, n.y + 5 + (i - (lines.length - 1) / 2) * 17, l.text),
      ]),
    ],
  );
}
