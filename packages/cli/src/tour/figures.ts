import { grad, hessian, sigmoid, type Tensor, tensor } from "gradus";
import {
  backwardPass,
  derivation,
  type Expression,
  math,
  parse,
  Rational,
  renderDerivation,
  taylorModel,
} from "gradus/math";

/** One worked figure of the lecture: what it says, and what Gradus computes for it. */
export interface Figure {
  readonly section: string;
  readonly says: string;
  readonly computed: string;
  readonly holds: boolean;
  /** The derivation, where there is more to it than its result. */
  readonly derivation?: string;
}

/** A derivative as the lecture prints it, in the parser's words; equal where their texts tidy to the same. */
function derivative(
  section: string,
  shown: string,
  source: string,
  wrt: string,
  printed: string,
  shapes?: Record<string, number[]>,
): Figure {
  const e = parse(source, { variables: [wrt], shapes });
  const result = e.derivative(wrt);
  const expected = parse(printed, { variables: [wrt], shapes }).tidy();
  return {
    section,
    says: shown,
    computed: String(result),
    holds: result.toText() === expected.toText(),
    derivation: onBoard(e, wrt),
  };
}

/** The whiteboard of a derivative by a number, if it has more than one line. */
function onBoard(e: Expression, wrt: string): string | undefined {
  if (e.node.rank > 0 || e.variable(wrt).rank > 0) return undefined;
  const [d] = derivation(e, wrt);
  const chained = d.lines.some((l) => l.reasons.some((r) => r.parts.length > 0));
  return d.lines.length > 2 || chained || d.locals ? renderDerivation(d) : undefined;
}

function value(section: string, says: string, computed: number, printed: number, digits: number): Figure {
  return {
    section,
    says,
    computed: computed.toFixed(digits),
    holds: computed.toFixed(digits) === printed.toFixed(digits),
  };
}

/** Every figure of the lecture, in its order. */
export function figures(): Figure[] {
  return [
    ...derivatives(),
    ...loss(),
    ...chainRule(),
    ...backpropagation(),
    ...gradient(),
    ...taylor(),
    ...activations(),
  ];
}

function derivatives(): Figure[] {
  const limit = (dx: number) => (Math.sin((1 + dx) ** 2) - Math.sin(1)) / dx;
  const slope = math`sin(x^2)`.derivative("x").evaluate({ x: 1 }).item();
  return [
    {
      section: "The derivative is a limit",
      says: "(f(x + Δx) − f(x))/Δx → f′(x), sin(x²) at 1",
      computed: `${limit(1e-6).toFixed(5)} → ${slope.toFixed(5)}`,
      holds: Math.abs(limit(1e-6) - slope) < 1e-5,
    },
    derivative("One neuron", "z = wx + b: ∂z/∂w = x", "w x + b", "w", "x"),
    derivative("Several inputs", "z = w₁x₁ + w₂x₂: ∂z/∂w₁ = x₁", "w_1 x_1 + w_2 x_2", "w_1", "x_1"),
    derivative("Several inputs", "z = w₁x₁ + w₂x₂: ∂z/∂w₂ = x₂", "w_1 x_1 + w_2 x_2", "w_2", "x_2"),
  ];
}

function loss(): Figure[] {
  const slope = math`1/2 (y - ŷ)^2`.derivative("ŷ");
  return [
    derivative("Loss", "𝓛 = ½(y − ŷ)²: ∂𝓛/∂ŷ = ŷ − y", "1/2 (y - ŷ)^2", "ŷ", "ŷ - y"),
    value("Loss", "y = 1, ŷ = 0.6: ∂𝓛/∂ŷ = −0.4", slope.evaluate({ y: 1, ŷ: 0.6 }).item(), -0.4, 1),
  ];
}

function chainRule(): Figure[] {
  const section = "Chain rule";
  return [
    derivative(section, "f(g(x)): f′(g(x)) g′(x)", "f(g(x))", "x", "f'(g(x)) g'(x)"),
    derivative(section, "sin(x²): 2x cos(x²)", "sin(x^2)", "x", "cos(x^2) 2x"),
    derivative(section, "e³ˣ: 3e³ˣ", "e^{3x}", "x", "3e^{3x}"),
    derivative(section, "e^(x²): 2x e^(x²)", "e^{x^2}", "x", "2x e^{x^2}"),
    derivative(section, "e^(eˣ): e^(eˣ) eˣ", "e^{e^x}", "x", "e^{e^x} e^x"),
  ];
}

