import { grad, type Tensor, tensor } from "gradus";
import { type BackwardPass, backwardPass, limitTable, math, parse } from "gradus/math";
import { number, table } from "../output.ts";
import { activations, summary } from "./closing.ts";
import { derivative, type Figure, onBoard, type Section, typeset, value } from "./figures.ts";
import { taylorSections } from "./taylor.ts";

/** Every figure of the lecture, part by part. */
export function lecture(): Section[] {
  return [
    whyCalculus(),
    theDerivative(),
    neuron(),
    loss(),
    chainRule(),
    backpropagation(),
    gradientDescent(),
    ...taylorSections(),
    activations(),
    summary(),
  ];
}

function whyCalculus(): Section {
  const e = math`1/2 (1 - 2 w)^2`;
  const at = (w: number) => e.evaluate({ w }).item();
  const slope = e.derivative("w").evaluate({ w: 0 }).item();
  return {
    title: "1  Why learning needs calculus",
    says: "A network learns by making its loss small. The slope of the loss tells how it answers to a weight, and which way is down.",
    figures: [
      {
        says: "loss ½(1 − 2w)² at w = 0: its slope is negative",
        computed: typeset(number(slope)),
        holds: slope < 0,
      },
      {
        says: "so a larger weight lowers it",
        computed: `${number(at(0))} at 0, ${number(at(0.1))} at 0.1`,
        holds: at(0.1) < at(0),
      },
    ],
  };
}

function theDerivative(): Section {
  const { rows } = limitTable((x) => Math.sin(x * x), 1);
  const slope = math`sin(x^2)`.derivative("x").evaluate({ x: 1 }).item();
  const shrinking = rows.slice(0, 6).map((r) => ({ dx: r.dx, quotient: r.forward }));
  const last = shrinking[shrinking.length - 1].quotient;
  return {
    title: "2  The derivative is a limit",
    says: "(f(x + Δx) − f(x)) / Δx as Δx shrinks: the rate at which the output changes. Here for sin(x²) at x = 1.",
    figures: [
      {
        says: "the quotient tends to f′(1) = 2 cos 1",
        computed: `${last.toFixed(5)} → ${slope.toFixed(5)}`,
        holds: Math.abs(last - slope) < 1e-5,
      },
    ],
    shown: table(
      ["Δx", "quotient", "off by"],
      shrinking.map((r) => [
        number(r.dx),
        r.quotient.toFixed(6),
        typeset((r.quotient - slope).toExponential(1)),
      ]),
    ),
  };
}

function neuron(): Section {
  const z = math`w x + b`;
  const moved = (x: number) => z.evaluate({ w: 1.1, x, b: 0 }).item() - z.evaluate({ w: 1, x, b: 0 }).item();
  return {
    title: "3  One neuron and its derivatives",
    says: "z = wx + b. The sensitivity to the weight is the input: a large input, a strong update; a small one, a weak signal.",
    figures: [
      derivative("z = wx + b: ∂z/∂w = x", "w x + b", "w", "x"),
      {
        says: "w moved by 0.1 moves z by 0.3 at x = 3, 0.03 at x = 0.3",
        computed: `${number(moved(3), 3)} and ${number(moved(0.3), 3)}`,
        holds: Math.abs(moved(3) - 0.3) < 1e-12 && Math.abs(moved(0.3) - 0.03) < 1e-12,
      },
      derivative("z = w₁x₁ + w₂x₂: ∂z/∂w₁ = x₁", "w_1 x_1 + w_2 x_2", "w_1", "x_1"),
      derivative("z = w₁x₁ + w₂x₂: ∂z/∂w₂ = x₂", "w_1 x_1 + w_2 x_2", "w_2", "x_2"),
    ],
  };
}

function loss(): Section {
  const slope = math`1/2 (y - ŷ)^2`.derivative("ŷ");
  return {
    title: "4  The loss",
    says: "Half the squared error of the prediction ŷ against the truth y. A negative slope says: the prediction must increase.",
    figures: [
      derivative("𝓛 = ½(y − ŷ)²: ∂𝓛/∂ŷ = ŷ − y", "1/2 (y - ŷ)^2", "ŷ", "ŷ - y"),
      value("y = 1, ŷ = 0.6: ∂𝓛/∂ŷ = −0.4", slope.evaluate({ y: 1, ŷ: 0.6 }).item(), -0.4, 1),
    ],
  };
}

function chainRule(): Section {
  return {
    title: "5  The chain rule",
    says: "x → g(x) → y: rates along a chain multiply, dy/dx = dy/dg · dg/dx.",
    figures: [
      derivative("f(g(x)): f′(g(x)) g′(x)", "f(g(x))", "x", "f'(g(x)) g'(x)"),
      derivative("i)   sin(x²): cos(x²) · 2x", "sin(x^2)", "x", "cos(x^2) 2x"),
      derivative("ii)  e³ˣ: 3e³ˣ", "e^{3x}", "x", "3e^{3x}"),
      derivative("iii) e^(x²): 2x e^(x²)", "e^{x^2}", "x", "2x e^{x^2}"),
      derivative("iv)  e^(eˣ): e^(eˣ) eˣ", "e^{e^x}", "x", "e^{e^x} e^x"),
    ],
  };
}

