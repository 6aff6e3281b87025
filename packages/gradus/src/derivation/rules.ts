/** The rules of differentiation that a derivation names, and what each says in general. */
export interface Rule {
  readonly name: string;
  readonly general: { readonly pretty: string; readonly latex: string };
}

const rule = (name: string, pretty: string, latex: string): Rule => ({ name, general: { pretty, latex } });

export const RULES = {
  constant: rule("constant", "c′ = 0", "c' = 0"),
  identity: rule("identity", "x′ = 1", "x' = 1"),
  sum: rule("sum rule", "(u + v)′ = u′ + v′", "(u + v)' = u' + v'"),
  multiple: rule("constant multiple", "(c u)′ = c u′", "(c\\,u)' = c\\,u'"),
  product: rule("product rule", "(u v)′ = u′ v + u v′", "(u\\,v)' = u'\\,v + u\\,v'"),
  quotient: rule(
    "quotient rule",
    "(u/v)′ = (u′ v − u v′)/v²",
    "\\left(\\frac{u}{v}\\right)' = \\frac{u'\\,v - u\\,v'}{v^{2}}",
  ),
  reciprocal: rule(
    "reciprocal rule",
    "(c/v)′ = −c v′/v²",
    "\\left(\\frac{c}{v}\\right)' = -\\frac{c\\,v'}{v^{2}}",
  ),
  power: rule("power rule", "(xⁿ)′ = n xⁿ⁻¹", "(x^{n})' = n\\,x^{n-1}"),
  exponential: rule("exponential rule", "(aˣ)′ = aˣ ln a", "(a^{x})' = a^{x} \\ln a"),
  generalPower: rule("logarithmic differentiation", "(uᵛ)′ = uᵛ (v ln u)′", "(u^{v})' = u^{v}\\,(v \\ln u)'"),
  chain: rule("chain rule", "f(g(x))′ = f′(g(x)) g′(x)", "\\left(f(g(x))\\right)' = f'(g(x))\\,g'(x)"),
  partials: rule(
    "chain rule for several arguments",
    "f(u, v)′ = ∂f/∂u u′ + ∂f/∂v v′",
    "f(u, v)' = \\frac{\\partial f}{\\partial u} u' + \\frac{\\partial f}{\\partial v} v'",
  ),
  piecewise: rule("piecewise", "each branch by itself", "\\text{each branch by itself}"),
  flat: rule("constant between jumps", "f′ = 0 between jumps", "f' = 0 \\text{ between jumps}"),
  linear: rule("linearity", "L(u)′ = L(u′)", "L(u)' = L(u')"),
  bilinear: rule("product rule for matrices", "(A B)′ = A′ B + A B′", "(A B)' = A' B + A B'"),
} as const;

/** The rule of one function, such as "derivative of sin: (sin(u))′ = cos(u)". */
export function functionRule(name: string, pretty: string, latex: string): Rule {
  return rule(`derivative of ${name}`, pretty, latex);
}
