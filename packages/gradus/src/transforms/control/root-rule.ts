import { type Program, rewrite } from "../../ir/graph.ts";
import { input, type Node, type Typed, type Zero } from "../../ir/node.ts";
import type { Implicit } from "../../ir/primitive.ts";
import { sizeOf } from "../../ir/shape.ts";
import { neg } from "../../primitives/arithmetic.ts";
import { apply, broadcastTo, cast } from "../../primitives/define.ts";
import { concatenate, slice } from "../../primitives/slicing.ts";
import { solve } from "../../primitives/solving.ts";
import { reshape } from "../../primitives/structure.ts";
import { batchGraph } from "../batch.ts";
import { tangents } from "../tangent.ts";
import { fit, inputsFor, seedsOf } from "./bodies.ts";
import { denseMatrix, linearSolution, runSolver, type TangentSolve } from "./linear-solve.ts";

/*
 * x(p) with F(p, x(p)) = 0. By the implicit function theorem F_x dx = −F_p dp: whatever found x is not differentiated.
 * The value is one vector: the leaves of x, one behind the other.
 */

export interface RootParams {
  /** From [p, guess] to the vector x. */
  readonly solver: Program;
  readonly equation: Equation;
  /** Set where it is mapped over rows: the rule of one row. */
  readonly rows?: Rows;
}

interface Equation {
  /** From [p, the leaves of x] to the leaves of F. */
  readonly residual: Program;
  /** How many of its inputs are p. */
  readonly constants: number;
  readonly tangentSolve?: TangentSolve;
}

interface Rows {
  readonly of: RootParams;
  readonly batched: readonly boolean[];
  readonly size: number;
}

/** The leaves of a tree as one vector. */
export function joined(leaves: readonly Node[]): Node {
  return concatenate(leaves.map((x) => reshape(x, [-1])));
}

/** A vector taken apart into leaves of these types. */
export function parted(vector: Node, types: readonly Typed[]): Node[] {
  let from = 0;
  return types.map(({ shape, dtype }) => {
    const to = from + sizeOf(shape);
    const part = reshape(slice(vector, [from], [to]), shape);
    from = to;
    return cast(part, dtype);
  });
}

/** dF along some of its inputs, as a graph of the body's inputs. */
function pushed(residual: Program, d: readonly (Node | null)[]): Node | Zero {
  const t = tangents(residual.outputs, seedsOf(residual.inputs, d));
  return t.every((x) => x === null) ? null : joined(t.map((x, i) => fit(x, residual.outputs[i])));
}

function rootTangent(x: readonly Node[], y: Node, dx: readonly (Node | Zero)[], p: RootParams): Node | Zero {
  if (p.rows) return tangentOfRows(x, y, dx, p.rows);
  const { residual, constants, tangentSolve } = p.equation;
  const unknowns = residual.inputs.slice(constants);
  const d = inputsFor(
    residual.inputs,
    residual.inputs.map((_, i) => i < constants && dx[i] !== null),
  );
  const right = pushed(residual, d);
  if (!right) return null;
  const outer = new Map<Node, Node>(residual.inputs.slice(0, constants).map((inner, i) => [inner, x[i]]));
  parted(y, unknowns).forEach((leaf, i) => {
    outer.set(unknowns[i], leaf);
  });
  const [b] = rewrite([neg(right)], new Map([...outer, ...seedsOfTangents(d, dx)]));
  const v = input(y);
  const along = pushed(residual, [...x.slice(0, constants).map(() => null), ...parted(v, unknowns)]);
  const product = fit(along, y);
  if (!tangentSolve) return solve(rewrite([denseMatrix(product, v)], new Map(outer))[0], fit(b, y));
  const matvec: Program = { inputs: [v, ...outer.keys()], outputs: [product] };
  return linearSolution(matvec, [...outer.values()], fit(b, y), tangentSolve);
}

const seedsOfTangents = (d: readonly (Node | null)[], dx: readonly (Node | Zero)[]) =>
  d.flatMap((inner, i) => (inner ? [[inner, fit(dx[i], inner)] as const] : []));

/** The tangent of one row, mapped over the rows: a small system for each instead of a large one for all. */
function tangentOfRows(
  x: readonly Node[],
  y: Node,
  dx: readonly (Node | Zero)[],
  { of, batched, size }: Rows,
): Node | Zero {
  const row = (n: Node, wide: boolean) => (wide ? input({ shape: n.shape.slice(1), dtype: n.dtype }) : n);
  const point = x.map((n, i) => row(n, batched[i]));
  const value = row(y, true);
  const speed = dx.map((t, i) => t && row(t, batched[i]));
  const one = rootTangent(point, value, speed, of);
  if (!one) return null;
  const rows = new Map<Node, Node>([[value, y]]);
  x.forEach((n, i) => {
    if (!batched[i]) return;
    rows.set(point[i], n);
    const [t, d] = [speed[i], dx[i]];
    if (t && d) rows.set(t, d);
  });
  return batchGraph([one], rows, size)[0].node;
}

export const rootRule: Implicit<RootParams> = {
  family: "implicit",
  name: "custom_root",
  notation: { form: "special", text: "custom_root" },
  pointwise: false,
  infer: (_, { solver }) => solver.outputs[0],
  evaluate: runSolver,
  tangent: rootTangent,
  batch: (inputs, batched, node, size) => {
    const of = node.params as RootParams;
    const wide = of.solver.inputs.map((x, i) =>
      batched[i] ? input({ shape: [size, ...x.shape], dtype: x.dtype }) : x,
    );
    const seeds = seedsOf(
      of.solver.inputs,
      wide.map((x, i) => (batched[i] ? x : null)),
    );
    const [y] = batchGraph(of.solver.outputs, seeds, size);
    const full = y.varies ? y.node : broadcastTo(y.node, [size, ...node.shape]);
    const params: RootParams = {
      ...of,
      solver: { inputs: wide, outputs: [full] },
      rows: { of, batched, size },
    };
    return apply(rootRule as Implicit, inputs, params);
  },
};
