import type { Node } from "../ir/node.ts";
import type { Elementwise } from "../ir/primitive.ts";
import { apply, type TensorLike, tensor } from "./define.ts";

/** A function without a formula, such as 𝓛(a): `orders` counts its derivatives by argument. */
export interface UnknownParams {
  readonly name: string;
  readonly orders: readonly number[];
}

const rules = new Map<number, Elementwise>();

/** One rule for each number of arguments: the derivative of f is f′, and nothing more is known. */
function ruleFor(arity: number): Elementwise {
  let rule = rules.get(arity);
  if (rule) return rule;
  const fail = (name: string): never => {
    throw new TypeError(
      `${name} is an unknown function: it has no value and no series; define it, as in ${name}(x) = x^2`,
    );
  };
  rule = {
    family: "elementwise",
    name: "unknown",
    pointwise: true,
    notation: { form: "special" },
    evaluate: (_, node) => fail((node.params as UnknownParams).name),
    kernel: (params) => fail((params as UnknownParams).name),
    partials: Array.from({ length: arity }, (_, i) => (x: readonly Node[], _y: Node, params: unknown) => {
      const { name, orders } = params as UnknownParams;
      return apply(ruleFor(arity), x, { name, orders: orders.map((o, k) => (k === i ? o + 1 : o)) });
    }),
    series: (_k, _x, _y, params) => fail((params as UnknownParams).name),
    analyticOn: () => true,
  };
  rules.set(arity, rule);
  return rule;
}

export function unknownFunction(name: string, args: readonly TensorLike[], orders = args.map(() => 0)): Node {
  return apply(
    ruleFor(args.length),
    args.map((x) => tensor(x)),
    { name, orders },
  );
}
