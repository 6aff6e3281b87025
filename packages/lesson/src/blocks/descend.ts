import { didYouMean, type Expression, parse, sample } from "gradus/math";
import { type MethodName, type Minimization, methodNames, minimize, momentum } from "gradus/optimize";
import {
  chart,
  contourLines,
  curve,
  frame,
  handle,
  levelsOf,
  point,
  polyline,
  rangeOf,
  type Scene,
  steps,
  type Tone,
} from "gradus-charts";
import { type Attributes, withQuantities } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { formula } from "../formula.ts";
import { type Html, html } from "../html.ts";
import { type BlockKind, type Context, number, picture, sizeOf, table } from "./block.ts";

type Run = Minimization<Record<string, number>>;

const TONES: readonly Tone[] = ["backward", "model", "second", "third"];
const NAMES: Readonly<Record<string, string>> = {
  gd: "gradient descent",
  newton: "Newton",
  momentum: "momentum",
  adam: "Adam",
};
const MOST_SHOWN = 6;

/** `::descend{f="(x-1)^2 + 4 y^2" from="x=-1, y=1" methods="gd newton" rate=0.1}`: ways down, step by step. */
export const descend: BlockKind = {
  place: "leaf",
  attributes: ["f", "from", "methods", "rate", "momentum", "steps", "parts"],
  render: (a, context) => {
    const { quantities } = context;
    const start = a.assignments("from");
    const names = [...start.keys()];
    if (names.length < 1 || names.length > 2)
      throw new LessonError(`from="…" needs one variable or two, as in from="x=-1, y=1"`);
    const f = withQuantities(a.expression("f", undefined, start), quantities, names);
    for (const v of f.variables.keys())
      if (!names.includes(v))
        throw new LessonError(`${v} has no value: give it in from, or a slider of that name`);
    const runs = methodsOf(a).map((method) => runOf(a, f, names, start, method));
    const parts = a.choice("parts", ["all", "picture", "table"], "all");
    const scene =
      parts === "table"
        ? undefined
        : names.length === 1
          ? line(f, names[0], runs, context)
          : contour(a, f, names, runs, context);
    return { html: html`${scene ? picture(scene) : ""}${parts === "picture" ? "" : runs.map(report)}` };
  },
};

function methodsOf(a: Attributes): MethodName[] {
  const asked = (a.optional("methods") ?? "gd newton").split(/[\s,]+/);
  const unknown = asked.find((m) => !(methodNames as readonly string[]).includes(m));
  if (unknown !== undefined)
    throw new LessonError(
      `there is no method ${unknown}${didYouMean(unknown, methodNames) || `: choose of ${methodNames.join(", ")}`}`,
    );
  return asked.slice(0, TONES.length) as MethodName[];
}

const FIRST_ORDER = ["gd", "momentum", "adam"];

function runOf(
  a: Attributes,
  f: Expression,
  names: readonly string[],
  start: ReadonlyMap<string, number>,
  method: MethodName,
): Run {
  const target = (p: Record<string, never>) =>
    f.apply(new Map(names.filter((n) => f.variables.has(n)).map((n) => [n, p[n]])));
  const rate = a.has("rate") ? a.number("rate") : undefined;
  const first = FIRST_ORDER.includes(method);
  const decay = a.number("momentum", 0.9);
  if (!(decay >= 0 && decay < 1))
    throw new LessonError(`momentum=${decay}: expected a number from 0, and less than 1`);
  const heavy = method === "momentum" && a.has("momentum");
  const run = minimize(target as never, Object.fromEntries(start), {
    method: heavy ? momentum(rate ?? 0.01, { decay }) : method,
    steps: a.whole("steps", 20, [1, 200]),
    ...(rate !== undefined && first && !heavy ? { rate } : {}),
  }) as unknown as Run;
  return { ...run, method };
}

const pathOf = (run: Run): Record<string, number>[] =>
  [run.start.point, ...run.steps.map((s) => s.point)]
    .filter((p): p is Record<string, number> => p !== undefined)
    .map((p) => Object.fromEntries(Object.entries(p).map(([k, v]) => [k, Number(v)])))
    .filter((p) => Object.values(p).every(Number.isFinite));

const nameOf = (run: Run): string => NAMES[run.method] ?? run.method;
const looksOf = (runs: readonly Run[]) => runs.map((r, i) => ({ name: nameOf(r), tone: TONES[i] }));

