import { topologicalOrder, withInputs } from "../ir/graph.ts";
import { exactConstant, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { div, mul, neg } from "../primitives/arithmetic.ts";
import { contraction } from "../primitives/contraction.ts";
import { broadcastTo } from "../primitives/define.ts";
import { diagonal, diagonalMatrix } from "../primitives/diagonal.ts";
import { sum } from "../primitives/reduction.ts";
import { reshape, transpose } from "../primitives/structure.ts";
import {
  type Factor,
  type Index,
  type IndexForm,
  indexForm,
  isTensorProduct,
  newIndex,
} from "./index-form.ts";
import { isSymmetric } from "./print.ts";

/**
 * Rewrites the products of tensors in a graph as a person writes them: through index form, and back to matrix
 * products, elementwise products, diagonals and outer products. Values stay but for rounding.
 */
export function matrixForm(roots: readonly Node[]): Node[] {
  const order = topologicalOrder(roots);
  if (order.every((n) => n.rank === 0)) return [...roots];
  const product = new Set(order.filter(isTensorProduct));
  // Only tops of products are written again: what lies inside is read through.
  const tops = new Set(roots);
  for (const n of order) if (!product.has(n)) for (const i of n.inputs) tops.add(i);
  const known = new Map<Node, Node>();
  const atom = (n: Node) => known.get(n) ?? n;
  for (const n of order) {
    if (!product.has(n))
      known.set(
        n,
        withInputs(
          n,
          n.inputs.map((i) => known.get(i) as Node),
        ),
      );
    else if (tops.has(n)) {
      const form = indexForm(n, atom);
      known.set(n, (form && productOf(form)) ?? n);
    }
  }
  return roots.map((r) => known.get(r) as Node);
}

/** A tensor with named axes. */
interface Item {
  readonly node: Node;
  readonly indices: readonly Index[];
}

/** The index form as a graph; undefined where only index notation can say it. */
export function productOf(form: IndexForm): Node | undefined {
  const { factors, deltas, size } = withoutDeltas(form);
  const diagonals = deltas.map(([, j]) => j);
  const free = form.free.filter((i) => !diagonals.includes(i));
  const items = factors.map(plain);
  const scalars = items.filter((f) => f.indices.length === 0);
  const tensors = items.filter((f) => f.indices.length > 0);
  const below = tensors.filter((f) => f.inverse);
  let parts: Item[] = tensors.filter((f) => !f.inverse);
  // A denominator divides the product of what shares its axes.
  for (const d of below) {
    const i = parts.findIndex((p) => sameSet(p.indices, d.indices));
    const over = i >= 0 ? parts[i] : { node: exactConstant(Rational.ONE), indices: d.indices };
    const whole = { node: div(over.node, arranged(d, over.indices)), indices: over.indices };
    parts = i >= 0 ? parts.map((p, k) => (k === i ? whole : p)) : [...parts, whole];
  }
  const tensorPart = contracted(parts, free, form.bound);
  if (!tensorPart) return undefined;
  let node: Node | undefined = tensorPart.node;
  let indices = [...tensorPart.indices];
  for (const [i, j] of deltas) {
    if (!indices.includes(i)) {
      if (indices.length > 0 || form.free.length !== 2) return undefined;
      node = mulAll(node, diagonalMatrix(broadcastTo(exactConstant(Rational.ONE), [i.size])));
      indices = [i, j];
    } else {
      const rest = indices.filter((k) => k !== i);
      node = diagonalMatrix(arranged({ node: node as Node, indices }, [...rest, i]));
      indices = [...rest, i, j];
    }
  }
  const tensor = node && arranged({ node, indices }, form.free);
  return scaled(tensor, scalars, size, form);
}

function mulAll(a: Node | undefined, b: Node): Node {
  return a ? mul(a, b) : b;
}

function scaled(
  tensor: Node | undefined,
  scalars: readonly (Item & { inverse: boolean })[],
  size: number,
  form: IndexForm,
): Node {
  let above: Node | undefined = size === 1 ? undefined : exactConstant(Rational.of(size));
  for (const s of scalars) if (!s.inverse) above = mulAll(above, s.node);
  let node = tensor ? mulAll(above, tensor) : (above ?? exactConstant(Rational.ONE));
  for (const s of scalars) if (s.inverse) node = div(node, s.node);
  const shape = form.free.map((i) => i.size);
  return broadcastTo(form.negative ? neg(node) : node, shape);
}

/** δ[i, j] with a bound index renames it; a bound index that nothing has counts its size. */
function withoutDeltas(form: IndexForm): {
  factors: Factor[];
  deltas: (readonly [Index, Index])[];
  size: number;
} {
  let factors = [...form.factors];
  let open = [...form.deltas];
  const kept: (readonly [Index, Index])[] = [];
  const bound = new Set(form.bound);
  while (open.length > 0) {
    const [i, j] = open.pop() as readonly [Index, Index];
    if (i === j) continue;
    if (!bound.has(i) && !bound.has(j)) {
      kept.push(form.free.indexOf(i) < form.free.indexOf(j) ? [i, j] : [j, i]);
      continue;
    }
    const [from, to] = bound.has(j) ? [j, i] : [i, j];
    bound.delete(from);
    const renamed = (k: Index) => (k === from ? to : k);
    factors = factors.map((f) => ({ ...f, indices: f.indices.map(renamed) }));
    open = open.map(([a, b]) => [renamed(a), renamed(b)] as const);
  }
  // What stands on one axis of a diagonal stands on the other.
  for (const [i, j] of kept)
    factors = factors.map((f) => ({ ...f, indices: f.indices.map((k) => (k === j ? i : k)) }));
  const used = new Set(factors.flatMap((f) => f.indices));
  const lost = [...bound].filter((i) => !used.has(i));
  return { factors, deltas: kept, size: lost.reduce((n, i) => n * i.size, 1) };
}

/** Drops dummy axes, and takes the diagonal where an index stands twice. */
function plain(f: Factor): Item & { inverse: boolean } {
  let { node, indices } = f;
  if (indices.some((i) => i.dummy)) {
    indices = indices.filter((i) => !i.dummy);
    node = reshape(
      node,
      indices.map((i) => i.size),
    );
  }
  for (;;) {
    const twice = indices.findIndex((i, at) => indices.indexOf(i) < at);
    if (twice < 0) return { node, indices, inverse: f.inverse };
    const first = indices.indexOf(indices[twice]);
    const index = indices[twice];
    node = diagonal(node, first, twice);
    indices = [...indices.filter((_, at) => at !== first && at !== twice), index];
  }
}

const sameSet = (a: readonly Index[], b: readonly Index[]): boolean =>
  a.length === b.length && a.every((i) => b.includes(i));

/** The item with its axes in the order given. */
function arranged(item: Item, order: readonly Index[]): Node {
  const wanted = order.filter((i) => item.indices.includes(i));
  const moved = transpose(
    item.node,
    wanted.map((i) => item.indices.indexOf(i)),
  );
  if (wanted.length === order.length) return moved;
  // A column of its own is the vector reshaped, not repeated.
  const repeats = order.some((i) => !wanted.includes(i) && i.size > 1);
  if (repeats && wanted.length === 1 && order.length === 2) return repeated(moved, order, wanted[0]);
  const open = reshape(
    moved,
    order.map((i) => (wanted.includes(i) ? i.size : 1)),
  );
  return broadcastTo(
    open,
    order.map((i) => i.size),
  );
}

/** A vector along one axis of a matrix, the same along the other: v 1ᵀ or 1 vᵀ. */
function repeated(v: Node, order: readonly Index[], along: Index): Node {
  const ones = (i: Index) => broadcastTo(exactConstant(Rational.ONE), [i.size]);
  const [first, second] = order.map((i) => (i === along ? v : ones(i)));
  return contraction(first, second, "i", "j", "ij");
}

function contracted(
  given: readonly Item[],
  free: readonly Index[],
  bound: ReadonlySet<Index>,
): { node: Node | undefined; indices: readonly Index[] } | undefined {
  let items = mergedAlike(given, free);
  const open = new Set(bound);
  for (;;) {
    const pair = bestPair(items, free, open);
    if (!pair) {
      // Scaling rows is for what nothing else can say.
      const scaled = diagonalised(items, free, open);
      if (!scaled) break;
      items = scaled;
      continue;
    }
    const [p, q] = pair;
    const rest = items.filter((i) => i !== p && i !== q);
    const left = p.indices.concat(q.indices.filter((i) => !p.indices.includes(i)));
    const needed = (i: Index) => free.includes(i) || rest.some((r) => r.indices.includes(i));
    let out = left.filter(needed);
    if (rest.length === 0 && sameSet(out, free)) out = [...free];
    items = mergedAlike([...rest, contractItems(p, q, out)], free);
  }
  items = items.map((item) => summedOut(item, free, items));
  const lone = items.length === 1 ? items[0] : outerProduct(items, free);
  return lone ?? undefined;
}

/** Elementwise products of what has the same axes; two vectors over one bound index stay, as a dot product. */
function mergedAlike(items: readonly Item[], free: readonly Index[]): Item[] {
  const merged: Item[] = [];
  for (const item of items) {
    const i = merged.findIndex((m) => sameSet(m.indices, item.indices));
    if (i < 0 || isDot(merged[i], item, items, free)) merged.push(item);
    else
      merged[i] = {
        node: mul(merged[i].node, arranged(item, merged[i].indices)),
        indices: merged[i].indices,
      };
  }
  return merged;
}

function isDot(a: Item, b: Item, items: readonly Item[], free: readonly Index[]): boolean {
  if (a.indices.length !== 1 || free.includes(a.indices[0])) return false;
  return items.every((x) => x === a || x === b || !x.indices.includes(a.indices[0]));
}

/** A vector whose axis a matrix keeps becomes a diagonal matrix: diag(v) M. One at a time; undefined where none is. */
function diagonalised(items: readonly Item[], free: readonly Index[], bound: Set<Index>): Item[] | undefined {
  for (const v of items) {
    if (v.indices.length !== 1) continue;
    const [i] = v.indices;
    const others = items.filter((x) => x !== v && x.indices.includes(i));
    const stays = free.includes(i) ? others.length >= 1 : others.length >= 2;
    const matrix = others.findLast((x) => x.indices.length === 2);
    if (!stays || !matrix) continue;
    const inner = newIndex(i.size);
    bound.add(inner);
    return items.map((x) => {
      if (x === v) return { node: diagonalMatrix(v.node), indices: [i, inner] };
      return x === matrix ? { ...x, indices: x.indices.map((k) => (k === i ? inner : k)) } : x;
    });
  }
  return undefined;
}

/** The two items to contract next: over an index that only they have, with the smallest result. */
function bestPair(
  items: readonly Item[],
  free: readonly Index[],
  bound: ReadonlySet<Index>,
): readonly [Item, Item] | undefined {
  let best: readonly [Item, Item] | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const k of bound) {
    const holders = items.filter((x) => x.indices.includes(k));
    if (holders.length !== 2 || free.includes(k)) continue;
    const [p, q] = holders;
    const union = new Set([...p.indices, ...q.indices]);
    for (const i of union)
      if (!free.includes(i) && items.every((x) => x === p || x === q || !x.indices.includes(i)))
        union.delete(i);
    // Products are read from the right: of equals the one with the last axis of the result.
    const last = free.length > 0 && union.has(free[free.length - 1]);
    const cost = union.size + (last ? 0 : 0.5);
    if (cost <= least) [best, least] = [[p, q], cost];
  }
  return best;
}

