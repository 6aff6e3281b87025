import { norm, scaled, unit } from "./linear-algebra.ts";
import type { Iterate } from "./method.ts";
import { type Vectors, vectorsOf } from "./vectors.ts";

/** A step s and the change y of the gradient along it. */
export interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly sy: number;
  readonly yy: number;
}

interface Kept extends Pair {
  /** sᵀyⱼ and yᵀyⱼ of each newer pair j, in their order. */
  readonly newer: { readonly sy: number; readonly yy: number }[];
}

/** sᵀg and yᵀg of each pair for one g. */
interface Products {
  readonly g: Float64Array;
  readonly s: number[];
  readonly y: number[];
}

/** A run has as many at a time: that of the point, of the one before, and of one more that was tried. */
const GRADIENTS = 3;

/** The last few steps and changes of gradient, which stand for the Hessian. */
export class Memory {
  private readonly pairs: Kept[] = [];
  private readonly most: number;
  private readonly vectors: Vectors;
  private readonly found: Float64Array;
  private spare: Pick<Pair, "s" | "y"> | undefined;
  private latest: Products | undefined;

  constructor(most: number, n: number) {
    this.most = most;
    this.vectors = vectorsOf(n, 2 * (most + 1) + 1 + GRADIENTS);
    this.found = this.vectors.make();
  }

  /** Arrays for the gradients of a run, in the same memory. */
  gradients(): Float64Array[] {
    return Array.from({ length: GRADIENTS }, () => this.vectors.make());
  }

  get isEmpty(): boolean {
    return this.pairs.length === 0;
  }

  /** Oldest first; their arrays are used again when new ones are added. */
  get all(): readonly Pair[] {
    return this.pairs;
  }

  clear(): void {
    this.pairs.length = 0;
    this.latest = undefined;
  }

  /** Keeps the pair if the curvature along it is positive. */
  add(before: Iterate, after: Iterate): void {
    const { pairs, vectors } = this;
    const { s, y } = this.spare ?? { s: vectors.make(), y: vectors.make() };
    this.spare = undefined;
    differences(before, after, s, y);
    const [sy, yy] = vectors.products(s, y, y);
    if (!(sy > Number.EPSILON * yy)) {
      this.spare = { s, y };
      return;
    }
    // y is the difference of two gradients, whose products with the pairs are at hand or of use for the next direction.
    const [old, now] = [this.productsWith(before.gradient), this.productsWith(after.gradient)];
    pairs.forEach(({ newer }, i) => {
      newer.push({ sy: now.s[i] - old.s[i], yy: now.y[i] - old.y[i] });
    });
    pairs.push({ s, y, sy, yy, newer: [] });
    const [sg, yg] = vectors.products(s, y, now.g);
    this.latest = { g: now.g, s: [...now.s, sg], y: [...now.y, yg] };
    // The oldest pair's arrays are the next one's.
    if (pairs.length > this.most) {
      this.spare = pairs.shift();
      this.latest.s.shift();
      this.latest.y.shift();
    }
  }

  private productsWith(g: Float64Array): Products {
    if (this.latest?.g !== g) {
      const both = this.pairs.map(({ s, y }) => this.vectors.products(s, y, g));
      this.latest = { g, s: both.map(([sg]) => sg), y: both.map(([, yg]) => yg) };
    }
    return this.latest;
  }

  /** H as a matrix: for a few coordinates. */
  inverse(n: number): Float64Array | undefined {
    if (this.isEmpty) return undefined;
    const h = new Float64Array(n * n);
    for (let i = 0; i < n; i++) h.set(scaled(-1, this.direction(unit(n, i))), i * n);
    return h;
  }

  /**
   * −H·g by the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4). Its products are those of the pairs with g
   * and with one another, so the vectors are read once for them, and once for the sum. The result is overwritten by the
   * next one.
   */
  direction(g: Float64Array): Float64Array {
    const { pairs, vectors, found } = this;
    const m = pairs.length;
    const last = pairs[m - 1];
    const gamma = last ? last.sy / last.yy : 1 / norm(g);
    for (let i = 0; i < found.length; i++) found[i] = -gamma * g[i];
    if (!last) return found;
    const along = this.productsWith(g);
    const alphas = new Float64Array(m);
    for (let i = m - 1; i >= 0; i--) {
      let sq = along.s[i];
      for (let j = i + 1; j < m; j++) sq -= alphas[j] * pairs[i].newer[j - i - 1].sy;
      alphas[i] = sq / pairs[i].sy;
    }
    const weights = new Float64Array(m);
    for (let i = 0; i < m; i++) {
      let yr = along.y[i];
      yr -= alphas[i] * pairs[i].yy;
      for (let j = 0; j < i; j++) yr -= alphas[j] * pairs[j].newer[i - j - 1].yy;
      for (let j = i + 1; j < m; j++) yr -= alphas[j] * pairs[i].newer[j - i - 1].yy;
      yr *= gamma;
      for (let j = 0; j < i; j++) yr += weights[j] * pairs[j].newer[i - j - 1].sy;
      weights[i] = alphas[i] - yr / pairs[i].sy;
    }
    pairs.forEach(({ s, y }, i) => {
      vectors.add(found, -weights[i], s, gamma * alphas[i], y);
    });
    return found;
  }
}

function differences(before: Iterate, after: Iterate, s: Float64Array, y: Float64Array): void {
  const [x0, x1, g0, g1] = [before.x, after.x, before.gradient, after.gradient];
  for (let i = 0; i < s.length; i++) s[i] = x1[i] - x0[i];
  for (let i = 0; i < s.length; i++) y[i] = g1[i] - g0[i];
}
