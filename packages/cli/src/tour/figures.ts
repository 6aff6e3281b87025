import { type Derivation, derivation, type Expression, parse, renderDerivation } from "gradus/math";

/** One worked figure of the lecture: what it says, and what Gradus computes for it. */
export interface Figure {
  readonly says: string;
  readonly computed: string;
  readonly holds: boolean;
  /** The derivation, where there is more to it than its result. */
  readonly derivation?: string;
}

/** A part of the lecture, in its order. */
export interface Section {
  readonly title: string;
  readonly says: string;
  readonly figures: readonly Figure[];
  /** A table or a picture below them. */
  readonly shown?: string;
}

/** As a person writes it: x₁ and a real minus sign. */
export const typeset = (text: string): string =>
  text
    .replace(/_(\d+)/g, (_, digits: string) => [...digits].map((d) => "₀₁₂₃₄₅₆₇₈₉"[Number(d)]).join(""))
    .replaceAll("-", "−");

/** A derivative as the lecture prints it, in the parser's words; equal where their texts tidy to the same. */
export function derivative(shown: string, source: string, wrt: string, printed: string): Figure {
  const e = parse(source, { variables: [wrt] });
  const result = e.derivative(wrt);
  const expected = parse(printed, { variables: [wrt] }).tidy();
  return {
    says: shown,
    computed: typeset(String(result)),
    holds: result.toText() === expected.toText(),
    derivation: onBoard(e, wrt),
  };
}

/** The whiteboard of a derivative by a number, if it has more than one line. */
export function onBoard(e: Expression, wrt: string): string | undefined {
  const [d] = derivation(e, wrt);
  return worth(d) ? typeset(renderDerivation(d)) : undefined;
}

const worth = (d: Derivation): boolean =>
  d.lines.length > 2 ||
  d.locals !== undefined ||
  d.lines.some((l) => l.reasons.some((r) => r.parts.length > 0));

/** A number as the lecture prints it, to its digits. */
export function value(says: string, computed: number, printed: number, digits: number): Figure {
  return {
    says,
    computed: typeset(computed.toFixed(digits)),
    holds: computed.toFixed(digits) === printed.toFixed(digits),
  };
}
