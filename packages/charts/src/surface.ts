import { scaleLinear } from "d3-scale";
import type { Grid } from "./contour.ts";
import { type LegendEntry, legend, legendHeight } from "./legend.ts";
import { lowered } from "./raised-text.ts";
import { type Range, shortNumber } from "./range.ts";
import { element, round, type Scene } from "./scene.ts";
import { SHADES, type Tone } from "./style.ts";

/** From where a surface is looked at, in radians: around the vertical axis, and above the ground. */
export interface View {
  readonly azimuth: number;
  readonly elevation: number;
}

/** A sheet over the ground: the function itself, opaque and shaded by height, or a model of it, clear. */
export interface Sheet {
  readonly grid: Grid;
  readonly x: Range;
  readonly y: Range;
  /** Without a tone, the function. */
  readonly tone?: Tone;
}

/** Points over the ground, joined: a path of descent. A single one is a dot. */
export interface Trail {
  readonly tone: Tone;
  readonly points: readonly (readonly [number, number, number])[];
}

export interface SurfaceOptions {
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
  readonly z: Range;
  readonly names: readonly [string, string];
  readonly view: View;
  readonly title: string;
  readonly sheets: readonly Sheet[];
  readonly trails?: readonly Trail[];
  readonly legend?: readonly LegendEntry[];
}

/** How high the box is, for a ground of 2 × 2. */
const HIGH = 0.72;

type Place = readonly [x: number, y: number, depth: number];
type Projection = (x: number, y: number, z: number) => Place;

const part = (v: number, { low, high }: Range): number => (v - low) / (high - low || 1);

/** Data to pixels and a depth, larger farther away: parallel lines stay parallel. */
function projection(o: SurfaceOptions, top: number): Projection {
  const [c, s] = [Math.cos(o.view.azimuth), Math.sin(o.view.azimuth)];
  const [up, flat] = [Math.cos(o.view.elevation), Math.sin(o.view.elevation)];
  const room = o.height - top;
  // A square seen across its corner is the widest that it can be.
  const scale = Math.min(o.width / 3.1, (room - 24) / (2 * HIGH * up + 2.83 * flat));
  return (x, y, z) => {
    const [u, v, w] = [2 * part(x, o.x) - 1, 2 * part(y, o.y) - 1, HIGH * (2 * part(z, o.z) - 1)];
    const [across, away] = [c * u - s * v, s * u + c * v];
    return [
      o.width / 2 + scale * across,
      top + room / 2 - scale * (w * up + away * flat),
      away * up - w * flat,
    ];
  };
}

interface Drawn {
  readonly depth: number;
  readonly scene: Scene;
}

const path = (points: readonly Place[]): string =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");

const known = new WeakMap<ArrayLike<number>, { key: string; drawn: Drawn[] }>();

/** The same sheet seen from the same side is the same: while a path on it is dragged, none of it is worked out anew. */
function cells(sheet: Sheet, o: SurfaceOptions, at: Projection, top: number): Drawn[] {
  const key = JSON.stringify([
    o.width,
    o.height,
    top,
    o.view,
    o.x,
    o.y,
    o.z,
    { ...sheet, grid: sheet.grid.columns },
  ]);
  const found = known.get(sheet.grid.values);
  if (found?.key === key) return found.drawn;
  const drawn = cellsOf(sheet, o, at);
  known.set(sheet.grid.values, { key, drawn });
  return drawn;
}

/** The cells of a sheet. Where the function leaves the box or has no value, there is a hole. */
function cellsOf(sheet: Sheet, o: SurfaceOptions, at: Projection): Drawn[] {
  const { columns, rows, values } = sheet.grid;
  const drawn: Drawn[] = [];
  const spot = (c: number, r: number): readonly [number, number, number] => [
    sheet.x.low + ((sheet.x.high - sheet.x.low) * c) / (columns - 1),
    sheet.y.low + ((sheet.y.high - sheet.y.low) * r) / (rows - 1),
    values[r * columns + c],
  ];
  for (let r = 0; r + 1 < rows; r++)
    for (let c = 0; c + 1 < columns; c++) {
      const corners = [spot(c, r), spot(c + 1, r), spot(c + 1, r + 1), spot(c, r + 1)];
      const heights = corners.map((p) => part(p[2], o.z));
      if (!heights.every((h) => h >= -1e-9 && h <= 1 + 1e-9)) continue;
      const places = corners.map(([x, y, z]) => at(x, y, z));
      const height = heights.reduce((a, b) => a + b, 0) / 4;
      const look = sheet.tone
        ? `sheet fill-${sheet.tone} tone-${sheet.tone}`
        : `cell shade-${Math.min(SHADES - 1, Math.floor(height * SHADES))}`;
      drawn.push({
        depth: places.reduce((sum, p) => sum + p[2], 0) / 4,
        scene: element("path", { class: look, d: `${path(places)}Z` }),
      });
    }
  return drawn;
}

