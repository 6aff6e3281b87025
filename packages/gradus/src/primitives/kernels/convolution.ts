/** How one spatial axis of a convolution is read: input·i = output·p + kernel·k + offset. */
export interface AxisRelation {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly offset: number;
}

export interface ConvolutionSizes {
  readonly groups: number;
  readonly batch: number;
  readonly outChannels: number;
  readonly inChannels: number;
  /** Two spatial sizes each. */
  readonly input: readonly number[];
  readonly kernel: readonly number[];
  readonly output: readonly number[];
}

/** Rows and columns that one pass of the inner loops makes. */
const TILE = 4;
/** Numbers in one packed chunk of patches: it stays in the second-level cache. */
const CHUNK = 1 << 15;

/**
 * out[g, n, o, p] = Σ over c, k of x[g, n, c, i]·w[g, o, c, k], i from the relation of each axis (zero where there is
 * no whole i inside of x). As a product of matrices: patches of x are packed, chunk by chunk, in the order in which a
 * 4×4 block of results reads them.
 */
export function convolve(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  sizes: ConvolutionSizes,
  axes: readonly AxisRelation[],
): Float64Array {
  const { groups, batch, outChannels, inChannels } = sizes;
  const [inputSize, kernelSize, positions] = [sizes.input, sizes.kernel, sizes.output].map(
    (s) => s[0] * s[1],
  );
  const out = new Float64Array(groups * batch * outChannels * positions);
  const depth = inChannels * kernelSize;
  if (out.length === 0 || depth === 0 || inputSize === 0) return out;
  const patches = new Patches(sizes, axes);
  const width = Math.min(roundUp(positions), Math.max(TILE, roundDown(CHUNK / depth)));
  const packed = new Float64Array(width * depth);
  const weights = new Float64Array(roundUp(outChannels) * depth);
  for (let g = 0; g < groups; g++) {
    packRows(w, g * outChannels * depth, outChannels, depth, weights);
    for (let n = 0; n < batch; n++) {
      const row = g * batch + n;
      for (let from = 0; from < positions; from += width) {
        const count = Math.min(width, positions - from);
        patches.pack(x, row * inChannels * inputSize, from, count, packed);
        multiplyPacked(weights, packed, depth, {
          out,
          at: row * outChannels * positions + from,
          stride: positions,
          rows: outChannels,
          columns: count,
        });
      }
    }
  }
  return out;
}

const roundUp = (n: number) => Math.ceil(n / TILE) * TILE;
const roundDown = (n: number) => Math.floor(n / TILE) * TILE;

/** Where each output position reads, for each place in the kernel. */
class Patches {
  private readonly rows: Int32Array;
  private readonly columns: Int32Array;
  private readonly rowOf: Int32Array;
  private readonly columnOf: Int32Array;
  private readonly places: Int32Array;
  private readonly sizes: ConvolutionSizes;

  constructor(sizes: ConvolutionSizes, axes: readonly AxisRelation[]) {
    this.sizes = sizes;
    const table = (axis: number) =>
      readTable(axes[axis], sizes.input[axis], sizes.kernel[axis], sizes.output[axis]);
    this.rows = table(0);
    this.columns = table(1);
    const [height, width] = sizes.output;
    this.rowOf = Int32Array.from({ length: height * width }, (_, p) => Math.floor(p / width));
    this.columnOf = Int32Array.from({ length: height * width }, (_, p) => p % width);
    this.places = new Int32Array(height * width);
  }

  /** Writes the patches of positions from … from + count − 1 as panels of four: panel, then depth, then position. */
  pack(x: ArrayLike<number>, base: number, from: number, count: number, packed: Float64Array): void {
    const { inChannels, input, kernel } = this.sizes;
    const area = kernel[0] * kernel[1];
    const plane = input[0] * input[1];
    const panel = inChannels * area * TILE;
    packed.fill(0, 0, roundUp(count) * inChannels * area);
    for (let k = 0; k < area; k++) {
      this.locate(k, from, count);
      for (let c = 0; c < inChannels; c++)
        copyPanels(x, base + c * plane, this.places, count, packed, (c * area + k) * TILE, panel);
    }
  }

