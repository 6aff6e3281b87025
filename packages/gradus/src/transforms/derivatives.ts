import { checkOptions, TransformError } from "../ir/errors.ts";
import { dependsOn } from "../ir/graph.ts";
import { input, type Node, type Zero } from "../ir/node.ts";
import { flatten, leavesLike, likeGiven, type Structure, unflatten } from "../ir/tree.ts";
import { tensor } from "../primitives/define.ts";
import { substitute } from "../primitives/evaluate.ts";
import { reshape, transpose, zeros, zerosLike } from "../primitives/structure.ts";
import { batchGraph } from "./batch.ts";
import { shareControl } from "./control/share.ts";
import { type Form, tangents } from "./tangent.ts";
import {
  type AnyFunction,
  finish,
  inNumbers,
  requireFloat,
  resultTree,
  scalarOutput,
  type Traced,
  trace,
} from "./trace.ts";
import { transposeLinear } from "./transpose.ts";
import type {
  Cotangents,
  Derivative,
  Given,
  GivenTree,
  GradientOf,
  JacobianOf,
  Returned,
  ScalarResult,
  Widened,
} from "./types.ts";

export interface DerivativeOptions<K extends number = number> {
  /** Which argument to differentiate with respect to, by place; the first unless told. */
  readonly argument?: K;
}

const DERIVATIVE_OPTIONS: Record<keyof DerivativeOptions, true> = { argument: true };

/** The traced inputs that stand for one argument, and their structure. */
function chosen(name: string, traced: Traced, options: DerivativeOptions) {
  checkOptions(name, options, DERIVATIVE_OPTIONS);
  const place = options.argument ?? 0;
  const argument = traced.arguments[place];
  if (!argument)
    throw new TypeError(
      `${name}: there is no argument ${place}: the function was called with ${traced.arguments.length}`,
    );
  const nodes = traced.inputs.slice(argument.start, argument.start + argument.leaves.length);
  requireFloat(name, nodes);
  return { nodes, structure: argument.structure };
}

/** Cotangents of `inputs` from those of `outputs`: the transpose of the linear part. */
export function pullback(
  outputs: readonly Node[],
  inputs: readonly Node[],
  cotangents: readonly Node[],
  form: Form = "stable",
): Node[] {
  const dx = inputs.map((n) => input(n));
  const dy = tangents(outputs, new Map(inputs.map((n, i) => [n, dx[i]])), form);
  return transposeLinear(dy, dx, cotangents).map((g, i) => g ?? zerosLike(inputs[i]));
}

/** Tangents of the outputs; a structural zero becomes zeros. */
export function pushforward(outputs: readonly Node[], seeds: ReadonlyMap<Node, Node | Zero>): Node[] {
  return tangents(outputs, seeds).map((t, i) => t ?? zerosLike(outputs[i]));
}

/** The gradient of a scalar function, in the structure of its argument. Cost: a small multiple of the function's. */
export function grad<A extends unknown[], K extends number = 0>(
  f: (...args: A) => ScalarResult,
  options: DerivativeOptions<K> = {},
): Derivative<A, K> {
  return ((...args: unknown[]) =>
    valueAndGradient("grad", f as AnyFunction, args, options).gradient) as Derivative<A, K>;
}

/** As `grad`, with the value, which costs nothing more. */
export function valueAndGrad<A extends unknown[], K extends number = 0>(
  f: (...args: A) => ScalarResult,
  options: DerivativeOptions<K> = {},
) {
  return <G extends Given<A>>(...args: G): { value: Returned<Node, G>; gradient: GradientOf<G, K> } =>
    valueAndGradient("valueAndGrad", f as AnyFunction, args, options) as never;
}

function valueAndGradient(
  name: string,
  f: AnyFunction,
  args: readonly unknown[],
  options: DerivativeOptions,
) {
  const traced = trace(f, args);
  const { nodes, structure } = chosen(name, traced, options);
  const y = scalarOutput(name, traced);
  const gradients = pullback([y], nodes, [tensor(1, y.dtype)]);
  const [value, ...leaves] = finish([y, ...gradients], traced);
  return {
    value: inNumbers(traced) ? likeGiven(value, "number") : value,
    gradient: unflatten(structure, leaves, likeGiven),
  };
}

/** The value and the directional derivative J·v. `tangents` has the structure of `primals`, the list of arguments. */
export function jvp<A extends unknown[], R, G extends Given<A>>(
  f: (...args: A) => R,
  primals: readonly [...G],
  tangent: Readonly<Given<A>>,
): { value: Returned<R, G>; tangent: Returned<R, G> } {
  return pushed("jvp", f as AnyFunction, primals, tangent, "tangents") as never;
}

