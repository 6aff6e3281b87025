"""Makes packages/gradus/test/reference/optimizers.json: 100 steps of each optimizer by PyTorch and by Optax.

Run: python3 reference/optimizers.py   (needs torch and optax with jax; the product and its tests do not)
The loss is f(w, b) = Σ (1 - wᵢ)² + 100 (wᵢ₊₁ - wᵢ²)² / 10 + (b - w₀)⁴; its gradient is written by hand, so that
each library only does the update.
"""
import json
from pathlib import Path
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np
import optax
import torch

W0, B0 = [-0.5, 0.3, 0.8], 0.25
STEPS = 100
KEEP = [1, 2, 10, 50, 100]


def gradient(w, b):
    g = -2 * (1 - w)
    d = w[1:] - w[:-1] ** 2
    g[1:] += 20 * d
    g[:-1] += -40 * d * w[:-1]
    e = 4 * (b - w[0]) ** 3
    g[0] -= e
    return g, e


def by_torch(make, clip=None):
    w = torch.tensor(W0, dtype=torch.float64, requires_grad=True)
    b = torch.tensor(B0, dtype=torch.float64, requires_grad=True)
    optimizer, after = make([w, b])
    kept = []
    for step in range(1, STEPS + 1):
        g, e = gradient(w.detach().numpy().copy(), float(b.detach()))
        w.grad, b.grad = torch.tensor(g), torch.tensor(e, dtype=torch.float64)
        if clip:
            clip([w, b])
        optimizer.step()
        if after:
            after.step()
        if step in KEEP:
            kept.append([*w.detach().tolist(), float(b.detach())])
    return kept


def by_optax(optimizer):
    p = {"w": jnp.array(W0), "b": jnp.array(B0)}
    state = optimizer.init(p)
    kept = []
    for step in range(1, STEPS + 1):
        g, e = gradient(np.array(p["w"]).copy(), float(p["b"]))
        update, state = optimizer.update({"w": jnp.array(g), "b": jnp.array(e)}, state, p)
        p = optax.apply_updates(p, update)
        if step in KEEP:
            kept.append([*np.array(p["w"]).tolist(), float(p["b"])])
    return kept


def exact(schedule):
    """Optax divides its 32-bit count in 32 bits; here the rate keeps its 53."""
    return lambda count: schedule(count.astype(jnp.float64))


T = torch.optim
plain = lambda make: lambda ps: (make(ps), None)
half_cosine = lambda ps: (lambda o: (o, T.lr_scheduler.CosineAnnealingLR(o, 80)))(T.SGD(ps, lr=0.01))


def stop(make, last):
    """PyTorch's cosine rises again after its last step: it is only followed so far."""
    rows = by_torch(make)
    return rows[: sum(k <= last for k in KEEP)]


rows = {
    "torch": {
        "gradientDescent": by_torch(plain(lambda p: T.SGD(p, lr=0.01))),
        "momentum": by_torch(plain(lambda p: T.SGD(p, lr=0.002, momentum=0.9))),
        "nesterov": by_torch(plain(lambda p: T.SGD(p, lr=0.002, momentum=0.8, nesterov=True))),
        "adagrad": by_torch(plain(lambda p: T.Adagrad(p, lr=0.1))),
        "rmsprop": by_torch(plain(lambda p: T.RMSprop(p, lr=0.01))),
        "adam": by_torch(plain(lambda p: T.Adam(p, lr=0.05))),
        "adamw": by_torch(plain(lambda p: T.AdamW(p, lr=0.05, weight_decay=0.1))),
        "l2": by_torch(plain(lambda p: T.Adam(p, lr=0.05, weight_decay=0.1))),
        "clipByValue": by_torch(plain(lambda p: T.SGD(p, lr=0.01)), lambda p: torch.nn.utils.clip_grad_value_(p, 0.5)),
        "groups": by_torch(plain(lambda p: T.SGD([{"params": [p[0]], "lr": 0.01}, {"params": [p[1]], "lr": 0.002, "momentum": 0.9}]))),
        "cosine": stop(half_cosine, 80),
    },
    "optax": {
        "gradientDescent": by_optax(optax.sgd(0.01)),
        "momentum": by_optax(optax.sgd(0.002, momentum=0.9)),
        "nesterov": by_optax(optax.sgd(0.002, momentum=0.8, nesterov=True)),
        "adagrad": by_optax(optax.adagrad(0.1)),
        "rmsprop": by_optax(optax.rmsprop(0.002)),
        "adam": by_optax(optax.adam(0.05)),
        "adamw": by_optax(optax.adamw(0.05, weight_decay=0.1)),
        "lion": by_optax(optax.lion(0.01, weight_decay=0.1)),
        "clipByNorm": by_optax(optax.chain(optax.clip_by_global_norm(1.5), optax.adam(0.05))),
        "cosine": by_optax(optax.sgd(exact(optax.cosine_decay_schedule(0.01, 80, alpha=0.1)))),
        "exponential": by_optax(optax.sgd(exact(optax.exponential_decay(0.01, 10, 0.7)))),
        "staircase": by_optax(optax.sgd(exact(optax.exponential_decay(0.01, 10, 0.7, staircase=True)))),
        "warmup": by_optax(optax.adam(exact(optax.join_schedules([optax.linear_schedule(0.0, 0.05, 20), optax.cosine_decay_schedule(0.05, 60)], [20])))),
    },
}
target = Path(__file__).parent.parent / "packages/gradus/test/reference/optimizers.json"
target.write_text(json.dumps({"start": {"w": W0, "b": B0}, "steps": KEEP, **rows}, indent=0).replace("\n", ""))
