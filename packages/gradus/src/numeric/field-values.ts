import { Rational } from "../ir/rational.ts";
import type { Field } from "./coefficient-field.ts";

/** The value of a primitive at a point, in the numbers of a field; undefined where it has none that is known. */
export type FieldValue<T> = (a: T, b: T) => T | undefined;

/** Values of elementwise primitives, by their names, through the few functions that a field knows. */
export function fieldValues<T extends object>(field: Field<T>): Readonly<Record<string, FieldValue<T>>> {
  const whole = (n: number): T => field.of(Rational.of(n));
  const one = whole(1);
  const sub = (a: T, b: T): T => field.add(a, field.neg(b));
  const div = (a: T | undefined, b: T | undefined): T | undefined =>
    a === undefined || b === undefined || field.isZero(b) ? undefined : field.div(a, b);
  const over = (a: T | undefined): T | undefined => div(one, a);
  const half = (a: T): T => field.div(a, whole(2));
  const root = (a: T): T | undefined => (field.isZero(a) ? a : field.power(a, Rational.of(1, 2)));
  const square = (a: T): T => field.mul(a, a);
  const log = (a: T | undefined): T | undefined => a && field.log(a);
  const plusOne = (a: T | undefined): T | undefined => a && field.add(a, one);
  const negated = (a: T | undefined): T | undefined => a && field.neg(a);
  const signed = (a: T, up: T, down: T): T | undefined => {
    const sign = field.sign(a);
    return sign === undefined ? undefined : sign < 0 ? down : up;
  };
  const of =
    (f: (s: T, c: T) => T | undefined): FieldValue<T> =>
    (a) => {
      const p = field.sinCos(a);
      return p && f(p.sin, p.cos);
    };
  /** By sinh and cosh. */
  const ofExp =
    (f: (s: T, c: T) => T | undefined): FieldValue<T> =>
    (a) => {
      const [up, down] = [field.exp(a), field.exp(field.neg(a))];
      return up && down && f(half(sub(up, down)), half(field.add(up, down)));
    };
  const asin = (a: T): T | undefined => {
    const y = div(a, plusOne(root(sub(one, square(a)))));
    const angle = y && field.atan(y);
    return angle && field.mul(angle, whole(2));
  };
  const acos = (a: T): T | undefined => {
    const y = asin(a);
    return y && field.pi && sub(half(field.pi), y);
  };
  const cbrt = (a: T): T | undefined => (field.isZero(a) ? a : field.power(a, Rational.of(1, 3)));
  const asinh = (a: T): T | undefined => {
    const r = root(field.add(square(a), one));
    return r && log(field.add(r, a));
  };
  const acosh = (a: T): T | undefined => {
    const r = root(sub(square(a), one));
    return r && log(field.add(r, a));
  };
  const atanh = (a: T): T | undefined => {
    const y = log(div(field.add(a, one), sub(one, a)));
    return y && half(y);
  };
  const ofInverse =
    (f: (a: T) => T | undefined): FieldValue<T> =>
    (a) => {
      const r = over(a);
      return r && f(r);
    };
  const normalCdf = (a: T): T | undefined => {
    const y = div(a, root(whole(2)));
    const e = y && field.erf(y);
    return e && half(field.add(one, e));
  };
  return {
    abs: (a) => signed(a, a, field.neg(a)),
    relu: (a) => signed(a, a, whole(0)),
    max: (a, b) => signed(sub(a, b), a, b),
    min: (a, b) => signed(sub(a, b), b, a),
    one_minus_square: (a) => sub(one, square(a)),
    cbrt: (a) => (field.sign(a) === -1 ? negated(cbrt(field.neg(a))) : cbrt(a)),
    exp: field.exp,
    expm1: (a) => {
      const y = field.exp(a);
      return y && sub(y, one);
    },
    log: field.log,
    log1p: (a) => log(plusOne(a)),
    log2: (a) => div(log(a), log(whole(2))),
    log10: (a) => div(log(a), log(whole(10))),
    sin: of((s) => s),
    cos: of((_, c) => c),
    tan: of(div),
    cot: of((s, c) => div(c, s)),
    sec: of((_, c) => over(c)),
    csc: of((s) => over(s)),
    sinh: ofExp((s) => s),
    cosh: ofExp((_, c) => c),
    tanh: ofExp(div),
    coth: ofExp((s, c) => div(c, s)),
    sech: ofExp((_, c) => over(c)),
    csch: ofExp((s) => over(s)),
    asin,
    acos,
    atan: field.atan,
    acot: ofInverse(field.atan),
    asec: ofInverse(acos),
    acsc: ofInverse(asin),
    asinh,
    acosh,
    atanh,
    asech: ofInverse(acosh),
    acsch: ofInverse(asinh),
    acoth: ofInverse(atanh),
    sigmoid: (a) => over(plusOne(field.exp(field.neg(a)))),
    logistic_pdf: (a) => {
      const e = field.exp(field.neg(a));
      const whole = plusOne(e);
      return div(e, whole && square(whole));
    },
    softplus: (a) => log(plusOne(field.exp(a))),
    log_sigmoid: (a) => negated(log(plusOne(field.exp(field.neg(a))))),
    erf: field.erf,
    erfc: (a) => {
      const y = field.erf(a);
      return y && sub(one, y);
    },
    normal_cdf: normalCdf,
  };
}
