import { exactConstant, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, div, mul, neg, pow, sub } from "../primitives/arithmetic.ts";
import { apply, broadcastTo } from "../primitives/define.ts";
import { factorsOf } from "./algebra.ts";
import type { Factor, Form, Forms, Term } from "./form.ts";

/** Forms back to nodes, in a person's order: 2x cos(x²), positive terms first, one fraction bar. */
export function writeForm(forms: readonly Form[], roots: readonly Node[], all: Forms): Node[] {
  const written = new Map<Form, Node>();
  for (const form of inOrder(forms)) written.set(form, write(form, written, all));
  return forms.map((f, i) => {
    const node = written.get(f) as Node;
    return broadcastTo(node, roots[i].shape);
  });
}

/** Operands before users: ids grow with creation. */
function inOrder(roots: readonly Form[]): Form[] {
  const seen = new Set<Form>(roots);
  const stack = [...seen];
  while (stack.length > 0) {
    for (const o of operands(stack.pop() as Form)) {
      if (!seen.has(o)) {
        seen.add(o);
        stack.push(o);
      }
    }
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

function operands(form: Form): readonly Form[] {
  switch (form.kind) {
    case "number":
      return [];
    case "atom":
      return form.args;
    case "sum":
      return form.terms.map((t) => t.form);
    case "product":
      return form.factors.flatMap((f) => [f.base, f.exponent]);
  }
}

type Written = ReadonlyMap<Form, Node>;

function write(form: Form, written: Written, all: Forms): Node {
  switch (form.kind) {
    case "number":
      return exactConstant(form.value);
    case "atom": {
      if (form.args.length === 0) return form.node;
      // Operands of other shapes were broadcast before; what is not pointwise needs them so again.
      const fit = form.node.primitive.pointwise;
      const inputs = form.args.map((a, i) => {
        const x = written.get(a) as Node;
        return fit ? x : broadcastTo(x, form.node.inputs[i].shape);
      });
      return apply(form.node.primitive, inputs, form.node.params);
    }
    case "sum":
      return writeSum(form, written, all);
    case "product":
      return writeProduct(form.coefficient, form.factors, written, all);
  }
}

function writeSum(form: Form & { kind: "sum" }, written: Written, all: Forms): Node {
  const terms: (Term | Rational)[] = [...form.terms];
  const negativeFirst = form.terms[0].coefficient.sign < 0;
  if (!form.constant.isZero) {
    if (form.constantFirst || (negativeFirst && form.constant.sign > 0)) terms.unshift(form.constant);
    else terms.push(form.constant);
  }
  const signOf = (t: Term | Rational) => (t instanceof Rational ? t.sign : t.coefficient.sign);
  const lead = terms.findIndex((t) => signOf(t) >= 0);
  if (lead > 0) terms.unshift(...terms.splice(lead, 1));
  let sum: Node | undefined;
  for (const t of terms) {
    const negative = signOf(t) < 0;
    const size =
      t instanceof Rational ? exactConstant(t.abs()) : writeTerm(t.form, t.coefficient.abs(), written, all);
    if (!sum) sum = negative ? neg(size) : size;
    else sum = negative ? sub(sum, size) : add(sum, size);
  }
  return sum as Node;
}

function writeTerm(form: Form, coefficient: Rational, written: Written, all: Forms): Node {
  if (coefficient.isOne) return written.get(form) as Node;
  return writeProduct(coefficient, factorsOf(form, all.one), written, all);
}

function writeProduct(coefficient: Rational, factors: readonly Factor[], written: Written, all: Forms): Node {
  const top: Factor[] = [];
  const bottom: Factor[] = [];
  for (const f of factors) {
    if (f.exponent.kind === "number" && f.exponent.value.sign < 0)
      bottom.push({ base: f.base, exponent: all.number(f.exponent.value.neg()) });
    else top.push(f);
  }
  const size = coefficient.abs();
  // ½·f(x) reads better as f(x)/2, and 1.0507·f(x) as it is.
  const [n, d] = size.toDecimal() ? [size, Rational.ONE] : [Rational.of(size.n), Rational.of(size.d)];
  const above = chain(n, top, written);
  const node = d.isOne && bottom.length === 0 ? above : div(above, chain(d, bottom, written));
  return coefficient.sign < 0 ? neg(node) : node;
}

function chain(coefficient: Rational, factors: readonly Factor[], written: Written): Node {
  const parts = [...factors]
    // Numbers stand before tensors.
    .map((f, i) => ({ f, i, rank: rankOf(f) + (written.get(f.base) as Node).rank * 10 }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i);
  const nodes = parts.map(({ f }) => powerNode(f, written));
  if (!coefficient.isOne || nodes.length === 0) nodes.unshift(exactConstant(coefficient));
  return nodes.reduce((a, b) => mul(a, b));
}

/** Numbers, then letters and their powers, then functions, then brackets. */
function rankOf({ base, exponent }: Factor): number {
  if (base.kind === "number") return exponent.kind === "number" ? 0 : 3;
  if (base.kind === "sum") return 5;
  if (base.kind === "product") return 4;
  if (base.args.length > 0) return base.node.primitive.name === "unknown" ? 2 : 3;
  return exponent.kind === "number" ? 1 : 2;
}

function powerNode({ base, exponent }: Factor, written: Written): Node {
  const b = written.get(base) as Node;
  // (√x)³ is x^(3/2): both need x ≥ 0.
  const root = base.kind === "atom" && base.node.primitive.name === "sqrt";
  if (
    root &&
    exponent.kind === "number" &&
    exponent.value.isInteger &&
    exponent.value.n % 2n === 1n &&
    exponent.value.n > 1n
  )
    return pow(b.inputs[0], exactConstant(exponent.value.div(Rational.of(2))));
  if (exponent.kind === "number" && exponent.value.isOne) return b;
  const e = exponent.kind === "number" ? exactConstant(exponent.value) : (written.get(exponent) as Node);
  return pow(b, e);
}
