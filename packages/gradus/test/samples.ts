import type { Tensor } from "gradus";
import * as g from "gradus";
import { clip, elu, leakyRelu } from "gradus";
import { logisticPdf } from "../src/primitives/activation.ts";
import { oneMinusSquare } from "../src/primitives/arithmetic.ts";
import type { CoreName, OperationName } from "../src/primitives/registry.ts";
import { polygammaOfOrder } from "../src/primitives/special.ts";

/** How an operation is tried: as a function of float tensors, each from a range where it has a derivative. */
export interface Sample {
  readonly call: (...x: Tensor[]) => Tensor;
  /** One range for each argument. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Shapes of the arguments to try. */
  readonly shapes: readonly (readonly (readonly number[])[])[];
  /** No derivative to compare: whole numbers or truth come out, or it is flat. */
  readonly flat?: boolean;
}

type Range = readonly [number, number];
const unaryShapes = [[[]], [[3]], [[2, 3]], [[0]]];
const binaryShapes = [
  [[], []],
  [[3], [3]],
  [[2, 3], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [2]],
  [[0, 2], [2]],
];

const one = (call: (x: Tensor) => Tensor, range: Range = [-2, 2], flat = false): Sample => ({
  call,
  ranges: [range],
  shapes: unaryShapes,
  flat,
});
const two = (
  call: (x: Tensor, y: Tensor) => Tensor,
  a: Range = [-2, 2],
  b: Range = [-2, 2],
  flat = false,
): Sample => ({ call, ranges: [a, b], shapes: binaryShapes, flat });
const of = (
  call: (...x: Tensor[]) => Tensor,
  shapes: readonly (readonly (readonly number[])[])[],
  ranges: readonly Range[] = [[-2, 2]],
  flat = false,
): Sample => ({
  call,
  shapes,
  ranges: shapes[0].map((_, i) => ranges[i] ?? ranges[0]),
  flat,
});

const positive: Range = [0.2, 3];
const unit: Range = [-0.9, 0.9];
const outside: Range = [1.1, 4];
const vectors = [[[4]], [[2, 3]], [[2, 3, 2]]];

/** Matrices and, in front, batches of them. */
const matrices = [[[2, 2]], [[3, 2, 2]], [[3, 3]]];
const equations = [
  [[3, 3], [3]],
  [
    [2, 2],
    [2, 3],
  ],
  [
    [2, 2, 2],
    [2, 1],
  ],
  [
    [2, 2],
    [3, 2, 1],
  ],
];
const identity = (x: Tensor): Tensor => g.cast(g.diagonalMatrix(g.ones([x.shape[x.rank - 1]])), x.dtype);
/** Far from singular. */
const regular = (x: Tensor): Tensor => g.add(x, g.mul(5, identity(x)));
/** Symmetric, positive definite, eigenvalues apart. */
const definite = (x: Tensor): Tensor => {
  const apart = g.add(g.mul(g.iota(x.shape[x.rank - 1], x.dtype), 9), 5);
  return g.add(g.matmul(x, g.matrixTranspose(x)), g.mul(identity(x), apart));
};

type Samples = Record<CoreName, Sample> & Partial<Record<OperationName, Sample>>;

/** A formula without a row is tried as a function of numbers. */
export function sampleOf(name: OperationName, operation: (...x: Tensor[]) => Tensor): Sample {
  return samples[name] ?? (operation.length === 2 ? two(operation) : one(operation));
}

