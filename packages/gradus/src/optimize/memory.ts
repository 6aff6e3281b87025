import { combine, dot, norm, products, scaled, unit } from "./linear-algebra.ts";
import type { Iterate } from "./method.ts";

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
  readonly s: readonly number[];
  readonly y: readonly number[];
}

/** The last few steps and changes of gradient, which stand for the Hessian. */
export class Memory {
  private readonly pairs: Kept[] = [];
  private readonly most: number;
  private spare: Pair | undefined;
  private latest: Products | undefined;

  constructor(most: number) {
    this.most = most;
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
    const fresh = this.spare ?? {
      s: new Float64Array(after.x.length),
      y: new Float64Array(after.x.length),
    };
    const pair: Kept = { ...fresh, ...differences(before, after, fresh), newer: [] };
    this.spare = undefined;
    if (!(pair.sy > Number.EPSILON * pair.yy)) {
      this.spare = pair;
      return;
    }
    // y is the difference of two gradients, whose products with the pairs are at hand or of use for the next direction.
    const [old, now] = [this.productsWith(before.gradient), this.productsWith(after.gradient)];
    this.pairs.forEach(({ newer }, i) => {
      newer.push({ sy: now.s[i] - old.s[i], yy: now.y[i] - old.y[i] });
    });
    this.pairs.push(pair);
    const [s, y] = [
      [...now.s, dot(pair.s, now.g)],
      [...now.y, dot(pair.y, now.g)],
    ];
    // The oldest pair's arrays are the next one's.
    if (this.pairs.length > this.most) {
      this.spare = this.pairs.shift();
      s.shift();
      y.shift();
    }
    this.latest = { g: now.g, s, y };
  }

  private productsWith(g: Float64Array): Products {
    if (this.latest?.g === g) return this.latest;
    const list = products(
      this.pairs.flatMap(({ s, y }) => [s, y]),
      g,
    );
    const half = (odd: number) => list.filter((_, i) => i % 2 === odd);
    this.latest = { g, s: half(0), y: half(1) };
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
   * and with one another, so the vectors are read once for them, and once for the sum.
   */
  direction(g: Float64Array): Float64Array {
    const { pairs } = this;
    const m = pairs.length;
    const last = pairs[m - 1];
    if (!last) return scaled(-1 / norm(g), g);
    const along = this.productsWith(g);
    const alphas = new Float64Array(m);
    for (let i = m - 1; i >= 0; i--) {
      let sq = along.s[i];
      for (let j = i + 1; j < m; j++) sq -= alphas[j] * pairs[i].newer[j - i - 1].sy;
      alphas[i] = sq / pairs[i].sy;
    }
    const gamma = last.sy / last.yy;
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
    return combine(
      -gamma,
      g,
      pairs.flatMap(({ s, y }) => [s, y]),
      Float64Array.from({ length: 2 * m }, (_, i) => (i % 2 ? gamma * alphas[i >> 1] : -weights[i >> 1])),
    );
  }
}

/** Into s and y, with their products. */
function differences(before: Iterate, after: Iterate, { s, y }: Pick<Pair, "s" | "y">) {
  const [x0, x1, g0, g1] = [before.x, after.x, before.gradient, after.gradient];
  let [sy, yy] = [0, 0];
  for (let i = 0; i < s.length; i++) {
    const move = x1[i] - x0[i];
    const change = g1[i] - g0[i];
    s[i] = move;
    y[i] = change;
    sy += move * change;
    yy += change * change;
  }
  return { sy, yy };
}
