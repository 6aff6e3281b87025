import type { Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { contraction } from "../primitives/contraction.ts";
import type { Form, Forms } from "./form.ts";

/** Beyond these a nested sum or product is left as one part: merging again and again would cost the square. */
export const WIDEST = 48;

/** Larger forms are not searched for letters. */
const LARGEST = 200;

/** Whether two forms have a letter in common. */
export function shareLetters(a: Form, b: Form): boolean {
  const own = letters(a);
  return [...letters(b)].some((l) => own.has(l));
}

function letters(form: Form): Set<Form> {
  const found = new Set<Form>();
  const seen = new Set<Form>();
  const stack = [form];
  while (stack.length > 0 && seen.size < LARGEST) {
    const at = stack.pop() as Form;
    if (seen.has(at)) continue;
    seen.add(at);
    if (at.kind === "sum") stack.push(...at.terms.map((t) => t.form));
    else if (at.kind === "product") stack.push(...at.factors.flatMap((f) => [f.base, f.exponent]));
    else if (at.kind === "atom") {
      if (at.args.length === 0) found.add(at);
      else stack.push(...at.args);
    }
  }
  return found;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));
export const coprime = (a: bigint, b: bigint): boolean => gcd(a, b) === 1n;

export function contentOf(sum: Form & { kind: "sum" }): Rational {
  const all = sum.terms.map((t) => t.coefficient);
  if (!sum.constant.isZero) all.push(sum.constant);
  // 0.7979 x + 0.0357 x³ is not read better as 10⁻⁴ (7979x + 357x³).
  if (all.some((c) => c.toDecimal() !== undefined)) return Rational.ONE;
  const n = all.reduce((g, c) => gcd(g, c.n), 0n);
  const d = all.reduce((l, c) => (l * c.d) / gcd(l, c.d), 1n);
  return n === 0n || all.length > WIDEST ? Rational.ONE : Rational.of(n, d);
}

/** xᵀ Aᵀ x is xᵀ A x. */
export function straightQuadratic(forms: Forms, node: Node, args: readonly Form[]): Form | undefined {
  if (node.rank > 0 || node.inputs[0].rank !== 1) return undefined;
  for (const [k, inner] of args.entries()) {
    if (!isContraction(inner) || inner.args[1] !== args[1 - k]) continue;
    const { a, b } = inner.node.params as { a: string; b: string };
    if (a.length !== 2 || b.length !== 1 || a[0] !== b) continue;
    const [matrix, vector] = inner.node.inputs;
    const straight = forms.atom(contraction(matrix, vector, "ij", "j", "i"), inner.args);
    return forms.atom(
      node,
      args.map((x, i) => (i === k ? straight : x)),
    );
  }
  return undefined;
}

export function isContraction(form: Form): form is Form & { kind: "atom" } {
  return form.kind === "atom" && form.node.primitive.name === "contract";
}
