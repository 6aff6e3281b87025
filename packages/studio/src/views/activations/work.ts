/** Activations as formulas: value, slope and second derivative over a range, and where the slope is gone. */
import { parse, sample } from "gradus/math";
import { shortNumber } from "gradus-charts";
import { type Formula, formulaOf } from "../../lib/formats.ts";
import type { Known } from "./known.ts";

export interface ActivationRow {
  readonly name: string;
  readonly f: Formula;
  /** What a known one is by its definition. */
  readonly definition?: Formula;
  readonly slope: Formula;
  readonly second: Formula;
  readonly x: Float64Array;
  readonly curves: readonly [Float64Array, Float64Array, Float64Array];
  readonly error?: string;
  /** In words: where it saturates (the slope goes to 0), where it is dead (the slope is 0). */
  readonly remarks: readonly string[];
}

const COUNT = 241;

export function activationRows(q: { items: readonly Known[]; range: number }): ActivationRow[] {
  return q.items.map((item) => row(item, q.range));
}

function row({ name, f, definition }: Known, range: number): ActivationRow {
  const e = parse(f);
  const [variable] = [...e.variables.keys()];
  if (e.variables.size !== 1) throw new Error(`${name}: an activation is a function of one variable`);
  const all = [e, e.derivative(variable), e.derivative(variable, 2)];
  const x = Float64Array.from({ length: COUNT }, (_, i) => -range + (2 * range * i) / (COUNT - 1));
  const formula = (g: typeof e): Formula => formulaOf({ text: g.toText(), latex: g.toLatex() });
  const curves = [
    sample(all[0], variable, x),
    sample(all[1], variable, x),
    sample(all[2], variable, x),
  ] as const;
  return {
    name,
    f: formula(e),
    ...(definition ? { definition: formula(parse(definition)) } : {}),
    slope: formula(all[1]),
    second: formula(all[2]),
    x,
    curves,
    remarks: remarks(e, variable),
  };
}

/** Far out: what falls like 1/x² is gone there too. */
const FAR = 1e6;
const GONE = 1e-9;
/** Beyond this a slope of exactly 0 may be a rounded one. */
const NEAR = 10;

/** Where on each side the slope goes to 0 (it saturates), and where it is 0 altogether (it is dead). */
function remarks(e: ReturnType<typeof parse>, variable: string): string[] {
  const d = e.derivative(variable);
  const slope = (x: number): number =>
    d.variables.size === 0 ? d.evaluate().item() : d.evaluate(new Map([[variable, x]])).item();
  const gone = (x: number): boolean => Math.abs(slope(x)) < GONE;
  const found: string[] = [];
  for (const sign of [-1, 1]) {
    // Three places: the slope of a wave may be 0 at one of them.
    if (![1, 0.7, 0.43].every((part) => gone(sign * part * FAR))) continue;
    const dead = (x: number): boolean => slope(sign * x) === 0;
    if (dead(NEAR) && dead(0.9 * NEAR)) {
      let [alive, gone] = [-NEAR, NEAR];
      for (let i = 0; i < 60; i++) {
        const middle = (alive + gone) / 2;
        if (dead(middle)) gone = middle;
        else alive = middle;
      }
      const edge = Number((sign * gone).toFixed(6)) + 0;
      found.push(
        `Dead for ${variable} ${sign < 0 ? "<" : ">"} ${shown(edge)}: the slope is 0, nothing is learned there.`,
      );
    } else
      found.push(
        `Saturates for large ${sign < 0 ? "negative" : "positive"} inputs: at ${shown(sign * 6)} the slope is ${shown(slope(sign * 6))}.`,
      );
  }
  if (found.length === 0) found.push("Its slope vanishes on neither side.");
  return found;
}

const shown = (v: number): string => shortNumber(v, 3);
