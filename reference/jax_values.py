"""Makes packages/gradus/test/reference/jax.json: gradients and Hessians of seven functions, by JAX in float64.

Run: python3 reference/jax_values.py   (needs jax; the product and its tests do not)
"""
import json
from pathlib import Path
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erf, gammaln

jax.config.update("jax_enable_x64", True)
mish = lambda x: x * jnp.tanh(jax.nn.softplus(x))
functions = {
    "logistic": lambda x, y: jnp.mean(jax.nn.softplus(x) - x * jax.nn.sigmoid(y)),
    "attention": lambda x, y: jnp.sum(jax.nn.softmax(jnp.outer(x, y)) * jnp.outer(y, x)),
    "norms": lambda x, y: jnp.linalg.norm(x) * jax.nn.logsumexp(y) + jnp.var(x * y),
    "activations": lambda x, y: jnp.sum(jax.nn.gelu(x, approximate=False) * mish(y)) + jnp.sum(jax.nn.silu(y) * jax.nn.selu(x)),
    "powers": lambda x, y: jnp.sum((jnp.abs(x) + 0.5) ** y) + jnp.sum(jnp.arctan2(x, y)),
    "structure": lambda x, y: jnp.sum(jnp.concatenate([x, y])[::-1] * jnp.pad(x[1:], (2, 2 * len(x) - len(x) - 1))) + jnp.prod(y),
    "special": lambda x, y: jnp.sum(erf(x) * jnp.log1p(y * y)) + jnp.sum(gammaln(jnp.abs(y) + 1)),
}
rng = np.random.default_rng(5)
rows = []
for name, f in functions.items():
    for _ in range(3):
        x, y = [np.round(rng.normal(size=4), 3) for _ in range(2)]
        rows.append({
            "name": name,
            "args": [x.tolist(), y.tolist()],
            "gradients": [jax.grad(f, i)(x, y).tolist() for i in (0, 1)],
            "hessian": jax.hessian(f)(x, y).tolist(),
        })
path = Path(__file__).parent.parent / "packages/gradus/test/reference/jax.json"
path.write_text(json.dumps(rows) + "\n")
print(len(rows))
