/** The pictures of the view, as scenes. */
import { chart, curve, frame, handle, point, rangeOf, type Scene, segment } from "gradus-charts";
import type { Differences, Sample } from "./work.ts";

export interface PlotState {
  readonly low: number;
  readonly high: number;
  readonly at: number;
  readonly dx: number;
  readonly wrt: string;
}

export function functionPicture(s: Sample | undefined, q: PlotState, width: number, height: number) {
  // Up to a third of the picture for the slope where it goes beyond the function.
  const own = rangeOf(s ? Array.from(s.f) : []);
  const slopes = rangeOf(s ? Array.from(s.d) : []);
  const room = (own.high - own.low) / 3;
  const y = {
    low: Math.max(Math.min(own.low, slopes.low), own.low - room),
    high: Math.min(Math.max(own.high, slopes.high), own.high + room),
  };
  const f = frame({
    width,
    height,
    x: { low: q.low, high: q.high },
    y,
    xName: q.wrt,
    corner: 60,
    legend: [
      { name: "function", tone: "forward" },
      { name: "derivative", tone: "backward", thin: true },
      { name: "tangent", tone: "backward", dashed: true },
      { name: `secant over Δ${q.wrt}`, tone: "model" },
    ],
  });
  const title = `the function and its derivative over ${q.wrt}`;
  if (!s) return { frame: f, scene: chart(f, { title, marks: [] }) };
  const marks: Scene[] = [
    curve(f, s.x, s.d, { tone: "backward", thin: true }),
    curve(f, s.x, s.f, { tone: "forward" }),
  ];
  const over: Scene[] = [];
  if (Number.isFinite(s.value)) {
    const line = (m: number) => (x: number) => s.value + m * (x - q.at);
    const across = (m: number) =>
      [
        [q.low, line(m)(q.low)],
        [q.high, line(m)(q.high)],
      ] as const;
    if (Number.isFinite(s.slope))
      marks.push(segment(f, ...across(s.slope), { tone: "backward", dashed: true }));
    if (Number.isFinite(s.ahead)) {
      marks.push(segment(f, ...across((s.ahead - s.value) / q.dx), { tone: "model" }));
      marks.push(point(f, q.at + q.dx, s.ahead, "model"));
    }
    over.push(
      handle(f, { id: "at", x: q.at, y: s.value, label: `the point, ${q.wrt}`, along: "x", tone: "forward" }),
    );
  }
  return { frame: f, scene: chart(f, { title, marks, over }) };
}

const TONES = ["forward", "second", "third", "fourth", "fifth", "muted"] as const;

/** The numbers of a vector or matrix, each as a curve. */
export function componentsPicture(
  s: { x: Float64Array; curves: readonly Float64Array[] } | undefined,
  q: Pick<PlotState, "low" | "high" | "wrt">,
  shape: readonly number[],
  width: number,
  height: number,
) {
  const curves = s?.curves ?? [];
  const place = (k: number): string =>
    shape.length === 1 ? `${k + 1}` : `${Math.floor(k / shape[1]) + 1}, ${(k % shape[1]) + 1}`;
  const f = frame({
    width,
    height,
    x: { low: q.low, high: q.high },
    y: rangeOf(curves.flatMap((c) => Array.from(c))),
    xName: q.wrt,
    corner: 60,
    legend: curves.map((_, k) => ({ name: `component ${place(k)}`, tone: TONES[k] })),
  });
  const title = `the components of the function over ${q.wrt}`;
  return {
    frame: f,
    scene: chart(f, { title, marks: curves.map((c, k) => curve(f, s?.x ?? [], c, { tone: TONES[k] })) }),
  };
}

/** The V of truncation and rounding. */
export function errorPicture(d: Differences | undefined, dx: number, width: number, height: number) {
  const f = frame({
    width,
    height,
    x: { low: 1e-16, high: 1 },
    y: { low: 1e-16, high: 10 },
    logX: true,
    logY: true,
    xName: "Δx",
    corner: 60,
    legend: [
      { name: "forward quotient", tone: "model" },
      { name: "central quotient", tone: "second" },
    ],
  });
  const title = "error of the difference quotients against the step, on logarithmic scales";
  if (!d) return { frame: f, scene: chart(f, { title, marks: [] }) };
  const shown = (v: Float64Array) => v.map((e) => (e === 0 ? 1e-16 : e));
  const marks = [
    curve(f, d.dx, shown(d.forward), { tone: "model" }),
    curve(f, d.dx, shown(d.central), { tone: "second" }),
  ];
  const nearest = d.dx.reduce(
    (best, h, i) => (Math.abs(Math.log(h / dx)) < Math.abs(Math.log(d.dx[best] / dx)) ? i : best),
    0,
  );
  const over = [
    handle(f, {
      id: "dx",
      x: dx,
      y: Math.min(10, Math.max(1e-16, shown(d.forward)[nearest] || 1e-16)),
      label: "the step, Δx",
      along: "x",
      tone: "model",
    }),
  ];
  return { frame: f, scene: chart(f, { title, marks, over }) };
}
