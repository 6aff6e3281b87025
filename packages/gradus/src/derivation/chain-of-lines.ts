import type { Expression } from "../expression/expression.ts";
import { tidyDerivatives } from "../expression/tidy.ts";
import { dependents, rewrite, topologicalOrder } from "../ir/graph.ts";
import { exactConstant, type Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { type Derivation, derive } from "./derivation.ts";
import { type Line, pushLine } from "./lines.ts";
import { type NamedLine, namedLines } from "./named-lines.ts";
import { RULES } from "./rules.ts";
import { derivativeMark, type Written, written, writtenName } from "./written.ts";

/**
 * The derivative of named lines, as backpropagation is taught: ∂L/∂w = ∂L/∂a · ∂a/∂z · ∂z/∂w, then each factor,
 * then the product. Where several ways lead from the variable to the result, their products are added.
 */
export function deriveLines(e: Expression, name: string): Derivation {
  const variable = e.variable(name);
  const all = namedLines(e);
  const active = dependents(topologicalOrder([e.node]), [variable]);
  const lines = all.filter((l) => active.has(l.node));
  const isActive = new Set(lines.map((l) => l.name));
  const result = e.derivative(name);
  const several = e.variables.size > 1;
  if (lines.length === 0) return derive(e.node, variable, { partial: several, name: e.resultName });
  const last = lines[lines.length - 1];
  const by = written(variable);
  const locals = new Map<Node, { line: NamedLine; derivation: Derivation }>();
  const slope = (line: NamedLine, of: { name: string; node: Node }): Node => {
    const partial = several || line.uses.length > 1;
    const mark = derivativeMark(line.own, writtenName(line.name), written(of.node), partial, true);
    locals.set(mark, { line, derivation: derive(line.own, of.node, { partial, name: line.name }) });
    return mark;
  };
  const through = (name: string, adjoints: ReadonlyMap<string, Node | null>): Node | undefined => {
    let sum: Node | undefined;
    for (const line of lines) {
      const use = line.uses.find((u) => u.name === name);
      if (!use || !adjoints.has(line.name)) continue;
      const above = adjoints.get(line.name);
      const term = above ? mul(above, slope(line, use)) : slope(line, use);
      sum = sum ? add(sum, term) : term;
    }
    return sum;
  };
  // null: the result itself, whose adjoint is 1.
  const adjoints = new Map<string, Node | null>([[last.name, null]]);
  for (const line of lines.slice(0, -1).reverse()) {
    const adjoint = through(line.name, adjoints);
    if (adjoint && isActive.has(line.name)) adjoints.set(line.name, adjoint);
  }
  const own = [...e.variables].find(([, n]) => n === variable)?.[0] as string;
  const chain = through(own, adjoints) ?? exactConstant(Rational.ZERO);
  return assembled(e, { last, by, chain, locals, result: result.node, partial: several });
}

interface Parts {
  readonly last: NamedLine;
  readonly by: Written;
  readonly chain: Node;
  readonly locals: ReadonlyMap<Node, { line: NamedLine; derivation: Derivation }>;
  readonly result: Node;
  readonly partial: boolean;
}

function assembled(e: Expression, { last, by, chain, locals, result, partial }: Parts): Derivation {
  const start = derivativeMark(e.node, writtenName(last.name), by, partial, true);
  const marks = new Map<Node, Node>();
  const put = new Map([...locals].map(([mark, l]) => [mark, l.derivation.node]));
  const [inNames] = rewrite([chain], new Map(put));
  const reasons = [{ rule: RULES.chain.name, parts: [] }];
  const lines: Line[] = [{ written: written(start), reasons: [], node: start, marks }];
  pushLine(lines, { written: written(chain), reasons, node: chain, marks });
  pushLine(lines, { written: written(inNames), reasons: [], node: inNames, marks });
  const [tidied] = tidyDerivatives([inNames], inNames);
  pushLine(lines, { written: written(tidied), reasons: [], node: tidied, marks });
  pushLine(lines, { written: written(result), reasons: [], node: result, marks });
  const local = [...locals.values()].map((l) => l.derivation);
  return {
    of: last.formula,
    by: by.pretty,
    name: last.name,
    locals: local,
    lines,
    result: written(result),
    node: result,
    step: {
      rule: RULES.chain.name,
      general: RULES.chain.general,
      of: written(e.node),
      by: by.pretty,
      partial,
      parts: [],
      applied: written(chain),
      result: written(result),
      steps: local.map((d) => d.step),
      nodes: { of: e.node, applied: inNames, result },
    },
  };
}
