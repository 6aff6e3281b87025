import { MathError } from "../expression/errors.ts";
import type { Expression } from "../expression/expression.ts";
import { type EqualityProof, proveEqual } from "../expression/zero-test.ts";
import type { Node } from "../ir/node.ts";
import type { Interval } from "../ir/primitive.ts";
import { Rational } from "../ir/rational.ts";
import { encloseRational } from "./ball.ts";
import { DomainError, enclose } from "./enclosures.ts";
import { type Instances, matrixInstances } from "./instances.ts";

/** A point where two functions have values that cannot be equal: each lies in its interval, and these are apart. */
export interface Counterexample {
  readonly at: ReadonlyMap<string, Rational>;
  readonly left: Interval;
  readonly right: Interval;
}

export interface Equality {
  readonly verdict: "equal" | "different" | "unproved";
  /** In words: what was proved, and how. */
  readonly reason: string;
  readonly proof?: EqualityProof | { readonly method: "random instances"; readonly count: number };
  readonly counterexample?: Counterexample;
  /** At how many points both were enclosed, and the enclosures met. */
  readonly agreeing: number;
  /** Where only one of the two has a value. */
  readonly domains: readonly string[];
}

/**
 * Whether two expressions are the same function of their variables, matched by name: proved equal (wherever both are
 * defined), proved different (disjoint rigorous enclosures at a rational point), or neither. Different domains are told
 * apart from different values. Of matrices: by random instances in exact arithmetic.
 */
export function equal(a: Expression, b: Expression): Equality {
  const right = aligned(a, b);
  if (!sameShape(a.node, right))
    throw new MathError(
      `the two sides have shapes [${a.node.shape}] and [${right.shape}]: they cannot be equal`,
    );
  const variables = new Map([...b.variables, ...a.variables]);
  if ([...variables.values(), a.node, right].some((n) => n.rank > 0))
    return ofInstances(matrixInstances(a.node, right));
  return ofNumbers(a.node, right, variables);
}

const sameShape = (a: Node, b: Node): boolean =>
  a.rank === b.rank && a.shape.every((d, i) => d === b.shape[i]);

/** The second side in the variables of the first. */
function aligned(a: Expression, b: Expression): Node {
  const shared = new Map<Node, Node>();
  for (const [name, node] of b.variables) {
    const own = a.variables.get(name);
    if (!own) continue;
    if (!sameShape(own, node))
      throw new MathError(`${name} has shape [${own.shape}] on one side and [${node.shape}] on the other`);
    shared.set(node, own);
  }
  return b.inVariables(shared);
}

function ofNumbers(left: Node, right: Node, variables: ReadonlyMap<string, Node>): Equality {
  const seen = compared(left, right, variables);
  if (seen.counterexample)
    return {
      verdict: "different",
      reason: "their values differ, beyond any rounding, at the point shown",
      counterexample: seen.counterexample,
      agreeing: seen.agreeing,
      domains: seen.domains,
    };
  const proof = proveEqual(left, right);
  const { agreeing, domains } = seen;
  if (proof && (agreeing > 0 || seen.tried === 0))
    return { verdict: "equal", reason: words(proof, variables), proof, agreeing, domains };
  const reason =
    agreeing === 0
      ? "no point was found where both are defined"
      : `they agree at ${agreeing} points to the last digit, which proves nothing`;
  return { verdict: "unproved", reason, agreeing, domains };
}

function words(proof: EqualityProof, variables: ReadonlyMap<string, Node>): string {
  switch (proof.method) {
    case "normal form":
      return "the difference is 0 in normal form";
    case "cases":
      return `the difference is 0 in each of ${proof.cases} cases`;
    case "derivative": {
      const name = [...variables].find(([, n]) => n === proof.variable)?.[0] ?? "x";
      return `their derivatives are equal, and so are their values at ${name} = ${proof.at}`;
    }
  }
}

