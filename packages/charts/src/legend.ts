import { raisedText, runsOf, SIZES } from "./raised-text.ts";
import { element, type Scene } from "./scene.ts";
import type { Tone } from "./style.ts";

export interface Look {
  readonly tone: Tone;
  readonly dashed?: boolean;
  readonly thin?: boolean;
}

export interface LegendEntry extends Look {
  readonly name: string;
  /** What is drawn of it: a line unless told. */
  readonly as?: "line" | "dot" | "area";
}

export const lineClass = ({ tone, dashed, thin }: Look): string =>
  ["curve", `tone-${tone}`, dashed && "dashed", thin && "thin"].filter(Boolean).join(" ");

const LINE = 20;
/** How wide letters are at 13 px; there is no page here to ask. */
const LETTER = 7.4;
const NARROW = /[iIlj.,'|:;!()ftr\s]/;
const WIDE = /[mwMW]/;
const widthOf = (text: string): number =>
  runsOf(text).reduce(
    (sum, run) => sum + (SIZES[run.level] / SIZES[0]) * [...run.text].reduce((w, c) => w + letter(c), 0),
    0,
  );
const letter = (c: string): number => LETTER * (NARROW.test(c) ? 0.62 : WIDE.test(c) ? 1.6 : 1.06);
const SAMPLE = 30;

interface Placed {
  readonly entry: LegendEntry;
  readonly x: number;
  readonly row: number;
}

/** Beside each other as far as they fit, then the next row. */
function placed(entries: readonly LegendEntry[], width: number): Placed[] {
  let [x, row] = [0, 0];
  return entries.map((entry) => {
    const own = SAMPLE + widthOf(entry.name) + 14;
    if (x > 0 && x + own > width) [x, row] = [0, row + 1];
    const at = { entry, x, row };
    x += own;
    return at;
  });
}

export function legendHeight(entries: readonly LegendEntry[], width: number): number {
  return entries.length === 0 ? 0 : LINE * (1 + (placed(entries, width).at(-1)?.row ?? 0)) + 4;
}

function sample(entry: LegendEntry, x: number, y: number): Scene {
  if (entry.as === "dot")
    return element("circle", { class: `fill-${entry.tone}`, cx: x + 15, cy: y, r: 4.5 });
  if (entry.as === "area")
    return element("rect", { class: `area fill-${entry.tone}`, x, y: y - 6, width: 22, height: 12 });
  return element("path", { class: lineClass(entry), d: `M${x} ${y}h22` });
}

/** What each line is, in rows above the picture. */
export function legend(entries: readonly LegendEntry[], left: number, width: number): Scene {
  const marks = placed(entries, width).flatMap(({ entry, x, row }) => {
    const y = 10 + LINE * row;
    return [
      sample(entry, left + x, y),
      element("text", { class: "label", x: left + x + SAMPLE, y: y + 4 }, raisedText(entry.name)),
    ];
  });
  return element("g", { class: "legend" }, marks);
}
