"""The work of engines.mjs by JAX on the CPU under jit, in double precision: medians in milliseconds, as one line of JSON."""

import json
import math
import pathlib
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
wanted = sys.argv[1].lower() if len(sys.argv) > 1 else ""
results = {}


def waves(n, scale=1.0):
    i = np.arange(n, dtype=np.float64)
    return jnp.asarray(np.sin(i * 12.9898 + i * i * 0.37) * scale)


def row(name, make):
    if wanted not in name.lower():
        return
    run, args = make()
    run = jax.jit(run)
    jax.block_until_ready(run(*args))
    start = time.perf_counter()
    jax.block_until_ready(run(*args))
    times = max(1, int(0.002 / (time.perf_counter() - start)))
    spent = []
    for _ in range(25):
        start = time.perf_counter()
        for _ in range(times):
            jax.block_until_ready(run(*args))
        spent.append((time.perf_counter() - start) / times * 1000)
    results[name] = float(np.median(spent))


def rosenbrock(n):
    def f(x):
        return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    return jax.grad(f), (waves(n, 2.0),)


def logistic():
    X, y = waves(300_000).reshape(10_000, 30), jnp.arange(10_000) % 2.0

    def f(w):
        z = X @ w
        return jnp.sum(jnp.log(jnp.exp(z) + 1) - y * z)

    return jax.grad(f), (waves(30),)


def layers(inputs, hidden, classes):
    return (
        waves(inputs * hidden, 0.2).reshape(inputs, hidden),
        waves(hidden, 0.1),
        waves(hidden * classes, 0.2).reshape(hidden, classes),
        waves(classes, 0.1),
    )


def network(rows, inputs, classes):
    X, Y = waves(rows * inputs).reshape(rows, inputs), jnp.eye(classes)[jnp.arange(rows) % classes]

    def f(p):
        W, b, V, c = p
        scores = jnp.tanh(X @ W + b) @ V + c
        return jnp.mean(jax.nn.logsumexp(scores, axis=1) - jnp.sum(scores * Y, axis=1))

    return f


def five(x, y):
    a = x * x + y
    b = jnp.sin(a * x)
    c = jnp.exp(-b * y)
    d = a / (1 + c * c)
    return d * b + jnp.log(1 + a * a)


def product():
    f = network(100, 90, 10)
    p = layers(90, 100, 10)
    return lambda p, v: jax.jvp(jax.grad(f), (p,), (v,))[1], (p, p)


shared = pathlib.Path(__file__).resolve().parents[2] / "shared" / "adbench"


def adbench(name):
    return json.loads((shared / f"{name}.json").read_text())


def gmm():
    data = adbench("gmm_n200_d10_K5")
    x, gamma, m = jnp.asarray(data["x"]), data["gamma"], data["m"]
    n, d = x.shape
    below = [(i, j) for j in range(d) for i in range(j + 1, d)]
    i, j = jnp.asarray([i for i, _ in below]), jnp.asarray([j for _, j in below])
    p = d + m + 1
    multigamma = d * (d - 1) / 4 * math.log(math.pi) + sum(math.lgamma(p / 2 - k / 2) for k in range(d))
    C = p * d * (math.log(gamma) - math.log(2) / 2) - multigamma

    def f(params):
        alphas, means, icf = params
        q, l = icf[:, :d], icf[:, d:]
        Q = jnp.zeros((alphas.size, d, d)).at[:, i, j].set(l)
        off = x[:, None, :] - means
        turned = jnp.exp(q)[None] * off + jnp.einsum("kij,nkj->nki", Q, off)
        terms = alphas + q.sum(1) - 0.5 * (turned**2).sum(2)
        prior = 0.5 * gamma**2 * ((jnp.exp(q) ** 2).sum() + (l**2).sum()) - m * q.sum() - alphas.size * C
        fit = jax.nn.logsumexp(terms, axis=1).sum() - n * jax.nn.logsumexp(alphas)
        return fit + prior - n * d / 2 * math.log(2 * math.pi)

    return jax.grad(f), (tuple(jnp.asarray(data[k]) for k in ("alphas", "means", "icf")),)


def bundle():
    data = adbench("ba")
    camera, point = (jnp.asarray([o[k] for o in data["observations"]]) for k in (0, 1))
    features = jnp.asarray(data["features"])

    def residual(cam, pt, w, feature):
        r, moved = cam[:3], pt - cam[3:6]
        angle = jnp.sqrt(jnp.sum(r * r))
        axis = r / angle
        turned = moved * jnp.cos(angle) + jnp.cross(axis, moved) * jnp.sin(angle)
        turned = turned + axis * (jnp.sum(axis * moved) * (1 - jnp.cos(angle)))
        p = turned[:2] / turned[2]
        square = jnp.sum(p * p)
        bent = 1 + cam[9] * square + cam[10] * square**2
        return w * (cam[6] * p * bent + cam[7:9] - feature)

    jacobian = jax.vmap(jax.jacrev(residual, (0, 1, 2)))
    run = lambda cameras, points, weights: jacobian(cameras[camera], points[point], weights, features)
    return run, tuple(jnp.asarray(data[k]) for k in ("cameras", "points", "weights"))


if shared.exists():
    row("ADBench GMM, 200 points of 10, 5 Gaussians", gmm)
    row("ADBench BA, 30 observations", bundle)
row("Rosenbrock, 1000 variables", lambda: rosenbrock(1000))
row("Rosenbrock, 1000000 variables", lambda: rosenbrock(1_000_000))
row("logistic loss, 10000 × 30", logistic)
row("two-layer network, 1000 rows", lambda: (jax.grad(network(1000, 20, 10)), (layers(20, 32, 10),)))
row("five lines of two numbers: gradient", lambda: (jax.grad(five, (0, 1)), (0.7, 1.3)))
row("Hessian · vector, 10000 parameters", product)
print(json.dumps(results))