const GIVEN = { w: 0.5, x: 1, b: 0.1, y: 1 };

function backpropagation(): Section {
  const symbolic = math`𝓛(σ(w x + b))`.derivative("w");
  const expected = parse("𝓛'(σ(w x + b)) σ(w x + b) (1 - σ(w x + b)) x").tidy();
  const pass = backwardPass(
    parse("z = w x + b; a = sigmoid(z); L = 1/2 (y - a)^2"),
    new Map(Object.entries(GIVEN).map(([k, v]) => [k, tensor(v)])),
    { wrt: ["w", "b"] },
  );
  const a = 1 / (1 + Math.exp(-0.6));
  const byHand = (a - 1) * a * (1 - a) * 1;
  const w = (pass.gradient.get("w") as Tensor).item();
  return {
    title: "   Backpropagation",
    says: "z = wx + b, a = σ(z), L = 𝓛(a): forward line by line, then back along w, b → z → a → L, one local rate for each arrow.",
    figures: [
      {
        says: "∂𝓛/∂w = ∂𝓛/∂a · ∂a/∂z · ∂z/∂w, for any loss",
        computed: typeset(String(symbolic)),
        holds: sameFactors(symbolic.toText(), expected.toText()),
        derivation: onBoard(parse("z = w x + b; a = σ(z); L = 𝓛(a)"), "w"),
      },
      {
        says: "w = 0.5, x = 1, b = 0.1, y = 1: (a − y) σ′(z) x",
        computed: typeset(w.toFixed(6)),
        holds: Math.abs(w - byHand) < 1e-15,
      },
    ],
    shown: bothPasses(pass),
  };
}

/** The computation graph in lines: values down the page, derivatives up. */
function bothPasses(pass: BackwardPass): string {
  const rows = pass.forward.map((r) => {
    const back = pass.backward.find((b) => b.name === r.name);
    return [
      r.name,
      r.formula ? `= ${typeset(r.formula.pretty)}` : "",
      typeset(number(r.value.item(), 5)),
      back ? typeset(number((back.adjoint as Tensor).item(), 5)) : "",
    ];
  });
  return table(["node", "", "forward ↓", "backward ↑ ∂L/∂node"], rows);
}

/** Products are equal in any order of their factors. */
function sameFactors(a: string, b: string): boolean {
  return a.split("*").sort().join() === b.split("*").sort().join();
}

function gradientDescent(): Section {
  const f = (w: Tensor) => w.mul(w).sum();
  const at = [1, -2, 3];
  const g = grad(f)(tensor(at)).toArray() as number[];
  const [w, rate] = [0.5, 0.1];
  const e = math`1/2 (1 - σ(w))^2`;
  const lossAt = (v: number) => e.evaluate({ w: v }).item();
  const slope = e.derivative("w").evaluate({ w }).item();
  const step = w - rate * slope;
  return {
    title: "   Gradient and gradient descent",
    says: "The gradient holds the derivatives by all weights, and points where the loss rises fastest; so one walks the other way.",
    figures: [
      {
        says: "∇𝓛 = [∂𝓛/∂w₁, …, ∂𝓛/∂wₙ], for w₁² + w₂² + w₃²",
        computed: `at (1, −2, 3): [${g.map((v) => typeset(number(v))).join(", ")}]`,
        holds: String(g) === "2,-4,6",
      },
      steepest(g),
      {
        says: "w ← w − η ∂𝓛/∂w, η = 0.1, lowers the loss ½(1 − σ(w))²",
        computed: `w ${w} → ${step.toFixed(6)}, loss ${lossAt(w).toFixed(6)} → ${lossAt(step).toFixed(6)}`,
        holds: lossAt(step) < lossAt(w),
      },
    ],
  };
}

/** Of many directions of length 1, none rises faster than the gradient's own, whose rate is its length. */
function steepest(g: readonly number[]): Figure {
  const length = Math.hypot(...g);
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < 60; i++)
    for (let k = 0; k <= 30; k++) {
      const [turn, height] = [(i * Math.PI) / 30, Math.cos((k * Math.PI) / 30)];
      const flat = Math.sqrt(1 - height * height);
      const d = [flat * Math.cos(turn), flat * Math.sin(turn), height];
      best = Math.max(
        best,
        d.reduce((sum, v, j) => sum + v * g[j], 0),
      );
    }
  return {
    says: "its length is the steepest rate of any direction",
    computed: `${number(length, 5)}, best of 1860 others ${number(best, 5)}`,
    holds: best <= length && best > 0.99 * length,
  };
}
