import type { Node } from "../ir/node.ts";
import { Rational } from "../ir/rational.ts";
import { greater, less } from "../primitives/comparison.ts";
import { type Algebra, factorsOf } from "./algebra.ts";
import type { Form, Term } from "./form.ts";
import { WIDEST } from "./form-parts.ts";

type Atom = Form & { kind: "atom" };

const HALF = Rational.of(1, 2);

const named = (form: Form | undefined, name: string): form is Atom =>
  form?.kind === "atom" && form.node.primitive.name === name;

/** where(u > 0, 2 ReLU(u), 0) is 2 ReLU(u), which is 0 elsewhere anyway. */
export function caseOf(args: readonly Form[], algebra: Algebra): Form | undefined {
  const [condition, value, otherwise] = args;
  if (value === otherwise && condition.total) return value;
  if (otherwise !== algebra.forms.zero || !named(condition, "greater")) return undefined;
  const [u, bound] = condition.args;
  if (bound !== algebra.forms.zero || !value.total) return undefined;
  const vanishes = factorsOf(value, algebra.forms.one).some(
    ({ base, exponent }) =>
      named(base, "relu") && base.args[0] === u && exponent.kind === "number" && exponent.value.sign > 0,
  );
  return vanishes ? value : undefined;
}

interface Slope {
  readonly tie: Form;
  /** Where this argument decides: a > b. */
  readonly above: Atom;
  readonly where: Node;
  /** What stands beside the share, coefficient included. */
  readonly rest: Form;
}

/**
 * The slope of max(a, b) by the rule is a′·{½ if a = b, 1_{a > b}} + b′·{½ if a = b, 1_{b > a}}; for people
 * {a′ if a > b, b′ if b > a, (a′ + b′)/2 otherwise}. For min with <.
 */
export function tiedSlopes(algebra: Algebra, like: Map<Form, Rational>): Form | undefined {
  if (like.size < 2 || like.size > WIDEST) return undefined;
  const found: { form: Form; slope: Slope }[] = [];
  for (const [form, coefficient] of like) {
    const slope = slopeOf(algebra, { form, coefficient });
    if (!slope) continue;
    const partner = found.find(({ slope: s }) => mirrored(s, slope));
    if (!partner) {
      found.push({ form, slope });
      continue;
    }
    like.delete(form);
    like.delete(partner.form);
    return joined(algebra, partner.slope, slope);
  }
  return undefined;
}

function slopeOf(algebra: Algebra, { form, coefficient }: Term): Slope | undefined {
  const factors = factorsOf(form, algebra.forms.one);
  for (const [i, { base, exponent }] of factors.entries()) {
    if (exponent !== algebra.forms.one || !named(base, "where")) continue;
    const [tie, half, above] = base.args;
    if (!named(tie, "equal") || half.kind !== "number" || !half.value.equals(HALF)) continue;
    if (!named(above, "where") || above.args[1] !== algebra.forms.one || above.args[2] !== algebra.forms.zero)
      continue;
    const [side] = above.args;
    if (!named(side, "greater") && !named(side, "less")) continue;
    const scale = form.kind === "product" ? form.coefficient.mul(coefficient) : coefficient;
    const rest = algebra.fromFactors(
      scale,
      factors.filter((_, k) => k !== i),
    );
    return { tie, above: side, where: base.node, rest };
  }
  return undefined;
}

function mirrored(s: Slope, t: Slope): boolean {
  const [a, b] = s.above.args;
  return (
    s.tie === t.tie &&
    s.above.node.primitive === t.above.node.primitive &&
    t.above.args[0] === b &&
    t.above.args[1] === a
  );
}

function joined(algebra: Algebra, s: Slope, t: Slope): Form {
  const { forms } = algebra;
  const middle = algebra.scale(
    algebra.sum([s, t].map(({ rest }) => ({ form: rest, coefficient: Rational.ONE }))),
    HALF,
  );
  const below = forms.atom(t.where, [simpler(algebra, t.above), t.rest, middle]);
  return forms.atom(s.where, [simpler(algebra, s.above), s.rest, below]);
}

/** x > 2x is x < 0. */
function simpler(algebra: Algebra, condition: Atom): Form {
  const { forms } = algebra;
  const [a, b] = condition.args;
  const difference = algebra.sum([
    { form: a, coefficient: Rational.ONE },
    { form: b, coefficient: Rational.of(-1) },
  ]);
  const [only, ...more] = factorsOf(difference, forms.one);
  const leaf = only.base.kind === "atom" && only.base.args.length === 0 && only.exponent === forms.one;
  if (!leaf || more.length > 0 || a === forms.zero || b === forms.zero) return condition;
  const positive = difference.kind !== "product" || difference.coefficient.sign > 0;
  const compare = named(condition, "greater") === positive ? greater : less;
  const [left, right] = condition.node.inputs;
  return forms.atom(compare(left, right), [only.base, forms.zero]);
}
