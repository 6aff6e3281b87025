import { Rational } from "../ir/rational.ts";
import { type Algebra, factorsOf, isContraction, WIDEST } from "./algebra.ts";
import { type Factor, type Form, isWhole, type Term } from "./form.ts";

/** More matrix products in one sum are left as they stand. */
const MOST_PRODUCTS = 64;

/** Xᵀ a − Xᵀ b is Xᵀ (a − b): two matrix products that share an operand, in the place of the first. */
export function commonMatrix(algebra: Algebra, terms: readonly Term[]): Term[] | undefined {
  const products = terms.flatMap((t, i) => (isContraction(t.form) ? [{ form: t.form, i }] : []));
  if (products.length > MOST_PRODUCTS) return undefined;
  for (const { form: p, i } of products) {
    for (const { form: q, i: j } of products) {
      if (i >= j || JSON.stringify(p.node.params) !== JSON.stringify(q.node.params)) continue;
      const shared = [0, 1].find((k) => p.args[k] === q.args[k]);
      if (shared === undefined) continue;
      const other = algebra.sum([
        { form: p.args[1 - shared], coefficient: terms[i].coefficient },
        { form: q.args[1 - shared], coefficient: terms[j].coefficient },
      ]);
      const args = shared === 0 ? [p.args[0], other] : [other, p.args[1]];
      const joined = algebra.contraction(p.node, args);
      return terms.flatMap((t, k) =>
        k === i ? [{ form: joined, coefficient: Rational.ONE }] : k === j ? [] : [t],
      );
    }
  }
  return undefined;
}

/** c + c sin²u/cos²u is c/cos²u: the sum of squares again, over a square. */
export function overSquare(algebra: Algebra, terms: readonly Term[], constant: Rational): Form | undefined {
  if (terms.length !== 1 || constant.isZero || !terms[0].coefficient.equals(constant)) return undefined;
  const { form } = terms[0];
  if (form.kind !== "product" || form.factors.length !== 2) return undefined;
  const below = form.factors.find(
    (f) => f.exponent.kind === "number" && f.exponent.value.equals(Rational.of(-2)),
  );
  const above = form.factors.find(
    (f) => f.exponent.kind === "number" && f.exponent.value.equals(Rational.of(2)),
  );
  if (below?.base.kind !== "atom" || above?.base.kind !== "atom") return undefined;
  const names = [above.base.node.primitive.name, below.base.node.primitive.name].sort().join();
  if (names !== "cos,sin" || above.base.args[0] !== below.base.args[0]) return undefined;
  return algebra.scale(algebra.power(below.base, below.exponent), constant);
}

/** sin² u + cos² u = 1. */
export function pythagoras(like: Map<Form, Rational>, addConstant: (c: Rational) => void): void {
  if (like.size > WIDEST) return;
  let squares: Map<string, { form: Form; c: Rational }> | undefined;
  for (const [form, c] of like) {
    if (form.kind !== "product" || form.factors.length !== 1) continue;
    const [{ base, exponent }] = form.factors;
    if (base.kind !== "atom" || exponent.kind !== "number" || !exponent.value.equals(Rational.of(2)))
      continue;
    const { name } = base.node.primitive;
    if (name !== "sin" && name !== "cos") continue;
    squares ??= new Map();
    const partner = squares.get(`${name === "sin" ? "cos" : "sin"}${base.args[0].id}`);
    if (partner?.c.equals(c) && base.args[0].total) {
      like.delete(form);
      like.delete(partner.form);
      addConstant(c);
    } else squares.set(`${name}${base.args[0].id}`, { form, c });
  }
}

