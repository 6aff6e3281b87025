import type { Iterate, Settings } from "./method.ts";
import type { Objective } from "./objective.ts";
import { extremes } from "./spectrum.ts";
import { show } from "./verdict.ts";

export interface StableRate {
  /** 2/λmax: gradient descent with a constant rate above it diverges along that eigenvector. */
  readonly rate: number;
  readonly largestEigenvalue: number;
}

export function stableRateAt(objective: Objective, at: Iterate): StableRate | undefined {
  const { largest } = extremes(objective, at.x);
  return largest > 0 ? { rate: 2 / largest, largestEigenvalue: largest } : undefined;
}

export function rateHint({ rate }: Settings, stable: StableRate | undefined): string {
  if (!stable || typeof rate !== "number" || rate <= stable.rate) return "";
  return `; the rate ${show(rate)} is above the stable rate 2/λmax = ${show(stable.rate)} (λmax = ${show(stable.largestEigenvalue)}), so the steps overshoot`;
}
