import { freeInputs, topologicalOrder } from "../ir/graph.ts";
import { exactValue, isConstant, isInput, type Node, scalarValue } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { type Shape, sizeOf, stridesOf } from "../ir/shape.ts";
import { tensor } from "../primitives/define.ts";
import { substitute } from "../primitives/evaluate.ts";
import { reshape } from "../primitives/structure.ts";
import { expandFormulas } from "../transforms/expand.ts";

/** What random instances of two tensor expressions showed. */
export type Instances =
  | { readonly kind: "exact"; readonly agreeing: number }
  | { readonly kind: "close"; readonly agreeing: number; readonly reason: string }
  | { readonly kind: "different"; readonly agreeing: number; readonly reason: string };

const COUNT = 6;

/**
 * Compares two tensor graphs at random instances. Where both are made of + − × ÷, products of matrices and functions of
 * elements, in exact rational arithmetic: a function of an element is a random number that its name and argument
 * determine (Schwartz 1980, Zippel 1979: equal polynomials agree, different ones rarely do). Else in floats.
 */
export function matrixInstances(a: Node, b: Node): Instances {
  const [left, right] = expandFormulas([a, b]);
  const inputs = freeInputs([left, right]);
  let seed = 20_260_101;
  const next = () => (seed = (seed * 48271) % 2147483647);
  let exact = 0;
  for (let i = 0; i < COUNT; i++) {
    const values = new Map(
      inputs.map((n) => [
        n,
        Array.from({ length: n.size }, () => Rational.of((next() % 2003) - 1001, 1 + (next() % 17))),
      ]),
    );
    const same = equalExactly([left, right], values, `${next()}`);
    if (same !== true) break;
    exact++;
  }
  return exact === COUNT ? { kind: "exact", agreeing: exact } : inFloats(left, right, inputs, next);
}

function inFloats(a: Node, b: Node, inputs: readonly Node[], next: () => number): Instances {
  let agreeing = 0;
  for (let i = 0; i < COUNT; i++) {
    // Positive, so that roots and logarithms have values; then of both signs.
    const number = () => (next() / 2147483647) * (i % 2 === 0 ? 1 : 2) - (i % 2 === 0 ? -0.25 : 1);
    const values = new Map(
      inputs.map((n) => [n, reshape(tensor(Array.from({ length: n.size }, number)), n.shape)]),
    );
    const [x, y] = substitute([a, b], values).map((n) => n.toTypedArray());
    const size = Math.max(...[...x, ...y].map(Math.abs).filter(Number.isFinite), 0);
    if (![...x, ...y].every(Number.isFinite)) continue;
    const gap = Math.max(...[...x].map((v, k) => Math.abs(v - y[k])), 0);
    if (gap > 1e-6 * size)
      return {
        kind: "different",
        agreeing,
        reason: `at a random instance they differ by ${gap.toPrecision(3)}, where values are about ${size.toPrecision(3)}: far beyond rounding`,
      };
    if (gap <= 1e-10 * size || size === 0) agreeing++;
  }
  return {
    kind: "close",
    agreeing,
    reason: `they agree at ${agreeing} random instances to ten digits, which proves nothing`,
  };
}

type Exact = readonly Rational[];