/** Takes out what all terms share, where a person would: exponentials, brackets, denominators. */
export function factored(algebra: Algebra, terms: readonly Term[]): Form | undefined {
  if (terms.length > 16) return undefined;
  const lists = terms.map((t) => factorsOf(t.form, algebra.forms.one));
  const shared: Factor[] = [];
  for (const f of lists[0]) {
    // A base may stand twice (x·x⁻¹ keeps its gap at 0): such are left alone.
    if (lists.some((list) => list.filter((g) => g.base === f.base).length > 1)) continue;
    const all = lists.map((list) => list.find((g) => g.base === f.base)?.exponent);
    if (all.some((e) => e === undefined)) continue;
    const exponent = leastExponent(all as Form[]);
    if (exponent) shared.push({ base: f.base, exponent });
  }
  if (!shared.some((f) => worthTaking(f))) return undefined;
  const rest = terms.map((t, i) => ({
    coefficient: t.coefficient,
    form: algebra.fromFactors(
      Rational.ONE,
      lists[i].flatMap((f) =>
        lowered(
          algebra,
          f,
          shared.find((s) => s.base === f.base),
        ),
      ),
    ),
  }));
  const denominator = shared.some((f) => f.exponent.kind === "number" && f.exponent.value.sign < 0);
  const multiplied =
    denominator || shared.some((f) => f.base.kind === "sum")
      ? rest.flatMap((t) => expanded(algebra, t))
      : rest;
  const inner = algebra.sum(multiplied.length <= 8 ? multiplied : rest);
  return algebra.product([inner, ...shared.map((f) => algebra.power(f.base, f.exponent))]);
}

function lowered(algebra: Algebra, f: Factor, by: Factor | undefined): Factor[] {
  if (!by) return [f];
  if (f.exponent === by.exponent) return [];
  const left = (f.exponent as Form & { kind: "number" }).value.sub(
    (by.exponent as Form & { kind: "number" }).value,
  );
  return left.isZero ? [] : [{ base: f.base, exponent: algebra.forms.number(left) }];
}

/** A short product of sums multiplied out, in a numerator: 2x(x − 3) is 2x² − 6x. */
function expanded(algebra: Algebra, term: Term): Term[] {
  const { form } = term;
  if (form.kind === "sum")
    return [
      ...form.terms.map((t) => ({ form: t.form, coefficient: t.coefficient.mul(term.coefficient) })),
      { form: algebra.forms.number(form.constant), coefficient: term.coefficient },
    ];
  if (form.kind !== "product") return [term];
  const index = form.factors.findIndex(
    (f) => f.base.kind === "sum" && f.exponent === algebra.forms.one && isPolynomial(f.base),
  );
  const others = form.factors.filter((_, i) => i !== index);
  if (index < 0 || others.some((f) => !isPolynomial(f.base) || f.base.kind === "sum")) return [term];
  const sum = form.factors[index].base as Form & { kind: "sum" };
  const factor = algebra.fromFactors(form.coefficient.mul(term.coefficient), others);
  const parts = [...sum.terms, { form: algebra.forms.number(sum.constant), coefficient: Rational.ONE }];
  return parts
    .filter((p) => p.form !== algebra.forms.zero)
    .map((p) => ({ form: algebra.product([factor, p.form]), coefficient: p.coefficient }));
}

function leastExponent(all: readonly Form[]): Form | undefined {
  const [first] = all;
  if (all.every((e) => e === first)) return first;
  if (!all.every((e) => e.kind === "number")) return undefined;
  const values = all as readonly (Form & { kind: "number" })[];
  const least = values.reduce((a, b) => (a.value.compare(b.value) <= 0 ? a : b));
  const sameSign = values.every((e) => e.value.sign === least.value.sign);
  return sameSign && values.every((e) => e.value.sub(least.value).isInteger) ? least : undefined;
}

function worthTaking({ base, exponent }: Factor): boolean {
  if (exponent.kind !== "number" || exponent.value.sign < 0) return true;
  return base.kind === "sum" || (base.kind === "atom" && base.node.primitive.name === "exp");
}

function isPolynomial(form: Form): boolean {
  if (form.kind === "number") return true;
  if (form.kind === "atom") return true;
  if (form.kind === "sum") return form.terms.length <= 6 && form.terms.every((t) => isPolynomial(t.form));
  return (
    form.factors.length <= 4 &&
    form.factors.every((f) => isWhole(f.exponent, 1) && isPolynomial(f.base) && f.base.kind !== "sum")
  );
}