function pushed(name: string, f: AnyFunction, primals: readonly unknown[], tangent: unknown, where: string) {
  const traced = trace(f, primals);
  requireFloat(name, traced.inputs);
  const seeds = seedsOf(name, traced, traced.inputs, tangent, where);
  const dy = pushforward(traced.outputs, seeds);
  const done = finish([...traced.outputs, ...dy], traced);
  const numbers = inNumbers(traced);
  const half = traced.outputs.length;
  return {
    value: resultTree(traced.structure, done.slice(0, half), numbers),
    tangent: resultTree(traced.structure, done.slice(half), numbers),
  };
}

/** Tangents of the arguments, as a list of trees, in the place of `inputs`. */
function seedsOf(
  name: string,
  traced: Traced,
  inputs: readonly Node[],
  tangent: unknown,
  where: string,
): Map<Node, Node> {
  const items = traced.arguments.map((a) => a.structure);
  const leaves = leavesLike(tangent, { kind: "list", items }, `${name}: ${where}`);
  return new Map(inputs.map((n, i) => [n, fitted(name, leaves[i], n)]));
}

function fitted(name: string, given: Node, like: Node): Node {
  if (given.shape.length !== like.rank || given.shape.some((d, k) => d !== like.shape[k])) {
    throw new TypeError(`${name}: expected shape [${like.shape}], got [${given.shape}]`);
  }
  return tensor(given, like.dtype);
}

/** The value at a point and the function's linear map there, to be applied to many tangents. */
export function linearize<A extends unknown[], R, G extends Given<A>>(
  f: (...args: A) => R,
  ...primals: G
): { value: Returned<R, G>; linear: (...tangent: Given<A>) => Returned<R, G> } {
  const traced = trace(f as AnyFunction, primals);
  requireFloat("linearize", traced.inputs);
  const dx = traced.inputs.map((n) => input(n));
  const dy = pushforward(traced.outputs, new Map(traced.inputs.map((n, i) => [n, dx[i]])));
  const numbers = inNumbers(traced);
  // What does not depend on the tangents is computed once, here.
  const [values, linear] = [finish(traced.outputs, traced), finish(dy, traced)];
  return {
    value: resultTree(traced.structure, values, numbers) as Returned<R, G>,
    linear: (...tangent) => {
      const seeds = seedsOf("linearize", traced, dx, tangent, "tangents");
      return resultTree(traced.structure, substitute(linear, seeds), numbers) as Returned<R, G>;
    },
  };
}

/** The value and the map from cotangents of the result to cotangents of the arguments, J⊤·u. */
export function vjp<A extends unknown[], R, G extends Given<A>>(
  f: (...args: A) => R,
  ...primals: G
): { value: Returned<R, G>; pullback: (cotangent: GivenTree<R>) => Cotangents<G> } {
  const traced = trace(f as AnyFunction, primals);
  requireFloat("vjp", traced.inputs);
  const numbers = inNumbers(traced);
  const value = resultTree(traced.structure, finish(traced.outputs, traced), numbers) as Returned<R, G>;
  const ct = traced.outputs.map((n) => input(n));
  const open = finish(pullback(traced.outputs, traced.inputs, ct), traced);
  return {
    value,
    pullback: (cotangent) => {
      const given = leavesLike(cotangent, traced.structure, "vjp: cotangent");
      const seeds = new Map(ct.map((n, i) => [n, fitted("vjp", given[i], n)]));
      const leaves = substitute(open, seeds);
      const trees = traced.arguments.map((a) =>
        unflatten(a.structure, leaves.slice(a.start, a.start + a.leaves.length), likeGiven),
      );
      return trees as Cotangents<G>;
    },
  };
}

/** The transpose of a linear function: from cotangents of its result to cotangents of its argument, shaped as `like`. */
export function linearTranspose<X, Y, G extends GivenTree<X>>(
  f: (x: X) => Y,
  like: G,
): (cotangent: GivenTree<Y>) => Widened<G> {
  const traced = trace(f as AnyFunction, [like], false);
  requireFloat("linearTranspose", traced.inputs);
  const ct = traced.outputs.map((n) => input(n));
  const dx = traced.inputs.map((n) => input(n));
  const dy = tangents(traced.outputs, new Map(traced.inputs.map((n, i) => [n, dx[i]])));
  const gradients = transposeLinear(dy, dx, ct).map((g, i) => g ?? zerosLike(dx[i]));
  // A branch or a loop no longer reads the point where only its linear part is wanted.
  const result = shareControl(gradients);
  assertLinear(result, traced);
  return (cotangent) => {
    const given = leavesLike(cotangent, traced.structure, "linearTranspose: cotangent");
    const seeds = new Map(ct.map((n, i) => [n, fitted("linearTranspose", given[i], n)]));
    return unflatten(traced.arguments[0].structure, substitute(result, seeds), likeGiven) as Widened<G>;
  };
}

