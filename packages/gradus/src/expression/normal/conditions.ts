import type { Node } from "../../ir/node.ts";
import { Rational } from "../../ir/rational.ts";
import { toPretty } from "../print-text.ts";
import type { Field, Quotient } from "./field.ts";
import { leading, type Polynomial, UNIT } from "./polynomial.ts";
import { NEGATIVE, POSITIVE } from "./sign-set.ts";
import type { Facts } from "./signs.ts";

/** What a step asks of its argument: `value` relates to 0 so. */
export interface Condition {
  readonly node: Node;
  readonly value: Quotient;
  readonly relation: "> 0" | ">= 0" | "!= 0" | "not 0, -1, -2, …";
  /** Inside a branch: asked only where the branch is taken. */
  readonly conditional: boolean;
}

/** A condition as people write it: x > 1 for x − 1 > 0, x ≠ 0 for x² > 0; several where several factors matter. */
export function shownCondition({ node, value, relation }: Condition, field: Field, facts: Facts): string[] {
  const operand = operandOf(node);
  if (relation === "not 0, -1, -2, …") return [`${operand} not 0, −1, −2, …`];
  let negative = false;
  const open: { readonly p: Polynomial; readonly odd: boolean }[] = [];
  for (const factor of facts.factorsOf(value)) {
    if (factor.negative) negative = !negative;
    const signs = facts.of(factor.p);
    if (signs === NEGATIVE && factor.odd) negative = !negative;
    if (signs !== POSITIVE && signs !== NEGATIVE) open.push({ ...factor, p: baseOf(factor.p, field) });
  }
  const whole = [`${operand} ${{ "> 0": "> 0", ">= 0": "≥ 0", "!= 0": "≠ 0" }[relation]}`];
  if (open.some(({ p }) => !isReadable(p, field))) return whole;
  if (relation === "!= 0") return open.map(({ p }) => relationOf(p, "≠", field));
  const odd = open.filter((f) => f.odd);
  const even = open.filter((f) => !f.odd);
  if (odd.length > 1 || (relation === ">= 0" && even.length > 0)) return whole;
  const strict = relation === "> 0" ? (negative ? "<" : ">") : negative ? "≤" : "≥";
  return [
    ...odd.map(({ p }) => relationOf(p, strict, field)),
    ...even.map(({ p }) => relationOf(p, "≠", field)),
  ];
}

/** What a root or |·| is taken of, where the factor is one by itself: both are 0 at the same points. */
function baseOf(p: Polynomial, field: Field): Polynomial {
  if (p.size !== 1) return p;
  const { power, arguments: args } = field.kernels[leading(p).monomial[0]];
  return power && args[0].den.length === 0 ? args[0].num : p;
}

/** What the condition of a node is about, as text. */
function operandOf(node: Node): string {
  const [x, y] = node.inputs;
  switch (node.primitive.name) {
    case "div":
      return toPretty(y);
    case "tan":
    case "sec":
      return `cos(${toPretty(x)})`;
    case "cot":
    case "csc":
      return `sin(${toPretty(x)})`;
    case "log1p":
      return `1 + ${toPretty(x)}`;
    default:
      return toPretty(x);
  }
}

/** Made of variables: what stands for waves and exponentials inside is not what people wrote. */
const isReadable = (p: Polynomial, field: Field): boolean =>
  [...p.values()].every((t) =>
    t.monomial.every(
      (k, i) => i % 2 === 1 || (field.kernels[k].kind === "variable" && t.monomial[i + 1] % UNIT === 0),
    ),
  );

const MIRRORED: Readonly<Record<string, string>> = { "<": ">", ">": "<", "≤": "≥", "≥": "≤", "≠": "≠" };

/** p related to 0, solved for its variable where it is linear in one. */
function relationOf(p: Polynomial, relation: string, field: Field): string {
  const first = leading(p);
  const rest = [...p.values()].filter((t) => t !== first);
  const linear =
    first.monomial.length === 2 && first.monomial[1] === UNIT && rest.every((t) => t.monomial.length === 0);
  if (!linear) return `${shownPolynomial(p, field)} ${relation} 0`;
  const bound = (rest[0]?.coefficient ?? Rational.ZERO).neg().div(first.coefficient);
  const own = first.coefficient.sign < 0 ? MIRRORED[relation] : relation;
  return `${field.kernels[first.monomial[0]].name} ${own} ${bound}`;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (n: Rational): string =>
  n.isInteger && n.sign > 0 ? [...`${n}`].map((d) => SUPERSCRIPTS[Number(d)]).join("") : `^(${n})`;

/** A polynomial as text, for people: assumptions of a case, conditions of a domain. */
export function shownPolynomial(p: Polynomial, field: Field): string {
  return [...p.values()]
    .map(({ monomial, coefficient }) => {
      const factors: string[] = [];
      for (let i = 0; i < monomial.length; i += 2) {
        const exponent = Rational.of(monomial[i + 1], UNIT);
        factors.push(`${shownKernel(monomial[i], field)}${exponent.isOne ? "" : raised(exponent)}`);
      }
      if (factors.length === 0) return `${coefficient}`;
      const c = coefficient.isOne ? "" : coefficient.neg().isOne ? "-" : `${coefficient} `;
      return c + factors.join(" ");
    })
    .join(" + ")
    .replaceAll("+ -", "- ");
}

function shownKernel(k: number, field: Field): string {
  const { name, arguments: args } = field.kernels[k];
  const shown = args.map((a) => shownPolynomial(a.num, field) + (a.den.length > 0 ? "/…" : ""));
  return args.length === 0 ? name : `${name}(${shown.join(", ")})`;
}
