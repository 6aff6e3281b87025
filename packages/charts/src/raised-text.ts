import { element, type Scene } from "./scene.ts";

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/** Numbers below the line by their own characters: w_12 is w₁₂. */
export const lowered = (text: string): string =>
  text.replace(/(?<=\p{L}\u0302?)_(\d+)(?![\p{L}\d])/gu, (_, digits: string) =>
    [...digits].map((d) => SUBSCRIPTS[Number(d)]).join(""),
  );

/** Letters of one height above the line: 0 on it, 1 an exponent, 2 an exponent's exponent. */
export interface Run {
  readonly text: string;
  readonly level: number;
}

/** In pixels, by level. */
export const SIZES = [13, 10.5, 9] as const;
const HEIGHTS = [0, 5, 9] as const;

/** A name, a number, or what brackets hold, with a sign before it. */
const EXPONENT = /^[-−]?[\p{L}\p{N}.₀-₉]+/u;

/** Where the bracket closes that opens at the start; −1 where it does not. */
function closing(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")" && --depth === 0) return i;
  }
  return -1;
}

/** A formula written as text, parted by its exponents: e^(3x) + 1 is “e”, raised “3x”, “ + 1”. */
export function runsOf(text: string, level = 0): Run[] {
  const at = text.indexOf("^");
  const own = (t: string): Run[] => (t === "" ? [] : [{ text: t, level }]);
  if (at < 0 || level + 1 >= SIZES.length) return own(text);
  const rest = text.slice(at + 1);
  const end = rest.startsWith("(") ? closing(rest) : -1;
  const exponent = end > 0 ? rest.slice(1, end) : (EXPONENT.exec(rest)?.[0] ?? "");
  if (exponent === "") return own(text);
  const after = rest.slice(end > 0 ? end + 1 : exponent.length);
  return [...own(text.slice(0, at)), ...runsOf(exponent, level + 1), ...runsOf(after, level)];
}

/** The same as what stands in a text of a picture. */
export function raisedText(text: string): (Scene | string)[] {
  const runs = runsOf(lowered(text));
  if (runs.every((r) => r.level === 0)) return [lowered(text)];
  let before = 0;
  return runs.map((run) => {
    const dy = HEIGHTS[before] - HEIGHTS[run.level];
    before = run.level;
    return element("tspan", { dy, "font-size": SIZES[run.level] }, [run.text]);
  });
}
