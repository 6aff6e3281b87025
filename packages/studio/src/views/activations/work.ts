/** Activations as formulas: value, slope and second derivative over a range, and where the slope is gone. */
import { parse, sample } from "gradus/math";
import type { Formula } from "../../lib/formats.ts";

export interface ActivationRow {
  readonly name: string;
  readonly f: Formula;
  readonly slope: Formula;
  readonly second: Formula;
  readonly x: Float64Array;
  readonly curves: readonly [Float64Array, Float64Array, Float64Array];
  readonly error?: string;
  /** In words: where it saturates (the slope goes to 0), where it is dead (the slope is 0). */
  readonly remarks: readonly string[];
}

const COUNT = 241;

export function activationRows(q: {
  items: readonly { name: string; f: string }[];
  range: number;
}): ActivationRow[] {
  return q.items.map((item) => row(item, q.range));
}

function row({ name, f }: { name: string; f: string }, range: number): ActivationRow {
  const e = parse(f);
  const [variable] = [...e.variables.keys()];
  if (e.variables.size !== 1) throw new Error(`${name}: an activation is a function of one variable`);
  const all = [e, e.derivative(variable), e.derivative(variable, 2)];
  const x = Float64Array.from({ length: COUNT }, (_, i) => -range + (2 * range * i) / (COUNT - 1));
  const formula = (g: typeof e): Formula => ({ text: g.toText(), latex: g.toLatex() });
  const curves = [
    sample(all[0], variable, x),
    sample(all[1], variable, x),
    sample(all[2], variable, x),
  ] as const;
  return {
    name,
    f: formula(e),
    slope: formula(all[1]),
    second: formula(all[2]),
    x,
    curves,
    remarks: remarks(e, variable),
  };
}

/** Far out, in floats as a network has them. */
const FAR = 30;
const GONE = 1e-6;

function remarks(e: ReturnType<typeof parse>, variable: string): string[] {
  const d = e.derivative(variable);
  const slope = (x: number): number =>
    d.variables.size === 0 ? d.evaluate().item() : d.evaluate(new Map([[variable, x]])).item();
  const found: string[] = [];
  for (const [side, sign] of [
    ["negative", -1],
    ["positive", 1],
  ] as const) {
    const far = Math.abs(slope(sign * FAR));
    const near = Math.abs(slope(sign * 0.5));
    if (far >= GONE) continue;
    if (far === 0 && near === 0)
      found.push(`dead for ${side} inputs: the slope is 0, nothing is learned there`);
    else
      found.push(
        `saturates for large ${side} inputs: at ${shown(sign * 6)} the slope is ${shown(slope(sign * 6))}`,
      );
  }
  if (found.length === 0) found.push("its slope does not vanish on either side");
  return found;
}

const shown = (v: number): string => String(Number(v.toPrecision(3))).replace("-", "−");
