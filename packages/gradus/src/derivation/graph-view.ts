import type { Expression } from "../expression/expression.ts";
import { nameOf, transparent, writtenInputs, writtenNodes } from "../expression/print.ts";
import { prettyName, toPretty } from "../expression/print-text.ts";
import { isFloat } from "../ir/dtype.ts";
import { isConstant, isInput, type Node } from "../ir/node.ts";
import { adjointsOf, type Values, valuesOf } from "./named-lines.ts";

export interface GraphNode {
  readonly id: string;
  readonly kind: "variable" | "constant" | "operation";
  /** What a person reads on it: w, 2, ×, σ. */
  readonly label: string;
  /** The name of the line, where it has one. */
  readonly name?: string;
  readonly shape: readonly number[];
  readonly inputs: readonly string[];
  readonly value?: Node;
  readonly adjoint?: Node;
}

const SYMBOLS: Readonly<Record<string, string>> = {
  add: "+",
  sub: "−",
  mul: "×",
  div: "÷",
  pow: "^",
  neg: "−",
  contract: "·",
};

/** The computation graph, leaves first; with values and adjoints where values are given. */
export function graphOf(e: Expression, values?: Values): GraphNode[] {
  const nodes = shownNodes(e);
  const ids = idsOf(nodes);
  const names = new Map([...e.bindings].map(([name, node]) => [node, name]));
  const found = values && valuesOf(e, nodes, values);
  const scalar = e.node.rank === 0 && isFloat(e.node.dtype);
  const differentiable = nodes.map((n) => scalar && isFloat(n.dtype) && !isConstant(n));
  const adjoints =
    values && scalar
      ? adjointsOf(
          e,
          nodes.filter((_, i) => differentiable[i]),
          values,
        )
      : [];
  let next = 0;
  return nodes.map((n, i) => ({
    id: ids.get(n) as string,
    kind: isInput(n) ? "variable" : isConstant(n) ? "constant" : "operation",
    label: labelOf(n),
    name: names.get(n),
    shape: n.shape,
    inputs: writtenInputs(n).map((x) => ids.get(seen(x)) as string),
    value: found?.[i],
    adjoint: values && differentiable[i] ? adjoints[next++] : undefined,
  }));
}

/** The nodes that a person reads, inputs before users. */
export const shownNodes = (e: Expression): Node[] => writtenNodes(e.node).filter((n) => !transparent(n));

export const idsOf = (nodes: readonly Node[]): Map<Node, string> =>
  new Map(nodes.map((n, i) => [n, `n${i + 1}`]));

/** The node that a person reads in the place of one that only gives it another shape. */
export function seen(x: Node): Node {
  let at = x;
  while (transparent(at)) at = at.inputs[0];
  return at;
}

function labelOf(n: Node): string {
  if (isInput(n)) return nameOf(n);
  if (isConstant(n)) return toPretty(n);
  return (
    SYMBOLS[n.primitive.name] ??
    (n.primitive.name === "unknown"
      ? (n.params as { name: string }).name
      : (prettyName(n.primitive) ?? n.primitive.name))
  );
}
