import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Problems of Moré, Garbow and Hillstrom (1981), where they are present, and what SciPy makes of them. */
export interface Problem {
  readonly name: string;
  readonly variables: string[];
  readonly expression: string;
  readonly residuals: string[];
  readonly start: number[];
  readonly minima: number[];
}

const path = fileURLToPath(new URL("../../../../shared/mgh/problems.json", import.meta.url));
export const problems = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Problem[]) : [];
export const scipy = JSON.parse(
  readFileSync(new URL("./reference/minimizers.json", import.meta.url), "utf8"),
) as Record<string, Record<string, [number, number]>>;

/** Which of the published minima a value is; −1 for none. */
export const reached = (value: number, minima: readonly number[]): number =>
  minima.findIndex((m) => Math.abs(value - m) <= 1e-4 * Math.max(1e-3, Math.abs(m)));
export const reaches = (value: number, minima: readonly number[]): boolean => reached(value, minima) >= 0;