/** One row for every primitive that is no formula: a missing one does not compile. */
const samples: Samples = {
  add: two(g.add),
  sub: two(g.sub),
  mul: two(g.mul),
  neg: one(g.neg),
  div: two(g.div, [-2, 2], positive),
  pow: two(g.pow, positive, [-2, 3]),
  sqrt: one(g.sqrt, positive),
  cbrt: one(g.cbrt, positive),
  abs: one(g.abs, positive),
  maximum: two(g.maximum),
  minimum: two(g.minimum),
  relu: one(g.relu),
  hypot: two(g.hypot),
  exp: one(g.exp),
  log: one(g.log, positive),
  log2: one(g.log2, positive),
  log10: one(g.log10, positive),
  logBase: two(g.logBase, positive, [1.5, 4]),
  expm1: one(g.expm1),
  log1p: one(g.log1p, [-0.8, 3]),
  sin: one(g.sin),
  cos: one(g.cos),
  tan: one(g.tan, [-1.2, 1.2]),
  sec: one(g.sec, [-1.2, 1.2]),
  csc: one(g.csc, [0.3, 2.8]),
  cot: one(g.cot, [0.3, 2.8]),
  asin: one(g.asin, unit),
  acos: one(g.acos, unit),
  atan: one(g.atan),
  asec: one(g.asec, outside),
  acsc: one(g.acsc, outside),
  acot: one(g.acot, positive),
  atan2: two(g.atan2, [-2, 2], positive),
  sinh: one(g.sinh),
  cosh: one(g.cosh),
  tanh: one(g.tanh),
  sech: one(g.sech),
  csch: one(g.csch, positive),
  coth: one(g.coth, positive),
  asinh: one(g.asinh),
  acosh: one(g.acosh, outside),
  atanh: one(g.atanh, unit),
  asech: one(g.asech, [0.1, 0.9]),
  acsch: one(g.acsch, positive),
  acoth: one(g.acoth, outside),
  erf: one(g.erf),
  erfc: one(g.erfc),
  oneMinusSquare: one(oneMinusSquare),
  normalCdf: one(g.normalCdf),
  gamma: one(g.gamma, positive),
  logGamma: one(g.logGamma, positive),
  digamma: one(g.digamma, positive),
  polygammaOfOrder: one((x) => polygammaOfOrder(x, { order: 1 }), positive),
  factorial: one(g.factorial, positive),
  floor: one(g.floor, [0.1, 0.9], true),
  ceil: one(g.ceil, [0.1, 0.9], true),
  round: one(g.round, [0.6, 1.4], true),
  sign: one(g.sign, positive, true),
  mod: two(g.mod, [0.1, 0.9], [1, 1.05]),
  clip: of((x) => clip(x, -1, 1), unaryShapes),
  less: two(g.less, [-2, -1], positive, true),
  lessEqual: two(g.lessEqual, [-2, -1], positive, true),
  greater: two(g.greater, [-2, -1], positive, true),
  greaterEqual: two(g.greaterEqual, [-2, -1], positive, true),
  equal: two(g.equal, [-2, -1], positive, true),
  notEqual: two(g.notEqual, [-2, -1], positive, true),
  logicalAnd: two(g.logicalAnd, positive, positive, true),
  logicalOr: two(g.logicalOr, positive, positive, true),
  logicalNot: one(g.logicalNot, positive, true),
  sigmoid: one(g.sigmoid),
  logSigmoid: one(g.logSigmoid),
  softplus: one(g.softplus),
  logisticPdf: one(logisticPdf),
  leakyRelu: one((x) => leakyRelu(x)),
  elu: one((x) => elu(x)),
  selu: one(g.selu),
  gelu: one(g.gelu),
  geluTanh: one(g.geluTanh),
  silu: one(g.silu),
  softsign: one(g.softsign),
  hardSigmoid: one(g.hardSigmoid),
  mish: one(g.mish),
  softmax: of((x) => g.softmax(x), vectors),
  logSoftmax: of((x) => g.logSoftmax(x), vectors),
  halfSquaredError: two(g.halfSquaredError),
  meanSquaredError: of(g.meanSquaredError, [[[3], [3]]]),
  meanAbsoluteError: of(g.meanAbsoluteError, [[[3], [3]]]),
  huber: of((y, p) => g.huber(y, p), [[[4], [4]]]),
  binaryCrossEntropy: of(g.binaryCrossEntropy, [[[3], [3]]]),
  crossEntropy: of(g.crossEntropy, [
    [
      [2, 3],
      [2, 3],
    ],
  ]),
  hinge: of(g.hinge, [[[3], [3]]]),
  klDivergence: of(g.klDivergence, [[[3], [3]]], [positive, positive]),
  cast: of((x) => g.cast(x, "f64"), unaryShapes),
  broadcast: of((x) => g.broadcast(x, [4, 3]), [[[3]], [[1, 3]], [[4, 1]]]),
  reshape: of((x) => g.reshape(x, [-1]), vectors),
  transpose: of((x) => g.transpose(x), vectors),
  diagonal: of((x) => g.diagonal(x), [[[3, 3]], [[2, 3, 3]], [[0, 0]]]),
  diagonalMatrix: of((x) => g.diagonalMatrix(x), [[[3]], [[2, 3]], [[0]]]),
  reverse: of((x) => g.reverse(x), vectors),
  slice: of((x) => g.slice(x, [1], [-1], [2]), [[[7]], [[6, 2]]]),
  pad: of((x) => g.pad(x, { low: [1], high: [2], interior: [1] }), [[[3]], [[1]]]),
  concatenate: of(
    (x, y) => g.concatenate([x, y]),
    [
      [[2], [3]],
      [
        [2, 2],
        [1, 2],
      ],
    ],
  ),
  where: of(
    (x, y) => g.where(g.greater(x, 0), x, y),
    [[[3], [3]]],
    [
      [0.1, 2],
      [-2, 2],
    ],
  ),
  stopGradient: one(g.stopGradient, positive, true),
  gather: of((x) => g.gather(x, [2, 0, 2]), [[[3]], [[3, 2]]]),
  scatterAdd: of((x) => g.scatterAdd(x, [2, 0, 2], 4), [[[3]], [[3, 2]]]),
  sum: of((x) => g.sum(x, { axis: -1 }), vectors),
  mean: of((x) => g.mean(x), vectors),
  variance: of((x) => g.variance(x), vectors),
  prod: of((x) => g.prod(x, { axis: 0 }), vectors),
  reduceMax: of((x) => g.reduceMax(x, { axis: 0 }), vectors),
  reduceMin: of((x) => g.reduceMin(x), vectors),
  logSumExp: of((x) => g.logSumExp(x, { axis: -1 }), vectors),
  norm: of((x) => g.norm(x), vectors),
  squaredNorm: of((x) => g.squaredNorm(x), vectors),
  argmax: of((x) => g.argmax(x), vectors, [[-2, 2]], true),
  argmin: of((x) => g.argmin(x), vectors, [[-2, 2]], true),
  einsum: of(
    (x, y) => g.einsum("bij,bjk->bik", x, y),
    [
      [
        [2, 3, 2],
        [2, 2, 3],
      ],
      [
        [1, 2, 2],
        [1, 2, 1],
      ],
    ],
  ),
  trace: of(g.trace, [[[3, 3]], [[2, 2]]]),
  inverse: of((x) => g.inverse(regular(x)), matrices),
  det: of(g.det, [...matrices, [[4, 4]], [[1, 1]]]),
  cofactor: of(
    (x, b) => g.cofactor(x, b),
    [
      [
        [2, 2],
        [2, 2],
      ],
      [
        [3, 3],
        [3, 3],
      ],
      [
        [2, 3, 3],
        [2, 3, 3],
      ],
    ],
  ),
  tril: of((x) => g.tril(x), [[[3, 3]], [[2, 2, 3]]]),
  triu: of((x) => g.triu(x, -1), [[[3, 3]], [[2, 4, 3]]]),
  slogdet: of((x) => g.slogdet(regular(x)).logAbsDet, matrices),
  logdet: of((x) => g.logdet(regular(x)), matrices),
  solve: of((a, b) => g.solve(regular(a), b), equations),
  triangularSolve: of(
    (a, b) => g.triangularSolve(regular(a), b, { lower: false, transposed: true }),
    equations,
  ),
  cholesky: of((x) => g.cholesky(definite(x)), matrices),
  eigh: of((x) => g.eigh(definite(x)).vectors, matrices),
  eigvalsh: of((x) => g.eigvalsh(definite(x)), matrices),
  qr: of(
    (x) => {
      const { q, r } = g.qr(x);
      return g.concatenate([q, r], x.shape[0] < x.shape[1] ? -1 : -2);
    },
    [[[3, 2]], [[2, 2, 2]], [[2, 3]]],
    [[-2, 2]],
  ),
  lstsq: of(
    (a, b) => g.lstsq(a, b),
    [
      [[4, 2], [4]],
      [
        [2, 2, 3],
        [2, 2],
      ],
    ],
  ),
  cumsum: of((x) => g.cumsum(x, { axis: 0, reverse: true }), vectors),
  cumprod: of((x) => g.cumprod(x), [[[5]], [[2, 3]], [[2, 3, 2]], [[1]]]),
  argsort: of((x) => g.argsort(x), vectors, [[-2, 2]], true),
  sort: of((x) => g.sort(x, { axis: 0, descending: true }), vectors),
  topK: of((x) => g.topK(x, 2).values, [[[4]], [[2, 3]]]),
  conv: of(
    (x, w) =>
      x.rank === 3
        ? g.conv(x, w, { stride: 2, padding: [[1, 2]], dilation: 2, inputDilation: 3, groups: 2 })
        : g.conv(x, w, { stride: [1, 2], padding: "same", dilation: [2, 1] }),
    [
      [
        [2, 4, 5],
        [6, 2, 3],
      ],
      [
        [2, 2, 4, 5],
        [3, 2, 2, 3],
      ],
      [
        [4, 4],
        [2, 3],
      ],
    ],
  ),
  maxPool: of((x) => g.maxPool(x, 2, { padding: "same", stride: 1 }), [[[1, 2, 5]], [[2, 1, 3, 4]]]),
  avgPool: of((x) => g.avgPool(x, 2, { padding: "same" }), [[[1, 2, 5]], [[2, 1, 3, 4]]]),
};
