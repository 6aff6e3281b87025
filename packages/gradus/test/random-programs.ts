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
  readonly transform: string;
  /** What was traced. */
  run(xs: Tensor[]): Tensor[];
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

/** Functions of several tensors by name of what is done with them: "every transform", and one inside of another. */
type Transform = (f: Function, xs: readonly Node[], more: More) => Node[];
type Function = (xs: readonly Node[]) => Node[];

interface More {
  readonly random: (n: number) => number;
  /** Numbers of these shapes, in the dtype of the program. */
  like(shapes: readonly Node[]): Tensor[];
}

const scalar = (y: Node): Node => (y.size === 1 ? g.reshape(y, []) : g.sum(g.mul(y, y)));
const lossOf = (f: Function) => (xs: Tensor[]) => scalar(f(xs)[0]);

export const TRANSFORMS: Readonly<Record<string, Transform>> = {
  value: (f, xs) => f(xs),
  gradient: (f, xs, { random }) => {
    const outputs = f(xs);
    const loss = random(2) === 0 ? scalar(outputs[0]) : g.sum(outputs[0]);
    return [...outputs, ...pullback([loss], xs, [g.tensor(1, loss.dtype)])];
  },
  "gradient of gradient": (f, xs) => {
    const loss = scalar(f(xs)[0]);
    const gradients = pullback([loss], xs, [g.tensor(1, loss.dtype)]);
    const again = gradients.map((d) => g.sum(g.mul(d, d))).reduce((a, b) => g.add(a, b));
    return [...gradients, ...pullback([again], xs, [g.tensor(1, again.dtype)])];
  },
  jvp: (f, xs, { like }) => {
    const { value, tangent } = g.jvp((p: Tensor[]) => f(p)[0], [[...xs]], [like(xs)]);
    return [value, tangent];
  },
  vjp: (f, xs) => {
    const { value, pullback: pull } = g.vjp((p: Tensor[]) => f(p)[0], [...xs]) as never as {
      value: Node;
      pullback: (ct: Node) => Node[][];
    };
    return [value, ...pull(value).flat()];
  },
  hvp: (f, xs, { like }) => g.hvp(lossOf(f), [...xs], like(xs)),
  hessian: (f, xs) =>
    xs[0].size > 12 ? f(xs) : [g.hessian((x: Tensor) => lossOf(f)([x, ...xs.slice(1)]))(xs[0])],
  vmap: (f, xs, { random }) => {
    const rows = xs.map((x) => g.stack([x, g.mul(x, 0.5), g.sub(0.1, x)]));
    const mapped = g.vmap(
      (p: Tensor[]) => (random(2) === 0 ? f(p)[0] : g.grad(lossOf(f))(p)) as Tensor | Tensor[],
    );
    return [mapped(rows)].flat();
  },
  taylor: (f, xs, { like }) => [g.taylor((p: Tensor[]) => f(p)[0] as never, [...xs], 3, like(xs)) as Tensor],
  "taylor of gradient": (f, xs, { like }) => [
    g.taylor((p: Tensor[]) => g.sum((g.grad(lossOf(f))(p) as Tensor[])[0]), [...xs], 2, like(xs)) as Tensor,
  ],
  "jit in grad in jit": (f, xs) => g.grad(g.jit(lossOf(f)))([...xs]) as Tensor[],
};

/** A program of views, pointwise functions, reductions, products, loops and branches, often under a transform. */
export function randomProgram(seed: number): RandomProgram {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const f32 = random(6) === 0;
  const numbers = (shape: readonly number[]): Tensor => numbersBy(random, shape);
  const own = (t: Tensor): Tensor => (f32 ? g.cast(t, "f32") : t);
  const given = Array.from({ length: 1 + random(3) }, () => own(numbers(pick(SHAPES))));
  const name = pick(Object.keys(TRANSFORMS));
  const forward = /^(value|jvp|taylor)$/.test(name);
  const f: Function = (xs) => randomGraph(xs, seed, forward);
  const run = (xs: readonly Tensor[], by: string): Tensor[] => {
    const again = randomNumbers(seed + 2e6);
    const like: More["like"] = (shapes) => shapes.map((x) => own(numbersBy(again, x.shape)));
    return TRANSFORMS[by](f, xs, { random: again, like });
  };
  const traced = (by: string) => {
    const inputs = given.map((t) => input(t));
    return { inputs, outputs: run(inputs, by), given, transform: by, run: (xs: Tensor[]) => run(xs, by) };
  };
  try {
    return traced(name);
  } catch (error) {
    // Integers have no derivative, and what has a kink there no series.
    if (!(error instanceof g.NotAnalyticError || /f64 (and|or) f32|integer/.test(String(error)))) throw error;
    return traced("value");
  }
}

