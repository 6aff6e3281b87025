import { freeInputs, topologicalOrder } from "../ir/graph.ts";
import { type ConstantParams, isConstant, isInput, type Node, scalarValue } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { softmax } from "../primitives/activation.ts";
import { abs } from "../primitives/arithmetic.ts";
import { apply } from "../primitives/define.ts";
import { Algebra } from "./algebra.ts";
import { caseOf } from "./case-patterns.ts";
import type { Form, Term } from "./form.ts";
import { contentOf } from "./form-parts.ts";
import { matrixForm } from "./matrix-form.ts";
import { simplest } from "./together.ts";
import { writeForm } from "./write-form.ts";

/**
 * Simplifies as a person would, over the reals, without changing the function: where it is defined, its value stays,
 * and where it is not defined, it stays so. √(x²) is |x|.
 */
export function tidy(root: Node): Node {
  return tidyAll([root])[0];
}

/**
 * Several results at once, sharing what they have in common. `domain`: a function whose own domain may be taken for
 * granted, as that of f for its derivative.
 */
export function tidyAll(roots: readonly Node[], ...domain: readonly Node[]): Node[] {
  const { algebra, forms } = collected(roots, domain);
  return writeForm(
    roots.map((r) => forms.get(r) as Form),
    roots,
    algebra.forms,
  );
}

/** The forms of all nodes, with what is known of the domain put to use. */
function collected(
  roots: readonly Node[],
  domain: readonly Node[],
): { algebra: Algebra; forms: Map<Node, Form> } {
  const algebra = new Algebra((a, u) => a.forms.atom(absPattern(roots[0] ?? domain[0]), [u]));
  const order = topologicalOrder(roots);
  let forms = formsOf(order, roots, algebra);
  // What one result needs says nothing of another.
  if (roots.length === 1) noteDomain(logarithms(order), forms, algebra);
  if (domain.length > 0) {
    const all = topologicalOrder(domain);
    const operands = [...logarithms(all), ...denominators(all)];
    if (all.length <= LONGEST) operands.push(...variedBases(all));
    if (operands.length > 0) noteDomain(operands, formsOf(all, domain, algebra), algebra);
  }
  // What is now known not to be zero may cancel.
  if (algebra.apart.size > 0) forms = formsOf(order, roots, algebra);
  return { algebra, forms };
}

/**
 * Derivatives of y, as a person writes them: y's own domain is taken for granted, and products of tensors are
 * matrix products again.
 */
export function tidyDerivatives(slopes: readonly Node[], y: Node, ...more: readonly Node[]): Node[] {
  if (topologicalOrder(slopes).every((n) => n.rank === 0)) return tidySlopes(slopes, [y, ...more]);
  // What cancels elementwise must be gone before products are read; what they join may cancel again.
  let current = [...slopes];
  for (let pass = 0; pass < 2; pass++) {
    const products = matrixForm([...current, y]);
    current = tidySlopes(products.slice(0, -1), products.slice(-1));
  }
  return current;
}

/** Longer functions are left as they come out. */
const LONGEST = 400;

function tidySlopes(slopes: readonly Node[], domain: readonly Node[]): Node[] {
  const { algebra, forms } = collected(slopes, domain);
  const short = topologicalOrder([...slopes, ...domain]).length <= LONGEST;
  const joins = short && !topologicalOrder(domain).some(mayJump);
  return writeForm(
    slopes.map((s) => {
      const form = forms.get(s) as Form;
      return short ? simplest(algebra, form, joins) : form;
    }),
    slopes,
    algebra.forms,
  );
}

const mayJump = ({ primitive }: Node): boolean =>
  primitive.name === "where" || primitive.family === "control" || primitive.family === "flat";

function formsOf(order: readonly Node[], roots: readonly Node[], algebra: Algebra): Map<Node, Form> {
  const inner = innerOfChains(order, roots);
  const forms = new Map<Node, Form>();
  for (const node of order) {
    if (!inner.has(node)) forms.set(node, formOf(node, forms, algebra, inner));
  }
  return forms;
}

