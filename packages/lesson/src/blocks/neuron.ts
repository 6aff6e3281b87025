import { type Tensor, tensor } from "gradus";
import { type BackwardPass, backwardPass, parse, sample } from "gradus/math";
import { chart, curve, frame, type LegendEntry, point, type Scene, steps } from "gradus-charts";
import type { Attributes } from "../attributes.ts";
import { formula } from "../formula.ts";
import { html } from "../html.ts";
import { type BlockKind, type Context, number, picture, sizeOf, table } from "./block.ts";

const LINES = "z = w x + b; a = σ(z); L = ½(y − a)²";

/** `::neuron{w=0.5 b=0.1 x=1 y=1 rate=0.5 steps=5}`: one neuron on one example, each update with its numbers. */
export const neuron: BlockKind = {
  place: "leaf",
  attributes: ["w", "b", "x", "y", "rate", "steps", "parts"],
  render: (a, context) => {
    const passes = passesOf(a);
    const parts = a.choice("parts", ["all", "picture", "table"], "all");
    return {
      html: html`${parts === "table" ? "" : picture(draw(a, context, passes))}${parts === "picture" ? "" : rows(passes)}`,
    };
  },
};

const at = (t: Tensor | undefined): number => t?.item() ?? Number.NaN;

/** One backward pass for each update, the last for the state after them. */
function passesOf(a: Attributes): BackwardPass[] {
  const e = parse(LINES);
  const rate = a.number("rate", 0.5);
  const values = new Map([
    ["w", a.number("w", 0.5)],
    ["b", a.number("b", 0)],
    ["x", a.number("x", 1)],
    ["y", a.number("y", 1)],
  ]);
  const count = a.whole("steps", 3, [1, 50]);
  return Array.from({ length: count + 1 }, () => {
    const given = new Map([...values].map(([k, v]) => [k, tensor(v)]));
    const pass = backwardPass(e, given, { wrt: ["w", "b"], rate });
    for (const [name, { to }] of pass.update) values.set(name, at(to));
    return pass;
  });
}

const valueIn = (pass: BackwardPass, name: string): number =>
  at(pass.forward.find((r) => r.name === name)?.value);

/** ∂to/∂from on the way back, as the pass recorded it. */
const localIn = (pass: BackwardPass, from: string, to: string): number =>
  at(pass.backward.find((r) => r.name === from)?.parts.find((p) => p.through === to)?.localValue);

function rows(passes: readonly BackwardPass[]) {
  const partial = (y: string, x: string) => formula(`\\frac{\\partial ${y}}{\\partial ${x}}`);
  const head = [
    "step",
    ...["w", "b", "z", "a", "L"].map((n) => formula(n)),
    partial("L", "a"),
    partial("a", "z"),
    partial("z", "w"),
    partial("L", "w"),
  ];
  const list = passes.map((p, i) => {
    const numbers = [
      ...["w", "b", "z", "a", "L"].map((n) => valueIn(p, n)),
      localIn(p, "a", "L"),
      localIn(p, "z", "a"),
      localIn(p, "w", "z"),
      at(p.gradient.get("w")),
    ];
    return [String(i), ...numbers.map((v) => number(v, 4))];
  });
  return table(head, list);
}

function draw(a: Attributes, context: Context, passes: readonly BackwardPass[]): Scene {
  const [x, y] = [a.number("x", 1), a.number("y", 1)];
  const reach = Math.max(4, 2 * Math.abs(x));
  const across = steps(-reach, reach, 201);
  const f = parse("σ(w x + b)");
  const last = passes.length - 1;
  const shown = [0, last];
  const looks: LegendEntry[] = [
    { name: "before", tone: "muted", dashed: true },
    { name: `after ${last} ${last === 1 ? "update" : "updates"}`, tone: "forward" },
  ];
  const area = frame({
    ...sizeOf(context, 300),
    x: { low: -reach, high: reach },
    y: { low: -0.08, high: 1.08 },
    xName: "x",
    legend: looks,
  });
  const curves = shown.map((k, i) => {
    const others = new Map(["w", "b"].map((n) => [n, valueIn(passes[k], n)]));
    return curve(area, across, sample(f, "x", across, others), looks[i]);
  });
  const outputs = passes.map((p) => point(area, x, valueIn(p, "a"), "backward", 3.5));
  return chart(area, {
    title: `the neuron’s output over x, before and after ${last} updates; the example is x = ${number(x)}, y = ${number(y)}`,
    marks: [...curves, ...outputs, point(area, x, y, "good", 6)],
  });
}