function ofInstances(found: Instances): Equality {
  const none = { domains: [] as string[], agreeing: found.agreeing };
  if (found.kind === "different") return { verdict: "different", reason: found.reason, ...none };
  if (found.kind === "exact")
    return {
      verdict: "equal",
      reason: `equal in ${found.agreeing} random instances in exact arithmetic: no proof, but an accident would be less likely than one in 10⁹`,
      proof: { method: "random instances", count: found.agreeing },
      ...none,
    };
  return { verdict: "unproved", reason: found.reason, ...none };
}

interface Compared {
  readonly counterexample?: Counterexample;
  readonly agreeing: number;
  readonly tried: number;
  readonly domains: string[];
}

function compared(left: Node, right: Node, variables: ReadonlyMap<string, Node>): Compared {
  const points = samplePoints([...variables.keys()]);
  let agreeing = 0;
  const only: {
    readonly left: ReadonlyMap<string, Rational>[];
    readonly right: ReadonlyMap<string, Rational>[];
  } = {
    left: [],
    right: [],
  };
  let tried = 0;
  for (const at of points) {
    const box = new Map([...at].map(([name, r]) => [variables.get(name) as Node, encloseRational(r)]));
    const [l, r] = [valueAt(left, box), valueAt(right, box)];
    if (l === "unknown" || r === "unknown") continue;
    tried++;
    if (l === "undefined" || r === "undefined") {
      if (l !== r) (l === "undefined" ? only.right : only.left).push(at);
      continue;
    }
    if (l.hi < r.lo || r.hi < l.lo)
      return { counterexample: { at, left: l, right: r }, agreeing, tried, domains: domainsOf(only) };
    agreeing++;
  }
  return { agreeing, tried, domains: domainsOf(only) };
}

/** The value at a point as an interval; "undefined" where there is none, "unknown" where no enclosure is known. */
function valueAt(node: Node, box: ReadonlyMap<Node, Interval>): Interval | "undefined" | "unknown" {
  try {
    const value = enclose(node, box);
    if (Number.isNaN(value.lo) || Number.isNaN(value.hi)) return "unknown";
    return value;
  } catch (error) {
    if (error instanceof DomainError) {
      // A float may only be near the rational: what is not defined around it may be so at it.
      return [...box.values()].every((i) => i.lo === i.hi) ? "undefined" : "unknown";
    }
    if (error instanceof MathError) return "unknown";
    throw error;
  }
}

function domainsOf(only: {
  left: ReadonlyMap<string, Rational>[];
  right: ReadonlyMap<string, Rational>[];
}): string[] {
  const list = (side: "first" | "second", points: readonly ReadonlyMap<string, Rational>[]): string[] => {
    if (points.length === 0) return [];
    const shown = points.slice(0, 3).map((at) => [...at].map(([n, v]) => `${n} = ${v}`).join(", "));
    const more = points.length > 3 ? ` and at ${points.length - 3} more of the points tried` : "";
    return [`only the ${side} is defined at ${shown.join("; ")}${more}`];
  };
  return [...list("first", only.left), ...list("second", only.right)];
}

/** Simple rationals first, so that a counterexample is easy to check by hand. */
const SIMPLE: readonly Rational[] = [
  "1",
  "2",
  "-1",
  "0",
  "1/2",
  "-1/2",
  "3",
  "-2",
  "1/4",
  "3/2",
  "-3",
  "5",
  "1/8",
  "-5/4",
  "10",
  "7/4",
  "-1/8",
  "-7",
  "20",
  "1/64",
].map((t) => {
  const [n, d] = t.split("/").map(Number);
  return Rational.of(n, d ?? 1);
});
const MOST_POINTS = 40;

function samplePoints(names: readonly string[]): ReadonlyMap<string, Rational>[] {
  if (names.length === 0) return [new Map()];
  if (names.length === 1) return SIMPLE.map((r) => new Map([[names[0], r]]));
  // A fixed sequence: the same question has the same answer each time.
  let state = 12345;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648);
  return Array.from({ length: MOST_POINTS }, (_, i) => {
    const spread = i < 8 ? 4 : SIMPLE.length;
    return new Map(names.map((n, k) => [n, SIMPLE[i === 0 ? (k + 1) % 3 : (next() >> 8) % spread]]));
  });
}
