"""The work of engines.mjs by JAX under jit and by PyTorch eager, on the CPU in double precision.

Reads names of rows, one on a line, and answers each with the milliseconds of one turn, as a line of JSON.
GRADUS_ONE_THREAD=1 keeps them to one thread.
"""

import json
import math
import os
import pathlib
import sys
import time

if os.environ.get("GRADUS_ONE_THREAD"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import jax
import jax.numpy as jnp
import numpy as np

try:
    import torch
except ImportError:
    torch = None

jax.config.update("jax_enable_x64", True)
rows = {}


def waves(n, scale=1.0):
    i = np.arange(n, dtype=np.float64)
    return jnp.asarray(np.sin(i * 12.9898 + i * i * 0.37) * scale)


def once(run, times):
    start = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - start) / times * 1000


def row(name, make, torch_make=None):
    rows[name] = make, torch_make


def prepared(make, torch_make):
    """For each peer, what to run and how often in one turn."""
    run, args = make()
    run = jax.jit(run)
    runs = {"JAX": lambda: jax.block_until_ready(run(*args))}
    if torch and torch_make:
        runs["PyTorch"] = torch_make()
    for peer in runs:
        once(runs[peer], 2)
    return {peer: (runs[peer], max(1, math.ceil(2 / once(runs[peer], 2)))) for peer in runs}


def by_torch(f, parameters):
    """The gradient, eager."""
    leaves = [torch.tensor(np.asarray(p), requires_grad=True) for p in parameters]
    return lambda: torch.autograd.grad(f(*leaves), leaves)


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


def mixture(n, d, K):
    return {
        "x": waves(n * d).reshape(n, d),
        "gamma": 1.0,
        "m": 0,
        "alphas": waves(K),
        "means": waves(K * d).reshape(K, d),
        "icf": waves(K * d * (d + 1) // 2, 0.3).reshape(K, -1),
    }


def mixture_constants(data):
    n, d = np.asarray(data["x"]).shape
    below = [(i, j) for j in range(d) for i in range(j + 1, d)]
    p = d + data["m"] + 1
    multigamma = d * (d - 1) / 4 * math.log(math.pi) + sum(math.lgamma(p / 2 - k / 2) for k in range(d))
    C = p * d * (math.log(data["gamma"]) - math.log(2) / 2) - multigamma
    return n, d, np.asarray([i for i, _ in below]), np.asarray([j for _, j in below]), C


def gmm(data):
    n, d, i, j, C = mixture_constants(data)
    x, gamma, m = jnp.asarray(data["x"]), data["gamma"], data["m"]

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


def gmm_by_torch(data):
    n, d, i, j, C = mixture_constants(data)
    x, gamma, m = torch.tensor(np.asarray(data["x"])), data["gamma"], data["m"]
    i, j = torch.tensor(i), torch.tensor(j)

    def f(alphas, means, icf):
        q, l = icf[:, :d], icf[:, d:]
        Q = torch.zeros((len(alphas), d, d), dtype=torch.float64)
        Q[:, i, j] = l
        off = x[:, None, :] - means
        turned = torch.exp(q)[None] * off + torch.einsum("kij,nkj->nki", Q, off)
        terms = alphas + q.sum(1) - 0.5 * (turned**2).sum(2)
        prior = 0.5 * gamma**2 * ((torch.exp(q) ** 2).sum() + (l**2).sum()) - m * q.sum() - len(alphas) * C
        fit = torch.logsumexp(terms, 1).sum() - n * torch.logsumexp(alphas, 0)
        return fit + prior - n * d / 2 * math.log(2 * math.pi)

    return by_torch(f, [data[k] for k in ("alphas", "means", "icf")])


def lstm_data(layers, characters, bits):
    main, extra = waves(2 * layers * 4 * bits).reshape(2 * layers, -1), waves(3 * bits).reshape(3, bits)
    state = waves(2 * layers * bits).reshape(2 * layers, bits)
    return main, extra, state, (waves(characters * bits) > 0).astype(float).reshape(characters, bits)


def lstm(layers, characters, bits):
    main, extra, state, sequence = lstm_data(layers, characters, bits)

    def f(params):
        main, extra = params

        def step(state, pair):
            seen, following = pair
            x, moved = seen * extra[0], []
            for k in range(layers):
                hidden, cell = state[2 * k], state[2 * k + 1]
                gates = jnp.concatenate([x, hidden, x, hidden]) * main[2 * k] + main[2 * k + 1]
                forget, enter, leave = jax.nn.sigmoid(gates[: 3 * bits]).reshape(3, bits)
                cell = cell * forget + enter * jnp.tanh(gates[3 * bits :])
                x = leave * jnp.tanh(cell)
                moved += [x, cell]
            scores = x * extra[1] + extra[2]
            gain = jnp.sum(following * (scores - jnp.log(2 + jnp.sum(jnp.exp(scores)))))
            return moved, gain

        _, gains = jax.lax.scan(step, list(state), (sequence[:-1], sequence[1:]))
        return -jnp.sum(gains) / ((characters - 1) * bits)

    return jax.grad(f), ((main, extra),)


def lstm_by_torch(layers, characters, bits):
    main, extra, state, sequence = (torch.tensor(np.asarray(t)) for t in lstm_data(layers, characters, bits))

    def f(main, extra):
        now, total = list(state), 0.0
        for t in range(characters - 1):
            x = sequence[t] * extra[0]
            for k in range(layers):
                hidden, cell = now[2 * k], now[2 * k + 1]
                gates = torch.cat((x, hidden, x, hidden)) * main[2 * k] + main[2 * k + 1]
                forget, enter, leave = torch.sigmoid(gates[: 3 * bits]).reshape(3, bits)
                cell = cell * forget + enter * torch.tanh(gates[3 * bits :])
                x = leave * torch.tanh(cell)
                now[2 * k], now[2 * k + 1] = x, cell
            scores = x * extra[1] + extra[2]
            total = total + torch.sum(sequence[t + 1] * (scores - torch.log(2 + torch.sum(torch.exp(scores)))))
        return -total / ((characters - 1) * bits)

    return by_torch(f, [main, extra])


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


def bundle_by_torch():
    data = adbench("ba")
    camera, point = (torch.tensor([o[k] for o in data["observations"]]) for k in (0, 1))
    cameras, points, weights, features = (
        torch.tensor(data[k], dtype=torch.float64) for k in ("cameras", "points", "weights", "features")
    )

    def residual(cam, pt, w, feature):
        r, moved = cam[:3], pt - cam[3:6]
        angle = torch.sqrt(torch.sum(r * r))
        axis = r / angle
        turned = moved * torch.cos(angle) + torch.linalg.cross(axis, moved) * torch.sin(angle)
        turned = turned + axis * (torch.sum(axis * moved) * (1 - torch.cos(angle)))
        p = turned[:2] / turned[2]
        square = torch.sum(p * p)
        bent = 1 + cam[9] * square + cam[10] * square**2
        return w * (cam[6] * p * bent + cam[7:9] - feature)

    jacobian = torch.func.vmap(torch.func.jacrev(residual, (0, 1, 2)))
    return lambda: jacobian(cameras[camera], points[point], weights, features)


def network_by_torch(rows, inputs, hidden, classes):
    X = torch.tensor(np.asarray(waves(rows * inputs))).reshape(rows, inputs)
    Y = torch.eye(classes, dtype=torch.float64)[torch.arange(rows) % classes]

    def f(W, b, V, c):
        scores = torch.tanh(X @ W + b) @ V + c
        return torch.mean(torch.logsumexp(scores, 1) - torch.sum(scores * Y, 1))

    return by_torch(f, layers(inputs, hidden, classes))


def rosenbrock_by_torch(n):
    return by_torch(lambda x: torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), [waves(n, 2.0)])


