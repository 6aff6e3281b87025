import temml from "temml";
import { type Html, trusted } from "./html.ts";

/** LaTeX as MathML, which browsers draw and screen readers speak. Nothing in it can link, load or style the page. */
export function formula(latex: string, display = false): Html {
  const text = display ? `\\displaystyle ${latex}` : latex;
  return trusted(
    temml.renderToString(text, { throwOnError: false, trust: false, strict: false, maxExpand: 200 }),
  );
}