  /** Where in a plane of x the positions read at one place of the kernel; -1 for none. */
  private locate(k: number, from: number, count: number): void {
    const { input, kernel, output } = this.sizes;
    const rowAt = Math.floor(k / kernel[1]) * output[0];
    const columnAt = (k % kernel[1]) * output[1];
    for (let j = 0; j < count; j++) {
      const row = this.rows[rowAt + this.rowOf[from + j]];
      const column = this.columns[columnAt + this.columnOf[from + j]];
      this.places[j] = row < 0 || column < 0 ? -1 : row * input[1] + column;
    }
  }
}

/** Copies what each position reads into its panel, one number for each panel row of four. */
function copyPanels(
  x: ArrayLike<number>,
  base: number,
  places: Int32Array,
  count: number,
  packed: Float64Array,
  start: number,
  panel: number,
): void {
  for (let j = 0, to = start; j < count; to += panel) {
    for (let slot = to; slot < to + TILE && j < count; j++, slot++) {
      const place = places[j];
      if (place >= 0) packed[slot] = x[base + place];
    }
  }
}

/** The index that is read at kernel place k and output place p, by k then p; -1 where none is. */
function readTable(axis: AxisRelation, input: number, kernel: number, output: number): Int32Array {
  const table = new Int32Array(kernel * output).fill(-1);
  for (let k = 0; k < kernel; k++) {
    for (let p = 0; p < output; p++) {
      const i = (axis.output * p + axis.kernel * k + axis.offset) / axis.input;
      if (Number.isInteger(i) && i >= 0 && i < input) table[k * output + p] = i;
    }
  }
  return table;
}

/** Rows of a matrix as panels of four: panel, then depth, then row; missing rows are zero. */
function packRows(m: ArrayLike<number>, at: number, rows: number, depth: number, packed: Float64Array): void {
  packed.fill(0);
  for (let r = 0; r < rows; r++) {
    const to = Math.floor(r / TILE) * TILE * depth + (r % TILE);
    for (let d = 0; d < depth; d++) packed[to + d * TILE] = m[at + r * depth + d];
  }
}

interface Target {
  readonly out: Float64Array;
  readonly at: number;
  readonly stride: number;
  readonly rows: number;
  readonly columns: number;
}

/** Writes the products of packed rows and packed columns: sixteen sums at a time, which stay in registers. */
function multiplyPacked(a: Float64Array, b: Float64Array, depth: number, target: Target): void {
  const { out, at, stride, rows, columns } = target;
  const sums = new Float64Array(TILE * TILE);
  for (let j = 0; j < columns; j += TILE) {
    for (let i = 0; i < rows; i += TILE) {
      multiplyTile(a, i * depth, b, j * depth, depth, sums);
      for (let r = 0; r < TILE && i + r < rows; r++)
        for (let c = 0; c < TILE && j + c < columns; c++)
          out[at + (i + r) * stride + j + c] = sums[r * TILE + c];
    }
  }
}

function multiplyTile(
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  depth: number,
  sums: Float64Array,
): void {
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let d = 0; d < depth; d++, i += TILE, j += TILE) {
    const b0 = b[j];
    const b1 = b[j + 1];
    const b2 = b[j + 2];
    const b3 = b[j + 3];
    const a0 = a[i];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    const a1 = a[i + 1];
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    const a2 = a[i + 2];
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    const a3 = a[i + 3];
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  sums[0] = s00;
  sums[1] = s01;
  sums[2] = s02;
  sums[3] = s03;
  sums[4] = s10;
  sums[5] = s11;
  sums[6] = s12;
  sums[7] = s13;
  sums[8] = s20;
  sums[9] = s21;
  sums[10] = s22;
  sums[11] = s23;
  sums[12] = s30;
  sums[13] = s31;
  sums[14] = s32;
  sums[15] = s33;
}
