import { dependents, topologicalOrder, withInputs } from "../ir/graph.ts";
import { exactConstant, input, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, neg } from "../primitives/arithmetic.ts";
import { broadcastTo } from "../primitives/define.ts";
import { expandFormulas } from "../transforms/expand.ts";
import { tangents } from "../transforms/tangent.ts";
import { MathError } from "./errors.ts";
import { type Index, type IndexForm, indexForm, isTensorProduct, newIndex } from "./index-form.ts";
import { productOf } from "./matrix-form.ts";
import { tidyDerivatives } from "./tidy.ts";

/** A sum of more products is not written out. */
const MOST_TERMS = 64;

/**
 * The Jacobian in index form: ∂y[i…]/∂x[j…] as a sum of products, from the tangent of y. The tangent is linear in dx,
 * so each of its products has the factor dx once; what is left without it is the product's part of the Jacobian.
 */
export function jacobianTerms(y: Node, x: Node): readonly IndexForm[] {
  const dx = input(x);
  const [dy] = tangents([y], new Map([[x, dx]]), "textbook");
  if (!dy) return [];
  // The mean of a tangent is a sum: formulas of dx are opened, the others keep their names.
  const varying = dependents(topologicalOrder([dy]), [dx]);
  const [open] = expandFormulas([dy], (n) => !varying.has(n));
  const active = dependents(topologicalOrder([open]), [dx]);
  return distributed(open, dx, active).map((term) =>
    withoutFactor(
      indexForm(term, (n) => n, isProduct),
      dx,
    ),
  );
}

/** The Jacobian as a tensor of shape [...y.shape, ...x.shape], in products of matrices; undefined where none says it. */
export function jacobianNode(y: Node, x: Node): Node | undefined {
  if (y.rank + x.rank > 2) return undefined;
  const terms = jacobianTerms(y, x).map(productOf);
  if (terms.some((t) => t === undefined)) return undefined;
  const shape = [...y.shape, ...x.shape];
  const sum = (terms as Node[]).reduce<Node | undefined>((a, b) => (a ? add(a, b) : b), undefined);
  return broadcastTo(tidyDerivatives([sum ?? exactConstant(Rational.ZERO)], y)[0], shape);
}

const SCALAR_PRODUCTS = new Set(["mul", "div", "neg"]);
const isProduct = (node: Node): boolean => isTensorProduct(node) || SCALAR_PRODUCTS.has(node.primitive.name);

function refusal(what: string): MathError {
  return new MathError(
    `${what}: no closed form of the Jacobian was found; its numbers come from jacfwd or jacrev`,
  );
}

/** A node that is linear in dx as a sum of products, none of which has a sum around dx. */
function distributed(root: Node, dx: Node, active: ReadonlySet<Node>): Node[] {
  const known = new Map<Node, readonly Node[]>([[dx, [dx]]]);
  for (const node of topologicalOrder([root])) {
    if (!active.has(node) || known.has(node)) continue;
    known.set(node, termsOf(node, known, active));
  }
  return [...(known.get(root) as readonly Node[])];
}

function termsOf(node: Node, known: ReadonlyMap<Node, readonly Node[]>, active: ReadonlySet<Node>): Node[] {
  const of = (x: Node): readonly Node[] => known.get(x) ?? [];
  const { name } = node.primitive;
  const [a, b] = node.inputs;
  let terms: Node[];
  if (name === "add") terms = [...of(a), ...of(b)];
  else if (name === "sub") terms = [...of(a), ...of(b).map((t) => neg(t))];
  else {
    const places = node.inputs.map((x, i) => (active.has(x) ? i : -1)).filter((i) => i >= 0);
    if (places.length !== 1 || !isProduct(node)) throw refusal(name);
    const [place] = places;
    terms = of(node.inputs[place]).map((t) =>
      withInputs(
        node,
        node.inputs.map((x, i) => (i === place ? t : x)),
      ),
    );
  }
  if (terms.length > MOST_TERMS) throw refusal(`a sum of ${terms.length} products`);
  return terms;
}

function withoutFactor(form: IndexForm | undefined, dx: Node): IndexForm {
  const own = form?.factors.filter((f) => f.node === dx && !f.inverse) ?? [];
  if (!form || own.length !== 1) throw refusal("a product of tensors");
  const [factor] = own;
  const columns: Index[] = dx.shape.map((size) => newIndex(size));
  return {
    ...form,
    free: [...form.free, ...columns],
    factors: form.factors.filter((f) => f !== factor),
    deltas: [...form.deltas, ...factor.indices.map((i, k) => [i, columns[k]] as const)],
  };
}