def logistic_by_torch():
    X = torch.tensor(np.asarray(waves(300_000))).reshape(10_000, 30)
    y = torch.arange(10_000) % 2.0

    def f(w):
        z = X @ w
        return torch.sum(torch.log(torch.exp(z) + 1) - y * z)

    return by_torch(f, [waves(30)])


if shared.exists():
    small = "gmm_n200_d10_K5"
    row("ADBench GMM, 200 points of 10, 5 Gaussians", lambda: gmm(adbench(small)), lambda: gmm_by_torch(adbench(small)))
    row("ADBench BA, 30 observations", bundle, bundle_by_torch)
large = (1000, 20, 10)
row("GMM, 1000 points of 20, 10 Gaussians", lambda: gmm(mixture(*large)), lambda: gmm_by_torch(mixture(*large)))
long = (2, 1024, 14)
row("LSTM, 2 layers, 1024 characters", lambda: lstm(*long), lambda: lstm_by_torch(*long))
for n in (1000, 1_000_000):
    row(f"Rosenbrock, {n} variables", lambda n=n: rosenbrock(n), lambda n=n: rosenbrock_by_torch(n))
row("logistic loss, 10000 × 30", logistic, logistic_by_torch)
row(
    "two-layer network, 1000 rows",
    lambda: (jax.grad(network(1000, 20, 10)), (layers(20, 32, 10),)),
    lambda: network_by_torch(1000, 20, 32, 10),
)
row("five lines of two numbers: gradient", lambda: (jax.grad(five, (0, 1)), (0.7, 1.3)))
row("Hessian · vector, 10000 parameters", product)
if not torch:
    print("PyTorch is left out: it is not installed", file=sys.stderr)
ready = {}
for line in sys.stdin:
    name = line.strip()
    if name in rows and name not in ready:
        ready[name] = prepared(*rows[name])
    turns = {peer: once(run, times) for peer, (run, times) in ready.get(name, {}).items()}
    print(json.dumps(turns), flush=True)
