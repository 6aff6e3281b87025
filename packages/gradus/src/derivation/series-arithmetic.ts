import { Rational } from "../ir/rational.ts";
import type { Field } from "./coefficient-field.ts";

type Rule<T> = (u: readonly T[], v: readonly T[]) => readonly T[] | undefined;

/**
 * Power series over a field: the recurrences of Taylor mode in other numbers than floats. A series is its first
 * coefficients; division by one that begins with zeros leaves fewer of them. Undefined: not analytic, or no value.
 */
export class SeriesArithmetic<T extends object> {
  private readonly field: Field<T>;
  private readonly length: number;
  private readonly rules: Readonly<Record<string, Rule<T>>>;

  constructor(field: Field<T>, length: number) {
    this.field = field;
    this.length = length;
    this.rules = this.allRules();
  }

  series(first: readonly Rational[]): T[] {
    return Array.from({ length: this.length }, (_, k) => this.field.of(first[k] ?? Rational.ZERO));
  }

  /** π and e. */
  named(text: string): readonly T[] | undefined {
    const value = text === "pi" ? this.field.pi : text === "e" ? this.field.exp(this.whole(1)) : undefined;
    return value === undefined ? undefined : [value, ...this.series([]).slice(1)];
  }

  apply(name: string, inputs: readonly (readonly T[] | undefined)[]): readonly T[] | undefined {
    const [u, v] = inputs;
    if (name === "where") return u && inputs[this.field.isZero(u[0]) ? 2 : 1];
    if (!u?.length || (inputs.length > 1 && !v?.length)) return undefined;
    return Object.hasOwn(this.rules, name) ? this.rules[name](u, v ?? u) : undefined;
  }

  private whole(n: number): T {
    return this.field.of(Rational.of(n));
  }

  private add(u: readonly T[], v: readonly T[]): T[] {
    return u.slice(0, Math.min(u.length, v.length)).map((c, k) => this.field.add(c, v[k]));
  }

  private negative(u: readonly T[]): T[] {
    return u.map((c) => this.field.neg(c));
  }

  private plus(u: readonly T[], n: number): T[] {
    return u.map((c, k) => (k === 0 ? this.field.add(c, this.whole(n)) : c));
  }

  private scaled(u: readonly T[], by: Rational): T[] {
    const factor = this.field.of(by);
    return u.map((c) => this.field.mul(c, factor));
  }

  private ones(u: readonly T[]): T[] {
    return this.series([Rational.ONE]).slice(0, u.length);
  }

  private isConstant(u: readonly T[]): boolean {
    return u.slice(1).every((c) => this.field.isZero(c));
  }

  /** Σ f(j)·a_j·b_{k−j}, j = from … to. */
  private sum(
    a: readonly T[],
    b: readonly T[],
    k: number,
    from: number,
    to: number,
    f?: (j: number) => T,
  ): T {
    const { field } = this;
    let total = this.whole(0);
    for (let j = from; j <= to; j++) {
      if (field.isZero(a[j]) || field.isZero(b[k - j])) continue;
      const term = field.mul(a[j], b[k - j]);
      total = field.add(total, f ? field.mul(term, f(j)) : term);
    }
    return total;
  }

  private mul(u: readonly T[], v: readonly T[]): T[] {
    return Array.from({ length: Math.min(u.length, v.length) }, (_, k) => this.sum(u, v, k, 0, k));
  }

  private div(above: readonly T[], below: readonly T[]): T[] | undefined {
    const { field } = this;
    const most = Math.min(above.length, below.length);
    let zeros = 0;
    while (zeros < most && field.isZero(below[zeros])) {
      if (!field.isZero(above[zeros])) return undefined;
      zeros++;
    }
    const [u, v] = [above.slice(zeros, most), below.slice(zeros, most)];
    const q: T[] = [];
    for (let k = 0; k < u.length; k++)
      q.push(field.div(field.add(u[k], field.neg(this.sum(q, v, k, 0, k - 1))), v[0]));
    return q.length > 0 ? q : undefined;
  }

  /** ∫ rate·u′, from a value. */
  private integrated(value: T | undefined, rate: readonly T[] | undefined, u: readonly T[]): T[] | undefined {
    if (value === undefined || !rate) return undefined;
    const slope = u.slice(1).map((c, k) => this.field.mul(c, this.whole(k + 1)));
    return [value, ...this.mul(rate, slope).map((c, k) => this.field.div(c, this.whole(k + 1)))];
  }