const LETTERS = "ijklmnopqrstuvwxyz";

function contractItems(first: Item, second: Item, out: readonly Index[]): Item {
  // One order for equal products: a matrix before a vector, the rows of the result first.
  const swap =
    first.indices.length < second.indices.length ||
    (first.indices.length === 2 && second.indices.length === 2 && second.indices.includes(out[0]));
  const [p, q] = swap ? [second, first] : [first, second];
  const letters = new Map([...new Set([...p.indices, ...q.indices])].map((i, at) => [i, LETTERS[at]]));
  const text = (list: readonly Index[]) => list.map((i) => letters.get(i)).join("");
  const shared = p.indices.find((i) => q.indices.includes(i) && !out.includes(i));
  // Of a symmetric matrix either axis may be the first: so it needs no transpose.
  const left = isSymmetric(p.node) && p.indices[0] === shared ? [...p.indices].reverse() : p.indices;
  const right = isSymmetric(q.node) && q.indices[1] === shared ? [...q.indices].reverse() : q.indices;
  // Frobenius' product, and others that sum over what both have in full, are sums of ⊙.
  if (sameSet(p.indices, q.indices) && p.indices.length > 1) {
    const product = mul(p.node, arranged(q, p.indices));
    const axes = p.indices.map((i, at) => (out.includes(i) ? -1 : at)).filter((at) => at >= 0);
    return { node: sum(product, { axis: axes }), indices: p.indices.filter((i) => out.includes(i)) };
  }
  return { node: contraction(p.node, q.node, text(left), text(right), text(out)), indices: out };
}

