/** What a view shows as a program for the library: each value that a comment states is the one that the program gives. */
import { shortNumber } from "gradus-charts";
import type { Numbers } from "gradus-charts/graph";
import { type Formula, quoted } from "./formats.ts";

const key = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));
const record = (values: Readonly<Record<string, number>>): string =>
  `{ ${Object.entries(values)
    .map(([k, v]) => `${key(k)}: ${v}`)
    .join(", ")} }`;
const said = (v: number | undefined): string =>
  v === undefined || !Number.isFinite(v) ? "" : ` // ${shortNumber(v, 8)}`;
/** Longer formulas are seen elsewhere. */
const LONGEST = 60;
const saidFormula = (text: string): string => (text.length > LONGEST ? "" : ` // ${text}`);

export function deriveCode(q: {
  f: string;
  wrt: string;
  order: number;
  result: Formula;
  at: Readonly<Record<string, number>>;
  slope?: number;
  /** Whether there is a derivation, line by line. */
  lines?: boolean;
}): string {
  const wrt = JSON.stringify(q.wrt);
  const lines = [
    `const f = ${quoted(q.f)};`,
    `f.derivative(${wrt}${q.order === 1 ? "" : `, ${q.order}`}).toText();${saidFormula(q.result.text)}`,
    ...(q.slope === undefined
      ? []
      : [`f.derivative(${wrt}).evaluate(${record(q.at)}).item();${said(q.slope)}`]),
    ...(q.lines
      ? [`f.derivation(${wrt}${q.order === 1 ? "" : `, ${q.order}`}).toString(); // its lines`]
      : []),
  ];
  return `import { math } from "gradus/math";\n\n${lines.join("\n")}\n`;
}

/** The whole gradient in one pass. */
export function graphCode(q: {
  f: string;
  variables: readonly { readonly name: string; readonly value: Numbers }[];
  shapes: Readonly<Record<string, readonly number[]>>;
}): string {
  const sized = q.variables.filter((v) => (q.shapes[v.name] ?? []).length > 0);
  const shapes = sized.map((v) => `${key(v.name)}: [${q.shapes[v.name].join(", ")}]`).join(", ");
  const made = sized.length > 0 ? `parse(${JSON.stringify(q.f)}, { shapes: { ${shapes} } })` : quoted(q.f);
  const values = q.variables.map(({ name, value }) => `  ${key(name)}: tensor(${JSON.stringify(value)}),`);
  return `import { tensor, type Tensor, valueAndGrad } from "gradus";
import { ${sized.length > 0 ? "parse" : "math"} } from "gradus/math";

const f = ${made};
const loss = (p: Record<string, Tensor>) => f.apply(p);
const { value, gradient } = valueAndGrad(loss)({
${values.join("\n")}
});
`;
}

export function taylorCode(q: {
  f: string;
  wrt: string;
  others: Readonly<Record<string, number>>;
  at: number;
  order: number;
  to: number;
  polynomial: Formula;
  estimate?: number;
}): string {
  const others = Object.entries(q.others).map(([k, v]) => `[${JSON.stringify(k)}, Rational.from("${v}")]`);
  const held = others.length > 0 ? `.with(new Map([${others.join(", ")}]))` : "";
  const [low, high] = [Math.min(q.at, q.to), Math.max(q.at, q.to)];
  return `import { math${held ? ", Rational" : ""} } from "gradus/math";

const f = ${quoted(q.f)}${held};
const series = f.taylor({ ${key(q.wrt)}: ${q.at} }, ${q.order});
series.polynomial.text;${saidFormula(q.polynomial.text)}
series.estimates(${q.to}).at(-1);${said(q.estimate)}
series.remainder(${low}, ${high}).bound; // no error between is larger: proven
`;
}

interface Descent {
  start: Readonly<Record<string, number>>;
  method: string;
  settings: Readonly<Record<string, number>>;
  value?: number;
}

/** How a loss is walked on, and where that ends. */
function walk({ start, method, settings, value }: Descent): string {
  const all = Object.entries(settings).map(([k, v]) => `, ${k}: ${v}`);
  return `const run = minimize(loss, ${record(start)}, { method: "${method}"${all.join("")} });
run.value;${said(value)}
`;
}

export function descendCode(q: Descent & { f: string; held: Readonly<Record<string, number>> }): string {
  const held = Object.entries(q.held).map(([k, v]) => `${key(k)}: ${v}, `);
  const all = held.length > 0 ? `{ ${held.join("")}...p }` : "p";
  return `import type { Tensor } from "gradus";
import { math } from "gradus/math";
import { minimize } from "gradus/optimize";

const f = ${quoted(q.f)};
const loss = (p: Record<string, Tensor>) => f.apply(${all});
${walk(q)}`;
}

/** The loss of the lecture's neuron over measured lengths, standardised, and which species. */
export function neuronDescentCode(
  q: Descent & { data: { readonly lengths: readonly number[]; readonly species: readonly number[] } },
): string {
  return `import { add, mean, mul, pow, sigmoid, sub, type Tensor, tensor } from "gradus";
import { minimize } from "gradus/optimize";

const lengths = ${JSON.stringify(q.data.lengths)};
const middle = lengths.reduce((a, b) => a + b, 0) / lengths.length;
const deviation = Math.sqrt(lengths.reduce((a, b) => a + (b - middle) ** 2, 0) / lengths.length);
const x = tensor(lengths.map((v) => (v - middle) / deviation));
const y = tensor(${JSON.stringify(q.data.species)});
const loss = ({ w, b }: { w: Tensor; b: Tensor }) => mul(0.5, mean(pow(sub(y, sigmoid(add(mul(w, x), b))), 2)));
${walk(q)}`;
}
