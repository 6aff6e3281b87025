import { norm } from "./linear-algebra.ts";
import { qr, rankOf, solveUpper, unordered } from "./qr.ts";
import {
  factor,
  freeOf,
  inside,
  type Problem,
  RANK_TOLERANCE,
  type State,
  scaledNorm,
  type Workspace,
} from "./residual-model.ts";

const MOST_STEPS = 200;
/** A step of Gauss and Newton this short, beside the parameters, is rounding. */
const ROUNDING = 1e-14;
/** So short, the place is known well. */
const SETTLED = 1e-9;
const MOST_REMEMBERED = 5;

/**
 * Gauss and Newton's steps while they shrink: the last digits. With a large residual they shrink by a constant factor
 * only, so earlier ones foretell the rest of the way (Anderson 1965).
 */
export function polish(
  start: State,
  spare: State,
  fill: (state: State, x: Float64Array) => State,
  problem: Problem,
  work: Workspace,
): { at: State; other: State; settled: boolean } {
  let [at, other] = [start, spare];
  const scales = start.lengths.map((l) => l || 1);
  let step = gaussNewtonStep(at, scales, problem, work);
  let memory: Memory = { moves: [], changes: [] };
  for (let i = 0; step && i < MOST_STEPS; i++) {
    const length = norm(step);
    const all = scaledNorm(at.x, scales);
    if (length <= ROUNDING * all) return { at, other, settled: true };
    const move = accelerated(step, memory);
    const x = at.x.map((v, k) => v + move[k] / scales[k]);
    const next = fill(other, inside(x, problem.bounds));
    // The sum may rise by rounding, no more.
    const even = next.value <= at.value * (1 + 1e-10);
    const nextStep = even ? gaussNewtonStep(next, scales, problem, work) : undefined;
    if (nextStep && norm(nextStep) < 0.98 * length) {
      if (!problem.bounds) remember(memory, differenceOf(next.x, at.x, scales), nextStep, step);
      [at, other] = [next, at];
      step = nextStep;
    } else if (memory.moves.length > 0) memory = { moves: [], changes: [] };
    else return { at, other, settled: length <= SETTLED * all };
  }
  return { at, other, settled: false };
}

const differenceOf = (a: Float64Array, b: Float64Array, scales: Float64Array): Float64Array =>
  a.map((v, k) => (v - b[k]) * scales[k]);

/** In scaled parameters; undefined where the Jacobian does not tell them apart. */
function gaussNewtonStep(
  at: State,
  scales: Float64Array,
  { bounds }: Problem,
  work: Workspace,
): Float64Array | undefined {
  const free = freeOf(at, bounds);
  const f = factor(at, free, scales, work);
  if (free.length === 0 || rankOf(f, RANK_TOLERANCE) < free.length) return undefined;
  const short = unordered(f, solveUpper(f, f.qtb));
  const step = new Float64Array(scales.length);
  free.forEach((c, k) => (step[c] = short[k]));
  return step;
}

/** The last moves, and how much each changed Gauss and Newton's step; in scaled parameters. */
interface Memory {
  readonly moves: Float64Array[];
  readonly changes: Float64Array[];
}

function remember(
  { moves, changes }: Memory,
  move: Float64Array,
  step: Float64Array,
  before: Float64Array,
): void {
  moves.push(move);
  changes.push(step.map((v, k) => v - before[k]));
  if (moves.length > Math.min(MOST_REMEMBERED, step.length)) {
    moves.shift();
    changes.shift();
  }
}

/** The step, with the mixture of earlier moves that would leave least of it. */
function accelerated(step: Float64Array, { moves, changes }: Memory): Float64Array {
  if (moves.length === 0) return step;
  const columns = changes.map((c) => c.slice());
  const f = qr(columns, step.slice(), true);
  const weights = unordered(f, solveUpper(f, f.qtb, rankOf(f, 1e-8)));
  return step.map((v, k) => {
    let sum = v;
    for (let j = 0; j < moves.length; j++) sum -= weights[j] * (moves[j][k] + changes[j][k]);
    return sum;
  });
}
