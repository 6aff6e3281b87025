import type { Statement, Syntax } from "../src/expression/syntax.ts";

type Piece = string | Syntax;

const UNARY = { "-": "neg", "!": "!", not: "not", transpose: "T" } as const;

/** What a node prints, in pieces: strings, and nodes still to print. */
function pieces(s: Syntax): Piece[] {
  switch (s.kind) {
    case "number":
      return [s.value.toString()];
    case "name":
      return [s.name];
    case "unary":
      return [`(${UNARY[s.operator]} `, s.value, ")"];
    case "binary":
      return [`(${s.operator === "implicit" ? "·" : s.operator} `, s.left, " ", s.right, ")"];
    case "call":
      return [`(${s.name}${"'".repeat(s.primes)}`, ...s.args.flatMap((a): Piece[] => [" ", a]), ")"];
    case "list":
      return ["[", ...s.items.flatMap((a, i): Piece[] => (i ? [" ", a] : [a])), "]"];
    case "cases":
      return [
        "(cases",
        ...s.rows.flatMap((r): Piece[] => [" ", r.value, ...(r.condition ? [" if ", r.condition] : [])]),
        ")",
      ];
    case "derivative":
      return [`(d/${s.variables.join(",")} `, s.of, ")"];
    case "sum":
      return [`(${s.product ? "Π" : "Σ"} ${s.index} `, s.from, " ", s.to, " ", s.body, ")"];
  }
}

/** The tree in one line; with a stack of its own, for trees of any depth. */
export function show(root: Syntax): string {
  const out: string[] = [];
  const waiting: Piece[] = [root];
  while (waiting.length > 0) {
    const next = waiting.pop() as Piece;
    if (typeof next === "string") out.push(next);
    else waiting.push(...pieces(next).reverse());
  }
  return out.join("");
}

export function showStatement(s: Statement): string {
  const name =
    s.name === undefined ? "" : `${s.name}${s.parameters ? `(${s.parameters.join(", ")})` : ""} := `;
  return `${name}${s.left ? `${show(s.left)} = ` : ""}${show(s.value)}`;
}
