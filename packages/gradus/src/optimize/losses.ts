/** A loss of the squared residual z, as ρ(z) with its first two derivatives: ρ(z) ≈ z near 0. */
export type Loss = (z: number) => readonly [value: number, slope: number, curvature: number];

/**
 * Least squares, and losses that large residuals move less. A residual counts as large from `scale` on, since
 * z = (r/scale)².
 */
export const LOSSES = {
  linear: (z) => [z, 1, 0],
  /** Quadratic up to the scale, then linear (Huber 1964). */
  huber: (z) => (z <= 1 ? [z, 1, 0] : [2 * Math.sqrt(z) - 1, 1 / Math.sqrt(z), -1 / (2 * z ** 1.5)]),
  /** 2(√(1 + z) − 1): Huber's, smooth. */
  "soft-l1": (z) => [2 * (Math.sqrt(1 + z) - 1), 1 / Math.sqrt(1 + z), -1 / (2 * (1 + z) ** 1.5)],
  /** ln(1 + z): outliers all but vanish. */
  cauchy: (z) => [Math.log1p(z), 1 / (1 + z), -1 / (1 + z) ** 2],
} as const satisfies Record<string, Loss>;

export type LossName = keyof typeof LOSSES;
export const lossNames = Object.keys(LOSSES) as LossName[];
