export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The values to show: all of them, but for the few that run off to a pole. */
export function rangeOf(values: readonly number[]): Range {
  const own = [...values].filter(Number.isFinite).sort((a, b) => a - b);
  if (own.length === 0) return { low: -1, high: 1 };
  const at = (part: number) => own[Math.round(part * (own.length - 1))];
  const [low, high, inner] = [own[0], own[own.length - 1], at(0.95) - at(0.05)];
  const clipped = high - low > 20 * inner && inner > 0;
  const [bottom, top] = clipped ? [at(0.05) - inner / 2, at(0.95) + inner / 2] : [low, high];
  const margin = (top - bottom || Math.abs(top) || 1) * 0.05;
  return { low: bottom - margin, high: top + margin };
}

/** Whether a curve leaps between two samples, as at a pole: then no line joins them. */
export function leaps(a: number, b: number, { low, high }: Range): boolean {
  return (
    Math.abs(a - b) > 2 * (high - low) ||
    (Math.abs(a - b) > 0.75 * (high - low) && Math.sign(a - low) !== Math.sign(b - low))
  );
}

/** Equal steps from the first to the last. */
export function steps(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

const RAISED: Readonly<Record<string, string>> = { "-": "⁻" };
/** A whole number as an exponent: ⁻⁸. */
export const raised = (v: number): string =>
  [...String(v)].map((c) => RAISED[c] ?? "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]).join("");

/** A number as an axis or a label writes it: six digits, fewer (but no fewer than three) in 2.71·10⁻⁸, a real minus sign. */
export function shortNumber(v: number, digits = 6): string {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? "no value" : v > 0 ? "∞" : "−∞";
  const size = Math.abs(v);
  const text =
    size !== 0 && (size >= 10 ** digits || size < 1e-4)
      ? v
          .toExponential(Math.max(Math.min(2, digits - 1), digits - 3))
          .replace(/\.?0+e/, "e")
          .replace(/e([+-]\d+)/, (_, e: string) => `·10${raised(Number(e))}`)
      : String(Number(v.toPrecision(digits)));
  return text.replace(/-/g, "−");
}

/** What `shortNumber` writes, and lists of it, as a program reads it: −2.7·10⁻⁸ is -2.7e-8. */
export const plainNumber = (text: string): string =>
  text
    .replaceAll("−", "-")
    .replace(
      /·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g,
      (_, e: string) => `e${[...e].map((c) => (c === "⁻" ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c))).join("")}`,
    );

/** The same, for a formula. */
export const latexNumber = (text: string): string =>
  plainNumber(text)
    .replace(/e(-?\d+)/g, " \\cdot 10^{$1}")
    .replace("no value", "\\text{no value}")
    .replace("∞", "\\infty");
