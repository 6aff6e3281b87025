import temml from "temml";
import { LessonError } from "./errors.ts";
import { type Html, trusted } from "./html.ts";

/** LaTeX as MathML, which browsers draw and screen readers speak. Nothing in it can link, load or style the page. */
export function formula(latex: string, display = false): Html {
  const text = display ? `\\displaystyle ${latex}` : latex;
  try {
    return trusted(
      temml.renderToString(text, { ...LIMITS, throwOnError: true, trust: false, strict: false }),
    );
  } catch (error) {
    if (/Too many expansions/.test((error as Error).message))
      throw new LessonError(
        latex.length > LONG
          ? `a formula of ${latex.length} characters is too long to be shown`
          : `$${shortened(latex)}$: its macros unfold without end`,
      );
    throw new LessonError(`$${shortened(latex)}$: ${reason(error as Error)}`);
  }
}

/** Maths reads max(0, x) as ReLU(x); who typed the one is not shown the other. */
export const asTyped = (latex: string, text: string): string =>
  /relu/i.test(text) ? latex : latex.replace(/\\operatorname\{ReLU\}(\\left)?\(/g, "\\max$1(0, ");

/** No more digits of a number than are read. */
export const shortDecimals = (latex: string): string =>
  latex.replace(/\d+\.\d{7,}/g, (v) => String(Number(Number(v).toPrecision(7))));

/** How often macros may unfold, and how large, in em and pt, a space or a rule may be. */
const LIMITS = { maxExpand: 200, maxSize: [20, 200] as [number, number] };

const LONG = 1_000;

const shortened = (latex: string): string => (latex.length > 80 ? `${latex.slice(0, 80)}…` : latex);

/** Without its picture of the place. */
const reason = (error: Error): string =>
  (error.name === "ParseError" ? error.message : "this cannot be read as LaTeX")
    .trim()
    .replace(/ at (position \d+|end of input):[\s\S]*$/, "")
    .replaceAll("\n", " ");