function assertLinear(result: readonly Node[], traced: Traced): void {
  const zero = substitute(traced.outputs, new Map(traced.inputs.map((n) => [n, zerosLike(n)])));
  const constant = zero.some((z) => z.buffer?.some((v) => v !== 0));
  // The transpose of a linear map does not depend on the point.
  if (!constant && !dependsOn(result, new Set(traced.inputs))) return;
  throw new TransformError(
    "linearTranspose: the function is not linear in its argument (f(0) is not 0, or its slope varies); use vjp",
  );
}

/** A basis of unit tensors of a shape: [size, ...shape]. */
export function unitBasis(like: Node): Node {
  const n = like.size;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return reshape(tensor(tensor(data), like.dtype), [n, ...like.shape]);
}

/** Forward-mode Jacobian: one push for each input element, all at once. Best for few inputs. */
export function jacfwd<A extends unknown[], R, K extends number = 0>(
  f: (...args: A) => R,
  options: DerivativeOptions<K> = {},
) {
  return <G extends Given<A>>(...args: G): JacobianOf<R, G, K> => {
    const traced = trace(f as AnyFunction, args);
    const { nodes, structure } = chosen("jacfwd", traced, options);
    const blocks = nodes.map((x) => {
      const dx = input(x);
      const dy = pushforward(traced.outputs, new Map([[x, dx]]));
      return batchGraph(dy, new Map([[dx, unitBasis(x)]]), x.size).map((b, i) =>
        columnsLast(b, traced.outputs[i], x),
      );
    });
    return jacobianTree(traced, structure, blocks) as JacobianOf<R, G, K>;
  };
}

/** [x.size, ...y.shape] to [...y.shape, ...x.shape]. */
function columnsLast(b: { node: Node; varies: boolean }, y: Node, x: Node): Node {
  const shape = [...y.shape, ...x.shape];
  if (!b.varies) return zeros(shape, y.dtype);
  const order = [...y.shape.map((_, i) => i + 1), 0];
  return reshape(transpose(b.node, order), shape);
}

/** Reverse-mode Jacobian: one pull for each output element, all at once. Best for few outputs. */
export function jacrev<A extends unknown[], R, K extends number = 0>(
  f: (...args: A) => R,
  options: DerivativeOptions<K> = {},
) {
  return <G extends Given<A>>(...args: G): JacobianOf<R, G, K> => {
    const traced = trace(f as AnyFunction, args);
    const { nodes, structure } = chosen("jacrev", traced, options);
    const rows = traced.outputs.map((y) => {
      const ct = input(y);
      const dx = pullback([y], nodes, [ct]);
      return batchGraph(dx, new Map([[ct, unitBasis(y)]]), y.size).map((b, i) => {
        const shape = [...y.shape, ...nodes[i].shape];
        return b.varies ? reshape(b.node, shape) : zeros(shape, nodes[i].dtype);
      });
    });
    return jacobianTree(
      traced,
      structure,
      nodes.map((_, i) => rows.map((r) => r[i])),
    ) as JacobianOf<R, G, K>;
  };
}

/** blocks[input][output] as the tree of results, each leaf the tree of the argument. */
function jacobianTree(traced: Traced, structure: Structure, blocks: readonly (readonly Node[])[]): unknown {
  const outputs = traced.outputs.length;
  const flat = finish(blocks.flat(), traced);
  const numbers = inNumbers(traced);
  const place = (n: Node) => (numbers ? likeGiven(n, "number") : n);
  const byOutput = Array.from({ length: outputs }, (_, o) =>
    unflatten(
      structure,
      blocks.map((_, i) => flat[i * outputs + o]),
      place,
    ),
  );
  return unflatten(traced.structure, byOutput, (tree) => tree);
}

/** The matrix of second derivatives of a scalar function: jacfwd(grad f). */
export function hessian<A extends unknown[], K extends number = 0>(
  f: (...args: A) => ScalarResult,
  options: DerivativeOptions<K> = {},
) {
  const rows = jacfwd(grad(f, options) as (...args: A) => unknown, options);
  return rows as <G extends Given<A>>(...args: G) => JacobianOf<G[K], G, K>;
}

/** Hessian · v without the Hessian: a push through the gradient. `v` has the structure of the argument. */
export function hvp<X, G extends GivenTree<X>>(f: (x: X) => ScalarResult, x: G, v: GivenTree<X>): Widened<G> {
  const { tangent } = pushed("hvp", grad(f) as unknown as AnyFunction, [x], [v], "vectors");
  return unflatten(flatten(x).structure, flatten(tangent).leaves, likeGiven) as Widened<G>;
}
