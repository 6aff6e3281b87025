import {
  ADD,
  countDown,
  END,
  get,
  HEADER,
  host,
  I32,
  type LinearMemory,
  load,
  loadTwice,
  loop,
  MULTIPLY,
  moved,
  PAGE,
  section,
  set,
  store,
  typeOf,
  unsigned,
  V128,
  zero,
} from "./assembly.ts";

/*
 * The inner part of a product of matrices as WebAssembly with SIMD, where there is that: blocks of four rows and four
 * columns, twice as fast as the same in JavaScript. Two lanes multiply and add as two numbers would, each sum in the
 * order of k, so that the bits are those of the loops in JavaScript.
 */

/** Panels of four rows and of four columns, element by element of the inner index; and the blocks of the result. */
export interface Panels {
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly out: Float64Array;
  /** Blocks of all panels on the left with the one on the right. */
  run(inner: number, count: number): void;
}

interface Machine {
  readonly memory: LinearMemory;
  readonly run: (left: number, right: number, out: number, inner: number, count: number) => void;
}

/** Larger products are left to JavaScript rather than held twice. */
const MOST_BYTES = 2 ** 28;

let machine: Machine | null | undefined;
let held: ArrayBuffer | undefined;
let numbers: Float64Array;

/** Room for `count` panels of `inner` × 4 on the left and one on the right; undefined without SIMD. */
export function panelsFor(inner: number, count: number): Panels | undefined {
  if (machine === undefined) machine = assembled();
  const [left, right, out] = [4 * inner * count, 4 * inner, 16 * count];
  const bytes = 8 * (left + right + out);
  if (!machine || bytes > MOST_BYTES) return undefined;
  const { memory, run } = machine;
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0 && !grown(memory, missing)) return undefined;
  if (memory.buffer !== held) {
    held = memory.buffer;
    numbers = new Float64Array(held);
  }
  return {
    left: numbers,
    right: numbers.subarray(left, left + right),
    out: numbers.subarray(left + right, left + right + out),
    run: (k, n) => run(0, 8 * left, 8 * (left + right), k, n),
  };
}

function grown(memory: LinearMemory, bytes: number): boolean {
  try {
    memory.grow(Math.ceil(bytes / PAGE));
    return true;
  } catch {
    return false;
  }
}

/** null where there is no WebAssembly with SIMD, or a page's content security policy forbids it. */
function assembled(): Machine | null {
  try {
    const wasm = host();
    const { exports } = new wasm.Instance(new wasm.Module(Uint8Array.from(moduleBytes())));
    const { m, f } = exports as { m: LinearMemory; f: Machine["run"] };
    return { memory: m, run: f };
  } catch {
    return null;
  }
}

function moduleBytes(): number[] {
  const body = code();
  return [
    ...HEADER,
    // One function; one page of memory; both exported, as m and f.
    ...section(1, 1, ...typeOf(I32, I32, I32, I32, I32)),
    ...section(3, 1, 0),
    ...section(5, 1, 0, 1),
    ...section(7, 2, 1, 109, 2, 0, 1, 102, 0, 0),
    ...section(10, 1, ...unsigned(body.length), ...body),
  ];
}

/** The function: for each panel on the left, its block with the panel on the right. */
function code(): number[] {
  const [left, right, out, inner, count, at, k] = [0, 1, 2, 3, 4, 5, 6];
  const sum = (row: number, half: number) => 7 + 2 * row + half;
  const [low, high, one] = [15, 16, 17];
  const rows = [0, 1, 2, 3];
  const halves = [0, 1];
  const each = (f: (row: number, half: number) => number[]) =>
    rows.flatMap((row) => halves.flatMap((half) => f(row, half)));
  const step = [
    ...[...load(at, 0), ...set(low), ...load(at, 16), ...set(high)],
    ...rows.flatMap((row) => [
      ...[...loadTwice(left, 8 * row), ...set(one)],
      ...halves.flatMap((half) => [
        ...[...get(sum(row, half)), ...get(one), ...get(half === 0 ? low : high)],
        ...[...MULTIPLY, ...ADD, ...set(sum(row, half))],
      ]),
    ]),
    ...[...moved(left, 32), ...moved(at, 32), ...countDown(k)],
  ];
  const panel = [
    ...each((row, half) => [...zero(), ...set(sum(row, half))]),
    ...[...get(right), ...set(at), ...get(inner), ...set(k)],
    ...loop(...step),
    ...each((row, half) => [...get(out), ...get(sum(row, half)), ...store(32 * row + 16 * half)]),
    ...[...moved(out, 128), ...countDown(count)],
  ];
  // Locals: two i32, eleven v128.
  return [2, 2, I32, 11, V128, ...loop(...panel), END];
}
