import {
  ADD,
  countDown,
  END,
  F64,
  get,
  HEADER,
  host,
  I32,
  load,
  loop,
  MULTIPLY,
  moved,
  PAGE,
  section,
  set,
  store,
  twice,
  typeOf,
  unsigned,
  V128,
} from "../primitives/kernels/assembly.ts";
import { dot } from "./linear-algebra.ts";

/**
 * Vectors of one length, and the two passes over a pair of them that L-BFGS is made of. In a memory of WebAssembly they
 * take a quarter of the time of loops in JavaScript; the bits are the same.
 */
export interface Vectors {
  /** A vector of zeros. */
  make(): Float64Array;
  /** aᵀg and bᵀg; a and b are vectors of these. */
  products(a: Float64Array, b: Float64Array, g: Float64Array): readonly [number, number];
  /** out += s·a + t·b, all vectors of these. */
  add(out: Float64Array, s: number, a: Float64Array, t: number, b: Float64Array): void;
}

/** Shorter ones are not worth a memory of their own. */
const LONG = 256;
const MOST_BYTES = 2 ** 31;

/** Room for `most` vectors of n numbers. */
export function vectorsOf(n: number, most: number): Vectors {
  return (n < LONG ? undefined : simdVectors(n, most)) ?? plainVectors(n);
}

export function plainVectors(n: number): Vectors {
  return {
    make: () => new Float64Array(n),
    products: (a, b, g) => [dot(a, g), dot(b, g)],
    add: (out, s, a, t, b) => {
      for (let i = 0; i < n; i++) out[i] += a[i] * s + b[i] * t;
    },
  };
}

interface Kernels {
  /** Of addresses and a count of fours; four sums of aᵀg and four of bᵀg are written. */
  readonly p: (a: number, b: number, g: number, out: number, fours: number) => void;
  readonly c: (a: number, b: number, out: number, fours: number, s: number, t: number) => void;
}

let assembled: unknown;

/** Undefined where there is no WebAssembly with SIMD, or not so much memory. */
export function simdVectors(n: number, most: number): Vectors | undefined {
  const fours = Math.ceil(n / 4);
  const bytes = 32 * fours;
  // Beside the vectors: the sums, and a place for a vector from elsewhere.
  const whole = 64 + (most + 1) * bytes;
  if (whole > MOST_BYTES) return undefined;
  let kernels: Kernels;
  let buffer: ArrayBuffer;
  try {
    const wasm = host();
    assembled ??= new wasm.Module(Uint8Array.from(moduleBytes()));
    const m = new wasm.Memory({ initial: Math.ceil(whole / PAGE) });
    kernels = new wasm.Instance(assembled, { m: { m } }).exports as Kernels;
    buffer = m.buffer;
  } catch {
    return undefined;
  }
  const { p, c } = kernels;
  const sums = new Float64Array(buffer, 0, 8);
  let made = 0;
  const make = () => {
    if (made > most) throw new RangeError(`there is room for ${most} vectors`);
    return new Float64Array(buffer, 64 + bytes * made++, n);
  };
  const elsewhere = make();
  return {
    make,
    products: (a, b, g) => {
      let { byteOffset } = g;
      if (g.buffer !== buffer) {
        elsewhere.set(g);
        byteOffset = elsewhere.byteOffset;
      }
      p(a.byteOffset, b.byteOffset, byteOffset, 0, fours);
      return [sums[0] + sums[1] + (sums[2] + sums[3]), sums[4] + sums[5] + (sums[6] + sums[7])];
    },
    add: (out, s, a, t, b) => c(a.byteOffset, b.byteOffset, out.byteOffset, fours, s, t),
  };
}

function moduleBytes(): number[] {
  const bodies = [productsCode(), addCode()].map((code) => [...unsigned(code.length), ...code]);
  return [
    ...HEADER,
    ...section(1, 2, ...[...typeOf(I32, I32, I32, I32, I32), ...typeOf(I32, I32, I32, I32, F64, F64)]),
    // The memory is given, as m of m; two functions, exported as p and c.
    ...section(2, 1, 1, 109, 1, 109, 2, 0, 0),
    ...section(3, 2, 0, 1),
    ...section(7, 2, 1, 112, 0, 0, 1, 99, 0, 1),
    ...section(10, 2, ...bodies.flat()),
  ];
}

function productsCode(): number[] {
  const [a, b, g, out, fours, a0, a1, b0, b1, g0, g1] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const summed = (sum: number, from: number, offset: number, factor: number) => [
    ...[...get(sum), ...load(from, offset), ...get(factor)],
    ...[...MULTIPLY, ...ADD, ...set(sum)],
  ];
  const step = [
    ...[...load(g, 0), ...set(g0), ...load(g, 16), ...set(g1)],
    ...[...summed(a0, a, 0, g0), ...summed(b0, b, 0, g0)],
    ...[...summed(a1, a, 16, g1), ...summed(b1, b, 16, g1)],
    ...[...moved(a, 32), ...moved(b, 32), ...moved(g, 32), ...countDown(fours)],
  ];
  const written = [a0, a1, b0, b1].flatMap((sum, i) => [...get(out), ...get(sum), ...store(16 * i)]);
  return [1, 6, V128, ...loop(...step), ...written, END];
}

function addCode(): number[] {
  const [a, b, out, fours, s, t, ss, tt] = [0, 1, 2, 3, 4, 5, 6, 7];
  const two = (offset: number) => [
    ...[...get(out), ...load(out, offset)],
    ...[...load(a, offset), ...get(ss), ...MULTIPLY],
    ...[...load(b, offset), ...get(tt), ...MULTIPLY],
    ...[...ADD, ...ADD, ...store(offset)],
  ];
  const step = [
    ...[...two(0), ...two(16)],
    ...[...moved(a, 32), ...moved(b, 32), ...moved(out, 32), ...countDown(fours)],
  ];
  return [1, 2, V128, ...[...twice(s), ...set(ss), ...twice(t), ...set(tt)], ...loop(...step), END];
}
