import { topologicalOrder } from "../ir/graph.ts";
import { isInput, type Node } from "../ir/node.ts";
import { concreteValue, substitute } from "../primitives/evaluate.ts";
import { MathError } from "./errors.ts";
import { toPretty } from "./print-text.ts";

const notFinite = (x: Node): boolean => (x.buffer ? x.buffer.some((v) => !Number.isFinite(v)) : false);

const WHY: Readonly<Record<string, string>> = {
  log: "the logarithm needs a positive number",
  log2: "the logarithm needs a positive number",
  log10: "the logarithm needs a positive number",
  log1p: "the logarithm needs a positive number, so its argument must be over -1",
  sqrt: "the square root needs a number from 0 on",
  div: "the denominator is 0",
  pow: "a negative number takes whole exponents only, and 0 no negative ones",
  asin: "the argument must be from -1 to 1",
  acos: "the argument must be from -1 to 1",
  acosh: "the argument must be 1 or more",
  atanh: "the argument must be between -1 and 1",
  gamma: "it has a pole at 0, -1, -2, …",
};

/** Names the first step of a graph that has no finite value at the given inputs; nothing where all are finite. */
export function assertFinite(root: Node, values: ReadonlyMap<Node, Node>, result: Node): void {
  if (!notFinite(result)) return;
  const place = [...values]
    .map(
      ([n, v]) =>
        `${(n.params as { name?: string }).name} = ${v.size === 1 ? concreteValue(v).buffer?.[0] : "…"}`,
    )
    .join(", ");
  const order = topologicalOrder([root]).filter((n) => !isInput(n));
  const found = new Map(values);
  substitute(order, values).forEach((value, i) => found.set(order[i], value));
  const bad = (n: Node) => notFinite(found.get(n) as Node);
  const culprit = order.find((n) => bad(n) && !n.inputs.some(bad)) ?? root;
  const [base] = culprit.primitive.name === "pow" ? culprit.inputs : [];
  const tooLarge =
    base &&
    (found.get(base) as Node).buffer?.every((v) => v !== 0) &&
    (found.get(culprit) as Node).buffer?.every((v) => !Number.isNaN(v));
  const why =
    (tooLarge ? undefined : WHY[culprit.primitive.name]) ?? "the result is too large, or not a real number";
  throw new MathError(`${toPretty(culprit)} has no finite value${place ? ` at ${place}` : ""}: ${why}`);
}
