import { number } from "../output.ts";
import { leaps, type Picture, type Range, rangeOf, ticks } from "./curves.ts";

const [WIDTH, HEIGHT] = [720, 440];
const EDGE = { left: 62, right: 16, top: 16, bottom: 44 };
const COLOURS = ["#0b7285", "#e8590c", "#2f9e44", "#c2255c"];

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A picture as SVG: axes with round numbers, the curves, a legend; readable on light and dark ground. */
export function plotAsSvg(picture: Picture): string {
  const range = rangeOf(picture.curves);
  const inner = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  const px = (x: number) => EDGE.left + ((x - picture.from) / (picture.to - picture.from)) * inner.width;
  const py = (y: number) => EDGE.top + ((range.high - y) / (range.high - range.low)) * inner.height;
  const round = (v: number) => Number(v.toFixed(2));
  const grid = [
    ...ticks({ low: picture.from, high: picture.to }, 8).map((t) => {
      const x = round(px(t));
      return `<path class="${t === 0 ? "zero" : "grid"}" d="M${x} ${EDGE.top}V${HEIGHT - EDGE.bottom}"/><text x="${x}" y="${HEIGHT - EDGE.bottom + 18}" text-anchor="middle">${number(t, 6)}</text>`;
    }),
    ...ticks(range, 6).map((t) => {
      const y = round(py(t));
      return `<path class="${t === 0 ? "zero" : "grid"}" d="M${EDGE.left} ${y}H${WIDTH - EDGE.right}"/><text x="${EDGE.left - 8}" y="${y + 4}" text-anchor="end">${number(t, 6)}</text>`;
    }),
  ];
  const curves = picture.curves.map((c, i) => {
    const path = pathOf(c.y, picture, range, (x, y) => `${round(px(x))} ${round(py(y))}`);
    return `<path class="curve" stroke="${COLOURS[i % COLOURS.length]}" d="${path}"/>`;
  });
  const legend = picture.curves.map(
    (c, i) =>
      `<path class="curve" stroke="${COLOURS[i % COLOURS.length]}" d="M${EDGE.left + 12} ${EDGE.top + 16 + 20 * i}h22"/><text x="${EDGE.left + 42}" y="${EDGE.top + 20 + 20 * i}">${escaped(c.name)}</text>`,
  );
  const mark = picture.mark
    ? `<circle cx="${round(px(picture.mark.x))}" cy="${round(py(picture.mark.y))}" r="4.5" fill="${COLOURS[3]}"/>`
    : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(picture.curves.map((c) => c.name).join(", "))}">
<style>
svg { color: #212529; background: #fff; font: 13px system-ui, sans-serif }
text { fill: currentColor } .grid { stroke: currentColor; opacity: .12 } .zero { stroke: currentColor; opacity: .5 }
.curve { fill: none; stroke-width: 2.2; stroke-linejoin: round }
@media (prefers-color-scheme: dark) { svg { color: #e9ecef; background: #16181d } }
</style>
<clipPath id="area"><rect x="${EDGE.left}" y="${EDGE.top}" width="${inner.width}" height="${inner.height}"/></clipPath>
${grid.join("\n")}
<g clip-path="url(#area)">
${curves.join("\n")}
${mark}
</g>
<text x="${WIDTH - EDGE.right}" y="${HEIGHT - 8}" text-anchor="end" font-style="italic">${escaped(picture.variable)}</text>
${legend.join("\n")}
</svg>
`;
}

function pathOf(
  y: readonly number[],
  picture: Picture,
  range: Range,
  at: (x: number, y: number) => string,
): string {
  let path = "";
  let before: number | undefined;
  // Far outside the frame a coordinate only grows: it is held near.
  const span = range.high - range.low;
  const held = (v: number) => Math.min(range.high + 2 * span, Math.max(range.low - 2 * span, v));
  y.forEach((v, i) => {
    if (!Number.isFinite(v)) {
      before = undefined;
      return;
    }
    const x = picture.from + (i / (y.length - 1)) * (picture.to - picture.from);
    path += `${before === undefined || leaps(before, v, range) ? "M" : "L"}${at(x, held(v))}`;
    before = v;
  });
  return path;
}
