import type { Node } from "../ir/node.ts";
import { scalarValue } from "../ir/node.ts";
import * as activation from "../primitives/activation.ts";
import * as arithmetic from "../primitives/arithmetic.ts";
import * as contraction from "../primitives/contraction.ts";
import { conv } from "../primitives/convolution.ts";
import * as cumulative from "../primitives/cumulative.ts";
import { diagonal, diagonalMatrix } from "../primitives/diagonal.ts";
import * as exponential from "../primitives/exponential.ts";
import * as hyperbolic from "../primitives/hyperbolic.ts";
import * as linearAlgebra from "../primitives/linear-algebra.ts";
import * as loss from "../primitives/loss.ts";
import * as reduction from "../primitives/reduction.ts";
import * as rounding from "../primitives/rounding.ts";
import * as sorting from "../primitives/sorting.ts";
import * as special from "../primitives/special.ts";
import { broadcast, ones, where } from "../primitives/structure.ts";
import * as trigonometric from "../primitives/trigonometric.ts";
import { MathError } from "./errors.ts";

type Build = (...args: Node[]) => Node;

export interface MathFunction {
  readonly name: string;
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  readonly build: Build;
}

const table = new Map<string, MathFunction>();

/** Names are those that people write, the first one printed; `\\name` is read too. */
function define(names: string, arity: number | readonly [number, number], build: Build): void {
  const [name, ...aliases] = names.split(" ");
  const entry = { name, arity: typeof arity === "number" ? ([arity, arity] as const) : arity, build };
  for (const n of [name, ...aliases]) table.set(n, entry);
}

// --- functions of one number, elementwise on vectors ---
const unary: readonly (readonly [string, Build])[] = [
  ["sin", trigonometric.sin],
  ["cos", trigonometric.cos],
  ["tan tg", trigonometric.tan],
  ["sec", trigonometric.sec],
  ["csc cosec", trigonometric.csc],
  ["cot ctg", trigonometric.cot],
  ["asin arcsin", trigonometric.asin],
  ["acos arccos", trigonometric.acos],
  ["atan arctan arctg", trigonometric.atan],
  ["asec arcsec", trigonometric.asec],
  ["acsc arccsc", trigonometric.acsc],
  ["acot arccot arcctg", trigonometric.acot],
  ["sinh", hyperbolic.sinh],
  ["cosh", hyperbolic.cosh],
  ["tanh", hyperbolic.tanh],
  ["sech", hyperbolic.sech],
  ["csch", hyperbolic.csch],
  ["coth", hyperbolic.coth],
  ["asinh arsinh arcsinh", hyperbolic.asinh],
  ["acosh arcosh arccosh", hyperbolic.acosh],
  ["atanh artanh arctanh", hyperbolic.atanh],
  ["asech arsech arcsech", hyperbolic.asech],
  ["acsch arcsch arccsch", hyperbolic.acsch],
  ["acoth arcoth arccoth", hyperbolic.acoth],
  ["exp", exponential.exp],
  ["log2 lb", exponential.log2],
  ["log10 lg", exponential.log10],
  ["expm1", exponential.expm1],
  ["log1p", exponential.log1p],
  ["sqrt", arithmetic.sqrt],
  ["cbrt", arithmetic.cbrt],
  ["abs", arithmetic.abs],
  ["sign sgn", rounding.sign],
  ["floor", rounding.floor],
  ["ceil", rounding.ceil],
  ["round", rounding.round],
  ["erf", special.erf],
  ["erfc", special.erfc],
  ["gamma Gamma", special.gamma],
  ["log_gamma lgamma loggamma", special.logGamma],
  ["digamma", special.digamma],
  ["normal_cdf Phi", special.normalCdf],
  ["factorial", special.factorial],
  ["sigmoid logistic expit Sigmoid", activation.sigmoid],
  ["log_sigmoid logsigmoid", activation.logSigmoid],
  ["logistic_pdf", activation.logisticPdf],
  ["softplus Softplus", activation.softplus],
  ["relu ReLU", arithmetic.relu],
  ["selu SELU", activation.selu],
  ["gelu GELU", activation.gelu],
  ["gelu_tanh", activation.geluTanh],
  ["silu swish SiLU", activation.silu],
  ["softsign Softsign", activation.softsign],
  ["hard_sigmoid hardsigmoid HardSigmoid", activation.hardSigmoid],
  ["mish Mish", activation.mish],
  ["softmax Softmax", (x) => activation.softmax(x)],
  ["log_softmax logsoftmax LogSoftmax", (x) => activation.logSoftmax(x)],
  ["tr trace Tr", contraction.trace],
  ["det", linearAlgebra.det],
  ["inv inverse", linearAlgebra.inverse],
  ["transpose", linearAlgebra.matrixTranspose],
  ["logdet", linearAlgebra.logdet],
  ["cholesky", linearAlgebra.cholesky],
  ["eigenvalues eigvals eigvalsh", linearAlgebra.eigvalsh],
  ["eigenvectors", (x) => linearAlgebra.eigh(x).vectors],
  ["qr_q", (x) => linearAlgebra.qr(x).q],
  ["qr_r", (x) => linearAlgebra.qr(x).r],
];
for (const [names, build] of unary) define(names, 1, (x) => build(x));

define("log ln", [1, 2], (x, base) => (base ? exponential.logBase(x, base) : exponential.log(x)));
define("leaky_relu leakyrelu leakyReLU LeakyReLU", [1, 2], (x, slope) => activation.leakyRelu(x, slope));
define("elu ELU", [1, 2], (x, alpha) => activation.elu(x, alpha));