/** true or false in exact arithmetic; undefined where something is not rational. */
function equalExactly(
  roots: readonly [Node, Node],
  values: ReadonlyMap<Node, Exact>,
  salt: string,
): boolean | undefined {
  const known = new Map<Node, Exact>();
  try {
    for (const node of topologicalOrder(roots)) {
      const x = node.inputs.map((i) => known.get(i) as Exact);
      const value = isInput(node) ? (values.get(node) as Exact) : exactNode(node, x, salt);
      if (!value) return undefined;
      known.set(node, value);
    }
  } catch (error) {
    // Division by zero, or numbers that grow too long.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const [a, b] = roots.map((r) => known.get(r) as Exact);
  return a.every((v, i) => v.equals(b[i]));
}

function exactNode(node: Node, x: readonly Exact[], salt: string): Exact | undefined {
  const { name, family, pointwise } = node.primitive;
  if (isConstant(node)) return constantValues(node);
  const each = (f: (...v: Rational[]) => Rational): Exact =>
    x[0].map((_, i) => f(...x.map((list) => list[i])));
  switch (name) {
    case "add":
      return each((a, b) => a.add(b));
    case "sub":
      return each((a, b) => a.sub(b));
    case "mul":
      return each((a, b) => a.mul(b));
    case "div":
      return each((a, b) => a.div(b));
    case "neg":
      return each((a) => a.neg());
    case "cast":
    case "reshape":
    case "stop_gradient":
      return x[0];
    case "one_minus_square":
      return each((a) => Rational.ONE.sub(a.mul(a)));
    case "pow":
      return x[1].every((p) => p.isInteger && p.abs().compare(Rational.of(20)) <= 0)
        ? each((a, p) => a.pow(p.toNumber()))
        : hashed(node, x, salt);
    case "broadcast":
    case "transpose":
    case "sum":
    case "diagonal":
    case "diagonal_matrix":
    case "contract":
      return moved(node, x);
    case "inverse":
      return inverses(x[0], node.shape);
    case "det":
      return determinants(x[0], node.inputs[0].shape);
    default:
      return pointwise && (family === "elementwise" || name === "where") ? hashed(node, x, salt) : undefined;
  }
}

function constantValues(node: Node): Exact | undefined {
  const exact = exactValue(node);
  if (exact) return [exact];
  if (node.buffer && [...node.buffer].every(Number.isFinite))
    return [...node.buffer].map((v) => Rational.from(v));
  const value = scalarValue(node);
  return value === undefined ? undefined : [Rational.from(value)];
}

/** A function of an element as a number that its name and its exact argument determine. */
function hashed(node: Node, x: readonly Exact[], salt: string): Exact {
  return x[0].map((_, i) => {
    const key = `${salt} ${node.primitive.name} ${JSON.stringify(node.params)} ${x.map((list) => list[i]).join(" ")}`;
    let hash = 2166136261;
    for (let k = 0; k < key.length; k++) hash = Math.imul(hash ^ key.charCodeAt(k), 16777619);
    return Rational.of((hash >>> 0) % 100_003, 1 + ((hash >>> 17) % 31));
  });
}

/** Index moves and sums of products, by walking over every index. */
function moved(node: Node, x: readonly Exact[]): Exact {
  const { name } = node.primitive;
  const shape = node.inputs.map((i) => i.shape);
  const out = Array.from({ length: node.size }, () => Rational.ZERO);
  const place = stridesOf(node.shape);
  const at = (strides: readonly number[], index: readonly number[]) =>
    index.reduce((s, v, i) => s + v * strides[i], 0);
  if (name === "contract") {
    const { a, b, out: kept } = node.params as { a: string; b: string; out: string };
    const letters = [...new Set(a + b)];
    const sizes = letters.map((l) => (a.includes(l) ? shape[0][a.indexOf(l)] : shape[1][b.indexOf(l)]));
    const [sa, sb] = [stridesOf(shape[0]), stridesOf(shape[1])];
    forEachIndex(sizes, (index) => {
      const of = (text: string) => [...text].map((l) => index[letters.indexOf(l)]);
      const cell = at(place, of(kept));
      out[cell] = out[cell].add(x[0][at(sa, of(a))].mul(x[1][at(sb, of(b))]));
    });
    return out;
  }
  const own = stridesOf(shape[0]);
  if (name === "diagonal_matrix") {
    forEachIndex(shape[0], (index) => {
      out[at(place, [...index, index[index.length - 1]])] = x[0][at(own, index)];
    });
    return out;
  }
  if (name === "sum") {
    const { axes } = node.params as { axes: readonly number[] };
    forEachIndex(shape[0], (index) => {
      const cell = at(
        place,
        index.filter((_, i) => !axes.includes(i)),
      );
      out[cell] = out[cell].add(x[0][at(own, index)]);
    });
    return out;
  }
  forEachIndex(node.shape, (index) => {
    out[at(place, index)] = x[0][at(own, sourceIndex(node, index))];
  });
  return out;
}

function sourceIndex(node: Node, index: readonly number[]): readonly number[] {
  if (node.primitive.name === "diagonal") return [...index, index[index.length - 1]];
  if (node.primitive.name === "transpose") {
    const { permutation } = node.params as { permutation: readonly number[] };
    return permutation.map((_, axis) => index[permutation.indexOf(axis)]);
  }
  const { shape } = node.inputs[0];
  const lead = index.length - shape.length;
  return shape.map((size, i) => (size === 1 ? 0 : index[i + lead]));
}

function forEachIndex(shape: Shape, visit: (index: readonly number[]) => void): void {
  const index = shape.map(() => 0);
  for (let n = sizeOf(shape); n > 0; n--) {
    visit(index);
    for (let d = shape.length - 1; d >= 0; d--) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
}

/** Gauss–Jordan over the rationals; undefined for a singular block. */
function inverses(x: Exact, shape: Shape): Exact | undefined {
  const n = shape[shape.length - 1];
  const blocks = blocksOf(x, n).map((m) => eliminated(m, n));
  return blocks.every((b) => b !== undefined)
    ? blocks.flatMap((b) => (b as Solved).inverse.flat())
    : undefined;
}

function determinants(x: Exact, shape: Shape): Exact {
  const n = shape[shape.length - 1];
  return blocksOf(x, n).map((m) => eliminated(m, n)?.determinant ?? Rational.ZERO);
}

function blocksOf(x: Exact, n: number): Rational[][][] {
  return Array.from({ length: x.length / (n * n) }, (_, k) =>
    Array.from({ length: n }, (_, i) => x.slice(k * n * n + i * n, k * n * n + (i + 1) * n)),
  );
}

interface Solved {
  readonly inverse: Rational[][];
  readonly determinant: Rational;
}

function eliminated(m: readonly (readonly Rational[])[], n: number): Solved | undefined {
  const a = m.map((row, i) => [...row, ...row.map((_, j) => (i === j ? Rational.ONE : Rational.ZERO))]);
  let determinant = Rational.ONE;
  for (let k = 0; k < n; k++) {
    const pivot = a.findIndex((row, i) => i >= k && !row[k].isZero);
    if (pivot < 0) return undefined;
    if (pivot !== k) {
      [a[k], a[pivot]] = [a[pivot], a[k]];
      determinant = determinant.neg();
    }
    const lead = a[k][k];
    determinant = determinant.mul(lead);
    a[k] = a[k].map((v) => v.div(lead));
    for (let i = 0; i < n; i++) {
      if (i === k || a[i][k].isZero) continue;
      const by = a[i][k];
      a[i] = a[i].map((v, j) => v.sub(by.mul(a[k][j])));
    }
  }
  return { inverse: a.map((row) => row.slice(n)), determinant };
}
