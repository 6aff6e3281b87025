import type { Interval, Primitive } from "../ir/primitive.ts";
import { roundHalfEven } from "../primitives/kernels/index.ts";
import { type CoreName, operations } from "../primitives/registry.ts";
import * as f from "./elementary.ts";
import { INF } from "./enclose-at.ts";
import * as iv from "./interval.ts";
import { EMPTY, hull, ONE, ZERO } from "./interval.ts";
import * as p from "./powers.ts";
import * as s from "./special.ts";

/** How a primitive acts on intervals, and where it has a real, finite value throughout. */
export interface EnclosureRule {
  of(x: readonly Interval[], params: never): Interval;
  /** Whether every point of the box has a value; `of` encloses those that have one. */
  defined(x: readonly Interval[], params: never): boolean;
}

type Row = EnclosureRule | "tensor";
type Test = (x: Interval, y: Interval) => boolean;

const always: Test = () => true;
const one = (of: f.Unary, defined: Test = always): EnclosureRule => ({
  of: ([x]) => of(x),
  defined: ([x]) => defined(x, x),
});
const two = (of: (x: Interval, y: Interval) => Interval, defined: Test = always): EnclosureRule => ({
  of: ([x, y]) => of(x, y),
  defined: ([x, y]) => defined(x, y),
});

const within =
  (lo: number, hi: number): Test =>
  (x) =>
    x.lo >= lo && x.hi <= hi;
const positive: Test = (x) => x.lo > 0;
const offZero: Test = (x) => iv.offZero(x);
const outsideUnit: Test = (x) => x.lo >= 1 || x.hi <= -1;
const offPole =
  (parity: 0n | 1n): Test =>
  (x) =>
    !f.meetsPole(x, parity);
const offGammaPole: Test = (x) => !s.meetsGammaPole(x);

// --- truth: [1, 1], [0, 0], or [0, 1] where it is open ---

const OPEN: Interval = { lo: 0, hi: 1 };
const truth = (yes: boolean, no: boolean): Interval => (yes ? ONE : no ? ZERO : OPEN);
const not = (x: Interval): Interval => ({ lo: 1 - x.hi, hi: 1 - x.lo });
const less = (x: Interval, y: Interval) => truth(x.hi < y.lo, x.lo >= y.hi);
const lessEqual = (x: Interval, y: Interval) => truth(x.hi <= y.lo, x.lo > y.hi);
const equal = (x: Interval, y: Interval) =>
  truth(iv.isPoint(x) && iv.isPoint(y) && x.lo === y.lo, x.hi < y.lo || x.lo > y.hi);

// --- steps: monotone, exact on floats ---

const monotone =
  (step: (x: number) => number): f.Unary =>
  (x) => ({ lo: step(x.lo), hi: step(x.hi) });

/** x − y⌊x/y⌋ where the quotient's floor is one number; else what is known of a remainder. */
function mod(x: Interval, y: Interval): Interval {
  if (!iv.offZero(y)) return EMPTY;
  const whole = monotone(Math.floor)(iv.div(x, y));
  const range = y.lo > 0 ? { lo: 0, hi: y.hi } : { lo: y.lo, hi: 0 };
  if (!iv.isPoint(whole)) return range;
  return iv.intersect(iv.sub(x, iv.mul(y, whole)), range);
}

function relu(x: Interval): Interval {
  return { lo: Math.max(0, x.lo), hi: Math.max(0, x.hi) };
}

/** x^y has a value: x > 0, or a whole exponent; 0 takes exponents from 0 on. */
const powDefined: Test = (x, y) => {
  if (x.lo > 0) return true;
  if (iv.isPoint(y) && Number.isInteger(y.lo)) return y.lo >= 0 || iv.offZero(x);
  return x.lo === 0 && y.lo >= 0;
};

