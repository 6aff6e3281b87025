import type { Node } from "../ir/node.ts";
import { Prover } from "./normal/zero-test.ts";

const BUDGET = 60_000;

/** What a scalar function asks of its variables, as text: ["x > 0"]; empty where it has a value everywhere. */
export function domainOf(node: Node): string[] {
  const prover = new Prover(node, node, { budget: BUDGET });
  if (prover.run().verdict === "budget") return [];
  return prover.shownConditions();
}