/** The ranges of the paths, with room; a path that runs away leaves the picture. */
function span(runs: readonly Run[], name: string): { low: number; high: number } {
  const all = runs.flatMap((r) => pathOf(r).map((p) => p[name]));
  const { low, high } = rangeOf(all);
  const room = 0.25 * (high - low) || 1;
  return { low: low - room, high: high + room };
}

function line(f: Expression, name: string, runs: readonly Run[], context: Context): Scene {
  const x = span(runs, name);
  const at = Float64Array.from(steps(x.low, x.high, 301));
  const own = sample(f, name, at);
  const area = frame({
    ...sizeOf(context),
    x,
    y: rangeOf(Array.from(own)),
    xName: name,
    legend: looksOf(runs),
  });
  const marks = runs.flatMap((run, i) => {
    const path = pathOf(run).map((p) => p[name]);
    const y = sample(f, name, path);
    return [
      polyline(area, path, y, { tone: TONES[i], thin: true }),
      ...path.map((v, k) => point(area, v, y[k], TONES[i], 4)),
    ];
  });
  return chart(area, {
    title: `the way down on ${f.toString()}`,
    marks: [curve(area, at, own, { tone: "forward" }), ...marks],
  });
}

const [COLUMNS, ROWS] = [72, 54];

function contour(
  a: Attributes,
  f: Expression,
  names: readonly string[],
  runs: readonly Run[],
  context: Context,
): Scene {
  const [x, y] = names.map((n) => span(runs, n));
  const area = frame({
    ...sizeOf(context, 440),
    x,
    y,
    xName: names[0],
    yName: names[1],
    legend: looksOf(runs),
  });
  const across = steps(x.low, x.high, COLUMNS);
  const values = steps(y.low, y.high, ROWS).flatMap((v) => [
    ...sample(f, names[0], across, new Map([[names[1], v]])),
  ]);
  const grid = { columns: COLUMNS, rows: ROWS, values };
  const paths = runs.flatMap((run, i) => {
    const path = pathOf(run);
    const [px, py] = names.map((n) => path.map((p) => p[n]));
    return [
      polyline(area, px, py, { tone: TONES[i] }),
      ...path.map((_, k) => point(area, px[k], py[k], TONES[i], 3.5)),
    ];
  });
  const [from] = runs.map((r) => pathOf(r)[0]);
  const id = startQuantities(a, names);
  const at = { x: from[names[0]], y: from[names[1]] };
  return chart(area, {
    title: `contour lines of ${f.toString()}, with the ways down`,
    marks: [contourLines(area, grid, levelsOf(grid, 14)), ...paths],
    over: id ? [handle(area, { id, ...at, label: "the start", along: "xy", tone: "forward" })] : [],
  });
}

/** from="x=p, y=q" with two sliders p and q: the start can be dragged. */
function startQuantities(a: Attributes, names: readonly string[]): string | undefined {
  const parts = a
    .text("from")
    .split(",")
    .map((p) => p.split("=")[1]?.trim() ?? "");
  return parts.length === names.length && parts.every((p) => a.isMovable(p)) ? parts.join(" ") : undefined;
}

function report(run: Run): Html {
  const all = run.steps;
  const rows = all
    .slice(0, MOST_SHOWN)
    .map((s) => [
      String(s.index),
      ...Object.values(s.point ?? {}).map((v) => number(Number(v), 5)),
      number(s.value, 5),
      number(s.promised, 4),
      number(s.actual, 4),
      number(s.ratio, 4),
    ]);
  const heads = Object.keys(all[0]?.point ?? {}).map((k) => formula(parse(k, { variables: [k] }).toLatex()));
  const more =
    all.length > MOST_SHOWN
      ? html`<p class="soft">… and ${all.length - MOST_SHOWN} more ${all.length - MOST_SHOWN === 1 ? "step" : "steps"}.</p>`
      : "";
  const rate = run.stableRate
    ? html` The largest stable rate there is ${number(run.stableRate.rate, 4)}.`
    : "";
  return html`<h4>${nameOf(run)}</h4>${table(["step", ...heads, "value", "promised decrease", "actual", "ratio"], rows)}${more}<p>${sentence(run.verdict.text)}${rate}</p>`;
}

/** Powers of ten are written as in the table. */
const sentence = (text: string): string =>
  `${text[0].toUpperCase()}${text.slice(1)}.`.replace(/\d+(\.\d+)?e[-+]\d+/g, (v) => number(Number(v), 4));
