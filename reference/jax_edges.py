"""Values and slopes of elementwise functions at edge points, from JAX in float64.

Run: python3 reference/jax_edges.py   (needs jax; writes packages/gradus/test/reference/jax-edges.json)
"""

import json
import math
from pathlib import Path

import jax
import jax.numpy as jnp
from jax import nn
from jax.scipy import special

jax.config.update("jax_enable_x64", True)

POINTS = [0.0, -0.0, 5e-324, 1e-308, -1e-308, 1e-20, -1e-20, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 20.0, -20.0, 40.0, -40.0]
POINTS += [700.0, -700.0, 1e8, -1e8, 1e300, -1e300, math.inf, -math.inf, math.nan]

UNARY = {
    "neg": jnp.negative, "sqrt": jnp.sqrt, "cbrt": jnp.cbrt, "abs": jnp.abs, "relu": nn.relu,
    "exp": jnp.exp, "log": jnp.log, "log2": jnp.log2, "log10": jnp.log10, "expm1": jnp.expm1, "log1p": jnp.log1p,
    "sin": jnp.sin, "cos": jnp.cos, "tan": jnp.tan, "asin": jnp.arcsin, "acos": jnp.arccos, "atan": jnp.arctan,
    "sinh": jnp.sinh, "cosh": jnp.cosh, "tanh": jnp.tanh, "asinh": jnp.arcsinh, "acosh": jnp.arccosh,
    "atanh": jnp.arctanh, "erf": special.erf, "erfc": special.erfc, "logGamma": special.gammaln,
    "digamma": special.digamma, "sigmoid": nn.sigmoid, "logSigmoid": nn.log_sigmoid, "softplus": nn.softplus,
    "silu": nn.silu, "elu": nn.elu, "selu": nn.selu, "softsign": nn.soft_sign, "leakyRelu": nn.leaky_relu,
    "mish": nn.mish, "hardSigmoid": nn.hard_sigmoid, "gelu": lambda x: nn.gelu(x, approximate=False),
    "geluTanh": lambda x: nn.gelu(x, approximate=True), "sign": jnp.sign, "floor": jnp.floor, "ceil": jnp.ceil,
    "round": jnp.round,
}
PAIRS = [0.0, -0.0, 5e-324, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, 1e300, -1e300, math.inf, -math.inf, math.nan]
BINARY = {
    "add": jnp.add, "sub": jnp.subtract, "mul": jnp.multiply, "div": jnp.divide, "pow": jnp.power,
    "maximum": jnp.maximum, "minimum": jnp.minimum, "atan2": jnp.arctan2, "hypot": jnp.hypot,
}


def written(x):
    x = float(x)
    return x if math.isfinite(x) else str(x)


unary = {name: [[written(f(x)), written(jax.grad(f)(x))] for x in POINTS] for name, f in UNARY.items()}
binary = {
    name: [[written(f(x, y)), *map(written, jax.grad(f, (0, 1))(x, y))] for x in PAIRS for y in PAIRS]
    for name, f in BINARY.items()
}
out = Path(__file__).parent.parent / "packages/gradus/test/reference/jax-edges.json"
data = {"points": [written(x) for x in POINTS], "pairs": [written(x) for x in PAIRS], "unary": unary, "binary": binary}
# −0 would be lost among the points.
data["points"][1] = data["pairs"][1] = "-0"
out.write_text(json.dumps(data, separators=(",", ":")) + "\n")
print(out, out.stat().st_size, "bytes")
