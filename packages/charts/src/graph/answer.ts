/** What a picture of a computation graph shows, from plain data to plain data. */
import { type Tensor, tensor } from "gradus";
import {
  backwardPass,
  type Expression,
  forwardPass,
  type GraphEdge,
  type GraphNode,
  graphEdges,
  graphOf,
  graphTangents,
  operationCounts,
  parse,
  type Written,
} from "gradus/math";
import { shortNumber } from "../range.ts";
import { type Layout, layOut } from "./layout.ts";
import { type Numbers, shapeOf } from "./numbers.ts";

export interface Formula {
  readonly text: string;
  readonly latex: string;
}

export interface GraphQuestion {
  readonly f: string;
  /** Values of the variables, as far as they are given. */
  readonly values: Readonly<Record<string, Numbers>>;
  /** Whose tangents forward mode carries. */
  readonly wrt: string;
  readonly vertical: boolean;
}

export interface ShownNode {
  readonly id: string;
  readonly kind: "variable" | "constant" | "operation";
  /** What it is called, and what it does. */
  readonly name: string;
  readonly title: string;
  readonly value: string;
  readonly adjoint: string;
  readonly tangent: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface ShownEdge {
  readonly from: string;
  readonly to: string;
  readonly place: number;
  /** Nothing flows back along an edge from a constant. */
  readonly flows: boolean;
  readonly symbol: string;
  readonly local?: Formula;
  readonly localText: string;
  readonly localValue: string;
  readonly part?: Formula;
  readonly partValue: string;
  readonly points: readonly (readonly [number, number])[];
  readonly x: number;
  readonly y: number;
}

export interface Row {
  readonly symbol: string;
  readonly formula?: Formula;
  readonly value: string;
}

export interface GraphAnswer {
  readonly f: string;
  readonly variables: readonly { readonly name: string; readonly value: Numbers }[];
  readonly result: string;
  readonly nodes: readonly ShownNode[];
  readonly edges: readonly ShownEdge[];
  readonly width: number;
  readonly height: number;
  readonly forward: readonly Row[];
  readonly backward: readonly Row[];
  readonly tangents: readonly Row[];
  readonly wrt: string;
  readonly counts: {
    readonly values: number;
    readonly reverse: number;
    readonly forward: readonly { readonly name: string; readonly passes: number; readonly each: number }[];
    readonly forwardAll: number;
  };
}

/** Values where none are given: different from each other, so that the picture tells them apart. */
const DEFAULTS = [0.5, 1, 0.25, -0.5, 2, 0.75, -1];

/** Of larger graphs no picture can be read. */
const MOST_NODES = 600;

const formula = (w: Written): Formula => ({ text: w.text, latex: w.latex });

/** A number, a short vector, or the size of a larger tensor. */
function shown(t: Tensor | undefined): string {
  if (!t) return "";
  if (t.rank === 0) return shortNumber(t.item(), 4);
  const numbers = Array.from(t.toTypedArray(), (v) => shortNumber(Number(v), 2));
  return t.rank === 1 && t.size <= 3 ? `[${numbers.join(", ")}]` : t.shape.join("×");
}

/** In full, for the tables. */
function full(t: Tensor): string {
  const write = (v: Numbers): string =>
    typeof v === "number" ? shortNumber(v, 5) : `[${v.map(write).join(", ")}]`;
  return t.size > 24 ? shown(t) : write(t.toArray() as Numbers);
}

export async function graphAnswer(q: GraphQuestion): Promise<GraphAnswer> {
  const shapes = Object.fromEntries(Object.entries(q.values).map(([k, v]) => [k, shapeOf(v)]));
  const e = parse(q.f, { shapes, variables: Object.keys(q.values) });
  const names = [...e.variables.keys()];
  const given = names.map((n, i) => q.values[n] ?? DEFAULTS[i % DEFAULTS.length]);
  const values = new Map(names.map((n, i) => [n, tensor(given[i] as number)]));
  if (e.node.rank > 0)
    throw new Error(`the result has shape [${e.node.shape}]: gradients need one number, such as sum(…)`);
  if (e.node.dtype === "bool") throw new Error(`${e} is true or false: gradients need a number`);
  const all = graphOf(e, values);
  if (all.length > MOST_NODES)
    throw new Error(`the graph has ${all.length} nodes: no more than ${MOST_NODES} can be drawn`);
  const wrt = names.includes(q.wrt) ? q.wrt : (names[0] ?? "");
  const flows = graphEdges(e, values);
  const tangents = wrt ? graphTangents(e, values, wrt) : new Map<string, Tensor>();
  const drawn = await drawnGraph(all, flows, { vertical: q.vertical, tangents });
  const counts = operationCounts(e);
  return {
    f: q.f,
    variables: names.map((name, i) => ({ name, value: given[i] })),
    ...drawn,
    ...tables(e, values, wrt),
    wrt,
    counts: {
      ...counts,
      forward: [...counts.forward].map(([name, f]) => ({ name, ...f })),
    },
  };
}

export type DrawnGraph = Pick<GraphAnswer, "result" | "nodes" | "edges" | "width" | "height">;

interface DrawOptions {
  readonly vertical?: boolean;
  readonly tangents?: ReadonlyMap<string, Tensor>;
}

/** The graph laid out, with what stands on nodes and edges; without flows, the structure alone. */
export async function drawnGraph(
  all: readonly GraphNode[],
  flows: readonly GraphEdge[] = [],
  { vertical = false, tangents = new Map() }: DrawOptions = {},
): Promise<DrawnGraph> {
  const { nodes, folded } = withoutConstantWork(all);
  const named = nodes.flatMap((n) => (n.name === undefined ? [] : [[n.id, inPicture(n.name)] as const]));
  const calls = new Map([
    ...named,
    ...flows.flatMap(
      (f) =>
        [
          [f.from, inPicture(f.fromName.pretty)],
          [f.to, inPicture(f.toName.pretty)],
        ] as const,
    ),
  ]);
  const byEnd = new Map(flows.map((f) => [endOf(f), f]));
  const place = await placed(nodes, byEnd, vertical, calls, folded);
  return {
    result: calls.get(nodes[nodes.length - 1]?.id) ?? "y",
    nodes: nodes.map((n, i) => ({
      id: n.id,
      kind: folded.has(n.id) ? "constant" : n.kind,
      name: calls.get(n.id) ?? folded.get(n.id) ?? n.label,
      title: titleOf(n, calls, folded),
      value: shown(n.value),
      adjoint: calls.has(n.id) ? shown(n.adjoint) : "",
      tangent: tangents.has(n.id) ? shown(tangents.get(n.id)) : "0",
      ...place.boxes[i],
      ...sizeOf(n, folded),
    })),
    edges: linksOf(nodes).map((l, i) => shownEdge(l, byEnd, place.links[i])),
    width: place.width,
    height: place.height,
  };
}

const SIZE = { width: 116, height: 62 };
const SMALL = { width: 64, height: 34 };

const WIDE = { width: 168, height: 62 };

const sizeOf = (n: GraphNode, folded: ReadonlyMap<string, string>) =>
  folded.has(n.id)
    ? { ...SMALL, width: Math.max(SMALL.width, 20 + 8 * (folded.get(n.id)?.length ?? 0)) }
    : n.shape.length === 1 && n.shape[0] <= 3
      ? WIDE
      : SIZE;

/** A constant of more letters is written as its value. */
const LONGEST_CONSTANT = 8;

/** How constant work is written: 1/2, or what comes of it. */
function constantText(n: GraphNode, folded: ReadonlyMap<string, string>): string {
  const parts = n.inputs.map((i) => folded.get(i) ?? "");
  const sign = n.label === "÷" ? "/" : n.label;
  const text = parts.length === 2 ? parts.join(sign) : `${sign}(${parts.join(", ")})`;
  const short = n.shape.length === 0 && text.length <= LONGEST_CONSTANT;
  return short ? text : shown(n.value) || n.shape.join("×") || text;
}

/** 1 ÷ 2 is a constant to a person: what no variable reaches is one node. */
function withoutConstantWork(all: readonly GraphNode[]) {
  const byId = new Map(all.map((n) => [n.id, n]));
  const folded = new Map<string, string>();
  for (const n of all) {
    if (n.kind === "constant") folded.set(n.id, n.label);
    else if (n.kind === "operation" && n.inputs.every((i) => folded.has(i)))
      folded.set(n.id, constantText(n, folded));
  }
  const used = new Set<string>();
  for (const n of all) if (!folded.has(n.id)) for (const i of n.inputs) used.add(i);
  const last = all[all.length - 1];
  const nodes = all
    .filter((n) => !folded.has(n.id) || used.has(n.id) || n === last)
    .map((n) => (folded.has(n.id) ? { ...(byId.get(n.id) as GraphNode), inputs: [] } : n));
  return { nodes, folded };
}

function titleOf(
  n: GraphNode,
  calls: ReadonlyMap<string, string>,
  folded: ReadonlyMap<string, string>,
): string {
  if (folded.has(n.id)) return folded.get(n.id) as string;
  const name = calls.get(n.id);
  if (n.kind === "variable") return name ?? inPicture(n.label);
  return name === undefined ? n.label : `${name} = ${n.label}`;
}

const linksOf = (nodes: readonly GraphNode[]) =>
  nodes.flatMap((n) => n.inputs.map((from, place) => ({ from, to: n.id, place })));

const MOST_LETTERS = 16;
const LETTER = 6.6;

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/** A picture has no typesetting: v₁ and −1 by their own characters. */
const inPicture = (text: string): string =>
  text
    .replace(/(?<=\p{L}_?)_?(\d+)/gu, (_, digits: string) =>
      [...digits].map((d) => SUBSCRIPTS[Number(d)]).join(""),
    )
    .replaceAll("-", "−");

const labelText = (f: GraphEdge | undefined): string => {
  const text = inPicture(f?.local?.pretty ?? f?.part.pretty ?? "");
  return text.length > MOST_LETTERS ? "" : text;
};

const places = new Map<string, Layout>();

/** The same structure stands in the same places, whatever its numbers. */
async function placed(
  nodes: readonly GraphNode[],
  flows: Flows,
  vertical: boolean,
  calls: ReadonlyMap<string, string>,
  folded: ReadonlyMap<string, string>,
): Promise<Layout> {
  const links = linksOf(nodes).map((l) => {
    const letters = Math.max(labelText(flows.get(endOf(l))).length, calls.has(l.from) ? 7 : 0);
    return { ...l, width: letters === 0 ? 0 : letters * LETTER + 8 };
  });
  const boxes = nodes.map((n) => ({ id: n.id, ...sizeOf(n, folded) }));
  const key = JSON.stringify([boxes, links, vertical]);
  let found = places.get(key);
  if (!found) {
    found = await layOut(boxes, links, vertical);
    if (places.size > 20) places.clear();
    places.set(key, found);
  }
  return found;
}

interface Place {
  readonly from: string;
  readonly to: string;
  readonly place: number;
}

type Flows = ReadonlyMap<string, GraphEdge>;

const endOf = ({ to, place }: { readonly to: string; readonly place: number }): string => `${to} ${place}`;

function shownEdge(l: Place, flows: Flows, at: Layout["links"][number]): ShownEdge {
  const f = flows.get(endOf(l));
  return {
    ...l,
    ...at,
    flows: f !== undefined,
    symbol: f ? `\\frac{\\partial ${f.toName.latex}}{\\partial ${f.fromName.latex}}` : "",
    ...(f?.local ? { local: formula(f.local) } : {}),
    localText: labelText(f),
    localValue: shown(f?.localValue),
    ...(f ? { part: formula(f.part) } : {}),
    partValue: shown(f?.partValue),
  };
}

/** The passes line by line, as on a whiteboard. */
function tables(e: Expression, values: ReadonlyMap<string, Tensor>, wrt: string) {
  if (values.size === 0) return { forward: [], backward: [], tangents: [] };
  const pass = backwardPass(e, values);
  const latex = (name: string): string => parse(name, { variables: [name] }).toLatex();
  const partial = (y: string, x: string) => `\\frac{\\partial ${latex(y)}}{\\partial ${latex(x)}}`;
  const scalar = values.get(wrt)?.rank === 0;
  const row = (symbol: string, f: Written | undefined, value: Tensor): Row => ({
    symbol,
    ...(f ? { formula: formula(f) } : {}),
    value: full(value),
  });
  return {
    forward: pass.forward.map((r) => row(latex(r.name), r.formula, r.value)),
    backward: pass.backward.map((r) => row(partial(pass.result, r.name), r.formula, r.adjoint)),
    tangents: scalar
      ? forwardPass(e, values, wrt)
          .filter((r) => r.tangent)
          .map((r) => row(partial(r.name, wrt), r.tangent, r.tangentValue))
      : [],
  };
}
