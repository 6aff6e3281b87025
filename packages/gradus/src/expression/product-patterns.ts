import { Rational } from "../ir/rational.ts";
import { sigmoid } from "../primitives/activation.ts";
import { apply } from "../primitives/define.ts";
import { type Factor, type Form, type Forms, isWhole } from "./form.ts";

const MINUS_ONE = Rational.of(-1);

/** √u/u is 1/√u: both need u > 0. */
export function rootsMerged(forms: Forms, factors: Factor[]): Factor[] {
  const root = factors.find(
    (f) => f.base.kind === "atom" && f.base.node.primitive.name === "sqrt" && isWhole(f.exponent, 1),
  );
  if (!root) return factors;
  const [inner] = (root.base as Form & { kind: "atom" }).args;
  const other = factors.find((f) => f.base === inner && f.exponent.kind === "number");
  if (!other) return factors;
  const [p, q] = [root, other].map((f) => (f.exponent as Form & { kind: "number" }).value);
  const sum = p.add(q.mul(Rational.of(2)));
  if (!q.isInteger || q.sign > 0 || sum.sign >= 0) return factors;
  return factors
    .filter((f) => f !== other)
    .map((f) => (f === root ? { base: root.base, exponent: forms.number(sum) } : f));
}

/** eᵘ/(1 + eᵘ) is σ(u). */
export function logistic(forms: Forms, factors: readonly Factor[]): Factor[] | undefined {
  for (const top of factors) {
    const { base } = top;
    if (top.exponent !== forms.one || base.kind !== "atom" || base.node.primitive.name !== "exp") continue;
    const bottom = factors.find(
      (f) =>
        f.base.kind === "sum" &&
        f.base.constant.isOne &&
        f.base.terms.length === 1 &&
        f.base.terms[0].form === base &&
        f.base.terms[0].coefficient.isOne &&
        f.exponent.kind === "number" &&
        f.exponent.value.equals(MINUS_ONE),
    );
    if (!bottom) continue;
    const sigma = forms.atom(apply(sigmoid.primitive, [base.node.inputs[0]]), base.args);
    return factors
      .filter((f) => f !== bottom)
      .map((f) => (f === top ? { base: sigma, exponent: forms.one } : f));
  }
  return undefined;
}
