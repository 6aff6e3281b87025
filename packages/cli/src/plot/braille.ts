/** Dots of a braille character, by column and row. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

/** A grid of braille characters: 2 × 4 dots in each. */
export class BrailleCanvas {
  readonly columns: number;
  readonly rows: number;
  private readonly cells: Uint8Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.cells = new Uint8Array(columns * rows);
  }

  get width(): number {
    return this.columns * 2;
  }

  get height(): number {
    return this.rows * 4;
  }

  dot(x: number, y: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    this.cells[(y >> 2) * this.columns + (x >> 1)] |= DOTS[x & 1][y & 3];
  }

  /** A vertical run of dots: a steep curve is a line, not a gap. */
  column(x: number, from: number, to: number): void {
    const [low, high] = from < to ? [from, to] : [to, from];
    for (let y = Math.max(0, low); y <= Math.min(this.height - 1, high); y++) this.dot(x, y);
  }

  /** The character of a cell; undefined where it is empty. */
  character(column: number, row: number): string | undefined {
    const cell = this.cells[row * this.columns + column];
    return cell === 0 ? undefined : String.fromCharCode(0x2800 + cell);
  }
}