function backpropagation(): Figure[] {
  const symbolic = math`𝓛(σ(w x + b))`.derivative("w");
  const expected = parse("𝓛'(σ(w x + b)) σ(w x + b) (1 - σ(w x + b)) x").tidy();
  const e = parse("z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2");
  const pass = backwardPass(
    e,
    new Map(Object.entries({ w: 0.5, x: 1, b: 0.1, y: 1 }).map(([k, v]) => [k, tensor(v)])),
    { wrt: ["w", "b"] },
  );
  const a = 1 / (1 + Math.exp(-0.6));
  const byHand = (a - 1) * a * (1 - a) * 1;
  const w = (pass.gradient.get("w") as Tensor).item();
  return [
    {
      section: "Backpropagation",
      says: "∂𝓛/∂w = ∂𝓛/∂a · ∂a/∂z · ∂z/∂w = 𝓛′(a) σ′(z) x",
      computed: String(symbolic),
      holds: sameFactors(symbolic.toText(), expected.toText()),
      derivation: onBoard(parse("z = w x + b; a = σ(z); L = 𝓛(a)"), "w"),
    },
    {
      section: "Backpropagation",
      says: "w = 0.5, x = 1, b = 0.1, y = 1: (a − y) σ′(z) x",
      computed: w.toFixed(6),
      holds: Math.abs(w - byHand) < 1e-15,
    },
  ];
}

/** Products are equal in any order of their factors. */
function sameFactors(a: string, b: string): boolean {
  return a.split("*").sort().join() === b.split("*").sort().join();
}

function gradient(): Figure[] {
  const f = (w: Tensor) => w.mul(w).sum();
  const g = grad(f)(tensor([1, -2, 3])).toArray();
  const [w, rate] = [0.5, 0.1];
  const slope = grad((v: Tensor) => sigmoid(v).sub(1).pow(2).mul(0.5))(w);
  const step = w - rate * slope;
  return [
    {
      section: "Gradient",
      says: "∇𝓛 = [∂𝓛/∂w₁, …, ∂𝓛/∂wₙ], for w₁² + w₂² + w₃²",
      computed: `at (1, −2, 3): [${g}]`,
      holds: String(g) === "2,-4,6",
    },
    {
      section: "Gradient descent",
      says: "w ← w − η ∂𝓛/∂w lowers the loss",
      computed: `${w} → ${step.toFixed(6)}`,
      holds: lossAt(step) < lossAt(w),
    },
  ];
}

const lossAt = (w: number): number => 0.5 * (1 / (1 + Math.exp(-w)) - 1) ** 2;

function taylor(): Figure[] {
  const exp = taylorModel(math`e^x`, "x", Rational.ZERO, 3);
  const ln = taylorModel(math`ln(1+x)`, "x", Rational.ZERO, 2);
  const [, first, second] = ln.estimates(0.1);
  const truth = math`ln(1+x)`.evaluate({ x: 0.1 }).item();
  const curvature = hessian((x: Tensor) => x.add(1).log())(0);
  const section = "Taylor series";
  return [
    {
      section,
      says: "eˣ = 1 + x + x²/2! + x³/3! + …",
      computed: exp.polynomial.pretty,
      holds: exp.exact.join() === "1,1,1/2,1/6",
    },
    derivative(section, "f(x) = ln(1 + x): f′(x) = 1/(1 + x)", "ln(1+x)", "x", "1/(1+x)"),
    {
      section,
      says: "f″(x) = −1/(1 + x)²",
      computed: ln.derivatives[2].formula?.pretty ?? "",
      holds: ln.derivatives[2].formula?.text === parse("-1/(1+x)^2").tidy().toText(),
    },
    {
      section,
      says: "f(0) = 0, f′(0) = 1, f″(0) = −1",
      computed: ln.derivatives.map((d) => d.value).join(", "),
      holds: ln.derivatives.map((d) => d.value).join() === "0,1,-1" && curvature === -1,
    },
    value(section, "first order: ln(1.1) ≈ 0.10000", first, 0.1, 5),
    value(section, "second order: ln(1.1) ≈ 0.09500", second, 0.095, 5),
    value(section, "true value: ln(1.1) ≈ 0.09531", truth, 0.09531, 5),
    {
      section,
      says: "the second order is much more accurate",
      computed: `errors ${(first - truth).toExponential(1)}, ${(second - truth).toExponential(1)}`,
      holds: Math.abs(second - truth) < Math.abs(first - truth) / 10,
    },
  ];
}

function activations(): Figure[] {
  const section = "Activations";
  return [
    derivative(section, "σ(x): σ(x)(1 − σ(x))", "σ(x)", "x", "σ(x)(1 - σ(x))"),
    derivative(section, "max(0, x): 1_{x>0}", "max(0, x)", "x", "1_{x>0}"),
    derivative(section, "tanh(x): 1 − tanh²(x)", "tanh(x)", "x", "1 - tanh^2(x)"),
  ];
}
