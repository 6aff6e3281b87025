import { shared } from "./store.svelte.ts";

/** Values of variables by name; as they stand in the address: "w:0.5,b:1". */
export type Point = Readonly<Record<string, number>>;

export function readPoint(text: string): Point {
  const pairs = text
    .split(",")
    .map((p) => p.split(":"))
    .filter(([n, v]) => n && v?.trim() && Number.isFinite(Number(v)))
    .map(([n, v]) => [n, Number(v)] as const);
  return Object.fromEntries(pairs);
}

export const writePoint = (point: Point): string =>
  Object.entries(point)
    .map(([n, v]) => `${n}:${v}`)
    .join(",");

const all = $derived(readPoint(shared.point));

/** The point that all views look at: a value for each variable, 1 where none is given. */
export const point = {
  of: (name: string): number => (Object.hasOwn(all, name) ? all[name] : 1),
  /** All that are given, as plain data. */
  get all(): Point {
    return all;
  },
  /** Of these variables, as plain data. */
  values: (names: readonly string[]): Point => Object.fromEntries(names.map((n) => [n, point.of(n)])),
  set(changes: Point): void {
    shared.point = writePoint({ ...all, ...changes });
  },
};
