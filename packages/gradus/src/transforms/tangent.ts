import { isFloat } from "../ir/dtype.ts";
import { reverseOnlyError } from "../ir/errors.ts";
import { dependents, topologicalOrder } from "../ir/graph.ts";
import { exactValue, type Node, type Zero } from "../ir/node.ts";
import type { Elementwise, Formula, Implicit, Linear } from "../ir/primitive.ts";
import { sameShape } from "../ir/shape.ts";
import { add, div, isNothing, mul } from "../primitives/arithmetic.ts";
import { logicalNot, logicalOr, notEqual } from "../primitives/comparison.ts";
import { apply, broadcastTo, cast } from "../primitives/define.ts";
import { sum } from "../primitives/reduction.ts";
import { resultIndex } from "../primitives/results.ts";
import { masked, maskOf, zerosLike } from "../primitives/structure.ts";
import { exactLiterals, expandFormulas } from "./expand.ts";

/** "stable" derivatives keep their digits and run; "textbook" ones are those that a person reads. */
export type Form = "stable" | "textbook";

/** The sum of two derivatives; a structural zero costs nothing. */
export function plus(a: Node | Zero, b: Node | Zero): Node | Zero {
  if (!a || !b) return a ?? b;
  const [m, n] = [maskOf(a), maskOf(b)];
  // What one mask makes zero in both stays known as zero in the sum.
  if (m && n && m.mask === n.mask && m.flip === n.flip && sameShape(a.shape, b.shape) && a.dtype === b.dtype)
    return remasked(m, add(m.value, n.value));
  return add(a, b);
}

const remasked = ({ mask, flip }: { mask: Node; flip: boolean }, value: Node): Node => {
  const zero = zerosLike(value);
  const whole = broadcastTo(mask, value.shape);
  return flip ? masked(whole, zero, value) : masked(whole, value, zero);
};

/**
 * factor · derivative. What a mask has made structurally zero stays zero even where the factor is infinite:
 * the mask moves outside the product.
 */
export function scale(factor: Node, derivative: Node): Node {
  const found = maskOf(derivative);
  if (!found) return mul(factor, derivative);
  return remasked(found, scale(factor, found.value));
}

/** Division of a derivative: 0/0 does not arise where a mask has made it zero. */
export function quotient(derivative: Node, denominator: Node): Node {
  const found = maskOf(derivative);
  return found ? remasked(found, quotient(found.value, denominator)) : div(derivative, denominator);
}

/** What leaves each element in its place. */
const STAYS = new Set(["neg", "sub", "cast"]);
/** What moves elements or copies them: its transpose carries a mask to where they go. */
const MOVES = new Set(["reshape", "transpose", "reverse", "concatenate", "slice", "pad", "sum"]);
/** Where several elements meet in one: it is zero where all of them are masked. */
const GATHERS = new Set(["broadcast", "gather", "scatter_add", "cumsum"]);

/**
 * Gradients of what is opaque (a branch, a loop, a rule of the caller's): they are zero where all that comes in is
 * masked, whatever they would be computed to.
 */
export function guarded(
  cts: readonly (Node | Zero)[],
  gradients: readonly (Node | Zero)[],
): readonly (Node | Zero)[] {
  const given = cts.filter((c) => c !== null);
  const kept = given.flatMap((c) => {
    const found = maskOf(c);
    return found ? [sum(found.flip ? logicalNot(found.mask) : found.mask)] : [];
  });
  if (kept.length < given.length || kept.length === 0) return gradients;
  const mask = kept.map((n) => notEqual(n, 0)).reduce((a, b) => logicalOr(a, b));
  return gradients.map((x) => x && remasked({ mask, flip: false }, x));
}

/**
 * The transposes of a linear node, where what a mask has made zero stays known as zero: but at the `last`, the inputs of
 * the whole map, which are multiplied by nothing more.
 */
export function transposed(node: Node, rule: Linear, ct: Node, last: boolean): readonly (Node | Zero)[] {
  if (rule.name === "custom_vjp_tangent") return guarded([ct], rule.transpose(ct, node));
  if (last) return rule.transpose(ct, node);
  const [meets, stays] = [GATHERS.has(rule.name), STAYS.has(rule.name)];
  const found = meets || stays || MOVES.has(rule.name) ? maskOf(ct) : undefined;
  if (!found) return rule.transpose(ct, node);
  const cts = rule.transpose(meets ? ct : found.value, node);
  if (stays) return cts.map((c) => c && remasked(found, c));
  const kept = broadcastTo(found.flip ? logicalNot(found.mask) : found.mask, ct.shape);
  const masks = rule.transpose(meets ? cast(kept, ct.dtype) : kept, node);
  return cts.map((c, i) => {
    const mask = masks[i];
    return c && mask && remasked({ mask: mask.dtype === "bool" ? mask : notEqual(mask, 0), flip: false }, c);
  });
}

