// What an expression gives for numbers is a tensor, with its methods.
import "../primitives/methods.ts";
import { interpret } from "../engines/interpreter.ts";
import { freeInputs, rewrite, topologicalOrder } from "../ir/graph.ts";
import { constant, exactConstant, input, type Node, type Zero } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import type { Shape } from "../ir/shape.ts";
import { type TensorLike, tensor } from "../primitives/define.ts";
import { substitute } from "../primitives/evaluate.ts";
import { pullback } from "../transforms/derivatives.ts";
import { tangents } from "../transforms/tangent.ts";
import { checkOrder } from "../transforms/taylor.ts";
import { type Built, buildDocument } from "./build.ts";
import { assertFinite } from "./diagnose.ts";
import { MathError } from "./errors.ts";
import { jacobianNode } from "./jacobian.ts";
import { greekByName } from "./names.ts";
import { parseMath } from "./parse.ts";
import { nameOf } from "./print.ts";
import { toLatex } from "./print-latex.ts";
import { toPretty, toText } from "./print-text.ts";
import type { SizeLetters } from "./size-letters.ts";
import { stableForms } from "./stable.ts";
import { nearest } from "./suggest.ts";
import { tidy, tidyDerivatives } from "./tidy.ts";

export interface MathOptions {
  /** Shapes of vectors and matrices; a name without one is a number. */
  readonly shapes?: Readonly<Record<string, Shape>> | ReadonlyMap<string, Shape>;
  /** Letters that sizes stand for, by size: 13 is written m. Each a prime that no number of the text holds as a factor. */
  readonly sizes?: ReadonlyMap<number, string>;
  /** Further names that are variables whatever else they could be read as. */
  readonly variables?: Iterable<string>;
  /** How many operations sums and definitions may unfold to: 3,000,000 unless told. */
  readonly operations?: number;
}

/** Written maths as a function: evaluated, differentiated, printed. Immutable. */
export class Expression {
  readonly node: Node;
  /** Named lines, in order. */
  readonly bindings: ReadonlyMap<string, Node>;
  /** How ambiguous writing was read. */
  readonly reading: readonly string[];
  /** An equation's two sides, where one was written. */
  readonly equation: Built["equation"];
  /** The name of the last line, if it has one. */
  readonly resultName: string | undefined;
  /** Letters that stand for sizes. */
  readonly sizes: SizeLetters | undefined;

  constructor(
    node: Node,
    parts: {
      bindings?: ReadonlyMap<string, Node>;
      reading?: readonly string[];
      equation?: Built["equation"];
      resultName?: string;
      sizes?: SizeLetters;
    } = {},
  ) {
    this.node = node;
    this.bindings = parts.bindings ?? new Map();
    this.reading = parts.reading ?? [];
    this.equation = parts.equation;
    this.resultName = parts.resultName;
    this.sizes = parts.sizes;
  }

  /** Its variables, by name, in order of first use. */
  get variables(): ReadonlyMap<string, Node> {
    return new Map(freeInputs([this.node]).map((n) => [nameOf(n), n]));
  }

  get shape(): Shape {
    return this.node.shape;
  }

  /** The variable of a name (`sigma` is σ); the error names the nearest one. */
  variable(name: string): Node {
    const { variables } = this;
    const found = variables.get(name) ?? variables.get(greekByName.get(name) ?? name);
    if (found) return found;
    const near = nearest(name, variables.keys());
    const list = [...variables.keys()].join(", ") || "none";
    throw new MathError(
      `${name} is not a variable here${near ? `: did you mean ${near}?` : ""} (variables: ${list})`,
    );
  }

  /**
   * The derivative with respect to a variable, tidied as a person writes it. For a number: dy/dx, of any order.
   * For a vector or matrix: the gradient, in its shape.
   */
  derivative(name: string, order = 1): Expression {
    checkOrder(order);
    let node = this.node;
    // Of a number, the derivative by anything is 0.
    const x = this.variables.size === 0 ? input({ shape: [], dtype: "f64" }) : this.variable(name);
    for (let i = 0; i < order; i++) node = derivativeNode(node, x);
    return new Expression(order === 0 ? tidy(node) : node, { reading: this.reading, sizes: this.sizes });
  }

  /** Simplified, without changing the function. */
  tidy(): Expression {
    return new Expression(tidy(this.node), { ...this });
  }

  /** The value, given one for every variable. */
  evaluate(values: Readonly<Record<string, TensorLike>> | ReadonlyMap<string, TensorLike> = {}): Node {
    const given = new Map([...entries(values)].map(([k, v]) => [greekByName.get(k) ?? k, tensor(v)]));
    const inputs = [...this.variables];
    for (const [name] of inputs)
      if (!given.has(name)) throw new MathError(`${name} has no value: give ${name}=…`);
    const run = interpret({ inputs: inputs.map(([, n]) => n), outputs: stableForms([this.node]) });
    const result = run(...inputs.map(([name]) => given.get(name) as Node))[0];
    return constant(result.toTypedArray(), result.shape, result.dtype);
  }

