import { domainOf } from "../expression/domain.ts";
import { MathError } from "../expression/errors.ts";
import type { Expression } from "../expression/expression.ts";
import { type EqualityProof, proveEqual } from "../expression/normal-form.ts";
import { needsEntries } from "../expression/scalar-entries.ts";
import { freeInputs } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import type { Interval } from "../ir/primitive.ts";
import type { Rational } from "../ir/rational.ts";
import { compareAtPoints } from "./compare.ts";
import { ofTensors } from "./equal-tensors.ts";

/** A point where two functions have values that cannot be equal: each lies in its interval, and these are apart. */
export interface Counterexample {
  readonly at: ReadonlyMap<string, Rational>;
  readonly left: Interval;
  readonly right: Interval;
  /** What unknown functions stand for in it: f(t) = … */
  readonly functions?: readonly string[];
}

export interface Equality {
  readonly verdict: "equal" | "different" | "unproved";
  /** In words: what was proved, and how. */
  readonly reason: string;
  readonly proof?:
    | EqualityProof
    /** Each element of a tensor by itself, for these shapes. */
    | { readonly method: "element by element"; readonly count: number }
    | { readonly method: "random instances"; readonly count: number };
  readonly counterexample?: Counterexample;
  /** At how many points both were enclosed, and the enclosures met. */
  readonly agreeing: number;
  /** Where only one of the two has a value, and what each asks of the variables where they ask for different things. */
  readonly domains: readonly string[];
}

export interface EqualOptions {
  /**
   * The two are derivatives of this function: points where it has no value, or a kink, do not count. Its variables are
   * matched by name.
   */
  readonly derivativeOf?: Expression;
  /** Products of terms that one attempt at a proof may take. */
  readonly budget?: number;
}

/**
 * Whether two expressions are the same function of their variables, matched by name: proved equal (wherever both are
 * defined), proved different (disjoint rigorous enclosures at a rational point), or neither. Different domains are told
 * apart from different values. Of tensors: element by element for the shapes given; where that is too much, by random
 * instances in exact arithmetic, and the answer says so.
 */
export function equal(a: Expression, b: Expression, options: EqualOptions = {}): Equality {
  const byName = new Map(a.variables);
  const left = a.node;
  const right = aligned(b, byName);
  const domain = options.derivativeOf && aligned(options.derivativeOf, byName);
  if (!sameShape(left, right))
    throw new MathError(
      `the two sides have shapes [${left.shape}] and [${right.shape}]: they cannot be equal`,
    );
  if (needsEntries([left, right])) return ofTensors(left, right, options.budget);
  const usable = domain && !needsEntries([domain]) ? domain : undefined;
  return ofNumbers(left, right, usable, options.budget);
}

const sameShape = (a: Node, b: Node): boolean =>
  a.rank === b.rank && a.shape.every((d, i) => d === b.shape[i]);

/** An expression in the variables of those before it, to which it adds its own. */
function aligned(e: Expression, byName: Map<string, Node>): Node {
  const shared = new Map<Node, Node>();
  for (const [name, node] of e.variables) {
    const own = byName.get(name);
    if (!own) {
      byName.set(name, node);
      continue;
    }
    if (!sameShape(own, node))
      throw new MathError(`${name} has shape [${own.shape}] on one side and [${node.shape}] on the other`);
    shared.set(node, own);
  }
  return e.inVariables(shared);
}

function ofNumbers(left: Node, right: Node, domain: Node | undefined, budget: number | undefined): Equality {
  const compared = compareAtPoints(left, right, domain);
  const found = compared.refute();
  if (found) {
    return {
      verdict: "different",
      reason: "their values differ, beyond any rounding, at the point shown",
      counterexample: found,
      agreeing: compared.agreeing,
      domains: compared.domains(),
    };
  }
  const proof = proveEqual(left, right, { domain, kinksLeftOut: domain !== undefined, budget });
  const doubt = compared.doubt();
  if (proof && !doubt && compared.meet())
    return proved(proof, left, right, compared.agreeing, compared.domains());
  const further = compared.refuteThoroughly();
  const domains = compared.domains();
  const { agreeing } = compared;
  if (further)
    return {
      verdict: "different",
      reason: "their values differ, beyond any rounding, at the point shown",
      counterexample: further,
      agreeing,
      domains,
    };
  const reason = doubt
    ? `a power with a varying exponent is compared for a positive base only, and at ${doubt} the values seem to differ`
    : agreeing === 0
      ? "no point was found where both are defined"
      : `they agree at ${agreeing} points to the last digit, which proves nothing`;
  return { verdict: "unproved", reason, agreeing, domains };
}

function proved(
  proof: EqualityProof,
  left: Node,
  right: Node,
  agreeing: number,
  only: readonly string[],
): Equality {
  const asked = (name: string, other: string, side: Node): string[] => {
    const conditions = domainOf(side);
    if (conditions.length > 0) return [`the ${name} asks for ${conditions.join(" and ")}`];
    // Cases that do not hold everywhere ask for nothing that can be named.
    const gap = only.some((text) => text.startsWith(`only the ${other} is defined`));
    return gap ? [] : [`the ${name} has a value everywhere`];
  };
  const reasons = [...asked("first", "second", left), ...asked("second", "first", right)].join("; ");
  const domains = only.length === 0 || reasons === "" ? only : [...only, reasons];
  return { verdict: "equal", reason: words(proof, freeInputs([left, right])), proof, agreeing, domains };
}

function words(proof: EqualityProof, variables: readonly Node[]): string {
  switch (proof.method) {
    case "normal form":
      return "the difference is 0 in normal form";
    case "cases": {
      const out = proof.cases.filter((c) => c.result === "left out").map((c) => c.assumptions.at(-1));
      const rest =
        out.length > 0
          ? `; left out, since the function has a kink there: ${[...new Set(out)].join(", ")}`
          : "";
      return `the difference is 0 in each of ${proof.cases.length - out.length} cases${rest}`;
    }
    case "derivative": {
      const names = proof.variables.map(
        (v) => (v.params as { name?: string }).name ?? `x_${variables.indexOf(v)}`,
      );
      const points = proof.at.map((at) => at.map((r, i) => `${names[i]} = ${r}`).join(", "));
      return `their derivatives are equal, and so are their values at ${points.join("; at ")}`;
    }
  }
}
