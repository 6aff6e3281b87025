import { chart, curve, fileStyle, frame, point, rangeOf, steps, type Tone, toSvg } from "gradus-charts";
import type { Picture } from "./curves.ts";

const [WIDTH, HEIGHT] = [720, 440];
const TONES: readonly Tone[] = ["forward", "backward", "model", "second"];

/** A picture as SVG: axes with round numbers, the curves, a legend; readable on light and dark ground. */
export function plotAsSvg(picture: Picture): string {
  const looks = picture.curves.map((c, i) => ({ name: c.name, tone: TONES[i % TONES.length] }));
  const f = frame({
    width: WIDTH,
    height: HEIGHT,
    x: { low: picture.from, high: picture.to },
    // The first curve sets the picture; what goes with it may leave it.
    y: rangeOf(picture.curves[0].y),
    xName: picture.variable,
    legend: looks,
  });
  const lines = picture.curves.map((c, i) =>
    curve(f, steps(picture.from, picture.to, c.y.length), c.y, looks[i]),
  );
  const mark = picture.mark ? [point(f, picture.mark.x, picture.mark.y, "backward")] : [];
  const title = looks.map((l) => l.name).join(", ");
  return `${toSvg(chart(f, { title, marks: [...lines, ...mark] }), fileStyle)}\n`;
}
