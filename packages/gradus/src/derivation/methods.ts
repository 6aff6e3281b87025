import { MathError } from "../expression/errors.ts";
import { Expression } from "../expression/expression.ts";
import { Rational } from "../ir/rational.ts";
import { type RemainderBound, remainderBound } from "../numeric/remainder.ts";
import type { Derivation } from "./derivation.ts";
import { derivation } from "./derive.ts";
import { type DerivationData, type Detail, derivationData, renderDerivation } from "./render.ts";
import { type TaylorModel, taylorModel } from "./taylor-model.ts";

/** A derivation, ready to be written: one part for each order. */
export class Whiteboard {
  readonly parts: readonly Derivation[];

  constructor(parts: readonly Derivation[]) {
    this.parts = parts;
  }

  /** The last derivative. */
  get result(): Expression {
    return new Expression(this.parts[this.parts.length - 1].node);
  }

  /** The lines of the whiteboard; with "full" every rule, its general formula and what was put in. */
  toString(detail?: Detail): string {
    return this.written("text", detail);
  }

  /** An aligned block for each part. */
  toLatex(detail?: Detail): string {
    return this.written("latex", detail);
  }

  toMarkdown(detail?: Detail): string {
    return this.written("markdown", detail);
  }

  /** Plain data: every step with its rule and sub-steps. */
  toJSON(): DerivationData[] {
    return this.parts.map(derivationData);
  }

  private written(format: "text" | "latex" | "markdown", detail?: Detail): string {
    return this.parts.map((d) => renderDerivation(d, { format, detail })).join("\n\n");
  }
}

/** A Taylor model that can prove how far it is from its function. */
export interface TaylorExpansion extends TaylorModel {
  /** A proven bound on the error for every x from lo to hi. */
  remainder(lo: number, hi: number): RemainderBound;
}

const methods = {
  /** The derivation of a derivative, of any order, as on a whiteboard. */
  derivation(this: Expression, name: string, order = 1): Whiteboard {
    if (order === 0) throw new MathError("derivation: expected an order of 1 or more, got 0");
    return new Whiteboard(derivation(this, name, order));
  },

  /**
   * The Taylor polynomial about a point: `f.taylor({ x: 0 }, 6)`. Numbers are taken as the decimals that they are
   * written as. Of several variables: `localModel`.
   */
  taylor(
    this: Expression,
    at: Readonly<Record<string, number | string | Rational>>,
    order: number,
  ): TaylorExpansion {
    const points = Object.entries(at);
    if (points.length !== 1) {
      throw new MathError(
        `taylor: expected one variable and its point, as in { x: 0 }, got ${points.length}: localModel takes several`,
      );
    }
    const [name, value] = points[0];
    const point = value instanceof Rational ? value : Rational.from(String(value));
    const model = taylorModel(this, name, point, order);
    return {
      ...model,
      remainder: (lo, hi) => remainderBound(this.node, this.variable(name), model.at, order, [lo, hi]),
    };
  },
};

type Methods = typeof methods;

declare module "../expression/expression.ts" {
  interface Expression extends Methods {}
}

for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(Expression.prototype, name, { value, writable: true, configurable: true });
}