/** A little towards the eye, so that a path on the surface is not half sunk in it. */
const NEARER = 0.06;

function trail({ tone, points }: Trail, at: Projection, { z }: SurfaceOptions): Drawn[] {
  const places = points
    .filter((p) => p.every(Number.isFinite))
    .map((p) => at(p[0], p[1], Math.min(z.high, Math.max(z.low, p[2]))));
  return places.flatMap((p, i) => [
    ...(i > 0
      ? [
          {
            depth: Math.min(p[2], places[i - 1][2]) - NEARER,
            scene: element("path", { class: `curve tone-${tone}`, d: path([places[i - 1], p]) }),
          },
        ]
      : []),
    {
      depth: p[2] - 1.1 * NEARER,
      scene: element("circle", {
        class: `fill-${tone}`,
        cx: p[0],
        cy: p[1],
        r: i === places.length - 1 ? 5.5 : 3,
      }),
    },
  ]);
}

/** Round numbers, clear of the corners where two edges meet. */
const ticksOf = (range: Range): number[] =>
  scaleLinear()
    .domain([range.low, range.high])
    .ticks(4)
    .filter((t) => part(t, range) > 0.04 && part(t, range) < 0.96);

/** The ground, and numbers and names at its edges. */
function ground(o: SurfaceOptions, at: Projection): Scene[] {
  const { x, y, z } = o;
  const corners = [
    at(x.low, y.low, z.low),
    at(x.high, y.low, z.low),
    at(x.high, y.high, z.low),
    at(x.low, y.high, z.low),
  ];
  const middle = at((x.low + x.high) / 2, (y.low + y.high) / 2, z.low);
  // Of two edges along an axis, the one in front.
  const nearY = corners[0][2] + corners[1][2] < corners[2][2] + corners[3][2] ? y.low : y.high;
  const nearX = corners[0][2] + corners[3][2] < corners[1][2] + corners[2][2] ? x.low : x.high;
  const edge = (range: Range, name: string, place: (v: number) => Place): Scene[] => {
    const half = place((range.low + range.high) / 2);
    const [dx, dy] = [half[0] - middle[0], half[1] - middle[1]];
    const length = Math.hypot(dx, dy) || 1;
    const label = (share: number, text: string, look: string, far: number) => {
      const p = place(range.low + share * (range.high - range.low));
      const at = { x: p[0] + (far * 20 * dx) / length, y: p[1] + (far * 16 * dy) / length + 4 };
      return element("text", { class: look, ...at, "text-anchor": "middle" }, [text]);
    };
    // The name stands farther out, beside the numbers.
    return [
      ...ticksOf(range).map((t) => label(part(t, range), shortNumber(t, 3), "", 1)),
      label(0.5, lowered(name), "label italic", 2.1),
    ];
  };
  return [
    element("path", { class: "axis-grid", d: `${path(corners)}Z` }),
    ...edge(x, o.names[0], (v) => at(v, nearY, z.low)),
    ...edge(y, o.names[1], (v) => at(nearX, v, z.low)),
  ];
}

/** A surface in parallel projection, far parts first: sheets and paths over the ground. */
export function surface(o: SurfaceOptions): Scene {
  const top = legendHeight(o.legend ?? [], o.width - 60);
  const at = projection(o, top);
  const drawn = [
    ...o.sheets.flatMap((s) => cells(s, o, at, top)),
    ...(o.trails ?? []).flatMap((t) => trail(t, at, o)),
  ].sort((a, b) => b.depth - a.depth);
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "chart surface",
      viewBox: `0 0 ${o.width} ${o.height}`,
      width: o.width,
      height: o.height,
      role: "img",
      "aria-label": o.title,
    },
    [
      ...ground(o, at),
      ...drawn.map((d) => d.scene),
      ...(o.legend ? [legend(o.legend, 8, o.width - 60)] : []),
    ],
  );
}
