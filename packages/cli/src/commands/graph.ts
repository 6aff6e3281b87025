import type { Command } from "commander";
import type { Tensor } from "gradus";
import { type Expression, type GraphNode, graphEdges, graphOf } from "gradus/math";
import { UsageError } from "../errors.ts";
import { completeValues, readExpression, readGiven } from "../input.ts";
import { print, printJson, table, value } from "../output.ts";

interface Options {
  format: string;
  values?: string;
  json?: boolean;
  shapes?: string;
}

export function addGraph(program: Command): void {
  program
    .command("graph")
    .description("the computation graph; with values and adjoints where values are given")
    .argument("<expression>", 'maths such as "z = w x + b; a = sigmoid(z)"; - reads standard input')
    .argument("[values...]", "a value for every variable")
    .option("--format <format>", "text, dot (Graphviz), svg or json", "text")
    .option("--values <file>", "values from a JSON file")
    .option("--shapes <shapes>", "shapes of vectors and matrices, as in X=m×n,w=n,y=m")
    .option("--json", "the same as --format json")
    .addHelpText(
      "after",
      '\nExample:\n  gradus graph "z = w x + b; a = sigmoid(z)" w=0.5 x=1 b=0.1 --format svg > neuron.svg',
    )
    .action((source: string, values: string[], options: Options) => graph(source, values, options));
}

async function graph(source: string, assignments: readonly string[], options: Options): Promise<void> {
  const format = options.json ? "json" : options.format;
  if (!["text", "dot", "svg", "json"].includes(format))
    throw new UsageError(`--format ${format}: expected text, dot, svg or json`);
  const given = readGiven(assignments, options);
  const e = readExpression(source, given);
  const values = given.values.size > 0 ? completeValues(e, given) : undefined;
  const nodes = graphOf(e, values);
  if (format === "json") printJson({ nodes: nodes.map(json), result: nodes[nodes.length - 1].id });
  else if (format === "dot") print(dot(nodes));
  else if (format === "svg") print(await svg(source, e, nodes, values));
  else print(text(nodes));
}

function json(n: GraphNode): unknown {
  return { ...n, value: n.value?.toArray(), adjoint: n.adjoint?.toArray() };
}

/** w, 2, z = + … */
function caption(n: GraphNode): string {
  return n.name === undefined ? n.label : `${n.name} = ${n.label}`;
}

function text(nodes: readonly GraphNode[]): string {
  const label = new Map(nodes.map((n) => [n.id, n.kind === "operation" ? (n.name ?? n.id) : n.label]));
  const rows = nodes
    .filter((n) => n.kind !== "constant")
    .map((n) => [
      label.get(n.id) as string,
      n.kind === "operation" ? `= ${n.label}(${n.inputs.map((i) => label.get(i)).join(", ")})` : "variable",
      n.shape.length > 0 ? `[${n.shape.join(", ")}]` : "",
      n.value ? value(n.value) : "",
      n.adjoint ? value(n.adjoint) : "",
    ]);
  const head = ["node", "operation", "shape", "value", "adjoint"];
  const used = head.map((_, i) => i < 2 || rows.some((r) => r[i] !== ""));
  return table(
    head.filter((_, i) => used[i]),
    rows.map((r) => r.filter((_, i) => used[i])),
  );
}

/** The picture of the Studio, both passes done; without values, or where no gradient is, the structure alone. */
async function svg(
  f: string,
  e: Expression,
  nodes: readonly GraphNode[],
  values: ReadonlyMap<string, Tensor> | undefined,
): Promise<string> {
  const [{ drawnGraph, graphPicture, stepsOf }, { fileStyle, toSvg }] = await Promise.all([
    import("gradus-charts/graph"),
    import("gradus-charts"),
  ]);
  const flows = values && nodes.some((n) => n.adjoint) ? graphEdges(e, values) : [];
  const drawn = { f, wrt: "", ...(await drawnGraph(nodes, flows)) };
  const count = values ? stepsOf(drawn, "reverse").length : 0;
  return toSvg(graphPicture(drawn, { mode: "reverse", count, selected: "" }), fileStyle);
}

const quoted = (s: string): string => `"${s.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

function dot(nodes: readonly GraphNode[]): string {
  const lines = [
    "digraph gradus {",
    "  rankdir=LR;",
    "  node [shape=box, style=rounded, fontname=Helvetica];",
  ];
  for (const n of nodes) {
    const parts = [
      caption(n),
      ...(n.value ? [value(n.value)] : []),
      ...(n.adjoint ? [`∂ ${value(n.adjoint)}`] : []),
    ];
    const shape =
      n.kind === "variable" ? ", shape=ellipse" : n.kind === "constant" ? ", shape=plaintext" : "";
    lines.push(`  ${n.id} [label=${quoted(parts.join("\n")).replaceAll("\n", "\\n")}${shape}];`);
  }
  for (const n of nodes) for (const i of n.inputs) lines.push(`  ${i} -> ${n.id};`);
  return [...lines, "}"].join("\n");
}
