import { assertFinite } from "../expression/diagnose.ts";
import { MathError } from "../expression/errors.ts";
import type { Expression } from "../expression/expression.ts";
import type { Node } from "../ir/node.ts";
import { mul } from "../primitives/arithmetic.ts";
import { dot } from "../primitives/contraction.ts";
import { tensor } from "../primitives/define.ts";
import { inverse, SingularMatrixError } from "../primitives/linear-algebra.ts";
import { sum } from "../primitives/reduction.ts";
import type { Values } from "./named-lines.ts";
import { type Written, written } from "./written.ts";

/** One step of a method, with the local model that justifies it: what the model promised, and what came. */
export interface LocalStep {
  readonly method: "gradient descent" | "newton";
  /** w ← w − η ∇L, or w ← w − H⁻¹ ∇L. */
  readonly rule: { readonly pretty: string; readonly latex: string };
  readonly variables: readonly string[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly value: number;
  readonly valueThere: number;
  readonly gradient: readonly number[];
  readonly gradientFormulas: readonly Written[];
  /** For Newton's method. */
  readonly hessian?: readonly (readonly number[])[];
  readonly hessianFormulas?: readonly (readonly Written[])[];
  /** How much lower the model (linear, or quadratic) says that the value gets. */
  readonly promised: number;
  readonly actual: number;
}

/** One step of gradient descent on numbers: the linear model, trusted as far as the rate says. */
export function gradientStep(e: Expression, values: Values, wrt: readonly string[], rate: number): LocalStep {
  const at = new Point(e, values, wrt);
  const g = at.gradient();
  const step = g.map((v) => -rate * v);
  const promised = rate * g.reduce((s, v) => s + v * v, 0);
  return at.result("gradient descent", step, promised, {
    rule: {
      pretty: `w ← w − η ∇L, η = ${rate}`,
      latex: `w \\leftarrow w - \\eta \\nabla L,\\ \\eta = ${rate}`,
    },
  });
}

/** One step of Newton's method: to the stationary point of the quadratic model. Refused where the Hessian is singular. */
export function newtonStep(e: Expression, values: Values, wrt: readonly string[]): LocalStep {
  const at = new Point(e, values, wrt);
  const g = tensor(at.gradient());
  const { numbers, formulas } = at.hessian();
  let step: Node;
  try {
    step = mul(-1, dot(inverse(tensor(numbers)), g));
  } catch (error) {
    if (!(error instanceof SingularMatrixError)) throw error;
    throw new MathError(
      "Newton's step needs a Hessian that can be inverted: here the quadratic model is flat in some direction; take a step of gradient descent",
    );
  }
  const quadratic = mul(-0.5, sum(mul(g, step)));
  return at.result("newton", [...step.toTypedArray()], quadratic.item(), {
    rule: { pretty: "w ← w − H⁻¹ ∇L", latex: "w \\leftarrow w - H^{-1} \\nabla L" },
    hessian: numbers,
    hessianFormulas: formulas,
  });
}

/** The point of a step: the chosen variables, all of them numbers, as one vector. */
class Point {
  private readonly e: Expression;
  private readonly values: Values;
  private readonly names: readonly string[];
  private readonly slopes: readonly Expression[];

  constructor(e: Expression, values: Values, wrt: readonly string[]) {
    if (e.node.rank > 0)
      throw new MathError(`the result has shape [${e.node.shape}]: a step needs one number to lower`);
    for (const name of wrt)
      if (e.variable(name).rank > 0)
        throw new MathError(`${name} has shape [${e.variable(name).shape}]: this step is shown for numbers`);
    this.e = e;
    this.values = values;
    this.names = wrt;
    this.slopes = wrt.map((name) => e.derivative(name));
  }

  private valueOf(e: Expression, values: Values = this.values): number {
    const own = [...e.variables.keys()];
    const result = e.evaluate(new Map(own.map((n) => [n, values.get(n) as Node])));
    const nodes = new Map([...e.variables].map(([n, node]) => [node, values.get(n) as Node]));
    assertFinite(e.node, nodes, result);
    return result.item();
  }

  gradient(): number[] {
    return this.slopes.map((s) => this.valueOf(s));
  }

  hessian(): { numbers: number[][]; formulas: Written[][] } {
    const rows = this.slopes.map((s) =>
      this.names.map((n) => (s.variables.has(n) ? s.derivative(n) : undefined)),
    );
    const zero = written(tensor(0));
    return {
      numbers: rows.map((r) => r.map((d) => (d ? this.valueOf(d) : 0))),
      formulas: rows.map((r) => r.map((d) => (d ? written(d.node) : zero))),
    };
  }

  result(
    method: LocalStep["method"],
    step: readonly number[],
    promised: number,
    more: Pick<LocalStep, "rule" | "hessian" | "hessianFormulas">,
  ): LocalStep {
    const from = this.names.map((n) => (this.values.get(n) as Node).item());
    const to = from.map((v, i) => v + step[i]);
    const there = new Map([...this.values, ...this.names.map((n, i) => [n, tensor(to[i])] as const)]);
    const [value, valueThere] = [this.valueOf(this.e), this.valueOf(this.e, there)];
    return {
      method,
      variables: this.names,
      from,
      to,
      value,
      valueThere,
      gradient: this.gradient(),
      gradientFormulas: this.slopes.map((s) => written(s.node)),
      promised,
      actual: value - valueThere,
      ...more,
    };
  }
}
