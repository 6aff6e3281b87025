/** The penguins that come with the command (its data/README.md says from where), as rows of numbers. */
import text from "../../../cli/data/penguins.csv?raw";

export const MEASUREMENTS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"] as const;
export type Measurement = (typeof MEASUREMENTS)[number];
/** The two that the deck's neuron tells apart: 0 and 1. */
export const SPECIES = ["Adelie", "Chinstrap"] as const;

export const TITLES: Readonly<Record<Measurement, string>> = {
  bill_length_mm: "bill length",
  bill_depth_mm: "bill depth",
  flipper_length_mm: "flipper length",
  body_mass_g: "body mass",
};

export interface Penguin {
  readonly measured: Readonly<Record<Measurement, number>>;
  /** 0 or 1. */
  readonly species: number;
}

/** Rows with a missing measurement are left out. */
export function penguins(): Penguin[] {
  const [head, ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  const columns = MEASUREMENTS.map((m) => head.indexOf(m));
  return lines
    .filter((r) => (SPECIES as readonly string[]).includes(r[0]) && columns.every((c) => r[c] !== ""))
    .map((r) => ({
      measured: Object.fromEntries(
        MEASUREMENTS.map((m, i) => [m, Number(r[columns[i]])]),
      ) as Penguin["measured"],
      species: r[0] === SPECIES[1] ? 1 : 0,
    }));
}

export interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

/** To mean 0 and deviation 1: a column of equal values keeps its scale. */
export function scaleOf(values: readonly number[]): Scale {
  const mean = values.reduce((a, b) => a + b, 0) / (values.length || 1);
  const spread = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length || 1);
  return { mean, deviation: Math.sqrt(spread) || 1 };
}
