import { reverseOnlyError, TransformError } from "../ir/errors.ts";
import { dependsOn } from "../ir/graph.ts";
import { input, type Node, type Typed, type Zero } from "../ir/node.ts";
import type { Batch, Formula, Linear } from "../ir/primitive.ts";
import { flatten, leavesLike, type Structure, unflatten } from "../ir/tree.ts";
import { apply, broadcastTo } from "../primitives/define.ts";
import { substitute } from "../primitives/evaluate.ts";
import { sum } from "../primitives/reduction.ts";
import { zerosLike } from "../primitives/structure.ts";
import { batchGraph } from "./batch.ts";
import { type AnyFunction, call, leavesAs, run } from "./trace.ts";

/** A call taken apart, and the same function on other leaves: from flat nodes to flat nodes. */
function calledOn(f: AnyFunction, args: readonly unknown[]) {
  const parts = args.map((a, i) => flatten(a, `argument ${i + 1}`));
  const structures = parts.map((p) => p.structure);
  const inputs = parts.flatMap((p) => p.leaves);
  const { outputs, structure } = run(f, args);
  const again = (leaves: readonly Node[]): Node[] =>
    leavesLike(call(f, treesOf(structures, leaves)), structure, "result");
  return { parts, structures, inputs, outputs, structure, again };
}

function treesOf(structures: readonly Structure[], leaves: readonly Node[]): unknown[] {
  let from = 0;
  return structures.map((s) => {
    const n = countLeaves(s);
    from += n;
    return unflatten(s, leaves.slice(from - n, from), (x) => x);
  });
}

function countLeaves(s: Structure): number {
  return s.kind === "leaf" ? 1 : s.items.reduce((n, item) => n + countLeaves(item), 0);
}

/**
 * A function with a forward rule of its own: `rule(primals, tangents)` gives the tangent of the result, linear in the
 * tangents. Reverse mode follows by transposition. `primals` and `tangents` are lists of arguments.
 */
export function customJvp<A extends unknown[], R>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => R,
): (...args: A) => R {
  return (...args) => {
    const { structures, inputs, outputs, structure, again } = calledOn(f as AnyFunction, args);
    const push: Tangent = (x, dx) => {
      const open = dx.map((d) => input(d));
      const tangent = rule(treesOf(structures, x) as A, treesOf(structures, open) as A);
      const leaves = leavesAs(tangent, structure, outputs, "customJvp: tangent");
      for (const leaf of leaves) assertTangent(leaf, open);
      return substitute(leaves, new Map(open.map((o, i) => [o, dx[i]])));
    };
    const results = outputs.map((_, result) =>
      apply(
        ruled(
          "custom_jvp",
          (x) => again(x)[result],
          (x, dx) => push(x, dx)[result],
        ),
        inputs,
      ),
    );
    return unflatten(structure, results, (n) => n) as R;
  };
}

/** What does not depend on the tangents is no tangent, unless it is 0. */
function assertTangent(leaf: Node, open: readonly Node[]): void {
  if (dependsOn([leaf], new Set(open)) || leaf.buffer?.every((v) => v === 0)) return;
  throw new TransformError(
    "customJvp: the rule's result does not depend on the tangents: it must be linear in them, such as slope · tangent",
  );
}

type Expand = (x: readonly Node[]) => Node;
type Tangent<Y = Node[]> = (x: readonly Node[], dx: readonly Node[]) => Y;

/** A formula with a tangent that the caller answers for. Mapped over rows it keeps that tangent. */
function ruled(name: string, expand: Expand, push: Tangent<Node>): Formula {
  return {
    family: "formula",
    name,
    notation: { form: "special" },
    pointwise: false,
    expand,
    tangent: (x, _, dx) =>
      push(
        x,
        dx.map((d, i) => d ?? zerosLike(x[i])),
      ),
    batch: (inputs, batched, _, size) => {
      const overRows = (lists: readonly (readonly Node[])[], f: (rows: readonly Node[][]) => Node): Node => {
        const rows = lists.map((x) => x.map((n, i) => (batched[i] ? rowOf(n) : n)));
        const given = lists.flatMap((x, k) => x.map((n, i) => [rows[k][i], n] as const));
        const varying = given.filter(([row, n]) => row !== n);
        return widened(batchGraph([f(rows)], new Map(varying), size)[0], size);
      };
      const whole = ruled(
        name,
        (x) => overRows([x], ([rows]) => expand(rows)),
        (x, dx) => overRows([x, dx], ([rows, d]) => push(rows, d)),
      );
      return apply(whole, inputs);
    },
    evaluate: () => {
      throw new Error(`${name} is a formula: an engine expands it first`);
    },
  };
}

