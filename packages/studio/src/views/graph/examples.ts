import type { Numbers } from "gradus-charts/graph";

interface Example {
  readonly name: string;
  readonly value: string;
  /** Numbers, as in the address; vectors and matrices. */
  readonly point: string;
  readonly lists?: Readonly<Record<string, Numbers>>;
}

export const EXAMPLES: readonly Example[] = [
  {
    name: "the neuron",
    value: "z = w x + b; a = σ(z); L = 1/2 (y - a)^2",
    point: "w:0.5,x:1,b:0.1,y:1",
  },
  {
    name: "two inputs",
    value: "z = w_1 x_1 + w_2 x_2 + b; a = σ(z); L = 1/2 (y - a)^2",
    point: "w_1:0.4,x_1:2,w_2:-0.6,x_2:0.5,b:0.1,y:1",
  },
  {
    name: "hidden layer",
    value: "h = tanh(u x + c); k = tanh(v x + d); a = σ(p h + q k); L = 1/2 (y - a)^2",
    point: "u:0.8,x:1.5,c:-0.2,v:-0.5,d:0.3,p:1.2,q:-0.7,y:1",
  },
  {
    name: "skip connection",
    value: "h = x + relu(w x + b); L = 1/2 (y - h)^2",
    point: "x:1,w:0.5,b:-0.25,y:2",
  },
  {
    name: "matrices",
    value: "h = tanh(W x); r = V h - y; L = 1/2 sum(r^2)",
    point: "",
    lists: {
      W: [
        [0.5, -0.3],
        [0.8, 0.2],
        [-0.4, 0.6],
      ],
      x: [1, 2],
      V: [
        [0.3, -0.5, 0.9],
        [0.7, 0.1, -0.2],
      ],
      y: [1, 0],
    },
  },
  { name: "chain rule", value: "sin(x^2)", point: "x:1.2" },
];

/** `x=[1,2];X=[[1,2],[3,4]]` as values; what cannot be read is left out. */
export function readLists(text: string): Record<string, Numbers> {
  const found: Record<string, Numbers> = {};
  for (const part of text.split(";").slice(0, 200)) {
    const at = part.indexOf("=");
    const value = at > 0 ? readNumbers(part.slice(at + 1)) : undefined;
    if (value !== undefined) found[part.slice(0, at)] = value;
  }
  return found;
}

export const writeLists = (values: Readonly<Record<string, Numbers>>): string =>
  Object.entries(values)
    .map(([k, v]) => `${k}=${JSON.stringify(v)}`)
    .join(";");

/** A number, or nested lists of one shape. */
export function readNumbers(text: string): Numbers | undefined {
  try {
    const value: unknown = JSON.parse(text.replaceAll("−", "-"));
    return shapeText(value) === undefined ? undefined : (value as Numbers);
  } catch {
    return undefined;
  }
}

const MOST = 4096;

function shapeText(v: unknown): string | undefined {
  if (typeof v === "number") return Number.isFinite(v) ? "" : undefined;
  if (!Array.isArray(v) || v.length === 0 || v.length > MOST) return undefined;
  const inner = v.map(shapeText);
  return inner.some((s) => s === undefined || s !== inner[0]) ? undefined : `${v.length},${inner[0]}`;
}
