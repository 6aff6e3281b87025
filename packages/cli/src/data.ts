import { readFileSync } from "node:fs";

/** A file that ships with the command. The sources and the bundle lie equally deep beside `data`. */
export function dataFile(name: string): string {
  return readFileSync(new URL(`../data/${name}`, import.meta.url), "utf8");
}
