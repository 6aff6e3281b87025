/** Maths as text: read, simplified, differentiated, printed. */
import "./derivation/methods.ts";

export { type AdjointLine, type GradientDerivation, gradientDerivation } from "./derivation/adjoints.ts";
export { type BackwardPass, backwardPass } from "./derivation/backward-pass.ts";
export type { Derivation, Step } from "./derivation/derivation.ts";
export { derivation } from "./derivation/derive.ts";
export { type ForwardModeRow, forwardPass } from "./derivation/forward-pass.ts";
export type { GeneralTerm } from "./derivation/general-term.ts";
export { type GraphEdge, graphEdges, graphTangents } from "./derivation/graph-edges.ts";
export { type GraphNode, graphOf } from "./derivation/graph-view.ts";
export { implicitDerivation } from "./derivation/implicit.ts";
export { type LocalModel, localModel, type PartialValue } from "./derivation/local-model.ts";
export { gradientStep, type LocalStep, newtonStep } from "./derivation/local-step.ts";
export { type TaylorExpansion, Whiteboard } from "./derivation/methods.ts";
export { type NamedLine, namedLines } from "./derivation/named-lines.ts";
export { type OperationCounts, operationCounts } from "./derivation/operation-counts.ts";
export {
  type DerivationData,
  type DerivationFormat,
  type Detail,
  derivationData,
  renderDerivation,
  type StepData,
} from "./derivation/render.ts";
export { type TaylorModel, taylorModel } from "./derivation/taylor-model.ts";
export { MathError, MathSyntaxError } from "./expression/errors.ts";
export { derivativeNode, Expression, type MathOptions, math, parse } from "./expression/expression.ts";
export { functionNames } from "./expression/functions.ts";
export { type IndexNotation, indexNotation } from "./expression/index-notation.ts";
export type { EqualityProof } from "./expression/normal-form.ts";
export { type ParseOptions, parseMath } from "./expression/parse.ts";
export type { Written } from "./expression/print.ts";
export { toLatex } from "./expression/print-latex.ts";
export { toPretty, toText } from "./expression/print-text.ts";
export { readShapes, sizesApartFrom } from "./expression/read-shapes.ts";
export { sample } from "./expression/sample.ts";
export { didYouMean } from "./expression/suggest.ts";
export type { MathDocument, Statement, Syntax } from "./expression/syntax.ts";
export { tidy, tidyAll } from "./expression/tidy.ts";
export type { Interval } from "./ir/primitive.ts";
export { Rational } from "./ir/rational.ts";
export { type Convergence, radiusOfConvergence } from "./numeric/convergence.ts";
export { type DomainIssue, domainIssues } from "./numeric/domain.ts";
export { DomainError, enclose } from "./numeric/enclosures.ts";
export { type Counterexample, type Equality, equal } from "./numeric/equal.ts";
export { interval } from "./numeric/interval.ts";
export type { Isolated, Isolation } from "./numeric/isolate.ts";
export { type LimitTable, limitTable } from "./numeric/limit.ts";
export { type RemainderBound, type RemainderOptions, remainderBound } from "./numeric/remainder.ts";
export { type Extrema, type Extremum, extrema, type RootOptions, roots } from "./numeric/roots.ts";
