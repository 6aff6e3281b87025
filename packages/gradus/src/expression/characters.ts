/** Stands where a wide character was, so that offsets in the text stay offsets in the source; read as a blank. */
const FILLER = "\u2060";

/** Letters that NFKC leaves as they are, or folds into what is not meant. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ["ϕ", "φ"],
  ["ϵ", "ε"],
  ["ϑ", "θ"],
  ["ϱ", "ρ"],
  ["ϖ", "π"],
  ["ϰ", "κ"],
  ["∆", "Δ"],
  ["µ", "μ"],
  ["ℒ", "ℒ"],
  ["ℓ", "ℓ"],
  ["𝓛", "𝓛"],
  ["𝟙", "𝟙"],
]);
/** Fullwidth forms, letterlike symbols, mathematical alphabets, variants of Greek letters. */
const STYLED = /[\uFF01-\uFF5E\u2102-\u213F\u00B5\u2206ϕϵϑϱϖϰ]|[\u{1D400}-\u{1D7FF}]/gu;
const SUPERSCRIPTS: ReadonlyMap<string, string> = new Map(
  [..."⁰0¹1²2³3⁴4⁵5⁶6⁷7⁸8⁹9⁺+⁻-⁼=⁽(⁾)ⁿnⁱiˣxʸyᶻzᵀTᵃaᵇbᶜcᵈdᵉeᶠfᵍgʰhʲjᵏkˡlᵐmᵒoᵖpʳrˢsᵗtᵘuᵛvʷw"].reduce<
    [string, string][]
  >(paired, []),
);
const SUBSCRIPTS: ReadonlyMap<string, string> = new Map(
  [..."₀0₁1₂2₃3₄4₅5₆6₇7₈8₉9₊+₋-ₐaₑeₕhᵢiⱼjₖkₗlₘmₙnₒoₚpᵣrₛsₜtᵤuᵥvₓx"].reduce<[string, string][]>(paired, []),
);

function paired(pairs: [string, string][], character: string, i: number): [string, string][] {
  if (i % 2 === 0) pairs.push([character, ""]);
  else pairs[pairs.length - 1][1] = character;
  return pairs;
}

/** ½ and its like: numerator and denominator. */
const FRACTIONS: ReadonlyMap<string, readonly [number, number]> = new Map(
  "½12 ⅓13 ⅔23 ¼14 ¾34 ⅕15 ⅖25 ⅗35 ⅘45 ⅙16 ⅚56 ⅐17 ⅛18 ⅜38 ⅝58 ⅞78 ⅑19"
    .split(" ")
    .map(([c, n, d]) => [c, [Number(n), Number(d)]]),
);

export const fractionCharacter = (character: string): readonly [number, number] | undefined =>
  FRACTIONS.get(character);

/** What a raised or lowered character says, `undefined` for any other. */
export const raisedCharacter = (character: string): string | undefined => SUPERSCRIPTS.get(character);
export const loweredCharacter = (character: string): string | undefined => SUBSCRIPTS.get(character);

/** The text with bold, italic, double-struck and fullwidth characters plain: 𝐰 is w. Offsets stay as they were. */
export function plainCharacters(source: string): string {
  return source.replace(STYLED, (character) => {
    const plain = LETTERS.get(character) ?? character.normalize("NFKC");
    if (plain.length === character.length) return plain;
    return plain.length < character.length
      ? plain + FILLER.repeat(character.length - plain.length)
      : character;
  });
}

/** Characters that say the same as an ASCII symbol, and symbols of their own. */
export const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["−", "-"],
  ["–", "-"],
  ["‐", "-"],
  ["‑", "-"],
  ["·", "·"],
  ["∙", "·"],
  ["⋅", "·"],
  ["•", "·"],
  ["‧", "·"],
  ["×", "*"],
  ["⨯", "*"],
  ["∗", "*"],
  ["⋆", "*"],
  ["÷", "/"],
  ["∕", "/"],
  ["⁄", "/"],
  ["∣", "|"],
  ["⊙", "⊙"],
  ["∘", "⊙"],
  ["≔", ":="],
  ["≤", "<="],
  ["⩽", "<="],
  ["⩾", ">="],
  ["≥", ">="],
  ["≠", "!="],
  ["∧", "and"],
  ["∨", "or"],
  ["¬", "not"],
  ["√", "√"],
  ["∛", "∛"],
  ["∂", "∂"],
  ["‖", "‖"],
  ["∥", "‖"],
  ["⊤", "⊤"],
  ["′", "'"],
  ["’", "'"],
  ["″", "''"],
  ["∞", "∞"],
  ["∑", "∑"],
  ["∏", "∏"],
  ["⟨", "("],
  ["⟩", ")"],
  ["⌊", "⌊"],
  ["⌋", "⌋"],
  ["⌈", "⌈"],
  ["⌉", "⌉"],
]);

export const OPERATORS = ["**", "<=", ">=", "!=", "==", ":=", "&&", "||", "''", ".*", "->"];

export const SINGLE = "+-*/^()[]{}|!<>=,;&'%:";
