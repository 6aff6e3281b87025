import { type ConstantParams, exactValue, type Node, scalarValue } from "../ir/node.ts";
import type { Elementwise, Flat, Primitive } from "../ir/primitive.ts";
import { Rational } from "../ir/rational.ts";
import { exp, log } from "../primitives/exponential.ts";
import { type Recurrence, recurrenceOf, type Step } from "../transforms/recurrence.ts";
import type { Field } from "./coefficient-field.ts";
import { type FieldValue, fieldValues } from "./field-values.ts";
import * as iv from "./interval.ts";
import { enclosureRule } from "./table.ts";
import { exactPartials } from "./taylor-on.ts";

type Series<T> = readonly T[];
/** Coefficient k of a result, from those of the operands up to k and its own below k; undefined: not analytic there. */
type Next<T> = (k: number, x: readonly Series<T>[], y: Series<T>) => T | undefined;

/**
 * Power series over a field: the recurrences of Taylor mode, closed from the same partial derivatives, in other
 * numbers than floats. A series is its first coefficients; division by one that begins with zeros leaves fewer.
 */
export class FieldSeries<T extends object> {
  private readonly field: Field<T>;
  private readonly length: number;
  private readonly values: Readonly<Record<string, FieldValue<T>>>;
  private readonly recurrences = new Map<Primitive, Recurrence>();

  constructor(field: Field<T>, length: number) {
    this.field = field;
    this.length = length;
    this.values = fieldValues(field);
  }

  series(first: readonly Rational[]): T[] {
    return Array.from({ length: this.length }, (_, k) => this.field.of(first[k] ?? Rational.ZERO));
  }

  /** A node's series from those of its inputs; undefined where it has none that is known. */
  ofNode(node: Node, inputs: readonly (Series<T> | undefined)[]): Series<T> | undefined {
    const { name, family } = node.primitive;
    if (node.inputs.length === 0) return this.constant(node);
    if (name === "where" && inputs[0]) return inputs[this.field.isZero(inputs[0][0]) ? 2 : 1];
    const x = inputs.filter((s) => s !== undefined);
    if (x.length < inputs.length || x.some((s) => s.length === 0)) return undefined;
    if (name === "pow") return this.power(node, x);
    if (name === "div") return this.quotient(x[0], x[1]);
    if (family === "elementwise" && node.primitive.series === "closes") return this.closed(node.primitive, x);
    return this.run(this.step(node), x);
  }

  private constant(node: Node): Series<T> | undefined {
    const r = rationalOf(node);
    if (r) return this.series([r]);
    const { symbol } = node.params as ConstantParams;
    const { field } = this;
    const value =
      symbol?.text === "pi" ? field.pi : symbol?.text === "e" ? field.exp(field.of(Rational.ONE)) : undefined;
    return value && [value, ...this.series([]).slice(1)];
  }

  private run(next: Next<T>, x: readonly Series<T>[]): T[] | undefined {
    const y: T[] = [];
    const length = Math.min(...x.map((s) => s.length));
    for (let k = 0; k < length; k++) {
      const c = next(k, x, y);
      if (c === undefined) return undefined;
      y.push(c);
    }
    return y;
  }

  /** Runs the closed system of an elementwise function. */
  private closed(rule: Elementwise, x: readonly Series<T>[]): T[] | undefined {
    const { steps, arity, result } = this.recurrence(rule);
    const all: T[][] = x.map((s) => [...s]);
    const constants = steps.map((s) => s.node.inputs.length === 0 && this.constant(s.node));
    const next = steps.map((s) => (s.partials ? this.closedStep(s) : this.step(s.node)));
    for (const c of constants) all.push(c ? [...c] : []);
    const operands = steps.map((s) => s.inputs.map((i) => all[i]));
    const length = Math.min(...x.map((s) => s.length));
    for (let k = 0; k < length; k++) {
      for (let s = 0; s < steps.length; s++) {
        if (constants[s]) continue;
        const c = next[s](k, operands[s], all[arity + s]);
        if (c === undefined) return undefined;
        all[arity + s].push(c);
      }
    }
    return all[result].slice(0, length);
  }

