import type { Factor, Form } from "./form.ts";

const known = new WeakMap<Form, number>();

/** How much there is to read: letters, numbers and signs, and more for what stands in fractions of fractions. */
export function costOf(form: Form): number {
  let cost = known.get(form);
  if (cost === undefined) known.set(form, (cost = measured(form)));
  return cost;
}

const FRACTION = 0.5;
const INNER_FRACTION = 5;

function measured(form: Form): number {
  switch (form.kind) {
    case "number":
      return form.value.isInteger ? 1 : 2;
    case "atom":
      return form.args.reduce((sum, a) => sum + costOf(a), 1);
    case "sum":
      return form.terms.reduce(
        (sum, t) =>
          sum +
          costOf(t.form) +
          (t.coefficient.abs().isOne ? 0 : 1) +
          FRACTION * (isFraction(t.form) ? 2 : 1),
        form.constant.isZero ? 0 : 1,
      );
    case "product": {
      const bar = isFraction(form);
      return form.factors.reduce(
        (sum, f) => sum + factorCost(f) + (bar ? innerFractions(f.base) * INNER_FRACTION : 0),
        form.coefficient.abs().isOne ? 0 : 1,
      );
    }
  }
}

function factorCost({ base, exponent }: Factor): number {
  const brackets = base.kind === "sum" ? FRACTION : 0;
  if (exponent.kind !== "number") return costOf(base) + costOf(exponent);
  return costOf(base) + brackets + (exponent.value.abs().isOne ? 0 : 1);
}

const isFraction = (form: Form): boolean =>
  form.kind === "product" &&
  form.factors.some((f) => f.exponent.kind === "number" && f.exponent.value.sign < 0);

function innerFractions(base: Form): number {
  return base.kind === "sum" ? base.terms.filter((t) => isFraction(t.form)).length : 0;
}
