import { isFloat } from "../../ir/dtype.ts";
import { input, literal, type Node } from "../../ir/node.ts";
import type { Implicit } from "../../ir/primitive.ts";
import { flatten, type Structure, unflatten } from "../../ir/tree.ts";
import { abs, add, div, sub } from "../../primitives/arithmetic.ts";
import { lessEqual, logicalNot } from "../../primitives/comparison.ts";
import { apply, cast, promote } from "../../primitives/define.ts";
import { reduceMax } from "../../primitives/reduction.ts";
import { leavesAs, typeText } from "../trace.ts";
import { closeBody } from "./bodies.ts";
import { carryLeaves } from "./carry.ts";
import { joined, parted, type RootParams, rootRule } from "./root-rule.ts";
import type { Tensors, Traceable } from "./types.ts";
import { repeat } from "./while-loop.ts";

export interface ImplicitOptions<X> {
  /**
   * Solves A t = b for the tangent, where `matvec(t)` is A t and t, b have the structure of x: an iterative method for
   * large systems, or a short cut (t => b / matvec(1) for one unknown). It is used for A⊤ too. The full matrix A is
   * built and factorized unless told.
   */
  readonly tangentSolve?: (matvec: (t: Tensors<X>) => Tensors<X>, b: Tensors<X>) => Traceable<X>;
}

/**
 * The root x of f(x) = 0 that `solve(f, guess)` finds. Its derivatives with respect to what f reads from outside come from
 * the implicit function theorem, dx = −(∂f/∂x)⁻¹ ∂f/∂p dp, in every mode and order: the solver itself is not
 * differentiated, and may be any loop. f must be differentiable, and ∂f/∂x invertible at the root
 * (SingularMatrixError). As `jax.lax.custom_root`.
 */
export function customRoot<X>(
  f: (x: Tensors<X>) => Traceable<X>,
  guess: X,
  solve: (f: (x: Tensors<X>) => Traceable<X>, guess: Tensors<X>) => Traceable<X>,
  options: ImplicitOptions<X> = {},
): Tensors<X> {
  return rootOf("customRoot", f, guess, (start) => solve(f, start), options);
}

function rootOf<X>(
  name: string,
  f: (x: Tensors<X>) => unknown,
  guess: X,
  solve: (guess: Tensors<X>) => unknown,
  { tangentSolve }: ImplicitOptions<X>,
): Tensors<X> {
  const given = flatten(guess, `${name}: guess`);
  const { structure } = given;
  checkUnknowns(name, given.leaves);
  const tree = (leaves: readonly Node[]) => unflatten(structure, leaves, (n) => n) as Tensors<X>;
  const first = given.leaves.map((x) => cast(x, x.dtype));
  const since = literal(0).id;
  // The solver may look at its numbers, as far as they are known.
  const start = first.map((x) => input(x, { value: x }));
  const point = first.map((x) => input(x));
  const residual = matching(name, "the function", f(tree(point)), point, structure);
  const found = matching(name, "the solver", solve(tree(start)), point, structure);
  const { body, captured } = closeBody(name, [...start, ...point], [...residual, joined(found)], since);
  const constants = captured.length;
  const p = body.inputs.slice(0, constants);
  const vectorSolve =
    tangentSolve &&
    ((matvec: (v: Node) => Node, b: Node) =>
      vectorOf(
        name,
        tangentSolve(
          (t) => tree(parted(matvec(vectorOf(name, t, point, structure)), point)),
          tree(parted(b, point)),
        ),
        point,
        structure,
      ));
  const params: RootParams = {
    solver: { inputs: [...p, ...start], outputs: body.outputs.slice(-1) },
    equation: {
      residual: { inputs: [...p, ...point], outputs: body.outputs.slice(0, -1) },
      constants,
      tangentSolve: vectorSolve,
    },
  };
  const y = apply(rootRule as Implicit, [...captured, ...first], params);
  return tree(parted(y, point));
}

function checkUnknowns(name: string, leaves: readonly Node[]): void {
  if (leaves.length === 0)
    throw new TypeError(`${name}: the guess has no tensors: there is nothing to solve for`);
  for (const x of leaves) {
    if (!isFloat(x.dtype)) throw new TypeError(`${name}: the guess must be f64 or f32, got ${typeText(x)}`);
  }
}

/** The leaves of a result in the types of the unknowns. */
const matching = (
  name: string,
  who: string,
  result: unknown,
  like: readonly Node[],
  structure: Structure,
): Node[] =>
  leavesAs(result, structure, like, `${name}: ${who} must return the keys and shapes of the guess: result`);

function vectorOf(name: string, t: unknown, like: readonly Node[], structure: Structure): Node {
  const leaves = matching(name, "tangentSolve", t, like, structure);
  const dtype = promote(leaves);
  return joined(leaves.map((x) => cast(x, dtype)));
}

export interface FixedPointOptions<X> extends ImplicitOptions<X> {
  /** The iteration ends when no element changes by more than this, relative to 1 + the largest; 1e-12 (f32: 1e-6). */
  readonly tolerance?: number;
  /** More steps are an error; 1,000 unless told. */
  readonly maxSteps?: number;
}

/**
 * The x with x = f(x), by iterating f from `guess`. Its derivatives with respect to what f reads from outside come from the
 * implicit function theorem, not through the iterations: see `customRoot`. Throws a RangeError where it does not
 * converge.
 */
export function fixedPoint<X>(
  f: (x: Tensors<X>) => Traceable<X>,
  guess: X,
  options: FixedPointOptions<X> = {},
): Tensors<X> {
  const { maxSteps = 1000 } = options;
  const given = flatten(guess, "fixedPoint: guess");
  const dtype = given.leaves.length > 0 ? promote(given.leaves) : "f64";
  const { tolerance = dtype === "f32" ? 1e-6 : 1e-12 } = options;
  const { structure } = given;
  const leavesOf = (x: unknown) => carryLeaves("fixedPoint", x, structure);
  const tree = (leaves: readonly Node[]) => unflatten(structure, leaves, (n) => n) as Tensors<X>;
  const residual = (x: Tensors<X>) => {
    const before = leavesOf(x);
    return tree(leavesOf(f(x)).map((n, i) => sub(before[i], n)));
  };
  const failed =
    `fixedPoint: no fixed point within ${maxSteps} steps to a tolerance of ${tolerance}: begin nearer to it, allow more ` +
    "with maxSteps, or damp f; where f does not contract, use customRoot with a solver of your own";
  const iterate = (start: Tensors<X>) => {
    const step = ({ x }: { x: Tensors<X>; change: Node }) => {
      const next = leavesOf(f(x));
      return { x: tree(next), change: relativeChange(leavesOf(x), next) };
    };
    // NaN is no end.
    const going = ({ change }: { change: Node }) => logicalNot(lessEqual(change, tolerance));
    const init = { x: start, change: Number.POSITIVE_INFINITY };
    return repeat("fixedPoint", going as never, step as never, init, maxSteps, failed).x;
  };
  return rootOf("fixedPoint", residual, guess, iterate, options);
}

function relativeChange(before: readonly Node[], after: readonly Node[]): Node {
  const largest = (leaves: readonly Node[]) => reduceMax(abs(joined(leaves)));
  return div(largest(after.map((n, i) => sub(n, before[i]))), add(1, largest(after)));
}
