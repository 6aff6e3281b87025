/** Levels of a function of two variables, with a path on them: in characters, and as SVG. */

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Contour {
  readonly names: readonly [string, string];
  readonly f: (x: number, y: number) => number;
  readonly path: readonly Place[];
}

interface Field {
  readonly low: Place;
  readonly high: Place;
  /** Row by row from the top. */
  readonly values: number[][];
  readonly levels: number[];
}

/** The path with a margin; never of no width. */
function fieldOf({ f, path }: Contour, columns: number, rows: number, count: number): Field {
  const range = (pick: (p: Place) => number) => {
    const all = path.map(pick).filter(Number.isFinite);
    const [a, b] = [Math.min(...all), Math.max(...all)];
    const margin = 0.15 * (b - a) || Math.max(1, Math.abs(a));
    return [a - margin, b + margin];
  };
  const [[x0, x1], [y0, y1]] = [range((p) => p.x), range((p) => p.y)];
  const values = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) =>
      f(x0 + ((x1 - x0) * c) / (columns - 1), y1 - ((y1 - y0) * r) / (rows - 1)),
    ),
  );
  const sorted = values
    .flat()
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const levels = Array.from(
    { length: count },
    (_, i) => sorted[Math.floor(((i + 0.5) / count) * sorted.length)],
  );
  return { low: { x: x0, y: y0 }, high: { x: x1, y: y1 }, values, levels };
}

const SHADES = " .:-=+*#%";

/** Darker is higher, a band for each shade; the path is ● and ends at ★. */
export function contourText(contour: Contour, columns = 64, rows = 22): string {
  const field = fieldOf(contour, columns, rows, SHADES.length - 1);
  const cells = field.values.map((row) =>
    row.map((v) => (Number.isFinite(v) ? SHADES[field.levels.filter((l) => v > l).length] : "?")),
  );
  const { low, high } = field;
  const put = ({ x, y }: Place, mark: string) => {
    const c = Math.round(((x - low.x) / (high.x - low.x)) * (columns - 1));
    const r = Math.round(((high.y - y) / (high.y - low.y)) * (rows - 1));
    if (cells[r]?.[c] !== undefined) cells[r][c] = mark;
  };
  for (const p of contour.path) put(p, "●");
  const last = contour.path.at(-1);
  if (last) put(last, "★");
  const [nameX, nameY] = contour.names;
  const label = (v: number) => v.toPrecision(3).padStart(9);
  const lines = cells.map(
    (row, r) => `${r === 0 ? label(high.y) : r === rows - 1 ? label(low.y) : " ".repeat(9)} │${row.join("")}`,
  );
  const foot = `${" ".repeat(11)}${low.x.toPrecision(3)}${high.x.toPrecision(3).padStart(columns - low.x.toPrecision(3).length)}`;
  return [`  ${nameY}`, ...lines, `${" ".repeat(10)}└${"─".repeat(columns)}`, `${foot}  ${nameX}`].join("\n");
}

const SIZE = { width: 640, height: 480 };

/** Lines of equal value by marching squares, and the path in red. */
export function contourSvg(contour: Contour): string {
  const [columns, rows] = [120, 90];
  const field = fieldOf(contour, columns, rows, 16);
  const { low, high, values, levels } = field;
  const px = (c: number) => ((c / (columns - 1)) * SIZE.width).toFixed(1);
  const py = (r: number) => ((r / (rows - 1)) * SIZE.height).toFixed(1);
  const lines = levels.map((level) => {
    const parts: string[] = [];
    for (let r = 0; r + 1 < rows; r++)
      for (let c = 0; c + 1 < columns; c++) {
        const cut = crossings(values, level, r, c);
        for (let i = 0; i + 1 < cut.length; i += 2)
          parts.push(`M${px(cut[i].x)} ${py(cut[i].y)}L${px(cut[i + 1].x)} ${py(cut[i + 1].y)}`);
      }
    return `<path d="${parts.join("")}" fill="none" stroke="#8ab" />`;
  });
  const points = contour.path
    .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y))
    .map((p) => ({
      x: (((p.x - low.x) / (high.x - low.x)) * SIZE.width).toFixed(1),
      y: (((high.y - p.y) / (high.y - low.y)) * SIZE.height).toFixed(1),
    }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...lines,
    `<polyline points="${points.map((p) => `${p.x},${p.y}`).join(" ")}" fill="none" stroke="#b3261e" stroke-width="1.5"/>`,
    ...points.map((p) => `<circle cx="${p.x}" cy="${p.y}" r="2.5" fill="#b3261e"/>`),
    "</svg>",
  ].join("\n");
}

/** Where the sides of a cell cross the level: two points for a line, four for two. */
function crossings(values: readonly (readonly number[])[], level: number, r: number, c: number): Place[] {
  const corners = [
    [r, c],
    [r, c + 1],
    [r + 1, c + 1],
    [r + 1, c],
  ];
  const found: Place[] = [];
  corners.forEach(([r0, c0], i) => {
    const [r1, c1] = corners[(i + 1) % 4];
    const [a, b] = [values[r0][c0] - level, values[r1][c1] - level];
    if (!(a < 0 !== b < 0) || !Number.isFinite(a - b)) return;
    const t = a / (a - b);
    found.push({ x: c0 + t * (c1 - c0), y: r0 + t * (r1 - r0) });
  });
  return found.length % 2 === 0 ? found : [];
}
