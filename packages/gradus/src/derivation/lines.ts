import { rewrite } from "../ir/graph.ts";
import type { Node } from "../ir/node.ts";
import { RULES } from "./rules.ts";
import { isTrivial, seen, type View } from "./view.ts";
import { derivativeMark, type Written, written, writtenName } from "./written.ts";

/** One line of the whiteboard: what stands there, and the rules that led to it. */
export interface Line {
  readonly written: Written;
  readonly reasons: readonly Reason[];
  /** The graph, with the derivatives that are not yet worked out as inputs, and what each of them is. */
  readonly node: Node;
  readonly marks: ReadonlyMap<Node, Node>;
}

export interface Reason {
  readonly rule: string;
  readonly parts: View["parts"];
}

interface Options {
  readonly name?: string;
  readonly partial: boolean;
}

/** Longer lines are not written: the next one is shorter, or the steps say it. */
const LONGEST_LINE = 400;

/** d/dx […] worked out line by line: at each, every derivative that is left is replaced by its rule. */
export function linesOf(
  y: Node,
  x: Node,
  views: ReadonlyMap<Node, View>,
  results: ReadonlyMap<Node, Node>,
  { name, partial }: Options,
): Line[] {
  const by = written(x);
  const marks = new Map<Node, Node>();
  const markOf = new Map<Node, Node>();
  const mark = (of: Node): Node => {
    let found = markOf.get(of);
    if (!found) {
      found = derivativeMark(of, written(of), by, partial, false);
      markOf.set(of, found);
      marks.set(found, of);
    }
    return found;
  };
  const top = seen(y);
  const start = name ? derivativeMark(top, writtenName(name), by, partial, true) : mark(top);
  marks.set(start, top);
  const lines: Line[] = [{ written: written(start), reasons: [], node: start, marks }];
  let open = [start];
  let node: Node = start;
  while (open.length > 0) {
    const reasons: Reason[] = [];
    const places = new Map<Node, Node>();
    const next: Node[] = [];
    for (const m of open) {
      const view = views.get(marks.get(m) as Node) as View;
      // On a whiteboard only the chain rule says what it was applied to.
      reasons.push({ rule: view.rule.name, parts: view.outer ? view.parts : [] });
      const derivativeOf = (child: Node): Node => {
        const inner = views.get(child) as View;
        if (isElementary(inner, views)) {
          if (!isTrivial(inner)) reasons.push({ rule: inner.rule.name, parts: [] });
          return results.get(child) as Node;
        }
        const pending = mark(child);
        next.push(pending);
        return pending;
      };
      places.set(m, view.combine(derivativeOf));
    }
    [node] = rewrite([node], places);
    open = [...new Set(next)];
    pushLine(lines, { written: written(node), reasons: distinct(reasons), node, marks });
  }
  pushLine(lines, {
    written: written(results.get(top) as Node),
    reasons: [],
    node: results.get(top) as Node,
    marks,
  });
  return lines;
}

/** Adds a line that says something new and is not too long to read. */
export function pushLine(lines: Line[], line: Line): void {
  const last = lines.at(-1);
  if (last && line.written.pretty === last.written.pretty) return;
  if (line.written.pretty.length <= LONGEST_LINE || lines.length <= 1) lines.push(line);
}

/** Derivatives that a lecturer writes down without a line of their own: of x, x², sin x, 3x² − 5x + 7. */
function isElementary(view: View, views: ReadonlyMap<Node, View>): boolean {
  if (isTrivial(view)) return true;
  if (view.outer) return false;
  const termwise = view.rule === RULES.sum || view.rule === RULES.multiple;
  return view.children.every((c) => {
    const child = views.get(c) as View;
    return isTrivial(child) || (termwise && isElementary(child, views));
  });
}

function distinct(reasons: readonly Reason[]): Reason[] {
  const seenRules = new Set<string>();
  return reasons.filter((r) => {
    const key = r.rule + r.parts.map((p) => p.value.pretty).join();
    if (seenRules.has(key)) return false;
    seenRules.add(key);
    return true;
  });
}
