/** Charts as trees of SVG elements: a page makes them live, `toSvg` writes them. */
export { contourAreas, contourLines, type Grid, levelsOf } from "./contour.ts";
export { area, curve, dots, point, polyline, segment } from "./curve.ts";
export { axes, type ChartParts, chart, type Frame, type FrameOptions, frame } from "./frame.ts";
export { type Handle, handle } from "./handle.ts";
export type { LegendEntry, Look } from "./legend.ts";
export { lowered } from "./raised-text.ts";
export { latexNumber, leaps, plainNumber, type Range, rangeOf, shortNumber, steps } from "./range.ts";
export { type Attributes, element, round, type Scene, toSvg } from "./scene.ts";
export { COLOURS, chartStyle, colourStyle, fileStyle, type Tone } from "./style.ts";
export { type Sheet, type SurfaceOptions, surface, type Trail, type View } from "./surface.ts";
