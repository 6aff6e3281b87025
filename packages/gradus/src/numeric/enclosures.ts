import { MathError } from "../expression/errors.ts";
import { nameOf } from "../expression/print.ts";
import { toPretty } from "../expression/print-text.ts";
import { topologicalOrder } from "../ir/graph.ts";
import { type ConstantParams, isConstant, isInput, type NamedNumber, type Node } from "../ir/node.ts";
import type { Interval } from "../ir/primitive.ts";
import { E as E_NUMBER, PI as PI_NUMBER } from "../primitives/constants.ts";
import { expandFormulas } from "../transforms/expand.ts";
import { encloseRational } from "./ball.ts";
import { exp, PI } from "./elementary.ts";
import { isEmpty, ONE } from "./interval.ts";
import { enclosureRule } from "./table.ts";

/** A function has no real value somewhere on the box that it was to be enclosed on. */
export class DomainError extends Error {
  override name = "DomainError";
  /** The step that has no value. */
  readonly node: Node;
  /** What its arguments range over. */
  readonly arguments: readonly Interval[];
  /** It has no value at any point of the box. */
  readonly nowhere: boolean;

  constructor(node: Node, args: readonly Interval[], nowhere: boolean) {
    super(
      `${shown(node)} is not defined ${nowhere ? "there" : "everywhere"}: its argument ranges over ${args.map(showInterval).join(" and ")}; take a smaller interval`,
    );
    this.node = node;
    this.arguments = args;
    this.nowhere = nowhere;
  }
}

const LONGEST = 60;

/** A node as text, cut where it is long. */
export function shown(node: Node): string {
  const text = toPretty(node);
  return text.length > LONGEST ? `${node.primitive.name}(…)` : text;
}

export const showInterval = ({ lo, hi }: Interval): string => (lo === hi ? `${lo}` : `[${lo}, ${hi}]`);

const named = new Map<NamedNumber, Interval>([
  [(PI_NUMBER.params as { symbol: NamedNumber }).symbol, PI],
  [(E_NUMBER.params as { symbol: NamedNumber }).symbol, exp(ONE)],
]);

/** A scalar constant: exact numbers and π between floats, floats as they are. */
export function encloseConstant(node: Node): Interval {
  const { exact, symbol } = node.params as ConstantParams;
  if (exact) return encloseRational(exact);
  const known = symbol && named.get(symbol);
  if (known) return known;
  const value = node.buffer?.[0];
  if (value === undefined || symbol)
    throw new MathError(`${shown(node)}: no enclosure of this constant is known`);
  if (!Number.isFinite(value)) throw new MathError(`${value} is not a real number: nothing encloses it`);
  return { lo: value, hi: value };
}

/** Refuses what intervals do not cover: tensors. */
export function requireScalar(node: Node): void {
  if (node.rank === 0) return;
  throw new MathError(
    `${shown(node)} has shape [${node.shape}]: enclosures are of numbers; take one element, or write the sum out`,
  );
}

export function inputInterval(node: Node, assignments: ReadonlyMap<Node, Interval>): Interval {
  const given = assignments.get(node);
  if (given) return given;
  throw new MathError(`${nameOf(node)} has no interval: give one to every variable`);
}

/** The graph in primitives, inputs before users. */
export function primitiveOrder(node: Node): { order: Node[]; root: Node } {
  const [root] = expandFormulas([node]);
  return { order: topologicalOrder([root]), root };
}

/**
 * An interval that holds every value of a scalar function on a box: proven, rounding included. Constants that were
 * parsed are exact; floats stand for themselves. Throws a DomainError where the function is not defined on all of the
 * box, and a MathError on tensors. Dependence between operands is not seen: on wide boxes the interval may be wide.
 * (Moore 1966, natural interval extension.)
 */
export function enclose(node: Node, assignments: ReadonlyMap<Node, Interval> = new Map()): Interval {
  return encloser(node)(assignments);
}

/** `enclose`, made ready for many boxes. */
export function encloser(node: Node): (assignments: ReadonlyMap<Node, Interval>) => Interval {
  const { order, root } = primitiveOrder(node);
  for (const n of order) requireScalar(n);
  const constants = new Map(order.filter(isConstant).map((n) => [n, encloseConstant(n)]));
  return (assignments) => {
    const values = new Map(constants);
    const trouble = new Map<Node, DomainError>();
    for (const n of order) {
      if (isInput(n)) values.set(n, inputInterval(n, assignments));
      else if (!isConstant(n)) encloseNode(n, values, trouble);
    }
    const wrong = trouble.get(root);
    if (wrong) throw wrong;
    return values.get(root) as Interval;
  };
}

function encloseNode(node: Node, values: Map<Node, Interval>, trouble: Map<Node, DomainError>): void {
  const rule = enclosureRule(node.primitive);
  if (!rule) throw new MathError(`${shown(node)}: no enclosure is known of ${node.primitive.name}`);
  const x = node.inputs.map((i) => values.get(i) as Interval);
  const own = new Set(operandsThatCount(node, x));
  const inherited = node.inputs.find((i, k) => own.has(k) && trouble.has(i));
  if (inherited) trouble.set(node, trouble.get(inherited) as DomainError);
  const params = node.params as never;
  // A branch that is not taken may be empty: what it holds does not matter.
  const value = rule.of(x, params);
  values.set(node, value);
  if (!inherited && (isEmpty(value) || !rule.defined(x, params)))
    trouble.set(node, new DomainError(node, x, isEmpty(value)));
}

/** All operands, but of a decided `where` only the branch that is taken. */
export function operandsThatCount(node: Node, x: readonly Interval[]): number[] {
  if (node.primitive.name === "where" && x[0].lo === x[0].hi) return x[0].lo > 0 ? [0, 1] : [0, 2];
  return x.map((_, i) => i);
}
