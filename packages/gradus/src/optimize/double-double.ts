import { topologicalOrder } from "../ir/graph.ts";
import { type ConstantParams, isConstant, isInput, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { productError, sumError } from "../primitives/kernels/rounding-errors.ts";
import { expandFormulas } from "../transforms/expand.ts";

/*
 * Numbers of 106 bits as unevaluated sums of two doubles (Dekker 1971): for residuals so small beside the data that
 * doubles keep only a few of their digits.
 */

export type Wide = readonly [high: number, low: number];

const wide = (high: number, low = 0): Wide => {
  const sum = high + low;
  return [sum, sumError(high, low, sum)];
};

export function addWide(a: Wide, b: Wide): Wide {
  const high = a[0] + b[0];
  const low = a[1] + b[1];
  const [h, l] = wide(high, sumError(a[0], b[0], high) + low);
  return wide(h, l + sumError(a[1], b[1], low));
}

const negWide = (a: Wide): Wide => [-a[0], -a[1]];
export const subWide = (a: Wide, b: Wide): Wide => addWide(a, negWide(b));

function mulWide(a: Wide, b: Wide): Wide {
  const product = a[0] * b[0];
  return wide(product, productError(a[0], b[0], product) + (a[0] * b[1] + a[1] * b[0]));
}

function divWide(a: Wide, b: Wide): Wide {
  const first = a[0] / b[0];
  const rest = subWide(a, mulWide(b, [first, 0]));
  const second = rest[0] / b[0];
  const last = subWide(rest, mulWide(b, [second, 0]));
  return addWide(wide(first, second), [last[0] / b[0], 0]);
}

const LN2: Wide = [Math.LN2, 2.3190468138462996e-17];

/** eˣ: x = k·ln 2 + 2⁹·r, Taylor's series of r, squared nine times. */
function expWide(x: Wide): Wide {
  const k = Math.round(x[0] / LN2[0]);
  const reduced = subWide(x, mulWide(LN2, [k, 0]));
  const r: Wide = [reduced[0] / 512, reduced[1] / 512];
  // eʳ − 1 is squared as (1 + s)² − 1 = 2s + s², so that nothing is lost to the 1.
  let s: Wide = [0, 0];
  for (let n = 14; n >= 1; n--) s = divWide(mulWide(r, addWide([1, 0], s)), [n, 0]);
  for (let i = 0; i < 9; i++) s = addWide(addWide(s, s), mulWide(s, s));
  const [high, low] = addWide([1, 0], s);
  return [high * 2 ** k, low * 2 ** k];
}

/** ln x, by one step of Newton's method from the double. */
function logWide(x: Wide): Wide {
  const near: Wide = [Math.log(x[0]), 0];
  return addWide(near, subWide(mulWide(x, expWide(negWide(near))), [1, 0]));
}

function sqrtWide(x: Wide): Wide {
  if (x[0] === 0) return [0, 0];
  const near: Wide = [Math.sqrt(x[0]), 0];
  const half = divWide(subWide(x, mulWide(near, near)), [2 * near[0], 0]);
  return addWide(near, half);
}

function powWide(x: Wide, y: Wide): Wide {
  if (y[1] !== 0 || !Number.isInteger(y[0]) || Math.abs(y[0]) > 64) return expWide(mulWide(y, logWide(x)));
  let power: Wide = [1, 0];
  for (let i = 0; i < Math.abs(y[0]); i++) power = mulWide(power, x);
  return y[0] < 0 ? divWide([1, 0], power) : power;
}

const RULES: Readonly<Record<string, (...x: Wide[]) => Wide>> = {
  add: addWide,
  sub: subWide,
  mul: mulWide,
  div: divWide,
  neg: negWide,
  exp: expWide,
  log: logWide,
  sqrt: sqrtWide,
  pow: powWide,
  reshape: (x) => x,
};

/** A number as the decimal that it was written as: 0.1 is a tenth. */
export function decimal(x: number): Wide {
  return ofRational(Rational.from(String(x)));
}

function ofRational(r: Rational): Wide {
  const high = r.toNumber();
  return [high, Number.isFinite(high) ? r.sub(Rational.from(high)).toNumber() : 0];
}

/** A graph of one number, made ready for wide values of its inputs; undefined where it has an operation without a rule. */
export function wideEvaluator(root: Node): ((values: ReadonlyMap<Node, Wide>) => Wide) | undefined {
  const [expanded] = expandFormulas([root]);
  const order = topologicalOrder([expanded]);
  const known = new Map<Node, Wide>();
  for (const node of order) {
    if (node.size !== 1) return undefined;
    if (isInput(node)) continue;
    if (!isConstant(node)) {
      if (!Object.hasOwn(RULES, node.primitive.name)) return undefined;
      continue;
    }
    const { exact, symbol } = node.params as ConstantParams;
    // π has more digits than a double holds.
    if (symbol) return undefined;
    known.set(node, exact ? ofRational(exact) : [(node.buffer as Float64Array)[0], 0]);
  }
  return (values) => {
    const found = new Map<Node, Wide>([...known, ...values]);
    for (const node of order) {
      if (found.has(node)) continue;
      found.set(node, RULES[node.primitive.name](...node.inputs.map((i) => found.get(i) as Wide)));
    }
    return found.get(expanded) as Wide;
  };
}
