/** Maths as text: read, simplified, differentiated, printed. */
import "./primitives/methods.ts";

export { type BackwardPass, backwardPass } from "./derivation/backward-pass.ts";
export { type GraphNode, graphOf } from "./derivation/graph-view.ts";
export type { Written } from "./derivation/steps-of-graph.ts";
export { type TaylorModel, taylorModel } from "./derivation/taylor-model.ts";
export { MathError, MathSyntaxError } from "./expression/errors.ts";
export { derivativeNode, Expression, type MathOptions, math, parse } from "./expression/expression.ts";
export { functionNames } from "./expression/functions.ts";
export { type ParseOptions, parseMath } from "./expression/parse.ts";
export { toLatex } from "./expression/print-latex.ts";
export { toPretty, toText } from "./expression/print-text.ts";
export type { MathDocument, Statement, Syntax } from "./expression/syntax.ts";
export { tidy, tidyAll } from "./expression/tidy.ts";
export type { Interval } from "./ir/primitive.ts";
export { Rational } from "./ir/rational.ts";
export { DomainError, enclose } from "./numeric/enclosures.ts";
export { interval } from "./numeric/interval.ts";
export { type RemainderBound, type RemainderOptions, remainderBound } from "./numeric/remainder.ts";
