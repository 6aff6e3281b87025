import { topologicalOrder } from "../../ir/graph.ts";
import { type ConstantParams, isConstant, isInput, type Node, scalarValue } from "../../ir/node.ts";
import { Rational } from "../../ir/rational.ts";
import { nameOf } from "../print.ts";
import type { Condition } from "./conditions.ts";
import { NowhereDefinedError, type Quotient } from "./field.ts";
import type { Functions } from "./functions.ts";
import { asNumber, comparisons, rules, type Truth } from "./rules.ts";

/** What a node stands for: a number, a truth, or nothing, because it has no value anywhere in this case. */
export type Value = Quotient | Truth | undefined;

const isTruth = (v: Value): v is Truth => v !== undefined && "mask" in v;

/** The normal forms of scalar graphs, with what their steps ask of their arguments. */
export interface Normalised {
  readonly values: readonly (Quotient | undefined)[];
  readonly conditions: readonly Condition[];
}

/** Brings scalar graphs in primitives to quotients. `substituted`: variables that stand for something in this case. */
export function normalise(
  roots: readonly Node[],
  functions: Functions,
  substituted: ReadonlyMap<string, Quotient> = new Map(),
): Normalised {
  const { field } = functions;
  const values = new Map<Node, Value>();
  const conditions: Condition[] = [];
  const certain = alwaysEvaluated(roots);
  for (const node of topologicalOrder(roots)) {
    field.budget.spend(1);
    const ask = (value: Quotient, relation: Condition["relation"]): void => {
      conditions.push({ node, value, relation, conditional: !certain.has(node) });
    };
    try {
      values.set(node, formOfNode(node, values, functions, substituted, ask));
    } catch (error) {
      if (!(error instanceof NowhereDefinedError)) throw error;
      values.set(node, undefined);
    }
  }
  return {
    values: roots.map((r) => {
      const value = values.get(r);
      return isTruth(value) ? undefined : value;
    }),
    conditions,
  };
}

export type Ask = (value: Quotient, relation: Condition["relation"]) => void;

function formOfNode(
  node: Node,
  values: ReadonlyMap<Node, Value>,
  functions: Functions,
  substituted: ReadonlyMap<string, Quotient>,
  ask: Ask,
): Value {
  const { field } = functions;
  if (isConstant(node)) return constantOf(node, functions);
  if (isInput(node)) {
    const name = nameOf(node);
    const key = `variable ${node.id}`;
    return substituted.get(key) ?? field.powerOf(field.kernel(key, () => ({ kind: "variable", name })));
  }
  const { name } = node.primitive;
  const inputs = node.inputs.map((i) => values.get(i));
  if (name === "where") return chosen(inputs, functions);
  if (inputs.some((v) => v === undefined)) return undefined;
  if (comparisons.has(name)) {
    return (comparisons.get(name) as (f: Functions, x: readonly Value[]) => Truth)(functions, inputs);
  }
  const x = inputs.map((v) => asNumber(v, functions));
  const rule = rules.get(name);
  if (rule) return rule(functions, x, ask, node);
  return field.powerOf(field.call(`${name} ${JSON.stringify(node.params)}`, x));
}

function chosen([mask, a, b]: readonly Value[], functions: Functions): Value {
  const { field } = functions;
  if (mask === undefined) return undefined;
  if (!isTruth(mask)) throw new TypeError("where: the mask is not a truth value");
  if (mask.mask !== undefined) return mask.mask ? a : b;
  // Where the whole has a value, the branch that is taken has one.
  if (a === undefined) return b;
  if (b === undefined) return a;
  const [x, y] = [asNumber(a, functions), asNumber(b, functions)];
  return field.keyOf(x) === field.keyOf(y) ? x : field.powerOf(field.call(`where ${mask.key}`, [x, y]));
}

/** Floats stand for the shortest decimal that reads as them, as in `tidy`: 0.1, not 3602879701896397/2⁵⁵. */
function constantOf(node: Node, { field }: Functions): Quotient | Truth {
  const { exact, symbol } = node.params as ConstantParams;
  if (exact) return field.constant(exact);
  if (symbol?.text === "pi") return field.powerOf(field.pi);
  if (symbol?.text === "e") return eulersNumber(field);
  const value = scalarValue(node);
  if (value === undefined || symbol || !Number.isFinite(value)) {
    return field.powerOf(
      field.kernel(`constant ${symbol?.text ?? node.id}`, () => ({ kind: "call", name: "constant" })),
    );
  }
  if (node.dtype === "bool") return { mask: value !== 0, key: `${value}` };
  return field.constant(decimalOf(value));
}

function eulersNumber(field: Functions["field"]): Quotient {
  const kernel = field.kernel(`exp(${field.keyOf(field.one)})`, () => ({
    kind: "exp",
    name: "exp",
    arguments: [field.one],
    positive: true,
  }));
  return field.powerOf(kernel);
}

/** The rational that a float stands for in maths. */
export function decimalOf(value: number): Rational {
  return Number.isInteger(value) ? Rational.from(value) : Rational.from(String(value));
}

/** Nodes whose value every root needs wherever it is evaluated: not those that only a branch holds. */
function alwaysEvaluated(roots: readonly Node[]): Set<Node> {
  const found = new Set<Node>();
  const stack = [...roots];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (found.has(node)) continue;
    found.add(node);
    stack.push(...(node.primitive.name === "where" ? [node.inputs[0]] : node.inputs));
  }
  return found;
}
