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

/*
 * The inner parts of products as WebAssembly with SIMD, where there is that: two to five times as fast as the same in
 * JavaScript, though the operands are copied. Two lanes multiply and add as two numbers would, each sum in the order of
 * k, so that the bits are those of the loops in JavaScript.
 */

/** Panels of four rows and of four columns, element by element of the inner index; and the blocks of the result. */
export interface Panels {
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly out: Float64Array;
  /** Adds blocks of all panels on the left with the one on the right to those of the result. */
  run(inner: number, count: number): void;
}

/** Larger products are left to JavaScript rather than held twice. */
const MOST_BYTES = 2 ** 28;
/** Rows that are copied at once stay in the cache. */
const BLOCK_BYTES = 2 ** 16;
/** Smaller products are done before their operands would be copied. */
const LEAST = 800;

let machine: Machine<"panels" | "rows" | "added"> | null | undefined;
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

function made(): Machine<"panels" | "rows" | "added"> | null {
  try {
    return assembled({ panels: panels(), rows: rows(), added: added() })(1);
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

/** Room for `count` panels of `inner` × 4 on the left and one on the right. */
export function panelsFor(inner: number, count: number): Panels | undefined {
  const [left, right, out] = [4 * inner * count, 4 * inner, 16 * count];
  const cells = roomFor(left + right + out);
  return (
    cells && {
      left: cells,
      right: cells.subarray(left, left + right),
      out: cells.subarray(left + right, left + right + out),
      run: (k, n) => machine?.panels(0, 8 * left, 8 * (left + right), k, n),
    }
  );
}

/** Rows in groups of eight, as many as are copied at once. */
const rowsAtOnce = (row: number, all: number): number =>
  8 * Math.min(Math.floor(all / 8), Math.max(1, Math.floor(BLOCK_BYTES / 64 / row)));

function copy(from: Data, at: number, step: number, to: Data, into: number, stride: number, n: number): void {
  if (step === 1 && stride === 1) to.set(from.subarray(at, at + n), into);
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

const HALVES = [0, 1];
const FOUR = [0, 1, 2, 3];
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

/** For each panel on the left, its block with the panel on the right. */
function panels(): Routine {
  const [left, right, out, inner, count, at, k] = [0, 1, 2, 3, 4, 5, 6];
  const cell = (row: number, half: number) => 7 + 2 * row + half;
  const [low, high, one] = [15, 16, 17];
  const each = (f: (row: number, half: number) => Code) =>
    FOUR.flatMap((row) => HALVES.flatMap((half) => f(row, half)));
  const step = [
    ...[...set(low, load(at)), ...set(high, load(at, 16))],
    ...FOUR.flatMap((row) => [
      ...set(one, splat(left, 8 * row)),
      ...HALVES.flatMap((half) => {
        const product = times(get(one), get(half === 0 ? low : high));
        return set(cell(row, half), sum(get(cell(row, half)), product));
      }),
    ]),
    ...[...move(left, 32), ...move(at, 32), ...again(k)],
  ];
  const panel = [
    ...each((row, half) => set(cell(row, half), load(out, 32 * row + 16 * half))),
    ...[...set(at, get(right)), ...set(k, get(inner))],
    ...loop(...step),
    ...each((row, half) => store(out, 32 * row + 16 * half, get(cell(row, half)))),
    ...[...move(out, 128), ...again(count)],
  ];
  return {
    parameters: several(5, I32),
    locals: [...several(2, I32), ...several(11, V128)],
    code: loop(...panel),
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