const rowOf = (n: Node): Node => input({ shape: n.shape.slice(1), dtype: n.dtype });

const widened = ({ node, varies }: Batch, size: number): Node =>
  varies ? node : broadcastTo(node, [size, ...node.shape]);

/**
 * A function with a reverse rule of its own: `forward` gives the result and what to keep, `backward(kept, cotangent)`
 * the list of the arguments' cotangents. Forward mode and Taylor mode refuse it.
 */
export function customVjp<A extends unknown[], R, S>(
  f: (...args: A) => R,
  forward: (...args: A) => { value: R; residuals: S },
  backward: (residuals: S, cotangent: R) => { readonly [K in keyof A]: A[K] | null },
): (...args: A) => R {
  return (...args) => {
    const { parts, structures, inputs, outputs, structure, again } = calledOn(f as AnyFunction, args);
    const pull = (x: readonly Node[], result: number, ct: Node): (Node | Zero)[] => {
      const { value, residuals } = forward(...(treesOf(structures, x) as A));
      const values = leavesAs(value, structure, outputs, "customVjp: value");
      const cts = values.map((v, i) => (i === result ? ct : zerosLike(v)));
      const answer = backward(residuals, unflatten(structure, cts, (n) => n) as R) as readonly unknown[];
      if (!Array.isArray(answer) || answer.length !== args.length) {
        throw new TypeError(
          `customVjp: backward must return a list of ${args.length} cotangents, one for each argument`,
        );
      }
      return answer.flatMap((g, i) =>
        g === null
          ? parts[i].leaves.map(() => null)
          : leavesAs(g, structures[i], parts[i].leaves, `customVjp: cotangent of argument ${i + 1}`),
      );
    };
    const results = outputs.map((y, result) => {
      const tangent = reverseOnly(inputs.length, y, (x, ct) => pull(x, result, ct));
      return apply(
        ruled(
          "custom_vjp",
          (x) => again(x)[result],
          (x, dx) => apply(tangent, [...x, ...dx]),
        ),
        inputs,
      );
    });
    return unflatten(structure, results, (n) => n) as R;
  };
}

type Pull = (x: readonly Node[], ct: Node) => readonly (Node | Zero)[];

/** Of a point x and tangents, linear in these, known only by its transpose. Running it forwards is refused. */
function reverseOnly(count: number, { shape, dtype }: Typed, pull: Pull): Linear {
  const point = Array.from({ length: count }, (_, i) => i);
  return {
    family: "linear",
    name: "custom_vjp_tangent",
    notation: { form: "special" },
    pointwise: false,
    parameters: point,
    infer: () => ({ shape, dtype }),
    evaluate: () => {
      throw reverseOnlyError();
    },
    transpose: (ct, node) => [...point.map(() => null), ...pull(node.inputs.slice(0, count), ct)],
    // Its transpose is then the batch of the transpose, summed for what all rows share.
    batch: (inputs, batched, node, size) => {
      const rows: Pull = (x, ct) => {
        const row = rowOf(ct);
        const one = x.map((n, i) => (batched[i] ? rowOf(n) : n));
        const given = new Map([
          [row, ct],
          ...one.flatMap((r, i) => (batched[i] ? [[r, x[i]] as const] : [])),
        ]);
        const graphs = pull(one, row);
        const live = graphs.filter((g): g is Node => g !== null);
        const made = batchGraph(live, given, size).map((b) => widened(b, size));
        let next = 0;
        return graphs.map((g, i) => {
          if (!g) return null;
          const whole = made[next++];
          return batched[count + i] ? whole : sum(whole, { axis: 0 });
        });
      };
      return apply(reverseOnly(count, { shape: [size, ...node.shape], dtype }, rows), inputs);
    },
  };
}