/** Sums over what only this item has. */
function summedOut(item: Item, free: readonly Index[], items: readonly Item[]): Item {
  const lone = (i: Index) => !free.includes(i) && items.every((x) => x === item || !x.indices.includes(i));
  const axes = item.indices.map((i, at) => (lone(i) ? at : -1)).filter((at) => at >= 0);
  if (axes.length === 0) return item;
  return { node: sum(item.node, { axis: axes }), indices: item.indices.filter((i) => !lone(i)) };
}

/** What is left shares no summed index: x yᵀ for vectors, else products along the axes of the result. */
function outerProduct(
  items: readonly Item[],
  free: readonly Index[],
): { node: Node | undefined; indices: readonly Index[] } | undefined {
  if (items.some((x) => x.indices.some((i) => !free.includes(i)))) return undefined;
  const scalars = items.filter((x) => x.indices.length === 0);
  const tensors = items.filter((x) => x.indices.length > 0);
  const order = free.filter((i) => tensors.some((x) => x.indices.includes(i)));
  let node: Node | undefined;
  for (const s of scalars) node = mulAll(node, s.node);
  if (tensors.length === 2 && tensors.every((x) => x.indices.length === 1)) {
    const [u, v] = tensors[0].indices[0] === order[0] ? tensors : [tensors[1], tensors[0]];
    return { node: mulAll(node, contraction(u.node, v.node, "i", "j", "ij")), indices: order };
  }
  const [rows] = order;
  const scales = (x: Item): boolean => order.length === 2 && x.indices.length === 1 && x.indices[0] === rows;
  const scaled = tensors.filter(scales);
  // A vector along the rows is diag(v) M: v ⊙ M would run along the columns.
  const whole = tensors.some((x) => x.indices.length === 2)
    ? tensors.filter((x) => !scaled.includes(x))
    : tensors;
  let product: Node | undefined;
  for (const x of whole) product = mulAll(product, arranged(x, order));
  if (whole.length < tensors.length) {
    const vector = scaled.map((x) => x.node).reduce((a, b) => mul(a, b));
    product = contraction(diagonalMatrix(vector), product as Node, "ik", "kj", "ij");
  }
  return { node: product ? mulAll(node, product) : node, indices: order };
}
