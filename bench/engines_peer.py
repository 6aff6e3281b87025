"""The work of engines.mjs by JAX on the CPU under jit, in double precision: medians in milliseconds, as one line of JSON."""

import json
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


row("Rosenbrock, 1000 variables", lambda: rosenbrock(1000))
row("Rosenbrock, 1000000 variables", lambda: rosenbrock(1_000_000))
row("logistic loss, 10000 × 30", logistic)
row("two-layer network, 1000 rows", lambda: (jax.grad(network(1000, 20, 10)), (layers(20, 32, 10),)))
row("five lines of two numbers: gradient", lambda: (jax.grad(five, (0, 1)), (0.7, 1.3)))
row("Hessian · vector, 10000 parameters", product)
print(json.dumps(results))
