import type { Frame } from "./frame.ts";
import { type Look, lineClass } from "./legend.ts";
import { leaps } from "./range.ts";
import { element, round, type Scene } from "./scene.ts";
import type { Tone } from "./style.ts";

/** A curve through samples (NaN where there is no value); no line across a pole. */
export function curve(f: Frame, x: ArrayLike<number>, y: ArrayLike<number>, look: Look): Scene {
  let d = "";
  let before: number | undefined;
  for (let i = 0; i < y.length; i++) {
    const v = y[i];
    const shown = Number.isFinite(v) && (!f.logY || v > 0);
    if (shown) {
      const joined = before !== undefined && (f.logY || !leaps(before, v, f.y));
      d += `${joined ? "L" : "M"}${round(f.px(x[i]))} ${round(f.py(v))}`;
    }
    before = shown ? v : undefined;
  }
  return element("path", { class: lineClass(look), d });
}

/** Where the points are; those without a place are left out. */
const placed = (f: Frame, x: ArrayLike<number>, y: ArrayLike<number>): string[] =>
  Array.from(x, (v, i) => [f.px(v), f.py(y[i])])
    .filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
    .map(([px, py]) => `${round(px)} ${round(py)}`);

/** Points joined in their order: the path of a descent. */
export function polyline(f: Frame, x: ArrayLike<number>, y: ArrayLike<number>, look: Look): Scene {
  const at = placed(f, x, y);
  return element("path", { class: lineClass(look), d: at.length > 0 ? `M${at.join("L")}` : "" });
}

/** A straight line between two points of the data. */
export function segment(
  f: Frame,
  from: readonly [number, number],
  to: readonly [number, number],
  look: Look,
): Scene {
  return polyline(f, [from[0], to[0]], [from[1], to[1]], look);
}

/** The band between two curves: an enclosure, an interval of confidence. */
export function area(
  f: Frame,
  x: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  tone: Tone,
): Scene {
  const runs: number[][] = [[]];
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(low[i]) && Number.isFinite(high[i])) runs[runs.length - 1].push(i);
    else if (runs[runs.length - 1].length > 0) runs.push([]);
  }
  const at = (i: number, y: ArrayLike<number>) => `${round(f.px(x[i]))} ${round(f.py(y[i]))}`;
  const d = runs
    .filter((run) => run.length > 0)
    .map(
      (run) =>
        `M${run.map((i) => at(i, high)).join("L")}L${run
          .reverse()
          .map((i) => at(i, low))
          .join("L")}Z`,
    );
  return element("path", { class: `area fill-${tone}`, d: d.join("") });
}

export function point(f: Frame, x: number, y: number, tone: Tone, r = 4.5): Scene {
  const [cx, cy] = [f.px(x), f.py(y)];
  if (!Number.isFinite(cx) || !Number.isFinite(cy)) return element("g");
  return element("circle", { class: `fill-${tone}`, cx, cy, r });
}

/** Many points as one element: ten thousand are drawn as quickly as one path. */
export function dots(f: Frame, x: ArrayLike<number>, y: ArrayLike<number>, tone: Tone): Scene {
  const d = placed(f, x, y)
    .map((at) => `M${at}h0`)
    .join("");
  // The rim keeps points apart where they crowd.
  return element("g", {}, [
    element("path", { class: "dots-rim", d }),
    element("path", { class: `dots tone-${tone}`, d }),
  ]);
}
