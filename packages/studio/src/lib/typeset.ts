import temml from "temml";

const known = new Map<string, string>();
const MOST = 1000;

/**
 * LaTeX as MathML; what was typeset before is remembered. Temml escapes all text, and trusts no command that leads out. A
 * display is in pieces that end with an operator, between which a line may break.
 */
export function typeset(latex: string, display = false): string {
  const key = display ? `D${latex}` : `I${latex}`;
  let found = known.get(key);
  if (found === undefined) {
    found = display ? pieces(latex) : mathml(latex, "none");
    if (known.size >= MOST) known.clear();
    known.set(key, found);
  }
  return found;
}

const mathml = (latex: string, wrap: "none" | "tex"): string =>
  temml.renderToString(latex, { throwOnError: false, trust: false, strict: false, wrap });

const pieces = (latex: string): string =>
  mathml(latex.replace(/\\(sum|prod|lim|max|min)(?=_)/g, "\\$1\\limits"), "tex")
    // What stands on the right begins on the line of its sign, and an operator alone would lose its spaces.
    .replace(/^<math>(?!<mrow>)(.*)<\/math>$/s, "<math><mrow>$1</mrow></math>")
    .replace(/^<math><mrow>((?:<mo[^>]*>[^<]*|.*?<mo>[=≈])<\/mo>)<\/mrow><mrow>/, "<math><mrow>$1");
