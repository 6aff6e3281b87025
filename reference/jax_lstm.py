"""Makes packages/gradus/test/reference/jax-lstm.json: ADBench's LSTM loss and its gradient by JAX in float64.

The loss is written as ADBench writes it, one character after the other. Numbers come from wave(n, a, b) = a sin(b k),
k = 1 .. n, and bits are set where it is positive, so that the test makes the same ones.

Run: python3 reference/jax_lstm.py   (needs jax; the product and its tests do not)
"""
import json
from pathlib import Path
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def wave(rows, columns, a, b):
    return (a * np.sin(b * np.arange(1, rows * columns + 1))).reshape(rows, columns)


def layer(weight, bias, hidden, cell, x):
    gates = jnp.concatenate((x, hidden, x, hidden)) * weight + bias
    n = hidden.size
    forget, enter, leave = (1 / (1 + jnp.exp(-gates[i * n : (i + 1) * n])) for i in range(3))
    cell = cell * forget + enter * jnp.tanh(gates[3 * n :])
    return leave * jnp.tanh(cell), cell


def loss(parameters, state, sequence):
    main, extra = parameters
    state = [jnp.asarray(row) for row in state]
    total, count = 0.0, 0
    for t in range(len(sequence) - 1):
        x = sequence[t] * extra[0]
        for i in range(0, len(state), 2):
            state[i], state[i + 1] = layer(main[i], main[i + 1], state[i], state[i + 1], x)
            x = state[i]
        scores = x * extra[1] + extra[2]
        total += jnp.sum(sequence[t + 1] * (scores - jnp.log(jnp.sum(jnp.exp(scores)) + 2)))
        count += sequence.shape[1]
    return -total / count


rows = []
for layers, characters, bits in [(2, 24, 14), (4, 10, 5), (1, 2, 3), (3, 7, 1)]:
    main, extra = wave(2 * layers, 4 * bits, 1.3, 0.71), wave(3, bits, 0.9, 1.1)
    state, sequence = wave(2 * layers, bits, 0.8, 0.37), np.where(wave(characters, bits, 1, 2.3) > 0, 1.0, 0.0)
    value, gradient = jax.value_and_grad(loss)((jnp.asarray(main), jnp.asarray(extra)), state, jnp.asarray(sequence))
    rows.append(
        {
            "layers": layers,
            "characters": characters,
            "bits": bits,
            "value": float(value),
            "main": gradient[0].tolist(),
            "extra": gradient[1].tolist(),
        }
    )
path = Path(__file__).resolve().parent.parent / "packages/gradus/test/reference/jax-lstm.json"
path.write_text(json.dumps(rows) + "\n")
