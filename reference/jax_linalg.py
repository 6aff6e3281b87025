"""Makes packages/gradus/test/reference/jax-linalg.json: values, gradients and Hessian-vector products of linear algebra,
cumulative operations, sorting, convolution and pooling, by JAX in float64.

Each row is an operation f at a point x. Written down are f(x), and for s(x) = sum(cos(0, 1, ...) * f(x)) + sum(f(x)**2)/2
the gradient and the derivative of the gradient along v = sin(1, 2, ...), one list for each argument.

Run: python3 reference/jax_linalg.py   (needs jax; the product and its tests do not)
"""
import itertools
import json
from pathlib import Path
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import solve_triangular

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(11)
T = lambda a: jnp.swapaxes(a, -1, -2)


def random(*shape):
    return np.round(rng.normal(size=shape), 2)


def regular(n):
    return np.round(random(n, n) + 3 * np.eye(n), 2)


def definite(a):
    n = a.shape[-1]
    return a @ T(a) + jnp.diag(1.0 + 2 * jnp.arange(n))


def leibniz(a):
    """The determinant as a polynomial: its derivatives are right at any matrix."""
    n = a.shape[0]
    total = 0
    for p in itertools.permutations(range(n)):
        sign = np.linalg.det(np.eye(n)[list(p)])
        term = sign
        for i, j in enumerate(p):
            term = term * a[i, j]
        total = total + term
    return total


def largest_positive(v):
    top = jnp.take_along_axis(v, jnp.argmax(jnp.abs(v), axis=-2, keepdims=True), axis=-2)
    return v * jnp.sign(jax.lax.stop_gradient(top))


def signed_qr(a):
    q, r = jnp.linalg.qr(a)
    s = jnp.sign(jax.lax.stop_gradient(jnp.diagonal(r)))
    return q * s, s[:, None] * r


def conv(stride, padding, dilation, input_dilation, groups, dims):
    return lambda x, w: jax.lax.conv_general_dilated(
        x, w, stride, padding, lhs_dilation=input_dilation, rhs_dilation=dilation, feature_group_count=groups,
        dimension_numbers=dims)


def windows(x, init, op, window, stride, padding):
    return jax.lax.reduce_window(x, init, op, (1, 1, *window), (1, 1, *stride), padding)


def average(window, stride, padding):
    def f(x):
        total = lambda t: windows(t, 0.0, jax.lax.add, window, stride, padding)
        return total(x) / total(jnp.ones_like(x))
    return f


tall, wide = random(4, 2), random(2, 4)
rows = []


def row(name, f, *args, hvp=True):
    args = [jnp.asarray(a, dtype=jnp.float64) for a in args]
    scalar = lambda *x: (lambda y: jnp.sum(jnp.cos(jnp.arange(y.size)) * y) + jnp.sum(y * y) / 2)(jnp.ravel(f(*x)))
    gradient = jax.grad(scalar, tuple(range(len(args))))
    v = [jnp.sin(jnp.arange(1.0, a.size + 1)).reshape(a.shape) for a in args]
    flat = lambda t: [float(x) for x in np.ravel(t)]
    entry = {"name": name, "args": [np.asarray(a).tolist() for a in args], "value": flat(f(*args)),
             "gradients": [flat(t) for t in gradient(*args)]}
    if hvp:
        entry["hvp"] = [flat(t) for t in jax.jvp(gradient, tuple(args), tuple(v))[1]]
    assert np.all(np.isfinite(entry["value"] + sum(entry["gradients"], []) + sum(entry.get("hvp", []), []))), name
    rows.append(entry)


row("cholesky", lambda a: jnp.linalg.cholesky(definite(a)), random(3, 3))
row("cholesky", lambda a: jnp.linalg.cholesky(definite(a)), random(1, 1))
row("solve", lambda a, b: jnp.linalg.solve(a, b), regular(3), random(3))
row("solve", lambda a, b: jnp.linalg.solve(a, b), regular(3), random(3, 2))
row("solve", lambda a, b: jnp.linalg.solve(a, b), np.stack([regular(2), regular(2)]), random(2, 1))
row("solve", lambda a, b: jnp.linalg.solve(a, b), [[0.0, 1.0], [2.0, 0.0]], random(2))
for lower in (True, False):
    for transposed in (False, True):
        for unit in (False, True):
            row(f"triangular {lower} {transposed} {unit}".lower(),
                lambda a, b: solve_triangular(a, b, trans=int(transposed), lower=lower, unit_diagonal=unit),
                regular(3), random(3, 2))
