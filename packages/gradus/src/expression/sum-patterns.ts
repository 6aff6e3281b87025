import { isInput } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { transpose } from "../primitives/structure.ts";
import { type Algebra, factorsOf } from "./algebra.ts";
import { type Factor, type Form, isWhole, type Term } from "./form.ts";
import { isContraction, WIDEST } from "./form-parts.ts";
import { type ProductPart, productForm } from "./print.ts";

/** More matrix products in one sum are left as they stand. */
const MOST_PRODUCTS = 64;

/** Xᵀ a − Xᵀ b is Xᵀ (a − b): two matrix products that share an operand, in the place of the first. */
export function commonMatrix(algebra: Algebra, terms: readonly Term[]): Term[] | undefined {
  const products = terms.flatMap((t, i) => (isContraction(t.form) ? [{ form: t.form, i }] : []));
  if (products.length > MOST_PRODUCTS) return undefined;
  for (const { form: p, i } of products) {
    for (const { form: q, i: j } of products) {
      if (i >= j) continue;
      if (JSON.stringify(p.node.params) !== JSON.stringify(q.node.params)) {
        const both = withTranspose(algebra, terms[i], terms[j]);
        if (both) return replaced(terms, i, j, both);
        continue;
      }
      const shared = [0, 1].find((k) => p.args[k] === q.args[k]);
      if (shared === undefined) continue;
      const other = algebra.sum([
        { form: p.args[1 - shared], coefficient: terms[i].coefficient },
        { form: q.args[1 - shared], coefficient: terms[j].coefficient },
      ]);
      const args = shared === 0 ? [p.args[0], other] : [other, p.args[1]];
      const joined = algebra.contraction(p.node, args);
      return replaced(terms, i, j, joined);
    }
  }
  return undefined;
}

/** One form in the place of two terms. */
function replaced(terms: readonly Term[], i: number, j: number, form: Form): Term[] {
  return terms.flatMap((t, k) => (k === i ? [{ form, coefficient: Rational.ONE }] : k === j ? [] : [t]));
}

/** A x + Aᵀ x is (A + Aᵀ) x. */
function withTranspose(algebra: Algebra, first: Term, second: Term): Form | undefined {
  if (!isContraction(first.form) || !isContraction(second.form)) return undefined;
  const [p, q] = [productForm(first.form.node), productForm(second.form.node)];
  if (!p || !q || p.some((part, k) => argument(first, part) !== argument(second, q[k]))) return undefined;
  const k = p[0].transposed === q[0].transposed ? 1 : 0;
  if (p[k].transposed === q[k].transposed || p[1 - k].transposed !== q[1 - k].transposed) return undefined;
  const [straight, turned] = p[k].transposed ? [second, first] : [first, second];
  const { node, args } = straight.form as Form & { kind: "atom" };
  const { index } = p[k].transposed ? q[k] : p[k];
  const matrix = node.inputs[index];
  if (matrix.rank !== 2) return undefined;
  const transposed = algebra.forms.atom(transpose(matrix, [1, 0]), [args[index]]);
  const negative = straight.coefficient.sign < 0 && turned.coefficient.sign < 0;
  const own = (t: Term): Rational => (negative ? t.coefficient.neg() : t.coefficient);
  const sum = algebra.sum([
    { form: args[index], coefficient: own(straight) },
    { form: transposed, coefficient: own(turned) },
  ]);
  const product = algebra.contraction(
    node,
    args.map((x, i) => (i === index ? sum : x)),
  );
  return negative ? algebra.scale(product, Rational.of(-1)) : product;
}

const argument = (term: Term, part: ProductPart): Form =>
  (term.form as Form & { kind: "atom" }).args[part.index];

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
    const exponent = leastExponent(all as Form[]) ?? lowestVarying(all as Form[]);
    if (exponent) shared.push({ base: f.base, exponent });
  }
  if (!shared.some((f) => worthTaking(f)) && !isResidual(lists, shared)) return undefined;
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
  return [
    {
      base: f.base,
      exponent: algebra.forms.number(difference(f.exponent, by.exponent) as Rational),
    },
  ];
}

/** p − q where that is a number: the same terms, but for a constant. */
function difference(p: Form, q: Form): Rational | undefined {
  if (p.kind === "number" && q.kind === "number") return p.value.sub(q.value);
  const [a, b] = [asSum(p), asSum(q)];
  const same =
    a.terms.length === b.terms.length &&
    a.terms.every((s) => b.terms.some((t) => t.form === s.form && t.coefficient.equals(s.coefficient)));
  return same ? a.constant.sub(b.constant) : undefined;
}

function asSum(form: Form): { readonly terms: readonly Term[]; readonly constant: Rational } {
  if (form.kind === "sum") return form;
  if (form.kind === "number") return { terms: [], constant: form.value };
  return { terms: [{ form, coefficient: Rational.ONE }], constant: Rational.ZERO };
}

/** Of xⁿ⁻¹ and xⁿ the lower power. */
function lowestVarying(all: readonly Form[]): Form | undefined {
  if (all.some((e) => e.kind === "number")) return undefined;
  const above = all.map((e) => difference(e, all[0]));
  let best = 0;
  for (const [i, d] of above.entries()) {
    if (d === undefined) return undefined;
    if (d.compare(above[best] as Rational) < 0) best = i;
  }
  return all[best];
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

const SHARED = new Set(["exp", "det"]);

function worthTaking({ base, exponent }: Factor): boolean {
  if (exponent.kind !== "number" || exponent.value.sign < 0) return true;
  return base.kind === "sum" || (base.kind === "atom" && SHARED.has(base.node.primitive.name));
}

/** x σ(u) − y x is x (σ(u) − y): the slope of a loss is the input times prediction less truth. */
function isResidual(lists: readonly (readonly Factor[])[], shared: readonly Factor[]): boolean {
  if (lists.length !== 2 || shared.length === 0) return false;
  const rest = lists.map((list) => list.filter((f) => !shared.some((s) => s.base === f.base)));
  if (rest.some((list) => list.length !== 1 || !isWhole(list[0].exponent, 1))) return false;
  const atoms = rest.map(([{ base }]) => base);
  const isPrediction = (a: Form): boolean => a.kind === "atom" && PREDICTIONS.has(a.node.primitive.name);
  const isTruth = (a: Form): boolean => a.kind === "atom" && isInput(a.node);
  return atoms.some(isPrediction) && atoms.some(isTruth);
}

const PREDICTIONS = new Set(["sigmoid", "tanh", "relu"]);

function isPolynomial(form: Form): boolean {
  if (form.kind === "number") return true;
  if (form.kind === "atom") return true;
  if (form.kind === "sum") return form.terms.length <= 6 && form.terms.every((t) => isPolynomial(t.form));
  return (
    form.factors.length <= 4 &&
    form.factors.every((f) => isWhole(f.exponent, 1) && isPolynomial(f.base) && f.base.kind !== "sum")
  );
}
