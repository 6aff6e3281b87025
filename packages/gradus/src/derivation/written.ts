import { type Written, writtenAs } from "../expression/print.ts";
import { toLatex } from "../expression/print-latex.ts";
import { toPretty, toText } from "../expression/print-text.ts";
import type { SizeLetters } from "../expression/size-letters.ts";
import { input, type Node, type Typed } from "../ir/node.ts";

export type { Written };

/** A node in its three forms, each written when it is first asked for. */
export function written(node: Node, letters?: SizeLetters): Written {
  const once = <T>(make: () => T): (() => T) => {
    let made: { value: T } | undefined;
    return () => (made ??= { value: make() }).value;
  };
  const [text, latex, pretty] = [
    once(() => toText(node, letters)),
    once(() => toLatex(node, letters)),
    once(() => toPretty(node, letters)),
  ];
  return {
    get text() {
      return text();
    },
    get latex() {
      return latex();
    },
    get pretty() {
      return pretty();
    },
  };
}

/** A name in its three forms. */
export function writtenName(name: string): Written {
  return written(input({ shape: [], dtype: "f64" }, { name }));
}

/** ∂L/∂a in the shape of a: an adjoint whose formula stands elsewhere. */
export function adjointSymbol(typed: Typed, result: string, of: string): Node {
  return derivativeMark(typed, writtenName(result), writtenName(of), true, true);
}

/** The derivative of `of` by `by`, not yet worked out: d/dx [sin(x)], ∂L/∂a. */
export function derivativeMark(
  typed: Typed,
  of: Written,
  by: Written,
  partial: boolean,
  named: boolean,
): Node {
  const [d, dLatex] = partial ? ["∂", "\\partial "] : ["d", "d"];
  const mark = input(typed, { name: "derivative" });
  writtenAs.set(mark, {
    text: `diff(${of.text}, ${by.text})`,
    pretty: named ? `${d}${of.pretty}/${d}${by.pretty}` : `${d}/${d}${by.pretty} [${of.pretty}]`,
    latex: named
      ? `\\frac{${dLatex}${of.latex}}{${dLatex}${by.latex}}`
      : `\\frac{${dLatex}}{${dLatex}${by.latex}}\\left[${of.latex}\\right]`,
  });
  return mark;
}
