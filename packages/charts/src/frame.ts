import { scaleLinear, scaleLog } from "d3-scale";
import { type LegendEntry, legend, legendHeight } from "./legend.ts";
import { lowered } from "./raised-text.ts";
import { type Range, raised, shortNumber } from "./range.ts";
import { element, type Scene } from "./scene.ts";

export interface FrameOptions {
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
  readonly xName?: string;
  readonly yName?: string;
  /** An axis by powers of ten: its range is positive. */
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** What each line is: a row above the picture. */
  readonly legend?: readonly LegendEntry[];
  /** The right upper corner is taken, by a button of the page. */
  readonly corner?: number;
  /** No numbers at the axes: for a picture of a few centimetres. */
  readonly small?: boolean;
}

/** Where things stand in a picture: data to pixels and back, and the box that they are drawn in. */
export interface Frame extends FrameOptions {
  readonly left: number;
  readonly top: number;
  readonly inner: { readonly width: number; readonly height: number };
  readonly px: (x: number) => number;
  readonly py: (y: number) => number;
  readonly xAt: (px: number) => number;
  readonly yAt: (py: number) => number;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

/** Far outside, a coordinate only grows: it is held near, since renderers lose precision there. */
const FAR = 4;

/** Before it is scaled: the scale of a huge number overflows. */
const near = (v: number, { low, high }: Range, log = false): number =>
  log ? v : Math.min(high + 2 * FAR * (high - low), Math.max(low - 2 * FAR * (high - low), v));

export function frame(options: FrameOptions): Frame {
  const { width, height, x, y, small } = options;
  const edge = small
    ? { left: 8, right: 8, top: 8, bottom: 8 }
    : { left: 56, right: 14, top: 14, bottom: options.xName ? 40 : 28 };
  edge.top += legendHeight(options.legend ?? [], legendWidth(options, edge.left));
  const inner = {
    width: Math.max(10, width - edge.left - edge.right),
    height: Math.max(10, height - edge.top - edge.bottom),
  };
  const sx = (options.logX ? scaleLog() : scaleLinear())
    .domain([x.low, x.high])
    .range([edge.left, edge.left + inner.width]);
  const sy = (options.logY ? scaleLog() : scaleLinear())
    .domain([y.low, y.high])
    .range([edge.top + inner.height, edge.top]);
  const held = (v: number, from: number, size: number) =>
    Math.min(from + (FAR + 1) * size, Math.max(from - FAR * size, v));
  return {
    ...options,
    left: edge.left,
    top: edge.top,
    inner,
    px: (v) => held(sx(near(v, x, options.logX)), edge.left, inner.width),
    py: (v) => held(sy(near(v, y, options.logY)), edge.top, inner.height),
    xAt: (v) => sx.invert(v),
    yAt: (v) => sy.invert(v),
    xTicks: ticksOf(sx.ticks(Math.max(2, Math.floor(inner.width / 76))), options.logX),
    yTicks: ticksOf(sy.ticks(Math.max(2, Math.floor(inner.height / 48))), options.logY),
  };
}

const legendWidth = ({ width, corner = 0 }: FrameOptions, left: number): number => width - left - corner;

/** Of a logarithmic axis, powers of ten alone, and not more than fit. */
function ticksOf(ticks: readonly number[], log = false): number[] {
  if (!log) return [...ticks];
  const powers = ticks.filter((t) => Math.abs(Math.log10(t) - Math.round(Math.log10(t))) < 1e-9);
  const every = Math.max(1, Math.ceil(powers.length / 7));
  return powers.filter((_, i) => i % every === 0);
}

const tickText = (v: number, log = false): string =>
  log ? `10${raised(Math.round(Math.log10(v)))}` : shortNumber(v);

/** Grid, numbers and names of the two axes. */
export function axes(f: Frame): Scene {
  const bottom = f.top + f.inner.height;
  const right = f.left + f.inner.width;
  const zero = (v: number, log?: boolean) => (v === 0 && !log ? "axis-zero" : "axis-grid");
  const xs = f.xTicks.flatMap((t) => [
    element("path", { class: zero(t, f.logX), d: `M${Math.round(f.px(t)) + 0.5} ${f.top}V${bottom}` }),
    ...(f.small
      ? []
      : [element("text", { x: f.px(t), y: bottom + 17, "text-anchor": "middle" }, [tickText(t, f.logX)])]),
  ]);
  const ys = f.yTicks.flatMap((t) => [
    element("path", { class: zero(t, f.logY), d: `M${f.left} ${Math.round(f.py(t)) + 0.5}H${right}` }),
    ...(f.small
      ? []
      : [element("text", { x: f.left - 8, y: f.py(t) + 4, "text-anchor": "end" }, [tickText(t, f.logY)])]),
  ]);
  const names = [
    f.xName &&
      element("text", { class: "label italic", x: right, y: bottom + 34, "text-anchor": "end" }, [
        lowered(f.xName),
      ]),
    f.yName &&
      element("text", { class: "label italic halo", x: f.left + 6, y: f.top + 13 }, [lowered(f.yName)]),
  ].filter((n): n is Scene => typeof n === "object");
  return element("g", { class: "axes", "aria-hidden": "true" }, [...xs, ...ys, ...names]);
}

export interface ChartParts {
  /** What the picture shows, for who cannot see it. */
  readonly title: string;
  /** Cut at the edge of the frame. */
  readonly marks: readonly Scene[];
  /** Drawn over all, not cut: handles, labels. */
  readonly over?: readonly Scene[];
  /** The marks alone, to be laid over a picture of the same frame. */
  readonly bare?: boolean;
}

/** A whole picture. */
export function chart(f: Frame, { title, marks, over = [], bare = false }: ChartParts): Scene {
  const { left, top, inner } = f;
  // A nested svg cuts what leaves it without an id that must be unique in the page.
  const area = element(
    "svg",
    {
      x: left,
      y: top,
      width: inner.width,
      height: inner.height,
      viewBox: [left, top, inner.width, inner.height].join(" "),
      overflow: "hidden",
    },
    marks,
  );
  const live = over.some((o) => "data-handle" in o.attributes);
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "chart",
      viewBox: `0 0 ${f.width} ${f.height}`,
      width: f.width,
      height: f.height,
      // A page that makes it live knows from here where a pointer is in the data.
      "data-frame": live
        ? [left, top, inner.width, inner.height, f.x.low, f.x.high, f.y.low, f.y.high].join(" ")
        : undefined,
      role: live ? "group" : "img",
      "aria-label": title,
    },
    [
      ...(bare ? [] : [axes(f)]),
      area,
      ...(f.legend && !bare ? [legend(f.legend, left, legendWidth(f, left))] : []),
      ...over,
    ],
  );
}
