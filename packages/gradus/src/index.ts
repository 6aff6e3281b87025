/** Gradus: graph, primitives, transforms, engines. Maths as text is in `gradus/math`. */
import "./primitives/methods.ts";

export { type Compiled, compile, type EngineName } from "./engines/compile.ts";
export { debugNans, NaNError } from "./engines/debug-nans.ts";
export { type Executable, interpret } from "./engines/interpreter.ts";
export { type JitOptions, type Jitted, jit } from "./engines/jit.ts";
export type { Data, DType } from "./ir/dtype.ts";
export { NotAnalyticError, TransformError } from "./ir/errors.ts";
export type { Program } from "./ir/graph.ts";
export { Node as Tensor, UnboundInputError } from "./ir/node.ts";
export type { Shape } from "./ir/shape.ts";
export { ShapeError } from "./ir/shape.ts";
export * from "./primitives/activation.ts";
export {
  abs,
  add,
  cbrt,
  div,
  hypot,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  relu,
  sqrt,
  sub,
} from "./primitives/arithmetic.ts";
export * from "./primitives/comparison.ts";
export { dot, matmul, outer, trace } from "./primitives/contraction.ts";
export { type ConvolutionOptions, conv, type Padding, type WindowOptions } from "./primitives/convolution.ts";
export * from "./primitives/cumulative.ts";
export { type Bounds, boundMemory, type TensorLike, tensor } from "./primitives/define.ts";
export * from "./primitives/diagonal.ts";
export { einsum } from "./primitives/einsum.ts";
export * from "./primitives/exponential.ts";
export * from "./primitives/hyperbolic.ts";
export * from "./primitives/indexing.ts";
export * from "./primitives/linear-algebra.ts";
export * from "./primitives/loss.ts";
export type { Nested } from "./primitives/methods.ts";
export * from "./primitives/pooling.ts";
export * from "./primitives/reduction.ts";
export * from "./primitives/rounding.ts";
export { at, concatenate, pad, reverse, slice, stack } from "./primitives/slicing.ts";
export * from "./primitives/sorting.ts";
export {
  digamma,
  erf,
  erfc,
  factorial,
  gamma,
  logGamma,
  normalCdf,
  polygamma,
} from "./primitives/special.ts";
export {
  broadcast,
  cast,
  iota,
  moveAxis,
  ones,
  reshape,
  stopGradient,
  transpose,
  where,
  zeros,
} from "./primitives/structure.ts";
export * from "./primitives/trigonometric.ts";
export { type CheckGradsOptions, checkGrads, type GradientCheck } from "./transforms/check-grads.ts";
export { cleanUp } from "./transforms/clean-up.ts";
export { cond } from "./transforms/control/cond.ts";
export {
  customRoot,
  type FixedPointOptions,
  fixedPoint,
  type ImplicitOptions,
} from "./transforms/control/custom-root.ts";
export { remat } from "./transforms/control/remat.ts";
export { type ScanOptions, scan } from "./transforms/control/scan.ts";
export type { Tensors } from "./transforms/control/types.ts";
export { type WhileOptions, whileLoop } from "./transforms/control/while-loop.ts";
export { customJvp, customVjp } from "./transforms/custom.ts";
export {
  type DerivativeOptions,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  linearTranspose,
  valueAndGrad,
  vjp,
} from "./transforms/derivatives.ts";
export { taylor } from "./transforms/taylor.ts";
export { type VmapOptions, vmap } from "./transforms/vmap.ts";