function noteDomain(operands: readonly Node[], forms: Known, algebra: Algebra): void {
  for (const node of operands) {
    const form = forms.get(node);
    if (!form || form.nonzero) continue;
    // A product is apart from zero where each of its factors is, and u where |u| is.
    const parts = form.kind === "product" ? [form, ...form.factors.map((f) => f.base)] : [form];
    for (const part of parts) {
      algebra.apart.add(part).add(algebra.absolute(part));
      if (part.kind === "atom" && part.node.primitive.name === "abs") algebra.apart.add(part.args[0]);
    }
  }
}

const branches = (order: readonly Node[]): boolean => order.some((n) => n.primitive.name === "where");

/** Operands of ln: positive wherever the whole has a value. Where there are branches, nothing is certain. */
function logarithms(order: readonly Node[]): Node[] {
  const found = order.filter((n) => n.primitive.name === "log").map((n) => n.inputs[0]);
  return found.length > 0 && branches(order) ? [] : found;
}

/** Denominators of a function whose domain is taken for granted. */
function denominators(order: readonly Node[]): Node[] {
  const found = order
    .filter((n) => n.primitive.name === "div" && !isConstant(n.inputs[1]))
    .map((n) => n.inputs[1]);
  return found.length > 0 && branches(order) ? [] : found;
}

/** Bases of powers whose exponent varies with them: u^v is e^(v ln u), so u > 0. */
function variedBases(order: readonly Node[]): Node[] {
  const found = order.filter((n) => n.primitive.name === "pow" && freeInputs([n.inputs[1]]).length > 0);
  const varied = found.filter((n) => {
    const own = new Set(freeInputs([n.inputs[0]]));
    return freeInputs([n.inputs[1]]).some((i) => own.has(i));
  });
  return varied.length > 0 && branches(order) ? [] : varied.map((n) => n.inputs[0]);
}

const MINUS_ONE = Rational.of(-1);
const SUMS = new Set(["add", "sub", "neg"]);
const PRODUCTS = new Set(["mul", "div"]);

/** Inner nodes of long sums and products, used once: the chain is collected from its top in one go. */
function innerOfChains(order: readonly Node[], roots: readonly Node[]): Set<Node> {
  const used = new Set<Node>(roots);
  const inner = new Set<Node>();
  for (const node of order) {
    const { name } = node.primitive;
    const sum = SUMS.has(name);
    if (!sum && !PRODUCTS.has(name)) {
      for (const i of node.inputs) {
        used.add(i);
        inner.delete(i);
      }
      continue;
    }
    node.inputs.forEach((i, place) => {
      const alike = sum ? SUMS.has(i.primitive.name) : place === 0 && PRODUCTS.has(i.primitive.name);
      if (alike && !used.has(i)) inner.add(i);
      else inner.delete(i);
      used.add(i);
    });
  }
  return inner;
}

type Known = ReadonlyMap<Node, Form>;

function formOf(node: Node, known: Known, algebra: Algebra, inner: ReadonlySet<Node>): Form {
  const { name } = node.primitive;
  const of = (n: Node) => known.get(n) as Form;
  if (isConstant(node)) return constantForm(node, algebra);
  if (isInput(node)) return algebra.forms.atom(node, []);
  if (SUMS.has(name)) return algebra.sum(termsOf(node, known, inner));
  if (PRODUCTS.has(name)) return productOf(node, known, algebra, inner);
  if (name === "pow") return powerOf(of(node.inputs[0]), of(node.inputs[1]), algebra);
  if (name === "broadcast" && node.inputs[0].size === 1) return of(node.inputs[0]);
  if (name === "cast" && node.inputs[0].weak) return of(node.inputs[0]);
  // One number in another shape: operands are broadcast again where they are written back.
  if (name === "reshape" && node.size === 1) return of(node.inputs[0]);
  return applied(node, node.inputs.map(of), algebra);
}

function constantForm(node: Node, algebra: Algebra): Form {
  const { exact, symbol } = node.params as ConstantParams;
  if (exact) return algebra.forms.number(exact);
  const value = node.size === 1 ? scalarValue(node) : undefined;
  if (symbol || value === undefined || !Number.isFinite(value)) return algebra.forms.atom(node, []);
  // The shortest decimal stands for the float: 0.1, not 3602879701896397/36028797018963968.
  return algebra.forms.number(Number.isInteger(value) ? Rational.from(value) : Rational.from(String(value)));
}

