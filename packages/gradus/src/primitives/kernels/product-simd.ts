import type { Data } from "../../ir/dtype.ts";
import {
  again,
  assembled,
  type Code,
  get,
  I32,
  isOdd,
  lanes,
  load,
  loadOne,
  loadSecond,
  loop,
  type Machine,
  type Memory,
  move,
  PAGE,
  plus,
  type Routine,
  set,
  several,
  shifted,
  splat,
  store,
  storeOne,
  sum,
  times,
  V128,
  when,
  ZERO,
} from "./assembly.ts";
import type { Product } from "./product.ts";

/*
 * The inner parts of products as WebAssembly with SIMD, where there is that: two to five times as fast as the same in
 * JavaScript, though the operands are copied. Two lanes multiply and add as two numbers would, each sum in the order of
 * k, so that the bits are those of the loops in JavaScript.
 */

/** Larger products are left to JavaScript rather than held twice. */
const MOST_BYTES = 2 ** 28;
/** Rows that are copied at once stay in the cache. */
const BLOCK_BYTES = 2 ** 16;
/** Smaller products are done before their operands would be copied. */
const LEAST = 800;

let machine: Machine<"blocks" | "rows" | "added"> | null | undefined;
let numbers = new Float64Array(0);

/** The memory of the machine, with room for so many numbers; undefined without SIMD. */
function roomFor(count: number): Float64Array | undefined {
  if (machine === undefined) machine = made();
  const bytes = 8 * count;
  if (!machine || bytes > MOST_BYTES) return undefined;
  const { memory } = machine;
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0 && !grown(memory, missing)) return undefined;
  if (memory.buffer !== numbers.buffer) numbers = new Float64Array(memory.buffer);
  return numbers;
}

function made(): Machine<"blocks" | "rows" | "added"> | null {
  try {
    return assembled({ blocks: blocks(), rows: rows(), added: added() })(1);
  } catch {
    return null;
  }
}

function grown(memory: Memory, bytes: number): boolean {
  try {
    memory.grow(Math.ceil(bytes / PAGE));
    return true;
  } catch {
    return false;
  }
}

/** Rows in groups of eight, as many as are copied at once. */
const rowsAtOnce = (row: number, all: number): number =>
  8 * Math.min(Math.floor(all / 8), Math.max(1, Math.floor(BLOCK_BYTES / 64 / row)));

/** Fewer numbers are sooner copied one by one. */
const FEW = 24;

function copy(from: Data, at: number, step: number, to: Data, into: number, stride: number, n: number): void {
  if (n > FEW && step === 1 && stride === 1) to.set(from.subarray(at, at + n), into);
  else for (let i = 0; i < n; i++) to[into + i * stride] = from[at + i * step];
}

/**
 * out[j] = Σ_k a[j, k] · w[k] for rows whose elements lie side by side, eight at once: one alone would wait for its own
 * last addition. How many rows were done.
 */
export function rowsBySimd(
  a: Data,
  a0: number,
  aj: number,
  w: Data,
  w0: number,
  wk: number,
  out: Data,
  o0: number,
  oj: number,
  J: number,
  K: number,
): number {
  if (J < 8 || J * K < LEAST || aj > 2 * K) return 0;
  const most = rowsAtOnce(aj, J);
  const [factors, sums] = [most * aj, most * aj + K];
  const cells = roomFor(sums + most);
  if (!cells || !machine) return 0;
  copy(w, w0, wk, cells, factors, 1, K);
  let j = 0;
  for (let n = most; j + 8 <= J; j += n) {
    if (j + n > J) n = 8 * Math.floor((J - j) / 8);
    const from = a0 + j * aj;
    copy(a, from, 1, cells, 0, 1, (n - 1) * aj + K);
    machine.rows(0, 8 * factors, 8 * sums, K, aj, n / 8);
    copy(cells, sums, 1, out, o0 + j * oj, oj, n);
  }
  return j;
}

/** out[j] += Σ_k w[k] · a[k, j] for rows as above, eight at once: each sum is read and written once for eight terms. */
export function addedBySimd(
  a: Data,
  a0: number,
  ak: number,
  w: Data,
  w0: number,
  wk: number,
  out: Float64Array,
  o0: number,
  J: number,
  K: number,
): number {
  if (K < 8 || J * K < LEAST || ak > 2 * J) return 0;
  const most = rowsAtOnce(ak, K);
  const [factors, sums] = [most * ak, most * ak + most];
  const cells = roomFor(sums + J);
  if (!cells || !machine) return 0;
  copy(out, o0, 1, cells, sums, 1, J);
  let k = 0;
  for (let n = most; k + 8 <= K; k += n) {
    if (k + n > K) n = 8 * Math.floor((K - k) / 8);
    const from = a0 + k * ak;
    copy(a, from, 1, cells, 0, 1, (n - 1) * ak + J);
    copy(w, w0 + k * wk, wk, cells, factors, 1, n);
    machine.added(0, 8 * factors, 8 * sums, J, ak, n / 8);
  }
  copy(cells, sums, 1, out, o0, 1, J);
  return k;
}

