import { tidyDerivatives } from "../expression/tidy.ts";
import { dependents, topologicalOrder } from "../ir/graph.ts";
import { exactConstant, isInput, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { tangents } from "../transforms/tangent.ts";
import { type Line, linesOf } from "./lines.ts";
import { RULES, type Rule } from "./rules.ts";
import { isTrivial, type Part, type Reading, seen, type View, viewOf } from "./view.ts";
import { type Written, written } from "./written.ts";

/** One rule, applied: every number and formula in it is a node of the engine's own tangents. */
export interface Step {
  readonly rule: string;
  /** What the rule says in general. */
  readonly general: Rule["general"];
  /** What is differentiated, and by which variable. */
  readonly of: Written;
  readonly by: string;
  /** Whether other variables stay fixed: ∂ instead of d. */
  readonly partial: boolean;
  /** What stands for the letters of the rule. */
  readonly parts: readonly Part[];
  /** What stands on the left instead of d/dx […], where the step is of something else. */
  readonly left?: Written;
  /** What the rule gives, with the derivatives of the parts put in. */
  readonly applied: Written;
  /** The same, tidied. */
  readonly result: Written;
  /** The derivatives that the rule needs. Empty where the same part was differentiated before. */
  readonly steps: readonly Step[];
  /** The graphs of `of`, `applied` and `result`. */
  readonly nodes: { readonly of: Node; readonly applied: Node; readonly result: Node };
}

/** The derivation of one derivative of a number by a number. */
export interface Derivation {
  readonly of: Written;
  readonly by: string;
  /** How the function is called, where it has a name. */
  readonly name?: string;
  /** For named lines: the derivation of each factor of the chain. */
  readonly locals?: readonly Derivation[];
  readonly step: Step;
  /** From d/dx […] to the result, as on a whiteboard. */
  readonly lines: readonly Line[];
  readonly result: Written;
  readonly node: Node;
}

/** Beyond this many rules the whiteboard is left out: the steps stand alone. */
const MOST_RULES_ON_BOARD = 60;

/** Derives y by x with every step. `name` is how y is called on the left of the first line, where it has a name. */
export function derive(y: Node, x: Node, options: { name?: string; partial?: boolean } = {}): Derivation {
  const reading = readingOf(y, x);
  const views = viewsOf(y, reading);
  const results = slopesOf(views, y, x);
  const stepFor = stepMaker(views, results, x, options.partial ?? false);
  const step = stepFor(seen(y));
  const lines =
    views.size <= MOST_RULES_ON_BOARD ? linesOf(y, x, views, results, { partial: false, ...options }) : [];
  return {
    of: written(y),
    by: written(x).pretty,
    name: options.name,
    step,
    lines,
    result: step.result,
    node: step.nodes.result,
  };
}

function readingOf(y: Node, x: Node): Reading {
  const order = topologicalOrder([y]);
  const active = dependents(order, [x]);
  // Nodes made for the reading (a person's grouping) are looked up by their inputs.
  const known = new Map<Node, boolean>();
  const varies = (node: Node): boolean => {
    if (active.has(node)) return true;
    if (node.inputs.length === 0) return false;
    let answer = known.get(node);
    if (answer === undefined) known.set(node, (answer = topologicalOrder([node]).includes(x)));
    return answer;
  };
  const names = new Set(order.filter(isInput).map((n) => written(n).pretty));
  const letter = ["u", "v", "s", "t", "r", "q"].find((l) => !names.has(l)) ?? "u_1";
  return { x, varies, letter };
}

/** Every node that needs a rule, from the whole down. */
function viewsOf(y: Node, reading: Reading): Map<Node, View> {
  const views = new Map<Node, View>();
  const stack = [seen(y)];
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (views.has(node)) continue;
    const view = reading.varies(node) ? viewOf(node, reading) : constantView(node);
    views.set(node, view);
    for (const c of view.children) if (!views.has(c)) stack.push(c);
  }
  return views;
}

function constantView(node: Node): View {
  return {
    node,
    rule: RULES.constant,
    parts: [],
    children: [],
    combine: () => exactConstant(Rational.ZERO),
  };
}

/** The engine's tangent of every node that has a rule, tidied together. */
function slopesOf(views: ReadonlyMap<Node, View>, y: Node, x: Node): Map<Node, Node> {
  const nodes = [...views.keys()];
  const one = exactConstant(Rational.ONE);
  const zero = exactConstant(Rational.ZERO);
  const slopes = tangents(nodes, new Map([[x, one]]), "textbook").map((t) => t ?? zero);
  // A person's grouping has nodes that y has not, such as v ln u for u^v.
  const own = new Set(topologicalOrder([y]));
  // The whole by itself, as without steps: beside others its parts would be kept as theirs.
  const [whole] = tidyDerivatives(slopes.slice(0, 1), y);
  const parts = tidyDerivatives(slopes.slice(1), y, ...nodes.filter((n) => !own.has(n)));
  const tidied = [whole, ...parts];
  return new Map(nodes.map((n, i) => [n, tidied[i]]));
}

function stepMaker(
  views: ReadonlyMap<Node, View>,
  results: ReadonlyMap<Node, Node>,
  x: Node,
  partial: boolean,
): (node: Node) => Step {
  const by = written(x).pretty;
  const steps = new Map<Node, Step>();
  const told = new Set<Node>();
  // Children first; the views were found from the top.
  for (const view of childrenFirst(views)) {
    const result = results.get(view.node) as Node;
    const applied = view.combine((c) => results.get(c) as Node);
    const children = view.children.filter((c) => !isTrivial(views.get(c) as View));
    const own = children.filter((c) => !told.has(c)).map((c) => steps.get(c) as Step);
    for (const c of children) told.add(c);
    steps.set(view.node, {
      rule: view.rule.name,
      general: view.rule.general,
      of: written(view.node),
      by,
      partial,
      parts: view.parts,
      applied: written(applied),
      result: written(result),
      steps: view.outer ? [outerStep(view.outer), ...own] : own,
      nodes: { of: view.node, applied, result },
    });
  }
  return (node) => steps.get(node) as Step;
}

function outerStep({ of, by, result, rule }: NonNullable<View["outer"]>): Step {
  return {
    rule: rule.name,
    general: rule.general,
    of: written(of),
    by: written(by).pretty,
    partial: false,
    parts: [],
    applied: written(result),
    result: written(result),
    steps: [],
    nodes: { of, applied: result, result },
  };
}

function childrenFirst(views: ReadonlyMap<Node, View>): View[] {
  const done = new Set<Node>();
  const order: View[] = [];
  for (const start of views.values()) {
    const stack = [start];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const open = top.children.filter((c) => !done.has(c)).map((c) => views.get(c) as View);
      if (open.length > 0 && !done.has(top.node)) {
        stack.push(...open);
        continue;
      }
      stack.pop();
      if (done.has(top.node)) continue;
      done.add(top.node);
      order.push(top);
    }
  }
  return order;
}
