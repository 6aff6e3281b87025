/** Values of variables as they stand in the address: "w:0.5,b:1". What is not given is 1. */
export type Others = Readonly<Record<string, number>>;

export function readOthers(text: string): Others {
  const pairs = text
    .split(",")
    .map((p) => p.split(":"))
    .filter(([n, v]) => n && v?.trim() && Number.isFinite(Number(v)))
    .map(([n, v]) => [n, Number(v)] as const);
  return Object.fromEntries(pairs);
}

export const writeOthers = (others: Others): string =>
  Object.entries(others)
    .map(([n, v]) => `${n}:${v}`)
    .join(",");
