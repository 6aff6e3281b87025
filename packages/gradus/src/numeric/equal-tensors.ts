import { proveEqual } from "../expression/normal-form.ts";
import { nameOf } from "../expression/print.ts";
import { scalarEntries } from "../expression/scalar-entries.ts";
import { freeInputs } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import { compareAtPoints } from "./compare.ts";
import type { Equality } from "./equal.ts";
import { matrixInstances } from "./instances.ts";

/** Work for all elements together; one that is hard leaves less for the others. */
const BUDGET = 600_000;
const MOST_ELEMENTS = 256;

/** Tensors, element by element; where that is too much, by random instances in exact arithmetic. */
export function ofTensors(left: Node, right: Node, budget = BUDGET): Equality {
  const entries = scalarEntries([left, right]);
  const [own, other] = entries?.outputs ?? [[], []];
  if (own.length > 0 && own.length <= MOST_ELEMENTS) {
    const found = refuted(left, own, other) ?? proved(left, right, own, other, budget);
    if (found) return found;
  }
  const instances = matrixInstances(left, right);
  const { agreeing, reason } = instances;
  if (instances.kind === "different") return { verdict: "different", reason, agreeing, domains: [] };
  if (instances.kind === "open") return { verdict: "unproved", reason, agreeing, domains: [] };
  return {
    verdict: "equal",
    reason,
    proof: { method: "random instances", count: agreeing },
    agreeing,
    domains: [],
  };
}

function refuted(like: Node, own: readonly Node[], other: readonly Node[]): Equality | undefined {
  for (const [i, left] of own.entries()) {
    const compared = compareAtPoints(left, other[i]);
    const found = compared.refute();
    if (!found) continue;
    const where = like.rank === 0 ? "the values differ" : `element ${placeOf(like, i)} differs`;
    return {
      verdict: "different",
      reason: `${where}, beyond any rounding, at the point shown`,
      counterexample: found,
      agreeing: compared.agreeing,
      domains: [],
    };
  }
  return undefined;
}

function proved(
  left: Node,
  right: Node,
  own: readonly Node[],
  other: readonly Node[],
  budget: number,
): Equality | undefined {
  let agreeing = 0;
  for (const [i, entry] of own.entries()) {
    if (!proveEqual(entry, other[i], { budget: Math.ceil(budget / own.length) + 20_000 })) return undefined;
    const compared = compareAtPoints(entry, other[i]);
    if (!compared.meet()) return undefined;
    agreeing += compared.agreeing;
  }
  const shapes = freeInputs([left, right])
    .filter((n) => n.rank > 0)
    .map((n) => `${nameOf(n)} ${n.shape.join("×")}`);
  const count = own.length;
  const what =
    count === 1
      ? "the difference is 0 in normal form"
      : `the difference of each of the ${count} elements is 0 in normal form`;
  return {
    verdict: "equal",
    reason: shapes.length > 0 ? `${what}, for ${shapes.join(", ")}` : what,
    proof: { method: "element by element", count },
    agreeing,
    domains: [],
  };
}

/** (2, 1): places are counted from 1, as in maths. */
function placeOf(like: Node, at: number): string {
  const index: number[] = [];
  let rest = at;
  for (let d = like.rank - 1; d >= 0; d--) {
    index.unshift((rest % like.shape[d]) + 1);
    rest = Math.floor(rest / like.shape[d]);
  }
  return `(${index.join(", ")})`;
}
