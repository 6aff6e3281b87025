import type { Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { nodeKey } from "../transforms/clean-up.ts";

/*
 * What `tidy` works on: sums and products with exact coefficients over "atoms" (variables and function calls). Equal
 * forms are one object, so that comparing is comparing ids; an operand's id is always smaller than its user's.
 */

export interface Factor {
  readonly base: Form;
  readonly exponent: Form;
}
export interface Term {
  readonly form: Form;
  readonly coefficient: Rational;
}

interface Common {
  readonly id: number;
  /** Defined for all real values of its variables. */
  readonly total: boolean;
  /** Total, and nowhere zero. */
  readonly nonzero: boolean;
  /** Total, and nowhere negative. */
  readonly nonnegative: boolean;
}
export type Form = Common &
  (
    | { readonly kind: "number"; readonly value: Rational }
    | { readonly kind: "atom"; readonly node: Node; readonly args: readonly Form[] }
    | {
        readonly kind: "sum";
        readonly terms: readonly Term[];
        readonly constant: Rational;
        readonly constantFirst: boolean;
      }
    | { readonly kind: "product"; readonly coefficient: Rational; readonly factors: readonly Factor[] }
  );

const TOTAL = new Set([
  "exp",
  "expm1",
  "sin",
  "cos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "sech",
  "asinh",
  "abs",
  "sign",
  "relu",
  "sigmoid",
  "log_sigmoid",
  "softplus",
  "logistic_pdf",
  "erf",
  "erfc",
  "cbrt",
  "floor",
  "ceil",
  "round",
  "max",
  "min",
  "hypot",
  "neg",
  "where",
  "gelu",
  "silu",
  "mish",
  "softsign",
  "elu",
  "selu",
  "leaky_relu",
  "hard_sigmoid",
  "gelu_tanh",
  "unknown",
  "less",
  "less_equal",
  "greater",
  "greater_equal",
  "equal",
  "not_equal",
  "softmax",
  "logsumexp",
  "norm",
  "squared_norm",
  "mean",
  "sum",
  "contract",
  "broadcast",
  "transpose",
  "reshape",
  "diagonal",
  "diagonal_matrix",
  "trace",
]);
const POSITIVE = new Set(["exp", "cosh", "sech", "sigmoid", "logistic_pdf", "softplus", "softmax"]);
const NONNEGATIVE = new Set(["abs", "relu", "hypot", "sqrt", "norm", "squared_norm"]);

/** Makes forms, and sees that equal ones are the same object. One for each call of `tidy`. */
export class Forms {
  private readonly known = new Map<string, Form>();
  private readonly integers = new Map<bigint, Form>();
  /** Powers bᵉ by base, then exponent: by far the most common products, so their key is no string. */
  private readonly powers = new Map<Form, Map<Form, Form>>();
  /** Whole multiples of those, by one number for both. */
  private readonly scaled = new Map<number, Form>();
  private nextId = 0;
  readonly zero = this.number(Rational.ZERO);
  readonly one = this.number(Rational.ONE);

  private intern(key: string, make: (id: number) => Form): Form {
    let form = this.known.get(key);
    if (!form) {
      form = make(this.nextId++);
      this.known.set(key, form);
    }
    return form;
  }

  number(value: Rational): Form {
    if (!value.isInteger) return this.intern(`n${value}`, (id) => numberForm(id, value));
    let form = this.integers.get(value.n);
    if (!form) {
      form = numberForm(this.nextId++, value);
      this.integers.set(value.n, form);
    }
    return form;
  }

  /** A leaf, or a function of forms. `node` is its pattern: the same primitive is applied when it is written back. */
  atom(node: Node, args: readonly Form[]): Form {
    const key =
      args.length === 0
        ? nodeKey(node)
        : `a${nodeKey(node).split(":").slice(0, -1).join(":")}(${args.map((a) => a.id).join()})`;
    return this.intern(key, (id) => {
      const { name } = node.primitive;
      const leaf = args.length === 0;
      const total = leaf || (TOTAL.has(name) && args.every((a) => a.total));
      const positive = total && POSITIVE.has(name);
      return {
        id,
        kind: "atom",
        node,
        args,
        total,
        nonzero: positive || (leaf && isNamedNumber(node)),
        nonnegative: positive || (total && NONNEGATIVE.has(name)),
      };
    });
  }

  /** A finished sum: no like terms, two parts or more. */
  rawSum(terms: readonly Term[], constant: Rational, constantFirst: boolean): Form {
    return this.intern(`s${constant}|${keyOf(terms, termKey)}`, (id) => {
      const total = terms.every((t) => t.form.total);
      const nonnegative =
        total && constant.sign >= 0 && terms.every((t) => t.coefficient.sign > 0 && t.form.nonnegative);
      const nonzero = nonnegative && (constant.sign > 0 || terms.some((t) => t.form.nonzero));
      return { id, kind: "sum", terms, constant, constantFirst, total, nonnegative, nonzero };
    });
  }

  /** A finished product: no like bases. */
  rawProduct(coefficient: Rational, factors: readonly Factor[]): Form {
    if (factors.length === 1) {
      const power = this.rawPower(factors);
      if (coefficient.isOne) return power;
      const key = scaledKey(power, coefficient);
      if (key !== undefined) return this.rawScaled(key, coefficient, factors);
    }
    return this.intern(`p${coefficient}|${keyOf(factors, factorKey)}`, (id) =>
      productForm(id, coefficient, factors),
    );
  }

  private rawScaled(key: number, coefficient: Rational, factors: readonly Factor[]): Form {
    let form = this.scaled.get(key);
    if (!form) {
      form = productForm(this.nextId++, coefficient, factors);
      this.scaled.set(key, form);
    }
    return form;
  }

  private rawPower(factors: readonly Factor[]): Form {
    const [{ base, exponent }] = factors;
    let ofBase = this.powers.get(base);
    if (!ofBase) this.powers.set(base, (ofBase = new Map()));
    let form = ofBase.get(exponent);
    if (!form) {
      form = productForm(this.nextId++, Rational.ONE, factors);
      ofBase.set(exponent, form);
    }
    return form;
  }
}

const MULTIPLES = 2 ** 26;

/** One key for a form and a whole coefficient of usual size; undefined for others. */
function scaledKey(form: Form, coefficient: Rational): number | undefined {
  if (!coefficient.isInteger || form.id >= MULTIPLES) return undefined;
  const c = Number(coefficient.n);
  return Math.abs(c) < MULTIPLES / 2 ? form.id * MULTIPLES + c + MULTIPLES / 2 : undefined;
}

function numberForm(id: number, value: Rational): Form {
  return { id, kind: "number", value, total: true, nonzero: !value.isZero, nonnegative: value.sign >= 0 };
}

function productForm(id: number, coefficient: Rational, factors: readonly Factor[]): Form {
  const total = factors.every(
    (f) => f.base.total && (isWhole(f.exponent, 0) || (f.base.nonzero && isWhole(f.exponent))),
  );
  const nonnegative =
    total && coefficient.sign >= 0 && factors.every((f) => f.base.nonnegative || isEven(f.exponent));
  const nonzero = total && !coefficient.isZero && factors.every((f) => f.base.nonzero);
  return { id, kind: "product", coefficient, factors, total, nonnegative, nonzero };
}

const factorKey = (f: Factor): string => `${f.base.id}^${f.exponent.id}`;
const termKey = (t: Term): string => `${t.form.id}:${t.coefficient}`;

/** One key for all orders of the parts. */
function keyOf<T>(parts: readonly T[], key: (part: T) => string): string {
  return parts.length === 1 ? key(parts[0]) : parts.map(key).sort().join();
}

function isNamedNumber(node: Node): boolean {
  return node.primitive.name === "constant";
}

/** A whole number, at least `least` where that is given. */
export function isWhole(form: Form, least = Number.NEGATIVE_INFINITY): boolean {
  return form.kind === "number" && form.value.isInteger && form.value.toNumber() >= least;
}

export function isEven(form: Form): boolean {
  return form.kind === "number" && form.value.isInteger && form.value.n % 2n === 0n;
}
