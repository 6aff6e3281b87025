import { exactConstant, exactValue, input, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import type { Shape } from "../ir/shape.ts";
import { showShape } from "../ir/shape.ts";
import * as arithmetic from "../primitives/arithmetic.ts";
import * as comparison from "../primitives/comparison.ts";
import { E, PI } from "../primitives/constants.ts";
import { matmul, outer } from "../primitives/contraction.ts";
import { exp } from "../primitives/exponential.ts";
import { inverse, matrixTranspose } from "../primitives/linear-algebra.ts";
import { norm, squaredNorm } from "../primitives/reduction.ts";
import { factorial } from "../primitives/special.ts";
import { unknownFunction } from "../primitives/unknown.ts";
import { tangents } from "../transforms/tangent.ts";
import { cases, compare, derivativeAt, list } from "./build-parts.ts";
import { MathError } from "./errors.ts";
import { functions } from "./functions.ts";
import type { SizeLetters } from "./size-letters.ts";
import type { MathDocument, Statement, Syntax } from "./syntax.ts";

const MOST_NODES = 3_000_000;

/** Names and what they stand for, as a document is read from top to bottom. */
export class Scope {
  /** Variables: inputs of the graph. */
  readonly inputs = new Map<string, Node>();
  /** Named lines. */
  readonly bindings = new Map<string, Node>();
  private readonly formulas = new Map<string, Statement>();
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly sizes: SizeLetters | undefined;
  private readonly rows = new WeakSet<Node>();
  private readonly most: number;
  private budget: number;
  private depth = 0;

  constructor(shapes: ReadonlyMap<string, Shape> = new Map(), sizes?: SizeLetters, most = MOST_NODES) {
    this.shapes = shapes;
    this.sizes = sizes;
    this.most = most;
    this.budget = most;
  }

  add(statement: Statement): Node | undefined {
    if (statement.parameters) {
      this.formulas.set(statement.name as string, statement);
      return undefined;
    }
    const node = this.build(statement.value);
    if (statement.name !== undefined) this.bindings.set(statement.name, node);
    return node;
  }

  /** A formula that ends a document, in its own parameters. */
  formulaItself({ name, parameters = [], value }: Statement): [Node, string | undefined] {
    const own = parameters.map((p) => [p, new Scope(this.shapes, this.sizes).resolve(p)] as const);
    return [this.build(value, new Map(own)), name];
  }

  /** The node of a name: a line above, a constant, or else a variable. */
  resolve(name: string, locals?: ReadonlyMap<string, Node>): Node {
    const found = locals?.get(name) ?? this.bindings.get(name) ?? this.inputs.get(name);
    if (found) return found;
    if (!this.shapes.has(name)) {
      if (name === "e") return E;
      if (name === "π") return PI;
      // A letter of a shape is the size itself: 1/m, ones(m).
      const size = [...(this.sizes ?? [])].find(([, letter]) => letter === name);
      if (size) return exactConstant(Rational.of(size[0]));
      if (name === "∞") throw new MathError("∞ is no number: write a limit's value in another way");
    }
    const sizes = this.sizes ? { sizes: this.sizes } : {};
    const variable = input({ shape: this.shapes.get(name) ?? [], dtype: "f64" }, { name, ...sizes });
    this.inputs.set(name, variable);
    return variable;
  }

  /** Bottom-up with a stack of its own: depth of nesting is of no concern. */
  build(root: Syntax, locals?: ReadonlyMap<string, Node>): Node {
    const done = new Map<Syntax, Node>();
    const waiting: Syntax[] = [root];
    while (waiting.length > 0) {
      const s = waiting[waiting.length - 1];
      if (done.has(s)) {
        waiting.pop();
        continue;
      }
      const missing = children(s).filter((c) => !done.has(c));
      if (missing.length > 0) {
        for (let i = missing.length - 1; i >= 0; i--) waiting.push(missing[i]);
        continue;
      }
      waiting.pop();
      if (--this.budget < 0)
        throw new MathError(`the definitions unfold to more than ${this.most} operations`);
      done.set(
        s,
        this.node(s, (c) => done.get(c) as Node, locals),
      );
    }
    return done.get(root) as Node;
  }

  private node(s: Syntax, of: (s: Syntax) => Node, locals?: ReadonlyMap<string, Node>): Node {
    switch (s.kind) {
      case "number":
        return exactConstant(s.value);
      case "name":
        return this.resolve(s.name, locals);
      case "unary":
        return this.unary(s.operator, of(s.value));
      case "binary":
        return this.binary(s, of);
      case "list":
        return list(s.items.map(of));
      case "cases":
        return cases(s.rows.map((r) => ({ value: of(r.value), condition: r.condition && of(r.condition) })));
      case "call":
        return this.call(s.name, s.args.map(of), s.primes);
      case "derivative":
        return this.derivative(of(s.of), s.variables);
      case "sum":
        return this.sum(s, locals);
    }
  }

  private unary(operator: "-" | "!" | "not" | "transpose", x: Node): Node {
    if (operator === "!") return factorial(x);
    if (operator === "not") return comparison.logicalNot(x);
    if (operator === "transpose") return this.transposed(x);
    const negative = arithmetic.neg(x);
    if (this.rows.has(x)) this.rows.add(negative);
    if (x.rank > 0) this.scaled.set(negative, { of: x });
    return negative;
  }

  /** Tensors with a sign or a number before them, which come to stand before a whole product: −(yᵀ x). */
  private readonly scaled = new WeakMap<Node, { readonly by?: Node; readonly of: Node }>();

  /** xᵀ of a vector is the vector, marked as a row for the next product. */
  private transposed(x: Node): Node {
    if (x.rank !== 1) return matrixTranspose(x);
    // A node of its own: x itself must stay a column.
    const row = arithmetic.mul(x, exactConstant(Rational.ONE));
    this.rows.add(row);
    this.columnOf.set(row, x);
    return row;
  }

  private readonly columnOf = new WeakMap<Node, Node>();

  private binary(s: Syntax & { kind: "binary" }, of: (s: Syntax) => Node): Node {
    const [a, b] = [of(s.left), of(s.right)];
    switch (s.operator) {
      case "+":
        return this.likeRow(arithmetic.add(this.plain(a), this.plain(b)), a, b);
      case "-":
        return this.likeRow(arithmetic.sub(this.plain(a), this.plain(b)), a, b);
      case "*":
      case "implicit":
        return this.product(a, b);
      case "dot":
        return this.dotProduct(a, b);
      case "elementwise":
        return arithmetic.mul(this.plain(a), this.plain(b));
      case "/":
        return this.likeRow(arithmetic.div(this.plain(a), this.plain(b)), a, b);
      case "^":
        return squareOfNorm(s, of) ?? power(this.plain(a), foldedExponent(s.right) ?? b);
      default:
        return compare(s.operator, this.plain(a), this.plain(b));
    }
  }

  private plain(x: Node): Node {
    return this.columnOf.get(x) ?? x;
  }

  private likeRow(result: Node, ...from: Node[]): Node {
    if (!from.some((x) => this.rows.has(x))) return result;
    const row = arithmetic.mul(result, exactConstant(Rational.ONE));
    this.rows.add(row);
    this.columnOf.set(row, result);
    return row;
  }

  /** The product as mathematics means it: scalars scale, matrices and vectors multiply, xᵀy is a number, xyᵀ a matrix. */
  private product(left: Node, right: Node): Node {
    const [a, b] = [this.plain(left), this.plain(right)];
    const scaled = b.rank > 0 ? this.scaled.get(left) : undefined;
    if (scaled) {
      const rest = this.product(scaled.of, right);
      return scaled.by ? this.product(scaled.by, rest) : this.unary("-", rest);
    }
    if (a.rank === 0 || b.rank === 0) {
      const multiple = this.likeRow(arithmetic.mul(a, b), left, right);
      if (a.rank === 0 && this.rows.has(right)) this.scaled.set(multiple, { by: a, of: right });
      return multiple;
    }
    const [row, column] = [this.rows.has(left), !this.rows.has(right)];
    if (a.rank === 1 && b.rank === 1) {
      if (row && column) return matmul(a, b);
      if (!row && !column) return outer(a, b);
      throw new MathError(
        `a product of two vectors of shapes ${showShape(a.shape)} and ${showShape(b.shape)}: write x·y, x y^T, or x ⊙ y element by element`,
      );
    }
    if (a.rank === 1 && !row)
      throw new MathError(
        `a column of shape ${showShape(a.shape)} times a matrix: write x^T before the matrix`,
      );
    const result = matmul(a, b);
    return a.rank === 1 ? this.asRow(result) : result;
  }

  /** x·y of two vectors is their dot product; of anything else the product. */
  private dotProduct(a: Node, b: Node): Node {
    const columns = a.rank === 1 && b.rank === 1 && !this.rows.has(a) && !this.rows.has(b);
    return columns ? matmul(a, b) : this.product(a, b);
  }

  private asRow(result: Node): Node {
    return result.rank === 1 ? this.transposed(result) : result;
  }

  private call(name: string, given: readonly Node[], primes: number): Node {
    const args = given.map((x) => this.plain(x));
    const formula = this.formulas.get(name);
    if (formula) return this.userFunction(formula, args, primes);
    const known = functions.get(name);
    if (!known) {
      if (primes > 0 && args.length !== 1)
        throw new MathError(`${name}' needs one argument: say of several with ∂/∂x`);
      return unknownFunction(
        name,
        args,
        args.map((_, i) => (i === 0 ? primes : 0)),
      );
    }
    const [least, most] = known.arity;
    if (args.length < least || args.length > most) {
      const want = least === most ? `${least}` : `${least} to ${most}`;
      throw new MathError(`${name} takes ${want} argument${most === 1 ? "" : "s"}, got ${args.length}`);
    }
    if (primes > 0) return derivativeAt((x) => known.build(x), args[0], primes);
    return name === "norm" ? norm(args[0]) : known.build(...args);
  }

  private userFunction(formula: Statement, args: readonly Node[], primes: number): Node {
    const parameters = formula.parameters as readonly string[];
    if (args.length !== parameters.length) {
      throw new MathError(`${formula.name} takes ${parameters.length} arguments, got ${args.length}`);
    }
    if (++this.depth > 200) throw new MathError(`${formula.name} is defined by itself: a formula must end`);
    const body = (...x: Node[]) => this.build(formula.value, new Map(parameters.map((p, i) => [p, x[i]])));
    const node = primes > 0 ? derivativeAt(body, args[0], primes) : body(...args);
    this.depth--;
    return node;
  }

  private derivative(of: Node, variables: readonly string[]): Node {
    return variables.reduce((y, name) => {
      const x = this.resolve(name);
      if (x.rank > 0)
        throw new MathError(`d/d${name}: ${name} is not a number; use derive --wrt ${name} for a gradient`);
      return (
        tangents([y], new Map([[x, exactConstant(Rational.ONE)]]), "textbook")[0] ??
        arithmetic.mul(y, exactConstant(Rational.ZERO))
      );
    }, of);
  }

  private sum(s: Syntax & { kind: "sum" }, locals?: ReadonlyMap<string, Node>): Node {
    const bound = (b: Syntax): number => {
      const value = exactValue(this.build(b, locals))?.toNumber();
      if (value === undefined || !Number.isInteger(value))
        throw new MathError("the bounds of a sum must be whole numbers");
      return value;
    };
    const [from, to] = [bound(s.from), bound(s.to)];
    if (to - from > 10_000) throw new MathError(`a sum of ${to - from + 1} terms is too long: at most 10001`);
    let total: Node | undefined;
    for (let i = from; i <= to; i++) {
      const index = new Map(locals ?? []).set(s.index, exactConstant(Rational.of(i)));
      const term = this.build(withIndex(s.body, s.index, i), index);
      total = total ? (s.product ? this.product(total, term) : arithmetic.add(total, term)) : term;
    }
    return total ?? exactConstant(s.product ? Rational.ONE : Rational.ZERO);
  }
}

function children(s: Syntax): readonly Syntax[] {
  switch (s.kind) {
    case "number":
    case "name":
    case "sum":
      return [];
    case "unary":
      return [s.value];
    case "binary":
      return [s.left, s.right];
    case "list":
      return s.items;
    case "call":
      return s.args;
    case "cases":
      return s.rows.flatMap((r) => (r.condition ? [r.value, r.condition] : [r.value]));
    case "derivative":
      return [s.of];
  }
}

/** x_i with i = 2 is x_2. */
function withIndex(s: Syntax, index: string, value: number): Syntax {
  if (s.kind === "name")
    return s.name.endsWith(`_${index}`) ? { ...s, name: `${s.name.slice(0, -index.length)}${value}` } : s;
  const map = (x: Syntax) => withIndex(x, index, value);
  switch (s.kind) {
    case "unary":
      return { ...s, value: map(s.value) };
    case "binary":
      return { ...s, left: map(s.left), right: map(s.right) };
    case "call":
      return { ...s, args: s.args.map(map) };
    case "list":
      return { ...s, items: s.items.map(map) };
    default:
      return s;
  }
}

/** An exponent made of numbers only, such as 1/3, as one exact number. */
function foldedExponent(s: Syntax): Node | undefined {
  const value = exactly(s, 0);
  return value && exactConstant(value);
}

function exactly(s: Syntax, depth: number): Rational | undefined {
  if (depth > 8) return undefined;
  if (s.kind === "number") return s.value;
  if (s.kind === "unary" && s.operator === "-") return exactly(s.value, depth + 1)?.neg();
  if (s.kind !== "binary") return undefined;
  const [a, b] = [exactly(s.left, depth + 1), exactly(s.right, depth + 1)];
  if (!a || !b) return undefined;
  if (s.operator === "/") return b.isZero ? undefined : a.div(b);
  if (s.operator === "+") return a.add(b);
  if (s.operator === "-") return a.sub(b);
  return ["*", "dot", "implicit"].includes(s.operator) ? a.mul(b) : undefined;
}

/** ‖x‖² as one function: it has a gradient where ‖x‖ = 0, and more digits. */
function squareOfNorm(s: Syntax & { kind: "binary" }, of: (s: Syntax) => Node): Node | undefined {
  if (s.left.kind !== "call" || s.left.name !== "norm" || s.left.args.length !== 1) return undefined;
  return exactly(s.right, 0)?.equals(Rational.of(2)) ? squaredNorm(of(s.left.args[0])) : undefined;
}

/** x^n: a matrix is multiplied by itself (X^(-1) is its inverse), a vector is raised element by element. */
function power(base: Node, exponent: Node): Node {
  if (base.rank < 2) return base === E ? exp(exponent) : arithmetic.pow(base, exponent);
  const n = exactValue(exponent);
  if (!n?.isInteger || n.abs().toNumber() > 64)
    throw new MathError("a matrix takes whole exponents from -64 to 64; element by element, use pow");
  const count = n.abs().toNumber();
  const factor = n.sign < 0 ? inverse(base) : base;
  if (count === 0) return matmul(inverse(base), base);
  let result = factor;
  for (let i = 1; i < count; i++) result = matmul(result, factor);
  return result;
}

/** A document's lines as nodes of one graph. */
export interface Built {
  readonly scope: Scope;
  /** The value of the last expression, or of the last named line. */
  readonly result: Node;
  readonly resultName?: string;
  readonly equation?: { readonly left: Node; readonly right: Node };
}

export function buildDocument(
  document: MathDocument,
  shapes?: ReadonlyMap<string, Shape>,
  sizes?: SizeLetters,
  operations?: number,
): Built {
  const scope = new Scope(shapes, sizes, operations);
  let result: Node | undefined;
  let resultName: string | undefined;
  let equation: Built["equation"];
  for (const statement of document.statements) {
    const node = scope.add(statement);
    if (!node) continue;
    [result, resultName] = [node, statement.name];
    if (statement.left) equation = { left: scope.build(statement.left), right: node };
  }
  const last = document.statements[document.statements.length - 1];
  // f(x) = x² at the end is the function itself.
  if (!result || last.parameters) [result, resultName] = scope.formulaItself(last);
  return { scope, result, resultName, equation };
}
