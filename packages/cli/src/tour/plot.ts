/** Dots of a braille character, by column and row. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/** A curve drawn in braille, with its axis at the left. */
export function plotCurve(values: readonly number[], columns = 60, rows = 10): string {
  const [low, high] = [Math.min(...values, 0), Math.max(...values)];
  const cells = Array.from({ length: rows }, () => new Uint8Array(columns));
  const [width, height] = [columns * 2, rows * 4];
  let before: number | undefined;
  for (let x = 0; x < width; x++) {
    const v = values[Math.round((x / (width - 1)) * (values.length - 1))];
    const y = Math.round(((high - v) / (high - low || 1)) * (height - 1));
    // A steep fall is a line, not a gap.
    for (let k = Math.min(y, before ?? y); k <= Math.max(y, before ?? y); k++)
      cells[k >> 2][x >> 1] |= DOTS[x & 1][k & 3];
    before = y;
  }
  const label = (i: number) => (i === 0 ? high.toFixed(3) : i === rows - 1 ? low.toFixed(3) : "").padStart(7);
  return cells
    .map((row, i) => `${label(i)} ┤${[...row].map((c) => String.fromCharCode(0x2800 + c)).join("")}`)
    .join("\n");
}
