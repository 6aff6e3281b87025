import { derivativeNode, type Expression } from "../expression/expression.ts";
import { writtenInputs } from "../expression/print.ts";
import { stableForms } from "../expression/stable.ts";
import { tidyDerivatives } from "../expression/tidy.ts";
import { isFloat } from "../ir/dtype.ts";
import { dependents, topologicalOrder, withInputs } from "../ir/graph.ts";
import { exactConstant, type InputParams, input, isInput, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add } from "../primitives/arithmetic.ts";
import { substitute } from "../primitives/evaluate.ts";
import { ones, zerosLike } from "../primitives/structure.ts";
import { pullback } from "../transforms/derivatives.ts";
import { tangents } from "../transforms/tangent.ts";
import { idsOf, seen, shownNodes } from "./graph-view.ts";
import { type Values, valuesOf } from "./named-lines.ts";
import { adjointSymbol, type Written, written, writtenName } from "./written.ts";

/** An edge of the computation graph, and what the backward pass sends along it. */
export interface GraphEdge {
  /** The ids of `graphOf`. */
  readonly from: string;
  readonly to: string;
  /** Which input of `to` it is. */
  readonly place: number;
  /** What the two ends are called in the formulas: the name of the line, or v₁, v₂, … */
  readonly fromName: Written;
  readonly toName: Written;
  /** ∂to/∂from, where both are numbers. */
  readonly local?: Written;
  readonly localValue?: Node;
  /** What the edge adds to the adjoint of `from`: ∂L/∂z · x, or Xᵀ ∂L/∂r. */
  readonly part: Written;
  readonly partValue: Node;
}

/**
 * The edges along which gradients flow back, each with its local derivative in symbols and numbers; those into
 * constants have none. The result must be one number.
 */
export function graphEdges(e: Expression, values: Values): GraphEdge[] {
  if (e.node.rank > 0 || !isFloat(e.node.dtype)) return [];
  const nodes = shownNodes(e);
  const ids = idsOf(nodes);
  const varying = dependents(topologicalOrder([e.node]), nodes.filter(isInput));
  const names = namesOf(e, nodes, varying);
  const known = new Map(valuesOf(e, nodes, values).map((v, i) => [nodes[i], v]));
  const flowing = nodes.filter((n) => varying.has(n) && isFloat(n.dtype));
  const adjoints = new Map<Node, Node>([[e.node, exactConstant(Rational.ONE)]]);
  const result = names.get(e.node) as string;
  const flows = new Set(flowing);
  // Nodes that gradients reach; beneath a branch that is not taken there are none, not even NaN.
  const reached = new Set([e.node]);
  const edges = flowing.reverse().map((node) =>
    writtenInputs(node).flatMap((direct, place) => {
      const from = seen(direct);
      if (!flows.has(from)) return [];
      const { own, stands } = standing(node, names, varying);
      const at = new Map(stands.map(([stand, n]) => [stand, known.get(n) as Node]));
      const along = stands[place][0];
      const scalar = node.rank === 0 && from.rank === 0;
      const local = scalar ? derivativeNode(own, along) : undefined;
      // Without the result's own adjoint, which is 1.
      const seed =
        node === e.node
          ? exactConstant(Rational.ONE)
          : adjointSymbol(node, result, names.get(node) as string);
      const [part] = pullback([own], [along], [seed], "textbook");
      const flow = reached.has(node) && isTaken(node, place, known);
      if (flow) reached.add(from);
      const partValue = flow
        ? substitute(stableForms([part]), new Map(at).set(seed, adjoints.get(node) as Node))[0]
        : zerosLike(known.get(from) as Node);
      const before = adjoints.get(from);
      adjoints.set(from, before ? add(before, partValue) : partValue);
      return [
        {
          from: ids.get(from) as string,
          to: ids.get(node) as string,
          place,
          fromName: writtenName(names.get(from) as string),
          toName: writtenName(names.get(node) as string),
          ...(local
            ? { local: written(local), localValue: substitute(stableForms([local]), new Map(at))[0] }
            : {}),
          part: written(tidyDerivatives([part], own)[0]),
          partValue,
        },
      ];
    }),
  );
  return edges.reverse().flat();
}

/** Whether a place is not the branch that a condition rules out. */
function isTaken(node: Node, place: number, known: ReadonlyMap<Node, Node>): boolean {
  if (node.primitive.name !== "where" || place === 0) return true;
  const mask = known.get(seen(node.inputs[0]));
  return mask?.size !== 1 || (mask.buffer?.[0] !== 0) === (place === 1);
}

/** Forward mode on the graph: ∂node/∂x for every node that depends on the variable, by the ids of `graphOf`. */
export function graphTangents(e: Expression, values: Values, wrt: string): ReadonlyMap<string, Node> {
  const x = e.variable(wrt);
  const nodes = shownNodes(e);
  const ids = idsOf(nodes);
  const seed = x.rank === 0 ? exactConstant(Rational.ONE) : ones(x.shape);
  const slopes = tangents(nodes, new Map([[x, seed]]));
  const moving = nodes.flatMap((n, i) =>
    slopes[i] ? [[ids.get(n) as string, slopes[i] as Node] as const] : [],
  );
  const numbers = valuesOf(
    e,
    moving.map(([, t]) => t),
    values,
  );
  return new Map(moving.map(([id], i) => [id, numbers[i]]));
}

/** The node on inputs of its own, one for each place: the two x of x·x have a derivative each. */
function standing(
  node: Node,
  names: ReadonlyMap<Node, string>,
  varying: ReadonlySet<Node>,
): { own: Node; stands: (readonly [stand: Node, node: Node])[] } {
  const inputs = [...node.inputs];
  const stands = writtenInputs(node).map((direct, place) => {
    const from = seen(direct);
    if (!varying.has(from)) return [from, from] as const;
    const stand = input(from, { name: names.get(from) });
    inputs[place] = reshaped(direct, from, stand);
    return [stand, from] as const;
  });
  return { own: withInputs(node, inputs), stands };
}

/** The same broadcast of another node. */
const reshaped = (direct: Node, from: Node, stand: Node): Node =>
  direct === from ? stand : withInputs(direct, [reshaped(direct.inputs[0], from, stand)]);

function namesOf(e: Expression, nodes: readonly Node[], varying: ReadonlySet<Node>): Map<Node, string> {
  const names = new Map([...e.bindings].map(([name, node]) => [node, name]));
  const taken = new Set([...names.values(), ...e.variables.keys()]);
  const free = (wanted: (i: number) => string): string => {
    for (let i = 1; ; i++) {
      if (taken.has(wanted(i))) continue;
      taken.add(wanted(i));
      return wanted(i);
    }
  };
  for (const n of nodes) {
    if (isInput(n)) names.set(n, (n.params as InputParams).name ?? "x");
    else if (!varying.has(n)) continue;
    else if (!names.has(n))
      names.set(n, n === e.node ? free((i) => ["y", "L"][i - 1] ?? `y${i}`) : free((i) => `v${i}`));
  }
  return names;
}
