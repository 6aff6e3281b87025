import type { GraphNode } from "gradus/math";
import { caption } from "./commands/graph.ts";
import { value } from "./output.ts";

const COLUMN = 170;
const ROW = 84;
const BOX = { width: 130, height: 56 };
const MARGIN = 24;

const escaped = (s: string): string =>
  s.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const short = (s: string): string => (s.length > 18 ? `${s.slice(0, 17)}…` : s);

/** Columns by the longest way from a leaf; rows by the order of the nodes before. */
function places(nodes: readonly GraphNode[]): Map<string, { x: number; y: number }> {
  const depth = new Map<string, number>();
  for (const n of nodes)
    depth.set(n.id, n.inputs.length === 0 ? 0 : 1 + Math.max(...n.inputs.map((i) => depth.get(i) as number)));
  // A leaf stands just before its first user.
  for (const n of nodes) {
    if (n.inputs.length > 0) continue;
    const users = nodes.filter((u) => u.inputs.includes(n.id)).map((u) => depth.get(u.id) as number);
    if (users.length > 0) depth.set(n.id, Math.min(...users) - 1);
  }
  const columns = new Map<number, string[]>();
  for (const n of nodes)
    columns.set(depth.get(n.id) as number, [...(columns.get(depth.get(n.id) as number) ?? []), n.id]);
  const tallest = Math.max(...[...columns.values()].map((c) => c.length));
  const found = new Map<string, { x: number; y: number }>();
  for (const [d, ids] of columns) {
    ids.forEach((id, i) => {
      found.set(id, { x: MARGIN + d * COLUMN, y: MARGIN + (i + (tallest - ids.length) / 2) * ROW });
    });
  }
  return found;
}

/** The computation graph as a picture: values in black, adjoints in red, inputs at the left. */
export function graphSvg(nodes: readonly GraphNode[]): string {
  const at = places(nodes);
  const all = [...at.values()];
  const width = Math.max(...all.map((p) => p.x)) + BOX.width + MARGIN;
  const height = Math.max(...all.map((p) => p.y)) + BOX.height + MARGIN;
  const edges = nodes.flatMap((n) => n.inputs.map((i) => edge(at.get(i) as Point, at.get(n.id) as Point)));
  const boxes = nodes.map((n) => box(n, at.get(n.id) as Point));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, sans-serif" font-size="13">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...edges,
    ...boxes,
    "</svg>",
  ].join("\n");
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function edge(from: Point, to: Point): string {
  const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2];
  const bend = Math.max(20, (x2 - x1) / 2);
  return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}" fill="none" stroke="#667" marker-end="url(#arrow)"/>`;
}

function box(n: GraphNode, { x, y }: Point): string {
  const fill = n.kind === "variable" ? "#e8f1ff" : n.kind === "constant" ? "#f4f4f4" : "#fff8e6";
  const lines = [`<tspan font-weight="bold">${escaped(short(caption(n)))}</tspan>`];
  if (n.value)
    lines.push(`<tspan x="${x + BOX.width / 2}" dy="16">${escaped(short(value(n.value)))}</tspan>`);
  if (n.adjoint)
    lines.push(
      `<tspan x="${x + BOX.width / 2}" dy="16" fill="#b3261e">∂ ${escaped(short(value(n.adjoint)))}</tspan>`,
    );
  const top = y + BOX.height / 2 + 5 - (lines.length - 1) * 8;
  return [
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="${n.kind === "variable" ? 28 : 8}" fill="${fill}" stroke="#667"/>`,
    `<text x="${x + BOX.width / 2}" y="${top}" text-anchor="middle">${lines.join("")}</text>`,
  ].join("");
}