  private exp(u: readonly T[]): T[] | undefined {
    const first = this.field.exp(u[0]);
    if (first === undefined) return undefined;
    const y = [first];
    for (let k = 1; k < u.length; k++)
      y.push(
        this.field.div(
          this.sum(u, y, k, 1, k, (j) => this.whole(j)),
          this.whole(k),
        ),
      );
    return y;
  }

  private log(u: readonly T[]): T[] | undefined {
    return this.integrated(this.field.log(u[0]), this.div(this.ones(u), u), u);
  }

  private sinCos(u: readonly T[]): { s: T[]; c: T[] } | undefined {
    const first = this.field.sinCos(u[0]);
    if (!first) return undefined;
    const [s, c] = [[first.sin], [first.cos]];
    for (let k = 1; k < u.length; k++) {
      s.push(
        this.field.div(
          this.sum(u, c, k, 1, k, (j) => this.whole(j)),
          this.whole(k),
        ),
      );
      c.push(
        this.field.div(
          this.sum(u, s, k, 1, k, (j) => this.whole(j)),
          this.whole(-k),
        ),
      );
    }
    return { s, c };
  }

  private hyperbolic(u: readonly T[]): { s: T[]; c: T[] } | undefined {
    const [up, down] = [this.exp(u), this.exp(this.negative(u))];
    const half = Rational.of(1, 2);
    return (
      up &&
      down && {
        s: this.scaled(this.add(up, this.negative(down)), half),
        c: this.scaled(this.add(up, down), half),
      }
    );
  }

  private square(u: readonly T[]): T[] {
    return this.mul(u, u);
  }

  private oneMinusSquare(u: readonly T[]): T[] {
    return this.plus(this.negative(this.square(u)), 1);
  }

  private reciprocal(u: readonly T[] | undefined): T[] | undefined {
    return u && this.div(this.ones(u), u);
  }

  /** uʳ for a constant r: y′u = r·u′·y. */
  power(u: readonly T[], r: Rational): readonly T[] | undefined {
    const { field } = this;
    if (r.isInteger && r.sign < 0) return this.reciprocal(this.power(u, r.neg()) as T[] | undefined);
    if (r.isInteger && r.compare(Rational.of(this.length)) < 0) {
      let y = this.ones(u);
      for (let i = 0; i < r.toNumber(); i++) y = this.mul(y, u);
      return y;
    }
    if (field.isZero(u[0])) return undefined;
    const first = field.power(u[0], r);
    if (first === undefined) return undefined;
    const y = [first];
    for (let k = 1; k < u.length; k++) {
      const total = this.sum(u, y, k, 1, k, (j) => field.of(r.mul(Rational.of(j)).sub(Rational.of(k - j))));
      y.push(field.div(total, field.mul(u[0], this.whole(k))));
    }
    return y;
  }

  /** |u|, where its sign is known. */
  private magnitude(u: readonly T[]): readonly T[] | undefined {
    const sign = this.field.sign(u[0]);
    return sign === 1 ? u : sign === -1 ? this.negative(u) : undefined;
  }

  private greater(u: readonly T[], v: readonly T[]): readonly T[] | undefined {
    const sign = this.field.sign(this.add(u, this.negative(v))[0]);
    return sign === 1 ? u : sign === -1 ? v : undefined;
  }

  private compared(holds: (sign: number) => boolean): Rule<T> {
    return (u, v) => {
      const sign = this.field.sign(this.add(u, this.negative(v))[0]);
      const decided = sign !== undefined && (sign !== 0 || (this.isConstant(u) && this.isConstant(v)));
      return decided ? this.series(holds(sign) ? [Rational.ONE] : []) : undefined;
    };
  }

