import type { Node } from "../ir/node.ts";
import type { Rational } from "../ir/rational.ts";
import { byDerivative } from "./normal/by-derivative.ts";
import { type ProofCase, Prover } from "./normal/zero-test.ts";

/** Why two functions are equal wherever both are defined. */
export type EqualityProof =
  | { readonly method: "normal form" }
  /** Case by case: the signs that each case assumes. */
  | { readonly method: "cases"; readonly cases: readonly ProofCase[] }
  /** Equal derivatives, and an exact common point on each piece of the domain. */
  | {
      readonly method: "derivative";
      readonly variables: readonly Node[];
      readonly at: readonly (readonly Rational[])[];
    };

export interface ProofOptions {
  /** Products of terms that one attempt may take; 300 000 unless told: about a tenth of a second. */
  readonly budget?: number;
  /** A function whose domain is taken for granted: of f, where derivatives of f are compared. */
  readonly domain?: Node;
  /** Whether points may be left out where that function has a kink, and so no derivative. */
  readonly kinksLeftOut?: boolean;
}

const BUDGET = 300_000;

/**
 * Proves that two scalar functions are equal at every point where both have a value; undefined where no proof is found
 * within the budget, or where there is no such point. By the normal form of the difference: a quotient of polynomials
 * with exact coefficients in kernels (variables, e^u, e^(iu), ln|u|, roots, what is left as it is), case by case where
 * signs matter; else by equal derivatives and common points.
 */
export function proveEqual(a: Node, b: Node, options: ProofOptions = {}): EqualityProof | undefined {
  const budget = options.budget ?? BUDGET;
  const domain = options.domain ? [options.domain] : [];
  const prover = new Prover(a, b, { budget, domain, kinksLeftOut: options.kinksLeftOut });
  const { verdict, cases } = prover.run();
  if (verdict === "zero") return cases.length === 1 ? { method: "normal form" } : { method: "cases", cases };
  if (verdict !== "open") return undefined;
  const found = byDerivative(a, b, prover, budget);
  return found && { method: "derivative", ...found };
}

/** The rational number that a graph without variables is worth, where only + − × ÷ and whole powers are in it. */
export function exactValueOf(node: Node): Rational | undefined {
  return new Prover(node, node, { budget: BUDGET }).exactValue();
}
