"""Makes packages/gradus/test/reference/remainders.json: what Taylor polynomials really leave, by mpmath.

Run: python3 reference/remainders.py [cases [file [seed]]]   (needs mpmath; the product does not)

[[text, at, order, lo, hi, [[x, f(x) − T(x)], ...]], ...] for random expressions; numbers are doubles, errors decimals of
20 digits. The long check: GRADUS_REMAINDERS=file npx vitest run remainder.
"""
import json
import random
import sys
from pathlib import Path
import mpmath as mp
from mpmath import mpf

CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 250
TARGET = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent.parent / "packages/gradus/test/reference/remainders.json"
rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 11)
mp.mp.dps = 70

sigmoid = lambda u: 1 / (1 + mp.exp(-u))
NAMES = {
    "exp": mp.exp, "sin": mp.sin, "cos": mp.cos, "tanh": mp.tanh, "atan": mp.atan, "erf": mp.erf, "sinh": mp.sinh,
    "cosh": mp.cosh, "asinh": mp.asinh, "sech": mp.sech, "sigmoid": sigmoid, "expm1": mp.expm1,
    "softplus": lambda u: mp.log(1 + mp.exp(u)), "normal_cdf": lambda u: mp.erfc(-u / mp.sqrt(2)) / 2,
    "erfc": mp.erfc, "silu": lambda u: u * sigmoid(u), "gelu": lambda u: u * mp.erfc(-u / mp.sqrt(2)) / 2,
}
# Of what is at least 1/2: log(u), sqrt(u), 1/u, ...
POSITIVE = {
    "ln": mp.log, "sqrt": mp.sqrt, "cbrt": mp.cbrt, "log2": lambda u: mp.log(u) / mp.ln2, "gamma": mp.gamma,
    "log_gamma": mp.loggamma, "digamma": mp.digamma, "log1p": mp.log1p, "csch": mp.csch, "acsch": lambda u: mp.asinh(1 / u),
}


def eighth():
    k = rng.choice([n for n in range(-16, 17) if n != 0])
    return (f"({k}/8)", mpf(k) / 8)


def affine():
    (a, av), (b, bv) = eighth(), eighth()
    return f"({a}*x + {b})", lambda x: av * x + bv


def tree(depth):
    """A text for Gradus, and the same function for mpmath."""
    if depth == 0:
        return affine() if rng.random() < 0.7 else ("x", lambda x: x)
    kind = rng.random()
    if kind < 0.4:
        name = rng.choice(list(NAMES))
        text, u = tree(depth - 1)
        f = NAMES[name]
        return f"{name}({text})", lambda x: f(u(x))
    if kind < 0.6:
        name = rng.choice(list(POSITIVE))
        text, u = tree(depth - 1)
        f = POSITIVE[name]
        return f"{name}(1/2 + ({text})^2)", lambda x: f(mpf(1) / 2 + u(x) ** 2)
    (s, u), (t, v) = tree(depth - 1), tree(depth - 1)
    if kind < 0.7:
        return f"({s} + {t})", lambda x: u(x) + v(x)
    if kind < 0.85:
        return f"({s} * {t})", lambda x: u(x) * v(x)
    if kind < 0.93:
        return f"({s}) / (1 + ({t})^2)", lambda x: u(x) / (1 + v(x) ** 2)
    n = rng.randint(2, 5)
    return f"({s})^{n}", lambda x: u(x) ** n


def case():
    text, f = tree(rng.choice((1, 1, 2, 2, 3)))
    at = rng.randint(-64, 64) / 64
    below, above = rng.randint(0, 64) / 256, rng.randint(0, 64) / 256
    if below + above == 0:
        above = 0.125
    order = rng.randint(0, 8)
    lo, hi = at - below, at + above
    c = coefficients(f, at, order)
    if c is None or len(text) > 160:
        return None
    points = []
    for x in {lo, hi, lo + (hi - lo) * rng.random(), lo + (hi - lo) * rng.random()} - {at}:
        t = mpf(x) - at
        rest = f(mpf(x)) - mp.polyval(c[::-1], t)
        if not mp.isfinite(rest) or abs(rest) > 1e300:
            return None
        # Below what 70 digits can tell it is 0: a polynomial.
        points.append([x, "0" if abs(rest) < mpf(10) ** -55 else mp.nstr(mp.re(rest), 20, strip_zeros=True, min_fixed=0, max_fixed=0)])
    return [text, at, order, lo, hi, points]


def coefficients(f, at, order):
    """Exact to more than 70 digits: interpolated in steps of 10⁻³⁵, which are off by the fifth power of a step."""
    with mp.workdps(70 + 40 * (order + 1)):
        try:
            h = mpf(10) ** -35
            more = order + 4
            xs = [(mpf(i) - mpf(more) / 2) * h for i in range(more + 1)]
            # The polynomial through the values, in the offset from the point, by Newton's divided differences.
            d = [f(mpf(at) + x) for x in xs]
            for j in range(1, more + 1):
                for i in range(more, j - 1, -1):
                    d[i] = (d[i] - d[i - 1]) / (xs[i] - xs[i - j])
            poly = [mpf(0)]
            for i in range(more, -1, -1):
                shifted = [mpf(0)] + poly
                poly = [a - xs[i] * b for a, b in zip(shifted, poly + [mpf(0)])]
                poly[0] += d[i]
            return [+c for c in poly[: order + 1]]
        except (ValueError, ZeroDivisionError, OverflowError):
            return None


found = []
while len(found) < CASES:
    got = case()
    if got:
        found.append(got)
TARGET.write_text("[" + ",\n".join(json.dumps(r) for r in found) + "]\n")
print(TARGET, len(found))
