/*
 * A few words of WebAssembly with SIMD, and a module made of functions in them. Code is a list of bytes; locals are
 * named by their numbers.
 */

export type Code = readonly number[];

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export const PAGE = 65_536;

/** A function that returns nothing. */
export interface Routine {
  /** Types of the parameters: addresses and counts are i32. */
  readonly parameters: readonly number[];
  /** Types of the other locals. */
  readonly locals: readonly number[];
  readonly code: Code;
}

export const [I32, F64, V128] = [0x7f, 0x7c, 0x7b];
/** So many of one type. */
export const several = (count: number, type: number): number[] => new Array<number>(count).fill(type);

const unsigned = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(n >> 7)]);

function signed(n: number): number[] {
  const low = n & 127;
  const rest = n >> 7;
  const done = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return done ? [low] : [low | 128, ...signed(rest)];
}

const simd = (operation: number, ...rest: Code): Code => [0xfd, ...unsigned(operation), ...rest];
const memory = (operation: number, address: number, offset: number, ...lane: Code): Code => [
  ...get(address),
  ...simd(operation, 0, ...unsigned(offset), ...lane),
];

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
const whole = (n: number): Code => [0x41, ...signed(n)];
const moved = (local: number, by: number): Code => [...get(local), ...whole(by), 0x6a];
export const plus = (a: number, b: number): Code => [...get(a), ...get(b), 0x6a];
export const shifted = (local: number, left: number): Code => [
  ...get(local),
  ...whole(Math.abs(left)),
  left < 0 ? 0x76 : 0x74,
];
export const move = (local: number, by: number): Code => set(local, moved(local, by));

export const loop = (...inside: Code): Code => [0x03, 0x40, ...inside, 0x0b];
/** At the end of a loop: once more while the counter, less one, is not 0. */
export const again = (counter: number): Code => [...move(counter, -1), ...get(counter), 0x0d, 0];
export const when = (condition: Code, ...inside: Code): Code => [...condition, 0x04, 0x40, ...inside, 0x0b];
export const isOdd = (local: number): Code => [...get(local), ...whole(1), 0x71];

/** Two numbers, or one of both lanes, or one with a 0 beside it. */
export const load = (address: number, offset = 0): Code => memory(0, address, offset);
export const splat = (address: number, offset = 0): Code => memory(10, address, offset);
export const loadOne = (address: number, offset = 0): Code => memory(0x5d, address, offset);
/** A local f64 in both lanes. */
export const twice = (local: number): Code => [...get(local), ...simd(20)];
/** The second lane anew. */
export const loadSecond = (address: number, into: Code): Code => [
  ...get(address),
  ...into,
  ...simd(0x57, 0, 0, 1),
];
export const store = (address: number, offset: number, value: Code): Code => [
  ...get(address),
  ...value,
  ...simd(11, 0, ...unsigned(offset)),
];
export const storeOne = (address: number, value: Code): Code => [
  ...get(address),
  ...value,
  ...simd(0x5b, 0, 0, 0),
];
export const ZERO: Code = simd(12, ...new Array<number>(16).fill(0));
export const times = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xf2)];
export const sum = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xf0)];
/** One lane of each of two: 0 and 1 are those of a, 2 and 3 those of b. */
export const lanes = (a: Code, b: Code, ...two: Code): Code => [
  ...a,
  ...b,
  ...simd(13, ...two.flatMap((l) => Array.from({ length: 8 }, (_, i) => 8 * l + i))),
];

/** Functions that work on one memory. */
export type Machine<Name extends string> = { readonly memory: Memory } & Readonly<
  Record<Name, (...numbers: number[]) => void>
>;

interface WebAssemblyOfHost {
  Module: new (bytes: Uint8Array) => unknown;
  Instance: new (module: unknown, imports: unknown) => { exports: unknown };
  Memory: new (size: { initial: number }) => Memory;
}

const host = () => (globalThis as never as { WebAssembly: WebAssemblyOfHost }).WebAssembly;

/**
 * A module of functions by their names: each machine that is made of it has a memory of its own, of so many pages.
 * Throws where there is no WebAssembly with SIMD, or a page's content security policy forbids it.
 */
export function assembled<Name extends string>(
  routines: Readonly<Record<Name, Routine>>,
): (pages: number) => Machine<Name> {
  const module = new (host().Module)(Uint8Array.from(moduleOf(routines)));
  return (pages) => {
    const { Memory, Instance } = host();
    const memory = new Memory({ initial: pages });
    const { exports } = new Instance(module, { m: { m: memory } });
    return { memory, ...(exports as Record<Name, () => void>) };
  };
}

const section = (id: number, ...content: Code): Code => [id, ...unsigned(content.length), ...content];
const named = (name: string): Code => [name.length, ...[...name].map((c) => c.charCodeAt(0))];

function moduleOf(routines: Readonly<Record<string, Routine>>): Code {
  const all = Object.values(routines);
  const n = all.length;
  const types = all.flatMap(({ parameters }) => [0x60, parameters.length, ...parameters, 0]);
  const bodies = all.flatMap(({ locals, code }) => {
    const body = [...unsigned(locals.length), ...locals.flatMap((type) => [1, type]), ...code, 0x0b];
    return [...unsigned(body.length), ...body];
  });
  return [
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, n, ...types),
    // The memory is given, as m of m.
    ...section(2, 1, ...named("m"), ...named("m"), 2, 0, 0),
    ...section(3, n, ...all.keys()),
    ...section(7, n, ...Object.keys(routines).flatMap((k, i) => [...named(k), 0, i])),
    ...section(10, n, ...bodies),
  ];
}