function numbersBy(random: (n: number) => number, shape: readonly number[]): Tensor {
  const size = shape.reduce((n, d) => n * d, 1);
  const data = Float64Array.from({ length: size }, () => (random(4001) - 2000) / 1000);
  return g.reshape(g.tensor(data), shape as number[]);
}

/** The same function of tensors of the same shapes each time: it may be traced by several transforms. */
function randomGraph(xs: readonly Node[], seed: number, forward: boolean): Node[] {
  const random = randomNumbers(seed + 1e6);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const numbers = (shape: readonly number[]): Tensor => numbersBy(random, shape);
  const pool: Node[] = [...xs];
  // The newest are the likeliest: programs grow deep.
  const old = () => pool[Math.max(random(pool.length), random(pool.length))];
  for (let k = 3 + random(24); k > 0; k--) {
    const x = old();
    const made =
      random(8) === 0
        ? controlStep(x, old, { random, pick, numbers, forward })
        : step(x, old, random, pick, numbers);
    if (made && made.size <= LARGEST) pool.push(made);
  }
  return [pool[pool.length - 1], ...Array.from({ length: random(3) }, () => pick(pool))];
}

interface Source {
  readonly random: (n: number) => number;
  readonly pick: Pick;
  readonly numbers: (shape: readonly number[]) => Tensor;
  readonly forward: boolean;
}

/** A loop, a branch, or an operation along an axis. */
function controlStep(
  x: Node,
  other: () => Node,
  { random, pick, numbers, forward }: Source,
): Node | undefined {
  const small = (c: Node): Node => pick([g.tanh, g.sin, g.sigmoid])(c);
  const axis = x.rank > 0 ? random(x.rank) : 0;
  switch (random(forward ? 9 : 8)) {
    case 0:
    case 1: {
      if (x.rank === 0) return undefined;
      const weight = random(2) === 0 ? other() : numbers(x.shape.slice(1));
      const scale = g.cast(weight.size === 1 ? g.reshape(weight, []) : g.mean(weight), x.dtype);
      const checkpoint = random(3) === 0 ? true : undefined;
      const nested = random(4) === 0;
      const act = pick([g.tanh, g.sin, g.sigmoid, g.relu]);
      const [last, stacked] = g.scan(
        ({ c, n }: { c: Node; n: Node }, row: Node) => {
          let next = act(g.add(g.mul(c, scale), row));
          if (nested)
            next = g.scan((d: Node, _: null) => [g.sin(g.add(d, c)), null], next, null, { length: 2 })[0];
          return [
            { c: next, n: g.add(n, 1) },
            { y: g.mul(next, row), mask: g.greater(next, 0) },
          ];
        },
        { c: g.mul(g.slice(x, [0], [1]).reshape([...x.shape.slice(1)]), 0.5), n: g.tensor(0, "i32") },
        x,
        { reverse: random(2) === 0, checkpoint },
      );
      const y = g.where(stacked.mask, stacked.y, g.mul(stacked.y, 0.3));
      return pick([last.c, y, g.add(y, last.c), g.mul(y, g.cast(last.n, y.dtype))]);
    }
    case 2: {
      const y = fitted(x, other(), numbers, random);
      const act = pick([g.exp, g.sin, g.tanh]);
      return g.cond(
        g.greater(g.sum(x), pick([0, 1, -1])),
        (a: Node, b: Node) => g.add(g.mul(g.sin(a), b), act(g.sin(a))),
        (a: Node, b: Node) => g.sub(g.cos(a), g.add(b, act(g.cos(b)))),
        x,
        y,
      );
    }
    case 3:
      return g.remat((a: Node) => small(g.mul(a, small(a))))(x);
    case 4:
      return x.rank === 0 ? undefined : pick([g.cumsum, g.cumprod])(x, { axis, reverse: random(2) === 0 });
    case 5:
      return x.rank === 0 ? undefined : g.sort(x, { axis });
    case 6:
      return x.rank === 0 ? undefined : g.softmax(x, axis);
    case 7: {
      if (x.rank === 0) return undefined;
      const places = Array.from({ length: 1 + random(4) }, () => random(x.shape[axis]));
      return g.gather(x, g.tensor(places, "i32"), axis);
    }
    default:
      return g.whileLoop(
        ({ k, c }: { k: Node; c: Node }) => g.less(g.add(k, g.mul(0, g.sum(c))), 3),
        ({ k, c }: { k: Node; c: Node }) => ({ k: g.add(k, 1), c: g.sin(g.add(c, k)) }),
        { k: g.tensor(0), c: x },
      ).c;
  }
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