  /** The same with exact numbers in the place of some variables. */
  with(values: ReadonlyMap<string, Rational>): Expression {
    const places = new Map([...values].map(([name, value]) => [this.variable(name), exactConstant(value)]));
    return new Expression(rewrite([this.node], places)[0], { reading: this.reading });
  }

  /** The graph with other nodes in the place of some variables; nothing is evaluated. */
  inVariables(places: ReadonlyMap<Node, Node>): Node {
    return rewrite([this.node], new Map(places))[0];
  }

  /** As `evaluate`, but what has no finite real value is an error that names the step. */
  evaluateFinite(values: Readonly<Record<string, TensorLike>> | ReadonlyMap<string, TensorLike> = {}): Node {
    const result = this.evaluate(values);
    const given = new Map([...entries(values)].map(([k, v]) => [greekByName.get(k) ?? k, tensor(v)]));
    assertFinite(
      this.node,
      new Map([...this.variables].map(([name, node]) => [node, given.get(name) as Node])),
      result,
    );
    return result;
  }

  /** The expression as a step of a larger computation: tensors, traced or not, in the place of variables. */
  apply(values: Readonly<Record<string, TensorLike>> | ReadonlyMap<string, TensorLike>): Node {
    const given = new Map([...entries(values)].map(([k, v]) => [greekByName.get(k) ?? k, v]));
    const places = [...this.variables].map(([name, node]) => {
      const value = given.get(name);
      if (value === undefined) throw new MathError(`${name} has no value: give ${name}=…`);
      return [node, tensor(value)] as const;
    });
    return substitute([this.node], new Map(places))[0];
  }

  /** Text with explicit * and ^, that the parser reads back. */
  toText(): string {
    return toText(this.node, this.sizes);
  }

  /** Text for people: 2x cos(x²). */
  toString(): string {
    return toPretty(this.node, this.sizes);
  }

  toLatex(): string {
    return toLatex(this.node, this.sizes);
  }
}

function entries(
  values: Readonly<Record<string, TensorLike>> | ReadonlyMap<string, TensorLike>,
): Iterable<[string, TensorLike]> {
  return values instanceof Map ? values : Object.entries(values);
}

/** From here on, like terms and factors are collected before differentiation too: each would get a slope of its own. */
const LARGE = 5_000;
const COLLECTED = new Set("add sub neg mul div pow input constant".split(" "));

/** Whether most of a large function is sums and products. */
function isLargeSum(y: Node): boolean {
  const order = topologicalOrder([y]);
  if (order.length <= LARGE) return false;
  return order.filter((n) => !COLLECTED.has(n.primitive.name)).length < order.length / 10;
}

/** One derivative, in the form that people read. */
export function derivativeNode(given: Node, x: Node): Node {
  const y = x.rank === 0 && isLargeSum(given) ? tidy(given) : given;
  let slope: Node | Zero;
  if (x.rank === 0) slope = tangents([y], new Map([[x, exactConstant(Rational.ONE)]]), "textbook")[0];
  else {
    if (y.rank > 0) {
      const jacobian = jacobianNode(y, x);
      if (jacobian) return jacobian;
      throw new MathError(
        `the derivative of a tensor of shape [${y.shape}] by one of shape [${x.shape}] is no product of matrices: differentiate a number, or by a number`,
      );
    }
    [slope] = pullback([y], [x], [exactConstant(Rational.ONE)], "textbook");
  }
  return slope ? tidyDerivatives([slope], y)[0] : exactConstant(Rational.ZERO);
}

/** Reads maths, as text or LaTeX: an expression, or several named lines whose last is the result. */
export function parse(source: string, options: MathOptions = {}): Expression {
  const shapes = new Map(
    options.shapes instanceof Map ? options.shapes : Object.entries(options.shapes ?? {}),
  );
  const canonical = new Map([...shapes].map(([k, v]) => [greekByName.get(k) ?? k, v as Shape]));
  const document = parseMath(source, { known: [...canonical.keys(), ...(options.variables ?? [])] });
  const built = buildDocument(document, canonical, options.sizes, options.operations);
  return new Expression(built.result, {
    bindings: built.scope.bindings,
    reading: document.reading,
    equation: built.equation,
    resultName: built.resultName,
    sizes: options.sizes,
  });
}

/** Written maths: math`sin(x^2)` or math("sin(x^2)", { shapes }). */
export function math(source: TemplateStringsArray | string, ...rest: unknown[]): Expression {
  if (typeof source === "string") return parse(source, (rest[0] as MathOptions | undefined) ?? {});
  return parse(
    String.raw(source, ...rest.map((r) => (r instanceof Expression ? `(${r.toText()})` : String(r)))),
  );
}
