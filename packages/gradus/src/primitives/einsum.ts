import type { Node } from "../ir/node.ts";
import { ShapeError, showShape } from "../ir/shape.ts";
import { contraction, contractRule, freshLetter } from "./contraction.ts";
import { broadcastTo, cast, operation, promote, type TensorLike, tensor } from "./define.ts";
import { diagonal } from "./diagonal.ts";
import { sum } from "./reduction.ts";
import { transpose } from "./structure.ts";

/**
 * Einstein's summation, as in NumPy: `einsum("ij,jk->ik", A, B)`; letters that the result lacks are summed, and "..."
 * stands for axes that broadcast: `einsum("...ij,...jk->...ik", A, B)`.
 */
export const einsum = operation(contractRule, (subscripts: string, ...operands: TensorLike[]): Node => {
  const given = operands.map((x) => tensor(x));
  const { inputs, output } = parseSubscripts(subscripts, given);
  const terms = widened(given, inputs, subscripts).map((x, i) => withoutRepeats(x, inputs[i]));
  const dtype = promote(terms.map((t) => t.x));
  let result = { x: cast(terms[0].x, dtype), letters: terms[0].letters };
  for (let i = 1; i < terms.length; i++) {
    const later =
      output +
      terms
        .slice(i + 1)
        .map((t) => t.letters)
        .join("");
    const next = { x: cast(terms[i].x, dtype), letters: terms[i].letters };
    const left = summedAway(result, next.letters + later);
    const right = summedAway(next, left.letters + later);
    const out = [...new Set(left.letters + right.letters)].filter((l) => later.includes(l)).join("");
    result = { x: contraction(left.x, right.x, left.letters, right.letters, out), letters: out };
  }
  result = summedAway(result, output);
  return transpose(
    result.x,
    [...output].map((l) => result.letters.indexOf(l)),
  );
});

interface Term {
  x: Node;
  letters: string;
}

interface Subscripts {
  readonly inputs: readonly string[];
  readonly output: string;
}

const WELL_FORMED =
  /^[a-zA-Z]*(\.\.\.)?[a-zA-Z]*(,[a-zA-Z]*(\.\.\.)?[a-zA-Z]*)*(->[a-zA-Z]*(\.\.\.)?[a-zA-Z]*)?$/;

function parseSubscripts(subscripts: string, operands: readonly Node[]): Subscripts {
  const text = subscripts.replaceAll(" ", "");
  const [left, right] = text.split("->");
  const inputs = left.split(",");
  if (!WELL_FORMED.test(text) || inputs.length !== operands.length)
    throw new ShapeError(
      `einsum: "${subscripts}" does not describe ${operands.length} tensors: expected letters such as "ij,jk->ik", and "..." for the axes between`,
    );
  const letters = [...left.replace(/[^a-zA-Z]/g, "")];
  const once = letters.filter((l) => letters.indexOf(l) === letters.lastIndexOf(l)).sort();
  const ellipsis = left.includes(".") ? "..." : "";
  const { named, rest } = withoutEllipses(inputs, subscripts, operands);
  const output = (right ?? ellipsis + once.join("")).replace("...", rest);
  if (rest && right !== undefined && !right.includes("."))
    throw new ShapeError(`einsum: "..." stands for axes in "${subscripts}", but its result has none`);
  const all = named.join("");
  const bad = [...output].find((l, i) => !all.includes(l) || output.indexOf(l) !== i);
  if (bad)
    throw new ShapeError(
      `einsum: "${bad}" in the result of "${subscripts}" must stand once, and in an input`,
    );
  return { inputs: named, output };
}

/** Letters for the axes that "..." stands for, the last of an operand beside the last of another. */
function withoutEllipses(inputs: readonly string[], subscripts: string, operands: readonly Node[]) {
  const counts = inputs.map((letters, i) => {
    const count = operands[i].rank - letters.replace("...", "").length;
    if (letters.includes(".") ? count >= 0 : count === 0) return count;
    throw new ShapeError(
      `einsum: "${letters}" in "${subscripts}" names ${letters.replace("...", "").length} axes of ${showShape(operands[i].shape)}`,
    );
  });
  let rest = "";
  for (let k = 0; k < Math.max(...counts); k++) rest += freshLetter(subscripts + rest);
  const named = inputs.map((letters, i) => letters.replace("...", rest.slice(rest.length - counts[i])));
  return { named, rest };
}

/** Operands whose axes under "..." broadcast. */
function widened(operands: readonly Node[], inputs: readonly string[], subscripts: string): Node[] {
  const sizes = new Map<string, number>();
  inputs.forEach((letters, i) => {
    [...letters].forEach((l, k) => {
      if (operands[i].shape[k] !== 1) sizes.set(l, operands[i].shape[k]);
    });
  });
  return operands.map((x, i) => {
    const shape = [...inputs[i]].map((l, k) =>
      x.shape[k] === 1 && !subscripts.includes(l) ? (sizes.get(l) ?? 1) : x.shape[k],
    );
    return broadcastTo(x, shape);
  });
}

/** A repeated letter takes the diagonal. */
function withoutRepeats(x: Node, letters: string): Term {
  for (let i = 0; i < letters.length; i++) {
    const j = letters.indexOf(letters[i], i + 1);
    if (j < 0) continue;
    const rest = [...letters].filter((_, k) => k !== i && k !== j).join("");
    return withoutRepeats(diagonal(x, i, j), rest + letters[i]);
  }
  return { x, letters };
}

function summedAway({ x, letters }: Term, needed: string): Term {
  const axes = [...letters].map((_, i) => i).filter((i) => !needed.includes(letters[i]));
  if (axes.length === 0) return { x, letters };
  return { x: sum(x, { axis: axes }), letters: [...letters].filter((l) => needed.includes(l)).join("") };
}
