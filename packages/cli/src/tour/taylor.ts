import { hessian, type Tensor } from "gradus";
import { math, parse, Rational, remainderBound, type TaylorModel, taylorModel } from "gradus/math";
import { number, table } from "../output.ts";
import { derivative, type Section, typeset, value } from "./figures.ts";

export function taylorSections(): Section[] {
  return [definition(), exponential(), orders(), logarithm()];
}

function definition(): Section {
  const f = parse("f(x)");
  const primes = [1, 2, 3].map((k) => String(f.derivative("x", k)));
  // Of (x − a)ⁿ, n derivatives leave n!.
  const left = parse("(x - a)^5").derivative("x", 5).toText();
  return {
    title: "6  Why Taylor series, and what they are",
    says: "Near a point a, derivatives make a polynomial of any smooth function, and with polynomials one can compute.",
    figures: [
      {
        says: "f(x) = Σ f⁽ⁿ⁾(a)/n! (x − a)ⁿ, of any f: its derivatives",
        computed: typeset(primes.join(", ")),
        holds: primes.join() === "f'(x),f''(x),f'''(x)",
      },
      { says: "n! undoes what n derivatives make of (x − a)ⁿ, n = 5", computed: left, holds: left === "120" },
    ],
  };
}

function exponential(): Section {
  const model = taylorModel(math`e^x`, "x", Rational.ZERO, 3);
  const [first, second] = [1, 2].map((k) => taylorModel(math`e^x`, "x", Rational.ZERO, k).polynomial);
  return {
    title: "7  Step by step: eˣ",
    says: "Every derivative is eˣ again, and 1 at 0; so only the factorials remain.",
    figures: [
      {
        says: "f⁽ⁿ⁾(0) = 1 for all n",
        computed: model.derivatives.map((d) => number(d.value)).join(", "),
        holds: model.derivatives.every((d) => d.value === 1),
      },
      {
        says: "eˣ = 1 + x + x²/2! + x³/3! + …",
        computed: typeset(model.polynomial.pretty),
        holds: model.exact.join() === "1,1,1/2,1/6",
      },
      {
        says: "the general term xⁿ/n!",
        computed: model.generalTerm?.sum.pretty ?? "",
        holds: model.generalTerm !== undefined,
      },
      { says: "first order: 1 + x", computed: first.pretty, holds: first.text === parse("1 + x").toText() },
      {
        says: "second order: 1 + x + x²/2",
        computed: second.pretty,
        holds: second.text === parse("1 + x + x^2/2").toText(),
      },
    ],
  };
}

function orders(): Section {
  const f = math`e^x - 2x`;
  const model = taylorModel(f, "x", Rational.ONE, 2);
  const to = 1.2;
  const truth = f.evaluate({ x: to }).item();
  const [, line, bowl] = model.estimates(to);
  return {
    title: "8  First and second order",
    says: "The line f(a) + f′(a)(x − a) is what gradient descent and sensitivity analysis use; with ½f″(a)(x − a)² it is the bowl of Newton's method and of curvature.",
    figures: [
      {
        says: "eˣ − 2x about 1, asked at 1.2: the line is near",
        computed: `${typeset(line.toFixed(5))}, in truth ${typeset(truth.toFixed(5))}`,
        holds: Math.abs(line - truth) < 0.1,
      },
      {
        says: "the bowl is nearer",
        computed: typeset(bowl.toFixed(5)),
        holds: Math.abs(bowl - truth) < Math.abs(line - truth) / 10,
      },
    ],
  };
}

function logarithm(): Section {
  const model = taylorModel(math`ln(1+x)`, "x", Rational.ZERO, 2);
  const [, first, second] = model.estimates(0.1);
  const truth = math`ln(1+x)`.evaluate({ x: 0.1 }).item();
  const curvature = hessian((x: Tensor) => x.add(1).log())(0);
  return {
    title: "9  In numbers: ln(1.1)",
    says: "ln(1 + x) about 0, asked at x = 0.1: derivatives, line, parabola, truth.",
    figures: [
      derivative("f(x) = ln(1 + x): f′(x) = 1/(1 + x)", "ln(1+x)", "x", "1/(1+x)"),
      {
        says: "f″(x) = −1/(1 + x)²",
        computed: typeset(model.derivatives[2].formula?.pretty ?? ""),
        holds: model.derivatives[2].formula?.text === parse("-1/(1+x)^2").tidy().toText(),
      },
      {
        says: "f(0) = 0, f′(0) = 1, f″(0) = −1",
        computed: typeset(model.derivatives.map((d) => d.value).join(", ")),
        holds: model.derivatives.map((d) => d.value).join() === "0,1,-1" && curvature === -1,
      },
      {
        says: "ln(1 + x) ≈ x − x²/2",
        computed: typeset(model.polynomial.pretty),
        holds: model.polynomial.text === parse("x - x^2/2").toText(),
      },
      value("first order: ln(1.1) ≈ 0.10000", first, 0.1, 5),
      value("second order: ln(1.1) ≈ 0.09500", second, 0.095, 5),
      value("true value: ln(1.1) ≈ 0.09531", truth, 0.09531, 5),
      {
        says: "the second order is much more accurate",
        computed: `errors ${typeset(`${(first - truth).toExponential(1)}, ${(second - truth).toExponential(1)}`)}`,
        holds: Math.abs(second - truth) < Math.abs(first - truth) / 10,
      },
    ],
    shown: estimates(taylorModel(math`ln(1+x)`, "x", Rational.ZERO, 5), truth),
  };
}

/** Higher orders, with a bound of the error that is proven. */
function estimates(model: TaylorModel, truth: number): string {
  const f = math`ln(1+x)`;
  const rows = model
    .estimates(0.1)
    .map((v, k) => [
      String(k),
      v.toFixed(9),
      typeset((v - truth).toExponential(1)),
      `≤ ${typeset((1.05 * remainderBound(f.node, f.variable("x"), 0, k, 0.1).bound).toExponential(1))}`,
    ]);
  return table(["order", "estimate", "error", "proven"], rows);
}