row("inverse", jnp.linalg.inv, regular(3))
row("det", leibniz, regular(4))
row("det", leibniz, random(2, 2))
row("det", leibniz, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
row("det", leibniz, [[1.0, 2.0, -1.0], [2.0, 4.0, -2.0], [3.0, 6.0, -3.0]])
row("det", leibniz, np.zeros((3, 3)))
row("det", leibniz, np.diag([0.0, 0.0, 2.0, 3.0]))
row("cofactor", jax.grad(leibniz), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
row("cofactor", jax.grad(leibniz), np.diag([0.0, 0.0, 2.0]))
row("logdet", lambda a: jnp.linalg.slogdet(definite(a))[1], random(3, 3))
row("slogdet", lambda a: jnp.stack(jnp.linalg.slogdet(a)), [[0.0, 2.0], [3.0, 1.0]])
row("qr q", lambda a: signed_qr(a)[0], tall)
row("qr r", lambda a: signed_qr(a)[1], tall)
row("qr q", lambda a: signed_qr(a)[0], regular(3))
row("qr r", lambda a: signed_qr(a)[1], regular(3))
row("eigenvalues", lambda a: jnp.linalg.eigh(definite(a))[0], random(3, 3))
row("eigenvectors", lambda a: largest_positive(jnp.linalg.eigh(definite(a))[1]), random(3, 3))
row("eigenvalues plain", lambda a: jnp.linalg.eigh((a + T(a)) / 2)[0], np.diag([1.0, 2.0, 3.0, 5.0]))
row("lstsq", lambda a, b: jnp.linalg.solve(a.T @ a, a.T @ b), tall, random(4))
row("lstsq", lambda a, b: jnp.linalg.solve(a.T @ a, a.T @ b), tall, random(4, 2))
row("lstsq", lambda a, b: a.T @ jnp.linalg.solve(a @ a.T, b), wide, random(2))
row("cumsum", lambda x: jnp.cumsum(x, axis=-1), random(2, 3))
row("cumprod", lambda x: jnp.cumprod(x, axis=-1), random(2, 5))
row("cumprod", lambda x: jnp.cumprod(x, axis=-1), [2.0, 0.0, 3.0, -1.0, 4.0])
row("cumprod", lambda x: jnp.cumprod(x, axis=-1), [2.0, 0.0, 3.0, 0.0, 4.0, 5.0])
row("sort", jnp.sort, [[3.0, -1.0, 2.0], [0.5, 4.0, -2.0]])
row("sort", jnp.sort, [2.0, 1.0, 2.0, 1.0, 1.0])
row("topK", lambda x: jax.lax.top_k(x, 2)[0], [[3.0, -1.0, 2.0], [4.0, 4.0, 4.0]])
one, two = ("NCH", "OIH", "NCH"), ("NCHW", "OIHW", "NCHW")
row("conv plain1", conv((1,), "VALID", (1,), (1,), 1, one), random(2, 2, 5), random(3, 2, 3))
row("conv odd1", conv((2,), [(1, 2)], (2,), (3,), 2, one), random(1, 4, 4), random(2, 2, 3))
row("conv same1", conv((2,), "SAME", (1,), (1,), 1, one), random(1, 1, 7), random(1, 1, 4))
row("conv plain2", conv((1, 1), "VALID", (1, 1), (1, 1), 1, two), random(1, 2, 4, 3), random(2, 2, 2, 2))
row("conv same2", conv((2, 1), "SAME", (1, 2), (1, 1), 1, two), random(1, 1, 5, 4), random(2, 1, 3, 2))
row("conv odd2", conv((1, 2), [(0, 2), (1, 1)], (2, 1), (1, 2), 1, two), random(1, 2, 3, 3), random(1, 2, 2, 3))
row("conv depthwise", conv((1, 1), [(1, 1), (1, 1)], (1, 1), (1, 1), 3, two), random(1, 3, 3, 3), random(6, 1, 2, 2))
row("maxPool", lambda x: windows(x, -jnp.inf, jax.lax.max, (2, 2), (2, 2), "VALID"), random(1, 2, 4, 5))
row("maxPool same", lambda x: windows(x, -jnp.inf, jax.lax.max, (3, 2), (1, 1), "SAME"), random(1, 1, 3, 4))
row("avgPool", average((2, 2), (2, 2), "VALID"), random(1, 2, 4, 5))
row("avgPool same", average((3, 2), (1, 1), "SAME"), random(1, 1, 3, 4))
path = Path(__file__).parent.parent / "packages/gradus/test/reference/jax-linalg.json"
path.write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
print(len(rows), path.stat().st_size)
