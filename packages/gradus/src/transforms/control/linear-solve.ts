import { allocate } from "../../ir/dtype.ts";
import { type Program, rewrite } from "../../ir/graph.ts";
import { input, type Node, type Zero } from "../../ir/node.ts";
import type { Implicit } from "../../ir/primitive.ts";
import { sub } from "../../primitives/arithmetic.ts";
import { matmul } from "../../primitives/contraction.ts";
import { apply, broadcastTo } from "../../primitives/define.ts";
import { inverse } from "../../primitives/linear-algebra.ts";
import { transpose } from "../../primitives/structure.ts";
import { batchGraph } from "../batch.ts";
import { unitBasis } from "../derivatives.ts";
import { nodeByNode } from "../plan.ts";
import { tangents } from "../tangent.ts";
import { transposeLinear } from "../transpose.ts";
import { fit, inputsFor, seedsOf } from "./bodies.ts";

/** x with A x = b, where A is known by its product with a vector. The result has the type of b. */
export type TangentSolve = (matvec: (v: Node) => Node, b: Node) => Node;

interface LinearParams {
  /** From [v, what A depends on] to A v. */
  readonly matvec: Program;
  /** From [b, what A depends on] to x. */
  readonly solver: Program;
  /** The same for A⊤. */
  transposed(): LinearParams;
}

/** The solution as a node whose derivatives solve with A and A⊤ again: the solver itself is not differentiated. */
export function linearSolution(matvec: Program, fixed: readonly Node[], b: Node, solve: TangentSolve): Node {
  return apply(linearRule as Implicit, [b, ...fixed], paramsOf(matvec, solve));
}

function paramsOf(matvec: Program, solve: TangentSolve): LinearParams {
  const {
    inputs: [v, ...fixed],
    outputs,
  } = matvec;
  const b = input(v);
  const product = (x: Node) => rewrite(outputs, new Map([[v, fit(x, v)]]))[0];
  const x = fit(solve(product, b), v);
  let back: LinearParams | undefined;
  const transposed = () => {
    const ct = input(v);
    const [pulled] = transposeLinear(outputs, [v], [ct]);
    back ??= paramsOf({ inputs: [ct, ...fixed], outputs: [fit(pulled, v)] }, solve);
    return back;
  };
  return { matvec, solver: { inputs: [b, ...fixed], outputs: [x] }, transposed };
}

/** The value of a node whose solver is a program inside it. */
export const runSolver: Implicit["evaluate"] = (
  inputs,
  node,
  out = allocate(node.dtype, node.size),
  bodies = nodeByNode,
) => {
  const { solver } = node.params as { readonly solver: Program };
  bodies(solver, 0)([])(
    inputs,
    inputs.map(() => 0),
    [out],
    [0],
  );
  return out;
};

const linearRule: Implicit<LinearParams> = {
  family: "implicit",
  name: "linear_solve",
  notation: { form: "special", text: "linear_solve" },
  pointwise: false,
  infer: ([b]) => b,
  evaluate: runSolver,
  // A dx = db − dA x.
  tangent: (x, y, dx, p) => {
    const { inputs, outputs } = p.matvec;
    const d = inputsFor(
      inputs,
      inputs.map((_, i) => i > 0 && dx[i] !== null),
    );
    const [moved] = tangents(outputs, seedsOf(inputs, d));
    const outer = new Map<Node, Node>(inputs.map((inner, i) => [inner, i === 0 ? y : x[i]]));
    d.forEach((inner, i) => {
      if (inner) outer.set(inner, fit(dx[i], inner));
    });
    const change = moved && rewrite([fit(moved, y)], outer)[0];
    const right: Node | Zero = change ? sub(fit(dx[0], y), change) : dx[0];
    return right && apply(linearRule as Implicit, [right, ...x.slice(1)], p);
  },
  linearIn: (index) => index === 0,
  transpose: (ct, _, node) =>
    apply(linearRule as Implicit, [ct, ...node.inputs.slice(1)], (node.params as LinearParams).transposed()),
  // For Taylor mode: a system of full size, whose series needs only its own.
  closed: ([b, ...fixed], p) => {
    if (b.rank !== 1) return undefined;
    const [v, ...inner] = p.matvec.inputs;
    const [matrix] = rewrite(
      [denseMatrix(p.matvec.outputs[0], v)],
      new Map(inner.map((x, i) => [x, fixed[i]])),
    );
    return matmul(inverse(matrix), b);
  },
  batch: (inputs, batched, node, size) => {
    // The right side has a row for each.
    const [b, ...fixed] = inputs;
    const full = batched[0] ? b : broadcastTo(b, [size, ...node.shape]);
    const flags = batched.map((f, i) => f || i === 0);
    return apply(
      linearRule as Implicit,
      [full, ...fixed],
      batchedParams(node.params as LinearParams, flags, size),
    );
  },
};

/** The matrix of a linear map of one vector. */
export function denseMatrix(product: Node, v: Node): Node {
  // Row k of the batch is the map of unit vector k.
  const [rows] = batchGraph([product], new Map([[v, unitBasis(v)]]), v.size);
  const full = rows.varies ? rows.node : broadcastTo(rows.node, [v.size, v.size]);
  return transpose(full);
}

function batchedParams(p: LinearParams, flags: readonly boolean[], size: number): LinearParams {
  const wide = ({ inputs, outputs }: Program): Program => {
    const rows = inputs.map((x, i) => (flags[i] ? input({ shape: [size, ...x.shape], dtype: x.dtype }) : x));
    const seeds = seedsOf(
      inputs,
      rows.map((x, i) => (flags[i] ? x : null)),
    );
    const [y] = batchGraph(outputs, seeds, size);
    return { inputs: rows, outputs: [y.varies ? y.node : broadcastTo(y.node, [size, ...y.node.shape])] };
  };
  return {
    matvec: wide(p.matvec),
    solver: wide(p.solver),
    transposed: () => batchedParams(p.transposed(), flags, size),
  };
}