  private recurrence(rule: Elementwise): Recurrence {
    let found = this.recurrences.get(rule);
    if (!found) this.recurrences.set(rule, (found = recurrenceOf(rule, {}, exactPartials)));
    return found;
  }

  /** k·y_k = Σ j·xᵢ_j·(∂f/∂xᵢ)_{k−j}; the value at the point for k = 0. */
  private closedStep({ node, partials = [] }: Step): Next<T> {
    const { field } = this;
    const rule = node.primitive as Elementwise;
    const arity = partials.length;
    return (k, x) => {
      if (k === 0) return this.value(rule, node.params, x.slice(0, arity));
      let sum = field.of(Rational.ZERO);
      let p = arity;
      for (let i = 0; i < arity; i++)
        if (partials[i] >= 0) sum = field.add(sum, this.sum(x[i], x[p++], k, 1, k, this.whole));
      return field.div(sum, this.whole(k));
    };
  }

  private value(rule: Elementwise, params: unknown, x: readonly Series<T>[]): T | undefined {
    const { field } = this;
    const varies = x.some((s) => s.slice(1).some((c) => !field.isZero(c)));
    const point = x.map((s) => field.interval(s[0]));
    if (varies && !rule.analyticOn(point, params)) return undefined;
    const of = Object.hasOwn(this.values, rule.name) ? this.values[rule.name] : undefined;
    return of?.(x[0][0], x[1]?.[0] ?? x[0][0]);
  }

  /** What is no closed elementwise function. */
  private step(node: Node): Next<T> {
    const { field } = this;
    const { primitive } = node;
    if (primitive.family === "flat") return this.flat(node, primitive);
    switch (primitive.name) {
      case "add":
        return (k, [a, b]) => field.add(a[k], b[k]);
      case "sub":
        return (k, [a, b]) => field.add(a[k], field.neg(b[k]));
      case "neg":
        return (k, [a]) => field.neg(a[k]);
      case "cast":
      case "reshape":
      case "broadcast":
        return (k, [a]) => a[k];
      case "where":
        return (k, [mask, a, b]) => (field.isZero(mask[0]) ? b : a)[k];
      case "mul":
        return (k, [a, b]) => this.sum(a, b, k, 0, k);
      case "div":
        return (k, [a, b], y) => {
          const above = field.add(a[k], field.neg(this.sum(b, y, k, 1, k)));
          return field.isZero(b[0]) ? undefined : field.div(above, b[0]);
        };
      case "sqrt":
        return (k, [a], y) => (k === 0 ? this.rootOf(a[0]) : this.rootStep(a[k], k, y));
      case "hypot":
        return (k, [a, b], y) => {
          const square = field.add(this.sum(a, a, k, 0, k), this.sum(b, b, k, 0, k));
          return k === 0 ? this.rootOf(square) : this.rootStep(square, k, y);
        };
      case "pow": {
        const r = rationalOf(node.inputs[1]);
        return (k, [a], y) =>
          r?.toNumber() === 2 ? this.sum(a, a, k, 0, k) : r && this.powerStep(r, k, a, y);
      }
      default:
        return () => undefined;
    }
  }

  /** The root of 0 has no slope. */
  private rootOf(a: T): T | undefined {
    return this.field.isZero(a) ? undefined : this.field.power(a, Rational.of(1, 2));
  }

  private rootStep(square: T, k: number, y: Series<T>): T {
    const { field } = this;
    const rest = field.add(square, field.neg(this.sum(y, y, k, 1, k - 1)));
    return field.div(rest, field.mul(this.whole(2), y[0]));
  }