// --- two arguments or more ---
define("atan2", 2, trigonometric.atan2);
define("hypot", 2, arithmetic.hypot);
define("mod", 2, rounding.mod);
define("pow", 2, arithmetic.pow);
define("clip clamp", 3, (x, low, high) => rounding.clip(x, low, high));
define("where if", 3, where);
define("polygamma", 2, (n, x) => special.polygamma(wholeNumber("polygamma", n), x));
define("max", [1, 64], (...x) => fold("max", x, zeroAwareMax, reduction.reduceMax));
define("min", [1, 64], (...x) => fold("min", x, arithmetic.minimum, reduction.reduceMin));

// --- vectors and matrices ---
define("sum", [1, 8], (x, ...axes) => reduction.sum(x, alongAxes("sum", axes)));
define("mean", 1, (x) => reduction.mean(x));
define("var variance", 1, (x) => reduction.variance(x));
define("prod", 1, (x) => reduction.prod(x));
define("norm", 1, (x) => reduction.norm(x));
define("logsumexp LogSumExp", 1, (x) => reduction.logSumExp(x));
define("argmax", 1, (x) => reduction.argmax(x));
define("dot", 2, contraction.dot);
define("outer", 2, contraction.outer);
define("cumsum", 1, (x) => cumulative.cumsum(x));
define("cumprod", 1, (x) => cumulative.cumprod(x));
define("sort", 1, (x) => sorting.sort(x));
define("argsort", 1, (x) => sorting.argsort(x));
define("conv", 2, (x, kernel) => conv(x, kernel));
// A number as the right side stands for a vector of it: so the gradient of a sum is written.
define("solve", 2, (a, b) => linearAlgebra.solve(a, b.rank === 0 ? broadcast(b, a.shape.slice(-1)) : b));
define("lstsq", 2, (a, b) => linearAlgebra.lstsq(a, b));
define("tril", [1, 2], (x, k) => linearAlgebra.tril(x, k && wholeNumber("tril", k)));
define("triu", [1, 2], (x, k) => linearAlgebra.triu(x, k && wholeNumber("triu", k)));
define("cofactor", [1, 8], (x, ...directions) => linearAlgebra.cofactor(x, ...directions));
define("diagonal diag", 1, (x) => (x.rank === 1 ? diagonalMatrix(x) : diagonal(x)));
define("ones", [1, 8], (...sizes) => ones(shapeOf("ones", sizes)));
define("eye", 1, (n) => diagonalMatrix(ones(shapeOf("eye", [n, n]).slice(1))));

// --- losses: the true value first ---
define("half_squared_error", 2, loss.halfSquaredError);
define("mse MSE", 2, loss.meanSquaredError);
define("mae MAE", 2, loss.meanAbsoluteError);
define("huber", [2, 3], (y, p, delta) => loss.huber(y, p, delta));
define("bce BCE", 2, loss.binaryCrossEntropy);
define("cross_entropy", 2, loss.crossEntropy);
define("hinge", 2, loss.hinge);
define("kl KL", 2, loss.klDivergence);

/** max(0, u) is relu(u), also where 0 was parsed and is exact. */
function zeroAwareMax(a: Node, b: Node): Node {
  if (a.rank === 0 && scalarValue(a) === 0) return arithmetic.relu(b);
  if (b.rank === 0 && scalarValue(b) === 0) return arithmetic.relu(a);
  return arithmetic.maximum(a, b);
}

function fold(
  name: string,
  x: readonly Node[],
  pair: (a: Node, b: Node) => Node,
  reduce: (x: Node) => Node,
): Node {
  if (x.length > 1) return x.reduce((a, b) => pair(a, b));
  if (x[0].rank === 0)
    throw new MathError(`${name} of one number: give two or more, as in ${name}(0, x), or a vector`);
  return reduce(x[0]);
}

/** sum(X, 0) sums over the first axis, as in NumPy; without axes over all. */
function alongAxes(name: string, axes: readonly Node[]): reduction.ReduceOptions {
  return axes.length === 0 ? {} : { axis: axes.map((a) => wholeNumber(name, a)) };
}

/** What is written in a line is not to fill the memory. */
const MOST_NUMBERS = 10_000_000;

function shapeOf(name: string, sizes: readonly Node[]): number[] {
  const shape = sizes.map((n) => wholeNumber(name, n));
  if (shape.some((n) => n < 0)) throw new MathError(`${name}: a size of ${Math.min(...shape)}, below 0`);
  const count = shape.reduce((a, b) => a * b, 1);
  if (count > MOST_NUMBERS)
    throw new MathError(`${name}: ${shape.join(" × ")} are more than ${MOST_NUMBERS} numbers`);
  return shape;
}

function wholeNumber(name: string, n: Node): number {
  const negative = n.primitive === arithmetic.neg.primitive;
  const size = scalarValue(negative ? n.inputs[0] : n);
  const value = negative && size !== undefined ? -size : size;
  if (value === undefined || !Number.isInteger(value))
    throw new MathError(`${name}: expected a whole number that does not vary`);
  return value;
}

/** The inverse of a function, for sin⁻¹ x. */
export const inverseOf: ReadonlyMap<string, string> = new Map(
  ["sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "sech", "csch", "coth"].map((f) => [
    f,
    `a${f}`,
  ]),
);

export const functions: ReadonlyMap<string, MathFunction> = table;
export const functionNames: readonly string[] = [...table.keys()];
export const isFunctionName = (name: string): boolean => table.has(name);
