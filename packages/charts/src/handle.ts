import type { Frame } from "./frame.ts";
import { shortNumber } from "./range.ts";
import { element, type Scene } from "./scene.ts";
import type { Tone } from "./style.ts";

export interface Handle {
  /** What the page is told when it moves. */
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly along: "x" | "y" | "xy";
  readonly tone: Tone;
}

/** A point to drag, by pointer or by arrow keys; in a still picture, a dot. */
export function handle(f: Frame, h: Handle): Scene {
  const [cx, cy] = [f.px(h.x), f.py(h.y)];
  const text =
    h.along === "xy" ? `${shortNumber(h.x)}, ${shortNumber(h.y)}` : shortNumber(h.along === "x" ? h.x : h.y);
  return element(
    "g",
    {
      class: "handle",
      "data-handle": h.id,
      "data-along": h.along,
      tabindex: 0,
      role: "slider",
      "aria-label": h.label,
      "aria-valuenow": h.along === "y" ? h.y : h.x,
      "aria-valuemin": h.along === "y" ? f.y.low : f.x.low,
      "aria-valuemax": h.along === "y" ? f.y.high : f.x.high,
      "aria-valuetext": text,
    },
    [
      element("circle", { class: "hit", cx, cy, r: 20 }),
      element("circle", { class: `knob fill-${h.tone}`, cx, cy, r: 7.5 }),
    ],
  );
}