  /** A truth value or a whole number that is the same all around, as enclosures show. */
  private flat(node: Node, rule: Flat): Next<T> {
    const { field } = this;
    return (k, x) => {
      if (k > 0) return field.of(Rational.ZERO);
      const point = x.map((s) => field.interval(s[0]));
      const fixed = x.every((s) => s.slice(1).every((c) => field.isZero(c)));
      const value = enclosureRule(rule)?.of(point, node.params as never);
      if (!value || !iv.isPoint(value) || !(fixed || rule.constantOn(point, node.params))) return undefined;
      return field.of(Rational.from(value.lo));
    };
  }

  /** Leading zeros of the divisor cancel against those of what it divides: sin(x)/x at 0. */
  private quotient(a: Series<T>, b: Series<T>): T[] | undefined {
    const { field } = this;
    const most = Math.min(a.length, b.length);
    let zeros = 0;
    while (zeros < most && field.isZero(b[zeros])) {
      if (!field.isZero(a[zeros])) return undefined;
      zeros++;
    }
    if (zeros === most) return undefined;
    const next: Next<T> = (k, [u, v], y) =>
      field.div(field.add(u[k], field.neg(this.sum(v, y, k, 1, k))), v[0]);
    return this.run(next, [a.slice(zeros, most), b.slice(zeros, most)]);
  }

  private power(node: Node, [u, v]: readonly Series<T>[]): Series<T> | undefined {
    const r = rationalOf(node.inputs[1]);
    if (r) return this.fixedPower(u, r);
    // uᵛ = e^(v ln u)
    const logarithm = this.closed(log.primitive, [u]);
    const exponent = logarithm && this.run((k, [a, b]) => this.sum(a, b, k, 0, k), [v, logarithm]);
    return exponent && this.closed(exp.primitive, [exponent]);
  }

  /** Small whole powers are multiplied out: their base may be 0. */
  private fixedPower(u: Series<T>, r: Rational): Series<T> | undefined {
    const one = this.series([Rational.ONE]);
    if (r.isInteger && r.sign < 0) {
      const below = this.fixedPower(u, r.neg());
      return below && this.quotient(one, below);
    }
    if (!r.isInteger || r.compare(Rational.of(this.length)) >= 0)
      return this.run((k, [a], y) => this.powerStep(r, k, a, y), [u]);
    let y: Series<T> | undefined = one;
    for (let i = 0; y && i < r.toNumber(); i++) y = this.run((k, [a, b]) => this.sum(a, b, k, 0, k), [y, u]);
    return y;
  }

  /** k·x₀·y_k = Σ (r·j − (k − j))·x_j·y_{k−j} */
  private powerStep(r: Rational, k: number, x: Series<T>, y: Series<T>): T | undefined {
    const { field } = this;
    if (field.isZero(x[0])) return undefined;
    if (k === 0) return field.power(x[0], r);
    const weight = (j: number) => field.of(r.mul(Rational.of(j)).sub(Rational.of(k - j)));
    return field.div(this.sum(x, y, k, 1, k, weight), field.mul(x[0], this.whole(k)));
  }

  private readonly whole = (n: number): T => this.field.of(Rational.of(n));

  /** Σ w(j)·a_j·b_{k−j}, j = from … to. */
  private sum(a: Series<T>, b: Series<T>, k: number, from: number, to: number, w?: (j: number) => T): T {
    const { field } = this;
    let total = field.of(Rational.ZERO);
    for (let j = from; j <= to; j++) {
      if (field.isZero(a[j]) || field.isZero(b[k - j])) continue;
      const term = field.mul(a[j], b[k - j]);
      total = field.add(total, w ? field.mul(term, w(j)) : term);
    }
    return total;
  }
}

/** The fraction that a constant is; of a float only what is surely meant: a half is, a rounded √2 is not. */
function rationalOf(node: Node): Rational | undefined {
  const exact = exactValue(node);
  if (exact) return exact;
  const value = node.buffer && scalarValue(node);
  return value !== undefined && Number.isInteger(value * 64) ? Rational.from(value) : undefined;
}