/** One row for every primitive that is no formula: a missing one does not compile. */
const rows: Record<CoreName, Row> = {
  add: two(iv.add),
  sub: two(iv.sub),
  mul: two(iv.mul),
  neg: one(iv.neg),
  div: two(iv.div, (_, y) => iv.offZero(y)),
  pow: two(p.pow, powDefined),
  sqrt: one(iv.sqrt, within(0, INF)),
  cbrt: one(p.cbrt),
  abs: one(iv.abs),
  maximum: two(iv.max),
  minimum: two(iv.min),
  relu: one(relu),
  hypot: two(p.hypot),
  oneMinusSquare: one(p.oneMinusSquare),
  exp: one(f.exp),
  expm1: one(f.expm1),
  log: one(f.log, positive),
  log1p: one(f.log1p, (x) => x.lo > -1),
  log2: one(f.log2, positive),
  log10: one(f.log10, positive),
  sin: one(f.sin),
  cos: one(f.cos),
  tan: one(f.tan, offPole(1n)),
  sec: one(f.sec, offPole(1n)),
  csc: one(f.csc, offPole(0n)),
  cot: one(f.cot, offPole(0n)),
  asin: one(f.asin, within(-1, 1)),
  acos: one(f.acos, within(-1, 1)),
  atan: one(f.atan),
  asec: one(f.asec, outsideUnit),
  acsc: one(f.acsc, outsideUnit),
  acot: one(f.acot),
  atan2: two(p.atan2),
  sinh: one(f.sinh),
  cosh: one(f.cosh),
  tanh: one(f.tanh),
  sech: one(f.sech),
  csch: one(f.csch, offZero),
  coth: one(f.coth, offZero),
  asinh: one(f.asinh),
  acosh: one(f.acosh, within(1, INF)),
  atanh: one(f.atanh, (x) => x.lo > -1 && x.hi < 1),
  asech: one(f.asech, (x) => x.lo > 0 && x.hi <= 1),
  acsch: one(f.acsch, offZero),
  acoth: one(f.acoth, (x) => x.lo > 1 || x.hi < -1),
  sigmoid: one(f.sigmoid),
  logSigmoid: one(f.logSigmoid),
  softplus: one(f.softplus),
  logisticPdf: one(f.logisticPdf),
  erf: one(s.erf),
  erfc: one(s.erfc),
  normalCdf: one(s.normalCdf),
  gamma: one(s.gamma, offGammaPole),
  logGamma: one(s.logGamma, offGammaPole),
  digamma: one(s.digamma, offGammaPole),
  polygammaOfOrder: {
    of: ([x], { order }: { order: number }) => s.polygamma(order, x),
    defined: ([x]) => !s.meetsGammaPole(x),
  },
  floor: one(monotone(Math.floor)),
  ceil: one(monotone(Math.ceil)),
  round: one(monotone(roundHalfEven)),
  sign: one(monotone(Math.sign)),
  mod: two(mod, (_, y) => iv.offZero(y)),
  less: two(less),
  lessEqual: two(lessEqual),
  greater: two((x, y) => less(y, x)),
  greaterEqual: two((x, y) => lessEqual(y, x)),
  equal: two(equal),
  notEqual: two((x, y) => not(equal(x, y))),
  logicalAnd: two((x, y) => ({ lo: Math.min(x.lo, y.lo), hi: Math.min(x.hi, y.hi) })),
  logicalOr: two((x, y) => ({ lo: Math.max(x.lo, y.lo), hi: Math.max(x.hi, y.hi) })),
  logicalNot: one(not),
  where: {
    of: ([mask, a, b]) => (mask.lo > 0 ? a : mask.hi === 0 ? b : hull(a, b)),
    defined: () => true,
  },
  cast: one((x) => x),
  stopGradient: one((x) => x),
  broadcast: "tensor",
  reshape: "tensor",
  transpose: "tensor",
  reverse: "tensor",
  slice: "tensor",
  pad: "tensor",
  concatenate: "tensor",
  gather: "tensor",
  scatterAdd: "tensor",
  diagonal: "tensor",
  diagonalMatrix: "tensor",
  sum: "tensor",
  reduceMax: "tensor",
  reduceMin: "tensor",
  argmax: "tensor",
  argmin: "tensor",
  einsum: "tensor",
  inverse: "tensor",
  det: "tensor",
  cofactor: "tensor",
  slogdet: "tensor",
  solve: "tensor",
  triangularSolve: "tensor",
  tril: "tensor",
  triu: "tensor",
  cholesky: "tensor",
  eigh: "tensor",
  eigvalsh: "tensor",
  qr: "tensor",
  cumsum: "tensor",
  argsort: "tensor",
  topK: "tensor",
  maxPool: "tensor",
};

const byPrimitive = new Map<Primitive, EnclosureRule>();
for (const [name, row] of Object.entries(rows)) {
  if (row !== "tensor")
    byPrimitive.set((operations.get(name as CoreName) as { primitive: Primitive }).primitive, row);
}

/** The rule of a primitive; none for tensors' primitives and for functions without a formula. */
export function enclosureRule(primitive: Primitive): EnclosureRule | undefined {
  return byPrimitive.get(primitive);
}
