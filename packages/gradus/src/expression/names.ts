/** Greek letters by their Latin names: `sigma`, `\sigma` and `σ` are one name. */
const GREEK: readonly (readonly [string, string])[] = [
  ["alpha", "α"],
  ["beta", "β"],
  ["gamma", "γ"],
  ["delta", "δ"],
  ["epsilon", "ε"],
  ["zeta", "ζ"],
  ["eta", "η"],
  ["theta", "θ"],
  ["iota", "ι"],
  ["kappa", "κ"],
  ["lambda", "λ"],
  ["mu", "μ"],
  ["nu", "ν"],
  ["xi", "ξ"],
  ["rho", "ρ"],
  ["sigma", "σ"],
  ["tau", "τ"],
  ["upsilon", "υ"],
  ["phi", "φ"],
  ["chi", "χ"],
  ["psi", "ψ"],
  ["omega", "ω"],
  ["Gamma", "Γ"],
  ["Delta", "Δ"],
  ["Theta", "Θ"],
  ["Lambda", "Λ"],
  ["Xi", "Ξ"],
  ["Pi", "Π"],
  ["Sigma", "Σ"],
  ["Phi", "Φ"],
  ["Psi", "Ψ"],
  ["Omega", "Ω"],
  ["varepsilon", "ε"],
  ["varphi", "φ"],
  ["eps", "ε"],
  ["pi", "π"],
];

export const greekByName: ReadonlyMap<string, string> = new Map(GREEK);
const nameByGreek: ReadonlyMap<string, string> = new Map([...GREEK].reverse().map(([n, g]) => [g, n]));

/** A name as it is written in ASCII text that other systems read: λ is `lambda`, ŷ is `yhat`. */
export function asciiName(name: string): string {
  return name
    .replace(/ŷ/g, "yhat")
    .replace(/(.)\u0302/g, "$1hat")
    .replace(/𝓛/gu, "L_cal")
    .replace(/\p{L}/gu, (letter) => nameByGreek.get(letter) ?? letter);
}

/** A name in LaTeX: subscripts, hats and Greek letters as commands. */
export function latexName(name: string): string {
  const [head, ...subscripts] = name.split("_");
  const body = /^[A-Za-z]+\d+$/.test(head) ? head.replace(/(\d+)$/, "_{$1}") : headLatex(head);
  if (subscripts.length === 0) return body;
  return `${body}_{${subscripts.map(headLatex).join(",")}}`;
}

function headLatex(head: string): string {
  if (head === "𝓛") return "\\mathcal{L}";
  if (head === "ŷ") return "\\hat{y}";
  const hat = /^(.+)\u0302$/u.exec(head);
  if (hat) return `\\hat{${headLatex(hat[1])}}`;
  const greek = nameByGreek.get(head);
  if (greek) return `\\${greek}`;
  return head.length > 1 && !/^\d+$/.test(head) ? `\\mathrm{${head}}` : head;
}
