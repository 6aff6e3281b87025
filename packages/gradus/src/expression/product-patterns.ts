import { Rational } from "../ir/rational.ts";
import { sigmoid, softmax } from "../primitives/activation.ts";
import { apply } from "../primitives/define.ts";
import type { Algebra } from "./algebra.ts";
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

/** eᵘ/Σ eᵘ is softmax(u). */
export function softmaxed(forms: Forms, factors: readonly Factor[]): Factor[] | undefined {
  for (const top of factors) {
    const { base } = top;
    if (top.exponent !== forms.one || base.kind !== "atom" || base.node.primitive.name !== "exp") continue;
    if (base.node.rank !== 1) continue;
    const bottom = factors.find(
      (f) => f.exponent.kind === "number" && f.exponent.value.equals(MINUS_ONE) && isSumOf(f.base, base),
    );
    if (!bottom) continue;
    const made = forms.atom(apply(softmax.primitive, [base.node.inputs[0]], { axis: 0 }), base.args);
    return factors
      .filter((f) => f !== bottom)
      .map((f) => (f === top ? { base: made, exponent: forms.one } : f));
  }
  return undefined;
}

function isSumOf(form: Form, part: Form): boolean {
  let at = form;
  while (at.kind === "atom" && STRETCHES.has(at.node.primitive.name)) at = at.args[0];
  return at.kind === "atom" && at.node.primitive.name === "sum" && at.node.rank === 0 && at.args[0] === part;
}

const STRETCHES = new Set(["broadcast", "reshape"]);

/** u sign u is |u|, and |u| sign u is u; likewise below the bar: sign u/|u| is 1/u. */
export function signsMerged(algebra: Algebra, factors: readonly Factor[]): Factor[] | undefined {
  const { forms } = algebra;
  for (const sign of factors) {
    const { base } = sign;
    if (sign.exponent !== forms.one || base.kind !== "atom" || base.node.primitive.name !== "sign") continue;
    const [u] = base.args;
    const size = algebra.absolute(u);
    for (const other of factors) {
      const joined = other.base === u ? size : other.base === size ? u : undefined;
      if (!joined || other.exponent.kind !== "number" || !other.exponent.value.isInteger) continue;
      const { value: n } = other.exponent;
      const rest = factors.filter((f) => f !== sign && f !== other);
      // An odd power of |u| is turned whole; of u, one factor meets the sign.
      if (n.abs().isOne) return [...rest, { base: joined, exponent: other.exponent }];
      if (n.sign > 0 && joined === size)
        return [
          ...rest,
          { base: u, exponent: forms.number(n.sub(Rational.ONE)) },
          { base: size, exponent: forms.one },
        ];
    }
  }
  return undefined;
}

/** Longer sums keep their inner fractions. */
const MOST_TERMS = 8;

/** 1/(x² (1 + 1/x²)) is 1/(x² + 1) where x is known not to be 0: no fraction inside a denominator. */
export function withoutInnerFractions(algebra: Algebra, factors: readonly Factor[]): Factor[] | undefined {
  for (const f of factors) {
    const { base, exponent } = f;
    if (base.kind !== "sum" || exponent.kind !== "number" || !exponent.value.isInteger) continue;
    if (exponent.value.sign >= 0 || base.terms.length > MOST_TERMS) continue;
    const inner = deepestDenominator(algebra, base);
    if (!inner) continue;
    const { of, depth } = inner;
    const lift = algebra.power(of, algebra.forms.number(depth));
    const lifted = algebra.sum([
      ...base.terms.map((t) => ({ form: algebra.product([t.form, lift]), coefficient: t.coefficient })),
      { form: lift, coefficient: base.constant },
    ]);
    if (lifted.kind !== "sum") continue;
    const own = factors.find((g) => g.base === of);
    const before = own?.exponent.kind === "number" ? own.exponent.value : Rational.ZERO;
    if (own && own.exponent.kind !== "number") continue;
    const after = before.sub(depth.mul(exponent.value));
    const rest = factors.filter((g) => g !== f && g !== own);
    const outer = after.isZero ? [] : [{ base: of, exponent: algebra.forms.number(after) }];
    return [...outer, ...rest, { base: lifted, exponent }];
  }
  return undefined;
}

/** A base that cannot be zero and divides a term of the sum, and its highest power there. */
function deepestDenominator(
  algebra: Algebra,
  sum: Form & { kind: "sum" },
): { of: Form; depth: Rational } | undefined {
  let found: { of: Form; depth: Rational } | undefined;
  for (const { form } of sum.terms) {
    if (form.kind !== "product") continue;
    for (const { base, exponent } of form.factors) {
      if (exponent.kind !== "number" || !exponent.value.isInteger || exponent.value.sign >= 0) continue;
      if (!algebra.apart.has(base) || (found && found.of !== base)) continue;
      const depth = exponent.value.neg();
      if (!found || depth.compare(found.depth) > 0) found = { of: base, depth };
    }
  }
  return found;
}
