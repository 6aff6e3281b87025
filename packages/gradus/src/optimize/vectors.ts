import {
  again,
  assembled,
  type Code,
  F64,
  get,
  I32,
  load,
  loop,
  type Machine,
  move,
  PAGE,
  type Routine,
  set,
  several,
  store,
  sum,
  times,
  twice,
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

let machineOf: ((pages: number) => Machine<"products" | "add">) | undefined;

/** Undefined where there is no WebAssembly with SIMD, or not so much memory. */
export function simdVectors(n: number, most: number): Vectors | undefined {
  const fours = Math.ceil(n / 4);
  const bytes = 32 * fours;
  // Beside the vectors: the sums, and a place for a vector from elsewhere.
  const whole = 64 + (most + 1) * bytes;
  if (whole > MOST_BYTES) return undefined;
  let machine: Machine<"products" | "add">;
  try {
    machineOf ??= assembled({ products: products(), add: add() });
    machine = machineOf(Math.ceil(whole / PAGE));
  } catch {
    return undefined;
  }
  const { buffer } = machine.memory;
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
      machine.products(a.byteOffset, b.byteOffset, byteOffset, 0, fours);
      return [sums[0] + sums[1] + (sums[2] + sums[3]), sums[4] + sums[5] + (sums[6] + sums[7])];
    },
    add: (out, s, a, t, b) => machine.add(a.byteOffset, b.byteOffset, out.byteOffset, fours, s, t),
  };
}

/** Of addresses and a count of fours: four sums of aᵀg and four of bᵀg are written. */
function products(): Routine {
  const [a, b, g, out, fours, a0, a1, b0, b1, g0, g1] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const summed = (total: number, from: number, offset: number, factor: number) =>
    set(total, sum(get(total), times(load(from, offset), get(factor))));
  const step = [
    ...[...set(g0, load(g)), ...set(g1, load(g, 16))],
    ...[...summed(a0, a, 0, g0), ...summed(b0, b, 0, g0)],
    ...[...summed(a1, a, 16, g1), ...summed(b1, b, 16, g1)],
    ...[...move(a, 32), ...move(b, 32), ...move(g, 32), ...again(fours)],
  ];
  const written = [a0, a1, b0, b1].flatMap((total, i) => store(out, 16 * i, get(total)));
  return { parameters: several(5, I32), locals: several(6, V128), code: [...loop(...step), ...written] };
}

function add(): Routine {
  const [a, b, out, fours, s, t, ss, tt] = [0, 1, 2, 3, 4, 5, 6, 7];
  const two = (offset: number): Code => {
    const both = sum(times(load(a, offset), get(ss)), times(load(b, offset), get(tt)));
    return store(out, offset, sum(load(out, offset), both));
  };
  const step = [
    ...[...two(0), ...two(16)],
    ...[...move(a, 32), ...move(b, 32), ...move(out, 32), ...again(fours)],
  ];
  const code = [...set(ss, twice(s)), ...set(tt, twice(t)), ...loop(...step)];
  return { parameters: [...several(4, I32), F64, F64], locals: several(2, V128), code };
}