  private allRules(): Readonly<Record<string, Rule<T>>> {
    const { field } = this;
    const circle = (of: (p: { s: T[]; c: T[] }) => T[] | undefined): Rule<T> => {
      return (u) => {
        const p = this.sinCos(u);
        return p && of(p);
      };
    };
    const hyperbola = (of: (p: { s: T[]; c: T[] }) => T[] | undefined): Rule<T> => {
      return (u) => {
        const p = this.hyperbolic(u);
        return p && of(p);
      };
    };
    const ofReciprocal = (name: string): Rule<T> => {
      return (u) => {
        const r = this.reciprocal(u);
        return r && this.rules[name](r, r);
      };
    };
    const same: Rule<T> = (u) => u;
    const root = (u: readonly T[], q: number) => this.power(u, Rational.of(1, q));
    const inverseRoot = (u: readonly T[]) => this.power(u, Rational.of(-1, 2));
    const log1p = (u: readonly T[] | undefined) => u && this.log(this.plus(u, 1));
    return {
      add: (u, v) => this.add(u, v),
      sub: (u, v) => this.add(u, this.negative(v)),
      mul: (u, v) => this.mul(u, v),
      div: (u, v) => this.div(u, v),
      neg: (u) => this.negative(u),
      broadcast: same,
      cast: same,
      reshape: same,
      exp: (u) => this.exp(u),
      log: (u) => this.log(u),
      expm1: (u) => {
        const y = this.exp(u);
        return y && this.plus(y, -1);
      },
      log1p,
      sqrt: (u) => root(u, 2),
      cbrt: (u) => root(u, 3),
      sin: circle(({ s }) => s),
      cos: circle(({ c }) => c),
      tan: circle(({ s, c }) => this.div(s, c)),
      cot: circle(({ s, c }) => this.div(c, s)),
      sec: circle(({ c }) => this.reciprocal(c)),
      csc: circle(({ s }) => this.reciprocal(s)),
      sinh: hyperbola(({ s }) => s),
      cosh: hyperbola(({ c }) => c),
      tanh: hyperbola(({ s, c }) => this.div(s, c)),
      coth: hyperbola(({ s, c }) => this.div(c, s)),
      sech: hyperbola(({ c }) => this.reciprocal(c)),
      csch: hyperbola(({ s }) => this.reciprocal(s)),
      atan: (u) => this.integrated(field.atan(u[0]), this.reciprocal(this.plus(this.square(u), 1)), u),
      // 2 atan(u/(1 + √(1 − u²))), whose value at a point needs no function besides.
      asin: (u) => {
        const below = root(this.oneMinusSquare(u), 2);
        const t = below && this.div(u, this.plus(below, 1));
        const value = t && field.atan(t[0]);
        return this.integrated(
          value && field.mul(value, this.whole(2)),
          inverseRoot(this.oneMinusSquare(u)) as T[],
          u,
        );
      },
      acos: (u) => {
        const y = this.rules.asin(u, u);
        const { pi } = field;
        return (
          y &&
          pi &&
          this.add(this.scaled([pi, ...this.series([]).slice(1)], Rational.of(1, 2)), this.negative(y))
        );
      },
      asec: ofReciprocal("acos"),
      acsc: ofReciprocal("asin"),
      asech: ofReciprocal("acosh"),
      acsch: ofReciprocal("asinh"),
      acoth: ofReciprocal("atanh"),
      asinh: (u) => {
        const above = root(this.plus(this.square(u), 1), 2);
        return above && this.log(this.add(above, u));
      },
      acosh: (u) => {
        const above = root(this.plus(this.square(u), -1), 2);
        return above && this.log(this.add(above, u));
      },
      atanh: (u) => {
        const ratio = this.div(this.plus(u, 1), this.plus(this.negative(u), 1));
        const y = ratio && this.log(ratio);
        return y && this.scaled(y, Rational.of(1, 2));
      },
      sigmoid: (u) => {
        const y = this.exp(this.negative(u));
        return y && this.reciprocal(this.plus(y, 1));
      },
      softplus: (u) => log1p(this.exp(u)),
      log_sigmoid: (u) => {
        const y = log1p(this.exp(this.negative(u)));
        return y && this.negative(y);
      },
      erf: (u) => {
        const bell = this.exp(this.negative(this.square(u)));
        const factor = field.pi && field.power(field.pi, Rational.of(-1, 2));
        if (!bell || factor === undefined) return undefined;
        const twice = field.mul(factor, this.whole(2));
        return this.integrated(
          field.erf(u[0]),
          bell.map((c) => field.mul(c, twice)),
          u,
        );
      },
      one_minus_square: (u) => this.oneMinusSquare(u),
      hypot: (u, v) => root(this.add(this.square(u), this.square(v)), 2),
      abs: (u) => this.magnitude(u),
      relu: (u) => this.greater(u, this.series([])),
      max: (u, v) => this.greater(u, v),
      min: (u, v) => {
        const y = this.greater(this.negative(u), this.negative(v));
        return y && this.negative(y);
      },
      less: this.compared((sign) => sign < 0),
      less_equal: this.compared((sign) => sign <= 0),
      greater: this.compared((sign) => sign > 0),
      greater_equal: this.compared((sign) => sign >= 0),
    };
  }

  /** uᵛ = e^(v ln u) */
  raised(u: readonly T[], v: readonly T[]): readonly T[] | undefined {
    const logarithm = this.log(u);
    return logarithm && this.exp(this.mul(v, logarithm));
  }
}
