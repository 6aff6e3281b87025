/*
 * WebAssembly with SIMD, written out as bytes: what the few kernels need of it that are faster so. Locals are named by
 * their numbers; addresses and counts are i32, vectors hold two f64.
 */

export const unsigned = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(n >> 7)]);

function signed(n: number): number[] {
  const low = n & 127;
  const rest = n >> 7;
  const done = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return done ? [low] : [low | 128, ...signed(rest)];
}

export const section = (id: number, ...content: number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
export const HEADER = [0, 97, 115, 109, 1, 0, 0, 0];
export const [I32, F64, V128] = [0x7f, 0x7c, 0x7b];
/** A function's type: parameters, and no result. */
export const typeOf = (...parameters: number[]): number[] => [0x60, parameters.length, ...parameters, 0];
export const END = 0x0b;

export const get = (local: number): number[] => [0x20, local];
export const set = (local: number): number[] => [0x21, local];
export const load = (from: number, offset: number): number[] => [
  ...get(from),
  ...simd(0, 3, ...unsigned(offset)),
];
/** One number, in both halves. */
export const loadTwice = (from: number, offset: number): number[] => [
  ...get(from),
  ...simd(10, 3, ...unsigned(offset)),
];
export const twice = (local: number): number[] => [...get(local), ...simd(20)];
/** Of an address and a vector on the stack. */
export const store = (offset: number): number[] => simd(11, 3, ...unsigned(offset));
export const zero = (): number[] => simd(12, ...new Array<number>(16).fill(0));
export const [ADD, MULTIPLY] = [simd(0xf0), simd(0xf2)];
export const moved = (local: number, by: number): number[] => [
  ...[...get(local), 0x41, ...signed(by)],
  ...[0x6a, ...set(local)],
];
export const loop = (...inside: number[]): number[] => [0x03, 0x40, ...inside, END];
/** At the end of a loop: once more until the count is 0. */
export const countDown = (local: number): number[] => [...moved(local, -1), ...get(local), 0x0d, 0];

function simd(operation: number, ...rest: number[]): number[] {
  return [0xfd, ...unsigned(operation), ...rest];
}

interface WebAssemblyOfHost {
  Module: new (bytes: Uint8Array) => unknown;
  Instance: new (module: unknown, imports?: unknown) => { exports: unknown };
  Memory: new (size: { initial: number }) => LinearMemory;
}

export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export const PAGE = 65_536;

export const host = (): WebAssemblyOfHost =>
  (globalThis as never as { WebAssembly: WebAssemblyOfHost }).WebAssembly;