/**
 * Forward mode: the tangents of the outputs where each seeded node has the tangent given. null is a structural
 * zero. The result is linear in the seeds; everything else in it is shared with the primal graph.
 */
export function tangents(
  outputs: readonly Node[],
  seeds: ReadonlyMap<Node, Node | Zero>,
  form: Form = "stable",
): (Node | Zero)[] {
  const seeded = new Map([...seeds.keys()].map((n) => [n, n]));
  const hasOwnTangent = ({ primitive }: Node): boolean => {
    const { tangent, textbookTangent } = primitive as Formula;
    return tangent !== undefined || (form === "textbook" && textbookTangent !== undefined);
  };
  const inPrimitives = expandFormulas(outputs, hasOwnTangent, new Map(seeded));
  const expanded = form === "textbook" ? exactLiterals(inPrimitives, seeded) : inPrimitives;
  const order = topologicalOrder(expanded);
  const active = dependents(order, seeds.keys());
  const known = new Map<Node, Node | Zero>(seeds);
  const results = new Map<Node, readonly (Node | Zero)[]>();
  for (const node of order) {
    if (!active.has(node) || known.has(node)) continue;
    const { primitive } = node;
    if (primitive.family === "control") {
      const dx = node.inputs.map((i) => known.get(i) ?? null);
      if (dx.some((t) => t !== null)) results.set(node, primitive.tangent(node, dx));
      continue;
    }
    if (primitive.family === "result") {
      known.set(node, results.get(node.inputs[0])?.[resultIndex(node)] ?? null);
      continue;
    }
    known.set(
      node,
      isFloat(node.dtype)
        ? tangentOf(
            node,
            node.inputs.map((i) => known.get(i) ?? null),
            form,
          )
        : null,
    );
  }
  return expanded.map((o) => known.get(o) ?? null);
}

function tangentOf(node: Node, dx: readonly (Node | Zero)[], form: Form): Node | Zero {
  if (dx.every((t) => t === null)) return null;
  const { primitive } = node;
  switch (primitive.family) {
    case "linear":
      return linearTangent(node, dx, primitive.parameters, form);
    case "multilinear":
      if (primitive === mul.primitive) return sumOf(dx, (t, i) => times(node.inputs[1 - i], t, i));
      return sumOf(dx, (t, i) =>
        apply(
          primitive,
          node.inputs.map((x, j) => (j === i ? t : x)),
          node.params,
        ),
      );
    case "elementwise":
      return elementwiseTangent(node, primitive, dx, form);
    case "implicit":
    case "formula": {
      const rule = (form === "textbook" && primitive.textbookTangent) || primitive.tangent;
      return (rule as Implicit["tangent"])(node.inputs, node, dx, node.params);
    }
    default:
      return null;
  }
}

/** factor·t in the order of the operands; a tangent of exactly 1, as of x by x, leaves the factor. */
function times(factor: Node, t: Node, place: number): Node {
  if (exactValue(t)?.isOne && sameShape(t.shape, factor.shape)) return factor;
  return place === 0 ? mul(t, factor) : mul(factor, t);
}

function sumOf(dx: readonly (Node | Zero)[], term: (t: Node, i: number) => Node | Zero): Node | Zero {
  return dx.reduce<Node | Zero>((sum, t, i) => plus(sum, t && term(t, i)), null);
}

function linearTangent(
  node: Node,
  dx: readonly (Node | Zero)[],
  parameters: readonly number[],
  form: Form,
): Node | Zero {
  const { name } = node.primitive;
  const { inputs } = node;
  // Masks and indices have no tangents: only the point of a customVjp function is a float beside what is linear.
  if (parameters.some((i) => dx[i] && isFloat(inputs[i].dtype))) throw reverseOnlyError();
  if (dx.every((t, i) => t === null || parameters.includes(i))) return null;
  if (name === "add" && !(dx[0] && dx[1])) return (dx[0] ?? dx[1]) as Node;
  if (name === "sub" && !dx[1]) return dx[0] as Node;
  // Where a case says that there is no value, there is no slope either.
  const still = (x: Node) => (form === "textbook" && isNothing(x) ? x : zerosLike(x));
  const moved = inputs.map((x, i) => (parameters.includes(i) ? x : (dx[i] ?? still(x))));
  return apply(node.primitive, moved, node.params);
}

function elementwiseTangent(
  node: Node,
  rule: Elementwise,
  dx: readonly (Node | Zero)[],
  form: Form,
): Node | Zero {
  const partials = form === "textbook" ? (rule.textbook ?? rule.partials) : rule.partials;
  return sumOf(dx, (t, i) => {
    const partial = partials[i](node.inputs, node, node.params);
    return (
      partial && (exactValue(t)?.isOne && sameShape(t.shape, partial.shape) ? partial : scale(partial, t))
    );
  });
}