/** A right operand of so few numbers is read as it lies: its rows are close to each other. */
const CLOSE = 4096;
/** The same for what is read across on the left, by the length of its rows. */
const CLOSE_ROWS = 128;

/** out[m, n] = Σ_k x[m, k] · y[k, n], or added to it, in blocks of four rows and four columns; whether it was done. */
export function matricesBySimd(
  x: Data,
  x0: number,
  y: Data,
  y0: number,
  out: Data,
  o0: number,
  { sizes, left, right, out: to }: Product,
  more: boolean,
): boolean {
  const [, M, K, N] = sizes;
  if (M < 4 || K < 4 || M * K * N < LEAST) return false;
  const [, xm, xk] = left;
  const [, yk, yn] = right;
  const [, om, on] = to;
  const wide = 4 * Math.ceil(N / 4);
  const isPlain = (M - 1) * xm + (K - 1) * xk < 2 * M * K && (xk <= xm || xk <= CLOSE_ROWS);
  const [row, step, four] = isPlain ? [xm, xk, 4 * xm] : [1, 4, 4 * K];
  // As many rows as stay in the cache; where they lie across, all.
  const most = row < step ? M : Math.min(M, 4 * Math.max(1, Math.floor(BLOCK_BYTES / 8 / four)));
  const isClose = yn === 1 && K * yk <= CLOSE;
  const columns = isPlain ? (most + 3) * row + K * step : (most + 3) * K;
  const sums = columns + (isClose ? K * yk : K * wide) + 4;
  const cells = roomFor(sums + (most + 3) * wide);
  if (!cells || !machine) return false;
  if (isClose) copy(y, y0, 1, cells, columns, 1, (K - 1) * yk + N);
  else arrange(y, y0, yn, yk, N, K, cells.subarray(columns));
  const [rightStep, rightColumn] = isClose ? [yk, 4] : [4, 4 * K];
  for (let m = 0; m < M; m += most) {
    const count = Math.min(most, M - m);
    const from = x0 + m * xm;
    if (isPlain) copy(x, from, 1, cells, 0, 1, (count - 1) * xm + (K - 1) * xk + 1);
    else arrange(x, from, xm, xk, count, K, cells);
    const [lines, o] = [4 * Math.ceil(count / 4), o0 + m * om];
    if (more) for (let i = 0; i < count; i++) copy(out, o + i * om, on, cells, sums + i * wide, 1, N);
    else cells.fill(0, sums, sums + lines * wide);
    machine.blocks(
      ...[0, 8 * columns, 8 * sums, K, 8 * row, 8 * step, 8 * four],
      ...[8 * rightStep, 8 * rightColumn, 8 * wide, lines / 4, wide / 4],
    );
    if (on === 1 && om === wide) copy(cells, sums, 1, out, o, 1, count * wide);
    else for (let i = 0; i < count; i++) copy(cells, sums + i * wide, 1, out, o + i * om, on, N);
  }
  return true;
}

/** Lines as panels of four side by side; what the last one lacks is 0. */
function arrange(
  a: Data,
  a0: number,
  across: number,
  along: number,
  lines: number,
  K: number,
  to: Float64Array,
): void {
  let p = 0;
  let line = 0;
  for (; line + 3 < lines; line += 4) {
    let q = a0 + line * across;
    for (let k = 0; k < K; k++, p += 4, q += along) {
      to[p] = a[q];
      to[p + 1] = a[q + across];
      to[p + 2] = a[q + 2 * across];
      to[p + 3] = a[q + 3 * across];
    }
  }
  if (line === lines) return;
  for (let k = 0; k < K; k++, p += 4) {
    const q = a0 + line * across + k * along;
    for (let c = 0; c < 4; c++) to[p + c] = line + c < lines ? a[q + c * across] : 0;
  }
}

const HALVES = [0, 1];
const FOUR = [0, 1, 2, 3];
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

