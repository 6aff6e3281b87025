/** LaTeX commands that are plain symbols. */
export const LATEX_SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["cdot", "*"],
  ["times", "*"],
  ["div", "/"],
  ["le", "<="],
  ["leq", "<="],
  ["ge", ">="],
  ["geq", ">="],
  ["ne", "!="],
  ["neq", "!="],
  ["lt", "<"],
  ["gt", ">"],
  ["land", "and"],
  ["wedge", "and"],
  ["lor", "or"],
  ["vee", "or"],
  ["lnot", "not"],
  ["neg", "not"],
  ["odot", "⊙"],
  ["circ", "⊙"],
  ["partial", "∂"],
  ["top", "⊤"],
  ["intercal", "⊤"],
  ["prime", "'"],
  ["infty", "∞"],
  ["lVert", "‖"],
  ["rVert", "‖"],
  ["Vert", "‖"],
  ["lvert", "|"],
  ["rvert", "|"],
  ["vert", "|"],
  ["{", "("],
  ["}", ")"],
  ["|", "‖"],
  ["sum", "∑"],
  ["prod", "∏"],
  ["lbrace", "("],
  ["rbrace", ")"],
  ["lfloor", "⌊"],
  ["rfloor", "⌋"],
  ["lceil", "⌈"],
  ["rceil", "⌉"],
  ["bmod", "%"],
  ["mod", "%"],
  ["ast", "*"],
]);

/** Commands that only set type or space. */
export const LATEX_SILENT = new Set([
  "left",
  "right",
  "big",
  "Big",
  "bigl",
  "bigr",
  "Bigl",
  "Bigr",
  "bigg",
  "Bigg",
  "displaystyle",
  "textstyle",
  "limits",
  ",",
  ";",
  ":",
  "!",
  " ",
  "quad",
  "qquad",
  "nolimits",
  "mathopen",
  "mathclose",
]);

/** Commands whose group is read as it stands. */
export const LATEX_STYLES = new Set([
  "mathbf",
  "boldsymbol",
  "bm",
  "mathrm",
  "operatorname",
  "text",
  "mathit",
  "textbf",
  "textrm",
  "mathsf",
  "vec",
  "operatorname*",
  "textit",
]);

export const LATEX_ALPHABETS = new Set(["mathcal", "mathscr", "mathbb"]);

export const LATEX_COMMANDS = new Set(["frac", "dfrac", "tfrac", "sqrt", "begin", "end", "binom"]);

/** Marks above a letter: hat, tilde, bar, dots; an arrow says only that it is a vector. */
export const ACCENTS: ReadonlyMap<string, string> = new Map([
  ["hat", "\u0302"],
  ["widehat", "\u0302"],
  ["tilde", "\u0303"],
  ["widetilde", "\u0303"],
  ["bar", "\u0304"],
  ["overline", "\u0304"],
  ["dot", "\u0307"],
  ["ddot", "\u0308"],
]);

/** Environments that only set lines: what they hold is read as if it stood alone. */
export const LAYOUT = /\s*\{(?:aligned|align|alignat|gather|gathered|equation|split|multline)\*?\}/y;
