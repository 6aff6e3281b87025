import { allocate, type Data } from "../ir/dtype.ts";
import type { Node } from "../ir/node.ts";
import type { Multilinear } from "../ir/primitive.ts";
import { add, mul, sub } from "../primitives/arithmetic.ts";
import { apply, broadcastTo, multilinear } from "../primitives/define.ts";
import { einsum } from "../primitives/einsum.ts";
import { gather } from "../primitives/indexing.ts";
import { cauchySum } from "../primitives/kernels/cauchy-sum.ts";
import { sum } from "../primitives/reduction.ts";
import { at, pad, reverse, slice } from "../primitives/slicing.ts";
import { iota, reshape, transpose } from "../primitives/structure.ts";

/** The Cauchy product of two series of one shape, coefficients along the first axis: c_k = Σ a_j b_{k−j}. */
const cauchyRule: Multilinear = multilinear({
  name: "cauchy",
  notation: { form: "special", text: "cauchy" },
  pointwise: false,
  infer: ([a]) => a,
  evaluate: ([a, b], node) => cauchyProduct(a, b, node),
  // ā_j = Σ c̄_k b_{k−j}: the same product, with the coefficients of c̄ and ā in opposite order.
  transpose: (ct, i, node) => reverse(multiplySeries(reverse(ct, 0), node.inputs[1 - i]), 0),
  batch: (inputs, batched, _, size) => {
    const full = inputs.map((x, i) => (batched[i] ? swapFirstTwo(x) : repeatedSecond(x, size)));
    return swapFirstTwo(apply(cauchyRule, full));
  },
});

function cauchyProduct(a: Data, b: Data, node: Node): Data {
  const orders = node.shape[0];
  const count = orders === 0 ? 0 : node.size / orders;
  const sums = new Float64Array(node.size);
  if (count === 1) for (let k = 0; k < orders; k++) sums[k] = cauchySum(a, b, 0, k);
  else sumElements(a, b, sums, orders, count);
  if (node.dtype === "f64") return sums;
  const out = allocate(node.dtype, node.size);
  out.set(sums);
  return out;
}

function sumElements(a: Data, b: Data, sums: Float64Array, orders: number, count: number): void {
  for (let k = 0; k < orders; k++) {
    for (let j = 0; j <= k; j++) {
      for (let e = 0; e < count; e++) sums[k * count + e] += a[j * count + e] * b[(k - j) * count + e];
    }
  }
}

export function multiplySeries(a: Node, b: Node): Node {
  return apply(cauchyRule, [a, b]);
}

export function swapFirstTwo(x: Node): Node {
  return transpose(x, [1, 0, ...x.shape.map((_, i) => i).slice(2)]);
}

/** [K, …] as [K, size, …]. */
export function repeatedSecond(x: Node, size: number): Node {
  const [orders, ...rest] = x.shape;
  return broadcastTo(reshape(x, [orders, 1, ...rest]), [orders, size, ...rest]);
}

/** Row k of the result holds b's coefficients k, k − 1, …: the Toeplitz matrix of a series. */
function toeplitz(b: Node): Node {
  const n = b.shape[0];
  const tail = b.shape.slice(1).map(() => 0);
  const padded = pad(b, { low: [n - 1, ...tail], high: [0, ...tail] });
  const indices = sub(reshape(add(iota(n), n - 1), [n, 1]), iota(n));
  return gather(padded, indices, 0);
}

/** The series of a product of two series: Σ_j M(a_j, b_{k−j}) for a multilinear M. */
export function productSeries(node: Node, a: Node, b: Node): Node {
  if (node.primitive === mul.primitive) return multiplySeries(a, b);
  if (node.primitive === cauchyRule) return nestedSeries(a, b);
  if (node.primitive !== einsum.primitive) return shiftedProducts(node, a, b);
  const p = node.params as { a: string; b: string; out: string };
  const [j, k] = freshPair(p.a + p.b + p.out);
  return einsum(`${j}${p.a},${k}${j}${p.b}->${k}${p.out}`, a, toeplitz(b));
}

/** Σ over s of the products with coefficient s of b, each moved on by s orders. */
function shiftedProducts(node: Node, a: Node, b: Node): Node {
  const orders = a.shape[0];
  const { batch } = node.primitive as Required<Multilinear>;
  const terms = Array.from({ length: orders }, (_, s) => {
    const part = batch([slice(a, [0], [orders - s]), at(b, s)], [true, false], node, orders - s);
    const none = node.shape.map(() => 0);
    return pad(part, { low: [s, ...none], high: [0, ...none] });
  });
  return terms.reduce((sum, t) => add(sum, t));
}

/** Series within series: all products a_j b_{k−j} of inner series, summed over j. */
function nestedSeries(a: Node, b: Node): Node {
  const [n, ...inner] = a.shape;
  const pairs = (x: Node) => swapFirstTwo(reshape(x, [n * n, ...inner]));
  const products = multiplySeries(pairs(broadcastTo(a, [n, n, ...inner])), pairs(toeplitz(b)));
  return sum(reshape(swapFirstTwo(products), [n, n, ...inner]), { axis: 1 });
}

function freshPair(used: string): [string, string] {
  const free: string[] = [];
  for (let code = 97; free.length < 2; code++) {
    const letter = String.fromCharCode(code);
    if (!used.includes(letter)) free.push(letter);
  }
  return [free[0], free[1]];
}
