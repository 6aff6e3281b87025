export interface Known {
  readonly name: string;
  /** As the library calls it. */
  readonly f: string;
  /** What that is; a test holds both to be equal. */
  readonly definition?: string;
}

/** The deck's table first, then the others. */
export const KNOWN: readonly Known[] = [
  { name: "Sigmoid", f: "σ(x)", definition: "1/(1 + e^(-x))" },
  { name: "Tanh", f: "tanh(x)", definition: "(e^x - e^(-x))/(e^x + e^(-x))" },
  { name: "ReLU", f: "relu(x)", definition: "where(x > 0, x, 0)" },
  { name: "Leaky ReLU", f: "leaky_relu(x)", definition: "where(x > 0, x, x/100)" },
  { name: "Softplus", f: "softplus(x)", definition: "ln(1 + e^x)" },
  { name: "Log-sigmoid", f: "log_sigmoid(x)", definition: "-ln(1 + e^(-x))" },
  { name: "SiLU (swish)", f: "silu(x)", definition: "x σ(x)" },
  { name: "GELU", f: "gelu(x)", definition: "x/2 (1 + erf(x/sqrt(2)))" },
  {
    name: "GELU by tanh",
    f: "gelu_tanh(x)",
    definition: "x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))",
  },
  { name: "ELU", f: "elu(x)", definition: "where(x > 0, x, e^x - 1)" },
  {
    name: "SELU",
    f: "selu(x)",
    definition: "1.0507009873554805 where(x > 0, x, 1.6732632423543772 (e^x - 1))",
  },
  { name: "Mish", f: "mish(x)", definition: "x tanh(ln(1 + e^x))" },
  { name: "Softsign", f: "softsign(x)", definition: "x/(1 + |x|)" },
  { name: "Hard sigmoid", f: "hard_sigmoid(x)", definition: "min(1, max(0, x/6 + 1/2))" },
];
