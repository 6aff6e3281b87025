import { assertFinite } from "../expression/diagnose.ts";
import { MathError } from "../expression/errors.ts";
import type { Expression } from "../expression/expression.ts";
import { stableForms } from "../expression/stable.ts";
import { isFloat } from "../ir/dtype.ts";
import { freeInputs } from "../ir/graph.ts";
import type { InputParams, Node } from "../ir/node.ts";
import { mul, sub } from "../primitives/arithmetic.ts";
import { substitute } from "../primitives/evaluate.ts";
import { adjointLines } from "./adjoints.ts";
import { adjointsOf, type NamedLine, namedLines, type Values, valuesOf } from "./named-lines.ts";
import type { Written } from "./written.ts";

export interface ForwardRow {
  readonly name: string;
  /** Absent for a variable, whose value is given. */
  readonly formula?: Written;
  readonly value: Node;
}

export interface BackwardRow {
  readonly name: string;
  /** ∂L/∂name. */
  readonly adjoint: Node;
  /** The same in symbols: names, and the adjoints of the rows above. Absent for the result itself. */
  readonly formula?: Written;
  /** How it came about: for each step that uses the name, that step's adjoint times its local derivative. */
  readonly parts: readonly {
    readonly through: string;
    readonly local?: Written;
    readonly localValue?: Node;
  }[];
}

export interface BackwardPass {
  /** The name of the result, such as L. */
  readonly result: string;
  readonly value: Node;
  readonly forward: readonly ForwardRow[];
  readonly backward: readonly BackwardRow[];
  readonly gradient: ReadonlyMap<string, Node>;
  /** One step of gradient descent, w ← w − η ∂L/∂w. */
  readonly update: ReadonlyMap<string, { readonly from: Node; readonly to: Node }>;
}

/** Backpropagation as two tables: values forwards, adjoints backwards. */
export function backwardPass(
  e: Expression,
  values: Values,
  options: { wrt?: readonly string[]; rate?: number } = {},
): BackwardPass {
  if (e.node.rank > 0)
    throw new MathError(
      `the result has shape [${e.node.shape}]: a gradient needs one number, such as sum(…)`,
    );
  if (e.node.dtype === "bool")
    throw new MathError(`${e} is true or false: a gradient needs a function whose value is a number`);
  const variables = [...e.variables];
  const wrt = (options.wrt ?? variables.map(([name]) => name)).map(
    (name) => [nameIn(e, name), e.variable(name)] as const,
  );
  const steps = namedLines(e);
  const nodes = steps.map((s) => s.node);
  const found = valuesOf(e, nodes, values);
  // A variable or a number alone has no line.
  const value = found[found.length - 1] ?? valuesOf(e, [e.node], values)[0];
  assertFinite(e.node, new Map(variables.map(([name, node]) => [node, values.get(name) as Node])), value);
  const forward: ForwardRow[] = [
    ...variables.map(([name]) => ({ name, value: values.get(name) as Node })),
    ...steps.map((s, i) => ({ name: s.name, formula: s.formula, value: found[i] })),
  ];
  const valueByName = new Map(forward.map((r) => [r.name, r.value]));
  const flowing = steps.filter((s) => isFloat(s.node.dtype));
  const order = [...flowing.map((s) => [s.name, s.node] as const).reverse(), ...wrt];
  const adjoints = adjointsOf(
    e,
    order.map(([, n]) => n),
    values,
  );
  const formulas = new Map(
    adjointLines(
      e,
      steps,
      wrt.map(([name]) => name),
    ).map((l) => [l.name, l.formula]),
  );
  const backward = order.map(([name], i) => ({
    name,
    adjoint: adjoints[i],
    formula: formulas.get(name),
    parts: partsOf(name, steps, valueByName),
  }));
  const gradient = new Map(wrt.map(([name], i) => [name, adjoints[flowing.length + i]]));
  const rate = options.rate ?? 0.1;
  const update = new Map(
    [...gradient].map(([name, g]) => {
      const from = values.get(name) as Node;
      return [name, { from, to: sub(from, mul(rate, g)) }];
    }),
  );
  return {
    result: steps.length > 0 ? steps[steps.length - 1].name : "y",
    value,
    forward,
    backward,
    gradient,
    update,
  };
}

function nameIn(e: Expression, name: string): string {
  const node = e.variable(name);
  return [...e.variables].find(([, n]) => n === node)?.[0] as string;
}

function partsOf(name: string, steps: readonly NamedLine[], values: ReadonlyMap<string, Node>) {
  return steps.flatMap((s) => {
    const local = s.locals.find((l) => l.name === name);
    if (!local) return [];
    return [
      { through: s.name, local: local.derivative, localValue: local.node && localValue(local.node, values) },
    ];
  });
}

function localValue(node: Node, values: ReadonlyMap<string, Node>): Node {
  const inputs = freeInputs([node]).map(
    (n) => [n, values.get((n.params as InputParams).name as string) as Node] as const,
  );
  return substitute(stableForms([node]), new Map(inputs))[0];
}
