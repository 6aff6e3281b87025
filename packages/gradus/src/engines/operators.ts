import type { Node } from "../ir/node.ts";

type Kernel = (x: number, y: number, z: number) => number;
type Text = (a: string, b: string, c: string) => string;

/** What JavaScript has itself: the same rounding, without a call. */
const OPERATORS: Readonly<Record<string, Text>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  neg: (a) => `-${a}`,
  max: (a, b) => `Math.max(${a}, ${b})`,
  min: (a, b) => `Math.min(${a}, ${b})`,
  relu: (a) => `${a} > 0 || ${a} !== ${a} ? ${a} : 0`,
  where: (m, a, b) => `${m} !== 0 ? ${a} : ${b}`,
  less: (a, b) => `${a} < ${b} ? 1 : 0`,
  less_equal: (a, b) => `${a} <= ${b} ? 1 : 0`,
  greater: (a, b) => `${a} > ${b} ? 1 : 0`,
  greater_equal: (a, b) => `${a} >= ${b} ? 1 : 0`,
  equal: (a, b) => `${a} === ${b} ? 1 : 0`,
  not_equal: (a, b) => `${a} !== ${b} ? 1 : 0`,
};

const BUILT_IN = new Map<unknown, string>(
  Object.getOwnPropertyNames(Math).map((name) => [Math[name as keyof Math], `Math.${name}`]),
);

/** One pointwise node as text; kernels that JavaScript does not have are put into `kernels` and called from there. */
export function operationText(node: Node, args: readonly string[], kernels: Kernel[]): string {
  return stored(node, plain(node, args, kernels));
}

function plain(node: Node, args: readonly string[], kernels: Kernel[]): string {
  const { name } = node.primitive;
  if (name === "cast" || name === "truncate")
    return node.dtype === "bool" ? `${args[0]} === 0 ? 0 : 1` : args[0];
  // As its kernel does, without the call.
  if (name === "pow" && args[1] === "2") return `${args[0]} * ${args[0]}`;
  const operator = OPERATORS[name];
  if (operator) return operator(args[0], args[1], args[2]);
  const kernel = (node.primitive.kernel as (params: unknown) => Kernel)(node.params);
  const known = BUILT_IN.get(kernel);
  if (known) return `${known}(${args.join(", ")})`;
  let at = kernels.indexOf(kernel);
  if (at < 0) at = kernels.push(kernel) - 1;
  return `k${at}(${[...args, "0", "0"].slice(0, 3).join(", ")})`;
}

/** As storing in a typed array would change it. */
function stored(node: Node, value: string): string {
  switch (node.dtype) {
    case "f32":
      return `Math.fround(${value})`;
    case "i32":
      return `(${value}) | 0`;
    case "bool":
      return node.primitive.family === "flat" ? value : `(${value}) & 255`;
    default:
      return value;
  }
}

/** A known number as text that reads back to the same bits. */
export function numberText(value: number): string {
  return Object.is(value, -0) || value < 0 ? `(${Object.is(value, -0) ? "-0" : value})` : String(value);
}
