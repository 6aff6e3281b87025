import { exactConstant, input, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, div, mul, neg, pow, sub } from "../primitives/arithmetic.ts";
import { factorial } from "../primitives/special.ts";
import { type Written, written } from "./written.ts";

/** The general term of a series: Σ xⁿ/n!, with the first n. */
export interface GeneralTerm {
  readonly term: Written;
  readonly from: number;
  /** Σ with its bounds. */
  readonly sum: { readonly pretty: string; readonly latex: string };
  /** How many coefficients it was compared with: it is recognised, not proved. */
  readonly checked: number;
}

/** A term g(n)·rⁿ at the power x^(stride·n + offset). */
interface Shape {
  readonly stride: 1 | 2;
  readonly offset: 0 | 1;
  readonly from: number;
  readonly g: (n: number) => number;
  readonly write: (scaled: Node, n: Node) => Node;
}

const whole = (n: number): Node => exactConstant(Rational.of(n));
const factorialOf = (n: number): number => (n < 2 ? 1 : n * factorialOf(n - 1));
const SHAPES: readonly Shape[] = [1, 2].flatMap((stride) =>
  (stride === 1 ? [0] : [0, 1]).flatMap((offset): Shape[] => {
    const place = { stride: stride as 1 | 2, offset: offset as 0 | 1 };
    const exponent = (n: number) => stride * n + offset;
    const exponentNode = (n: Node) => powerOf(n, stride, offset);
    return [
      { ...place, from: 0, g: () => 1, write: (s) => s },
      {
        ...place,
        from: 0,
        g: (n) => 1 / factorialOf(exponent(n)),
        write: (s, n) => div(s, factorial(exponentNode(n))),
      },
      {
        ...place,
        from: offset === 0 ? 1 : 0,
        g: (n) => 1 / exponent(n),
        write: (s, n) => div(s, exponentNode(n)),
      },
      { ...place, from: 0, g: (n) => 1 / factorialOf(n), write: (s, n) => div(s, factorial(n)) },
      { ...place, from: 0, g: (n) => n + 1, write: (s, n) => mul(plus(n, 1), s) },
      { ...place, from: 1, g: (n) => n, write: (s, n) => mul(n, s) },
    ];
  }),
);

/** 2n + 1, written as a person does. */
function powerOf(n: Node, stride: number, offset: number): Node {
  const times = stride === 1 ? n : mul(whole(stride), n);
  return offset === 0 ? times : plus(times, offset);
}

const plus = (n: Node, k: number): Node => (k === 0 ? n : add(n, whole(k)));

/**
 * The general term that fits Taylor coefficients c₀, c₁, …, where a person would give one: powers of one rational
 * number times 1, 1/n, n or 1/n! , on all powers or on the odd or even ones. At least eight coefficients must fit.
 */
export function generalTerm(coefficients: readonly number[], x: Node, at: Rational): GeneralTerm | undefined {
  const count = coefficients.length;
  if (count < 10 || !coefficients.every(Number.isFinite)) return undefined;
  const used = coefficients.filter((c) => c !== 0).length;
  for (const shape of SHAPES) {
    const fit = fitted(coefficients, shape);
    if (!fit || used < (shape.stride === 1 ? 6 : 4)) continue;
    return described(shape, fit, x, at, count);
  }
  return undefined;
}

interface Fit {
  readonly scale: Rational;
  readonly ratio: Rational;
}

function fitted(c: readonly number[], { stride, offset, from, g }: Shape): Fit | undefined {
  const at = (n: number) => c[stride * n + offset];
  const [first, second] = [at(from) / g(from), at(from + 1) / g(from + 1)];
  const ratio = simpleRational(second / first);
  if (!ratio || ratio.isZero) return undefined;
  const scale = simpleRational(first / ratio.toNumber() ** from);
  if (!scale || scale.isZero) return undefined;
  const fits = c.every((value, k) => {
    const n = (k - offset) / stride;
    const expected = Number.isInteger(n) && n >= from ? scale.toNumber() * ratio.toNumber() ** n * g(n) : 0;
    return Math.abs(value - expected) <= 1e-11 * Math.max(Math.abs(expected), 1e-30);
  });
  return fits ? { scale, ratio } : undefined;
}

/** The fraction with a small denominator that a float is, or undefined. */
function simpleRational(value: number): Rational | undefined {
  if (!Number.isFinite(value)) return undefined;
  for (let d = 1; d <= 64; d++) {
    const n = Math.round(value * d);
    if (Math.abs(n) < 1e6 && Math.abs(value - n / d) <= 1e-12 * Math.max(1, Math.abs(value)))
      return Rational.of(n, d);
  }
  return undefined;
}

function described(shape: Shape, { scale, ratio }: Fit, x: Node, at: Rational, checked: number): GeneralTerm {
  const n = input({ shape: [], dtype: "f64" }, { name: "n" });
  const offset = at.isZero ? x : sub(x, exactConstant(at));
  const power = pow(offset, powerOf(n, shape.stride, shape.offset));
  const { lead, alternates } = signs(ratio, scale);
  const size = ratio.abs();
  const above: Node[] = alternates === undefined ? [] : [pow(whole(-1), plus(n, alternates))];
  const below: Node[] = [];
  // 1/2·(1/2)ⁿ is 1/2ⁿ⁺¹.
  const joined = lead.abs().equals(size) && !size.isOne;
  const exponent = joined ? plus(n, 1) : n;
  if (!joined && lead.abs().n !== 1n) above.push(exactConstant(Rational.of(lead.abs().n)));
  if (!joined && lead.d !== 1n) below.push(exactConstant(Rational.of(lead.d)));
  if (size.n !== 1n) above.push(pow(exactConstant(Rational.of(size.n)), exponent));
  if (size.d !== 1n) below.push(pow(exactConstant(Rational.of(size.d)), exponent));
  const product = [...above, power].reduce((x1, x2) => mul(x1, x2));
  const quotient =
    below.length === 0
      ? product
      : div(
          product,
          below.reduce((x1, x2) => mul(x1, x2)),
        );
  const scaled = lead.sign < 0 ? neg(quotient) : quotient;
  const term = written(shape.write(scaled, n));
  return {
    term,
    from: shape.from,
    sum: {
      pretty: `Σ_{n≥${shape.from}} ${term.pretty}`,
      latex: `\\sum_{n=${shape.from}}^{\\infty} ${term.latex}`,
    },
    checked,
  };
}

/** The sign of the terms as (−1)ⁿ or (−1)ⁿ⁺¹, and what is left of the scale. */
function signs(ratio: Rational, scale: Rational): { lead: Rational; alternates?: number } {
  if (ratio.sign > 0) return { lead: scale };
  return { lead: scale.abs(), alternates: scale.sign > 0 ? 0 : 1 };
}
