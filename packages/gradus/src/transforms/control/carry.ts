import { input, type Node } from "../../ir/node.ts";
import { ShapeError, sameShape, showShape } from "../../ir/shape.ts";
import { leavesLike, type Structure } from "../../ir/tree.ts";
import { cast } from "../../primitives/define.ts";
import { typeText } from "../trace.ts";

interface TracedCarry<R> {
  /** The inputs that stand for the carry. */
  readonly own: readonly Node[];
  /** The first carry, in the types that the step keeps. */
  readonly first: readonly Node[];
  readonly next: readonly Node[];
  readonly rest: R;
}

/** Traces one step of a loop. A first carry that is weak (a number) takes the dtype that the step gives it. */
export function traceCarry<R>(
  name: string,
  given: readonly Node[],
  step: (carry: readonly Node[]) => { next: readonly Node[]; rest: R },
): TracedCarry<R> {
  let first = given;
  for (;;) {
    const own = first.map((c) => input(c, {}, c.weak));
    const { next, rest } = step(own);
    const adopted = first.map((c, i) => (c.weak && !next[i].weak ? cast(c, next[i].dtype) : c));
    if (adopted.some((c, i) => c !== first[i])) {
      first = adopted;
      continue;
    }
    next.forEach((n, i) => {
      checkKept(name, n, first[i]);
    });
    return { own, first, next: next.map((n, i) => cast(n, first[i].dtype)), rest };
  }
}

/** A carry keeps its type: a weak result may adopt that of the carry. */
function checkKept(name: string, next: Node, before: Node): void {
  const alike = sameShape(next.shape, before.shape);
  if (alike && (next.dtype === before.dtype || next.weak)) return;
  const mend = alike ? `cast it, or begin with ${next.dtype}` : `begin with shape ${showShape(next.shape)}`;
  throw new ShapeError(
    `${name}: the carry must keep its type: it went in as ${typeText(before)} and came out as ${typeText(next)}; ${mend}`,
  );
}

/** The leaves of what a step returned as its next carry. */
export function carryLeaves(name: string, next: unknown, expected: Structure): Node[] {
  return leavesLike(next, expected, `${name}: the carry must keep the keys and lengths of init: carry`);
}