/** Products of four rows and four columns each, added to the blocks of out. */
function blocks(): Routine {
  const [left, right, out, inner, row, step] = [0, 1, 2, 3, 4, 5];
  const [nextFour, rightStep, rightColumn, outRow, rows, columns] = [6, 7, 8, 9, 10, 11];
  const [panel, at, k, column, one, low, high] = [12, 13, 14, 15, 24, 25, 26];
  const line = (r: number) => 16 + r;
  const target = (r: number) => 20 + r;
  const cell = (r: number, half: number) => 27 + 2 * r + half;
  const each = (f: (r: number, half: number) => Code) =>
    FOUR.flatMap((r) => HALVES.flatMap((half) => f(r, half)));
  const lines = (of: (r: number) => number, first: number, apart: number): Code =>
    FOUR.flatMap((r) => set(of(r), r === 0 ? get(first) : plus(of(r - 1), apart)));
  const terms = [
    ...[...set(low, load(at)), ...set(high, load(at, 16))],
    ...FOUR.flatMap((r) => [
      ...set(one, splat(line(r))),
      ...HALVES.flatMap((half) => {
        const product = times(get(one), get(half === 0 ? low : high));
        return set(cell(r, half), sum(get(cell(r, half)), product));
      }),
    ]),
    ...FOUR.flatMap((r) => set(line(r), plus(line(r), step))),
    ...[...set(at, plus(at, rightStep)), ...again(k)],
  ];
  const block = [
    ...lines(line, left, row),
    ...each((r, half) => set(cell(r, half), load(target(r), 16 * half))),
    ...[...set(at, get(panel)), ...set(k, get(inner)), ...loop(...terms)],
    ...each((r, half) => store(target(r), 16 * half, get(cell(r, half)))),
    ...FOUR.flatMap((r) => move(target(r), 32)),
    ...[...set(panel, plus(panel, rightColumn)), ...again(column)],
  ];
  const four = [
    ...[...lines(target, out, outRow), ...set(out, plus(target(3), outRow))],
    ...[...set(panel, get(right)), ...set(column, get(columns)), ...loop(...block)],
    ...[...set(left, plus(left, nextFour)), ...again(rows)],
  ];
  return {
    parameters: several(12, I32),
    locals: [...several(12, I32), ...several(11, V128)],
    code: loop(...four),
  };
}

/** Addresses of eight rows from `first` on, and of the ninth there. */
const eightRows = (first: number, bytes: number, row: (r: number) => number): Code => [
  ...EIGHT.flatMap((r) => [...set(row(r), get(first)), ...set(first, plus(first, bytes))]),
];

/** For each group of eight rows of a, their sums of products with w: two rows in two lanes. */
function rows(): Routine {
  const [a, w, out, inner, bytes, count, at, k] = [0, 1, 2, 3, 4, 5, 6, 7];
  const row = (r: number) => 8 + r;
  const total = (pair: number) => 16 + pair;
  const [upper, lower, first, second] = [20, 21, 22, 23];
  const added = (pair: number, two: Code, factor: number) =>
    set(total(pair), sum(get(total(pair)), times(two, get(factor))));
  const step = [
    ...[...set(first, splat(at)), ...set(second, splat(at, 8))],
    ...FOUR.flatMap((pair) => [
      ...[...set(upper, load(row(2 * pair))), ...set(lower, load(row(2 * pair + 1)))],
      ...added(pair, lanes(get(upper), get(lower), 0, 2), first),
      ...added(pair, lanes(get(upper), get(lower), 1, 3), second),
    ]),
    ...EIGHT.flatMap((r) => move(row(r), 16)),
    ...[...move(at, 16), ...again(k)],
  ];
  const last = [
    ...set(first, splat(at)),
    ...FOUR.flatMap((pair) => added(pair, loadSecond(row(2 * pair + 1), loadOne(row(2 * pair))), first)),
  ];
  const group = [
    ...[...eightRows(a, bytes, row), ...FOUR.flatMap((pair) => set(total(pair), ZERO))],
    ...[...set(at, get(w)), ...set(k, shifted(inner, -1))],
    ...when(get(k), ...loop(...step)),
    ...when(isOdd(inner), ...last),
    ...FOUR.flatMap((pair) => store(out, 16 * pair, get(total(pair)))),
    ...[...move(out, 64), ...again(count)],
  ];
  const code = [...set(bytes, shifted(bytes, 3)), ...loop(...group)];
  return { parameters: several(6, I32), locals: [...several(10, I32), ...several(8, V128)], code };
}

/** For each group of eight rows of a, their multiples by w are added to out, one after the other: two columns in two lanes. */
function added(): Routine {
  const [a, w, out, columns, bytes, count, at, k] = [0, 1, 2, 3, 4, 5, 6, 7];
  const row = (r: number) => 8 + r;
  const factor = (r: number) => 16 + r;
  const totals = (start: Code, read: (address: number) => Code) =>
    EIGHT.reduce((total, r) => sum(total, times(get(factor(r)), read(row(r)))), start);
  const step = [
    ...store(at, 0, totals(load(at), load)),
    ...EIGHT.flatMap((r) => move(row(r), 16)),
    ...[...move(at, 16), ...again(k)],
  ];
  const group = [
    ...[...eightRows(a, bytes, row), ...EIGHT.flatMap((r) => set(factor(r), splat(w, 8 * r)))],
    ...[...set(at, get(out)), ...set(k, shifted(columns, -1))],
    ...when(get(k), ...loop(...step)),
    ...when(isOdd(columns), ...storeOne(at, totals(loadOne(at), loadOne))),
    ...[...move(w, 64), ...again(count)],
  ];
  const code = [...set(bytes, shifted(bytes, 3)), ...loop(...group)];
  return { parameters: several(6, I32), locals: [...several(10, I32), ...several(8, V128)], code };
}