/** Terms of a sum, left to right, through inner sums. */
function termsOf(root: Node, known: Known, inner: ReadonlySet<Node>): Term[] {
  const [left, right] = root.inputs;
  if (right && !inner.has(left) && !inner.has(right)) {
    const sign = root.primitive.name === "sub" ? MINUS_ONE : Rational.ONE;
    return [
      { form: known.get(left) as Form, coefficient: Rational.ONE },
      { form: known.get(right) as Form, coefficient: sign },
    ];
  }
  const terms: Term[] = [];
  const stack: [Node, Rational][] = [[root, Rational.ONE]];
  while (stack.length > 0) {
    const [node, sign] = stack.pop() as [Node, Rational];
    if (node !== root && !inner.has(node)) {
      terms.push({ form: known.get(node) as Form, coefficient: sign });
      continue;
    }
    const [a, b] = node.inputs;
    if (node.primitive.name === "neg") stack.push([a, sign.neg()]);
    else stack.push([b, node.primitive.name === "sub" ? sign.neg() : sign], [a, sign]);
  }
  return terms;
}

function productOf(root: Node, known: Known, algebra: Algebra, inner: ReadonlySet<Node>): Form {
  const parts: Form[] = [];
  let node = root;
  for (;;) {
    const [a, b] = node.inputs;
    const right = known.get(b) as Form;
    parts.push(
      node.primitive.name === "div" ? algebra.power(right, algebra.forms.number(Rational.of(-1))) : right,
    );
    if (!inner.has(a) || !PRODUCTS.has(a.primitive.name)) {
      parts.push(known.get(a) as Form);
      break;
    }
    node = a;
  }
  return algebra.product(parts.reverse());
}

function powerOf(base: Form, exponent: Form, algebra: Algebra): Form {
  if (exponent.kind === "number" && base.kind === "atom" && base.node.primitive.name === "exp") {
    return applied(base.node, [algebra.product([exponent, base.args[0]])], algebra);
  }
  return algebra.power(base, exponent);
}

/** A node of |·| to be filled with other operands. */
function absPattern(like: Node): Node {
  return apply(abs.primitive, [like]);
}

const ODD = new Set([
  "sin",
  "tan",
  "csc",
  "cot",
  "asin",
  "atan",
  "sinh",
  "tanh",
  "csch",
  "coth",
  "asinh",
  "atanh",
  "erf",
  "cbrt",
  "sign",
]);
const EVEN = new Set(["cos", "sec", "cosh", "sech", "logistic_pdf", "abs"]);
/** Exact values at a number. */
const AT_ZERO: ReadonlyMap<string, number> = new Map([
  ["sin", 0],
  ["tan", 0],
  ["asin", 0],
  ["atan", 0],
  ["sinh", 0],
  ["tanh", 0],
  ["asinh", 0],
  ["atanh", 0],
  ["erf", 0],
  ["cbrt", 0],
  ["sqrt", 0],
  ["expm1", 0],
  ["log1p", 0],
  ["relu", 0],
  ["abs", 0],
  ["sign", 0],
  ["exp", 1],
  ["cos", 1],
  ["sec", 1],
  ["cosh", 1],
  ["sech", 1],
  ["erfc", 1],
]);

function applied(node: Node, args: readonly Form[], algebra: Algebra): Form {
  const { name } = node.primitive;
  const [x] = args;
  const { forms } = algebra;
  if (x?.kind === "number") {
    const exact = valueAtNumber(name, x.value);
    if (exact) return forms.number(exact);
  }
  if (name === "log") {
    if (x.kind === "atom" && x.node.primitive.name === "exp") return x.args[0];
    if (x.kind === "atom" && isConstant(x.node) && (x.node.params as ConstantParams).symbol?.text === "e")
      return forms.one;
  }
  if (name === "sqrt") {
    // √(u²) = |u|; a root of anything else stays a root.
    const power = algebra.power(x, forms.number(Rational.of(1, 2)));
    if (power.kind === "atom") return power;
    const whole = rootOfWhole(node, x, algebra);
    if (whole) return whole;
  }
  if (name === "exp") {
    const normalised = softmaxOf(x);
    if (normalised) return forms.atom(softmaxPattern(normalised), [normalised.x]);
  }
  if (name === "contract") return algebra.contraction(node, args);
  if (name === "abs" && x.nonnegative) return x;
  if (name === "where") {
    const own = caseOf(args, algebra);
    if (own) return own;
  }
  if (ODD.has(name) && isNegative(x))
    return algebra.scale(forms.atom(node, [algebra.scale(x, Rational.of(-1))]), Rational.of(-1));
  if (EVEN.has(name) && isNegative(x)) return forms.atom(node, [algebra.scale(x, Rational.of(-1))]);
  return forms.atom(node, args);
}

