"""Makes packages/gradus/test/reference/jax-control.json: loops, branches and implicit functions by JAX in float64.

Numbers come from wave(n, a, b) = a sin(b k), k = 1 .. n, so that the tests make the same ones.

Run: python3 reference/jax_control.py   (needs jax; the product and its tests do not)
"""
import json
from pathlib import Path
import jax
import jax.numpy as jnp
from jax import lax

jax.config.update("jax_enable_x64", True)


def wave(shape, a, b):
    n = 1
    for d in shape:
        n *= d
    return (a * jnp.sin(b * jnp.arange(1, n + 1))).reshape(shape)


def flat(tree):
    return [float(v) for leaf in jax.tree_util.tree_leaves(tree) for v in jnp.ravel(leaf)]


rows = {}


def record(name, f, x, v):
    """Value, gradient, and Hessian-vector product along v (Hessian of a scalar function of a list of arrays)."""
    g = jax.grad(f)
    rows[name] = {
        "value": float(f(x)),
        "gradient": flat(g(x)),
        "hvp": flat(jax.jvp(g, (x,), (v,))[1]),
    }


def rnn(p):
    w, u, b = p
    xs = wave((1000, 3), 1.0, 0.37)

    def step(h, x):
        h = jnp.tanh(w @ h + u @ x + b)
        return h, h @ h

    h, ys = lax.scan(step, jnp.zeros(6), xs)
    return jnp.sum(h) + jnp.mean(ys)


p = [wave((6, 6), 0.4, 1.3), wave((6, 3), 0.5, 0.7), wave((6,), 0.1, 2.1)]
record("rnn", rnn, p, [wave(t.shape, 1.0, 0.9) for t in p])


def nested(p):
    a, b = p

    def outer(c, x):
        def inner(d, y):
            d = jnp.sin(a * d + y * c) + b
            return d, d * x
        d, ys = lax.scan(inner, c, b[0] * x + jnp.arange(4.0))
        return d, jnp.sum(ys ** 2)

    c, ys = lax.scan(outer, a, wave((5,), 1.0, 0.5), reverse=True)
    return jnp.sum(c) + jnp.sum(ys)


p = [wave((3,), 0.8, 1.1), wave((3,), 0.3, 0.6)]
record("nested", nested, p, [wave((3,), 1.0, 0.9), wave((3,), 1.0, 1.9)])


def branches(p):
    (x,) = p

    def step(c, v):
        c = lax.cond(v > 0, lambda c: jnp.sin(c) * x[0] + v, lambda c: c * c * x[1] - jnp.exp(v), c)
        return c, c

    c, ys = lax.scan(step, x[2], wave((7,), 1.0, 1.7))
    return c + jnp.sum(ys ** 3)


record("branches", branches, [wave((3,), 0.9, 0.8)], [wave((3,), 1.0, 0.9)])


def newton(f, x):
    return lax.fori_loop(0, 60, lambda _, x: x - f(x) / jax.grad(lambda t: jnp.sum(f(t)))(x), x)


def root(p):
    """x(a, b) with x^3 + a x + b = 0, elementwise."""
    a, b = p
    solve = lambda g, y: y / g(jnp.ones_like(y))
    x = lax.custom_root(lambda x: x ** 3 + a * x + b, jnp.ones(3), newton, solve)
    return jnp.sum(x ** 2 * jnp.arange(1.0, 4.0))


record("root", root, [2 + wave((3,), 0.5, 1.0), wave((3,), 1.0, 0.7)], [wave((3,), 1.0, 0.9), wave((3,), 1.0, 1.9)])


def fixed(p):
    """z = tanh(W z + x), a layer defined by its equilibrium: by the implicit function theorem as a graph."""
    w, x = p
    z = lax.stop_gradient(lax.fori_loop(0, 400, lambda _, z: jnp.tanh(w @ z + x), jnp.zeros(4)))
    # Newton's steps on a detached point: the first makes the first derivative right, the second the second.
    for _ in range(2):
        j = jax.jacfwd(lambda t: t - jnp.tanh(w @ t + x))(z)
        z = z - jnp.linalg.solve(j, z - jnp.tanh(w @ z + x))
    return jnp.sum(z ** 2) + z[0]


record("fixed", fixed, [wave((4, 4), 0.3, 1.3), wave((4,), 1.0, 0.7)], [wave((4, 4), 1.0, 0.9), wave((4,), 1.0, 1.9)])


def looped(x):
    """Newton's square root with a test of convergence: forward mode through the loop."""
    return lax.while_loop(lambda s: jnp.abs(s * s - x) > 1e-10, lambda s: 0.5 * (s + x / s), 1.0 + x)


rows["looped"] = {"value": float(looped(5.0)), "tangent": float(jax.jvp(looped, (5.0,), (1.0,))[1])}

path = Path(__file__).parent.parent / "packages/gradus/test/reference/jax-control.json"
path.write_text(json.dumps(rows) + "\n")
print(list(rows), path.stat().st_size)
