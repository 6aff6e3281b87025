import type { Tensor } from "gradus";
import * as g from "gradus";
import { input, type Node } from "../src/ir/node.ts";
import { pullback } from "../src/transforms/derivatives.ts";

/** Whole numbers below n, by xorshift: the same for the same seed. */
export function randomNumbers(seed: number): (n: number) => number {
  let state = (seed * 2654435761 + 88675123) | 0 || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

export interface RandomProgram {
  readonly inputs: Node[];
  readonly outputs: Node[];
  readonly given: Tensor[];
}

const SHAPES: readonly (readonly number[])[] = [
  [],
  [1],
  [4],
  [7],
  [3, 4],
  [4, 3],
  [2, 1, 3],
  [1, 4],
  [2, 3, 4],
];
const LARGEST = 400;

/** A program of views, pointwise functions, reductions and products, often with its gradient. */
export function randomProgram(seed: number): RandomProgram {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const numbers = (shape: readonly number[]): Tensor => {
    const size = shape.reduce((n, d) => n * d, 1);
    const data = Float64Array.from({ length: size }, () => (random(4001) - 2000) / 1000);
    return g.reshape(g.tensor(data), shape as number[]);
  };
  const f32 = random(6) === 0;
  const given = Array.from({ length: 1 + random(3) }, () => {
    const t = numbers(pick(SHAPES));
    return f32 ? g.cast(t, "f32") : t;
  });
  const inputs = given.map((t) => input(t));
  const pool: Node[] = [...inputs];
  // The newest are the likeliest: programs grow deep.
  const old = () => pool[Math.max(random(pool.length), random(pool.length))];
  for (let k = 3 + random(24); k > 0; k--) {
    const made = step(old(), old, random, pick, numbers);
    if (made && made.size <= LARGEST) pool.push(made);
  }
  const outputs = [pool[pool.length - 1], ...Array.from({ length: random(3) }, () => pick(pool))];
  const [y] = outputs;
  if (random(3) > 0 && (y.dtype === "f64" || y.dtype === "f32")) {
    const loss = y.size === 1 ? g.reshape(y, []) : g.sum(random(2) === 0 ? y : g.mul(y, y));
    const gradients = pullback([loss], inputs, [g.tensor(1, loss.dtype)]);
    outputs.push(...gradients);
    if (random(4) === 0) {
      const again = gradients.map((d) => g.sum(g.mul(d, d))).reduce((a, b) => g.add(a, b));
      outputs.push(...pullback([again], inputs, [g.tensor(1, again.dtype)]));
    }
  }
  return { inputs, outputs, given };
}

type Pick = <T>(list: readonly T[]) => T;

function step(
  x: Node,
  other: () => Node,
  random: (n: number) => number,
  pick: Pick,
  numbers: (shape: readonly number[]) => Tensor,
): Node | undefined {
  const axis = x.rank > 0 ? random(x.rank) : 0;
  switch (random(14)) {
    case 0:
      return pick([g.sin, g.tanh, g.neg, g.relu, g.sigmoid, g.abs])(x);
    case 1:
      return pick([g.exp, g.sqrt, g.log, g.cos, g.softplus])(g.add(g.abs(g.sin(x)), 0.25));
    case 2:
    case 3:
    case 4: {
      const y = fitted(x, other(), numbers, random);
      return pick([g.add, g.sub, g.mul, g.mul, g.maximum, g.div])(x, y);
    }
    case 5:
      return g.add(g.mul(x, pick([2, -0.5, 0, 1, 100])), pick([1, -1, 0.1]));
    case 6:
      return g.where(g.greater(x, pick([0, 0.3, -0.7])), x, g.mul(x, 0.1));
    case 7:
      return x.rank > 1
        ? g.transpose(
            x,
            x.shape.map((_, i) => (i + 1 + axis) % x.rank),
          )
        : g.reverse(x);
    case 8: {
      const start = x.shape.map((d) => random(Math.min(d, 2)));
      const stride = x.shape.map(() => 1 + Number(random(5) === 0));
      return g.slice(
        x,
        start,
        x.shape.map((d, i) => Math.max(start[i] + 1, d - random(2))),
        stride,
      );
    }
    case 9: {
      const low = x.shape.map(() => random(3));
      const interior = x.shape.map(() => Number(random(8) === 0));
      return g.pad(x, { low, high: x.shape.map(() => random(2)), interior });
    }
    case 10: {
      if (x.rank === 0) return g.broadcast(x, pick([[3], [2, 2]]));
      const y = other();
      const fits = y.rank === x.rank && y.shape.every((d, i) => i === axis || d === x.shape[i]);
      return g.concatenate([x, fits ? y : g.reverse(x, axis)], axis);
    }
    case 11:
      return pick([g.sum, g.mean, g.reduceMax, g.reduceMin, g.sum])(
        x,
        x.rank === 0 || random(3) === 0 ? {} : { axis },
      );
    case 12: {
      if (x.rank === 0) return undefined;
      const rows = x.shape[x.rank - 1];
      return g.matmul(x, random(2) === 0 ? numbers([rows]) : numbers([rows, 3]));
    }
    default: {
      const shape = [
        [x.size],
        [1, x.size],
        [x.size, 1],
        x.shape.toReversed(),
        [x.size / 2, 2],
        [...x.shape, 1],
      ];
      const to = pick(shape);
      if (!to.every(Number.isInteger)) return undefined;
      return random(2) === 0 ? g.reshape(x, to) : g.broadcast(x, [2, ...x.shape]);
    }
  }
}

/** Another operand that broadcasts with x. */
function fitted(
  x: Node,
  y: Node,
  numbers: (shape: readonly number[]) => Tensor,
  random: (n: number) => number,
): Node {
  const pairs = Math.min(x.rank, y.rank);
  const fits = Array.from({ length: pairs }, (_, i) => [x.shape[x.rank - 1 - i], y.shape[y.rank - 1 - i]]);
  if (fits.every(([a, b]) => a === b || a === 1 || b === 1)) return y;
  return numbers(random(2) === 0 ? x.shape : x.shape.slice(-1));
}