/** √(1 − x²/4) is √(4 − x²)/2: no fractions under a root. */
function rootOfWhole(node: Node, x: Form, algebra: Algebra): Form | undefined {
  if (x.kind !== "sum") return undefined;
  const { d } = contentOf(x);
  const root = squareRoot(d);
  if (d === 1n || root === undefined) return undefined;
  const terms = x.terms.map((t) => ({ ...t, coefficient: t.coefficient.mul(Rational.of(d)) }));
  const whole = algebra.forms.rawSum(terms, x.constant.mul(Rational.of(d)), x.constantFirst);
  return algebra.scale(algebra.forms.atom(node, [whole]), Rational.of(1n, root));
}

/** For u − logsumexp(u): u, and logsumexp's node. */
function softmaxOf(form: Form): { x: Form; node: Node } | undefined {
  if (form.kind !== "sum") return undefined;
  const rest = form.terms.filter((t) => !t.coefficient.equals(Rational.of(-1)));
  for (const t of form.terms) {
    if (!t.coefficient.equals(Rational.of(-1))) continue;
    const inner = unstretched(t.form);
    if (inner.kind !== "atom" || inner.node.primitive.name !== "logsumexp") continue;
    const [x] = inner.args;
    const same =
      x.kind === "sum"
        ? x.constant.equals(form.constant) &&
          x.terms.length === form.terms.length - 1 &&
          x.terms.every((a) =>
            form.terms.some((b) => b.form === a.form && b.coefficient.equals(a.coefficient)),
          )
        : form.constant.isZero && rest.length === 1 && rest[0].form === x && rest[0].coefficient.isOne;
    const { axes } = inner.node.params as { axes: readonly number[] };
    // One number of each row is the sum along it.
    if (t.form.kind === "atom" && t.form.node.primitive.name === "contract" && axes[0] !== 1) continue;
    if (same && axes.length === 1) return { x, node: inner.node };
  }
  return undefined;
}

const STRETCHES = new Set(["broadcast", "reshape"]);

/** Without what repeats it: ℓ 1ᵀ, for one number of each row. */
function unstretched(form: Form): Form {
  let at = form;
  while (at.kind === "atom") {
    const { name } = at.node.primitive;
    const { a, out } = at.node.params as { a?: string; out?: string };
    const rows = name === "contract" && isOneForm(at.args[1]) && a?.length === 1 && out?.startsWith(a);
    if (!rows && !STRETCHES.has(name)) break;
    at = at.args[0];
  }
  return at;
}

const isOneForm = (form: Form): boolean => form.kind === "number" && form.value.isOne;

function softmaxPattern({ node }: { node: Node }): Node {
  const { axes } = node.params as { axes: readonly number[] };
  return apply(softmax.primitive, [node.inputs[0]], { axis: axes[0] });
}

function isNegative(x: Form): boolean {
  if (x.kind === "number") return x.value.sign < 0;
  return x.kind === "product" && x.coefficient.sign < 0;
}

function valueAtNumber(name: string, x: Rational): Rational | undefined {
  if (x.isZero) {
    const value = AT_ZERO.get(name);
    return value === undefined ? undefined : Rational.of(value);
  }
  if (x.isOne && name === "log") return Rational.ZERO;
  if (name === "abs") return x.abs();
  if (name === "sign") return Rational.of(x.sign);
  if (name === "relu") return x.sign > 0 ? x : Rational.ZERO;
  if (name === "sqrt" && x.sign > 0) {
    const [n, d] = [squareRoot(x.n), squareRoot(x.d)];
    return n !== undefined && d !== undefined ? Rational.of(n, d) : undefined;
  }
  return undefined;
}

/** √n where it is whole. */
function squareRoot(n: bigint): bigint | undefined {
  if (n > 1n << 100n) return undefined;
  const root = BigInt(Math.round(Math.sqrt(Number(n))));
  return root * root === n ? root : undefined;
}
