/** The function along a line: value and slope at a step length. */
export type Along = (step: number) => { readonly value: number; readonly slope: number };

export interface LineSearchOptions {
  readonly first: number;
  readonly longest?: number;
  /** Sufficient decrease: φ(α) ≤ φ(0) + c₁·α·φ′(0). */
  readonly decrease?: number;
  /** Curvature: |φ′(α)| ≤ c₂·|φ′(0)|. */
  readonly curvature?: number;
}

interface Place {
  step: number;
  value: number;
  slope: number;
}

/** Below this a value counts as falling without end. */
export const BOTTOMLESS = -1e25;
const MOST_TRIALS = 60;
/** A smaller change of the value, relative to it, may be the rounding of what the value is made of. */
const LEVEL = 1e-10;

/**
 * A step that meets the strong Wolfe conditions, by Moré and Thuente (1994): cubic and quadratic interpolation in an
 * interval that is known to hold one. Where the function has no finite value the step is shortened. Close to a
 * minimum, where decreases drown in rounding, the slopes decide (Hager and Zhang 2005). Undefined if no step helps.
 */
export function strongWolfe(
  along: Along,
  start: { value: number; slope: number },
  options: LineSearchOptions,
): number | undefined {
  const { decrease = 1e-4, curvature = 0.9 } = options;
  let longest = options.longest ?? Number.MAX_VALUE;
  const test = decrease * start.slope;
  const noise = LEVEL * Math.abs(start.value);
  let best: Place = { step: 0, ...start };
  let other: Place = { step: 0, ...start };
  let bracketed = false;
  let firstStage = true;
  let width = longest;
  let widthBefore = 2 * longest;
  let step = Math.min(options.first, longest);
  let [low, high] = [0, 5 * step];
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const { value, slope } = along(step);
    if (!Number.isFinite(value) || !Number.isFinite(slope)) {
      longest = step;
      step = best.step + (step - best.step) / 10;
      high = Math.min(high, longest);
      if (step === best.step) break;
      continue;
    }
    if (value <= BOTTOMLESS) return step;
    const bound = start.value + step * test;
    if (value <= bound && Math.abs(slope) <= -curvature * start.slope) return step;
    const level = Math.abs(value - start.value) <= noise && -step * start.slope <= noise;
    if (level && slope >= curvature * start.slope && slope <= (2 * decrease - 1) * start.slope) return step;
    if (bracketed && (step <= low || step >= high || high - low <= 1e-14 * high)) break;
    if (step === longest && value <= bound && slope <= test) return step;
    if (firstStage && value <= bound && slope >= 0) firstStage = false;
    const trialPlace: Place = { step, value, slope };
    // Until a step is good enough, φ(α) − φ(0) − c₁·α·φ′(0) is searched instead of φ.
    const tilt = firstStage && value <= best.value && value > bound ? test : 0;
    const tilted = (p: Place): Place => ({
      step: p.step,
      value: p.value - tilt * p.step,
      slope: p.slope - tilt,
    });
    const next = interpolate(tilted(best), tilted(other), tilted(trialPlace), bracketed, [low, high]);
    const back = (p: Place): Place => ({
      step: p.step,
      value: p.value + tilt * p.step,
      slope: p.slope + tilt,
    });
    [best, other, bracketed] = [back(next.best), back(next.other), next.bracketed];
    step = next.step;
    if (bracketed) {
      const now = Math.abs(other.step - best.step);
      if (now >= 0.66 * widthBefore) step = best.step + (other.step - best.step) / 2;
      [widthBefore, width] = [width, now];
      [low, high] = [Math.min(best.step, other.step), Math.max(best.step, other.step)];
    } else [low, high] = [step + 1.1 * (step - best.step), step + 4 * (step - best.step)];
    step = Math.min(Math.max(step, 0), longest);
    if (bracketed && (step <= low || step >= high || high - low <= 1e-14 * high)) step = best.step;
  }
  return best.step > 0 && best.value <= start.value + best.step * test ? best.step : undefined;
}

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/** The next trial from the best place, the other end and the newest: the four cases of Moré and Thuente. */
function interpolate(
  best: Place,
  other: Place,
  trial: Place,
  bracketed: boolean,
  [low, high]: readonly [number, number],
) {
  const turned = trial.slope * Math.sign(best.slope) < 0;
  let step: number;
  if (trial.value > best.value) {
    const cubic = cubicStep(best, trial);
    const slopes = (best.value - trial.value) / (trial.step - best.step) + best.slope;
    const quadratic = best.step + (best.slope / slopes / 2) * (trial.step - best.step);
    step =
      Math.abs(cubic - best.step) < Math.abs(quadratic - best.step) ? cubic : cubic + (quadratic - cubic) / 2;
    bracketed = true;
  } else if (turned) {
    const cubic = cubicStep(trial, best);
    const secant = secantStep(best, trial);
    step = Math.abs(cubic - trial.step) > Math.abs(secant - trial.step) ? cubic : secant;
    bracketed = true;
  } else if (Math.abs(trial.slope) < Math.abs(best.slope)) {
    const cubic = cubicBeyond(best, trial, [low, high]);
    const secant = secantStep(best, trial);
    const nearer = Math.abs(cubic - trial.step) < Math.abs(secant - trial.step);
    if (bracketed) {
      step = nearer ? cubic : secant;
      const limit = trial.step + 0.66 * (other.step - trial.step);
      step = trial.step > best.step ? Math.min(limit, step) : Math.max(limit, step);
    } else step = clamp(nearer ? secant : cubic, low, high);
  } else if (bracketed) step = cubicStep(trial, other);
  else step = trial.step > best.step ? high : low;
  if (trial.value > best.value) other = trial;
  else {
    if (turned) other = best;
    best = trial;
  }
  return { best, other, bracketed, step };
}

function cubicTerms(a: Place, b: Place) {
  const theta = (3 * (a.value - b.value)) / (b.step - a.step) + a.slope + b.slope;
  const size = Math.max(Math.abs(theta), Math.abs(a.slope), Math.abs(b.slope));
  const root = size * Math.sqrt(Math.max(0, (theta / size) ** 2 - (a.slope / size) * (b.slope / size)));
  return { theta, root };
}

/** The minimum of the cubic through two places with their slopes, measured from `a`. */
function cubicStep(a: Place, b: Place): number {
  const { theta, root } = cubicTerms(a, b);
  const gamma = b.step < a.step ? -root : root;
  const ratio = (gamma - a.slope + theta) / (gamma - a.slope + gamma + b.slope);
  return a.step + ratio * (b.step - a.step);
}

/** The same where it may lie beyond `trial`; an end of the interval where there is none. */
function cubicBeyond(best: Place, trial: Place, [low, high]: readonly [number, number]): number {
  const { theta, root } = cubicTerms(best, trial);
  const gamma = trial.step > best.step ? -root : root;
  const ratio = (gamma - trial.slope + theta) / (gamma + (best.slope - trial.slope) + gamma);
  if (ratio < 0 && gamma !== 0) return trial.step + ratio * (best.step - trial.step);
  return trial.step > best.step ? high : low;
}

/** Where the straight line through the two slopes is zero. */
function secantStep(best: Place, trial: Place): number {
  return trial.step + (trial.slope / (trial.slope - best.slope)) * (best.step - trial.step);
}
